"""ROT and RUT (accounting.md 7.5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.rot_rut import KINDS, tax_reduction

amounts = st.decimals(0, 500_000, places=2)
kinds = st.sampled_from(KINDS)
days = st.dates(date(2021, 1, 1), date(2030, 1, 1))


@given(kinds, amounts, amounts, days, amounts, amounts)
def test_reduction_is_whole_kronor_within_the_caps_and_adds_up(
    kind: str, labour: Decimal, rest: Decimal, day: date, used_rot: Decimal, used_rut: Decimal
) -> None:
    found = tax_reduction(kind, labour, labour + rest, day, used_rot, used_rot + used_rut)
    assert found.reduction % 1 == 0
    assert 0 <= found.reduction <= min(labour / 2, 75_000)
    assert found.reduction + found.customer_pays == labour + rest
    if day >= date(2025, 1, 1):
        assert found.reduction == 0 or found.reduction + used_rot + used_rut <= 75_000
        assert kind != "rot" or found.reduction == 0 or found.reduction + used_rot <= 50_000


@given(kinds, amounts, amounts, days)
def test_more_labour_never_gives_less(kind: str, labour: Decimal, more: Decimal, day: date) -> None:
    total = labour + more
    assert tax_reduction(kind, labour, total, day).reduction <= tax_reduction(kind, total, total, day).reduction


@pytest.mark.parametrize(
    ("day", "used_rot", "used_total", "reduction"),
    [
        (date(2025, 5, 11), 0, 0, 30_000),
        (date(2025, 5, 12), 0, 0, 50_000),
        (date(2026, 1, 1), 0, 0, 30_000),
        (date(2024, 6, 30), 50_000, 50_000, 0),
        (date(2024, 7, 1), 50_000, 75_000, 25_000),
        (date(2024, 12, 31), 0, 75_000, 30_000),
        (date(2026, 1, 1), 40_000, 0, 10_000),
    ],
)
def test_percentage_and_cap_follow_the_payment_date(day: date, used_rot: int, used_total: int, reduction: int) -> None:
    found = tax_reduction("rot", Decimal(100_000), Decimal(100_000), day, Decimal(used_rot), Decimal(used_total))
    assert found.reduction == reduction


def test_rut_had_a_cap_of_its_own_in_the_second_half_of_2024() -> None:
    found = tax_reduction("rut", Decimal(200_000), Decimal(200_000), date(2024, 9, 1), Decimal(75_000), Decimal(85_000))
    assert found.reduction == 65_000


@pytest.mark.parametrize("amount", [Decimal("-0.01"), Decimal("NaN"), Decimal("Infinity"), 100.0, None, Decimal(10) ** 20])
def test_amount_that_is_none_is_refused(amount: object) -> None:
    with pytest.raises(ValueError, match="labour is an amount in kronor, 0 or more"):
        tax_reduction("rot", amount, Decimal(1), date(2026, 1, 1))  # type: ignore[arg-type]


def test_unknown_kind_too_much_labour_and_old_payments_are_refused() -> None:
    with pytest.raises(ValueError, match="one of rot, rut, rut_schablon, not 'green'"):
        tax_reduction("green", Decimal(1), Decimal(1), date(2026, 1, 1))
    with pytest.raises(ValueError, match="labour of 2 is more than the whole document of 1"):
        tax_reduction("rut", Decimal(2), Decimal(1), date(2026, 1, 1))
    with pytest.raises(ValueError, match="from 2021-01-01 on, not for 2020-12-31"):
        tax_reduction("rut", Decimal(1), Decimal(1), date(2020, 12, 31))
