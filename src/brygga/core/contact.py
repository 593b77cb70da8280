"""Contact data in one form: e-mail, phone, postcode, and the name as a key to match by (accounting.md 8.3).

What cannot be brought into the form is None, never an error: the original stays where it is, for people to read. Countries are in
`countries.py`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers

CACHED: Final = 65536


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _text(text: str | None, what: str) -> str:
    """Return the text composed (NFC) and trimmed. Raises ValueError when it is no text."""
    if text is None:
        return ""
    if not isinstance(text, str):
        raise ValueError(f"{what} is text, not {type(text).__name__}")
    return unicodedata.normalize("NFC", text).strip()


def _plain(text: str) -> str:
    """Return a text with signs of full width as the plain ones, without what has no width: what pasting leaves in addresses."""
    if text.isascii():
        return text
    return "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf").strip()


# E-mail ------------------------------------------------------------------------------------------------------------------------

_DISPLAY_NAME: Final = re.compile(r"[^<>]*<([^<>]*)>")
_LOCAL: Final = re.compile(r"[\w!#$%&'*+/=?^`{|}~\-]+(?:\.[\w!#$%&'*+/=?^`{|}~\-]+)*")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?")
_LONGEST_LOCAL: Final = 64
_LONGEST_DOMAIN: Final = 253
_LONGEST_ADDRESS: Final = 254

ROLES: Final = _words(
    """
    admin administration administrasjon avrakning avräkning bestallning beställning bestilling billing bokforing bokföring
    bokhaldet butik contact drift ekonomi ekonomiavdelningen epost faktura fakturor fakturering finance firmapost
    forsaljning försäljning hei hej hello hr hr-avdelningen info information inkop inköp innkjop innkjøp invoice invoices
    invoicing jobb kansli kansliet kontakt kontor kontoret kundreskontra kundservice kundtjanst kundtjänst kundeservice
    kundesenter lager leverantorsfaktura leverantörsfaktura leverantorsreskontra leverantörsreskontra lon lön lonn lønn mail
    marketing marknad mejl noreply no-reply office okonomi økonomi order orders ordre ordrar payment payments personal post
    postmaster press purchase purchasing accounting accounts reception receptionen redovisning regnskap reskontra salg sales
    salj sälj service shop spedition styrelse styrelsen support teknik trafik transport verkstad webbshop webmaster webshop
    """
)
"""Mailboxes of a role, which several people read; with and without Swedish and Norwegian letters."""


@dataclass(frozen=True, slots=True)
class Email:
    """An address in its normal form, None when the text holds none or several; and whether it is the mailbox of a role."""

    value: str | None
    role_mailbox: bool = False


_NO_EMAIL: Final = Email(None)


@lru_cache(maxsize=CACHED)
def normalise_email(text: str | None) -> Email:
    """Return the address in lower case with its domain in ASCII; dots and +tags of the local part stay.

    `mailto:` and a display name go. Several addresses in one field are not one value.
    """
    address = _plain(_text(text, "an e-mail address")).rstrip(";, ")
    if found := _DISPLAY_NAME.fullmatch(address):
        address = found[1].strip()
    if address[:7].lower() == "mailto:":
        address = address[7:].partition("?")[0].strip()
    local, at, domain = address.lower().rpartition("@")
    ascii_domain = _ascii_domain(domain)
    if not at or not ascii_domain or not _LOCAL.fullmatch(local) or len(local.encode()) > _LONGEST_LOCAL:
        return _NO_EMAIL
    value = f"{unicodedata.normalize('NFC', local)}@{ascii_domain}"
    return Email(value, _is_role(local)) if len(value.encode()) <= _LONGEST_ADDRESS else _NO_EMAIL


def _is_role(local: str) -> bool:
    """Whether the part before @ is a role: `faktura`, also with a +tag or a number after it."""
    return local.partition("+")[0].rstrip("0123456789") in ROLES


def _ascii_domain(domain: str) -> str:
    """Return a domain as DNS takes it (xn-- for labels with other letters), "" when it is none."""
    labels = []
    for label in unicodedata.normalize("NFC", domain).split("."):
        if not label.isascii():
            if not all(letter.isalnum() or letter == "-" for letter in label):
                return ""
            label = "xn--" + label.encode("punycode").decode("ascii")
        if not _LABEL.fullmatch(label):
            return ""
        labels.append(label)
    name = ".".join(labels)
    return name if len(labels) > 1 and not labels[-1].isdigit() and len(name) <= _LONGEST_DOMAIN else ""


# Phone -------------------------------------------------------------------------------------------------------------------------

_TRUNK_ZERO: Final = re.compile(r"(?<=[0-9])([\s.\-]*)\(0\)")
_NUMBER: Final = re.compile(r"\+?[0-9][0-9\s.\-/()\u2010-\u2015\u2212]*")
_ANOTHER_NUMBER: Final = 5


@lru_cache(maxsize=CACHED)
def normalise_phone(text: str | None, country: str | None = None) -> str | None:
    """Return the number in E.164 (+46701740605), None when there is none, several, or one that cannot be dialled.

    *country* (ISO) is the address's, for numbers written without a country code. Words before and after ("vx", an extension) go,
    and so does (0) after a country code.
    """
    written = _TRUNK_ZERO.sub(r"\1", _text(text, "a phone number").replace("(+", "+"))
    found = _NUMBER.search(written)
    if found is None or sum(letter.isdigit() for letter in written[found.end() :]) >= _ANOTHER_NUMBER:
        return None
    region = (country or "").strip().upper() or None
    try:
        number = phonenumbers.parse(found[0], region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


# Postcode ----------------------------------------------------------------------------------------------------------------------

_NORDIC: Final = {
    "SE": re.compile(r"(?:SE?-?)?([1-9][0-9]{2})-?([0-9]{2})"),
    "NO": re.compile(r"(?:NO?-?)?([0-9]{4})()"),
    "DK": re.compile(r"(?:DK-?)?([0-9]{4})()"),
    "FI": re.compile(r"(?:FI-?)?([0-9]{5})()"),
}


@lru_cache(maxsize=CACHED)
def normalise_postcode(text: str | None, country: str | None = None) -> str | None:
    """Return the postcode: Sweden NNN NN (never from 0), Norway and Denmark four digits, Finland five; others only trimmed.

    The letters of these four countries before the number go. *country* is ISO.
    """
    written = _text(text, "a postcode")
    form = _NORDIC.get((country or "").strip().upper())
    if form is None:
        return written or None
    found = form.fullmatch("".join(_plain(written).upper().split()))
    return " ".join(part for part in found.groups() if part) if found else None


# Name --------------------------------------------------------------------------------------------------------------------------

_APOSTROPHES: Final = re.compile(r"[.'’‘`´]+")
_PUNCTUATION: Final = re.compile(r"[^\w]+|_+")
_FORMS_WITH_SIGNS: Final = re.compile(
    r"(?<!\w)(?:a/s|i/s|k/s|p/s|s/a|a/b)(?!\w)|\((?:publ|under bildande|ub|i likvidation|i konkurs)\)"
)
_FORMS_OF_WORDS: Final = re.compile(
    r"(?<!\w)(?:ek(?:onomisk)? för(?:ening)?|ideell förening|enskild firma|en?skilt? näringsverksamhet|gmbh (?:och|&) co kg"
    r"|europabolag|private limited)(?!\w)"
)
_FORMS: Final = _words(
    """
    ab aktiebolag aktiebolaget publ hb handelsbolag handelsbolaget kb kommanditbolag kommanditbolaget ef as asa ans da enk nuf
    ba ks aps ivs amba oy oyj ky ltd limited llc llp plc inc gmbh kg ohg bv nv sarl srl oü
    """
)
_FORMS_FIRST: Final = _words(
    """
    ab aktiebolag aktiebolaget hb handelsbolaget kb kommanditbolaget firma oy
    """
)


@lru_cache(maxsize=CACHED)
def name_key(text: str | None) -> str | None:
    """Return a name as a key to compare by, never to be written back: lower case, & as "och", no legal form, no punctuation.

    Letters with marks stay what they are (å, ä, ö and é are letters of their own). None for a name without a letter or digit.
    """
    folded = unicodedata.normalize("NFC", _text(text, "a name").casefold())
    plain = _FORMS_WITH_SIGNS.sub(" ", folded).replace("&", " och ")
    words = _PUNCTUATION.sub(" ", _APOSTROPHES.sub("", plain)).split()
    kept = _without_forms(words)
    return " ".join(kept or words) or None


def _without_forms(words: list[str]) -> list[str]:
    """Drop legal forms where they stand: at the end, or at the beginning for those that do; until none is left."""
    while True:
        left = _FORMS_OF_WORDS.sub(" ", " ".join(words)).split()
        while left and left[-1] in _FORMS:
            left = left[:-1]
        while left and left[0] in _FORMS_FIRST:
            left = left[1:]
        if left == words:
            return left
        words = left
