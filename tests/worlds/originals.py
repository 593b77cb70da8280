"""Pairs of a source's document and the right document of Fortnox, made by Fortnox' sandbox from what its API is sent: no hub takes part."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from brygga_sandbox import fortnox as fortnox_sandbox
from brygga_sandbox import textalk as textalk_sandbox
from brygga_sandbox.fortnox.auth import SCOPES
from brygga_sandbox.server import Request, carry_out
from worlds.judge import books_of
from worlds.oracle import textalk, upsales
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
        "id": 7, "description": "Möbler", "date": "2026-11-20", "closeDate": "2026-11-20", "currency": "SEK",
        "user": {"id": 1, "name": "Vera Lind"}, "contact": {"id": 3, "name": "Karin Ek"},
        "orderRow": [
            {"id": place, "sortId": place, "productId": product, "quantity": quantity, "price": price, "listPrice": listed}
            for place, (product, quantity, price, listed) in enumerate(rows, 1)
        ],
    }  # fmt: skip
    body = {
        **STATED, "CustomerNumber": "201", "InvoiceDate": "2026-11-20", "Currency": "SEK", "OurReference": "Vera Lind",
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
