"""make_plan: from what was read to what would be done. Pure: no clock, no database, no network.

First the pairs that are linked, each merged by itself. Then the records that nothing is linked to: left ones are matched
against Fortnox, Fortnox' own against the business system; a certain match links, a doubtful one is a question, and what
matches nothing is made on the other side. A record that stands in a question is never made on the other side meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import is_
from typing import Any

from brygga.core import ends as ended
from brygga.core.after_export import AfterExport
from brygga.core.agreement import Difference, counted, rounded
from brygga.core.ends import Ends, right_state
from brygga.core.fault import FAULTS, fault
from brygga.core.foresight import Foresight
from brygga.core.match import KEYS, RECOGNISED, Identity, identity_of
from brygga.core.matching import Matching, rows_too_fine, stands
from brygga.core.merge import Merged, merge
from brygga.core.money import Money
from brygga.core.plan import (
    Conflict,
    Held,
    Hold,
    Item,
    Plan,
    Remark,
    Settle,
    Skip,
    Skipped,
    Update,
)
from brygga.core.policy import LEFT, RIGHT, Holding, Lock, Policy, Side, other
from brygga.core.record import ABSENT, Price, Record, Ref, Value, present
from brygga.core.seen import Fresh, Known, Pair, Seen
from brygga.core.several import Several, followed
from brygga.core.written import remark_on_writing
from brygga.errors import Sentence


def agreed(left: Any, right: Any) -> Hold | None:
    """There is nothing that two linked records must say alike."""
    return None


@dataclass(frozen=True, slots=True)
class Rules:
    """What the planner needs to know of one stream.

    makes     side -> whether records may be made there
    why_not   side -> why nothing is made there, where `makes` says so
    key_for   (side, ref of the source, record) -> the key that a record made on *side* will carry
    identify  a record's values -> what it can be recognised by
    locked    (side, left record, right record) -> why the record may no longer be changed on *side*; None while it may
    rows_rule the row of the matrix that says which rows go over; "" for none
    remark    (side to be made on, the source record) -> what of it does not go over and a person should know
    agree     (left record, right record) -> what two linked records must say alike and do not, such as that one was cancelled;
              while it stands no step is taken (nothing is booked or sent) and a person sees it
    compare   (left record, right record) -> what a document in Fortnox says otherwise than its source; the same holds then, as far
              as Fortnox answered so to our own write or it is about the sums (`agreement.counted`)

    The functions take records of the stream's own kind, which is why their types say Any.
    """

    policy: Policy
    holds: Mapping[Side, Holding]
    systems: Mapping[Side, str]
    key_for: Callable[[Side, Ref, Any], str]
    names: Mapping[Side, str] = field(default_factory=dict)
    """side -> what people call its system; default the name of the system itself"""
    makes: Mapping[Side, bool] = field(default_factory=lambda: {LEFT: True, RIGHT: True})
    why_not: Mapping[Side, Skip] = field(default_factory=dict)
    admits: Callable[[Side, Any], Skip | Hold | None] = lambda side, record: None
    """(side to be made on, the source record) -> why it is not made there; asked for unlinked records only."""
    guards: Callable[[Side, Any], Skip | Hold | None] = lambda side, record: None
    """(the other side, the record) -> what of that holds for a linked pair too, both ways; where a state is carried over, none does."""
    fill: Callable[[Side, Any], Any] = lambda side, record: record
    """Completes a record that is made on a side: what the other side says in another place (a type, a country)."""
    match_keys: Sequence[str] = KEYS
    """By what unlinked records are recognised, in this order; see `match.KEYS`."""
    identify: Callable[[Mapping[str, Value]], Identity] = identity_of
    several: Several | None = None
    """That several records of the left may belong to one of the right; None: each to one of its own."""
    locked: Callable[[Side, Any, Any], Lock | None] = lambda side, left, right: None
    agree: Callable[[Any, Any], Hold | None] = agreed
    lost: Callable[[Mapping[str, Value], Any, Any], Hold | None] | None = None
    """(base, left record, right record) -> what one side said when they last agreed and says no more; told like `agree`."""
    ends: Ends | None = None
    """How the life of a pair of documents ends (`core.ends`); None for what has no such end."""
    rows_rule: str = ""
    compare: Callable[[Any, Any], Sequence[Difference]] = lambda left, right: ()
    compared_by: str = ""
    """The row of the matrix behind `compare`."""
    after_export: AfterExport | None = None
    """How a source that was changed after it had gone over for good is told; None: its changes go over."""
    remark: Callable[[Side, Any], Remark | None] = lambda side, record: None
    tells: Callable[[Any, Any], Remark | None] = lambda left, right: None
    """(left record, right record as Fortnox answered) -> what a person should know of the answer though nothing waits for it."""

    def called(self, side: Side) -> str:
        """Return what people call the system of a side."""
        return self.names.get(side) or self.systems[side]

    def foresight(self) -> Foresight:
        """Return what works out in advance who is who by these rules, empty."""
        return Foresight(self.identify, self.match_keys, joins=self.joins)

    @property
    def joins(self) -> bool:
        """Whether certain keys alone let several records of the left belong to one of the right."""
        return self.several is not None and self.several.certain

    @property
    def kept_to_know(self) -> frozenset[str]:
        """The fields that do not go over, and that a base keeps all the same: by them the customer of several buyers is known again."""
        return self.policy.apart.intersection(RECOGNISED) if self.several else frozenset()


def make_plan(
    rules: Rules,
    pairs: Iterable[Pair],
    fresh: Sequence[Fresh],
    pool: Mapping[Side, Sequence[Known]],
    *,
    unchanged: int = 0,
    known: int = 0,
    foresight: Foresight | None = None,
    foreseen: Foreseen | None = None,
) -> Plan:
    """Decide for every record that was read. *pool* holds, for each side, the records known from earlier readings."""
    items: list[Item] = []
    for pair in pairs:
        merged = merge_pair(rules, pair)
        if not merged:
            unchanged += 1
        items.extend(merged)
    if foreseen is not None and foreseen.holds_for(fresh, pool):
        items.extend(foreseen.items)
    else:
        items.extend(Matching(rules, fresh, pool, foresight or rules.foresight(), merge_pair).decide())
    return Plan(tuple(items), unchanged, known)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The decisions on exactly these records, when there is nothing else to match them with."""

    fresh: Sequence[Fresh]
    items: Sequence[Item]

    def holds_for(self, fresh: Sequence[Fresh], pool: Mapping[Side, Sequence[Known]]) -> bool:
        """Say whether these are still the records to be decided on, and all of them."""
        return not any(pool.values()) and len(fresh) == len(self.fresh) and all(map(is_, fresh, self.fresh))


