"""Where a company's messages go: added, changed and removed by an owner, each with a line in the audit log."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from brygga import config
from brygga.errors import Sentence, SettingsError
from brygga.notify import deliver, texts, webhook
from brygga.store import secrets
from brygga.store.ids import new_id
from brygga.store.models import AuditEntry, Company, Message, NoticeRules, NoticeTarget

MOST = 20
LONGEST_SILENCE = 24 * 31
LONGEST_ADDRESS = 300


def rules_of(company: Company) -> NoticeRules:
    """Return the rules of a company, the usual ones when it has chosen none; not stored."""
    return NoticeRules.objects.filter(company=company).first() or NoticeRules(company=company)


def set_rules(company: Company, digest_at: datetime.time, silence_hours: int, who: str) -> None:
    """Set when the digest is sent and after how many hours silence is an alarm. Raises SettingsError."""
    if not 1 <= silence_hours <= LONGEST_SILENCE:
        raise SettingsError(
            "{hours} hours is no time of silence.", repair="Give 1 to {most}.", hours=silence_hours, most=LONGEST_SILENCE
        )
    with transaction.atomic():
        NoticeRules.objects.update_or_create(company=company, defaults={"digest_at": digest_at, "silence_hours": silence_hours})
        detail = {"digest": f"{digest_at:%H:%M}", "silence": silence_hours}
        AuditEntry.objects.create(company=company, who=who, what="notice rules changed", subject=company.slug, detail=detail)


def add(company: Company, to: str, language: str, *, urgent: bool, digest: bool, who: str) -> tuple[NoticeTarget, str]:
    """Add a mail address or a webhook; return its row and, for a webhook, the key that signs, which is not shown again.

    Raises SettingsError when it is neither, is there already, or mail cannot be sent from here.
    """
    sort = NoticeTarget.Sort.WEBHOOK if "://" in to else NoticeTarget.Sort.MAIL
    to = webhook.check_address(to) if sort == NoticeTarget.Sort.WEBHOOK else _mail_address(to)
    if len(to) > LONGEST_ADDRESS:
        raise SettingsError("The address is longer than {most} signs.", most=LONGEST_ADDRESS)
    if language not in dict(settings.LANGUAGES):
        raise SettingsError("{language} is not a language of the hub.", language=language)
    if NoticeTarget.objects.filter(company=company).count() >= MOST:
        raise SettingsError("There are {most} addresses already.", repair="Remove one first.", most=MOST)
    key = webhook.new_secret() if sort == NoticeTarget.Sort.WEBHOOK else ""
    try:
        with transaction.atomic():
            row = NoticeTarget.objects.create(
                company=company,
                sort=sort,
                to=to,
                language=language,
                urgent=urgent,
                digest=digest,
                secret=secrets.seal({"key": key}) if key else b"",
                made_by=who,
                made_at=timezone.now(),
            )
            _audit(row, who, "notice added")
    except IntegrityError:
        raise SettingsError("This address gets notices already.", repair="Change it in the list.") from None
    return row, key


def change(company: Company, number: int, *, urgent: bool, digest: bool, who: str) -> None:
    """Set what a target gets. Raises SettingsError when the company has none with that number."""
    with transaction.atomic():
        row = of(company, number)
        row.urgent, row.digest = urgent, digest
        row.save(update_fields=["urgent", "digest"])
        _audit(row, who, "notice changed")


def remove(company: Company, number: int, who: str) -> None:
    """Send nothing more to a target. Raises SettingsError when the company has none with that number."""
    with transaction.atomic():
        row = of(company, number)
        _audit(row, who, "notice removed")
        row.delete()


def of(company: Company, number: int) -> NoticeTarget:
    """Return a target of the company. Raises SettingsError when it has none with that number."""
    row = NoticeTarget.objects.select_related("company").filter(company=company, pk=number).first()
    if row is None:
        raise SettingsError("There is no such address here.", repair="It may have been removed.")
    return row


def try_out(company: Company, number: int, who: str) -> Message:
    """Send a message that says that it arrives, now; return its row, which holds what came of it. Raises SettingsError."""
    target, now, occasion = of(company, number), timezone.now(), f"test:{new_id()}"
    subject = Sentence("This is a test of the notices of {company}.", {"company": company.name})
    lines = [subject, Sentence("Whoever reads this gets what was chosen.")]
    deliver.put(target, occasion, texts.body("test", subject, lines, f"/c/{company.slug}/"), now)
    AuditEntry.objects.create(company=company, who=who, what="notice tested", subject=called(target)[:200])
    message = Message.objects.select_related("target__company").get(target=target, occasion=occasion)
    deliver.send(message, now)
    message.refresh_from_db()
    return message


def rows(company: Company) -> list[dict[str, Any]]:
    """Return who is told what, and what became of the latest message to each."""
    found = []
    for row in NoticeTarget.objects.filter(company=company).order_by("sort", "to"):
        latest = row.messages.order_by("-made_at", "-pk").first()
        found.append(
            {
                "id": row.pk,
                "sort": row.sort,
                "to": row.to,
                "language": row.language,
                "urgent": row.urgent,
                "digest": row.digest,
                "latest": latest.state if latest else None,
                "trouble": latest.trouble["text"] if latest and latest.trouble else None,
            }
        )
    return found


def called(target: NoticeTarget) -> str:
    """Return what may be shown to all: an address of a webhook may itself be a secret, so only its host."""
    return target.to if target.sort == NoticeTarget.Sort.MAIL else urlsplit(target.to).hostname or ""


def _mail_address(text: str) -> str:
    try:
        validate_email(text.strip())
    except ValidationError:
        raise SettingsError(
            "This is neither a mail address nor the address of a webhook.", repair="Write name@example.com or https://…"
        ) from None
    if config.mail() is None:
        raise SettingsError("No mail server is set.", repair="Whoever runs the hub sets it with BRYGGA_SMTP_URL.")
    return text.strip()


def _audit(row: NoticeTarget, who: str, what: str) -> None:
    detail = {"urgent": row.urgent, "digest": row.digest}
    AuditEntry.objects.create(company=row.company, who=who, what=what, subject=called(row)[:200], detail=detail)
