"""Ids sort by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from brygga.store.ids import new_id, slot_id


def test_new_ids_sort_in_the_order_they_were_made() -> None:
    ids = [new_id() for _ in range(5000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert {len(id) for id in ids} == {26}


@settings(max_examples=40)
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - bounds are given without zone
    st.integers(1, 10**9),
    st.text(),
    st.text(),
)
def test_slot_has_one_id_which_sorts_by_its_time(at: datetime, seconds: int, one: str, other: str) -> None:
    at = at.replace(tzinfo=UTC)
    assert slot_id(at, 7, one) == slot_id(at, 7, one)
    assert (slot_id(at, 7, one) == slot_id(at, 7, other)) == (one == other)
    assert slot_id(at, 7, one) < slot_id(at + timedelta(seconds=seconds), 7, other)
