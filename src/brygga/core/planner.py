"""make_plan: from what was read to what would be done. Pure: no clock, no database, no network.

First the pairs that are linked, each merged by itself. Then the records that nothing is linked to: left ones are matched
against Fortnox, Fortnox' own against the business system; a certain match links, a doubtful one is a question, and what
matches nothing is made on the other side. A record that stands in a question is never made on the other side meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import is_
from typing import Any

from brygga.core.agreement import Difference, counted
from brygga.core.document import Row
from brygga.core.fine import too_fine
from brygga.core.fine_words import hold as hold_too_fine
from brygga.core.fine_words import remark as remark_in_amount
from brygga.core.foresight import Foresight
from brygga.core.match import KEYS, Decision, Identity, identity_of
from brygga.core.merge import Merged, merge
from brygga.core.plan import (
    Candidate,
    Conflict,
    Create,
    Held,
    Hold,
    Item,
    LinkUp,
    Plan,
    Question,
    Remark,
    Settle,
    Skip,
    Skipped,
    Update,
)
from brygga.core.policy import LEFT, RIGHT, Holding, Lock, Policy, Side, other
from brygga.core.record import ABSENT, Ref, Value, present
from brygga.core.seen import Fresh, Known, Pair, Seen
from brygga.errors import Sentence


@dataclass(frozen=True, slots=True)
class Rules:
    """What the planner needs to know of one stream.

    makes     side -> whether records may be made there
    why_not   side -> why nothing is made there, where `makes` says so
    key_for   (side, ref of the source, record) -> the key that a record made on *side* will carry
    identify  a record's values -> what it can be recognised by
    locked    (side, left record, right record) -> why the record may no longer be changed on *side*; None while it may
    rows_rule the row of the matrix that says which rows go over; "" for none
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
    fill: Callable[[Side, Any], Any] = lambda side, record: record
    """Completes a record that is made on a side: what the other side says in another place (a type, a country)."""
    match_keys: Sequence[str] = KEYS
    """By what unlinked records are recognised, in this order; see `match.KEYS`."""
    identify: Callable[[Mapping[str, Value]], Identity] = identity_of
    locked: Callable[[Side, Any, Any], Lock | None] = lambda side, left, right: None
    agree: Callable[[Any, Any], Hold | None] = lambda left, right: None
    rows_rule: str = ""
    compare: Callable[[Any, Any], Sequence[Difference]] = lambda left, right: ()
    compared_by: str = ""
    """The row of the matrix behind `compare`."""

    def called(self, side: Side) -> str:
        """Return what people call the system of a side."""
        return self.names.get(side) or self.systems[side]


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
        items.extend(_Matching(rules, fresh, pool, foresight or Foresight(rules.identify, rules.match_keys)).decide())
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
    return Foreseen(fresh, _Matching(rules, fresh, {}, foresight).decide())


def merge_pair(rules: Rules, pair: Pair) -> list[Item]:
    """Bring one linked pair together: at most one update a side and then its steps, a conflict, or a move of the base."""
    left, right = pair.left.record, pair.right.record
    merged = merge(pair.base, left, right, rules.policy, rules.holds, pair.choices, pair.echo)
    items: list[Item] = []
    moved = {name: value for name, value in merged.agreed.items() if pair.base.get(name, ...) != value or pair.echo.has(name)}
    plain: list[tuple[Side, Changes]] = []
    steps: list[tuple[Side, Changes]] = []
    for side, all_changes, source in ((RIGHT, merged.to_right, pair.left), (LEFT, merged.to_left, pair.right)):
        changes = {name: change for name, change in all_changes.items() if not _undoes(rules.holds[side], name, change)}
        if not changes:
            continue
        if source.standing is not None:
            items.append(_stands(source, other(side)))
            continue
        lock = rules.locked(side, left, right)
        if lock is not None and (kept := sorted(name for name in changes if name not in lock.but)):
            items.append(_kept_back(source, other(side), lock, kept))
            changes = {name: change for name, change in changes.items() if name in lock.but}
        if "rows" in changes and (fine := _too_fine(rules, side, source, changes["rows"][1])) is not None:
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
    if disagreement is not None and not any(isinstance(item, Update) for item in items):
        items.append(Held(LEFT, pair.left.ref, disagreement, dict(present(left))))
    if merged.conflicts:
        items.append(Conflict(pair.left.ref, pair.right.ref, merged.conflicts))
    if moved:
        items.append(Settle(pair.left.ref, pair.right.ref, moved))
    return items


