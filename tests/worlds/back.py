"""The other way: documents that people made in Fortnox, and what becomes of them in Upsales and webCRM."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from proof.world import World, a_world
from proof.worlds import UpsalesWorld, upsales_world
from worlds import hostile
from worlds.hostile import Dice
from worlds.judge import NO_HOUSE_WORK, ONE, Case, change_quantity, change_rows, document, one_more_row, one_row_less
from worlds.oracle import back as oracle
from worlds.oracle import webcrm as places
from worlds.oracle.books import Books
from worlds.oracle.paper import Difference
from worlds.upsales import UpsalesOffice
from worlds.webcrm import WebcrmOffice

HEAD = {"freight": "FRAKT-1", "fee": "AVGIFT-1"}
"""The articles that stand for freight and fee of a document's head, where a company has chosen them."""
USER = "Integration"
"""The catch-all user of Upsales' worlds (UPS-08)."""


class _Back:
    """Documents of Fortnox, made by people there: prices with VAT, discounts, part deliveries, the defaults of cards, freight and fee.

    Some are in another currency, some credit another, are booked, cancelled, or house work.
    """

    side = "right"
    world: Any
    dice: Dice
    register: str
    made: Sequence[Case] = ()
    numbers: list[str]
    articles_of_head: Mapping[str, str] = {}

    def choose(self) -> None:
        """Let the company choose articles for freight and fee, or not."""
        if self.dice.often(0.5):
            self.articles_of_head = HEAD
            rows = [{"ArticleNumber": one, "Description": one, "SalesAccount": 3001, "VAT": 25} for one in HEAD.values()]
            self.world.fortnox.company.load("articles", rows)
            self.world.declare(freight_article=HEAD["freight"], fee_article=HEAD["fee"])
            self.round()

    def make(self, count: int) -> None:
        made = [self._document(place) for place in range(count)]
        self.made = [*made, *self._then(made)]

    def _then(self, made: Sequence[Case]) -> list[Case]:
        """Book, credit or cancel some; return the credits, which are documents of their own."""
        call, credits = self.world.fortnox_call, []
        for case in made:
            if case.tidy or not self.dice.often(0.15):
                continue
            path = f"/3/{self.register}/{case.id}"
            if self.register == "orders":
                call("PUT", f"{path}/createinvoice")
            elif float(self.held(case)["Total"]) > 0:
                call("PUT", f"{path}/bookkeep")
                if self.dice.often(0.5):
                    original = call("PUT", f"{path}/credit")["Invoice"]
                    credits.append(Case(str(original["CreditInvoiceReference"]), (str(original["CreditInvoiceReference"]),)))
        return credits

    def _document(self, place: int) -> Case:
        dice, tidy = self.dice, self.dice.often(0.3)
        one, rows_name = ONE[self.register]
        card = dice.one(self._cards())
        rows = [self._row(tidy) for _ in range(dice.randint(1, 4))]
        body: dict[str, Any] = {"CustomerNumber": card, "Remarks": f"Text {place}", "Currency": "SEK"}
        body |= {"OurReference": dice.one(("Vera Lind", "", "Anna Lind")), "VATIncluded": False}
        body |= {"Freight": 0, "AdministrationFee": 0}
        if not tidy:
            body["VATIncluded"] = dice.often(0.4)
            if dice.often(0.25):
                body |= {"Freight": dice.one((49, 99.5)), "AdministrationFee": dice.one((0, 29))}
            if dice.often(0.12):
                body["Currency"] = dice.one(("EUR", "USD"))
            elif dice.often(0.06):
                self._house_work(body, rows)
            if dice.often(0.3):
                rows.append({"Description": hostile.fortnox_text(dice.text("Levereras till lastkajen"))[:200]})
            if dice.often(0.2):
                rows.append({**rows[0], "Description": "Samma igen"})
        made = self.world.fortnox_call("POST", f"/3/{self.register}", {one: {**body, rows_name: rows}})[one]
        number = str(made["DocumentNumber"])
        return Case(number, (number,), frozenset(), tidy)

    def _house_work(self, body: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        body["TaxReductionType"] = "rot"
        for place, row in enumerate(rows):
            row |= {"HouseWork": place == 0, "HouseWorkType": "OTHERCOSTS" if place else "CONSTRUCTION"}

    def _row(self, tidy: bool) -> dict[str, Any]:
        dice = self.dice
        quantity = dice.randint(2, 12)
        row: dict[str, Any] = {"ArticleNumber": dice.one(self.numbers), "DeliveredQuantity": quantity, "Discount": 0}
        row |= NO_HOUSE_WORK
        row["Price"] = round(dice.uniform(1, 2000), 2) if tidy else dice.price()
        if self.register == "orders":
            row["OrderedQuantity"] = quantity
        if tidy:
            return row
        if dice.often(0.08):
            row["Price"] = -row["Price"]
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
        """A person in Fortnox makes it one more, or changes rows, text or freight; what is booked stays."""
        if self._is_locked(case):
            return
        match self.dice.one(("more", "more", "row", "less", "head", "freight")):
            case "row":
                one_more_row(self.world, self.register, case.id, self.numbers[0])
            case "less":
                one_row_less(self.world, self.register, case.id)
            case "head":
                change_rows(self.world, self.register, case.id, lambda rows, wishes: None, Remarks="Ändrad i Fortnox")
            case "freight":
                change_rows(self.world, self.register, case.id, lambda rows, wishes: None, Freight=75)
            case _:
                change_quantity(self.world, self.register, case.id, 1)

    def _is_locked(self, case: Case) -> bool:
        held = self.held(case)
        return bool(held.get("Booked")) or str(held.get("InvoiceReference") or "0") != "0" or held["Cancelled"]

    def end(self, case: Case) -> None:
        """A person in Fortnox cancels the document, or credits the invoice."""
        path = f"/3/{self.register}/{case.id}"
        if not self._is_locked(case):
            self.world.fortnox_call("PUT", f"{path}/cancel")

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
        self.choose()
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
        there, custom = self.held(case), {"REMARKS": held["REMARKS"]}
        return oracle.sale(there, self.register, raw, custom, card, products, USER, self.articles_of_head)

    def edit_there(self, case: Case) -> None:
        """A person in Upsales makes it one more."""
        sale = self.world.upsales.order(int(self.became(case)))
        first, *others = [{**row, "product": {"id": row["productId"]}} for row in sale["orderRow"]]
        sale.update(orderRow=[{**first, "quantity": first["quantity"] + 1}, *others])

    def end_there(self, case: Case) -> None:
        """A person in Upsales loses the sale."""
        self.world.upsales.order(int(self.became(case))).update(stage={"id": self.world.upsales.stage("Förlorad")})

    def stranger(self) -> list[str]:
        mine = {self.became(case) for case in self.made}
        return [f"sale {one['id']}" for one in self.world.upsales.all("orders") if str(one["id"]) not in mine]


class WebcrmBack(_Back, WebcrmOffice):
    """Documents of Fortnox as deliveries."""

    system = "webcrm back"

    def __init__(self, world: World, dice: Dice, count: int) -> None:
        super().__init__(world, dice, 0)
        self.numbers = [str(one["ArticleNumber"]) for one in self.articles]
        self.choose()
        self.make(count)
        self.before = self.untouched()

    def became(self, case: Case) -> str:
        place = f"Delivery{places.PLACES[self.register]['number']}"
        return next((str(one["DeliveryId"]) for one in self.world.webcrm.all("Delivery") if str(one[place]) == case.id), "")

    def differences(self, case: Case, number: str, books: Books) -> list[Difference]:
        raw = self.world.webcrm.delivery(int(number)).raw()
        owner = self.world.webcrm.organisation(int(raw["DeliveryOrganisationId"])).raw()
        lines = self.world.webcrm.lines_of(int(number))
        return oracle.delivery(
            self.held(case), self.register, raw, lines, owner, places.PLACES[self.register], self.articles_of_head
        )

    def edit_there(self, case: Case) -> None:
        """A person in webCRM makes it one more."""
        lines = self.world.webcrm.lines_of(int(self.became(case)))
        line = next(one for one in lines if one["QuotationLineQuantity"])
        self.world.webcrm.line(line["QuotationLineId"]).update(Quantity=line["QuotationLineQuantity"] + 1)

    def end_there(self, case: Case) -> None:
        """webCRM cannot cancel a delivery."""

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
