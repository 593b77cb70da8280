"""Who is told what, what is wrong just now, and each message that was or will be sent."""

from __future__ import annotations

import datetime

from django.db import models

from brygga.store.models.company import Company


class NoticeRules(models.Model):
    """When a company is told."""

    company = models.OneToOneField(Company, on_delete=models.CASCADE, related_name="notice_rules")
    digest_at = models.TimeField(default=datetime.time(7, 0))
    """When the daily digest is sent, Swedish time."""
    silence_hours = models.PositiveSmallIntegerField(default=26)
    """Hours without a success after which an integration that the clock runs raises the alarm; a day and two hours, so that a
    daily run may take its time."""


class NoticeTarget(models.Model):
    """Where messages of a company go: a mail address, or a web address that takes them."""

    class Sort(models.TextChoices):
        MAIL = "mail"
        WEBHOOK = "webhook"

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="notice_targets")
    sort = models.CharField(max_length=10, choices=Sort)
    to = models.CharField(max_length=300)
    language = models.CharField(max_length=10, default="sv")
    urgent = models.BooleanField(default=True)
    """Gets what cannot wait: a lost connection, a run that the safety brake stopped, a silent integration."""
    digest = models.BooleanField(default=True)
    """Gets the daily digest."""
    secret = models.BinaryField(default=bytes)
    """What a webhook is signed with, sealed by `store.secrets`; empty for mail."""
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "sort", "to"], name="one_target_an_address")]


class Alarm(models.Model):
    """Something that is wrong from a time to a time. While it is open nobody is told of it again."""

    class Sort(models.TextChoices):
        CONNECTION = "connection"
        BRAKE = "brake"
        SILENCE = "silence"

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="alarms")
    sort = models.CharField(max_length=12, choices=Sort)
    subject = models.CharField(max_length=100)
    """The address of the connection, stream or integration."""
    sentence = models.JSONField()
    repair = models.JSONField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "sort", "subject"], condition=models.Q(closed_at=None), name="one_open_alarm_a_subject"
            )
        ]


class Message(models.Model):
    """One message to one target: written down before it is sent, and never twice for the same occasion."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        GIVEN_UP = "given up"

    target = models.ForeignKey(NoticeTarget, on_delete=models.CASCADE, related_name="messages")
    occasion = models.CharField(max_length=80)
    """What it is about: an alarm's opening or closing, a day's digest, a test."""
    id = models.CharField(primary_key=True, max_length=40)
    body = models.JSONField()
    """The sentences, with their facts: said in the target's language when it is sent."""
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    made_at = models.DateTimeField()
    not_before = models.DateTimeField()
    """Not sent before this time; while it is being sent, when another process may take it over."""
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    trouble = models.JSONField(null=True)
    """The sentence of the last attempt that failed."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["target", "occasion"], name="one_message_an_occasion")]
        indexes = [models.Index(fields=["state", "not_before"])]
