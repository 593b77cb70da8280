"""What is missing in any of Fortnox' registers is made from here, by command and over HTTP alike, and the documents that waited for it go."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from brygga.connectors.contract import Need
from brygga.connectors.opter import streams
from brygga.core.document import Document
from brygga.core.plan import Hold
from brygga.errors import Sentence
from brygga.sync import repair
from opter_hub import OpterHub

REGISTERS: dict[str, tuple[str, tuple[str, str], str]] = {
    "article": ("articles", ("NY-1", "NY-2"), "Description"),
    "customer": ("customers", ("7001", "7002"), "Name"),
    "account": ("accounts", ("3097", "3098"), "Description"),
    "currency": ("currencies", ("ISK", "PLN"), "Description"),
    "cost_center": ("costcenters", ("LUL", "BOD"), "Description"),
    "project": ("projects", ("P71", "P72"), "Description"),
    "terms_of_payment": ("termsofpayments", ("17", "18"), "Description"),
    "terms_of_delivery": ("termsofdeliveries", ("XA", "XB"), "Description"),
    "way_of_delivery": ("wayofdeliveries", ("XA", "XB"), "Description"),
    "price_list": ("pricelists", ("T1", "T2"), "Description"),
    "unit": ("units", ("RULLE", "PALL"), "Description"),
    "mode_of_payment": ("modesofpayments", ("K1", "K2"), "Description"),
}
"""Kind -> Fortnox' register, an entry that is made by command and one over HTTP, and the field with its name."""
WAYS = ("command", "http")
TYPED = {"rate": "0,08", "account": "1930", "unit": "st", "vat": "12", "sales_account": "3002"}


def wanted() -> dict[str, tuple[str, str, str]]:
    """Return the number of an invoice -> the kind and id that it waits for, and how that is made."""
    found = [(kind, id, way) for kind, (_, ids, _) in REGISTERS.items() for id, way in zip(ids, WAYS, strict=True)]
    return {str(100700 + place): one for place, one in enumerate(found)}


def test_every_register_that_can_be_made_from_here_is_in_the_table() -> None:
    assert set(repair._MADE) == set(REGISTERS)


def test_what_is_missing_in_each_register_is_made_by_command_and_over_http_and_its_invoice_goes(
    opter_hub: OpterHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from brygga.cli import main
    from brygga.store import api_tokens
    from brygga.store.models import Company, Problem

    hub, waits, own = opter_hub, wanted(), streams.needs

    def needs(document: Document) -> Iterable[Need]:
        """Let each invoice need one entry more, as a document of another system may."""
        yield from own(document)
        number = str(document.own_number)
        if number in waits:
            kind, id, _ = waits[number]
            said = Sentence("Invoice {number}: {kind} {id} is not in Fortnox.", {"number": number, "kind": kind, "id": id})
            yield Need(kind, id, Hold(said, "", Sentence("Add it in Fortnox.")))

    monkeypatch.setattr(streams, "needs", needs)
    for number in waits:
        hub.invoice(number=number)
    hub.sync()
    told = {row.record_id: row for row in Problem.objects.filter(state=Problem.State.OPEN)}
    assert set(told) == set(waits)
    key = api_tokens.make(Company.objects.get(slug="acme"), "program", "bookkeeper", "test")[1]
    for number, (kind, id, way) in waits.items():
        assert f"Invoice {number}: {kind} {id}" in told[number].sentence["text"]
        offer = next(one for one in repair.offers(told[number]) if one.name == repair.MAKE)
        typed = {field: TYPED.get(field, f"Namn {id}") for field in offer.fields}
        if way == "command":
            words = [word for field, text in typed.items() for word in ("--set", f"{field}={text}")]
            monkeypatch.setattr(sys, "argv", ["brygga", "repair", str(told[number].pk), "--do", "make", *words])
            with pytest.raises(SystemExit) as ended:
                main.main()
            assert not ended.value.code
        else:
            address, body = f"/api/v1/problems/{told[number].pk}/repair", {"do": "make", "values": typed}
            answer: Any = Client().post(address, body, "application/json", headers={"authorization": f"Bearer {key}"})
            assert answer.status_code == 200, answer.content
    hub.sync()
    assert {str(one["DocumentNumber"]) for one in hub.records("invoices")} == set(waits)
    assert [row.sentence["text"] for row in Problem.objects.filter(state=Problem.State.OPEN)] == []
    for kind, id, _ in waits.values():
        register, _, name = REGISTERS[kind]
        [entry] = hub.fortnox_call("GET", f"/3/{register}/{id}").values()
        assert entry[name] == f"Namn {id}"


@pytest.mark.performs("Nothing has to be done: the record is tried again by itself.")
def test_an_account_is_made_in_the_year_of_the_document_and_a_creation_that_was_lost_goes_by_itself(opter_hub: OpterHub) -> None:
    """accounting.md 1.1: accounts belong to a year; that of the invoice's day, and not the latest one."""
    from brygga.store.models import Problem

    hub = opter_hub
    years = {}
    for year in ("2025", "2027"):
        wanted = {
            "FromDate": f"{year}-01-01",
            "ToDate": f"{year}-12-31",
            "AccountChartType": "BAS 2026",
            "AccountingMethod": "ACCRUAL",
        }
        kept = hub.fortnox_call("GET", f"/3/financialyears?date={year}-06-30")["FinancialYears"]
        made = kept or [hub.fortnox_call("POST", "/3/financialyears", {"FinancialYear": wanted})["FinancialYear"]]
        years[year] = made[0]["Id"]
    coding = [{"account": "3079", "text": "Kyltransport", "net": Decimal(1000), "vatPercent": 25}]
    hub.invoice(number="100801", invoiceDate="2025-12-30", dueDate="2026-01-29", coding=coding)
    hub.sync()
    [told] = Problem.objects.filter(state=Problem.State.OPEN)
    asked = repair.ask(told, repair.MAKE, {"name": "Kyltransporter"}, "test")
    assert asked.changes["date"] == (None, "2025-12-30")
    hub.fortnox.faults.arm("lost_request", method="POST", path="/3/invoices")
    hub.sync()
    assert hub.fortnox_call("GET", f"/3/accounts/3079?financialyear={years['2025']}")["Account"]["Description"] == "Kyltransporter"
    later = hub.fortnox_call("GET", f"/3/accounts?financialyear={years['2027']}&limit=500")["Accounts"]
    assert "3079" not in {str(one["Number"]) for one in later}
    hub.age()
    hub.sync()
    assert [str(one["DocumentNumber"]) for one in hub.records("invoices")] == ["100801"]
    assert [row.sentence["text"] for row in Problem.objects.filter(state=Problem.State.OPEN)] == []
