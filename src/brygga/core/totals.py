"""A document's totals before it is sent: Fortnox' arithmetic, row by row (accounting.md 3.2, 3.3; Fortnox API, section 10).

Fortnox does not say whether it rounds VAT per row or per rate, and both are lawful. `predict` gives both, and `disagreement`
accepts either and nothing else. Nothing is ever adjusted to make sums meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from brygga.core.document import Document, Row
from brygga.core.money import (
    CONTEXT,
    ZERO,
    Money,
    exact,
    fortnox_2dec,
    percent_text,
    round_krona,
    round_ore,
    vat_from_gross,
    vat_from_net,
    whole_ore,
)
from brygga.core.record import ABSENT, Absent
from brygga.errors import BadData, Sentence

VatMethod: TypeAlias = Literal["per_rate", "per_row"]

LARGEST_DOCUMENT: Final = 500
"""Rows that Fortnox takes on one document (Fortnox API, section 9.8)."""
STANDARD_RATE: Final = Decimal(25)
HUNDRED: Final = Decimal(100)
WITHOUT_VAT: Final = frozenset({"SEREVERSEDVAT", "EUREVERSEDVAT", "EXPORT"})


@dataclass(frozen=True, slots=True)
class Priced:
    """What of a row counts: quantity and price (with or without VAT as the document says), percent, and its discount."""

    quantity: Decimal
    price: Decimal
    rate: Decimal
    discount: Decimal | None = None
    discount_kind: str | None = None


@dataclass(frozen=True, slots=True)
class RateSum:
    """Net, VAT and gross of all that carries one percent."""

    net: Decimal
    vat: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of a document, in its currency.

    row_totals   in the mode of the prices
    per_rate     percent -> sums, with the header's freight and fee in them
    net          of the rows only, as Fortnox' Net (freight and fee stand beside it)
    vat          of everything, as Fortnox' TotalVAT
    freight, fee net; freight_vat, fee_vat their VAT
    total        after rounding to whole kronor, where that is on; round_off is total minus the exact sum
    """

    row_totals: tuple[Decimal, ...]
    per_rate: Mapping[Decimal, RateSum]
    net: Decimal
    vat: Decimal
    total: Decimal
    round_off: Decimal
    freight: Decimal = ZERO
    freight_vat: Decimal = ZERO
    fee: Decimal = ZERO
    fee_vat: Decimal = ZERO

    @property
    def exact(self) -> Decimal:
        """The sum before rounding to whole kronor."""
        return self.total - self.round_off


@dataclass(frozen=True, slots=True)
class Prediction:
    """What Fortnox will answer, by both ways of rounding VAT. `to_pay` is the total less the tax reduction for house work."""

    currency: str
    per_rate: Totals
    per_row: Totals
    tax_reduction: Decimal = ZERO

    @property
    def to_pay(self) -> Decimal:
        return self.per_rate.total - self.tax_reduction

    def either(self) -> tuple[Totals, Totals]:
        return self.per_rate, self.per_row


def row_total(row: Priced, place: str) -> Decimal:
    """Return quantity x price less the discount, rounded to öre; quantity and price first as Fortnox keeps them.

    BadData naming *place* for a number that is none, a percentage outside 0 to 100, or a kind of discount that is neither.
    """
    quantity = fortnox_2dec(exact(row.quantity, f"{place}, quantity"))
    price = fortnox_2dec(exact(row.price, f"{place}, price"))
    amount = CONTEXT.multiply(quantity, price)
    if row.discount is None:
        return round_ore(amount)
    discount = exact(row.discount, f"{place}, discount")
    if not discount:
        return round_ore(amount)
    if row.discount_kind == "percent":
        if not 0 <= discount <= HUNDRED:
            raise BadData("{place}: a discount of {discount} percent.", place=place, discount=percent_text(discount))
        return round_ore(CONTEXT.divide(CONTEXT.multiply(amount, HUNDRED - discount), HUNDRED))
    if row.discount_kind == "amount":
        return round_ore(amount - discount)
    raise BadData("{place}: a discount is in percent or an amount, not {kind}.", place=place, kind=repr(row.discount_kind))


