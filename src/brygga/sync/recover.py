"""After a crash or a lost answer: find out what became of each write that was begun, before anything is repeated (DESIGN 6.4).

A creation is searched for by its key, an update by reading the record. Found: it is recorded as done. Not found: we look
once more after a settle time, as a system may be slow to show what it has taken in; only then it counts as not done, and the
record is planned anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from django.db import transaction

from brygga.connectors.contract import FILE, Books, Update
from brygga.core.diff import same, same_row
from brygga.core.echo import NO_ECHO, nearly
from brygga.core.policy import LEFT, RIGHT, Side, other
from brygga.core.record import ABSENT, Ref, present
from brygga.core.seen import Seen
from brygga.errors import Rejected, Sentence, Stale
from brygga.store import journal, links, problems, values
from brygga.store.models import JournalEntry
from brygga.store.problems import Trouble
from brygga.sync import repair
from brygga.sync.context import Context
from brygga.sync.echoes import found_changed, found_made

_FEW = 2
"""Writes of unknown outcome that are looked for at once; where one answer was lost, nobody waits."""
_NEARLY_RIGHT = timedelta(seconds=5)
"""How far clocks differ that somebody keeps right."""
_NOTHING = Sentence("Nothing has to be done: the record is tried again by itself.")
"""What a person can do where a creation did not happen: it is planned anew."""
_LONG = timedelta(days=1)
"""How far back we look where our own clock was wrong and no complete run tells more."""


def recover(context: Context) -> int:
    """Settle every write of the stream whose outcome is unknown; returns how many there were."""
    found = journal.open_entries(context.id, context.stream.name)
    if not found:
        return 0
    context.progress("settle writes of unknown outcome", 0, len(found))
    entries = []
    for entry in found:
        if entry.action in repair.ACTIONS:
            repair.recover(context, entry)
        else:
            entries.append(entry)
    settle = context.pace.settle.total_seconds()
    if len(entries) > _FEW:
        # Of so many, some are bound to be slow to show: what is waited for before the first look spares a second one for most.
        age = (context.clock() - max(entry.begun_at for entry in entries)).total_seconds()
        context.sleep(min(max(settle - age, 0.0), settle))
    # The first look takes both clocks for right, as they nearly always are; what it does not find is looked for further back.
    missing = _look(context, entries, _NEARLY_RIGHT)
    if missing:
        context.sleep(settle)
        missing = _look(context, missing, context.pace.clocks_apart)
    for entry in missing:
        _not_done(context, entry)
    return len(found)


def _look(context: Context, entries: Sequence[JournalEntry], apart: timedelta) -> list[JournalEntry]:
    """Look for the effect of each; record what is found as done, return the rest. *apart*: how far the system's clock may differ."""
    missing: list[JournalEntry] = []
    for side in (LEFT, RIGHT):
        mine = [entry for entry in entries if entry.side == side]
        creations = [entry for entry in mine if entry.action == "create"]
        # Of the kind that was chosen when it was begun: the settings may name another one now.
        for kind in sorted({entry.kind for entry in creations}):
            some = [entry for entry in creations if entry.kind == kind]
            found = context.connectors[side].find(kind, [entry.key for entry in some], _begun(context, side, some) - apart)
            for entry in some:
                journal.looked(entry)
                if entry.key in found:
                    _creation_done(context, entry, found[entry.key])
                else:
                    missing.append(entry)
        for entry in mine:
            if entry.action == "create":
                continue
            journal.looked(entry)
            seen = context.connectors[side].get(entry.kind, entry.target_id)
            if seen is not None and _holds(context, seen, entry):
                _update_done(context, entry, seen)
            elif seen is None or not _begun_in_part(context, entry, seen) or not _carried_on(context, entry):
                missing.append(entry)
    return missing


def _begun(context: Context, side: Side, entries: Sequence[JournalEntry]) -> datetime:
    """Return from when on to look for what was made. An intent of the future was written by a clock that was ahead."""
    first, now = min(entry.begun_at for entry in entries), context.clock()
    if first > now:
        first = context.believable(side) or now - _LONG
    return first


def _holds(context: Context, seen: Seen, entry: JournalEntry) -> bool:
    now, after = dict(present(seen.record)), values.decode(entry.after)
    if FILE in after:
        # Which files go with a document is not said by the document itself.
        held = cast(Books, context.connectors[LEFT if entry.side == LEFT else RIGHT]).files(entry.kind, entry.target_id)
        now[FILE] = after[FILE] if after[FILE] in held else ""
    return all(nearly(name, now.get(name, ABSENT), value) for name, value in after.items())


def _begun_in_part(context: Context, entry: JournalEntry, seen: Seen) -> bool:
    """Say whether a step of several calls stopped in its middle: every row there is one of before or one of after.

    Where somebody has put in a row of their own meanwhile it is not carried on: the record is merged, and a person may be asked.
    """
    if not resumes(context, entry):
        return False
    after, before = values.decode(entry.after), values.decode(entry.before)
    now = dict(present(seen.record))
    for name, wanted in after.items():
        rows, held = now.get(name), before.get(name)
        known = [*wanted, *(held if isinstance(held, tuple) else ())]
        if not isinstance(rows, tuple) or not all(any(same_row(row, one) for one in known) for row in rows):
            return False
    return not _same_values(now, before)


