"""Why an order waits, as the maps of orders say it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from brygga.clients.textalk import wire
from brygga.core.plan import Hold
from brygga.errors import Sentence

CORRECT: Final = "Correct the order in the shop, or make the document by hand in Fortnox and type its number on the order."
"""What a person can do where the shop says something that cannot be: the sentence says what. Nothing is evened out."""
BY_HAND: Final = "Make the document by hand in Fortnox, and type its number on the order."
"""What a person can do where the order is right, and no document that the hub could make would say the same."""


class Held(Exception):
    """The order waits; the hold says why."""

    def __init__(self, template: str, repair: str, rule: str, **facts: object) -> None:
        super().__init__(template)
        texts = {name: str(value) for name, value in facts.items()}
        self.hold = Hold(Sentence(template, texts), rule, Sentence(repair, texts))


def as_said(sentence: Sentence, order: Mapping[str, Any], repair: str) -> Held:
    """Return what holds an order for a reason that the arithmetic gives: its own words behind the order's number."""
    facts = {"number": name_of(order), "why": str(sentence)}
    return Held("Order {number}: {why}", repair, "TXT-08", **facts)


def name_of(order: Mapping[str, Any]) -> str:
    """Return what people call an order: its number, else the shop's uid."""
    return str(order.get("orderNumber") or order.get("uid") or "")


def day(order: Mapping[str, Any], place: str) -> date | None:
    """Return the day in Stockholm of a time of the order, None where it has none. Raises Held for a time that cannot be read."""
    said = order.get(place)
    try:
        when = wire.time_of(said)
    except ValueError:
        raise Held(
            "Order {number} has a time that cannot be read: “{time}” ({place}).",
            CORRECT,
            "",
            number=name_of(order),
            time=said,
            place=place,
        ) from None
    return when.astimezone(wire.STOCKHOLM).date() if when else None


def amount(order: Mapping[str, Any], *path: str) -> Decimal:
    """Return an amount with VAT of the order. Raises Held where there is none."""
    found = wire.number(wire.nested(order, *path, "incVat"))
    if found is None:
        raise Held(
            "Order {number} has no amount at {place}.",
            CORRECT,
            "",
            number=name_of(order),
            place="/".join(path),
        )
    return found
