"""Three-way merge, field by field: what both sides shall hold, which side must be told, and what a person must settle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from brygga.core.diff import same
from brygga.core.document import Row
from brygga.core.policy import LEFT, RIGHT, Holding, Policy, Side
from brygga.core.record import ABSENT, Record, Value, present
from brygga.core.rows import together


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome of a merge.

    agreed     field -> value that both sides hold now: the base moves there, nothing is written
    to_left    field -> (what left holds, what it shall hold); to_right the same for Fortnox
    settled    fields that both sides had changed and whose owner decided; shown to people
    conflicts  field -> (base or ABSENT, left, right) that has no owner; neither side is touched
    """

    agreed: dict[str, Value] = field(default_factory=dict)
    to_left: dict[str, tuple[Value, Value]] = field(default_factory=dict)
    to_right: dict[str, tuple[Value, Value]] = field(default_factory=dict)
    settled: tuple[str, ...] = ()
    conflicts: dict[str, tuple[Value, Value, Value]] = field(default_factory=dict)


def merge(
    base: Mapping[str, Value],
    left: Record,
    right: Record,
    policy: Policy,
    holds: Mapping[Side, Holding],
    choices: Mapping[str, Side] | None = None,
) -> Merged:
    """Bring two versions of one record together, field by field.

    base is what both held when they last agreed, empty if they never have; left is the business system, right Fortnox.
    Changed on one side: that side's value. Changed on both to the same: that value. Changed on both to different values:
    what *choices* (a person's answer) names, then the owner that the policy names, and else a conflict. A field that
    either side lacks is left alone. Without a base an empty value gives way to a filled one, and a state that is not
    reached to one that is. A text that one side has to cut counts as unchanged there while it equals the cut text.
    Pure. Raises nothing for any record.
    """
    merged = Merged()
    settled: list[str] = []
    right_values = dict(present(right))
    for name, on_left in present(left):
        on_right = right_values.get(name, base.get(name, "") if name in policy.untold else ABSENT)
        if on_right is ABSENT or name in policy.apart:
            continue
        winner = _winner(name, base.get(name, ABSENT), on_left, on_right, policy, holds, (choices or {}).get(name), settled)
        if winner == "agreed":
            merged.agreed[name] = _fuller(name, on_left, on_right, holds)
        elif winner == "conflict":
            merged.conflicts[name] = (base.get(name, ABSENT), on_left, on_right)
        elif winner == LEFT and name in holds[RIGHT].fields:
            merged.to_right[name] = (on_right, holds[RIGHT].fit(name, _with_texts(on_left, on_right, holds[LEFT])))
        elif winner == RIGHT and name in holds[LEFT].fields:
            merged.to_left[name] = (on_left, holds[LEFT].fit(name, _with_texts(on_right, on_left, holds[RIGHT])))
    return Merged(merged.agreed, merged.to_left, merged.to_right, tuple(settled), merged.conflicts)


def _winner(
    name: str,
    base: Value,
    left: Value,
    right: Value,
    policy: Policy,
    holds: Mapping[Side, Holding],
    choice: Side | None,
    settled: list[str],
) -> str:
    """Return "agreed", "kept", "left", "right" or "conflict" for one field that both sides have.

    "kept": each side holds the base as far as it can, cut in its own way; nothing moves.
    """
    if same(name, left, right) or _one_is_cut(name, left, right, holds):
        return "agreed"
    if name in policy.governed:
        return policy.governed[name]
    if choice is not None:
        return choice
    if base is ABSENT:
        # They never agreed: a value is worth more than none, and two values are a question of who owns the field.
        if left in ("", None, ()) or right in ("", None, ()):
            return RIGHT if left in ("", None, ()) else LEFT
        if isinstance(left, bool) and isinstance(right, bool) and name in holds[LEFT].steps and name in holds[RIGHT].steps:
            # A state is reached and never taken back, so the side that has it is ahead.
            return LEFT if left else RIGHT
    else:
        left_changed = not _holds(name, base, left, holds[LEFT])
        right_changed = not _holds(name, base, right, holds[RIGHT])
        if left_changed != right_changed:
            return LEFT if left_changed else RIGHT
        if not left_changed:
            return "kept"
    owner = policy.owners.get(name)
    if owner is None:
        return "conflict"
    settled.append(name)
    return owner


def _with_texts(value: Value, there: Value, giver: Holding) -> Value:
    """Return rows with the rows of text that stand where they go to, each after the row that it followed there.

    Only where the giver has no rows of text itself: then it does not say that there are none.
    """
    if giver.text_rows or not isinstance(value, tuple) or not isinstance(there, tuple):
        return value
    plain = [row for row in there if not row.is_text]
    partners = together(plain, value)
    after: dict[int, list[Row]] = {}
    count = 0
    for row in there:
        if row.is_text:
            after.setdefault(count, []).append(row)
        else:
            count += 1
    woven, told = list(after.get(0, ())), 0
    for row, partner in zip(value, partners, strict=True):
        if partner is None:
            woven.append(row)
            continue
        for place in range(told + 1, partner + 1):
            woven += after.get(place, ())
        woven += [row, *after.get(partner + 1, ())]
        told = partner + 1
    for place in range(told + 1, count + 1):
        woven += after.get(place, ())
    return tuple(woven)


def _holds(name: str, base: Value, value: Value, holding: Holding) -> bool:
    return same(name, base, value) or same(name, holding.fit(name, base), value)


def _one_is_cut(name: str, left: Value, right: Value, holds: Mapping[Side, Holding]) -> bool:
    return same(name, holds[LEFT].fit(name, right), left) or same(name, holds[RIGHT].fit(name, left), right)


def _fuller(name: str, left: Value, right: Value, holds: Mapping[Side, Holding]) -> Value:
    """Return the uncut value of two that agree; what is typed the same on both sides is returned as it is."""
    return left if same(name, holds[RIGHT].fit(name, left), right) and not same(name, left, right) else right
