"""Fortnox' payments into Opter in two steps: rows OPT-02, OPT-04 to OPT-07, OPT-09, OPT-11 to OPT-29; accounting.md 5.2, 5.4."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from brygga.errors import SettingsError
from opter_hub import OpterHub
from opter_payments import exported, listed, pay, run


def test_payment_is_read_then_saved_and_shows_in_payment_registration(paid: OpterHub) -> None:
    """OPT-02, OPT-04, OPT-21, OPT-27, OPT-28: number and sum; nothing is registered before it is saved, and then once."""
    number = pay(paid)
    result = run(paid)
    assert (result["counts"]["held"], paid.opter.registrations()) == (1, [])
    row = listed(paid)[number]
    assert (row["state"], row["invoice"], row["amount"], row["currency"], row["rate"]) == (
        "waiting",
        "100353",
        "1250.00",
        "SEK",
        None,
    )
    assert (row["mark"], row["warning"]) == ("green", None)
    assert run(paid, save=True)["counts"]["created"] == 1
    [registered] = paid.opter.registrations()
    assert (registered["invoiceNumber"], registered["amount"], registered["currencyRate"]) == ("100353", Decimal(1250), None)
    assert (registered["definition"], registered["paymentDate"]) == ("Fortnox", "2026-10-01")
    assert paid.opter.get("Invoices", "100353")["balance"] == 0
    assert listed(paid)[number]["registration"] == registered["id"]
    for _ in range(2):
        assert run(paid, save=True)["counts"]["created"] == 0
    assert len(paid.opter.registrations()) == 1


def test_only_the_chosen_payment_is_saved(opter_hub: OpterHub) -> None:
    """OPT-27: a person may save some; the others wait on."""
    hub = opter_hub
    exported(hub, "100353", "100354")
    one, two = pay(hub, "100353"), pay(hub, "100354")
    run(hub)
    run(hub, save=True, only=(two,))
    assert [registered["invoiceNumber"] for registered in hub.opter.registrations()] == ["100354"]
    assert (listed(hub)[one]["state"], listed(hub)[two]["state"]) == ("waiting", "saved")


def test_definition_is_made_in_opter_with_its_values_and_kept_in_step(paid: OpterHub) -> None:
    """OPT-11, OPT-12, OPT-13, OPT-14, OPT-16, OPT-19, OPT-20: name, type, format, date, number; the token stays empty."""
    run(paid)
    [made] = paid.opter.definitions()
    assert (made["name"], made["importType"], made["importFormat"]) == ("Fortnox", "FortnoxAPI", "API")
    assert (made["ignorePaymentsBefore"], made["ignoreNumbersBefore"], made["apiAccessToken"]) == ("2026-01-01", 0, "")
    paid.declare(payment_definitions={"Fortnox": {"ignore_payments_before": "2026-02-01", "ignore_numbers_before": 7}})
    run(paid)
    [made] = paid.opter.definitions()
    assert (made["ignorePaymentsBefore"], made["ignoreNumbersBefore"]) == ("2026-02-01", 7)


def test_several_definitions_each_with_its_own_rules(paid: OpterHub) -> None:
    """OPT-11, OPT-21: one is chosen by its name; without a name, or with an unknown one, nothing is read."""
    late = {"ignore_payments_before": "2026-12-01"}
    paid.declare(payment_definitions={"Fortnox": {"ignore_payments_before": "2026-01-01"}, "Sen": late})
    number = pay(paid)
    for wrong in ("", "Bank"):
        assert "There is no payment import definition" in run(paid, definition=wrong)["message"]
    assert listed(paid) == {}
    run(paid, definition="Sen")
    assert listed(paid)[number]["rule"] == "OPT-24"
    run(paid, definition="Fortnox")
    assert listed(paid)[number]["state"] == "waiting"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"Fortnox": {}}, "ignore_payments_before is a day"),
        ({"Fortnox": {"ignore_payments_before": "2026-01-01", "api_access_token": "abc"}}, "api_access_token is to be left empty"),
        ({"Fortnox": {"ignore_payments_before": "2026-01-01", "import_type": "Bankgiro"}}, "import_type is FortnoxAPI"),
        ({"Fortnox": {"ignore_payments_before": "2026-01-01", "import_format": "Fil"}}, "import_format is API"),
        (
            {"Fortnox": {"ignore_payments_before": "2026-01-01", "ignore_numbers_before": -1}},
            "ignore_numbers_before is a whole number",
        ),
        ({"Fortnox": {"ignore_payments_before": "2026-01-01", "when": 1}}, "Fortnox has no when"),
        ({"": {"ignore_payments_before": "2026-01-01"}}, "a name of 1 to 50 characters"),
    ],
)
def test_definition_that_is_wrong_is_refused_by_place(opter_hub: OpterHub, given: dict[str, Any], said: str) -> None:
    """OPT-12 to OPT-14, OPT-16, OPT-19: before anything is kept."""
    with pytest.raises(SettingsError, match=said):
        opter_hub.declare(payment_definitions=given)


def test_token_that_somebody_filled_in_opter_is_refused(paid: OpterHub) -> None:
    """OPT-19: it belongs to the old way of signing in; nothing is read."""
    run(paid)
    with paid.opter.lock:
        next(iter(paid.opter.state.definitions.values()))["apiAccessToken"] = "abc"
    assert "is to be left empty" in run(paid)["message"]


def test_day_and_number_are_compared_inclusively_and_as_numbers(opter_hub: OpterHub) -> None:
    """OPT-14 to OPT-18, OPT-24, OPT-25: the day itself and the equal number are imported; 99999 is lower than 100353."""
    hub = opter_hub
    exported(hub, "99999", "100353", "100354")
    numbers = [
        pay(hub, invoice, PaymentDate=day)
        for invoice, day in (("99999", "2026-10-02"), ("100353", "2026-10-01"), ("100354", "2026-09-30"))
    ]
    hub.declare(payment_definitions={"Fortnox": {"ignore_payments_before": "2026-10-01", "ignore_numbers_before": 100353}})
    run(hub)
    rows = listed(hub)
    assert [(rows[number]["state"], rows[number]["rule"]) for number in numbers] == [
        ("left_out", "OPT-25"),
        ("waiting", None),
        ("left_out", "OPT-24"),
    ]
    assert "below 100353" in rows[numbers[0]]["reason"]
    assert "before 2026-10-01" in rows[numbers[2]]["reason"]
    hub.declare(payment_definitions={"Fortnox": {"ignore_payments_before": "2026-10-01", "ignore_numbers_before": 0}})
    run(hub)
    assert listed(hub)[numbers[0]]["state"] == "waiting"


def test_payment_of_an_invoice_that_was_not_exported_is_left_out(paid: OpterHub) -> None:
    """OPT-07, OPT-18, OPT-29: Fortnox' own invoices are nothing to Opter, also with the number 0; each rule alone is enough."""
    paid.fortnox.company.load("customers", [{"CustomerNumber": "7", "Name": "Annan AB"}])
    body = {
        "CustomerNumber": "7",
        "InvoiceDate": "2026-09-01",
        "InvoiceRows": [{"Description": "X", "Price": 100, "DeliveredQuantity": "1", "AccountNumber": 3001, "VAT": 25}],
    }
    own = str(paid.fortnox_call("POST", "/3/invoices", {"Invoice": body})["Invoice"]["DocumentNumber"])
    paid.fortnox_call("PUT", f"/3/invoices/{own}/bookkeep")
    number = pay(paid, own, 125)
    run(paid)
    row = listed(paid)[number]
    assert (row["state"], row["rule"]) == ("left_out", "OPT-07")
    assert f"invoice {own}, which was not exported" in row["reason"]


