"""What each register takes and shows: accounts, contacts, products, price lists, stages, users, currencies; orders are in orders.py."""

from __future__ import annotations

from typing import Any

from brygga_sandbox.upsales import values as v
from brygga_sandbox.upsales.errors import invalid
from brygga_sandbox.upsales.state import Record, State, Values

ADDRESS_TYPES = ("Mail", "Visit", "Invoice", "Other")
_ADDRESS = ("type", "address", "zipcode", "city", "state", "municipality", "country", "latitude", "longitude")


# Accounts -----------------------------------------------------------------------------------------------------------------


def read_account(state: State, body: Any, old: Record | None) -> Values:
    """Check a company. name is mandatory, at most 100 signs; an address has one of the known types."""
    checks = {
        "name": v.text(100), "phone": v.text(30), "fax": v.text(30), "webpage": v.text(100), "orgNo": v.text(32),
        "notes": v.text(), "active": v.flag, "currency": v.text(3), "isExternal": v.flag, "journeyStep": v.text(),
        "priceListId": v.anything, "users": v.listing, "addresses": v.listing, "categories": v.listing, "projects": v.listing,
        "parent": v.pointer(state, "accounts"), "operationalAccount": v.pointer(state, "accounts"),
        "deactivationReason": v.text(),
    }  # fmt: skip
    found = v.read(body, checks, ())
    if "custom" in body:
        found["custom"] = _customs(state, "account", body["custom"], old)
    if "users" in found:
        found["users"] = [v.pointer(state, "users")("users", one) for one in found["users"]]
    if "addresses" in found:
        found["addresses"] = [_address(one) for one in found["addresses"]]
    if found.get("name", None if old is None else "x") in (None, ""):
        raise invalid("name is required")
    if old is None:
        blank: Values = {"active": 1, "isExternal": 0, "users": [], "addresses": [], "categories": [], "projects": [], "custom": {}}
        found = blank | found
    return found


def _customs(state: State, entity: str, value: Any, old: Record | None) -> dict[str, Any]:
    given = v.custom_in(state, entity, value)
    if old is None or state.setup.custom == "drop":
        return given
    named = {str(one["fieldId"]) for one in value}
    return {**{id: kept for id, kept in old.values.get("custom", {}).items() if id not in named}, **given}


def _address(one: Any) -> Values:
    if not isinstance(one, dict) or not v.known(one.get("type"), ADDRESS_TYPES):
        raise invalid(f"addresses: type must be one of {', '.join(ADDRESS_TYPES)}")
    country = one.get("country")
    if country not in (None, "") and not (isinstance(country, str) and len(country) == 2 and country.isalpha()):
        raise invalid("addresses: country must be two letters")
    return {name: text.strip() if isinstance(text := one.get(name), str) else text for name in _ADDRESS}


def show_account(state: State, record: Record) -> Values:
    """Return a company as the API shows it; the address of type Mail stands by itself as well."""
    kept = record.values
    mail = next((one for one in kept.get("addresses", ()) if one["type"] == "Mail"), None)
    names = ("name", "phone", "fax", "webpage", "orgNo", "notes", "active", "currency", "priceListId", "journeyStep", "isExternal",
             "addresses", "categories", "projects", "deactivationReason")  # fmt: skip
    return {
        "id": record.id,
        **{name: kept.get(name) for name in names},
        "mailAddress": {name: value for name, value in mail.items() if name != "type"} if mail else None,
        "users": [user_brief(state, id) for id in kept.get("users", ())],
        "parent": client_brief(state, kept.get("parent")),
        "operationalAccount": client_brief(state, kept.get("operationalAccount")),
        "custom": v.custom_out(state, "account", kept.get("custom", {})),
        "userEditable": True,
        "userRemovable": True,
    }


def client_brief(state: State, id: int | None) -> Values | None:
    """Return a company as it stands nested in others."""
    if id is None or id not in state["accounts"]:
        return None
    return {"id": id, "name": state["accounts"][id].values["name"]}


def user_brief(state: State, id: int | None) -> Values | None:
    """Return a user as it stands nested in others."""
    if id is None or id not in state["users"]:
        return None
    user = state["users"][id].values
    return {"id": id, "name": user["name"], "email": user["email"], "role": user.get("role")}


# Contacts -----------------------------------------------------------------------------------------------------------------


