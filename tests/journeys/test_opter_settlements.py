"""Opter's settlements with hauliers as supplier invoices: row OPT-03; accounting.md 6, vectors `settlements` through the whole way."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from opter_hub import OpterHub

CASES = Path(__file__).parents[1] / "vectors" / "cases" / "settlements.json"
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
NUMBERS = {"SE": "SE556036079301", "LT": "LT119511515", "DE": "DE136695976", "PL": "PL8567346215"}
LINES = (
    {"kind": "transport", "text": "Körningar", "net": Decimal("48250.00"), "vatPercent": 25},
    {"kind": "deduction", "text": "Terminalhyra", "net": Decimal("2500.00"), "vatPercent": 25},
)


def settlement(hub: OpterHub, number: str = "1", **more: Any) -> str:
    """Make a closed settlement with one haulier; return its id."""
    supplier = {**HAULIER, **more.pop("supplier", {})}
    given = {
        "number": number,
        "supplier": supplier,
        "settlementDate": "2026-10-05",
        "dueDate": "2026-11-04",
        "lines": LINES,
        "texts": ["Självfakturering"],
        **more,
    }
    return hub.opter.load("Settlements", [given])[0]


def postings(record: dict[str, Any]) -> dict[str, Decimal]:
    """Return account -> signed kronor, debit positive."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in record["SupplierInvoiceRows"]:
        found[str(row["Account"])] += Decimal(str(row["Debit"])) - Decimal(str(row["Credit"]))
    return {account: amount for account, amount in found.items() if amount}


def accounts(hub: OpterHub, *numbers: str) -> None:
    """Open these accounts in Fortnox' chart where they are not there."""
    have = {str(row["Number"]) for row in hub.fortnox_call("GET", "/3/accounts?limit=500")["Accounts"]}
    for number in numbers:
        if number not in have:
            hub.fortnox_call("POST", "/3/accounts", {"Account": {"Number": int(number), "Description": f"Konto {number}"}})


def told(hub: OpterHub) -> list[str]:
    return [problem["text"] for problem in hub.problems("settlements", "hold", "failed", "question")]


def test_settlement_becomes_a_supplier_invoice_with_vat_apart(opter_hub_on_both: OpterHub) -> None:
    """OPT-03: costs and deductions each with their VAT, the haulier made as a supplier with its data, the number back in Opter."""
    hub = opter_hub_on_both
    accounts(hub, "4610", "2641", "3001", "2611", "2440")
    id = settlement(hub)
    result = hub.sync("settlements")
    assert (result["status"], result["counts"]["created"]) == ("done", 1), [item["message"] for item in result["items"]]
    [record] = hub.records("supplierinvoices")
    assert postings(record) == {
        "4610": Decimal("48250.00"),
        "2641": Decimal("12062.50"),
        "3001": Decimal("-2500.00"),
        "2611": Decimal("-625.00"),
        "2440": Decimal("-57187.50"),
    }
    assert (record["InvoiceNumber"], record["InvoiceDate"], record["DueDate"]) == ("1", "2026-10-05", "2026-11-04")
    assert (Decimal(record["Total"]), Decimal(record["VAT"]), record["VATType"]) == (
        Decimal("57187.50"),
        Decimal("12062.50"),
        "NORMAL",
    )
    assert "jälvfakturering" in record["Comments"]
    [supplier] = [one for one in hub.records("suppliers") if one["SupplierNumber"] == "200"]
    assert (supplier["Name"], supplier["BG"], supplier["City"]) == ("Åkeri Nordtrans AB", "5050-1055", "Luleå")
    assert hub.opter.get("Settlements", id)["export"]["documentNumber"] == str(record["GivenNumber"])
    hub.age()
    hub.clear()
    hub.sync("settlements")
    assert (hub.fortnox_writes(), hub.opter.writes()) == ([], [])


