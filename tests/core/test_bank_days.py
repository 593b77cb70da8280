"""Due dates and last payment days (accounting.md 7.3)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.calendar import due_date, is_bank_day, last_payment_day

days = st.dates(date(2000, 1, 1), date(2060, 12, 1))


@given(days, st.integers(0, 365))
def test_due_date_is_terms_away_also_on_a_holiday(day: date, terms: int) -> None:
    assert (due_date(day, terms) - day).days == terms


@given(days)
def test_last_payment_day_is_the_first_bank_day_from_the_due_date(due: date) -> None:
    last = last_payment_day(due)
    assert is_bank_day(last)
    assert timedelta() <= last - due <= timedelta(days=5)
    assert not any(is_bank_day(due + timedelta(days=passed)) for passed in range((last - due).days))


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 6, 19), False),  # midsummer eve, moves between 19 and 25 June
        (date(2026, 6, 18), True),
        (date(2026, 6, 26), True),
        (date(2027, 6, 25), False),
        (date(2026, 12, 23), True),
        (date(2026, 12, 24), False),
        (date(2026, 12, 31), False),
        (date(2026, 10, 30), True),
        (date(2026, 4, 2), True),
        (date(2026, 4, 3), False),
        (date(2026, 11, 21), False),
        (date(2005, 6, 6), False),
        (date(2004, 5, 31), False),
    ],
)
def test_bank_day(day: date, open_: bool) -> None:
    assert is_bank_day(day) is open_


@pytest.mark.parametrize("terms", [-1, True, 1.5, None, "30"])
def test_terms_that_are_no_days_are_refused(terms: object) -> None:
    with pytest.raises(ValueError, match="a whole number of days, 0 or more"):
        due_date(date(2026, 1, 1), terms)  # type: ignore[arg-type]


def test_dates_beyond_what_is_known_are_refused() -> None:
    with pytest.raises(ValueError, match="out of the calendar"):
        due_date(date(9999, 12, 1), 60)
    with pytest.raises(ValueError, match="public holidays of 2150 are not known"):
        last_payment_day(date(2150, 1, 1))
