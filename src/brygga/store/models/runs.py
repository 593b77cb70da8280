"""What was done and what is planned: runs with their records, and plans as shown to and approved by people."""

from __future__ import annotations

from django.db import models

from brygga.store.models.company import Integration


class Run(models.Model):
    """One run of one stream, from its start to its rest."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        PARTIAL = "partial"
        FAILED = "failed"
        STOPPED = "stopped"

    id = models.CharField(primary_key=True, max_length=40)
    """Sorts by time of creation."""
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="runs")
    stream = models.CharField(max_length=40)
    trigger = models.CharField(max_length=10)
    """clock, person, event or retry."""
    sides = models.JSONField(default=list)
    """The sides that are read for changes: "left", "right"."""
    only = models.JSONField(default=list)
    plan_id = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    step = models.CharField(max_length=80, blank=True)
    done_items = models.PositiveIntegerField(default=0)
    all_items = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    requests = models.JSONField(default=dict)
    message = models.JSONField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    """How often it was put back into the queue because a system or the database was busy."""
    not_before = models.DateTimeField(null=True)
    """A queued run is not handed to the engine before this time; null: at once."""
    handed_over = models.BooleanField(default=False)
    """Whether the engine knows of it. Whoever wants a run only adds the row; the dispatcher hands it over."""
    exit_status = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["integration", "stream", "-queued_at"]),
            models.Index(fields=["status", "ended_at"]),
            models.Index(fields=["status", "handed_over", "not_before"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "stream"],
                condition=models.Q(status="queued", trigger__in=["clock", "event"]),
                name="one_waiting_run_a_stream",
            )
        ]


class DayCount(models.Model):
    """What the runs of one integration wrote in one day: the picture of the last 30 days without reading every run."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    written = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    requests = models.JSONField(default=dict)
    """System -> requests sent."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "day"], name="one_count_a_day")]


class RunItem(models.Model):
    """What became of one record in one run. Unchanged records are counted and not listed."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=20)
    left_id = models.CharField(max_length=100, blank=True)
    right_id = models.CharField(max_length=100, blank=True)
    action = models.CharField(max_length=12)
    side = models.CharField(max_length=5, blank=True)
    fields = models.JSONField(default=dict)
    outcome = models.CharField(max_length=12)
    rule = models.CharField(max_length=20, blank=True)
    message = models.JSONField(null=True)
    repair = models.JSONField(null=True)


class PlanRow(models.Model):
    """A plan kept for approval: exactly these changes, and what they rest on."""

    class State(models.TextChoices):
        SHOWN = "shown"
        APPROVED = "approved"
        APPLIED = "applied"
        STALE = "stale"

    id = models.CharField(primary_key=True, max_length=40)
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="plans")
    stream = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    state = models.CharField(max_length=10, choices=State, default=State.SHOWN)
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    chosen = models.JSONField(null=True)
    """The marks of the items that a person approved; null: all of them, and nothing else."""
    changed = models.JSONField(null=True)
    """Why it was not applied: what had changed since, a record each; see `sync.approve`."""
