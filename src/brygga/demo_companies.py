"""The companies of the demonstration beside the first one: each with a Fortnox of its own and one business system, with a day's work in it.

Every company says how its system is started, what lies in it, its part of the file, and the streams that are run, in their order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from brygga_sandbox import mobigo, opter, textalk, upsales
from brygga_sandbox.opter import company as opter_company
from brygga_sandbox.upsales import Setup

CUSTOMERS = (("101", "Fjord Inredning AB", "556016-0680"), ("102", "Björk Bygg AB", "556036-0793"))
ARTICLES = (
    ("A1", "Bord", "st", 1000),
    ("A2", "Stol", "st", 425),
    ("100", "Arbetstid", "tim", 650),
    ("200", "Packning", "st", 12.5),
)
SHOP_ARTICLES = (
    ("Rabatt", "Rabatt"),
    ("Annan-betalning", "Annan betalning"),
    ("Frakt", "Frakt"),
    ("Avgift", "Avgift"),
    ("MUGG-1", "Mugg"),
)
BUYER = {
    "address": {
        "firstName": "Liv",
        "lastName": "Dahl",
        "address": "Storgatan 1",
        "postcode": "111 22",
        "town": "Stockholm",
        "country": "SE",
    },
    "info": {"email": "liv@dahl.example"},
}


@dataclass(frozen=True)
class Company:
    """One company.

    start     starts its business system
    secret    what the hub is given to sign in with
    settings  the lines of its settings in the file
    before    fills both systems before the first runs; work puts the day's work in after the registers are in step
    registers, documents   the streams that are run before and after that
    """

    slug: str
    name: str
    system: str
    start: Callable[[], AbstractContextManager[Any]]
    secret: Callable[[Any], str]
    settings: Mapping[str, Any]
    before: Callable[[Any, Any], None]
    registers: Sequence[str]
    documents: Sequence[str]
    work: Callable[[Any], None] = field(default=lambda system: None)

    def file(self, base_url: str, tenant: int, fortnox_url: str) -> str:
        """Return the company's part of the file that `brygga apply` reads."""
        lines = "\n".join(f"{key} = {_toml(value)}" for key, value in self.settings.items())
        return f"""
[company.{self.slug}]
name = "{self.name}"

[company.{self.slug}.fortnox]
base_url = "{fortnox_url}"
client_id = "env:FORTNOX_CLIENT_ID"
client_secret = "env:FORTNOX_CLIENT_SECRET"
tenant_id = "{tenant}"

[company.{self.slug}.{self.system}]
base_url = "{base_url}"
api_key = "env:{self.system.upper()}_KEY"

[company.{self.slug}.{self.system}.settings]
{lines}
"""


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)} = {_toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _books(books: Any, articles: bool = True) -> None:
    """Give a Fortnox two customers and four articles with prices."""
    books.load("customers", [{"CustomerNumber": n, "Name": name, "OrganisationNumber": number} for n, name, number in CUSTOMERS])
    if not articles:
        return
    books.load(
        "articles",
        [{"ArticleNumber": n, "Description": name, "Unit": unit, "SalesPrice": price} for n, name, unit, price in ARTICLES],
    )
    blank = dict(books.table("prices").blank)
    for number, _, _, price in ARTICLES:
        row = {"PriceList": "A", "ArticleNumber": number, "FromQuantity": 0, "Price": price}
        books.put("prices", ("A", number, "0"), {**blank, **row})
    books.commit()


def _mobigo_before(books: Any, system: Any) -> None:
    _books(books)
    system.load("TimeTypes", [{"name": "Arbete", "articleNumber": "100"}, {"name": "Restid"}])


def _mobigo_work(system: Any) -> None:
    time = {"timeType": "Arbete", "hours": 3, "billableHours": 2.5, "price": 650, "text": "Felsökning"}
    part = {"articleNumber": "200", "name": "Packning", "quantity": 4, "unit": "st", "price": 12.5}
    for number, customer, text in (("1001", "101", "Bytt packning i köket."), ("1002", "102", "Rensat avlopp och provkört.")):
        system.assignment(
            number, customerNumber=customer, status="Klart", marked=True, actionText=text, times=[time], materials=[part]
        )


def _opter_before(books: Any, system: Any) -> None:
    for code in ("LUL", "UME"):
        books.put("costcenters", code, {**books.table("costcenters").blank, "Code": code, "Description": code, "Active": True})
    books.commit()
    system.load("Customers", opter_company.customers())
    system.load("Invoices", opter_company.invoices(count=8))
    system.load("Settlements", opter_company.settlements(count=4))


def _opter_work(system: Any) -> None:
    """Close one more invoice period."""
    first = system.all("Invoices")[0]
    kept = ("customerCode", "invoiceDate", "dueDate", "orders", "coding", "currency", "currencyRate")
    system.load("Invoices", [{**{name: first[name] for name in kept}, "invoiceNumber": "100400"}])


def _textalk_before(books: Any, shop: Any) -> None:
    books.load("articles", [{"ArticleNumber": number, "Description": name} for number, name in SHOP_ARTICLES])


def _textalk_work(shop: Any) -> None:
    for quantity, total in ((2, 198), (5, 495)):
        mugs = {"articleNumber": "MUGG-1", "name": "Mugg", "quantity": quantity, "incVat": total, "vatRate": 0.25}
        shop.order(items=[mugs], customer=BUYER)


def _upsales_before(books: Any, crm: Any) -> None:
    _books(books)


def _upsales_work(crm: Any) -> None:
    products = {one["articleNo"]: int(one["id"]) for one in crm.all("products")}
    client = next(int(one["id"]) for one in crm.all("accounts") if one["name"] == CUSTOMERS[0][1])
    rows = ((products["A1"], 2, 900, 1000), (products["A2"], 8, 425, 425))
    crm.add(
        "orders",
        {
            "description": "Möbler till kontoret",
            "date": "2026-11-20",
            "user": {"id": 1},
            "client": {"id": client},
            "stage": {"id": crm.stage("Order")},
            "orderRow": [
                {"product": {"id": product}, "quantity": quantity, "price": price, "listPrice": list_price}
                for product, quantity, price, list_price in rows
            ],
        },
    )


COMPANIES: tuple[Company, ...] = (
    Company(
        "fjord",
        "Fjord Kontorsmöbler AB",
        "upsales",
        lambda: upsales.running(Setup(price_lists=True)),
        lambda crm: str(crm.token),
        {
            "module": "invoice",
            "placeholder_user": "Integration",
            "won_stage": "Order",
            "lost_stage": "Förlorad",
            "offer_stage": "Offert",
            "price_list": "A",
            "approved": True,
        },
        _upsales_before,
        ("customers", "products", "sales"),
        ("sales",),
        _upsales_work,
    ),
    Company(
        "mugg",
        "Muggbutiken AB",
        "textalk",
        textalk.running,
        lambda shop: f"{shop.webshop}:{shop.token}",
        {
            "documents": {
                "Faktura": "invoice",
                "Kort": "cash_invoice",
                "Swish": "order",
                "Klarna": "invoice",
                "Presentkort": "invoice",
            }
        },
        _textalk_before,
        ("buyers",),
        ("buyers",),
        _textalk_work,
    ),
    Company(
        "ror",
        "Rör & Service AB",
        "mobigo",
        mobigo.running,
        lambda system: f"{system.application_id}:{system.secret}",
        {"registers": ["customers", "articles"], "document": "order"},
        _mobigo_before,
        ("customers", "articles"),
        ("assignments",),
        _mobigo_work,
    ),
    Company(
        "frakt",
        "Norrfrakt AB",
        "opter",
        opter.running,
        lambda system: str(system.key),
        {
            "send": "by_hand",
            "supplier_number": "ledger",
            "payment_definitions": {"Fortnox": {"ignore_payments_before": "2026-01-01"}},
        },
        _opter_before,
        ("customers", "settlements"),
        ("customers", "payments"),
        _opter_work,
    ),
)
