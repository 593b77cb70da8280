"""Identity numbers: Swedish organisation, personal and coordination numbers, Norwegian organisation numbers, VAT numbers.

The rules are accounting.md 8.1 and 8.2. A number that is no number is an answer here ("invalid"), never an error: master data
is full of them, and matching treats them as missing. Only a value that is no text at all is refused.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from stdnum import luhn
from stdnum.ch import uid as ch_uid
from stdnum.ch import vat as ch_vat
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.gb import vat as gb_vat
from stdnum.no import orgnr as no_register

SwedishKind: TypeAlias = Literal["organisation", "person", "coordination", "invalid"]

_FILLING: Final = re.compile(r"[\s.:/\-\u2010-\u2015\u2212]+")
_SWEDISH: Final = re.compile(r"(?:(?P<century>16|18|19|20)?(?P<six>[0-9]{6})(?P<plus>\+?)(?P<four>[0-9]{4}))")
_DASHED: Final = re.compile(r"[0-9]{6}\s*[-\u2010-\u2015\u2212]\s*[0-9]{4}")
_SWEDISH_VAT: Final = re.compile(r"SE(?P<ten>[0-9]{10})01")
_NORWEGIAN: Final = re.compile(r"(?:NO)?(?P<nine>[0-9]{9})(?P<mva>MVA)?")
_VAT_LETTERS: Final = re.compile(r"[0-9A-Z+*]+")


def _squeezed(text: str | None, what: str) -> str:
    """Return the text in capitals without spaces, dots and dashes. Raises ValueError when it is no text."""
    if text is None:
        return ""
    if not isinstance(text, str):
        raise ValueError(f"{what} is text, since leading zeros and signs count, not {type(text).__name__}")
    if not text.isascii():
        # Digits and signs of full width, and what has no width at all, come with what is pasted from elsewhere.
        text = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return _FILLING.sub("", text).upper()


@dataclass(frozen=True, slots=True)
class SwedishIdentity:
    """What a text says as a Swedish identity number; all None when `kind` is "invalid".

    ten            ten digits, the form to compare by
    twelve         century and ten digits; 16 for organisations
    display        NNNNNN-NNNN, with + from the year a person turns 100
    vat_number     SE, ten digits, 01; a sole trader's is made of the personal number
    personal_data  True for persons: masked in logs, never shown in lists (accounting.md 8.1 and 10)
    """

    kind: SwedishKind
    ten: str | None = None
    twelve: str | None = None
    display: str | None = None
    vat_number: str | None = None
    personal_data: bool = False


_NOBODY: Final = SwedishIdentity("invalid")


def parse_se_identity(text: str | None, as_of: date) -> SwedishIdentity:
    """Read a Swedish organisation, personal or coordination number, bare, with century or as VAT number (8.1).

    *as_of* tells the century of a ten-digit personal number: the latest in which the person is born by then, or with `+` the
    latest in which the person turns at least 100 in that year.
    """
    century, ten, plus = _swedish_parts(text)
    if not ten:
        return _NOBODY
    if _is_organisation(ten):
        if century not in ("", "16") or plus:
            return _NOBODY
        return SwedishIdentity("organisation", ten, f"16{ten}", f"{ten[:6]}-{ten[6:]}", f"SE{ten}01")
    born = _birth_date(century, ten, plus, as_of)
    if born is None:
        return _NOBODY
    sign = "+" if as_of.year - born.year >= 100 else "-"
    kind: SwedishKind = "coordination" if ten[4] >= "6" else "person"
    return SwedishIdentity(kind, ten, f"{born.year // 100}{ten}", f"{ten[:6]}{sign}{ten[6:]}", f"SE{ten}01", personal_data=True)


def se_ten(text: str | None) -> str:
    """Return the ten digits of a valid Swedish number, "" otherwise: the form to compare by, for which no date is needed."""
    century, ten, plus = _swedish_parts(text)
    if not ten or not _is_identity(ten):
        return ""
    if _is_organisation(ten):
        return ten if century in ("", "16") and not plus else ""
    return ten if century != "16" else ""


def swedish_ten(text: str | None, country: str) -> str:
    """Return the ten digits of a number that is Swedish: a buyer's in Sweden, or one abroad written as only Swedes write one; else "".

    That is NNNNNN-NNNN, sixteen before the digits of an organisation, or SE before and 01 after them (accounting.md 8.1, 8.2).
    """
    ten = se_ten(text)
    if not ten or country in ("", "SE"):
        return ten
    plain = unicodedata.normalize("NFKC", text or "").strip()
    unmistakable = (
        _DASHED.fullmatch(plain) or _swedish_parts(text)[0] == "16" or _SWEDISH_VAT.fullmatch(_squeezed(text, "a number"))
    )
    return ten if unmistakable else ""


def is_personal(ten: str) -> bool:
    """Whether ten valid digits are a person's (personal or coordination number) and so personal data."""
    return not _is_organisation(ten)


def _swedish_parts(text: str | None) -> tuple[str, str, bool]:
    """Return (century or "", ten digits, whether + was written); ("", "", False) when it is no such number at all."""
    squeezed = _squeezed(text, "an organisation number")
    if found := _SWEDISH_VAT.fullmatch(squeezed):
        century, ten, plus = "", found["ten"], False
    elif found := _SWEDISH.fullmatch(squeezed):
        century, ten, plus = found["century"] or "", found["six"] + found["four"], bool(found["plus"])
    else:
        return "", "", False
    return (century, ten, plus) if luhn.is_valid(ten) else ("", "", False)


