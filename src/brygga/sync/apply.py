"""Carry a plan out: intent first, then the write, then link, base and journal in one transaction, before the next call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from django.db import transaction

from brygga.connectors.contract import FILE, Attachment, Creation, Printer, Receipt
from brygga.connectors.contract import Update as Write
from brygga.core.agreement import counted, told
from brygga.core.apart import left_out, parts
from brygga.core.diff import same
from brygga.core.document import Document
from brygga.core.echo import NO_ECHO, Echo
from brygga.core.fault import FAULTS
from brygga.core.plan import Create, Held, Hold, Item, LinkUp, Plan, Remark, Settle, Unlink, Update, joined
from brygga.core.planner import hold_of, merge_pair
from brygga.core.policy import LEFT, RIGHT, Side, other
from brygga.core.record import Record, Ref, Value, present, with_values
from brygga.core.seen import Pair, Seen
from brygga.errors import BryggaError, OutcomeUnknown, Rejected, Sentence, Stale, Unauthorised, Unavailable
from brygga.store import journal, links, problems
from brygga.store.journal import Intent
from brygga.store.models import JournalEntry
from brygga.sync.context import Context
from brygga.sync.echoes import compares, of_creation, of_update, with_answer
from brygga.sync.first import settle_parting
from brygga.sync.note import note, note_many
from brygga.sync.outcome import Applied, Outcome
from brygga.sync.recover import keep_part, resumes
from brygga.sync.refer import alike, refer, worded
from brygga.sync.refused import (
    calls,
    fault_at_creation,
    fault_at_update,
    fields_refused,
    left_of,
    part_of,
    refused,
    right_of,
    without,
)
from brygga.sync.show import keep_lock

Made = tuple[Create, JournalEntry, Receipt]
"""A creation, the intent of it, and what the system answered."""


def apply(context: Context, plan: Plan, listed: Mapping[str, str], applied: Applied | None = None) -> Applied:
    """Carry out every item of the plan. A refusal concerns its own record; the others go on.

    applied  is added to and returned; whoever gives it sees what was done also when the system fell away in the middle

    Raises Unavailable and Unauthorised when a system is out of reach: what was done is recorded, the rest is planned anew
    by the next run, as the cursors have not moved.
    """
    applied = Applied() if applied is None else applied
    noted: list[Item] = []
    creates: dict[Side, list[Create]] = {RIGHT: [], LEFT: []}
    updates: dict[Side, list[Update]] = {RIGHT: [], LEFT: []}
    for item in plan.items:
        if isinstance(item, Create):
            creates[item.side].append(item)
        elif isinstance(item, Update):
            updates[item.side].append(item)
        elif isinstance(item, LinkUp) and item.awaits:
            applied.joining.setdefault(item.awaits, []).append(item)
        elif isinstance(item, Unlink) and not item.both and other(item.gone) in context.stream.parting:
            applied.outcomes += _part(context, item)
        else:
            noted.append(item)
    applied.held |= {item.ref.id for item in noted if isinstance(item, Held) and item.side == LEFT}
    applied.outcomes += note_many(context, noted, listed)
    edits = [*updates[RIGHT], *updates[LEFT]]
    done, total = len(edits), len(edits) + len(creates[RIGHT]) + len(creates[LEFT])
    # Edits do not wait behind what is made, of which there may be thousands.
    _updates(context, edits, applied, total)
    for side in (RIGHT, LEFT):
        for batch in _batches(context, creates[side], max(1, context.connectors[side].capability(context.stream.kind).batch)):
            context.progress(f"create in {context.called(side)}", done, total)
            _create(context, side, batch, listed, applied)
            done += len(batch)
            # The other side is told at once: whoever looks there sees it, and a process that dies leaves little to be read again.
            _updates(context, applied.follow, applied)
            applied.follow.clear()
    applied.outcomes += _waiting(context, applied)
    return applied


def _waiting(context: Context, applied: Applied) -> list[Outcome]:
    """Hold what belongs to a record that was not made after all, so that it is looked at again."""
    held: list[Item] = []
    for awaited, joins in applied.joining.items():
        for item in joins:
            facts = {
                "system": context.called(LEFT),
                "id": item.left.id,
                "first": awaited,
                "other": context.called(RIGHT),
            }
            why = Sentence("{system} {id} is the same buyer as {first}, and waits until that one is made in {other}.", facts)
            repair = Sentence("Look at {first} among the problems: what holds it holds this one too.", facts)
            held.append(Held(LEFT, item.left, Hold(why, "", repair), {}))
    applied.joining.clear()
    return note_many(context, held, {})


def _updates(context: Context, items: Sequence[Update], applied: Applied, total: int = 0) -> None:
    """Write changes and take steps, in this order. A step follows what it stands on: an invoice whose rows were refused is not booked."""
    stopped: set[tuple[Side, str]] = set()
    for place, item in enumerate(items):
        if total:
            context.progress(f"update {context.called(item.side)}", place, total)
        if (item.side, item.left.id) in stopped or (item.follows and (other(item.side), item.left.id) in stopped):
            continue
        if item.follows:
            item = with_answer(item, applied.shown.get((other(item.side), (item.right if item.side == LEFT else item.left).id)))
        # What goes well for a record does not take away what was just said of another step of it.
        waits = item.left.id in applied.held or any(id == item.left.id for _, id in stopped)
        outcome = _update(context, item, applied, solves=not waits)
        applied.outcomes.append(outcome)
        if outcome.outcome != "done" or _told(context, item, applied):
            stopped.add((item.side, item.left.id))


def _told(context: Context, item: Update, applied: Applied) -> bool:
    """Tell what Fortnox answered otherwise than it was sent, or set back once more; returns whether no step may follow."""
    echo = applied.echoes.pop((item.side, item.left.id), NO_ECHO)
    held: Hold | None = None
    if echo.differs and item.source is not None:
        link = links.one(context.id, context.stream.kind, item.left.id, item.right.id)
        seen = worded(context, RIGHT, applied.shown[RIGHT, item.right.id])
        differences = context.stream.rules.compare(item.source, seen.record)
        found = counted(differences, echo.differs, link.accepted if link else frozenset())
        held = hold_of(context.stream.rules, seen.record, found)
    again = sorted(item.restores & set(echo.of(item.side)))
    if again:
        target = item.left if item.side == LEFT else item.right
        facts = {"system": context.called(item.side), "id": target.id, "fields": ", ".join(again)}
        held = Hold(
            Sentence("{system} {id} was set back by {system} itself once more after it was written: {fields}.", facts),
            "",
            Sentence("Look at it in {system}, and set it there.", facts),
        )
    if held is not None:
        record = dict(present(item.source)) if item.source is not None else {}
        applied.held.add(item.left.id)
        applied.outcomes.append(note(context, Held(LEFT, item.left, held, record), {}))
    return held is not None


AFTER_RESTORE = timedelta(days=14)
"""So long after a restore each record is looked for by its key before it is made."""


def _part(context: Context, item: Unlink) -> list[Outcome]:
    """Set what a record that stays behind is to say, then take the link away; nobody is asked (UPS-16)."""
    stays: Side = other(item.gone)
    kept = item.left if stays == LEFT else item.right
    seen = context.connectors[stays].get(context.stream.kind, kept.id)
    outcomes: list[Outcome] = []
    if seen is not None:
        now = dict(present(seen.record))
        wish = context.stream.parting[stays]
        changes = {name: (now[name], value) for name, value in wish.items() if name in now and not same(name, now[name], value)}
        if changes:
            outcomes.append(_update(context, Update(stays, item.left, item.right, changes, {}), Applied()))
            if outcomes[0].outcome != "done":
                return outcomes
    links.remove(context.id, context.stream.kind, item.left.id, item.right.id)
    settle_parting(context, item)
    return [*outcomes, Outcome(item, "done", left_id=item.left.id, right_id=item.right.id)]


def _batches(context: Context, items: Sequence[Create], size: int) -> Iterator[Sequence[Create]]:
    """Yield what is made in one call. What failed before goes by itself, so that it spoils the call for no other."""
    failed: set[str] = set()
    if size > 1 and items:
        side = other(items[0].side)
        failed = set(problems.by_id(context.id, context.stream.name, side, [item.source.id for item in items]))
    together = [item for item in items if item.source.id not in failed]
    for start in range(0, len(together), size):
        yield together[start : start + size]
    yield from ([item] for item in items if item.source.id in failed)


def _made_before(
    context: Context, side: Side, batch: Sequence[Create], listed: Mapping[str, str], applied: Applied
) -> list[Create]:
    """After a restore: link what was made after the backup, found by its key, and return what is still to be made.

    Only for some days: by then everything that was made in between has been planned once more.
    """
    company, now = context.integration.company, context.clock()
    if company.restored_from is None or company.restored_at is None or now > company.restored_at + AFTER_RESTORE:
        return list(batch)
    since = company.restored_from - context.pace.clocks_apart
    found = context.connectors[side].find(context.stream.kind, [item.key for item in batch], since)
    for item in batch:
        seen = found.get(item.key)
        if seen is None:
            continue
        intent = Intent(
            side, context.stream.kind, "create", item.key, item.source.id, "", {}, dict(item.values), _base_of(context, item)
        )
        [entry] = journal.begin(context.integration, context.stream.name, context.run.pk, [intent], now)
        _created(context, [(item, entry, Receipt(seen.ref, seen))], listed, applied)
    return [item for item in batch if item.key not in found]


def _create(context: Context, side: Side, batch: Sequence[Create], listed: Mapping[str, str], applied: Applied) -> None:
    context.still_mine()
    kind, connector = context.stream.kind, context.connectors[side]
    batch = _made_before(context, side, batch, listed, applied)
    if not batch:
        return
    intents = [
        Intent(side, kind, "create", item.key, item.source.id, "", {}, dict(item.values), _base_of(context, item)) for item in batch
    ]
    entries = journal.begin(context.integration, context.stream.name, context.run.pk, intents, context.clock())
    context.calls.clear()
    try:
        results = connector.create(kind, [Creation(item.key, with_values(item.record, item.values)) for item in batch])
    except OutcomeUnknown as error:
        applied.outcomes.extend(
            Outcome(item, "unknown", error.sentence, left_id=left_of(item), right_id=right_of(item)) for item in batch
        )
        return
    except (Unavailable, Unauthorised) as error:
        with transaction.atomic():
            for entry in entries:
                journal.failed(entry, context.clock(), {"error": str(error.sentence)} | calls(context, side))
        raise
    except FAULTS as error:
        fault_at_creation(context, side, batch, entries, error, applied)
        return
    made: list[Made] = []
    lesser: list[Create] = []
    for item, entry, result in zip(batch, entries, results, strict=True):
        if isinstance(result, Receipt):
            made.append((item, entry, result))
            continue
        outcome = refused(context, item, entry, result)
        if not result.whole and not item.later and (later := left_out(item.record, item.values, result)):
            lesser.append(without(item, later))
        else:
            applied.outcomes.append(outcome)
    if made:
        _created(context, made, listed, applied)
    for item in lesser:
        # What it is known by is made; what is not taken of it waits by itself.
        _create(context, side, [item], listed, applied)


def _base_of(context: Context, item: Create) -> dict[str, Value]:
    """Return what both sides hold once the record is made: what the source shows of what was written, uncut."""
    source = dict(present(item.record))
    references = {name for ours, (theirs, _) in context.stream.refers.items() for name in (ours, theirs) if name in source}
    rules, source_side = context.stream.rules, other(item.side)
    # What the source alone decides is compared with what was sent when it is read again.
    own = {name for name, side in rules.policy.governed.items() if side == source_side}
    common = rules.holds[source_side].fields | references | own
    if rules.after_export is not None and source_side == LEFT:
        common |= rules.after_export.kept
    # Whom a document is for is said in the words of both sides, whichever was written.
    return {name: source[name] for name in (*item.values, *(references - item.values.keys())) if name in common}


def _created(context: Context, made: Sequence[Made], listed: Mapping[str, str], applied: Applied) -> None:
    """Record what one call made, in one transaction; then what follows from each."""
    now, source_side = context.clock(), other(made[0][0].side)
    bases = [_base_of(context, item) for item, _, _ in made]
    echoes = [
        of_creation(context, item.side, base, item.values, item.record, receipt.seen)
        for (item, _, receipt), base in zip(made, bases, strict=True)
    ]
    with transaction.atomic():
        journal.done_many(
            [(entry, receipt.ref.id, {"request": receipt.request_id} | calls(context, item.side)) for item, entry, receipt in made],
            now,
        )
        links.put_many(
            context.id,
            context.stream.kind,
            [
                _link_of(context, item, receipt, listed, now, base, echo)
                for (item, _, receipt), base, echo in zip(made, bases, echoes, strict=True)
            ],
        )
        for item, _, receipt in made:
            if item.side == LEFT and isinstance(item.record, Document):
                keep_lock(context, receipt.ref.id, item.source.id, item.record, item.record, new=True)
        problems.solve(context.id, context.stream.name, source_side, [item.source.id for item, _, _ in made], now)
    joins: list[Item] = [
        replace(join, right=receipt.ref, awaits="")
        for item, _, receipt in made
        if item.side == RIGHT
        for join in applied.joining.pop(item.source.id, ())
    ]
    applied.outcomes += note_many(context, joins, listed)
    for (item, _, receipt), base, echo in zip(made, bases, echoes, strict=True):
        left, right = (receipt.ref, item.source) if item.side == LEFT else (item.source, receipt.ref)
        remark = joined((item.remark, receipt.remark, _of_answer(context, item.side, item.record, receipt)))
        said, rule = (remark.sentence, remark.rule) if remark else (None, "")
        applied.outcomes.append(Outcome(item, "done", said, rule=rule, left_id=left.id, right_id=right.id))
        if receipt.seen is not None:
            applied.shown[item.side, receipt.ref.id] = receipt.seen
            _follow(context, item, receipt.seen, base, echo, applied)


def _link_of(
    context: Context,
    item: Create,
    receipt: Receipt,
    listed: Mapping[str, str],
    now: datetime,
    base: Mapping[str, Value],
    echo: Echo,
) -> links.NewLink:
    left, right = (receipt.ref, item.source) if item.side == LEFT else (item.source, receipt.ref)
    again = (
        now + context.pace.details_after if not item.complete else (now + context.pace.again_after if item.side == RIGHT else None)
    )
    if item.later and receipt.seen is None:
        # What was not taken is tried, and told, by this run's second look: the answer showed nothing that could be followed.
        again = now
    return links.NewLink(
        left.id,
        right.id,
        base,
        thin=not item.complete,
        listed=receipt.seen.listed if receipt.seen and item.side == RIGHT else listed.get(right.id, ""),
        compared_at=now if item.complete else None,
        look_again_at=again,
        echo=echo,
        accepted=sorted(told(context.stream.rules.compare, item.record))
        if item.side == LEFT and isinstance(item.record, Document)
        else None,
    )


def _follow(context: Context, item: Create, made: Seen, base: Mapping[str, Value], echo: Echo, applied: Applied) -> None:
    """Let the made record tell its source what was assigned or filled in (WEB-28), then take the steps that come after creation.

    What the two do not say alike, though they should, is kept for a person; then no step is taken.
    """
    [made] = refer(context, [(item.side, made)])
    source = Seen(item.source, with_values(item.record, item.later))
    halves = (made, source) if item.side == LEFT else (source, made)
    rules = context.stream.rules
    steps = set(rules.holds[item.side].steps)
    left, right = (one.record for one in halves)
    waits = hold_of(rules, right, counted(rules.compare(left, right), echo.differs, ())) if echo.differs else None
    if waits is not None:
        applied.held.add(item.source.id)
        applied.outcomes.append(note(context, Held(LEFT, item.source, waits, dict(present(left))), {}))
    for found in merge_pair(context.stream.rules, alike(context, Pair(*halves, base, echo=echo))):
        if isinstance(found, Settle):
            links.move_base(context.id, context.stream.kind, found.left.id, found.right.id, found.agreed)
        elif isinstance(found, Held) and waits is None:
            applied.held.add(found.ref.id)
            applied.outcomes.append(note(context, found, {}))
        elif isinstance(found, Update) and (found.side != item.side or (waits is None and steps.issuperset(found.changes))):
            applied.follow.append(found)
        elif isinstance(found, Update) and (late := item.later.keys() & found.changes.keys()):
            applied.follow.append(part_of(found, late))


def _update(context: Context, item: Update, applied: Applied, *, solves: bool = True) -> Outcome:
    """Write one change; what its system does not take of it waits by itself, and the rest goes (`core.apart`)."""
    result = _attempt(context, item, applied, solves=solves)
    return result if isinstance(result, Outcome) else _apart(context, item, result, applied, solves=solves)


def _apart(context: Context, item: Update, error: BryggaError, applied: Applied, *, solves: bool) -> Outcome:
    """Write a refused change in its parts, as far as they are taken, and tell of the rest once."""
    waiting, refused = [(item, error)], list[tuple[Update, BryggaError]]()
    while waiting:
        whole, why = waiting.pop()
        divided = parts(whole.source, whole.changes, why)
        if len(divided) == 1:
            refused.append((whole, why))
            continue
        for names in divided:
            applied.echoes.pop((item.side, item.left.id), None)
            one = part_of(whole, names)
            result = _attempt(context, one, applied, solves=False)
            if not isinstance(result, Outcome):
                waiting.append((one, result))
            elif result.outcome != "done":
                return result
    if refused:
        return fields_refused(context, item, refused)
    if solves:
        problems.solve_pair(context.id, context.stream.name, item.left.id, item.right.id, context.clock())
    return Outcome(item, "done", left_id=item.left.id, right_id=item.right.id)


def _attempt(context: Context, item: Update, applied: Applied, *, solves: bool) -> Outcome | BryggaError:
    """Write one change as it is; returns what became of it, or why its system said no."""
    context.still_mine()
    kind, now = context.stream.kind, context.clock()
    target = item.left if item.side == LEFT else item.right
    source = item.right if item.side == LEFT else item.left
    before = {name: pair[0] for name, pair in item.changes.items()}
    after = {name: pair[1] for name, pair in item.changes.items()}
    intent = Intent(item.side, kind, "update", str(target), source.id, target.id, before, after, item.agreed, item.echoes)
    [entry] = journal.begin(context.integration, context.stream.name, context.run.pk, [intent], now)
    context.calls.clear()
    try:
        receipt = context.connectors[item.side].update(kind, Write(target, before, after, _file(context, item, source)))
    except OutcomeUnknown as error:
        return Outcome(item, "unknown", error.sentence, left_id=item.left.id, right_id=item.right.id)
    except (Unavailable, Unauthorised) as error:
        if not resumes(context, entry):
            journal.failed(entry, context.clock(), {"error": str(error.sentence)} | calls(context, item.side))
        # A step of several calls may have stopped in its middle: it stays begun, and the next run carries it on.
        raise
    except Stale as error:
        with transaction.atomic():
            journal.failed(entry, context.clock(), {"stale": str(error.sentence)} | calls(context, item.side))
            _look_again_now(context, item.left, item.right)
        return Outcome(item, "stale", error.sentence, left_id=item.left.id, right_id=item.right.id)
    except BryggaError as error:
        keep_part(context, entry)
        code = error.code if isinstance(error, Rejected) else ""
        journal.failed(entry, context.clock(), {"error": str(error.sentence), "code": code} | calls(context, item.side))
        return error
    except FAULTS as error:
        return fault_at_update(context, item, entry, source, error)
    echo = of_update(context, item, receipt, after)
    _updated(context, item, entry, receipt, echo, solves=solves)
    if echo is not NO_ECHO:
        applied.echoes[item.side, item.left.id] = echo
    if receipt.seen is not None:
        applied.shown[item.side, target.id] = receipt.seen
    answer = _of_answer(context, item.side, item.source, receipt) if compares(context, item) else None
    remark = joined((item.remark, receipt.remark, answer))
    said, rule = (remark.sentence, remark.rule) if remark else (None, "")
    return Outcome(item, "done", said, rule=rule, left_id=item.left.id, right_id=item.right.id)


def _of_answer(context: Context, side: Side, source: Record | None, receipt: Receipt) -> Remark | None:
    """Return what a person should know of what Fortnox answered, though nothing waits for it: that it rounds to whole kronor."""
    if side != RIGHT or source is None or receipt.seen is None:
        return None
    return context.stream.rules.tells(source, worded(context, RIGHT, receipt.seen).record)


def _file(context: Context, item: Update, source: Ref) -> Attachment | None:
    """Fetch the file that a step is about from where it comes. Raises Stale when it is gone, or another than was planned."""
    if FILE not in item.changes:
        return None
    found = cast(Printer, context.connectors[other(item.side)]).file(source.kind, source.id)
    if found is None or found.digest != item.changes[FILE][1]:
        raise Stale(
            "The PDF of {system} {id} was printed anew or taken away since the plan was made. Nothing was written.",
            system=context.called(other(item.side)),
            id=source.id,
        )
    return found


def _updated(context: Context, item: Update, entry: JournalEntry, receipt: Receipt, echo: Echo, *, solves: bool) -> None:
    now = context.clock()
    right = item.side == RIGHT
    # What was set back beside our write is written again by this same run.
    again = now if echo.reset else now + context.pace.again_after if right else None
    with transaction.atomic():
        journal.done(entry, receipt.ref.id, now, {"request": receipt.request_id} | calls(context, item.side))
        links.move_base(
            context.id,
            context.stream.kind,
            item.left.id,
            item.right.id,
            item.agreed,
            listed=receipt.seen.listed if right and receipt.seen else "",
            compared_at=now if right else None,
            look_again_at=again,
            echo=echo,
            compared=compares(context, item) and receipt.seen is not None,
        )
        if solves:
            problems.solve_pair(context.id, context.stream.name, item.left.id, item.right.id, now)


def _look_again_now(context: Context, left: Ref, right: Ref) -> None:
    link = links.one(context.id, context.stream.kind, left.id, right.id)
    if link is not None:
        links.look_again([link.pk], context.clock())
