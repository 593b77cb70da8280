"""What a shop says of the VAT of an order against what its rows come to: amount by amount, rate by rate, and in sum (accounting.md 3.2, 4).

A shop rounds VAT by line or by unit, and Fortnox by rate or by row; both are lawful, so öre of rounding are no difference. Anything
more is one, and is told with both values. What the shop does not say is not compared: absent is not zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from brygga.core.money import CONTEXT, ORE, ZERO, percent_text, round_ore, vat_from_gross
from brygga.core.webshop import ShopOrder, extra_by_rate, goods_by_rate, split_by_rate
from brygga.errors import Sentence

HALF: Final = ORE / 2
"""What one rounding can be off by."""


@dataclass(frozen=True, slots=True)
class Said:
    """An amount as the shop says it: where it stands, with VAT, the VAT in it (None: not said), its percent and how many units it is of."""

    place: str
    gross: Decimal
    vat: Decimal | None
    rate: Decimal | None = None
    units: int = 1


@dataclass(frozen=True, slots=True)
class Statement:
    """All that the shop says of the VAT of an order: its lines and their discounts by percent, and its four sums."""

    lines: Sequence[Said]
    goods: Said
    freight: Said
    fee: Said
    total: Said


def differences(said: Statement, order: ShopOrder) -> tuple[Sentence, ...]:
    """Return what the shop says of VAT otherwise than the rows of *order*, a sentence each with both values; nothing when all is alike."""
    found = [sentence for line in said.lines if (sentence := _wrong_in_itself(line)) is not None]
    goods = goods_by_rate(order)
    off = split_by_rate(ZERO - order.discount, goods, goods)
    sold = {rate: amount + off.get(rate, ZERO) for rate, amount in goods.items()}
    vat_of_goods = _vat(sold)
    freight = _vat(extra_by_rate(order.shipping, "the freight", order.shipping_rate, sold, goods))
    fee = _vat(extra_by_rate(order.fee, "the fee", order.fee_rate, sold, goods))
    rates, lines = len(goods), len(said.lines)
    # A shop that rounds by unit adds up what it has rounded: that is alike too.
    of_lines = _sum(line.vat for line in said.lines)
    as_added = None if of_lines is None else of_lines + _vat(off)
    of_parts = _sum(part.vat for part in (said.goods, said.freight, said.fee))
    for one, vat, added, roundings in (
        (said.goods, vat_of_goods, as_added, lines + 2 * rates),
        (said.freight, freight, None, 2 * rates),
        (said.fee, fee, None, 2 * rates),
        (said.total, vat_of_goods + freight + fee, of_parts, lines + 6 * rates),
    ):
        slack = HALF * (1 + roundings)
        if one.vat is None or abs(one.vat - vat) <= slack or (added is not None and abs(one.vat - added) <= slack):
            continue
        facts = {"place": one.place, "said": _text(one.vat), "rows": _text(vat), "gross": _text(one.gross)}
        found.append(Sentence("{place}: the shop says {said} of VAT in {gross}, and the rows come to {rows}.", facts))
    return tuple(found)


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum; None where one of them was not said."""
    held = list(amounts)
    return None if any(amount is None for amount in held) else sum((amount for amount in held if amount is not None), ZERO)


def _wrong_in_itself(line: Said) -> Sentence | None:
    """Say of a line that its VAT is not that of its rate, whether rounded once or for each unit."""
    if line.vat is None or line.rate is None:
        return None
    expected = vat_from_gross(line.gross, line.rate)
    of_a_unit = CONTEXT.divide(line.gross, Decimal(line.units or 1))
    lawful = (expected, vat_from_gross(of_a_unit, line.rate) * line.units)
    if any(abs(line.vat - vat) <= ORE for vat in lawful):
        return None
    facts = {
        "place": line.place,
        "said": _text(line.vat),
        "gross": _text(line.gross),
        "rate": percent_text(line.rate),
        "vat": _text(expected),
    }
    return Sentence("{place}: the shop says {said} of VAT in {gross}, and {rate} percent of it is {vat}.", facts)


def _vat(by_rate: Mapping[Decimal, Decimal]) -> Decimal:
    return sum((vat_from_gross(amount, rate) for rate, amount in by_rate.items()), ZERO)


def _text(amount: Decimal) -> str:
    return f"{round_ore(amount):f}"