def foresee(rules: Rules, fresh: Sequence[Fresh], foresight: Foresight) -> Foreseen:
    """Decide on records before all have been read, for `make_plan` with the same rules: used only if nothing more comes."""
    return Foreseen(fresh, Matching(rules, fresh, {}, foresight, merge_pair).decide())


def merge_pair(rules: Rules, pair: Pair) -> list[Item]:
    """Bring one linked pair together: at most one update a side and then its steps, a conflict, or a move of the base.

    A fault of the program at this pair holds it, and no other.
    """
    try:
        return _merged(rules, pair)
    except FAULTS as error:
        values = dict(present(pair.left.record))
        return [Held(LEFT, pair.left.ref, fault(error, f"{rules.called(LEFT)} {pair.left.ref.id}", values), values)]


def _merged(rules: Rules, pair: Pair) -> list[Item]:
    left, right = pair.left.record, pair.right.record
    merged = merge(pair.base, left, right, rules.policy, rules.holds, pair.choices, pair.echo)
    items: list[Item] = []
    if pair.shared and rules.several:
        merged = followed(merged, rules.several)
    known = _known_by(rules, dict(present(right))) if not pair.shared else {}
    agreed = {**known, **merged.agreed}
    moved = {name: value for name, value in agreed.items() if pair.base.get(name, ...) != value or pair.echo.has(name)}
    plain: list[tuple[Side, Changes]] = []
    steps: list[tuple[Side, Changes]] = []
    for side, all_changes, source in ((RIGHT, merged.to_right, pair.left), (LEFT, merged.to_left, pair.right)):
        changes = {name: change for name, change in all_changes.items() if not _undoes(rules.holds[side], name, change)}
        if taken_up_again(rules, pair, side, changes):
            del changes["cancelled"]
        if not changes:
            continue
        guarded = _guarded(rules, pair)
        changes = {name: change for name, change in changes.items() if name not in held_fields(pair)}
        if changes and (kept_by := _kept_by(guarded, side)) is not None:
            # A rule guards the pair, whichever side changed: what only one of them breaks keeps both as they are.
            if not any(isinstance(item, (Skipped, Held)) and item.ref == kept_by.ref for item in items):
                items.append(stands(kept_by, RIGHT if kept_by is guarded.right else LEFT))
            changes = {name: change for name, change in changes.items() if name in let_through(guarded, side)}
        if not changes:
            continue
        lock = rules.locked(side, left, right)
        if lock is not None and (kept := sorted(name for name in changes if name not in lock.but)):
            items.append(_kept_back(source, other(side), lock, kept))
            changes = {name: change for name, change in changes.items() if name in lock.but}
        if "rows" in changes and (fine := rows_too_fine(rules, side, source, changes["rows"][1])) is not None:
            items.append(fine)
            continue
        stepping = [name for name in rules.holds[side].steps if name in changes]
        plain.append((side, {name: change for name, change in changes.items() if name not in stepping}))
        steps += [(side, {name: changes[name]}) for name in stepping]
    written = {name for side, changes in (*plain, *steps) if side == RIGHT for name in changes}
    if kept_out := merged.woven.keys() - written:
        # What both sides changed goes over in both directions or in none.
        plain, steps = (
            [(side, {name: change for name, change in changes.items() if name not in kept_out}) for side, changes in some]
            for some in (plain, steps)
        )
    disagreement = _disagreement(rules, pair, {name for _, changes in (*plain, *steps) for name in changes})
    for side, part in sorted([*plain, *(steps if disagreement is None else ())], key=lambda one: one[0] == LEFT):
        if part:
            items.append(_update_of(rules, pair, merged, side, part))
    items += _partly_held(pair)
    if disagreement is not None and (disagreement.differences or not any(isinstance(item, Update) for item in items)):
        items.append(Held(LEFT, pair.left.ref, disagreement, dict(present(left))))
    if (missed := _missed(rules, pair)) is not None:
        items.append(missed)
    if merged.conflicts:
        items.append(Conflict(pair.left.ref, pair.right.ref, merged.conflicts))
    if moved:
        items.append(Settle(pair.left.ref, pair.right.ref, moved))
    return items


