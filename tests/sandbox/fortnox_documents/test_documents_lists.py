"""Lists of documents: filters, searches, sorting, changes since, a page of many."""

from typing import Any

import pytest

from fortnox_rows import row


def numbers(api: Any, path: str = "invoices", **params: Any) -> list[str]:
    return [one["DocumentNumber"] for one in api.get(path, **params)[path.capitalize()]]


@pytest.fixture
def states(api: Any) -> Any:
    """Invoices: 1 unbooked, 2 booked, 3 booked and overdue, 4 paid, 5 cancelled, 6 credited by 7, 8 a booked nothing."""
    for number in range(1, 7):
        api.invoice(row(100 * number), InvoiceDate="2026-01-05" if number == 3 else "2026-03-01")
    for number in (2, 3, 4, 6):
        api.act(f"invoices/{number}/bookkeep")
    api.post("invoicepayments", "InvoicePayment", InvoiceNumber=4, Amount=500, PaymentDate="2026-03-05")
    api.act("invoicepayments/1/bookkeep")
    api.act("invoices/5/cancel")
    api.act("invoices/6/credit")
    api.invoice(InvoiceDate="2026-03-01")
    api.act("invoices/8/bookkeep")
    return api


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("unbooked", ["1", "7"]),
        ("unpaid", ["2", "3", "6"]),
        ("unpaidoverdue", ["3"]),
        ("fullypaid", ["4", "8"]),
        ("cancelled", ["5"]),
    ],
)
def test_filters_of_invoices(states: Any, wanted: str, found: list[str]) -> None:
    """Fortnox API, section 6.3: unbooked ones are not unpaid; a booked zero counts as paid."""
    assert numbers(states, filter=wanted) == found


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"fromdate": "2026-02-01", "todate": "2026-03-01"}, ["1", "2", "4", "5", "6", "8"]),
        ({"fromfinalpaydate": "2026-03-02", "tofinalpaydate": "2026-03-31"}, ["4"]),
        ({"credit": "true"}, ["7"]),
        ({"articlenumber": "a1", "filter": "unbooked"}, ["1", "7"]),
        ({"articledescription": "skru", "sortby": "total", "sortorder": "descending", "limit": 2}, ["6", "5"]),
        ({"accountnumberfrom": "3001", "accountnumberto": "3001", "filter": "cancelled"}, ["5"]),
        ({"documentnumber": "3"}, ["3"]),
        ({"customername": "STRÖM", "filter": "fullypaid"}, ["4", "8"]),
        ({"currency": "EUR"}, []),
        ({"invoicetype": "INVOICE", "limit": 1, "page": 3}, ["3"]),
    ],
)
def test_searches_of_invoices(states: Any, params: dict[str, Any], found: list[str]) -> None:
    assert numbers(states, **params) == found


def test_an_external_reference_is_found_by_its_beginning_only(api: Any) -> None:
    """Fortnox API, section 6.4."""
    for reference in ("webb-10", "webb-100", "x-webb-10", ""):
        api.invoice(ExternalInvoiceReference1=reference)
        api.post("orders", "Order", CustomerNumber="1", ExternalInvoiceReference1=reference)
    assert numbers(api, externalinvoicereference1="webb-10") == ["1", "2"]
    assert numbers(api, "orders", externalinvoicereference1="WEBB-100") == ["2"]


def test_the_same_reference_twice_makes_two_orders(api: Any) -> None:
    """Fortnox API, section 9.6: no uniqueness."""
    for _ in range(2):
        api.post("orders", "Order", CustomerNumber="1", ExternalInvoiceReference1="webb-1")
    assert numbers(api, "orders", externalinvoicereference1="webb-1") == ["1", "2"]


def test_labels_are_searched_by_id(api: Any) -> None:
    api.post("labels", "Label", Description="Viktig")
    api.invoice()
    api.invoice(Labels=[{"Id": 1}])
    assert numbers(api, label="1") == ["2"]
    api.refused("GET", "invoices?label=viktig", 2000588, "Ogiltig parameter i anropet.")


