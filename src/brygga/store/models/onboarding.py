"""How far somebody has come in connecting a system: kept so that they, or somebody else, can go on later."""

from __future__ import annotations

from django.db import models

from brygga.store.models.company import Company


class Onboarding(models.Model):
    """The connecting of one system of one company. No secret is in it."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="onboardings")
    system = models.CharField(max_length=20)
    step = models.CharField(max_length=12)
    """The furthest step that was reached; see `sync.onboard.STEPS`."""
    streams = models.JSONField(default=list)
    """The streams that shall move."""
    account = models.JSONField(default=dict)
    """The company that Fortnox leads to: "name", "number", "tenant"; {} while it is not known."""
    findings = models.JSONField(null=True)
    """The rows of the last preflight; null before the first."""
    checked_at = models.DateTimeField(null=True)
    plans = models.JSONField(default=dict)
    """Stream -> the run that made its forecast."""
    trial = models.JSONField(default=dict)
    """The one real record: "stream", "only", "plan" (the run that made its plan), "run" (the run that applied it)."""
    runs = models.JSONField(default=dict)
    """Stream -> its first run."""
    changed_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField(auto_now=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "system"], name="one_onboarding_a_system")]
