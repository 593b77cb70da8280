"""Rates are data with days, and the chargeable event decides (accounting.md 2)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.money import Money
from brygga.core.vat_rates import (
    RateChange,
    agreed_price,
    changes_between,
    on_an_old_rate,
    price_at_new_rate,
    rate_on,
    read_rates,
    swedish_rates,
    tax_point,
    vat_rate,
)
from brygga.errors import BadData, SettingsError


@given(st.dates(date(2026, 4, 1), date(2027, 12, 31)))
def test_food_is_at_6_percent_from_april_2026_through_2027(day: date) -> None:
    assert rate_on("food", day) == 6
    assert rate_on("restaurant", day) == 12


@given(st.dates(date(2000, 1, 1), date(2026, 3, 31)))
def test_food_was_at_12_percent_before(day: date) -> None:
    assert rate_on("food", day) == 12


@given(st.sampled_from(sorted(swedish_rates())), st.dates(date(1970, 1, 1), date(2090, 1, 1)))
def test_rate_differs_from_the_day_before_only_on_a_day_of_change(category: str, day: date) -> None:
    changed = rate_on(category, day) != rate_on(category, day - timedelta(days=1))
    assert changed == any(change.category == category for change in changes_between(day, day))


def test_changes_of_a_year_are_named_in_order() -> None:
    assert changes_between(date(2026, 1, 1), date(2028, 12, 31)) == (
        RateChange("food", date(2026, 4, 1), Decimal(12), Decimal(6)),
        RateChange("food", date(2028, 1, 1), Decimal(6), Decimal(12)),
    )
    repairs = [change.category for change in changes_between(date(2022, 7, 1), date(2022, 7, 1))]
    assert repairs == ["repair_bicycle", "repair_clothes", "repair_shoes"]


def test_articles_on_the_old_rate_are_listed_on_the_day_of_the_change() -> None:
    articles = [("1", "food", Decimal(12)), ("2", "food", Decimal(6)), ("3", "books", Decimal(6))]
    assert on_an_old_rate(articles, date(2026, 4, 1)) == (("1", Decimal(12), Decimal(6)),)


def test_invoice_date_never_decides_and_the_right_day_does() -> None:
    march, april = date(2026, 3, 28), date(2026, 4, 2)
    assert tax_point("invoice", delivery_date=march, advance_payment_date=april) == march
    assert tax_point("invoice", advance_payment_date=april) == april
    assert tax_point("advance_invoice", delivery_date=april, advance_payment_date=march) == march
    assert tax_point("advance_invoice", delivery_date=april) == april
    assert tax_point("credit_invoice", delivery_date=april, original_delivery_date=march) == march
    assert vat_rate("food", "credit_invoice", april, None, march).percent == 12


@pytest.mark.parametrize("document", ["invoice", "advance_invoice", "credit_invoice"])
def test_missing_day_is_refused_by_name(document: str) -> None:
    with pytest.raises(BadData, match="is missing, so the VAT rate cannot be told"):
        tax_point(document)


def test_impossible_day_or_document_is_refused() -> None:
    for day in (date(1, 1, 1), date(9999, 12, 31)):
        with pytest.raises(BadData, match="cannot be the day of a delivery"):
            tax_point("invoice", delivery_date=day)
    with pytest.raises(ValueError, match="not 'receipt'"):
        tax_point("receipt", delivery_date=date(2026, 1, 1))


def test_unknown_category_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"no VAT category fodd.*food"):
        rate_on("fodd", date(2026, 1, 1))


def test_company_can_bring_its_own_table() -> None:
    table = read_rates('[cinema]\nrates = [{percent = "6"}, {from = 2030-01-01, percent = "25"}]', "own.toml")
    assert rate_on("cinema", date(2029, 12, 31), table) == 6
    assert rate_on("cinema", date(2030, 1, 1), table) == 25


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[food", "own.toml cannot be read"),
        ('[food]\nsame_as = "drink"', "own.toml, food: no category drink above it"),
        ("[food]", "own.toml, food: there is no rate"),
        ('[food]\nrates = [{from = "soon", percent = "6"}]', "soon is not a day"),
        ('[food]\nrates = [{from = 2026-01-01T00:00:00, percent = "6"}]', "is not a day"),
        ('[food]\nrates = [{from = 2026-01-01, percent = "6"}]', "not in order of time"),
        ('[food]\nrates = [{percent = "6"}, {percent = "12"}]', "not in order of time"),
        (
            '[food]\nrates = [{percent = "6"}, {from = 2026-02-01, percent = "1"}, {from = 2026-01-01, percent = "12"}]',
            "not in order of time",
        ),
    ],
)
def test_broken_table_is_refused_by_place(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        read_rates(text, "own.toml")


def test_rate_that_is_no_number_is_refused_by_place() -> None:
    with pytest.raises(BadData, match=r"own\.toml, food: ''"):
        read_rates("[food]\nrates = [{}]", "own.toml")


def test_price_follows_the_new_rate_in_the_way_the_shop_says() -> None:
    assert price_at_new_rate(Decimal("100.00"), Decimal(12), Decimal(6)) == Decimal("94.65")
    assert price_at_new_rate(Decimal("100.00"), Decimal(12), Decimal(6), round_net_first=False) == Decimal("94.64")


def test_agreed_price_stays_gross_for_a_consumer_and_net_for_a_company() -> None:
    hundred = Money(Decimal("100.00"), "SEK")
    net, gross = agreed_price(hundred, Decimal(6), for_a_consumer=True)
    assert (net, gross) == (Money(Decimal("94.34"), "SEK"), hundred)
    net, gross = agreed_price(hundred, Decimal(6), for_a_consumer=False)
    assert (net, gross) == (hundred, Money(Decimal("106.00"), "SEK"))