def _too_fine(rules: Rules, side: Side, source: Seen, rows: Value) -> Held | None:
    """Hold a record with a row that *side* would round: another quantity, price or discount is another row."""
    decimals = rules.holds[side].decimals
    if decimals is None or not isinstance(rows, tuple):
        return None
    fine = too_fine((row for row in rows if isinstance(row, Row)), decimals)
    if fine is None:
        return None
    values = dict(present(source.record))
    name = str(values.get("customer_name") or values.get("subject") or "")
    why = hold_too_fine(fine, name, rules.called(other(side)), source.ref.id, rules.rows_rule)
    return Held(other(side), source.ref, why, values)


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
    return Update(side, pair.left.ref, pair.right.ref, part, agreed, settled, pair.left.record, echoes, restores, follows)


def _disagreement(rules: Rules, pair: Pair, pending: set[str]) -> Hold | None:
    """Return why no step may be taken: what the two do not say alike though they should, and no change on its way will settle."""
    left, right = pair.left.record, pair.right.record
    held = rules.agree(left, right)
    if held is not None:
        return held
    found = counted(rules.compare(left, right), pair.echo.differs, pair.accepted)
    return hold_of(rules, right, tuple(one for one in found if not one.waits_for(pending)))


def hold_of(rules: Rules, right: Any, found: tuple[Difference, ...]) -> Hold | None:
    """Return what holds a document that differs from its source, None for no difference."""
    if not found:
        return None
    number = str(getattr(right, "number", "") or "")
    repair = Sentence("Correct or cancel the document in Fortnox, or accept the difference: once, or as a rule.")
    return Hold(found[0].sentence(rules.called(LEFT), number), rules.compared_by, repair, None, found)


def _undoes(holding: Holding, name: str, change: tuple[Value, Value]) -> bool:
    """Say whether a change would take a state back: what is booked, sent or cancelled stays so."""
    return name in holding.steps and isinstance(change[1], bool) and not change[1]


def _kept_back(source: Seen, side: Side, lock: Lock, names: Sequence[str]) -> Skipped:
    """Say of a change that came too late where it stays; what it would have changed is in the sentence's facts."""
    why = Sentence(lock.sentence.template, {**lock.sentence.facts, "fields": ", ".join(names)})
    return Skipped(side, source.ref, Skip(why, lock.rule), dict(present(source.record)))


def _stands(seen: Seen, side: Side) -> Skipped | Held:
    values = dict(present(seen.record))
    if isinstance(seen.standing, Skip):
        return Skipped(side, seen.ref, seen.standing, values)
    assert seen.standing is not None
    return Held(side, seen.ref, seen.standing, values)


