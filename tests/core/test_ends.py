"""The table of ends: total, never silent where one side counts and the other does not, and each verb can be carried out."""

from __future__ import annotations

from itertools import product

import pytest

from brygga.core.document import Document
from brygga.core.ends import CARRIED, OVER, RIGHT_STATES, SYSTEMS, Ends, right_state
from brygga.core.policy import LEFT, RIGHT

CELLS = [
    (system, left, right, apart)
    for system, states in SYSTEMS.items()
    for left, right, apart in product(states, RIGHT_STATES, (False, True))
    if right != "gone"
]


@pytest.mark.parametrize(("system", "left", "right", "apart"), CELLS)
def test_every_cell_is_told_unless_both_sides_say_the_same(system: str, left: str, right: str, apart: bool) -> None:
    ends = Ends(system, "RULE-1", credits_apart=apart)
    hold = ends.hold("System", "Möbler (7)", "12", left, right)  # type: ignore[arg-type]
    counts_left = left == "live"
    counts_right = right not in OVER
    if right == "credited" and apart:
        # The credit is a record of its own there: a record that stands beside it is right, and one that was taken back is not.
        counts_right = True
    if right == "credit" and not counts_left and left == "cancelled":
        counts_right = True
    if counts_left == counts_right or (left == "cancelled" and right == "credited"):
        assert hold is None
        return
    assert hold is not None
    assert "Möbler (7)" in str(hold.sentence)
    assert hold.repair is not None
    [ending] = hold.differences
    assert ends.hold("System", "x", "12", left, right, accepted={ending.said}) is None  # type: ignore[arg-type]
    carried = CARRIED.get((system, (left, right)))  # type: ignore[arg-type]
    if carried is not None:
        assert ends.hold("System", "x", "12", left, right, pending={carried.field}) is None  # type: ignore[arg-type]
    assert ends.hold("System", "x", "12", left, right, pending={"rows", "text"}) is not None  # type: ignore[arg-type]


def test_what_is_carried_over_is_a_cell_that_is_told_where_it_is_not() -> None:
    for system, (left, right) in CARRIED:
        assert left in SYSTEMS[system]
        assert Ends(system).says(left, right) is not None


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "live"),
        ({"sent": True}, "sent"),
        ({"ordered": True}, "became"),
        ({"booked": True, "sent": True}, "booked"),
        ({"booked": True, "credited": True}, "credited"),
        ({"cancelled": True, "credited": True}, "cancelled"),
        ({"kind": "credit_invoice", "booked": True}, "credit"),
    ],
)
def test_a_document_of_fortnox_is_in_its_last_state(fields: dict[str, object], state: str) -> None:
    assert right_state(Document(**fields)) == state  # type: ignore[arg-type]
    assert Ends("webcrm").is_over(RIGHT, Document(**fields)) == (state in OVER)  # type: ignore[arg-type]
    assert not Ends("webcrm").is_over(LEFT, Document())
