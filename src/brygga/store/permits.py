"""The request budget of one tenant, shared exactly by all threads and processes (Fortnox API, section 4).

Fortnox allows 25 requests in any 5 seconds for each client id and tenant, and counts them when they arrive, which we do not see. A
request has surely arrived when its answer is here, so a permit is counted from then: whoever sends 25 more at the earliest 5 seconds
after the 25th last *answer* never has 26 in a window, however slow or uneven the way is. Until the answer comes, a permit counts from
a moment ahead (`ON_THE_WAY`). The permits of the last seconds stand in one row for each tenant; who wants one locks the row,
counts and adds, and says in the same stroke which of its own were answered. Measured: some 0.1 ms on SQLite, 1 ms on PostgreSQL.

Lanes, in order of patience: person, event, poll, back-fill. The patient ones always leave a few permits free, and more for a
minute after a person has asked for one, so that nobody who presses a button waits behind the night's work.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from brygga.errors import Unavailable
from brygga.store.databases import let_go
from brygga.store.models import PermitWindow

PERMITS = 25
SECONDS = 5.0
PATIENCE = 30.0

ON_THE_WAY = 0.2
"""Seconds that a request may take to arrive: so far ahead its permit is counted while it is not answered."""

KEPT_FREE = {"person": (0, 0), "event": (0, 2), "poll": (1, 3), "back-fill": (2, 6)}
"""Lane -> how many permits it leaves free when nobody is there, and while somebody is."""

_TABLE = PermitWindow._meta.db_table
_SOMEBODY_IS_THERE = 60.0
_LONGEST_CLOSURE = 3600.0


@dataclass(frozen=True, slots=True)
class Permit:
    """A permit that was given: the moment it is counted from while it is not answered, and this process's own time before that."""

    counted: float
    began: float


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of the budget is in use: permits given in the current window, by lane, and seconds until it opens again."""

    given: int
    permits: int
    lanes: dict[str, int]
    closed_for: float


class Permits:
    """The budget of one tenant. Any number of these may exist for a tenant, in any number of processes.

    tenant    client id and tenant, as one text
    patience  seconds that `acquire` may wait; a longer wait raises Unavailable, so that the run makes room for others
    """

    def __init__(
        self,
        tenant: str,
        *,
        permits: int = PERMITS,
        seconds: float = SECONDS,
        patience: float = PATIENCE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.tenant = tenant
        self.permits = permits
        self.seconds = seconds
        self.patience = patience
        self._sleep = sleep
        self._answers: dict[float, float] = {}
        """Moment that a permit was counted from -> the moment of its answer; told with the next permit."""

    def acquire(self, lane: str) -> Permit:
        """Wait for a permit to send one request, and return it. Raises Unavailable with `retry_after` when the wait would pass the patience.

        Must not be called inside a transaction: the row would stay locked for everybody until its end.
        """
        if lane not in KEPT_FREE:
            raise ValueError(f"there is no lane {lane!r}; the lanes are {', '.join(KEPT_FREE)}")
        deadline = time.monotonic() + self.patience
        while isinstance(wait := self._take(lane), float):
            if time.monotonic() + wait > deadline:
                raise Unavailable(
                    "The request budget is used up for the next {seconds} seconds.",
                    seconds=round(wait, 1),
                    retry_after=wait,
                    repair="It is tried again later.",
                )
            let_go()
            self._sleep(wait + 0.001)
        return wait

    def answered(self, permit: object) -> None:
        """Count a permit from now on, when its answer has come or none is waited for any more."""
        if isinstance(permit, Permit):
            self._answers[permit.counted] = permit.counted - ON_THE_WAY + (time.monotonic() - permit.began)

    def closed(self, seconds: float) -> None:
        """The service said stop (429): give no permit for that long, to nobody."""
        with transaction.atomic(durable=True):
            row = self._locked_row()
            row.closed_until = max(row.closed_until, _now() + min(seconds, _LONGEST_CLOSURE))
            row.save(update_fields=["closed_until"])

    def usage(self) -> Usage:
        """Say how much of the budget is in use now."""
        row = PermitWindow.objects.filter(tenant=self.tenant).first()
        if row is None:
            return Usage(0, self.permits, {}, 0.0)
        now = _now()
        lanes: dict[str, int] = {}
        for _, lane in self._in_window(row.stamps, now):
            lanes[lane] = lanes.get(lane, 0) + 1
        return Usage(sum(lanes.values()), self.permits, lanes, max(0.0, row.closed_until - now))

    def _take(self, lane: str) -> Permit | float:
        """Take a permit, or return the seconds until it is worth asking again."""
        answers = dict(self._answers)
        with transaction.atomic(durable=True):
            row = self._locked_row()
            # After the lock: whoever waited for it must not count with an old time.
            began, now = time.monotonic(), _now()
            given = self._in_window([[answers.get(moment, moment), lane] for moment, lane in row.stamps], now)
            wait = self._wait(row, given, lane, now)
            row.stamps = given if wait > 0 else [*given, [now + ON_THE_WAY, lane]]
            if lane == "person":
                row.people_until = now + _SOMEBODY_IS_THERE
            _keep(row)
        for moment in answers:
            self._answers.pop(moment, None)
        return wait if wait > 0 else Permit(now + ON_THE_WAY, began)

    def _wait(self, row: PermitWindow, given: list[Any], lane: str, now: float) -> float:
        # A clock that was set back must not keep the window closed for longer than it could have been.
        if now < row.closed_until <= now + _LONGEST_CLOSURE:
            return row.closed_until - now
        somebody = now < row.people_until <= now + _SOMEBODY_IS_THERE
        ceiling = max(1, self.permits - KEPT_FREE[lane][somebody])
        if len(given) < ceiling:
            return 0.0
        # The permit whose ageing brings the count below the ceiling.
        moment: float = given[len(given) - ceiling][0]
        return moment + self.seconds - now

    def _in_window(self, stamps: list[Any], now: float) -> list[Any]:
        # A stamp from the future was given before the clock was set back: it counts as given now.
        return sorted([min(moment, now + ON_THE_WAY), lane] for moment, lane in stamps if moment > now - self.seconds)

    def _locked_row(self) -> PermitWindow:
        for _ in range(2):
            row = _found(self.tenant, lock=True)
            if row is not None:
                return row
            PermitWindow.objects.bulk_create([PermitWindow(tenant=self.tenant)], ignore_conflicts=True)
        return PermitWindow.objects.select_for_update().get(tenant=self.tenant)


# In plain SQL, as every request of the hub passes here: through the ORM it took half of what a request takes in all.
def _found(tenant: str, *, lock: bool = False) -> PermitWindow | None:
    locked = " FOR UPDATE" if lock and connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT stamps, closed_until, people_until FROM {_TABLE} WHERE tenant = %s{locked}", [tenant])  # noqa: S608
        found = cursor.fetchone()
    if found is None:
        return None
    stamps, closed, people = found
    return PermitWindow(tenant, json.loads(stamps) if isinstance(stamps, str) else stamps, closed, people)


def _keep(row: PermitWindow) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_TABLE} SET stamps = %s, people_until = %s WHERE tenant = %s",  # noqa: S608
            [json.dumps(row.stamps), row.people_until, row.tenant],
        )


def _now() -> float:
    """Unix time on the one clock that all who share the database see."""
    if connection.vendor != "postgresql":
        return time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        moment: float = cursor.fetchone()[0]
        return moment
