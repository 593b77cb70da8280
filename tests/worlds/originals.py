"""Pairs of a source's document and the right document of Fortnox, made by Fortnox' sandbox from what its API is sent: no hub takes part."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from brygga_sandbox import fortnox as fortnox_sandbox
from brygga_sandbox import opter as opter_sandbox
from brygga_sandbox import textalk as textalk_sandbox
from brygga_sandbox.fortnox.auth import SCOPES
from brygga_sandbox.server import Request, carry_out
from worlds.judge import books_of
from worlds.oracle import mobigo, textalk, upsales, webcrm
from worlds.oracle import opter as opter_oracle
from worlds.oracle.paper import Difference, compare

CARD = {
    "CustomerNumber": "201", "Name": "Kund AB", "OrganisationNumber": "556016-0680", "VATType": "SEVAT", "InvoiceFreight": 49,
    "DeliveryAddress1": "Hamnvägen 9", "DeliveryCity": "Luleå", "Address1": "Storgatan 1", "ZipCode": "111 22", "City": "Stockholm",
    "Email": "liv@dahl.example",
}  # fmt: skip
OTHER = {"CustomerNumber": "202", "Name": "Annan AB", "OrganisationNumber": "556042-7220", "VATType": "SEVAT"}
ARTICLES = (
    {"ArticleNumber": "A1", "Description": "Bord", "SalesAccount": 3001, "VAT": 25, "Unit": "st"},
    {"ArticleNumber": "A2", "Description": "Stol", "SalesAccount": 3001, "VAT": 25, "Unit": "st"},
    {"ArticleNumber": "B1", "Description": "Bok", "SalesAccount": 3003, "VAT": 6, "Unit": "st"},
    {"ArticleNumber": "Frakt", "Description": "Frakt", "SalesAccount": 3001, "VAT": 25},
    {"ArticleNumber": "Rabatt", "Description": "Rabatt", "SalesAccount": 3001, "VAT": 25},
    {"ArticleNumber": "Avgift", "Description": "Avgift", "SalesAccount": 3001, "VAT": 25},
    {"ArticleNumber": "Annan-betalning", "Description": "Annan betalning", "SalesAccount": 3004, "VAT": 0},
)


class Counter:
    """A Fortnox at whose counter documents are made by hand."""

    def __init__(self, rounds: bool) -> None:
        self.fortnox = fortnox_sandbox.Sandbox(rate_limit=False)
        company = self.fortnox.company
        company.values["round_to_whole_krona"] = rounds
        company.load("customers", [dict(CARD), dict(OTHER)])
        company.load("articles", [dict(one) for one in ARTICLES])
        company.load("projects", [{"ProjectNumber": "P1", "Description": "Projekt"}])
        company.load("costcenters", [{"Code": "C1", "Description": "Ställe"}])

    def make(self, register: str, one: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make a document and return it as the API shows it."""
        made = self._call("POST", f"/3/{register}", {one: body})[one]
        return dict(self._call("GET", f"/3/{register}/{made['DocumentNumber']}")[one])

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        tokens = self.fortnox.sign_in.issue(self.fortnox.client_id, self.fortnox.tenant_id, SCOPES)
        headers = {"authorization": f"Bearer {tokens.access_token}", "content-type": "application/json"}
        answer, _ = carry_out(self.fortnox, Request(method, path, [], headers, b"" if body is None else json.dumps(body).encode()))
        assert answer.status < 300, answer.body
        return json.loads(answer.body)


@dataclass(frozen=True)
class Original:
    """A right document, and the oracle's word on any version of it."""

    held: dict[str, Any]
    rows: str
    look: Callable[[Mapping[str, Any]], Sequence[Difference]]


STATED = {"VATIncluded": False, "Freight": 0, "AdministrationFee": 0}
NOWHERE = dict.fromkeys(
    ("DeliveryName", "DeliveryAddress1", "DeliveryAddress2", "DeliveryZipCode", "DeliveryCity", "DeliveryCountry"), ""
)


