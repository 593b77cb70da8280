"""Rows that one side cannot hold, and discounts said in two ways: what is kept, woven in, and called the same."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from brygga.core.diff import same_row
from brygga.core.document import Document, Row
from brygga.core.merge import merge
from brygga.core.money import Money
from brygga.core.policy import LEFT, RIGHT, Holding, Policy

PLAIN = Holding(frozenset({"rows"}), row_fields=frozenset({"article_number", "quantity"}), text_rows=False)
WHOLE = Holding(frozenset({"rows"}))
HOLDS = {LEFT: PLAIN, RIGHT: WHOLE}


def row(article: str, quantity: int = 1) -> Row:
    return Row(article_number=article, quantity=Decimal(quantity), description=f"Text of {article}")


def text(words: str) -> Row:
    return Row(description=words)


def woven(left: tuple[Row, ...], right: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return what the right side shall hold after a change on the left; the base is the fuller of two that agreed."""
    found = merge({"rows": right}, Document(rows=left), Document(rows=right), Policy(), HOLDS)
    rows = found.to_right["rows"][1]
    assert isinstance(rows, tuple)
    return rows


def shown(rows: tuple[Row, ...]) -> list[str]:
    return [str(one.article_number or one.description) for one in rows]


def test_rows_of_text_on_one_side_alone_are_no_difference() -> None:
    left, right = (row("A"), row("B")), (text("first"), row("A"), text("between"), row("B"), text("last"))
    found = merge({"rows": left}, Document(rows=left), Document(rows=right), Policy(), HOLDS)
    assert not found.to_left
    assert not found.to_right
    assert not found.conflicts
    assert found.agreed["rows"] == right


def test_rows_of_text_stay_where_they_stand_when_the_others_change() -> None:
    right = (text("first"), row("A"), text("between"), row("B"), text("last"))
    assert shown(woven((row("A", 2), row("B")), right)) == ["first", "A", "between", "B", "last"]
    assert shown(woven((row("A"), row("C"), row("B")), right)) == ["first", "A", "between", "C", "B", "last"]
    assert shown(woven((row("B"),), right)) == ["first", "between", "B", "last"]
    assert shown(woven((row("C"),), right))[-1] == "last"


def test_rows_come_to_the_other_side_without_those_of_text() -> None:
    base = (row("A"),)
    found = merge({"rows": base}, Document(rows=base), Document(rows=(row("A", 3), text("new"))), Policy(), HOLDS)
    rows = found.to_left["rows"][1]
    assert isinstance(rows, tuple)
    assert [(one.article_number, one.quantity) for one in rows] == [("A", 3)]


@given(st.lists(st.sampled_from("ABCD"), max_size=5), st.lists(st.sampled_from("ABCDt"), max_size=8))
def test_no_row_of_text_is_ever_lost_or_doubled(left: list[str], right: list[str]) -> None:
    there = tuple(text(f"t{place}") if one == "t" else row(one) for place, one in enumerate(right))
    wanted = tuple(row(one, 7) for one in left)
    found = merge({"rows": ()}, Document(rows=wanted), Document(rows=there), Policy(governed={"rows": LEFT}), HOLDS)
    rows = found.to_right["rows"][1] if found.to_right else there
    assert isinstance(rows, tuple)
    assert [one for one in rows if one.is_text] == [one for one in there if one.is_text]
    if found.to_right:
        assert [one.article_number for one in rows if not one.is_text] == left


def priced(discount: str, kind: str, quantity: str = "2", price: str = "100") -> Row:
    return Row(quantity=Decimal(quantity), price=Money(Decimal(price), "SEK"), discount=Decimal(discount), discount_kind=kind)


def test_a_discount_in_percent_is_the_amount_that_it_takes_off() -> None:
    assert same_row(priced("10", "percent"), priced("20", "amount"))
    assert same_row(priced("33.33", "percent", price="9.99"), priced("6.66", "amount", price="9.99"))
    assert not same_row(priced("10", "percent"), priced("20.01", "amount"))
    assert not same_row(priced("10", "percent"), priced("20", "percent"))
    assert not same_row(priced("10", "percent"), priced("30", "amount", quantity="3"))
