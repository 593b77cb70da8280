"""Documents and payments in days on which everything goes wrong: each document once and whole, on both sides."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

from proof.days import Days
from proof.scenarios import SCENARIOS

STREAMS = (
    "webcrm deliveries",
    "upsales sales",
    "textalk orders",
    "textalk articles",
    "mobigo assignments",
    "opter invoices",
    "opter settlements",
    "opter payments",
)
OPERATIONS = int(os.environ.get("BRYGGA_DAYS", "90"))
"""A longer history by `make simulate`."""


@pytest.mark.parametrize("stream", STREAMS)
def test_documents_are_neither_doubled_nor_missing_nor_half_done(sqlite_database: Any, stream: str) -> None:
    with SCENARIOS[stream](sqlite_database.home) as scenario:
        days = Days(scenario, seed=OPERATIONS + STREAMS.index(stream))
        days.go(OPERATIONS)
    told = ", ".join(f"{name} {count}" for name, count in sorted(days.counts.items()))
    sys.stdout.write(f"{stream}: {told}; 0 doubled, 0 missing\n")
