"""What is sent carries every digit, and no float."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.clients import exact_json

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False, places=4),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(_VALUES)
def test_what_is_sent_reads_back_the_same_with_all_digits(value: object) -> None:
    text = exact_json.encode(value)
    back = json.loads(text, parse_float=Decimal)
    assert back == value
    assert "\n" not in text


def test_digits_stay_as_they_are_and_dates_are_days() -> None:
    assert exact_json.encode({"pris": Decimal("1250.00"), "dag": date(2026, 11, 20), "å": [Decimal("1E+3")]}) == (
        '{"pris":1250.00,"dag":"2026-11-20","å":[1000]}'
    )


@pytest.mark.parametrize("value", [0.1, [1.0], {"a": float("nan")}, datetime(2026, 11, 20, tzinfo=UTC), b"x", object()])
def test_what_nobody_can_say_the_amount_of_is_not_sent(value: object) -> None:
    with pytest.raises(TypeError, match="cannot be sent"):
        exact_json.encode(value)


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_not_sent(value: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        exact_json.encode({"amount": Decimal(value)})
