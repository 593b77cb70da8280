"""The rows of an order: each line by itself, with its own text, discount and rate; what the shop says of VAT is compared. Pure.

Amounts are with VAT and exact; the rows reach the shop's total to the öre, and its VAT, or the order is held (accounting.md 3.2, 4).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import zip_longest
from typing import Any, Final, TypeAlias

from brygga.clients.textalk import Raw, wire
from brygga.connectors.textalk.held import BY_HAND, CORRECT, Held, amount, as_said, name_of
from brygga.connectors.textalk.order_vat import Taxed, taxed
from brygga.connectors.textalk.settings import Settings
from brygga.core.document import Row
from brygga.core.money import ORE, ZERO
from brygga.core.spelling import readable
from brygga.core.webshop import OtherPayment, Prepared, ShopItem, ShopOrder, goods_by_rate, prepare
from brygga.core.webshop_vat import Said, Statement, differences
from brygga.errors import BadData

Options: TypeAlias = Mapping[str, str]
"""What the shop's choices and their options are called: uid -> name."""

NUMBER: Final = re.compile(r"[\w\-/\\+$]{1,50}")
"""Signs of an article number that Fortnox takes: letters, digits and _ - / \\ + $ (systems.md 5.2)."""
LONGEST_TEXT: Final = 255
"""Letters of a row's text in Fortnox (Fortnox API, appendix A); what is longer goes on in a row of text."""
NEAR: Final = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the order as the shop says it, and what it says of its own discount."""

    item: ShopItem
    said: Said
    off: Said | None


def rows_of(
    order: Raw, collected: Decimal, cards: tuple[OtherPayment, ...], options: Options, settings: Settings
) -> tuple[Prepared, Taxed]:
    """Return the rows that reach the shop's total and its VAT, and how they are taxed. Raises Held, naming both sums, when they do not."""
    lines = list(_lines(order, options, settings))
    shipping, fee = amount(order, "costs", "shipment"), amount(order, "costs", "payment")
    rates = {place: _own_rate(order, place, sum_, settings) for place, sum_ in (("shipment", shipping), ("payment", fee))}
    readings = []
    for items, discount, said in _readings(order, lines):
        shop_order = ShopOrder(items, collected, shipping, fee, discount, cards, rates["shipment"], rates["payment"])
        readings.append((shop_order, said))
    how = taxed(order, readings[0][0].items, settings, [rate for rate in rates.values() if rate is not None])
    try:
        shop_order, wrong = _by_vat(order, readings)
        every = [*goods_by_rate(shop_order), *(rate for rate in rates.values() if rate is not None)]
        prepared = prepare(shop_order, settings.rows(how, every))
    except BadData as error:
        raise as_said(error.sentence, order, CORRECT) from None
    total = amount(order, "costs", "total") - sum((card.amount for card in cards), ZERO)
    if prepared.totals.exact != total:
        raise Held(
            "Order {number}: the rows come to {rows}, and the shop's total is {total}.",
            CORRECT,
            "TXT-08",
            number=name_of(order),
            rows=prepared.totals.exact,
            total=total,
        )
    if prepared.held:
        raise as_said(prepared.held[0], order, CORRECT)
    if wrong:
        raise as_said(
            wrong[0],
            order,
            "Correct the VAT in the shop; where it is right there, choose “shop” under “Moms på frakt och avgift”, or make the document "
            "by hand in Fortnox and type its number on the order.",
        )
    return prepared, how


def described(prepared: Prepared, currency: str) -> tuple[Row, ...]:
    """Return the rows for a document; a text that is too long for its row goes on in rows of text right after the last row of its line."""
    rows: list[Row] = []
    for row, after in zip_longest(prepared.rows, prepared.rows[1:]):
        first, *rest = _pieces(row.text)
        rows.append(replace(row, text=first).as_row(currency))
        if after is None or (after.article, after.text) != (row.article, row.text):
            rows += [Row(description=piece) for piece in rest]
    return tuple(rows)


def _pieces(text: str) -> list[str]:
    """Return a text in pieces that fit a row, divided at a space where one is near the end."""
    pieces, left = [], text
    while len(left) > LONGEST_TEXT:
        space = left.rfind(" ", LONGEST_TEXT - NEAR, LONGEST_TEXT + 1)
        cut = space if space > 0 else LONGEST_TEXT
        pieces.append(left[:cut].rstrip())
        left = left[cut:].lstrip()
    return [*pieces, left]


# Lines --------------------------------------------------------------------------------------------------------------------


def _lines(order: Raw, options: Options, settings: Settings) -> Iterator[Line]:
    for item in order.get("items") or ():
        number = str(item.get("articleNumber") or "")
        if not NUMBER.fullmatch(number):
            raise Held(
                "Order {number}: the article number “{article}” has signs that Fortnox does not take, such as a space.",
                "Give the article a number of letters, digits and _ - / + in the shop.",
                "TXT-17",
                number=name_of(order),
                article=number,
            )
        quantity = wire.nested(item, "choices", "quantity")
        rate = wire.percent(wire.nested(item, "costs", "total", "vatRate"))
        if not isinstance(quantity, int) or rate is None:
            raise Held("Order {number}: article {article} has no quantity or no VAT rate.", CORRECT, "TXT-12",
                       number=name_of(order), article=number)  # fmt: skip
        supply = "services" if number in settings.services else "goods"
        text = _text(order, item, options)
        total = amount(item, "costs", "total")
        place = " ".join(filter(None, (number, text)))
        said = Said(place, total, _vat(order, place, wire.nested(item, "costs", "total")), rate, quantity)
        yield Line(ShopItem(number, quantity, total, rate, supply, text=text), said, _off(order, item, place, rate))


