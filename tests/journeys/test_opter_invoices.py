"""Opter's invoices as Fortnox invoices: rows OPT-01, OPT-06 to OPT-08, OPT-10; ruling D9; systems.md 6.2."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from brygga.errors import SettingsError
from brygga_sandbox.opter import company
from opter_hub import OpterHub

CODED = (
    {"account": "3001", "text": "Styckegods", "net": Decimal("4180.55"), "vatPercent": 25, "economicUnits": {"costCenter": "LUL"}},
    {"account": "3001", "text": "Kranbil", "net": Decimal("1436.46"), "vatPercent": 25, "economicUnits": {"costCenter": "LUL"}},
    {"account": "3001", "text": "Lager", "net": Decimal("4913.25"), "vatPercent": 25, "economicUnits": {"unit3": "Bil 7"}},
    {"account": "3002", "text": "Resa", "net": Decimal("100.00"), "vatPercent": 12},
)


def told(hub: OpterHub) -> list[tuple[str, str]]:
    """Return rule and text of what waits or failed."""
    return [(problem["rule"], problem["text"]) for problem in hub.problems("customers", "hold", "failed", "question")]


def created(hub: OpterHub, path: str) -> list[dict[str, Any]]:
    return [next(iter(body.values())) for method, at, body in hub.fortnox_writes() if (method, at) == ("POST", path)]


def costs(hub: OpterHub, *codes: str) -> None:
    with hub.fortnox.lock:
        company = hub.fortnox.company
        for code in codes:
            company.put(
                "costcenters", code, {**company.table("costcenters").blank, "Code": code, "Description": code, "Active": True}
            )
        company.commit()


def test_invoice_of_a_closed_period_gets_opters_number_title_and_rows(opter_hub_on_both: OpterHub) -> None:
    """OPT-01, OPT-07: the same number on both sides, a title row, a row for each account and units; its customer is made first."""
    hub = opter_hub_on_both
    costs(hub, "LUL")
    hub.invoice(coding=CODED)
    result = hub.sync()
    assert (result["status"], result["counts"]["created"]) == ("done", 2)
    [customer] = created(hub, "/3/customers")
    assert (customer["CustomerNumber"], customer["Name"], customer["City"]) == ("1042", "Nordbygg AB", "Luleå")
    invoice = hub.held("invoices", "100353")
    assert (invoice["InvoiceDate"], invoice["DueDate"], invoice["YourOrderNumber"]) == ("2026-09-04", "2026-10-04", "4555")
    title, *rows = invoice["InvoiceRows"]
    assert title["Description"] == "Faktura 100353, 4555, 2026-09-04"
    coded = [(row["Description"], float(row["Price"]), row["AccountNumber"], row["CostCenter"] or "", row["VAT"]) for row in rows]
    assert coded == [
        ("Styckegods, Kranbil", 5617.01, 3001, "LUL", 25),
        ("Lager", 4913.25, 3001, "", 25),
        ("Resa", 100, 3002, "", 12),
    ]
    assert float(invoice["Net"]) == 10630.26
    assert hub.export_of("100353")["documentNumber"] == "100353"
    assert any("Bil 7" in str(item["message"]) for item in result["items"])


def test_second_run_writes_nothing_and_asks_little(opter_hub: OpterHub) -> None:
    """OPT-01: what has gone over is left alone."""
    hub = opter_hub
    hub.invoice()
    hub.sync()
    hub.age()
    hub.clear()
    result = hub.sync()
    assert (hub.fortnox_writes(), hub.opter.writes(), result["counts"]["updated"]) == ([], [], 0)


def test_many_invoices_of_a_company_agree_to_the_ore(opter_hub: OpterHub) -> None:
    """OPT-01: believable invoices, a credit and interest among them; each total is Opter's own, or it is held."""
    hub = opter_hub
    costs(hub, "LUL", "UME")
    hub.opter.load("Customers", company.customers())
    hub.opter.load("Invoices", company.invoices(count=25))
    hub.sync()
    hub.age()
    hub.sync()
    mine = {raw["invoiceNumber"]: raw for raw in hub.opter.all("Invoices")}
    held = {record["DocumentNumber"]: record for record in hub.records("invoices")}
    # A company elsewhere in the EU waits until somebody has said whether its number counts (accounting.md 2.3).
    waiting = {number for number, _ in ((text.partition(":")[0], text) for _, text in told(hub) if "has not been said" in text)}
    assert len(waiting) == len(told(hub))
    assert set(held) == set(mine) - waiting
    for number in held:
        raw = mine[number]
        off = Decimal(str(held[number]["RoundOff"]))
        assert Decimal(str(held[number]["Total"])) - off == raw["total"] - raw["roundOff"], number
    [credit] = [raw for raw in mine.values() if raw["kind"] == "credit"]
    assert held[credit["invoiceNumber"]]["CreditInvoiceReference"] == credit["creditedInvoiceNumber"]


