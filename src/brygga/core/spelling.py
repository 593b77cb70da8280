"""How numbers, addresses and texts are written to Fortnox: in the form that the rules name, whatever they were typed like.

Sources: accounting.md 8.1 (organisation number NNNNNN-NNNN), 8.2 (VAT numbers), 8.3 (e-mail, postcode, country), Fortnox API section 5
(characters). What is typed in the business system stays there as it is; `diff.same` looks through these spellings, so none of them is
ever written back. A value that is no such value at all is left out, which is told: the rest of the record goes.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from brygga.core.contact import normalise_email, normalise_postcode
from brygga.core.countries import country_to_iso
from brygga.core.document import Document
from brygga.core.numbers import parse_vat_number, swedish_ten
from brygga.core.plan import Hold, Remark, joined
from brygga.core.record import ABSENT, Customer, Value, with_values
from brygga.core.retention import redact
from brygga.core.seen import Seen
from brygga.errors import Sentence

HOME: Final = "SE"
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_LINE_END: Final = re.compile(r"\r\n?|[\u2028\u2029\x85\v\f]")
_INVISIBLE: Final = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
_VAT_LETTERS: Final = re.compile(r"[A-Za-z]{2}")
_PARTS: Final = ("invoice", "visiting", "delivery")
_PREFIXES: Final = {"EL": "GR", "XI": "GB"}
"""Letters of VAT numbers that people take for the country's (8.2, 8.3)."""


# Texts ------------------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=65536)
def readable(text: str) -> str:
    """Return a text as a person meant it: entities of HTML decoded, one kind of line end, nothing that cannot be seen; done twice, the same.

    Web forms send "&amp;" and "&aring;"; spreadsheets and mail leave control characters, soft hyphens and spaces of no width.
    """
    while _ENTITY.search(text) and (decoded := _ENTITY.sub(lambda found: html.unescape(found[0]), text)) != text:
        text = decoded
    return "".join(sign for sign in _LINE_END.sub("\n", text) if sign in "\n\t" or _can_be_seen(sign))


def _can_be_seen(sign: str) -> bool:
    return sign not in _INVISIBLE and unicodedata.category(sign) != "Cc"


# Numbers and addresses ----------------------------------------------------------------------------------------------------------


def organisation_number(text: str, country: str = "") -> str | None:
    """Return a Swedish number as NNNNNN-NNNN, that of another country as it is typed; None for a Swedish one that is none."""
    if not text:
        return text
    if ten := swedish_ten(text, country):
        sign = "+" if "+" in unicodedata.normalize("NFKC", text) else "-"
        return f"{ten[:6]}{sign}{ten[6:]}"
    return None if country == HOME or (not country and _looks_swedish(text)) else text


def _looks_swedish(text: str) -> bool:
    return sum(sign.isdigit() for sign in text) in (10, 12)


def vat_number(text: str, country: str = "") -> str | None:
    """Return a VAT number without spaces, as VIES takes it; one of a country without a rule as typed; None for one that is wrong."""
    if not text:
        return text
    parsed = parse_vat_number(text, country or HOME)
    squeezed = re.sub(r"[\s.\-]", "", unicodedata.normalize("NFKC", text)).upper()
    if parsed.compact is not None and _VAT_LETTERS.match(squeezed):
        return parsed.compact
    return None if parsed.compact or country in ("", HOME) or _has_a_rule(squeezed[:2]) else text


def _has_a_rule(letters: str) -> bool:
    """Say whether numbers with these letters can be checked, by one that surely is none."""
    return letters in _CHECKED


_CHECKED: Final = frozenset(
    "AT BE BG CY CZ DE DK EE EL ES FI FR GB GR HR HU IE IT LT LU LV MT NL NO PL PT RO SE SI SK XI".split()  # noqa: SIM905
)


def email(text: str) -> str | None:
    """Return one address without what surrounds it, its capitals as typed; None for none, or for several in one field."""
    if not text:
        return text
    found = normalise_email(text).value
    typed = text.strip()
    return typed if found == typed.lower() else found


def postcode(text: str, country: str = "") -> str:
    """Return a postcode in its country's form (Sweden NNN NN) where it is one, else as typed; no country is Sweden's form if it fits."""
    return (normalise_postcode(text, country or HOME) or text) if text else text


def country(text: str) -> str:
    """Return the ISO code of a country's name or code, of EL and XI the country's own; as typed where it is none."""
    return _PREFIXES.get(text.strip().upper()) or country_to_iso(text) or text


# Records ------------------------------------------------------------------------------------------------------------------------


