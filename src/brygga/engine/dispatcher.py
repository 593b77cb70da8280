"""What is due becomes a run. One look every few seconds for all streams of all companies.

Any number of workers may dispatch at once: a stream's times are moved on by a conditional update, in the same transaction that
asks for the run, so one of them does it. A stream that was due several times while nobody looked gets one run, and goes on at
its own beat.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from brygga.core.schedule import next_daily
from brygga.engine import port
from brygga.engine.requests import request
from brygga.store.ids import slot_id
from brygga.store.models import Run, StreamState

_AT_ONCE = 500

_log = logging.getLogger(__name__)


def dispatch(now: datetime | None = None) -> int:
    """Ask for a run of each stream that is due, and hand over all runs that wait to be; return how many were handed over."""
    now = now or timezone.now()
    begin_new_schedules(now)
    while len(due := _due(now)) > 0:
        for state in due:
            _ask(state, now)
        if len(due) < _AT_ONCE:
            break
    return hand_over_waiting(now)


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
    return list(due.select_related("integration").order_by("pk")[:_AT_ONCE])


def _ask(state: StreamState, now: datetime) -> None:
    times = {"left": state.next_left_at, "right": state.next_right_at}
    due = {side: at for side, at in times.items() if at is not None and at <= now}
    after = {side: following(state.schedule, at, now) if side in due and at else at for side, at in times.items()}
    first = min(due.values())
    with transaction.atomic():
        moved = StreamState.objects.filter(pk=state.pk, next_left_at=state.next_left_at, next_right_at=state.next_right_at).update(
            next_left_at=after["left"], next_right_at=after["right"]
        )
        if moved:
            run_id = slot_id(first, state.pk, *due)
            run = request(state.integration, state.name, sides=due, trigger="clock", run_id=run_id, at=first)
            _log.debug("%s is due: run %s", state, run.pk)
