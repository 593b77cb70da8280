"""What belongs to the people who use the pages: invitations, their second factor, their language, failed sign-ins."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from brygga.store.models.company import Company, Membership


class Invitation(models.Model):
    """A link that gives one person a role in one company, once and for a time. Only the SHA-256 of its secret is kept."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="invitations")
    whom = models.CharField(max_length=200)
    """Name or mail address, as the one who invites wrote it."""
    role = models.CharField(max_length=12, choices=Membership.Role)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.CharField(max_length=150, blank=True)


class SecondFactor(models.Model):
    """One user's second step at sign-in: a shared secret (RFC 6238) and codes for the day the telephone is lost."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="second_factor")
    secret = models.BinaryField()
    """Sealed by `store.secrets`."""
    confirmed_at = models.DateTimeField(null=True)
    """Null while it is being set up: sign-in does not ask for it yet."""
    last_step = models.BigIntegerField(default=0)
    """The time step of the newest code that was accepted: a code is good once."""
    recovery = models.JSONField(default=list)
    """SHA-256 of each recovery code that has not been used."""


class Preference(models.Model):
    """What one user chose for all their companies."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preference")
    language = models.CharField(max_length=10, blank=True)


class FailedAttempt(models.Model):
    """A sign-in or a token that was refused, kept for as long as it counts; see `store.attempts`."""

    key = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "at"])]
