"""Upsales' REST API, as its collection describes it: `Upsales(send, base_url, token).orders.changed(since)`.

    http = Http("Upsales", limiter=SlidingWindow(PERMITS, SECONDS), hint=seconds_to_reset)
    upsales = Upsales(http.send, BASE_URL, token=lambda: "…")

Objects are dicts with Upsales' own names; their values are read and written by `wire`.
"""

from __future__ import annotations

from collections.abc import Callable

from brygga.clients.http import Send
from brygga.clients.upsales import wire
from brygga.clients.upsales.custom_fields import CustomField, CustomFields, Entity
from brygga.clients.upsales.events import Event, read_event
from brygga.clients.upsales.register import Channel, Register
from brygga.clients.upsales.wire import Raw, seconds_to_reset

BASE_URL = "https://integration.upsales.com"
PERMITS, SECONDS = 196, 10.1
"""200 requests in 10 seconds for a key (Rate Limits), with a margin, as the service counts arrivals and we departures."""

__all__ = [
    "BASE_URL",
    "PERMITS",
    "SECONDS",
    "CustomField",
    "CustomFields",
    "Entity",
    "Event",
    "Register",
    "Upsales",
    "read_event",
    "seconds_to_reset",
]


class Upsales:
    """One account. Orders and opportunities are one register, told apart by probability: 0 lost, 1 to 99, 100 won."""

    def __init__(self, send: Send, base_url: str, token: Callable[[], str]) -> None:
        self._channel = channel = Channel(send, base_url, token)
        self.accounts = Register(channel, "/accounts")
        self.contacts = Register(channel, "/contacts", (("usingFirstnameLastname", "true"),))
        # Without usePriceLists a product shows, and keeps, the prices of the default list alone.
        self.products = Register(channel, "/products", (("usePriceLists", "true"),))
        self.price_lists = Register(channel, "/pricelists")
        self.orders = Register(channel, "/orders")
        self.stages = Register(channel, "/orderstages")
        self.users = Register(channel, "/users")
        self.currencies = Register(channel, "/currencies")
        self.custom_fields = CustomFields(channel)

    def me(self) -> Raw:
        """Return the key's own user (/self), whose envelope says `errors`. Raises Unauthorised."""
        found = wire.data(self._channel.get("/self"))
        return found if isinstance(found, dict) else {}
