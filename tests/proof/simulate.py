"""A longer run of the simulation, or one seed again.

    python -m tests.proof.simulate --operations 100000            seeds from 1 on, 500 operations each
    python -m tests.proof.simulate --seed 7 --operations 500      this one history, printed

Exit status 1 when something did not hold; the history that led there is printed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

EACH = 500


def history(seed: int, operations: int) -> tuple[int, Counter[str], int, list[str], str]:
    """Run one history on a database of its own; return its counts, its writes, what happened, and what is wrong."""
    home = Path(tempfile.mkdtemp(prefix="brygga-simulation-"))
    os.environ |= {"BRYGGA_HOME": str(home), "BRYGGA_SECRET_KEY": "protects-nothing"}
    os.environ.pop("BRYGGA_DATABASE_URL", None)
    from brygga import store

    store.setup()
    store.migrate()
    from proof.agreement import Broken
    from proof.simulation import simulate

    try:
        result = simulate(home, seed, operations)
        return seed, result.counts, result.writes, result.lines, ""
    except Broken as broken:
        return seed, Counter(), 0, [], "\n".join([str(broken), *broken.__notes__])
    finally:
        shutil.rmtree(home, ignore_errors=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="Random histories of two offices and a hub that has bad days.")
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0, help="one history only; without it as many seeds as the operations need")
    asked = parser.parse_args()
    began = time.monotonic()
    if asked.seed:
        seed, counts, writes, lines, wrong = history(asked.seed, asked.operations)
        sys.stdout.write("\n".join(lines) + "\n" if not wrong else "")
        results = [(seed, counts, writes, lines, wrong)]
    else:
        work = [(seed, EACH) for seed in range(1, -(-asked.operations // EACH) + 1)]
        with multiprocessing.get_context("spawn").Pool(os.cpu_count(), maxtasksperchild=1) as pool:
            results = pool.starmap(history, work, chunksize=1)
    total: Counter[str] = sum((counts for _, counts, *_ in results), Counter())
    for _, _, _, _, wrong in results:
        if wrong:
            sys.stdout.write(wrong + "\n")
    broken = [seed for seed, *_, wrong in results if wrong]
    done = sum(total.values())
    told = ", ".join(f"{name} {count}" for name, count in sorted(total.items()))
    sys.stdout.write(f"{done} operations in {time.monotonic() - began:.0f} s, {sum(one[2] for one in results)} writes: {told}\n")
    sys.stdout.write(f"broken seeds: {broken}\n" if broken else "0 doubled, 0 missing, 0 lost edits, 0 echoes\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
