"""Which row of a document is which, when one list of rows takes the place of another. Pure.

Systems mark rows by ids of their own that no other system keeps, so rows are brought together by what they say: never by the
article alone, of which a document may have several rows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher

from brygga.core.absent import ABSENT
from brygga.core.document import Row


def together(now: Sequence[Row], wanted: Sequence[Row]) -> list[int | None]:
    """Return for each wanted row the place of the old row that it is, or None for a new one; places only grow.

    First rows that say the same in all, then the same article and text, in the same order; between those the same article, and then
    rows of the same sort that stand at the same place.
    """
    partners: list[int | None] = [None] * len(wanted)
    for old, new in _gaps(now, wanted, range(len(now)), range(len(wanted)), _whole, partners):
        for some, others in _gaps(now, wanted, old, new, _key, partners):
            _between(now, wanted, some, others, partners)
    return partners


def partners_of(now: Sequence[Row], wanted: Sequence[Row]) -> list[int | None]:
    """Return the same as `together`, and also the old places of rows that were moved: places need not grow."""
    partners = together(now, wanted)
    taken = set(partners)
    free: dict[Hashable, list[int]] = {}
    for place, row in enumerate(now):
        if place not in taken:
            free.setdefault(_key(row), []).append(place)
    for place, partner in enumerate(partners):
        if partner is None and (moved := free.get(_key(wanted[place]))):
            partners[place] = moved.pop(0)
    return partners


def counterparts(one: Sequence[Row], two: Sequence[Row]) -> list[int | None]:
    """Return for each row of *two* the place of the same row in *one*, where both are the same document as two systems hold it.

    They stand in the same order then, but for rows of text, which one of the two may not have.
    """
    if [row.is_text for row in one] == [row.is_text for row in two]:
        return list(range(len(two)))
    plain = [place for place, row in enumerate(one) if not row.is_text]
    if len(plain) != sum(not row.is_text for row in two) or (len(plain) < len(one) and any(row.is_text for row in two)):
        return partners_of(one, two)
    places = iter(plain)
    return [None if row.is_text else next(places) for row in two]


def _gaps(
    now: Sequence[Row],
    wanted: Sequence[Row],
    old: range,
    new: range,
    key: Callable[[Row], Hashable],
    partners: list[int | None],
) -> Iterator[tuple[range, range]]:
    """Set the partners of the rows whose keys are equal in order, and yield the places between them that both have."""
    matcher = SequenceMatcher(None, [key(now[place]) for place in old], [key(wanted[place]) for place in new], autojunk=False)
    open_gaps: list[tuple[range, range]] = []
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag == "equal":
            for place in range(last - first):
                partners[new[first + place]] = old[start + place]
        elif tag == "replace":
            open_gaps.append((old[start:end], new[first:last]))
    yield from open_gaps


def _between(now: Sequence[Row], wanted: Sequence[Row], old: range, new: range, partners: list[int | None]) -> None:
    free = list(old)
    for place in new:
        row = wanted[place]
        found = next((one for one in free if row.article_number and now[one].article_number == row.article_number), None)
        if found is None and len(old) == len(new):
            across = old[place - new.start]
            plain = across in free and not row.article_number and not now[across].article_number
            found = across if plain and now[across].is_text == row.is_text else None
        if found is not None:
            free = [one for one in free if one > found]
            partners[place] = found


def _key(row: Row) -> tuple[str, str]:
    return str(row.article_number or ""), " ".join(str(row.description or "").split())


def _whole(row: Row) -> Hashable:
    numbers = (row.quantity, ABSENT if row.price is ABSENT else row.price.amount, row.discount or ABSENT, row.vat)
    return (*_key(row), *numbers)
