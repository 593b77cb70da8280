"""The suppliers that hauliers are in Fortnox: found by number, made where they are missing, never another's (accounting.md 6; OPT-03)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from brygga.clients.fortnox import Fortnox
from brygga.connectors.fortnox.document_map import spell
from brygga.core.contact import name_key
from brygga.core.document import Settlement
from brygga.core.plan import Remark
from brygga.core.record import ABSENT
from brygga.errors import NotFound, Rejected, Sentence

CURRENCY: Final = "SEK"
Raw = Mapping[str, Any]

SUPPLIER: Final[Mapping[str, str]] = {
    "supplier_name": "Name",
    "organisation_number": "OrganisationNumber",
    "vat_number": "VATNumber",
    "postcode": "ZipCode",
    "city": "City",
    "country": "CountryCode",
    "phone": "Phone1",
    "phone2": "Phone2",
    "fax": "Fax",
    "email": "Email",
    "website": "WWW",
    "bank_account": "BankAccountNumber",
    "iban": "IBAN",
    "bic": "BIC",
    "bankgiro": "BG",
    "plusgiro": "PG",
}
"""Our field of a settlement -> Fortnox' of a supplier."""


def found_or_made(client: Fortnox, settlement: Settlement) -> Remark | None:
    """See to it that the haulier's supplier is there; return what a person should know of it.

    Raises Rejected for somebody else's number and for a supplier that is put away.
    """
    number = str(settlement.supplier_number or "")
    try:
        held = client.suppliers.get(number)
    except NotFound:
        client.suppliers.create(_supplier_of(settlement, number))
        return None
    if held.get("Active") is False:
        raise Rejected(
            "Supplier {number}, {name}, is inactive in Fortnox, so the settlement with it was not made there.",
            repair="Make supplier {number} active in Fortnox, or give the haulier another supplier number in Opter.",
            rule="OPT-03",
            number=number,
            name=str(held.get("Name") or ""),
        )
    if _is_another(settlement, held):
        raise Rejected(
            "Supplier {number} in Fortnox is {name} ({theirs}), and the settlement is with {haulier} ({mine}).",
            repair="Correct the haulier's supplier number in Opter, or enter its organisation number on both sides.",
            rule="OPT-03",
            number=number,
            name=str(held.get("Name") or ""),
            theirs=_digits(held.get("OrganisationNumber")) or "–",
            haulier=str(settlement.supplier_name or ""),
            mine=_digits(settlement.organisation_number) or "–",
        )
    return _pays_elsewhere(settlement, held)


def _supplier_of(settlement: Settlement, number: str) -> dict[str, Any]:
    """Return a new supplier with the haulier's data, in signs that Fortnox takes."""
    values = {
        field: spell(name, str(value))
        for name, field in SUPPLIER.items()
        if (value := getattr(settlement, name)) not in (ABSENT, "")
    }
    lines = spell("street", str(settlement.street or "")).split("\n")
    streets = {"Address1": lines[0], "Address2": " ".join(lines[1:])}
    kept = {**values, **{name: text for name, text in streets.items() if text}}
    return {"SupplierNumber": number, "Active": True, "Currency": CURRENCY, "VATType": str(settlement.vat_type or "NORMAL"), **kept}


def _pays_elsewhere(settlement: Settlement, held: Raw) -> Remark | None:
    """Say that a supplier is paid to another account in Fortnox than Opter says: the card is people's, but nobody should learn it late."""
    for name in ("bankgiro", "plusgiro", "iban"):
        mine, theirs = str(getattr(settlement, name) or ""), str(held.get(SUPPLIER[name]) or "")
        if mine and theirs and _plain(mine) != _plain(theirs):
            facts = {
                "number": str(settlement.supplier_number),
                "name": str(settlement.supplier_name or ""),
                "mine": mine,
                "theirs": theirs,
            }
            said = (
                "Supplier {number}, {name}, is paid to {theirs} in Fortnox, and Opter says {mine}. Correct the one that is wrong."
            )
            return Remark(Sentence(said, facts), "OPT-03")
    return None


def _is_another(settlement: Settlement, held: Raw) -> bool:
    """Say whether the supplier with the haulier's number is somebody else, who must not be paid in its place.

    Organisation numbers tell; where one is missing, the VAT number or bankgiro that both have, and then the name.
    """
    mine, theirs = _digits(settlement.organisation_number), _digits(held.get("OrganisationNumber"))
    if mine and theirs:
        return mine != theirs
    alike = ((settlement.vat_number, held.get("VATNumber")), (settlement.bankgiro, held.get("BG")))
    if any(_digits(one) and _digits(one) == _digits(two) for one, two in alike):
        return False
    return name_key(str(settlement.supplier_name or "")) != name_key(str(held.get("Name") or ""))


def _digits(text: object) -> str:
    return "".join(sign for sign in str(text or "") if sign.isdigit())[-10:] if text is not ABSENT else ""


def _plain(number: str) -> str:
    return "".join(sign for sign in number if sign.isalnum()).upper()
