"""What a document in Fortnox says otherwise than it was sent: each difference with its place and both values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.agreement import SENTENCES, SORTS, Difference, counted, differences, rounded
from brygga.core.document import Document, Row
from brygga.core.money import Money
from brygga.core.record import ABSENT


def sek(amount: str) -> Money:
    return Money(Decimal(amount), "SEK")


def row(text: str = "Bord", quantity: str = "2", price: str = "400", **more: Any) -> Row:
    fields = {"article_number": "A1", "vat": Decimal(25), **more}
    return Row(description=text, quantity=Decimal(quantity), price=sek(price), **fields)


TEXT = Row(description="Levereras till lastkajen")
SENT = Document(
    rows=(row(), TEXT, row("Stol", "4", "125.50", article_number="A2", account="3001")),
    prices_include_vat=False, currency="SEK", date=date(2026, 11, 20), customer_name="Fjord AB", delivery_city="Luleå",
)  # fmt: skip
HELD = replace(
    SENT, number="17", net=sek("1302"), vat=sek("325.50"), total=sek("1628"), round_off=sek("0.50"), to_pay=sek("1628"),
    freight=sek("0"), fee=sek("0"),
)  # fmt: skip


def sorts(held: Document, sent: Document = SENT, **more: Any) -> list[str]:
    return [one.sort for one in differences(sent, held, **more)]


def with_row(place: int, **fields: Any) -> Document:
    rows = list(HELD.lines)
    rows[place] = replace(rows[place], **fields)
    return replace(HELD, rows=tuple(rows))


def test_what_fortnox_only_normalises_is_no_difference() -> None:
    assert sorts(HELD) == []
    assert sorts(with_row(0, description=" Bord ", id="901", account="3001", unit="st", discount=Decimal(0))) == []
    assert sorts(replace(HELD, customer_name="Fjord  AB", delivery_country="")) == []


@pytest.mark.parametrize(
    ("held", "sort"),
    [
        (with_row(0, quantity=Decimal("1.99")), "quantity"),
        (with_row(0, price=sek("399.99")), "price"),
        (with_row(0, vat=Decimal(12)), "vat_rate"),
        (with_row(0, description="Bord, vit"), "text"),
        (with_row(1, description="Levereras"), "text"),
        (with_row(2, article_number="A3"), "article"),
        (with_row(2, account="3002"), "account"),
        (replace(HELD, rows=HELD.lines[:2]), "rows"),
        (replace(HELD, freight=sek("49")), "freight"),
        (replace(HELD, fee=sek("29")), "fee"),
        (replace(HELD, currency="EUR"), "currency"),
        (replace(HELD, prices_include_vat=True), "with_vat"),
        (replace(HELD, customer_name="Fjord Holding AB"), "name"),
        (replace(HELD, delivery_city="Umeå"), "delivery"),
        (replace(HELD, date=date(2026, 11, 21)), "date"),
        (replace(HELD, net=sek("1041.60")), "net"),
        (replace(HELD, vat=sek("325.49")), "vat"),
        (replace(HELD, total=sek("1627")), "total"),
        (replace(HELD, total=sek("1628.50"), round_off=sek("1")), "round_off"),
    ],
)
def test_each_difference_is_found_by_its_sort(held: Document, sort: str) -> None:
    assert sort in sorts(held)


def test_a_discount_that_was_sent_is_compared_however_it_is_said() -> None:
    sent = replace(SENT, rows=(row(discount=Decimal(10), discount_kind="percent"), TEXT, SENT.lines[2]))
    alike = replace(HELD, rows=(row(discount=Decimal(80), discount_kind="amount"), TEXT, SENT.lines[2]))
    assert "discount" not in sorts(alike, sent)
    none = replace(HELD, rows=(row(discount=Decimal(0)), TEXT, SENT.lines[2]))
    assert "discount" in sorts(none, sent)


def test_what_the_source_says_of_its_own_sums_is_compared_and_counts_always() -> None:
    said = Document(net=sek("1302"), total=sek("1627.51"))
    found = differences(SENT, HELD, said=said)
    assert [(one.sort, one.sent, one.held, one.always) for one in found] == [("total", "1627.51", "1627.50", True)]
    assert sorts(HELD, said=Document(net=sek("1302.01"))) == ["net"]


def test_what_is_to_pay_may_differ_by_rounding_to_whole_kronor_alone() -> None:
    """accounting.md 3.2: at most 0.50, to whole kronor, in kronor; any other difference between what was printed and booked waits."""
    printed = Document(total=sek("1627.50"))
    whole, exact = HELD, replace(HELD, total=sek("1627.50"), round_off=sek("0"))
    assert sorts(whole, said=printed) == []
    assert str(rounded(printed, whole, "Opter")) == (
        "Document 17: 1627.50 is to pay in Opter and 1628 in Fortnox, as one of them rounds to whole kronor."
    )
    down = Document(total=sek("1627"), round_off=sek("-0.50"))
    assert sorts(exact, said=down) == []
    assert rounded(down, exact, "Opter") is not None
    assert sorts(whole, said=down) == ["to_pay"], "1627 and 1628: one krona is more than rounding"
    assert rounded(down, whole, "Opter") is None
    odd = Document(total=sek("1627.25"), round_off=sek("-0.25"))
    assert sorts(exact, said=odd) == ["to_pay"], "what is rounded to is no whole krona"
    assert rounded(printed, exact, "Opter") is None
    euro = Document(total=Money(Decimal(1627), "EUR"), round_off=Money(Decimal("-0.50"), "EUR"))
    assert sorts(replace(exact, total=Money(Decimal("1627.50"), "EUR"), currency="EUR"), said=euro)[:1] == ["to_pay"]


def test_what_was_left_for_fortnox_to_fill_is_not_compared_but_its_sums_are() -> None:
    sent = replace(SENT, rows=(replace(row(), vat=ABSENT, price=ABSENT), TEXT, SENT.lines[2]), customer_name="", date=ABSENT)
    assert sorts(HELD, sent) == []
    assert sorts(replace(HELD, vat=sek("1")), sent) == ["vat"]


def test_a_document_that_lives_no_more_is_let_alone_and_a_sort_can_be_accepted_as_a_rule() -> None:
    assert sorts(replace(HELD, cancelled=True, net=sek("1"))) == []
    assert sorts(replace(HELD, customer_name="Annan"), accepted=("name",)) == []
    wanted = replace(HELD, freight=sek("49"), vat=sek("337.75"), total=sek("1689"), round_off=sek("0.25"))
    assert sorts(wanted, from_card=("freight",)) == []
    assert sorts(wanted) == ["freight"]


def test_only_what_fortnox_answered_counts_and_what_was_accepted_is_asked_anew_when_it_is_another() -> None:
    found = differences(SENT, replace(HELD, customer_name="Annan"))
    assert counted(found, (), ()) == ()
    assert counted(found, [found[0].key], ()) == found
    assert counted(found, [found[0].key], [found[0].said]) == ()
    again = differences(SENT, replace(HELD, customer_name="Tredje"))
    assert counted(again, [found[0].key], [found[0].said]) == again


def test_every_sort_has_its_sentence_with_the_place_and_both_values() -> None:
    for sort in SORTS:
        said = str(Difference(sort, "2" if "{row}" in SENTENCES[sort] else sort, "A", "B").sentence("webCRM", "17"))
        assert "17" in said
        assert "Fortnox" in said
    assert "without VAT in webCRM" in str(Difference("with_vat", "prices_include_vat", "no", "yes").sentence("webCRM", "17"))


@given(st.lists(st.sampled_from([row(), TEXT, row("Stol", "1", "5")]), max_size=5).map(tuple))
def test_a_document_never_differs_from_itself(rows: tuple[Row, ...]) -> None:
    document = Document(rows=rows, currency="SEK", prices_include_vat=False)
    assert differences(document, document) == ()
