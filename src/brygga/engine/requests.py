"""Asking for a run: a row in the hub's own table. The engine hears of it afterwards, so a crash in between loses nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from brygga.store.ids import new_id
from brygga.store.models import Integration, Run

_MERGED = ("clock", "event")


def request(
    integration: Integration,
    stream: str,
    *,
    sides: Iterable[str] = ("left", "right"),
    trigger: str = "person",
    only: Sequence[str] = (),
    plan_id: str = "",
    run_id: str = "",
    at: datetime | None = None,
) -> Run:
    """Ask for a run of a stream and return it, queued.

    trigger  person, retry, clock or event. A stream has at most one waiting run of clock and event: the sides of another are
             added to it, and that run is returned
    only     records to restrict it to, as KIND:ID
    run_id   a deterministic id, where two who ask for the same thing must get one run
    at       when it became due; now when it is None
    """
    wanted = list(sides)
    merges = trigger in _MERGED and not only and not plan_id
    for _ in range(3):
        if merges and (waiting := _added_to_the_waiting(integration, stream, wanted)):
            return waiting
        try:
            with transaction.atomic():
                return Run.objects.create(
                    id=run_id or new_id(),
                    integration=integration,
                    stream=stream,
                    trigger=trigger,
                    sides=sorted(wanted),
                    only=list(only),
                    plan_id=plan_id,
                    queued_at=at or timezone.now(),
                )
        except IntegrityError:
            # Either this very run is there already, or another one has begun to wait since we looked.
            if run_id and (same := Run.objects.filter(pk=run_id).first()):
                return same
    raise RuntimeError(f"{integration.address}.{stream}: waiting runs come and go too quickly")


def _added_to_the_waiting(integration: Integration, stream: str, sides: list[str]) -> Run | None:
    waiting = Run.objects.filter(integration=integration, stream=stream, status=Run.Status.QUEUED, trigger__in=_MERGED).first()
    if waiting is None:
        return None
    merged = sorted({*waiting.sides, *sides})
    # Only while it waits: who begins a run claims it first and reads its sides afterwards.
    if not Run.objects.filter(pk=waiting.pk, status=Run.Status.QUEUED).update(sides=merged):
        return None
    waiting.sides = merged
    return waiting
