"""A webshop order as rows that come to its total, or held with the difference named (accounting.md 4; TXT-06 to TXT-13)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brygga.core.document import Document
from brygga.core.money import ZERO, Money, vat_from_gross
from brygga.core.totals import predict
from brygga.core.webshop import (
    OtherPayment,
    Prepared,
    ShopItem,
    ShopOrder,
    ShopRow,
    ShopSettings,
    check_articles,
    check_created,
    document_kind,
    prepare,
    write_off_at_payment,
)
from brygga.core.webshop_refunds import refund_rows
from brygga.errors import BadData, SettingsError

DEFAULT = ShopSettings()
rates = st.sampled_from([Decimal(25), Decimal(12), Decimal(6), Decimal(0)])
ore = st.decimals(0, 5000, places=2).map(lambda amount: amount + 0)


@st.composite
def items(draw: st.DrawFn) -> ShopItem:
    total = draw(st.decimals(Decimal("0.01"), 5000, places=2))
    own = draw(st.one_of(st.just(ZERO), st.decimals(0, total, places=2))) + 0
    return ShopItem(draw(st.sampled_from("ABC")), draw(st.integers(1, 12)), total, draw(rates), discount=own)


def left_of(lines: tuple[ShopItem, ...]) -> Decimal:
    return sum((item.line_total - item.discount for item in lines), ZERO)


@st.composite
def orders(draw: st.DrawFn) -> ShopOrder:
    lines = tuple(draw(st.lists(items().filter(lambda item: item.line_total > item.discount), min_size=1, max_size=8)))
    shipping, fee = draw(ore), draw(ore)
    goods = left_of(lines)
    discount = draw(st.decimals(0, goods, places=2)) + 0
    cards = tuple(draw(st.lists(st.builds(OtherPayment, ore), max_size=2)))
    collected = goods + shipping + fee - discount - sum((card.amount for card in cards), ZERO)
    return ShopOrder(lines, collected, shipping, fee, discount, cards)


def come_to(rows: tuple[ShopRow, ...]) -> Decimal:
    return sum((row.amount for row in rows), ZERO)


@settings(max_examples=200)
@given(orders(), st.booleans())
def test_rows_come_to_the_shops_total_to_the_ore(order: ShopOrder, rounded: bool) -> None:
    prepared = prepare(order, ShopSettings(round_to_krona=rounded))
    assert come_to(prepared.rows) == order.paid == prepared.totals.exact
    assert prepared.amounts_agree
    assert not prepared.held
    assert prepared.write_off == prepared.totals.round_off
    assert all(row.price.as_tuple().exponent == -2 for row in prepared.rows)


@settings(max_examples=200)
@given(orders())
def test_discount_and_freight_follow_the_goods_of_each_rate(order: ShopOrder) -> None:
    prepared = prepare(order, DEFAULT)
    for rate in {item.rate for item in order.items}:
        of_rate = [row for row in prepared.rows if row.rate == rate and row.article != "Annan betalning"]
        assert come_to(tuple(of_rate)) >= 0
        for article in ("Rabatt", "Frakt", "Avgift"):
            assert len([row for row in of_rate if row.article == article]) <= 1


@settings(max_examples=100)
@given(orders())
def test_document_of_the_rows_is_predicted_to_the_same_total(order: ShopOrder) -> None:
    prepared = prepare(order, DEFAULT)
    rows = tuple(row.as_row("SEK") for row in prepared.rows)
    prediction = predict(Document(kind="invoice", rows=rows, prices_include_vat=True), round_to_krona=False)
    assert prediction.per_rate == prepared.totals
    assert rows[0].price == Money(prepared.rows[0].price, "SEK")


@settings(max_examples=100)
@given(orders(), st.data())
def test_credits_one_after_the_other_take_back_what_the_order_charged(order: ShopOrder, data: st.DataObject) -> None:
    charged = come_to(tuple(row for row in prepare(order, DEFAULT).rows if row.article != "Annan betalning"))
    already: dict[int, int] = {}
    credited = come_to(refund_rows(order, DEFAULT, {}, freight=True, fee=True))
    while left := {n: item.quantity - already.get(n, 0) for n, item in enumerate(order.items) if item.quantity > already.get(n, 0)}:
        index = data.draw(st.sampled_from(sorted(left)))
        count = data.draw(st.integers(1, left[index]))
        credited += come_to(refund_rows(order, DEFAULT, {index: count}, already=already))
        already[index] = already.get(index, 0) + count
    assert credited == -charged


@settings(max_examples=200)
@given(orders())
def test_vat_of_each_rate_is_that_of_its_own_goods_less_their_own_discounts(order: ShopOrder) -> None:
    plain = replace(order, shipping=ZERO, fee=ZERO, discount=ZERO, other_payments=(), paid=left_of(order.items))
    prepared = prepare(plain, DEFAULT)
    for rate in {item.rate for item in order.items}:
        gross = left_of(tuple(item for item in order.items if item.rate == rate))
        assert prepared.totals.per_rate[rate].vat == vat_from_gross(gross, rate)


def test_discount_of_a_book_leaves_the_vat_of_a_mug_alone() -> None:
    """U12: mug 199 at 25 percent, book 100 at 6 with 50 off."""
    lines = (ShopItem("M", 1, Decimal(199), Decimal(25)), ShopItem("B", 1, Decimal(100), Decimal(6), discount=Decimal(50)))
    prepared = prepare(ShopOrder(lines, Decimal(249)), DEFAULT)
    assert [prepared.totals.per_rate[Decimal(rate)].vat for rate in (25, 6)] == [Decimal("39.80"), Decimal("2.83")]
    assert [(row.article, row.price, row.discount) for row in prepared.rows] == [("M", 199, 0), ("B", 100, 50)]


def test_discount_of_a_line_whose_price_is_no_whole_ore_is_shared_by_its_two_rows() -> None:
    prepared = prepare(ShopOrder((ShopItem("A", 3, Decimal(100), Decimal(25), discount=Decimal(10)),), Decimal(90)), DEFAULT)
    assert [(row.quantity, row.price, row.discount) for row in prepared.rows] == [
        (2, Decimal("33.33"), Decimal("6.67")),
        (1, Decimal("33.34"), Decimal("3.33")),
    ]
    assert come_to(prepared.rows) == 90


def test_freight_at_the_shops_own_rate_is_one_row() -> None:
    book = ShopOrder((ShopItem("B", 1, Decimal(106), Decimal(6)),), Decimal(165), Decimal(59), shipping_rate=Decimal(25))
    assert prepare(book, DEFAULT).rows[-1] == ShopRow("Frakt", 1, Decimal("59.00"), Decimal(25))
    assert come_to(refund_rows(book, DEFAULT, {0: 1}, freight=True)) == -165


ONE = ShopOrder((ShopItem("A", 1, Decimal("399.00"), Decimal(25)),), Decimal("399.00"))


def test_one_ore_apart_is_held_with_both_amounts_named_and_no_row_is_added() -> None:
    prepared = prepare(replace(ONE, paid=Decimal("398.99")), DEFAULT)
    assert len(prepared.rows) == 1
    assert prepared.write_off is None
    assert [str(sentence) for sentence in prepared.held] == [
        "Amounts differ: the rows come to 399.00, the shop collected 398.99, a difference of 0.01."
    ]


def test_discount_beyond_the_goods_is_for_a_person_and_freight_carries_the_rest() -> None:
    mixed = (ShopItem("A", 1, Decimal("75.00"), Decimal(25)), ShopItem("B", 1, Decimal("25.00"), Decimal(6)))
    prepared = prepare(ShopOrder(mixed, Decimal("10.00"), shipping=Decimal("40.00"), discount=Decimal("130.00")), DEFAULT)
    assert [str(sentence) for sentence in prepared.held] == ["The discount of 130.00 is larger than the goods of 100.00."]
    assert prepared.amounts_agree
    assert all(part.gross >= 0 for part in prepared.totals.per_rate.values())


def test_accounts_come_from_the_settings_where_they_are_set() -> None:
    chosen = ShopSettings(
        sales={("goods", "25"): "3041", ("services", "25"): "3042"},
        freight_accounts={"25": "3520"},
        fee_accounts={"25": "3540"},
        discount_accounts={"25": "3730"},
        gift_card_account="2422",
    )
    lines = (ShopItem("A", 1, Decimal(100), Decimal(25)), ShopItem("B", 1, Decimal(100), Decimal(25), "services"))
    order = ShopOrder(lines, Decimal(0), Decimal(10), Decimal(5), Decimal(20), (OtherPayment(Decimal(195)),))
    assert [row.account for row in prepare(order, chosen).rows] == ["3041", "3042", "3520", "3540", "3730", "2422"]


def test_single_purpose_card_takes_its_vat_back() -> None:
    order = replace(ONE, paid=Decimal("299.00"), other_payments=(OtherPayment(Decimal(100), "single_purpose", Decimal(25)),))
    prepared = prepare(order, DEFAULT)
    assert prepared.rows[-1] == ShopRow("Annan betalning", 1, Decimal("-100.00"), Decimal(25), "2421")
    assert prepared.totals.vat == Decimal("59.80")


FREE = (ShopItem("A", 1, ZERO, Decimal(25)), ShopItem("B", 1, ZERO, Decimal(6)))


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (ShopOrder((), ZERO), "The order has no items"),
        (replace(ONE, shipping=Decimal(-1)), "the freight is -1.00, below zero"),
        (replace(ONE, fee=Decimal(-1)), "the fee is -1.00, below zero"),
        (replace(ONE, discount=Decimal(-1)), "the discount is -1.00, below zero"),
        (replace(ONE, paid=Decimal("NaN")), "the amount collected: NaN"),
        (replace(ONE, items=(ShopItem("A", 0, Decimal(1), Decimal(25)),)), "Item 1 has no quantity"),
        (
            replace(ONE, items=(ShopItem("A", 1, Decimal(1), Decimal(25), discount=Decimal(2)),)),
            "discount of 2.00 on item 1 is larger",
        ),
        (replace(ONE, items=(ShopItem("A", 1, Decimal("1.005"), Decimal(25)),)), "item 1, total: 1.005"),
        (replace(ONE, items=(ShopItem("A", 1, Decimal(1), Decimal(-25)),)), "item 1: -25 is no VAT rate"),
        (replace(ONE, other_payments=(OtherPayment(Decimal(-1)),)), "other payment 1 is -1.00, below zero"),
        (replace(ONE, other_payments=(OtherPayment(Decimal(1), "coupon"),)), "neither multi_purpose nor single_purpose"),
        (replace(ONE, other_payments=(OtherPayment(Decimal(1), "single_purpose"),)), "without its VAT rate"),
        (ShopOrder(FREE, Decimal(49), shipping=Decimal(49)), "49.00 cannot be shared by goods of 0.00 at 25 percent"),
    ],
)
def test_order_that_cannot_be_reckoned_with_is_refused_by_place(order: ShopOrder, said: str) -> None:
    with pytest.raises(BadData, match=said):
        prepare(order, DEFAULT)


def test_freight_of_free_goods_at_one_rate_follows_that_rate() -> None:
    prepared = prepare(ShopOrder(FREE[:1], Decimal(49), shipping=Decimal(49)), DEFAULT)
    assert prepared.rows[-1] == ShopRow("Frakt", 1, Decimal("49.00"), Decimal(25))


def test_missing_articles_are_named_before_the_first_order() -> None:
    check_articles(ShopSettings(freight_article=""), {"Rabatt", "Annan betalning", "Avgift"})
    with pytest.raises(SettingsError, match=r"missing in Fortnox: Annan betalning, Avgift\. Create them"):
        check_articles(DEFAULT, {"Rabatt", "Frakt"})


def test_payment_method_decides_the_kind_of_document() -> None:
    table = {"Klarna": "invoice", "Kort": "cash_invoice", "Byte": "credit_invoice"}
    assert document_kind("Kort", table) == "cash_invoice"
    for method in ("Swish", "Byte"):
        with pytest.raises(SettingsError, match=f"No kind of document is chosen for payment method {method}"):
            document_kind(method, table)


def prepared_for(paid: str) -> Prepared:
    return prepare(replace(ONE, items=(ShopItem("A", 1, Decimal(paid), Decimal(25)),), paid=Decimal(paid)), DEFAULT)


def test_answer_of_fortnox_is_the_sum_and_a_lawful_rounding_or_it_is_named() -> None:
    prepared = prepared_for("199.40")
    assert check_created(prepared, Decimal("199.00"), Decimal("-0.40")) == ()
    found = [str(sentence) for sentence in check_created(prepared, Decimal("200.50"), Decimal("0.60"))]
    assert found == [
        "Fortnox answered a total of 200.50, expected 200.00.",
        "Fortnox rounded by 0.60, more than half a krona.",
    ]


def test_rounding_is_written_off_at_the_payment_and_more_is_refused() -> None:
    prepared = prepared_for("199.40")
    assert write_off_at_payment(prepared, Decimal("199.00")) == Decimal("-0.40")
    with pytest.raises(BadData, match=r"-1\.00 is too much to write off"):
        write_off_at_payment(prepared, Decimal("198.40"))


MIXED = ShopOrder(
    (ShopItem("A", 3, Decimal("100.00"), Decimal(25)), ShopItem("B", 1, Decimal("50.00"), Decimal(6))),
    Decimal("164.00"),
    shipping=Decimal("29.00"),
    discount=Decimal("15.00"),
)


def test_credit_of_some_units_has_their_price_and_share_of_the_discount_and_can_go_to_a_card() -> None:
    rows = refund_rows(MIXED, DEFAULT, {0: 2}, already={0: 1}, to_card=Decimal("20.00"))
    assert rows == (
        ShopRow("A", -1, Decimal("33.33"), Decimal(25)),
        ShopRow("A", -1, Decimal("33.34"), Decimal(25)),
        ShopRow("Rabatt", -1, Decimal("-6.67"), Decimal(25)),
        ShopRow("Annan betalning", 1, Decimal("20.00"), Decimal(0), "2421"),
    )


@pytest.mark.parametrize(
    ("order", "returned", "already", "card", "said"),
    [
        (MIXED, {0: 4}, {}, "0", "Item 1: 4 returned, 3 sold and 0 returned before"),
        (MIXED, {0: 2}, {0: 2}, "0", "Item 1: 2 returned, 3 sold and 2 returned before"),
        (MIXED, {0: 0}, {}, "0", "Item 1: 0 returned"),
        (MIXED, {7: 1}, {}, "0", "The order has no item 8"),
        (MIXED, {1: 1}, {}, "50.00", "50.00 to the card is more than the credit comes to"),
        (replace(MIXED, discount=Decimal(500)), {1: 1}, {}, "0", "a person makes the credit"),
        (replace(MIXED, items=(ShopItem("A", -1, Decimal(-9), Decimal(25)),)), {0: 1}, {}, "0", "a person makes the credit"),
    ],
)
def test_credit_of_what_was_not_sold_is_refused(
    order: ShopOrder, returned: dict[int, int], already: dict[int, int], card: str, said: str
) -> None:
    with pytest.raises(BadData, match=said):
        refund_rows(order, DEFAULT, returned, already=already, to_card=Decimal(card))
