"""The shared cases of totals, references, due dates and currency hold on documents made over HTTP."""

from decimal import Decimal
from typing import Any

TOPICS = {
    "test_totals_of_an_invoice": ("invoice_totals", lambda case: True),
    "test_a_new_invoice_gets_its_payment_reference": (
        "ocr",
        lambda case: case["input"]["op"] == "make" and case["input"]["length_digit"],
    ),
    "test_the_reference_of_a_supplier_is_checked": (
        "ocr",
        lambda case: case["input"]["op"] == "validate" and case["input"]["level"] == "check_digit",
    ),
    "test_due_date_follows_from_the_terms": ("due_dates", lambda case: True),
    "test_kronor_of_an_invoice_in_another_currency": ("currency_rates", lambda case: case["input"]["op"] == "to_sek"),
}
VAT_ACCOUNTS = {"25": 2611, "12": 2621, "6": 2631}


def test_totals_of_an_invoice(api: Any, company: Any, case: Any) -> None:
    """Fortnox API, section 10; accounting.md 3.2."""
    given, expected = case["input"], case["expected"]
    company.set("vat_method", given["vat_method"])
    company.set("round_to_whole_krona", given["round_to_krona"])
    rows = []
    for row in given["rows"]:
        wish = {"Description": "Rad", "DeliveredQuantity": row["qty"], "Price": Decimal(row["price"]), "VAT": int(row["vat"])}
        if row["discount"] is not None:
            wish |= {"Discount": Decimal(row["discount"]), "DiscountType": row["discount_type"]}
        rows.append(wish)
    made = api.invoice(*rows, VATIncluded=given["prices_include_vat"])
    assert [Decimal(row["Total"]) for row in made["InvoiceRows"]] == [Decimal(total) for total in expected["row_totals"]]
    sums = {"Net": "net", "TotalVAT": "vat", "Total": "total", "RoundOff": "round_off", "Balance": "total"}
    assert {name: Decimal(made[name]) for name in sums} == {name: Decimal(expected[key]) for name, key in sums.items()}
    posted = api.voucher(api.act("invoices/1/bookkeep"))
    for rate, amounts in expected["per_rate"].items():
        if rate in VAT_ACCOUNTS:
            assert posted.get(VAT_ACCOUNTS[rate], Decimal(0)) == -Decimal(amounts["vat"])
    assert posted.get(3740, Decimal(0)) == -Decimal(expected["round_off"])
    assert sum(posted.values()) == 0


def test_a_new_invoice_gets_its_payment_reference(api: Any, case: Any) -> None:
    """Fortnox API, section 10.4."""
    made = api.invoice(DocumentNumber=case["input"]["payload"])
    assert made["OCR"] == case["expected"]["ocr"]
    assert api.get("invoices", ocr=case["expected"]["ocr"])["Invoices"][0]["DocumentNumber"] == case["input"]["payload"]


def test_the_reference_of_a_supplier_is_checked(api: Any, company: Any, case: Any) -> None:
    company.load("suppliers", [{"SupplierNumber": "1", "Name": "Grossist AB"}])
    fields = {"SupplierNumber": "1", "OCR": case["input"]["ocr"], "Total": "100"}
    if case["expected"]["valid"]:
        assert api.post("supplierinvoices", "SupplierInvoice", **fields)["OCR"] == case["input"]["ocr"]
    else:
        api.refused("POST", "supplierinvoices", 2000588, "Ogiltigt OCR-nummer", "SupplierInvoice", **fields)


def test_due_date_follows_from_the_terms(api: Any, company: Any, case: Any) -> None:
    """Fortnox API, section 10.5."""
    days = str(case["input"]["terms_days"])
    company.load("termsofpayments", [{"Code": days, "Description": f"{days} dagar"}])
    made = api.invoice(InvoiceDate=case["input"]["invoice_date"], TermsOfPayment=days)
    assert made["DueDate"] == case["expected"]["due_date"]
    assert api.invoice(InvoiceDate="2026-01-01", DueDate="2026-01-07")["DueDate"] == "2026-01-07"


def test_kronor_of_an_invoice_in_another_currency(api: Any, company: Any, case: Any) -> None:
    """Fortnox API, section 10.3: the rate is kronor per unit."""
    given = case["input"]
    row = {"Description": "Rad", "DeliveredQuantity": "1", "Price": Decimal(given["amount"]), "VAT": 0}
    made = api.invoice(row, Currency="EUR", CurrencyRate=Decimal(given["rate"]), CurrencyUnit=int(given["unit"]))
    assert Decimal(made["Total"]) == Decimal(given["amount"])  # no rounding to whole units abroad
    posted = api.voucher(api.act("invoices/1/bookkeep"))
    assert posted[1510] == Decimal(case["expected"]["result"])
    assert sum(posted.values()) == 0


