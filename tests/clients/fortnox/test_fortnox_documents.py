"""Actions of documents: which request each makes, that none is repeated, what comes back; and rows."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import httpx2
import pytest

from brygga.clients.fortnox import Fortnox, fields, rows
from brygga.errors import BadData, OutcomeUnknown, Rejected, SettingsError, Stale
from fortnox_far import Far, sample

PDF = httpx2.Response(200, content=b"%PDF-1.4 ...")
INVOICE = httpx2.Response(200, json={"Invoice": {"DocumentNumber": "97"}})
ORDER = httpx2.Response(200, json={"Order": {"DocumentNumber": "97"}})
OFFER = httpx2.Response(200, json={"Offer": {"DocumentNumber": "97"}})
CONTRACT = httpx2.Response(200, json={"Contract": {"DocumentNumber": "97"}})

Action = Callable[[Fortnox], object]

ACTIONS: list[tuple[Action, httpx2.Response, str, str]] = [
    (lambda f: f.invoices.bookkeep("97"), INVOICE, "PUT", "/3/invoices/97/bookkeep"),
    (lambda f: f.invoices.cancel("97"), INVOICE, "PUT", "/3/invoices/97/cancel"),
    (lambda f: f.invoices.external_print("97"), INVOICE, "PUT", "/3/invoices/97/externalprint"),
    (lambda f: f.invoices.warehouse_ready("97"), INVOICE, "PUT", "/3/invoices/97/warehouseready"),
    (lambda f: f.invoices.email("97"), INVOICE, "GET", "/3/invoices/97/email"),
    (lambda f: f.invoices.einvoice("97"), INVOICE, "GET", "/3/invoices/97/einvoice"),
    (lambda f: f.invoices.eprint("97"), INVOICE, "GET", "/3/invoices/97/eprint"),
    (lambda f: f.invoices.print("97"), PDF, "GET", "/3/invoices/97/print"),
    (lambda f: f.invoices.print_reminder("97"), PDF, "GET", "/3/invoices/97/printreminder"),
    (lambda f: f.orders.cancel("97"), ORDER, "PUT", "/3/orders/97/cancel"),
    (lambda f: f.orders.email("97"), ORDER, "GET", "/3/orders/97/email"),
    (lambda f: f.orders.print("97"), PDF, "GET", "/3/orders/97/print"),
    (lambda f: f.orders.external_print("97"), ORDER, "PUT", "/3/orders/97/externalprint"),
    (lambda f: f.orders.warehouse_ready("97"), ORDER, "PUT", "/3/orders/97/warehouseready"),
    (lambda f: f.offers.cancel("97"), OFFER, "PUT", "/3/offers/97/cancel"),
    (lambda f: f.offers.email("97"), OFFER, "GET", "/3/offers/97/email"),
    (lambda f: f.offers.print("97"), PDF, "GET", "/3/offers/97/print"),
    (lambda f: f.offers.external_print("97"), OFFER, "PUT", "/3/offers/97/externalprint"),
    (lambda f: f.contracts.create_invoice("97"), CONTRACT, "PUT", "/3/contracts/97/createinvoice"),
    (lambda f: f.contracts.finish("97"), CONTRACT, "PUT", "/3/contracts/97/finish"),
    (lambda f: f.contracts.increase_invoice_count("97"), CONTRACT, "PUT", "/3/contracts/97/increaseinvoicecount"),
]
EACH = pytest.mark.parametrize(("act", "answer", "method", "path"), ACTIONS, ids=[f"{a[2]} {a[3]}" for a in ACTIONS])


@EACH
def test_an_action_is_one_request_and_one_that_is_put_says_json_with_an_empty_object(
    far: Far, fortnox: Fortnox, act: Action, answer: httpx2.Response, method: str, path: str
) -> None:
    far.will(answer)
    assert act(fortnox)
    assert far.asked == [(method, path)]
    said = (far.requests[0].headers.get("content-type"), far.requests[0].content)
    assert said == (("application/json", b"{}") if method == "PUT" else (None, b""))


@EACH
def test_an_action_in_doubt_is_never_repeated_whatever_its_method(
    far: Far, fortnox: Fortnox, act: Action, answer: httpx2.Response, method: str, path: str
) -> None:
    for doubt in (httpx2.Response(500), httpx2.ReadTimeout("slow")):
        far.will(doubt)
        with pytest.raises(OutcomeUnknown, match=f"{method} {path}"):
            act(fortnox)
    assert len(far.requests) == 2


def test_a_preview_is_a_plain_read(far: Far, fortnox: Fortnox) -> None:
    for document in (fortnox.invoices, fortnox.orders, fortnox.offers):
        far.will(httpx2.Response(503), PDF)
        assert document.preview("97") == b"%PDF-1.4 ..."
    far.will(INVOICE)
    with pytest.raises(BadData, match="is not a PDF"):
        fortnox.invoices.preview("97")


def test_a_print_without_a_pdf_leaves_doubt_since_it_marks_the_document(far: Far, fortnox: Fortnox) -> None:
    far.will(INVOICE)
    with pytest.raises(OutcomeUnknown, match="is not a PDF"):
        fortnox.invoices.print("97")


@pytest.mark.parametrize("answer", ["order_createinvoice_invoice_200", "order_createinvoice_order_200"])
def test_the_invoice_of_an_order_is_found_whichever_document_comes_back(far: Far, fortnox: Fortnox, answer: str) -> None:
    far.will(answer)
    assert fortnox.orders.create_invoice("15") == "97"
    assert far.asked == [("PUT", "/3/orders/15/createinvoice")]


def test_the_new_document_is_looked_up_when_the_answer_does_not_name_it(far: Far, fortnox: Fortnox) -> None:
    offer = {"DocumentNumber": "4", "OrderReference": "0"}
    far.will(httpx2.Response(200, json={"Offer": offer}), httpx2.Response(200, json={"Offer": {**offer, "OrderReference": "15"}}))
    assert fortnox.offers.create_order("4") == "15"
    assert far.asked == [("PUT", "/3/offers/4/createorder"), ("GET", "/3/offers/4")]
    far.will(*[httpx2.Response(200, json={"Offer": {"DocumentNumber": "4", "InvoiceReference": "0"}})] * 2)
    with pytest.raises(OutcomeUnknown, match="does not say which Invoice was made"):
        fortnox.offers.create_invoice("4")


@pytest.mark.parametrize(
    "invoice",
    [{"DocumentNumber": "97", "CreditInvoiceReference": "98"}, {"DocumentNumber": "98", "CreditInvoiceReference": "97"}],
    ids=["the original comes back", "the credit invoice comes back"],
)
def test_the_credit_invoice_is_named_whichever_invoice_comes_back(far: Far, fortnox: Fortnox, invoice: dict[str, str]) -> None:
    far.will(httpx2.Response(200, json={"Invoice": invoice}))
    assert fortnox.invoices.credit("97") == "98"


def test_a_credit_invoice_that_is_not_named_is_looked_up(far: Far, fortnox: Fortnox) -> None:
    far.will("invoice_200", httpx2.Response(200, json={"Invoice": {"DocumentNumber": "97", "CreditInvoiceReference": "98"}}))
    assert fortnox.invoices.credit("97") == "98"


def test_a_cash_invoice_must_say_how_it_was_paid(far: Far, fortnox: Fortnox) -> None:
    cash = {"CustomerNumber": "1042", "InvoiceType": "CASHINVOICE"}
    with pytest.raises(Rejected, match="needs PaymentWay"):
        fortnox.invoices.create(cash)
    far.will(INVOICE)
    fortnox.invoices.create({**cash, "PaymentWay": "CARD"})
    assert far.sent == {"Invoice": {**cash, "PaymentWay": "CARD"}}


def test_rows_are_kept_changed_removed_and_added_by_row_id() -> None:
    old = [{"RowId": 11, "Price": 1}, {"RowId": 12, "Price": 2}, {"RowId": 13, "Price": 3}]
    sent = rows.edited(old, change={12: {"Price": Decimal("2.5")}}, remove={11}, add=[{"Description": "Ny"}])
    assert sent == [{"RowId": 12, "Price": Decimal("2.5")}, {"RowId": 13}, {"Description": "Ny"}]
    for kind, name in (("Invoices", "InvoiceRows"), ("Orders", "OrderRows"), ("Offers", "OfferRows"), ("Contracts", "InvoiceRows")):
        assert fields.checked(kind, {name: sent}, "update") == {name: sent}


def test_row_ids_are_for_updates_and_an_order_is_not_created_with_them() -> None:
    with pytest.raises(SettingsError, match="RowId"):
        fields.checked("Orders", {"CustomerNumber": "1", "OrderRows": [{"RowId": 11}]}, "create")


def test_rows_that_are_gone_are_stale_and_rows_without_an_id_are_bad_data() -> None:
    with pytest.raises(Stale, match="Row 99"):
        rows.edited([{"RowId": 11}], change={99: {"Price": 1}})
    with pytest.raises(BadData, match="no RowId"):
        rows.edited([{"Price": 1}])
    with pytest.raises(ValueError, match="at least one old row"):
        rows.edited([{"RowId": 11}], remove=[11], add=[{"Description": "Ny"}])


def test_rows_that_replace_all_take_nothing_over_from_the_old_ones() -> None:
    old = sample("invoice_200").json()["Invoice"]["InvoiceRows"]
    old[0] |= {"Discount": 10, "HouseWork": True, "HouseWorkType": "CLEANING"}
    new = [
        {"Description": "Ny", "Price": Decimal(5)},
        {"Description": "Två", "Discount": 5, "DiscountType": "AMOUNT"},
        {"Description": "Tre"},
    ]
    made = rows.replaced(old, new)
    assert made[0] == {
        "Description": "Ny",
        "Price": Decimal(5),
        "Discount": 0,
        "DiscountType": "PERCENT",
        "HouseWork": False,
        "HouseWorkType": None,
    }
    assert made[1:] == new[1:]
    with pytest.raises(ValueError, match="needs its DiscountType"):
        rows.replaced(old, [{"Discount": 5}])
