"""Three-way merge, field by field: what both sides shall hold, which side must be told, and what a person must settle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from brygga.core.diff import same
from brygga.core.echo import NO_ECHO, Echo
from brygga.core.formerly import as_held
from brygga.core.policy import LEFT, RIGHT, Holding, Policy, Side, other
from brygga.core.record import ABSENT, Record, Value, present
from brygga.core.row_merge import Edit, are_rows, carried, contradict, put_right

Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome of a merge.

    agreed     field -> value that both sides hold now: the base moves there, nothing is written
    to_left    field -> (what left holds, what it shall hold); to_right the same for Fortnox
    settled    fields that both sides had changed and whose owner decided; shown to people
    conflicts  field -> (base or ABSENT, left, right) that has no owner; neither side is touched
    woven      side -> fields whose rows both sides changed, and what that side would hold had only left's change been carried over:
               right is written first, and what it changed itself has still to go to left then
    """

    agreed: dict[str, Value] = field(default_factory=dict)
    to_left: dict[str, tuple[Value, Value]] = field(default_factory=dict)
    to_right: dict[str, tuple[Value, Value]] = field(default_factory=dict)
    settled: tuple[str, ...] = ()
    conflicts: dict[str, tuple[Value, Value, Value]] = field(default_factory=dict)
    woven: dict[str, Value] = field(default_factory=dict)


def merge(
    base: Values,
    left: Record,
    right: Record,
    policy: Policy,
    holds: Mapping[Side, Holding],
    choices: Mapping[str, Side] | None = None,
    echo: Echo = NO_ECHO,
) -> Merged:
    """Bring two versions of one record together, field by field.

    base is what both held when they last agreed, empty if they never have; left is the business system, right Fortnox.
    Changed on one side: that side's value. Changed on both to the same: that value. Changed on both to different values:
    what *choices* (a person's answer) names, then the owner that the policy names, and else a conflict. A field that
    either side lacks is left alone. Without a base an empty value gives way to a filled one, and a state that is not
    reached to one that is. A text that one side has to cut counts as unchanged there while it equals the cut text, and so does
    what a side answered to our own write (`echo`); what it reset beside our write is written again. Rows are brought
    together row by row (`row_merge`). Pure. Raises nothing for any record.
    """
    merged = Merged()
    settled: list[str] = []
    right_values = dict(present(right))
    for name, on_left in present(left):
        on_right = right_values.get(name, base.get(name, "") if name in policy.untold else ABSENT)
        if on_right is ABSENT or name in policy.apart:
            continue
        values: Mapping[Side, Value] = {LEFT: on_left, RIGHT: on_right}
        winner = _winner(name, base.get(name, ABSENT), values, policy, holds, (choices or {}).get(name), settled, echo)
        if winner == "agreed":
            merged.agreed[name] = _fuller(name, on_left, on_right, holds)
        elif winner in (LEFT, RIGHT):
            _tell(merged, name, base.get(name, ABSENT), values, LEFT if winner == LEFT else RIGHT, policy, holds, echo)
        elif winner == "both":
            _weave(merged, name, base[name], values, holds, echo)
        elif winner == "conflict":
            merged.conflicts[name] = (base.get(name, ABSENT), on_left, on_right)
    return Merged(merged.agreed, merged.to_left, merged.to_right, tuple(settled), merged.conflicts, merged.woven)


