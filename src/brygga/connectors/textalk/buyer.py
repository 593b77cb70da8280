"""Who bought: the order's own snapshot of its customer, as the document shows it, and the id that tells buyers apart. Pure.

A document carries the buyer of its order, whoever used the e-mail address first and whatever a card says (ML 17:24). The id is the same
in every run: the organisation number, else the VAT number, else the registered customer's uid, else e-mail and name, else the order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from brygga.clients.textalk import Raw, wire
from brygga.connectors.textalk import map as mapping
from brygga.core.contact import name_key, normalise_email, normalise_postcode
from brygga.core.countries import country_to_iso
from brygga.core.match import Identity, identity_of
from brygga.core.numbers import is_personal, organisation_number_in, parse_no_orgnr, parse_vat_number, swedish_ten
from brygga.core.record import Customer, Value
from brygga.core.vat import VatType, in_eu, vat_country

APART: Final = ";"
"""Stands in an id between the buyer and the VAT type of what goes to another VAT area than the buyer's own."""
LONGEST: Final = 90
BLANK: Final = ("delivery_name", "delivery_street", "delivery_postcode", "delivery_city", "delivery_country")


def snapshot(order: Mapping[str, Any], info_fields: Mapping[str, str]) -> Customer:
    """Return the buyer as the order says it: numbers, e-mail and postcodes in their one spelling, as far as they are what they should be."""
    said = mapping.customer(order.get("customer") or {}, info_fields, registered=False)
    country, there = _country(said.invoice_country), _country(said.delivery_country)
    email = str(said.email or "")
    return replace(
        said,
        email=normalise_email(email).value or email,
        organisation_number=_number(str(said.organisation_number or ""), country),
        invoice_country=country,
        delivery_country=there,
        invoice_postcode=_postcode(said.invoice_postcode, country),
        delivery_postcode=_postcode(said.delivery_postcode, there or country),
    )


def _country(text: object) -> str:
    """Return a country as its two letters, also where the shop has it in words ("SVERIGE"); one that is none stays as it is said."""
    said = str(text or "")
    return country_to_iso(said) or said.upper()


def _number(text: str, country: str) -> str:
    """Return a Swedish organisation number as NNNNNN-NNNN, also of a buyer abroad where it is written as one; others as typed.

    Some type their VAT number where the organisation number is asked for; it holds the same ten digits.
    """
    ten = swedish_ten(text, country) or organisation_number_in(text)
    return f"{ten[:6]}-{ten[6:]}" if ten else text


def _postcode(text: object, country: str) -> str:
    return normalise_postcode(str(text or ""), country or "SE") or str(text or "")


def card(order: Mapping[str, Any], info_fields: Mapping[str, str], vat_type: VatType | None) -> Customer:
    """Return what a new customer of Fortnox is made of: the buyer without where this one order goes."""
    said = snapshot(order, info_fields)
    made = replace(said, delivery_name="", delivery_street="", delivery_postcode="", delivery_city="", delivery_country="")
    return made if vat_type is None else replace(made, vat_type=vat_type)


