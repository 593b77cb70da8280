"""Supplier invoices and their payments (Fortnox API, section 9.13)."""

from decimal import Decimal
from typing import Any

import pytest

UNKNOWN = 2000588
ROWS = [{"Account": 4010, "Debit": 80}, {"Account": 6110, "Debit": 20}, {"Account": 2641, "Debit": 25}]


@pytest.fixture
def books(api: Any, company: Any) -> Any:
    company.load("suppliers", [{"SupplierNumber": "1", "Name": "Grossist AB", "TermsOfPayment": "20", "OurReference": "Anna"}])
    return api


def supplier_invoice(api: Any, **fields: Any) -> Any:
    return api.post("supplierinvoices", "SupplierInvoice", **{"SupplierNumber": "1", "Total": "125", "VAT": 25, **fields})


def test_the_payable_row_is_added_and_amounts_are_texts(books: Any) -> None:
    """Three rows sent, four returned."""
    made = supplier_invoice(books, SupplierInvoiceRows=ROWS, InvoiceNumber="L-77")
    assert [(one["Account"], one["Code"], one["Debit"], one["Credit"]) for one in made["SupplierInvoiceRows"]] == [
        (2440, "TOT", 0, 125), (4010, "PRE", 80, 0), (6110, "PRE", 20, 0), (2641, "VAT", 25, 0),
    ]  # fmt: skip
    assert (made["Total"], made["VAT"], made["Balance"], made["CurrencyRate"], made["Freight"]) == ("125", "25", "125", "1", "0")
    assert (made["SupplierName"], made["DueDate"], made["OurReference"], made["GivenNumber"]) == (
        "Grossist AB", "2026-03-30", "Anna", "1",
    )  # fmt: skip


def test_an_invoice_without_rows_is_posted_from_total_and_vat(books: Any) -> None:
    made = supplier_invoice(books)
    assert [(one["Account"], one["Debit"], one["Credit"]) for one in made["SupplierInvoiceRows"]] == [
        (2440, 0, 125), (2641, 25, 0), (4011, 100, 0),
    ]  # fmt: skip
    changed = books.put("supplierinvoices/1", "SupplierInvoice", Total="250", VAT="50")
    assert [(one["Account"], one["Debit"]) for one in changed["SupplierInvoiceRows"]] == [(2440, 0), (2641, 50), (4011, 200)]


def test_the_list_says_cancel_where_the_detail_says_cancelled(books: Any) -> None:
    supplier_invoice(books)
    assert books.act("supplierinvoices/1/cancel")["Cancelled"] is True
    (listed,) = books.get("supplierinvoices", filter="cancelled")["SupplierInvoices"]
    assert listed["Cancel"] is True
    assert "Cancelled" not in listed
    text = "Leverantörsfakturan är makulerad och kan inte ändras."
    books.refused("PUT", "supplierinvoices/1", UNKNOWN, text, "SupplierInvoice", Comments="x")


def test_booking_and_paying_a_supplier(books: Any) -> None:
    supplier_invoice(books, SupplierInvoiceRows=ROWS)
    text = "Leverantörsfakturan är inte bokförd."
    books.refused("POST", "supplierinvoicepayments", UNKNOWN, text, "SupplierInvoicePayment", InvoiceNumber="1", Amount=125)
    booked = books.act("supplierinvoices/1/bookkeep")
    assert booked["Vouchers"] == [{"Number": 1, "ReferenceType": "SUPPLIERINVOICE", "Series": "D", "Year": 2}]
    assert books.voucher(booked) == {2440: -125, 4010: 80, 6110: 20, 2641: 25}
    text = "Leverantörsfakturan är bokförd och kan inte ändras."
    books.refused("PUT", "supplierinvoices/1", UNKNOWN, text, "SupplierInvoice", Comments="x")
    paid = books.post("supplierinvoicepayments", "SupplierInvoicePayment", InvoiceNumber="1", Amount=100)
    assert (paid["Number"], paid["InvoiceNumber"], paid["InvoiceSupplierName"]) == (1, "1", "Grossist AB")
    assert books.voucher(books.act("supplierinvoicepayments/1/bookkeep")) == {1930: -100, 2440: 100}
    assert books.get("supplierinvoices/1")["SupplierInvoice"]["Balance"] == "25"
    assert [one["GivenNumber"] for one in books.get("supplierinvoices", filter="unpaid")["SupplierInvoices"]] == ["1"]
    books.post(
        "supplierinvoicepayments", "SupplierInvoicePayment", InvoiceNumber="1", Amount="24.5",
        WriteOffs=[{"AccountNumber": 3740, "Amount": "0.5"}],
    )  # fmt: skip
    assert books.voucher(books.act("supplierinvoicepayments/2/bookkeep")) == {
        1930: Decimal("-24.5"),
        3740: Decimal("-0.5"),
        2440: 25,
    }
    found = books.get("supplierinvoices/1")["SupplierInvoice"]
    assert (found["Balance"], found["FinalPayDate"]) == ("0", "2026-03-10")


