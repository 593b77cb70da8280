"""What each day moved, added up as runs end."""

from __future__ import annotations

from collections import Counter

from django.db import transaction
from django.utils import timezone

from brygga.store.models import DayCount, Run

WRITTEN = ("created", "updated", "linked")


def count(run: Run) -> None:
    """Add an ended run to its day. Call it once a run, in the transaction that ends it; a run that asked nothing adds nothing."""
    written, failed = sum(run.counts.get(name, 0) for name in WRITTEN), run.counts.get("failed", 0)
    if run.ended_at is None or not (written or failed or run.requests):
        return
    with transaction.atomic(savepoint=False):
        day = timezone.localtime(run.ended_at).date()
        DayCount.objects.bulk_create([DayCount(integration_id=run.integration_id, day=day)], ignore_conflicts=True)
        row = DayCount.objects.select_for_update().get(integration_id=run.integration_id, day=day)
        row.written, row.failed = row.written + written, row.failed + failed
        row.requests = dict(Counter(row.requests) + Counter(run.requests))
        row.save(update_fields=["written", "failed", "requests"])
