"""Which of Fortnox' payments go on to the transport system (accounting.md 5.4; OPT-04 to OPT-07, OPT-14 to OPT-29)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.document import Payment
from brygga.core.money import Money
from brygga.core.payment_import import ImportSettings, check_currency, judge, registered_day
from brygga.core.record import ABSENT
from brygga.errors import BadData, SettingsError

LIMIT = date(2026, 1, 1)
SETTINGS = ImportSettings(LIMIT)
KNOWN = {"100353": "10035384", "100354": "", "A7": "777"}
PAYMENT = Payment(
    number="9",
    invoice_number="100353",
    ocr="10035384",
    registered=LIMIT,
    date=date(2025, 12, 29),
    booked=True,
    amount=Money(Decimal("100.00"), "EUR"),
    amount_sek=Money(Decimal("1140.00"), "SEK"),
    rate=Decimal("11.40"),
)


@given(st.integers(-400, 400))
def test_payment_registered_before_the_day_is_left_out_and_on_it_not(days: int) -> None:
    """OPT-15, OPT-24: the day of the payment itself plays no part."""
    judgement = judge(SETTINGS, KNOWN, replace(PAYMENT, registered=LIMIT + timedelta(days=days)))
    assert (judgement.reason == "before_date") == (days < 0)
    assert (judgement.values is None) == (days < 0) == (judgement.sentence is not None)


@given(st.integers(0, 200000))
def test_invoice_with_a_lower_number_is_left_out_by_number_and_not_by_text(lowest: int) -> None:
    """OPT-17, OPT-25."""
    judgement = judge(replace(SETTINGS, ignore_numbers_below=lowest), KNOWN, PAYMENT)
    assert (judgement.reason == "below_number") == (lowest > 100353)


def test_foreign_payment_brings_its_sum_and_the_rate_of_one_unit() -> None:
    """OPT-04, OPT-05."""
    values = judge(SETTINGS, KNOWN, PAYMENT).values
    assert values is not None
    assert (values.paid, values.rate, values.sek) == (Money(Decimal("100.00"), "EUR"), Decimal("11.40"), Decimal("1140.00"))
    hundred = judge(SETTINGS, KNOWN, replace(PAYMENT, rate=Decimal(1140), rate_unit=Decimal(100))).values
    assert hundred is not None
    assert hundred.rate == Decimal("11.40")


def test_kronor_bring_no_rate() -> None:
    values = judge(SETTINGS, KNOWN, replace(PAYMENT, amount=Money(Decimal("5.00"), "SEK"), rate=ABSENT)).values
    assert values is not None
    assert (values.rate, values.sek) == (None, Decimal("5.00"))


@pytest.mark.parametrize(
    ("payment", "sentence"),
    [
        (replace(PAYMENT, invoice_number="7"), "Payment 9 is for invoice 7, which was not exported from the transport system."),
        (replace(PAYMENT, ocr="1"), "Payment 9 for invoice 100353 has OCR 1, the invoice has 10035384."),
        (replace(PAYMENT, booked=ABSENT), "Payment 9 is not booked yet and can still change."),
        (replace(PAYMENT, number="8"), "Payment 8 has already been imported."),
    ],
)
def test_payment_left_out_is_listed_with_its_reason(payment: Payment, sentence: str) -> None:
    """OPT-07, OPT-26, OPT-29: each rule alone is enough."""
    judgement = judge(replace(SETTINGS, already_imported=frozenset({"8"})), KNOWN, payment)
    assert judgement.values is None
    assert str(judgement.sentence) == sentence


@pytest.mark.parametrize(
    "payment",
    [
        replace(PAYMENT, ocr=ABSENT),
        replace(PAYMENT, ocr=" 10035384 "),
        replace(PAYMENT, invoice_number="100354", ocr="1"),
        replace(PAYMENT, invoice_number="A7", ocr=""),
    ],
)
def test_reference_that_one_side_lacks_is_no_difference(payment: Payment) -> None:
    assert judge(replace(SETTINGS, ignore_numbers_below=10), KNOWN, payment).values is not None


def test_nothing_is_read_unless_the_default_currency_is_kronor() -> None:
    """OPT-06."""
    check_currency(SETTINGS)
    with pytest.raises(SettingsError, match="Swedish kronor as default currency, and it is EUR"):
        judge(replace(SETTINGS, default_currency="EUR"), KNOWN, PAYMENT)


def test_registered_day_is_estimated_from_the_payments_own_when_it_is_not_known() -> None:
    assert registered_day(PAYMENT) == (LIMIT, False)
    assert registered_day(replace(PAYMENT, registered_estimated=True)) == (LIMIT, True)
    assert registered_day(replace(PAYMENT, registered=ABSENT)) == (date(2025, 12, 29), True)
    with pytest.raises(BadData, match="Payment 9 has no date"):
        registered_day(replace(PAYMENT, registered=ABSENT, date=ABSENT))


@pytest.mark.parametrize(
    ("payment", "said"),
    [
        (replace(PAYMENT, number=ABSENT), "Payment '' for invoice '100353' lacks a number"),
        (replace(PAYMENT, invoice_number=ABSENT), "Payment '9' for invoice '' lacks a number"),
        (replace(PAYMENT, amount=ABSENT), "Payment 9 has no amount"),
        (replace(PAYMENT, rate=ABSENT), "Payment 9 in EUR lacks its amount in SEK or its rate"),
        (replace(PAYMENT, amount_sek=ABSENT), "Payment 9 in EUR lacks its amount in SEK or its rate"),
        (replace(PAYMENT, rate=Decimal(0)), "the rate is 0, and must be above zero"),
        (replace(PAYMENT, amount=Money(Decimal("0.001"), "SEK")), "payment 9: 0.001 is not a whole number"),
    ],
)
def test_payment_that_lacks_what_must_go_over_is_refused(payment: Payment, said: str) -> None:
    with pytest.raises(BadData, match=said):
        judge(SETTINGS, KNOWN, payment)
