"""What is stored comes back the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.document import Row
from brygga.core.money import Money
from brygga.store import values

_decimals = st.decimals(allow_nan=False, allow_infinity=False)
_plain = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | _decimals
    | st.dates()
    | st.datetimes(timezones=st.timezones())
    | st.builds(Money, _decimals, st.sampled_from(["SEK", "NOK", "EUR"]))
)
_names = st.text(min_size=1).filter(lambda name: name != values.TAG)
_values = st.recursive(
    _plain, lambda inner: st.lists(inner) | st.dictionaries(_names, inner) | st.lists(inner).map(tuple), max_leaves=10
)


def _alike(one: object, other: object) -> bool:
    """Equal, and of the same types all the way down: 1 is not True, 1.0 is not 1.00."""
    if type(one) is not type(other):
        return False
    if isinstance(one, Decimal):
        return str(one) == str(other)
    if isinstance(one, Money) and isinstance(other, Money):
        return str(one) == str(other)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[name], other[name]) for name in one)
    if isinstance(one, datetime) and isinstance(other, datetime):
        # Where a clock was set back Python calls equal times of two zones unequal, so the instant is compared.
        return one.astimezone(UTC) == other.astimezone(UTC) and one.utcoffset() == other.utcoffset()
    return one == other


@given(_values)
def test_value_comes_back_the_same(value: object) -> None:
    assert _alike(values.decode(json.loads(json.dumps(values.encode(value)))), value)


def test_rows_come_back_with_their_absent_fields_absent() -> None:
    rows = (Row(id="1", price=Decimal("12.50"), house_work=False), Row(description="text only"))
    assert values.decode(json.loads(json.dumps(values.encode(rows)))) == rows


@pytest.mark.parametrize("value", [1.5, Decimal("NaN"), datetime(2026, 11, 20), {1, 2}, b"x", object(), {"$": 1}, {1: "x"}, [0.1]])  # noqa: DTZ001 - it is refused for having no zone
def test_what_could_not_come_back_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        values.encode(value)


def test_unknown_tag_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown tag"):
        values.decode({"$": "money2", "amount": "1"})


def test_time_keeps_its_offset() -> None:
    moment = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert values.decode(values.encode(moment)).utcoffset() == moment.utcoffset()
