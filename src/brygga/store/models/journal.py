"""Every write, begun and ended, and the chained history of all of it."""

from __future__ import annotations

from django.db import models

from brygga.store.models.company import Company, Integration


class JournalEntry(models.Model):
    """One write to another system: written down before it leaves, ended when its outcome is known (DESIGN 6)."""

    class State(models.TextChoices):
        BEGUN = "begun"
        DONE = "done"
        FAILED = "failed"
        """Surely not carried out: the system refused it, or a look showed that nothing happened."""

    integration = models.ForeignKey(Integration, on_delete=models.PROTECT, related_name="journal")
    stream = models.CharField(max_length=40)
    run_id = models.CharField(max_length=40)
    side = models.CharField(max_length=5)
    kind = models.CharField(max_length=20)
    action = models.CharField(max_length=20)
    key = models.CharField(max_length=120)
    """What the other side can be searched by to learn whether it happened."""
    source_id = models.CharField(max_length=100)
    """The record on the side that the change comes from."""
    target_id = models.CharField(max_length=100, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    base_after = models.JSONField(default=dict)
    """The base to keep when the write turns out to be done."""
    payload_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.BEGUN)
    looks = models.PositiveSmallIntegerField(default=0)
    """How often we have looked whether it happened."""
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    answer = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["integration", "state"]),
            models.Index(fields=["integration", "kind", "source_id"]),
            models.Index(fields=["integration", "kind", "target_id"]),
        ]


class HistoryEvent(models.Model):
    """An append-only line of a company's history; each carries the hash of the line before it."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="history")
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    what = models.CharField(max_length=40)
    entry = models.ForeignKey(JournalEntry, null=True, on_delete=models.PROTECT, related_name="events")
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "number"], name="one_event_a_number")]
