"""The hub dies at every boundary; taken up again, both sides end with the books of an undisturbed run."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from databases import DatabaseUnderTest
from hub import organisation
from proof.crash import every_boundary
from proof.world import World, a_world


class Customers:
    """A new organisation, a new customer, and an edit on each side of a pair."""

    address = "acme/webcrm.customers"

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
    """A new delivery with rows in webCRM and a new order in Fortnox."""

    address = "acme/webcrm.deliveries"

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
        order = {
            "CustomerNumber": self.customer,
            "Remarks": f"{mark} öst",
            "OrderRows": [
                {
                    "ArticleNumber": "A1",
                    "Description": "Bord",
                    "OrderedQuantity": 1,
                    "DeliveredQuantity": 1,
                    "Price": 10,
                    "VAT": 25,
                    "Unit": "st",
                },
                {"Description": mark},
            ],
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


SCENARIOS: dict[str, Any] = {"customers": Customers, "deliveries": Deliveries}


@pytest.mark.parametrize("stream", SCENARIOS)
def test_dead_at_every_boundary_nothing_is_doubled_or_missing(database: DatabaseUnderTest, stream: str) -> None:
    with a_world(database.home) as world:
        kills = every_boundary(SCENARIOS[stream](world))
    assert kills > 20
    sys.stdout.write(f"{stream} on {database.vendor}: dead at each of {kills} boundaries, 0 doubled, 0 missing\n")
