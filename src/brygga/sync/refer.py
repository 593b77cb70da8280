"""What one record says of another, in the words of the other side, and what must be there before a record can be made.

A document of the business system names a customer by the id that it has there; Fortnox knows the customer by its number. The link
of the two customers translates (`Stream.refers`), so a document waits until its customer is linked (WEB-53, UPS-18).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, cast

from brygga.connectors.contract import Books, Creation, Need, Receipt, as_it_is, needs_nothing
from brygga.core.document import Document, Row
from brygga.core.fault import FAULTS, fault
from brygga.core.plan import Hold, held_by
from brygga.core.policy import LEFT, RIGHT, Side
from brygga.core.record import ABSENT, Record, Value, present
from brygga.core.seen import Fresh, Pair, Seen
from brygga.errors import BadData, BryggaError, Sentence
from brygga.store import links, problems
from brygga.sync.context import Context


def refer(context: Context, seen: Sequence[tuple[Side, Seen]]) -> list[Seen]:
    """Return the records in the words that both sides have, their references in those of the other as well, in the same order."""
    if _same_words(context):
        return [one for _, one in seen]
    found = [worded(context, side, one) for side, one in seen]
    for ours, (theirs, kind) in context.stream.refers.items():
        for side in (LEFT, RIGHT):
            own, wanted = (theirs, ours) if side == LEFT else (ours, theirs)
            places = [place for place, (where, one) in enumerate(seen) if where == side and getattr(one.record, own) is not ABSENT]
            ids = sorted({str(getattr(found[place].record, own)) for place in places} - {""})
            linked = links.by_id(context.id, kind, side, ids)
            for place in places:
                if (kind, side, str(getattr(found[place].record, own))) not in context.expects:
                    found[place] = _referring(context, found[place], side, own, wanted, linked)
    return found


def alike(context: Context, pair: Pair) -> Pair:
    """Return a pair whose right refers in the left's own words where both mean the same record of the right.

    Several customers of the left may belong to one of Fortnox: then the right can only name the one that leads, and is not to be told
    that another stands on the left.
    """
    left, right = cast(Any, pair.left.record), cast(Any, pair.right.record)
    own: dict[str, Any] = {}
    for ours, (theirs, _) in context.stream.refers.items():
        said = getattr(left, ours)
        if said is not ABSENT and said == getattr(right, ours) and getattr(left, theirs) != getattr(right, theirs):
            own[theirs] = getattr(left, theirs)
    return replace(pair, right=replace(pair.right, record=replace(right, **own))) if own else pair


def _same_words(context: Context) -> bool:
    """Say whether there is nothing to translate in this stream, neither references nor words."""
    return not context.stream.refers and context.stream.words is as_it_is


def worded(context: Context, side: Side, seen: Seen) -> Seen:
    """Return a record in the words that both sides have, without what it says of other records."""
    try:
        record = context.stream.words(side, seen.record)
    except FAULTS as error:
        hold = _fault(context, side, seen, error)
        return replace(seen, standing=hold, unfit=hold)
    return seen if record is seen.record else replace(seen, record=record)


def _fault(context: Context, side: Side, seen: Seen, error: Exception) -> Hold:
    return fault(error, f"{context.called(side)} {seen.ref.id}", dict(present(seen.record)))


def _referring(context: Context, seen: Seen, side: Side, own: str, wanted: str, linked: Any) -> Seen:
    record: Any = seen.record
    id = str(getattr(record, own))
    link = linked.get(id)
    if link is not None:
        there = link.right_id if side == LEFT else link.left_id
        return replace(seen, record=replace(record, **{wanted: there}))
    elsewhere: Side = RIGHT if side == LEFT else LEFT
    if (
        seen.standing is not None
        or not id
        or getattr(record, wanted) not in (ABSENT, "")
        or not context.stream.rules.makes[elsewhere]
    ):
        # What is never made on the other side does not wait for its customer there.
        return seen
    facts = {
        "system": context.called(side),
        "id": seen.ref.id,
        "customer": id,
        "other": context.called(elsewhere),
    }
    return replace(seen, standing=_of_customer(context, side, id, facts) or _not_linked(context, facts))


def _not_linked(context: Context, facts: dict[str, str]) -> Hold:
    return Hold(
        Sentence("{system} {id} waits for its customer {customer}, which is not linked with {other} yet.", facts),
        "WEB-53" if context.system(LEFT) == "webcrm" else "",
        Sentence("Look at the customer among the problems of the customers, or link it by hand.", facts),
    )


def _of_customer(context: Context, side: Side, id: str, facts: dict[str, str]) -> Hold | None:
    """Hold a document with what keeps its customer, where that is known: the true reason, as that it has no sale yet (UPS-18)."""
    problem = problems.of_record(context.id, "customer", side, id)
    if problem is None:
        return None
    sentence, repair = problem.sentence, problem.repair
    then = Sentence("It goes by itself when its customer {customer} is in {other}.", facts)
    if repair is not None:
        then = Sentence(str(repair["template"]), dict(repair["facts"]))
    return Hold(Sentence(str(sentence["template"]), dict(sentence["facts"])), problem.rule, then)


def refer_fresh(context: Context, fresh: dict[tuple[Side, str], Fresh]) -> None:
    """Translate the references of the records that nothing is linked to, in their places."""
    if _same_words(context):
        return
    keys = list(fresh)
    for key, seen in zip(keys, refer(context, [(key[0], fresh[key].seen) for key in keys]), strict=True):
        if seen is not fresh[key].seen:
            fresh[key] = replace(fresh[key], seen=seen)


def account(context: Context, fresh: dict[tuple[Side, str], Fresh]) -> None:
    """Give the rows of each record of the left their final accounts, by what Fortnox' registers say of their articles; or hold it."""
    keys = [key for key, one in fresh.items() if key[0] == LEFT and one.seen.standing is None and not one.shown]
    for key, found in zip(keys, _accounted(context, [fresh[key].seen.record for key in keys]), strict=True):
        seen = fresh[key].seen
        if isinstance(found, Hold):
            fresh[key] = replace(fresh[key], seen=replace(seen, standing=found))
        elif found is not seen.record:
            fresh[key] = replace(fresh[key], seen=replace(seen, record=found))