def test_filters_of_orders_and_offers(api: Any) -> None:
    for number in range(4):
        api.post("orders", "Order", CustomerNumber="1", DeliveryDate="2026-02-01" if number == 3 else None)
        api.post("offers", "Offer", CustomerNumber="1", ExpireDate="2026-03-01" if number == 3 else "2026-04-01")
    api.act("orders/1/createinvoice")
    api.act("orders/2/cancel")
    api.act("offers/1/createorder")
    api.act("offers/2/cancel")
    assert numbers(api, "orders", filter="invoicecreated") == ["1"]
    assert numbers(api, "orders", filter="invoicenotcreated") == ["3", "4", "5"]
    assert numbers(api, "orders", filter="cancelled") == ["2"]
    assert numbers(api, "orders", filter="expired") == ["4"]
    found = {
        name: numbers(api, "offers", filter=name) for name in ("completed", "notcompleted", "ordercreated", "expired", "cancelled")
    }
    assert found == {"completed": ["1"], "notcompleted": ["3", "4"], "ordercreated": ["1"], "expired": ["4"], "cancelled": ["2"]}


def test_an_unknown_filter_or_parameter_is_refused(api: Any) -> None:
    api.refused("GET", "invoices?filter=paid", 2000587, "Ett ogiltigt filter har använts.")
    api.refused("GET", "orders?filter=unpaid", 2000587, "Ett ogiltigt filter har använts.")
    api.refused("GET", "offers?externalinvoicereference1=x", 2000588, "Ogiltig parameter i anropet.")
    api.refused("GET", "invoices?sortby=name", 2000588, "Ogiltig parameter i anropet.")


def test_a_payment_counts_as_a_change_of_its_invoice(api: Any, sandbox: Any) -> None:
    api.invoice(row())
    api.act("invoices/1/bookkeep")
    api.invoice(row())
    with sandbox.lock:
        sandbox.clock.advance(3600)
    assert numbers(api, lastmodified="2026-03-10 10:00") == []
    api.post("invoicepayments", "InvoicePayment", InvoiceNumber=1, Amount=125)
    assert numbers(api, lastmodified="2026-03-10 10:00") == []
    api.act("invoicepayments/1/bookkeep")
    assert numbers(api, lastmodified="2026-03-10 10:00") == ["1"]
    assert [one["Number"] for one in api.get("invoicepayments", lastmodified="2026-03-10 10:00")["InvoicePayments"]] == ["1"]
    assert [one["VoucherSeries"] for one in api.get("vouchers", lastmodified="2026-03-10 10:00", financialyear=2)["Vouchers"]] == [
        "C"
    ]


def test_numbers_sort_by_value(api: Any) -> None:
    for number in ("8", "9", "10", "11", "100", "12345678901"):
        api.invoice(DocumentNumber=number)
    assert numbers(api) == ["8", "9", "10", "11", "100", "12345678901"]
    assert api.invoice()["DocumentNumber"] == "12345678902"


def test_many_invoices_are_loaded_and_paged(api: Any, sandbox: Any, company: Any) -> None:
    lines = [{"ArticleNumber": "A1", "DeliveredQuantity": "1", "Price": 100, "Total": 100, "VAT": 25, "AccountNumber": 3001}]
    records = (
        {"CustomerNumber": "1", "CustomerName": f"Kund {n}", "Total": 125, "Net": 100, "TotalVAT": 25, "InvoiceRows": lines}
        for n in range(20_000)
    )
    with sandbox.lock:
        assert company.load("invoices", records) == 20_000
    assert api.get("invoices/20000")["Invoice"]["OCR"] == "2000073"
    page = api.get("invoices?limit=500&page=30")
    assert page["MetaInformation"] == {"@TotalResources": 20_000, "@TotalPages": 40, "@CurrentPage": 30}
    assert len({invoice["DocumentNumber"] for invoice in page["Invoices"]}) == 500
    assert api.invoice()["DocumentNumber"] == "20001"


def test_a_loaded_invoice_can_be_booked_and_paid(api: Any, sandbox: Any, company: Any) -> None:
    with sandbox.lock:
        company.load(
            "invoices",
            [{"DocumentNumber": "50", "CustomerNumber": "1", "InvoiceDate": "2026-03-01", "InvoiceRows": [row(100, "2")]}],
        )
    made = api.get("invoices/50")["Invoice"]
    assert (made["Total"], made["Balance"], made["DueDate"], made["OCR"]) == (250, 250, "2026-03-31", "5041")
    assert api.voucher(api.act("invoices/50/bookkeep")) == {1510: 250, 3001: -200, 2611: -50}
    with sandbox.lock:
        company.load("invoicepayments", [{"InvoiceNumber": 50, "Amount": 250, "AmountCurrency": 250, "PaymentDate": "2026-03-02"}])
    assert api.act("invoicepayments/1/bookkeep")["Booked"] is True
    assert api.get("invoices/50")["Invoice"]["FinalPayDate"] == "2026-03-02"
