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
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- bench_webshop: begin -->", "<!-- bench_webshop: end -->"
WINDOW, PERMITS = 5, 25
STRIDE = 100
ALL = 20_000
"""The size of register that the figures are meant for."""


class Box:
    """A sandbox as a program of its own, with its admin address."""

    def __init__(self, system: str) -> None:
        command = [sys.executable, "-m", "brygga_sandbox", system, "--json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603  our own program
        assert self.process.stdout is not None
        self.about: dict[str, Any] = json.loads(self.process.stdout.readline())[system]
        self.http = httpx2.Client(base_url=self.about["base_url"], timeout=120)

    def admin(self, method: str, path: str, body: Any) -> Any:
        """Do something at the admin address."""
        answer = self.http.request(method, f"/-/admin/{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    def stop(self) -> None:
        """End the program and wait for it."""
        self.http.close()
        self.process.terminate()
        self.process.wait(20)


@contextmanager
def hub(**settings: bool) -> Iterator[tuple[Box, Box]]:
    """Yield a furnished Fortnox and an empty shop, connected by a hub of this process that has these settings."""
    from django.core.management import call_command

    from brygga.sync.declare import declare

    books, shop = Box("fortnox"), Box("textalk")
    home = Path(os.environ["BRYGGA_HOME"])
    os.environ |= {
        "BENCH_ID": books.about["client_id"],
        "BENCH_SECRET": books.about["client_secret"],
        "BENCH_KEY": f"{shop.about['webshop']}:{shop.about['token']}",
    }
    chosen = "\n".join(f"{key} = {json.dumps(value)}" for key, value in settings.items())
    file = home / "bench.toml"
    file.write_text(
        f"""[company.bench]
name = "Bench AB"
[company.bench.fortnox]
base_url = "{books.about["base_url"]}"
client_id = "env:BENCH_ID"
client_secret = "env:BENCH_SECRET"
tenant_id = "{books.about["tenant_id"]}"
[company.bench.textalk]
base_url = "{shop.about["base_url"]}"
api_key = "env:BENCH_KEY"
[company.bench.textalk.settings]
{chosen}
""",
        encoding="utf-8",
    )
    declare(file, who="bench")
    try:
        yield books, shop
    finally:
        books.stop()
        shop.stop()
        # An empty database for the next measurement.
        call_command("flush", "--no-input", verbosity=0)


@dataclass(frozen=True, slots=True)
class Took:
    """How long a run took on the clock, and how long of it on the processor."""

    seconds: float
    processor: float


def run(stream: str, count: int) -> Took:
    """Run a stream. Raises RuntimeError when not all of the register went over."""
    from brygga.store.models import Integration
    from brygga.sync.report import run_json
    from brygga.sync.start import begin_run, execute

    integration = Integration.objects.select_related("company").get(company__slug="bench", system="textalk")
    began, worked = time.perf_counter(), time.process_time()
    result = run_json(execute(begin_run(integration, stream, trigger="clock").pk))
    took = Took(time.perf_counter() - began, time.process_time() - worked)
    if result["counts"].get("created") != count:
        raise RuntimeError(f"{stream}: {result['status']}, {result['counts']}, {result['message']}")
    return took


def pace(books: Box) -> float:
    """Return the seconds between two articles that arrive in Fortnox, over STRIDE of them from each on."""
    calls = books.admin("GET", "requests", None)
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
    with hub(export_articles=True) as (books, shop):
        shop.admin("POST", "records/Article", [_of_shop(n) for n in range(count)])
        export = run("article_export", count)
        each = pace(books)
    unlimited()
    with hub(export_articles=True) as (books, shop):
        books.admin("PUT", "rate-limit", {"enabled": False})
        shop.admin("POST", "records/Article", [_of_shop(n) for n in range(many)])
        own = run("article_export", many)
    with hub(import_articles=True) as (books, shop):
        books.admin("PUT", "rate-limit", {"enabled": False})
        books.admin("POST", "records/first/articles", [_of_fortnox(n) for n in range(many)])
        brought = run("article_import", many)
    return Figures(count, many, each, export, own, brought)


def unlimited() -> None:
    """Take the limit off on our side too."""
    from brygga.clients.limits import Unlimited
    from brygga.sync import open as opening

    opening.Permits = lambda budget, **window: Unlimited()  # type: ignore[misc, assignment]


def _of_shop(number: int) -> dict[str, Any]:
    return {"articleNumber": f"N{number:05}", "name": {"sv": f"Vara {number}"}, "unit": "st"}


def _of_fortnox(number: int) -> dict[str, Any]:
    return {"ArticleNumber": f"N{number:05}", "Description": f"Vara {number}"}


def page(figures: Figures) -> str:
    """Return the part of docs/benchmarks.md that is this script's."""
    machine = f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    rows = "\n".join(f"| {what} | {value} |" for what, value in figures.rows())
    return f"""{BEGIN}
## A webshop's article register

Made by `make bench-webshop N={figures.count}` ({machine}). The limit is Fortnox' own, 25 requests in any 5 seconds, kept by the sandbox;
a run of the clock leaves one of them\nfree for people. What {ALL:,} take is reckoned from the pace, not waited for.

| what | measured |
|---|---:|
{rows}
{END}"""


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure a webshop's article register.")
    parser.add_argument("count", type=int, nargs="?", default=200)
    parser.add_argument("--many", type=int, default=0, help="articles of the runs without a limit; default five times as many")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    wishes = parser.parse_args()
    os.environ["BRYGGA_HOME"] = tempfile.mkdtemp(prefix="brygga-bench-")
    os.environ["BRYGGA_SECRET_KEY"] = "only-for-measuring-on-this-machine"  # noqa: S105
    os.environ.pop("BRYGGA_DATABASE_URL", None)
    from brygga import store

    store.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    figures = measure(wishes.count, wishes.many or 5 * wishes.count)
    for what, value in figures.rows():
        sys.stdout.write(f"{what:60} {value}\n")
    if wishes.write:
        text = PAGE.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(before.rstrip() + "\n\n" + page(figures) + "\n" + after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