def _off(order: Raw, item: Raw, place: str, rate: Decimal) -> Said | None:
    """Return what the shop says of a line's own discount, None where it has none."""
    info = item.get("discountInfo") or {}
    sum_ = wire.number(info.get("incVat")) or ZERO
    if not sum_:
        return None
    vat = _vat(order, place, {**info, "vatRate": None})
    return Said(f"{place}, {info.get('name') or 'discount'}", -sum_, None if vat is None else -vat, rate)


def _text(order: Raw, item: Raw, options: Options) -> str:
    """Return what a row says: the article's name, the options that were chosen, and what the buyer wrote himself.

    An option that the name holds already is not said twice. Raises Held for a choice whose name the shop no longer tells.
    """
    name = " ".join(readable(str(item.get("articleName") or "")).split())
    parts = [name] if name else []
    for choice, option in (item.get("choices") or {}).items():
        if choice == "quantity" or option in (None, "", [], {}):
            continue
        for one in option if isinstance(option, list) else [option]:
            said = options.get(str(one), "") if isinstance(one, int) or str(one).isdigit() else _written(options, choice, one)
            if not said:
                raise Held(
                    "Order {number}: the shop does not tell what choice {choice} of article {article} is ({option}), and the row would not "
                    "say what was sold.",
                    BY_HAND,
                    "TXT-12",
                    number=name_of(order),
                    choice=options.get(choice, choice),
                    article=str(item.get("articleNumber")),
                    option=one,
                )
            if f" {said} ".casefold() not in f" {name} ".casefold():
                parts.append(said)
    return " ".join(parts)


def _written(options: Options, choice: str, text: object) -> str:
    """Return what a buyer wrote in a choice of free text, behind the choice's name."""
    words = " ".join(readable(str(text)).split())
    called = options.get(choice, "" if choice.isdigit() else choice)
    return f"{called}: {words}" if called and words else words


def option_uids(order: Raw) -> bool:
    """Say whether an order has choices beside the quantity, so that their names are needed."""
    return any(set(item.get("choices") or {}) - {"quantity"} for item in order.get("items") or ())


# Discounts, VAT -----------------------------------------------------------------------------------------------------------


def _readings(order: Raw, lines: list[Line]) -> Iterator[tuple[tuple[ShopItem, ...], Decimal, Statement]]:
    """Yield how the lines, their own discounts and the cart can be meant: the lines before their discounts, or after them [guess].

    What the cart is less than that is a discount of the whole order.
    """
    goods = sum((line.item.line_total for line in lines), ZERO)
    cart = amount(order, "costs", "cart")
    own = -sum((line.off.gross for line in lines if line.off), ZERO)
    sums = {
        place: _said(order, said, place)
        for place, said in (("cart", "goods"), ("shipment", "freight"), ("payment", "fee"), ("total", "total"))
    }
    parts = {"goods": sums["cart"], "freight": sums["shipment"], "fee": sums["payment"], "total": sums["total"]}
    if own and goods - own >= cart:
        before = tuple(replace(line.item, discount=-line.off.gross if line.off else ZERO) for line in lines)
        said = [one for line in lines for one in (line.said, line.off) if one is not None]
        yield before, goods - own - cart, Statement(said, **parts)
        if goods - own == cart:
            return
    yield tuple(line.item for line in lines), max(goods - cart, ZERO), Statement([line.said for line in lines], **parts)


def _by_vat(order: Raw, readings: Iterable[tuple[ShopOrder, Statement]]) -> tuple[ShopOrder, tuple[Any, ...]]:
    """Return the reading that the shop's own VAT confirms, and what it says otherwise. Raises Held where it confirms more than one."""
    judged = [(shop_order, differences(said, shop_order)) for shop_order, said in readings]
    good = [one for one in judged if not one[1]]
    if len(good) > 1 and len({(one.discount, tuple(item.discount for item in one.items)) for one, _ in good}) > 1:
        raise Held(
            "Order {number} has discounts on its lines and on the whole, and the shop does not tell which is in the lines already.",
            BY_HAND,
            "TXT-08",
            number=name_of(order),
        )
    return good[0] if good else judged[0]


def _said(order: Raw, called: str, place: str) -> Said:
    cost = wire.nested(order, "costs", place) or {}
    return Said(called, amount(order, "costs", place), _vat(order, called, cost))


def _vat(order: Raw, place: str, cost: Any) -> Decimal | None:
    """Return the VAT that the shop says of an amount, None where it does not. Raises Held where its own three numbers disagree."""
    held = cost if isinstance(cost, Mapping) else {}
    gross, net, vat = (wire.number(held.get(name)) for name in ("incVat", "exVat", "vat"))
    between = None if gross is None or net is None else gross - net
    if vat is not None and between is not None and abs(between - vat) > ORE:
        raise Held(
            "Order {number}, {place}: the shop says {gross} with VAT, {net} without and {vat} of VAT, which do not add up.",
            CORRECT,
            "TXT-08",
            number=name_of(order),
            place=place,
            gross=gross,
            net=net,
            vat=vat,
        )
    return between if vat is None else vat


def _own_rate(order: Raw, place: str, sum_: Decimal, settings: Settings) -> Decimal | None:
    """Return the percent that the shop says of freight or fee, where that is chosen to count; None: it is split by the goods."""
    if settings.freight_vat != "shop" or not sum_:
        return None
    rate = wire.percent(wire.nested(order, "costs", place, "vatRate"))
    if rate is None:
        raise Held(
            "Order {number} says no VAT rate of its {place}.",
            "Choose “split” under “Moms på frakt och avgift”, or make the document by hand in Fortnox and type its number on the order.",
            "TXT-12",
            number=name_of(order),
            place={"shipment": "freight", "payment": "fee"}[place],
        )
    return rate
