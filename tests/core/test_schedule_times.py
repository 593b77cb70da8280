"""Ticks, daily times and the change cursor over clock changes (accounting.md 9)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.schedule import STOCKHOLM, lastmodified_param, missed_ticks, next_daily, next_tick

YEARS = (datetime(2020, 1, 1, tzinfo=UTC), 15 * 365 * 86_400)
SPRING = (datetime(2026, 3, 28, 22, tzinfo=UTC), 6 * 3600)
AUTUMN = (datetime(2026, 10, 24, 22, tzinfo=UTC), 6 * 3600)
instants = st.sampled_from([YEARS, SPRING, AUTUMN]).flatmap(
    lambda span: st.integers(0, span[1]).map(lambda seconds: span[0] + timedelta(seconds=seconds))
)
times = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))
rhythms = st.sampled_from([1, 2, 3, 5, 6, 10, 15, 30, 60, 120, 1440]).flatmap(
    lambda period: st.tuples(st.just(period), st.integers(0, period - 1))
)


@given(instants, rhythms)
def test_next_tick_is_the_first_after_now(now: datetime, rhythm: tuple[int, int]) -> None:
    period, offset = rhythm
    found = next_tick(now, period, offset)
    assert timedelta() < found - now <= timedelta(minutes=period)
    assert (found.second, found.microsecond) == (0, 0)
    if 60 % period == 0:
        assert found.astimezone(STOCKHOLM).minute % period == offset


@given(instants, instants, rhythms)
def test_missed_ticks_are_the_ticks_counted_one_by_one(one: datetime, other: datetime, rhythm: tuple[int, int]) -> None:
    last_run, now = one, one + (other - one) % timedelta(hours=3)
    counted, tick = 0, next_tick(last_run, *rhythm)
    while tick <= now:
        counted, tick = counted + 1, next_tick(tick, *rhythm)
    assert missed_ticks(last_run, now, *rhythm) == counted
    assert missed_ticks(now + timedelta(days=1), now, *rhythm) == 0


@given(instants, times)
def test_daily_run_comes_once_a_day_whatever_the_clock_does(now: datetime, clock: time) -> None:
    first = next_daily(now, clock)
    second = next_daily(first, clock)
    assert timedelta() < first - now <= timedelta(hours=25)
    assert timedelta(hours=23) <= second - first <= timedelta(hours=25)
    days = [run.astimezone(STOCKHOLM).date() for run in (first, second)]
    assert days[1] - days[0] == timedelta(days=1)


@given(instants, instants, times)
def test_daily_run_is_monotone(one: datetime, other: datetime, clock: time) -> None:
    earlier, later = sorted((one, other))
    assert next_daily(earlier, clock) <= next_daily(later, clock)


def test_time_in_the_spring_gap_runs_as_long_after_it() -> None:
    found = next_daily(datetime(2026, 3, 28, 20, tzinfo=UTC), time(2, 30))
    assert found.astimezone(STOCKHOLM).strftime("%d %H:%M %z") == "29 03:30 +0200"


@given(instants, st.integers(0, 120))
def test_change_cursor_never_asks_later_than_the_instant(cursor: datetime, overlap: int) -> None:
    asked = datetime.strptime(lastmodified_param(cursor, overlap), "%Y-%m-%d %H:%M").replace(tzinfo=STOCKHOLM)
    wanted = cursor - timedelta(minutes=overlap)
    for fold in (0, 1):
        meant = asked.replace(fold=fold).astimezone(UTC)
        assert timedelta() <= wanted - meant < timedelta(hours=2, minutes=1)


@given(instants, instants)
def test_change_cursor_is_monotone(one: datetime, other: datetime) -> None:
    earlier, later = sorted((one, other))
    assert lastmodified_param(earlier, 5) <= lastmodified_param(later, 5)


def test_what_cannot_be_scheduled_is_refused() -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for period in (0, -6, 7, 1441):
        with pytest.raises(ValueError, match="divides the day"):
            next_tick(now, period)
    for offset in (-1, 6):
        with pytest.raises(ValueError, match="an offset is from 0 up to the period of 6"):
            missed_ticks(now, now, 6, offset)
    with pytest.raises(ValueError, match="needs its time zone"):
        next_tick(datetime(2026, 11, 20, 12), 6)  # noqa: DTZ001
    with pytest.raises(ValueError, match="a wall clock's, without zone"):
        next_daily(now, time(10, 10, tzinfo=UTC))
    with pytest.raises(ValueError, match="0 minutes or more"):
        lastmodified_param(now, -1)


def test_other_zones_have_their_own_clock() -> None:
    now = datetime(2026, 7, 1, tzinfo=UTC)
    assert next_daily(now, time(10, 10), ZoneInfo("Europe/London")) == datetime(2026, 7, 1, 9, 10, tzinfo=UTC)
    assert next_daily(now, time(10, 10), ZoneInfo("Pacific/Kiritimati")) == datetime(2026, 7, 1, 20, 10, tzinfo=UTC)
