"""What a document comes to, and how it divides by VAT rate and account: nothing is lost on the way, and what is not told is not made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brygga.core.document import Document, Payment, Row, Settlement, SettlementRow
from brygga.core.money import ZERO, Money
from brygga.core.record import Customer
from brygga.core.tally import UNKNOWN, Tally, tally
from brygga.core.totals import predict

DAY = date(2026, 11, 20)


def sek(text: str) -> Money:
    return Money(Decimal(text), "SEK")


rows = st.lists(
    st.builds(
        lambda quantity, price, rate, account: Row(
            article_number="A", quantity=quantity, price=Money(price + 0, "SEK"), vat=Decimal(rate), account=account
        ),
        st.decimals(1, 100, places=2),
        st.decimals(-5000, 5000, places=2),
        st.sampled_from([25, 12, 6, 0]),
        st.sampled_from(["3001", "3002", "3003"]),
    ),
    max_size=20,
).map(tuple)


def counted(document: Document, beside: Document | None = None) -> Tally:
    found = tally(document, beside)
    assert found is not None
    return found


@settings(max_examples=80)
@given(rows, st.booleans(), st.decimals(0, 500, places=2), st.booleans(), st.booleans())
def test_rates_and_accounts_add_up_to_the_document(
    lines: tuple[Row, ...], inclusive: bool, freight: Decimal, told: bool, per_row: bool
) -> None:
    document = Document(
        kind="invoice", currency="SEK", date=DAY, rows=lines, prices_include_vat=inclusive, freight=Money(freight, "SEK")
    )
    predicted = predict(document, round_to_krona=True)
    totals = predicted.per_row if per_row else predicted.per_rate
    if told:
        document = replace(
            document,
            vat=Money(totals.vat, "SEK"),
            round_off=Money(totals.round_off, "SEK"),
            total=Money(totals.total, "SEK"),
        )
    found = counted(document)
    assert found.net is not None
    assert found.total is not None
    assert sum((net for net, _ in found.rates.values()), ZERO) == found.net
    assert sum((vat or ZERO for _, vat in found.rates.values()), ZERO) == found.total - found.net
    assert sum(found.accounts.values(), ZERO) == found.net
    expected = totals if told else predicted.per_rate
    assert (found.total, found.total - found.net) == (expected.exact, expected.vat)
    # Both ways of rounding are known, so nothing is left over that no rate explains.
    assert not told or UNKNOWN not in found.rates


def test_rows_without_rate_and_account_stand_under_those_of_the_other_side_and_their_vat_stays_unknown() -> None:
    sale = Document(
        kind="invoice",
        currency="SEK",
        net=sek("300"),
        rows=(
            Row(article_number="A", quantity=Decimal(1), price=sek("100")),
            Row(description="Levereras till kajen"),
            Row(article_number="B", quantity=Decimal(2), price=sek("100")),
        ),
    )
    invoice = Document(
        kind="invoice",
        date=DAY,
        rows=(
            Row(article_number="A", quantity=Decimal(1), price=sek("100"), vat=Decimal(25), account="3001"),
            Row(article_number="B", quantity=Decimal(2), price=sek("100"), vat=Decimal(6), account="3003"),
        ),
    )
    found = counted(sale, invoice)
    assert (found.net, found.total, found.day) == (Decimal(300), None, DAY)
    assert found.rates == {"25": (Decimal("100.00"), None), "6": (Decimal("200.00"), None)}
    assert found.accounts == {"3001": Decimal("100.00"), "3003": Decimal("200.00")}
    # A row that is of another article is not taken for the same.
    moved = replace(invoice, rows=tuple(reversed(invoice.lines)))
    assert counted(sale, moved).accounts == {UNKNOWN: Decimal("300.00")}
    # One row more on the other side: the rows are found by their articles.
    more = replace(invoice, rows=(Row(article_number="F", quantity=Decimal(1), price=sek("5"), vat=Decimal(0)), *invoice.lines))
    assert counted(sale, more).accounts == found.accounts


def test_what_a_list_shows_has_a_sum_and_no_division() -> None:
    found = counted(Document(kind="invoice", currency="SEK", date=DAY, total=sek("125")))
    assert (found.net, found.total, found.listed, found.rates) == (None, None, Decimal(125), {})


def test_sum_without_rows_that_can_be_reckoned_stands_under_no_rate_and_no_account() -> None:
    unpriced = Row(article_number="A", quantity=Decimal(1))
    found = counted(Document(kind="order", net=sek("80"), rows=(unpriced,)))
    assert (found.rates, found.accounts) == ({UNKNOWN: (Decimal(80), None)}, {UNKNOWN: Decimal(80)})
    assert counted(Document(kind="order", rows=(unpriced,))).net is None


def test_difference_between_the_sum_told_and_the_rows_is_shown_and_not_spread() -> None:
    row = Row(quantity=Decimal(1), price=sek("100"), vat=Decimal(25), account="3001")
    document = Document(kind="invoice", rows=(row,), vat=sek("25.01"), total=sek("125.01"), round_off=sek("0"))
    assert counted(document).rates == {"25": (Decimal("100.00"), Decimal("25.00")), UNKNOWN: (ZERO, Decimal("0.01"))}


def test_document_without_vat_carries_none_whatever_its_rows_say() -> None:
    row = Row(quantity=Decimal(1), price=sek("100"), vat=Decimal(25), account="3308")
    assert counted(Document(kind="invoice", vat_type="EUREVERSEDVAT", rows=(row,))).rates == {"0": (Decimal("100.00"), ZERO)}


@pytest.mark.parametrize("record", [Document(cancelled=True, total=sek("125")), Settlement(cancelled=True, payable=sek("125"))])
def test_cancelled_record_comes_to_nothing(record: Document | Settlement) -> None:
    found = tally(record)
    assert found is not None
    assert (found.net, found.total, found.rates, found.accounts) == (ZERO, ZERO, {}, {})


def test_prices_with_vat_but_without_a_rate_cannot_be_divided() -> None:
    row = Row(quantity=Decimal(1), price=sek("125"))
    assert counted(Document(kind="order", prices_include_vat=True, rows=(row,))).net is None


def test_payment_stands_where_the_money_came_in() -> None:
    found = tally(Payment(amount=Money(Decimal(10), "EUR"), date=DAY, mode="BG"), Payment(account="1930"))
    assert found == Tally("EUR", DAY, Decimal(10), Decimal(10), Decimal(10), {}, {"BG": Decimal(10)})
    assert tally(Payment(date=DAY)) == Tally("SEK", DAY)


def test_settlement_by_its_postings() -> None:
    posts = (SettlementRow(account="4610", amount=sek("80")), SettlementRow(account="2641", amount=sek("20")),
             SettlementRow(account="2440", amount=sek("-100")))  # fmt: skip
    found = tally(Settlement(date=DAY, currency="SEK", rows=posts, input_vat=sek("20"), payable=sek("100")))
    assert found is not None
    assert (found.net, found.total, found.rates) == (Decimal(80), Decimal(100), {UNKNOWN: (Decimal(80), Decimal(20))})
    assert found.accounts == {"4610": Decimal(80), "2641": Decimal(20), "2440": Decimal(-100)}
    listed = tally(Settlement(date=DAY, payable=sek("100")))
    assert listed == Tally("SEK", DAY, None, Decimal(100), Decimal(100), {}, {})


def test_customer_comes_to_no_amount() -> None:
    assert tally(Customer(name="Acme AB")) is None
