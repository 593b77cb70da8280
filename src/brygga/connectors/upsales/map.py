"""Upsales' company ↔ Customer and product ↔ Article, both ways side by side. Pure.

A company has no customer number, VAT number or e-mail address of its own: they are custom fields. What Fortnox calls the customer's
address is the address of type Invoice where the company has one, else the one of type Mail. Lengths: systems.md 4.1. Terms, VAT type
and delivery address lie where the account has places for them (`company_places.Places`).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from brygga.clients.upsales import wire
from brygga.clients.upsales.wire import Raw
from brygga.connectors.upsales.company_places import NO_PLACES, Places
from brygga.core.countries import country_to_iso
from brygga.core.document import Amount
from brygga.core.money import Money
from brygga.core.record import ABSENT, Article, Customer, Value

PLAIN: Final[Mapping[str, str]] = {
    "name": "name",
    "organisation_number": "orgNo",
    "phone": "phone",
    "fax": "fax",
    "website": "webpage",
}
CUSTOM: Final[Mapping[str, str]] = {"number": "FORTNOX_CUSTOMER_ID", "vat_number": "VAT_NO", "email": "EMAIL"}
ADDRESS: Final[Mapping[str, str]] = {"street": "address", "postcode": "zipcode", "city": "city", "country": "country"}
PLACES = ("invoice", "visiting")
HELD = frozenset({*PLAIN, *CUSTOM, "currency", *(f"{place}_{part}" for place in PLACES for part in ADDRESS)})
LIMITS: Final[Mapping[str, int]] = {"name": 100, "phone": 30, "fax": 30, "website": 100, "organisation_number": 32}

PLACES_OF: Final[Mapping[str, str]] = {
    **PLAIN,
    **{name: f"custom: {alias}" for name, alias in CUSTOM.items()},
    "currency": "currency",
    **{f"invoice_{part}": f"addresses (Invoice, Mail): {field}" for part, field in ADDRESS.items()},
    **{f"visiting_{part}": f"addresses (Visit): {field}" for part, field in ADDRESS.items()},
}
WAYS: Final[Mapping[str, str]] = {
    **{
        f"{place}_country": "The country's name or code; one that is not known stays as it is written."
        for place in (*PLACES, "delivery")
    },
    "currency": "A company without one says nothing of it, and is given none later.",
    "terms_of_payment": "The choice with the code, or with the name that Fortnox' register begins with; one that is not there is shown as none.",
    "vat_type": "The choice with the name or the code of Fortnox' kinds of VAT.",
}
CURRENCY = "SEK"
ARTICLE_HELD = frozenset({"number", "name", "list_price", "cost_price", "active"})
ARTICLE_PLACES: Final[Mapping[str, str]] = {
    "number": "articleNo, custom: FORTNOX_ID",
    "name": "name",
    "list_price": "listPrice, currencies",
    "cost_price": "purchaseCost, currencies",
    "active": "active",
}
ARTICLE_WAYS: Final[Mapping[str, str]] = {
    "list_price": "The price in kronor of the default list; the other lists and currencies are kept."
}
ARTICLE_LIMITS: Final[Mapping[str, int]] = {"number": 100}


# Companies ----------------------------------------------------------------------------------------------------------------


def customer_from_account(raw: Mapping[str, Any], ids: Mapping[str, int], more: Places = NO_PLACES) -> Customer:
    """Return a company as a customer. Unset is ""; a country that is not known stays as it is written."""
    values: dict[str, Any] = {name: _text(raw.get(field)) for name, field in PLAIN.items()}
    custom = wire.custom_values(raw)
    values |= {name: _text(custom.get(ids.get(alias, -1))) for name, alias in CUSTOM.items()}
    values |= {name: more.said(name, _text(custom.get(field.id))) for name, field in more.fields.items()}
    values["currency"] = _text(raw.get("currency")).upper() or ABSENT
    for place in (*PLACES, *more.addresses):
        address = address_of(raw, place, more) or {}
        values |= {f"{place}_{part}": _text(address.get(field)) for part, field in ADDRESS.items()}
    for name in values:
        if name.endswith("_country"):
            values[name] = country_to_iso(values[name]) or values[name]
    return Customer(**values)


def address_of(raw: Mapping[str, Any], place: str, more: Places = NO_PLACES) -> Raw | None:
    """Return the address that a place lies in, None while the company has none."""
    there = [one for one in raw.get("addresses") or () if isinstance(one, dict)]
    wanted = {"visiting": ("Visit",), "delivery": (more.delivery,)}.get(place, ("Invoice", "Mail"))
    return next((one for kind in wanted for one in there if one.get("type") == kind), None)


def account_fields(
    values: Mapping[str, Value], raw: Mapping[str, Any], ids: Mapping[str, int], more: Places = NO_PLACES
) -> dict[str, Any]:
    """Return these fields as a company's body. *raw* is the company as it is now, {} for a new one.

    Addresses and custom values are lists that a PUT replaces, so all of them go along.
    """
    made: dict[str, Any] = {PLAIN[name]: str(value) for name, value in values.items() if name in PLAIN and value is not ABSENT}
    if values.get("currency", ABSENT):
        made["currency"] = str(values["currency"])
    given = {ids[CUSTOM[name]]: str(value) for name, value in values.items() if name in CUSTOM and value is not ABSENT}
    given |= {
        field.id: more.written(name, str(values[name]))
        for name, field in more.fields.items()
        if values.get(name, ABSENT) is not ABSENT
    }
    if given:
        made["custom"] = wire.custom_list({**wire.custom_values(raw), **given})
    addresses = [dict(one) for one in raw.get("addresses") or ()]
    touched = False
    for place in (*PLACES, *more.addresses):
        parts = {
            ADDRESS[part]: str(values[f"{place}_{part}"]) for part in ADDRESS if values.get(f"{place}_{part}", ABSENT) is not ABSENT
        }
        if not parts or (not any(parts.values()) and address_of(raw, place, more) is None):
            continue
        touched = True
        old = address_of({"addresses": addresses}, place, more)
        if old is None:
            addresses.append({"type": {"visiting": "Visit", "delivery": more.delivery}.get(place, "Mail"), **parts})
        else:
            old.update(parts)
    if touched:
        made["addresses"] = addresses
    return made


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


# Products -----------------------------------------------------------------------------------------------------------------


def article_from_product(raw: Mapping[str, Any]) -> Article:
    """Return a product as an article. Prices are those of the account's own currency, which is kronor."""
    return Article(
        number=_text(raw.get("articleNo")),
        name=_text(raw.get("name")),
        list_price=_money(raw.get("listPrice")),
        cost_price=_money(raw.get("purchaseCost")),
        active=raw.get("active") in (1, True),
    )


