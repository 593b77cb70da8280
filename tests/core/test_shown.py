"""How a document stands, as its record shows it: what is written is read back the same, and nothing is written twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from brygga.core.policy import Lock
from brygga.core.shown import IN_STEP, LOCKED, NOTHING, Shown, differs, of_lock, read
from brygga.errors import Sentence

TEXTS = st.text(st.characters(categories=("L", "N", "P", "Z")), min_size=1, max_size=400).filter(str.strip)
STATES = st.sampled_from([NOTHING, IN_STEP, LOCKED]) | st.builds(Shown, st.just("held"), TEXTS)


@given(STATES, st.integers(40, 500))
def test_what_a_record_shows_is_not_written_again(shown: Shown, longest: int) -> None:
    text = shown.said(longest)
    assert len(text) <= longest
    there = read(text)
    assert there.state == shown.state
    assert not differs(there, shown, longest)


@given(STATES, STATES)
def test_another_state_is_told_but_a_record_without_any_is_not_written_for_being_in_step(now: Shown, wanted: Shown) -> None:
    if now.state != wanted.state:
        assert differs(now, wanted) is not (now == NOTHING and wanted == IN_STEP)


def test_only_rows_that_are_fortnox_own_lock_nothing_else() -> None:
    why = Sentence("why")
    assert of_lock(Lock(why, state="rows")) == IN_STEP
    assert of_lock(Lock(why, state="booked")) == LOCKED
    assert of_lock(None) == IN_STEP


@given(TEXTS.filter(lambda text: not text.startswith("Väntar: ") and text.strip() not in ("I fas med Fortnox", "Låst i Fortnox")))
def test_what_a_person_typed_there_shows_nothing(text: str) -> None:
    assert read(text) == NOTHING
