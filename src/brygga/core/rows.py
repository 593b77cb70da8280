"""Which row of a document is which, when one list of rows takes the place of another. Pure.

Systems mark rows by ids of their own that no other system keeps, so rows are brought together by what they say.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from brygga.core.document import Row


def together(now: Sequence[Row], wanted: Sequence[Row]) -> list[int | None]:
    """Return for each wanted row the place of the old row that it is, or None for a new one; places only grow.

    First the same article and text in the same order; between those the same article, and then rows of the same sort that
    stand at the same place.
    """
    partners: list[int | None] = [None] * len(wanted)
    matcher = SequenceMatcher(None, [_key(row) for row in now], [_key(row) for row in wanted], autojunk=False)
    for tag, old, old_end, new, new_end in matcher.get_opcodes():
        if tag == "equal":
            for place in range(new_end - new):
                partners[new + place] = old + place
        elif tag == "replace":
            _between(now, wanted, range(old, old_end), range(new, new_end), partners)
    return partners


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
