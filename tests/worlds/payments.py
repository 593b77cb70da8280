"""Payments of Fortnox on their way to Opter: whole, in part, too much, in euro, not booked, of invoices that are not Opter's (OPT-02 to OPT-29)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from brygga.sync.payments import Wish
from brygga.sync.start import begin_run, execute
from proof.worlds import OpterWorld, opter_world
from worlds import hostile
from worlds.hostile import Dice
from worlds.judge import Case, document
from worlds.oracle.books import Books
from worlds.oracle.opter import look_payment
from worlds.oracle.paper import Difference

FIRST = 700_000


class PaymentsOffice:
    """Invoices that Opter exported and Fortnox booked, and what came in for them."""

    system = "opter payments"
    side = "right"

    def __init__(self, world: OpterWorld, dice: Dice, count: int) -> None:
        self.world, self.dice = world, dice
        self._cases: list[Case] = []
        hostile.furnish(world.fortnox, dice)
        world.declare(send="opter")
        world.sync()
        for place in range(count):
            currency = {"currency": "EUR", "currencyRate": Decimal("11.4321")} if dice.often(0.2) else {}
            world.invoice(str(FIRST + place), net=round(dice.uniform(100, 4000)), **currency)
        for _ in range(2):
            world.pass_time(3700)
            world.sync()
        self._run(Wish())
        for place in range(count):
            self._pay(str(FIRST + place))
        self.before = self.untouched()

    def _run(self, wish: Wish) -> None:
        execute(begin_run(self.world.integration(), "payments", trigger="person", only=wish.only()).pk)

    def round(self) -> None:
        self._run(Wish())
        self._run(Wish(save=True, who="anna"))

    def _pay(self, number: str) -> None:
        dice = self.dice
        if number not in [str(one["DocumentNumber"]) for one in self.world.records("invoices")]:
            return
        invoice = document(self.world, "invoices", number)
        if not invoice["Booked"]:
            self.world.fortnox_call("PUT", f"/3/invoices/{number}/bookkeep")
        total = Decimal(str(invoice["Total"]))
        share = dice.one(("1", "1", "0.5", "0.333"))
        amount = (total * Decimal(share)).quantize(Decimal("0.01"), ROUND_HALF_UP)
        body: dict[str, Any] = {"InvoiceNumber": int(number), "Amount": float(amount), "PaymentDate": "2026-10-01"}
        if invoice["Currency"] != "SEK":
            rate = Decimal(dice.one(("11.25", "11.9012")))
            body |= {"AmountCurrency": float(amount), "CurrencyRate": float(rate), "CurrencyUnit": 1, "Currency": "EUR"}
            body["Amount"] = float((amount * rate).quantize(Decimal("0.01"), ROUND_HALF_UP))
        made = self.world.fortnox_call("POST", "/3/invoicepayments", {"InvoicePayment": body})["InvoicePayment"]
        booked = dice.often(0.9)
        if booked:
            self.world.fortnox_call("PUT", f"/3/invoicepayments/{made['Number']}/bookkeep")
        self._cases.append(Case(str(made["Number"]), (number,), tidy=booked and share == "1", nothing=not booked))

    # What the judge asks ----------------------------------------------------------------------------------------------------

    def cases(self) -> list[Case]:
        return self._cases

    def _registered(self) -> dict[str, dict[str, Any]]:
        # A reference is the connection's, with the payment's number last.
        return {str(one["reference"]).rpartition(":")[2]: one for one in self.world.opter.registrations()}

    def became(self, case: Case) -> str:
        return str(self._registered().get(case.id, {}).get("id", ""))

    def differences(self, case: Case, number: str, books: Books) -> list[Difference]:
        held = self.world.fortnox_call("GET", f"/3/invoicepayments/{case.id}")["InvoicePayment"]
        raw = self._registered()[case.id]
        return look_payment(held, raw, dict(self.world.opter.get("Invoices", str(raw["invoiceNumber"]))))

    def edit(self, case: Case) -> None:
        """What is paid is paid."""

    def edit_there(self, case: Case) -> None:
        """What is registered is registered."""

    def end(self, case: Case) -> None:
        """What is paid is paid."""

    def end_there(self, case: Case) -> None:
        """What is registered is registered."""

    def stranger(self) -> list[str]:
        mine = {case.id for case in self._cases}
        found = [f"registration {name}" for name in self._registered() if name not in mine]
        doubled = len(self.world.opter.registrations()) - len(self._registered())
        return found + ([f"{doubled} payments are registered twice"] if doubled else [])

    def untouched(self) -> Any:
        return self.world.records("invoicepayments")


@contextmanager
def office(home: Path, seed: int, count: int) -> Iterator[PaymentsOffice]:
    """Run the two offices on the database that Django points at."""
    with opter_world(home) as world:
        yield PaymentsOffice(world, Dice(seed), count)