def as_accounted(context: Context, pairs: Sequence[Pair]) -> list[Pair]:
    """Return linked pairs with the accounts that their rows were sent with, so that they can be compared; what would wait stays as it is."""
    found = _accounted(context, [pair.left.record for pair in pairs])
    return [
        pair if isinstance(one, Hold) or one is pair.left.record else replace(pair, left=replace(pair.left, record=one))
        for pair, one in zip(pairs, found, strict=True)
    ]


def _accounted(context: Context, records: Sequence[Any]) -> list[Any]:
    accounted = context.stream.accounted
    numbers = {str(row.article_number) for record in records for row in _lines(record) if row.article_number}
    if accounted is None or not numbers:
        return list(records)
    books = cast(Books, context.connectors[RIGHT])
    articles, predefined = books.articles(numbers, accounts=True), books.predefined()

    def alone(record: Any) -> Any:
        try:
            return accounted(record, articles, predefined) if _lines(record) else record
        except FAULTS as error:
            values = dict(present(record))
            called = next((str(values[name]) for name in ("own_number", "your_order_number", "number") if values.get(name)), "–")
            return fault(error, f"{context.called(LEFT)} {called}", values)

    return [alone(record) for record in records]


def _lines(record: Any) -> Sequence[Row]:
    return record.lines if isinstance(record, Document) else ()


def check_needs(context: Context, fresh: dict[tuple[Side, str], Fresh]) -> None:
    """Hold each record of the left that needs what Fortnox does not have; make what may be made."""
    if context.stream.needs is needs_nothing:
        return
    keys = [key for key, one in fresh.items() if key[0] == LEFT and one.seen.standing is None and not one.shown]
    for key, hold in zip(keys, _lacking(context, [(fresh[key].seen, None) for key in keys]), strict=True):
        if hold is not None:
            fresh[key] = replace(fresh[key], seen=replace(fresh[key].seen, standing=hold))


