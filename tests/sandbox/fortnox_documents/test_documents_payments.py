"""Invoice payments: the balance, vouchers, currency, write-offs, too much, both accounting methods."""

from decimal import Decimal
from typing import Any

from fortnox_rows import row

TOPICS = {"test_payments_clear_the_receivable": ("payments", lambda case: case["kind"] in ("sek", "currency"))}


def pay(api: Any, amount: Any, number: int = 1, **more: Any) -> Any:
    made = api.post("invoicepayments", "InvoicePayment", **{"InvoiceNumber": number, "Amount": amount, **more})
    return api.act(f"invoicepayments/{made['Number']}/bookkeep")


def balance(api: Any, number: int = 1) -> tuple[Any, Any]:
    found = api.get(f"invoices/{number}")["Invoice"]
    return found["Balance"], found["FinalPayDate"]


def test_payments_clear_the_receivable(api: Any, company: Any, case: Any) -> None:
    """Accounting.md 5.2. The cases leave what is too much to 2420; here it stays on the invoice, as recorded."""
    invoice, expected = case["input"]["invoice"], case["expected"]
    company.set("round_to_whole_krona", False)
    company.load("currencies", [{"Code": code, "Description": code, "BuyRate": 1} for code in ("JPY", "NOK")])
    line = {"Description": "Rad", "DeliveredQuantity": "1", "Price": Decimal(invoice["total"]), "VAT": 0}
    rates = {"Currency": invoice["currency"], "CurrencyRate": Decimal(invoice["rate"]), "CurrencyUnit": int(invoice["unit"])}
    made = api.invoice(line, **rates)
    assert api.voucher(api.act("invoices/1/bookkeep"))[1510] == Decimal(invoice["booked_sek"])
    assert Decimal(made["Total"]) == Decimal(invoice["total"])
    for payment, step, voucher in zip(case["input"]["payments"], expected["steps"], expected["vouchers"], strict=True):
        more: dict[str, Any] = {}
        if invoice["currency"] == "SEK":
            more["Amount"] = Decimal(payment["amount"])
        else:
            more = {"AmountCurrency": Decimal(payment["amount"]), "CurrencyRate": Decimal(payment["rate"])}
            more["CurrencyUnit"] = int(payment["unit"])
        if Decimal(step["write_off"]):
            more["WriteOffs"] = [{"AccountNumber": 3740, "Amount": Decimal(step["write_off"])}]
        booked = pay(api, more.pop("Amount", None), **more)
        assert Decimal(booked["Amount"]) == Decimal(step["amount_sek"])
        posted = {str(account): amount for account, amount in api.voucher(booked).items()}
        wanted = {account: Decimal(amount) for account, amount in voucher.items()}
        wanted["1510"] += wanted.pop("2420", Decimal(0))
        assert posted == wanted
        left, final = balance(api)
        assert left == Decimal(step["balance"]) - Decimal(step["surplus"])
        assert (final is not None) is (step["status"] == "paid")


def test_an_unbooked_payment_leaves_the_balance_and_can_be_changed_or_removed(api: Any) -> None:
    """Fortnox API, section 9.10."""
    api.invoice(row())
    api.act("invoices/1/bookkeep")
    made = api.post("invoicepayments", "InvoicePayment", InvoiceNumber=1, Amount=100, ModeOfPayment="PG")
    assert (made["Booked"], made["ModeOfPaymentAccount"], made["PaymentDate"], made["InvoiceOCR"]) == (
        False,
        1920,
        "2026-03-10",
        "133",
    )
    assert balance(api) == (125, None)
    changed = api.put("invoicepayments/1", "InvoicePayment", Amount=60, PaymentDate="2026-03-12", ModeOfPayment="BG")
    assert (changed["Amount"], changed["PaymentDate"], changed["ModeOfPaymentAccount"]) == (60, "2026-03-12", 1930)
    assert api.call("DELETE", "invoicepayments/1").status_code == 204
    assert api.call("GET", "invoicepayments/1").status_code == 404


def test_a_booked_payment_stays(api: Any) -> None:
    api.invoice(row())
    api.act("invoices/1/bookkeep")
    booked = pay(api, 125, PaymentDate="2026-03-20")
    assert (booked["Booked"], booked["VoucherSeries"], booked["VoucherNumber"]) == (True, "C", 1)
    assert balance(api) == (0, "2026-03-20")
    text = "Betalningen är bokförd och kan inte ändras."
    api.refused("PUT", "invoicepayments/1", 2000588, text, "InvoicePayment", Amount=1)
    api.refused("DELETE", "invoicepayments/1", 2000588, "Betalningen är bokförd och kan inte tas bort.")
    api.refused("PUT", "invoicepayments/1/bookkeep", 2000588, "Betalningen är redan bokförd.")
    api.refused("POST", "invoicepayments", 2003055, "Fakturan är redan betald.", "InvoicePayment", InvoiceNumber=1, Amount=1)
    voucher = api.get("vouchers/C/1", financialyear=2)["Voucher"]
    assert (voucher["ReferenceType"], voucher["ReferenceNumber"]) == ("INVOICEPAYMENT", "1")


def test_too_much_gives_a_negative_balance_and_no_final_date(api: Any) -> None:
    """Recorded: Total 1834, Balance -60, FinalPayDate null."""
    api.invoice(row(1467))
    api.act("invoices/1/bookkeep")
    pay(api, 1894)
    assert balance(api) == (-60, None)
    assert pay(api, -60)["Amount"] == -60
    assert balance(api) == (0, "2026-03-10")