def _winner(
    name: str,
    base: Value,
    values: Mapping[Side, Value],
    policy: Policy,
    holds: Mapping[Side, Holding],
    choice: Side | None,
    settled: list[str],
    echo: Echo,
) -> str:
    """Return "agreed", "kept", "left", "right", "both" or "conflict" for one field that both sides have.

    "kept": each side holds the base as far as it can, cut in its own way; nothing moves. "both": each changed rows of its own.
    """
    left, right = values[LEFT], values[RIGHT]
    if same(name, left, right) or _one_is_cut(name, left, right, holds):
        return "agreed"
    if name in policy.filled and "" in (left, right):
        return RIGHT if left == "" else LEFT
    for side in (LEFT, RIGHT):
        if echo.was_reset(side, name, values[side]):
            return "kept" if values[other(side)] in ("", None, ()) else other(side)
    if choice is not None and name not in policy.governed:
        return choice
    unchanged = {side: base is not ABSENT and _holds(name, base, values[side], holds[side], echo.of(side)) for side in values}
    if name in policy.governed:
        # What the governing side says stands there already, as far as the other side can hold it.
        return "kept" if all(unchanged.values()) and echo.has(name) else policy.governed[name]
    if base is ABSENT:
        # They never agreed: a value is worth more than none, and two values are a question of who owns the field.
        if left in ("", None, ()) or right in ("", None, ()):
            return RIGHT if left in ("", None, ()) else LEFT
        if isinstance(left, bool) and isinstance(right, bool) and name in holds[LEFT].steps and name in holds[RIGHT].steps:
            # A state is reached and never taken back, so the side that has it is ahead.
            return LEFT if left else RIGHT
    else:
        if unchanged[LEFT] != unchanged[RIGHT]:
            return RIGHT if unchanged[LEFT] else LEFT
        if unchanged[LEFT]:
            return "kept"
        if are_rows(base, left, right) and all(name in holds[side].fields for side in values):
            edits = {side: _edit(name, base, values[side], side, holds, echo) for side in values}
            if not contradict(edits[LEFT], edits[RIGHT]):
                return "both"
    owner = None if echo.asks and base is ABSENT else policy.owners.get(name)
    if owner is None:
        return "conflict"
    settled.append(name)
    return owner


def _tell(
    merged: Merged,
    name: str,
    base: Value,
    values: Mapping[Side, Value],
    winner: Side,
    policy: Policy,
    holds: Mapping[Side, Holding],
    echo: Echo,
) -> None:
    """Let the other side have what the winner says; of rows only those that are to be another."""
    side = other(winner)
    if name not in holds[side].fields:
        return
    own, wanted = values[side], values[winner]
    changes = merged.to_right if side == RIGHT else merged.to_left
    if not are_rows(own, wanted):
        changes[name] = (own, holds[side].fit(name, wanted))
    elif are_rows(base) and _holds(name, base, own, holds[side], echo.of(side)):
        changes[name] = (own, carried(Edit(_rows(own), _rows(own)), _edit(name, base, wanted, winner, holds, echo), holds[side]))
    else:
        changes[name] = (own, put_right(_rows(own), _rows(wanted), holds[side], holds[winner]))


def _weave(merged: Merged, name: str, base: Value, values: Mapping[Side, Value], holds: Mapping[Side, Holding], echo: Echo) -> None:
    """Let each side have the rows that the other changed, beside its own."""
    edits = {side: _edit(name, base, values[side], side, holds, echo) for side in values}
    merged.to_right[name] = (values[RIGHT], carried(edits[RIGHT], edits[LEFT], holds[RIGHT]))
    merged.to_left[name] = (values[LEFT], carried(edits[LEFT], edits[RIGHT], holds[LEFT], own_first=True))
    before = edits[RIGHT].before
    merged.woven[name] = carried(Edit(before, before), edits[LEFT], holds[RIGHT])


def _edit(name: str, base: Value, now: Value, side: Side, holds: Mapping[Side, Holding], echo: Echo) -> Edit:
    """Return what a side made of its rows since both agreed."""
    before = echo.of(side).get(name, ABSENT)
    return Edit(_rows(as_held(holds[side], name, base, now) if before is ABSENT else before), _rows(now))


def _rows(value: Value) -> Any:
    return value


def _holds(name: str, base: Value, value: Value, holding: Holding, echo: Values) -> bool:
    """Say whether a side holds the base: as it is, as it can hold it, or as it answered when it was written there."""
    return (
        same(name, base, value)
        or same(name, as_held(holding, name, base, value), value)
        or same(name, echo.get(name, ABSENT), value)
    )


def _one_is_cut(name: str, left: Value, right: Value, holds: Mapping[Side, Holding]) -> bool:
    return any(
        same(name, as_held(holds[side], name, one, two), two) for side, one, two in ((LEFT, right, left), (RIGHT, left, right))
    )


def _fuller(name: str, left: Value, right: Value, holds: Mapping[Side, Holding]) -> Value:
    """Return the uncut value of two that agree; what is typed the same on both sides is returned as it is."""
    return left if same(name, as_held(holds[RIGHT], name, left, right), right) and not same(name, left, right) else right
