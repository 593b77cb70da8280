"""Upsales' office in a hostile world: companies and sales of all kinds, and Fortnox' cards behind them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from proof.worlds import UpsalesWorld, upsales_world
from worlds import hostile
from worlds.hostile import Dice
from worlds.judge import Case, change_quantity, change_rows, credit_of, document, one_more_row, one_row_less
from worlds.oracle import upsales as oracle
from worlds.oracle.books import Books
from worlds.oracle.paper import Difference, compare, compare_shown

COMPANIES = 8
ARTICLES = 10
MODULES = {"invoice": "invoices", "order": "orders", "order_offer": "orders"}
BUNDLES = ("onlyBundle", "onlySubProducts", "bundleAndSubProducts")
SAID = {
    "DELIVERY_NAME": ("Bygget", "Lager & Co"), "DELIVERY_ADDRESS": ("Storgatan 2", "Kajen 3"), "DELIVERY_ZIPCODE": ("852 30", "SE-85230"),
    "DELIVERY_CITY": ("Sundsvall",), "DELIVERY_COUNTRY": ("Norge", "SE"), "YOUR_REFERENCE": ("Åsa Öberg",),
    "COST_PLACE": ("C1: Ställe 1",), "FORTNOX_PROJECT": ("P1: Projekt 1",),
}  # fmt: skip
"""The vendor's extra fields of a sale that these worlds have, and what people choose there (systems.md 4.2)."""
SHOWN = ("DUE_DATE", "FN_TOTAL", "FN_BALANCE")
WRITTEN = frozenset({"custom", "modDate", "lastIntegrationStatus"})
"""What of a sale the hub writes: the number of its document, its due date and sums."""


