"""A webshop order as rows that reach its total to the öre, or an order that is held with the difference named (accounting.md 4).

Prices are gross. A line's own discount stays on its row; an order discount becomes negative rows of the article "Rabatt", split by
the goods. Freight and fees become one row for each percent, split by the goods' gross value after all discounts, or one row at the
rate that the shop says. Gift cards and other means become negative rows of the article "Annan betalning". No row is ever added to
make sums meet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal, TypeAlias, cast

from brygga.core.absent import ABSENT
from brygga.core.document import DocumentKind, Row
from brygga.core.money import ZERO, Money, allocate, percent_text, split_row, whole_ore
from brygga.core.totals import Priced, Totals, invoice_totals, vat_percent
from brygga.errors import BadData, Sentence, SettingsError

CardKind: TypeAlias = Literal["multi_purpose", "single_purpose"]

LARGEST_ROUND_OFF: Final = Decimal("0.50")
WRITE_OFF_LIMIT: Final = Decimal("0.99")
SHOP_DOCUMENTS: Final = ("invoice", "cash_invoice", "offer", "order")


@dataclass(frozen=True, slots=True)
class ShopItem:
    """One line of the order: article, whole quantity, gross sum of the line, percent at its delivery date, kind of supply.

    discount  what is taken off this line, gross; `line_total` is before it
    text      what the row says: the article's name with the choices of this line
    """

    article: str
    quantity: int
    line_total: Decimal
    rate: Decimal
    supply: str = "goods"
    discount: Decimal = ZERO
    text: str = ""


@dataclass(frozen=True, slots=True)
class OtherPayment:
    """A gift card, points or store credit (annan betalning).

    A multi-purpose card could buy goods of several rates: VAT is due now and the row carries none. With a single-purpose
    card VAT was due when it was sold, so the row takes it back at the card's own `rate`.
    """

    amount: Decimal
    kind: str = "multi_purpose"
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """An order as the shop sold it, gross: `discount` (of the whole order) is a positive number, `paid` what the provider collected.

    shipping_rate, fee_rate  the percent that the shop says of them, where it counts; None: they are split by the goods
    """

    items: tuple[ShopItem, ...]
    paid: Decimal
    shipping: Decimal = ZERO
    fee: Decimal = ZERO
    discount: Decimal = ZERO
    other_payments: tuple[OtherPayment, ...] = ()
    shipping_rate: Decimal | None = None
    fee_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ShopSettings:
    """Article numbers and accounts of the shop's rows; "" or no entry leaves the account to the article.

    sales          (supply, percent as text) -> account (row TXT-12)
    *_accounts     percent as text -> account of the discount, freight and fee rows at that rate
    """

    discount_article: str = "Rabatt"
    other_article: str = "Annan betalning"
    freight_article: str = "Frakt"
    fee_article: str = "Avgift"
    gift_card_account: str = "2421"
    discount_accounts: Mapping[str, str] = field(default_factory=dict)
    freight_accounts: Mapping[str, str] = field(default_factory=dict)
    fee_accounts: Mapping[str, str] = field(default_factory=dict)
    sales: Mapping[tuple[str, str], str] = field(default_factory=dict)
    round_to_krona: bool = False


@dataclass(frozen=True, slots=True)
class ShopRow:
    """A row for Fortnox: gross unit price, what is taken off the whole row; account None where the article decides."""

    article: str
    quantity: int
    price: Decimal
    rate: Decimal
    account: str | None = None
    discount: Decimal = ZERO
    text: str = ""

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.price - self.discount

    @property
    def priced(self) -> Priced:
        """What of the row counts for the totals."""
        return Priced(Decimal(self.quantity), self.price, self.rate, self.discount, "amount")

    def as_row(self, currency: str) -> Row:
        """Return the document row with everything that Fortnox would otherwise fill in by itself."""
        return Row(
            article_number=self.article,
            quantity=Decimal(self.quantity),
            price=Money(self.price, currency),
            vat=self.rate,
            discount=self.discount,
            discount_kind="amount" if self.discount else "percent",
            account=self.account or "",
            description=self.text or ABSENT,
        )


@dataclass(frozen=True, slots=True)
class Prepared:
    """The rows of an order and what they come to.

    totals      of the document with VAT in the prices; `totals.exact` is the shop's total, `totals.total` what Fortnox asks
    write_off   what the payment writes off on 3740; None while the amounts differ
    held        why a person must look before anything is sent; empty when it may go
    """

    rows: tuple[ShopRow, ...]
    totals: Totals
    paid: Decimal
    write_off: Decimal | None
    held: tuple[Sentence, ...]

    @property
    def amounts_agree(self) -> bool:
        return self.totals.exact == self.paid


def prepare(order: ShopOrder, settings: ShopSettings) -> Prepared:
    """Return the rows of *order*, and why it is held, if it is.

    BadData where the order cannot be reckoned with: no items, a negative freight, fee, discount or card, a discount larger than
    its line, no quantity, parts of an öre, freight without goods to share it, or a single-purpose card without its rate.
    """
    goods = goods_by_rate(order)
    discounts = split_by_rate(-positive(order.discount, "the discount"), goods, goods)
    discounted = {rate: amount + discounts.get(rate, ZERO) for rate, amount in goods.items()}
    shipping = extra_by_rate(order.shipping, "the freight", order.shipping_rate, discounted, goods)
    fees = extra_by_rate(order.fee, "the fee", order.fee_rate, discounted, goods)
    rows = [row for number, item in enumerate(order.items, start=1) for row in item_rows(item, number, settings)]
    rows += rows_of_rates(settings.freight_article, shipping, settings.freight_accounts)
    rows += rows_of_rates(settings.fee_article, fees, settings.fee_accounts)
    rows += rows_of_rates(settings.discount_article, discounts, settings.discount_accounts)
    rows += [_other_row(payment, number, settings) for number, payment in enumerate(order.other_payments, start=1)]
    totals = invoice_totals(
        [row.priced for row in rows],
        prices_include_vat=True,
        round_to_krona=settings.round_to_krona,
    )
    paid = whole_ore(order.paid, "the amount collected")
    held = _held(order, totals, paid, sum(goods.values(), ZERO))
    write_off = totals.total - paid if totals.exact == paid else None
    return Prepared(tuple(rows), totals, paid, write_off, held)


def goods_by_rate(order: ShopOrder) -> dict[Decimal, Decimal]:
    """Return percent -> gross value of the goods less their own discounts, highest percent first: the order in which ties are settled."""
    if not order.items:
        raise BadData("The order has no items.")
    goods: dict[Decimal, Decimal] = {}
    for number, item in enumerate(order.items, start=1):
        rate = vat_percent(item.rate, f"item {number}")
        goods[rate] = goods.get(rate, ZERO) + whole_ore(item.line_total, f"item {number}, total") - _own_discount(item, number)
    return dict(sorted(goods.items(), reverse=True))


def extra_by_rate(
    total: Decimal, place: str, rate: Decimal | None, by: Mapping[Decimal, Decimal], otherwise: Mapping[Decimal, Decimal]
) -> dict[Decimal, Decimal]:
    """Return percent -> what of freight or fee carries it: all of it the shop's own rate where that counts."""
    amount = positive(total, place)
    return split_by_rate(amount, by, otherwise) if rate is None else {vat_percent(rate, place): amount}


