"""Mobigo behind a contract of our own: `Mobigo(send, base_url, credentials).assignments.marked()`.

    http = Http("Mobigo", limiter=SlidingWindow(*LIMIT))
    mobigo = Mobigo(http.send, "http://mobigo-adapter.local:8080", lambda: "application:secret")

Mobigo has no public API (systems.md 3.1), so there is no address that would answer for everybody: an adapter beside Mobigo's
database speaks the contract `brygga-mobigo-1`, and whoever has another one replaces this package. Files are read by `tables`,
`workbooks` and `columns`, without any network.
"""

from __future__ import annotations

from collections.abc import Callable

from brygga.clients.http import Send
from brygga.clients.mobigo import wire
from brygga.clients.mobigo.auth import Session
from brygga.clients.mobigo.registers import PAGE, Assignments, Channel, Register
from brygga.clients.mobigo.wire import Raw

__all__ = ["CONTRACT", "LIMIT", "PAGE", "Assignments", "Mobigo", "Raw", "Register", "Session"]

CONTRACT = "brygga-mobigo-1"
LIMIT = (95, 1.05)
"""Calls and seconds: a little less than the contract's 100 in a second, as the service counts arrivals."""


class Mobigo:
    """One installation. `credentials` gives the application's id and its secret, with a colon between them."""

    def __init__(self, send: Send, base_url: str, credentials: Callable[[], str]) -> None:
        self.session = Session(send, base_url, credentials)
        self.channel = Channel(send, self.session, base_url)
        self.customers = Register(self.channel, "Customers")
        self.articles = Register(self.channel, "Articles")
        self.price_lists = Register(self.channel, "PriceLists")
        self.prices = Register(self.channel, "Prices")
        self.time_types = Register(self.channel, "TimeTypes")
        self.assignments = Assignments(self.channel)

    def me(self) -> Raw:
        """Return what the application is called, which registers it may write, and which contract is spoken. Raises BadData."""
        answer = self.channel.get("Me")
        wire.refuse(answer)
        body = answer.json()
        if not isinstance(body, dict) or not isinstance(body.get("writes"), list):
            raise answer.unreadable("does not say what we may write")
        return body
