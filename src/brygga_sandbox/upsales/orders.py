"""Orders and opportunities: one entity, told apart by probability (0 lost, 1 to 99 opportunity, 100 won)."""

from __future__ import annotations

from typing import Any

from brygga_sandbox.upsales import values as v
from brygga_sandbox.upsales.errors import invalid
from brygga_sandbox.upsales.kinds import client_brief, user_brief
from brygga_sandbox.upsales.state import Record, State, Values

_NEEDED = ("description", "date", "user", "client", "stage")


def read_order(state: State, body: Any, old: Record | None) -> Values:
    """Check a sale. What a PUT leaves out stays; rows that it brings take the place of all, under new ids."""
    checks = {
        "description": v.text(), "notes": v.text(), "date": v.day, "closeDate": v.day, "user": v.pointer(state, "users"),
        "client": v.pointer(state, "accounts"), "contact": v.pointer(state, "contacts"), "stage": v.pointer(state, "orderstages"),
        "probability": v.whole, "currency": v.text(3), "currencyRate": v.number, "priceListId": v.anything, "project": v.anything,
        "clientConnection": v.pointer(state, "accounts"), "invoiceRelatedClient": v.anything, "recurringInterval": v.anything,
        "periodization": v.anything, "lostReason": v.anything, "competitorId": v.anything,
    }  # fmt: skip
    if state.setup.integration_status == "take":
        checks["lastIntegrationStatus"] = v.listing
    found = v.read(body, checks, ())
    if "custom" in body:
        given = v.custom_in(state, "order", body["custom"])
        keep = old is not None and state.setup.custom == "keep"
        kept = {} if not keep or old is None else dict(old.values.get("custom", {}))
        named = {str(one["fieldId"]) for one in body["custom"]}
        found["custom"] = {id: value for id, value in kept.items() if id not in named} | given
    whole: Values = {**(old.values if old else {}), **found}
    for name in _NEEDED:
        if whole.get(name) in (None, ""):
            raise invalid(f"{name} is required")
    _check_people(state, whole, found, old)
    _check_money(state, found, whole, old)
    if "orderRow" in body:
        found["orderRow"] = [_row(state, one, place) for place, one in enumerate(v.listing("orderRow", body["orderRow"]), 1)]
    if old is None and not found.get("orderRow"):
        raise invalid("orderRow is required")
    _stage(state, found, old)
    return found if old is not None else {"notes": "", "custom": {}, "lastIntegrationStatus": []} | found


def _check_people(state: State, whole: Values, found: Values, old: Record | None) -> None:
    if _moved("client", found, old) and not state["accounts"][whole["client"]].values.get("active"):
        raise invalid("client is not active")
    if whole.get("contact") is not None and state["contacts"][whole["contact"]].values["client"] != whole["client"]:
        raise invalid("contact does not belong to client")
    if _moved("user", found, old) and not state["users"][whole["user"]].values.get("active"):
        raise invalid("user is not active")


def _moved(name: str, found: Values, old: Record | None) -> bool:
    return name in found and (old is None or old.values[name] != found[name])


def _check_money(state: State, found: Values, whole: Values, old: Record | None) -> None:
    iso = whole.get("currency") or state.setup.currency
    known = {one.values["iso"]: one for one in state["currencies"].values() if one.values.get("active")}
    if iso not in known and (old is None or old.values.get("currency") != iso):
        raise invalid(f"currency {iso} is not active")
    if old is None or "currency" in found:
        found["currency"] = iso
        found.setdefault("currencyRate", known[iso].values["rate"] if iso in known else 1.0)


def _stage(state: State, found: Values, old: Record | None) -> None:
    """Take the probability from the stage where the body says none, and set closeDate at 0 and 100."""
    if "probability" not in found and "stage" in found and (old is None or old.values["stage"] != found["stage"]):
        found["probability"] = state["orderstages"][found["stage"]].values["probability"]
    if "probability" not in found:
        return
    probability = found["probability"]
    if not 0 <= probability <= 100:
        raise invalid("probability must be between 0 and 100")
    before = None if old is None else old.values.get("probability")
    if probability in (0, 100) and before != probability:
        found.setdefault("closeDate", state.now().date().isoformat())
    elif probability not in (0, 100):
        found["closeDate"] = None


