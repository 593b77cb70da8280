"""A haulier's data before a settlement with it goes to the books: what must be right, and how numbers are written (accounting.md 5.1, 6, 8).

Money and VAT hang on these numbers: a wrong bankgiro pays somebody else, and without a VAT number no input VAT may be deducted. Whatever
is doubtful waits for a person with the value in the sentence. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from stdnum import bic, iban

from brygga.core import spelling
from brygga.core.contact import normalise_email
from brygga.core.countries import country_to_iso
from brygga.core.document import Settlement
from brygga.core.giro import validate_giro
from brygga.core.money import percent_text
from brygga.core.numbers import organisation_number_in, parse_vat_number, se_ten
from brygga.core.plan import Hold
from brygga.core.settlements import SettlementLine
from brygga.errors import Sentence

RULE: Final = "OPT-03"

_WRONG: Final[Mapping[str, str]] = {
    "bankgiro": "Settlement {number} with {name} waits: {value} is no bankgiro number, its digits or its check digit are wrong.",
    "plusgiro": "Settlement {number} with {name} waits: {value} is no plusgiro number, its digits or its check digit are wrong.",
    "iban": "Settlement {number} with {name} waits: {value} is no IBAN, its country, length or check digits are wrong.",
    "bic": "Settlement {number} with {name} waits: {value} is no BIC.",
    "organisation_number": "Settlement {number} with {name} waits: {value} is no Swedish organisation number, its check digit is wrong.",
    "email": "Settlement {number} with {name} waits: {value} is no e-mail address.",
    "country": "Settlement {number} with {name} waits: {value} is no country.",
}


def is_charged_with_vat(vat_registered: bool, vat_number: str, country: str) -> bool:
    """Say whether a haulier is one with VAT: registered, with a number that is right and of its own country (accounting.md 6, 8.2)."""
    found = parse_vat_number(vat_number)
    return vat_registered and found.valid and found.country == country


def doubt_about(
    settlement: Settlement, lines: Iterable[SettlementLine], confirms: Callable[[str], bool] = lambda vat_number: False
) -> Hold | None:
    """Return why a settlement waits for a person, its VAT first; None where nothing is doubtful.

    confirms  whether a VAT number of another EU country was looked up in VIES: only then is the charge reversed (accounting.md 1.3)
    """
    facts = {"number": str(settlement.number or ""), "name": str(settlement.supplier_name or "")}
    return (
        _vat_doubt(settlement, list(lines), facts) or _unconfirmed(settlement, facts, confirms) or _number_doubt(settlement, facts)
    )


def _unconfirmed(settlement: Settlement, facts: dict[str, str], confirms: Callable[[str], bool]) -> Hold | None:
    value, country = str(settlement.vat_number or ""), str(settlement.country or "")
    if settlement.vat_registered is not True or country == "SE" or confirms(parse_vat_number(value).compact or value):
        return None
    return _hold(
        "Settlement {number} with {name} waits: the charge is reversed to {country}, and the VAT number {value} is not confirmed.",
        "Look {value} up in VIES, and put it under “Kontrollerade VAT-nummer” in the settings of Opter; or say in Opter that {name} is "
        "not registered for VAT.",
        {**facts, "value": value, "country": country},
    )


def _vat_doubt(settlement: Settlement, lines: list[SettlementLine], facts: dict[str, str]) -> Hold | None:
    country, value = str(settlement.country or ""), str(settlement.vat_number or "")
    named = {**facts, "value": value, "country": country}
    if not country:
        return _hold(
            "Settlement {number} with {name} waits: the haulier has no country, and VAT depends on it.",
            "Enter the country of {name} in Opter.",
            named,
        )
    if settlement.vat_registered is True:
        found = parse_vat_number(value)
        if not value:
            return _hold(
                "Settlement {number} with {name} waits: the haulier has no VAT number, so no input VAT may be deducted.",
                "Enter the VAT number of {name} in Opter, or say there that it is not registered for VAT.",
                named,
            )
        if not found.valid:
            return _hold(
                "Settlement {number} with {name} waits: {value} is no VAT number, so no input VAT may be deducted.",
                "Correct the VAT number of {name} in Opter: its country's letters, its digits, and for Sweden 01 at the end.",
                named,
            )
        if found.country != country:
            return _hold(
                "Settlement {number} with {name} waits: the VAT number {value} is of another country than the haulier's, {country}.",
                "Correct the country or the VAT number of {name} in Opter.",
                named,
            )
    abroad = country != "SE" and settlement.vat_registered is True
    taxed = [line for line in lines if line.kind != "deduction" and line.vat]
    if taxed and (abroad or settlement.vat_registered is not True):
        named["rate"] = percent_text(taxed[0].vat)
        why = "Settlement {number} with {name} waits: its lines carry {rate} % VAT, and the haulier is not registered for VAT."
        if abroad:
            why = "Settlement {number} with {name} waits: its lines carry {rate} % VAT, and the haulier in {country} charges none."
        return _hold(why, "Correct the VAT of the lines, or the haulier's registration and VAT number, in Opter.", named)
    return None


def _number_doubt(settlement: Settlement, facts: dict[str, str]) -> Hold | None:
    for name, template in _WRONG.items():
        value = str(getattr(settlement, name) or "")
        if value and not _is_right(name, value, str(settlement.country or "")):
            return _hold(template, "Correct it on the haulier {name} in Opter.", {**facts, "value": value})
    return None


def _is_right(name: str, value: str, country: str) -> bool:
    match name:
        case "bankgiro" | "plusgiro":
            return validate_giro(name, value).valid
        case "iban":
            return bool(iban.is_valid(value))
        case "bic":
            return bool(bic.is_valid(value))
        case "organisation_number":
            return country != "SE" or bool(se_ten(value))
        case "country":
            return country_to_iso(value) == value
        case _:
            return normalise_email(value).value is not None


def _hold(template: str, repair: str, facts: dict[str, str]) -> Hold:
    return Hold(Sentence(template, facts), RULE, Sentence(repair, facts))


def group_number(settlement: Settlement) -> Sentence | None:
    """Say that a haulier's VAT number holds another organisation number than its own: a VAT group, or a mistake (accounting.md 8.1)."""
    mine, held = se_ten(str(settlement.organisation_number or "")), organisation_number_in(str(settlement.vat_number or ""))
    if not mine or not held or mine == held:
        return None
    facts = {
        "number": str(settlement.number or ""),
        "name": str(settlement.supplier_name or ""),
        "value": str(settlement.vat_number),
    }
    return Sentence(
        "Settlement {number} with {name}: the VAT number {value} holds another organisation number than the haulier's.", facts
    )


def spelled(settlement: Settlement) -> Settlement:
    """Return a settlement with the haulier's numbers as they are written (accounting.md 5.1, 8.1 to 8.3); what is no number stays as typed."""
    country, account, bank = str(settlement.country or ""), str(settlement.iban or ""), str(settlement.bic or "")
    changes: dict[str, str | None] = {
        "organisation_number": spelling.organisation_number(str(settlement.organisation_number or ""), country),
        "vat_number": spelling.vat_number(str(settlement.vat_number or ""), country),
        "postcode": spelling.postcode(str(settlement.postcode or ""), country),
        "email": spelling.email(str(settlement.email or "")),
        "bankgiro": validate_giro("bankgiro", str(settlement.bankgiro or "")).display,
        "plusgiro": validate_giro("plusgiro", str(settlement.plusgiro or "")).display,
        "iban": iban.compact(account) if iban.is_valid(account) else None,
        "bic": bic.compact(bank) if bic.is_valid(bank) else None,
    }
    found: dict[str, Any] = {name: value for name, value in changes.items() if value}
    return replace(settlement, **found)
