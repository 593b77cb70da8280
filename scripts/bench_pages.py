#!/usr/bin/env python3
"""Measures how fast pages are on SQLite while a sync runs in another process: `make bench-pages`. Figures are of this machine.

A company with 40 synced customers and 5,000 linked invoices of the last 30 days. The hub's web process serves the pages, both systems are
programs of their own, and another process changes ten records and syncs them, again and again without a pause, and without a limit, so
that it never rests. One browser asks for each page in turn. Printed are the median, the 95th percentile and the slowest of each page, how
many times the floor its median is (/health, which asks the database one thing), and the CPU that making the page takes by itself.
`--write` puts them into docs/benchmarks.md; exit status 1 when the promise is missed.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx2

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "src")]

from benches import boxes, hub, page, work  # noqa: E402  after the path is set

ADDRESS = "acme/webcrm.customers"
PEOPLE, TALLIES, TIMES = 40, 5_000, 20
FLOOR = "floor: /health"
PROMISED = 100.0
"""Milliseconds, the 95th percentile of all pages together."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    wanted = parser.parse_args()
    with boxes.running("fortnox", "webcrm") as box, hub.home() as home:
        box.limited(on=False)
        people = [{"OrganisationName": f"Kund {n} AB", "OrganisationType": "Kund – Företag"} for n in range(PEOPLE)]
        ids = box.admin("POST", "records/Organisation", people, system="webcrm")
        hub.declare(home, box, {"acme": box.tenant()}, ["webcrm"], brake=1.0)
        with hub.without_budget():
            hub.sync(ADDRESS)
        cookie = _furnish()
        pages = _pages()
        syncing = work.start("hub_keeps_syncing", address=ADDRESS, admin=box.about["webcrm"]["admin_url"], ids=ids)
        try:
            with _served() as base:
                measured = _measure(base, cookie, pages)
            if syncing.poll() is not None:
                raise SystemExit("the sync ended before the pages were measured")
        finally:
            syncing.terminate()
            syncing.wait(20)
        cpu = _cpu(cookie, pages)
    text = _table(measured, cpu)
    sys.stdout.write(text)
    if wanted.write:
        page.put("pages", _section(text))
    return 0 if _percentile(_every(measured)) < PROMISED else 1


def _every(measured: dict[str, list[float]]) -> list[float]:
    return [took for name, times in measured.items() if name != FLOOR for took in times]


@contextmanager
def _served() -> Iterator[str]:
    """Run the hub's web process; yield its address once it answers."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "brygga", "web", "--port", str(port)]
    process = subprocess.Popen(command, env=work.environment(), stdout=subprocess.DEVNULL)  # noqa: S603  our own program
    try:
        for _ in range(300):
            try:
                if httpx2.get(f"{base}/health", verify=False).status_code == 200:
                    break
            except httpx2.TransportError:
                time.sleep(0.1)
        yield base
    finally:
        process.terminate()
        process.wait(20)


def _furnish() -> str:
    """Give the company an owner and kept amounts of a busy month; return the owner's cookie."""
    from django.contrib.auth.models import User
    from django.test import Client
    from django.utils import timezone

    from brygga.store import users
    from brygga.store.models import Integration, LinkRow, TallyRow
    from brygga.sync.reconcile import reconcile

    users.add("anna", "en-ganska-lang-mening", company="acme", role="owner")
    one = Integration.objects.get(company__slug="acme")
    today = timezone.localdate()
    made = [LinkRow(integration=one, kind="invoice", left_id=str(n), right_id=str(n)) for n in range(TALLIES)]
    LinkRow.objects.bulk_create(made, batch_size=500)
    rows = [
        TallyRow(
            integration=one, link=link, kind="invoice", side=side, record_id=link.left_id, day=today - timedelta(days=place % 30),
            currency="SEK", net_ore=100_00, total_ore=125_00,
        )
        for place, link in enumerate(LinkRow.objects.filter(kind="invoice"))
        for side in ("left", "right")
    ]  # fmt: skip
    TallyRow.objects.bulk_create(rows, batch_size=500)
    reconcile(ADDRESS)
    client = Client()
    client.force_login(User.objects.get(username="anna"))
    return client.cookies["sessionid"].value