def spelled(seen: Seen, system: str) -> Seen:
    """Return a customer as it was read in *system*, spelled as Fortnox is to have it.

    What is no value of its field is left out (ABSENT: it is neither written nor taken away); `unfit` says so.
    """
    before = seen.record
    assert isinstance(before, Customer)
    values = {name: str(value) for name in _SPELLED if (value := getattr(before, name)) is not ABSENT and value}
    made: dict[str, str | None] = {}
    for part in _PARTS:
        if place := values.get(f"{part}_country"):
            made[f"{part}_country"] = country(place)
    home = made.get("invoice_country") or made.get("visiting_country") or ""
    for part in _PARTS:
        if code := values.get(f"{part}_postcode"):
            made[f"{part}_postcode"] = postcode(code, made.get(f"{part}_country") or home)
    if number := values.get("organisation_number"):
        made["organisation_number"] = organisation_number(number, home)
    if number := values.get("vat_number"):
        made["vat_number"] = vat_number(number, home)
    for name in ("email", "email_invoice"):
        if address := values.get(name):
            made[name] = email(address)
    changed: dict[str, Value] = {name: ABSENT if value is None else value for name, value in made.items() if value != values[name]}
    if not changed:
        return seen
    wrong = [name for name in made if made[name] is None]
    unfit = _several_unfit(seen, system, {name: values[name] for name in wrong}) if len(wrong) > 1 else None
    unfit = _unfit(seen, system, wrong[0], values[wrong[0]]) if len(wrong) == 1 else unfit
    return replace(seen, record=with_values(before, changed), unfit=unfit)


_SPELLED: Final = (
    "organisation_number", "vat_number", "email", "email_invoice",
    *(f"{part}_{what}" for part in _PARTS for what in ("country", "postcode")),
)  # fmt: skip


def _several_unfit(seen: Seen, system: str, wrong: Mapping[str, str]) -> Hold:
    texts = [f"“{value}”" if name.startswith("email") else redact(value) for name, value in wrong.items()]
    facts = {"name": str(getattr(seen.record, "name", "") or ""), "system": system, "id": seen.ref.id, "values": ", ".join(texts)}
    said = Sentence(
        "{name} ({system} {id}): {values} are no valid values of their fields. They are left out in Fortnox; the rest goes.", facts
    )
    return Hold(said, "", Sentence("Correct each of {values} of {name} in {system}.", facts))


def _unfit(seen: Seen, system: str, field: str, value: str) -> Hold:
    facts = {"name": str(getattr(seen.record, "name", "") or ""), "system": system, "id": seen.ref.id, "value": value}
    if field.startswith("email"):
        said = Sentence(
            "{name} ({system} {id}): “{value}” is not one address of e-mail. It is left out in Fortnox; the rest goes.", facts
        )
        return Hold(said, "", Sentence("Correct the address of {name} in {system}: one address in the field.", facts))
    facts["value"] = redact(value)
    if field == "vat_number":
        said = Sentence("{name} ({system} {id}): {value} is no valid VAT number. It is left out in Fortnox; the rest goes.", facts)
        return Hold(said, "", Sentence("Correct the VAT number of {name} in {system}, with its country's letters.", facts))
    said = Sentence(
        "{name} ({system} {id}): {value} is no valid organisation number. It is left out in Fortnox; the rest goes.", facts
    )
    return Hold(said, "", Sentence("Correct the organisation number of {name} in {system}.", facts))


# Documents ----------------------------------------------------------------------------------------------------------------------


def document_spelled(seen: Seen, system: str) -> Seen:
    """Return a document as it was read in *system*, its postcodes and countries in their form, as on a card (accounting.md 8.3).

    What is no postcode of its country stays as it is typed, so that nothing is lost on the way, and a person is told.
    """
    before = seen.record
    assert isinstance(before, Document)
    made: dict[str, str] = {}
    wrong: list[tuple[str, str]] = []
    home = country(str(before.invoice_country or ""))
    for part in ("invoice", "delivery"):
        typed = {what: str(getattr(before, f"{part}_{what}") or "") for what in ("country", "postcode")}
        place = country(typed["country"]) or home
        made[f"{part}_country"] = country(typed["country"])
        made[f"{part}_postcode"] = postcode(typed["postcode"], place)
        if typed["postcode"] and normalise_postcode(typed["postcode"], place or HOME) is None:
            wrong.append((typed["postcode"], place or HOME))
    changed: dict[str, Value] = {name: value for name, value in made.items() if value and value != getattr(before, name)}
    remark = joined([seen.remark, *(_no_postcode(seen, system, *one) for one in dict.fromkeys(wrong))])
    return replace(seen, record=with_values(before, changed), remark=remark) if changed or wrong else seen


def _no_postcode(seen: Seen, system: str, code: str, place: str) -> Remark:
    name = getattr(seen.record, "customer_name", "") or getattr(seen.record, "subject", "") or ""
    facts = {"name": str(name), "system": system, "id": seen.ref.id, "value": code, "country": place}
    said = Sentence(
        "{name} ({system} {id}): “{value}” is no postcode of {country}. It stands on the document as it is typed; correct it in {system}.",
        facts,
    )
    return Remark(said)
