"""Key sets and JSON types of recorded answers hold for invoices and orders: list, detail, rows, sub-objects."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fortnox_rows import row

Profile = dict[str, dict[str, dict[str, int]]]


def kind(value: Any) -> str:
    """Return the JSON type in the profile's words; int and float are one where amounts may be either."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | Decimal):
        return "number"
    if isinstance(value, str):
        return '""' if not value else "bool-str" if value in ("true", "false") else "str"
    return "obj" if isinstance(value, dict) else "list"


WORDS = {"str#": "str", "int": "number", "float": "number"}
# Fields that are in some recorded answers only, with the share that the recordings leave out.
NOT_ALWAYS = {"Cost", "VATCode"}


def assert_fits(profile: Profile, name: str, answer: dict[str, Any]) -> None:
    recorded = profile[name]
    assert set(answer) - NOT_ALWAYS == set(recorded) - NOT_ALWAYS
    for key, value in answer.items():
        allowed = {WORDS.get(word, word) for word in recorded[key]}
        assert kind(value) in allowed, f"{name}.{key} is {value!r}, recorded {sorted(allowed)}"
        if isinstance(value, dict):
            assert_fits(profile, f"{name}.{key}", value)


@pytest.fixture
def profile(shared_facts: Path) -> Profile:
    found: Profile = json.loads((shared_facts / "fortnox" / "recorded-profile.json").read_text("utf-8"))
    return found


@pytest.fixture
def full(api: Any) -> dict[str, Any]:
    """Return head fields that a document may hold besides the customer."""
    api.post("projects", "Project", Description="Bro")
    api.post("labels", "Label", Description="Viktig")
    return {
        "Address1": "Storgatan 1",
        "Country": "Sverige",
        "DeliveryCountry": "Korea, Republic of",
        "DeliveryDate": "2026-03-12",
        "DeliveryZipCode": "60224",
        "ExternalInvoiceReference1": "webb-1001",
        "Labels": [{"Id": 1}],
        "OurReference": "Anna",
        "Project": "1",
        "Remarks": "Tack",
        "YourOrderNumber": "B 7",
        "AdministrationFee": 50,
        "Freight": 25,
    }


def test_a_bare_invoice_looks_as_recorded(profile: Profile, api: Any) -> None:
    assert_fits(profile, "Invoice (detail)", api.post("invoices", "Invoice", CustomerNumber="1"))
    assert_fits(profile, "Invoices (list)", api.get("invoices")["Invoices"][0])


def test_a_full_and_booked_invoice_looks_as_recorded(profile: Profile, api: Any, full: dict[str, Any]) -> None:
    bank = {"EDIGlobalLocationNumber": "7300009032094", "EDIYourElectronicReference": "Ref 1"}
    api.invoice(row(99.5), {"Description": "Bara text"}, EDIInformation=bank, **full)
    made = api.act("invoices/1/bookkeep")
    allowed = {name: {**types} for name, types in profile["Invoice (detail)"].items()}
    assert_fits({**profile, "Invoice (detail)": allowed}, "Invoice (detail)", made)
    charged, text = made["InvoiceRows"]
    assert_fits(profile, "Invoice (detail).InvoiceRows[]", charged)
    assert set(text) == set(charged)
    listed = api.get("invoices")
    assert listed["MetaInformation"] == {"@TotalResources": 1, "@TotalPages": 1, "@CurrentPage": 1}
    (line,) = listed["Invoices"]
    assert (line["CurrencyRate"], line["VoucherNumber"], line["VoucherSeries"], line["VoucherYear"]) == ("1", 1, "B", 2)
    # The recorded lists hold no external references but "".
    assert_fits(profile, "Invoices (list)", {**line, "ExternalInvoiceReference1": ""})


def test_a_bare_order_looks_as_recorded(profile: Profile, api: Any) -> None:
    assert_fits(profile, "Order (detail)", api.post("orders", "Order", CustomerNumber="1"))
    assert_fits(profile, "Orders (list)", api.get("orders")["Orders"][0])


def test_a_full_order_looks_as_recorded(profile: Profile, api: Any, full: dict[str, Any]) -> None:
    made = api.post("orders", "Order", CustomerNumber="1", OrderRows=[row(quantity="2", OrderedQuantity="3")], **full)
    assert_fits(profile, "Order (detail)", made)
    assert_fits(profile, "Order (detail).Labels[]", made["Labels"][0])
    (line,) = made["OrderRows"]
    # Two recorded rows in three carry a kind of house work; ours carries none, which some recorded rows do too.
    assert_fits(profile, "Order (detail).OrderRows[]", line)
    assert (line["OrderedQuantity"], line["DeliveredQuantity"], line["ReservedQuantity"]) == ("3", "2", "0")


def test_numbers_of_other_documents_are_texts_and_credit_is_a_text(api: Any) -> None:
    made = api.invoice(row())
    names = ("ContractReference", "CreditInvoiceReference", "InvoiceReference", "OfferReference", "OrderReference")
    assert [made[name] for name in names] == ["0"] * 5
    assert (made["Credit"], made["Booked"], made["TaxReduction"], made["VoucherNumber"]) == ("false", False, None, None)


def test_a_company_without_payment_references_has_null(api: Any, company: Any) -> None:
    company.set("ocr", False)
    assert api.invoice()["OCR"] is None


def test_values_without_right_are_shown_as_a_word(api: Any, company: Any) -> None:
    """Fortnox API, section 3.5: API_NORIGHT, in the head and in rows."""
    company.values_without_right = {"ContributionPercent", "ContributionValue"}
    made = api.invoice(row())
    assert made["ContributionValue"] == made["InvoiceRows"][0]["ContributionPercent"] == "API_NORIGHT"


def test_the_lists_of_payments_and_offers_show_their_columns(api: Any) -> None:
    api.post("offers", "Offer", CustomerNumber="1")
    (offer,) = api.get("offers")["Offers"]
    assert set(offer) == {
        "@url", "Cancelled", "Currency", "CustomerName", "CustomerNumber", "DocumentNumber", "OfferDate", "Project", "Sent", "Total",
    }  # fmt: skip
    api.invoice(row())
    api.act("invoices/1/bookkeep")
    api.post("invoicepayments", "InvoicePayment", InvoiceNumber=1, Amount=125)
    (payment,) = api.get("invoicepayments")["InvoicePayments"]
    assert set(payment) == {
        "@url", "Amount", "Booked", "Currency", "CurrencyRate", "CurrencyUnit", "InvoiceNumber", "Number", "PaymentDate", "Source",
        "WriteOffExist",
    }  # fmt: skip
    assert (payment["Number"], payment["InvoiceNumber"], payment["Source"], payment["WriteOffExist"]) == ("1", 1, "manual", False)
