"""Numbers of a row that are finer than a system keeps. Pure.

Fortnox keeps two decimals of a quantity, a price and a discount and rounds what is finer in silence (Fortnox API, section 9.8;
accounting.md 3.1, `fortnox_2dec`), so that 1.333 of 400 would be another row there. A discount in percent can be said as an amount to the
öre; all else is held before it is sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal, TypeAlias

from brygga.core.absent import ABSENT
from brygga.core.document import Number, Row
from brygga.core.money import CONTEXT, round_ore

Part: TypeAlias = Literal["quantity", "price", "discount"]

KEPT_BY_FORTNOX: Final = 2
"""Decimals of a row's quantity, price and discount."""
NOISE: Final = Decimal("0.000001")
"""Systems that keep doubles answer 33.300000000000004 for 33.3: what differs by less was meant to be equal."""


@dataclass(frozen=True, slots=True)
class Fine:
    """The first number of some rows that is too fine: its place among them (from 1), which of the row's numbers, and the row."""

    place: int
    part: Part
    number: Decimal
    row: Row


def is_finer(number: Decimal, decimals: int) -> bool:
    """Say whether *number* says more than so many decimals; zeros at the end say nothing."""
    exponent = number.normalize(CONTEXT).as_tuple().exponent
    return isinstance(exponent, int) and -exponent > decimals


def too_fine(rows: Iterable[Row], decimals: int) -> Fine | None:
    """Return the first quantity, price or discount of *rows* with more than so many decimals, None when there is none."""
    for place, row in enumerate(rows, 1):
        price: Number = ABSENT if row.price is ABSENT else row.price.amount
        numbers: tuple[tuple[Part, Number], ...] = (("quantity", row.quantity), ("price", price), ("discount", row.discount))
        for part, number in numbers:
            if number is not ABSENT and is_finer(number, decimals):
                return Fine(place, part, number, row)
    return None


def in_amount(row: Row, decimals: int) -> Row:
    """Return *row* with its discount as an amount, where it is a percentage too fine, all else of the row is not, and the sum stays."""
    if row.discount_kind != "percent" or row.discount is ABSENT or not is_finer(row.discount, decimals):
        return row
    if row.quantity is ABSENT or row.price is ABSENT or too_fine([replace(row, discount=ABSENT)], decimals):
        return row
    whole, left = row.quantity * row.price.amount, left_of(row)
    off = amount_off(whole, left)
    return replace(row, discount=off, discount_kind="amount") if round_ore(whole - off) == round_ore(left) else row


def amount_off(whole: Decimal, left: Decimal) -> Decimal:
    """Return the discount in whole öre that leaves of *whole* what *left* is to the öre.

    Where parts of an öre make that impossible the sum shows it.
    """
    wanted, plain = round_ore(left), round_ore(whole - left)
    return plain if round_ore(whole - plain) == wanted else round_ore(whole) - wanted


def clean(number: Decimal) -> Decimal:
    """Return a number without the noise of a double: to six decimals, without zeros at the end."""
    return number.quantize(NOISE, ROUND_HALF_UP, CONTEXT).normalize(CONTEXT)


def left_of(row: Row) -> Decimal:
    """Return what *row* comes to before it is rounded; its quantity and price have to be known."""
    assert row.quantity is not ABSENT
    assert row.price is not ABSENT
    whole = row.quantity * row.price.amount
    if row.discount is ABSENT or not row.discount:
        return whole
    return whole - row.discount if row.discount_kind == "amount" else whole * (100 - row.discount) / 100
