"""How long runs are kept: the engine's own tables an hour, what people see by what it is worth to them.

The journal and the history are not touched: what the law asks to keep is in them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from brygga.engine import port
from brygga.store.models import InboxEvent, Run

EMPTY = timedelta(hours=1)
"""A run that changed nothing."""

CHANGED = timedelta(days=30)
"""A run that changed something."""

FAILED = timedelta(days=90)
"""A run that failed or was stopped. What it left for a person is a problem of its own, kept until it is solved."""

TOLD = timedelta(days=14)
"""What a system told: so far back Fortnox replays, too."""

_BATCH = 500
_NOTHING = frozenset({"unchanged", "skipped", "held"})


def forget(now: datetime | None = None) -> int:
    """Delete runs that are old enough, in small batches; return how many. The last run of each stream is always kept."""
    now = now or timezone.now()
    port.forget(int((now - EMPTY).timestamp() * 1000))
    InboxEvent.objects.filter(received_at__lt=now - TOLD).delete()
    last = set(
        Run.objects.exclude(ended_at=None).values("integration", "stream").annotate(last=Max("pk")).values_list("last", flat=True)
    )
    old = Run.objects.filter(ended_at__lt=now - EMPTY).order_by("pk")
    gone = [
        run.pk
        for run in old.only("pk", "status", "counts", "ended_at").iterator(chunk_size=_BATCH)
        if run.pk not in last and run.ended_at is not None and run.ended_at < now - _kept(run)
    ]
    for start in range(0, len(gone), _BATCH):
        Run.objects.filter(pk__in=gone[start : start + _BATCH]).delete()
    return len(gone)


def _kept(run: Run) -> timedelta:
    if run.status in (Run.Status.FAILED, Run.Status.STOPPED):
        return FAILED
    if any(count for name, count in run.counts.items() if name not in _NOTHING):
        return CHANGED
    return EMPTY
