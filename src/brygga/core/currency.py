"""Foreign currency: which quotation applies on a day, and what an amount is in SEK (accounting.md 5.2)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from brygga.core.calendar import is_bank_day
from brygga.core.money import CONTEXT, exact, round_ore
from brygga.errors import BadData

STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")
NEW_RATES_AT: Final = time(16, 15)
"""Local time on bank days from which Fortnox has the day's rates."""


def quote_date(day: date) -> date:
    """Return the day whose quotation applies on *day*: the same on a bank day, else the latest one before.

    BadData for a year whose holidays are not known.
    """
    quoted = day
    try:
        while not is_bank_day(quoted):
            quoted -= timedelta(days=1)
    except ValueError:
        raise BadData("{day} cannot be the day of a payment or a rate.", day=day) from None
    return quoted


def available_quote(now: datetime) -> date:
    """Return the day of the newest quotation that can be had at *now* (aware): today's from 16:15 in Stockholm."""
    if now.tzinfo is None:
        raise ValueError(f"a moment has a time zone, {now} has none")
    local = now.astimezone(STOCKHOLM)
    today = local.date()
    return quote_date(today if local.time() >= NEW_RATES_AT else today - timedelta(days=1))


def to_sek(amount: Decimal, rate: Decimal, unit: Decimal) -> Decimal:
    """Return *amount* in SEK, whole öre: amount x rate / unit. *rate* is SEK for *unit* units of the currency.

    BadData for a rate or a unit that is not above zero.
    """
    real = CONTEXT.multiply(exact(amount, "the amount"), _above_zero(rate, "the rate"))
    return round_ore(CONTEXT.divide(real, _above_zero(unit, "the rate's unit")))


def rate_of_one(rate: Decimal, unit: Decimal) -> Decimal:
    """Return the rate for one unit: 7.10 for a hundred yen is 0.071 for one."""
    return CONTEXT.divide(_above_zero(rate, "the rate"), _above_zero(unit, "the rate's unit"))


def vat_in_sek(vat: Decimal, currency: str, rate: Decimal, unit: Decimal) -> Decimal:
    """Return the VAT that must also stand in SEK on an invoice in foreign currency; *rate* of the chargeable event."""
    return vat if currency == "SEK" else to_sek(vat, rate, unit)


def _above_zero(number: Decimal, place: str) -> Decimal:
    known = exact(number, place)
    if known <= 0:
        raise BadData("{place} is {number}, and must be above zero.", place=place, number=known)
    return known
