"""The records that nothing is linked to: which of them are the same, about which a person is asked, which are made (DESIGN 5).

Where several records of the left may belong to one of the right (`core.several`), one that is certainly the same as another joins it,
also when that one is linked already or is only made by this plan; where a person has to say so, the answer can be the one it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from brygga.core.alike import Namesake, alike, asked_by
from brygga.core.document import Row
from brygga.core.fine import too_fine
from brygga.core.fine_words import hold as hold_too_fine
from brygga.core.fine_words import remark as remark_in_amount
from brygga.core.foresight import Foresight
from brygga.core.match import NEW, Decision
from brygga.core.plan import Candidate, Create, Held, Hold, Item, LinkUp, Question, Remark, Settle, Skip, Skipped, joined
from brygga.core.policy import LEFT, RIGHT, Side, other
from brygga.core.record import ABSENT, Ref, Value, present
from brygga.core.seen import Fresh, Known, Pair, Seen
from brygga.core.written import remark_on_writing
from brygga.errors import Sentence

if TYPE_CHECKING:
    from brygga.core.planner import Rules


class Matching:
    """The decisions on unlinked records of one plan: who is the same, who is asked about, who is made."""

    def __init__(
        self,
        rules: Rules,
        fresh: Sequence[Fresh],
        pool: Mapping[Side, Sequence[Known]],
        foresight: Foresight,
        together: Callable[[Rules, Pair], list[Item]],
    ) -> None:
        self.rules, self.together = rules, together
        self.by_side: dict[Side, dict[str, Fresh]] = {LEFT: {}, RIGHT: {}}
        for one in fresh:
            self.by_side[one.side][one.seen.ref.id] = one
        self.pool: dict[Side, dict[str, Known]] = {side: {k.id: k for k in pool.get(side, ())} for side in (LEFT, RIGHT)}
        self.foresight = foresight.of(self.by_side, self.pool)
        self.taken: dict[Side, set[str]] = {LEFT: set(), RIGHT: set()}
        self.made: set[str] = set()
        """The records of the left that this plan makes on the right."""
        self.linked: set[str] = set()
        """The records of the right that this plan links."""
        self.items: list[Item] = []
        self.later: list[Fresh] = []
        """The records that could be others by name, which are decided on when all others are."""
        self._asked = asked_by(rules.match_keys)

    def _known(self, side: Side, id: str) -> Known | None:
        one = self.by_side[side].get(id)
        return self.pool[side].get(id) if one is None else Known(id, dict(present(one.seen.record)))

    def _linked_to(self, side: Side, id: str) -> str | None:
        """Return what a record of the pool is linked to; one that was read now is not linked."""
        known = None if id in self.by_side[side] else self.pool[side].get(id)
        return known.linked_to if known else None

    def decide(self) -> list[Item]:
        for side in (LEFT, RIGHT):
            for id, one in self.by_side[side].items():
                if one.answer and id not in self.taken[side]:
                    self._answered(one)
        for id, one in self.by_side[RIGHT].items():
            if one.belongs and id not in self.taken[RIGHT] and one.belongs not in self.taken[LEFT]:
                self._link(one, one.belongs, "made of its document")
        for side in (LEFT, RIGHT):
            for id, one in self.by_side[side].items():
                if not one.answer and not one.shown and id not in self.taken[side]:
                    self._one(one)
        # A likeness takes nobody away from a number.
        for one in self.later:
            if one.seen.ref.id not in self.taken[one.side]:
                self._one(one, last=True)
        return self.items

    def _answered(self, one: Fresh) -> None:
        """Carry out what a person chose, if it still can be."""
        chosen = one.answer.get("link")
        if chosen is not None:
            partner = self._known(other(one.side), str(chosen))
            free = partner is not None and not partner.linked_to and str(chosen) not in self.taken[other(one.side)]
            if partner is not None and (free or self._may_follow(one)):
                self._link(one, str(chosen), "chosen by a person")
                return
            self._ask(one, (), Sentence("The record that was chosen, {id}, is linked to another or gone.", {"id": str(chosen)}))
        elif one.answer.get("create"):
            self._make(one)
        else:
            self._one(one)

    def _may_follow(self, one: Fresh) -> bool:
        """Say whether a record can belong to one of the other side that has another already."""
        return self.rules.several is not None and one.side == LEFT

    def _joins(self, one: Fresh) -> bool:
        """Say whether it then does so by certain keys alone, and nobody is asked."""
        return one.side == LEFT and self.rules.joins

    def _one(self, one: Fresh, *, last: bool = False) -> None:
        seen, side = one.seen, one.side
        decision = _without(self.foresight.decide(side, seen.ref.id), one.answer.get("not"))
        taken = self.taken[other(side)]
        if decision.kind == "link" and decision.candidate is not None:
            partner = decision.candidate
            waiting = self.pool[other(side)].get(partner)
            if self._joins(one):
                self._link(one, partner, decision.key or "")
            elif partner in taken or (waiting is not None and waiting.linked_to):
                self._ask_or_stand(one, decision, [partner])
            elif twins := self._twins(one):
                self._ask_twins(one, decision, twins)
            else:
                self._link(one, partner, decision.key or "")
        elif decision.kind in ("review", "conflict") and (free := self._in_question(one, decision)):
            self._ask_or_stand(one, decision, free)
        elif decision.kind != "conflict" and (likeness := self._alike(one)) is not None:
            if not last:
                self.later.append(one)
            elif free := self._in_question(one, likeness):
                self._ask_or_stand(one, likeness, free)
            else:
                self._new(one, decision)
        else:
            self._new(one, decision)

    def _new(self, one: Fresh, decision: Decision) -> None:
        """Make a record that is nobody else's, as far as the rules let it."""
        seen, side = one.seen, one.side
        if seen.standing is not None:
            self.items.append(stands(seen, side))
            self.taken[side].add(seen.ref.id)
        elif decision.kind == "conflict":
            self._ask_itself(one)
        elif self._joins(one):
            self._belong(one)
        elif twins := self._twins(one):
            self._ask_twins(one, decision, twins)
        else:
            self._make(one)

    def _alike(self, one: Fresh) -> Decision | None:
        """Return whom a record could be by name and something else that speaks for it, None for nobody."""
        side, id = one.side, one.seen.ref.id
        identity = self.foresight.identity(side, id) if self._asked else None
        if identity is None or not identity.name:
            return None
        there = self.foresight.named(other(side), identity.name)
        told_apart: Any = one.answer.get("not") or ()
        linked = self.linked if side == LEFT else ()
        namesakes = [
            Namesake(
                known.id, self.foresight.identity(other(side), known.id), known.values, bool(known.linked_to) or known.id in linked
            )
            for known in (self._known(other(side), name) for name in there)
            if known is not None and known.id not in told_apart
        ]
        if not namesakes:
            return None
        values = dict(present(one.seen.record))
        mine = self.foresight.named(side, identity.name)
        return alike(self._asked, identity, values, namesakes, only=lambda: len(set(mine)) == 1 and len(set(there)) == 1)

    def _twins(self, one: Fresh) -> list[str]:
        side, id = one.side, one.seen.ref.id
        twins, hints = self.foresight.twins(side, id), self.foresight.hints(side, id)
        return list(dict.fromkeys((*twins, *hints))) if hints else twins

    def _in_question(self, one: Fresh, decision: Decision) -> list[str]:
        """Return the candidates that can still be the one: those that stand in another question can, where it may have several."""
        taken = self.taken[other(one.side)]
        return [id for id in decision.candidates if id not in taken or self._may_follow(one)]

    def _belong(self, one: Fresh) -> None:
        """Let a buyer that Fortnox lacks belong where the same buyer belongs already; else make it, for all that are certainly the same."""
        side, id = one.side, one.seen.ref.id
        twins = self.foresight.twins(side, id)
        there = next((known.linked_to for twin in twins if (known := self.pool[side].get(twin)) and known.linked_to), None)
        if there is not None:
            self._link(one, there, "the same buyer")
            return
        for hint in self.foresight.hints(side, id):
            if hint in self.made and (first := self.by_side[side].get(hint)):
                self.taken[side].add(id)
                self._wait_for(one, first)
                return
        self._make(one)
        if not (self.items and isinstance(made := self.items[-1], Create) and made.source == one.seen.ref):
            return
        self.made.add(id)
        for twin in twins:
            same = self.by_side[side].get(twin)
            if same is None or twin in self.taken[side] or same.answer or same.shown or same.seen.standing is not None:
                continue
            if self.foresight.decide(side, twin).kind == "new":
                self.taken[side].add(twin)
                right = Ref(self.rules.systems[other(side)], one.seen.ref.kind, "")
                self.items.append(LinkUp(same.seen.ref, right, "the same buyer", {}, complete=False, shared=True, awaits=id))

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
            self.items.append(stands(one.seen, one.side))
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
            if id in self.taken[other(one.side)]:
                continue
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
        repair = Sentence("Answer the question of {other} {other_id} on the matching desk.", sentence.facts)
        self.items.append(Held(waiting.side, waiting.seen.ref, Hold(sentence, "", repair), dict(present(waiting.seen.record))))

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
        shared = one.side == LEFT and (partner_id in self.linked or bool(self._linked_to(RIGHT, partner_id)))
        self.linked.add(partner_id if one.side == LEFT else mine.id)
        self.taken[one.side].add(mine.id)
        self.taken[other(one.side)].add(partner_id)
        theirs = partner.seen.ref if partner else Ref(self.rules.systems[other(one.side)], mine.kind, partner_id)
        left, right = (mine, theirs) if one.side == LEFT else (theirs, mine)
        if partner is None or not (one.seen.complete and partner.seen.complete):
            self.items.append(LinkUp(left, right, key, {}, complete=False, shared=shared))
            return
        seen_left, seen_right = (one.seen, partner.seen) if one.side == LEFT else (partner.seen, one.seen)
        merged = self.together(self.rules, Pair(seen_left, seen_right, {}, shared=shared))
        agreed: Mapping[str, Value] = {}
        rest: list[Item] = []
        for item in merged:
            if isinstance(item, Settle):
                agreed = item.agreed
            else:
                rest.append(item)
        self.items.append(LinkUp(left, right, key, agreed, shared=shared))
        self.items.extend(rest)

    def _make(self, one: Fresh) -> None:
        target = other(one.side)
        seen = one.seen
        self.taken[one.side].add(seen.ref.id)
        if seen.standing is not None:
            self.items.append(stands(seen, one.side))
            return
        values = dict(present(seen.record))
        if not self.rules.makes.get(target, True):
            self.items.append(Skipped(one.side, seen.ref, self.rules.why_not[target], values))
            return
        refused = self.rules.admits(target, seen.record)
        if refused is not None:
            self.items.append(stands(replace(seen, standing=refused), one.side))
            return
        record = self.rules.fill(target, seen.record)
        holding = self.rules.holds[target]
        written = holding.fields - set(holding.steps)
        made = {name: holding.fit(name, value) for name, value in present(record) if name in written}
        if (fine := rows_too_fine(self.rules, target, seen, made.get("rows"))) is not None:
            self.items.append(fine)
            return
        key = self.rules.key_for(target, seen.ref, record)
        self.items.append(Create(target, seen.ref, key, record, made, seen.complete, self._remark(one.side, seen, record, made)))

    def _remark(self, side: Side, seen: Seen, record: Any, made: Mapping[str, Value]) -> Remark | None:
        """Return all that a person should know of a record that is made, the weightiest first."""
        unfit = Remark(seen.unfit.sentence, seen.unfit.rule) if seen.unfit else None
        written = remark_on_writing(seen.ref.id, record, self.rules.called(side), self.rules.called(other(side)), made)
        ours = seen.remark or self.rules.remark(other(side), seen.record)
        return joined((ours, unfit, self._in_amount(side, seen, record, made), written))

    def _in_amount(self, side: Side, seen: Seen, record: Any, made: Mapping[str, Value]) -> Remark | None:
        """Tell of a discount that goes over as an amount, as its percentage is too fine for the other side."""
        before, after = getattr(record, "rows", ABSENT), made.get("rows")
        if not isinstance(before, tuple) or not isinstance(after, tuple):
            return None
        return remark_in_amount(f"{self.rules.called(side)} {seen.ref.id}", before, after, self.rules.rows_rule)


def _without(decision: Decision, told_apart: Any) -> Decision:
    """Return a decision without the candidates that a person said a record is not."""
    if not told_apart or not set(decision.candidates) & set(told_apart):
        return decision
    left = tuple(id for id in decision.candidates if id not in told_apart)
    if not left:
        return NEW
    return replace(decision, kind="review", candidates=left, candidate=left[0] if len(left) == 1 else None)


def _number(seen: Seen) -> str:
    values = dict(present(seen.record))
    return str(values.get("organisation_number") or values.get("vat_number") or "")


def stands(seen: Seen, side: Side) -> Skipped | Held:
    """Return the item for a record that a rule keeps back, or that cannot go yet."""
    values = dict(present(seen.record))
    if isinstance(seen.standing, Skip):
        return Skipped(side, seen.ref, seen.standing, values)
    assert seen.standing is not None
    return Held(side, seen.ref, seen.standing, values)


def rows_too_fine(rules: Rules, side: Side, source: Seen, rows: Value) -> Held | None:
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
