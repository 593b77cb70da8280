"""When a stream runs, and from when it asks for changes (accounting.md 9). All instants are aware and in UTC.

Ticks are anchored at midnight UTC. Stockholm is whole hours from UTC, so a period that divides the hour shows the same minutes
on the wall clock all year, and clock changes neither skip nor double one.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")
_MINUTE: Final = timedelta(minutes=1)
_MINUTES_A_DAY: Final = 1440
_MIDNIGHT: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs its time zone; {instant} has none")
    return instant.astimezone(UTC)


def _check(period_minutes: int, offset_minutes: int) -> None:
    if period_minutes < 1 or _MINUTES_A_DAY % period_minutes:
        raise ValueError(f"a period divides the day (1440 minutes) evenly; {period_minutes} minutes do not")
    if not 0 <= offset_minutes < period_minutes:
        raise ValueError(f"an offset is from 0 up to the period of {period_minutes} minutes, not {offset_minutes}")


def _ticks(instant: datetime, period_minutes: int, offset_minutes: int) -> int:
    """Return how many ticks lie from the beginning up to an instant, that one included."""
    return (instant - _MIDNIGHT - timedelta(minutes=offset_minutes)) // timedelta(minutes=period_minutes)


def next_tick(now: datetime, period_minutes: int, offset_minutes: int = 0) -> datetime:
    """Return the first tick strictly after *now*: with 6 and 3 at minutes 3, 9, 15 and so on.

    Raises ValueError for a period that does not divide the day, an offset outside the period, and an instant without zone.
    """
    _check(period_minutes, offset_minutes)
    number = _ticks(_utc(now), period_minutes, offset_minutes) + 1
    return _MIDNIGHT + timedelta(minutes=offset_minutes + number * period_minutes)


def missed_ticks(last_run: datetime, now: datetime, period_minutes: int, offset_minutes: int = 0) -> int:
    """Return how many ticks came after the last run, up to and including *now*; any number of them is one run.

    0 when the clock went back. Raises ValueError as `next_tick`.
    """
    _check(period_minutes, offset_minutes)
    until = _ticks(_utc(now), period_minutes, offset_minutes)
    return max(0, until - _ticks(_utc(last_run), period_minutes, offset_minutes))


def next_daily(now: datetime, local_time: time, zone: ZoneInfo = STOCKHOLM) -> datetime:
    """Return the first instant strictly after *now* at which the wall clock shows *local_time*.

    A time inside the gap in spring runs as long after it; a time in the repeated hour runs once, at its first occurrence.
    Raises ValueError for an instant without zone, and a wall clock time with one.
    """
    if local_time.tzinfo is not None:
        raise ValueError(f"a time of the day is a wall clock's, without zone, not {local_time}")
    utc = _utc(now)
    day = utc.astimezone(zone).date()
    while (found := _on(day, local_time, zone)) <= utc:
        day += timedelta(days=1)
    return found


def _on(day: date, local_time: time, zone: ZoneInfo) -> datetime:
    """Return the instant of a wall clock time; fold 0 is the first of two, and inside the gap the same distance after it."""
    return datetime.combine(day, local_time.replace(fold=0), zone).astimezone(UTC)


def _is_repeated(local: datetime) -> bool:
    """Whether the wall clock shows this time twice that day."""
    first, second = local.replace(fold=0), local.replace(fold=1)
    return (first.utcoffset() or timedelta()) > (second.utcoffset() or timedelta())


def lastmodified_param(cursor: datetime, overlap_minutes: int) -> str:
    """Return `lastmodified` for Fortnox' change search: Stockholm's wall clock, to the minute, without offset.

    The overlap is subtracted first; a time in the repeated hour of autumn becomes the last minute before that hour, since
    duplicates are harmless and gaps are not. Raises ValueError for a negative overlap and an instant without zone.
    """
    if overlap_minutes < 0:
        raise ValueError(f"an overlap is 0 minutes or more, not {overlap_minutes}")
    local = (_utc(cursor) - timedelta(minutes=overlap_minutes)).astimezone(STOCKHOLM).replace(second=0, microsecond=0)
    while _is_repeated(local):
        local = local - _MINUTE
    return local.strftime("%Y-%m-%d %H:%M")
