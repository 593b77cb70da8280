"""What a document will be posted to: debit and credit add up to the öre, whatever the rows; what Fortnox chooses is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.core.document import Document, Payment, Row, Settlement, SettlementRow, WriteOff
from brygga.core.money import Money
from brygga.core.posting import Posting, posting_of
from brygga.core.record import ABSENT, Customer
from brygga.errors import Sentence


def kr(amount: str | Decimal, currency: str = "SEK") -> Money:
    return Money(Decimal(amount), currency)


def row(price: str | Decimal, rate: int = 25, quantity: str = "1", **more: object) -> Row:
    return Row(quantity=Decimal(quantity), price=kr(price), vat=Decimal(rate), **more)  # type: ignore[arg-type]


def invoice(*rows: Row, **more: object) -> Document:
    return Document(kind="invoice", currency="SEK", date=date(2026, 11, 20), rows=rows, **more)  # type: ignore[arg-type]


def lines(record: object) -> dict[str, Decimal]:
    posting = posting_of(record)  # type: ignore[arg-type]
    assert isinstance(posting, Posting)
    return {line.account or line.usual or line.what: line.amount for line in posting.lines}


def test_rows_vat_and_claim_of_an_invoice() -> None:
    found = lines(invoice(row("1000.00", account="3041"), row("100.00", 12), row("50.00", 0, supply="services")))
    expected = {"1510": "1412.00", "3041": "-1000.00", "3002": "-100.00", "3004": "-50.00", "2611": "-250.00", "2621": "-12.00"}
    assert found == {account: Decimal(amount) for account, amount in expected.items()}


def test_prices_with_vat_freight_and_fee() -> None:
    found = posting_of(
        invoice(row("125.00"), Row(description="Tack!"), prices_include_vat=True, freight=kr("125.00"), fee=kr("25.00"))
    )
    assert isinstance(found, Posting)
    assert [(line.what, line.amount) for line in found.lines] == [
        ("claim", Decimal("275.00")),
        ("sales", Decimal("-100.00")),
        ("freight", Decimal("-100.00")),
        ("fee", Decimal("-20.00")),
        ("vat", Decimal("-55.00")),
    ]


@pytest.mark.parametrize(
    ("vat_type", "supply", "account"),
    [
        ("EXPORT", "goods", "3105"),
        ("EXPORT", "services", "3305"),
        ("EUREVERSEDVAT", "services", "3308"),
        ("SEREVERSEDVAT", "services", "3231"),
        ("EUVAT", "services", "sales"),
    ],
)
def test_accounts_of_the_default_chart_by_vat_type(vat_type: str, supply: str, account: str) -> None:
    rate = 25 if vat_type == "EUVAT" else 0
    assert account in lines(invoice(row("100.00", rate, supply=supply), vat_type=vat_type))


def test_credit_turns_round_whichever_sign_its_rows_have() -> None:
    credit = replace(invoice(row("100.00")), kind="credit_invoice")
    assert lines(credit)["1510"] == Decimal("-125.00")
    assert lines(replace(credit, rows=(row("100.00", quantity="-1"),)))["1510"] == Decimal("-125.00")


def test_house_work_divides_the_claim_and_cash_goes_where_fortnox_says() -> None:
    found = lines(invoice(row("1000.00"), tax_reduction=kr("300.00")))
    assert (found["1510"], found["1513"]) == (Decimal("950.00"), Decimal("300.00"))
    assert lines(replace(invoice(row("100.00")), kind="cash_invoice"))["money"] == Decimal("125.00")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (replace(invoice(row("100.00")), kind="order"), "Nothing is booked of an offer or an order"),
        (invoice(replace(row("100.00"), price=kr("100.00", "EUR")), rate=Decimal("11.20")), ""),
        (invoice(row("0.10"), row("0.10"), row("0.10")), "Fortnox rounds VAT for each rate or for each row"),
        (invoice(row("100.30")), "If Fortnox is set to round"),
        (invoice(row("100.00")), "Where no account is named Fortnox chooses it"),
    ],
)
def test_what_fortnox_decides_is_said(document: Document, said: str) -> None:
    if not said:
        document, said = replace(document, currency="EUR"), "at the rate 11.20"
        unknown = posting_of(replace(document, rate=ABSENT))
        assert isinstance(unknown, Posting)
        assert any("the rate of the day" in str(note) for note in unknown.notes)
    found = posting_of(document)
    assert isinstance(found, Posting)
    assert found.later == (document.kind == "order")
    assert any(said in str(note) for note in found.notes)


def test_what_cannot_be_reckoned_is_a_sentence_and_what_is_no_document_is_nothing() -> None:
    unpriced = posting_of(invoice(Row(article_number="A", quantity=Decimal(1))))
    assert isinstance(unpriced, Sentence)
    assert "price" in str(unpriced)
    assert posting_of(Customer(name="Acme")) is None
    assert posting_of(Document(kind="invoice")) is None
    assert posting_of(Settlement()) is None
    assert posting_of(Payment()) is None


def test_settlement_is_coded_already_and_owed_to_the_supplier() -> None:
    rows = (
        SettlementRow(account="4600", amount=kr("1000.00"), text="Körningar", vat=Decimal(25)),
        SettlementRow(account="2641", amount=kr("250.00")),
    )
    assert lines(Settlement(rows=rows, payable=kr("1250.00"))) == {
        "4600": Decimal("1000.00"),
        "2641": Decimal("250.00"),
        "2440": Decimal("-1250.00"),
    }
    other = posting_of(Settlement(rows=rows, payable=kr("1200.00"), currency="SEK"))
    assert isinstance(other, Posting)
    assert "1200.00 is to be paid" in str(other.notes[0])


def test_payment_closes_the_claim_with_its_write_offs() -> None:
    offs = (WriteOff(amount=kr("0.40"), account="3740"),)
    assert lines(Payment(amount=kr("999.60"), account="1930", write_offs=offs)) == {
        "1930": Decimal("999.60"),
        "3740": Decimal("0.40"),
        "1510": Decimal("-1000.00"),
    }


@given(
    st.lists(
        st.tuples(st.decimals("-99999", "99999", places=2, allow_nan=False), st.sampled_from([0, 6, 12, 25]), st.integers(-9, 99)),
        max_size=8,
    ),
    st.booleans(),
    st.decimals(0, 999, places=2),
)
def test_debit_is_credit_for_all_rows(rows: list[tuple[Decimal, int, int]], gross: bool, freight: Decimal) -> None:
    given_rows = tuple(row(price or Decimal("0.00"), rate, str(quantity)) for price, rate, quantity in rows)
    found = posting_of(invoice(*given_rows, prices_include_vat=gross, freight=kr(freight)))
    assert isinstance(found, Posting)
    assert found.debit == found.credit
    assert all(line.amount for line in found.lines)
