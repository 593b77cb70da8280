"""An account counts in the financial year of its document's day, and a day without a year says so (kinds 7 and 11; accounting.md 1.1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from mobigo_hub import MobigoHub
from opter_hub import OpterHub

FREIGHT = {"account": "3077", "text": "Expressgods", "net": 1000, "vatPercent": 25}
PACKING = {"articleNumber": "200", "name": "Packning 15 mm", "quantity": 4, "unit": "st", "price": 12.5}
HAULIER = {
    "supplierCode": "A01",
    "supplierNumber": "200",
    "name": "Åkeri Nordtrans AB",
    "organisationNumber": "556036-0793",
    "vatNumber": "SE556036079301",
    "bankgiro": "5050-1055",
    "selfBillingAgreement": "2026-01-02",
    "address": {"street": "Åkarvägen 1", "postalCode": "972 41", "city": "Luleå", "countryCode": "SE"},
}


def year(hub: OpterHub, first: str, last: str) -> Any:
    body = {"FromDate": first, "ToDate": last, "AccountChartType": "BAS 2026", "AccountingMethod": "ACCRUAL"}
    return hub.fortnox_call("POST", "/3/financialyears", {"FinancialYear": body})["FinancialYear"]["Id"]


def account(hub: OpterHub, number: str, of: int) -> None:
    body = {"Number": int(number), "Description": f"Konto {number}", "VATCode": "MP1"}
    hub.fortnox_call("POST", f"/3/accounts?financialyear={of}", {"Account": body})


def dated(hub: OpterHub, number: str, day: str) -> None:
    hub.invoice(number, invoiceDate=day, dueDate=day, coding=[FREIGHT])


def settled(hub: OpterHub, number: str, day: str) -> None:
    lines = ({"kind": "transport", "text": "Körningar", "net": 48250, "vatPercent": 25},)
    given = {
        "number": number,
        "supplier": HAULIER,
        "settlementDate": day,
        "dueDate": day,
        "lines": lines,
        "texts": ["Självfakturering"],
    }
    hub.opter.load("Settlements", [given])


def told(hub: Any, stream: str) -> list[str]:
    return sorted(one["text"] for one in hub.problems(stream, "hold", "failed"))


@pytest.mark.performs("Make the financial year in Fortnox under Inställningar, or correct the day in {system}.")
def test_an_account_of_one_year_alone_lets_its_invoices_and_settlements_go_and_those_of_the_other_year_wait(
    opter_hub: OpterHub,
) -> None:
    """Two years, each with accounts of its own; then a third that is missing: each says account or year, and goes when that is there."""
    from brygga.sync.resolve import answer

    hub = opter_hub
    have = {str(row["Number"]) for row in hub.fortnox_call("GET", "/3/accounts?limit=500")["Accounts"]}
    old = hub.fortnox_call("GET", "/3/financialyears?date=2026-09-04")["FinancialYears"][0]["Id"]
    for number in {"4535", "2641", "2645", "2614", "3001", "2611", "2440"} - have:
        account(hub, number, old)
    new = year(hub, "2027-01-01", "2027-12-31")
    # Accounts of one year alone: 3077 of the new one, that of hauliers' transports of the old one.
    account(hub, "3077", new)
    if "4610" not in have:
        account(hub, "4610", old)
    else:
        hub.fortnox_call("PUT", f"/3/accounts/4610?financialyear={new}", {"Account": {"Active": False}})
    for number, day in (("100501", "2026-09-04"), ("100502", "2027-02-04"), ("100503", "2028-02-04")):
        dated(hub, number, day)
    for number, day in (("1", "2026-10-05"), ("2", "2027-02-05"), ("3", "2028-02-05")):
        settled(hub, number, day)
    hub.sync()
    hub.sync("settlements")
    assert [str(one["DocumentNumber"]) for one in hub.records("invoices")] == ["100502"]
    assert told(hub, "customers") == [
        "Faktura 100503: no financial year in Fortnox has its day 2028-02-04.",
        "Invoice 100501: account 3077 is not in Fortnox' chart of accounts, or is inactive.",
    ]
    assert [one["InvoiceDate"] for one in hub.records("supplierinvoices")] == ["2026-10-05"]
    assert told(hub, "settlements") == [
        "Avräkning 3: no financial year in Fortnox has its day 2028-02-05.",
        "Settlement 2 with Åkeri Nordtrans AB: account 4610 is not in Fortnox' chart, or is inactive.",
    ]
    account(hub, "3077", old)
    if "4610" in have:
        hub.fortnox_call("PUT", f"/3/accounts/4610?financialyear={new}", {"Account": {"Active": True}})
    else:
        account(hub, "4610", new)
    year(hub, "2028-01-01", "2028-12-31")
    for stream in ("customers", "settlements"):
        for one in hub.problems(stream, "hold"):
            answer(one["id"], {"retry": True}, "test")
    hub.sync()
    hub.sync("settlements")
    assert (told(hub, "customers"), told(hub, "settlements")) == ([], [])
    assert sorted(str(one["DocumentNumber"]) for one in hub.records("invoices")) == ["100501", "100502", "100503"]
    assert len(hub.records("supplierinvoices")) == 3


@pytest.mark.performs("Open the period, or add the financial year, in Fortnox.")
def test_an_assignment_whose_invoice_is_of_a_day_that_cannot_be_booked_on_waits(mobigo_hub: MobigoHub) -> None:
    """Mobigo: its invoices are of the day on which they are made."""
    hub = mobigo_hub
    hub.declare(document="invoice")
    today = timezone.localdate().isoformat()
    with hub.fortnox.lock:
        hub.fortnox.company.set("locked_until", today)
    given = {"customerNumber": "1042", "status": "Klart", "marked": True, "times": [], "materials": [PACKING]}
    hub.mobigo.assignment("1001", **given)
    hub.sync("assignments")
    assert told(hub, "assignments") == [
        "Assignment 1001 was not exported: its invoice is of today, which lies in a period that is locked in Fortnox, or in no financial year."
    ]
    assert hub.records("invoices") == []
    with hub.fortnox.lock:
        hub.fortnox.company.set("locked_until", None)
    hub.retry(hub.problems("assignments", "hold")[0])
    hub.sync("assignments")
    assert (len(hub.records("invoices")), told(hub, "assignments")) == (1, [])
