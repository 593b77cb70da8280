"""The shop's customers and articles ↔ Customer and Article, both ways side by side. Pure.

Company name, organisation and VAT number stand in fields that the shop has defined itself (`info_fields`). The shop has no place for
Fortnox' customer number: it is kept in the customer's own data (custom.fortnoxCustomerNumber).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from brygga.clients.textalk import Raw, wire
from brygga.core.money import Money, round_ore
from brygga.core.record import Article, Customer, Value

NUMBER: Final = "fortnoxCustomerNumber"
INVOICE: Final[Mapping[str, str]] = {"invoice_postcode": "postcode", "invoice_city": "town", "invoice_country": "country"}
DELIVERY: Final[Mapping[str, str]] = {"delivery_postcode": "postcode", "delivery_city": "town", "delivery_country": "country"}
CUSTOMER_HELD: Final = frozenset({
    "number", "name", "organisation_number", "vat_number", "email", "phone", "invoice_street", *INVOICE,
    "delivery_name", "delivery_street", *DELIVERY,
})  # fmt: skip
PHONES: Final = "address.phoneMobile, phoneDay, phoneNight"


def customer_places(info_fields: Mapping[str, str]) -> dict[str, str]:
    """Return our field -> where it lies with a customer of the shop."""
    return {
        "number": f"custom.{NUMBER}",
        "name": f"info.{info_fields['name']}, address.firstName + lastName",
        "kind": f"info.{info_fields['name']}",
        "organisation_number": f"info.{info_fields['organisation_number']}",
        "vat_number": f"info.{info_fields['vat_number']}",
        "email": "info.email",
        "phone": PHONES,
        "invoice_street": "address.address + address2",
        **{name: f"address.{place}" for name, place in INVOICE.items()},
        "delivery_name": "deliveryAddress.name",
        "delivery_street": "deliveryAddress.address + address2",
        **{name: f"deliveryAddress.{place}" for name, place in DELIVERY.items()},
    }


CUSTOMER_WAYS: Final[Mapping[str, str]] = {
    "name": "The company's name, else first and last name.",
    "kind": "A company where a company name or a VAT number stands.",
    "phone": "The first of the three that is filled; written to the mobile.",
    "delivery_street": "Empty where the delivery address is a copy of the other.",
}
ARTICLE_PLACES: Final[Mapping[str, str]] = {
    "number": "articleNumber",
    "name": "name.sv",
    "unit": "unit",
    "list_price": "price.regular",
    "vat": "vatRate",
    "active": "hidden, draft",
}
ARTICLE_WAYS: Final[Mapping[str, str]] = {
    "list_price": "With VAT in the shop, without VAT in Fortnox.",
    "vat": "A fraction in the shop: 0.06 is 6 percent.",
    "active": "Neither hidden nor a draft.",
}
ARTICLE_HELD: Final = frozenset({"number", "name", "unit", "list_price", "vat"})
ARTICLE_LIMITS: Final[Mapping[str, int]] = {"name": 200}


# Customers ----------------------------------------------------------------------------------------------------------------


def customer(raw: Mapping[str, Any], info_fields: Mapping[str, str], *, registered: bool) -> Customer:
    """Return a customer, or the snapshot of one in an order; a guest has no place for a number."""
    home, info = raw.get("address") or {}, raw.get("info") or {}
    there = raw.get("deliveryAddress") or {}
    own = {name: str(info.get(field) or "").strip() for name, field in info_fields.items()}
    person = " ".join(filter(None, (_text(home, "firstName"), _text(home, "lastName"))))
    values: dict[str, Any] = {
        "name": own["name"] or person,
        "kind": "company" if own["name"] or own["vat_number"] else "private",
        "organisation_number": own["organisation_number"],
        "vat_number": own["vat_number"],
        "email": str(info.get("email") or "").strip(),
        "phone": _text(home, "phoneMobile") or _text(home, "phoneDay") or _text(home, "phoneNight"),
        "invoice_street": _street(home),
        **{name: _text(home, field) for name, field in INVOICE.items()},
    }
    if there.get("copyAddress") or not there.get("address"):
        values |= dict.fromkeys(("delivery_name", "delivery_street", *DELIVERY), "")
    else:
        values |= {
            "delivery_name": _text(there, "name"),
            "delivery_street": _street(there),
            **{name: _text(there, field) for name, field in DELIVERY.items()},
        }
    if registered:
        values["number"] = number_of(raw)
    return Customer(**values)


def number_of(raw: Mapping[str, Any]) -> str:
    """Return Fortnox' number of a registered customer, "" where the shop does not know it."""
    return str((raw.get("custom") or {}).get(NUMBER) or "")


