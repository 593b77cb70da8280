"""How the life of a pair ends: each pair of states, driven from both sides, carried over or told; a second run does nothing new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from brygga.core.ends import Ends
from hub import Hub
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import Sales

RIGHT_ACTS: Mapping[str, tuple[str, ...]] = {
    "live": (),
    "sent": ("externalprint",),
    "booked": ("bookkeep",),
    "cancelled": ("cancel",),
    "credited": ("bookkeep", "credit"),
}
"""What a person does in Fortnox to an invoice."""


def state_in_fortnox(invoice: Mapping[str, Any]) -> str:
    """Return the state of an invoice as Fortnox' own fields say it."""
    if invoice["Cancelled"]:
        return "cancelled"
    if invoice["Booked"]:
        return "credited" if int(invoice.get("CreditInvoiceReference") or 0) else "booked"
    return "sent" if invoice["Sent"] else "live"


def act(hub: Any, number: str, state: str) -> None:
    for button in RIGHT_ACTS[state]:
        if button == "externalprint":
            hub.fortnox_act(f"/3/invoices/{number}/externalprint")
        else:
            hub.fortnox_act(f"/3/invoices/{number}/{button}")


def told(hub: Any, stream: str) -> dict[str, dict[str, Any]]:
    return {str(one["left"]): one for one in hub.problems(stream, "hold")}


def test_every_end_of_a_sale_and_its_invoice_is_carried_over_or_told(upsales_hub: UpsalesHub) -> None:
    """UPS-10, UPS-17: won, back to 50 %, lost, deleted, by each state of the invoice, whichever came first; then the verbs."""
    shop = Shop(upsales_hub, credit_invoices="none")
    hub = shop.hub
    cells = [
        (left, right, first) for left in ("live", "open", "lost", "gone") for right in RIGHT_ACTS for first in ("left", "right")
    ]
    sales = {cell: shop.sell(description=f"Affär {'-'.join(cell)}") for cell in cells}
    hub.sync_all()
    numbers = {cell: shop.number_of(sale) for cell, sale in sales.items()}
    gone: set[tuple[str, str, str]] = set()

    def leave(first: str) -> None:
        for cell, sale in sales.items():
            if cell[2] == first and cell[0] != "live":
                end_of(hub, sale, cell[0])
                if cell[0] == "gone":
                    gone.add(cell)

    def finish(first: str) -> None:
        for cell, number in numbers.items():
            if cell[2] == first and state_in_fortnox(hub.held("invoices", number)) == "live":
                act(hub, number, cell[1])

    leave("left")
    finish("right")
    nightly(hub)
    leave("right")
    finish("left")
    nightly(hub)
    problems = told(hub, "sales")
    ends = Ends("upsales")
    for cell, sale in sales.items():
        right = state_in_fortnox(hub.held("invoices", numbers[cell]))
        left = "gone" if cell in gone else state_in_upsales(hub.upsales.order(sale)["probability"])
        if cell[:2] == ("live", "cancelled"):
            assert (left, right) == ("lost", "cancelled"), cell
        expected = ends.says(left, right)  # type: ignore[arg-type]
        assert (str(sale) in problems) == (expected is not None), (cell, left, right, problems.get(str(sale)))
        if expected is not None:
            problem = problems[str(sale)]
            assert numbers[cell] in problem["text"], problem
            assert ("Affär" in problem["text"]) != (left == "gone"), problem
            assert problem["repair"]
    before = {id: one["text"] for id, one in problems.items()}
    hub.clear()
    nightly(hub)
    assert (hub.fortnox_writes(), hub.upsales.writes()) == ([], [])
    assert {id: one["text"] for id, one in told(hub, "sales").items()} == before

    # Each verb is carried out, and what was told is gone.
    taken_back = 0
    for cell, sale in sales.items():
        problem = problems.get(str(sale))
        if problem is None:
            continue
        taken_back += 1
        number = numbers[cell]
        right = state_in_fortnox(hub.held("invoices", number))
        if right == "credited":
            repair(hub, problem, "accept")
        elif right == "booked":
            hub.fortnox_act(f"/3/invoices/{number}/credit")
        elif cell[2] == "left" and cell[0] in ("open", "lost"):
            hub.upsales.order(sale).update(stage={"id": hub.upsales.stage("Order")}, probability=100)
        elif right == "live" and cell[2] == "right":
            repair(hub, problem, "cancel")
        else:
            repair(hub, problem, "accept")
    assert taken_back > 12
    nightly(hub)
    nightly(hub)
    assert told(hub, "sales") == {}


