"""The brake: a plan that would change too much of what is there, or make too much at once, is looked at by a person first.

Two things are measured, each by itself. *Changes*: how many of the records that are there on a side would be changed, overwritten or
lose their partner, against how many are there; a creation is none. *Creations*: how many records one run would make on a side, and what
they are worth in kronor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from brygga.core.document import Document
from brygga.core.money import Money
from brygga.core.plan import Create, Item, LinkUp, Unlink, Update
from brygga.core.policy import LEFT, RIGHT, Side
from brygga.core.posting import Posting, posting_of
from brygga.core.record import ABSENT
from brygga.errors import UnsafePlan


@dataclass(frozen=True, slots=True)
class Brake:
    """How much one run of a stream may do unasked.

    share      of the records that are there on a side, so much may be changed
    at_least   counted from so many records on: a small register is soon changed by a third
    creations  so many records may be made on a side
    kronor     so much may the documents that are made on a side be worth together
    """

    share: float = 0.30
    at_least: int = 20
    creations: int = 1_000
    kronor: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Weight:
    """What a plan would do to each side: records changed, records that are there to be changed, records made, and their worth."""

    changed: Mapping[Side, int] = field(default_factory=dict)
    there: int = 0
    made: Mapping[Side, int] = field(default_factory=dict)
    kronor: Mapping[Side, Decimal] = field(default_factory=dict)

    def as_json(self) -> dict[str, Mapping[Side, int | str]]:
        """Return what a person lets go when they say so: {"changed": {side: count}, "made": …, "kronor": {side: text}}."""
        return {
            "changed": self.changed,
            "made": self.made,
            "kronor": {side: str(amount) for side, amount in self.kronor.items()},
        }


UNDOES: Final = frozenset({"cancelled", "credited", "rows"})
"""Steps that take away or rewrite what is there."""


def weigh(
    items: Iterable[Item],
    known: int = 0,
    steps: Mapping[Side, frozenset[str]] | None = None,
    *,
    overwritten: bool = False,
) -> Weight:
    """Return what these items weigh.

    known        how many linked records the stream had before
    steps        side -> fields that are steps of a document's life (booked, sent): taking one changes nothing that is there, but for
                 those that undo or rewrite it (`UNDOES`)
    overwritten  only what replaces a value counts, of all pairs: a first import linked them by its list a moment ago, or the system
                 fills what is empty in the course of its records

    Of a pair that the same plan links, a change counts only where it replaces a value by another: what was empty and is filled is
    what a first sync is for.
    """
    changed: dict[Side, set[str]] = {LEFT: set(), RIGHT: set()}
    made: dict[Side, int] = {LEFT: 0, RIGHT: 0}
    kronor: dict[Side, Decimal] = {LEFT: Decimal(0), RIGHT: Decimal(0)}
    fresh: set[tuple[str, str]] = set()
    for item in items:
        if isinstance(item, LinkUp):
            fresh.add((item.left.id, item.right.id))
        elif isinstance(item, Update):
            taken = (steps.get(item.side, frozenset()) if steps else frozenset()) - UNDOES
            plain = {name: pair for name, pair in item.changes.items() if name not in taken}
            new = overwritten or (item.left.id, item.right.id) in fresh
            if plain and (not new or any(map(_replaces, plain.values()))):
                changed[item.side].add(item.left.id)
        elif isinstance(item, Unlink):
            changed[item.gone].add(item.left.id)
        elif isinstance(item, Create):
            made[item.side] += 1
            kronor[item.side] += worth(item.record)
    counts = {side: len(ids) for side, ids in changed.items() if ids}
    return Weight(
        counts, known + len(fresh), {s: n for s, n in made.items() if n}, {s: amount for s, amount in kronor.items() if amount}
    )


def _replaces(pair: tuple[object, object]) -> bool:
    """Say whether a change takes a value away that is there."""
    return pair[0] is not ABSENT and pair[0] not in (None, "", ())


def worth(record: Any) -> Decimal:
    """Return what a document is worth in kronor, as far as it is known; zero for other records."""
    amount = getattr(record, "total", ABSENT)
    if isinstance(record, Document) and not isinstance(amount, Money):
        posting = posting_of(record)
        amount = Money(posting.total, posting.currency) if isinstance(posting, Posting) else None
    if not isinstance(amount, Money):
        return Decimal(0)
    rate, unit = getattr(record, "rate", ABSENT), getattr(record, "rate_unit", ABSENT)
    if amount.currency == "SEK" or not isinstance(rate, Decimal) or not rate:
        return abs(amount.amount)
    return abs(amount.amount) * rate / (unit if isinstance(unit, Decimal) and unit else 1)


def check(
    weight: Weight,
    brake: Brake = Brake(),
    names: Mapping[Side, str] | None = None,
    *,
    let_go: Weight | None = None,
    creating: Iterable[Side] = (LEFT, RIGHT),
) -> None:
    """Stop what is too much. Raises UnsafePlan, which says what was counted, what the limit is, and how it is let go or raised.

    let_go    what a person has looked at and let go once: as much as that goes
    creating  the sides on which creations are counted: not in a first sync that was forecast and approved
    """
    allowed = let_go or Weight()
    for side in (LEFT, RIGHT):
        system = names[side] if names else side
        count = weight.changed.get(side, 0)
        few = weight.there < brake.at_least or count < brake.at_least * brake.share
        if not few and count > brake.share * weight.there and count > allowed.changed.get(side, 0):
            raise UnsafePlan(
                "Stopped before writing: {count} of {known} linked records ({percent} %) would change in {system}; "
                "the limit is {limit} %.",
                repair=_REPAIR,
                count=count,
                known=weight.there,
                percent=round(100 * count / weight.there),
                limit=round(100 * brake.share),
                system=system,
                term="Broms",
            )
    for side in creating:
        _check_creations(weight, brake, side, names[side] if names else side, allowed)


_REPAIR = (
    "Look at the plan. If it is right, let it go once (the button under Problems, or brygga repair NUMBER --do go), "
    "or raise “{term}” in the settings."
)


def _check_creations(weight: Weight, brake: Brake, side: Side, system: str, allowed: Weight) -> None:
    made, kronor = weight.made.get(side, 0), weight.kronor.get(side, Decimal(0))
    if made > brake.creations and made > allowed.made.get(side, 0):
        raise UnsafePlan(
            "Stopped before writing: {count} records would be made in {system} in one run; the limit is {limit}.",
            repair=_REPAIR,
            count=made,
            limit=brake.creations,
            system=system,
            term="Broms, nya poster",
        )
    if kronor > brake.kronor and kronor > allowed.kronor.get(side, Decimal(0)):
        raise UnsafePlan(
            "Stopped before writing: documents worth {amount} kronor would be made in {system} in one run; the limit is {limit} kronor.",
            repair=_REPAIR,
            amount=f"{Decimal(kronor).quantize(Decimal(1), ROUND_HALF_UP):f}",
            limit=brake.kronor,
            system=system,
            term="Broms, kronor",
        )
