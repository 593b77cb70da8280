"""Every write to another system: begun before it leaves, ended when its outcome is known (DESIGN 6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from brygga.core.policy import Side, other
from brygga.core.record import Value
from brygga.store import history, values
from brygga.store.models import Integration, JournalEntry


@dataclass(frozen=True, slots=True)
class Intent:
    """A write about to leave: what it changes, the key it can be found by, and the base to keep when it is done."""

    side: Side
    kind: str
    action: str
    key: str
    source_id: str
    target_id: str
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    base_after: Mapping[str, Value]
    echoes: Mapping[Side, Mapping[str, Value]] = field(default_factory=dict)
    """What counts as unchanged on a side when it is done, where that is not the base; see `core.plan.Update`."""


_ECHOES = "echoes"
"""Where they stand in the row: beside the fields of the base, of which none has this name."""


def base_of(entry: JournalEntry) -> tuple[dict[str, Value], dict[Side, Mapping[str, Value]]]:
    """Return what the base takes when a write is done, and what counts as unchanged on a side then."""
    base = values.decode_fields(entry.base_after)
    return base, base.pop(_ECHOES, {})


def begin(integration: Integration, stream: str, run_id: str, intents: Sequence[Intent], now: datetime) -> list[JournalEntry]:
    """Write the intents down and commit, before anything leaves."""
    entries = []
    for intent in intents:
        after = values.encode(intent.after)
        entries.append(
            JournalEntry(
                integration=integration,
                stream=stream,
                run_id=run_id,
                side=intent.side,
                kind=intent.kind,
                action=intent.action,
                key=intent.key,
                source_id=intent.source_id,
                target_id=intent.target_id,
                before=values.encode(intent.before),
                after=after,
                base_after=values.encode({**intent.base_after, **({_ECHOES: dict(intent.echoes)} if intent.echoes else {})}),
                payload_hash=hashlib.sha256(json.dumps(after, sort_keys=True).encode()).hexdigest(),
                begun_at=now,
            )
        )
    with transaction.atomic():
        JournalEntry.objects.bulk_create(entries)
        lines = [history.Line("write begun", entry, {"payload": entry.payload_hash}) for entry in entries]
        history.append_many(integration.company, lines)
    return entries


def done(entry: JournalEntry, target_id: str, now: datetime, answer: Mapping[str, object] | None = None) -> None:
    """Note that the write was carried out. Call it in the transaction that also records link and base."""
    _end(entry, JournalEntry.State.DONE, target_id, now, answer)


def done_many(ended: Sequence[tuple[JournalEntry, str, Mapping[str, object]]], now: datetime) -> None:
    """Note of writes of one company that they were carried out, each with its target's id and the answer; see `done`."""
    if len(ended) == 1:
        [(entry, target_id, answer)] = ended
        done(entry, target_id, now, answer)
        return
    for entry, target_id, answer in ended:
        entry.state, entry.target_id, entry.ended_at, entry.answer = JournalEntry.State.DONE, target_id, now, dict(answer)
    entries = [entry for entry, _, _ in ended]
    JournalEntry.objects.bulk_update(entries, _ENDED, batch_size=100)
    lines = [history.Line(f"write {entry.state}", entry, dict(answer)) for entry, _, answer in ended]
    history.append_many(entries[0].integration.company, lines)


_ENDED = ("state", "target_id", "ended_at", "answer")


def failed(entry: JournalEntry, now: datetime, answer: Mapping[str, object] | None = None) -> None:
    """Note that the write was surely not carried out: refused, or looked for and not found."""
    _end(entry, JournalEntry.State.FAILED, entry.target_id, now, answer)


def _end(entry: JournalEntry, state: str, target_id: str, now: datetime, answer: Mapping[str, object] | None) -> None:
    entry.state = state
    entry.target_id = target_id
    entry.ended_at = now
    entry.answer = dict(answer) if answer is not None else None
    entry.save(update_fields=_ENDED)
    history.append(entry.integration.company, f"write {state}", entry, dict(answer or {}))


def looked(entry: JournalEntry) -> int:
    """Count one look whether the write happened; returns how many there have been."""
    entry.looks += 1
    entry.save(update_fields=["looks"])
    return entry.looks


def open_entries(integration: int, stream: str) -> list[JournalEntry]:
    """Return the writes of a stream whose outcome is not known, oldest first."""
    rows = JournalEntry.objects.filter(integration_id=integration, stream=stream, state=JournalEntry.State.BEGUN)
    return list(rows.select_related("integration__company").order_by("pk"))


def of_record(integration: int, side: Side, id: str, kind: str = "") -> list[JournalEntry]:
    """Return every write that came from or went to the record of this side and id, oldest first: its timeline.

    kind  "" for records of any kind that have this id
    """
    rows = JournalEntry.objects.filter(Q(side=side, target_id=id) | Q(side=other(side), source_id=id), integration_id=integration)
    return list((rows.filter(kind=kind) if kind else rows).order_by("pk"))


def creating(integration: int, kinds: Sequence[str], side: Side, sources: Sequence[str]) -> dict[str, str]:
    """Return source -> kind of the creations of these kinds whose outcome is unknown."""
    rows = JournalEntry.objects.filter(
        integration_id=integration, kind__in=kinds, action="create", side=side, state=JournalEntry.State.BEGUN
    )
    wanted = set(sources)
    return {source: kind for source, kind in rows.values_list("source_id", "kind") if source in wanted}
