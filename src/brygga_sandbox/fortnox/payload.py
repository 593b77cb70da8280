"""What a client sends, checked field by field as Fortnox does, before any rule of the resource is asked.

Names are closed and case-sensitive; null and the word API_BLANK clear; an empty text leaves a value as it is on PUT
(Fortnox API, section 5). `checked` returns the fields to change: a value, or None for "clear it".

Where the reference knows no code the nearest documented one stands in: a broken date is refused as 2000359, a value
outside its range as 2000108, a value outside its enumeration as 2000588, a missing required field as 2000699.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from brygga_sandbox.fortnox.definition import Field
from brygga_sandbox.fortnox.errors import Refusal, refusal

BLANK_WORD = "API_BLANK"
LARGEST = 1_000_000_000_000_000
ALLOWED = re.compile("[\\w \\r\\n\\u00a0\\u0308\\u030a’\\\\–:.`´,;^¤#%§£$€¢¥©™°&/()=+\\-*!?²³®½@]*")
TOO_LONG = {"Comments": 2001896, "YourReference": 2001600}
# Texts that clients send as JSON numbers and Fortnox takes: numbers of records, quantities, accounts, percentages.
NUMBERS_AS_TEXT = re.compile(
    r".*(Quantity|Account|AccountNumber|Percent|Value|Fee|Freight)"
    r"|(Customer|Article|Supplier|Document|Project|Invoice|Order|Given|Reference)Number"
    r"|Project|CostCenter|TermsOfPayment|Price|Debit|Credit|Total|VAT|CurrencyRate|CurrencyUnit|RoundOffValue"
    r"|(Order|Offer|Invoice|Contract|CreditInvoice)Reference|NextVoucherNumber|Id|.*Id"
)


@dataclass
class Quirks:
    """Where a resource differs from the rule. Keys are field names, with the parent for sub-fields (`Rows.Unit`)."""

    cut: dict[str, int] = field(default_factory=dict)  # cut silently at so many characters
    too_long: dict[str, int] = field(default_factory=dict)  # the code for too long
    bad_enum: dict[str, int] = field(default_factory=dict)  # the code for a value outside the enumeration
    bad_null: dict[str, int] = field(default_factory=dict)  # null is refused, with this code
    missing: dict[str, int] = field(default_factory=dict)  # the code for a required field that is missing
    read_only: dict[str, int] = field(default_factory=dict)  # the code for a known field that cannot be written
    free_text: frozenset[str] = frozenset()  # any character goes: mail bodies, addresses of the web
    numbers: frozenset[str] = frozenset()  # texts that may come as a JSON number, besides the usual ones


def checked(fields: Mapping[str, Field], sent: Mapping[str, Any], verb: str, quirks: Quirks, parent: str = "") -> dict[str, Any]:
    """Return the changes that a payload asks for. `verb` is C (POST) or U (PUT). Raises Refusal."""
    changes: dict[str, Any] = {}
    for name, value in sent.items():
        known = fields.get(name)
        path = parent + name
        if known is None or not known.writable(verb):
            code = quirks.read_only.get(path) if known is not None else None
            raise refusal(2001399, name) if code is None else refusal(code, name)
        if value is None or value == BLANK_WORD:
            _refuse_null(known, path, verb, quirks, parent, value)
            if verb == "U" or parent:
                changes[name] = None
            continue
        if value == "" and not (known.type == "str" and (verb == "C" or parent)):
            if known.required and verb == "C":
                raise _missing(known, path, quirks)
            continue
        changes[name] = _value(known, value, verb, quirks, path)
    if verb == "C":
        for known in fields.values():
            if known.required and known.writable("C") and changes.get(known.name) in (None, ""):
                raise _missing(known, parent + known.name, quirks)
    return changes


def _refuse_null(known: Field, path: str, verb: str, quirks: Quirks, parent: str, value: Any) -> None:
    if value is None and path in quirks.bad_null:
        raise refusal(quirks.bad_null[path], known.name.lower())
    if known.required and not parent:
        raise _missing(known, path, quirks)
    if known.type == "bool" and verb == "U" and not parent:
        raise refusal(2000134, "")
    if known.type == "array" and not parent:
        raise refusal(2002649)


def _missing(known: Field, path: str, quirks: Quirks) -> Refusal:
    return refusal(quirks.missing.get(path, 2000699), known.name.lower())


def _value(known: Field, value: Any, verb: str, quirks: Quirks, path: str) -> Any:
    match known.type:
        case "object":
            if not isinstance(value, dict):
                raise refusal(2002649)
            return checked(known.children, value, "U" if verb == "U" else "C", quirks, path + ".")
        case "array":
            return _rows(known, value, verb, quirks, path)
        case "bool":
            return _bool(value)
        case "int" | "num":
            return _number(known, value)
        case "date" | "datetime":
            return _date(known, value)
    return _text(known, value, quirks, path)


def _rows(known: Field, value: Any, verb: str, quirks: Quirks, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise refusal(2002649)
    if not known.children:
        return list(value)
    if not all(isinstance(row, dict) for row in value):
        raise refusal(2002649)
    return [checked(known.children, row, verb, quirks, path + ".") for row in value]


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise refusal(2000134, shown(value))


def _number(known: Field, value: Any) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise refusal(2000108, shown(value))
    if isinstance(value, str) and not re.fullmatch(r"-?\d{1,18}(\.\d{1,12})?", value.strip(), re.ASCII):
        raise refusal(2000108, shown(value))
    number = value if isinstance(value, int) else Decimal(value)
    if not -LARGEST < number < LARGEST or (known.type == "int" and number != int(number)):
        raise refusal(2000108, shown(value))
    low = known.minimum is not None and number < known.minimum
    high = known.maximum is not None and number > known.maximum
    if low or high:
        raise refusal(2000108, shown(value))
    return int(number) if known.type == "int" else number


def _date(known: Field, value: Any) -> str:
    text = value if isinstance(value, str) else shown(value)
    if not re.fullmatch(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?.*)?", text, re.ASCII):
        raise refusal(2000359, shown(value))
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        raise refusal(2000359, shown(value)) from None
    if known.type == "date" and len(text) != 10:
        raise refusal(2000359, shown(value))
    return text


def _text(known: Field, value: Any, quirks: Quirks, path: str) -> str:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        if not (NUMBERS_AS_TEXT.fullmatch(known.name) or path in quirks.numbers):
            raise refusal(2005095)
        value = shown(value)
    if not isinstance(value, str):
        raise refusal(2005095)
    text: str = value[: quirks.cut[path]] if path in quirks.cut else value
    if known.max_length is not None and len(text) > known.max_length:
        raise refusal(quirks.too_long.get(path, TOO_LONG.get(known.name, 2000107)), known.name)
    if text and len(text) < known.min_length:
        raise refusal(quirks.too_long.get(path, 2000107), known.name)
    if known.enum is not None and text not in known.enum:
        if text == "":
            return text
        raise refusal(quirks.bad_enum.get(path, 2000588), shown(text))
    if path not in quirks.free_text and not ALLOWED.fullmatch(text):
        raise refusal(2000359, shown(text))
    return text


def shown(value: Any) -> str:
    """Return a value as a message shows it, at most 200 characters of it."""
    if isinstance(value, str):
        return value[:200]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return "Array"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")[:200] if abs(value) < 10**30 else str(value)[:200]
    return str(value)[:200] if not isinstance(value, int) or abs(value) < 10**100 else "9" * 100
