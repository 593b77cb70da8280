"""Before anything is matched: what has a document of another kind gets none of this one, and what Fortnox made of it belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from brygga.core.lineage import Lineage, belongs_to, has_another, may_have_another, relatives
from brygga.core.plan import Skip, Skipped
from brygga.core.policy import LEFT, RIGHT, Side
from brygga.core.record import present
from brygga.core.seen import Fresh
from brygga.store import journal, links
from brygga.sync.context import Context
from brygga.sync.fetched import Fetched


def keep_one(context: Context, fetched: Fetched) -> None:
    """Take the records that have a document of another kind out of what is to be matched; link what Fortnox made of that one to them."""
    lineage = context.stream.lineage
    if lineage is None or not fetched.fresh:
        return
    kept = _of_right(context, lineage, fetched)
    had = others_of(context, [id for side, id in fetched.fresh if side == LEFT and id not in kept])
    for id, (kind, number) in had.items():
        if kind in lineage.of:
            continue
        called = context.called(LEFT)
        why = has_another(lineage, context.stream.kind, id, called, (kind, number)) if number else None
        _leave(context, fetched, LEFT, id, why or may_have_another(lineage, context.stream.kind, id, called, kind))


def others_of(context: Context, ids: list[str]) -> dict[str, tuple[str, str]]:
    """Return for records of the left the kind and number of a document of another kind; no number where it is not known whether it was made."""
    lineage, kind = context.stream.lineage, context.stream.kind
    if lineage is None or not ids:
        return {}
    others = lineage.others(kind)
    begun = {id: (one, "") for id, one in journal.creating(context.id, others, RIGHT, ids).items()}
    linked = {id: (one, link.right_id) for one in others for id, link in links.by_id(context.id, one, LEFT, ids).items()}
    return begun | linked


def _of_right(context: Context, lineage: Lineage, fetched: Fetched) -> set[str]:
    """Say of each document of Fortnox that is made of one with a record, or the other way round, that it belongs to that record.

    Returns the records of the left that get one so.
    """
    kept: set[str] = set()
    for id, (relative, left) in _related(context, lineage, fetched).items():
        has = links.by_id(context.id, context.stream.kind, LEFT, [left]).get(left)
        one = fetched.fresh.get((LEFT, left))
        seen = one.seen if one else None if has else context.connectors[LEFT].get(context.stream.kind, left)
        if has is not None or seen is None or left in kept:
            number = has.right_id if has else id if left in kept else ""
            why = belongs_to(lineage, context.stream.kind, id, relative, context.called(LEFT), left, number)
            _leave(context, fetched, RIGHT, id, why)
            continue
        kept.add(left)
        fetched.fresh[LEFT, left] = replace(one, answer={}) if one else Fresh(LEFT, seen, shown=True)
        fetched.fresh[RIGHT, id] = replace(fetched.fresh[RIGHT, id], belongs=left)
    return kept


def _related(context: Context, lineage: Lineage, fetched: Fetched) -> Mapping[str, tuple[tuple[str, str], str]]:
    """Return document of Fortnox -> its relative that is linked (kind and number), and the record of the left that one has."""
    named = {
        id: list(relatives(one.seen.record))
        for (side, id), one in fetched.fresh.items()
        if side == RIGHT and one.answer.keys() <= {"not"}
    }
    linked = {
        kind: links.by_id(context.id, kind, RIGHT, sorted({number for all in named.values() for k, number in all if k == kind}))
        for kind in lineage.others(context.stream.kind)
    }
    found: dict[str, tuple[tuple[str, str], str]] = {}
    for id, all in named.items():
        for kind, number in all:
            if link := linked.get(kind, {}).get(number):
                found.setdefault(id, ((kind, number), link.left_id))
    return found


def _leave(context: Context, fetched: Fetched, side: Side, id: str, why: Skip) -> None:
    """Keep a record out of this run's matching, and say why. What it holds is not kept: by its number it would be taken for another kind."""
    one = fetched.fresh.pop((side, id))
    if not one.shown:
        values = {} if side == LEFT else dict(present(one.seen.record))
        fetched.items.append(Skipped(side, one.seen.ref, why, values))
