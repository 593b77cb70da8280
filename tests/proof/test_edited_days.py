"""People edit what has gone over, on days on which everything goes wrong: nothing doubled, missing, lost, or written once more."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

from proof.edited_days import EditedDays
from proof.offices import OFFICES

OPERATIONS = int(os.environ.get("BRYGGA_DAYS", "90"))
"""A longer history by `make simulate`."""

SEED = int(os.environ.get("BRYGGA_DAYS_SEED", "0"))
"""Another history of the same length; a seed that failed comes again."""


@pytest.mark.parametrize("office", OFFICES)
def test_edits_are_neither_doubled_nor_lost_nor_echoed(sqlite_database: Any, office: str) -> None:
    with OFFICES[office](sqlite_database.home) as people:
        days = EditedDays(people, seed=SEED or OPERATIONS + list(OFFICES).index(office))
        days.go(OPERATIONS)
    told = ", ".join(f"{name} {count}" for name, count in sorted(days.counts.items()))
    sys.stdout.write(f"{office}: {told}; {len(days.docs)} documents, 0 doubled, 0 missing, 0 lost edits, 0 echoes\n")
