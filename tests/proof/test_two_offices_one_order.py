"""Random edits of deliveries and orders in two offices: at rest both hold the same, or a conflict stands; and no echo."""

from __future__ import annotations

import random
import sys
from decimal import Decimal
from typing import Any

import pytest

from hub import organisation
from proof.world import World, a_world

TEXTS = ("Ring först", "Lämnas vid kajen", "Hel last", "")
DAYS = ("2026-12-01", "2026-12-08", "2027-01-04")
NAMES = {"A1": "Bord", "A2": "Stol", "A3": "Lampa"}


class Offices:
    """A customer with articles and some orders, half of them born on each side."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)
        self.edits = 0
        [self.organisation] = world.webcrm.load("Organisation", [organisation()])
        with world.fortnox.lock:
            blank = dict(world.fortnox.company.table("articles").blank)
            for number, name in NAMES.items():
                world.fortnox.company.put("articles", number, {**blank, "ArticleNumber": number, "Description": name})
            world.fortnox.company.commit()
        world.sync()
        self.customer = world.links()[str(self.organisation)]
        world.stream = "deliveries"
        world.sync()
        for _ in range(2):
            rows = [self._row() for _ in range(3)]
            world.webcrm.add_delivery({"Ordertext": "Ny"}, rows, organisation=self.organisation)
            order = {"CustomerNumber": self.customer, "Remarks": "Ny", "OrderRows": [self._fortnox(self._row()) for _ in range(3)]}
            world.fortnox_call("POST", "/3/orders", {"Order": order})

    def _row(self) -> dict[str, Any]:
        article = self.random.choice(list(NAMES))
        quantity, price = self.random.randint(1, 9), self.random.choice((10, 125.5, 400))
        return {
            "Artikelnummer": article,
            "Benämning": NAMES[article],
            "Enhet": "st",
            "Quantity": quantity,
            "Price": price,
            "VatPercentage": 25,
        }

    @staticmethod
    def _fortnox(row: dict[str, Any]) -> dict[str, Any]:
        quantities = {"OrderedQuantity": row["Quantity"], "DeliveredQuantity": row["Quantity"]}
        return {
            "ArticleNumber": row["Artikelnummer"],
            "Description": row["Benämning"],
            "Unit": "st",
            "Price": row["Price"],
            "VAT": 25,
            **quantities,
        }

    def edit(self) -> str:
        """Let somebody change one thing of one pair."""
        pairs = sorted(self.world.links().items())
        if not pairs:
            return "nothing is linked yet"
        left, right = self.random.choice(pairs)
        what = self.random.choice(("text", "day", "row", "rows"))
        side = self.random.choice(("webCRM", "Fortnox"))
        self.edits += 1
        (self._edit_left if side == "webCRM" else self._edit_right)(what, left if side == "webCRM" else right)
        return f"{side} {left}={right} {what}"

    def _edit_left(self, what: str, id: str) -> None:
        delivery = self.world.webcrm.delivery(int(id))
        if what == "text":
            delivery.update(Ordertext=self.random.choice(TEXTS))
        elif what == "day":
            delivery.update(Leveransdatum=self.random.choice(DAYS))
        elif what == "row":
            lines = self.world.webcrm.lines_of(int(id))
            if lines:
                self.world.webcrm.line(self.random.choice(lines)["QuotationLineId"]).update(Quantity=self.random.randint(1, 9))
        else:
            own = {"OpportunityId": int(id), "OrganisationId": self.organisation, "SortOrder": 50 + self.edits}
            row = self._row()
            data = {"Data1": row.pop("Artikelnummer"), "Data2": row.pop("Benämning"), "Data3": row.pop("Enhet")}
            self.world.webcrm.add("QuotationLine", {**own, **data, **row})

    def _edit_right(self, what: str, number: str) -> None:
        if what == "text":
            change: dict[str, Any] = {"Remarks": self.random.choice(TEXTS) or None}
        elif what == "day":
            change = {"DeliveryDate": self.random.choice(DAYS)}
        else:
            rows = [{"RowId": row["RowId"]} for row in self.order(number)["OrderRows"]]
            if what == "row" and rows:
                quantity = self.random.randint(1, 9)
                self.random.choice(rows).update(OrderedQuantity=quantity, DeliveredQuantity=quantity)
            else:
                rows.append(self._fortnox(self._row()))
            change = {"OrderRows": rows}
        self.world.fortnox_call("PUT", f"/3/orders/{number}", {"Order": change})

    def order(self, number: str) -> dict[str, Any]:
        with self.world.fortnox.lock:
            return dict(self.world.fortnox.company.get("orders", number))

    def rest(self) -> None:
        for _ in range(4):
            self.world.pass_time(301)
            self.world.sync()

    def books(self) -> list[tuple[str, str, object, object]]:
        """Return (delivery, order, what webCRM holds, what Fortnox holds) of each pair."""
        return [(left, right, self._left(left), self._right(right)) for left, right in sorted(self.world.links().items())]

    def _left(self, id: str) -> object:
        delivery = self.world.webcrm.delivery(int(id))
        lines = sorted(self.world.webcrm.lines_of(int(id)), key=lambda one: (one["QuotationLineSortOrder"], one["QuotationLineId"]))
        rows = [
            (one["QuotationLineData1"], Decimal(str(one["QuotationLineQuantity"])), Decimal(str(one["QuotationLinePrice"])))
            for one in lines
        ]
        return str(delivery["Ordertext"] or ""), str(delivery["Leveransdatum"] or "")[:10], rows

    def _right(self, number: str) -> object:
        order = self.order(number)
        rows = [
            (row["ArticleNumber"], Decimal(str(row["DeliveredQuantity"])), Decimal(str(row["Price"]))) for row in order["OrderRows"]
        ]
        return str(order["Remarks"] or ""), str(order["DeliveryDate"] or "")[:10], rows


@pytest.mark.parametrize("seed", range(1, 7))
def test_whatever_two_offices_type_both_hold_the_same_or_a_conflict_stands(sqlite_database: Any, seed: int) -> None:
    """WEB-37, WEB-41, WEB-43 to WEB-45, WEB-50: two ways with the base."""
    with a_world(sqlite_database.home) as world:
        offices = Offices(world, seed)
        offices.rest()
        assert len(world.links()) == 4
        told: list[str] = []
        conflicts = 0
        for _ in range(8):
            for _ in range(offices.random.randint(1, 4)):
                world.pass_time(offices.random.choice((5, 61, 130)))
                told.append(offices.edit())
            offices.rest()
            standing = {row["left"] for row in world.problems("conflict")}
            conflicts = max(conflicts, len(standing))
            for left, right, here, there in offices.books():
                assert left in standing or here == there, f"{left}={right}: {here} and {there}\n" + "\n".join(told)
            world.clear()
            world.pass_time(301)
            world.sync()
            assert (world.fortnox_writes(), world.webcrm.writes()) == ([], []), "an echo after " + told[-1]
    sys.stdout.write(f"seed {seed}: {offices.edits} edits, at most {conflicts} conflicts at once, 0 lost, 0 echoes\n")