def test_ocr_that_differs_is_left_out_with_both_values(opter_hub: OpterHub) -> None:
    """OPT-26: the number agrees and the OCR number does not: both are named, nothing is imported."""
    hub = opter_hub
    exported(hub, "100353", ocrNumber="10035384")
    number = pay(hub)
    run(hub)
    assert listed(hub)[number]["state"] == "waiting"
    hub.opter.edit("Invoices", "100353", ocrNumber="10035399")
    run(hub)
    row = listed(hub)[number]
    assert (row["state"], row["rule"]) == ("left_out", "OPT-26")
    assert "10035384" in row["reason"]
    assert "10035399" in row["reason"]


def test_payment_that_is_not_booked_waits_for_that(paid: OpterHub) -> None:
    """OPT-02: only booked payments are passed on (accounting.md 5.4)."""
    number = pay(paid, book=False)
    run(paid)
    assert listed(paid)[number]["reason"].endswith("is not booked yet and can still change.")
    paid.fortnox_call("PUT", f"/3/invoicepayments/{number}/bookkeep")
    run(paid)
    assert listed(paid)[number]["state"] == "waiting"


def test_part_and_over_payment_are_flagged_and_small_differences_written_off(opter_hub: OpterHub) -> None:
    """OPT-04, OPT-27: too little, too much, and a difference that the office accepts."""
    hub = opter_hub
    exported(hub, "100353", "100354", "100355")
    part, over, near = pay(hub, "100353", 500), pay(hub, "100354", 1250), pay(hub, "100355", 1250)
    hub.opter.edit("Invoices", "100354", coding=[{"account": "3001", "net": 900, "vatPercent": 25}])
    hub.opter.edit("Invoices", "100355", coding=[{"account": "3001", "net": Decimal("1000.40"), "vatPercent": 25}])
    run(hub)
    rows = listed(hub)
    assert [(rows[one]["mark"], rows[one]["warning"]) for one in (part, over, near)] == [
        ("red", "Partial payment"),
        ("red", "Advance will be created"),
        ("green", None),
    ]
    run(hub, save=True)
    by_invoice = {one["invoiceNumber"]: one for one in hub.opter.registrations()}
    assert (by_invoice["100354"]["advance"], by_invoice["100355"]["writeOff"]) == (Decimal("125.00"), Decimal("0.50"))
    assert hub.opter.get("Invoices", "100353")["balance"] == 750


