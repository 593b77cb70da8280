"""Record what needs no write to another system: links, moves of the base, and what waits for a person or for its time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction

from brygga.core.plan import Conflict, Held, Item, LinkUp, Question, Settle, Skipped, Unlink
from brygga.core.policy import LEFT, RIGHT, Side, other
from brygga.errors import Sentence
from brygga.store import links, problems, values
from brygga.store.problems import Trouble
from brygga.sync.context import Context
from brygga.sync.outcome import Outcome, shown


def note(context: Context, item: Item, listed: Mapping[str, str]) -> Outcome:
    """Record what needs no write: links, moves of the base, and what waits for somebody."""
    now, stream, kind = context.clock(), context.stream.name, context.stream.kind
    if isinstance(item, LinkUp):
        with transaction.atomic():
            links.put(
                context.id,
                kind,
                item.left.id,
                item.right.id,
                item.agreed,
                thin=not item.complete,
                listed=listed.get(item.right.id, ""),
                compared_at=now if item.complete else None,
                look_again_at=None
                if item.complete
                else now + (context.pace.details_after if item.right.id in listed else timedelta()),
            )
            for side, ref in ((LEFT, item.left), (RIGHT, item.right)):
                problems.solve(context.id, stream, side, [ref.id], now)
        return Outcome(item, "done", left_id=item.left.id, right_id=item.right.id)
    if isinstance(item, Settle):
        links.move_base(context.id, kind, item.left.id, item.right.id, item.agreed)
        return Outcome(item, "done", left_id=item.left.id, right_id=item.right.id)
    if isinstance(item, Unlink):
        return _gone(context, item)
    assert isinstance(item, (Skipped, Held, Conflict, Question))
    trouble = _trouble(context, item)
    problems.put(context.id, stream, trouble, now)
    return Outcome(item, "noted", trouble.sentence, trouble.repair, trouble.rule, trouble.left_id, trouble.right_id)


def _gone(context: Context, item: Unlink) -> Outcome:
    """Take the link of a record that is gone away; the other one stays, and a person is told (DESIGN 5, UPS-16)."""
    stays: Side = other(item.gone)
    kept = item.left if stays == LEFT else item.right
    lost = item.left if item.gone == LEFT else item.right
    sentence = Sentence(
        "{lost_system} no longer has {lost}, which {system} {id} was linked to. Nothing was deleted; {system} {id} stays as it is.",
        {"lost_system": context.called(item.gone), "lost": lost.id, "system": context.called(stays), "id": kept.id},
    )
    repair = Sentence("Link it to another record, or let it be made anew, on the matching desk.")
    trouble = Trouble("question", stays, context.stream.kind, kept.id, sentence, repair=repair)
    with transaction.atomic():
        links.remove(context.id, context.stream.kind, item.left.id, item.right.id)
        problems.put(context.id, context.stream.name, trouble, context.clock())
    return Outcome(item, "noted", sentence, repair, "", item.left.id, item.right.id)


def _trouble(context: Context, item: Skipped | Held | Conflict | Question) -> Trouble:
    kind = context.stream.kind
    if isinstance(item, Conflict):
        sentence = Sentence(
            "{left_system} {left} and {right_system} {right} were both changed: {fields}. Nothing was written to these fields.",
            {
                "left_system": context.called(LEFT),
                "left": item.left.id,
                "right_system": context.called(RIGHT),
                "right": item.right.id,
                "fields": ", ".join(sorted(item.fields)),
            },
        )
        detail = {"fields": {name: [shown(value) for value in three] for name, three in item.fields.items()}}
        repair = Sentence("Choose a value for each field under Conflicts.")
        return Trouble("conflict", LEFT, kind, item.left.id, sentence, item.left.id, item.right.id, repair, detail=detail)
    if isinstance(item, Question):
        return _question(item, kind)
    left, right = (item.ref.id, "") if item.side == LEFT else ("", item.ref.id)
    if isinstance(item, Skipped):
        return Trouble("skip", item.side, kind, item.ref.id, item.why.sentence, left, right, None, item.why.rule, item.values)
    why = item.why
    return Trouble("hold", item.side, kind, item.ref.id, why.sentence, left, right, why.repair, why.rule, item.values, again=True)


def _question(item: Question, kind: str) -> Trouble:
    detail = {
        name: [
            {
                "id": c.id,
                "key": c.key,
                "evidence": list(c.evidence),
                "score": c.score,
                "values": values.encode(dict(c.values)),
                "linked_to": c.linked_to,
            }
            for c in group
        ]
        for name, group in (("candidates", item.candidates), ("twins", item.twins))
    }
    left, right = (item.ref.id, "") if item.side == LEFT else ("", item.ref.id)
    repair = Sentence("Choose which one it is, or let it be made anew, on the matching desk.")
    return Trouble("question", item.side, kind, item.ref.id, item.sentence, left, right, repair, "", item.values, detail)
