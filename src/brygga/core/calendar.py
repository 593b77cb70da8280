"""Days: due dates, and the days on which a payment in Sweden is in time (accounting.md 7.3 and 9)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import holidays

_SATURDAY: Final = 5
_EVES: Final = frozenset({(12, 24), (12, 31)})


@lru_cache(maxsize=256)
def _holidays(year: int) -> frozenset[date]:
    found = frozenset(holidays.country_holidays("SE", years=year))
    if not found:
        raise ValueError(f"the public holidays of {year} are not known")
    return found


def is_bank_day(day: date) -> bool:
    """Whether the day is neither Saturday, Sunday, public holiday, midsummer eve, Christmas eve nor New Year's eve.

    Raises ValueError for a year whose holidays are not known (they are from 1939 to 2100).
    """
    if day in _holidays(day.year) or day.weekday() >= _SATURDAY or (day.month, day.day) in _EVES:
        return False
    midsummer_eve = day.month == 6 and day.weekday() == 4 and 19 <= day.day <= 25
    return not midsummer_eve


def due_date(invoice_date: date, terms_days: int) -> date:
    """Return invoice date and calendar days of the terms: the plain date that Fortnox stores, also on a Sunday.

    Raises ValueError for terms that are no whole number of days from 0, and for a date out of the calendar.
    """
    if isinstance(terms_days, bool) or not isinstance(terms_days, int) or terms_days < 0:
        raise ValueError(f"terms of payment are a whole number of days, 0 or more, not {terms_days!r}")
    try:
        return invoice_date + timedelta(days=terms_days)
    except OverflowError as error:
        raise ValueError(f"{terms_days} days after {invoice_date} is out of the calendar") from error


def last_payment_day(due: date) -> date:
    """Return the last day on which a payment is in time: the due date, moved to the next bank day. Decides "overdue".

    Raises ValueError for a year whose holidays are not known.
    """
    day = due
    while not is_bank_day(day):
        day += timedelta(days=1)
    return day
