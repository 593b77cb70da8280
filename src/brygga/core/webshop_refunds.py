"""What is credited of a webshop order when goods come back: each unit at its price, rate and share of the discounts (accounting.md 4). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from brygga.core.money import ZERO, allocate
from brygga.core.webshop import (
    ShopItem,
    ShopOrder,
    ShopRow,
    ShopSettings,
    extra_by_rate,
    goods_by_rate,
    item_rows,
    positive,
    rows_of_rates,
    split_by_rate,
)
from brygga.errors import BadData


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
    goods = goods_by_rate(order)
    if any(item.quantity < 0 or item.line_total < 0 for item in order.items) or order.discount > sum(goods.values(), ZERO):
        raise BadData("The order holds returns, or a discount larger than its goods: a person makes the credit.")
    by_rate = split_by_rate(-positive(order.discount, "the discount"), goods, goods)
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
        rows += _returned_rows(item_rows(item, index + 1, settings), units)
        discounts[item.rate] += sum(_unit_discounts(order, index, by_rate[item.rate])[units], ZERO)
    for wanted, amount, rate, article, accounts in (
        (freight, order.shipping, order.shipping_rate, settings.freight_article, settings.freight_accounts),
        (fee, order.fee, order.fee_rate, settings.fee_article, settings.fee_accounts),
    ):
        shares = extra_by_rate(amount if wanted else ZERO, article, rate, discounted, goods)
        rows += _negated(rows_of_rates(article, shares, accounts))
    rows += _negated(rows_of_rates(settings.discount_article, discounts, settings.discount_accounts))
    card = positive(to_card, "the refund to the card")
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
            own = _own_of_units(row)[max(units.start - first, 0) :][:count]
            rows.append(ShopRow(row.article, -count, row.price, row.rate, row.account, ZERO - sum(own, ZERO), row.text))
        first += row.quantity
    return rows


def _own_of_units(row: ShopRow) -> list[Decimal]:
    """Return what of its row's own discount each unit bears."""
    return allocate(row.discount, [row.price] * row.quantity)


def _unit_discounts(order: ShopOrder, index: int, of_rate: Decimal) -> list[Decimal]:
    """Return what of its rate's share of the order's discount each unit of an item bears: by line, then by the price of each unit.

    So no unit bears more than it cost, and all of them together bear the whole.
    """
    item = order.items[index]
    same_rate = [n for n, other in enumerate(order.items) if other.rate == item.rate]
    shares = allocate(of_rate, [order.items[n].line_total - order.items[n].discount for n in same_rate])
    rows = item_rows(item, index + 1, ShopSettings())
    prices = [row.price - own for row in rows for own in _own_of_units(row)]
    return allocate(shares[same_rate.index(index)], prices)


def _negated(rows: list[ShopRow]) -> list[ShopRow]:
    return [ShopRow(row.article, -row.quantity, row.price, row.rate, row.account) for row in rows]
