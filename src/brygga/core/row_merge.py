"""A document's rows brought together row by row and field by field, so that what nobody changed is never rewritten. Pure.

Each side keeps its own rows: a change of the other side changes of them only what was changed there. What a row of one side has no
word for, a unit that is not mapped, an account that Fortnox chose, stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from brygga.core.diff import MARKS, same, same_discount, same_row
from brygga.core.document import Row
from brygga.core.policy import Holding
from brygga.core.record import ABSENT, Value
from brygga.core.rows import counterparts, partners_of

_PARTS = tuple(field.name for field in fields(Row) if field.name not in MARKS)
_WORTH = frozenset({"quantity", "price", "discount"})
"""What of a row says what it comes to."""


@dataclass(frozen=True, slots=True)
class Edit:
    """What one side made of its rows: those it had when both last agreed, and those it has now."""

    before: Sequence[Row]
    after: Sequence[Row]

    @property
    def moves(self) -> bool:
        """Say whether rows stand in another order than before."""
        places = [place for place in partners_of(self.before, self.after) if place is not None]
        return places != sorted(places)


def are_rows(*values: object) -> bool:
    """Say whether these are rows of documents, and not other parts or plain values."""
    return all(isinstance(value, tuple) and all(isinstance(row, Row) for row in value) for value in values)


def carried(own: Edit, theirs: Edit, holding: Holding, *, own_first: bool = False) -> tuple[Row, ...]:
    """Return the rows of one side with what the other side changed.

    own        the side to be written: its rows when both agreed, and now; what is not changed is returned as it is
    theirs     the side whose change is carried over
    own_first  where both added rows at one place, whether this side's stand first
    """
    # Their row when both agreed -> ours then -> ours now.
    ours_now = {then: now for now, then in enumerate(partners_of(own.before, own.after)) if then is not None}
    ours_then = counterparts(own.before, theirs.before)
    places = {there: ours_now[then] for there, then in enumerate(ours_then) if then is not None and then in ours_now}
    weaving = _Weaving(own.after, set(places.values()), own_first)
    for row, there in zip(theirs.after, partners_of(theirs.before, theirs.after), strict=True):
        if there in places:
            place = places[there]
            weaving.keep(place, _changed(own.after[place], theirs.before[there], row, holding))
        elif (there is None or not same_row(theirs.before[there], row)) and (holding.text_rows or not row.is_text):
            weaving.add(fitted(row, holding))
    return weaving.rows()


def put_right(own: Sequence[Row], wanted: Sequence[Row], holding: Holding, giver: Holding) -> tuple[Row, ...]:
    """Return the rows of one side as the other side wants them, whatever was changed: what it does not say stays as it is.

    Rows of text stay where the giver has none itself: then it does not say that there are none.
    """
    said = own if giver.text_rows else [row for row in own if not row.is_text]
    return carried(Edit(own, own), Edit(said, wanted), holding)


def contradict(left: Edit, right: Edit) -> bool:
    """Say whether both sides changed the same field of the same row to different values, or one a row that the other took away.

    Rows that were put in another order while the other side changed rows too are as bad: nobody knows where these belong.
    """
    if left.moves or right.moves:
        return True
    lefts = {then: now for now, then in enumerate(partners_of(left.before, left.after)) if then is not None}
    rights = {then: now for now, then in enumerate(partners_of(right.before, right.after)) if then is not None}
    for there, here in enumerate(counterparts(left.before, right.before)):
        if here is None:
            continue
        mine = left.after[lefts[here]] if here in lefts else None
        his = right.after[rights[there]] if there in rights else None
        if _clash(left.before[here], mine, right.before[there], his):
            return True
    return False


def _clash(left_was: Row, left: Row | None, right_was: Row, right: Row | None) -> bool:
    if left is None or right is None:
        there = right if left is None else left
        was = right_was if left is None else left_was
        return there is not None and not same_row(was, there)
    if left.is_text or right.is_text:
        return not same_row(left_was, left) and not same_row(right_was, right) and not same_row(left, right)
    mine, his = changes_of(left_was, left), changes_of(right_was, right)
    if _say_discount_apart(left, right) and _WORTH & mine.keys() and _WORTH & his.keys():
        return True
    return any(not same(name, mine[name], his[name]) for name in mine.keys() & his.keys())


def changes_of(before: Row, after: Row) -> Mapping[str, Value]:
    """Return what of a row was changed: field -> what it is now. What either does not say was not changed; a discount goes with its kind."""
    if same_row(before, after):
        return {}
    changed: dict[str, Value] = {}
    for name in _PARTS:
        was, value = getattr(before, name), getattr(after, name)
        if name in ("discount", "discount_kind") or was is ABSENT or value is ABSENT:
            continue
        if not same(name, was, value):
            changed[name] = value
    if _discount(before) != _discount(after) and after.discount is not ABSENT and not same_discount(before, after):
        changed["discount"] = after.discount
        changed["discount_kind"] = after.discount_kind
    return changed


def fitted(row: Row, holding: Holding) -> Row:
    """Return a new row as a side can hold it."""
    rows: Any = replace(holding, text_rows=True).fit("rows", (row,))
    held: Row = rows[0]
    return held


def _changed(mine: Row, was: Row, row: Row, holding: Holding) -> Row:
    """Return our row with what they changed of theirs; the very same row where that is nothing."""
    if same_row(was, row):
        return mine
    if mine.is_text or row.is_text:
        return fitted(row, holding)
    said = dict(changes_of(was, row))
    if _WORTH & said.keys() and _say_discount_apart(mine, row):
        # A percentage and an amount take off the same of one quantity and price alone: of others the discount is said again.
        said |= {"discount": row.discount, "discount_kind": row.discount_kind}
    changed = {
        name: fit
        for name, value in said.items()
        if (holding.row_fields is None or name in holding.row_fields)
        and getattr(mine, name) != (fit := holding.fit(f"rows.{name}", value))
    }
    if "quantity" in changed and row.ordered_quantity is ABSENT:
        # Who knows one quantity alone means what was ordered as well as what is delivered.
        changed["ordered_quantity"] = ABSENT
    return replace(mine, **changed) if changed else mine  # type: ignore[arg-type]


def _say_discount_apart(one: Row, two: Row) -> bool:
    """Say whether one of two rows has its discount as a percentage and the other as an amount."""
    return {_discount(one)[1], _discount(two)[1]} == {"percent", "amount"}


def _discount(row: Row) -> tuple[object, object]:
    return (row.discount, row.discount_kind) if row.discount is not ABSENT and row.discount else (0, ABSENT)


class _Weaving:
    """Puts our rows in the other side's order, with what each side alone has beside the row that it followed."""

    def __init__(self, own: Sequence[Row], known: set[int], own_first: bool) -> None:
        self._own = own
        self._known = known
        self._own_first = own_first
        self._groups: list[tuple[int, list[Row], list[Row]]] = [(-1, [], [])]

    def keep(self, place: int, row: Row) -> None:
        """Put one of our rows next, as it is now."""
        self._groups.append((place, [row], []))

    def add(self, row: Row) -> None:
        """Put a row of theirs that we do not have next, unless we have put in the same ourselves."""
        self._groups[-1][2].append(row)

    def rows(self) -> tuple[Row, ...]:
        """Return all rows. Our own rows of text keep their order and follow the row that they followed, also where that is gone."""
        kept = {place for place, _, _ in self._groups}
        texts: dict[int, list[Row]] = {}
        alone: dict[int, list[Row]] = {}
        last = anchor = -1
        for place, row in enumerate(self._own):
            if place in self._known or not row.is_text:
                last = place
                anchor = place if place in kept else anchor
            if place not in self._known:
                (texts if row.is_text else alone).setdefault(last if row.is_text else anchor, []).append(row)
        ours = [row for rows in (*alone.values(), *texts.values()) for row in rows]
        woven: list[Row] = []
        told = -2
        for place, head, added in self._groups:
            for passed in range(told + 1, place):
                woven += texts.get(passed, ())
            woven += head
            if place > told:
                woven += texts.get(place, ())
                told = place
            new = [row for row in added if not _taken(row, ours)]
            mine = alone.get(place, [])
            woven += mine + new if self._own_first else new + mine
        for passed in range(told + 1, len(self._own)):
            woven += texts.get(passed, ())
        return tuple(woven)


def _taken(row: Row, ours: list[Row]) -> bool:
    """Say whether we added the same row ourselves, and cross it off: it stands for one of theirs."""
    found = next((place for place, one in enumerate(ours) if same_row(row, one)), None)
    if found is None:
        return False
    del ours[found]
    return True
