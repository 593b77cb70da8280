"""Payments of Fortnox that were read for a business system and wait until a person saves them (rows OPT-27, OPT-28)."""

from __future__ import annotations

from django.db import models

from brygga.store.models.company import Integration


class ImportedPayment(models.Model):
    """One payment, as read and judged. It is registered in the business system once, whatever definition it was read by."""

    class State(models.TextChoices):
        WAITING = "waiting"
        LEFT_OUT = "left_out"
        SAVED = "saved"
        GONE = "gone"

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="imported_payments")
    number = models.CharField(max_length=40)
    """The payment's own number in Fortnox: the key by which it is imported once."""
    invoice = models.CharField(max_length=40, blank=True)
    definition = models.CharField(max_length=50, blank=True)
    values = models.JSONField(default=dict)
    """The payment as read (see `store.values`)."""
    first_seen = models.DateField()
    """The day it was registered, as far as can be known (accounting.md 5.4)."""
    estimated = models.BooleanField(default=False)
    send_on = models.DateField(null=True)
    """The day it is registered on where that is not the payment's own: none lies before its invoice (accounting.md 5.2)."""
    state = models.CharField(max_length=10, choices=State, default=State.LEFT_OUT)
    rule = models.CharField(max_length=20, blank=True)
    sentence = models.JSONField(null=True)
    """Why it is left out, with both values; empty while it waits."""
    mark = models.CharField(max_length=10, blank=True)
    warning = models.CharField(max_length=60, blank=True)
    registration = models.CharField(max_length=40, blank=True)
    """Its number among the business system's registered payments."""
    read_at = models.DateTimeField()
    saved_at = models.DateTimeField(null=True)
    saved_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "number"], name="one_import_a_payment")]
        indexes = [models.Index(fields=["integration", "state"], name="imports_by_state")]