def invoice_totals(
    rows: Iterable[Priced],
    *,
    prices_include_vat: bool,
    vat_method: VatMethod = "per_rate",
    round_to_krona: bool = False,
    freight: Decimal = ZERO,
    fee: Decimal = ZERO,
) -> Totals:
    """Return the totals of *rows*; *freight* and *fee* are the header's fields, in the mode of the prices.

    Freight and fee take the percent of the largest amount on the document, as Fortnox does (accounting.md 3.3), and their
    VAT is rounded by itself. BadData names the row (from 1) and the field that cannot be reckoned with.
    """
    if vat_method not in ("per_rate", "per_row"):
        raise ValueError(f"VAT is rounded per_rate or per_row, not {vat_method!r}")
    sums = _Sums(prices_include_vat)
    for number, row in enumerate(rows, start=1):
        sums.add(row, f"row {number}")
    return sums.totals(vat_method, round_to_krona, freight, fee)


class _Sums:
    """Adds up rows once, for both ways of rounding VAT."""

    def __init__(self, prices_include_vat: bool, standard: Decimal = STANDARD_RATE) -> None:
        self.inclusive = prices_include_vat
        self.standard = standard
        self.row_totals: list[Decimal] = []
        self.by_rate: dict[Decimal, Decimal] = {}
        self.row_vat: dict[Decimal, Decimal] = {}

    def add(self, row: Priced, place: str) -> None:
        rate = vat_percent(row.rate, place)
        total = row_total(row, place)
        self.row_totals.append(total)
        self.by_rate[rate] = self.by_rate.get(rate, ZERO) + total
        self.row_vat[rate] = self.row_vat.get(rate, ZERO) + self.vat(total, rate)

    def add_text(self) -> None:
        self.row_totals.append(ZERO)

    def vat(self, amount: Decimal, rate: Decimal) -> Decimal:
        return vat_from_gross(amount, rate) if self.inclusive else vat_from_net(amount, rate)

    def totals(self, method: VatMethod, round_to_krona: bool, freight: Decimal, fee: Decimal) -> Totals:
        per_rate = {rate: self._rate_sum(total, self._vat_of(rate, total, method)) for rate, total in self.by_rate.items()}
        net = sum((part.net for part in per_rate.values()), ZERO)
        leading = self._leading_rate()
        extras = []
        for amount, place in ((freight, "freight"), (fee, "fee")):
            ore = whole_ore(amount, place)
            extra = self._rate_sum(ore, self.vat(ore, leading))
            extras.append(extra)
            if ore:
                old = per_rate.get(leading, RateSum(ZERO, ZERO, ZERO))
                per_rate[leading] = RateSum(old.net + extra.net, old.vat + extra.vat, old.gross + extra.gross)
        exact_total = sum((part.gross for part in per_rate.values()), ZERO)
        total = round_krona(exact_total) if round_to_krona else exact_total
        return Totals(
            row_totals=tuple(self.row_totals),
            per_rate=per_rate,
            net=net,
            vat=sum((part.vat for part in per_rate.values()), ZERO),
            total=total,
            round_off=total - exact_total,
            freight=extras[0].net,
            freight_vat=extras[0].vat,
            fee=extras[1].net,
            fee_vat=extras[1].vat,
        )

    def _leading_rate(self) -> Decimal:
        """Return the percent of freight and fee: that of the largest amount, the higher of two, the standard of nothing."""
        if not any(self.by_rate.values()):
            return self.standard
        return max(self.by_rate, key=lambda rate: (abs(self.by_rate[rate]), rate))

    def _vat_of(self, rate: Decimal, total: Decimal, method: VatMethod) -> Decimal:
        return self.vat(total, rate) if method == "per_rate" else self.row_vat[rate]

    def _rate_sum(self, amount: Decimal, vat: Decimal) -> RateSum:
        return RateSum(amount - vat, vat, amount) if self.inclusive else RateSum(amount, vat, amount + vat)


def vat_percent(rate: Decimal, place: str) -> Decimal:
    """Return *rate*; BadData naming *place* unless it lies between 0 and 100. Foreign rates of the one-stop shop count."""
    percent = exact(rate, f"{place}, VAT")
    if not 0 <= percent < HUNDRED:
        raise BadData("{place}: {rate} is no VAT rate.", place=place, rate=percent_text(percent))
    return percent


