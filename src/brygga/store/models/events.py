"""How far Fortnox' events have been heard, so that an outage is replayed from there (Fortnox API, section 8)."""

from __future__ import annotations

from django.db import models


class EventOffset(models.Model):
    """One topic of one connection: the offset of the last event that was handled."""

    listener = models.CharField(max_length=64)
    """A digest of address and client id: the connection that all companies of an integration share."""
    topic = models.CharField(max_length=40)
    offset = models.CharField(max_length=200)
    heard_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["listener", "topic"], name="one_offset_a_topic")]
