"""Five hundred assignments marked at once, with twenty rows each, an answer lost among them (MOB-26, MOB-28)."""

from __future__ import annotations

import time
from typing import Any

import pytest

from mobigo_hub import MobigoHub

ASSIGNMENTS, ROWS = 500, 20


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no budget wait: what is measured is how many requests the budget would have to pay for."""
    from brygga.clients.limits import Unlimited
    from brygga.sync import open as opening

    monkeypatch.setattr(opening, "Permits", lambda budget, **window: Unlimited())


def test_five_hundred_marked_assignments_become_one_order_each_within_the_rate_bound(
    mobigo_hub: MobigoHub, unhurried: None
) -> None:
    """MOB-26, MOB-28: the bound is a call of Fortnox for each document; 1.05 of it pays for the look-ups and the lost answer too."""
    hub = mobigo_hub
    hub.mobigo.limits.calls = 0
    hub.fortnox.limiter.enabled = False
    times: list[dict[str, Any]] = [{"timeType": "Arbete", "billableHours": 1, "price": 650}] * (ROWS // 2)
    materials: list[dict[str, Any]] = [{"articleNumber": "200", "name": "Packning", "quantity": 1, "price": 12.5}] * (ROWS // 2)
    for number in range(ASSIGNMENTS):
        hub.mobigo.assignment(
            str(2000 + number), customerNumber="1042", marked=True, times=times, materials=materials, actionText="Klart"
        )
    hub.fortnox.faults.arm("lost_answer", method="POST", path="/3/orders", skip=250)
    hub.clear()
    began = time.process_time()
    result = hub.sync("assignments")
    spent = time.process_time() - began
    orders = hub.records("orders")
    assert len(orders) == ASSIGNMENTS
    assert {len(order["OrderRows"]) for order in orders} == {ROWS}
    assert len({order["ExternalInvoiceReference1"] for order in orders}) == ASSIGNMENTS
    exported = {raw["export"]["documentNumber"] for raw in hub.mobigo.all("Assignments")}
    assert exported == {order["DocumentNumber"] for order in orders}
    assert result["requests"]["fortnox"] <= 1.05 * ASSIGNMENTS
    # Of our own work, and the two sandboxes', nothing may come near what the budget of 24 calls in 5.2 seconds takes for as many documents.
    assert spent < ASSIGNMENTS / 24 * 5.2 / 2
