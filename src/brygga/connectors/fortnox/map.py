"""Fortnox' customer ↔ Customer, both ways side by side. Pure. The only place that knows Fortnox' field names of customers.

Sources: Fortnox API, sections 5 (values, null, API_BLANK, country), 6.6 (list against detail), 9.1 (customers).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from brygga.clients.fortnox.text import cleaned, forbidden, sign_by_sign
from brygga.connectors.fortnox.settings import Settings
from brygga.core.countries import country_to_iso
from brygga.core.numbers import parse_vat_number
from brygga.core.record import ABSENT, Absent, Customer, Text, Value
from brygga.core.spelling import readable
from brygga.core.vat import EU_STATES, Line, VatType, place_of_supply, vat_treatment
from brygga.errors import Rejected

Raw = Mapping[str, Any]
Use = Literal["create", "update"]

NO_RIGHT = "API_NORIGHT"
"""Stands in place of a value that the connected user may not see (section 3.5)."""

BLANK = "API_BLANK"
"""Fortnox' word for "set to empty", for texts that null does not clear (section 5.1)."""

# Ours -> Fortnox', one to one. Streets, kind and active are written out below.
FIELDS: Mapping[str, str] = {
    "number": "CustomerNumber",
    "name": "Name",
    "organisation_number": "OrganisationNumber",
    "vat_number": "VATNumber",
    "currency": "Currency",
    "vat_type": "VATType",
    "terms_of_payment": "TermsOfPayment",
    "email": "Email",
    "email_invoice": "EmailInvoice",
    "phone": "Phone1",
    "phone2": "Phone2",
    "fax": "Fax",
    "website": "WWW",
    "our_reference": "OurReference",
    "your_reference": "YourReference",
    "invoice_postcode": "ZipCode",
    "invoice_city": "City",
    "invoice_country": "CountryCode",
    "visiting_postcode": "VisitingZipCode",
    "visiting_city": "VisitingCity",
    "visiting_country": "VisitingCountryCode",
    "delivery_name": "DeliveryName",
    "delivery_postcode": "DeliveryZipCode",
    "delivery_city": "DeliveryCity",
    "delivery_country": "DeliveryCountryCode",
}
STREETS: Mapping[str, tuple[str, ...]] = {
    "invoice_street": ("Address1", "Address2"),
    "delivery_street": ("DeliveryAddress1", "DeliveryAddress2"),
    "visiting_street": ("VisitingAddress",),
}
HELD = frozenset({*FIELDS, *STREETS, "kind", "active"})
PLACES: Mapping[str, str] = {
    **FIELDS,
    **{name: " + ".join(places) for name, places in STREETS.items()},
    "kind": "Type",
    "active": "Active",
}
WAYS: Mapping[str, str] = {
    **dict.fromkeys(("invoice_street", "delivery_street"), "The first line goes to the first field, the others to the second."),
    **{name: "Two letters of the country (ISO)." for name in FIELDS if name.endswith("_country")},
    "kind": "COMPANY is a company, PRIVATE a private person.",
    "terms_of_payment": "The code in Fortnox' register of terms.",
    "vat_type": "Chosen when the customer is made; changed by people, in Fortnox or where the business system has it.",
}

LIMITS: Mapping[str, int] = {
    # Fortnox API, appendix A, Customers. A street of two fields holds one line in the first, the others in the second.
    "name": 1024,
    "email": 1024,
    "email_invoice": 1024,
    "phone": 1024,
    "phone2": 1024,
    "fax": 1024,
    "website": 128,
    "our_reference": 50,
    "your_reference": 50,
    "invoice_street": 1024,
    "invoice_postcode": 10,
    "invoice_city": 1024,
    "visiting_street": 128,
    "visiting_postcode": 10,
    "visiting_city": 128,
    "delivery_name": 1024,
    "delivery_street": 1024,
    "delivery_postcode": 10,
    "delivery_city": 1024,
}

# Free text, in which a sign that Fortnox refuses may become its nearest; addresses of mail and web, numbers and codes may not.
_SPELLED = frozenset(
    {
        "name",
        "phone",
        "phone2",
        "fax",
        "our_reference",
        "your_reference",
        "invoice_city",
        "visiting_city",
        "delivery_name",
        "delivery_city",
        *STREETS,
    }
)

# What the detail shows as "" when unset (section 5.2); the others show null and are cleared by it.
_BLANKED = frozenset(
    {"Email", "EmailInvoice", "OrganisationNumber", "OurReference", "TermsOfPayment", "VATNumber", "WWW", "YourReference"}
)
_NEVER_EMPTY = frozenset({"number", "name", "currency", "vat_type", "kind", "active"})
_KINDS = {"COMPANY": "company", "PRIVATE": "private"}
_LISTED = ("CustomerNumber", "Name", "Address1", "Address2", "City", "Email", "OrganisationNumber", "ZipCode")


# From Fortnox ----------------------------------------------------------------------------------------------------------


def customer_from_detail(raw: Raw) -> Customer:
    """Return a customer from Fortnox' detail. Unset (null or "") is ""; what the user may not see is ABSENT."""
    values: dict[str, Any] = {name: _text(raw, field) for name, field in FIELDS.items()}
    values |= {name: _street(raw, fields) for name, fields in STREETS.items()}
    values["kind"] = _KINDS.get(str(raw.get("Type")), ABSENT)
    values["active"] = raw["Active"] if isinstance(raw.get("Active"), bool) else ABSENT
    return Customer(**values)