def _is_organisation(ten: str) -> bool:
    """Whether the digits can be no date: the third is 2 or more. No kind of organisation begins with 0."""
    return ten[2] >= "2" and ten[0] != "0"


def _date(year: int, ten: str) -> date | None:
    """Return the date in a personal number in that year; 60 is taken from the day of a coordination number."""
    day = int(ten[4:6])
    try:
        return date(year, int(ten[2:4]), day - 60 if day > 60 else day)
    except ValueError:
        return None


def _is_identity(ten: str) -> bool:
    """Whether ten digits with a right check digit are an organisation's, or a date in some century."""
    return _is_organisation(ten) or _date(2000 + int(ten[:2]), ten) is not None


def _birth_date(century: str, ten: str, plus: bool, as_of: date) -> date | None:
    """Return the date of birth, None when there is no such day or it lies after *as_of*."""
    if century:
        born = _date(int(century) * 100 + int(ten[:2]), ten) if century != "16" else None
        return born if born is not None and born <= as_of else None
    latest = as_of.year - 100 if plus else as_of.year
    year = latest - (latest - int(ten[:2])) % 100
    born = _date(year, ten)
    if born is not None and born > as_of:
        born = _date(year - 100, ten)
    return born


@dataclass(frozen=True, slots=True)
class NorwegianNumber:
    """A Norwegian organisation number: nine digits, NNN NNN NNN, and whether MVA (VAT registered) was written after it."""

    valid: bool
    compact: str | None = None
    display: str | None = None
    mva: bool = False


def parse_no_orgnr(text: str | None) -> NorwegianNumber:
    """Read a Norwegian organisation number (8.2): nine digits, weights 3 2 7 6 5 4 3 2, modulo 11; remainder 1 is none."""
    found = _NORWEGIAN.fullmatch(_squeezed(text, "an organisation number"))
    if found is None or not int(found["nine"]) or not no_register.is_valid(found["nine"]):
        return NorwegianNumber(valid=False)
    nine = found["nine"]
    return NorwegianNumber(True, nine, f"{nine[:3]} {nine[3:6]} {nine[6:]}", found["mva"] is not None)


@dataclass(frozen=True, slots=True)
class VatNumber:
    """A VAT number: right in format and check digit, which is not the same as registered (only VIES or a person knows).

    compact   letters of the country and the number, as VIES takes it
    country   ISO 3166; GR for the letters EL, GB for XI (Northern Ireland)
    eu        whether the letters are of the EU, or XI
    """

    valid: bool
    compact: str | None = None
    country: str | None = None
    eu: bool = False


_NO_VAT: Final = VatNumber(valid=False)
_ISO: Final = {"EL": "GR", "XI": "GB"}
_LETTERS: Final = {"GR": "EL"}
_EU: Final = frozenset(_LETTERS.get(code.upper(), code.upper()) for code in eu_vat.MEMBER_STATES)
_KNOWN: Final = _EU | {"NO", "GB", "CH"}


@lru_cache(maxsize=65536)
def parse_vat_number(text: str | None, default_country: str | None = None) -> VatNumber:
    """Read a VAT number of the EU, Norway, Great Britain or Switzerland (8.2).

    *default_country* (ISO) is used when the text begins with no letters of a country; then a Swedish or Norwegian organisation
    number is taken too. After SE, the 01 at the end must be there.
    """
    squeezed = _squeezed(text, "a VAT number")
    if not _VAT_LETTERS.fullmatch(squeezed):
        return _NO_VAT
    letters = _LETTERS.get(squeezed[:2], squeezed[:2])
    if letters in _KNOWN:
        compact = _vat_of(letters, squeezed[2:])
    else:
        country = (default_country or "").strip().upper()
        letters = _LETTERS.get(country, country)
        compact = _vat_without_letters(letters, squeezed) if letters in _KNOWN else ""
    return VatNumber(True, compact, _ISO.get(letters, letters), letters in _EU) if compact else _NO_VAT


def _vat_without_letters(letters: str, rest: str) -> str:
    """Check a number that was written without its country; "" when it is wrong."""
    if letters == "SE" and (ten := se_ten(rest)):
        return f"SE{ten}01"
    if letters == "CH":
        return _vat_of(letters, rest if rest.startswith("E") else f"E{rest}")
    return _vat_of(letters, rest)


def _vat_of(letters: str, rest: str) -> str:
    """Return the compact number of a country, "" when format or check digit is wrong."""
    if letters == "SE":
        ten = rest[:-2]
        return f"SE{rest}" if _SWEDISH_VAT.fullmatch(f"SE{rest}") and luhn.is_valid(ten) and _is_identity(ten) else ""
    if letters == "NO":
        norwegian = parse_no_orgnr(rest)
        return f"NO{norwegian.compact}MVA" if norwegian.valid else ""
    try:
        if letters == "CH":
            return str((ch_uid if rest[-1:].isdigit() else ch_vat).validate(f"CH{rest}"))
        if letters in ("GB", "XI"):
            return f"{letters}{gb_vat.validate(rest)}"
        return str(eu_vat.validate(f"{letters}{rest}"))
    except ValidationError:
        return ""


def organisation_number_in(vat_number: str | None) -> str:
    """Return the ten digits that a valid Swedish VAT number holds, "" for any other text.

    A member of a VAT group can carry the group's number, so it is a hint of who somebody is, never a proof (8.1).
    """
    compact = parse_vat_number(vat_number, None).compact or ""
    return compact[2:12] if compact.startswith("SE") else ""