def test_a_sale_that_is_won_again_after_its_end_was_carried_over_is_told(upsales_hub: UpsalesHub) -> None:
    """UPS-10: the invoice stays cancelled and the sale stays won; a person says which is right, and it is not ended anew."""
    shop = Shop(upsales_hub)
    hub = shop.hub
    sale = shop.sell()
    hub.sync_all()
    number = shop.number_of(sale)
    hub.fortnox_act(f"/3/invoices/{number}/cancel")
    hub.sync_all()
    assert hub.upsales.order(sale)["probability"] == 0
    hub.upsales.order(sale).update(stage={"id": hub.upsales.stage("Order")}, probability=100)
    for _ in range(2):
        hub.sync_all()
        assert hub.upsales.order(sale)["probability"] == 100
        [problem] = hub.problems("sales", "hold")
        assert "stands in Upsales" in problem["text"]
    hub.upsales.order(sale).update(stage={"id": hub.upsales.stage("Förlorad")}, probability=0)
    hub.sync_all()
    assert hub.problems("sales", "hold") == []


def test_every_end_of_an_invoice_and_its_delivery_is_told(hub: Hub) -> None:
    """WEB-38: webCRM knows no cancelled delivery unless a field is named for it: cancelled, credited and deleted are told."""
    shop = Sales(hub, document="invoice", delivery_fields={"date": "DeliveryOrderDate"})
    cells = [(left, right) for left in ("live", "gone") for right in RIGHT_ACTS]
    deliveries = {cell: shop.deliver(DeliveryOrderDate="2026-11-20T00:00:00") for cell in cells}
    hub.sync()
    numbers = {cell: hub.links()[str(id)] for cell, id in deliveries.items()}
    with hub.unlimited():
        for cell, number in numbers.items():
            act(hub, number, cell[1])
            if cell[0] == "gone":
                hub.webcrm.delivery(deliveries[cell]).delete()
    nights(hub)
    problems = {str(one["left"]): one for one in hub.problems("hold")}
    ends = Ends("webcrm")
    for cell, id in deliveries.items():
        expected = ends.says(*cell)  # type: ignore[arg-type]
        assert (str(id) in problems) == (expected is not None), (cell, problems.get(str(id)))
        if expected is not None:
            assert numbers[cell] in problems[str(id)]["text"]
    hub.clear()
    nights(hub)
    assert (hub.fortnox_writes(), hub.webcrm.writes()) == ([], [])
    hub.webcrm.delivery(deliveries["live", "cancelled"]).delete()
    repair(hub, problems[str(deliveries["live", "credited"])], "accept")
    repair(hub, problems[str(deliveries["gone", "live"])], "cancel")
    repair(hub, problems[str(deliveries["gone", "sent"])], "accept")
    with hub.unlimited():
        hub.fortnox_act(f"/3/invoices/{numbers['gone', 'booked']}/credit")
    nights(hub)
    nights(hub)
    assert hub.problems("hold") == []


def end_of(hub: UpsalesHub, sale: int, state: str) -> None:
    if state == "gone":
        hub.upsales.order(sale).delete()
    elif state == "lost":
        hub.upsales.order(sale).update(stage={"id": hub.upsales.stage("Förlorad")}, probability=0)
    elif state == "open":
        hub.upsales.order(sale).update(stage={"id": hub.upsales.stage("Prospekt")}, probability=50)


def state_in_upsales(probability: int) -> str:
    return {0: "lost", 100: "live"}.get(int(probability), "open")


def nightly(hub: UpsalesHub) -> None:
    """Let a night pass and run."""
    look_now()
    hub.age(days=2)
    hub.sync("sales")


def nights(hub: Hub) -> None:
    from datetime import timedelta

    from django.db.models import F

    from brygga.store.models import Cursor

    look_now()
    hub.age()
    Cursor.objects.update(position=F("position") - timedelta(days=2))
    hub.sync()


def look_now() -> None:
    """Let what waits to be looked at again be due."""
    from django.utils import timezone

    from brygga.store.models import Problem

    Problem.objects.exclude(look_at=None).update(look_at=timezone.now())


def repair(hub: Any, problem: dict[str, Any], name: str) -> None:
    """Say what a problem offers, as `brygga repair NUMBER --do NAME` does."""
    from brygga.store.models import Problem
    from brygga.sync.repair import ask, offers

    row = Problem.objects.get(pk=problem["id"])
    assert name in [offer.name for offer in offers(row)], problem
    ask(row, name, {}, "test")