def _row(state: State, one: Any, place: int) -> Values:
    if not isinstance(one, dict):
        raise invalid("orderRow must be an array of objects")
    product = v.pointer(state, "products")("orderRow.product", one.get("product") or one.get("productId"))
    if product is None:
        raise invalid("orderRow.product is required")
    found: Values = {"product": product}
    for name in ("quantity", "price", "listPrice"):
        if one.get(name) is None:
            raise invalid(f"orderRow.{name} is required")
        found[name] = v.number(f"orderRow.{name}", one[name])
    found["purchaseCost"] = v.number(
        "orderRow.purchaseCost", one.get("purchaseCost", state["products"][product].values.get("purchaseCost") or 0)
    )
    found["sortId"] = one.get("sortId", place)
    found["custom"] = v.custom_in(state, "orderrow", one.get("custom") or [])
    found["tierQuantity"] = one.get("tierQuantity")
    found["bundleRows"] = [_bundle_row(state, row, at) for at, row in enumerate(one.get("bundleRows") or [], 1)]
    found["id"] = state.new_id("row")
    return found


def _bundle_row(state: State, one: Any, place: int) -> Values:
    if not isinstance(one, dict) or not v.known(one.get("productId"), state["products"]):
        raise invalid("orderRow.bundleRows.productId does not exist")
    numbers = {
        name: v.number(f"bundleRows.{name}", one.get(name, 0)) for name in ("quantity", "price", "listPrice", "purchaseCost")
    }
    return {
        "productId": one["productId"],
        **numbers,
        "sortId": one.get("sortId", place),
        "tierQuantity": one.get("tierQuantity", 1),
    }


def show_order(state: State, record: Record) -> Values:
    """Return a sale as the API shows it. Sums are of doubles, as the service reckons them."""
    kept = record.values
    stage = state["orderstages"].get(kept["stage"])
    value = sum(row["quantity"] * row["price"] for row in kept.get("orderRow", ()))
    cost = sum(row["quantity"] * row["purchaseCost"] for row in kept.get("orderRow", ()))
    contact = state["contacts"].get(kept.get("contact") or 0)
    rate = kept.get("currencyRate") or 1.0
    names = ("description", "notes", "date", "closeDate", "probability", "currency", "priceListId", "project", "recurringInterval",
             "periodization", "lostReason", "competitorId", "invoiceRelatedClient", "lastIntegrationStatus")  # fmt: skip
    return {
        "id": record.id,
        **{name: kept.get(name) for name in names},
        "user": user_brief(state, kept["user"]),
        "client": client_brief(state, kept["client"]),
        "clientConnection": client_brief(state, kept.get("clientConnection")),
        "contact": {"id": contact.id, "name": f"{contact.values.get('firstName') or ''} {contact.values['lastName']}".strip()}
        if contact
        else None,
        "stage": {"id": kept["stage"], "name": stage.values["name"] if stage else None},
        "currencyRate": v.number_out(rate),
        "value": v.number_out(value),
        "orderValue": v.number_out(value),
        "weightedValue": v.number_out(value * kept["probability"] / 100),
        "valueInMasterCurrency": v.number_out(value / rate),
        "purchaseCost": v.number_out(cost),
        "contributionMargin": v.number_out(value - cost),
        "orderRow": [_show_row(state, row) for row in kept.get("orderRow", ())],
        "custom": v.custom_out(state, "order", kept.get("custom", {})),
        "userEditable": True,
        "userRemovable": True,
    }


def _show_row(state: State, row: Values) -> Values:
    product = state["products"][row["product"]].values
    numbers = ("quantity", "price", "listPrice", "purchaseCost")
    # What of a product is nested in a row beside id and name is not recorded: nothing more is given away here [guess].
    brief = {"id": row["product"], "name": product["name"]}
    return {
        "id": row["id"],
        **{name: v.number_out(row[name]) for name in numbers},
        "discount": 0,
        "productId": row["product"],
        "product": brief,
        "sortId": row["sortId"],
        "tierQuantity": row.get("tierQuantity"),
        "bundleRows": [{k: v.number_out(x) if isinstance(x, float) else x for k, x in one.items()} for one in row["bundleRows"]],
        "custom": v.custom_out(state, "orderrow", row.get("custom", {})),
    }
