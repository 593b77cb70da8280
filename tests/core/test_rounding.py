"""Rounding, VAT in and out of prices, and splits that add up (accounting.md 3.1)."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.money import (
    ZERO,
    Money,
    allocate,
    exact,
    fortnox_2dec,
    percent_text,
    round_krona,
    round_ore,
    split_row,
    vat_from_gross,
    vat_from_net,
    whole_ore,
)
from brygga.errors import BadData

amounts = st.decimals(min_value=-(10**9), max_value=10**9, places=2)
fine = st.decimals(min_value=-(10**6), max_value=10**6, places=7)
rates = st.sampled_from([Decimal(0), Decimal(6), Decimal(12), Decimal(19), Decimal(25), Decimal("25.5")])


@given(fine)
def test_credit_is_the_exact_mirror_of_its_invoice(amount: Decimal) -> None:
    assert round_ore(-amount) == -round_ore(amount)
    assert round_krona(-amount) == -round_krona(amount)
    assert fortnox_2dec(-amount) == -fortnox_2dec(amount)


@given(fine)
def test_rounding_moves_at_most_half_a_step_and_never_gives_a_negative_zero(amount: Decimal) -> None:
    assert abs(round_ore(amount) - amount) <= Decimal("0.005")
    assert abs(round_krona(amount) - amount) <= Decimal("0.5")
    for rounded in (round_ore(amount), round_krona(amount)):
        assert rounded.as_tuple().exponent == -2
        assert rounded or not rounded.is_signed()


def test_halves_go_away_from_zero_whatever_the_context_of_the_thread() -> None:
    with localcontext() as context:
        context.rounding = ROUND_HALF_EVEN
        context.prec = 4
        assert round_ore(Decimal("123456.125")) == Decimal("123456.13")
        assert vat_from_net(Decimal("4467.75"), Decimal(25)) == Decimal("1116.94")


@given(amounts, rates)
def test_net_and_vat_of_a_gross_price_are_the_gross_price(gross: Decimal, rate: Decimal) -> None:
    vat = vat_from_gross(gross, rate)
    net = gross - vat
    assert net + vat == gross
    assert abs(net * rate / 100 - vat) <= Decimal("0.01")


@given(amounts, rates)
def test_price_survives_the_round_trip_over_gross_within_one_ore(net: Decimal, rate: Decimal) -> None:
    """Net to gross and back is within one öre; gross to net and back too, since only the VAT is rounded each way."""
    gross = net + vat_from_net(net, rate)
    assert abs((gross - vat_from_gross(gross, rate)) - net) <= Decimal("0.01")
    back = net - vat_from_gross(net, rate)
    assert abs(back + vat_from_net(back, rate) - net) <= Decimal("0.01")


@given(amounts, st.lists(st.decimals(min_value=0, max_value=10**6, places=2), min_size=1, max_size=40))
def test_parts_add_up_to_the_whole_and_are_an_ore_from_fair(total: Decimal, weights: list[Decimal]) -> None:
    if not sum(weights):
        weights[0] = Decimal(1)
    parts = allocate(total, weights)
    assert sum(parts, ZERO) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < Decimal("0.0100001")
        assert part * total >= 0
        assert weight or not part


@given(amounts, st.lists(st.decimals(min_value=1, max_value=100, places=2), min_size=1, max_size=9))
def test_split_of_a_credit_mirrors_the_split_of_its_invoice(total: Decimal, weights: list[Decimal]) -> None:
    assert allocate(-total, weights) == [-part for part in allocate(total, weights)]
    assert allocate(total, [-weight for weight in weights]) == allocate(total, weights)


@given(amounts, st.integers(-500, 500).filter(bool))
def test_split_row_keeps_quantity_and_total(total: Decimal, quantity: int) -> None:
    rows = split_row(total, quantity)
    assert sum(count for count, _ in rows) == quantity
    assert sum((count * price for count, price in rows), ZERO) == total
    assert len(rows) <= 2
    assert max(price for _, price in rows) - min(price for _, price in rows) <= Decimal("0.01")


@pytest.mark.parametrize(
    ("total", "weights"),
    [("1.00", []), ("1.00", ["0", "0"]), ("1.00", ["2", "-1"]), ("0.005", ["1"])],
)
def test_split_without_a_sensible_answer_is_refused(total: str, weights: list[str]) -> None:
    with pytest.raises(ValueError, match="split"):
        allocate(Decimal(total), [Decimal(weight) for weight in weights])


def test_nothing_is_split_into_nothings() -> None:
    assert allocate(ZERO, [Decimal(0), Decimal(3)]) == [ZERO, ZERO]


def test_row_of_no_quantity_or_of_parts_of_an_ore_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a quantity"):
        split_row(Decimal("1.00"), 0)
    with pytest.raises(ValueError, match="whole öre"):
        split_row(Decimal("1.001"), 2)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("NaN", "is not a finite number"),
        ("sNaN", "is not a finite number"),
        ("Infinity", "is not a finite number"),
        ("-0.00", "negative zero"),
        ("1,50", "is not a number"),
        ("1E+20", "larger or finer"),
        ("1E-40", "larger or finer"),
    ],
)
def test_number_that_is_none_is_refused_and_the_place_is_named(value: str, said: str) -> None:
    with pytest.raises(BadData, match=f"row 3, price.*{said}"):
        exact(value, "row 3, price")


def test_float_or_truth_value_is_a_mistake_of_ours() -> None:
    for value in (1.5, True):
        with pytest.raises(TypeError, match="the rate: a number is a Decimal"):
            exact(value, "the rate")  # type: ignore[arg-type]


def test_whole_ore_gives_two_decimals_and_refuses_parts_of_an_ore() -> None:
    assert str(whole_ore("12.5", "the sum")) == "12.50"
    assert str(whole_ore(3, "the sum")) == "3.00"
    assert str(whole_ore("0", "the sum")) == "0.00"
    with pytest.raises(BadData, match=r"the sum: 0\.001 is not a whole number of öre"):
        whole_ore("0.001", "the sum")


def test_number_without_an_end_is_never_rounded() -> None:
    for value in ("NaN", "Infinity", "1E+40"):
        with pytest.raises(ValueError, match="only a finite number"):
            round_ore(Decimal(value))


def test_percent_is_written_as_people_do() -> None:
    assert [percent_text(Decimal(text)) for text in ("25", "25.00", "25.50", "0", "1E+1", "100")] == [
        "25",
        "25",
        "25.5",
        "0",
        "10",
        "100",
    ]


def test_money_adds_only_to_its_own_currency() -> None:
    ten = Money(Decimal("10.00"), "SEK")
    assert ten + ten == Money(Decimal("20.00"), "SEK")
    assert str(ten - Money(Decimal("0.50"), "SEK")) == "9.50 SEK"
    assert -ten == Money(Decimal("-10.00"), "SEK")
    assert str(Money(Decimal("-0.00"), "SEK").amount) == "0.00"
    with pytest.raises(ValueError, match="SEK and EUR cannot be added"):
        ten + Money(Decimal("1.00"), "EUR")


@pytest.mark.parametrize(
    ("amount", "currency"), [(Decimal("NaN"), "SEK"), (Decimal(1), "kr"), (Decimal(1), "sek"), (Decimal(1), "ÖÄÅ")]
)
def test_money_without_amount_or_currency_is_refused(amount: Decimal, currency: str) -> None:
    with pytest.raises(ValueError, match=r"an amount is|a currency is"):
        Money(amount, currency)


def test_money_of_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="not float"):
        Money(1.5, "SEK")  # type: ignore[arg-type]
