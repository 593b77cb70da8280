"""More right pairs: an offer, a bundle, a sale in euro, house work, a credit, a discount on the whole, and what goes the other way."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from brygga_sandbox import opter as opter_sandbox
from brygga_sandbox import textalk as textalk_sandbox
from worlds.judge import books_of
from worlds.oracle import back, mobigo, textalk, upsales
from worlds.oracle import opter as opter_oracle
from worlds.oracle.paper import Difference, compare
from worlds.originals import ARTICLES, NOWHERE, STATED, Counter, Original

PRODUCTS = {place: {"articleNo": one["ArticleNumber"], "name": one["Description"]} for place, one in enumerate(ARTICLES, 1)}
ACCOUNT = {"name": "Kund AB", "orgNo": "5560160680"}


def _sale(rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    made = [{"id": place, "sortId": place, "bundleRows": [], **row} for place, row in enumerate(rows, 1)]
    value = sum(row["quantity"] * row["price"] for row in rows)
    sale = {"id": 7, "description": "Möbler", "date": "2026-11-20", "closeDate": "2026-11-20", "currency": "SEK", "probability": 100,
            "user": {"id": 1, "name": "Vera Lind"}, "contact": {"id": 3, "name": "Karin Ek"}, "orderRow": made, "value": value}  # fmt: skip
    return {**sale, **more}


HEAD = {**STATED, **NOWHERE, "CustomerNumber": "201", "OurReference": "Vera Lind", "YourReference": "Karin Ek"}


def upsales_offer() -> Original:
    """An opportunity of two tables and four chairs in euro, on an offer."""
    counter = Counter(rounds=True)
    rows = [
        {"productId": 1, "quantity": 2, "price": 90.5, "listPrice": 100.5},
        {"productId": 2, "quantity": 4, "price": 12.5, "listPrice": 12.5},
    ]
    sale = _sale(rows, probability=50, closeDate=None, currency="EUR")
    body = {
        **HEAD, "OfferDate": "2026-11-20", "Currency": "EUR",
        "OfferRows": [
            {"ArticleNumber": "A1", "Description": "Bord", "Quantity": 2, "Price": 100.5, "Discount": 20, "DiscountType": "AMOUNT"},
            {"ArticleNumber": "A2", "Description": "Stol", "Quantity": 4, "Price": 12.5, "Discount": 0},
        ],
    }  # fmt: skip
    held = counter.make("offers", "Offer", body)
    books = books_of(counter)

    def look(held: Mapping[str, Any]) -> list[Difference]:
        ended = upsales.standing(sale, held, "offers")
        return (
            compare(upsales.paper_of(sale, {}, ACCOUNT, "201", PRODUCTS, books), held, "offers", books) if ended is None else ended
        )

    return Original(held, "OfferRows", look)


def upsales_bundle(shown: str) -> Original:
    """A sale of two bundles of a table and two chairs, and a chair that is given back, shown as an account wishes."""
    counter = Counter(rounds=False)
    parts = [
        {"productId": 1, "quantity": 1, "price": 100, "listPrice": 100},
        {"productId": 2, "quantity": 2, "price": 50.25, "listPrice": 50.25},
    ]
    rows = [
        {"productId": 3, "quantity": 2, "price": 200.5, "listPrice": 200.5, "bundleRows": parts},
        {"productId": 2, "quantity": -1, "price": 50.25, "listPrice": 50.25},
    ]
    sale = _sale(rows)
    plain = {"Discount": 0}
    bundle = {**plain, "ArticleNumber": "B1", "Description": "Bok", "DeliveredQuantity": 2, "Price": 200.5}
    free = shown == "bundleAndSubProducts"
    inside = [
        {**plain, "ArticleNumber": "A1", "Description": "Bord", "DeliveredQuantity": 2, "Price": 0 if free else 100},
        {**plain, "ArticleNumber": "A2", "Description": "Stol", "DeliveredQuantity": 4, "Price": 0 if free else 50.25},
    ]
    given_back = {**plain, "ArticleNumber": "A2", "Description": "Stol", "DeliveredQuantity": -1, "Price": 50.25}
    made = {"onlyBundle": [bundle], "onlySubProducts": inside, "bundleAndSubProducts": [bundle, *inside]}[shown]
    body = {**HEAD, "InvoiceDate": "2026-11-20", "Currency": "SEK", "InvoiceRows": [*made, given_back]}
    held = counter.make("invoices", "Invoice", body)
    books = books_of(counter)
    paper = upsales.paper_of(sale, {}, ACCOUNT, "201", PRODUCTS, books, shown)
    return Original(held, "InvoiceRows", lambda held: compare(paper, held, "invoices", books))


def mobigo_house_work() -> Original:
    """Two and a half hours of ROT work and its material, one piece given back."""
    counter = Counter(rounds=True)
    row = {
        "billable": True,
        "costCenter": None,
        "project": None,
        "discountPercent": None,
        "houseWork": False,
        "houseWorkType": None,
    }
    work = {"houseWork": True, "houseWorkType": "HVAC"}
    assignment = {
        "number": "U1", "customer": {"number": "201"}, "completed": "2026-11-18", "actionText": "Lagat", "houseWork": {"type": "rot"},
        "times": [{**row, **work, "position": 1, "timeType": {"name": "Arbete", "articleNumber": "A1"}, "hours": 3, "billableHours": 2.5,
                   "price": 650, "text": "Felsökning"}],
        "materials": [{**row, "position": 2, "articleNumber": "A2", "name": "Packning", "quantity": -4, "unit": "st", "price": 12.5}],
    }  # fmt: skip
    body = {
        **STATED, "CustomerNumber": "201", "DeliveryDate": "2026-11-18", "Currency": "SEK", "Remarks": "Lagat", "TaxReductionType": "rot",
        "OrderRows": [
            {"ArticleNumber": "A1", "Description": "Felsökning", "OrderedQuantity": 2.5, "DeliveredQuantity": 2.5, "Price": 650, "Discount": 0,
             "HouseWork": True, "HouseWorkType": "HVAC", "HouseWorkHoursToReport": 3},
            {"ArticleNumber": "A2", "Description": "Packning", "OrderedQuantity": -4, "DeliveredQuantity": -4, "Price": 12.5, "Unit": "st",
             "Discount": 0, "HouseWork": False, "HouseWorkType": "OTHERCOSTS"},
        ],
    }  # fmt: skip
    held = counter.make("orders", "Order", body)
    books = books_of(counter)
    return Original(held, "OrderRows", lambda held: mobigo.standing(held) or mobigo.look(assignment, held, "orders", books))


def opter_credit() -> Original:
    """A credit in euro of an invoice, at the rate that Opter says."""
    counter = Counter(rounds=True)
    counter.make(
        "invoices", "Invoice", {"CustomerNumber": "201", "DocumentNumber": "100352", "InvoiceRows": [{"Description": "Text"}]}
    )
    opter = opter_sandbox.Sandbox()
    customer = {"customerCode": "NORD", "customerNumber": "201", "name": "Kund AB"}
    opter.load("Customers", [customer])
    coding = [{"account": "3001", "text": "Styckegods", "net": Decimal("-1000.50"), "vatPercent": 25}]
    given = {
        "invoiceNumber": "100353", "customerCode": "NORD", "invoiceDate": "2026-11-20", "dueDate": "2026-12-20", "kind": "credit",
        "creditedInvoiceNumber": "100352", "currency": "EUR", "currencyRate": Decimal("11.4321"), "orders": [], "coding": coding,
    }  # fmt: skip
    opter.load("Invoices", [given])
    raw = dict(opter.get("Invoices", "100353"))
    body = {
        **STATED, "DocumentNumber": "100353", "CustomerNumber": "201", "CustomerName": "Kund AB", "InvoiceDate": "2026-11-20",
        "DueDate": "2026-12-20", "Currency": "EUR", "CurrencyRate": 11.4321, "CurrencyUnit": 1, "CreditInvoiceReference": 100352,
        "InvoiceRows": [
            {"Description": "Kreditfaktura 100353"},
            {"DeliveredQuantity": 1, "Discount": 0, "Description": "Styckegods", "Price": -1000.5, "VAT": 25, "AccountNumber": 3001},
        ],
    }  # fmt: skip
    held = counter.make("invoices", "Invoice", body)
    books = books_of(counter)
    return Original(held, "InvoiceRows", lambda held: opter_oracle.standing(held) or opter_oracle.look(raw, customer, held, books))


def textalk_offer() -> Original:
    """An order of a mug and a book with 50 off the whole, on an offer."""
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
        {"articleNumber": "A1", "name": "Bord", "quantity": 2, "incVat": 400, "vatRate": 0.25},
        {"articleNumber": "B1", "name": "Bok", "quantity": 1, "incVat": 100, "vatRate": 0.06},
    ]
    uid = shop.order(
        items=items,
        discount=50,
        customer={"address": address, "info": {"email": "liv@dahl.example"}},
        method="Faktura",
        note="Tack",
    )
    raw = shop.get("Order", uid)
    [payment] = [shop.get("Payment", one) for one in raw["payments"]]
    order = textalk.Order(raw, [shop.get("OrderItem", one) for one in raw["items"]], [("Faktura", payment)])
    plain = {"Quantity": 1, "Discount": 0}
    body = {
        **STATED, **NOWHERE, "VATIncluded": True, "CustomerNumber": "201", "CustomerName": "Liv Dahl", "Currency": "SEK",
        "Address1": "Storgatan 1", "Address2": "", "ZipCode": "111 22", "City": "Stockholm", "OfferDate": str(raw["ordered"])[:10],
        "YourReferenceNumber": str(raw["orderNumber"]), "Comments": "Tack\nbrygga:acme:textalk:offer:1",
        "OfferRows": [
            {"ArticleNumber": "A1", "Description": "Bord", "Quantity": 2, "Price": 200, "VAT": 25, "AccountNumber": 3001, "Discount": 0},
            {**plain, "ArticleNumber": "B1", "Description": "Bok", "Price": 100, "VAT": 6, "AccountNumber": 3003},
            {**plain, "ArticleNumber": "Rabatt", "Description": "Rabatt", "Price": -40, "VAT": 25, "AccountNumber": 3001},
            {**plain, "ArticleNumber": "Rabatt", "Description": "Rabatt", "Price": -10, "VAT": 6, "AccountNumber": 3003},
        ],
    }  # fmt: skip
    held = counter.make("offers", "Offer", body)
    books = books_of(counter)

    def look(held: Mapping[str, Any]) -> list[Difference]:
        ended = textalk.standing(raw, held)
        return textalk.compare(order, held, "offers", books) if ended is None else ended

    return Original(held, "OfferRows", look)


# The other way: what is planted lies in the business system's record -----------------------------------------------------------


def _invoice_with_a_head() -> dict[str, Any]:
    body = {
        "CustomerNumber": "201", "InvoiceDate": "2026-11-20", "Currency": "EUR", "VATIncluded": True, "Freight": 49, "AdministrationFee": 29,
        "Remarks": "Tack", "OurReference": "Vera Lind",
        "InvoiceRows": [{"ArticleNumber": "A1", "Description": "Bord", "DeliveredQuantity": 2, "Price": 125, "Discount": 0}],
    }  # fmt: skip
    return Counter(rounds=True).make("invoices", "Invoice", body)


CHOSEN = {"freight": "Frakt", "fee": "Avgift"}


def sale_with_freight() -> Original:
    """An invoice in euro at prices with VAT, freight and fee in its head, as the sale that it became."""
    held = _invoice_with_a_head()
    rows = ((1, 2, 100), (4, 1, 39.2), (6, 1, 23.2))
    sale = _sale(
        [{"productId": product, "quantity": many, "price": price, "listPrice": price} for product, many, price in rows],
        currency="EUR",
    )
    sale |= {"custom": {"REMARKS": "Tack"}}
    for row in sale["orderRow"]:
        row["product"] = {"id": row["productId"], "name": PRODUCTS[row["productId"]]["name"]}
    return Original(
        sale, "orderRow", lambda sale: back.sale(held, "invoices", sale, sale["custom"], "201", PRODUCTS, "Integration", CHOSEN)
    )


def delivery_with_freight() -> Original:
    """The same invoice as the delivery that it became."""
    held = _invoice_with_a_head()
    line = "QuotationLine"
    rows = (("A1", "Bord", 2, 100), ("Frakt", "Frakt", 1, 39.2), ("Avgift", "Expeditionsavgift", 1, 23.2))
    lines = [
        {f"{line}Id": place, f"{line}SortOrder": place, f"{line}Data1": article, f"{line}Data2": text, f"{line}Quantity": many,
         f"{line}Price": price, f"{line}Discount": 0, f"{line}VatPercentage": 25}
        for place, (article, text, many, price) in enumerate(rows, 1)
    ]  # fmt: skip
    raw = {
        "DeliveryDescription": "faktura", "DeliveryStatus": "Completed", "DeliveryCustom1": "2026-11-20", "DeliveryPlus2": "Tack",
        "DeliveryCurrencyName": "EUR", "lines": lines,
    }  # fmt: skip
    owner = {"OrganisationExtraCustom1": "201"}
    places = {"date": "Custom1", "text": "Plus2"}
    return Original(
        raw, "lines", lambda raw: back.delivery(held, "invoices", raw, copy.deepcopy(raw["lines"]), owner, places, CHOSEN)
    )


def prices_of_lists() -> Original:
    """An article's prices in two lists, from two quantities in one of them."""
    held = [
        {"PriceList": code, "FromQuantity": start, "Price": price}
        for code, start, price in (("A", 0, 80), ("A", 10, 70), ("B", 0, 60))
    ]
    made = [{"priceListCode": one["PriceList"], "fromQuantity": one["FromQuantity"], "price": one["Price"]} for one in held]
    return Original({"prices": made}, "prices", lambda there: back.price_lists(held, there["prices"]))
