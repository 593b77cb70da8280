"""Random days on which the module and other settings change, at rest and while a run is under way: no record gets a second document.

Each deal has a mark that goes with its text. At rest a mark stands on one record of the business system at most, on one order and one
invoice of Fortnox at most, and where on both the invoice was made of the order there. UPS-26, WEB-36.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Protocol

import pytest

from hub import Hub
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import Sales, fortnox_document

STEPS = int(os.environ.get("BRYGGA_DAYS", "90")) // 3
"""A longer history by BRYGGA_DAYS=900; another one of the same length, or one that failed again, by BRYGGA_DAYS_SEED."""
SEED = int(os.environ.get("BRYGGA_DAYS_SEED", "0"))


class Office(Protocol):
    settings: ClassVar[dict[str, list[Any]]]
    hub: Any

    def new(self, mark: str) -> None: ...
    def made_in_fortnox(self, register: str, mark: str) -> None: ...
    def edit(self, chance: random.Random) -> None: ...
    def run(self, told: Callable[[Any], None]) -> None: ...
    def marks(self) -> list[str]: ...


class Upsales:
    settings: ClassVar[dict[str, list[Any]]] = {
        "module": ["order", "invoice"],
        "won_stage": ["Order", "Fakturerad"],
        "price_list": ["A", ""],
        "document_owners": [{}, {"text": "upsales"}, {"text": "fortnox", "rows": "upsales"}],
        "from_card": [[], ["terms_of_payment"]],
        "credit_invoices": ["sale", "none"],
    }

    def __init__(self, hub: UpsalesHub) -> None:
        self.shop = Shop(hub, module="order", show_status=False)
        self.hub = hub

    def new(self, mark: str) -> None:
        won = self.hub.settings["won_stage"]
        self.shop.sell(stage=won, custom=[{"fieldId": self.hub.upsales.field_id("order", "REMARKS"), "value": mark}])

    def made_in_fortnox(self, register: str, mark: str) -> None:
        self.shop.in_fortnox(register, Remarks=mark)

    def edit(self, chance: random.Random) -> None:
        if sales := self.hub.upsales.all("orders"):
            one = chance.choice(sales)
            stage = chance.choice(("Order", "Fakturerad", "Order"))
            number = f"Nr {chance.randrange(100)}"
            self.hub.upsales.order(one["id"]).update(REFERENCE=number, stage={"id": self.hub.upsales.stage(stage)})

    def run(self, told: Callable[[Any], None]) -> None:
        from brygga.sync.start import begin_run, execute

        self.hub.age()
        execute(begin_run(self.hub.integration(), "sales", trigger="clock").pk, told=told)

    def marks(self) -> list[str]:
        return [str(self.hub.upsales.order(one["id"])["REMARKS"]) for one in self.hub.upsales.all("orders")]


class WebCrm:
    settings: ClassVar[dict[str, list[Any]]] = {
        "document": ["order", "invoice"],
        "customer_number_governed_by": ["fortnox", "webcrm"],
        "document_owners": [{}, {"text": "webcrm"}, {"text": "fortnox"}],
        "row_without_vat": ["article", "zero"],
        "order_status": ["New", "Completed"],
        "import_documents": [True, False],
    }

    def __init__(self, hub: Hub) -> None:
        self.sales = Sales(hub, document="order", show_status=False)
        self.hub = hub

    def new(self, mark: str) -> None:
        self.sales.deliver(Ordertext=mark, Fakturatext=mark, Fakturadatum="2026-11-20T00:00:00")

    def made_in_fortnox(self, register: str, mark: str) -> None:
        self.sales.kind, self.sales.register = {"orders": "order", "invoices": "invoice"}[register], register
        number = fortnox_document(self.sales)
        one = self.sales.kind.capitalize()
        self.hub.fortnox_call("PUT", f"/3/{register}/{number}", {one: {"Remarks": mark}})

    def edit(self, chance: random.Random) -> None:
        if deliveries := self.hub.webcrm.all("Delivery"):
            one = chance.choice(deliveries)
            self.hub.webcrm.delivery(int(one["DeliveryId"])).update(Leveransdatum=f"2026-12-{chance.randrange(10, 29)}T00:00:00")

    def run(self, told: Callable[[Any], None]) -> None:
        from brygga.store.models import Integration
        from brygga.sync.start import begin_run, execute

        self.hub.age()
        integration = Integration.objects.select_related("company").get(company__slug="acme", system="webcrm")
        execute(begin_run(integration, "deliveries", trigger="clock").pk, told=told)

    def marks(self) -> list[str]:
        ids = (int(one["DeliveryId"]) for one in self.hub.webcrm.all("Delivery"))
        found = (self.hub.webcrm.delivery(id) for id in ids)
        return [str(one["Ordertext"] or one["Fakturatext"]) for one in found]


def _registers(hub: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    with hub.fortnox.lock:
        return tuple([dict(one) for one in hub.fortnox.company.table(name).all()] for name in ("orders", "invoices"))  # type: ignore[return-value]


class Days:
    """One history: what people do, what they change in the settings, and runs that are changed, killed or not answered in the middle."""

    def __init__(self, office: Office, seed: int) -> None:
        self.office, self.chance = office, random.Random(seed)
        self.lines: list[str] = []
        self.deals = 0
        self.counts: Counter[str] = Counter()

    def go(self, steps: int) -> None:
        for _ in range(steps):
            what = self.chance.choice(("new", "fortnox", "edit", "invoice", "settings", "run", "changed run", "killed run", "lost"))
            self.counts[what] += 1
            self.lines.append(what)
            getattr(self, what.replace(" ", "_"))()
        for values in (0, 1, 0):
            key = next(iter(self.office.settings))
            self.office.hub.declare(**{key: self.office.settings[key][values]})
            self.run()
            self.run()
        self.check()

    def new(self) -> None:
        self.deals += 1
        self.office.new(f"Affär {self.deals}")

    def fortnox(self) -> None:
        self.deals += 1
        self.office.made_in_fortnox(self.chance.choice(("orders", "invoices")), f"Affär {self.deals}")

    def edit(self) -> None:
        self.office.edit(self.chance)

    def invoice(self) -> None:
        orders, _ = _registers(self.office.hub)
        if waiting := [one for one in orders if str(one.get("InvoiceReference") or "0") == "0"]:
            self.office.hub.fortnox_act(f"/3/orders/{self.chance.choice(waiting)['DocumentNumber']}/createinvoice")

    def settings(self) -> None:
        names = list(self.office.settings)
        # The module is what this is about, so half of the changes are of it.
        name = names[0] if self.chance.random() < 0.5 else self.chance.choice(names[1:])
        value = self.chance.choice(self.office.settings[name])
        self.lines.append(f"  {name} = {value}")
        self.office.hub.declare(**{name: value})

    def run(self) -> None:
        self.office.run(lambda run: None)

    def changed_run(self) -> None:
        self.office.run(self._at_some_step(self.settings))

    def killed_run(self) -> None:
        def die() -> None:
            raise KeyboardInterrupt

        try:
            self.office.run(self._at_some_step(die))
        except KeyboardInterrupt:
            self.settings()

    def lost(self) -> None:
        path = self.chance.choice(("/3/orders", "/3/invoices"))
        self.office.hub.fortnox.faults.arm("lost_answer", method="POST", path=path)
        self.run()
        self.office.hub.fortnox.faults.clear()

    def _at_some_step(self, act: Callable[[], None]) -> Callable[[Any], None]:
        steps: Iterator[int] = iter(range(self.chance.randrange(1, 12), -1, -1))

        def told(run: Any) -> None:
            if next(steps, None) == 0:
                act()

        return told

    def check(self) -> None:
        history = "\n".join(self.lines)
        orders, invoices = _registers(self.office.hub)
        records = Counter(self.office.marks())
        of_orders, of_invoices = (Counter(str(one["Remarks"]) for one in register) for register in (orders, invoices))
        for name, found in (("record", records), ("order", of_orders), ("invoice", of_invoices)):
            doubled = {mark: count for mark, count in found.items() if count > 1}
            assert not doubled, f"second {name}: {doubled}\n{history}"
        made_of = {str(one["Remarks"]): str(one.get("OrderReference") or "0") for one in invoices}
        numbers = {str(one["Remarks"]): str(one["DocumentNumber"]) for one in orders}
        for mark in numbers.keys() & made_of.keys():
            assert made_of[mark] == numbers[mark], f"{mark} has an invoice beside its order\n{history}"
        assert len(records) <= self.deals, history


@pytest.mark.parametrize("system", ["upsales", "webcrm"])
def test_no_change_of_settings_makes_a_second_document(system: str, request: pytest.FixtureRequest) -> None:
    hub = request.getfixturevalue("upsales_hub" if system == "upsales" else "hub")
    days = Days(Upsales(hub) if system == "upsales" else WebCrm(hub), SEED or STEPS)
    days.go(STEPS)
    assert sum(days.counts.values()) == STEPS
