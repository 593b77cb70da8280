"""House work (ROT and RUT): the reduction that the seller deducts and claims from the tax authority (accounting.md 7.5).

Percentages and caps are data with dates; the date is that of the payment, never of the work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Final, Literal, TypeAlias

from brygga.core.money import round_ore

HouseWork: TypeAlias = Literal["rot", "rut", "rut_schablon"]
"""ROT; RUT; RUT by the standard rate of laundry and transport services, where half the charge counts as labour."""

KINDS: Final = ("rot", "rut", "rut_schablon")
_KRONA: Final = Decimal(1)
_LARGEST: Final = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Period:
    """What holds for payments from a day on; `together` is the cap of ROT and RUT, None while each had its own.

    rot_share, rut_share   share of labour including VAT
    rot_cap, rut_cap       kronor a person and year
    """

    since: date
    rot_share: Decimal
    rot_cap: Decimal
    rut_cap: Decimal
    together: Decimal | None
    rut_share: Decimal = Decimal("0.50")


_30: Final = Decimal("0.30")
_50: Final = Decimal("0.50")
_75000: Final = Decimal(75000)
_50000: Final = Decimal(50000)

PERIODS: Final = (
    Period(date(2021, 1, 1), _30, _50000, _75000, _75000),
    Period(date(2024, 7, 1), _30, _75000, _75000, None),
    Period(date(2025, 1, 1), _30, _50000, _75000, _75000),
    Period(date(2025, 5, 12), _50, _50000, _75000, _75000),
    Period(date(2026, 1, 1), _30, _50000, _75000, _75000),
)
"""Government bill 2023/24:86 kept the caps apart for payments from 2024-07-01 to 2024-12-31."""


@dataclass(frozen=True, slots=True)
class TaxReduction:
    """Whole kronor claimed from the tax authority, and what is left for the customer to pay; both with two decimals."""

    reduction: Decimal
    customer_pays: Decimal


def tax_reduction(
    kind: str,
    labour_incl_vat: Decimal,
    total_incl_vat: Decimal,
    payment_date: date,
    used_rot: Decimal = Decimal(0),
    used_total: Decimal = Decimal(0),
) -> TaxReduction:
    """Return the reduction for one person's document: share of labour including VAT, cut to whole kronor, within the caps.

    *used_rot* and *used_total* (ROT and RUT together) are what the person used this year before. Raises ValueError for an
    unknown kind, an amount that is negative or no number, labour above the total, and a payment before 2021.
    """
    if kind not in KINDS:
        raise ValueError(f"house work is one of {', '.join(KINDS)}, not {kind!r}")
    for what, amount in (("labour", labour_incl_vat), ("total", total_incl_vat), ("used rot", used_rot), ("used", used_total)):
        if not isinstance(amount, Decimal) or not amount.is_finite() or not 0 <= amount < _LARGEST:
            raise ValueError(f"{what} is an amount in kronor, 0 or more, not {amount!r}")
    if labour_incl_vat > total_incl_vat:
        raise ValueError(f"labour of {labour_incl_vat} is more than the whole document of {total_incl_vat}")
    period = _period(payment_date)
    share = {"rot": period.rot_share, "rut": period.rut_share, "rut_schablon": period.rut_share / 2}[kind]
    wanted = (labour_incl_vat * share).quantize(_KRONA, ROUND_DOWN)
    left = _left(period, kind, used_rot, max(used_rot, used_total)).quantize(_KRONA, ROUND_DOWN)
    reduction = min(wanted, left)
    return TaxReduction(round_ore(reduction), round_ore(total_incl_vat - reduction))


def _period(payment_date: date) -> Period:
    for period in reversed(PERIODS):
        if period.since <= payment_date:
            return period
    raise ValueError(f"the rules of house work are known for payments from {PERIODS[0].since} on, not for {payment_date}")


def _left(period: Period, kind: str, used_rot: Decimal, used_total: Decimal) -> Decimal:
    """Return what is left below the caps, never below zero."""
    own = period.rot_cap - used_rot if kind == "rot" else period.rut_cap - (used_total - used_rot)
    if period.together is not None:
        own = min(own, period.together - used_total)
    return max(own, Decimal(0))