def upsales_invoice() -> Original:
    """A sale of 2 × 90.50 (list 100.50), 4 × 125.5 and 3 books, on an invoice without VAT in its prices; the company rounds to kronor."""
    counter = Counter(rounds=True)
    products = {place: {"articleNo": one["ArticleNumber"], "name": one["Description"]} for place, one in enumerate(ARTICLES, 1)}
    rows = ((1, 2, 90.5, 100.5), (2, 4, 125.5, 125.5), (3, 3, 89.95, 89.95))
    sale = {
        "id": 7, "description": "Möbler", "date": "2026-11-20", "closeDate": "2026-11-20", "currency": "SEK", "probability": 100,
        "user": {"id": 1, "name": "Vera Lind"}, "contact": {"id": 3, "name": "Karin Ek"},
        "orderRow": [
            {"id": place, "sortId": place, "productId": product, "quantity": quantity, "price": price, "listPrice": listed}
            for place, (product, quantity, price, listed) in enumerate(rows, 1)
        ],
    }  # fmt: skip
    body = {
        **STATED, **NOWHERE, "CustomerNumber": "201", "InvoiceDate": "2026-11-20", "Currency": "SEK", "OurReference": "Vera Lind",
        "YourReference": "Karin Ek", "Remarks": "Ring före leverans", "YourOrderNumber": "PO-7",
        "InvoiceRows": [
            {"ArticleNumber": "A1", "Description": "Bord", "DeliveredQuantity": 2, "Price": 100.5, "Discount": 20, "DiscountType": "AMOUNT"},
            {"ArticleNumber": "A2", "Description": "Stol", "DeliveredQuantity": 4, "Price": 125.5, "Discount": 0},
            {"ArticleNumber": "B1", "Description": "Bok", "DeliveredQuantity": 3, "Price": 89.95, "Discount": 0},
        ],
    }  # fmt: skip
    held = counter.make("invoices", "Invoice", body)
    custom = {"REMARKS": "Ring före leverans", "REFERENCE": "PO-7"}
    account = {"name": "Kund AB", "orgNo": "5560160680"}
    books = books_of(counter)
    paper = upsales.paper_of(sale, custom, account, "201", products, books)
    return Original(held, "InvoiceRows", lambda held: compare(paper, held, "invoices", books))


def textalk_invoice() -> Original:
    """An order of a mug at 25 % and a book at 6 % with its own discount, with freight, at gross prices; the company keeps the öre."""
    counter = Counter(rounds=False)
    shop = textalk_sandbox.Sandbox()
    address = {
        "firstName": "Liv",
        "lastName": "Dahl",
        "address": "Storgatan 1",
        "postcode": "111 22",
        "town": "Stockholm",
        "country": "SE",
    }
    items = [
        {"articleNumber": "A1", "name": "Bord", "quantity": 2, "incVat": 398, "vatRate": 0.25},
        {"articleNumber": "B1", "name": "Bok inbunden", "quantity": 1, "incVat": 100, "vatRate": 0.06, "discount": 50},
    ]
    payments = [{"method": "Presentkort", "amount": 100}, {"method": "Faktura", "amount": 397}]
    uid = shop.order(
        items=items,
        shipping=49,
        customer={"address": address, "info": {"email": "liv@dahl.example"}},
        payments=payments,
        note="Tack",
    )
    raw = shop.get("Order", uid)
    held_payments = [shop.get("Payment", one) for one in raw["payments"]]
    names = [shop.get("PaymentMethod", one["method"])["name"]["sv"] for one in held_payments]
    order = textalk.Order(raw, [shop.get("OrderItem", one) for one in raw["items"]], list(zip(names, held_payments, strict=True)))
    plain = {"DeliveredQuantity": 1, "Discount": 0}
    body = {
        **STATED, **NOWHERE, "VATIncluded": True, "CustomerNumber": "201", "CustomerName": "Liv Dahl", "Currency": "SEK",
        "Address1": "Storgatan 1", "Address2": "", "ZipCode": "111 22", "City": "Stockholm", "InvoiceDate": str(raw["ordered"])[:10],
        "YourOrderNumber": str(raw["orderNumber"]), "Comments": "Tack",
        "InvoiceRows": [
            {"ArticleNumber": "A1", "Description": "Bord", "DeliveredQuantity": 2, "Price": 199, "VAT": 25, "AccountNumber": 3001, "Discount": 0},
            {**plain, "ArticleNumber": "B1", "Description": "Bok inbunden", "Price": 100, "VAT": 6, "AccountNumber": 3003},
            {**plain, "ArticleNumber": "Rabatt", "Description": "Rabatt", "Price": -50, "VAT": 6, "AccountNumber": 3003},
            {**plain, "ArticleNumber": "Frakt", "Description": "Frakt", "Price": 43.53, "VAT": 25, "AccountNumber": 3001},
            {**plain, "ArticleNumber": "Frakt", "Description": "Frakt", "Price": 5.47, "VAT": 6, "AccountNumber": 3003},
            {**plain, "ArticleNumber": "Annan-betalning", "Description": "Presentkort", "Price": -100, "VAT": 0, "AccountNumber": 2421},
        ],
    }  # fmt: skip
    held = counter.make("invoices", "Invoice", body)
    books = books_of(counter)
    return Original(held, "InvoiceRows", lambda held: textalk.compare(order, held, "invoices", books))


