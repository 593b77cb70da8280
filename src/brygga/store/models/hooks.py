"""Addresses at which systems tell that something has changed, and what they told (DESIGN 7, the inbox)."""

from __future__ import annotations

from django.db import models

from brygga.store.models.company import Integration


class Hook(models.Model):
    """The address of one integration. Only a hash of its secret is kept."""

    integration = models.OneToOneField(Integration, on_delete=models.CASCADE, related_name="hook")
    secret_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    facts = models.JSONField(default=dict)
    """What an answer at once needs of the system: of Upsales its stages, users and custom fields."""


class InboxEvent(models.Model):
    """One event as it came: what happened to which record, without anything that the record says."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="inbox")
    what = models.CharField(max_length=60)
    record_id = models.CharField(max_length=60, blank=True)
    streams = models.JSONField(default=list)
    """The streams that it woke; empty for an echo, or where nothing is run by the clock."""
    received_at = models.DateTimeField(db_index=True)
    times = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index(fields=["integration", "what", "record_id"], name="inbox_by_record")]