def test_changed_invoice_is_updated_until_it_is_booked(opter_hub: OpterHub) -> None:
    """OPT-01: only those that are not booked are updated; what comes after is told."""
    hub = opter_hub
    hub.invoice()
    hub.sync()
    hub.opter.edit("Invoices", "100353", coding=[{"account": "3001", "text": "Kyltransport", "net": 1200, "vatPercent": 25}])
    hub.age()
    hub.sync()
    assert float(hub.held("invoices", "100353")["Net"]) == 1200
    hub.fortnox_call("PUT", "/3/invoices/100353/bookkeep")
    hub.opter.edit("Invoices", "100353", coding=[{"account": "3001", "text": "Kyltransport", "net": 1300, "vatPercent": 25}])
    hub.age()
    result = hub.sync()
    assert float(hub.held("invoices", "100353")["Net"]) == 1200
    assert any("booked in Fortnox" in str(item["message"]) for item in result["items"])


def test_edit_in_opter_long_after_the_export_reaches_the_unbooked_invoice(opter_hub: OpterHub) -> None:
    """OPT-01: also when nothing moved in Fortnox meanwhile: rows, the customer's name, and another customer on the invoice."""
    hub = opter_hub
    hub.opter.load("Customers", [{"customerCode": "SYD", "customerNumber": "1043", "name": "Sydbygg AB"}])
    hub.invoice(ocrNumber="10035384")
    hub.invoice("100354", customerCode="SYD")
    for _ in range(3):
        hub.sync()
        hub.a_day_later()
    hub.opter.edit("Customers", "NORD", name="Nordbygg i Luleå AB")
    hub.opter.edit("Invoices", "100353", coding=[{"account": "3001", "text": "Kyltransport", "net": 1200, "vatPercent": 25}])
    hub.sync()
    assert float(hub.held("invoices", "100353")["Net"]) == 1200
    assert hub.held("customers", "1042")["Name"] == "Nordbygg i Luleå AB"
    for _ in range(2):
        hub.a_day_later()
        hub.sync()
    hub.opter.edit("Invoices", "100353", customerCode="SYD", customerNumber="1043", customerName="Sydbygg AB")
    hub.sync()
    assert hub.held("invoices", "100353")["CustomerNumber"] == "1043"


def test_booked_and_sent_from_opter(opter_hub: OpterHub) -> None:
    """OPT-01: send = opter: booked in Fortnox, marked as sent, never mailed there; the voucher comes back."""
    hub = opter_hub
    hub.declare(send="opter")
    hub.invoice()
    hub.sync()
    invoice = hub.held("invoices", "100353")
    assert (invoice["Booked"], invoice["Sent"]) == (True, True)
    assert not [seen for seen in hub.fortnox.requests if seen.path.endswith("/email")]
    hub.age()
    hub.sync()
    export = hub.export_of("100353")
    assert (export["booked"], export["message"]) == (True, f"{invoice['VoucherSeries']} {invoice['VoucherNumber']}")


