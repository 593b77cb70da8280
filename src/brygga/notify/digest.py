"""The daily digest: how each stream stands and what the last day moved. It comes also when all is well, so that its silence
means something."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from brygga.errors import Sentence
from brygga.notify import deliver, texts
from brygga.store.models import Alarm, Company, Integration, Message, NoticeRules, NoticeTarget, Run
from brygga.sync.look import stream_rows

ZONE = ZoneInfo("Europe/Stockholm")
DAY = timedelta(days=1)


def write_due(now: datetime) -> int:
    """Write today's digest for every target whose time has come and that has none yet; return how many."""
    today = now.astimezone(ZONE).date()
    rules = {row.company_id: row.digest_at for row in NoticeRules.objects.all()}
    default = NoticeRules._meta.get_field("digest_at").default
    written = 0
    told = set(Message.objects.filter(occasion=_occasion(today)).values_list("target_id", flat=True))
    bodies: dict[int, dict[str, Any]] = {}
    for target in NoticeTarget.objects.filter(digest=True).select_related("company").order_by("company_id", "pk"):
        slot = datetime.combine(today, rules.get(target.company_id, default), ZONE)
        # Who came after today's digest begins with tomorrow's.
        if target.pk in told or now < slot or target.made_at >= slot:
            continue
        if target.company_id not in bodies:
            bodies[target.company_id] = body(target.company, now)
        written += deliver.put(target, _occasion(today), bodies[target.company_id], now)
    return written


def body(company: Company, now: datetime) -> dict[str, Any]:
    """Return the digest of a company as a message holds it."""
    rows = stream_rows(company.slug) if Integration.objects.filter(company=company).exists() else []
    alarms = Alarm.objects.filter(company=company, closed_at=None).order_by("opened_at")
    open_count = sum(row["held"] + row["conflicts"] + row["failed"] for row in rows)
    if alarms or open_count:
        facts = {"company": company.name, "count": str(open_count), "alarms": str(len(alarms))}
        subject = Sentence("{company}: {count} records wait for somebody, {alarms} alarms.", facts)
    elif rows:
        subject = Sentence("{company}: everything is in step.", {"company": company.name})
    else:
        subject = Sentence("{company}: nothing is connected yet.", {"company": company.name})
    lines: list[Any] = [subject, *(alarm.sentence for alarm in alarms), _moved(company, now)]
    lines += [_stream(row) for row in rows]
    return texts.body("digest", subject, lines, f"/c/{company.slug}/{'problems/' if open_count else ''}")


def _moved(company: Company, now: datetime) -> Sentence:
    written = failed = 0
    runs = Run.objects.filter(integration__company=company, ended_at__gt=now - DAY, ended_at__lte=now)
    for counts in runs.values_list("counts", flat=True).iterator(chunk_size=1000):
        written += sum(counts.get(name, 0) for name in ("created", "updated", "linked"))
        failed += counts.get("failed", 0)
    facts = {"written": str(written), "failed": str(failed)}
    return Sentence("In the last 24 hours {written} records were written or linked and {failed} failed.", facts)


def _stream(row: dict[str, Any]) -> Sentence:
    names = ("address", "linked", "held", "conflicts", "failed", "skipped")
    return Sentence(
        "{address}: {linked} in step, {held} waiting, {conflicts} to choose, {failed} failed, {skipped} skipped.",
        {name: str(row[name]) for name in names},
    )


def _occasion(day: date) -> str:
    return f"digest:{day.isoformat()}"
