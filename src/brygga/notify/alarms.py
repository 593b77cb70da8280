"""What is wrong just now: a connection that needs a new sign-in, a run that the safety brake stopped, an integration gone silent.

An alarm is opened once and closed once, however many processes look; both are told to those who want to know at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from brygga.errors import Sentence, UnsafePlan
from brygga.notify import deliver, texts
from brygga.store.models import Alarm, Connection, Integration, Message, NoticeRules, NoticeTarget, Run

BRAKE_KEPT = timedelta(days=30)
"""A stopped run older than this says nothing of today."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong: of which company, what kind, about what, in a sentence, with what the person can do."""

    company_id: int
    sort: str
    subject: str
    sentence: Sentence
    repair: Sentence
    page: str
    more: dict[str, object] | None = None
    """A stored sentence of the system's own about it."""


def look(now: datetime) -> None:
    """Open an alarm for what has gone wrong, close those of what is well again."""
    wrong = {(one.company_id, one.sort, one.subject): one for one in (*_connections(), *_brakes(now), *_silent(now))}
    there = {(row.company_id, row.sort, row.subject): row for row in Alarm.objects.filter(closed_at=None)}
    for key, one in wrong.items():
        if key not in there:
            _open(one, now)
    for key, row in there.items():
        if key not in wrong:
            _close(row, now)


def _open(one: Wrong, now: datetime) -> None:
    try:
        with transaction.atomic():
            alarm = Alarm.objects.create(
                company_id=one.company_id,
                sort=one.sort,
                subject=one.subject,
                sentence=one.sentence.as_json(),
                repair=one.repair.as_json(),
                opened_at=now,
            )
            lines = [line for line in (one.sentence, one.more, one.repair) if line is not None]
            body = texts.body(f"alarm.{one.sort}.opened", one.sentence, lines, one.page)
            for target in NoticeTarget.objects.filter(company_id=one.company_id, urgent=True):
                deliver.put(target, f"alarm:{alarm.pk}:opened", body, now)
    except IntegrityError:
        # Another process has opened it since we looked.
        return


def _close(alarm: Alarm, now: datetime) -> None:
    with transaction.atomic():
        if not Alarm.objects.filter(pk=alarm.pk, closed_at=None).update(closed_at=now):
            return
        subject = Sentence("{subject} is well again.", {"subject": alarm.subject})
        since = Sentence("It was wrong since {since}.", {"since": f"{alarm.opened_at:%Y-%m-%d %H:%M} UTC"})
        body = texts.body(f"alarm.{alarm.sort}.closed", subject, [subject, alarm.sentence, since], f"/c/{alarm.company.slug}/")
        # Only those who heard that it was wrong.
        for message in Message.objects.select_related("target").filter(occasion=f"alarm:{alarm.pk}:opened"):
            deliver.put(message.target, f"alarm:{alarm.pk}:closed", body, now)


def _connections() -> Iterator[Wrong]:
    lost = Connection.objects.select_related("company").filter(health__in=(Connection.Health.LOGIN, Connection.Health.LICENCE))
    for one in lost:
        yield Wrong(
            one.company_id,
            Alarm.Sort.CONNECTION,
            str(one),
            Sentence("The connection {connection} is lost.", {"connection": str(one)}),
            Sentence("Nothing is moved until somebody connects it again, under Connections."),
            f"/c/{one.company.slug}/connections/",
            one.health_sentence,
        )


def _brakes(now: datetime) -> Iterator[Wrong]:
    stopped = Run.objects.filter(
        status=Run.Status.STOPPED, exit_status=UnsafePlan.exit_status, ended_at__gt=now - BRAKE_KEPT, integration__active=True
    )
    for run in stopped.select_related("integration__company").order_by("integration", "stream", "ended_at"):
        later = Run.objects.filter(integration=run.integration, stream=run.stream, ended_at__gt=run.ended_at)
        # A plan writes nothing: it shows, and settles nothing.
        if later.exclude(trigger="plan").exists():
            continue
        address = f"{run.integration.address}.{run.stream}"
        yield Wrong(
            run.integration.company_id,
            Alarm.Sort.BRAKE,
            address,
            Sentence("A run of {address} was stopped: it would have changed too much.", {"address": address}),
            Sentence("Nothing was written. Look at it under Problems: the plan, and letting it go if it is right."),
            f"/c/{run.integration.company.slug}/runs/{run.pk}/",
            (run.message or {}).get("sentence"),
        )


def _silent(now: datetime) -> Iterator[Wrong]:
    hours = dict(NoticeRules.objects.values_list("company_id", "silence_hours"))
    default = NoticeRules._meta.get_field("silence_hours").default
    timed = Q(streams__schedule__mode__in=["every", "at"])
    rows = Integration.objects.filter(timed, active=True).select_related("company")
    for one in rows.annotate(success=Max("streams__last_success_at", filter=timed)).order_by("pk"):
        limit = hours.get(one.company_id, default)
        since = max(one.success or one.created_at, one.created_at)
        if now - since < timedelta(hours=limit):
            continue
        yield Wrong(
            one.company_id,
            Alarm.Sort.SILENCE,
            one.address,
            Sentence("No run of {address} has succeeded for {hours} hours.", {"address": one.address, "hours": str(limit)}),
            Sentence("Look at the last runs of the integration, and check the connections."),
            f"/c/{one.company.slug}/{one.system}/",
        )
