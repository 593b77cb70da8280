"""Rows at prices without VAT, what was ordered and what the head adds, for systems that know no VAT (accounting.md 3.1 to 3.3)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brygga.core.document import Document, Row
from brygga.core.fine import left_of
from brygga.core.money import Money, round_ore
from brygga.core.net_rows import at_net, comes_to_net, head_amounts, stands_otherwise, sum_of
from brygga.core.record import ABSENT
from brygga.core.totals import predict

NONE = {"freight": "", "fee": ""}


def money(amount: str | Decimal) -> Money:
    return Money(Decimal(amount), "SEK")


def money_of(document: Document) -> Decimal:
    """Return the net that a document says."""
    assert isinstance(document.net, Money)
    return document.net.amount


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Return a document of Fortnox with prices including VAT, its row totals and its net as Fortnox reckons them."""
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        quantity = draw(st.decimals(min_value=Decimal("0.01"), max_value=200, places=2))
        price = draw(st.decimals(min_value=0, max_value=5000, places=2))
        kind = draw(st.sampled_from(["percent", "amount", ""]))
        most = Decimal(100) if kind == "percent" else round_ore(quantity * price)
        off = draw(st.decimals(min_value=0, max_value=most, places=2)) if kind else Decimal(0)
        row = Row(
            article_number="A1",
            quantity=quantity,
            price=money(price),
            discount=off,
            discount_kind=kind if kind and off else ABSENT,
            vat=Decimal(draw(st.sampled_from([0, 6, 12, 25]))),
        )
        rows.append(row)
    document = Document(kind="invoice", currency="SEK", prices_include_vat=True, rows=tuple(rows))
    made = predict(document, round_to_krona=False)
    totals = draw(st.sampled_from(made.either()))
    said = tuple(row if row.is_text else _with_total(row, total) for row, total in zip(rows, totals.row_totals, strict=True))
    return Document(kind="invoice", currency="SEK", prices_include_vat=True, rows=said, net=money(totals.net))


def _with_total(row: Row, total: Decimal) -> Row:
    values = {name: getattr(row, name) for name in ("article_number", "quantity", "price", "discount", "discount_kind", "vat")}
    return Row(**values, total=money(total))


@settings(derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), st.booleans())
def test_rows_at_net_make_the_net_of_the_document_to_the_ore(document: Document, whole_ore: bool) -> None:
    """Whichever way Fortnox rounds VAT, the rows come to its net, or the document waits; each row is its quantity, and never dearer than with VAT."""
    made = at_net(document, whole_ore=whole_ore, articles=NONE)
    if not comes_to_net(made):
        # Rarely no row can take the last öre. Such a document waits: the streams of both systems ask `comes_to_net`.
        assert abs(sum_of(made.lines) - money_of(made)) <= Decimal("0.01") * len(made.lines)
        return
    for before, after in zip(document.lines, made.lines, strict=True):
        assert after.quantity == before.quantity
        assert after.total is not ABSENT
        assert round_ore(left_of(after)) == after.total.amount
        if not whole_ore:
            assert after.discount_kind == before.discount_kind
    assert stands_otherwise(made, NONE)


def test_a_document_at_net_is_left_as_it_is() -> None:
    row = Row(quantity=Decimal(2), ordered_quantity=Decimal(2), price=money("100"), vat=Decimal(25), total=money("200"))
    document = Document(kind="order", prices_include_vat=False, rows=(row,), net=money("200"))
    assert at_net(document, whole_ore=False, articles=NONE) is document
    assert not stands_otherwise(document, NONE)


def test_what_was_ordered_counts_and_the_net_moves_with_it() -> None:
    row = Row(quantity=Decimal(3), ordered_quantity=Decimal(10), price=money("100"), vat=Decimal(25), total=money("300"))
    made = at_net(Document(kind="order", rows=(row,), net=money("300")), whole_ore=False, articles=NONE)
    assert (made.lines[0].quantity, made.net) == (Decimal(10), money("1000"))
    assert stands_otherwise(made, NONE)
    invoice = Document(kind="invoice", rows=(row,), net=money("300"))
    assert at_net(invoice, whole_ore=False, articles=NONE) is invoice


def test_a_net_that_the_rows_in_fortnox_do_not_make_is_not_made_here_either() -> None:
    row = Row(quantity=Decimal(3), ordered_quantity=Decimal(10), price=money("100"), vat=Decimal(25), total=money("300"))
    made = at_net(Document(kind="order", rows=(row,), net=money("299")), whole_ore=False, articles=NONE)
    assert (sum_of(made.lines), made.net) == (Decimal(1000), money("999"))


def test_freight_including_vat_is_net_at_the_rate_of_the_largest_amount() -> None:
    books = Row(quantity=Decimal(1), price=money("689"), vat=Decimal(6), total=money("689"))
    records = Row(quantity=Decimal(1), price=money("437.50"), vat=Decimal(25), total=money("437.50"))
    document = Document(kind="invoice", prices_include_vat=True, rows=(books, records), freight=money("106"), fee=money("0"))
    assert head_amounts(document) == {"freight": money("100.00")}


@given(documents(), st.booleans(), st.data())
def test_rows_of_a_part_delivery_with_vat_are_net_of_all_that_was_ordered(
    document: Document, whole_ore: bool, data: st.DataObject
) -> None:
    rows = []
    for row in document.lines:
        assert row.quantity is not ABSENT
        more = row.quantity + data.draw(st.integers(1, 20))
        rows.append(replace(row, ordered_quantity=more))
    order = replace(document, kind="order", rows=tuple(rows))
    for was, made in zip(order.lines, at_net(order, whole_ore=whole_ore, articles=NONE).lines, strict=True):
        assert was.vat is not ABSENT
        gross = round_ore(left_of(replace(was, quantity=was.ordered_quantity)))
        assert made.quantity == was.ordered_quantity
        assert round_ore(left_of(made)) == round_ore(gross * 100 / (100 + was.vat))
