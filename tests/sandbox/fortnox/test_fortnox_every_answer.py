"""Key sets and JSON types of the recordings hold for every answer of a furnished company: every list row and every detail.

`test_fortnox_profile` and `test_documents_profile` look closely at chosen records; this one looks at all there are, and that nothing of
`recorded-profile.json` is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from brygga_sandbox import fortnox
from fortnox_company import NOW, Caller, furnish

Profile = dict[str, dict[str, dict[str, int]]]
# Path, wrapper of the list, wrapper of one, the recorded names of both; None where nothing of the kind is recorded.
REGISTERS: tuple[tuple[str, str, str, str | None, str | None], ...] = (
    ("customers", "Customers", "Customer", "Customers (list)", "Customer (detail)"),
    ("articles", "Articles", "Article", "Articles (list)", "Article (detail)"),
    ("projects", "Projects", "Project", "Projects (list)", "Project (detail)"),
    ("units", "Units", "Unit", "Units (list)", "Unit (detail)"),
    ("termsofpayments", "TermsOfPayments", "TermsOfPayment", "TermsOfPayments (list)", "TermsOfPayment (detail)"),
    ("orders", "Orders", "Order", "Orders (list)", "Order (detail)"),
    ("invoices", "Invoices", "Invoice", "Invoices (list)", "Invoice (detail)"),
    ("labels", "Labels", "Label", "Labels (list)", None),
)
SINGLE = (("companyinformation", "CompanyInformation", "CompanyInformation (detail)"), ("me", "Me", "Me (detail)"))
# Fields that only some recorded answers of the kind have (their counts in the profile are lower).
NOT_ALWAYS = {"Cost", "VATCode"}
FAMILY = {"str": "text", "str#": "text", "bool-str": "text", '""': "text", "int": "number", "float": "number"}
# Recorded as unset only; what they are when set is known from elsewhere.
ALSO: dict[str, set[str]] = {
    "Invoice (detail).TaxReduction": {"number"},  # Fortnox API, section 9.9: TotalToPay is Total less TaxReduction
    "Invoice (detail).InvoiceRows[].HouseWorkType": {"text"},  # recorded on rows of orders
    "Invoice (detail).InvoiceRows[].HouseWorkHoursToReport": {"number"},  # the definition: 0 to 999
    "Order (detail).OrderRows[].VATCode": {"null"},  # a row of text; recorded on rows of invoices
}


def family(value: Any) -> str:
    """Return the kind of a value in the profile's words, texts and numbers each as one."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "number"
    return "obj" if isinstance(value, dict) else "list"


class Held:
    """The profile, and what of it has been compared."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.seen: set[str] = set()

    def hold(self, name: str, answer: dict[str, Any]) -> None:
        """Compare an answer, its sub-objects and rows with what is recorded under a name."""
        recorded = self.profile[name]
        self.seen.add(name)
        assert set(answer) - NOT_ALWAYS == set(recorded) - NOT_ALWAYS, name
        for key, value in answer.items():
            if key not in recorded:
                continue
            where = f"{name}.{key}"
            kinds = {FAMILY.get(kind, kind) for kind in recorded[key]} | ALSO.get(where, set())
            assert family(value) in kinds, f"{where} is {value!r}, recorded as {sorted(recorded[key])}"
            if isinstance(value, dict):
                self.hold(where, value)
            elif isinstance(value, list) and f"{where}[]" in self.profile:
                for row in value:
                    self.hold(f"{where}[]", row)


@pytest.fixture(scope="module")
def call() -> Iterator[Caller]:
    with fortnox.running(rate_limit=False) as sandbox:
        sandbox.clock.stop_at(datetime.fromisoformat(NOW))
        furnish(sandbox)
        caller = Caller(sandbox)
        with caller.http:
            vary(caller)
            yield caller
        assert sandbox.failures == []


def vary(call: Caller) -> None:
    """Add records that differ from the plain ones: labels, projects, other rates, drafts, cancelled ones, a label of an order."""
    order = {"CustomerNumber": "2", "Project": "1", "Labels": [{"Id": 1}], "DeliveryDate": "2026-03-12", "Remarks": "Tack"}
    call.made(
        "orders",
        "Order",
        {**order, "OrderRows": [{"Description": "Bara text"}, {"ArticleNumber": "1", "DeliveredQuantity": "1.5"}]},
    )
    call.done("orders/3/cancel")
    references = {"YourOrderNumber": "B 7", "OurReference": "Anna", "ExternalInvoiceReference1": "webb-1"}
    call.made(
        "invoices", "Invoice", {"CustomerNumber": "1", "NotCompleted": True, "AdministrationFee": 50, "Freight": 25, **references}
    )
    call.made(
        "invoices", "Invoice", {"CustomerNumber": "1", "Currency": "EUR", "InvoiceRows": [{"ArticleNumber": "2", "Price": 9.99}]}
    )
    call.done("invoices/3/cancel")
    call.done("invoices/7/externalprint")
    call.made("articles", "Article", {"Description": "Arbete", "Type": "SERVICE", "Unit": "h"})


def test_every_list_and_every_detail_is_as_recorded(call: Caller, shared_facts: Path) -> None:
    held = Held(json.loads((shared_facts / "fortnox" / "recorded-profile.json").read_text("utf-8")))
    for path, many, one, of_list, of_detail in REGISTERS:
        answer = call("GET", path, params={"limit": 500}).json()
        rows = answer[many]
        assert rows, path
        if "MetaInformation" in answer:
            held.hold("MetaInformation", answer["MetaInformation"])
        for row in rows:
            if of_list is not None:
                held.hold(of_list, row)
            if of_detail is not None:
                held.hold(of_detail, call.http.get(row["@url"]).json()[one])
    for path, wrapper, name in SINGLE:
        held.hold(name, call("GET", path).json()[wrapper])
    held.hold("Label (detail)", call("PUT", "labels/1", json={"Label": {"Description": "Viktig"}}).json()["Label"])
    for wrong in (call("GET", "customers/99"), call("GET", "customers", params={"filter": "x"})):
        # The recorded set holds the keys in both spellings; an answer has them in one.
        (error,) = wrong.json().values()
        held.hold(
            "ErrorInformation",
            error | {key.lower(): value for key, value in error.items()} | {key.title(): value for key, value in error.items()},
        )
    assert held.seen == set(held.profile), "a recorded kind of answer was not compared"


def test_an_action_and_a_change_answer_as_the_detail_does(call: Caller) -> None:
    for path, wrapper in (("customers/1", "Customer"), ("articles/1", "Article"), ("orders/2", "Order"), ("invoices/5", "Invoice")):
        detail = call("GET", path).json()[wrapper]
        changed = call("PUT", path, json={wrapper: {"Comments" if wrapper != "Article" else "Note": "Ny"}}).json()[wrapper]
        assert list(changed) == list(detail)
    for path, wrapper in (
        ("orders/2/externalprint", "Order"),
        ("invoices/5/externalprint", "Invoice"),
        ("invoices/5/bookkeep", "Invoice"),
    ):
        acted = call("PUT", path, json={}).json()
        assert list(acted[wrapper]) == list(call("GET", path.rpartition("/")[0]).json()[wrapper])