def test_mailed_by_fortnox_once(opter_hub: OpterHub) -> None:
    """OPT-01: send = fortnox: Fortnox mails it, a single time."""
    hub = opter_hub
    hub.declare(send="fortnox")
    hub.invoice()
    hub.sync()
    hub.age()
    hub.sync()
    assert len([seen for seen in hub.fortnox.requests if seen.path == "/3/invoices/100353/email"]) == 1


APART = [
    {"account": "3001", "text": "Styckegods", "net": Decimal("10.02"), "vatPercent": 25, "vat": Decimal("2.51")},
    {"account": "3520", "text": "Kranbil", "net": Decimal("10.02"), "vatPercent": 25, "vat": Decimal("2.51")},
]
"""Opter rounds the VAT of each row, 25.06 in all; Fortnox that of the sum, 25.05."""


def test_ore_between_opters_vat_and_fortnox_is_evened_out_where_that_is_chosen(opter_hub: OpterHub) -> None:
    """OPT-01: unchosen it is neither booked nor sent; chosen, a row on 3740 brings Opter's total, and a credit the same below zero."""
    hub = opter_hub
    hub.declare(send="opter")
    hub.invoice(coding=APART)
    hub.sync()
    hub.age()
    hub.sync()
    assert told(hub)[0][1] == "Document 100353 comes to 25.06 in Opter and to 25.05 in Fortnox."
    assert hub.held("invoices", "100353")["Booked"] is False
    hub.declare(even_out="0.05")
    credit = [{**row, "net": -row["net"], "vat": -row["vat"]} for row in APART]
    hub.invoice("100354", coding=credit, kind="credit", creditedInvoiceNumber="100353")
    hub.opter.edit("Invoices", "100353", remark="Tack")
    for _ in range(3):
        hub.age()
        hub.sync()
    for number, total in (("100353", Decimal("25.06")), ("100354", Decimal("-25.06"))):
        invoice = hub.held("invoices", number)
        assert (Decimal(str(invoice["Total"])) - Decimal(str(invoice["RoundOff"])), invoice["Booked"]) == (total, True)
        assert [row["AccountNumber"] for row in invoice["InvoiceRows"]][-1] == 3740
    assert told(hub) == []


@pytest.mark.performs("Credit the document in Fortnox where it is wrong, and accept the difference: once, or as a rule.")
def test_more_than_the_chosen_ore_waits(opter_hub: OpterHub) -> None:
    """OPT-01: what is set is the limit; an amount that is none is refused with what is wanted. The rows are equal: they are not written again."""
    from brygga.store.models import Problem
    from brygga.sync.repair import ask, offers

    hub = opter_hub
    hub.declare(send="opter", even_out="0.01")
    hub.invoice(coding=[{**APART[0], "vat": Decimal("2.53")}])
    hub.sync()
    hub.age()
    hub.sync()
    assert told(hub)[0][1] == "Document 100353 comes to 12.55 in Opter and to 12.53 in Fortnox."
    problem = Problem.objects.get(record_id="100353", state=Problem.State.OPEN)
    with pytest.raises(SettingsError, match=r"There is nothing to write: document 100353 has what the source says already"):
        ask(problem, "correct", {}, "anna")
    hub.fortnox_call("PUT", "/3/invoices/100353/bookkeep")
    hub.age()
    hub.sync()
    problem.refresh_from_db()
    assert [offer.name for offer in offers(problem)] == ["accept", "accept_rule", "edit"], (
        "it is booked: neither corrected nor cancelled"
    )
    ask(problem, "accept", {}, "anna")
    hub.sync()
    assert told(hub) == []
    for wrong in ("2.00", "-0.01", "0.001", "many", True):
        with pytest.raises(SettingsError, match=r"an amount from 0\.00 to 1\.00"):
            hub.declare(even_out=wrong)


