"""Random histories in which everything goes wrong that can: nothing doubled, nothing missing, no edit lost, no echo."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from proof.simulation import simulate


@pytest.mark.parametrize("seed", range(1, 21))
def test_whatever_happens_in_two_offices_nothing_is_doubled_missing_or_lost(sqlite_database: Any, seed: int) -> None:
    result = simulate(sqlite_database.home, seed, 500)
    told = ", ".join(f"{name} {count}" for name, count in sorted(result.counts.items()))
    sys.stdout.write(f"seed {seed}: {sum(result.counts.values())} operations ({told}); {result.writes} writes\n")
