"""What a write is divided into when its system refuses it: one value that is not taken holds its field, and not the record. Pure.

The others arrive at once, and the field is tried again by itself until it is mended. What amounts hang on stays together: a document is
never left with new rows in its old currency (accounting.md 3.3; our own choice where no source decides). Settlements, prices and
payments are one piece.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any, Final

from brygga.core.document import Document
from brygga.core.record import ABSENT, Article, Customer, Value
from brygga.core.retention import redact
from brygga.errors import BryggaError, Sentence

_LOOSE_OF_DOCUMENT: Final = frozenset({
    "text", "comments", "our_reference", "your_reference", "your_order_number", "terms_of_delivery", "way_of_delivery",
    "language", "external_reference1", "external_reference2", "email", "phone", "invoice_street", "invoice_postcode",
    "invoice_city", "delivery_name", "delivery_street", "delivery_postcode", "delivery_city", "delivery_country",
    "delivery_date", "subject", "stage", "probability", "seller", "cost_center", "project",
})  # fmt: skip
LOOSE: Final[Mapping[type, frozenset[str]]] = {
    Customer: frozenset(one.name for one in fields(Customer)),
    Article: frozenset(one.name for one in fields(Article)),
    Document: _LOOSE_OF_DOCUMENT,
}
"""Kind of record -> the fields that may be written without the others of a change."""
STANDS_ON: Final = frozenset(
    {"number", "name", "description", "kind", "organisation_number", "vat_number", "vat_type", "currency", "active"}
    | {"invoice_country", "visiting_country", "unit", "article_number", "stock_goods"}
    | {"list_price", "cost_price", "vat", "tax_category", "sales_account"}
)
"""What a card or article is made with at the least: what it is known by, what it costs (no price would stand as 0), what decides its VAT."""
_SHOWN: Final = 60


def parts(record: object, names: Collection[str], error: BryggaError) -> list[frozenset[str]]:
    """Return the fields of a refused change of *record* in the parts that are tried one by one; one part where nothing comes apart.

    Of what the refusal names one is left out of the others; where it names none, each goes by itself.
    """
    if error.whole:
        return [frozenset(names)]
    loose = LOOSE.get(type(record), frozenset()) & set(names)
    bound = frozenset(names) - loose
    named = field_of(error, names)
    if named in loose and len(names) > 1:
        return [frozenset(names) - {named}, frozenset({named})]
    return [part for part in (bound, *(frozenset({name}) for name in sorted(loose))) if part]


def left_out(record: object, names: Collection[str], error: BryggaError) -> frozenset[str]:
    """Return the fields without which a refused record is made all the same, to be written when it is there; none for what waits whole.

    A document is not made without something that its source says, nor a price or a settlement.
    """
    if not isinstance(record, (Customer, Article)):
        return frozenset()
    kept = STANDS_ON
    named = field_of(error, names)
    if named in kept - {"vat_number", "organisation_number", "unit"}:
        return frozenset()
    return frozenset({named}) if named else frozenset(names) - kept


def field_of(error: BryggaError, names: Collection[str]) -> str:
    """Return which of these fields a refusal names, "" for none."""
    facts = error.sentence.facts
    return next((str(facts[key]) for key in ("field", "fields") if str(facts.get(key, "")) in names), "")


def said(name: str, target: str, changes: Mapping[str, tuple[Value, Value]], why: Sentence) -> Sentence:
    """Return what is told of the fields that a system does not take: the record, each field with its value, and the system's own words."""
    facts = {
        "name": name,
        "target": target,
        "values": "; ".join(f"{one} “{_short(one, new)}”" for one, (_, new) in sorted(changes.items())),
    }
    return Sentence("{name}: {target} does not take {values}. Only that waits. {why}", {**facts, "why": str(why)})


def _short(name: str, value: Any) -> str:
    text = "" if value is ABSENT or value is None else str(value)
    text = redact(text) if name in ("organisation_number", "vat_number") else text
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