@pytest.mark.parametrize("send", ["fortnox", "opter", "fortnox_with_pdf"])
def test_invoice_that_a_person_cancelled_in_fortnox_is_neither_sent_nor_booked(opter_hub: OpterHub, send: str) -> None:
    """OPT-01: what was cancelled between its making and its sending reaches nobody, and a person is told that it stays so."""
    hub = opter_hub
    hub.invoice()
    hub.sync()
    hub.fortnox_call("PUT", "/3/invoices/100353/cancel")
    hub.declare(send=send)
    hub.age()
    result = hub.sync()
    invoice = hub.held("invoices", "100353")
    assert (invoice["Sent"], invoice["Booked"], hub.records("fileattachments")) == (False, False, [])
    assert not [seen for seen in hub.fortnox.requests if seen.path.endswith("/email")]
    assert any("is cancelled in Fortnox, so this is not carried over" in str(item["message"]) for item in result["items"])


def test_credit_names_its_invoice_and_waits_for_it(opter_hub: OpterHub) -> None:
    """OPT-01, OPT-07: a credit of an invoice that Fortnox does not have waits; then it goes with the same amounts, negative."""
    hub = opter_hub
    original = {"kind": "credit", "creditedInvoiceNumber": "100353", "invoiceDate": "2026-09-05"}
    hub.invoice("100360", net="-1000.00", **original)
    hub.sync()
    assert told(hub) == [("OPT-07", "Credit 100360 waits: the invoice 100353 that it credits is not in Fortnox.")]
    hub.invoice("100353")
    for _ in range(2):
        hub.age()
        hub.sync()
    credit = hub.held("invoices", "100360")
    assert (credit["CreditInvoiceReference"], float(credit["Net"]), credit["Credit"]) == ("100353", -1000, "true")
    assert told(hub) == []


def test_invoice_in_euro_keeps_opters_rate(opter_hub: OpterHub) -> None:
    """OPT-01: the currency's three letters and the rate of Opter's day."""
    hub = opter_hub
    coded = [{"account": "3308", "text": "Hel last", "net": 500, "vatPercent": 0}]
    hub.invoice(currency="EUR", currencyRate=Decimal("11.25"), coding=coded)
    hub.sync()
    invoice = hub.held("invoices", "100353")
    assert (invoice["Currency"], float(invoice["CurrencyRate"]), float(invoice["Total"])) == ("EUR", 11.25, 500)


def test_lost_answer_at_creation_makes_one_invoice(opter_hub: OpterHub) -> None:
    """OPT-07: found again by our key and number."""
    hub = opter_hub
    hub.invoice()
    hub.fortnox.faults.arm("lost_answer", method="POST", path="/3/invoices")
    hub.sync()
    hub.age()
    hub.sync()
    assert [record["DocumentNumber"] for record in hub.records("invoices")] == ["100353"]
    assert hub.links("customers") == {"NORD": "1042"}


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (
            {"number": "A-17"},
            "Invoice A-17: Fortnox' invoice numbers are digits only, and both must have the same number.",
        ),
        ({"status": "Open"}, "Invoice 100353 waits: its period is not closed in Opter."),
        ({"currency": "kr"}, "Invoice 100353: the currency kr is no code of three letters."),
        ({"customerCode": ""}, "Invoice 100353 has no customer."),
        (
            {"coding": [{"account": "9999", "text": "Fel", "net": 10, "vatPercent": 25}]},
            "Invoice 100353: account 9999 is not in Fortnox' chart of accounts, or is inactive.",
        ),
    ],
)
def test_invoice_that_cannot_go_says_why_and_the_others_go(opter_hub: OpterHub, wish: dict[str, Any], said: str) -> None:
    """OPT-01, OPT-26: each its own sentence and repair."""
    hub = opter_hub
    hub.invoice(**wish)
    hub.invoice("100400")
    hub.sync()
    assert [text for _, text in told(hub)] == [said]
    assert all(problem["repair"] for problem in hub.problems("customers", "hold"))
    assert [record["DocumentNumber"] for record in hub.records("invoices")] == ["100400"]


