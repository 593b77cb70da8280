"""What is known of one record: what was sent for it and answered, what was found wrong with it, and what a person chose."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from brygga.core.policy import LEFT, RIGHT, Side
from brygga.errors import Sentence, SettingsError
from brygga.store import journal
from brygga.store.models import AuditEntry, Company, Integration, JournalEntry, LinkRow, Problem
from brygga.sync.address import company


def timeline(text: str, kind: str = "") -> list[dict[str, Any]]:
    """Return everything that happened to a record, `acme/webcrm:8812` or `acme/fortnox:1042`, oldest first.

    kind  "customer", "invoice" and so on: a number of Fortnox may be that of a customer and of an invoice; "" for all kinds

    Each event has "at", "event" (write, found, answered, solved), "system" (the business system whose integration it belongs
    to), "kind" and the keys of its sort. Raises SettingsError for a text that names no record.
    """
    slug, _, rest = text.partition("/")
    owner = company(slug)
    system, _, id = rest.partition(":")
    if not id:
        raise SettingsError("{text} is not a record.", repair="Write acme/webcrm:ID or acme/fortnox:ID.", text=text)
    events: list[tuple[datetime, dict[str, Any]]] = []
    for integration in Integration.objects.filter(company=owner).select_related("company").order_by("system"):
        if system not in (integration.system, "fortnox"):
            continue
        side: Side = RIGHT if system == "fortnox" else LEFT
        for entry in journal.of_record(integration.pk, side, id, kind):
            events.append((entry.begun_at, _write(integration, entry)))
        for problem in Problem.objects.filter(_of_problem(side, id, kind), integration=integration):
            events += _problem(owner, integration, problem)
    return [event for _, event in sorted(events, key=lambda pair: pair[0])]


def counterparts(owner: Company, system: str, id: str, kind: str = "") -> list[LinkRow]:
    """Return the links of a record: with what it is the same, and what both held when they last agreed."""
    rows = LinkRow.objects.filter(integration__company=owner).select_related("integration__company")
    rows = rows.filter(right_id=id) if system == "fortnox" else rows.filter(integration__system=system, left_id=id)
    return list((rows.filter(kind=kind) if kind else rows).order_by("pk"))


def _of_problem(side: Side, id: str, kind: str) -> Q:
    found = Q(side=side, record_id=id) | (Q(right_id=id) if side == RIGHT else Q(left_id=id))
    return found & Q(kind=kind) if kind else found


def _write(integration: Integration, entry: JournalEntry) -> dict[str, Any]:
    from_left = entry.side == RIGHT
    return {
        "at": _when(entry.begun_at),
        "event": "write",
        "system": integration.system,
        "kind": entry.kind,
        "left": entry.source_id if from_left else entry.target_id,
        "right": entry.target_id if from_left else entry.source_id,
        "action": entry.action,
        "side": entry.side,
        "state": entry.state,
        "fields": {name: [entry.before.get(name), value] for name, value in entry.after.items()},
        "ended": _when(entry.ended_at),
        "answer": entry.answer,
        "run": entry.run_id,
    }


def _problem(owner: Company, integration: Integration, problem: Problem) -> list[tuple[datetime, dict[str, Any]]]:
    common = {"system": integration.system, "kind": problem.kind, "left": problem.left_id, "right": problem.right_id}
    found = {
        **common,
        "at": _when(problem.first_seen_at),
        "event": "found",
        "sort": problem.sort,
        "text": str(_sentence(problem.sentence)),
        "sentence": problem.sentence,
        "repair": problem.repair,
        "rule": problem.rule or None,
        "problem": problem.pk,
    }
    events = [(problem.first_seen_at, found)]
    subject = f"{integration.address}.{problem.stream} {problem.kind} {problem.record_id}"
    for entry in AuditEntry.objects.filter(company=owner, what="answered", subject=subject).order_by("pk"):
        choice = entry.detail.get("choice", {})
        events.append((entry.at, {**common, "at": _when(entry.at), "event": "answered", "who": entry.who, "choice": choice}))
    if problem.solved_at is not None:
        events.append((problem.solved_at, {**common, "at": _when(problem.solved_at), "event": "solved", "state": problem.state}))
    return events


def _sentence(stored: dict[str, Any]) -> Sentence:
    return Sentence(stored["template"], stored["facts"])


def _when(at: datetime | None) -> str | None:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None
