"""The hub dies at every boundary; taken up again, both sides end with the books of an undisturbed run."""

from __future__ import annotations

import os
import sys

import pytest

from databases import DatabaseUnderTest
from proof.crash import every_boundary
from proof.dying import an_outside, waiting_to_die
from proof.scenarios import SCENARIOS, Customers

EVERY = os.environ.get("BRYGGA_EVERY_BOUNDARY") == "1"
"""`make crash-points`: each boundary of each stream on both databases, which takes some minutes."""

STRIDES = {
    "webcrm customers": {"sqlite": 1, "postgresql": 3},
    "webcrm deliveries": {"sqlite": 5, "postgresql": 11},
    "upsales sales": {"sqlite": 5, "postgresql": 13},
    "textalk orders": {"sqlite": 11, "postgresql": 29},
    "textalk articles": {"sqlite": 5, "postgresql": 13},
    "mobigo assignments": {"sqlite": 5, "postgresql": 13},
    "opter invoices": {"sqlite": 13, "postgresql": 29},
    "opter settlements": {"sqlite": 11, "postgresql": 23},
    "opter payments": {"sqlite": 11, "postgresql": 23},
}
"""In the suite, whose time is short: at every n-th boundary."""


@pytest.mark.parametrize("stream", SCENARIOS)
def test_dead_at_every_boundary_nothing_is_doubled_or_missing(database: DatabaseUnderTest, stream: str) -> None:
    stride = 1 if EVERY else STRIDES[stream][database.vendor]
    with SCENARIOS[stream](database.home) as scenario:
        kills = every_boundary(scenario, stride=stride)
    assert kills * stride > 40
    sys.stdout.write(
        f"{stream} on {database.vendor}: dead {kills} times, at every {f'{stride}-th ' * (stride > 1)}boundary, 0 doubled, 0 missing\n"
    )


def test_a_process_killed_at_a_boundary_leaves_no_more_behind(database: DatabaseUnderTest) -> None:
    """A real process over real HTTP, and SIGKILL."""
    stride = 1 if EVERY else 5
    with an_outside(database) as outside, waiting_to_die(database, "acme/webcrm.customers") as dies:
        kills = every_boundary(Customers(outside), dies, stride)
    assert kills * stride > 40
    sys.stdout.write(
        f"{database.vendor}: {kills} processes killed, at every {f'{stride}-th ' * (stride > 1)}boundary, 0 doubled, 0 missing\n"
    )
