"""What is killed: for each system a stream or two with writes, acts that carry a mark, and what the books must say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub import organisation
from proof.crash import Scenario
from proof.opter_scenarios import OpterInvoices, OpterPayments, OpterSettlements
from proof.world import World, a_world
from proof.worlds import MobigoWorld, TextalkWorld, UpsalesWorld, mobigo_world, opter_world, textalk_world, upsales_world
from textalk_hub import LIV, MUG
from upsales_hub import Shop


class Customers:
    """webCRM: a new organisation and a new customer."""

    def __init__(self, world: World) -> None:
        self.world = world

    def sync(self) -> object:
        return self.world.sync()

    def act(self, mark: str) -> None:
        self.world.webcrm.load("Organisation", [organisation(OrganisationName=f"{mark} Väst AB", OrganisationTelephone="0470-1")])
        with self.world.fortnox.lock:
            company = self.world.fortnox.company
            key = str(company.next_number("customers", 1001))
            blank = dict(company.table("customers").blank)
            company.put(
                "customers",
                key,
                {**blank, "CustomerNumber": key, "Name": f"{mark} Öst AB", "Type": "COMPANY", "Active": True, "Phone1": "08-2"},
            )
            company.commit()

    def books(self, mark: str) -> object:
        customers = [(c["Name"].replace(mark, "*"), c["Phone1"]) for c in self.world.customers() if str(c["Name"]).startswith(mark)]
        organisations = [
            (one["OrganisationName"].replace(mark, "*"), one["OrganisationTelephone"], bool(one["OrganisationExtraCustom1"]))
            for one in self.world.webcrm.all("Organisation")
            if one["OrganisationName"].startswith(mark)
        ]
        return sorted(customers), sorted(organisations)


class Deliveries:
    """webCRM: a new delivery with rows, and a new order in Fortnox."""

    def __init__(self, world: World) -> None:
        self.world = world
        [self.organisation] = world.webcrm.load("Organisation", [organisation()])
        with world.fortnox.lock:
            blank = dict(world.fortnox.company.table("articles").blank)
            world.fortnox.company.put("articles", "A1", {**blank, "ArticleNumber": "A1", "Description": "Bord"})
            world.fortnox.company.commit()
        world.sync()
        self.customer = world.links()[str(self.organisation)]
        world.stream = "deliveries"
        world.sync()

    def sync(self) -> object:
        return self.world.sync()

    def act(self, mark: str) -> None:
        rows = [
            {"Artikelnummer": "A1", "Benämning": "Bord", "Enhet": "st", "Quantity": 2, "Price": 400, "VatPercentage": 25},
            {"Benämning": mark},
        ]
        self.world.webcrm.add_delivery({"Ordertext": f"{mark} väst"}, rows, organisation=self.organisation)
        bord = {"ArticleNumber": "A1", "Description": "Bord", "OrderedQuantity": 1, "DeliveredQuantity": 1, "Price": 10}
        order = {
            "CustomerNumber": self.customer,
            "Remarks": f"{mark} öst",
            "OrderRows": [{**bord, "VAT": 25, "Unit": "st"}, {"Description": mark}],
        }
        self.world.fortnox_call("POST", "/3/orders", {"Order": order})

    def books(self, mark: str) -> object:
        with self.world.fortnox.lock:
            orders = [dict(one) for one in self.world.fortnox.company.table("orders").all()]
        right = [
            (
                o["Remarks"].replace(mark, "*"),
                [(r["ArticleNumber"], r["Description"].replace(mark, "*"), str(r["DeliveredQuantity"])) for r in o["OrderRows"]],
            )
            for o in orders
            if str(o["Remarks"]).startswith(mark)
        ]
        left = [
            (
                one["DeliveryPlus1"].replace(mark, "*"),
                [
                    (line["QuotationLineData1"], line["QuotationLineData2"].replace(mark, "*"), str(line["QuotationLineQuantity"]))
                    for line in self.world.webcrm.lines_of(one["DeliveryId"])
                ],
            )
            for one in self.world.webcrm.all("Delivery")
            if str(one["DeliveryPlus1"]).startswith(mark)
        ]
        return sorted(left), sorted(right)


class Sales:
    """Upsales: a won sale that becomes an invoice, and an invoice of Fortnox that becomes a sale."""

    def __init__(self, world: UpsalesWorld) -> None:
        self.world = world
        self.shop = Shop(world)

    def sync(self) -> object:
        return self.world.sync("sales")

    def act(self, mark: str) -> None:
        remarks = {"fieldId": self.world.upsales.field_id("order", "REMARKS"), "value": f"{mark} väst"}
        self.shop.sell(description=f"{mark} möbler", custom=[remarks])
        self.shop.in_fortnox(Remarks=f"{mark} öst")

    def books(self, mark: str) -> object:
        invoices = [one for one in self.world.all("invoices") if str(one["Remarks"]).startswith(mark)]
        numbers = {str(one["DocumentNumber"]) for one in invoices}
        right = [(one["Remarks"].replace(mark, "*"), float(one["Net"]), len(one["InvoiceRows"])) for one in invoices]
        sales = [self.world.upsales.order(one["id"]) for one in self.world.upsales.all("orders")]
        left = [(sale["value"], len(sale["orderRow"]), sale["stage"]["name"]) for sale in sales if sale["FORTNOX_ID"] in numbers]
        lost = [sale.id for sale in sales if str(sale["description"]).startswith(mark) and sale["FORTNOX_ID"] not in numbers]
        return sorted(right), sorted(left), lost


class Orders:
    """Textalk: an order that was paid as it was placed: its customer, its invoice, booked, and the payment, booked."""

    def __init__(self, world: TextalkWorld) -> None:
        self.world = world
        world.declare(paid_methods={"Klarna": "BG"})
        world.sync()

    def sync(self) -> object:
        return self.world.sync()

    def act(self, mark: str) -> None:
        info = {"email": f"{mark}@dahl.example"}
        address = {**LIV["address"], "lastName": mark}
        self.world.order(items=[MUG], customer={"address": address, "info": info}, method="Klarna", status="paid", note=mark)

    def books(self, mark: str) -> object:
        customers = [one for one in self.world.records("customers") if mark in str(one["Name"])]
        invoices = [one for one in self.world.records("invoices") if one["Comments"] == mark]
        numbers = {str(one["DocumentNumber"]) for one in invoices}
        payments = [one for one in self.world.records("invoicepayments") if str(one["InvoiceNumber"]) in numbers]
        return (
            [one["Name"].replace(mark, "*") for one in customers],
            [(float(one["Total"]), one["Booked"], float(one["Balance"])) for one in invoices],
            [(float(one["Amount"]), one["Booked"]) for one in payments],
            [str(one["externalOrderNumber"]) in numbers for one in self.world.shop.all("Order") if mark in str(one)],
        )


class ShopArticles:
    """Textalk: an article that is added to the shop, and one that is changed there."""

    def __init__(self, world: TextalkWorld) -> None:
        self.world = world
        self.last = ""
        world.declare(export_articles=True)
        [self.changed] = world.shop.load("Article", [_article("STOL", "Stol")])
        world.sync("article_export")

    def sync(self) -> object:
        return self.world.sync("article_export")

    def act(self, mark: str) -> None:
        self.world.shop.load("Article", [_article(f"NY-{mark}", f"{mark} ny")])
        self.world.shop.change("Article", self.changed, name={"sv": f"{mark} stol"})
        self.last = mark

    def books(self, mark: str) -> object:
        articles = self.world.records("articles")
        new = [one["Description"].replace(mark, "*") for one in articles if one["ArticleNumber"] == f"NY-{mark}"]
        chair = [one["Description"] for one in articles if one["ArticleNumber"] == "STOL"]
        return new, chair == [f"{self.last} stol"]


class Assignments:
    """Mobigo: a marked assignment that becomes an order, with the result back on it."""

    def __init__(self, world: MobigoWorld) -> None:
        self.world = world
        world.sync("assignments")

    def sync(self) -> object:
        return self.world.sync("assignments", trigger="clock")

    def act(self, mark: str) -> None:
        time = {"timeType": "Arbete", "hours": 3, "billableHours": 2.5, "price": 650, "text": "Felsökning"}
        material = {"articleNumber": "200", "name": "Packning", "quantity": 4, "unit": "st", "price": 12.5}
        self.world.mobigo.assignment(mark, customerNumber="1042", status="Klart", marked=True, times=[time], materials=[material])

    def books(self, mark: str) -> object:
        found = [one for one in self.world.mobigo.all("Assignments") if one["number"] == mark]
        orders = [one for one in self.world.records("orders") if mark in str(one["ExternalInvoiceReference1"])]
        return (
            [(float(one["Total"]), len(one["OrderRows"])) for one in orders],
            [(one["export"]["documentType"], one["export"]["marked"], one["export"]["archived"]) for one in found],
            [one["export"]["documentNumber"] for one in found] == [one["DocumentNumber"] for one in orders],
        )


def _article(number: str, name: str) -> dict[str, Any]:
    return {"articleNumber": number, "name": {"sv": name}, "price": {"regular": {"SEK": 99}}}


@contextmanager
def _of(world: Callable[[Path], Any], scenario: Callable[[Any], Scenario], home: Path) -> Iterator[Scenario]:
    with world(home) as made:
        yield scenario(made)


SCENARIOS: dict[str, Callable[[Path], Any]] = {
    "webcrm customers": lambda home: _of(a_world, Customers, home),
    "webcrm deliveries": lambda home: _of(a_world, Deliveries, home),
    "upsales sales": lambda home: _of(upsales_world, Sales, home),
    "textalk orders": lambda home: _of(textalk_world, Orders, home),
    "textalk articles": lambda home: _of(textalk_world, ShopArticles, home),
    "mobigo assignments": lambda home: _of(mobigo_world, Assignments, home),
    "opter invoices": lambda home: _of(opter_world, OpterInvoices, home),
    "opter settlements": lambda home: _of(opter_world, OpterSettlements, home),
    "opter payments": lambda home: _of(opter_world, OpterPayments, home),
}