def test_number_that_fortnox_has_given_to_another_invoice_is_told(opter_hub: OpterHub) -> None:
    """OPT-07, D9: nothing is overwritten, and a person is told."""
    hub = opter_hub
    hub.fortnox.company.load("customers", [{"CustomerNumber": "7", "Name": "Annan AB"}])
    body = {"Invoice": {"CustomerNumber": "7", "DocumentNumber": "100353", "InvoiceRows": [{"Description": "Annat"}]}}
    hub.fortnox_call("POST", "/3/invoices", body)
    hub.invoice()
    hub.sync()
    [(_, text)] = [one for one in told(hub) if "100353" in one[1]]
    assert "används redan" in text
    assert len(hub.records("invoices")) == 1


def test_another_default_currency_than_kronor_stops_before_anything_is_read(opter_hub: OpterHub) -> None:
    """OPT-06: the run ends with that message, and neither system is written to."""
    hub = opter_hub
    hub.invoice()
    hub.opter.currency("NOK")
    result = hub.sync()
    assert result["status"] == "failed"
    assert "default currency is NOK" in result["message"]
    assert (hub.fortnox_writes(), hub.opter.writes()) == ([], [])


def test_preflight_follows_the_order_of_setting_up(opter_hub: OpterHub) -> None:
    """OPT-08, OPT-10: key, currency, the accesses of the export; payments are asked for only where a definition is."""
    hub = opter_hub
    subjects = ["company", "currency", "Customers", "Invoices", "Settlements", "Payments", "settlement_accounts"]
    assert [row["subject"] for row in hub.check()] == subjects
    hub.opter.keys.clear()
    hub.opter.allow("Customers", "Invoices")
    rows = {row["subject"]: row["level"] for row in hub.check()}
    assert (rows["Invoices"], rows["Settlements"], rows["Payments"]) == ("ok", "warning", "error")
    hub.declare(payment_definitions={})
    rows = {row["subject"]: row["level"] for row in hub.check()}
    assert (rows["Payments"], rows["payments"]) == ("warning", "warning")
    hub.invoice()
    assert hub.sync()["status"] == "done"


def test_key_that_is_withdrawn_asks_for_a_new_one(opter_hub: OpterHub) -> None:
    """OPT-08: a person is asked, nothing is written."""
    hub = opter_hub
    hub.opter.keys.clear()
    result = hub.sync()
    assert "does not accept the API key" in result["message"]


def test_adapter_without_an_address_is_refused(opter_hub: OpterHub) -> None:
    """OPT-10: there is no address that would do for everybody."""
    from brygga.connectors import Account, connect

    with pytest.raises(SettingsError, match="no address of its own"):
        connect("opter", Account("", lambda: "key"))


def test_a_coding_without_a_text_is_told_with_the_text_that_its_row_has_instead(opter_hub: OpterHub) -> None:
    """Systems.md 6.2, kind 2: “Transport” is not what Opter says; a coding that is called so is."""
    hub = opter_hub
    hub.invoice(coding=[{"account": "3001", "text": "  ", "net": Decimal(100), "vatPercent": Decimal(25)}])
    hub.invoice("100354", coding=[{"account": "3001", "text": "Transport", "net": Decimal(100), "vatPercent": Decimal(25)}])
    result = hub.sync("customers")
    said = [str(item["message"]) for item in result["items"] if "has no text in Opter" in str(item["message"])]
    assert said == ["Invoice 100353: the coding on account 3001 has no text in Opter; its row says “Transport”."]
    assert {row["Description"] for one in hub.records("invoices") for row in one["InvoiceRows"][1:]} == {"Transport"}
