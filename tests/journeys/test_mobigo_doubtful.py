"""Several answers lost at once: what was made is found, read once, told to Mobigo, and made no second time (MOB-28)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.utils import timezone

from mobigo_hub import MobigoHub

LOST = 4


@pytest.fixture
def lossy(mobigo_hub: MobigoHub) -> MobigoHub:
    """Assignments marked in Mobigo, and a Fortnox that makes an order of each and answers none of them."""
    times: list[dict[str, Any]] = [{"timeType": "Arbete", "billableHours": 1, "price": 650}]
    for number in range(LOST):
        mobigo_hub.mobigo.assignment(str(2000 + number), customerNumber="1042", marked=True, times=times, actionText="Klart")
    mobigo_hub.fortnox.faults.arm("lost_answer", method="POST", path="/3/orders", times=LOST)
    mobigo_hub.clear()
    return mobigo_hub


def made_once_and_told(hub: MobigoHub) -> None:
    orders = hub.records("orders")
    assert len(orders) == len({order["ExternalInvoiceReference1"] for order in orders}) == LOST
    assert {raw["export"]["documentNumber"] for raw in hub.mobigo.all("Assignments")} == {one["DocumentNumber"] for one in orders}


def test_orders_whose_answers_were_lost_are_read_once_each_and_looked_at_once_more_later(lossy: MobigoHub) -> None:
    from brygga.store.models import LinkRow

    lossy.sync("assignments")
    made_once_and_told(lossy)
    numbers = {order["DocumentNumber"] for order in lossy.records("orders")}
    read = Counter(seen.path for seen in lossy.fortnox.requests if seen.method == "GET")
    assert [read[f"/3/orders/{number}"] for number in sorted(numbers)] == [1] * LOST
    # In the minute of their making somebody may have changed them, which no list tells.
    assert LinkRow.objects.filter(right_id__in=numbers, look_again_at__gt=timezone.now()).count() == LOST


@pytest.mark.parametrize("seconds", [-90, 90])
def test_orders_are_found_where_fortnox_has_another_clock(lossy: MobigoHub, seconds: int) -> None:
    lossy.fortnox.clock.shift(seconds)
    lossy.sync("assignments")
    made_once_and_told(lossy)
    assert lossy.problems("assignments") == []
