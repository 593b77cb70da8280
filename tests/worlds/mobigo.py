"""Mobigo's office in a hostile world: assignments with times and materials, marked for export."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from proof.worlds import MobigoWorld, mobigo_world
from worlds import hostile
from worlds.hostile import Dice
from worlds.judge import Case, document
from worlds.oracle import mobigo as oracle
from worlds.oracle.books import Books
from worlds.oracle.paper import Difference

COMPANIES = 8
ARTICLES = 10
WRITTEN = frozenset({"export", "status", "version", "updated"})


class MobigoOffice:
    """Assignments of customers whose cards are full of defaults; one in ten customers is not in Fortnox, or not active there."""

    system = "mobigo"
    side = "left"

    def __init__(self, world: MobigoWorld, dice: Dice, count: int) -> None:
        self.world, self.dice = world, dice
        self.register = dice.one(("invoices", "orders"))
        self._cases: list[Case] = []
        hostile.furnish(world.fortnox, dice)
        self.articles = hostile.articles(dice, ARTICLES)
        for one in self.articles:
            one["Description"] = hostile.fortnox_text(one["Description"])
        self.articles[-1]["Active"] = False
        world.fortnox.company.load("articles", self.articles)
        hostile.other_prices(world.fortnox, dice, self.articles)
        cards = [hostile.card(dice, str(401 + place), f"Kund {place} AB", VATType="SEVAT") for place in range(COMPANIES)]
        cards[-1]["Active"] = False
        world.fortnox.company.load("customers", cards)
        world.declare(document="invoice" if self.register == "invoices" else "order")
        world.sync("assignments")
        for place in range(count):
            self._assign(place)
        self.before = self.untouched()

    def round(self) -> None:
        self.world.sync("assignments", trigger="clock")

    def _assign(self, place: int) -> None:
        dice, tidy = self.dice, self.dice.often(0.3)
        customer = str(401 + dice.randrange(COMPANIES - 1))
        if not tidy and dice.often(0.1):
            customer = dice.one(("999", str(400 + COMPANIES)))
        times = [self._time(tidy) for _ in range(dice.randint(0, 2))]
        materials = [self._material(tidy) for _ in range(dice.randint(0 if times else 1, 3))]
        if not tidy and materials and dice.often(0.2):
            materials.append({**materials[0], "name": "Samma igen"})
        text = dice.text(f"Åtgärd {place}")
        if not tidy and dice.often(0.1):
            text = f"Åtgärd {place} " + "utförd noggrant " * 80
        more: dict[str, Any] = {}
        if not tidy and dice.often(0.15):
            more["houseWork"] = {"type": dice.one(("rot", "rut"))}
            for row in (*times, *materials):
                row["houseWork"] = dice.often(0.6)
                row["houseWorkType"] = dice.one(("CONSTRUCTION", "HVAC", "CLEANING")) if row["houseWork"] else None
        if not tidy and materials and dice.often(0.12):
            materials[-1]["quantity"] = -materials[-1]["quantity"]
        number = f"U{place:04}"
        self.world.mobigo.assignment(
            number, customerNumber=customer, status="Klart", marked=True, times=times, materials=materials,
            actionText="Lagat" if tidy else text, completed="2026-11-18", **more,
        )  # fmt: skip
        self._cases.append(Case(number, (number,), frozenset({customer}), tidy))

    def _time(self, tidy: bool) -> dict[str, Any]:
        dice = self.dice
        row: dict[str, Any] = {"timeType": "Arbete", "hours": 3, "billableHours": dice.one((2.5, 1, 0.75)), "price": 650}
        row["text"] = "Felsökning"
        if tidy:
            return row
        row |= {"text": dice.text("Felsökning"), "price": dice.one((650, 712.5, None, 0)), "billable": dice.often(0.85)}
        row |= {"timeType": "Restid" if dice.often(0.08) else "Arbete", "billableHours": dice.one((2.5, None, 1.333, 0))}
        return {**row, "discountPercent": dice.one((None, 10, 12.345))}

    def _material(self, tidy: bool) -> dict[str, Any]:
        dice = self.dice
        article = dice.one(self.articles[:-1])
        row: dict[str, Any] = {"articleNumber": article["ArticleNumber"], "name": article["Description"], "unit": "st"}
        row |= {"quantity": dice.randint(1, 9), "price": round(dice.uniform(1, 900), 2)}
        if tidy:
            return row
        if dice.often(0.08):
            row["articleNumber"] = dice.one((self.articles[-1]["ArticleNumber"], "FINNS-EJ", None))
        row |= {
            "name": dice.text(article["Description"])[:250],
            "quantity": dice.quantity(dice.often(0.15)),
            "price": dice.one((dice.price(), None)),
        }
        row |= {"unit": dice.one(("st", "h", None, "rulle")), "discountPercent": dice.one((None, None, 5, 33))}
        if dice.often(0.2):
            row |= {"costCenter": dice.one(("C1", "C9")), "project": dice.one(("P1", "P9", None))}
        return row

    # What the judge asks ----------------------------------------------------------------------------------------------------

    def cases(self) -> list[Case]:
        return self._cases

    def became(self, case: Case) -> str:
        return str(self._raw(case)["export"]["documentNumber"] or "")

    def _raw(self, case: Case) -> dict[str, Any]:
        return self.world.mobigo.get("Assignments", case.id)

    def differences(self, case: Case, number: str, books: Books) -> list[Difference]:
        held = document(self.world, self.register, number)
        if (ended := oracle.standing(held)) is not None:
            return ended
        return oracle.look(self._raw(case), held, self.register, books)

    def edit(self, case: Case) -> None:
        """A technician changes what he did, too late."""
        self.world.mobigo.edit("Assignments", case.id, actionText="Ändrad efteråt")

    def edit_there(self, case: Case) -> None:
        """A person in Fortnox writes a comment, which no assignment says."""
        one = {"invoices": "Invoice", "orders": "Order"}[self.register]
        self.world.fortnox_call("PUT", f"/3/{self.register}/{self.became(case)}", {one: {"Comments": "Kolla"}})

    def end(self, case: Case) -> None:
        """The assignment was another customer's, which somebody sees too late."""
        other = next(str(401 + place) for place in range(COMPANIES) if str(401 + place) not in case.buyers)
        self.world.mobigo.edit("Assignments", case.id, customerNumber=other)

    def end_there(self, case: Case) -> None:
        """A person in Fortnox cancels the document."""
        self.world.fortnox_call("PUT", f"/3/{self.register}/{self.became(case)}/cancel")

    def stranger(self) -> list[str]:
        mine = [self.became(case) for case in self._cases]
        held = [str(one["DocumentNumber"]) for one in self.world.records(self.register)]
        return [one for one in held if one not in mine]

    def untouched(self) -> Any:
        return [{name: value for name, value in one.items() if name not in WRITTEN} for one in self.world.mobigo.all("Assignments")]


@contextmanager
def office(home: Path, seed: int, count: int) -> Iterator[MobigoOffice]:
    """Run Mobigo's office on the database that Django points at."""
    with mobigo_world(home) as world:
        yield MobigoOffice(world, Dice(seed), count)
