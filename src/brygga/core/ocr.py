"""Payment references (OCR numbers): digits, an optional length digit, a check digit (accounting.md 5.1).

References are text: leading zeros count. The reference of an invoice in Fortnox is read, never recomputed: it can be its own.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from stdnum import luhn

OcrLevel: TypeAlias = Literal["soft", "check_digit", "variable_length", "fixed_length"]
"""How strictly the payee's bank checks: digits only, check digit, and length digit or an agreed length besides."""

LEVELS: Final = ("soft", "check_digit", "variable_length", "fixed_length")
LONGEST: Final = 25
_DIGITS: Final = re.compile(r"[0-9]+")


def make_ocr(payload: str, *, length_digit: bool = True) -> str:
    """Return the reference of a number: payload, length digit (total length modulo 10) if wanted, Luhn digit.

    Fortnox' own references are the invoice number with a length digit. Raises ValueError for anything but digits, and for a
    reference longer than 25 digits.
    """
    if not isinstance(payload, str) or not _DIGITS.fullmatch(payload):
        raise ValueError(f"a payment reference is made of digits, not of {payload!r}")
    length = len(payload) + (2 if length_digit else 1)
    if length > LONGEST:
        raise ValueError(f"a payment reference has at most {LONGEST} digits; {payload} would give {length}")
    body = f"{payload}{length % 10}" if length_digit else payload
    return f"{body}{luhn.calc_check_digit(body)}"


def validate_ocr(ocr: str | None, level: str = "check_digit", length: int | None = None) -> bool:
    """Check a reference as the payee's agreement with the bank does; spaces are left out first.

    *length* is the agreed length of the level fixed_length. Raises ValueError for an unknown level, a fixed length that is not
    given, and a reference that is no text.
    """
    if level not in LEVELS:
        raise ValueError(f"references are checked by one of {', '.join(LEVELS)}, not {level!r}")
    if level == "fixed_length" and length is None:
        raise ValueError("a reference of fixed length needs the agreed length")
    if ocr is not None and not isinstance(ocr, str):
        raise ValueError(f"a payment reference is text, since leading zeros count, not {type(ocr).__name__}")
    digits = "".join((ocr or "").split())
    if not _DIGITS.fullmatch(digits) or not 2 <= len(digits) <= LONGEST:
        return False
    if level == "soft":
        return True
    if not luhn.is_valid(digits):
        return False
    if level == "variable_length":
        return len(digits) > 2 and int(digits[-2]) == len(digits) % 10
    return level == "check_digit" or len(digits) == length
