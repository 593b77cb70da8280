"""Mobigo's assignments and registers on untidy data: every row becomes what it says, or it waits with the reason (MOB-02 to MOB-09)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mobigo_hub import MATERIAL, TIME, MobigoHub, assignment


def rows(hub: MobigoHub) -> list[tuple[Decimal, Decimal, Decimal]]:
    """Return price, discount and total of each row of the only order."""
    [order] = hub.records("orders")
    return [tuple(Decimal(str(row[name])) for name in ("Price", "Discount", "Total")) for row in order["OrderRows"]]  # type: ignore[misc]


def test_u6_a_discount_on_the_customer_s_card_takes_nothing_off_a_row_with_its_own_price(mobigo_hub: MobigoHub) -> None:
    """U6: 650 × 2.5 and 12.50 × 4 stay 1625 and 50; they became 1462.50 and 45 (MOB-09: the price is fixed)."""
    hub = mobigo_hub
    hub.edit("customers", "1042", InvoiceDiscount=10, InvoiceFreight="49", InvoiceAdministrationFee="29", ShowPriceVATIncluded=True)
    assignment(hub)
    hub.sync("assignments")
    assert rows(hub) == [(650, 0, 1625), (Decimal("12.5"), 0, 50)]
    [order] = hub.records("orders")
    assert Decimal(str(order["Net"])) == 1675
    assert hub.problems("assignments") == []


def test_u26_billable_hours_without_an_article_are_a_problem_with_hours_and_kronor(mobigo_hub: MobigoHub) -> None:
    """U26: 3 hours at 500 kronor of a time type without article: nothing goes, nothing is archived, the sum is said."""
    hub = mobigo_hub
    assignment(hub, times=[TIME, {"timeType": "Restid", "hours": 3, "price": 500, "text": "Resa"}])
    hub.sync("assignments")
    [problem] = hub.problems("assignments", "hold")
    assert problem["text"] == ("Assignment 1001 has billable hours of Restid (3 h, 1500.00 kr), which no article is linked to.")
    assert hub.records("orders") == []
    assert hub.mobigo.get("Assignments", "1001")["status"] == "Klart"
    hub.declare(time_types={"Restid": "201"})
    hub.sync("assignments")
    assert (len(rows(hub)), hub.problems("assignments")) == (3, [])


def test_u26_hours_that_a_setting_leaves_behind_keep_the_assignment_out_of_the_archive(mobigo_hub: MobigoHub) -> None:
    """U26: leave_out is a person's choice; the row is told with hours and kronor and the assignment is not put away."""
    hub = mobigo_hub
    hub.declare(unlinked_time_types="leave_out")
    assignment(hub, times=[TIME, {"timeType": "Restid", "hours": 3, "price": 500}])
    assignment(hub, "1002")
    result = hub.sync("assignments")
    messages = [str(item["message"]) for item in result["items"] if item["action"] == "create"]
    assert any("Restid (3 h, 1500.00 kr)" in text and "It is not archived." in text for text in messages)
    kept = {number: hub.mobigo.get("Assignments", number) for number in ("1001", "1002")}
    assert [one["status"] for one in kept.values()] == ["Klart", "Arkiverat"]
    assert all(one["export"]["documentNumber"] for one in kept.values())


def test_billable_rows_that_a_switch_leaves_behind_are_told_with_hours_and_kronor(mobigo_hub: MobigoHub) -> None:
    """Kind 3, MOB-06, MOB-07: with export_times off, 2.5 hours at 650 stay in Mobigo: said there and here, and nothing is put away."""
    hub = mobigo_hub
    hub.declare(export_times=False)
    assignment(hub, total=1675)
    assignment(hub, "1002", times=[{**TIME, "billable": False}])
    result = hub.sync("assignments")
    said = "1 billable rows of assignment 1001 did not follow (2.5 h, 1625.00 kr)"
    assert [said in str(item["message"]) for item in result["items"] if item["action"] == "create"] == [True, False]
    kept = {number: hub.mobigo.get("Assignments", number) for number in ("1001", "1002")}
    assert said in kept["1001"]["export"]["message"]
    assert [one["status"] for one in kept.values()] == ["Klart", "Arkiverat"]
    assert [float(order["Net"]) for order in hub.records("orders")] == [50, 50]
    hub.clear()
    hub.sync("assignments")
    assert (hub.mobigo.writes(), hub.fortnox_writes()) == ([], [])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"materials": [{**MATERIAL, "quantity": None}]}, "The billable row “Packning 15 mm” has no quantity."),
        ({"times": [{**TIME, "hours": None, "billableHours": None}]}, "The billable row “Felsökning” has no billableHours."),
        ({"times": [{**TIME, "billableHours": 1.333}]}, "the quantity: Fortnox keeps two decimals, and 1.333 has more."),
    ],
)
def test_row_without_a_quantity_or_with_one_too_fine_waits(mobigo_hub: MobigoHub, more: dict[str, Any], said: str) -> None:
    """Kinds 3 and 8: absent is not zero, and 1.333 is not 1.33; the other assignments go."""
    hub = mobigo_hub
    assignment(hub, **more)
    assignment(hub, "1002")
    hub.sync("assignments")
    assert [said in problem["text"] for problem in hub.problems("assignments", "hold")] == [True], hub.problems("assignments")
    assert len(hub.records("orders")) == 1


def test_article_without_a_price_in_fortnox_leaves_the_price_that_mobigo_has(mobigo_hub: MobigoHub) -> None:
    """Kind 8, MOB-02: Mobigo's 500 became 0, though Fortnox has no price at all."""
    hub = mobigo_hub
    hub.mobigo.load("Articles", [{"number": "201", "name": "Rör 15 mm", "unit": "m", "price": 500}])
    hub.sync("articles")
    [article] = [one for one in hub.mobigo.all("Articles") if one["number"] == "201"]
    assert article["price"] == 500
