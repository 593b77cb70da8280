"""Random days of an office whose documents go over while everything goes wrong that can, drawn from a seed.

New sales, orders, assignments, deliveries and payments come in any moment; answers are lost, cut, late or web pages; systems fail before and
after the commit; lists are slow; tokens run out and are withdrawn; clocks jump; the database breaks off at any boundary and the hub dies at
any, and are taken up again; a second worker takes over while the first one sleeps.
Whenever it comes to rest, the books of each document are those of an undisturbed run: nothing doubled, missing or half done.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

from django.db import InterfaceError, OperationalError, connection
from django.db.transaction import TransactionManagementError

from brygga.store import leases
from brygga.store.models import JournalEntry, Lease, Problem
from proof.crash import at_rest, dies_in_process
from proof.world import Line

WRITES = "POST|PUT|PATCH"
WIRE = ("GET ", "POST ", "PUT ", "PATCH ", "DELETE ")
"""How the boundaries on the wire begin; the others are the database's."""
FAULTS = (
    "lost_request", "lost_answer", "error_before", "error_after", "rate_limit", "slow", "cut_body", "html", "hide",
    "revoke_tokens", "expire_access_tokens",
)  # fmt: skip
ACTS: dict[str, int] = {
    "new": 20,
    "fault": 30,
    "run": 18,
    "killed run": 14,
    "wait": 10,
    "database breaks off": 6,
    "clock jumps": 4,
    "second worker": 4,
}


class Days:
    """One history: `go` carries it on, `lines` tells it; the same seed gives the same history."""

    acts: ClassVar[dict[str, int]] = ACTS
    drift = 0.0

    def __init__(self, scenario: Any, seed: int) -> None:
        self._begin(scenario, seed)
        nothing = scenario.books("d0000")
        scenario.act("d0000")
        at_rest(scenario)
        self.expected = scenario.books("d0000")
        assert self.expected != nothing, "the books do not tell what was done"

    def _begin(self, scenario: Any, seed: int) -> None:
        self.scenario, self.random = scenario, random.Random(seed)
        random.seed(seed)  # the clients' own jitter
        self.world: Line = scenario.world
        self.counts: Counter[str] = Counter()
        self.lines: list[str] = []
        self.open: list[str] = []
        self.made = 0

    def go(self, operations: int, rest_every: int = 30) -> None:
        """Let *operations* things happen. Raises AssertionError, with the history, when the books are wrong at rest."""
        acts: dict[str, Callable[[], str]] = {name: getattr(self, "_" + name.replace(" ", "_")) for name in self.acts}
        try:
            for number in range(1, operations + 1):
                [act] = self.random.choices(list(self.acts), weights=list(self.acts.values()))
                self.counts[act] += 1
                self.lines.append(f"{number} {act}: {acts[act]()}")
                if number % rest_every == 0 or number == operations:
                    self._rest()
        except BaseException as error:
            error.add_note("\n".join(self.lines[-60:]))
            raise

    def _new(self) -> str:
        self.made += 1
        mark = f"d{self.made:04}"
        self.scenario.act(mark)
        self.open.append(mark)
        return mark

    def _fault(self) -> str:
        system = self.random.choice(list(self.world.systems.values()))
        kinds = FAULTS if system is self.world.fortnox else FAULTS[:-2]
        kind = self.random.choice(kinds)
        more: dict[str, Any] = {"times": self.random.choice((1, 1, 2))}
        if kind in ("lost_answer", "error_after", "cut_body"):
            more["method"] = self.random.choice((WRITES, ".*"))
        if kind == "slow":
            more["seconds"] = 5.0
        if kind == "hide":
            more["seconds"] = 2.0  # below the settle time: what shows later than that cannot be told from what never happened
        if kind == "rate_limit":
            more["retry_after"] = 2
        system.faults.arm(kind, **more)
        return f"{system.base_url} {kind} {more}"

    def _run(self) -> str:
        self.scenario.sync()
        return ""

    def _killed_run(self) -> str:
        where = dies_in_process(self.scenario, self.random.randint(1, 150))
        # Others see that a dead process held these; this one lives on.
        Lease.objects.update(until=leases._LONG_AGO)
        self.counts["kills"] += bool(where)
        return where or "it ended before"

    def _wait(self) -> str:
        seconds = self.random.choice((60, 301, 1200))
        self.world.pass_time(seconds)
        return f"{seconds} s"

    def _database_breaks_off(self) -> str:
        """Let the connection be gone at some boundary of a run, as when the server restarts: what was not committed is lost."""

        def break_off() -> str:
            if not where[0].startswith(WIRE):
                raise OperationalError("server closed the connection unexpectedly")
            connection.close()
            return "the database broke off"

        where = [""]

        def seen(kind: str) -> bool:
            where[0] = kind
            return True

        return self._at_some_boundary(self.random.randint(1, 150), break_off, seen)

    def _second_worker(self) -> str:
        """The first worker sleeps past its lease, another one does the work, and the first one wakes."""

        def take_over() -> str:
            Lease.objects.filter(name__startswith="company:").update(until=leases._LONG_AGO)
            self.scenario.sync()
            return "another worker took over"

        return self._at_some_boundary(self.random.randint(1, 40), take_over, lambda kind: kind.startswith("GET"))

    def _at_some_boundary(self, left: int, act: Callable[[], str], where: Callable[[str], bool] = lambda kind: True) -> str:
        """Run, and do something else at one of the run's boundaries."""
        told: list[str] = []

        def at(kind: str) -> None:
            nonlocal left
            left -= where(kind)
            if left == 0 and not told:
                told.append(kind)
                self.world.at = lambda kind: None
                told.append(act())

        self.world.at = at
        try:
            self.scenario.sync()
        except (OperationalError, InterfaceError, TransactionManagementError) as error:
            # The engine puts such a run back; nobody renews its lease.
            connection.close()
            told.append(type(error).__name__)
            Lease.objects.update(until=leases._LONG_AGO)
        finally:
            self.world.at = lambda kind: None
        return "; ".join(told) or "it ended before"

    def _clock_jumps(self) -> str:
        """The clock of the hub's machine is set wrong, for one run far ahead, or a little for good."""
        seconds = self.random.choice((-60, -20, 20, 60, 3600))
        if seconds == 3600:
            self.world.jump(3600)
            self.scenario.sync()
            self.world.jump(-3600)
            return "an hour ahead for one run"
        if abs(self.drift + seconds) > 90:
            return "it is wrong enough"
        self.drift += seconds
        self.world.jump(seconds)
        return f"{seconds} s"

    def _rest(self) -> None:
        for system in self.world.systems.values():
            system.faults.clear()
        self.world.pass_time(3700)
        for _ in range(3):
            self.scenario.sync()
            self.world.pass_time(3700)
        at_rest(self.scenario)
        self.counts["rests"] += 1
        for mark in self.open:
            found = self.scenario.books(mark)
            standing = [problem.sentence["text"] for problem in Problem.objects.filter(state="open").exclude(sort="skip")]
            assert found == self.expected, f"{mark}: {found} instead of {self.expected}; open: {standing}"
        assert not JournalEntry.objects.filter(state=JournalEntry.State.BEGUN).exists(), "a write of the journal is open"
        self.counts["documents"] += len(self.open)
        self.open.clear()
