"""Record values as JSON and back, without loss: what bases, journal entries and plans hold.

text, bool, int, None, lists and objects as themselves; everything else as an object with the tag "$":

    Decimal   {"$": "decimal", "value": "1250.00"}           all digits kept
    date      {"$": "date", "value": "2026-11-20"}
    datetime  {"$": "time", "value": "2026-11-20T10:10:00+01:00"}     aware only
    Money     {"$": "money", "amount": "1250.00", "currency": "SEK"}
    tuple     {"$": "tuple", "items": [...]}
    Row, WriteOff, SettlementRow     {"$": "part", "class": "Row", "fields": {...}}, without the fields that are absent

A float is refused: it could not come back exactly, and no amount may pass through one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from brygga.core.document import Row, SettlementRow, WriteOff
from brygga.core.money import Money
from brygga.core.record import ABSENT

TAG = "$"

_PARTS = {part.__name__: part for part in (Row, WriteOff, SettlementRow)}


def encode(value: object) -> Any:
    """Return the value as plain JSON. Raises TypeError for what could not come back the same."""
    if value is None or isinstance(value, str | bool):
        return value
    if type(value) is int:
        return value
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise TypeError(f"{value} is not a number that a system can hold")
        return {TAG: "decimal", "value": str(value)}
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("a time without time zone cannot be stored")
        return {TAG: "time", "value": value.isoformat()}
    if isinstance(value, date):
        return {TAG: "date", "value": value.isoformat()}
    if isinstance(value, Money):
        return {TAG: "money", "amount": str(value.amount), "currency": value.currency}
    if isinstance(value, tuple):
        return {TAG: "tuple", "items": [encode(item) for item in value]}
    if isinstance(value, list):
        return [encode(item) for item in value]
    if isinstance(value, Mapping):
        return encode_fields(value)
    if isinstance(value, Row | WriteOff | SettlementRow):
        held = {name: item for name in _names(type(value)) if (item := getattr(value, name)) is not ABSENT}
        return {TAG: "part", "class": type(value).__name__, "fields": encode_fields(held)}
    raise TypeError(f"a {type(value).__name__} cannot be stored")


def decode(stored: Any) -> Any:
    """Return the value that `encode` made this of. Raises ValueError when it was not made by `encode`."""
    if isinstance(stored, list):
        return [decode(item) for item in stored]
    if not isinstance(stored, dict):
        return stored
    match stored.get(TAG):
        case None:
            # The base of every record that is read passes here; most of its values are plain.
            return {name: decode(item) if isinstance(item, (dict, list)) else item for name, item in stored.items()}
        case "money":
            return Money(Decimal(stored["amount"]), stored["currency"])
        case "decimal":
            return Decimal(stored["value"])
        case "time":
            return datetime.fromisoformat(stored["value"])
        case "date":
            return date.fromisoformat(stored["value"])
        case "tuple":
            return tuple(decode(item) for item in stored["items"])
        case "part":
            return _PARTS[stored["class"]](**decode_fields(stored["fields"]))
        case tag:
            raise ValueError(f"a stored value has the unknown tag {tag!r}")


def _names(part: type[Row | WriteOff | SettlementRow]) -> list[str]:
    return [field.name for field in fields(part)]


def encode_fields(fields: Mapping[Any, object]) -> dict[str, Any]:
    """Return fields by name as plain JSON."""
    for name in fields:
        if not isinstance(name, str) or name == TAG:
            raise TypeError(f"{name!r} cannot be the name of a stored field")
    return {name: encode(value) for name, value in fields.items()}


def decode_fields(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields by name that `encode_fields` made this of."""
    return {name: decode(value) for name, value in stored.items()}