def test_vectors_of_settlements_go_the_whole_way(opter_hub: OpterHub) -> None:
    """OPT-03: each vector's postings, VAT type and sum as Fortnox holds them; the blocked ones wait with their sentence."""
    hub = opter_hub
    hub.declare(confirmed_vat_numbers=[number for number in NUMBERS.values() if not number.startswith("SE")])
    cases = json.loads(CASES.read_text(encoding="utf-8"))["cases"]
    ids: dict[str, dict[str, Any]] = {}
    needed: set[str] = set()
    for place, case in enumerate(cases):
        given = case["input"]
        haulier = given["haulier"]
        lines = [
            {
                "kind": line["kind"],
                "net": Decimal(line["net"]),
                "vatPercent": Decimal(line["vat"]),
                "account": line.get("account", ""),
            }
            for line in given["lines"]
        ]
        supplier = {
            "supplierNumber": str(300 + place),
            "organisationNumber": "",
            # Who is registered has a number: without one nothing is exported (accounting.md 6).
            "vatNumber": NUMBERS[haulier["country"]] if haulier["vat_registered"] else "",
            "countryCode": haulier["country"],
            "vatRegistered": haulier["vat_registered"],
            "selfBillingAgreement": "2026-01-02" if haulier["self_billing_agreement"] else None,
        }
        ids[settlement(hub, lines=lines, supplier=supplier)] = case["expected"]
        needed |= set(case["expected"].get("rows") or {})
    accounts(hub, *sorted(needed))
    hub.sync("settlements")
    made = hub.links("settlements")
    for id, expected in ids.items():
        if expected["document"] == "blocked":
            assert id not in made
            continue
        record = hub.held("supplierinvoices", made[id])
        wanted = {account: Decimal(amount) for account, amount in expected["rows"].items()}
        assert postings(record) == {account: amount for account, amount in wanted.items() if amount}
        assert (Decimal(record["Total"]), record["VATType"]) == (Decimal(expected["payable"]), expected["vat_type"])
        assert record["Credit"] is (expected["document"] == "supplier_credit")
        for word in expected["must_state"]:
            assert word.casefold() in record["Comments"].casefold()
    blocked = [expected for expected in ids.values() if expected["document"] == "blocked"]
    assert len(told(hub)) == len(blocked)


def test_changed_settlement_is_updated_until_it_is_booked_and_its_state_comes_back(opter_hub: OpterHub) -> None:
    """OPT-03: only bills that are not posted are updated; that they are comes back."""
    hub = opter_hub
    accounts(hub, "4610", "2641", "3001", "2611", "2440")
    id = settlement(hub)
    hub.sync("settlements")
    hub.opter.edit("Settlements", id, lines=[LINES[0]])
    hub.age()
    hub.sync("settlements")
    [record] = hub.records("supplierinvoices")
    assert postings(record) == {"4610": Decimal("48250.00"), "2641": Decimal("12062.50"), "2440": Decimal("-60312.50")}
    hub.fortnox_call("PUT", f"/3/supplierinvoices/{record['GivenNumber']}/bookkeep")
    hub.age()
    hub.sync("settlements")
    assert hub.opter.get("Settlements", id)["export"]["booked"] is True
    hub.opter.edit("Settlements", id, lines=LINES)
    hub.age()
    result = hub.sync("settlements")
    assert any("booked in Fortnox" in str(item["message"]) for item in result["items"])
    assert postings(hub.records("supplierinvoices")[0]) == postings(record)


def test_edit_in_opter_long_after_the_export_reaches_the_unbooked_supplier_invoice(opter_hub: OpterHub) -> None:
    """OPT-03: also when nothing moved in Fortnox meanwhile."""
    hub = opter_hub
    accounts(hub, "4610", "2641", "3001", "2611", "2440")
    id = settlement(hub)
    for _ in range(3):
        hub.sync("settlements")
        hub.a_day_later()
    hub.opter.edit("Settlements", id, lines=[LINES[0]])
    hub.sync("settlements")
    assert postings(hub.records("supplierinvoices")[0])["2440"] == Decimal("-60312.50")


