"""Sides that cannot tell what changed: each reading reads all of them, so when they are read is weighed (`Stream.whole`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from brygga.core.policy import LEFT, Side
from brygga.core.record import present
from brygga.core.schedule import next_daily
from brygga.core.seen import Seen
from brygga.store import links, values
from brygga.store.links import Linked
from brygga.store.models import Problem
from brygga.sync.context import Context

HOUR: Final = 4
"""The hour of the night, in Sweden, after which a large register is read whole by the next run of its side."""

_HOME = ZoneInfo("Europe/Stockholm")
_CHUNK = 500


def is_due(context: Context, side: Side) -> bool:
    """Say whether the side is read in this run: always where it can tell what changed, and when a person asked for the run.

    Else a small register is read in each of its runs, and a large one the first time and once a night. A business system that is
    read at set times is read by the first run after each of them.
    """
    if context.run.trigger in ("person", "plan"):
        return True
    if side == LEFT and context.stream.times and not _time_has_come(context):
        return False
    most = context.stream.whole.get(side)
    if most is None:
        return True
    last = context.position(side)
    if last is None or links.count(context.id, context.stream.kind) <= most:
        return True
    return last < last_night(context.clock())


def _time_has_come(context: Context) -> bool:
    """Say whether one of the stream's times of the day lies between the last reading of the left and now."""
    last = context.position(LEFT)
    return last is None or any(next_daily(last, at) <= context.clock() for at in context.stream.times)


def last_night(now: datetime) -> datetime:
    """Return the last time before *now* that it was the hour of the night."""
    local = now.astimezone(_HOME)
    night = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return night if night <= local else night - timedelta(days=1)


def is_known(seen: Seen, problem: Problem) -> bool:
    """Say whether a record that a rule or a person keeps here is as it was: read again, it is no news."""
    kept = problem.sort == Problem.Sort.SKIP and (problem.choice is None or "skip" in problem.choice)
    return kept and problem.detail.get("record") == values.encode(dict(present(seen.record)))


def take_halves(context: Context, touched: Mapping[int, tuple[Linked, dict[Side, Seen]]]) -> None:
    """Fill in what is missing of many touched pairs by one reading of a side that comes whole, not record by record."""
    for side in context.stream.whole:
        missing = {link.id_on(side): halves for link, halves in touched.values() if side not in halves}
        if not missing:
            continue
        for seen in context.connectors[side].changed(context.stream.kind, None):
            if seen.ref.id in missing:
                missing[seen.ref.id][side] = seen