def shown(order: Mapping[str, Any], info_fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a document that say who bought and where it goes. What the order does not have is empty, never the card's."""
    said = snapshot(order, info_fields)
    person = _person(wire.nested(order, "customer", "address") or {})
    elsewhere = bool(said.delivery_street)
    return {
        "customer_name": said.name,
        "organisation_number": said.organisation_number,
        "email": said.email,
        "phone": said.phone,
        "your_reference": person if person != said.name else "",
        "invoice_street": said.invoice_street,
        "invoice_postcode": said.invoice_postcode,
        "invoice_city": said.invoice_city,
        "invoice_country": said.invoice_country,
        **{name: getattr(said, name) for name in BLANK},
        **(
            {"delivery_name": said.delivery_name or _person(wire.nested(order, "customer", "deliveryAddress") or {})}
            if elsewhere
            else {}
        ),
    }


def _person(address: Mapping[str, Any]) -> str:
    return " ".join(str(address[part]).strip() for part in ("firstName", "lastName") if address.get(part))


# Ids ----------------------------------------------------------------------------------------------------------------------


def buyer_of(order: Raw, info_fields: Mapping[str, str]) -> str:
    """Return the id of an order's buyer: one that the shop has no record of is told by what it says of itself."""
    said = snapshot(order, info_fields)
    uid = wire.nested(order, "customer", "uid")
    id = _by_number(said) or (str(uid) if uid else _by_mailbox(said)) or f"order:{order['uid']}"
    apart = _apart(said, regime_of(order))
    return f"{id}{APART}{apart}" if apart else id


def _by_number(said: Customer) -> str:
    text, country = str(said.organisation_number or ""), str(said.invoice_country or "SE")
    ten = swedish_ten(text, country)
    if ten and not is_personal(ten):
        return f"org:{ten}"
    if country == "NO" and (nine := parse_no_orgnr(text).compact):
        return f"org:NO{nine}"
    vat = parse_vat_number(str(said.vat_number or ""), country).compact or ""
    return f"vat:{vat}" if vat and not (vat.startswith("SE") and is_personal(vat[2:12])) else ""


def _by_mailbox(said: Customer) -> str:
    email = normalise_email(str(said.email or "")).value
    if not email:
        return ""
    id = f"guest:{email},{(name_key(str(said.name or '')) or '').replace(' ', '-')}"
    if len(id) <= LONGEST:
        return id
    return f"guest:{email[:50]}~{hashlib.sha256(id.encode()).hexdigest()[:20]}"


def regime_of(order: Mapping[str, Any]) -> VatType:
    """Return the VAT type that an order was sold by, as its rates and where it goes say: see order_vat for whether it may be."""
    rates = [wire.percent(wire.nested(item, "costs", "total", "vatRate")) for item in order.get("items") or ()]
    goes = goes_to(order)
    if any(rates) or goes == "SE":
        foreign = in_eu(goes, goods=True)
        swedish = all(rate is None or rate in (25, 12, 6, 0) for rate in rates)
        return "EUVAT" if foreign and swedish else "SEVAT"
    return "EUREVERSEDVAT" if in_eu(goes, goods=True) else "EXPORT"


def type_of_card(order: Mapping[str, Any]) -> VatType:
    """Return the VAT type of a new customer for an order: a taxed one is the buyer's own country's, wherever this one parcel goes."""
    regime = regime_of(order)
    home = wire.nested(order, "customer", "address") or {}
    own = vat_country(str(home.get("country") or ""), str(home.get("postcode") or ""))
    return "SEVAT" if regime == "EUVAT" and not in_eu(own, goods=True) else regime


def goes_to(order: Mapping[str, Any]) -> str:
    """Return the country that an order goes to, as VAT on goods knows it: the delivery's, else the buyer's, else Sweden."""
    there = wire.nested(order, "customer", "deliveryAddress") or {}
    home = wire.nested(order, "customer", "address") or {}
    where = home if there.get("copyAddress") or not there.get("country") else there
    return vat_country(str(where.get("country") or ""), str(where.get("postcode") or ""))


def _apart(said: Customer, regime: VatType) -> str:
    """Return the VAT type of a sale without VAT that leaves the buyer's own VAT area, "" where the buyer's own card does."""
    if regime in ("SEVAT", "EUVAT"):
        return ""
    own = vat_country(str(said.invoice_country or ""), str(said.invoice_postcode or ""))
    at_home = in_eu(own, goods=True) if regime == "EUREVERSEDVAT" else own != "SE" and not in_eu(own, goods=True)
    return "" if at_home else regime


def identify(values: Mapping[str, Value]) -> Identity:
    """Return by what a buyer is recognised in Fortnox; by nothing where the sale needs a customer of its own, of another VAT type."""
    vat_type = values.get("vat_type")
    if isinstance(vat_type, str) and vat_type in ("EUREVERSEDVAT", "EXPORT"):
        where = [str(values.get(name) or "") for name in ("invoice_country", "invoice_postcode")]
        said = Customer(invoice_country=where[0], invoice_postcode=where[1])
        if _apart(said, vat_type):  # type: ignore[arg-type]
            return Identity()
    return identity_of(values)


__all__ = ["APART", "buyer_of", "card", "goes_to", "identify", "regime_of", "shown", "snapshot", "type_of_card"]
