#!/usr/bin/env python3
"""Run the benches, print what they say, and write docs/benchmarks.md with its picture: `make bench`, or `make bench ONLY=B3`.

    python scripts/bench.py                run all, write the page
    python scripts/bench.py B3 B11         run these
    python scripts/bench.py --tiny         all with little to do, in a minute or two; nothing is written
    python scripts/bench.py --no-page      write nothing
    python scripts/bench.py --no-peers     leave the peers out

Exit status 1 when a bar was missed. Figures are of this machine: compare ratios, not seconds. The peers are installed into .bench/ from the
package index the first time; where that cannot be, they are left out and the rest runs.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "src")]

from benches.verdict import Bench, shown  # noqa: E402

from benches import core, full_list, page, peers, polling, storm, tenants, writing  # noqa: E402  after the path is set

BENCHES: Mapping[str, tuple[Callable[..., Bench], Mapping[str, Any]]] = {
    "B0": (core.b0, {"count": 500}),
    "B1": (full_list.b1, {"count": 1200, "large": 0, "repeats": 1}),
    "B2": (polling.b2, {"count": 20}),
    "B3": (polling.b3, {"turns": 3}),
    "B4": (polling.b4, {"count": 600, "changed": 5}),
    "B5": (tenants.b5, {"counts": (3,), "seconds": 8, "every": 3}),
    "B6": (writing.b6, {"count": 12}),
    "B8": (storm.b8, {"seconds": 3, "customers": 4}),
    "B10": (writing.b10, {"count": 1, "most": 6}),
    "B11": (full_list.b11, {"small": 500, "large": 2000, "repeats": 1}),
}
"""Name -> the bench, and what makes it tiny."""


def printed(bench: Bench) -> str:
    """Return a bench as text for a terminal."""
    cells = [[str(one) for one in bench.columns], *([shown(cell) for cell in row] for row in bench.rows)]
    widths = [max(len(row[place]) for row in cells if place < len(row)) for place in range(len(cells[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)) for row in cells]
    verdicts = [f"  {'kept  ' if verdict.kept else 'MISSED'}  {verdict}" for verdict in bench.verdicts]
    return "\n".join([f"{bench.id}  {bench.title}", *(f"  {line}" for line in lines), *verdicts]) + "\n\n"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Run the benches.")
    parser.add_argument("only", nargs="*", metavar="BENCH", help=f"some of {', '.join(BENCHES)}; all without it")
    parser.add_argument(
        "--tiny", action="store_true", help="with little to do: shows that they run, measures nothing worth keeping"
    )
    parser.add_argument("--no-page", action="store_true", help="do not write docs/benchmarks.md")
    parser.add_argument("--no-peers", action="store_true", help="leave the peers out, and install nothing")
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.only if name not in BENCHES]
    if unknown:
        parser.error(f"there is no bench {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    if asked.no_peers:
        peers.leave_out()
    began = time.monotonic()
    found: list[Bench] = []
    for name in asked.only or BENCHES:
        run, little = BENCHES[name]
        bench = run(**(little if asked.tiny else {}))
        found.append(bench)
        sys.stdout.write(printed(bench))
        sys.stdout.flush()
    spent = time.monotonic() - began
    if not (asked.tiny or asked.no_page):
        page.write(found, spent)
    missed = [f"{bench.id} {verdict}" for bench in found for verdict in bench.verdicts if not verdict.kept]
    sys.stdout.write(
        f"{len(found)} benches in {spent:.0f} s; " + (f"missed: {'; '.join(missed)}" if missed else "all bars kept") + "\n"
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