def customer_fields(values: Mapping[str, Value], raw: Mapping[str, Any], info_fields: Mapping[str, str]) -> Raw:
    """Return these fields as a patch of the shop's customer; *raw* is {} for a new one."""
    home: Raw = {field: str(values[name]) for name, field in INVOICE.items() if name in values}
    there: Raw = {field: str(values[name]) for name, field in DELIVERY.items() if name in values}
    info: Raw = {info_fields[name]: str(values[name]) for name in ("organisation_number", "vat_number") if name in values}
    if "email" in values:
        info["email"] = str(values["email"])
    if "name" in values:
        company = values.get("kind") == "company" or bool((raw.get("info") or {}).get(info_fields["name"]))
        if company:
            info[info_fields["name"]] = str(values["name"])
        else:
            home["firstName"], _, home["lastName"] = str(values["name"]).rpartition(" ")
    if "phone" in values:
        home["phoneMobile"] = str(values["phone"])
    if "invoice_street" in values:
        home |= _lines(str(values["invoice_street"]))
    if "delivery_street" in values:
        there |= {**_lines(str(values["delivery_street"])), "copyAddress": not values["delivery_street"]}
    if "delivery_name" in values:
        there["name"] = str(values["delivery_name"])
    patch: Raw = {name: part for name, part in (("address", home), ("deliveryAddress", there), ("info", info)) if part}
    if "number" in values:
        patch["custom"] = {NUMBER: str(values["number"])}
    return patch


def _text(address: Mapping[str, Any], field: str) -> str:
    return str(address.get(field) or "").strip()


def _street(address: Mapping[str, Any]) -> str:
    return "\n".join(filter(None, (_text(address, "address"), _text(address, "address2"))))


def _lines(street: str) -> Raw:
    first, _, rest = street.partition("\n")
    return {"address": first, "address2": rest.replace("\n", ", ")}


# Articles -----------------------------------------------------------------------------------------------------------------


def article(raw: Mapping[str, Any], currency: str) -> Article:
    """Return an article. Its price is told without VAT, as Fortnox' price lists are, in the shop's base currency."""
    price = wire.number(wire.nested(raw, "price", "regular", currency))
    values: dict[str, Any] = {
        "number": str(raw.get("articleNumber") or ""),
        "name": wire.spoken(raw.get("name")),
        "unit": str(raw.get("unit") or ""),
        "active": not (raw.get("hidden") or raw.get("draft")),
    }
    rate = wire.percent(raw.get("vatRate"))
    if rate is not None:
        values["vat"] = rate
    factor = _factor(raw, rate)
    if price is not None and factor is not None:
        values["list_price"] = Money(round_ore(price / factor), currency)
    return Article(**values)


def article_fields(values: Mapping[str, Value], raw: Mapping[str, Any], currency: str) -> Raw:
    """Return these fields as a patch of the shop's article. A price in another currency than the shop's own is left out."""
    patch: Raw = {}
    if "number" in values:
        patch["articleNumber"] = str(values["number"])
    if "name" in values:
        patch["name"] = {"sv": str(values["name"])}
    if "unit" in values:
        patch["unit"] = str(values["unit"]) or None
    rate = values["vat"] if isinstance(values.get("vat"), Decimal) else wire.percent(raw.get("vatRate"))
    if "vat" in values and isinstance(rate, Decimal):
        patch["vatRate"] = rate / 100
    price = values.get("list_price")
    if price is None and "vat" in values:
        # The price with VAT follows the new rate, so that the one without stays.
        price = article(raw, currency).list_price
    factor = _factor(raw, rate if isinstance(rate, Decimal) else None)
    if isinstance(price, Money) and price.currency == currency and factor is not None:
        patch["price"] = {"regular": {currency: round_ore(price.amount * factor)}}
        if not raw:
            # A new article: the price is with VAT, said and not left to the shop.
            patch["vatIsIncluded"] = True
    return patch


def _factor(raw: Mapping[str, Any], rate: Decimal | None) -> Decimal | None:
    """Return what a price without VAT is multiplied by for the shop's; None where the rate is not known, as none is 25 percent by itself."""
    if raw.get("vatIsIncluded") is False:
        return Decimal(1)
    return None if rate is None else 1 + rate / 100
