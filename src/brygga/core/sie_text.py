"""The writing of SIE 4: fields, amounts, lines and bytes of code page 437 (accounting.md 11)."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final, TypeAlias

Part: TypeAlias = str | list[str]
"""A field of a line; an object list ({1 "100" 6 P7}) is the list of its fields."""

_ORE: Final = Decimal("0.01")
_LARGEST: Final = Decimal(10) ** 15
_NEEDS_QUOTES: Final = re.compile(r'[\s"{}]')
_REPLACED: Final = {
    "§": "par.",
    "€": "EUR",
    "…": "...",
    "™": "TM",
    "©": "(C)",
    "®": "(R)",
    "•": "*",
    "Ø": "O",
    "ø": "o",
    "Œ": "OE",
    "œ": "oe",
    "Ł": "L",
    "ł": "l",
    "Đ": "D",
    "đ": "d",
    "Ð": "D",
    "ð": "d",
    "Þ": "Th",
    "þ": "th",
    "ı": "i",
    "ẞ": "SS",
    "\u2044": "/",
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"'),
    **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f", " "),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
}
_CODE_PAGE: Final = frozenset(bytes(range(256)).decode("cp437")) - {"\u00a0"}
_LETTERS: Final = "åäöÅÄÖéÉüÜæÆ"
_IN_CP437: Final = frozenset(_LETTERS.encode("cp437"))
_IN_LATIN_1: Final = frozenset((_LETTERS + "øØ").encode("latin-1"))


def sie_field(text: str) -> str:
    r"""Return one field: control characters go, quotes around it where it has spaces, braces or quotes (as \") or is empty.

    A backslash at the end of a quoted field would hide the quote, and the format has no way to write it: it becomes a slash.
    Raises ValueError when it is no text.
    """
    if not isinstance(text, str):
        raise ValueError(f"a field of SIE is text, not {type(text).__name__}")
    plain = "".join(letter for letter in text if unicodedata.category(letter) != "Cc")
    if plain and not _NEEDS_QUOTES.search(plain):
        return plain
    whole = plain.rstrip("\\")
    slashes = "/" * (len(plain) - len(whole))
    return '"' + whole.replace('"', '\\"') + slashes + '"'


def sie_amount(value: Decimal) -> str:
    """Return an amount: debit positive, two decimals with a point, no thousands separator; öre rounded half away from zero.

    Raises ValueError for NaN, infinity, anything that is no Decimal, and amounts no ledger holds.
    """
    if not isinstance(value, Decimal) or not value.is_finite() or abs(value) >= _LARGEST:
        raise ValueError(f"an amount of SIE is a finite decimal number, not {value!r}")
    rounded = value.quantize(_ORE, ROUND_HALF_UP)
    return f"{abs(rounded) if rounded.is_zero() else rounded:f}"


def read_amount(text: str) -> Decimal:
    """Return the amount of a field; a comma is read as the point. Raises ValueError when it is none."""
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is no amount") from error
    if not value.is_finite() or abs(value) >= _LARGEST:
        raise ValueError(f"{text!r} is no amount of a ledger")
    return abs(value) if value.is_zero() else value


def sie_parse_line(line: str) -> list[Part]:
    r"""Return the fields of one line: label, texts without their quotes, object lists as lists.

    Fields are parted by spaces or tabs; inside quotes \" is a quote. Raises ValueError for a quote or brace that never ends.
    """
    tokens: list[Part] = []
    objects: list[str] | None = None
    at = 0
    while at < len(line):
        letter = line[at]
        if letter in " \t\r\n":
            at += 1
        elif letter == "{" and objects is None:
            objects, at = [], at + 1
        elif letter == "}" and objects is not None:
            tokens.append(objects)
            objects, at = None, at + 1
        else:
            text, at = _field(line, at, inside=objects is not None)
            if objects is None:
                tokens.append(text)
            else:
                objects.append(text)
    if objects is not None:
        raise ValueError(f"an object list is not closed with }} in {line!r}")
    return tokens


def _field(line: str, at: int, *, inside: bool) -> tuple[str, int]:
    """Return the field that begins at a place, and where the rest begins."""
    quoted = line[at] == '"'
    ends = '"' if quoted else " \t\r\n}" if inside else " \t\r\n"
    at += quoted
    letters = []
    while at < len(line) and line[at] not in ends:
        if line.startswith('\\"', at):
            at += 1
        letters.append(line[at])
        at += 1
    if quoted and at == len(line):
        raise ValueError(f"a quote is not closed in {line!r}")
    return "".join(letters), at + quoted


def sie_text(text: str) -> str:
    """Return a text in the letters that code page 437 has: Ø as O, § as par., € as EUR, a dash as -, the unknown as ?."""
    return text if text.isascii() else "".join(_letter(letter) for letter in unicodedata.normalize("NFC", text))


def _letter(letter: str) -> str:
    if letter in _REPLACED:
        return _REPLACED[letter]
    if letter in _CODE_PAGE:
        return letter
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
    plain = "".join(_REPLACED.get(part, part) for part in plain)
    return plain if plain and all(part in _CODE_PAGE for part in plain) else "?"


def sie_bytes(text: str) -> bytes:
    """Return a text in code page 437 (`#FORMAT PC8`), other letters replaced as `sie_text` does."""
    return sie_text(text).encode("cp437")


def read_bytes(content: bytes) -> str:
    """Return the text of a file by its bytes, since files that say PC8 can be UTF-8 or Latin-1 (accounting.md 11)."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    old = sum(byte in _IN_CP437 for byte in content)
    western = sum(byte in _IN_LATIN_1 for byte in content)
    return content.decode("cp1252" if western > old else "cp437", errors="replace")
