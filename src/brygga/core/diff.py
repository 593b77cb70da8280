"""When two values say the same, and which fields of a record differ from another.

Values are kept as they were typed; only the comparison looks through spelling, so that `0470-100 20` and `+46470 10020`
are one telephone number and no write goes out because a system likes another grouping (accounting.md 8.3).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import fields
from decimal import Decimal
from functools import lru_cache

from brygga.core.contact import normalise_email
from brygga.core.countries import country_to_iso
from brygga.core.document import Row, SettlementRow, WriteOff
from brygga.core.money import round_ore
from brygga.core.numbers import se_ten
from brygga.core.record import ABSENT, Record, Value, present

_SPACES = re.compile(r"[^\S\n]+")
_GROUPING = re.compile(r"[\s()./\-\u2010-\u2015\u2212]")
_SCHEME = re.compile(r"^https?://", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s.\-]")
_COUNTRY_BEFORE = re.compile(r"^(?:SE?|NO?|DK|FI)(?=[0-9]+$)")
_VAT_LETTERS = {"EL": "GR", "XI": "GB"}
_SWEDEN = re.compile(r"^(?:\+46|0046)0?")


@lru_cache(maxsize=65536)
def _text(value: str) -> str:
    lines = (_SPACES.sub(" ", line).strip() for line in value.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return "\n".join(lines).strip("\n")


@lru_cache(maxsize=65536)
def _phone(value: str) -> str:
    """Return a telephone number without grouping, Swedish ones as they are dialled at home. Words beside it count."""
    return _SWEDEN.sub("0", _GROUPING.sub("", value).lower())


@lru_cache(maxsize=65536)
def _identity(value: str) -> str:
    """Return an organisation or personal number without separators, and a Swedish one without its century or the letters of VAT."""
    if ten := se_ten(value):
        return ten
    plain = _compact(value)
    return plain[2:] if len(plain) == 12 and plain.isdigit() and plain[:2] in ("16", "18", "19", "20") else plain


def _compact(value: str) -> str:
    return _BETWEEN.sub("", value if value.isascii() else unicodedata.normalize("NFKC", value)).upper()


@lru_cache(maxsize=65536)
def _website(value: str) -> str:
    """Return a web address without what a browser adds by itself: the scheme, and a slash at the end."""
    return _SCHEME.sub("", value.strip()).rstrip("/").lower()


@lru_cache(maxsize=65536)
def _postcode(value: str) -> str:
    """Return a postcode without spaces, and without the letters of a country before digits: "SE-111 22" is 11122."""
    return _COUNTRY_BEFORE.sub("", _compact(value))


@lru_cache(maxsize=4096)
def _country(value: str) -> str:
    """Return a country's ISO code, by its name too; what is no country as it is."""
    return _VAT_LETTERS.get(plain := _compact(value)) or country_to_iso(value) or plain


@lru_cache(maxsize=65536)
def _email(value: str) -> str:
    return normalise_email(value).value or value.strip().lower()


_SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "phone": _phone,
    "phone2": _phone,
    "fax": _phone,
    "organisation_number": _identity,
    "vat_number": _compact,
    "website": _website,
    "currency": _compact,
    "email": _email,
    "email_invoice": _email,
    **dict.fromkeys(("invoice_postcode", "visiting_postcode", "delivery_postcode", "postcode"), _postcode),
    **dict.fromkeys(("invoice_country", "visiting_country", "delivery_country", "country"), _country),
}


MARKS = frozenset({"id", "total", "cost", "supply", "vat_code"})
"""Fields of a row that a system marks or reckons by itself, so that they can be told and not asked for."""

_PARTS: Mapping[type, tuple[str, ...]] = {
    part: tuple(field.name for field in fields(part) if field.name not in MARKS) for part in (Row, SettlementRow, WriteOff)
}


def same(name: str, one: Value, two: Value) -> bool:
    """Say whether two values of the field *name* mean the same. ABSENT equals only itself.

    Rows are compared one by one, in their order, each by what both systems say of it: what a row of one system has no field
    for is ABSENT there, and says nothing.
    """
    if one == two:
        return True
    if isinstance(one, str) and isinstance(two, str):
        spelling = _SPELLINGS.get(name, _text)
        return spelling(one) == spelling(two)
    if isinstance(one, tuple) and isinstance(two, tuple):
        return len(one) == len(two) and all(same_row(mine, theirs) for mine, theirs in zip(one, two, strict=True))
    return False


def same_row(one: object, two: object) -> bool:
    """Say whether two rows say the same as far as both say something. A row of text is its text, whatever else it carries."""
    if one == two:
        return True
    if type(one) is not type(two) or type(one) not in _PARTS:
        return False
    if isinstance(one, Row) and isinstance(two, Row) and one.is_text and two.is_text:
        return same("description", one.description or "", two.description or "")
    alike = same_discount(one, two) if isinstance(one, Row) and isinstance(two, Row) else False
    for name in _PARTS[type(one)]:
        if alike and name in ("discount", "discount_kind"):
            continue
        mine, theirs = getattr(one, name), getattr(two, name)
        if mine is not ABSENT and theirs is not ABSENT and not same(name, mine, theirs):
            return False
    return True


def same_discount(one: Row, two: Row) -> bool:
    """Say whether a discount in percent leaves the same öre as one in an amount: both may be said of the same row."""
    if {one.discount_kind, two.discount_kind} != {"percent", "amount"}:
        return False
    sums = [_left_over(row) for row in (one, two)]
    return None not in sums and sums[0] == sums[1]


def _left_over(row: Row) -> Decimal | None:
    if row.discount is ABSENT or row.quantity is ABSENT or row.price is ABSENT:
        return None
    whole = row.quantity * row.price.amount
    return round_ore(whole - row.discount if row.discount_kind == "amount" else whole * (100 - row.discount) / 100)


def diff(base: Mapping[str, Value], now: Record) -> dict[str, tuple[Value, Value]]:
    """Return field -> (base, now) for each field of *now* that does not say what the base says; ABSENT stays out."""
    changes: dict[str, tuple[Value, Value]] = {}
    for name, value in present(now):
        before = base.get(name, ABSENT)
        if not same(name, before, value):
            changes[name] = (before, value)
    return changes
