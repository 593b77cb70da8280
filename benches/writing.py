"""B6 and B10: invoices written while answers are lost and processes die; nothing may be doubled, nothing missing."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from benches import boxes, hub, work
from benches.boxes import Boxes, Tenant
from benches.policies import POLICIES, Books, Died, Memory, Policy, until_done
from benches.verdict import Bench, Verdict

ADDRESS = "acme/mobigo.assignments"
POSTS: Mapping[str, Any] = {"method": "POST", "path": "/3/invoices", "times": None}
FAULTS: tuple[Mapping[str, Any], ...] = (
    {"kind": "lost_answer", "probability": 0.03, "seed": 1},
    {"kind": "error_after", "probability": 0.01, "seed": 2, "status": 500},
    {"kind": "error_before", "probability": 0.02, "seed": 3, "status": 503},
    {"kind": "hide", "probability": 0.05, "seed": 4, "seconds": 2.0},
)
DEATHS = 0.005


def b6(count: int = 2000, faults: tuple[Mapping[str, Any], ...] = FAULTS, deaths: float = DEATHS) -> Bench:
    """Make invoices with seeded faults: 3 % answers lost after the commit, 1 % 500 after it, 2 % 503 before it, 5 % shown late, 0.5 % killed."""
    bench = Bench(
        "B6",
        f"{count:,} invoices with faults",
        ("who writes", "doubled", "missing", "left to a person", "calls an invoice", "wall"),
    )
    with boxes.running("fortnox", "mobigo") as box, hub.home() as home:
        box.limited(False)
        tenant = _furnished(box)
        hub.declare(home, box, {"acme": tenant}, ["mobigo"])
        keys = _assignments(box, count)
        box.forget()
        _arm(box, faults)
        began, runs = time.perf_counter(), 0
        while runs < 60:
            runs += 1
            # Another seed for each life, or it would die at the same place again.
            ended = work.start("hub_mortal", address=ADDRESS, deaths=deaths, seed=runs)
            ended.communicate()
            if ended.returncode == 0:
                break
            if ended.returncode != -signal.SIGKILL:
                raise RuntimeError(f"the run ended with {ended.returncode}")
        wall = time.perf_counter() - began
        calls = len(box.seen(tenant)) / count
        doubled, missing = _books(box, tenant, keys, loosely=True)
        left = len(hub.problems(ADDRESS))
        bench.rows.append(("Brygga", doubled, missing, left, calls, f"{wall:.1f} s"))
        bench.bars["Brygga"] = doubled + missing + left
        bench.verdicts += [
            Verdict("doubled", doubled, 0, exact=True),
            Verdict("missing", missing, 0, exact=True),
            Verdict("left to a person", left, 0, exact=True),
            Verdict("calls an invoice", calls, 1.1),
        ]
        struck = sum(fault["struck"] for fault in box.admin("GET", "faults"))
        for name, policy in POLICIES.items():
            _baseline(bench, box, name, policy, count, faults, deaths)
    bench.picture = "B6: invoices doubled, missing or left to a person"
    bench.notes.append(
        f"{struck} faults struck Brygga's calls and its process was killed {runs - 1} times. The baselines are policies that were read in other programs, "
        "re-expressed as scripts; they are not those programs. The readers (Singer SDK, dlt, Airbyte CDK) cannot write. The limit is off. Some "
        "four minutes after its own write Brygga reads each invoice once more, for what a person did in the same minute (decision 3): one more call, when nobody "
        "waits for it, and not in these figures."
    )
    return bench


def _baseline(
    bench: Bench, box: Boxes, name: str, policy: Policy, count: int, faults: tuple[Mapping[str, Any], ...], deaths: float
) -> None:
    tenant = _furnished(box)
    box.forget()
    _arm(box, faults)
    chance = random.Random(5)  # noqa: S311  no secret

    def at(place: str) -> None:
        if place == "answered" and chance.random() < deaths:
            raise Died

    books, memory = Books(box.fortnox, tenant.token, at), Memory()
    keys = [f"k-{number:05}" for number in range(count)]
    began = time.perf_counter()
    for key in keys:
        until_done(policy, books, memory, key)
    wall = time.perf_counter() - began
    doubled, missing = _books(box, tenant, keys)
    bench.rows.append((name, doubled, missing, len(memory.left), books.calls / count, f"{wall:.1f} s"))
    bench.bars[name] = doubled + missing + len(memory.left)


def b10(count: int = 2, most: int = 400) -> Bench:
    """Kill the process with SIGKILL at every step of a run that makes invoices, found by counting, and compare the books afterwards."""
    bench = Bench("B10", "Killed at every step", ("who writes", "places", "doubled", "missing"))
    with boxes.running("fortnox", "mobigo") as box, hub.home() as home:
        box.limited(False)
        tenant = _furnished(box)
        hub.declare(home, box, {"acme": tenant}, ["mobigo"])
        places, keys = 0, list[str]()
        while places < most:
            keys += _assignments(box, count, begin=len(keys))
            ended = _forked(partial(work.hub_dies, ADDRESS, places + 1))
            if ended != -signal.SIGKILL:
                break
            places += 1
            if _forked(partial(work.hub_dies, ADDRESS, 0)) != 0:
                raise RuntimeError(f"the run after the death at {places} failed")
        doubled, missing = _books(box, tenant, keys, loosely=True)
        bench.rows.append(("Brygga", places, doubled, missing))
        bench.verdicts += [
            Verdict("doubled", doubled, 0, exact=True),
            Verdict("missing", missing, 0, exact=True),
            Verdict("places at which it did not die", 0 if places > 10 * count or places == most else 1, 0, exact=True),
        ]
        for name, policy in POLICIES.items():
            bench.rows.append((name, *_dies_everywhere(box, policy)))
    bench.notes.append(
        f"For each place {count} new invoices; a place lies before and after each request and each commit. `make crash-points` does this for every stream "
        "with writes, on both databases."
    )
    return bench


def _dies_everywhere(box: Boxes, policy: Policy) -> tuple[int, int, int]:
    tenant = _furnished(box)
    place, keys = 0, []
    while True:
        place += 1
        keys.append(f"p-{place:03}")
        left, died = place, False

        def at(what: str) -> None:
            nonlocal left, died
            left -= 1
            if left == 0:
                died = True
                raise Died

        until_done(policy, Books(box.fortnox, tenant.token, at), Memory(), keys[-1])
        if not died:
            doubled, missing = _books(box, tenant, keys)
            return place - 1, doubled, missing


def _forked(act: Callable[[], object]) -> int:
    """Do something in a fork of this process, where everything is loaded already; return how it ended."""
    from django.db import connections

    import brygga.sync.start  # noqa: F401  before the fork

    connections.close_all()
    child = os.fork()
    if not child:
        status = 1
        try:
            act()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _furnished(box: Boxes) -> Tenant:
    tenant = box.tenant()
    box.load(tenant, "customers", [{"CustomerNumber": "1042", "Name": "Alm Fastigheter AB"}])
    box.load(tenant, "articles", [{"ArticleNumber": "100", "Description": "Arbetstid", "Unit": "tim"}])
    return tenant


def _assignments(box: Boxes, count: int, begin: int = 0) -> list[str]:
    """Mark assignments in Mobigo, each to become an invoice; return their numbers."""
    if not begin:
        box.admin("POST", "records/TimeTypes", [{"name": "Arbete", "articleNumber": "100"}], system="mobigo")
    numbers = [str(2000 + begin + place) for place in range(count)]
    times = [{"timeType": "Arbete", "billableHours": 2, "price": 650}]
    wished = [
        {"number": number, "customerNumber": "1042", "status": "Klart", "marked": True, "actionText": "Klart", "times": times}
        for number in numbers
    ]
    box.admin("POST", "records/Assignments", wished, system="mobigo")
    return numbers


def _arm(box: Boxes, faults: tuple[Mapping[str, Any], ...]) -> None:
    for fault in faults:
        box.admin("POST", "faults", {**POSTS, **fault})


def _books(box: Boxes, tenant: Tenant, keys: Any, *, loosely: bool = False) -> tuple[int, int]:
    """Return how many keys have more than one invoice, and how many none; loosely: by the end of the key."""
    held: Counter[str] = Counter()
    for invoice in box.admin("GET", f"records/{tenant.number}/invoices"):
        key = str(invoice["ExternalInvoiceReference1"])
        held[key.rpartition(":")[2] if loosely else key] += 1
    wanted = [key.rpartition(":")[2] if loosely else key for key in keys]
    return sum(held[key] - 1 for key in wanted if held[key] > 1), sum(held[key] == 0 for key in wanted)
