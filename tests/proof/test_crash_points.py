"""The hub dies at every boundary; taken up again, both sides end with the books of an undisturbed run."""

from __future__ import annotations

import os
import sys

import pytest

from databases import DatabaseUnderTest
from proof.crash import every_boundary
from proof.scenarios import SCENARIOS

EVERY = os.environ.get("BRYGGA_EVERY_BOUNDARY") == "1"
"""`make crash-points`: each boundary of each stream on both databases, which takes some minutes."""

STRIDES = {
    "webcrm customers": {"sqlite": 1, "postgresql": 1},
    "webcrm deliveries": {"sqlite": 1, "postgresql": 3},
    "upsales sales": {"sqlite": 3, "postgresql": 7},
    "textalk orders": {"sqlite": 7, "postgresql": 17},
    "textalk articles": {"sqlite": 3, "postgresql": 7},
    "mobigo assignments": {"sqlite": 3, "postgresql": 7},
}
"""In the suite, whose time is short: at every n-th boundary."""


@pytest.mark.parametrize("stream", SCENARIOS)
def test_dead_at_every_boundary_nothing_is_doubled_or_missing(database: DatabaseUnderTest, stream: str) -> None:
    with SCENARIOS[stream](database.home) as scenario:
        kills, boundaries = every_boundary(scenario, 1 if EVERY else STRIDES[stream][database.vendor])
    assert kills > 5
    sys.stdout.write(f"{stream} on {database.vendor}: dead at {kills} of {boundaries} boundaries, 0 doubled, 0 missing\n")
