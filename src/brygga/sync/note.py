"""Record what needs no write to another system: links, moves of the base, and what waits for a person or for its time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from brygga.core import called
from brygga.core.plan import Conflict, Held, Item, LinkUp, Question, Settle, Skipped, Unlink
from brygga.core.policy import LEFT, RIGHT, Side, other
from brygga.errors import Sentence
from brygga.store import links, problems, values
from brygga.store.problems import Trouble
from brygga.sync.context import Context
from brygga.sync.outcome import Outcome, shown

AT_ONCE = 5000
"""So many links and troubles are recorded in one transaction: a large first import is mostly these."""


def note(context: Context, item: Item, listed: Mapping[str, str]) -> Outcome:
    """Record what needs no write: links, moves of the base, and what waits for somebody."""
    return note_many(context, [item], listed)[0]


def note_many(context: Context, items: Sequence[Item], listed: Mapping[str, str]) -> list[Outcome]:
    """Record many items that need no write, in their order as far as it matters; links and troubles many at a time.

    A record stands in one item of a plan alone, apart from a link and what is said of the pair: that comes after its link.
    """
    outcomes: list[Outcome] = []
    for start in range(0, len(items), AT_ONCE):
        some = items[start : start + AT_ONCE]
        context.progress("record", start, len(items))
        with transaction.atomic():
            _link(context, [item for item in some if isinstance(item, LinkUp)], listed)
            told = [_outcome(context, item) for item in some]
            problems.put_many(context.id, context.stream.name, [trouble for _, trouble in told if trouble], context.clock())
        outcomes += [outcome for outcome, _ in told]
    return outcomes


def _link(context: Context, items: Sequence[LinkUp], listed: Mapping[str, str]) -> None:
    now = context.clock()
    later = now + context.pace.details_after
    wanted = [
        links.NewLink(
            item.left.id,
            item.right.id,
            item.agreed,
            thin=not item.complete,
            listed=listed.get(item.right.id, ""),
            compared_at=now if item.complete else None,
            look_again_at=None if item.complete else later if item.right.id in listed else now,
            shared=item.shared,
        )
        for item in items
    ]
    links.put_many(context.id, context.stream.kind, wanted)
    problems.solve(context.id, context.stream.name, LEFT, [item.left.id for item in items], now)
    problems.solve(context.id, context.stream.name, RIGHT, [item.right.id for item in items], now)


def _outcome(context: Context, item: Item) -> tuple[Outcome, Trouble | None]:
    """Carry out what is left of one item; return what became of it, and the trouble to be noted."""
    kind = context.stream.kind
    if isinstance(item, LinkUp):
        return Outcome(item, "done", left_id=item.left.id, right_id=item.right.id), None
    if isinstance(item, Settle):
        links.move_base(context.id, kind, item.left.id, item.right.id, item.agreed)
        return Outcome(item, "done", left_id=item.left.id, right_id=item.right.id), None
    if isinstance(item, Unlink):
        return _gone(context, item)
    assert isinstance(item, (Skipped, Held, Conflict, Question))
    trouble = _trouble(context, item)
    return Outcome(item, "noted", trouble.sentence, trouble.repair, trouble.rule, trouble.left_id, trouble.right_id), trouble


def _gone(context: Context, item: Unlink) -> tuple[Outcome, Trouble | None]:
    """Take the link of a record that is gone away; the other one stays, and a person is told (DESIGN 5, UPS-16).

    Nobody is asked whose a customer is to which others still belong.
    """
    if item.both:
        links.remove(context.id, context.stream.kind, item.left.id, item.right.id)
        problems.solve_pair(context.id, context.stream.name, item.left.id, item.right.id, context.clock())
        facts = {"lost_system": context.called(LEFT), "lost": item.left.id, "system": context.called(RIGHT), "id": item.right.id}
        both = Sentence("Neither {lost_system} {lost} nor {system} {id}, which it was linked to, is there any more.", facts)
        return Outcome(item, "noted", both, None, "", item.left.id, item.right.id), None
    stays: Side = other(item.gone)
    kept = item.left if stays == LEFT else item.right
    lost = item.left if item.gone == LEFT else item.right
    sentence = Sentence(
        "{lost_system} no longer has {lost}, which {system} {id} was linked to. Nothing was deleted; {system} {id} stays as it is.",
        {"lost_system": context.called(item.gone), "lost": lost.id, "system": context.called(stays), "id": kept.id},
    )
    if item.gone == RIGHT and context.stream.kind == "price":
        sentence = Sentence(
            "{said} It stays in {system} as it was.",
            {"said": str(called.gone(context.called(RIGHT), "price", lost.id)), "system": context.called(stays)},
        )
    repair = Sentence("Link it to another record, or let it be made anew, on the matching desk.")
    trouble = Trouble("question", stays, context.stream.kind, kept.id, sentence, repair=repair)
    links.remove(context.id, context.stream.kind, item.left.id, item.right.id)
    if item.gone == LEFT and belongs_to_others(context, item.right.id):
        return Outcome(item, "noted", sentence, None, "", item.left.id, item.right.id), None
    return Outcome(item, "noted", sentence, repair, "", item.left.id, item.right.id), trouble


def belongs_to_others(context: Context, right: str) -> bool:
    """Say whether a record of the right is linked, as several of the left may belong to it."""
    return context.stream.rules.several is not None and bool(links.by_id(context.id, context.stream.kind, RIGHT, [right]))


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
    waits: dict[str, object] = {"missing": {"kind": why.missing[0], "id": why.missing[1]}} if why.missing else {}
    if why.booked:
        waits["booked"] = True
    if why.differences:
        number = why.sentence.facts.get("number", "")
        waits["differences"] = [
            {
                "sort": one.sort,
                "field": one.field,
                "row": one.place if one.field == "rows" else "",
                "said": one.said,
                "sent": one.sent,
                "held": one.held,
                "sentence": one.sentence(context.called(LEFT), number).as_json(),
            }
            for one in why.differences
        ]
    return Trouble(
        "hold", item.side, kind, item.ref.id, why.sentence, left, right, why.repair, why.rule, item.values, waits, again=True
    )


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
