"""Why an order waits, as the maps of orders say it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from brygga.clients.textalk import wire
from brygga.core.plan import Hold
from brygga.errors import Sentence


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


def amount(order: Mapping[str, Any], *path: str) -> Decimal:
    """Return an amount with VAT of the order. Raises Held where there is none."""
    found = wire.number(wire.nested(order, *path, "incVat"))
    if found is None:
        raise Held(
            "Order {number} has no amount at {place}.",
            "Look at the order in the shop.",
            "",
            number=name_of(order),
            place="/".join(path),
        )
    return found
