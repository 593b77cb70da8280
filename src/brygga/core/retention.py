"""How long records are kept, what logs may show, and what an erasure request leaves (accounting.md 10)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from brygga.core.numbers import is_personal, se_ten

YEARS_KEPT: Final = 7


def retain_until(fiscal_year_end: date) -> date:
    """Return the last day of the seventh year after the calendar year in which the fiscal year ended.

    Raises ValueError for a year at the end of the calendar.
    """
    if fiscal_year_end.year + YEARS_KEPT > date.max.year:
        raise ValueError(f"seven years after {fiscal_year_end} is out of the calendar")
    return date(fiscal_year_end.year + YEARS_KEPT, 12, 31)


# Erasure -----------------------------------------------------------------------------------------------------------------------


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


Erasure: TypeAlias = Literal["erase", "restrict"]

NOT_RECORDS: Final = _words(
    """
    account activity address appointment call cart comment consent contact crm customer email interest lead login mail
    marketing meeting message newsletter note offer opportunity phone preference profile prospect quotation quote
    subscription task visit
    """
)
"""Kinds of holdings that no book depends on. An offer that led to nothing is none; one that became an order is that order."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Something stored about a person.

    kind             "invoice", "crm_note", "lost_offer" and so on; the last word says what it is
    fiscal_year_end  the end of the fiscal year it belongs to, None where that is not known
    open             a claim that is not settled yet
    """

    kind: str
    fiscal_year_end: date | None = None
    open: bool = False

    def must_stay(self, as_of: date) -> bool:
        """Whether the law wants it kept on that day. What is not known to be free is an accounting record, and stays."""
        if self.kind.casefold().rpartition("_")[2] in NOT_RECORDS:
            return False
        return self.open or self.fiscal_year_end is None or as_of <= retain_until(self.fiscal_year_end)


def erase(holdings: Iterable[Holding], as_of: date) -> Erasure:
    """Return "erase" when nothing has to be kept; "restrict" when something has to: that stays, closed to use, the rest goes."""
    return "restrict" if any(holding.must_stay(as_of) for holding in holdings) else "erase"


# Logs --------------------------------------------------------------------------------------------------------------------------

PNR: Final = "[PNR]"
EMAIL: Final = "[EMAIL]"
PHONE: Final = "[PHONE]"
CREDENTIAL: Final = "[SECRET]"

_CREDENTIALS: Final = r"(?:token|secret|password|passwd|pwd|passphrase|lösenord|api[_\-]?key|private[_\-]?key|session[_\-]?id)"
_VALUE: Final = r"(?!\[SECRET\])[^\s&\"',;<>}\])]+"
_SECRETS: Final = (
    re.compile(r"(?i)(?P<keep>\bauthorization[\"']?\s*[:=]\s*[\"']?(?:(?:basic|bearer|token|digest)\s+)?)" + _VALUE),
    re.compile(r"(?P<keep>\b(?:[Bb]asic|[Bb]earer|BASIC|BEARER)\s+)(?=\S{8})(?=\S*(?:[0-9=]|[a-z][A-Z]))" + _VALUE),
    re.compile(r"(?i)(?P<keep>\b(?:set-)?cookie[\"']?\s*[:=]\s*[\"']?)(?!\s*\[SECRET\])[^\r\n\"']+"),
    re.compile(rf"(?i)(?P<keep>{_CREDENTIALS}\d?\\*[\"']?\s*[:=]\s*\\*(?P<quote>[\"']))(?!\[SECRET\])(?:(?!(?P=quote)).)+"),
    re.compile(rf"(?i)(?P<keep>{_CREDENTIALS}\d?\\*[\"']?\s*[:=]\s*)(?!\\*[\"']){_VALUE}"),
    re.compile(r"(?i)(?P<keep>[?&](?:auth|code|state|key|sig|signature)=)" + _VALUE),
    re.compile(r"(?P<keep>://)(?!\[SECRET\])[^\s/@]+:[^\s/@]*(?=@)"),
    re.compile(r"(?P<keep>)\beyJ[\w\-]{8,}\.[\w\-]+\.[\w\-]*"),
)
_DOMAIN: Final = r"[^\W_](?:[\w\-]{0,61}[^\W_])?(?:\.[^\W_](?:[\w\-]{0,61}[^\W_])?)+"
_EMAILS: Final = (
    re.compile(r"[^\s@<>\"'(),;:=\[\]{}|&?/]{1,64}(?:@|%40)" + _DOMAIN),
    re.compile(r"[^\s@<>\"(),;:\[\]]{1,64}@" + _DOMAIN),
)
"""First by the signs that part words in logs, then with all signs that an address can have."""
_DASH: Final = r"[\-\u2010-\u2015\u2212]"
_PERSONAL: Final = (
    re.compile(rf"(?<![0-9])(?:18|19|20)?(?P<six>[0-9]{{6}})(?P<sign>\s?(?:\+|{_DASH})\s?|\s?)(?P<four>[0-9]{{4}})(?![0-9])"),
    re.compile(rf"(?<![0-9])(?P<six>[0-9]{{6}})(?P<sign>{_DASH}?)(?P<four>[0-9]{{4}})01(?![0-9])"),
    re.compile(
        rf"(?<![0-9])(?:18|19|20)?(?P<six>[0-9]{{2}}(?P<mark>[./\-])[0-9]{{2}}(?P=mark)[0-9]{{2}})"
        rf"(?P<sign>\+|{_DASH})(?P<four>[0-9]{{4}})(?![0-9])"
    ),
    re.compile(
        r"(?<![0-9])(?:18|19|20)?(?P<six>[0-9]{2}\s[0-9]{2}\s[0-9]{2})(?P<sign>)\s?[+\-\u2010-\u2015\u2212]?\s?"
        r"(?P<four>[0-9]{4})(?![0-9])"
    ),
)
_MONTHS: Final = range(1, 13)
_DAYS: Final = frozenset((*range(1, 32), *range(61, 92)))
_SIGNS: Final = r"[\s\-/()\u2010-\u2015\u2212]"
_NO_DATE: Final = r"(?![0-9]{2}[\-/. ][0-9]{2}[\-/. ][0-9]{4}(?![0-9]))"
_PHONES: Final = (
    re.compile(rf"(?<![0-9+])\+\s?[1-9][0-9]{{0,2}}\.?(?:{_SIGNS}{{0,3}}[0-9]){{6,14}}(?![0-9])"),
    re.compile(
        rf"(?<![0-9.,:/\-+]){_NO_DATE}\(?0[1-9][0-9]{{0,2}}\)?\s?(?:{_DASH}|[/ ])\s?"
        r"[0-9]{2,4}(?:[ \-][0-9]{2,4}){1,3}(?![0-9/])"
    ),
    re.compile(rf"(?<![0-9.,:/\-+])\(?0[1-9][0-9]{{0,2}}\)?\s?(?:{_DASH}|[/ ])\s?[0-9]{{5,8}}(?![0-9])"),
    re.compile(r"(?<![0-9.,:/\-+])(?:0[1-9][0-9]{7,8}|467[0-9]{8})(?![0-9]|[.,][0-9])"),
    re.compile(rf"(?<![0-9.,:\-+])00[1-9](?:{_SIGNS}{{0,3}}[0-9]){{8,14}}(?![0-9])"),
)
_NAMED_PHONE: Final = re.compile(
    r"(?i)(?P<keep>\b(?:tele?(?:fon)?|tlf|tfn|phone|mobile?|cell|fax)\w*[\"']?[\s.:=]{0,3}[\"']?)"
    rf"[0-9](?:{_SIGNS}{{0,2}}[0-9]){{5,14}}(?![0-9])"
)


def redact(text: str) -> str:
    """Return a text for a log without personal data and secrets; masking errs on the side of too much.

    Personal and coordination numbers (also as the VAT number of a sole trader) become [PNR], addresses of e-mail [EMAIL], phone
    numbers [PHONE], tokens, passwords and cookies [SECRET]. Organisation numbers of companies, document numbers, payment
    references, amounts, dates and times stay. Raises ValueError when it is no text.
    """
    if not isinstance(text, str):
        raise ValueError(f"only text can be masked, not {type(text).__name__}")
    for pattern in _SECRETS:
        text = pattern.sub(rf"\g<keep>{CREDENTIAL}", text)
    for pattern in _EMAILS:
        text = pattern.sub(EMAIL, text)
    for pattern in _PERSONAL:
        text = pattern.sub(_mask_personal, text)
    text = _NAMED_PHONE.sub(rf"\g<keep>{PHONE}", text)
    for pattern in _PHONES:
        text = pattern.sub(PHONE, text)
    return text


def _mask_personal(found: re.Match[str]) -> str:
    """Mask a personal number, and what is written like one (a day, a sign, four digits) though the check digit is wrong."""
    ten = "".join(letter for letter in found["six"] if letter.isdigit()) + found["four"]
    if se_ten(ten):
        return PNR if is_personal(ten) else found[0]
    is_a_day = int(ten[2:4]) in _MONTHS and int(ten[4:6]) in _DAYS
    return PNR if is_a_day and found["sign"].strip() else found[0]