def _guarded(rules: Rules, pair: Pair) -> Pair:
    """Return a pair whose halves stand as the rules of linked pairs say, where nothing else keeps them."""
    left, right = (
        seen if seen.standing is not None else replace(seen, standing=rules.guards(other(side), seen.record))
        for side, seen in ((LEFT, pair.left), (RIGHT, pair.right))
    )
    return replace(pair, left=left, right=right)


def _partly_held(pair: Pair) -> Iterator[Held]:
    """Yield what is told of fields that wait by themselves, as a system says them in a way that cannot be; the others have gone."""
    for side, seen in ((LEFT, pair.left), (RIGHT, pair.right)):
        if seen.unfit is not None and seen.standing in (None, seen.unfit):
            yield Held(side, seen.ref, seen.unfit, dict(present(seen.record)))
        elif isinstance(seen.standing, Hold) and seen.standing.only:
            yield Held(side, seen.ref, seen.standing, dict(present(seen.record)))


def _kept_by(pair: Pair, side: Side) -> Seen | None:
    """Return the record of a pair whose rule keeps *side* from being written, the source's before the target's; None where none does."""
    source, target = (pair.left, pair.right) if side == RIGHT else (pair.right, pair.left)
    if source.standing is not None and not _only(source):
        return source
    outward = isinstance(target.standing, Skip) and target.standing.outward
    return None if target.standing is None or outward or _only(target) else target


