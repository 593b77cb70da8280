"""What one run carries with it. Built once, passed in, never imported."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from brygga.connectors.contract import Connector, Stream
from brygga.core.policy import Side
from brygga.core.seen import Seen
from brygga.errors import Sentence
from brygga.store import cursors, problems
from brygga.store.models import Integration, Run


@dataclass(frozen=True, slots=True)
class Pace:
    """How much a run takes on at once.

    details_at_once  details of Fortnox read in one run; beyond that a first import goes by the list, and the rest waits
    again_after      how long after our own write the detail is read once more (the list counts whole minutes)
    details_after    how long after a first import by the list the first details are read: by the runs to come, not by this one
    settle           how long after a doubtful write we look again before we say that it did not happen
    again_at_once    how many records waiting for a second look one run takes
    clocks_apart     how far a system's clock may differ from ours: so much is read twice
    """

    details_at_once: int = 500
    again_after: timedelta = timedelta(minutes=4)
    details_after: timedelta = timedelta(minutes=1)
    settle: timedelta = timedelta(seconds=3)
    again_at_once: int = 100
    clocks_apart: timedelta = timedelta(minutes=2)


_RECORDS = 10
"""So many records are worked on between two times that the run's row is told of them."""


@dataclass(slots=True)
class Context:
    """One run of one stream: who, what, when, and with which connectors."""

    integration: Integration
    stream: Stream
    run: Run
    connectors: Mapping[Side, Connector]
    requests: Counter[str]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    still_mine: Callable[[], None] = lambda: None
    """Raises when another process has taken the company over: then nothing more is written."""
    told: Callable[[Run], None] = lambda run: None
    pace: Pace = field(default_factory=Pace)
    puts_off: bool = False
    """True for runs of the engine: a system that is away or busy ends the attempt and not the run, which is queued again."""
    dry: bool = False
    """True while only a plan is made: the run is not in the database."""
    closers: list[Callable[[], None]] = field(default_factory=list)
    companions: tuple[Stream, ...] = ()
    """The streams that are carried through after this one in the same run, in this order."""
    follows: bool = False
    """Whether this stream follows another of the same run."""
    more: bool = False
    """Whether another stream of the same run follows, so that the run has not ended with this one."""
    expects: frozenset[tuple[str, Side, str]] = frozenset()
    """Only while a plan is made: kind, side and id of the records that an earlier part of it would make on the other side."""
    calls: list[dict[str, object]] = field(default_factory=list)
    """The requests since the last write began: system, method, path without its query, status. What the timeline of a record shows."""
    asked: set[int] = field(default_factory=set)
    """The ids of the connections whose system has answered."""
    found: dict[tuple[Side, str], Seen] = field(default_factory=dict)
    """Records that were found, whole, by looking for doubtful writes: what is read next is brought together with them, and then forgotten."""
    advice: Sentence | None = None
    """What the run has to say to a person though nothing went wrong."""

    kept: int = field(default=0, init=False)
    """How many records of the present step the run's row tells of."""
    unsolved: dict[Side, set[str]] = field(default_factory=dict, init=False)
    """side -> ids of the records with which something was wrong when that was first asked for."""
    positions: dict[str, datetime] | None = field(default=None, init=False)
    """side -> when its last complete reading began, once that has been asked for."""

    def __enter__(self) -> Context:
        return self

    def __exit__(self, *_: object) -> None:
        for close in self.closers:
            close()

    @property
    def id(self) -> int:
        return int(self.integration.pk)

    def system(self, side: Side) -> str:
        return self.connectors[side].system

    def position(self, side: Side) -> datetime | None:
        """Return when the last complete reading of a side began, as it was before this run; None when it was never read."""
        if self.positions is None:
            self.positions = cursors.positions(self.id, self.stream.name)
        return self.positions.get(side)

    def troubled(self, side: Side) -> set[str]:
        """Return the ids of the records of a side with which something was wrong before this run, dismissed ones too."""
        if side not in self.unsolved:
            self.unsolved[side] = problems.unsolved_ids(self.id, self.stream.name, side)
        return self.unsolved[side]

    def believable(self, side: Side) -> datetime | None:
        """Return how far a side was surely read before this run; see `cursors.believable`."""
        return cursors.believable(self.id, self.stream.name, side, self.position(side), self.clock())

    def called(self, side: Side) -> str:
        """Return what people call the system of a side."""
        return self.stream.rules.called(side)

    def progress(self, step: str, done: int = 0, of: int = 0) -> None:
        """Say how far the run has come: on the terminal, and, with each step and each ten records, in the run's row, which pages show."""
        begun = (step, of) != (self.run.step, self.run.all_items)
        self.run.step, self.run.done_items, self.run.all_items = step, done, of
        self.run.requests = dict(self.requests)
        if not self.dry and (begun or done - self.kept >= _RECORDS):
            self.kept = done
            self.run.save(update_fields=["step", "done_items", "all_items", "requests"])
        self.told(self.run)
