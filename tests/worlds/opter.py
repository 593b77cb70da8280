"""Opter's office in a hostile world: invoices of closed periods by account coding, and settlements with hauliers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from proof.opter_scenarios import HAULIER
from proof.worlds import OpterWorld, opter_world
from worlds import hostile
from worlds.hostile import Dice
from worlds.judge import Case, credit_of, document
from worlds.oracle import opter as oracle
from worlds.oracle.books import Books
from worlds.oracle.paper import Difference

COMPANIES = 8
FIRST = 500_000
WRITTEN = frozenset({"export", "changedAt"})
CODINGS = (("3001", 25), ("3001", 25), ("3051", 25), ("3002", 12), ("3003", 6), ("3004", 0))


class OpterOffice:
    """Invoices of customers whose cards in Fortnox are full of defaults, and one settlement in five documents."""

    system = "opter"
    side = "left"
    """An invoice is booked as it is exported: an edit after that stays in Opter, and is told."""

    def __init__(self, world: OpterWorld, dice: Dice, count: int) -> None:
        self.world, self.dice = world, dice
        self._cases: list[Case] = []
        self._settlements: set[str] = set()
        hostile.furnish(world.fortnox, dice)
        self.customers: list[dict[str, Any]] = []
        for place in range(COMPANIES):
            self._customer(place)
        world.declare(send="opter")
        self.round()
        for place in range(count):
            if dice.often(0.2):
                self._settle(place)
            else:
                self._invoice(place)
        self.before = self.untouched()

    def _customer(self, place: int) -> None:
        dice, ten = self.dice, self.dice.org_number()
        one: dict[str, Any] = {"customerCode": f"K{place}", "customerNumber": str(501 + place), "name": f"Kund {place} AB"}
        one |= {"organisationNumber": dice.spelled(ten), "email": f"faktura{place}@kund.example"}
        one["postalAddress"] = {"street": "Storgatan 1", "postalCode": "97238", "city": "Luleå", "countryCode": "SE"}
        self.world.opter.load("Customers", [one])
        self.customers.append(one)
        if place % 2:
            card = hostile.card(dice, str(501 + place), f"Kund {place} AB", OrganisationNumber=f"{ten[:6]}-{ten[6:]}")
            self.world.fortnox.company.load("customers", [card])

    def round(self) -> None:
        for stream in ("customers", "settlements"):
            self.world.sync(stream)

    def _invoice(self, place: int) -> None:
        dice, tidy = self.dice, self.dice.often(0.3)
        customer = dice.one(self.customers)
        coding = [self._coding(tidy) for _ in range(dice.randint(1, 4))]
        number = str(FIRST + place)
        more: dict[str, Any] = {"customerCode": customer["customerCode"], "coding": coding}
        if not tidy:
            more["remark"] = dice.text(f"Körning {place}")
            if dice.often(0.1):
                more |= {"currency": dice.one(hostile.CURRENCIES), "currencyRate": Decimal("11.4321")}
            if dice.often(0.2):
                more["roundOff"] = Decimal(str(dice.one((0.5, -0.25, 0.01))))
            if dice.often(0.1):
                more["orders"] = [{"orderNumber": str(4555 + one), "orderDate": "2026-09-04"} for one in range(30)]
        if not tidy and dice.often(0.12):
            more |= self._credit(coding)
        elif not tidy and dice.often(0.05):
            row = {"account": "8313", "text": "Dröjsmålsränta", "net": Decimal("42.50"), "vatPercent": Decimal(0)}
            more |= {"kind": "interest", "orders": [], "coding": [row]}
        self.world.invoice(number, **more)
        self._cases.append(Case(number, (number,), frozenset({more["customerCode"]}), tidy))

    def _credit(self, coding: list[dict[str, Any]]) -> dict[str, Any]:
        """Return what makes an invoice a credit: of an earlier one as a whole, or of what nobody here knows."""
        earlier = [case.id for case in self._cases if case.id not in self._settlements]
        if earlier and self.dice.often(0.8):
            raw = self.world.opter.get("Invoices", self.dice.one(earlier))
            if raw["kind"] == "invoice":
                rows = [{name: row[name] for name in ("account", "text", "vatPercent", "economicUnits")} for row in raw["coding"]]
                sums = [-row["net"] for row in raw["coding"]]
                coding = [{**row, "net": net} for row, net in zip(rows, sums, strict=True)]
                same = {name: raw[name] for name in ("customerCode", "currency", "currencyRate")}
                return {"kind": "credit", "creditedInvoiceNumber": raw["invoiceNumber"], "coding": coding, **same}
        return {"kind": "credit", "coding": [{**row, "net": -row["net"]} for row in coding]}

    def _coding(self, tidy: bool) -> dict[str, Any]:
        dice = self.dice
        account, rate = dice.one(CODINGS[:2] if tidy else CODINGS)
        row: dict[str, Any] = {"account": account, "text": "Styckegods", "net": Decimal(str(round(dice.uniform(10, 4000), 2)))}
        row["vatPercent"] = Decimal(rate)
        if not tidy:
            row["text"] = dice.text(dice.one(("Styckegods", "Pallar", "Drivmedelstillägg", "")))
            if dice.often(0.2):
                row["economicUnits"] = {"costCenter": dice.one(("C1", "C9")), "project": dice.one(("P1", ""))}
            if dice.often(0.05):
                row["account"] = "3999"
        return row

    def _settle(self, place: int) -> None:
        dice, tidy = self.dice, self.dice.often(0.3)
        ten = dice.org_number()
        haulier = {**HAULIER, "supplierCode": f"H{place}", "supplierNumber": f"8{place:03}", "name": f"Åkeri {place} AB"}
        haulier |= {"organisationNumber": f"{ten[:6]}-{ten[6:]}", "vatNumber": f"SE{ten}01"}
        if not tidy:
            haulier |= dice.one(({"vatNumber": ""}, {"bankgiro": "1234-5678"}, {"vatRegistered": False, "vatNumber": ""}, {}, {}))
            haulier["organisationNumber"] = dice.spelled(ten)
        lines = [
            {"kind": "transport", "text": "Körningar", "net": Decimal(str(round(dice.uniform(5000, 50000), 2))), "vatPercent": 25}
        ]
        if dice.often(0.6):
            lines.append(
                {"kind": "deduction", "text": "Hyra", "net": Decimal(str(round(dice.uniform(10, 4000), 2))), "vatPercent": 25}
            )
        number = str(FIRST + place)
        given = {"number": number, "supplier": haulier, "settlementDate": "2026-10-05", "dueDate": "2026-11-04", "lines": lines}
        [id] = self.world.opter.load("Settlements", [given])
        self._settlements.add(str(id))
        self._cases.append(Case(str(id), (number, haulier["name"]), frozenset({haulier["supplierCode"]}), tidy))

    # What the judge asks ----------------------------------------------------------------------------------------------------

    def cases(self) -> list[Case]:
        return self._cases

    def _raw(self, case: Case) -> dict[str, Any]:
        return dict(self.world.opter.get("Settlements" if case.id in self._settlements else "Invoices", case.id))

    def became(self, case: Case) -> str:
        if case.id not in self._settlements:
            # An invoice keeps its number in Fortnox (DESIGN 6); whether it was noted in Opter too is told apart.
            return case.id if case.id in [str(one["DocumentNumber"]) for one in self.world.records("invoices")] else ""
        return str((self._raw(case)["export"] or {}).get("documentNumber") or "")

    def differences(self, case: Case, number: str, books: Books) -> list[Difference]:
        raw = self._raw(case)
        if case.id in self._settlements:
            held = document(self.world, "supplierinvoices", number)
            return oracle.look_settlement(raw, held, document(self.world, "suppliers", held["SupplierNumber"]))
        customer = next(one for one in self.customers if one["customerCode"] == raw["customerCode"])
        held = document(self.world, "invoices", number)
        return oracle.standing(held) or oracle.look(raw, customer, held, books)

    def edit(self, case: Case) -> None:
        """A person in Opter adds ten kronor to the first row of what is not booked yet."""
        if case.id in self._settlements:
            lines = self._raw(case)["lines"]
            self.world.opter.edit("Settlements", case.id, lines=[{**lines[0], "net": lines[0]["net"] + 10}, *lines[1:]])
            return
        coding = [{**row, "vat": Decimal(0)} for row in self._raw(case)["coding"]]
        coding[0]["net"] += 10
        self.world.opter.edit("Invoices", case.id, coding=coding)

    def edit_there(self, case: Case) -> None:
        """A person in Fortnox writes a comment, which no invoice of Opter says."""
        if case.id not in self._settlements and not document(self.world, "invoices", case.id)["Booked"]:
            self.world.fortnox_call("PUT", f"/3/invoices/{case.id}", {"Invoice": {"Comments": "Kolla"}})

    def end(self, case: Case) -> None:
        """Opter does not take an invoice back: it is credited, which is an invoice of its own."""

    def end_there(self, case: Case) -> None:
        """A person in Fortnox cancels the invoice while it is not booked, else credits it."""
        if case.id in self._settlements:
            return
        booked = document(self.world, "invoices", case.id)["Booked"]
        self.world.fortnox_call("PUT", f"/3/invoices/{case.id}/{'credit' if booked else 'cancel'}")

    def stranger(self) -> list[str]:
        mine = {case.id for case in self._cases if case.id not in self._settlements}
        made = [one for one in self.world.records("invoices") if credit_of(one) not in mine]
        found = [str(one["DocumentNumber"]) for one in made if str(one["DocumentNumber"]) not in mine]
        settled = {self.became(case) for case in self._cases if case.id in self._settlements}
        bills = self.world.records("supplierinvoices")
        return found + [f"supplier {one['GivenNumber']}" for one in bills if str(one["GivenNumber"]) not in settled]

    def untouched(self) -> Any:
        names = ("Invoices", "Settlements", "Customers")
        return [
            {name: value for name, value in one.items() if name not in WRITTEN}
            for many in names
            for one in self.world.opter.all(many)
        ]


@contextmanager
def office(home: Path, seed: int, count: int) -> Iterator[OpterOffice]:
    """Run Opter's office on the database that Django points at."""
    with opter_world(home) as world:
        yield OpterOffice(world, Dice(seed), count)
