"""The echo of our own writes: what a system made of what it was sent, which is nobody's edit (DESIGN 5).

A system may round a number, cut a text in its own way, or set other fields back when one is written (Fortnox takes the references
of the new customer). What it answers then is kept beside the base. A side that still says so was not changed by anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from brygga.core.diff import same
from brygga.core.document import Row
from brygga.core.formerly import as_held
from brygga.core.money import Money, fortnox_2dec
from brygga.core.policy import Holding, Policy, Side
from brygga.core.record import ABSENT, Record, Value, present

Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Echo:
    """What the two sides of a link made of our writes.

    held     side -> field -> what it answered where that is not what was sent
    reset    side -> field -> what it set by itself beside a write of ours: the other side's value is written again, once
    asks     whether a person decides what was never agreed on, and no owner: it followed another record until that one left
    differs  keys of the differences between a document as it was sent and as it was answered (`core.agreement`)
    """

    held: Mapping[Side, Values] = field(default_factory=dict)
    reset: Mapping[Side, Values] = field(default_factory=dict)
    differs: frozenset[str] = frozenset()
    asks: bool = False

    def of(self, side: Side) -> Values:
        """Return what a side answered."""
        return self.held.get(side, _NOTHING)

    def has(self, name: str) -> bool:
        """Say whether either side made something else of a field, or set it back."""
        return any(name in values for values in (*self.held.values(), *self.reset.values()))

    def was_reset(self, side: Side, name: str, now: Value) -> bool:
        """Say whether a side still holds in a field what it set there by itself."""
        values = self.reset.get(side, _NOTHING)
        return name in values and same(name, values[name], now)


_NOTHING: Final[Values] = {}
NO_ECHO: Final = Echo()


def answered(agreed: Values, sent: Values, answer: Values, holding: Holding, policy: Policy, side: Side, *, new: bool) -> Values:
    """Return what of an answer is an echo: field -> what the side holds now where that is not what both agreed on.

    agreed  what the base takes; sent what was written; answer what the side showed after it, empty where it shows nothing
    new     whether the record was made: what it had no value for and the system fills in is told to the other side (WEB-28)

    What the side alone decides is no echo: its number, its state.
    """
    found = {}
    for name, wanted in agreed.items():
        value = answer.get(name, sent.get(name, ABSENT))
        if value is ABSENT or isinstance(value, bool) or name in policy.apart or policy.governed.get(name) == side:
            continue
        if new and sent.get(name) in ("", None, ()):
            continue
        if not same(name, wanted, value) and not same(name, as_held(holding, name, wanted, value), value):
            found[name] = value
    return found


def set_back(
    before: Record | None, after: Record | None, sent: Values, holds: Mapping[Side, Holding], policy: Policy, side: Side
) -> Values:
    """Return what a side set by itself beside a write of ours: field -> what it holds now; nothing where that is not known.

    before, after  the side's record as it was read right before the write, and as it was answered
    """
    if before is None or after is None:
        return {}
    held = dict(present(before))
    mine, others = holds[side], frozenset[str]().union(*(holds[one].fields for one in holds if one != side))
    return {
        name: value
        for name, value in present(after)
        if name not in sent
        and name in mine.fields
        and name not in mine.steps
        and name not in policy.apart
        and policy.governed.get(name) != side
        and (name in others or name in policy.governed)
        and not same(name, held.get(name, ABSENT), value)
        and name in held
    }


def nearly(name: str, now: Value, wanted: Value) -> bool:
    """Say whether a side holds what was written, as far as it keeps numbers: to two decimals (Fortnox API, section 9.8)."""
    return same(name, now, wanted) or same(name, _to_two_decimals(now), _to_two_decimals(wanted))


def _to_two_decimals(value: Any) -> Any:
    if isinstance(value, Decimal):
        return fortnox_2dec(value)
    if isinstance(value, Money):
        return Money(fortnox_2dec(value.amount), value.currency)
    if isinstance(value, tuple):
        return tuple(map(_to_two_decimals, value))
    if isinstance(value, Row):
        numbers: dict[str, Any] = {name: _to_two_decimals(getattr(value, name)) for name in ("quantity", "price", "discount")}
        return replace(value, **numbers)
    return value
