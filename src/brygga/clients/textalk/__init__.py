"""Textalk Webshop's (Abicart's) JSON-RPC API: `Textalk(send, base_url, secret).orders.changed(since, query)`.

    http = Http("Textalk Webshop")
    shop = Textalk(http.send, BASE_URL, secret=lambda: "32110:…")

The secret is the shop's uid and a token with a colon between. Objects are dicts with the shop's own names; `wire` reads their values.
Sources: systems.md 5.1, textalk/api-classes.json.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from brygga.clients.http import Call, Send
from brygga.clients.textalk import wire
from brygga.clients.textalk.wire import CEILING, Raw
from brygga.errors import BadData, NotFound, SettingsError

BASE_URL = "https://admin.abicart.se"
PATH = "/backend/jsonrpc/v1/"
MANY = 200
"""Values in one filter."""

__all__ = ["BASE_URL", "Channel", "Raw", "Register", "Textalk", "lasting_token"]

_HEADERS: Mapping[str, str] = {"Accept": "application/json", "Content-Type": "application/json"}


class Channel:
    """Calls one shop; the context goes along in the query string, as the API wants it."""

    def __init__(self, send: Send, base_url: str, secret: Callable[[], str]) -> None:
        self._send = send
        self._url = base_url.rstrip("/") + PATH
        self._secret = secret

    def read(self, method: str, *params: Any) -> Any:
        """Make a call that changes nothing, and may be repeated."""
        return self._call(method, params, True)

    def write(self, method: str, *params: Any) -> Any:
        """Make a call that may change something. Raises OutcomeUnknown when no usable answer came."""
        return self._call(method, params, False)

    def _call(self, method: str, params: tuple[Any, ...], repeatable: bool) -> Any:
        webshop, colon, token = self._secret().partition(":")
        if not colon or not webshop.isdigit() or not token:
            raise SettingsError(
                "The sign-in to the shop is not complete: its number and a token are wanted, with a colon between.",
                repair="Paste webshop:token, such as 32110:abc….",
            )
        context = (("webshop", webshop), ("auth", token), ("language", "sv"))
        call = Call("POST", self._url, repeatable, context, _HEADERS, wire.encode(method, params))
        return wire.result(self._send(call), method)


def lasting_token(send: Send, base_url: str, webshop: str, user: str, password: str) -> str:
    """Sign in as a person and have the shop make a token that lasts; the person's own one lives a day and is let go.

    Raises Unauthorised (wrong user or password, not this shop), BadData, OutcomeUnknown (a token may stand there unused).
    """
    url = base_url.rstrip("/") + PATH
    context = (("webshop", webshop), ("language", "sv"))
    call = Call("POST", url, True, context, _HEADERS, wire.encode("Admin.login", (user, password)))
    signed = wire.result(send(call), "Admin.login")
    own = signed.get("token") if isinstance(signed, dict) else signed
    channel = Channel(send, base_url, lambda: f"{webshop}:{own}")
    made = channel.write("AuthToken.create", {"name": "Brygga"}, {"uid": True, "token": True})
    token = made.get("token") if isinstance(made, dict) else None
    if not token or not isinstance(token, str):
        raise BadData("The shop made a token and did not tell it.", repair="Make one in the shop's administration and paste it.")
    return token


class Register:
    """The objects of one class."""

    def __init__(self, channel: Channel, name: str) -> None:
        self._channel = channel
        self.name = name

    def all(self, query: Any = True, filters: Mapping[str, Any] | None = None) -> Iterator[Raw]:
        """Yield every object that the filters take, by growing uid: what changes meanwhile cannot hide another."""
        query = query if query is True else {**query, "uid": True}
        last = 0
        while True:
            wanted = {**(filters or {}), "/uid": {"min": last + 1}}
            selection = {"filters": wanted, "sort": "/uid", "limit": CEILING, "offset": 0}
            page: list[Raw] = self._channel.read(f"{self.name}.list", query, selection)
            yield from page
            if not page:
                return
            last = page[-1]["uid"]

    def changed(self, since: datetime, query: Any = True, field: str = "changed") -> Iterator[Raw]:
        """Yield the objects changed at or after *since* (aware)."""
        return self.all(query, {f"/{field}": {"min": wire.instant(since)}})

    def newest(self, limit: int, query: Any = True) -> list[Raw]:
        """Return the objects that were changed last, at most so many."""
        selection = {"sort": "/changed", "descending": True, "limit": min(limit, CEILING), "offset": 0}
        found: list[Raw] = self._channel.read(f"{self.name}.list", query, selection)
        return found

    def some(self, path: str, values: Collection[object], query: Any = True) -> Iterator[Raw]:
        """Yield the objects whose *path* is any of *values*."""
        wanted = sorted(set(values), key=str)
        for start in range(0, len(wanted), MANY):
            yield from self.all(query, {path: {"in": wanted[start : start + MANY]}})

    def get(self, uid: int, query: Any = True) -> Raw | None:
        """Return one object; None when the shop has none, or a cart that is no order yet (9003)."""
        try:
            found: Raw = self._channel.read(f"{self.name}.get", uid, query)
        except NotFound:
            return None
        return found

    def count(self, filters: Mapping[str, Any] | None = None) -> int:
        """Return how many there are."""
        return int(self._channel.read(f"{self.name}.count", filters or {}))

    def create(self, patch: Mapping[str, Any], query: Any = True) -> Raw:
        """Make an object. Raises Rejected (9001) with what does not hold; OutcomeUnknown."""
        made: Raw = self._channel.write(f"{self.name}.create", patch, query)
        return made

    def set(self, uid: int, patch: Mapping[str, Any], query: Any = True) -> Raw:
        """Change the given fields; objects by language or currency keep what the patch does not name."""
        held: Raw = self._channel.write(f"{self.name}.set", uid, patch, query)
        return held

    def delete(self, uid: int) -> None:
        """Remove an object. Raises NotFound."""
        self._channel.write(f"{self.name}.delete", uid)


class Textalk:
    """One shop."""

    def __init__(self, send: Send, base_url: str, secret: Callable[[], str]) -> None:
        self.channel = channel = Channel(send, base_url, secret)
        self._webshop = secret
        self.orders = Register(channel, "Order")
        self.order_items = Register(channel, "OrderItem")
        self.articles = Register(channel, "Article")
        self.variants = Register(channel, "ArticleVariant")
        self.customers = Register(channel, "Customer")
        self.payments = Register(channel, "Payment")
        self.payment_methods = Register(channel, "PaymentMethod")
        self.delivery_methods = Register(channel, "DeliveryMethod")
        self.price_list_items = Register(channel, "PriceListItem")
        self.listeners = Register(channel, "EventListener")

    def webshop(self) -> Raw:
        """Return the shop itself. Raises Unauthorised."""
        found: Raw = self.channel.read("Webshop.get", int(self._webshop().partition(":")[0] or 0), True)
        return found
