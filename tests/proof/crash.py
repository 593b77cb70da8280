"""Let the hub die at every boundary of a run, found by counting, and compare the books with those of an undisturbed run.

A boundary lies before each request leaves, after each answer, and before and after each commit. In one process, what died leaves
its run, its lease and its journal as they were; open transactions are rolled back, as the database would. `proof.dying` does the
same by a real process and SIGKILL.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from brygga.store import leases
from brygga.store.models import JournalEntry, Lease, LinkRow
from proof.world import Killed, Stop

REST = 4
"""After so many runs nothing is left to look at again."""


class Passing(Protocol):
    """Where it happens: a hub whose time can be let go on. What is killed in one process is told at each boundary by `at`."""

    at: Callable[[str], None]

    def pass_time(self, seconds: float) -> None: ...


class Scenario(Protocol):
    """One stream with writes: something happens to a few records that carry a mark, and the books tell what became of them."""

    @property
    def world(self) -> Passing: ...

    def sync(self) -> object:
        """Run what is to be killed."""

    def act(self, mark: str) -> None:
        """Let people in both offices do what the stream is there for; every record made carries the mark."""

    def books(self, mark: str) -> object:
        """Return what both sides hold of this mark, without numbers that differ from time to time."""


def at_rest(scenario: Scenario) -> None:
    """Run until a run has written nothing and left nothing to look at again, or two have written nothing."""
    quiet = 0
    for _ in range(REST):
        written = JournalEntry.objects.count()
        scenario.world.pass_time(301)
        scenario.sync()
        quiet = quiet + 1 if JournalEntry.objects.count() == written else 0
        if quiet == 2 or (quiet and not LinkRow.objects.exclude(look_again_at=None).exists()):
            return
    raise AssertionError(f"after {REST} runs something is still under way")


def dies_in_process(scenario: Scenario, boundary: int) -> str:
    """Run until that boundary and leave everything as a dead process would; return where it was, "" if it was not reached."""
    world = scenario.world
    world.at = Stop(boundary)
    try:
        scenario.sync()
        return ""
    except Killed as killed:
        return str(killed)
    finally:
        world.at = lambda kind: None


def every_boundary(scenario: Scenario, dies: Callable[[Scenario, int], str] = dies_in_process, stride: int = 1) -> int:
    """Die at the first boundary, at the second, and so on to the last, or at every *stride*-th of them; return how often.

    Raises AssertionError where the books differ from those of an undisturbed run.
    """
    nothing = scenario.books("m000")
    scenario.act("m000")
    at_rest(scenario)
    expected = scenario.books("m000")
    assert expected != nothing, "the books do not tell what was done"
    kills = 0
    while True:
        scenario.world.pass_time(3600)
        mark = f"m{kills + 1:03}"
        scenario.act(mark)
        boundary = kills * stride + 1
        where = dies(scenario, boundary)
        if not where:
            return kills
        kills += 1
        # Others see that a dead process held these; this one lives on.
        Lease.objects.update(until=leases._LONG_AGO)
        at_rest(scenario)
        found = scenario.books(mark)
        assert found == expected, f"killed at boundary {boundary} ({where}): {found} instead of {expected}"
        assert not JournalEntry.objects.filter(state=JournalEntry.State.BEGUN).exists(), f"{boundary} ({where}): an open journal"
