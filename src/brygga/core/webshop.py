"""A webshop order as rows that reach its total to the öre, or an order that is held with the difference named (accounting.md 4).

Prices are gross. Freight and fees become one row for each percent, split by the goods' gross value after discount; an order
discount becomes negative rows of the article "Rabatt", split by the goods; gift cards and other means become negative rows
of the article "Annan betalning". No row is ever added to make sums meet.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal, TypeAlias, cast

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
    """One line of the order: article, whole quantity, gross sum of the line, percent at its delivery date, kind of supply."""

    article: str
    quantity: int
    line_total: Decimal
    rate: Decimal
    supply: str = "goods"


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
    """An order as the shop sold it, gross: `discount` is a positive number, `paid` what the provider collected."""

    items: tuple[ShopItem, ...]
    paid: Decimal
    shipping: Decimal = ZERO
    fee: Decimal = ZERO
    discount: Decimal = ZERO
    other_payments: tuple[OtherPayment, ...] = ()


@dataclass(frozen=True, slots=True)
class ShopSettings:
    """Article numbers and accounts of the shop's rows; "" or no entry leaves the account to the article.

    sales   (supply, percent as text) -> account (row TXT-12)
    """

    discount_article: str = "Rabatt"
    other_article: str = "Annan betalning"
    freight_article: str = "Frakt"
    fee_article: str = "Avgift"
    gift_card_account: str = "2421"
    discount_account: str = ""
    freight_account: str = ""
    fee_account: str = ""
    sales: Mapping[tuple[str, str], str] = field(default_factory=dict)
    round_to_krona: bool = False


@dataclass(frozen=True, slots=True)
class ShopRow:
    """A row for Fortnox: gross unit price; account None where the article decides."""

    article: str
    quantity: int
    price: Decimal
    rate: Decimal
    account: str | None = None

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.price

    def as_row(self, currency: str) -> Row:
        """Return the document row with everything that Fortnox would otherwise fill in by itself."""
        return Row(
            article_number=self.article,
            quantity=Decimal(self.quantity),
            price=Money(self.price, currency),
            vat=self.rate,
            discount=ZERO,
            discount_kind="percent",
            account=self.account or "",
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

    BadData where the order cannot be reckoned with: no items, a negative freight, fee, discount or card, no quantity,
    parts of an öre, freight without goods to share it, or a single-purpose card without its rate.
    """
    goods = _goods_by_rate(order)
    discounts = _split(-_positive(order.discount, "the discount"), goods, goods)
    discounted = {rate: amount + discounts.get(rate, ZERO) for rate, amount in goods.items()}
    shipping = _split(_positive(order.shipping, "the freight"), discounted, goods)
    fees = _split(_positive(order.fee, "the fee"), discounted, goods)
    rows = [row for number, item in enumerate(order.items, start=1) for row in _item_rows(item, number, settings)]
    rows += _rows(settings.freight_article, shipping, settings.freight_account)
    rows += _rows(settings.fee_article, fees, settings.fee_account)
    rows += _rows(settings.discount_article, discounts, settings.discount_account)
    rows += [_other_row(payment, number, settings) for number, payment in enumerate(order.other_payments, start=1)]
    totals = invoice_totals(
        [Priced(Decimal(row.quantity), row.price, row.rate) for row in rows],
        prices_include_vat=True,
        round_to_krona=settings.round_to_krona,
    )
    paid = whole_ore(order.paid, "the amount collected")
    held = _held(order, totals, paid, sum(goods.values(), ZERO))
    write_off = totals.total - paid if totals.exact == paid else None
    return Prepared(tuple(rows), totals, paid, write_off, held)


def _goods_by_rate(order: ShopOrder) -> dict[Decimal, Decimal]:
    """Return percent -> gross value of the goods, highest percent first: the order in which ties are settled."""
    if not order.items:
        raise BadData("The order has no items.")
    goods: dict[Decimal, Decimal] = {}
    for number, item in enumerate(order.items, start=1):
        rate = vat_percent(item.rate, f"item {number}")
        goods[rate] = goods.get(rate, ZERO) + whole_ore(item.line_total, f"item {number}, total")
    return dict(sorted(goods.items(), reverse=True))


def _split(total: Decimal, by: Mapping[Decimal, Decimal], otherwise: Mapping[Decimal, Decimal]) -> dict[Decimal, Decimal]:
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
            repair="A person decides which VAT rate it follows.",
            total=total,
            values=", ".join(f"{value} at {percent_text(rate)} percent" for rate, value in weights.items()),
        ) from None


def _positive(amount: Decimal, place: str) -> Decimal:
    ore = whole_ore(amount, place)
    if ore < 0:
        raise BadData("{place} is {amount}, below zero.", place=place, amount=ore)
    return ore


