"""What callers may send: definitions, payments to be read, export results. Texts that are too long are refused, never cut."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from brygga_sandbox.opter.errors import Refusal, bad_request, invalid

JSON = dict[str, Any]

LARGEST = Decimal(10) ** 12
ORE = Decimal("0.01")


@dataclass(frozen=True)
class Field:
    """One field of a body: its type, the most characters of a text, whether it must be filled, the values it takes."""

    kind: str = "text"
    longest: int = 100
    required: bool = False
    choices: tuple[str, ...] = ()
    default: Any = None


DEFINITION: Mapping[str, Field] = {
    "name": Field(longest=50, required=True),
    "importType": Field(required=True, choices=("FortnoxAPI",)),
    "importFormat": Field(required=True, choices=("API",)),
    "ignorePaymentsBefore": Field("day", required=True),
    "ignoreNumbersBefore": Field("whole", default=0),
    "apiAccessToken": Field(longest=500, default=""),
}
PAYMENT: Mapping[str, Field] = {
    "reference": Field(longest=50, required=True),
    "invoiceNumber": Field(longest=20, required=True),
    "ocrNumber": Field(longest=25, default=""),
    "amount": Field("money", required=True),
    "currency": Field("currency", 3, required=True),
    "currencyRate": Field("rate"),
    "paymentDate": Field("day", required=True),
    "registeredDate": Field("day", required=True),
}
RESULT: Mapping[str, Field] = {
    "documentNumber": Field(longest=20, required=True),
    "exportedAt": Field("moment", required=True),
    "booked": Field("flag", required=True),
    "message": Field(longest=1000, default=""),
}


def checked(fields: Mapping[str, Field], body: object, read_only: tuple[str, ...] = ("id",)) -> JSON:
    """Return a body's values, what it lacks by default. Raises Refusal for unknown fields, wrong types, required ones empty."""
    if not isinstance(body, dict):
        raise bad_request("An object was expected.")
    wrong = {str(name): "unknown field" for name in body if name not in fields and name not in read_only}
    values: JSON = {}
    for name, field in fields.items():
        value = body.get(name)
        if value is None or value == "":
            if field.required:
                wrong[name] = "is required"
            values[name] = field.default
            continue
        fault = _fault(field, value)
        if fault:
            wrong[name] = fault
        values[name] = value
    if wrong:
        raise invalid(wrong)
    return values


def _fault(field: Field, value: object) -> str:
    if field.kind == "flag":
        return "" if isinstance(value, bool) else "true or false"
    if field.kind in ("whole", "money", "rate"):
        return _number_fault(field.kind, value)
    if not isinstance(value, str) or "\x00" in value:
        return "a text"
    if len(value) > field.longest:
        return f"at most {field.longest} characters"
    if field.choices and value not in field.choices:
        return "one of " + ", ".join(field.choices)
    if field.kind == "currency" and not re.fullmatch(r"[A-Z]{3}", value):
        return "a currency code of three letters"
    if field.kind == "day" and day(value) is None:
        return "a day as YYYY-MM-DD"
    if field.kind == "moment" and moment(value) is None:
        return "a time with its offset"
    return ""


def _number_fault(kind: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return "a number"
    number = Decimal(value)
    if abs(number) >= LARGEST:
        return "too large"
    if kind == "whole":
        return "" if number == number.to_integral_value() and number >= 0 else "a whole number, not below zero"
    if kind == "money":
        return "" if number == number.quantize(ORE, ROUND_HALF_UP) else "two decimals at most"
    return "" if number > 0 else "above zero"


def day(text: object) -> date | None:
    """Return a day written YYYY-MM-DD, None for anything else."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def moment(text: object) -> datetime | None:
    """Return a time with an offset, None for anything else."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def needed(params: Mapping[str, str], *names: str) -> list[str]:
    """Return these parameters. Raises Refusal for one that is missing."""
    lacking = {name: "is required" for name in names if not params.get(name)}
    if lacking:
        raise invalid(lacking)
    return [params[name] for name in names]


__all__ = ["DEFINITION", "JSON", "ORE", "PAYMENT", "RESULT", "Field", "Refusal", "checked", "day", "moment", "needed"]
