"""Upsales' office in a hostile world: companies and sales of all kinds, and Fortnox' cards behind them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from proof.worlds import UpsalesWorld, upsales_world
from worlds import hostile
from worlds.hostile import Dice
from worlds.judge import Case, change_quantity, document
from worlds.oracle import upsales as oracle
from worlds.oracle.books import Books
from worlds.oracle.paper import Difference, compare

COMPANIES = 8
ARTICLES = 10
WRITTEN = frozenset({"custom", "modDate", "lastIntegrationStatus"})
"""What of a sale the hub writes: the number of its document, its due date and sums."""


class UpsalesOffice:
    """Sales at 100 % of companies that came from Fortnox or were made in Upsales."""

    system = "upsales"
    side = "left"

    def __init__(self, world: UpsalesWorld, dice: Dice, count: int) -> None:
        self.world, self.dice = world, dice
        self.register = dice.one(("invoices", "orders"))
        self._cases: list[Case] = []
        self.numbers_known: list[str] = []
        hostile.furnish(world.fortnox, dice)
        made = hostile.articles(dice, ARTICLES)
        for one in made:
            one["Description"] = hostile.fortnox_text(one["Description"])
        world.fortnox.company.load("articles", made)
        world.fortnox.company.load("customers", [self._card(place) for place in range(COMPANIES)])
        world.declare(module="invoice" if self.register == "invoices" else "order")
        self.round()
        self.clients = [int(one["id"]) for one in world.upsales.all("accounts")]
        self.products = [one for one in world.upsales.all("products") if one["active"]]
        self.first = list(self.clients)
        assert self.clients, "no company came over"
        assert self.products, "no product came over"
        for place in range(count):
            self._sell(place)
        self.before = self.untouched()

    def _card(self, place: int) -> dict[str, Any]:
        ten = self.dice.org_number()
        self.numbers_known.append(ten)
        more: dict[str, Any] = {"OrganisationNumber": f"{ten[:6]}-{ten[6:]}", "VATType": "SEVAT"}
        if self.dice.often(0.2):
            more = {
                "VATType": self.dice.one(("EXPORT", "EUREVERSEDVAT", "EUVAT")),
                "VATNumber": self.dice.german_number(),
                "CountryCode": "DE",
            }
        return hostile.card(self.dice, str(201 + place), f"Kund {place} AB", **more)

    def round(self) -> None:
        self.world.sync_all()

    def _sell(self, place: int) -> None:
        dice, tidy = self.dice, self.dice.often(0.3)
        rows = [self._row(tidy) for _ in range(dice.randint(1, 4))]
        if not tidy and dice.often(0.2):
            rows.append({**rows[0], "price": round(rows[0]["price"] / 2, 2)})
        more: dict[str, Any] = {}
        custom = []
        if dice.often(0.5):
            custom.append({"fieldId": self.world.upsales.field_id("order", "REMARKS"), "value": dice.text(f"Text {place}")})
        if dice.often(0.3):
            custom.append({"fieldId": self.world.upsales.field_id("order", "REFERENCE"), "value": f"PO-{place}"})
        if custom and not tidy:
            more["custom"] = custom
        name = f"Affär {place}"
        client = dice.one(self.first) if tidy or dice.often(0.8) else self._company(place)
        id = self.world.sale(client, *rows, description=name, **more)
        self._cases.append(Case(str(id), (name, str(id)), frozenset({str(client)}), tidy))

    def _company(self, place: int) -> int:
        dice = self.dice
        more = (
            {"orgNo": dice.spelled(dice.one(self.numbers_known) if dice.often(0.3) else dice.org_number())}
            if dice.often(0.7)
            else {}
        )
        self.clients.append(self.world.company(dice.text(f"Nykund {place} AB").strip()[:90], **more))
        return self.clients[-1]

    def _row(self, tidy: bool) -> dict[str, Any]:
        dice = self.dice
        listed = round(dice.uniform(1, 2000), 2) if tidy else dice.price()
        if tidy:
            quantity, price = float(dice.randint(1, 9)), listed
        else:
            quantity = dice.quantity(dice.often(0.15))
            price = round(listed * (100 - dice.percent()) / 100, dice.one((2, 2, 2, 4)))
        return {"product": dice.one(self.products)["id"], "quantity": quantity, "price": price, "listPrice": listed}

    # What the judge asks ----------------------------------------------------------------------------------------------------

    def cases(self) -> list[Case]:
        return self._cases

    def became(self, case: Case) -> str:
        return str(self.world.upsales.order(int(case.id))[oracle.NUMBER[self.register]] or "")

    def differences(self, case: Case, number: str, books: Books) -> list[Difference]:
        held = self.world.upsales.order(int(case.id))
        sale = held.raw()
        account = self.world.upsales.account(sale["client"]["id"])
        custom = {name: held[name] for name in ("REMARKS", "REFERENCE")}
        products = {int(one["id"]): one for one in self.world.upsales.all("products")}
        paper = oracle.paper_of(sale, custom, account.raw(), account["FORTNOX_CUSTOMER_ID"], products, books)
        return compare(paper, document(self.world, self.register, number), self.register, books)

    def edit(self, case: Case) -> None:
        """A person in Upsales sells one more of the first row, and writes another text."""
        sale = self.world.upsales.order(int(case.id))
        first, *others = [{**row, "product": {"id": row["productId"]}} for row in sale["orderRow"]]
        sale.update(orderRow=[{**first, "quantity": first["quantity"] + 1}, *others], REMARKS="Ändrad text")

    def edit_there(self, case: Case) -> None:
        """A person in Fortnox makes it two more."""
        change_quantity(self.world, self.register, self.became(case), 2)

    def stranger(self) -> list[str]:
        mine = [self.became(case) for case in self._cases]
        return sorted(str(one["DocumentNumber"]) for one in self.world.all(self.register) if str(one["DocumentNumber"]) not in mine)

    def untouched(self) -> Any:
        return {
            one["id"]: {name: value for name, value in one.items() if name not in WRITTEN}
            for one in self.world.upsales.all("orders")
        }


@contextmanager
def office(home: Path, seed: int, count: int) -> Iterator[UpsalesOffice]:
    """Run Upsales' office on the database that Django points at."""
    with upsales_world(home) as world:
        yield UpsalesOffice(world, Dice(seed), count)