def customer_from_list(row: Raw, active: bool | Absent = ABSENT) -> Customer:
    """Return a customer from a row of Fortnox' list, which lacks kind, VAT number, currency, terms and more: ABSENT.

    active  what the list was asked for, as a row does not say it
    """
    values: dict[str, Any] = {
        name: _text(row, FIELDS[name])
        for name in ("number", "name", "organisation_number", "email", "invoice_postcode", "invoice_city")
    }
    values["invoice_street"] = _street(row, STREETS["invoice_street"])
    values["phone"] = _text(row, "Phone")
    return Customer(**values, active=active)


def listed(raw: Raw) -> str:
    """Return a digest of what Fortnox' list shows of a customer, the same from a row and from a detail."""
    shown = [str(raw.get(field) or "") for field in _LISTED]
    shown.append(str((raw.get("Phone") if "Phone" in raw else raw.get("Phone1")) or ""))
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()


def _text(raw: Raw, field: str) -> Text:
    if field not in raw or raw[field] == NO_RIGHT:
        return ABSENT
    value = raw[field]
    return "" if value is None else str(value).strip()


def _street(raw: Raw, fields: tuple[str, ...]) -> Text:
    parts = [_text(raw, field) for field in fields]
    if any(part is ABSENT for part in parts):
        return ABSENT
    lines = (line.strip() for part in parts for line in str(part).splitlines())
    return "\n".join(filter(None, lines))


# To Fortnox --------------------------------------------------------------------------------------------------------------


def customer_fields(values: Mapping[str, Value], use: Use) -> dict[str, Any]:
    """Return these fields of a customer as Fortnox'; what Fortnox does not have, and what is ABSENT, is left out.

    On create an empty value is left out; on update it clears the field: null where the detail shows null, API_BLANK where it
    shows "". Raises Rejected for an update that would empty what Fortnox never lets be empty.
    """
    made: dict[str, Any] = {}
    for name, value in values.items():
        if value is ABSENT or name not in HELD:
            continue
        if value == "" and use == "update" and name in _NEVER_EMPTY:
            raise Rejected(
                "{field} was emptied, but a customer in Fortnox always has one.",
                repair="Fill it in again.",
                field=name,
            )
        for field, part in _parts(name, value):
            if part == "" and use == "create":
                continue
            made[field] = (BLANK if field in _BLANKED else None) if part == "" else part
    return made


def _parts(name: str, value: Value) -> list[tuple[str, Any]]:
    if name == "active":
        return [("Active", bool(value))]
    if name == "kind":
        return [("Type", "PRIVATE" if value == "private" else "COMPANY")] if value else []
    text = str(value).strip()
    if name not in STREETS:
        return [(FIELDS[name], text.upper() if name.endswith("_country") else text)]
    fields = STREETS[name]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(fields) == 1:
        return [(fields[0], "\n".join(lines))]
    return [(fields[0], lines[0] if lines else ""), (fields[1], "\n".join(lines[1:]))]


def spell(name: str, text: str) -> str:
    """Return a text in signs that Fortnox takes: O'Learys with ’, and nothing of what has no nearest sign (section 5)."""
    if name.endswith("_country"):
        # "SVERIGE" and "Sverige" typed for "SE" are understood; what is no country is told by the address rules.
        return country_to_iso(text) or text
    if name not in _SPELLED:
        return text
    text = readable(text)
    return cleaned(text) if forbidden(text) else text


def spell_formerly(name: str, text: str) -> str:
    """Return a text as earlier versions wrote it."""
    return sign_by_sign(text) if name in _SPELLED and forbidden(text) else text


def vat_type(customer: Customer, settings: Settings) -> VatType:
    """Return the VATType of a new customer, from country, kind and VAT number (accounting.md 1.3).

    The country is that of the delivery for goods, else of the invoice, else of the visit; a customer without any is in Sweden.
    A VAT number counts when it is well-formed, of that country, and the settings say that numbers are confirmed.
    """
    parts = ("delivery", "invoice", "visiting")[0 if settings.sells == "goods" else 1 :]
    part = next((part for part in parts if getattr(customer, f"{part}_country")), "")
    written = str(getattr(customer, f"{part}_country")) if part else "SE"
    country = place_of_supply(country_to_iso(written) or written, str(getattr(customer, f"{part}_postcode", "")))
    kind = "PRIVATE" if customer.kind == "private" else "COMPANY"
    number = str(customer.vat_number or "")
    valid = settings.eu_vat_numbers == "confirmed" and country in {*EU_STATES, "XI"} - {"SE"} and _of_country(number, country)
    return vat_treatment(Line(settings.sells, kind, country, vat_number_valid=valid)).vat_type


def undecided(card: Raw, settings: Settings) -> Customer | None:
    """Return the customer of a card that has Swedish VAT though it is a company elsewhere in the EU with a number of its country.

    Whether the number counts is a person's to say before the first document: 25 % would be charged in silence (accounting.md 1.3). None
    where it has been said that such numbers do not count.
    """
    if card.get("VATType") != "EUVAT" or settings.eu_vat_numbers == "unconfirmed":
        return None
    customer = customer_from_detail(card)
    counts = vat_type(customer, replace(settings, eu_vat_numbers="confirmed")) == "EUREVERSEDVAT"
    return customer if counts else None


def _of_country(number: str, country: str) -> bool:
    prefix = {"GR": "EL"}.get(country, country)
    return (parse_vat_number(number).compact or "").startswith(prefix)