def read_contact(state: State, body: Any, old: Record | None, first_last: bool) -> Values:
    """Check a contact: it belongs to a company, and has a last name (`name` where usingFirstnameLastname is not said)."""
    checks = {
        "firstName": v.text(50), "lastName": v.text(50), "name": v.text(50), "email": v.text(128), "phone": v.text(30),
        "cellPhone": v.text(30), "title": v.text(128), "notes": v.text(), "active": v.flag, "client": v.pointer(state, "accounts"),
    }  # fmt: skip
    found = v.read(body, checks, () if old is None else ("client",))
    if "name" in found and not first_last:
        first, _, last = str(found["name"]).rpartition(" ")
        found |= {"firstName": first, "lastName": last}
    found.pop("name", None)
    if "custom" in body:
        found["custom"] = _customs(state, "contact", body["custom"], old)
    if old is None:
        if not found.get("client"):
            raise invalid("client is required")
        if not found.get("lastName") or (first_last and not found.get("firstName")):
            raise invalid("firstName and lastName are required")
        found = {"active": 1, "custom": {}} | found
    return found


def show_contact(state: State, record: Record) -> Values:
    """Return a contact as the API shows it."""
    kept = record.values
    names = ("firstName", "lastName", "email", "phone", "cellPhone", "title", "notes", "active")
    return {
        "id": record.id,
        **{name: kept.get(name) for name in names},
        "name": " ".join(filter(None, (kept.get("firstName"), kept.get("lastName")))),
        "client": client_brief(state, kept.get("client")),
        "custom": v.custom_out(state, "contact", kept.get("custom", {})),
    }


# Products -----------------------------------------------------------------------------------------------------------------


def read_product(state: State, body: Any, old: Record | None, price_lists: bool) -> Values:
    """Check a product: a name, an article number that no other has, and prices whose lists exist.

    Prices are replaced as a whole by those of the body; without `usePriceLists` those of other lists than the default are gone
    as well where the body brings any.
    """
    checks = {
        "name": v.text(), "description": v.text(1024), "articleNo": v.text(100), "listPrice": v.number, "purchaseCost": v.number,
        "active": v.flag, "category": v.anything, "sortId": v.anything, "isMultiCurrency": v.flag, "isRecurring": v.flag,
        "recurringInterval": v.anything, "currencies": v.listing, "tiers": v.listing, "bundle": v.listing, "roles": v.listing,
        "bundlePriceAdjustment": v.anything, "bundlePriceAdjustmentType": v.anything, "bundleFixedPrice": v.anything,
        "bundleEditable": v.anything, "importId": v.anything,
    }  # fmt: skip
    found = v.read(body, checks, ())
    if "custom" in body:
        found["custom"] = _customs(state, "product", body["custom"], old)
    if found.get("name", None if old is None else "x") in (None, ""):
        raise invalid("name is required")
    number = found.get("articleNo")
    if number and any(one.values.get("articleNo") == number and one is not old for one in state["products"].values()):
        raise invalid(f"articleNo {number} is not unique")
    for one in found.get("currencies") or ():
        _price(state, one, price_lists)
    for one in found.get("bundle") or ():
        if not isinstance(one, dict) or not v.known(one.get("productId"), state["products"]):
            raise invalid("bundle: productId does not exist")
    if old is None:
        blank: Values = {
            "listPrice": 0.0,
            "purchaseCost": 0.0,
            "active": 1,
            "currencies": [],
            "tiers": [],
            "bundle": [],
            "custom": {},
        }
        found = blank | found
    return found


def _price(state: State, one: Any, price_lists: bool) -> None:
    if not isinstance(one, dict) or not v.known(one.get("currency"), {c.values["iso"] for c in state["currencies"].values()}):
        raise invalid("currencies: currency is not known")
    v.number("currencies.price", one.get("price"))
    if price_lists and state.setup.price_lists and not v.known(one.get("priceListId"), state["pricelists"]):
        raise invalid("currencies: priceListId does not exist")


def show_product(state: State, record: Record, price_lists: bool) -> Values:
    """Return a product as the API shows it; prices of other lists than the default only with `usePriceLists`."""
    kept = record.values
    prices = kept.get("currencies") or []
    if not (price_lists and state.setup.price_lists):
        default = next((one.id for one in state["pricelists"].values() if one.values.get("isDefault")), None)
        prices = [
            {k: x for k, x in one.items() if k != "priceListId"} for one in prices if one.get("priceListId") in (None, default)
        ]
    names = ("name", "description", "articleNo", "active", "category", "sortId", "isRecurring", "recurringInterval", "isMultiCurrency",
             "tiers", "bundle", "bundlePriceAdjustment", "bundlePriceAdjustmentType", "bundleFixedPrice", "bundleEditable",
             "importId")  # fmt: skip
    return {
        "id": record.id,
        **{name: kept.get(name) for name in names},
        "listPrice": v.number_out(kept.get("listPrice")),
        "purchaseCost": v.number_out(kept.get("purchaseCost")),
        "currencies": prices,
        "roles": kept.get("roles") or [],
        "custom": v.custom_out(state, "product", kept.get("custom", {})),
        "userEditable": True,
        "userRemovable": False,
    }


