"""Reconciliations that were made: the proof of completeness, or the list of what differs (DESIGN 3.1)."""

from __future__ import annotations

from django.db import models

from brygga.store.models.company import Integration


class Proof(models.Model):
    """One comparison of both sides of a stream, read whole."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="proofs")
    stream = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    verdict = models.CharField(max_length=10)
    """equal, waiting or differs."""
    body = models.JSONField()
    """What `brygga reconcile --json` prints."""

    class Meta:
        indexes = [models.Index(fields=["integration", "stream", "-made_at"], name="newest_proof")]