def split_by_rate(total: Decimal, by: Mapping[Decimal, Decimal], otherwise: Mapping[Decimal, Decimal]) -> dict[Decimal, Decimal]:
    """Split *total* over the percents by value; by *otherwise* where the discount left nothing to go by."""
    weights = by if sum(by.values()) > 0 else otherwise
    rates = list(weights)
    if len(rates) == 1:
        return {rates[0]: total}
    try:
        return dict(zip(rates, allocate(total, list(weights.values())), strict=True))
    except ValueError:
        raise BadData(
            "{total} cannot be shared by goods of {values}.",
            total=total,
            values=", ".join(f"{value} at {percent_text(rate)} percent" for rate, value in weights.items()),
        ) from None


def positive(amount: Decimal, place: str) -> Decimal:
    ore = whole_ore(amount, place)
    if ore < 0:
        raise BadData("{place} is {amount}, below zero.", place=place, amount=ore)
    return ore


def item_rows(item: ShopItem, number: int, settings: ShopSettings) -> list[ShopRow]:
    """Return the rows of a line, one or two (`split_row`); its discount is shared by their amounts, so that each says what it comes to."""
    if item.quantity == 0:
        raise BadData("Item {number} has no quantity.", number=number)
    account = settings.sales.get((item.supply, percent_text(item.rate)))
    parts = split_row(whole_ore(item.line_total, f"item {number}, total"), item.quantity)
    shares = allocate(_own_discount(item, number), [quantity * price for quantity, price in parts])
    return [
        ShopRow(item.article, quantity, price, item.rate, account, share, item.text)
        for (quantity, price), share in zip(parts, shares, strict=True)
    ]