def _pages() -> dict[str, str]:
    from brygga.store.models import Problem, Run

    run, problem = Run.objects.order_by("queued_at")[0].pk, Problem.objects.order_by("pk").first()
    pages = {
        FLOOR: "/health",
        "overview": "/c/acme/",
        "integration": "/c/acme/webcrm/",
        "settings": "/c/acme/settings/webcrm/",
        "problems": "/c/acme/problems/",
        "matching and conflicts": "/c/acme/conflicts/",
        "links": "/c/acme/links/",
        "record": "/c/acme/records/webcrm/customer/1/",
        "run": f"/c/acme/runs/{run}/",
        "reconciliation": "/c/acme/proofs/webcrm/customers/",
        "connections": "/c/acme/connections/",
        "users": "/c/acme/company/",
        "audit log": "/c/acme/company/audit/",
    }
    if problem is not None:
        pages["one problem"] = f"/c/acme/conflicts/{problem.pk}/"
    return pages


def _cpu(cookie: str, pages: dict[str, str]) -> dict[str, float]:
    """Return page -> the least milliseconds of CPU that its making took, in this thread alone: what other work on the machine does not change."""
    from django.test import Client

    client = Client()
    client.cookies["sessionid"] = cookie
    found: dict[str, float] = {}
    for name, address in pages.items():
        for _ in range(5):
            began = time.thread_time()
            if client.get(address, headers={"host": "127.0.0.1"}).status_code != 200:
                raise SystemExit(f"{address} is not answered")
            found[name] = min(found.get(name, float("inf")), (time.thread_time() - began) * 1000)
    return found


def _measure(base: str, cookie: str, pages: dict[str, str]) -> dict[str, list[float]]:
    """Return page -> milliseconds of each answer, the pages asked for in turn."""
    taken: dict[str, list[float]] = {name: [] for name in pages}
    with httpx2.Client(base_url=base, cookies={"sessionid": cookie}, timeout=30, verify=False) as browser:
        for turn in range(TIMES + 1):
            for name, address in pages.items():
                began = time.perf_counter()
                answer = browser.get(address)
                took = (time.perf_counter() - began) * 1000
                if answer.status_code != 200:
                    raise SystemExit(f"{address} answered {answer.status_code}")
                if turn:
                    # The first turn loads templates.
                    taken[name].append(took)
    return taken


def _percentile(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[18]


def _table(measured: dict[str, list[float]], cpu: dict[str, float]) -> str:
    floor = statistics.median(measured[FLOOR])
    lines = ["| page | median | p95 | slowest | × floor | CPU alone |", "|---|---:|---:|---:|---:|---:|"]
    for name, times in [*measured.items(), ("**all pages**", _every(measured))]:
        middle = statistics.median(times)
        alone = f"{cpu[name]:.0f} ms" if name in cpu else ""
        lines.append(
            f"| {name} | {middle:.0f} ms | {_percentile(times):.0f} ms | {max(times):.0f} ms | {middle / floor:.1f} | {alone} |"
        )
    return "\n".join(lines) + "\n"


def _section(table: str) -> str:
    return (
        f"## Pages while a sync runs\n\nMade by `make bench-pages` ({page.machine()}; load of the machine {os.getloadavg()[2]:.1f}): SQLite, {PEOPLE:,} synced customers, "
        f"{TALLIES:,} linked invoices of the last 30 days, {TIMES} calls of each page over HTTP by one browser to the hub's web process, while another process "
        f"changes 10 records and syncs them, again and again without a pause or a limit. Promised: p95 under {PROMISED:.0f} ms.\n\n{table}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
