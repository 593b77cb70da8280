"""The other way: documents that people made in Fortnox, and what becomes of them in Upsales and webCRM."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from proof.world import World, a_world
from proof.worlds import UpsalesWorld, upsales_world
from worlds import hostile
from worlds.hostile import Dice
from worlds.judge import Case, change_quantity, document
from worlds.oracle import back as oracle
from worlds.oracle import webcrm as places
from worlds.oracle.books import Books
from worlds.oracle.paper import Difference
from worlds.upsales import UpsalesOffice
from worlds.webcrm import WebcrmOffice

ONE = {"invoices": ("Invoice", "InvoiceRows"), "orders": ("Order", "OrderRows")}
USER = "Integration"
"""The catch-all user of Upsales' worlds (UPS-08)."""


class _Back:
    """Documents of Fortnox, made by people there: prices with VAT, discounts, part deliveries, the defaults of cards."""

    side = "right"
    world: Any
    dice: Dice
    register: str
    made: Sequence[Case] = ()
    numbers: list[str]

    def make(self, count: int) -> None:
        self.made = [self._document(place) for place in range(count)]

    def _document(self, place: int) -> Case:
        dice, tidy = self.dice, self.dice.often(0.3)
        one, rows_name = ONE[self.register]
        card = dice.one(self._cards())
        rows = [self._row(tidy) for _ in range(dice.randint(1, 4))]
        body: dict[str, Any] = {"CustomerNumber": card, "Remarks": f"Text {place}", "Currency": "SEK"}
        body |= {"OurReference": dice.one(("Vera Lind", "", "Anna Lind")), "VATIncluded": False}
        if not tidy:
            body["VATIncluded"] = dice.often(0.4)
            if dice.often(0.3):
                rows.append({"Description": hostile.fortnox_text(dice.text("Levereras till lastkajen"))[:200]})
            if dice.often(0.2):
                rows.append({**rows[0], "Description": "Samma igen"})
        made = self.world.fortnox_call("POST", f"/3/{self.register}", {one: {**body, rows_name: rows}})[one]
        number = str(made["DocumentNumber"])
        return Case(number, (number,), frozenset(), tidy)

    def _row(self, tidy: bool) -> dict[str, Any]:
        dice = self.dice
        quantity = dice.randint(2, 12)
        row: dict[str, Any] = {"ArticleNumber": dice.one(self.numbers), "DeliveredQuantity": quantity, "Discount": 0}
        row["Price"] = round(dice.uniform(1, 2000), 2) if tidy else dice.price()
        if self.register == "orders":
            row["OrderedQuantity"] = quantity
        if tidy:
            return row
        if self.register == "orders" and dice.often(0.3):
            row["DeliveredQuantity"] = dice.randint(0, quantity - 1)
        if dice.often(0.4):
            row |= {"Discount": dice.one((5, 12.5, 33.33)), "DiscountType": dice.one(("PERCENT", "AMOUNT"))}
        if dice.often(0.3):
            row["Description"] = hostile.fortnox_text(dice.text("Egen text"))[:200]
        return row

    def _cards(self) -> list[str]:
        with self.world.fortnox.lock:
            return [str(one["CustomerNumber"]) for one in self.world.fortnox.company.table("customers").all()]

    def cases(self) -> list[Case]:
        return list(self.made)

    def edit(self, case: Case) -> None:
        """A person in Fortnox makes it one more."""
        change_quantity(self.world, self.register, case.id, 1)

    def held(self, case: Case) -> dict[str, Any]:
        return document(self.world, self.register, case.id)

    def untouched(self) -> Any:
        return [self.held(case) for case in self.made]


class UpsalesBack(_Back, UpsalesOffice):
    """Documents of Fortnox as sales."""

    system = "upsales back"

    def __init__(self, world: UpsalesWorld, dice: Dice, count: int) -> None:
        super().__init__(world, dice, 0)
        self.numbers = [str(one["articleNo"]) for one in self.products]
        self.make(count)
        self.before = self.untouched()

    def became(self, case: Case) -> str:
        name = {"invoices": "FORTNOX_ID", "orders": "FORTNOX_ORDER_ID"}[self.register]
        ids = (one["id"] for one in self.world.upsales.all("orders"))
        return next((str(id) for id in ids if str(self.world.upsales.order(id)[name] or "") == case.id), "")

    def differences(self, case: Case, number: str, books: Books) -> list[Difference]:
        held = self.world.upsales.order(int(number))
        raw = held.raw()
        card = self.world.upsales.account(raw["client"]["id"])["FORTNOX_CUSTOMER_ID"]
        products = {int(one["id"]): one for one in self.world.upsales.all("products")}
        return oracle.sale(self.held(case), self.register, raw, {"REMARKS": held["REMARKS"]}, card, products, USER)

    def edit_there(self, case: Case) -> None:
        """A person in Upsales makes it one more."""
        sale = self.world.upsales.order(int(self.became(case)))
        first, *others = [{**row, "product": {"id": row["productId"]}} for row in sale["orderRow"]]
        sale.update(orderRow=[{**first, "quantity": first["quantity"] + 1}, *others])

    def stranger(self) -> list[str]:
        mine = {self.became(case) for case in self.made}
        return [f"sale {one['id']}" for one in self.world.upsales.all("orders") if str(one["id"]) not in mine]


class WebcrmBack(_Back, WebcrmOffice):
    """Documents of Fortnox as deliveries."""

    system = "webcrm back"

    def __init__(self, world: World, dice: Dice, count: int) -> None:
        super().__init__(world, dice, 0)
        self.numbers = [str(one["ArticleNumber"]) for one in self.articles]
        self.make(count)
        self.before = self.untouched()

    def became(self, case: Case) -> str:
        place = f"Delivery{places.PLACES[self.register]['number']}"
        return next((str(one["DeliveryId"]) for one in self.world.webcrm.all("Delivery") if str(one[place]) == case.id), "")

    def differences(self, case: Case, number: str, books: Books) -> list[Difference]:
        raw = self.world.webcrm.delivery(int(number)).raw()
        owner = self.world.webcrm.organisation(int(raw["DeliveryOrganisationId"])).raw()
        lines = self.world.webcrm.lines_of(int(number))
        return oracle.delivery(self.held(case), self.register, raw, lines, owner, places.PLACES[self.register])

    def edit_there(self, case: Case) -> None:
        """A person in webCRM makes it one more."""
        lines = self.world.webcrm.lines_of(int(self.became(case)))
        line = next(one for one in lines if one["QuotationLineQuantity"])
        self.world.webcrm.line(line["QuotationLineId"]).update(Quantity=line["QuotationLineQuantity"] + 1)

    def stranger(self) -> list[str]:
        mine = {self.became(case) for case in self.made}
        return [f"delivery {one['DeliveryId']}" for one in self.world.webcrm.all("Delivery") if str(one["DeliveryId"]) not in mine]


@contextmanager
def into_upsales(home: Path, seed: int, count: int) -> Iterator[UpsalesBack]:
    """Run Fortnox' office beside Upsales."""
    with upsales_world(home) as world:
        yield UpsalesBack(world, Dice(seed), count)


@contextmanager
def into_webcrm(home: Path, seed: int, count: int) -> Iterator[WebcrmBack]:
    """Run Fortnox' office beside webCRM."""
    with a_world(home) as world:
        yield WebcrmBack(world, Dice(seed), count)
