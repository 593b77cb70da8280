"""JSON for what is sent: every Decimal as the number it is, digit for digit, and never a float."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal


def plain(value: Decimal) -> str:
    """Return all digits of a number, without an exponent. Raises ValueError for what is no number."""
    if not value.is_finite():
        raise ValueError("an amount must be a finite number")
    return f"{value:f}"


def encode(value: object, number: Callable[[Decimal], str] = plain) -> str:
    """Return the value as JSON; a date as 2026-11-20.

    number  how the system writes a number

    Raises TypeError for a float, since nobody can say which amount was meant, and for a time, which each system writes its own way.
    """
    if value is None or isinstance(value, bool | str | int):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return f'"{value.isoformat()}"'
    if isinstance(value, Mapping):
        return (
            "{"
            + ",".join(f"{json.dumps(str(name), ensure_ascii=False)}:{encode(one, number)}" for name, one in value.items())
            + "}"
        )
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return "[" + ",".join(encode(one, number) for one in value) + "]"
    raise TypeError(f"a {type(value).__name__} cannot be sent; amounts are Decimal")