def test_a_credit_is_paid_back_with_a_negative_payment(api: Any) -> None:
    api.invoice(row(quantity="-1"))
    api.act("invoices/1/bookkeep")
    assert api.voucher(pay(api, -125)) == {1930: -125, 1510: 125}
    assert balance(api) == (0, "2026-03-10")


def test_write_offs_alone_close_an_invoice(api: Any) -> None:
    api.invoice(row("0.4"), Currency="SEK")
    api.act("invoices/1/bookkeep")
    api.invoice(row())
    api.act("invoices/2/bookkeep")
    booked = pay(api, 0, 2, WriteOffs=[{"AccountNumber": 6351, "Amount": 100}, {"AccountNumber": 2611, "Amount": 25}])
    assert api.voucher(booked) == {6351: 100, 2611: 25, 1510: -125}
    assert balance(api, 2) == (0, "2026-03-10")
    assert api.get("invoicepayments")["InvoicePayments"][0]["WriteOffExist"] is True


def test_the_cash_method_books_the_sale_with_the_money(api: Any, company: Any) -> None:
    """Accounting.md 7.1: the payment books what it paid, VAT too; the last one books the rest."""
    company.set("accounting_method", "CASH")
    made = api.invoice(row("99.99"), row(50, VAT=12))
    assert made["AccountingMethod"] == "CASH"
    text = "Fakturan kan inte bokföras, företaget använder kontantmetoden."
    api.refused("PUT", "invoices/1/bookkeep", 2000588, text)
    first = api.voucher(pay(api, 60))
    found = api.get("invoices/1")["Invoice"]
    assert (found["Booked"], found["Balance"]) == (False, made["Total"] - 60)
    rest = api.voucher(pay(api, made["Total"] - 60))
    assert sum(first.values()) == sum(rest.values()) == 0
    whole = {account: first.get(account, 0) + rest.get(account, 0) for account in first | rest}
    assert whole.pop(3740, 0) == -made["RoundOff"]
    assert whole == {1930: made["Total"], 3001: Decimal("-149.99"), 2611: -25, 2621: -6}
    found = api.get("invoices/1")["Invoice"]
    assert (found["Booked"], found["FinalPayDate"]) == (True, "2026-03-10")
    text = "Fakturan är bokförd och kan inte ändras."
    api.refused("PUT", "invoices/1", 2000588, text, "Invoice", Comments="x")


def test_amount_and_currency_give_the_rate(api: Any) -> None:
    api.invoice(row(VAT=0), Currency="EUR", CurrencyRate=11)
    api.act("invoices/1/bookkeep")
    made = api.post("invoicepayments", "InvoicePayment", InvoiceNumber=1, AmountCurrency=100, Amount=1120)
    assert made["CurrencyRate"] == Decimal("11.2")
    missing = {"InvoiceNumber": 1, "Amount": 1100}
    text = "Värdet kan inte vara null. (amountcurrency)"
    api.refused("POST", "invoicepayments", 2000699, text, "InvoicePayment", **missing)
    text = "Currency USD and Currency EUR does not match"
    more = {"InvoiceNumber": 1, "AmountCurrency": 5, "Currency": "USD"}
    api.refused("POST", "invoicepayments", 2000588, text, "InvoicePayment", **more)


def test_payments_are_announced_with_their_invoice(api: Any, sandbox: Any) -> None:
    api.invoice(row())
    api.act("invoices/1/bookkeep")
    pay(api, 100)
    api.post("invoicepayments", "InvoicePayment", InvoiceNumber=1, Amount=5)
    api.call("DELETE", "invoicepayments/2")
    pay(api, 25)
    seen = [event for event in sandbox.topics.events if event["type"].startswith("invoicepayment")]
    assert [(one["topic"], one["type"], one["entityId"], one["invoiceId"], one.get("fullyPaid")) for one in seen] == [
        ("invoices", "invoicepayment-bookkeep-v1", "1", "1", False),
        ("invoices", "invoicepayment-deleted-v1", "2", "1", None),
        ("invoices", "invoicepayment-bookkeep-v1", "3", "1", True),
    ]


def test_a_payment_over_new_year_waits_for_the_carry_over(api: Any, company: Any) -> None:
    """Fortnox API, section 7.3."""
    api.invoice(row(), InvoiceDate="2025-12-20")
    api.act("invoices/1/bookkeep")
    api.post("invoicepayments", "InvoicePayment", InvoiceNumber=1, Amount=125)
    api.refused(
        "PUT", "invoicepayments/1/bookkeep", 2000588,
        "Angivet betaldatum måste vara inom fakturans räkenskapsår. För att genomföra betalningen måste fakturan årsomföras.",
    )  # fmt: skip
    company.set("years_carried_over", [1])
    assert api.act("invoicepayments/1/bookkeep")["Booked"] is True


def test_the_last_payment_clears_every_ore_of_the_receivable(api: Any) -> None:
    """Accounting.md 5.2: three parts that round down each leave nothing on 1510."""
    api.invoice({"Description": "Rad", "DeliveredQuantity": "1", "Price": "0.99", "VAT": 0}, Currency="EUR", CurrencyRate="11.2345")
    claimed = api.voucher(api.act("invoices/1/bookkeep"))[1510]
    cleared = [-api.voucher(pay(api, None, AmountCurrency="0.33", CurrencyRate="11.2345"))[1510] for _ in range(3)]
    assert (claimed, cleared) == (Decimal("11.12"), [Decimal("3.71"), Decimal("3.71"), Decimal("3.70")])