def predict(document: Document, *, round_to_krona: bool) -> Prediction:
    """Return what Fortnox will answer for *document*; *round_to_krona* is the company's setting and holds for SEK only.

    BadData names the row and what it lacks: quantity, price and percent must be known, since what is left out Fortnox fills
    by its own lights, and a document may have 500 rows.
    """
    rows = () if document.rows is ABSENT else document.rows
    if len(rows) > LARGEST_DOCUMENT:
        raise BadData(
            "The document has {count} rows and Fortnox takes {limit}.",
            count=len(rows),
            limit=LARGEST_DOCUMENT,
        )
    currency = "SEK" if document.currency is ABSENT else document.currency or "SEK"
    untaxed = document.vat_type in WITHOUT_VAT
    sums = _Sums(document.prices_include_vat is True, ZERO if untaxed else STANDARD_RATE)
    for number, row in enumerate(rows, start=1):
        if row.is_text:
            sums.add_text()
        else:
            priced = _priced(row, currency, f"row {number}")
            if priced.rate and untaxed:
                raise BadData(
                    "Row {number} carries {rate} percent VAT on a document of VAT type {type}, which carries none.",
                    number=number,
                    rate=percent_text(priced.rate),
                    type=document.vat_type,
                )
            sums.add(priced, f"row {number}")
    rounded = round_to_krona and currency == "SEK"
    freight = _amount(document.freight, currency, "freight")
    fee = _amount(document.fee, currency, "fee")
    return Prediction(
        currency=currency,
        per_rate=sums.totals("per_rate", rounded, freight, fee),
        per_row=sums.totals("per_row", rounded, freight, fee),
        tax_reduction=_amount(document.tax_reduction, currency, "tax reduction"),
    )


def _priced(row: Row, currency: str, place: str) -> Priced:
    if row.quantity is ABSENT or row.price is ABSENT or row.vat is ABSENT:
        known = {"quantity": row.quantity, "price": row.price, "VAT rate": row.vat}
        missing = [name for name, value in known.items() if value is ABSENT]
        raise BadData("{place} has no {missing}.", place=place, missing=" and no ".join(missing))
    return Priced(
        quantity=row.quantity,
        price=_amount(row.price, currency, f"{place}, price"),
        rate=row.vat,
        discount=None if row.discount is ABSENT else row.discount,
        discount_kind=None if row.discount_kind is ABSENT else row.discount_kind,
    )


def _amount(money: Money | Absent, currency: str, place: str) -> Decimal:
    if money is ABSENT:
        return ZERO
    if money.currency != currency:
        raise BadData(
            "{place} is in {currency} on a document in {expected}.", place=place, currency=money.currency, expected=currency
        )
    return money.amount


def disagreement(prediction: Prediction, answered: Document, tolerance: Decimal = ZERO) -> tuple[Sentence, ...]:
    """Return what of Fortnox' answer differs from both predictions, a sentence each; nothing when one of them fits.

    Only the sums that the answer holds are compared. The document may not be booked while this is not empty.
    """
    candidates = [_differences(totals, prediction, answered, tolerance) for totals in prediction.either()]
    return () if not all(candidates) else min(candidates, key=len)


def _differences(totals: Totals, prediction: Prediction, answered: Document, tolerance: Decimal) -> tuple[Sentence, ...]:
    expected: tuple[tuple[str, Decimal, Money | Absent], ...] = (
        ("total", totals.total, answered.total),
        ("VAT", totals.vat, answered.vat),
        ("net", totals.net, answered.net),
        ("rounding", totals.round_off, answered.round_off),
        ("to pay", totals.total - prediction.tax_reduction, answered.to_pay),
    )
    found = []
    for name, own, theirs in expected:
        if theirs is ABSENT:
            continue
        other = _amount(theirs, prediction.currency, name)
        if abs(own - other) > tolerance:
            facts = {"sum": name, "expected": f"{own}", "answered": f"{other}", "difference": f"{other - own}"}
            found.append(Sentence("{sum}: expected {expected}, Fortnox answered {answered}, a difference of {difference}", facts))
    return tuple(found)
