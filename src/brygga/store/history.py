"""A company's history: an append-only chain of lines, each with the hash of the line before it.

Altering, inserting or removing a line breaks every hash after it, and `verify` names the first that does not fit. What it
cannot see is that the last lines are missing; keep the hash of the last line elsewhere (exports carry it) and compare.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from brygga.store.models import Company, HistoryEvent, JournalEntry

FIRST = "0" * 64
_PROTECTED = ("store_historyevent", "store_auditentry")


@dataclass(frozen=True, slots=True)
class Chain:
    """What `verify` found.

    length  how many lines fit, from the first
    last    the hash of the last of them
    broken  the number of the first line that does not fit, None when all do
    """

    length: int
    last: str
    broken: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What a line of history says: what happened, to which write, with what."""

    what: str
    entry: JournalEntry | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def append(
    company: Company | int,
    what: str,
    entry: JournalEntry | None = None,
    detail: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> HistoryEvent:
    """Add a line to the history of a company (or of the one with this key), in the caller's transaction where there is one.

    at      when it happened, aware; now when it is None
    detail  plain JSON without floats, of which no two databases are sure to keep all digits (see `store.values`)
    """
    return append_many(company, [Line(what, entry, detail or {})], at)[0]


def append_many(company: Company | int, lines: Sequence[Line], at: datetime | None = None) -> list[HistoryEvent]:
    """Add lines to the history of a company, in this order, in the caller's transaction where there is one. See `append`."""
    for line in lines:
        _refuse_floats(line.detail)
    key, at = _key(company), at or timezone.now()
    events: list[HistoryEvent] = []
    with transaction.atomic(savepoint=False):
        # One appender a company at a time: numbers have no gaps and the chain does not fork. SQLite has one writer in any case.
        if connection.features.has_select_for_update:
            Company.objects.select_for_update(of=("self",)).only("pk").get(pk=key)
        last = HistoryEvent.objects.filter(company_id=key).order_by("-number").values_list("number", "hash").first()
        number, previous = last or (0, FIRST)
        for place, line in enumerate(lines, 1):
            event = HistoryEvent(
                company_id=key,
                number=number + place,
                at=at,
                what=line.what,
                entry=line.entry,
                detail=dict(line.detail),
                previous_hash=previous,
            )
            previous = event.hash = _hash(event)
            events.append(event)
        HistoryEvent.objects.bulk_create(events)
    return events


def verify(company: Company | int) -> Chain:
    """Compute every hash of the company's history anew and say whether the chain is whole."""
    number, previous = 0, FIRST
    for event in HistoryEvent.objects.filter(company_id=_key(company)).order_by("number").iterator(chunk_size=1000):
        if event.number != number + 1 or event.previous_hash != previous or event.hash != _hash(event):
            return Chain(number, previous, broken=number + 1)
        number, previous = event.number, event.hash
    return Chain(number, previous)


def protect() -> None:
    """Make the database itself refuse to change or remove lines. Called after every upgrade; again does nothing."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION brygga_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
            )
            for table in _PROTECTED:
                cursor.execute(
                    f"CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION brygga_append_only()"
                )
            return
        for table in _PROTECTED:
            for act in ("UPDATE", "DELETE"):
                cursor.execute(
                    f"CREATE TRIGGER IF NOT EXISTS {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )


def _key(company: Company | int) -> int:
    return company.pk if isinstance(company, Company) else company


def _hash(event: HistoryEvent) -> str:
    line = {
        "company": event.company_id,
        "number": event.number,
        "at": _time(event.at),
        "what": event.what,
        "entry": event.entry_id,
        "detail": event.detail,
        "previous": event.previous_hash,
    }
    text = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _refuse_floats(detail: object) -> None:
    if isinstance(detail, float):
        raise TypeError("a float cannot stand in the history; give a text, a whole number or `store.values.encode(Decimal)`")
    if isinstance(detail, Mapping):
        for item in detail.values():
            _refuse_floats(item)
    elif isinstance(detail, list | tuple):
        for item in detail:
            _refuse_floats(item)
