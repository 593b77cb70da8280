#!/usr/bin/env python3
"""Measures the two ways of a webshop's article register against what no program could beat: `make bench-webshop`, N=200.

    python scripts/bench_webshop.py 200             measure and print
    python scripts/bench_webshop.py 200 --write     and write docs/benchmarks.md

export  N articles of the shop to an empty Fortnox, under Fortnox' own limit of 25 requests in 5 s, which bounds it at 0.2 s an article.
        The pace is taken from the times at which the calls arrive there, over STRIDE calls, from every call on: so neither the free
        first burst nor the run's beginning and end flatter or spoil it.
own     5 · N articles with the limit off: the processor time that the hub takes for one. As long as it is well below the 0.2 s that
        the limit leaves, the ratio holds for 20,000 as for N.
import  5 · N articles of Fortnox to an empty shop. Fortnox is read 500 a call and is no bound; the shop publishes no limit.

Both systems run as programs of their own on this machine, the hub on SQLite. Figures are of this machine; compare the ratios.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "src")]

from benches.boxes import Boxes, Tenant, running  # noqa: E402  after the path is set

from benches import hub, page  # noqa: E402

WINDOW, PERMITS = 5, 25
STRIDE = 100
ALL = 20_000
"""The size of register that the figures are meant for."""


@contextmanager
def connected(**settings: bool) -> Iterator[tuple[Boxes, Tenant]]:
    """Yield a furnished Fortnox and an empty shop, connected by a hub of this process that has these settings."""
    with running("fortnox", "textalk") as box, hub.home() as home:
        tenant = box.tenant()
        hub.declare(home, box, {"bench": tenant}, ["textalk"], **settings)
        yield box, tenant


@dataclass(frozen=True, slots=True)
class Took:
    """How long a run took on the clock, and how long of it on the processor."""

    seconds: float
    processor: float


def run(stream: str, count: int) -> Took:
    """Run a stream. Raises RuntimeError when not all of the register went over."""
    began, worked = time.perf_counter(), time.process_time()
    result = hub.sync(f"bench/textalk.{stream}", trigger="clock")
    took = Took(time.perf_counter() - began, time.process_time() - worked)
    if result["counts"].get("created") != count:
        raise RuntimeError(f"{stream}: {result['status']}, {result['counts']}, {result['message']}")
    return took


def pace(box: Boxes, tenant: Tenant) -> float:
    """Return the seconds between two articles that arrive in Fortnox, over STRIDE of them from each on."""
    calls = box.seen(tenant)
    if any(call["status"] == 429 for call in calls):
        raise RuntimeError("Fortnox' limit was overrun.")
    made = [call["at"] for call in calls if (call["method"], call["path"]) == ("POST", "/3/articles")]
    times = [datetime.fromisoformat(at).timestamp() for at in made]
    strides = [later - earlier for earlier, later in zip(times, times[STRIDE:], strict=False)]
    return sum(strides) / len(strides) / STRIDE


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured for `count` articles under the limit and `many` without it; `pace` in seconds an article."""

    count: int
    many: int
    pace: float
    export: Took
    own: Took
    brought: Took

    def rows(self) -> list[tuple[str, str]]:
        """Return the figures in words."""
        ratio = self.pace * PERMITS / WINDOW
        per = 1000 / self.many
        return [
            (f"Export of {self.count:,} articles under Fortnox' limit, all of it", f"{self.export.seconds:.1f} s"),
            ("of that, between one article and the next", f"{self.pace * 1000:.1f} ms"),
            ("against the 200 ms of the limit", f"{ratio:.3f}"),
            (f"Export of {ALL:,} at that pace", f"{ALL * self.pace / 60:.1f} min"),
            (f"The hub's own work for each, of {self.many:,} with the limit off", f"{self.own.processor * per:.1f} ms"),
            (f"Import of {self.many:,} articles: the hub's own work for each", f"{self.brought.processor * per:.1f} ms"),
            ("on the clock, each", f"{self.brought.seconds * per:.1f} ms"),
            (f"Import of {ALL:,} at that pace", f"{self.brought.seconds * per * ALL / 60_000:.1f} min"),
        ]


def measure(count: int, many: int) -> Figures:
    """Measure everything. Raises RuntimeError when a run did not carry everything over."""
    with connected(export_articles=True) as (box, tenant):
        box.admin("POST", "records/Article", [_of_shop(n) for n in range(count)], system="textalk")
        export = run("article_export", count)
        each = pace(box, tenant)
    with connected(export_articles=True) as (box, _), hub.without_budget():
        box.limited(on=False)
        box.admin("POST", "records/Article", [_of_shop(n) for n in range(many)], system="textalk")
        own = run("article_export", many)
    with connected(import_articles=True) as (box, tenant), hub.without_budget():
        box.limited(on=False)
        box.load(tenant, "articles", map(_of_fortnox, range(many)), a_day_ago=False)
        brought = run("article_import", many)
    return Figures(count, many, each, export, own, brought)


def _of_shop(number: int) -> dict[str, Any]:
    return {"articleNumber": f"N{number:05}", "name": {"sv": f"Vara {number}"}, "unit": "st"}


def _of_fortnox(number: int) -> dict[str, Any]:
    return {"ArticleNumber": f"N{number:05}", "Description": f"Vara {number}"}


def section(figures: Figures) -> str:
    """Return the part of docs/benchmarks.md that is this script's."""
    rows = "\n".join(f"| {what} | {value} |" for what, value in figures.rows())
    return f"""## A webshop's article register

Made by `make bench-webshop N={figures.count}` ({page.machine()}). The limit is Fortnox' own, 25 requests in any 5 seconds, kept by the sandbox;
a run of the clock leaves one of them free for people. What {ALL:,} take is reckoned from the pace, not waited for.

| what | measured |
|---|---:|
{rows}"""


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure a webshop's article register.")
    parser.add_argument("count", type=int, nargs="?", default=200)
    parser.add_argument("--many", type=int, default=0, help="articles of the runs without a limit; default five times as many")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    wishes = parser.parse_args()
    figures = measure(wishes.count, wishes.many or 5 * wishes.count)
    for what, value in figures.rows():
        sys.stdout.write(f"{what:60} {value}\n")
    if wishes.write:
        page.put("webshop", section(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
