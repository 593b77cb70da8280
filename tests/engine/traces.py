"""Companies with streams, and a little work that leaves traces."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from brygga.store.models import Company, Integration, Run
from databases import DatabaseUnderTest

QUICK = "dispatch=0.2,poll=0.05,beat=0.3,silent=2,settle=1,grace=2"
PROGRAM = Path(__file__).with_name("working.py")


def integration_of(slug: str, system: str = "webcrm") -> Integration:
    """Make a company with one integration."""
    company, _ = Company.objects.get_or_create(slug=slug, defaults={"name": slug})
    return Integration.objects.create(company=company, system=system)


def eventually(true: Callable[[], object], seconds: float = 90.0) -> None:
    """Wait until something is so; fail when it is not in time."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come to be in time"
        time.sleep(0.05)


def all_ended() -> bool:
    """Say whether there are runs and all have ended."""
    return Run.objects.exists() and not Run.objects.filter(ended_at=None).exists()


class Workers:
    """Worker processes whose work writes a line when it begins and when it ends."""

    def __init__(self, database: DatabaseUnderTest) -> None:
        self.database = database
        self.traces = database.home / "traces"
        self.traces.touch()
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, seconds: float = 0.0) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), name, str(self.traces), str(seconds)],
            env=self.database.environment(BRYGGA_PACE=QUICK),
        )
        self.processes.append(process)
        return process

    def lines(self) -> list[tuple[str, str, str]]:
        """The traces: (begin or end, run, worker)."""
        found = []
        for line in self.traces.read_text().splitlines():
            what, run, worker = line.split()
            found.append((what, run, worker))
        return found


@pytest.fixture
def workers(database: DatabaseUnderTest) -> Iterator[Workers]:
    started = Workers(database)
    yield started
    for process in started.processes:
        if process.poll() is None:
            process.kill()
        process.wait()


def alive(pid: int) -> bool:
    """Say whether a process lives; one that has ended and is not yet waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def children_of(pid: int) -> list[int]:
    """Return the processes below a process, all generations."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                parent = int(Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == pid:
                found += [int(entry), *children_of(int(entry))]
    return found
