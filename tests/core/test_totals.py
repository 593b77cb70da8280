"""A document's totals, predicted before it is sent (accounting.md 3.2, 3.3; Fortnox API, section 10)."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brygga.core.document import Document, Row
from brygga.core.money import ZERO, Money
from brygga.core.totals import Priced, disagreement, invoice_totals, predict, row_total
from brygga.errors import BadData

rates = st.sampled_from([Decimal(25), Decimal(12), Decimal(6), Decimal(0)])
discounts = st.one_of(
    st.just((None, None)),
    st.tuples(st.decimals(0, 100, places=2), st.just("percent")),
    st.tuples(st.decimals(-500, 500, places=2), st.just("amount")),
)
priced = st.builds(
    lambda quantity, price, rate, discount: Priced(quantity, price, rate, *discount),
    st.decimals(-1000, 1000, places=3),
    st.decimals(-99999, 99999, places=3),
    rates,
    discounts,
).map(lambda row: replace(row, quantity=row.quantity + 0, price=row.price + 0))
documents = st.lists(priced, max_size=500)


@settings(max_examples=60)
@given(documents, st.booleans(), st.sampled_from(["per_rate", "per_row"]), st.booleans())
def test_sums_of_a_document_meet(rows: list[Priced], inclusive: bool, method: str, rounded: bool) -> None:
    totals = invoice_totals(rows, prices_include_vat=inclusive, vat_method=method, round_to_krona=rounded)  # type: ignore[arg-type]
    assert totals.net + totals.vat + totals.round_off == totals.total
    assert sum(totals.row_totals, ZERO) == (totals.exact if inclusive else totals.net)
    assert sum((part.gross for part in totals.per_rate.values()), ZERO) == totals.exact
    assert all(part.net + part.vat == part.gross for part in totals.per_rate.values())
    assert abs(totals.round_off) <= (Decimal("0.50") if rounded else ZERO)
    assert not rounded or totals.total % 1 == 0


@settings(max_examples=60)
@given(documents, documents, st.booleans())
def test_two_documents_are_one_document_when_vat_is_per_row(one: list[Priced], two: list[Priced], inclusive: bool) -> None:
    apart = [invoice_totals(rows, prices_include_vat=inclusive, vat_method="per_row") for rows in (one, two)]
    together = invoice_totals(one + two, prices_include_vat=inclusive, vat_method="per_row")
    assert together.vat == apart[0].vat + apart[1].vat
    assert together.exact == apart[0].exact + apart[1].exact


@settings(max_examples=60)
@given(documents, st.booleans())
def test_ways_of_rounding_vat_differ_by_at_most_half_an_ore_a_row(rows: list[Priced], inclusive: bool) -> None:
    per_rate, per_row = (
        invoice_totals(rows, prices_include_vat=inclusive, vat_method=method) for method in ("per_rate", "per_row")
    )
    assert abs(per_rate.vat - per_row.vat) <= Decimal("0.005") * (len(rows) + len(per_rate.per_rate))
    if inclusive:
        assert per_rate.exact == per_row.exact


@settings(max_examples=60)
@given(st.lists(priced.filter(lambda row: row.discount_kind != "amount"), max_size=50), st.booleans())
def test_credit_comes_to_the_exact_opposite_of_its_invoice(rows: list[Priced], inclusive: bool) -> None:
    credit = [replace(row, quantity=0 - row.quantity) for row in rows]
    invoice = invoice_totals(rows, prices_include_vat=inclusive, round_to_krona=True)
    mirror = invoice_totals(credit, prices_include_vat=inclusive, round_to_krona=True)
    assert (mirror.total, mirror.vat, mirror.round_off) == (-invoice.total, -invoice.vat, -invoice.round_off)


def test_ten_thousand_rows_are_predicted_in_under_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    rows = tuple(
        Row(
            article_number=str(number),
            quantity=Decimal(number % 17) + Decimal("0.25"),
            price=Money(Decimal(number % 997) + Decimal("0.37"), "SEK"),
            vat=(Decimal(25), Decimal(12), Decimal(6))[number % 3],
            discount=Decimal(10 if number % 4 == 0 else 0),
            discount_kind="percent",
        )
        for number in range(500)
    )
    document = Document(kind="invoice", currency="SEK", prices_include_vat=True, rows=rows)
    begun = time.perf_counter()
    predictions = [predict(document, round_to_krona=True) for _ in range(20)]
    took = time.perf_counter() - begun
    with capsys.disabled():
        print(f"\n10,000 rows on 20 documents predicted in {took:.3f} s")  # noqa: T201
    assert len(predictions) == 20
    assert took < 1


def test_recorded_document_with_freight_and_fee_comes_to_219() -> None:
    """Fortnox API, section 10.1: rows 100, fee 50, freight 25 give 218.75, rounded to 219."""
    totals = invoice_totals(
        [Priced(Decimal(1), Decimal(100), Decimal(25))],
        prices_include_vat=False,
        round_to_krona=True,
        freight=Decimal(25),
        fee=Decimal(50),
    )
    assert (totals.net, totals.freight_vat, totals.fee_vat) == (Decimal(100), Decimal("6.25"), Decimal("12.50"))
    assert (totals.vat, totals.exact, totals.total, totals.round_off) == (
        Decimal("43.75"),
        Decimal("218.75"),
        Decimal(219),
        Decimal("0.25"),
    )


def test_freight_takes_the_rate_of_the_largest_amount() -> None:
    books = Priced(Decimal(1), Decimal(650), Decimal(6))
    record = Priced(Decimal(1), Decimal(350), Decimal(25))
    totals = invoice_totals([books, record], prices_include_vat=False, freight=Decimal(100))
    assert (totals.freight, totals.freight_vat) == (Decimal(100), Decimal("6.00"))
    assert totals.per_rate[Decimal(6)].net == Decimal(750)
    assert totals.net == Decimal(1000)
    gross = invoice_totals([books], prices_include_vat=True, freight=Decimal(106))
    assert (gross.freight, gross.freight_vat, gross.total) == (Decimal(100), Decimal(6), Decimal(756))


def test_freight_alone_takes_the_standard_rate() -> None:
    totals = invoice_totals([], prices_include_vat=False, freight=Decimal(100))
    assert (totals.net, totals.vat, totals.total) == (ZERO, Decimal(25), Decimal(125))


def test_freight_of_an_export_carries_no_vat() -> None:
    document = Document(kind="invoice", vat_type="EXPORT", freight=Money(Decimal(100), "SEK"))
    assert predict(document, round_to_krona=False).per_rate.vat == ZERO


ONE = Decimal(1)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Priced(Decimal("NaN"), ONE, ONE), "row 2, quantity: NaN"),
        (Priced(ONE, Decimal("Infinity"), ONE), "row 2, price: Infinity"),
        (Priced(ONE, Decimal("-0.00"), ONE), "row 2, price: -0.00 is a negative zero"),
        (Priced(ONE, ONE, Decimal(-1)), "row 2: -1 is no VAT rate"),
        (Priced(ONE, ONE, Decimal(125)), "row 2: 125 is no VAT rate"),
        (Priced(ONE, ONE, ONE, Decimal(101), "percent"), "row 2: a discount of 101 percent"),
        (Priced(ONE, ONE, ONE, Decimal(-1), "percent"), "row 2: a discount of -1 percent"),
        (Priced(ONE, ONE, ONE, ONE, None), "row 2: a discount is in percent or an amount, not None"),
        (Priced(ONE, ONE, ONE, Decimal("NaN"), "percent"), "row 2, discount: NaN"),
    ],
)
def test_row_that_cannot_be_reckoned_with_is_refused_by_place(row: Priced, said: str) -> None:
    with pytest.raises(BadData, match=said):
        invoice_totals([Priced(ONE, ONE, ONE), row], prices_include_vat=False)


def test_unknown_way_of_rounding_and_freight_of_parts_of_an_ore_are_refused() -> None:
    with pytest.raises(ValueError, match="per_rate or per_row, not 'per_day'"):
        invoice_totals([], prices_include_vat=False, vat_method="per_day")  # type: ignore[arg-type]
    with pytest.raises(BadData, match=r"freight: 0\.001"):
        invoice_totals([], prices_include_vat=False, freight=Decimal("0.001"))


def test_discount_of_nothing_needs_no_kind() -> None:
    assert row_total(Priced(Decimal(2), Decimal(5), ONE, ZERO, None), "row 1") == Decimal(10)


def sek(amount: str) -> Money:
    return Money(Decimal(amount), "SEK")


INVOICE = Document(
    kind="invoice",
    rows=(
        Row(description="Work in May"),
        Row(article_number="A", quantity=Decimal(3), price=sek("99.99"), vat=Decimal(25)),
        Row(
            article_number="A",
            quantity=Decimal(1),
            price=sek("99.99"),
            vat=Decimal(25),
            discount=Decimal(5),
            discount_kind="amount",
        ),
    ),
)


def test_line_of_text_adds_nothing_and_no_rate() -> None:
    prediction = predict(INVOICE, round_to_krona=True)
    assert prediction.per_rate.row_totals == (ZERO, Decimal("299.97"), Decimal("94.99"))
    assert set(prediction.per_rate.per_rate) == {Decimal(25)}
    assert prediction.to_pay == prediction.per_rate.total == Decimal(494)


def test_only_kronor_are_rounded_to_whole_ones() -> None:
    rows = (Row(article_number="A", quantity=ONE, price=Money(Decimal("10.30"), "EUR"), vat=ZERO),)
    prediction = predict(Document(kind="invoice", currency="EUR", rows=rows, vat_type="EXPORT"), round_to_krona=True)
    assert prediction.per_rate.total == Decimal("10.30")


def test_house_work_lowers_what_is_to_pay_and_not_the_total() -> None:
    prediction = predict(replace(INVOICE, tax_reduction=sek("100")), round_to_krona=True)
    assert (prediction.per_rate.total, prediction.to_pay) == (Decimal(494), Decimal(394))


def test_document_without_rows_comes_to_nothing() -> None:
    assert predict(Document(kind="order"), round_to_krona=False).per_rate.total == ZERO


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (replace(INVOICE, rows=(Row(article_number="A"),)), "row 1 has no quantity and no price and no VAT rate"),
        (replace(INVOICE, rows=(Row(quantity=ONE, price=sek("1")),)), "row 1 has no VAT rate"),
        (replace(INVOICE, rows=(Row(quantity=ONE, price=sek("1"), vat=ONE),) * 501), "has 501 rows and Fortnox takes 500"),
        (replace(INVOICE, currency="EUR"), "row 2, price is in SEK on a document in EUR"),
        (replace(INVOICE, freight=Money(ONE, "NOK")), "freight is in NOK on a document in SEK"),
        (replace(INVOICE, vat_type="EXPORT"), "Row 2 carries 25 percent VAT on a document of VAT type EXPORT"),
    ],
)
def test_document_that_cannot_be_predicted_is_refused_by_place(document: Document, said: str) -> None:
    with pytest.raises(BadData, match=said):
        predict(document, round_to_krona=False)


THREE = Document(kind="invoice", rows=(Row(article_number="A", quantity=ONE, price=sek("99.99"), vat=Decimal(25)),) * 3)


@pytest.mark.parametrize(("vat", "total"), [("74.99", "374.96"), ("75.00", "374.97")])
def test_either_way_of_rounding_vat_is_accepted(vat: str, total: str) -> None:
    answered = Document(net=sek("299.97"), vat=sek(vat), total=sek(total), round_off=sek("0"), to_pay=sek(total))
    assert disagreement(predict(THREE, round_to_krona=False), answered) == ()


def test_mixture_of_both_ways_is_not_accepted_and_the_difference_is_named() -> None:
    answered = Document(vat=sek("75.00"), total=sek("374.96"))
    found = disagreement(predict(THREE, round_to_krona=False), answered)
    assert [str(sentence) for sentence in found] == ["VAT: expected 74.99, Fortnox answered 75.00, a difference of 0.01"]
    assert disagreement(predict(THREE, round_to_krona=False), answered, Decimal("0.01")) == ()


def test_answer_in_another_currency_is_refused() -> None:
    with pytest.raises(BadData, match="total is in EUR on a document in SEK"):
        disagreement(predict(THREE, round_to_krona=False), Document(total=Money(ONE, "EUR")))