def _money(value: object) -> Amount:
    number = wire.number(value)
    return Money(Decimal(0) if number is None else number, CURRENCY)


def product_fields(values: Mapping[str, Value], raw: Mapping[str, Any], ids: Mapping[str, int]) -> dict[str, Any]:
    """Return these fields as a product's body. *raw* is the product as it is now, {} for a new one.

    The prices of all lists and currencies go along when one of them changes: those that are left out would be lost (Products, With
    price lists). The list price is that of the account's own currency in the default list, which comes first.
    """
    made: dict[str, Any] = {}
    for name, field in (("number", "articleNo"), ("name", "name")):
        if values.get(name, ABSENT) is not ABSENT:
            made[field] = str(values[name])
    if values.get("active", ABSENT) is not ABSENT:
        made["active"] = int(bool(values["active"]))
    for name, field in (("list_price", "listPrice"), ("cost_price", "purchaseCost")):
        value = values.get(name, ABSENT)
        if isinstance(value, Money):
            made[field] = value.amount
    if "number" in values and "FORTNOX_ID" in ids:
        made["custom"] = wire.custom_list({**wire.custom_values(raw), ids["FORTNOX_ID"]: str(values["number"])})
    prices = [dict(one) for one in raw.get("currencies") or ()]
    if prices and ("listPrice" in made or "purchaseCost" in made):
        first = min((one.get("priceListId") or 0 for one in prices), default=0)
        for one in prices:
            if one.get("currency") == CURRENCY and (one.get("priceListId") or 0) == first:
                one["price"] = made.get("listPrice", one.get("price"))
                one["purchaseCost"] = made.get("purchaseCost", one.get("purchaseCost"))
        made["currencies"] = prices
    return made
