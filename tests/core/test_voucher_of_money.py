"""Vouchers, currency, payments and write-offs: they balance, or they are refused (accounting.md 5.2, 5.3)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.calendar import is_bank_day
from brygga.core.currency import available_quote, quote_date, rate_of_one, to_sek, vat_in_sek
from brygga.core.money import ZERO
from brygga.core.payments import Receivable, Received, apply_payments, date_to_send
from brygga.core.vouchers import voucher
from brygga.core.write_offs import bad_debt, bank_fee, cash_discount, provider_payout
from brygga.errors import BadData

ore = st.decimals(Decimal("0.01"), Decimal(10**6), places=2)
any_ore = st.decimals(Decimal(-(10**6)), Decimal(10**6), places=2)
rates = st.decimals(Decimal("0.01"), Decimal(200), places=4)
vat = st.sampled_from([Decimal(25), Decimal(12), Decimal(6), Decimal(0)])


@given(ore, rates, st.lists(st.tuples(ore, rates), min_size=1, max_size=6), st.booleans())
def test_payments_in_currency_clear_the_receivable_to_the_ore_and_balance(
    total: Decimal, rate: Decimal, payments: list[tuple[Decimal, Decimal]], credit: bool
) -> None:
    sign = -1 if credit else 1
    booked = sign * to_sek(total, rate, Decimal(1))
    steps = apply_payments(
        Receivable("EUR", sign * total, booked + 0, rate),
        [Received(sign * amount, paid_at) for amount, paid_at in payments],
        Decimal("0.99"),
    )
    assert sum((step.receivable_sek for step in steps), ZERO) == booked or steps[-1].balance
    left = sign * total
    for step, (amount, _) in zip(steps, payments, strict=True):
        assert sum(step.voucher.values(), ZERO) == 0
        assert step.balance + sign * amount - step.surplus + step.write_off == left
        assert step.surplus * sign >= 0
        assert step.balance * sign >= 0
        assert (step.status == "partial") == bool(step.balance)
        assert (step.status == "overpaid") == bool(step.surplus)
        left = step.balance


@given(ore, st.lists(ore, min_size=1, max_size=6))
def test_payments_in_kronor_have_no_exchange_difference(total: Decimal, amounts: list[Decimal]) -> None:
    steps = apply_payments(Receivable("SEK", total, total), [Received(amount) for amount in amounts])
    assert all(not step.exchange_diff for step in steps)


@given(ore, rates)
def test_credit_is_paid_back_as_the_mirror_of_its_invoice(total: Decimal, rate: Decimal) -> None:
    booked = to_sek(total, Decimal(11), Decimal(1))
    (paid,) = apply_payments(Receivable("EUR", total, booked, Decimal(11)), [Received(total, rate)])
    (back,) = apply_payments(Receivable("EUR", -total, 0 - booked, Decimal(11)), [Received(-total, rate)])
    assert back.voucher.keys() == paid.voucher.keys() or paid.exchange_diff
    assert (back.amount_sek, back.exchange_diff) == (-paid.amount_sek, -paid.exchange_diff)


def test_little_too_much_within_the_tolerance_is_a_negative_write_off() -> None:
    """A shop collects 199.40 and Fortnox asks 199: the write-off is total less collected (accounting.md 4, check 4)."""
    (step,) = apply_payments(Receivable("SEK", Decimal("199.00"), Decimal("199.00")), [Received(Decimal("199.40"))])
    assert (step.write_off, step.surplus, step.status) == (Decimal("-0.40"), ZERO, "paid")
    assert step.voucher == {"1930": Decimal("199.40"), "1510": Decimal("-199.00"), "3740": Decimal("-0.40")}


def test_write_off_in_currency_is_made_at_the_invoices_rate() -> None:
    (step,) = apply_payments(
        Receivable("EUR", Decimal("100.00"), Decimal("1125.00"), Decimal("11.25")),
        [Received(Decimal("99.50"), Decimal("11.30"))],
    )
    assert step.write_off == Decimal("0.50")
    assert step.voucher == {
        "1930": Decimal("1124.35"),
        "1510": Decimal("-1125.00"),
        "3740": Decimal("5.63"),
        "3960": Decimal("-4.98"),
    }


def test_payment_on_a_paid_invoice_is_all_debt_to_the_customer() -> None:
    steps = apply_payments(Receivable("SEK", Decimal(10), Decimal(10)), [Received(Decimal(10)), Received(Decimal("0.50"))])
    assert steps[1].voucher == {"1930": Decimal("0.50"), "2420": Decimal("-0.50")}


def test_part_payment_never_clears_more_kronor_than_are_left() -> None:
    steps = apply_payments(
        Receivable("EUR", Decimal("100.00"), Decimal("1000.00"), Decimal("11.25")),
        [Received(Decimal("95.00"), Decimal("11.25")), Received(Decimal("5.00"), Decimal("11.25"))],
    )
    assert [step.receivable_sek for step in steps] == [Decimal("1000.00"), ZERO]


@pytest.mark.parametrize(
    ("invoice", "payment", "tolerance", "said"),
    [
        (Receivable("SEK", Decimal(10), Decimal(10)), Received(ZERO), ZERO, "Payment 1 is of nothing"),
        (Receivable("SEK", Decimal(10), Decimal(10)), Received(Decimal(-5)), ZERO, "Payment 1 is of -5.00 on an invoice of 10"),
        (Receivable("SEK", Decimal(10), Decimal(10)), Received(Decimal("0.001")), ZERO, "payment 1: 0.001"),
        (Receivable("SEK", Decimal(10), Decimal(10)), Received(Decimal(5), Decimal(2)), ZERO, "is in SEK and has a rate of 2"),
        (Receivable("SEK", Decimal(10), Decimal(11)), Received(Decimal(5)), ZERO, "10.00 SEK stands at 11.00 SEK"),
        (Receivable("EUR", Decimal(10), Decimal(-110)), Received(Decimal(5)), ZERO, "is 10.00 and stands at -110.00 SEK"),
        (Receivable("SEK", Decimal(10), Decimal(10)), Received(Decimal(5)), Decimal(-1), "The tolerance is -1.00"),
        (Receivable("EUR", Decimal(10), Decimal(110), Decimal(0)), Received(Decimal(5)), ZERO, "the rate is 0"),
        (Receivable("EUR", Decimal(10), Decimal(110), unit=Decimal(-1)), Received(Decimal(5)), ZERO, "the rate's unit is -1"),
        (Receivable("EUR", Decimal("-0.0"), Decimal(110)), Received(Decimal(5)), ZERO, "negative zero"),
    ],
)
def test_payment_that_cannot_be_is_refused(invoice: Receivable, payment: Received, tolerance: Decimal, said: str) -> None:
    with pytest.raises(BadData, match=said):
        apply_payments(invoice, [payment], tolerance)


def test_payment_before_the_invoice_is_sent_on_the_invoices_date_and_says_so() -> None:
    early, invoiced = date(2026, 5, 1), date(2026, 5, 4)
    assert date_to_send(invoiced, early) == (invoiced, None)
    sent, said = date_to_send(early, invoiced)
    assert sent == invoiced
    assert str(said) == "Paid on 2026-05-01, before the invoice; registered on the invoice's date, 2026-05-04."


@given(st.dates(date(1970, 1, 10), date(2099, 12, 31)))
def test_quotation_is_of_the_latest_bank_day(day: date) -> None:
    quoted = quote_date(day)
    assert is_bank_day(quoted)
    assert 0 <= (day - quoted).days <= 5
    assert (quoted == day) == is_bank_day(day)


def test_year_without_a_calendar_is_refused() -> None:
    for day in (date(1, 1, 1), date(2150, 1, 1)):
        with pytest.raises(BadData, match="cannot be the day of a payment"):
            quote_date(day)


def test_moment_without_a_zone_is_a_mistake_of_ours() -> None:
    assert available_quote(datetime(2026, 1, 15, 15, 15, tzinfo=UTC)) == date(2026, 1, 15)
    with pytest.raises(ValueError, match="has none"):
        available_quote(datetime(2026, 1, 15, 15, 15))  # noqa: DTZ001


def test_rate_is_for_one_unit_and_vat_is_stated_in_kronor() -> None:
    assert rate_of_one(Decimal("7.10"), Decimal(100)) == Decimal("0.071")
    assert vat_in_sek(Decimal("25.00"), "SEK", Decimal(1), Decimal(1)) == Decimal("25.00")
    assert vat_in_sek(Decimal("25.00"), "EUR", Decimal("11.25"), Decimal(1)) == Decimal("281.25")


@given(ore, vat, st.decimals(0, 100, places=2), any_ore, any_ore, st.sampled_from(["exempt", "eu_reverse_charge"]))
def test_write_offs_balance(total: Decimal, rate: Decimal, percent: Decimal, gross: Decimal, fee: Decimal, fee_vat: str) -> None:
    vouchers = (
        cash_discount(total, rate, percent + 0),
        bad_debt(total, rate),
        provider_payout(gross + 0, fee + 0, fee_vat),
        bank_fee(total, total),
    )
    assert all(not sum(lines.values(), ZERO) for lines in vouchers)


def test_loss_on_a_sale_without_vat_has_no_vat_line() -> None:
    assert bad_debt(Decimal("100.00"), Decimal(0)) == {"6351": Decimal("100.00"), "1510": Decimal("-100.00")}


def test_write_off_that_cannot_be_is_refused() -> None:
    with pytest.raises(BadData, match="A cash discount of 101 percent"):
        cash_discount(Decimal(1), Decimal(25), Decimal(101))
    with pytest.raises(BadData, match="no account for output VAT of 19 percent"):
        bad_debt(Decimal(1), Decimal(19))
    with pytest.raises(BadData, match=r"the balance is -1\.00, below zero"):
        bad_debt(Decimal(-1), Decimal(25))
    with pytest.raises(BadData, match="'domestic' is no treatment"):
        provider_payout(Decimal(1), Decimal(1), "domestic")
    with pytest.raises(BadData, match="there is no fee"):
        bank_fee(Decimal(1), Decimal(2))
    with pytest.raises(BadData, match="the VAT rate: NaN"):
        bad_debt(Decimal(1), Decimal("NaN"))


def test_voucher_that_does_not_balance_is_never_built() -> None:
    with pytest.raises(ValueError, match=r"does not add up to zero: 1930 1\.00"):
        voucher(("1930", Decimal("1.00")))
    with pytest.raises(ValueError, match=r"account 1930: 0\.001"):
        voucher(("1930", Decimal("0.001")), ("1510", Decimal("-0.001")))
    for account in ("193", "0930", "19A0", "١٩٣٠"):
        with pytest.raises(ValueError, match="an account is 1000 to 9999"):
            voucher((account, ZERO))


def test_voucher_adds_up_by_account_and_drops_what_comes_to_nothing() -> None:
    lines = (("3001", Decimal(5)), ("3001", Decimal(-5)), ("1930", Decimal(1)), ("1510", Decimal(-1)))
    assert voucher(*lines) == {"1930": Decimal(1), "1510": Decimal(-1)}
    assert voucher(*lines, keep=("3001",))["3001"] == 0
