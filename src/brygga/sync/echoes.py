"""What a system made of our own writes, to be kept with link and base in the same transaction (DESIGN 5).

Fields that name other records are left out: what they say in the other side's words takes a look at the links.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from brygga.connectors.contract import Receipt
from brygga.core.diff import same
from brygga.core.document import Document, Payment, Settlement
from brygga.core.echo import NO_ECHO, Echo, answered, set_back
from brygga.core.formerly import as_held
from brygga.core.plan import Update
from brygga.core.policy import LEFT, RIGHT, Side, other
from brygga.core.record import Record, Value, present
from brygga.core.seen import Seen
from brygga.store.models import JournalEntry
from brygga.store.values import decode_fields
from brygga.sync.context import Context
from brygga.sync.refer import worded

Values = Mapping[str, Value]


def of_creation(context: Context, side: Side, base: Values, sent: Values, source: Record, seen: Seen | None) -> Echo:
    """Return what a side made of a record that it was asked to make.

    base, sent   what both sides hold then, and what was written; *source* is the record that it was made of
    """
    if seen is None:
        return NO_ECHO
    record = worded(context, side, seen).record
    held = _answered(context, side, base, sent, dict(present(record)), new=True)
    differs = _differs(context, side, source, record)
    return Echo({side: held} if held else {}, {}, differs) if held or differs else NO_ECHO


def of_update(context: Context, item: Update, receipt: Receipt, sent: Values) -> Echo:
    """Return what the two sides made of an update: rounded, set back, or different from what it should be."""
    side, rules = item.side, context.stream.rules
    record = worded(context, side, receipt.seen).record if receipt.seen is not None else None
    held = _held(context, item.side, item.agreed, sent, record, item.echoes)
    raw = receipt.seen.record if receipt.seen is not None else None
    reset = set_back(receipt.before, raw, sent, rules.holds, rules.policy, side)
    differs = frozenset[str]()
    if compares(context, item) and record is not None and item.source is not None:
        differs = _differs(context, side, item.source, record)
    return Echo(held, {side: reset} if reset else {}, differs) if held or reset or differs else NO_ECHO


def compares(context: Context, item: Update) -> bool:
    """Say whether a document in Fortnox is compared with its source after this: it was written, and not only led to a state.

    Not while what Fortnox itself changed has still to go to the source.
    """
    return item.side == RIGHT and not item.echoes and not set(item.changes) <= set(context.stream.rules.holds[RIGHT].steps)


def found_made(context: Context, entry: JournalEntry, seen: Seen) -> Echo:
    """Return the same as `of_creation` for a record that was found after no answer had come."""
    side: Side = LEFT if entry.side == LEFT else RIGHT
    sent = decode_fields(entry.after)
    kind: Any = type(seen.record)
    return of_creation(context, side, decode_fields(entry.base_after), sent, kind(**sent), seen)


def found_changed(
    context: Context, entry: JournalEntry, agreed: Values, echoes: Mapping[Side, Values], base: Values, seen: Seen
) -> Echo:
    """Return the same as `of_update` for an update that was found to be done after no answer had come.

    What the record was like right before it is not known then: of what the system is known to set back with what we wrote,
    everything that does not say what the base says counts as set back.
    """
    side: Side = LEFT if entry.side == LEFT else RIGHT
    sent, record = decode_fields(entry.after), worded(context, side, seen).record
    held = _held(context, side, agreed, sent, record, echoes)
    now = dict(present(record))
    resets = context.connectors[side].capability(entry.kind).resets
    candidates = frozenset[str]().union(*(resets.get(name, frozenset()) for name in sent)) - sent.keys()
    reset = {name: now[name] for name in candidates if name in now and name in base and not same(name, base[name], now[name])}
    return Echo(held, {side: reset} if reset else {}) if held or reset else NO_ECHO


def _held(
    context: Context, side: Side, agreed: Values, sent: Values, record: Record | None, echoes: Mapping[Side, Values]
) -> dict[Side, Values]:
    answer = dict(present(record)) if record is not None else {}
    said = echoes.get(side, {})
    found: dict[Side, Values] = {
        side: {
            **_answered(
                context, side, {name: value for name, value in agreed.items() if name not in said}, sent, answer, new=False
            ),
            **_unlike(context, side, agreed, said),
        },
        other(side): _unlike(context, other(side), agreed, echoes.get(other(side), {})),
    }
    return {one: values for one, values in found.items() if values}


def _answered(context: Context, side: Side, agreed: Values, sent: Values, answer: Values, *, new: bool) -> Values:
    rules = context.stream.rules
    references = {name for ours, (theirs, _) in context.stream.refers.items() for name in (ours, theirs)}
    plain = {name: value for name, value in agreed.items() if name not in references} if references else agreed
    return answered(plain, sent, answer, rules.holds[side], rules.policy, side, new=new)


def _unlike(context: Context, side: Side, agreed: Values, said: Values) -> Values:
    holding = context.stream.rules.holds[side]
    return {
        name: value
        for name, value in said.items()
        if name in agreed
        and not same(name, agreed[name], value)
        and not same(name, as_held(holding, name, agreed[name], value), value)
    }


def _differs(context: Context, side: Side, source: Record, record: Record) -> frozenset[str]:
    if side != RIGHT or not isinstance(record, Document | Payment | Settlement):
        return frozenset()
    return frozenset(one.key for one in context.stream.rules.compare(source, record))


def with_answer(item: Update, seen: Seen | None) -> Update:
    """Return an update that follows one of the other side, with what that side answered to it as what it holds."""
    if seen is None or not item.echoes:
        return item
    now = dict(present(seen.record))
    there = other(item.side)
    said = {name: now.get(name, value) for name, value in item.echoes.get(there, {}).items()}
    return replace(item, echoes={**item.echoes, there: said})