# Price lists, stages, users, currencies -----------------------------------------------------------------------------------


def read_price_list(state: State, body: Any, old: Record | None) -> Values:
    """Check a price list: a code of its own, and one default exactly, which is moved and never taken away."""
    found = v.read(
        body, {"name": v.text(), "code": v.text(), "active": v.anything, "isDefault": v.anything, "showDiscount": v.anything}, ()
    )
    if old is None and not found.get("name"):
        raise invalid("name is required")
    code = found.get("code")
    if code and any(one.values.get("code") == code and one is not old for one in state["pricelists"].values()):
        raise invalid("code is not unique")
    if old is not None and old.values.get("isDefault") and found.get("isDefault") is False:
        raise invalid("isDefault can not be changed from true to false")
    if found.get("isDefault") is True:
        for one in state["pricelists"].values():
            if one is not old:
                one.values["isDefault"] = False
    return found if old is not None else {"active": True, "isDefault": False, "showDiscount": False} | found


def show_price_list(state: State, record: Record) -> Values:
    """Return a price list as the API shows it."""
    names = ("name", "code", "active", "isDefault", "showDiscount")
    return {"id": record.id, **{name: record.values.get(name) for name in names}, "regBy": record.by, "modBy": record.by}


def read_stage(state: State, body: Any, old: Record | None) -> Values:
    """Check a stage: a name and a probability from 0 to 100."""
    found = v.read(body, {"name": v.text(), "probability": v.whole, "exclude": v.flag, "roles": v.listing}, ())
    if old is None and not found.get("name"):
        raise invalid("name is required")
    if not 0 <= found.get("probability", 50) <= 100:
        raise invalid("probability must be between 0 and 100")
    return found if old is not None else {"probability": 50, "exclude": 0, "roles": []} | found


def show_stage(state: State, record: Record) -> Values:
    """Return a stage as the API shows it."""
    return {"id": record.id, **{name: record.values.get(name) for name in ("name", "probability", "exclude", "roles")}}


def show_user(state: State, record: Record) -> Values:
    """Return a user as the API shows it."""
    names = ("name", "email", "role", "active", "administrator", "ghost", "userTitle", "userPhone", "userCellPhone")
    return {"id": record.id, **{name: record.values.get(name) for name in names}, "custom": record.values.get("custom", [])}


def show_currency(state: State, record: Record) -> Values:
    """Return a currency as the API shows it."""
    kept = record.values
    return {
        "id": record.id, "iso": kept["iso"], "rate": v.number_out(kept["rate"]),
        "masterCurrency": kept["masterCurrency"], "active": kept["active"],
    }  # fmt: skip


# Custom fields ------------------------------------------------------------------------------------------------------------


def read_field(state: State, entity: str, body: Any, old: Values | None) -> Values:
    """Check a custom field: name at most 128 signs, a data type in the spelling of the list, an alias that no other has."""
    checks = {
        "name": v.text(128), "alias": v.text(256), "datatype": v.anything, "default": v.anything, "dropdownDefault": v.anything,
        "visible": v.flag, "editable": v.flag, "locked": v.flag, "viewonly": v.flag, "searchable": v.flag, "lookupField": v.flag,
        "obligatoryField": v.flag, "maxLength": v.whole, "sortId": v.whole, "roles": v.listing, "stages": v.listing,
        "query": v.anything, "formGroup": v.text(128),
    }  # fmt: skip
    found = v.read(body, checks, () if old is None else ("datatype",))
    if old is None and not found.get("name"):
        raise invalid("name is required")
    if not v.known(found.setdefault("datatype", "String" if old is None else old["datatype"]), v.DATATYPES):
        raise invalid("datatype is not known")
    alias = found.get("alias")
    if alias and any(one.get("alias") == alias and one is not old for one in state.fields[entity].values()):
        raise invalid("alias is not unique")
    if found["datatype"] == "Select" and not isinstance(found.get("default", (old or {}).get("default")), list):
        raise invalid("default must be an array")
    blank: Values = {"alias": None, "default": None, "visible": 1, "editable": 0, "locked": 0, "viewonly": 0, "searchable": 0,
                     "obligatoryField": 0, "maxLength": 0, "sortId": 0, "roles": []}  # fmt: skip
    return (blank if old is None else old) | found
