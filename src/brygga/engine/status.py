"""How the engine fares, read from the hub's own tables: cheap enough for every page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Min, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from brygga.store.models import Run, StreamState, WorkerBeat


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker process and when it last gave a sign of life."""

    name: str
    process: str
    beat_at: datetime
    alive: bool


@dataclass(frozen=True, slots=True)
class Status:
    """Backlog and lag.

    queued     runs that wait for a worker; `delayed` are those put back for later because a system was busy
    running    runs being carried through
    due        streams whose time has come and that nobody has looked at yet
    lag        seconds that the oldest of the queued and due ones has waited; 0 when there is none
    """

    workers: tuple[Worker, ...]
    queued: int
    delayed: int
    running: int
    due: int
    lag: float

    def as_json(self) -> dict[str, Any]:
        return {
            "workers": [
                {"name": one.name, "process": one.process, "beat_at": one.beat_at.isoformat(), "alive": one.alive}
                for one in self.workers
            ],
            "queued": self.queued,
            "delayed": self.delayed,
            "running": self.running,
            "due": self.due,
            "lag_seconds": round(self.lag, 1),
        }


def status(silent: float = 30.0) -> Status:
    """Say how the engine fares now."""
    now = timezone.now()
    workers = tuple(
        Worker(row.pk, row.process, row.beat_at, (now - row.beat_at).total_seconds() < silent)
        for row in WorkerBeat.objects.order_by("pk")
    )
    queued = Run.objects.filter(status=Run.Status.QUEUED)
    ready = queued.filter(Q(not_before=None) | Q(not_before__lte=Now()))
    due = StreamState.objects.filter(Q(next_left_at__lte=now) | Q(next_right_at__lte=now), integration__active=True)
    waits = [ready.aggregate(at=Min(Coalesce(F("not_before"), F("queued_at"))))["at"]]
    waits += [due.aggregate(at=Min(name, filter=Q(**{f"{name}__lte": now})))["at"] for name in ("next_left_at", "next_right_at")]
    oldest = min((at for at in waits if at is not None), default=now)
    return Status(
        workers=workers,
        queued=ready.count(),
        delayed=queued.count() - ready.count(),
        running=Run.objects.filter(status=Run.Status.RUNNING).count(),
        due=due.count(),
        lag=max(0.0, (now - oldest).total_seconds()),
    )