def _only(seen: Seen) -> frozenset[str]:
    """Return the fields that a record alone waits with, when it is linked; none for one that waits whole, or not at all."""
    return seen.standing.only if isinstance(seen.standing, Hold) else frozenset()


def held_fields(pair: Pair) -> frozenset[str]:
    """Return the fields that stay on both sides as they are: one of the two says something of them that cannot be."""
    return _only(pair.left) | _only(pair.right)


def let_through(pair: Pair, side: Side) -> frozenset[str]:
    """Return the fields that may be written to *side* all the same, as they settle what its own rule wants."""
    source, target = (pair.left, pair.right) if side == RIGHT else (pair.right, pair.left)
    whole = source.standing is not None and not _only(source)
    return frozenset() if whole or target.standing is None else target.standing.but


def _missed(rules: Rules, pair: Pair) -> Held | None:
    """Tell of an amount that Fortnox had and no longer has, while the left keeps it: no price is not the price 0."""
    for name in sorted(rules.policy.missed):
        kept, theirs = getattr(pair.left.record, name), getattr(pair.right.record, name)
        if theirs is ABSENT and name in pair.base and isinstance(kept, Money) and kept.amount:
            facts = {"system": rules.called(LEFT), "amount": str(kept)}
            why = _missed_price(pair.right.record, pair.right.ref.id, facts)
            hold = Hold(why, "", Sentence("Set its price in Fortnox, or take it away in {system}.", facts))
            return Held(LEFT, pair.left.ref, hold, dict(present(pair.left.record)))
    return None


def _missed_price(record: Record, id: str, facts: Mapping[str, str]) -> Sentence:
    if isinstance(record, Price):
        named = {**facts, "article": str(record.article_number), "list": str(record.price_list)}
        return Sentence(
            "Article {article} in price list {list}: Fortnox no longer has its price, and {system} keeps {amount}.", named
        )
    named = {**facts, "number": str(getattr(record, "number", "") or id), "name": str(getattr(record, "name", "") or "")}
    return Sentence("Article {number}, {name}: Fortnox no longer has its price, and {system} keeps {amount}.", named)


def _known_by(rules: Rules, record: Mapping[str, Value]) -> dict[str, Value]:
    """Return what a base keeps so that a customer is known again though nothing of it goes over."""
    return {name: record[name] for name in rules.kept_to_know if record.get(name)}


Changes = dict[str, tuple[Value, Value]]


def _update_of(rules: Rules, pair: Pair, merged: Merged, side: Side, part: Changes) -> Update:
    """Return the update of one side: what it takes, and what both hold when it is done."""
    source = pair.left.record if side == RIGHT else pair.right.record
    winner = dict(present(source))
    agreed, echoes = {name: winner[name] for name in part}, dict[Side, Mapping[str, Value]]()
    woven = {name: value for name, value in merged.woven.items() if name in part}
    if woven and side == RIGHT:
        # What Fortnox itself changed has still to go to the left: it counts as changed there.
        echoes = {RIGHT: woven}
    elif woven:
        agreed |= {name: part[name][1] for name in woven}
        echoes = {RIGHT: {name: merged.to_right[name][1] for name in woven}}
    settled = tuple(name for name in merged.settled if name in part)
    restores = frozenset(name for name, (now, _) in part.items() if pair.echo.was_reset(side, name, now))
    follows = bool(woven) and side == LEFT
    whose = pair.left if side == RIGHT else pair.right
    remark = remark_on_writing(
        whose.ref.id,
        whose.record,
        rules.called(other(side)),
        rules.called(side),
        {name: now for name, (_, now) in part.items() if name not in woven},
    )
    ends = (pair.left.ref, pair.right.ref)
    return Update(side, *ends, part, agreed, settled, pair.left.record, echoes, restores, follows, remark)


