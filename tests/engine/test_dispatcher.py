"""What is due becomes a run: once, at its own beat, both sides together when both are due."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from traces import integration_of

from brygga import engine
from brygga.engine import dispatcher, port
from brygga.store.models import Integration, Run, StreamState
from databases import DatabaseUnderTest

NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
SIX_MINUTES = {"mode": "every", "every": 360, "offset": 0}


def _stream(integration: Integration, left: datetime | None, right: datetime | None, schedule: Any = None) -> StreamState:
    return StreamState.objects.create(
        integration=integration, name="customers", schedule=schedule or SIX_MINUTES, next_left_at=left, next_right_at=right
    )


def test_due_side_becomes_a_run_and_goes_on_at_its_beat(database: DatabaseUnderTest) -> None:
    state = _stream(integration_of("acme"), NOON, NOON + timedelta(minutes=3))
    assert dispatcher.dispatch(NOON + timedelta(seconds=8)) == 1
    run = Run.objects.get()
    assert (run.sides, run.trigger, run.status, run.queued_at, run.handed_over) == (["left"], "clock", "queued", NOON, True)
    state.refresh_from_db()
    assert (state.next_left_at, state.next_right_at) == (NOON + timedelta(minutes=6), NOON + timedelta(minutes=3))
    assert port.fates([run.pk]) == {run.pk: "ENQUEUED"}
    assert dispatcher.dispatch(NOON + timedelta(seconds=18)) == 0


def test_both_sides_due_are_one_run(database: DatabaseUnderTest) -> None:
    _stream(integration_of("acme"), NOON, NOON + timedelta(seconds=2))
    dispatcher.dispatch(NOON + timedelta(seconds=8))
    assert Run.objects.get().sides == ["left", "right"]


def test_other_side_that_becomes_due_joins_the_run_that_still_waits(database: DatabaseUnderTest) -> None:
    _stream(integration_of("acme"), NOON, NOON + timedelta(minutes=3))
    dispatcher.dispatch(NOON)
    dispatcher.dispatch(NOON + timedelta(minutes=3))
    assert Run.objects.get().sides == ["left", "right"]
    Run.objects.update(status="running")
    dispatcher.dispatch(NOON + timedelta(minutes=6))
    assert sorted(run.sides for run in Run.objects.all()) == [["left"], ["left", "right"]]


def test_hours_that_nobody_looked_give_one_run(database: DatabaseUnderTest) -> None:
    state = _stream(integration_of("acme"), NOON, None)
    dispatcher.dispatch(NOON + timedelta(hours=5, minutes=1))
    assert Run.objects.count() == 1
    state.refresh_from_db()
    assert state.next_left_at == NOON + timedelta(hours=5, minutes=6)


def test_four_dispatchers_at_once_ask_for_each_stream_once(database: DatabaseUnderTest) -> None:
    for number in range(12):
        _stream(integration_of(f"company-{number}"), NOON, NOON)

    def work() -> None:
        dispatcher.dispatch(NOON)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Run.objects.count() == 12
    assert set(port.fates(list(Run.objects.values_list("pk", flat=True))).values()) == {"ENQUEUED"}


def test_integration_that_is_switched_off_is_not_run(database: DatabaseUnderTest) -> None:
    integration = integration_of("acme")
    _stream(integration, NOON, NOON)
    Integration.objects.update(active=False)
    assert dispatcher.dispatch(NOON) == 0


def test_run_that_somebody_asked_for_is_handed_over_once_and_not_before_its_time(database: DatabaseUnderTest) -> None:
    run = engine.request(integration_of("acme"), "customers", only=["customer:8812"])
    later = engine.request(run.integration, "customers", trigger="retry")
    Run.objects.filter(pk=later.pk).update(not_before=NOON + timedelta(minutes=5))
    assert dispatcher.dispatch(NOON) == 1
    assert dispatcher.dispatch(NOON) == 0
    assert dispatcher.dispatch(NOON + timedelta(minutes=6)) == 1


def test_nudged_run_is_in_the_queue_at_once(database: DatabaseUnderTest) -> None:
    run = engine.request(integration_of("acme"), "customers")
    engine.nudge(run.pk)
    assert port.fates([run.pk]) == {run.pk: "ENQUEUED"}
    assert dispatcher.dispatch(NOON) == 0


def test_event_joins_the_run_that_waits(database: DatabaseUnderTest) -> None:
    integration = integration_of("acme")
    first = engine.request(integration, "customers", sides=["right"], trigger="event")
    assert engine.request(integration, "customers", sides=["right"], trigger="event").pk == first.pk
    assert engine.request(integration, "customers", sides=["left"], trigger="clock").pk == first.pk
    assert Run.objects.get().sides == ["left", "right"]
    assert engine.request(integration, "customers", trigger="person").pk != first.pk


def test_new_schedule_gets_its_first_times_half_a_period_apart(database: DatabaseUnderTest) -> None:
    """WEB-05, WEB-06, WEB-07: every six minutes, the two sides three minutes apart."""
    state = _stream(integration_of("acme"), None, None)
    manual = StreamState.objects.create(integration=state.integration, name="articles", schedule={"mode": "manual"})
    assert dispatcher.dispatch(NOON) == 0
    state.refresh_from_db()
    manual.refresh_from_db()
    left, right = state.next_left_at, state.next_right_at
    assert left is not None
    assert right is not None
    assert NOON < left <= NOON + timedelta(minutes=6)
    assert abs(left - right) == timedelta(minutes=3)
    assert left.minute % 6 == 0
    assert (manual.next_left_at, manual.next_right_at) == (None, None)


@given(
    st.integers(60, 86_400),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - bounds are given without zone
    st.integers(0, 10**7),
)
def test_next_time_is_the_first_of_its_beat_after_now(every: int, due: datetime, late: int) -> None:
    due = due.replace(tzinfo=UTC)
    now = due + timedelta(seconds=late)
    after = dispatcher.following({"mode": "every", "every": every}, due, now)
    assert after is not None
    assert now < after <= now + timedelta(seconds=every)
    assert (after - due) % timedelta(seconds=every) == timedelta(0)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-20T09:00:00+01:00", "2026-11-20T10:10:00+01:00"),
        ("2026-11-20T10:10:00+01:00", "2026-11-21T10:10:00+01:00"),
        ("2026-10-24T12:00:00+02:00", "2026-10-25T10:10:00+01:00"),
        ("2026-03-28T12:00:00+01:00", "2026-03-29T10:10:00+02:00"),
    ],
)
def test_daily_time_is_by_the_clocks_in_sweden(now: str, expected: str) -> None:
    moment = datetime.fromisoformat(now)
    found = dispatcher.following({"mode": "at", "at": "10:10"}, moment, moment)
    assert found is not None
    assert found == datetime.fromisoformat(expected)
    assert found.astimezone(ZoneInfo("Europe/Stockholm")).time() == time(10, 10)