class _Matching:
    """The decisions on unlinked records of one plan: who is the same, who is asked about, who is made."""

    def __init__(self, rules: Rules, fresh: Sequence[Fresh], pool: Mapping[Side, Sequence[Known]], foresight: Foresight) -> None:
        self.rules = rules
        self.by_side: dict[Side, dict[str, Fresh]] = {LEFT: {}, RIGHT: {}}
        for one in fresh:
            self.by_side[one.side][one.seen.ref.id] = one
        self.pool: dict[Side, dict[str, Known]] = {side: {k.id: k for k in pool.get(side, ())} for side in (LEFT, RIGHT)}
        self.foresight = foresight.of(self.by_side, self.pool)
        self.taken: dict[Side, set[str]] = {LEFT: set(), RIGHT: set()}
        self.items: list[Item] = []

    def _known(self, side: Side, id: str) -> Known | None:
        one = self.by_side[side].get(id)
        return self.pool[side].get(id) if one is None else Known(id, dict(present(one.seen.record)))

    def decide(self) -> list[Item]:
        for side in (LEFT, RIGHT):
            for id, one in self.by_side[side].items():
                if one.answer and id not in self.taken[side]:
                    self._answered(one)
        for side in (LEFT, RIGHT):
            for id, one in self.by_side[side].items():
                if not one.answer and not one.shown and id not in self.taken[side]:
                    self._one(one)
        return self.items

    def _answered(self, one: Fresh) -> None:
        """Carry out what a person chose, if it still can be."""
        chosen = one.answer.get("link")
        if chosen is not None:
            partner = self._known(other(one.side), str(chosen))
            if partner is not None and not partner.linked_to:
                self._link(one, str(chosen), "chosen by a person")
                return
            self._ask(one, (), Sentence("The record that was chosen, {id}, is linked to another or gone.", {"id": str(chosen)}))
        elif one.answer.get("create"):
            self._make(one)
        else:
            self._one(one)

    def _one(self, one: Fresh) -> None:
        seen, side = one.seen, one.side
        decision = self.foresight.decide(side, seen.ref.id)
        taken = self.taken[other(side)]
        if decision.kind == "link" and decision.candidate is not None:
            partner = decision.candidate
            waiting = self.pool[other(side)].get(partner)
            if partner in taken or (waiting is not None and waiting.linked_to):
                self._ask_or_stand(one, decision, [partner])
            elif twins := self.foresight.twins(side, seen.ref.id):
                self._ask_twins(one, decision, twins)
            else:
                self._link(one, partner, decision.key or "")
        elif decision.kind in ("review", "conflict") and (free := [id for id in decision.candidates if id not in taken]):
            self._ask_or_stand(one, decision, free)
        elif seen.standing is not None:
            self.items.append(_stands(seen, side))
            self.taken[side].add(seen.ref.id)
        elif decision.kind == "conflict":
            self._ask_itself(one)
        elif twins := self.foresight.twins(side, seen.ref.id):
            self._ask_twins(one, decision, twins)
        else:
            self._make(one)

    def _ask_twins(self, one: Fresh, decision: Decision, twins: list[str]) -> None:
        candidates = [self._candidate(other(one.side), id, decision) for id in decision.candidates]
        system = self.rules.called(one.side)
        self._ask(
            one,
            tuple(candidates),
            Sentence(
                "{system} has more than one record with the number {number}: {ids}. Nothing was written.",
                {"system": system, "number": _number(one.seen), "ids": ", ".join(sorted([one.seen.ref.id, *twins]))},
            ),
            twins=tuple(self._candidate(one.side, id, decision) for id in twins),
        )

    def _ask_itself(self, one: Fresh) -> None:
        """Ask about a record that contradicts itself, before it is made anywhere (accounting.md 8.4, rule 1)."""
        values = dict(present(one.seen.record))
        facts = {
            "name": str(values.get("name", "")),
            "system": self.rules.called(one.side),
            "id": one.seen.ref.id,
            "target": self.rules.called(other(one.side)),
        }
        self._ask(
            one,
            (),
            Sentence(
                "{name} ({system} {id}) contradicts itself: its VAT number holds another organisation number than its own. "
                "It was not made in {target}.",
                facts,
            ),
        )

    def _ask_or_stand(self, one: Fresh, decision: Decision, ids: list[str]) -> None:
        """Ask a person, unless a rule keeps the record here anyway."""
        if one.seen.standing is not None and one.side == LEFT:
            # It stays a candidate: a record of Fortnox that could be the same is asked about and not made a second time.
            self.items.append(_stands(one.seen, one.side))
            return
        target = self.rules.called(other(one.side))
        sentence = Sentence(
            "{name} ({system} {id}) could be {target} {ids}: {evidence}. Nothing was written.",
            {
                "name": str(dict(present(one.seen.record)).get("name", "")),
                "system": self.rules.called(one.side),
                "id": one.seen.ref.id,
                "target": target,
                "ids": ", ".join(ids),
                "evidence": "; ".join(decision.evidence),
            },
        )
        self._ask(one, tuple(self._candidate(other(one.side), id, decision) for id in ids), sentence)
        for id in ids:
            self.taken[other(one.side)].add(id)
            if waiting := self.by_side[other(one.side)].get(id):
                self._wait_for(waiting, one)

    def _wait_for(self, waiting: Fresh, asked: Fresh) -> None:
        """Hold a candidate back until the question that it stands in is answered: it may be the same, or a new one."""
        sentence = Sentence(
            "{system} {id} waits until it is settled whose record {other} {other_id} is.",
            {
                "system": self.rules.called(waiting.side),
                "id": waiting.seen.ref.id,
                "other": self.rules.called(asked.side),
                "other_id": asked.seen.ref.id,
            },
        )
        self.items.append(Held(waiting.side, waiting.seen.ref, Hold(sentence), dict(present(waiting.seen.record))))

    def _ask(self, one: Fresh, candidates: tuple[Candidate, ...], sentence: Sentence, twins: tuple[Candidate, ...] = ()) -> None:
        values = dict(present(one.seen.record))
        self.items.append(Question(one.side, one.seen.ref, candidates, sentence, values, twins))
        self.taken[one.side].add(one.seen.ref.id)

    def _candidate(self, side: Side, id: str, decision: Decision) -> Candidate:
        known = self._known(side, id)
        assert known is not None
        return Candidate(id, decision.key or "", decision.evidence, decision.score, known.values, known.linked_to)

    def _link(self, one: Fresh, partner_id: str, key: str) -> None:
        """Link two records; where both were read now, merge them at once, else the base waits for a reading."""
        partner = self.by_side[other(one.side)].get(partner_id)
        mine = one.seen.ref
        self.taken[one.side].add(mine.id)
        self.taken[other(one.side)].add(partner_id)
        theirs = partner.seen.ref if partner else Ref(self.rules.systems[other(one.side)], mine.kind, partner_id)
        left, right = (mine, theirs) if one.side == LEFT else (theirs, mine)
        if partner is None or not (one.seen.complete and partner.seen.complete):
            self.items.append(LinkUp(left, right, key, {}, complete=False))
            return
        seen_left, seen_right = (one.seen, partner.seen) if one.side == LEFT else (partner.seen, one.seen)
        merged = merge_pair(self.rules, Pair(seen_left, seen_right, {}))
        agreed: Mapping[str, Value] = {}
        rest: list[Item] = []
        for item in merged:
            if isinstance(item, Settle):
                agreed = item.agreed
            else:
                rest.append(item)
        self.items.append(LinkUp(left, right, key, agreed))
        self.items.extend(rest)

    def _make(self, one: Fresh) -> None:
        target = other(one.side)
        seen = one.seen
        self.taken[one.side].add(seen.ref.id)
        if seen.standing is not None:
            self.items.append(_stands(seen, one.side))
            return
        values = dict(present(seen.record))
        if not self.rules.makes.get(target, True):
            self.items.append(Skipped(one.side, seen.ref, self.rules.why_not[target], values))
            return
        refused = self.rules.admits(target, seen.record)
        if refused is not None:
            self.items.append(_stands(replace(seen, standing=refused), one.side))
            return
        record = self.rules.fill(target, seen.record)
        holding = self.rules.holds[target]
        written = holding.fields - set(holding.steps)
        made = {name: holding.fit(name, value) for name, value in present(record) if name in written}
        if (fine := _too_fine(self.rules, target, seen, made.get("rows"))) is not None:
            self.items.append(fine)
            return
        key = self.rules.key_for(target, seen.ref, record)
        self.items.append(
            Create(target, seen.ref, key, record, made, seen.complete, seen.remark or self._in_amount(one.side, seen, record, made))
        )

    def _in_amount(self, side: Side, seen: Seen, record: Any, made: Mapping[str, Value]) -> Remark | None:
        """Tell of a discount that goes over as an amount, as its percentage is too fine for the other side."""
        before, after = getattr(record, "rows", ABSENT), made.get("rows")
        if not isinstance(before, tuple) or not isinstance(after, tuple):
            return None
        return remark_in_amount(f"{self.rules.called(side)} {seen.ref.id}", before, after, self.rules.rows_rule)


def _number(seen: Seen) -> str:
    values = dict(present(seen.record))
    return str(values.get("organisation_number") or values.get("vat_number") or "")


__all__ = ["Hold", "Rules", "make_plan", "merge_pair"]
