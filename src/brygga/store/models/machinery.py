"""What keeps several processes from treading on each other."""

from __future__ import annotations

from django.db import models


class Lease(models.Model):
    """A named right held by one process until a time; taken by one conditional update."""

    name = models.CharField(max_length=120, primary_key=True)
    holder = models.CharField(max_length=120)
    """The process that holds it, and which of its takings this is; see `store.leases`."""
    until = models.DateTimeField()


class PermitWindow(models.Model):
    """The requests of one tenant in the last seconds, shared by all processes (Fortnox API, section 4)."""

    tenant = models.CharField(max_length=120, primary_key=True)
    stamps = models.JSONField(default=list)
    """Unix times of the permits given, oldest first, with the lane of each."""
    closed_until = models.FloatField(default=0)
    """Unix time until which no permit is given: the service said 429."""
    people_until = models.FloatField(default=0)
    """Unix time until which more permits are kept free for people: one of them was here lately."""


class WorkerBeat(models.Model):
    """That a worker lives: the last time it said so."""

    worker = models.CharField(max_length=80, primary_key=True)
    beat_at = models.DateTimeField()
    started_at = models.DateTimeField()
    process = models.CharField(max_length=80)
    """Host, process space and process id; see `store.leases.this_process`."""
