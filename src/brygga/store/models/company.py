"""A company, the accounts it has in other systems, what is switched on for it, and who may see it."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Company(models.Model):
    """One Fortnox tenant and the systems connected to it: the unit of isolation, rate budget and permission."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)
    restored_from = models.DateTimeField(null=True)
    """When the backup was made that this state comes from; what was written to other systems since is not known here."""
    restored_at = models.DateTimeField(null=True)
    second_step = models.BooleanField(default=False)
    """Whether everybody with a role here has to sign in with a second step."""

    def __str__(self) -> str:
        return self.name

    @property
    def has_payments(self) -> bool:
        """Whether a system is connected whose payments a person saves (OPT-27): the pages then lead to them."""
        return self.integrations.filter(streams__name="payments").exists()


class Connection(models.Model):
    """One company's account in one system, with its credentials (encrypted) and its health."""

    class Health(models.TextChoices):
        UNKNOWN = "unknown"
        OK = "ok"
        AWAY = "away"
        LOGIN = "login"
        LICENCE = "licence"

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="connections")
    system = models.CharField(max_length=20)
    base_url = models.URLField(max_length=300)
    secrets = models.BinaryField(default=bytes)
    """MultiFernet over JSON: client id and secret, keys, tokens and their times. Only `store.secrets` reads it."""
    secrets_version = models.PositiveIntegerField(default=0)
    """Counts every change of the secrets, so that an older answer never overwrites a newer sign-in."""
    refresh_spent = models.CharField(max_length=64, blank=True)
    """SHA-256 of the single-use refresh token of a refresh that was begun and has no known good end; see `store.tokens`."""
    refresh_state = models.CharField(max_length=10, blank=True)
    """"begun": its answer never came, or not yet. "refused": the system would not have it."""
    refresh_at = models.DateTimeField(null=True)
    tenant = models.CharField(max_length=60, blank=True)
    settings = models.JSONField(default=dict)
    """What a person chose for the system itself, whatever it is connected with; checked by its connector."""
    account_name = models.CharField(max_length=200, blank=True)
    account_number = models.CharField(max_length=60, blank=True)
    health = models.CharField(max_length=10, choices=Health, default=Health.UNKNOWN)
    health_sentence = models.JSONField(null=True)
    health_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "system"], name="one_connection_a_system")]

    def __str__(self) -> str:
        return f"{self.company.slug}/{self.system}"


class Integration(models.Model):
    """A connector switched on for a company, with its settings."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="integrations")
    system = models.CharField(max_length=20)
    settings = models.JSONField(default=dict)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "system"], name="one_integration_a_system")]

    def __str__(self) -> str:
        return self.address

    @property
    def address(self) -> str:
        return f"{self.company.slug}/{self.system}"


class SettingsVersion(models.Model):
    """What an integration's settings and schedules were, from when, and who set them. Never changed afterwards."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    settings = models.JSONField()
    streams = models.JSONField(default=dict)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "number"], name="one_version_a_number")]


class StreamState(models.Model):
    """One stream of an integration: when each side is read, and how it stands."""

    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="streams")
    name = models.CharField(max_length=40)
    schedule = models.JSONField(default=dict)
    """{"mode": "every" | "at" | "manual" | "off", "every": seconds, "offset": seconds, "at": "10:10"}; see engine.schedule."""
    next_left_at = models.DateTimeField(null=True, db_index=True)
    """When the business system is next read for changes; null where the stream is not run by the clock."""
    next_right_at = models.DateTimeField(null=True, db_index=True)
    """When Fortnox is next read for changes."""
    last_success_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["integration", "name"], name="one_state_a_stream")]

    def __str__(self) -> str:
        return f"{self.integration.address}.{self.name}"


class Membership(models.Model):
    """What a user may do in one company."""

    class Role(models.TextChoices):
        OWNER = "owner"
        BOOKKEEPER = "bookkeeper"
        VIEWER = "viewer"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="members")
    role = models.CharField(max_length=12, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "company"], name="one_role_a_company")]


class ApiToken(models.Model):
    """A key for programs, with a role in one company. Only its SHA-256 is kept."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=12, choices=Membership.Role)
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=150, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)


class AuditEntry(models.Model):
    """What a person or a program did in the hub itself: settings, approvals, resolutions, users. Append-only."""

    company = models.ForeignKey(Company, null=True, on_delete=models.PROTECT, related_name="audit")
    at = models.DateTimeField(auto_now_add=True)
    who = models.CharField(max_length=150)
    what = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    detail = models.JSONField(default=dict)
