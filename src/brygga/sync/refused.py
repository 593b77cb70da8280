"""What becomes of a write that did not go well: refused by its system, or a fault of the program at one record. The others go on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from django.db import transaction

from brygga.core.apart import LOOSE, said
from brygga.core.fault import fault
from brygga.core.plan import Create, Update
from brygga.core.policy import LEFT, RIGHT, Side, other
from brygga.core.record import ABSENT, Ref, Value, present, with_values
from brygga.errors import BryggaError, Rejected, Sentence
from brygga.store import journal, problems
from brygga.store.models import JournalEntry
from brygga.store.problems import Trouble
from brygga.sync.context import Context
from brygga.sync.outcome import Applied, Outcome


def refused(context: Context, item: Create, entry: JournalEntry, error: BryggaError) -> Outcome:
    now = context.clock()
    source_side = other(item.side)
    trouble = failure(source_side, context.stream.kind, item.source.id, error, dict(present(item.record)))
    with transaction.atomic():
        answer = {"error": str(error.sentence), "code": getattr(error, "code", "")}
        journal.failed(entry, now, answer | calls(context, item.side))
        problems.put(context.id, context.stream.name, trouble, now)
    return Outcome(item, "failed", error.sentence, error.repair, error.rule or "", left_of(item), right_of(item))


MEND: Final = Sentence("Mend what it names, in the record or in the system that refused it. It is tried again by itself.")
"""What a person can do about a refusal that says nothing of it itself."""


def without(item: Create, later: Collection[str]) -> Create:
    """Return a creation without the fields that are written later."""
    record = with_values(item.record, dict.fromkeys(later, ABSENT))
    values = {name: value for name, value in item.values.items() if name not in later}
    kept = dict(present(item.record))
    return replace(item, record=record, values=values, later={name: kept[name] for name in later if name in kept})


def part_of(item: Update, names: Collection[str]) -> Update:
    """Return the part of a change that concerns these fields."""
    return replace(
        item,
        changes={name: change for name, change in item.changes.items() if name in names},
        agreed={name: value for name, value in item.agreed.items() if name in names or name not in item.changes},
        settled=tuple(name for name in item.settled if name in names),
        echoes={
            side: kept
            for side, values in item.echoes.items()
            if (kept := {name: value for name, value in values.items() if name in names})
        },
        restores=item.restores & frozenset(names),
    )


def fields_refused(context: Context, item: Update, found: Sequence[tuple[Update, BryggaError]]) -> Outcome:
    """Tell of the fields that a system did not take, each with its value and the reason; what else was changed is there."""
    source = item.right if item.side == LEFT else item.left
    name = (
        next((str(value) for key, value in present(item.source) if key in NAMES and value), "") if item.source is not None else ""
    )
    record = f"{context.called(other(item.side))} {source.id}"
    record = f"{name} ({record})" if name else record
    loose = LOOSE.get(type(item.source), frozenset())
    sentences = [
        said(record, context.called(item.side), part.changes, error.sentence) if loose.issuperset(part.changes) else error.sentence
        for part, error in found
    ]
    error, told = found[0][1], sentences[0]
    for one in sentences[1:]:
        told = Sentence("{remark1} {remark2}", {"remark1": str(told), "remark2": str(one)})
    repair = error.repair or MEND
    trouble = failure(other(item.side), context.stream.kind, source.id, error, {}, (item.left.id, item.right.id))
    problems.put(context.id, context.stream.name, replace(trouble, sentence=told), context.clock())
    return Outcome(item, "failed", told, repair, error.rule or "", item.left.id, item.right.id)


NAMES: Final = ("name", "customer_name", "subject", "description")
"""The fields that people know a record by."""


def failure(
    side: Side, kind: str, id: str, error: BryggaError, record: Mapping[str, Value], pair: tuple[str, str] = ("", "")
) -> Trouble:
    return Trouble(
        "failed",
        side,
        kind,
        id,
        error.sentence,
        left_id=pair[0] or (id if side == LEFT else ""),
        right_id=pair[1] or (id if side == RIGHT else ""),
        repair=error.repair or MEND,
        rule=error.rule or "",
        record=record,
        again=True,
    )


def fault_at_creation(
    context: Context, side: Side, batch: Sequence[Create], entries: Sequence[JournalEntry], error: Exception, applied: Applied
) -> None:
    """Hold what the program failed to make. Where a write may have left, it is looked for first, like any without an answer."""
    for item, entry in zip(batch, entries, strict=True):
        hold = fault(error, f"{context.called(other(side))} {item.source.id}", dict(present(item.record)))
        if _wrote(context, side):
            applied.outcomes.append(Outcome(item, "unknown", hold.sentence, left_id=left_of(item), right_id=right_of(item)))
        else:
            rejected = Rejected(hold.sentence.template, repair=hold.repair.template, **hold.sentence.facts)
            applied.outcomes.append(refused(context, item, entry, rejected))


def _wrote(context: Context, side: Side) -> bool:
    """Say whether a request that writes has left since the calls were last counted."""
    return any(call["system"] == context.system(side) and call["method"] != "GET" for call in context.calls)


def fault_at_update(context: Context, item: Update, entry: JournalEntry, source: Ref, error: Exception) -> Outcome:
    """Hold what the program failed to change. Where the write may have left, the record is read first, like any without an answer."""
    shown = item.source if item.source is not None else None
    hold = fault(error, f"{context.called(other(item.side))} {source.id}", dict(present(shown)) if shown is not None else {})
    if _wrote(context, item.side):
        return Outcome(item, "unknown", hold.sentence, left_id=item.left.id, right_id=item.right.id)
    rejected = Rejected(hold.sentence.template, repair=hold.repair.template, **hold.sentence.facts)
    trouble = failure(other(item.side), context.stream.kind, source.id, rejected, {}, (item.left.id, item.right.id))
    with transaction.atomic():
        journal.failed(entry, context.clock(), {"error": str(hold.sentence)} | calls(context, item.side))
        problems.put(context.id, context.stream.name, trouble, context.clock())
    return Outcome(item, "failed", hold.sentence, hold.repair, "", item.left.id, item.right.id)


def calls(context: Context, side: Side) -> dict[str, object]:
    """Return the requests that a write took on its side, the last ten: method, path and status; no bodies, no secrets."""
    mine = [call for call in context.calls if call["system"] == context.system(side)]
    return {"calls": [{name: call[name] for name in ("method", "path", "status")} for call in mine[-10:]]}


def left_of(item: Create) -> str:
    return item.source.id if item.side == RIGHT else ""


def right_of(item: Create) -> str:
    return item.source.id if item.side == LEFT else ""