def resumes(context: Context, entry: JournalEntry) -> bool:
    """Say whether a write takes several calls, so that it may stop in its middle and is carried on."""
    side: Side = LEFT if entry.side == LEFT else RIGHT
    return bool(entry.after) and context.connectors[side].capability(entry.kind).resumes.issuperset(entry.after)


def keep_part(context: Context, entry: JournalEntry) -> None:
    """After a refusal in the middle of a step: what is there of it is our own, and nobody's edit that a person would be asked about."""
    if not resumes(context, entry):
        return
    side: Side = LEFT if entry.side == LEFT else RIGHT
    seen = context.connectors[side].get(entry.kind, entry.target_id)
    if seen is not None and _begun_in_part(context, entry, seen):
        now = dict(present(seen.record))
        left, right = _sides(entry, entry.target_id)
        links.move_base(context.id, entry.kind, left, right, {name: now[name] for name in values.decode(entry.after)})


def _same_values(now: Mapping[str, object], before: Mapping[str, object]) -> bool:
    """Say whether nothing of what was to be changed has been changed."""
    return all(same(name, now.get(name), value) for name, value in before.items())


def _carried_on(context: Context, entry: JournalEntry) -> bool:
    """Do the rest of a step that was begun: the system is asked for the whole of it once more, which changes what is missing.

    A refusal is kept for a person; the step is planned anew from what is there.
    """
    context.still_mine()
    side: Side = LEFT if entry.side == LEFT else RIGHT
    ref = Ref(context.system(side), entry.kind, entry.target_id)
    try:
        receipt = context.connectors[side].update(entry.kind, Update(ref, {}, values.decode(entry.after)))
    except (Rejected, Stale) as error:
        keep_part(context, entry)
        left, right = _sides(entry, entry.target_id)
        trouble = Trouble(
            "failed",
            other(side),
            entry.kind,
            entry.source_id,
            error.sentence,
            left,
            right,
            error.repair,
            error.rule or "",
            again=True,
        )
        with transaction.atomic():
            journal.failed(entry, context.clock(), {"error": str(error.sentence)})
            problems.put(context.id, entry.stream, trouble, context.clock())
        return True
    if receipt.seen is None:
        return False
    _update_done(context, entry, receipt.seen)
    return True


def _sides(entry: JournalEntry, target: str) -> tuple[str, str]:
    return (target, entry.source_id) if entry.side == LEFT else (entry.source_id, target)


def _creation_done(context: Context, entry: JournalEntry, seen: Seen) -> None:
    """Link what was made, and let both be read once more: a step after the creation may be missing."""
    now = context.clock()
    left, right = _sides(entry, seen.ref.id)
    source_side: Side = other(LEFT if entry.side == LEFT else RIGHT)
    echo = found_made(context, entry, seen) if entry.kind == context.stream.kind else NO_ECHO
    with transaction.atomic():
        journal.done(entry, seen.ref.id, now, {"found": True, "looks": entry.looks})
        links.put(
            context.id,
            entry.kind,
            left,
            right,
            values.decode(entry.base_after),
            listed=seen.listed,
            compared_at=now,
            look_again_at=now,
            echo=echo,
        )
        problems.solve(context.id, entry.stream, source_side, [entry.source_id], now)
    if seen.complete and entry.kind == context.stream.kind:
        context.found[other(source_side), seen.ref.id] = seen


def _update_done(context: Context, entry: JournalEntry, seen: Seen) -> None:
    now = context.clock()
    left, right = _sides(entry, entry.target_id)
    agreed, echoes = journal.base_of(entry)
    link = links.one(context.id, entry.kind, left, right)
    echo = NO_ECHO
    if entry.kind == context.stream.kind:
        echo = found_changed(context, entry, agreed, echoes, link.base if link else {}, seen)
    with transaction.atomic():
        journal.done(entry, entry.target_id, now, {"found": True, "looks": entry.looks})
        links.move_base(
            context.id,
            entry.kind,
            left,
            right,
            agreed,
            listed=seen.listed,
            compared_at=now,
            look_again_at=now,
            echo=echo,
        )


def _not_done(context: Context, entry: JournalEntry) -> None:
    """It surely did not happen: the record is planned anew, now, as the cursor may have passed it."""
    now = context.clock()
    with transaction.atomic():
        journal.failed(entry, now, {"found": False, "looks": entry.looks})
        if entry.action == "create":
            source_side: Side = other(LEFT if entry.side == LEFT else RIGHT)
            sentence = Sentence(
                "No answer came when {system} was asked to make {kind} {id}; a look showed that it was not made. It is tried again.",
                {"system": context.called(LEFT if entry.side == LEFT else RIGHT), "kind": entry.kind, "id": entry.source_id},
            )
            trouble = Trouble("failed", source_side, entry.kind, entry.source_id, sentence, repair=_NOTHING, again=True)
            row = problems.put(context.id, entry.stream, trouble, now)
            row.look_at = now
            row.save(update_fields=["look_at"])
            return
        left, right = _sides(entry, entry.target_id)
        link = links.one(context.id, entry.kind, left, right)
        if link is not None:
            links.look_again([link.pk], now)
