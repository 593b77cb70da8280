"""What must be in Fortnox before a document can be made there: looked up with as few calls as it takes, made when a person says so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal

from brygga.clients.fortnox import Fortnox, wire
from brygga.connectors.contract import Creation, Provided, Receipt, Update
from brygga.connectors.fortnox.accounts import NO_RIGHT, RATES
from brygga.connectors.verbs import Verbs, of_kind
from brygga.core.record import ABSENT, Article, Customer
from brygga.core.schedule import STOCKHOLM
from brygga.core.vat import same_regime
from brygga.errors import NotFound, Unauthorised

BY_LIST = 20
"""From so many numbers on the register is listed, 500 a request, instead of asked for one by one."""


def present(client: Fortnox, kind: str, ids: Collection[str], kinds: Mapping[str, Verbs]) -> set[str]:
    """Return those of *ids* that are there and active."""
    if kind == "currency":
        return {str(row.get("Code")) for row in client.currencies.list()} & set(ids)
    if kind == "open_day":
        today = datetime.now(STOCKHOLM).date()
        return {id for id in ids if is_open(client, today if id == "today" else date.fromisoformat(id))}
    if kind == "vat_type":
        return {id for id in ids if _is_taxed_so(client, id)}
    if kind == "vat_percent":
        return {id for id in ids if Decimal(id) == Decimal(id).to_integral_value()}
    if kind in CODES:
        known = codes(client, kind)
        return set(ids) if known is None else {id for id in ids if known.get(id, False)}
    if kind in LISTS and len(ids) > BY_LIST:
        number, register = LISTS[kind]
        return {str(row.get(number)) for row in getattr(client, register).list(filter="active")} & set(ids)
    verbs = of_kind(kinds, kind, "Fortnox")
    found = {id: verbs.get(id) for id in sorted(ids)}
    return {id for id, seen in found.items() if seen is not None and getattr(seen.record, "active", True) is not False}


def provide(client: Fortnox, kind: str, id: str, values: Mapping[str, str], kinds: Mapping[str, Verbs]) -> Provided:
    """Make what is missing by its own number, or make it active again; what is there and active is left as it is."""
    if kind == "currency":
        if present(client, kind, [id], kinds):
            return "there"
        rate = Decimal(values["rate"])
        body = {"Code": id, "Description": values.get("name") or id, "BuyRate": rate, "SellRate": rate, "Unit": Decimal(1)}
        client.currencies.create(body)
        return "made"
    if kind == "account":
        return _provide_account(client, id, values)
    if kind in CODES:
        return _provide_code(client, kind, id, values)
    verbs = of_kind(kinds, kind, "Fortnox")
    seen = verbs.get(id)
    if seen is None:
        record = _article(client, id, values) if kind == "article" else Customer(number=id, name=values["name"])
        [made] = verbs.create([Creation(id, record)])
        if not isinstance(made, Receipt):
            raise made
        return "made"
    if getattr(seen.record, "active", True) is False:
        # Streams never touch this field of an article; a person said so.
        if kind == "article":
            client.articles.update(id, {"Active": True})
        else:
            verbs.update(Update(seen.ref, {"active": False}, {"active": True}))
        return "activated"
    return "there"


def _article(client: Fortnox, id: str, values: Mapping[str, str]) -> Article:
    """Return an article as the row that waits for it says; with a rate alone it gets the predefined account of that rate."""
    rate = Decimal(values["vat"]) if values.get("vat") else ABSENT
    account = values.get("sales_account") or ""
    if rate is not ABSENT and not account:
        named = {str(row.get("Name")): str(row.get("Account") or "") for row in client.predefined_accounts.list()}
        sold = [f"SALES_{int(rate)}_SE", *(["SALES"] if rate == RATES["MP1"] else [])]
        account = next((found for name in sold if (found := named.get(name, "")) not in ("", "0")), "")
    return Article(
        number=id, name=values["name"], unit=values.get("unit") or ABSENT, vat=rate, sales_account=account if account else ABSENT
    )


def _provide_account(client: Fortnox, id: str, values: Mapping[str, str]) -> Provided:
    """Make an account in the financial year of the day that it is wanted for, as accounts belong to a year (accounting.md 1.1).

    Without a day, or with one that no year has, it goes into the year that Fortnox takes by itself: the latest.
    """
    year = client.financial_years.on(date.fromisoformat(values["date"])) if values.get("date") else None
    number = int(year["Id"]) if year is not None else None
    rows = client.accounts.list(**({} if number is None else {"financialyear": number}))
    row = next((row for row in rows if str(row.get("Number")) == id), None)
    if row is None:
        client.accounts.create({"Number": int(id), "Description": values["name"], "Active": True}, number)
        return "made"
    if row.get("Active") is False:
        client.accounts.update(id, {"Active": True}, number)
        return "activated"
    return "there"


CODES: Mapping[str, tuple[str, str]] = {
    "cost_center": ("cost_centers", "Code"),
    "project": ("projects", "ProjectNumber"),
    "terms_of_payment": ("terms_of_payments", "Code"),
    "terms_of_delivery": ("terms_of_deliveries", "Code"),
    "way_of_delivery": ("ways_of_delivery", "Code"),
    "price_list": ("price_lists", "Code"),
    "mode_of_payment": ("modes_of_payments", "Code"),
    "unit": ("units", "Code"),
}
"""Small registers: the client's, and the field that names a record in it (Fortnox API, section 9.14)."""


def codes(client: Fortnox, kind: str) -> dict[str, bool] | None:
    """Return what a small register holds, and whether each may be used; None where the connection may not read it."""
    register, name = CODES[kind]
    try:
        return {str(row.get(name)): _usable(row) for row in getattr(client, register).list()}
    except Unauthorised as error:
        if str(error.facts.get("code")) in NO_RIGHT:
            return None
        raise


def _usable(row: Mapping[str, object]) -> bool:
    return row.get("Active") is not False and row.get("Status") != "COMPLETED"


def _provide_code(client: Fortnox, kind: str, id: str, values: Mapping[str, str]) -> Provided:
    register, name = CODES[kind]
    known = codes(client, kind) or {}
    if known.get(id):
        return "there"
    if id in known:
        getattr(client, register).update(id, {"Status": "ONGOING"} if kind == "project" else {"Active": True})
        return "activated"
    body: dict[str, object] = {name: id, "Description": values.get("name") or id}
    if kind == "mode_of_payment":
        body["AccountNumber"] = int(values["account"])
    getattr(client, register).create(body)
    return "made"


LISTS: Mapping[str, tuple[str, str]] = {"customer": ("CustomerNumber", "customers"), "article": ("ArticleNumber", "articles")}


def _is_taxed_so(client: Fortnox, id: str) -> bool:
    """Say whether a customer has the VAT type that a document needs, as no document has one of its own: "12 EXPORT" (section 9.1)."""
    number, _, wanted = id.rpartition(" ")
    try:
        raw = client.customers.get(number)
    except NotFound:
        return False
    return same_regime(str(raw.get("VATType") or "SEVAT"), wanted)


def is_open(client: Fortnox, day: date) -> bool:
    """Say whether a day lies in a financial year and after the locked period (Fortnox API, section 9.14; accounting.md 6)."""
    try:
        end = wire.on_day(client.locked_period.get().get("EndDate"))
    except NotFound:
        end = None
    if end is not None and day <= end:
        return False
    return any(_within(row.get("FromDate"), day, row.get("ToDate")) for row in client.financial_years.list())


def _within(begin: object, day: date, end: object) -> bool:
    first, last = wire.on_day(begin), wire.on_day(end)
    return first is not None and last is not None and first <= day <= last