def test_foreign_currency_brings_the_rate_of_one_unit_at_the_payment(opter_hub: OpterHub) -> None:
    """OPT-05: the sum in the invoice's currency, the rate divided by its unit; only such payments are read one by one."""
    hub = opter_hub
    exported(hub, "100353")
    coded = [{"account": "3308", "text": "Hel last", "net": 500, "vatPercent": 0}]
    exported(hub, "100400", currency="EUR", currencyRate=Decimal("11.25"), coding=coded)
    pay(hub, "100353")
    number = pay(hub, "100400", 5700, AmountCurrency=500, CurrencyRate=1140, CurrencyUnit=100)
    hub.clear()
    run(hub)
    assert [seen.path for seen in hub.fortnox.requests if seen.path.startswith("/3/invoicepayments/")] == [
        f"/3/invoicepayments/{number}"
    ]
    row = listed(hub)[number]
    assert (row["amount"], row["currency"], Decimal(row["rate"])) == ("500.00", "EUR", Decimal("11.4"))
    run(hub, save=True)
    [registered] = [one for one in hub.opter.registrations() if one["invoiceNumber"] == "100400"]
    assert (registered["amount"], registered["currency"], registered["currencyRate"]) == (Decimal(500), "EUR", Decimal("11.4"))


def test_payment_in_another_currency_than_its_invoice_is_left_out(opter_hub: OpterHub) -> None:
    """OPT-04: Opter has the invoice in euro by now; nothing is converted."""
    hub = opter_hub
    exported(hub, "100353")
    number = pay(hub)
    hub.opter.edit("Invoices", "100353", currency="EUR")
    run(hub)
    row = listed(hub)[number]
    assert (row["state"], "Wrong currency" in row["reason"]) == ("left_out", True)