def test_a_credit_turns_the_sides(books: Any) -> None:
    supplier_invoice(books, SupplierInvoiceRows=ROWS)
    books.refused("PUT", "supplierinvoices/1/credit", UNKNOWN, "Leverantörsfakturan är inte bokförd och kan inte krediteras.")
    original = books.act("supplierinvoices/1/bookkeep")
    assert books.act("supplierinvoices/1/credit")["CreditReference"] == 2
    credit = books.get("supplierinvoices/2")["SupplierInvoice"]
    assert (credit["Credit"], credit["Total"], credit["CreditReference"], credit["Booked"]) == (True, "-125", 1, False)
    mirrored = {account: -amount for account, amount in books.voucher(original).items()}
    assert books.voucher(books.act("supplierinvoices/2/bookkeep")) == mirrored


def test_a_supplier_in_another_currency(books: Any) -> None:
    supplier_invoice(books, Currency="EUR", VAT=0, CurrencyRate="11.2534")
    assert books.voucher(books.act("supplierinvoices/1/bookkeep")) == {2440: Decimal("-1406.68"), 4011: Decimal("1406.68")}
    books.post("supplierinvoicepayments", "SupplierInvoicePayment", InvoiceNumber="1", AmountCurrency=125, CurrencyRate=11)
    posted = books.voucher(books.act("supplierinvoicepayments/1/bookkeep"))
    assert posted == {1930: -1375, 2440: Decimal("1406.68"), 3960: Decimal("-31.68")}


def test_approval_comes_before_booking_and_payment_where_it_is_on(books: Any, company: Any) -> None:
    supplier_invoice(books)
    books.refused("PUT", "supplierinvoices/1/approvalbookkeep", UNKNOWN, "Attest av leverantörsfakturor är inte aktiverad.")
    company.set("approval_of_supplier_invoices", True)
    assert len(books.get("supplierinvoices", filter="authorizepending")["SupplierInvoices"]) == 1
    text = "Leverantörsfakturan är inte attesterad för bokföring."
    books.refused("PUT", "supplierinvoices/1/bookkeep", UNKNOWN, text)
    books.act("supplierinvoices/1/approvalbookkeep")
    books.act("supplierinvoices/1/bookkeep")
    wish = {"InvoiceNumber": "1", "Amount": 125}
    text = "Leverantörsfakturan är inte attesterad för betalning."
    books.refused("POST", "supplierinvoicepayments", UNKNOWN, text, "SupplierInvoicePayment", **wish)
    books.act("supplierinvoices/1/approvalpayment")
    books.post("supplierinvoicepayments", "SupplierInvoicePayment", **wish)


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({"SupplierNumber": "9"}, UNKNOWN, "Kunde inte hämta/hitta leverantör"),
        ({"SupplierInvoiceRows": ROWS[:2]}, 2000755, "Leverantörsfakturan balanserar inte"),
        ({"SupplierInvoiceRows": [{"Account": 4999, "Debit": 125}]}, 2001304, "Kunde inte hitta konto"),
        (
            {"VATType": "REVERSE", "SupplierInvoiceRows": [{"Account": 4610, "Debit": 125}, {"Account": 2647, "Debit": 25}]},
            2003115,
            "Momsrader för momstyp REVERSE måste vara märkta med motsvarande CODE",
        ),
        ({"Total": "mycket"}, 2000108, "Värdet måste vara numeriskt (mycket)"),
        ({"Currency": "GBP"}, UNKNOWN, "Kunde inte hämta/hitta valuta"),
        ({"Booked": True}, 2001399, "Felaktigt fältnamn (Booked)"),
    ],
)
def test_a_supplier_invoice_is_refused_with_its_reason(books: Any, fields: dict[str, Any], code: int, message: str) -> None:
    wish = {"SupplierNumber": "1", "Total": "125", **fields}
    books.refused("POST", "supplierinvoices", code, message, "SupplierInvoice", **wish)
    assert books.get("supplierinvoices")["SupplierInvoices"] == []


def test_reverse_charge_needs_its_predefined_accounts(books: Any, company: Any) -> None:
    rows = [
        {"Account": 4610, "Debit": 125},
        {"Account": 2647, "Debit": 25, "Code": "CND"},
        {"Account": 2614, "Credit": 25, "Code": "CNC"},
    ]
    made = supplier_invoice(books, VAT=0, VATType="REVERSE", SupplierInvoiceRows=rows)
    assert books.voucher(books.act(f"supplierinvoices/{made['GivenNumber']}/bookkeep")) == {
        2440: -125, 4610: 125, 2647: 25, 2614: -25,
    }  # fmt: skip
    company.put("predefinedaccounts", "CONSTRUCTION_DEB", {"Name": "CONSTRUCTION_DEB", "Account": 0})
    text = "Det saknas ett förvalt konto för Inköp SE, omvänd skattskyldighet"
    wish = {"SupplierNumber": "1", "Total": "125", "VATType": "REVERSE", "SupplierInvoiceRows": rows}
    books.refused("POST", "supplierinvoices", 2003095, text, "SupplierInvoice", **wish)


def test_a_locked_period_stops_suppliers_too(books: Any, company: Any) -> None:
    supplier_invoice(books)
    company.set("locked_until", "2026-03-31")
    books.refused("PUT", "supplierinvoices/1/bookkeep", 2002141, "Fakturadatumet ligger i en låst period.")
