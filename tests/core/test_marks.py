"""Marks are a set of numbers, by any history of adding and removing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from brygga.core.marks import Marks


@given(st.lists(st.tuples(st.booleans(), st.integers(min_value=0, max_value=300))))
def test_marks_hold_what_a_set_holds(history: list[tuple[bool, int]]) -> None:
    marks, held = Marks(), set[int]()
    for adds, number in history:
        if adds:
            marks.add(number)
            held.add(number)
        else:
            marks.remove([number])
            held.discard(number)
        assert len(marks) == len(held)
    assert {number for number in range(302) if number in marks} == held