def test_fee_and_freight_stand_outside_net_and_carry_vat(api: Any) -> None:
    """The recorded example of Fortnox API, section 10.1."""
    row = {"ArticleNumber": "A1", "DeliveredQuantity": "1", "Price": 100}
    made = api.invoice(row, AdministrationFee=50, Freight=25)
    names = ("Net", "Gross", "AdministrationFeeVAT", "FreightVAT", "TotalVAT", "RoundOff", "Total", "Balance", "TotalToPay")
    assert [made[name] for name in names] == [
        100, 100, Decimal("12.5"), Decimal("6.25"), Decimal("43.75"), Decimal("0.25"), 219, 219, 219,
    ]  # fmt: skip
    assert api.voucher(api.act("invoices/1/bookkeep")) == {
        1510: 219, 3001: -100, 3540: -50, 3520: -25, 2611: Decimal("-43.75"), 3740: Decimal("-0.25"),
    }  # fmt: skip


def test_prices_and_quantities_are_kept_with_two_decimals(api: Any) -> None:
    made = api.invoice({"ArticleNumber": "A1", "DeliveredQuantity": "1.125", "Price": "9.995"})
    (row,) = made["InvoiceRows"]
    assert (row["DeliveredQuantity"], row["Price"], row["Total"]) == ("1.13", 10, Decimal("11.3"))


def test_a_discount_without_type_is_an_amount_for_the_whole_row(api: Any) -> None:
    """Fortnox API, section 9.8."""
    made = api.invoice({"ArticleNumber": "A1", "DeliveredQuantity": "3", "Price": 100, "Discount": 30})
    (row,) = made["InvoiceRows"]
    assert (row["DiscountType"], row["Total"], made["Gross"], made["Net"]) == ("AMOUNT", 270, 300, 270)


def test_the_customers_discount_adds_itself_when_none_is_sent(api: Any) -> None:
    api.put("customers/1", "Customer", InvoiceDiscount=10)
    made = api.invoice(
        {"ArticleNumber": "A1", "DeliveredQuantity": "1", "Price": 100},
        {"ArticleNumber": "A1", "DeliveredQuantity": "1", "Price": 100, "Discount": 0},
    )
    assert [row["Total"] for row in made["InvoiceRows"]] == [90, 100]


def test_prices_with_vat_show_their_net_beside(api: Any) -> None:
    made = api.invoice({"ArticleNumber": "A1", "DeliveredQuantity": "2", "Price": 125}, VATIncluded=True)
    (row,) = made["InvoiceRows"]
    assert (row["Total"], row["PriceExcludingVAT"], row["TotalExcludingVAT"], made["Net"], made["Total"]) == (
        250,
        100,
        200,
        200,
        250,
    )


def test_the_rate_of_the_register_counts_unless_one_is_sent(api: Any, company: Any) -> None:
    company.load("currencies", [{"Code": "JPY", "Description": "Yen", "BuyRate": Decimal("6.95"), "SellRate": 7, "Unit": 100}])
    made = api.invoice(Currency="JPY")
    assert (made["CurrencyRate"], made["CurrencyUnit"]) == (Decimal("6.95"), 100)
    assert api.invoice(Currency="JPY", CurrencyRate=7)["CurrencyRate"] == 7
    assert api.invoice(Currency="SEK", CurrencyRate=7)["CurrencyRate"] == 1


def test_the_price_comes_from_the_step_that_the_quantity_reaches(api: Any) -> None:
    api.post("pricelists", "PriceList", Code="B", Description="Grossist")
    for code, quantity, price in (("A", 0, 100), ("B", 0, 90), ("B", 10, 80), ("B", "100.5", 70)):
        api.post("prices", "Price", ArticleNumber="A1", PriceList=code, FromQuantity=quantity, Price=price)

    def price_of(quantity: str, price_list: str) -> Any:
        made = api.invoice({"ArticleNumber": "A1", "DeliveredQuantity": quantity}, PriceList=price_list)
        return made["InvoiceRows"][0]["Price"]

    assert [price_of(q, "B") for q in ("1", "10", "100", "101")] == [90, 80, 80, 70]
    assert price_of("1000", "A") == 100


def test_fee_and_freight_take_the_rate_of_the_largest_amount(api: Any) -> None:
    """Accounting.md 3.3: not spread over the rates, though the law wants it."""
    books, records = (
        {"Description": "Rad", "DeliveredQuantity": "1", "Price": price, "VAT": rate} for price, rate in ((650, 6), (350, 25))
    )
    made = api.invoice(books, records, Freight=100)
    assert (made["FreightVAT"], made["TotalVAT"]) == (6, Decimal("132.5"))
    assert api.voucher(api.act("invoices/1/bookkeep"))[2631] == -45