def _disagreement(rules: Rules, pair: Pair, pending: set[str]) -> Hold | None:
    """Return why no step may be taken: what the two do not say alike though they should, and no change on its way will settle."""
    left, right = pair.left.record, pair.right.record
    held = _ended(rules, pair, pending) or rules.agree(left, right) or (rules.lost(pair.base, left, right) if rules.lost else None)
    if held is not None:
        return held
    found = counted(rules.compare(left, right), pair.echo.differs, pair.accepted)
    waits = hold_of(rules, right, tuple(one for one in found if not one.waits_for(pending)))
    if waits is not None or rules.after_export is None:
        return waits
    late = counted(rules.after_export.differences(pair.base, left, right), (), pair.accepted)
    return rules.after_export.hold(late, rules.called(LEFT), left, right)


def _ended(rules: Rules, pair: Pair, pending: Collection[str]) -> Hold | None:
    """Return what is told of a pair of which one has ended and the other has not (`core.ends`)."""
    if rules.ends is None:
        return None
    left, right = pair.left.record, pair.right.record
    states = rules.ends.left_state(left), right_state(right)
    name = ended.called(pair.left.ref.id, left, rules.called(LEFT))
    number = str(getattr(right, "number", "") or pair.right.ref.id)
    return rules.ends.hold(rules.called(LEFT), name, number, *states, pending=pending, accepted=pair.accepted)


def taken_up_again(rules: Rules, pair: Pair, side: Side, changes: Changes) -> bool:
    """Say whether a record of the left that had ended with its document was taken up again: it is not ended anew, but told."""
    return (
        rules.ends is not None and side == LEFT and pair.base.get("cancelled") is True and changes.get("cancelled") == (False, True)
    )


def hold_of(rules: Rules, right: Any, found: tuple[Difference, ...]) -> Hold | None:
    """Return what holds a document that differs from its source, None for no difference."""
    if not found:
        return None
    number = str(getattr(right, "number", "") or "")
    booked = getattr(right, "booked", False) is True
    repair = Sentence("Correct or cancel the document in Fortnox, or accept the difference: once, or as a rule.")
    if found[0].always and found[0].sort in ("freight", "fee"):
        repair = Sentence(
            "Correct or cancel the document in Fortnox, choose the article that stands for it in the settings, or accept the "
            "difference: once, or as a rule."
        )
    elif found[0].sort.startswith("payment_"):
        repair = Sentence("Correct the payment or delete it in Fortnox, or accept the difference: once, or as a rule.")
    elif booked:
        repair = Sentence("Credit the document in Fortnox where it is wrong, and accept the difference: once, or as a rule.")
    elif found[0].sort == "to_pay":
        repair = Sentence(
            "Correct the total in {system}, cancel the document in Fortnox, or accept the difference: once, or as a rule.",
            {"system": rules.called(LEFT)},
        )
    return Hold(found[0].sentence(rules.called(LEFT), number), rules.compared_by, repair, None, found, booked=booked)


def tells_rounding(system: str, rule: str) -> Callable[[Any, Any], Remark | None]:
    """Return what tells, as `Rules.tells` does, that Fortnox or *system* rounds what is to pay to whole kronor (accounting.md 3.2)."""

    def tells(left: Any, right: Any) -> Remark | None:
        said = rounded(left, right, system)
        return Remark(said, rule) if said is not None else None

    return tells


def _undoes(holding: Holding, name: str, change: tuple[Value, Value]) -> bool:
    """Say whether a change would take a state back: what is booked, sent or cancelled stays so."""
    return name in holding.steps and isinstance(change[1], bool) and not change[1]


def _kept_back(source: Seen, side: Side, lock: Lock, names: Sequence[str]) -> Skipped:
    """Say of a change that came too late where it stays; what it would have changed is in the sentence's facts."""
    why = Sentence(lock.sentence.template, {**lock.sentence.facts, "fields": ", ".join(names)})
    return Skipped(side, source.ref, Skip(why, lock.rule), dict(present(source.record)))


__all__ = ["Hold", "Rules", "make_plan", "merge_pair", "tells_rounding"]
