"""What the settings form offers of a shop: its payment methods, and the customer fields that it has defined itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from brygga.clients.textalk import Textalk, wire
from brygga.connectors.settings import Choice
from brygga.connectors.verbs import by_name

NEWEST: Final = 100
"""Customers in whose data the shop's own fields are looked for, as no method of the shop lists them."""


def _methods(client: Textalk) -> Iterator[Choice]:
    """Yield the methods that are switched on, and of the others those that orders may still name."""
    rows = sorted(
        client.payment_methods.all({"name": True, "active": True, "position": True}),
        key=lambda raw: (not raw.get("active"), raw.get("position") or 0),
    )
    spoken = {str(raw["uid"]): {str(text) for text in (raw.get("name") or {}).values()} for raw in rows}
    names = ((str(raw["uid"]), wire.spoken(raw.get("name")), "" if raw.get("active") else "–") for raw in rows)
    for choice in by_name(names):
        others = spoken.get(choice.also[0] if choice.also else choice.value, set()) - {choice.value}
        yield Choice(choice.value, choice.name, (*choice.also, *sorted(others)))


def _customer_fields(client: Textalk) -> Iterator[Choice]:
    found = dict.fromkeys(field for raw in client.customers.newest(NEWEST, {"info": True}) for field in raw.get("info") or {})
    yield from map(Choice, found)


REGISTERS: Final[Mapping[str, Callable[[Textalk], Iterable[Choice]]]] = {
    "payment_methods": _methods,
    "customer_fields": _customer_fields,
}
