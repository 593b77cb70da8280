"""What is due becomes a run. One look every few seconds for all streams of all companies.

Any number of workers may dispatch at once: a stream's times are moved on by a conditional update, in the same transaction that
asks for the run, so one of them does it. A stream that was due several times while nobody looked gets one run, and goes on at
its own beat.
"""

from __future__ import annotations

import logging
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeAlias

from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from brygga.core.schedule import next_daily
from brygga.engine import port
from brygga.engine.requests import request
from brygga.store import leases
from brygga.store.ids import slot_id
from brygga.store.models import Run, StreamState

_AT_ONCE = 500
_LOOKERS = 8
"""Threads that glance at companies, each at one at a time: they wait for the systems nearly all of their time."""

Quiet: TypeAlias = Callable[[int, Sequence[tuple[StreamState, Any]]], Sequence[StreamState]]
"""Says of a company (its id) and its due streams, each with its due sides, of which a run would find nothing to do."""
Look: TypeAlias = Callable[[Sequence[StreamState], datetime], Quiet]
"""Reads what is known of the streams that are due now, of all companies, and returns what looks at one company's."""

_log = logging.getLogger(__name__)


def dispatch(now: datetime | None = None, look: Look | None = None) -> int:
    """Ask for a run of each stream that is due, and hand over all runs that wait to be; return how many were handed over.

    look  spares the runs that would find nothing; then one process at a time dispatches, since it asks the systems
    """
    now = now or timezone.now()
    begin_new_schedules(now)
    if look is None:
        _ask_all(now, None)
    elif (turn := leases.take("turn:dispatch")) is not None:
        with leases.kept(turn):
            _ask_all(now, look)
    return hand_over_waiting(now)


def _ask_all(now: datetime, look: Look | None) -> None:
    while len(due := _due(now)) > 0:
        if look is None:
            for state in due:
                _ask(state, now)
        else:
            _look_first(due, now, look)
        if len(due) < _AT_ONCE:
            break


def begin_new_schedules(now: datetime) -> None:
    """Give its first times to each stream whose schedule is new or was changed: both times empty, and a clock to run by."""
    new = StreamState.objects.filter(next_left_at=None, next_right_at=None, schedule__mode__in=["every", "at"])
    for state in new:
        left, right = first_times(state.schedule, now, spread=state.integration_id)
        StreamState.objects.filter(pk=state.pk, schedule=state.schedule, next_left_at=None, next_right_at=None).update(
            next_left_at=left, next_right_at=right
        )


def first_times(schedule: dict[str, Any], now: datetime, spread: int) -> tuple[datetime, datetime]:
    """Return when the two sides of a stream are first read, left and right.

    Every six minutes with offset 0 means 10:00, 10:06 and so on for the left, and 10:03, 10:09 for the right: half a period
    apart (rows WEB-05 to WEB-07). Within the minute each integration has its own second, so that not all begin at once.
    """
    if schedule["mode"] == "at":
        at = next_daily(now, time.fromisoformat(schedule["at"]))
        return at, at
    period = timedelta(seconds=schedule["every"])
    own_second = timedelta(seconds=spread * 37 % 60 if period >= timedelta(minutes=2) else 0)
    beat = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=schedule.get("offset", 0)) + own_second
    return following(schedule, beat, now) or now, following(schedule, beat + period / 2, now) or now


def hand_over_waiting(now: datetime) -> int:
    """Hand to the engine every queued run that it does not know of yet and whose time has come, the oldest first."""
    waiting = Run.objects.filter(Q(not_before=None) | Q(not_before__lte=now), status=Run.Status.QUEUED, handed_over=False)
    count = 0
    for run in waiting.select_related("integration").order_by("queued_at", "pk").iterator(chunk_size=_AT_ONCE):
        port.hand_over(run)
        count += 1
    return count


def following(schedule: dict[str, Any], due: datetime, now: datetime) -> datetime | None:
    """Return when a stream that was due at *due* is due next, after *now*: at its own beat, however late this is.

    None for a stream that the clock does not run.
    """
    match schedule.get("mode"):
        case "every":
            period = timedelta(seconds=schedule["every"])
            return due + period * ((now - due) // period + 1)
        case "at":
            return next_daily(now, time.fromisoformat(schedule["at"]))
        case _:
            return None


def _due(now: datetime) -> list[StreamState]:
    due = StreamState.objects.filter(Q(next_left_at__lte=now) | Q(next_right_at__lte=now), integration__active=True)
    return list(due.select_related("integration__company").order_by("pk")[:_AT_ONCE])


def _look_first(due: Sequence[StreamState], now: datetime, look: Look) -> None:
    """Move on the times of those that are quiet, and ask for runs of the others; company by company, several at once."""
    quiet = look(due, now)
    companies: dict[int, list[StreamState]] = defaultdict(list)
    for state in due:
        companies[state.integration.company_id].append(state)
    waiting = deque(companies.items())
    if len(waiting) == 1:
        _look(waiting, now, quiet)
        return
    threads = min(_LOOKERS, len(waiting))
    with ThreadPoolExecutor(threads, "glance") as pool:
        for done in [pool.submit(_look_and_close, waiting, now, quiet) for _ in range(threads)]:
            done.result()


def _look_and_close(waiting: deque[tuple[int, list[StreamState]]], now: datetime, quiet: Quiet) -> None:
    try:
        _look(waiting, now, quiet)
    finally:
        connection.close()


def _look(waiting: deque[tuple[int, list[StreamState]]], now: datetime, quiet: Quiet) -> None:
    """Take the next company until none waits."""
    while waiting:
        try:
            company, states = waiting.popleft()
        except IndexError:  # another thread took the last one
            return
        began = timezone.now()
        rest = {state.pk for state in _quiet(company, states, now, quiet)}
        for state in states:
            if state.pk in rest:
                _move_on(state, now, last_success_at=began)
            else:
                _ask(state, now)


def _quiet(company: int, states: Sequence[StreamState], now: datetime, quiet: Quiet) -> Sequence[StreamState]:
    try:
        return quiet(company, [(state, _sides(state, now)) for state in states])
    except DatabaseError:
        raise
    except Exception:
        # A fault in the program, met at one company, must not keep the others waiting: its runs will show it.
        _log.exception("the glance at company %s failed", company)
        return []


def _sides(state: StreamState, now: datetime) -> list[str]:
    times = (("left", state.next_left_at), ("right", state.next_right_at))
    return [side for side, at in times if at is not None and at <= now]


def _move_on(state: StreamState, now: datetime, **more: datetime) -> int:
    """Set the next times of the sides that are due; 0 when another process has done so."""
    due = _sides(state, now)
    times = {"left": state.next_left_at, "right": state.next_right_at}
    after = {f"next_{side}_at": following(state.schedule, at, now) if side in due and at else at for side, at in times.items()}
    mine = StreamState.objects.filter(pk=state.pk, next_left_at=state.next_left_at, next_right_at=state.next_right_at)
    return mine.update(**after, **more)


def _ask(state: StreamState, now: datetime) -> None:
    due = _sides(state, now)
    first = min(at for side, at in (("left", state.next_left_at), ("right", state.next_right_at)) if side in due and at)
    with transaction.atomic():
        if _move_on(state, now):
            run_id = slot_id(first, state.pk, *due)
            run = request(state.integration, state.name, sides=due, trigger="clock", run_id=run_id, at=first)
            _log.debug("%s is due: run %s", state, run.pk)