def _item_rows(item: ShopItem, number: int, settings: ShopSettings) -> list[ShopRow]:
    if item.quantity == 0:
        raise BadData("Item {number} has no quantity.", number=number)
    account = settings.sales.get((item.supply, percent_text(item.rate)))
    return [
        ShopRow(item.article, quantity, price, item.rate, account)
        for quantity, price in split_row(whole_ore(item.line_total, f"item {number}, total"), item.quantity)
    ]


def _rows(article: str, amounts: Mapping[Decimal, Decimal], account: str) -> list[ShopRow]:
    return [ShopRow(article, 1, amount, rate, account or None) for rate, amount in amounts.items() if amount]


def _other_row(payment: OtherPayment, number: int, settings: ShopSettings) -> ShopRow:
    place = f"other payment {number}"
    amount = _positive(payment.amount, place)
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


def refund_rows(
    order: ShopOrder,
    settings: ShopSettings,
    returned: Mapping[int, int],
    *,
    already: Mapping[int, int] | None = None,
    freight: bool = False,
    fee: bool = False,
    to_card: Decimal = ZERO,
) -> tuple[ShopRow, ...]:
    """Return the rows of a credit for *returned* units: item's place in the order (from 0) -> how many.

    The rows carry the original price, rate and share of the discount. *already* are the units credited before: credits one
    after the other take back exactly what the order charged. *freight* and *fee* are credited whole or not at all.
    *to_card* goes back to a gift card, as a positive row. BadData for more units than were sold, or more to the card than
    the credit comes to.
    """
    before = already or {}
    goods = _goods_by_rate(order)
    if any(item.quantity < 0 or item.line_total < 0 for item in order.items) or order.discount > sum(goods.values(), ZERO):
        raise BadData("The order holds returns, or a discount larger than its goods: a person makes the credit.")
    by_rate = _split(-_positive(order.discount, "the discount"), goods, goods)
    discounted = {rate: amount + by_rate.get(rate, ZERO) for rate, amount in goods.items()}
    rows: list[ShopRow] = []
    discounts = dict.fromkeys(by_rate, ZERO)
    for index, count in returned.items():
        item = _sold(order, index)
        start = before.get(index, 0)
        if count < 1 or start < 0 or start + count > item.quantity:
            raise BadData(
                "Item {number}: {count} returned, {sold} sold and {before} returned before.",
                number=index + 1,
                count=count,
                sold=item.quantity,
                before=start,
            )
        units = slice(start, start + count)
        rows += _returned_rows(_item_rows(item, index + 1, settings), units)
        discounts[item.rate] += sum(_unit_discounts(order, index, by_rate[item.rate])[units], ZERO)
    for wanted, amount, article, account in (
        (freight, order.shipping, settings.freight_article, settings.freight_account),
        (fee, order.fee, settings.fee_article, settings.fee_account),
    ):
        rows += _negated(_rows(article, _split(amount if wanted else ZERO, discounted, goods), account))
    rows += _negated(_rows(settings.discount_article, discounts, settings.discount_account))
    card = _positive(to_card, "the refund to the card")
    if card > -sum((row.amount for row in rows), ZERO):
        raise BadData("{card} to the card is more than the credit comes to.", card=card)
    if card:
        rows.append(ShopRow(settings.other_article, 1, card, Decimal(0), settings.gift_card_account))
    return tuple(rows)


def _sold(order: ShopOrder, index: int) -> ShopItem:
    if not 0 <= index < len(order.items):
        raise BadData("The order has no item {number}.", number=index + 1)
    return order.items[index]


def _returned_rows(sold: list[ShopRow], units: slice) -> list[ShopRow]:
    """Return rows of a return for some units of an item; the units lie in the order of its rows."""
    rows: list[ShopRow] = []
    first = 0
    for row in sold:
        count = min(units.stop, first + row.quantity) - max(units.start, first)
        if count > 0:
            rows.append(ShopRow(row.article, -count, row.price, row.rate, row.account))
        first += row.quantity
    return rows


def _unit_discounts(order: ShopOrder, index: int, of_rate: Decimal) -> list[Decimal]:
    """Return what of its rate's discount each unit of an item bears: by line, then by the price of each unit.

    So no unit bears more than it cost, and all of them together bear the whole.
    """
    item = order.items[index]
    same_rate = [n for n, other in enumerate(order.items) if other.rate == item.rate]
    shares = allocate(of_rate, [order.items[n].line_total for n in same_rate])
    prices = [price for count, price in split_row(item.line_total, item.quantity) for _ in range(count)]
    return allocate(shares[same_rate.index(index)], prices)


def _negated(rows: list[ShopRow]) -> list[ShopRow]:
    return [ShopRow(row.article, -row.quantity, row.price, row.rate, row.account) for row in rows]