def _own_discount(item: ShopItem, number: int) -> Decimal:
    """Return a line's own discount. BadData for one below zero, or larger than what it is taken off."""
    discount = positive(item.discount, f"the discount of item {number}")
    if discount > max(item.line_total, ZERO):
        raise BadData(
            "The discount of {discount} on item {number} is larger than its line of {total}.",
            discount=discount,
            number=number,
            total=item.line_total,
        )
    return discount


def rows_of_rates(article: str, amounts: Mapping[Decimal, Decimal], accounts: Mapping[str, str]) -> list[ShopRow]:
    """Return a row of *article* for each percent that has an amount."""
    return [ShopRow(article, 1, amount, rate, accounts.get(percent_text(rate))) for rate, amount in amounts.items() if amount]


def _other_row(payment: OtherPayment, number: int, settings: ShopSettings) -> ShopRow:
    place = f"other payment {number}"
    amount = positive(payment.amount, place)
    return ShopRow(settings.other_article, 1, ZERO - amount, _card_rate(payment, place), settings.gift_card_account)


def _card_rate(payment: OtherPayment, place: str) -> Decimal:
    if payment.kind == "multi_purpose":
        return Decimal(0)
    if payment.kind != "single_purpose":
        raise BadData("{place} is neither multi_purpose nor single_purpose.", place=place)
    if payment.rate is None:
        raise BadData("{place} is a single-purpose card without its VAT rate.", place=place)
    return vat_percent(payment.rate, place)


def _held(order: ShopOrder, totals: Totals, paid: Decimal, goods: Decimal) -> tuple[Sentence, ...]:
    held = []
    if totals.exact != paid:
        difference = totals.exact - paid
        facts = {"total": f"{totals.exact}", "paid": f"{paid}", "difference": f"{difference}"}
        held.append(
            Sentence("Amounts differ: the rows come to {total}, the shop collected {paid}, a difference of {difference}.", facts)
        )
    if order.discount > goods:
        facts = {"discount": f"{order.discount}", "goods": f"{goods}"}
        held.append(Sentence("The discount of {discount} is larger than the goods of {goods}.", facts))
    return tuple(held)


def check_articles(settings: ShopSettings, existing: Collection[str]) -> None:
    """Raise SettingsError naming every article of the shop's rows that Fortnox lacks; they are made by hand (TXT-06, TXT-07)."""
    needed = (settings.discount_article, settings.other_article, settings.freight_article, settings.fee_article)
    missing = [article for article in needed if article and article not in existing]
    if missing:
        raise SettingsError(
            "These article numbers are missing in Fortnox: {missing}.",
            repair="Create them in Fortnox, or name other articles in the settings.",
            missing=", ".join(missing),
        )


def document_kind(method: str, table: Mapping[str, str]) -> DocumentKind:
    """Return the kind of document that the payment method leads to (TXT-08 to TXT-11). SettingsError for a method without one."""
    kind = table.get(method, "")
    if kind not in SHOP_DOCUMENTS:
        raise SettingsError(
            "No kind of document is chosen for payment method {method}.",
            repair="Choose one of {kinds} for it.",
            method=method,
            kinds=", ".join(SHOP_DOCUMENTS),
        )
    return cast(DocumentKind, kind)


def check_created(prepared: Prepared, total: Decimal, round_off: Decimal) -> tuple[Sentence, ...]:
    """Return what is wrong with Fortnox' answer to the created document; nothing when it is the sum plus a lawful rounding."""
    found = []
    if total != prepared.totals.exact + round_off:
        facts = {"total": f"{total}", "expected": f"{prepared.totals.exact + round_off}"}
        found.append(Sentence("Fortnox answered a total of {total}, expected {expected}.", facts))
    if abs(round_off) > LARGEST_ROUND_OFF:
        found.append(Sentence("Fortnox rounded by {amount}, more than half a krona.", {"amount": f"{round_off}"}))
    return tuple(found)


def write_off_at_payment(prepared: Prepared, total: Decimal) -> Decimal:
    """Return what is written off on 3740 when the collected amount is registered; *total* is what Fortnox answered.

    BadData when it is more than the öre that may be written off without a person (accounting.md 3.2, 0.99).
    """
    difference = total - prepared.paid
    if abs(difference) > WRITE_OFF_LIMIT:
        raise BadData(
            "Fortnox asks {total} and the shop collected {paid}: {difference} is too much to write off.",
            total=total,
            paid=prepared.paid,
            difference=difference,
        )
    return difference
