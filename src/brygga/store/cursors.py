"""How far each side of a stream has been read."""

from __future__ import annotations

from datetime import datetime

from brygga.core.policy import Side
from brygga.store.models import Cursor, Run


def position(integration: int, stream: str, side: Side) -> datetime | None:
    """Return when the last complete reading of this side began; None when it was never read."""
    row = Cursor.objects.filter(integration_id=integration, stream=stream, side=side).first()
    return row.position if row else None


def positions(integration: int, stream: str) -> dict[str, datetime]:
    """Return side -> when its last complete reading began, without the sides that were never read."""
    return dict(Cursor.objects.filter(integration_id=integration, stream=stream).values_list("side", "position"))


def believable(integration: int, stream: str, side: Side, last: datetime | None, now: datetime) -> datetime | None:
    """Return how far this side, whose position is *last*, was surely read; None when that is not known.

    That is the position, unless it lies in the future: then the clock was ahead when it was kept, and has been set right since.
    Nobody knows by how much it was ahead, so what counts is the last complete run that began at a time which is past now.
    """
    if last is None or last <= now:
        return last
    runs = Run.objects.filter(integration_id=integration, stream=stream, started_at__lte=now)
    for run in runs.filter(status__in=(Run.Status.DONE, Run.Status.PARTIAL)).exclude(trigger="plan").order_by("-started_at"):
        if side in run.sides and not run.only:
            return run.started_at
    return None


def advance(integration: int, stream: str, side: Side, began: datetime) -> None:
    """Move the cursor to where the reading began. Called last, when all of it is recorded.

    It may move back, when the clock was set right or another process was quicker: then more is read again than needed.
    """
    Cursor.objects.update_or_create(integration_id=integration, stream=stream, side=side, defaults={"position": began})
