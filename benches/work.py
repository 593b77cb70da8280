"""What is measured runs in a process of its own: `python -m benches.work JOB JSON` does one job and prints what it cost as JSON.

CPU and wall time are those of the job, without the start of the process; `memory` is the most that the process held, in MB, `before` what it held
when the job began.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from benches import ROOT


def start(job: str, **given: Any) -> subprocess.Popen[str]:
    """Begin a job in a process of its own; it knows the hub by the environment."""
    command = [sys.executable, "-m", "benches.work", job, json.dumps(given)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment())


def result(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a job's end and return what it cost and found. Raises RuntimeError when it failed."""
    out, _ = process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"a job of the bench ended with {process.returncode}")
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def do(job: str, **given: Any) -> dict[str, Any]:
    """Do a job in a process of its own and return what it cost and found."""
    return result(start(job, **given))


def environment() -> dict[str, str]:
    """Return the environment in which `benches` and `brygga` are found."""
    paths = [str(ROOT), str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _megabytes(line: str) -> float:
    """Return what the process holds now (VmRSS), or held at most (VmHWM), in MB."""
    with open("/proc/self/status", encoding="ascii") as status:
        return int(next(one for one in status if one.startswith(line)).split()[1]) / 1024


def _measured(act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    before = _megabytes("VmRSS")
    wall, cpu = time.perf_counter(), time.process_time()
    found = act()
    spent = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    peak = _megabytes("VmHWM")
    return {**found, **spent, "before": before, "memory": peak}


def hub_sync(address: str, sides: list[str], trigger: str = "person") -> dict[str, Any]:
    """Carry one run of the hub through."""
    from benches import hub

    _loaded()
    return _measured(lambda: _short(hub.sync(address, sides=sides, trigger=trigger)))


def hub_plan(address: str) -> dict[str, Any]:
    """Let the hub say what a sync would do: everything is read, nothing written."""
    _loaded()
    from brygga.store.models import Integration
    from brygga.sync.start import make_plan

    company, _, rest = address.partition("/")
    system, _, stream = rest.partition(".")
    integration = Integration.objects.select_related("company").get(company__slug=company, system=system)
    return _measured(lambda: {"items": len(make_plan(integration, stream, who="bench", save=False)["items"])})


def hub_polls(turns: int, streams: list[str]) -> dict[str, Any]:
    """Dispatch as a worker does, with Fortnox' side of these streams due in each turn; a turn before them opens the connections.

    The budget's window is a fifth of a second long instead of five, so that the turns do not wait; it is as full as it ever is.
    """
    _loaded()
    from django.db import connection
    from django.db.models import Q

    from brygga.engine import dispatcher
    from brygga.store.models import Run, StreamState
    from brygga.store.permits import Permits
    from brygga.sync.glance import Glance

    look = Glance().at
    (Permits.__init__.__kwdefaults__ or {})["seconds"] = 0.2
    chosen = Q()
    for stream in streams:
        chosen |= Q(integration__system=stream.partition(".")[0], name=stream.partition(".")[2])
    StreamState.objects.update(next_left_at=None, next_right_at=None, schedule={"mode": "off"})
    ids = list(StreamState.objects.filter(chosen).values_list("pk", flat=True))
    due = StreamState.objects.filter(pk__in=ids)
    due.update(schedule={"mode": "every", "every": 360, "offset": 0})

    def turn() -> float:
        due.update(next_left_at=None, next_right_at=datetime.now(UTC) - timedelta(seconds=1))
        began = time.process_time()
        dispatcher._ask_all(datetime.now(UTC), look)
        return time.process_time() - began

    turn()
    runs = Run.objects.count()
    written: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip().upper().startswith(("SELECT", "BEGIN", "SAVEPOINT", "RELEASE", "PRAGMA", "COMMIT")):
            written.append(sql)
        return execute(sql, params, many, context)

    costs = [turn() for _ in range(turns)]
    # Watched by itself, so that watching is not part of the cost.
    with connection.execute_wrapper(note):
        turn()
    records = [
        sql for sql in written if any(table in sql for table in ("linkrow", "journal", "problem", "cursor", "history", "_run"))
    ]
    return {
        "costs": costs,
        "streams": due.count(),
        "runs": Run.objects.count() - runs,
        "records": len(records),
        "written": len(written) - 1,
    }


def hub_mortal(address: str, deaths: float, seed: int) -> dict[str, Any]:
    """Carry a run through, but die by SIGKILL, with this chance each time, when an invoice was made and nothing of it is saved yet."""
    import random
    import signal

    import httpx2

    _loaded()
    _without_waiting(settle=True)
    chance = random.Random(seed)  # noqa: S311  no secret
    real = httpx2.HTTPTransport.handle_request

    def handle_request(self: httpx2.HTTPTransport, request: httpx2.Request) -> httpx2.Response:
        answer = real(self, request)
        if request.method == "POST" and request.url.path == "/3/invoices" and chance.random() < deaths:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    httpx2.HTTPTransport.handle_request = handle_request  # type: ignore[method-assign]
    from benches import hub

    for _ in range(8):
        # What is still unsure after a run is settled by the next; what failed for a moment is tried again.
        _due_now()
        run = hub.sync(address)
        if not hub.problems(address) and run["counts"]["failed"] == 0:
            break
    return _short(run)


def hub_storm(address: str, seed: int) -> dict[str, Any]:
    """Carry a run through without a budget; with a seed, one in four is killed at one of its first forty requests."""
    import random
    import signal

    import httpx2

    from benches import hub

    _loaded()
    _without_waiting(settle=False)
    chance = random.Random(seed)  # noqa: S311  no secret
    left = chance.randrange(2, 40) if seed and chance.random() < 0.25 else 0
    real = httpx2.HTTPTransport.handle_request

    def handle_request(self: httpx2.HTTPTransport, request: httpx2.Request) -> httpx2.Response:
        nonlocal left
        answer = real(self, request)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    httpx2.HTTPTransport.handle_request = handle_request  # type: ignore[method-assign]
    return _short(hub.sync(address))


def hub_keeps_syncing(address: str, admin: str, ids: list[int]) -> dict[str, Any]:
    """Change ten records in webCRM and sync, again and again without a budget, until SIGTERM."""
    from itertools import count

    import httpx2

    from benches import hub

    _loaded()
    _without_waiting(settle=True)
    with httpx2.Client(base_url=admin, timeout=30, verify=False) as office:
        for turn in count():
            for place in range(10):
                id = ids[(turn * 10 + place) % len(ids)]
                office.put(f"records/Organisation/{id}", json={"OrganisationTelephone": f"0470-{turn:06}"}).raise_for_status()
            hub.sync(address)
    raise AssertionError("it counts for ever")


def hub_dies(address: str, boundary: int) -> None:
    """Carry a run through in this process and die at that boundary; 0: at none, and settle what a death left."""
    import signal

    import httpx2
    from django.db.backends.base.base import BaseDatabaseWrapper

    _without_waiting(settle=False)
    left = boundary

    def at() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            at()
            result = real(*given, **named)
            at()
            return result

        return call

    if boundary:
        httpx2.HTTPTransport.handle_request = around(httpx2.HTTPTransport.handle_request)  # type: ignore[method-assign]
        BaseDatabaseWrapper.commit = around(BaseDatabaseWrapper.commit)  # type: ignore[method-assign]
    from benches import hub

    for _ in range(1 if boundary else 2):
        _due_now()
        hub.sync(address)


def _due_now() -> None:
    """Let what waits for its time be due, as if a while had passed."""
    from brygga.store.models import Problem

    Problem.objects.filter(state=Problem.State.OPEN).exclude(look_at=None).update(look_at=datetime.now(UTC))


def _without_waiting(*, settle: bool) -> None:
    """Keep to no budget; settle: still wait for a slow system to show what it has taken in."""
    from functools import partial

    from brygga.clients.limits import Unlimited
    from brygga.sync import open as opening
    from brygga.sync.context import Context

    changed: dict[str, Any] = {"Permits": lambda budget, **window: Unlimited()}
    if not settle:
        changed["Context"] = partial(Context, sleep=lambda seconds: None)
    for name, value in changed.items():
        setattr(opening, name, value)


def floor_full(base_url: str, token: str, memory: str, since: float | None = None) -> dict[str, Any]:
    """Let the floor read the register of articles, or what changed in it since."""
    from benches.floor import Floor

    floor = Floor(base_url, token, memory)
    when = None if since is None else datetime.fromtimestamp(since, UTC)
    found = _measured(lambda: {"changed": floor.changed("articles", "Articles", "ArticleNumber", when)})
    return {**found, "requests": floor.requests, "refused": floor.refused}


def floor_details(base_url: str, token: str) -> dict[str, Any]:
    """Let the floor read each invoice."""
    from benches.floor import Floor

    floor = Floor(base_url, token)
    return _measured(lambda: {"items": floor.details("invoices", "Invoices", "Invoice", "DocumentNumber")})


def floor_polls(base_url: str, token: str, turns: int, registers: dict[str, list[str]]) -> dict[str, Any]:
    """Let the floor ask these registers (address -> name of the list, of the key) for what changed lately, in one live process."""
    from benches.floor import Floor

    floor = Floor(base_url, token)
    since = datetime.now(UTC) - timedelta(minutes=2)

    def turn() -> float:
        began = time.process_time()
        for register, (many, key) in registers.items():
            floor._answers.clear()
            floor.changed(register, many, key, since)
        return time.process_time() - began

    turn()
    return {"costs": [turn() for _ in range(turns)]}


def _loaded() -> None:
    from brygga import store

    store.setup()
    import brygga.sync.start  # noqa: F401  not part of what is measured


def _short(run: dict[str, Any]) -> dict[str, Any]:
    return {name: run[name] for name in ("status", "counts", "requests", "message")}


JOBS: dict[str, Callable[..., dict[str, Any]]] = {
    job.__name__: job
    for job in (hub_sync, hub_plan, hub_polls, hub_mortal, hub_storm, hub_keeps_syncing, floor_full, floor_details, floor_polls)
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(JOBS[sys.argv[1]](**json.loads(sys.argv[2]))) + "\n")
