"""B5: many companies in one resident hub, each polled every few seconds by one worker; and how late the latest was."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from benches import ROOT, boxes, hub, peers, work
from benches.boxes import Boxes, Tenant
from benches.verdict import Bench, Verdict

LATE = 10.0
"""Seconds that a company may be later than its interval."""


def b5(counts: tuple[int, ...] = (100, 500), seconds: float = 45, every: int = 20) -> Bench:
    """Let one worker poll so many companies, and look at the gaps between two polls of each."""
    bench = Bench(
        "B5",
        f"Companies polled every {every} s for {seconds:.0f} s",
        ("who polls", "companies", "inside the goal", "worst gap", "worst / median", "CPU"),
    )
    for count in counts:
        with boxes.running("fortnox", "mobigo") as box, hub.home() as home:
            gaps, cpu = _polled(box, home, count, seconds, every)
        kept = sum(worst <= every + LATE for worst in gaps)
        worst, median = max(gaps), statistics.median(gaps)
        bench.rows.append(
            ("Brygga, one worker", count, f"{kept} of {count}", f"{worst:.1f} s", worst / median, f"{cpu / seconds:.0%} of a core")
        )
        bench.verdicts += [
            Verdict(f"companies of {count} outside their goal", count - kept, 0, exact=True),
            Verdict(f"worst gap of {count}, × the median", worst / median, 2),
        ]
    _peers(bench, every)
    bench.notes.append(
        f"The goal is the interval and {LATE:.0f} s. The peers have no resident engine: what two cores carry is reckoned from the CPU of one no-op run "
        "of theirs, with its start, if nothing else ran; it is not measured."
    )
    return bench


def _polled(box: Boxes, home: Path, count: int, seconds: float, every: int) -> tuple[list[float], float]:
    """Return the worst gap of each company, and the CPU seconds that the worker used."""
    tenants = {f"c{number:03}": box.tenant() for number in range(count)}
    hub.declare(home, box, tenants, ["mobigo"], {"mobigo.customers": '{ every = "1m" }'})
    _in_step_already(every)
    worker = _worker()
    try:
        _wait_for_the_first(box, tenants)
        box.forget()
        began, used = time.time(), _cpu(worker.pid)
        time.sleep(seconds)
        ended, cpu = time.time(), _cpu(worker.pid) - used
        calls = box.seen()
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(60)
    asked: dict[str, list[float]] = defaultdict(list)
    for call in calls:
        if call["path"] == "/3/customers":
            asked[call["tenant"]].append(datetime.fromisoformat(call["at"]).timestamp())
    return [_worst(asked[str(tenant.number)], began, ended) for tenant in tenants.values()], cpu


def _worst(moments: list[float], began: float, ended: float) -> float:
    """Return the longest time without a poll, the ends of the watch included."""
    points = [began, *sorted(moments), ended]
    return max(later - earlier for earlier, later in pairwise(points))


def _in_step_already(every: int) -> None:
    """Bring every company to where its first sync leaves it: both sides read, the last run ended well; and hurry its clock.

    A file would not have it: a minute is the shortest that people may ask for.
    """
    from brygga.store.models import Cursor, Integration, Run, StreamState

    now = datetime.now(UTC)
    hurried = {"mode": "every", "every": every, "offset": 0}
    StreamState.objects.filter(name="customers").update(schedule=hurried, next_left_at=None, next_right_at=None)
    integrations = list(Integration.objects.all())
    Cursor.objects.bulk_create(
        Cursor(integration=one, stream="customers", side=side, position=now) for one in integrations for side in ("left", "right")
    )
    Run.objects.bulk_create(
        Run(
            pk=f"first-{one.pk}", integration=one, stream="customers", trigger="clock", sides=["left", "right"], status=Run.Status.DONE,
            queued_at=now, started_at=now, ended_at=now,
        )
        for one in integrations
    )  # fmt: skip


def _worker() -> subprocess.Popen[bytes]:
    environment = {**work.environment(), "BRYGGA_PACE": "dispatch=2"}
    subprocess.run(
        [sys.executable, "-m", "brygga.cli.main", "migrate"], env=environment, check=True, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    command = [sys.executable, "-m", "brygga.cli.main", "worker", "--id", "bench"]
    return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)


def _wait_for_the_first(box: Boxes, tenants: Mapping[str, Tenant], longest: float = 120) -> None:
    """Wait until every company was polled once: signing in comes before it, and is not what is measured."""
    deadline = time.time() + longest
    while time.time() < deadline:
        polled = {call["tenant"] for call in box.seen() if call["path"] == "/3/customers"}
        if len(polled) >= len(tenants):
            return
        time.sleep(1)
    raise RuntimeError(f"after {longest:.0f} s {len(polled)} of {len(tenants)} companies were polled")


def _cpu(process: int) -> float:
    """Return the CPU seconds of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peers(bench: Bench, every: int) -> None:
    with boxes.running("fortnox") as box, tempfile.TemporaryDirectory() as folder:
        box.limited(False)
        tenant = box.tenant()
        box.load(tenant, "articles", boxes.articles(50))
        for peer in filter(peers.ready, peers.PEERS):
            place = Path(folder) / peer.script
            peers.run(peer, box, tenant, "articles", place)
            cpu = peers.run(peer, box, tenant, "articles", place).cpu
            bench.rows.append(
                (f"{peer.title}, a process a poll", f"at most {2 * every / cpu:.0f}", "reckoned", "", "", "both cores")
            )