def test_payment_dated_before_its_invoice_is_registered_on_the_invoices_day_and_says_so(opter_hub: OpterHub) -> None:
    """OPT-04; accounting.md 5.2: Opter has another day on the invoice than Fortnox; the true day stays in the hub's own record."""
    hub = opter_hub
    exported(hub, "100353")
    number = pay(hub)
    hub.opter.edit("Invoices", "100353", invoiceDate="2026-10-15")
    run(hub)
    row = listed(hub)[number]
    assert (row["state"], row["paid"]) == ("waiting", "2026-10-01")
    assert row["reason"] == "Paid on 2026-10-01, before the invoice; registered on the invoice's date, 2026-10-15."
    run(hub, save=True)
    [registered] = hub.opter.registrations()
    assert registered["paymentDate"] == "2026-10-15"
    assert listed(hub)[number]["paid"] == "2026-10-01"


def test_money_back_on_a_credit_is_negative(opter_hub: OpterHub) -> None:
    """OPT-04: the sum keeps its sign."""
    hub = opter_hub
    exported(hub, "100353")
    exported(hub, "100360", net="-1000.00", kind="credit", creditedInvoiceNumber="100353")
    pay(hub, "100360", -1250)
    run(hub)
    run(hub, save=True)
    [registered] = hub.opter.registrations()
    assert (registered["invoiceNumber"], registered["amount"]) == ("100360", Decimal(-1250))


def test_payment_deleted_in_fortnox_is_reported_and_not_taken_back(opter_hub: OpterHub) -> None:
    """OPT-28; accounting.md 5.4: what is registered in Opter stays, and a person is told."""
    hub = opter_hub
    exported(hub, "100353")
    number = pay(hub)
    run(hub)
    run(hub, save=True)
    with hub.fortnox.lock:
        company = hub.fortnox.company
        [key] = [key for key in company.table("invoicepayments").keys() if str(key) == number]  # noqa: SIM118 - a table, no dict
        company.delete("invoicepayments", key)
        company.commit()
    result = run(hub)
    assert any("is gone from Fortnox; it stays registered in Opter" in str(item["message"]) for item in result["items"]), (
        result,
        listed(hub),
    )
    assert len(hub.opter.registrations()) == 1


def test_another_default_currency_stops_before_any_payment_is_read(paid: OpterHub) -> None:
    """OPT-06, OPT-23: that message, no request for payments."""
    pay(paid)
    paid.opter.currency("NOK")
    paid.clear()
    result = run(paid)
    assert "default currency is NOK" in result["message"]
    assert not [seen for seen in paid.fortnox.requests if seen.path.startswith("/3/invoicepayments")]


def test_login_that_fails_reads_nothing(paid: OpterHub) -> None:
    """OPT-22, OPT-23: without a valid login nothing is read; when it is back the import goes on."""
    pay(paid)
    kept = dict(paid.opter.keys)
    paid.opter.keys.clear()
    paid.clear()
    assert run(paid)["status"] == "failed"
    assert not [seen for seen in paid.fortnox.requests if seen.path.startswith("/3/invoicepayments")]
    paid.opter.keys.update(kept)
    assert run(paid)["counts"]["held"] == 1


def test_a_missing_licence_is_named_and_the_export_goes_on(paid: OpterHub) -> None:
    """OPT-08, OPT-09, OPT-10: the preflight names bookkeeping, which the export does without; without invoicing nothing goes."""
    from brygga.sync.check import check_company

    paid.fortnox.company.modules.discard("Bokföring")
    [row] = [row for row in check_company("acme") if row["subject"] == "bookkeeping"]
    assert row["level"] == "warning"
    assert "payments are imported" in row["repair"]
    paid.invoice("100360")
    paid.age()
    assert paid.sync()["counts"]["created"] == 1
    paid.fortnox.company.modules.discard("Fakturering")
    pay_result = run(paid)
    assert (pay_result["status"], "licen" in str(pay_result["message"]).casefold()) == ("failed", True), pay_result["message"]


def test_run_by_the_clock_reads_what_changed_and_registers_nothing(paid: OpterHub) -> None:
    """OPT-22, OPT-27: no window to sign in at each run, and nobody's yes is assumed."""
    pay(paid)
    run(paid)
    paid.age()
    paid.clear()
    run(paid, trigger="clock")
    assert (len([s for s in paid.fortnox.requests if s.path == "/3/invoicepayments"]), paid.opter.registrations()) == (1, [])
