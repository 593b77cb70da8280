"""Booking: a voucher on the right accounts, always even, and an invoice that nothing changes afterwards."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fortnox_rows import row

amounts = st.decimals(min_value="-5000", max_value="50000", places=2)
lines = st.fixed_dictionaries(
    {
        "Description": st.just("Rad"),
        "DeliveredQuantity": st.decimals(min_value="-20", max_value="200", places=2).map(str),
        "Price": amounts,
        "VAT": st.sampled_from([25, 12, 6, 0]),
        "Discount": st.decimals(min_value="0", max_value="100", places=1),
        "DiscountType": st.sampled_from(["PERCENT", "AMOUNT"]),
    }
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(lines, max_size=8),
    included=st.booleans(),
    per_row=st.booleans(),
    whole=st.booleans(),
    fee=st.decimals(min_value="0", max_value="500", places=2),
    rate=st.decimals(min_value="0.05", max_value="14", places=4),
    currency=st.sampled_from(["SEK", "EUR"]),
    paid=st.lists(st.decimals(min_value="0.01", max_value="9999", places=2), max_size=3),
)
def test_every_voucher_balances_and_is_tied_to_its_document(
    api: Any, company: Any, rows: list[Any], included: bool, per_row: bool, whole: bool, fee: Decimal, rate: Decimal,
    currency: str, paid: list[Decimal],
) -> None:  # fmt: skip
    company.set("vat_method", "per_row" if per_row else "per_rate")
    company.set("round_to_whole_krona", whole)
    made = api.invoice(*rows, VATIncluded=included, Freight=fee, Currency=currency, CurrencyRate=rate)
    number = made["DocumentNumber"]
    freight_net = fee - (Decimal(made["FreightVAT"]) if included else 0)
    assert Decimal(made["Net"]) + freight_net + Decimal(made["TotalVAT"]) + Decimal(made["RoundOff"]) == Decimal(made["Total"])
    booked = api.act(f"invoices/{number}/bookkeep")
    posted = api.voucher(booked)
    assert sum(posted.values()) == 0
    kronor = (Decimal(made["Total"]) * Decimal(made["CurrencyRate"])).quantize(Decimal("0.01"), "ROUND_HALF_UP")
    assert posted.get(1510, Decimal(0)) == kronor
    assert abs(posted.get(3740, Decimal(0))) <= Decimal("0.6") + Decimal("0.01") * (len(rows) + 4)
    open_still = Decimal(made["Total"])
    for amount in paid:
        if api.get(f"invoices/{number}")["Invoice"]["FinalPayDate"]:
            break
        payment = api.post("invoicepayments", "InvoicePayment", InvoiceNumber=number, AmountCurrency=amount, Amount=amount)
        assert sum(api.voucher(api.act(f"invoicepayments/{payment['Number']}/bookkeep")).values()) == 0
        open_still -= amount
    left = Decimal(api.get(f"invoices/{number}")["Invoice"]["Balance"])
    assert left == open_still


def test_a_mixed_invoice_books_each_account_and_rate(api: Any) -> None:
    rows = [
        {"Description": "Rad", "DeliveredQuantity": "1", "Price": 100, "AccountNumber": number}
        for number in (3001, 3002, 3003, 3004)
    ]
    api.invoice(*rows)
    assert api.voucher(api.act("invoices/1/bookkeep")) == {
        1510: 443, 3001: -100, 3002: -100, 3003: -100, 3004: -100, 2611: -25, 2621: -12, 2631: -6,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("vat_type", "account", "vat"),
    [
        ("SEVAT", 3001, 25),
        ("SEREVERSEDVAT", 3231, 0),
        ("EUREVERSEDVAT", 3108, 0),
        ("EUVAT", 3106, 25),
        ("EXPORT", 3105, 0),
    ],
)
def test_the_vat_type_of_the_customer_decides_the_accounts(api: Any, vat_type: str, account: int, vat: int) -> None:
    api.put("customers/1", "Customer", VATType=vat_type, VATNumber="DE123456788")
    api.post("articles", "Article", ArticleNumber="X", Description="X")
    api.invoice({"ArticleNumber": "X", "DeliveredQuantity": "1", "Price": 100})
    expected = {1510: 100 + vat, account: -100} | ({2611: -25} if vat else {})
    assert api.voucher(api.act("invoices/1/bookkeep")) == expected


def test_a_booked_invoice_names_its_voucher_and_never_changes_again(api: Any) -> None:
    api.invoice(row())
    booked = api.act("invoices/1/bookkeep")
    assert (booked["Booked"], booked["VoucherSeries"], booked["VoucherNumber"], booked["VoucherYear"]) == (True, "B", 1, 2)
    assert (booked["Balance"], booked["FinalPayDate"]) == (125, None)
    voucher = api.get("vouchers/B/1", financialyear=2)["Voucher"]
    assert (voucher["ReferenceType"], voucher["ReferenceNumber"], voucher["TransactionDate"]) == ("INVOICE", "1", "2026-03-10")
    for change in ({"Comments": "x"}, {"InvoiceRows": [row(7)]}, {"DueDate": "2026-05-05"}, {"CustomerNumber": "1"}):
        api.refused("PUT", "invoices/1", 2000588, "Fakturan är bokförd och kan inte ändras.", "Invoice", **change)
    api.refused("PUT", "invoices/1/bookkeep", 2000588, "Fakturan är redan bokförd.")
    text = "Fakturan är bokförd och kan inte makuleras, den måste krediteras."
    api.refused("PUT", "invoices/1/cancel", 2000588, text)
    assert api.get("invoices/1")["Invoice"] == booked


def test_a_booked_house_work_invoice_takes_details_of_rows(api: Any) -> None:
    api.invoice(row(HouseWork=True, HouseWorkType="CLEANING"), TaxReductionType="rut")
    line = api.act("invoices/1/bookkeep")["InvoiceRows"][0]
    changed = api.put("invoices/1", "Invoice", InvoiceRows=[{"RowId": line["RowId"], "HouseWorkHoursToReport": 3}])
    assert changed["InvoiceRows"][0]["HouseWorkHoursToReport"] == 3
    assert changed["Total"] == 125


def test_an_invoice_of_nothing_is_paid_when_booked(api: Any) -> None:
    api.invoice()
    assert api.act("invoices/1/bookkeep")["FinalPayDate"] == "2026-03-10"
    assert [one["DocumentNumber"] for one in api.get("invoices", filter="fullypaid")["Invoices"]] == ["1"]


def test_a_credit_mirrors_its_invoice_to_the_krona(api: Any) -> None:
    """Accounting.md 3.1: a credit is the exact mirror; the original names it and it names the original."""
    api.invoice(row("99.95", "3", Discount=15), row("10", "1", VAT=12), {"Description": "Text"}, AdministrationFee=29)
    original = api.act("invoices/1/bookkeep")
    answer = api.act("invoices/1/credit")
    assert (answer["DocumentNumber"], answer["CreditInvoiceReference"]) == ("1", "2")
    credit = api.get("invoices/2")["Invoice"]
    assert (credit["Credit"], credit["CreditInvoiceReference"], credit["Booked"]) == ("true", "1", False)
    for name in ("Net", "TotalVAT", "Total", "RoundOff", "Balance", "AdministrationFee"):
        assert credit[name] == -original[name], name
    mirrored = {account: -amount for account, amount in api.voucher(original).items()}
    assert api.voucher(api.act("invoices/2/bookkeep")) == mirrored
    api.refused("PUT", "invoices/1/credit", 2000588, "Fakturan är redan krediterad av faktura 2.")
    api.refused("PUT", "invoices/2/credit", 2000588, "En kreditfaktura kan inte krediteras.")
    assert [one["DocumentNumber"] for one in api.get("invoices", credit="true")["Invoices"]] == ["2"]


def test_a_second_credit_is_an_invoice_of_its_own_that_names_the_original(api: Any) -> None:
    api.invoice(row())
    made = api.invoice(row(quantity="-1"), CreditInvoiceReference="1")
    assert (made["Credit"], made["Total"]) == ("true", -125)
    text = "Kan inte hitta fakturan."
    api.refused("POST", "invoices", 2000434, text, "Invoice", status=404, CustomerNumber="1", CreditInvoiceReference="99")


@pytest.mark.parametrize(("way", "account"), [("CASH", 1910), ("CARD", 1930)])
def test_a_cash_invoice_is_booked_straight_to_the_money(api: Any, way: str, account: int) -> None:
    """Fortnox API, section 9.7; accounting.md 7.2."""
    made = api.invoice(row(), InvoiceType="CASHINVOICE", PaymentWay=way)
    assert (made["Balance"], made["Total"]) == (0, 125)
    booked = api.act("invoices/1/bookkeep")
    assert (booked["FinalPayDate"], booked["VoucherSeries"]) == ("2026-03-10", "F")
    assert api.voucher(booked) == {account: 125, 3001: -100, 2611: -25}
    assert api.get("invoices", filter="unpaid")["Invoices"] == []
    text = "En kontantfaktura tar inte emot betalningar."
    api.refused("POST", "invoicepayments", 2000588, text, "InvoicePayment", InvoiceNumber=1, Amount=125)


def test_autogiro_without_an_account_cannot_be_booked(api: Any) -> None:
    api.invoice(row(), InvoiceType="CASHINVOICE", PaymentWay="AG")
    api.refused("PUT", "invoices/1/bookkeep", 2001304, "Kunde inte hitta konto")


def test_house_work_splits_the_claim(api: Any) -> None:
    """Accounting.md 7.5: the customer's part on 1510, the tax authority's on 1513."""
    made = api.invoice(row(8160, HouseWork=True, HouseWorkType="CLEANING"), TaxReductionType="rut")
    assert (made["Total"], made["TaxReduction"], made["TotalToPay"], made["Balance"]) == (10200, 5100, 5100, 5100)
    assert (made["HouseWork"], made["BasisTaxReduction"]) == (True, 10200)
    assert api.voucher(api.act("invoices/1/bookkeep")) == {1510: 5100, 1513: 5100, 3001: -8160, 2611: -2040}


def test_dimensions_of_rows_and_head_reach_the_voucher(api: Any) -> None:
    api.post("costcenters", "CostCenter", Code="N", Description="Norr")
    api.post("projects", "Project", ProjectNumber="7", Description="Bro")
    api.invoice(row(100, Project="7"), row(50), CostCenter="N")
    booked = api.act("invoices/1/bookkeep")
    rows = api.get(f"vouchers/B/{booked['VoucherNumber']}", financialyear=2)["Voucher"]["VoucherRows"]
    sales = {(one["CostCenter"], one["Project"]): one["Credit"] for one in rows if one["Account"] == 3001}
    assert sales == {("N", "7"): 100, ("N", ""): 50}


def test_vouchers_of_a_series_have_no_gaps_and_a_refusal_takes_no_number(api: Any, company: Any) -> None:
    for _ in range(3):
        api.invoice(row())
    api.act("invoices/1/bookkeep")
    company.set("locked_until", "2026-12-31")
    api.refused("PUT", "invoices/2/bookkeep", 2002141, "Fakturadatumet ligger i en låst period.")
    company.set("locked_until", None)
    assert api.act("invoices/3/bookkeep")["VoucherNumber"] == 2
    assert api.act("invoices/2/bookkeep")["VoucherNumber"] == 3
    assert api.get("voucherseries/B", financialyear=2)["VoucherSeries"]["NextVoucherNumber"] == 4


def test_booking_is_announced(api: Any, sandbox: Any) -> None:
    api.invoice(row())
    api.act("invoices/1/bookkeep")
    api.invoice(row())
    api.act("invoices/2/cancel")
    seen = [(event["topic"], event["type"], event["entityId"]) for event in sandbox.topics.events]
    assert seen == [
        ("invoices", "invoice-created-v1", "1"),
        ("vouchers", "voucher-created-v1", "1"),
        ("invoices", "invoice-bookkeep-v1", "1"),
        ("invoices", "invoice-created-v1", "2"),
        ("invoices", "invoice-cancelled-v1", "2"),
    ]
    voucher = sandbox.topics.events[1]
    assert (voucher["series"], voucher["year"]) == ("B", 2)
