"""Bankgiro and plusgiro numbers (accounting.md 5.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from stdnum import luhn

GiroKind: TypeAlias = Literal["bankgiro", "plusgiro"]

_FILLING: Final = re.compile(r"[\s\-\u2010-\u2015\u2212]+")
_LENGTH: Final[dict[str, re.Pattern[str]]] = {
    "bankgiro": re.compile(r"[0-9]{7,8}"),
    "plusgiro": re.compile(r"[0-9]{2,8}"),
}


@dataclass(frozen=True, slots=True)
class Giro:
    """A giro number: its digits, and as it is printed. A number can be right for both kinds, so the kind is kept with it."""

    valid: bool
    compact: str | None = None
    display: str | None = None


def validate_giro(kind: str, text: str | None) -> Giro:
    """Check a bankgiro number (7 or 8 digits, NNN-NNNN) or plusgiro number (2 to 8 digits in pairs, N NN-N).

    Both end in a Luhn digit. Raises ValueError for another kind, and for a number that is no text.
    """
    if kind not in _LENGTH:
        raise ValueError(f"a giro number is of the kind bankgiro or plusgiro, not {kind!r}")
    if text is not None and not isinstance(text, str):
        raise ValueError(f"a giro number is text, since leading zeros count, not {type(text).__name__}")
    digits = _FILLING.sub("", text or "")
    if not _LENGTH[kind].fullmatch(digits) or not int(digits) or not luhn.is_valid(digits):
        return Giro(valid=False)
    if kind == "bankgiro":
        return Giro(True, digits, f"{digits[:-4]}-{digits[-4:]}")
    head, check = digits[:-1], digits[-1]
    odd = len(head) % 2
    pairs = ([head[:1]] if odd else []) + [head[at : at + 2] for at in range(odd, len(head), 2)]
    return Giro(True, digits, f"{' '.join(pairs)}-{check}")