def check_pairs(context: Context, pairs: Sequence[Pair]) -> list[Pair]:
    """Hold each linked record of the left that has come to need what Fortnox does not have since both agreed; make what may be made."""
    found = list(pairs)
    if context.stream.needs is needs_nothing:
        return found
    places = [place for place, pair in enumerate(found) if pair.left.standing is None and pair.base]
    for place, hold in zip(places, _lacking(context, [(found[place].left, found[place].base) for place in places]), strict=True):
        if hold is not None:
            found[place] = replace(found[place], left=replace(found[place].left, standing=hold))
    return found


def _lacking(context: Context, records: Sequence[tuple[Seen, Mapping[str, Value] | None]]) -> list[Hold | None]:
    """Return for each record of the left what holds it as Fortnox lacks it; of one with a base only what it did not need by that."""
    found: list[Hold | None] = [None] * len(records)
    needed: dict[int, list[Need]] = {}
    for place, (seen, base) in enumerate(records):
        record: Any = seen.record
        try:
            needed[place] = list(context.stream.needs(record))
            if base is not None and needed[place]:
                own = {field.name for field in fields(record)}
                before = replace(record, **{name: value for name, value in base.items() if name in own})
                had = {(need.kind, need.asked) for need in context.stream.needs(before)}
                needed[place] = [need for need in needed[place] if (need.kind, need.asked) not in had]
        except FAULTS as error:
            found[place] = _fault(context, LEFT, seen, error)
    missing = _missing(context, [need for needs in needed.values() for need in needs])
    for kind, id in missing:
        if kind == "customer" and not context.dry:
            # Whom a document names and Fortnox does not have may have been deleted there: his own stream looks (UPS-16).
            links.look_at_right(context.id, kind, id, context.clock())
    for place, needs in needed.items():
        for need in needs:
            if (need.kind, need.asked) in missing:
                found[place] = replace(missing[need.kind, need.asked] or need.hold, missing=(need.kind, need.id))
                break
    return found


def complete(context: Context, fresh: dict[tuple[Side, str], Fresh]) -> None:
    """Fill what a document of the left leaves to Fortnox' articles and cards, before it is planned: nothing is filled unseen there."""
    for key, one in fresh.items():
        document = one.seen.record
        if key[0] == LEFT and one.seen.standing is None and not one.shown and isinstance(document, Document):
            try:
                record = cast(Books, context.connectors[RIGHT]).completed(document)
            except (BadData, *FAULTS) as error:
                if isinstance(error, BadData):
                    hold = held_by(error, "", context.called(LEFT))
                else:
                    hold = _fault(context, LEFT, one.seen, error)
                fresh[key] = replace(one, seen=replace(one.seen, standing=hold))
                continue
            if record is not document:
                fresh[key] = replace(one, seen=replace(one.seen, record=record))


def _missing(context: Context, needs: Iterable[Need]) -> dict[tuple[str, str], Hold | None]:
    """Return what is not in Fortnox or inactive there; with why where it was to be made and was refused, else None."""
    wanted: dict[str, dict[str, Need]] = {}
    for need in needs:
        wanted.setdefault(need.kind, {})[need.asked] = need
    missing: dict[tuple[str, str], Hold | None] = {}
    for kind, by_id in wanted.items():
        context.progress(f"look up {kind}", 0, len(by_id))
        there = cast(Books, context.connectors[RIGHT]).has(kind, set(by_id))
        for id, need in by_id.items():
            if id in there:
                continue
            if need.make is None:
                missing[kind, id] = None
            elif not context.dry and (refused := _make(context, need, need.make)) is not None:
                missing[kind, id] = refused
    return missing


def _make(context: Context, need: Need, record: Record) -> Hold | None:
    """Make a missing record that may be made; returns why not. Its own number keeps it from being made twice."""
    context.still_mine()
    [made] = context.connectors[RIGHT].create(need.kind, [Creation(need.id, record)])
    if isinstance(made, Receipt):
        return None
    assert isinstance(made, BryggaError)
    return held_by(made, "", context.called(RIGHT))