def webcrm_order() -> Original:
    """A delivery of two tables, a text, and three books at a discount, on an order of which two books are delivered later."""
    counter = Counter(rounds=True)
    line = "QuotationLine"
    blank = {f"{line}Discount": 0, f"{line}VatPercentage": 0, f"{line}Quantity": 0, f"{line}Price": 0, f"{line}Data1": "-"}
    rows = (
        {"Data1": "A1", "Data2": "Bord", "Quantity": 2, "Price": 100.5, "VatPercentage": 25},
        {"Data1": "A2", "Data2": "Stol", "Quantity": 4, "Price": 125.5},
        {"Data1": "B1", "Data2": "Bok", "Quantity": 3, "Price": 89.95, "Discount": 10, "VatPercentage": 6},
        {"Data2": "Levereras till lastkajen"},
    )
    lines = [
        {**blank, f"{line}Id": place, f"{line}SortOrder": place, **{f"{line}{name}": value for name, value in row.items()}}
        for place, row in enumerate(rows, 1)
    ]
    delivery = {
        "DeliveryId": 9, "DeliveryOrderDate": "2026-11-20T00:00:00+01:00", "DeliveryPlus1": "Ring före", "DeliveryCustom4": "2026-12-01",
        "DeliveryCurrencyName": "00",
    }  # fmt: skip
    owner = {"OrganisationExtraCustom1": "201", "OrganisationExtraCustom2": "SE556016068001", "OrganisationName": "Kund AB"}
    plain = {"Discount": 0}
    body = {
        **STATED, **NOWHERE, "CustomerNumber": "201", "OrderDate": "2026-11-20", "DeliveryDate": "2026-12-01", "Currency": "SEK",
        "Remarks": "Ring före",
        "OrderRows": [
            {**plain, "ArticleNumber": "A1", "Description": "Bord", "OrderedQuantity": 2, "DeliveredQuantity": 2, "Price": 100.5},
            {**plain, "ArticleNumber": "A2", "Description": "Stol", "OrderedQuantity": 4, "DeliveredQuantity": 4, "Price": 125.5},
            {"ArticleNumber": "B1", "Description": "Bok", "OrderedQuantity": 3, "DeliveredQuantity": 3, "Price": 89.95, "Discount": 10,
             "DiscountType": "PERCENT"},
            {"Description": "Levereras till lastkajen"},
        ],
    }  # fmt: skip
    held = counter.make("orders", "Order", body)
    books = books_of(counter)
    paper = webcrm.paper_of(delivery, lines, owner, "orders", books)
    return Original(held, "OrderRows", lambda held: compare(paper, held, "orders", books))


