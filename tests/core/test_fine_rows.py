"""Numbers finer than Fortnox keeps: told and held, or said as an amount that is the same to the öre (Fortnox API, section 9.8)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.diff import same_row
from brygga.core.document import Document, Row
from brygga.core.fine import amount_off, clean, in_amount, is_finer, too_fine
from brygga.core.money import Money, round_ore
from brygga.core.plan import Create, Held
from brygga.core.planner import Rules, make_plan
from brygga.core.policy import LEFT, RIGHT, Holding, Policy
from brygga.core.record import ABSENT, Ref
from brygga.core.seen import Fresh, Pair, Seen
from brygga.core.totals import Priced, row_total

hundredths = st.decimals(min_value=Decimal("-999.99"), max_value=Decimal("9999.99"), places=2)
percents = st.decimals(min_value=Decimal(0), max_value=Decimal(100), places=5)


def row(quantity: str = "1", price: str = "100", discount: str = "0", kind: str = "percent", **more: str) -> Row:
    off = Decimal(discount)
    return Row(
        description=more.get("text", "Bord"),
        quantity=Decimal(quantity),
        price=Money(Decimal(price), "SEK"),
        discount=off,
        discount_kind=kind if off else ABSENT,
    )


@pytest.mark.parametrize(
    ("fine", "part", "number"),
    [
        (row("1.333", "400"), "quantity", "1.333"),
        (row("1000", "0.125"), "price", "0.125"),
        (row("1", "1000", "12.345"), "discount", "12.345"),
        (row("1", "1000", "12.345", "amount"), "discount", "12.345"),
        (row("-1.005", "400"), "quantity", "-1.005"),
    ],
)
def test_the_number_that_is_too_fine_is_named_with_its_row(fine: Row, part: str, number: str) -> None:
    found = too_fine([row(), Row(description="en text"), fine, row("0.001")], 2)
    assert found is not None
    assert (found.place, found.part, found.number) == (3, part, Decimal(number))


@pytest.mark.parametrize("number", ["1", "1.10", "1.1000000", "1E+3", "0", "0.00000"])
def test_zeros_at_the_end_are_no_decimals(number: str) -> None:
    assert not is_finer(Decimal(number), 2)


@given(hundredths, hundredths, percents)
def test_a_fine_percentage_as_an_amount_is_the_same_row_to_the_ore(quantity: Decimal, price: Decimal, percent: Decimal) -> None:
    before = row(str(quantity), str(price), str(percent))
    after = in_amount(before, 2)
    if after == before:
        assert not is_finer(percent, 2) or round_ore(quantity * price) != quantity * price
        return
    assert too_fine([after], 2) is None
    sums = [
        row_total(Priced(quantity, price, Decimal(25), one.discount or Decimal(0), str(one.discount_kind)), "row")
        for one in (before, after)
    ]
    assert sums[0] == sums[1]
    assert in_amount(after, 2) == after


@given(st.decimals(places=2, min_value=0, max_value=99999), st.decimals(places=6, min_value=0, max_value=99999))
def test_an_amount_off_leaves_what_was_wanted(whole: Decimal, left: Decimal) -> None:
    assert round_ore(whole - amount_off(whole, left)) == round_ore(left)


def test_a_fine_percentage_of_a_fine_quantity_stays_and_is_held() -> None:
    fine = row("1.333", "400", "12.345")
    assert in_amount(fine, 2) == fine


def test_the_noise_of_a_double_is_no_decimal() -> None:
    assert clean(Decimal("33.300000000000004")) == Decimal("33.3")


# In a plan -------------------------------------------------------------------------------------------------------------

FIELDS = frozenset({"rows", "text"})
RULES = Rules(
    policy=Policy(),
    holds={LEFT: Holding(FIELDS), RIGHT: Holding(FIELDS, decimals=2)},
    systems={LEFT: "webcrm", RIGHT: "fortnox"},
    names={LEFT: "webCRM", RIGHT: "Fortnox"},
    key_for=lambda side, ref, record: "key",
    rows_rule="WEB-41",
)


def seen(*rows: Row, system: str = "webcrm", **more: str) -> Seen:
    return Seen(Ref(system, "order", "7"), Document(rows=rows, **more))


def test_a_record_with_a_row_that_fortnox_would_round_is_held_before_it_is_made() -> None:
    [item] = make_plan(RULES, (), [Fresh(LEFT, seen(row(), row("1.333", "400"), subject="Lager"))], {}).items
    assert isinstance(item, Held)
    assert str(item.why.sentence) == "Lager (webCRM 7), row 2 (Bord), the quantity: Fortnox keeps two decimals, and 1.333 has more."
    assert "or the row as 1 for 533.20 SEK without a discount" in str(item.why.repair)
    assert item.why.rule == "WEB-41"


def test_a_fine_percentage_goes_over_as_its_amount_and_is_told() -> None:
    [item] = make_plan(RULES, (), [Fresh(LEFT, seen(row("2", "500", "12.345")))], {}).items
    assert isinstance(item, Create)
    [made] = item.values["rows"]  # type: ignore[misc]
    assert (made.discount, made.discount_kind) == (Decimal("123.45"), "amount")
    assert item.remark is not None
    assert "the discount of 12.345 % goes there as 123.45" in str(item.remark.sentence)


def test_a_linked_record_waits_whole_while_a_changed_row_is_too_fine() -> None:
    base = {"rows": (row(),), "text": "a"}
    left, right = seen(row("1.333", "400"), text="b"), seen(row(), system="fortnox", text="a")
    [item] = make_plan(RULES, [Pair(left, right, base)], (), {}).items
    assert isinstance(item, Held)


def test_fine_numbers_stay_where_they_are_kept() -> None:
    base = {"rows": (row(),), "text": "a"}
    left, right = seen(row(), text="a"), seen(row("1.333", "400"), system="fortnox", text="a")
    items = make_plan(RULES, [Pair(left, right, base)], (), {}).items
    assert [type(item).__name__ for item in items] == ["Update"]


def test_a_percentage_and_its_amount_are_one_row() -> None:
    before = row("1", "1000", "12.345")
    assert same_row(before, in_amount(before, 2))