class UpsalesOffice:
    """Sales and opportunities of companies that came from Fortnox or were made in Upsales, each with some contacts."""

    system = "upsales"
    side = "left"

    def __init__(self, world: UpsalesWorld, dice: Dice, count: int) -> None:
        self.world, self.dice = world, dice
        self.module = dice.one(tuple(MODULES))
        self.register = MODULES[self.module]
        self.bundles = dice.one(BUNDLES)
        self._cases: list[Case] = []
        self.numbers_known: list[str] = []
        self.contacts: dict[int, list[int]] = {}
        hostile.furnish(world.fortnox, dice)
        made = hostile.articles(dice, ARTICLES)
        for one in made:
            one["Description"] = hostile.fortnox_text(one["Description"])
        world.fortnox.company.load("articles", made)
        hostile.other_prices(world.fortnox, dice, made)
        world.fortnox.company.load("customers", [self._card(place) for place in range(COMPANIES)])
        for alias, chosen in SAID.items():
            more = {"datatype": "Select", "default": list(chosen)} if ":" in chosen[0] else {"datatype": "String"}
            world.upsales.add_custom_field("order", name=alias, alias=alias, **more)
        world.declare(
            module=self.module,
            product_bundles=self.bundles,
            price_list=dice.one(hostile.LISTS),
            discount_as_percentage=dice.often(0.3),
            cancel_in_fortnox=dice.often(0.5),
        )
        self.round()
        self.clients = [int(one["id"]) for one in world.upsales.all("accounts")]
        self.products = [one for one in world.upsales.all("products") if one["active"]]
        self.first = list(self.clients)
        self.swedish = [client for client in self.clients if self._is_swedish(client)]
        assert self.clients, "no company came over"
        assert self.products, "no product came over"
        for client in self.clients:
            self._contacts(client)
        for place in range(count):
            self._sell(place)
        self.before = self.untouched()

    def _card(self, place: int) -> dict[str, Any]:
        ten = self.dice.org_number()
        self.numbers_known.append(ten)
        more: dict[str, Any] = {"OrganisationNumber": f"{ten[:6]}-{ten[6:]}", "VATType": "SEVAT"}
        if place and self.dice.often(0.2):
            more = {
                "VATType": self.dice.one(("EXPORT", "EUREVERSEDVAT", "EUVAT")),
                "VATNumber": self.dice.german_number(),
                "CountryCode": "DE",
            }
        return hostile.card(self.dice, str(201 + place), f"Kund {place} AB", **more)

    def _is_swedish(self, client: int) -> bool:
        number = self.world.upsales.account(client)["FORTNOX_CUSTOMER_ID"]
        return bool(self.world.held("customers", str(number))["VATType"] == "SEVAT")

    def _contacts(self, client: int) -> None:
        names = self.dice.sample(("Karin Ek", "Nils Öst", "Eva-Lena Åberg-Lindström", "Li Wu"), self.dice.randint(0, 3))
        self.contacts[client] = [
            self.world.upsales.add("contacts", firstName=first, lastName=last, client={"id": client})
            for first, last in (name.split(" ", 1) for name in names)
        ]

    def round(self) -> None:
        self.world.sync_all()

    def _sell(self, place: int) -> None:
        dice, tidy = self.dice, self.dice.often(0.3)
        rows = [self._row(tidy) for _ in range(dice.randint(1, 4))]
        if not tidy and dice.often(0.2):
            rows.append({**rows[0], "price": round(rows[0]["price"] / 2, 2)})
        if not tidy and dice.often(0.15):
            self._give_back(rows)
        more: dict[str, Any] = {"user": {"id": dice.randint(1, 2)}}
        client = dice.one(self.swedish) if tidy else dice.one(self.first) if dice.often(0.8) else self._company(place)
        if self.contacts.get(client) and dice.often(0.6):
            more["contact"] = {"id": dice.one(self.contacts[client])}
        if not tidy and dice.often(0.12):
            more["currency"] = dice.one(hostile.CURRENCIES)
        custom = []
        if dice.often(0.5):
            custom.append({"fieldId": self.world.upsales.field_id("order", "REMARKS"), "value": dice.text(f"Text {place}")})
        if dice.often(0.3):
            custom.append({"fieldId": self.world.upsales.field_id("order", "REFERENCE"), "value": f"PO-{place}"})
        if dice.often(0.5):
            said = {alias: dice.one(chosen) for alias, chosen in SAID.items() if dice.often(0.6)}
            custom += [{"fieldId": self.world.upsales.field_id("order", alias), "value": value} for alias, value in said.items()]
        if custom and not tidy:
            more["custom"] = custom
        name = f"Affär {place}"
        stage = "Offert" if self.module == "order_offer" and dice.often(0.5) else "Order"
        id = self.world.sale(client, *rows, description=name, stage=stage, **more)
        self._cases.append(Case(str(id), (name, str(id)), frozenset({str(client)}), tidy))

    def _give_back(self, rows: list[dict[str, Any]]) -> None:
        """Let one row, or all of them, be taken back: a negative quantity, or a price below nothing."""
        some = rows if self.dice.often(0.3) else rows[-1:]
        name = self.dice.one(("quantity", "price"))
        for row in some:
            row[name] = -row[name]
            if name == "price":
                row["listPrice"] = row["price"]

    def _company(self, place: int) -> int:
        dice = self.dice
        more = (
            {"orgNo": dice.spelled(dice.one(self.numbers_known) if dice.often(0.3) else dice.org_number())}
            if dice.often(0.7)
            else {}
        )
        self.clients.append(self.world.company(dice.text(f"Nykund {place} AB").strip()[:90], **more))
        self._contacts(self.clients[-1])
        return self.clients[-1]

    def _row(self, tidy: bool) -> dict[str, Any]:
        dice = self.dice
        listed = round(dice.uniform(1, 2000), 2) if tidy else dice.price()
        if tidy:
            quantity, price = float(dice.randint(1, 9)), listed
        else:
            quantity = dice.quantity(dice.often(0.15))
            price = round(listed * (100 - dice.percent()) / 100, dice.one((2, 2, 2, 4)))
        row = {"product": dice.one(self.products)["id"], "quantity": quantity, "price": price, "listPrice": listed}
        return row if tidy or not dice.often(0.12) else {**row, "bundleRows": self._bundle(price)}

    def _bundle(self, price: float) -> list[dict[str, Any]]:
        """Return the products of a bundle: at prices that make the bundle's, now and then at others."""
        many = self.dice.randint(1, 3)
        shares = [round(price / many, 2)] * (many - 1)
        shares.append(round(price - sum(shares), 2) + (1 if self.dice.often(0.2) else 0))
        return [
            {"productId": self.dice.one(self.products)["id"], "quantity": 1, "price": share, "listPrice": share} for share in shares
        ]

    # What the judge asks ----------------------------------------------------------------------------------------------------

    def cases(self) -> list[Case]:
        return self._cases

    def _register(self, sale: Any) -> str:
        offer = self.module == "order_offer" and sale["probability"] != 100 and not sale["FORTNOX_ORDER_ID"]
        return "offers" if offer else self.register

    def became(self, case: Case) -> str:
        sale = self.world.upsales.order(int(case.id))
        return str(sale[oracle.NUMBER[self._register(sale)]] or "")

    def differences(self, case: Case, number: str, books: Books) -> list[Difference]:
        held = self.world.upsales.order(int(case.id))
        sale, register = held.raw(), self._register(held)
        there = document(self.world, register, number)
        if (ended := oracle.standing(sale, there, register)) is not None:
            return ended
        account = self.world.upsales.account(sale["client"]["id"])
        custom = {name: held[name] for name in ("REMARKS", "REFERENCE", *SAID)}
        products = {int(one["id"]): one for one in self.world.upsales.all("products")}
        paper = oracle.paper_of(sale, custom, account.raw(), account["FORTNOX_CUSTOMER_ID"], products, books, self.bundles)
        found = compare(paper, there, register, books)
        return found if register != "invoices" else found + compare_shown(there, *(held[name] for name in SHOWN))

    def edit(self, case: Case) -> None:
        """A person in Upsales sells one more of the first row and writes another text, or changes rows, contact or day."""
        sale = self.world.upsales.order(int(case.id))
        first, *others = [{**row, "product": {"id": row["productId"]}} for row in sale["orderRow"]]
        new = {"product": {"id": self.products[0]["id"]}, "quantity": 2, "price": 12.5, "listPrice": 12.5}
        match self.dice.one(("more", "more", "row", "less", "price", "contact", "day")):
            case "row":
                sale.update(orderRow=[first, *others, new])
            case "less" if others:
                sale.update(orderRow=[first, *others[:-1]])
            case "price":
                sale.update(orderRow=[{**first, "price": 11.5, "listPrice": 11.5}, *others])
            case "contact" if self.contacts.get(sale["client"]["id"]):
                sale.update(contact={"id": self.contacts[sale["client"]["id"]][-1]})
            case "day":
                sale.update({"closeDate" if sale["probability"] == 100 else "date": "2026-11-18"})
            case _:
                sale.update(orderRow=[{**first, "quantity": first["quantity"] + 1}, *others], REMARKS="Ändrad text")

    def edit_there(self, case: Case) -> None:
        """A person in Fortnox makes it two more, or changes rows, reference or text."""
        register, number = self._register(self.world.upsales.order(int(case.id))), self.became(case)
        match self.dice.one(("more", "more", "row", "less", "head")):
            case "row":
                one_more_row(self.world, register, number, str(self.products[0]["articleNo"]))
            case "less":
                one_row_less(self.world, register, number)
            case "head":
                words = {"Remarks": "Ändrad i Fortnox", "OurReference": "Bo Ek"}
                change_rows(self.world, register, number, lambda rows, wishes: None, **words)
            case _:
                change_quantity(self.world, register, number, 2)

    def end(self, case: Case) -> None:
        """A person in Upsales loses the sale, or it is open again."""
        sale = self.world.upsales.order(int(case.id))
        sale.update(stage={"id": self.world.upsales.stage(self.dice.one(("Förlorad", "Prospekt")))})

    def end_there(self, case: Case) -> None:
        """A person in Fortnox cancels the document, or books and credits the invoice."""
        register, number = self._register(self.world.upsales.order(int(case.id))), self.became(case)
        if register == "invoices" and self.dice.often(0.5):
            self.world.fortnox_call("PUT", f"/3/invoices/{number}/bookkeep")
            self.world.fortnox_call("PUT", f"/3/invoices/{number}/credit")
        else:
            self.world.fortnox_call("PUT", f"/3/{register}/{number}/cancel")

    def stranger(self) -> list[str]:
        mine = {(name, str(self.world.upsales.order(int(case.id))[oracle.NUMBER[name]] or "")) for case in self._cases
                for name in ("offers", self.register)}  # fmt: skip
        made = [(name, one) for name in {"offers", self.register} for one in self.world.all(name)]
        strange = [f"{name} {one['DocumentNumber']}" for name, one in made if not _accounted(name, one, mine)]
        ids = {case.id for case in self._cases}
        credits = {str(one["DocumentNumber"]) for name, one in made if name == "invoices" and credit_of(one)}
        sales = [self.world.upsales.order(one["id"]) for one in self.world.upsales.all("orders") if str(one["id"]) not in ids]
        return sorted(strange + [f"sale {one['id']} of none" for one in sales if one["FORTNOX_ID"] not in credits])

    def untouched(self) -> Any:
        return {
            one["id"]: {name: value for name, value in one.items() if name not in WRITTEN}
            for one in self.world.upsales.all("orders")
        }


def _accounted(register: str, held: dict[str, Any], mine: set[tuple[str, str]]) -> bool:
    return (register, str(held["DocumentNumber"])) in mine or (register, credit_of(held)) in mine


@contextmanager
def office(home: Path, seed: int, count: int) -> Iterator[UpsalesOffice]:
    """Run Upsales' office on the database that Django points at."""
    with upsales_world(home) as world:
        yield UpsalesOffice(world, Dice(seed), count)