def opter_invoice() -> Original:
    """An invoice of two accounts, one with a cost centre, after its title; the company keeps the öre."""
    counter = Counter(rounds=False)
    opter = opter_sandbox.Sandbox()
    customer = {"customerCode": "NORD", "customerNumber": "201", "name": "Kund AB"}
    opter.load("Customers", [customer])
    coding = [
        {"account": "3001", "text": "Styckegods", "net": Decimal("1000.50"), "vatPercent": 25},
        {"account": "3001", "text": "Pallar", "net": Decimal("200.25"), "vatPercent": 25},
        {"account": "3003", "text": "Tidning", "net": Decimal("99.95"), "vatPercent": 6, "economicUnits": {"costCenter": "C1"}},
    ]
    orders = [{"orderNumber": "4555", "orderDate": "2026-11-19"}]
    given = {
        "invoiceNumber": "100353",
        "customerCode": "NORD",
        "invoiceDate": "2026-11-20",
        "dueDate": "2026-12-20",
        "orders": orders,
    }
    opter.load("Invoices", [{**given, "coding": coding, "remark": "Tack"}])
    raw = dict(opter.get("Invoices", "100353"))
    plain = {"DeliveredQuantity": 1, "Discount": 0}
    body = {
        **STATED, "DocumentNumber": "100353", "CustomerNumber": "201", "CustomerName": "Kund AB", "InvoiceDate": "2026-11-20",
        "DueDate": "2026-12-20", "Currency": "SEK", "YourOrderNumber": "4555", "Remarks": "Tack",
        "InvoiceRows": [
            {"Description": "Faktura 100353, 4555, 2026-11-19"},
            {**plain, "Description": "Styckegods, Pallar", "Price": 1200.75, "VAT": 25, "AccountNumber": 3001},
            {**plain, "Description": "Tidning", "Price": 99.95, "VAT": 6, "AccountNumber": 3003, "CostCenter": "C1"},
        ],
    }  # fmt: skip
    held = counter.make("invoices", "Invoice", body)
    books = books_of(counter)
    return Original(held, "InvoiceRows", lambda held: opter_oracle.look(raw, customer, held, books))


def mobigo_order() -> Original:
    """An assignment of two and a half hours and of material with a discount, on an order with the card's references."""
    counter = Counter(rounds=True)
    row = {"billable": True, "costCenter": None, "project": None, "discountPercent": None}
    assignment = {
        "number": "U1", "customer": {"number": "201"}, "completed": "2026-11-18", "actionText": "Lagat pumpen",
        "times": [{**row, "position": 1, "timeType": {"name": "Arbete", "articleNumber": "A1"}, "hours": 3, "billableHours": 2.5,
                   "price": 650, "text": "Felsökning"}],
        "materials": [
            {**row, "position": 2, "articleNumber": "A2", "name": "Packning", "quantity": 4, "unit": "st", "price": 12.5},
            {**row, "position": 3, "articleNumber": "B1", "name": "Handbok", "quantity": 2, "unit": "st", "price": 99.9,
             "discountPercent": 10, "costCenter": "C1", "project": "P1"},
        ],
    }  # fmt: skip
    body = {
        **STATED, "CustomerNumber": "201", "DeliveryDate": "2026-11-18", "Currency": "SEK", "Remarks": "Lagat pumpen",
        "OrderRows": [
            {"ArticleNumber": "A1", "Description": "Felsökning", "OrderedQuantity": 2.5, "DeliveredQuantity": 2.5, "Price": 650, "Discount": 0},
            {"ArticleNumber": "A2", "Description": "Packning", "OrderedQuantity": 4, "DeliveredQuantity": 4, "Price": 12.5, "Unit": "st",
             "Discount": 0},
            {"ArticleNumber": "B1", "Description": "Handbok", "OrderedQuantity": 2, "DeliveredQuantity": 2, "Price": 99.9, "Unit": "st",
             "Discount": 10, "DiscountType": "PERCENT", "CostCenter": "C1", "Project": "P1"},
        ],
    }  # fmt: skip
    held = counter.make("orders", "Order", body)
    books = books_of(counter)
    return Original(held, "OrderRows", lambda held: mobigo.look(assignment, held, "orders", books))
