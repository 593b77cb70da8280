"""Swedish bank days: Monday to Friday except public holidays and the three eves (accounting.md 9)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Final

import holidays

from brygga.errors import BadData

EVES: Final = ((12, 24), (12, 31))
"""Christmas eve and New Year's eve; midsummer eve is the day before midsummer day."""
FIRST_YEAR: Final = 1969
LAST_YEAR: Final = 2099


@cache
def _closed(year: int) -> frozenset[date]:
    public = holidays.country_holidays("SE", years=year, language="en_US")
    midsummer = next(day for day, name in public.items() if name == "Midsummer Day")
    return frozenset([*public, *(date(year, month, day) for month, day in EVES), midsummer - timedelta(days=1)])


def is_bank_day(day: date) -> bool:
    """Say whether the banks work on *day*. BadData for a year outside 1969 to 2099."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadData("{day} cannot be the day of a payment or a rate", day=day)
    return day.weekday() < 5 and day not in _closed(day.year)