@pytest.mark.parametrize("path", ["/3/suppliers", "/3/supplierinvoices"])
def test_lost_answer_makes_one_supplier_and_one_supplier_invoice(opter_hub: OpterHub, path: str) -> None:
    """OPT-03: found again by the supplier's number, and by our key."""
    hub = opter_hub
    accounts(hub, "4610", "2641", "3001", "2611", "2440")
    settlement(hub)
    hub.fortnox.faults.arm("lost_answer", method="POST", path=path)
    hub.sync("settlements")
    hub.age()
    hub.sync("settlements")
    assert len(hub.records("supplierinvoices")) == 1
    assert [one["Name"] for one in hub.records("suppliers") if one["SupplierNumber"] == "200"] == ["Åkeri Nordtrans AB"]
    assert len(hub.links("settlements")) == 1


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"status": "Open"}, "Settlement 1 with Åkeri Nordtrans AB waits: it is not closed in Opter."),
        ({"supplier": {"supplierNumber": ""}}, "Settlement 1: Åkeri Nordtrans AB has no supplier number in Opter."),
        ({"supplier": {"selfBillingAgreement": None}}, "There is no agreement on self-billing"),
        ({"supplier": {"countryCode": "NO"}}, "outside the EU"),
        ({"currency": "EUR"}, "is in EUR; settlements are in SEK."),
        ({"payable": Decimal("1.00")}, "says 1.00 to pay, and its lines come to 57187.50."),
        ({"lines": [{"kind": "transport", "net": 100, "vatPercent": 25, "account": "4999"}]}, "account 4999 is not in Fortnox"),
        ({"lines": [{"kind": "gift", "net": 100, "vatPercent": 25}]}, "is no transport, addition or deduction"),
    ],
)
def test_settlement_that_cannot_go_says_why(opter_hub: OpterHub, wish: dict[str, Any], said: str) -> None:
    """OPT-03: each its own sentence; nothing reaches Fortnox."""
    hub = opter_hub
    accounts(hub, "4610", "2641", "3001", "2611", "2440")
    settlement(hub, **wish)
    hub.sync("settlements")
    assert [said in text for text in told(hub)] == [True], told(hub)
    assert hub.records("supplierinvoices") == []


def test_supplier_number_of_somebody_else_is_refused(opter_hub: OpterHub) -> None:
    """OPT-03: the organisation numbers differ, so nothing is booked on the wrong haulier."""
    hub = opter_hub
    accounts(hub, "4610", "2641", "3001", "2611", "2440")
    wrong = {"SupplierNumber": "200", "Name": "Annan AB", "OrganisationNumber": "556016-0680"}
    hub.fortnox_call("POST", "/3/suppliers", {"Supplier": wrong})
    settlement(hub)
    hub.sync("settlements")
    [text] = told(hub)
    assert "Supplier 200 in Fortnox is Annan AB" in text
    assert hub.records("supplierinvoices") == []


@pytest.mark.parametrize(
    "held", [{"Name": "Telia Sverige AB"}, {"Name": "Åkeri Nordtrans AB", "OrganisationNumber": "556103-4249"}]
)
def test_supplier_number_of_somebody_else_is_not_paid_in_the_haulier_s_place(opter_hub: OpterHub, held: dict[str, Any]) -> None:
    """OPT-03: another name without a number to tell, or another organisation number: a person is asked, nothing is made."""
    hub = opter_hub
    accounts(hub, "4610", "2641", "3001", "2611", "2440")
    hub.fortnox_call("POST", "/3/suppliers", {"Supplier": {"SupplierNumber": "200", **held}})
    settlement(hub)
    hub.sync("settlements")
    assert hub.records("supplierinvoices") == []
    [text] = told(hub)
    assert text.startswith("1: Supplier 200 in Fortnox is")


@pytest.mark.parametrize("held", [{"Name": "åkeri nordtrans ab"}, {"Name": "Nordtrans", "BG": "5050-1055"}])
def test_supplier_that_is_the_haulier_in_other_words_is_taken(opter_hub: OpterHub, held: dict[str, Any]) -> None:
    """OPT-03: known by its name, or by its bankgiro, where Fortnox has no organisation number of it."""
    hub = opter_hub
    accounts(hub, "4610", "2641", "3001", "2611", "2440")
    hub.fortnox_call("POST", "/3/suppliers", {"Supplier": {"SupplierNumber": "200", **held}})
    settlement(hub)
    hub.sync("settlements")
    assert [one["SupplierNumber"] for one in hub.records("supplierinvoices")] == ["200"]
