"""A document of Fortnox for a system that knows prices without VAT only: its rows at net, what its head adds, what was ordered. Pure.

Prices including VAT are made net before the first write (accounting.md 3.2: reading rows without the flag makes them 25 % too high). A
row's net is its total without VAT, rounded once; the price of one is so fine that quantity, price and discount make that net to the öre.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Final

from brygga.core.document import Amount, Document, Row
from brygga.core.fine import left_of
from brygga.core.money import CONTEXT, ORE, Money, allocate, round_ore, vat_from_gross
from brygga.core.record import ABSENT

_HUNDRED: Final = Decimal(100)
CALLED: Final[Mapping[str, str]] = {"freight": "Frakt", "fee": "Expeditionsavgift"}
"""What Fortnox calls the amounts in a document's head."""
_FINEST: Final = 6
"""Decimals of a price; what a double says beyond is noise (`fine.NOISE`)."""


def without_vat(document: Document, *, whole_ore: bool) -> tuple[Row, ...] | None:
    """Return a document's rows at prices without VAT; None where one does not say its VAT, price, quantity or total.

    whole_ore  the price is rounded up to whole öre and a discount as an amount takes off what is too much; else the discount stays
               what it is, and the price has as many decimals as it takes
    """
    rows = document.lines
    if any(not row.is_text and ABSENT in (row.vat, row.price, row.quantity, row.total) for row in rows):
        return None
    nets = iter(_nets([row for row in rows if not row.is_text], document.net))
    made = _in_whole_ore if whole_ore else _at_fine_price
    return tuple(row if row.is_text else made(row, next(nets)) for row in rows)


def _nets(rows: Sequence[Row], net: Amount) -> list[Decimal]:
    """Return what each row is without VAT: by itself or, where that misses the document's net, as its part of its rate's net.

    Whether Fortnox rounds VAT per row or per rate is not known, and both are lawful (accounting.md 3.2).
    """
    exact = [CONTEXT.multiply(_total(row), _share(row)) for row in rows]
    alone = [round_ore(one) for one in exact]
    if net is ABSENT or sum(alone) == net.amount:
        return alone
    spread = list(alone)
    for rate in {row.vat for row in rows}:
        places = [place for place, row in enumerate(rows) if row.vat == rate]
        gross = sum((_total(rows[place]) for place in places), Decimal(0))
        try:
            parts = allocate(gross - vat_from_gross(gross, rate or Decimal(0)), [exact[place] for place in places])
        except ValueError:
            # Charges and returns in one: no share of a whole.
            return alone
        for place, part in zip(places, parts, strict=True):
            spread[place] = part
    return spread if sum(spread) == net.amount else alone


def _in_whole_ore(row: Row, net: Decimal) -> Row:
    price, quantity = _known(row)
    listed = price * _share(row)
    if quantity:
        listed = max(listed, net / quantity)
    listed = listed.quantize(ORE, ROUND_CEILING)
    off = round_ore(listed * quantity) - net
    return replace(_at(row, listed, net), discount=off, discount_kind="amount" if off else ABSENT)


def _at_fine_price(row: Row, net: Decimal) -> Row:
    price, quantity = _known(row)
    exact = CONTEXT.multiply(price, _share(row))
    if row.discount_kind == "amount" and row.discount is not ABSENT:
        row = replace(row, discount=round_ore(row.discount * _share(row)))
    for decimals in range(2, _FINEST + 1):
        tried = _at(row, _rounded(exact, decimals), net)
        if round_ore(left_of(tried)) == net:
            return tried
    off, part = Decimal(0), Decimal(1)
    if row.discount is not ABSENT and row.discount_kind == "amount":
        off = row.discount
    elif row.discount is not ABSENT and row.discount_kind == "percent":
        part = (_HUNDRED - row.discount) / _HUNDRED
    spread = quantity * part
    return _at(row, _rounded((net + off) / spread, _FINEST) if spread else _rounded(exact, 2), net)


def _known(row: Row) -> tuple[Decimal, Decimal]:
    assert row.price is not ABSENT
    assert row.quantity is not ABSENT
    return row.price.amount, row.quantity


def _total(row: Row) -> Decimal:
    assert row.total is not ABSENT
    return row.total.amount


def _share(row: Row) -> Decimal:
    assert row.vat is not ABSENT
    return CONTEXT.divide(_HUNDRED, _HUNDRED + row.vat)


def _rounded(number: Decimal, decimals: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, CONTEXT)


def _at(row: Row, price: Decimal, net: Decimal) -> Row:
    assert row.price is not ABSENT
    return replace(row, price=Money(price, row.price.currency), total=Money(net, row.price.currency))


# What is ordered -----------------------------------------------------------------------------------------------------------


def as_ordered(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return the rows of an order with what was ordered as their quantity: a part delivery changes no agreement (section 9.6)."""
    return tuple(replace(row, quantity=row.ordered_quantity, total=ABSENT) if _is_part(row) else row for row in rows)


def _is_part(row: Row) -> bool:
    return row.ordered_quantity is not ABSENT and bool(row.ordered_quantity) and row.ordered_quantity != row.quantity


def was_part(row: Row) -> bool:
    """Say whether `as_ordered` put what was ordered in the place of another quantity that is delivered: no sum is that of the row then."""
    return row.total is ABSENT and not row.is_text


def _ordered_without_vat(document: Document, whole_ore: bool) -> tuple[Row, ...]:
    """Return the rows of an order at prices without VAT that make each row's net of all that was ordered, not of the part delivered."""
    ordered = as_ordered(document.lines)
    whole = [
        replace(row, total=Money(round_ore(left_of(row)), row.price.currency)) if was_part(row) and row.price is not ABSENT else row
        for row in ordered
    ]
    made = without_vat(replace(document, rows=tuple(whole), net=ABSENT), whole_ore=whole_ore) or ordered
    return tuple(replace(row, total=ABSENT) if was_part(was) else row for row, was in zip(made, ordered, strict=True))


# What the head adds --------------------------------------------------------------------------------------------------------


def head_amounts(document: Document) -> dict[str, Money]:
    """Return what a document's head adds to its rows, "freight" and "fee", without VAT, as far as there is any.

    With prices including VAT they hold VAT too, at the rate of the largest amount on the document (accounting.md 3.3).
    """
    found: dict[str, Money] = {}
    amounts: tuple[tuple[str, Amount], ...] = (("freight", document.freight), ("fee", document.fee))
    for name, amount in amounts:
        if amount is ABSENT or not amount.amount:
            continue
        rate = leading_rate(document) if document.prices_include_vat is True else Decimal(0)
        found[name] = Money(round_ore(amount.amount * _HUNDRED / (_HUNDRED + rate)), amount.currency)
    return found


def leading_rate(document: Document) -> Decimal:
    """Return the VAT rate of the largest amount among a document's rows, 25 where there is none: that of its freight and fee."""
    sums: dict[Decimal, Decimal] = {}
    for row in document.lines:
        if row.vat is not ABSENT and row.total is not ABSENT:
            sums[row.vat] = sums.get(row.vat, Decimal(0)) + row.total.amount
    return max(sums, key=lambda rate: (abs(sums[rate]), rate)) if any(sums.values()) else Decimal(25)


def head_rows(document: Document, articles: Mapping[str, str]) -> tuple[Row, ...]:
    """Return freight and fee of a document's head as rows, each of the article that *articles* names for it; none where it names none."""
    made = []
    for name, amount in head_amounts(document).items():
        if articles.get(name):
            made.append(
                Row(
                    article_number=articles[name],
                    description=CALLED[name],
                    quantity=Decimal(1),
                    price=amount,
                    vat=leading_rate(document),
                    total=amount,
                )
            )
    return tuple(made)


def sum_of(rows: Iterable[Row]) -> Decimal | None:
    """Return what rows come to in the mode of their prices, each rounded to öre; None where one has no quantity or price."""
    total = Decimal(0)
    for row in rows:
        if row.is_text:
            continue
        if row.quantity is ABSENT or row.price is ABSENT:
            return None
        total += round_ore(left_of(row))
    return total


def comes_to_net(document: Document) -> bool:
    """Say whether the rows as they are said make the document's sum without VAT, to the öre."""
    return document.net is not ABSENT and sum_of(document.lines) == document.net.amount


# All of it -------------------------------------------------------------------------------------------------------------------


def at_net(document: Document, *, whole_ore: bool, articles: Mapping[str, str]) -> Document:
    """Return a document of Fortnox as a system without VAT can hold it; what cannot be said to the öre is left, and does not come to net.

    Its net is then what these rows make if the ones in Fortnox make theirs.
    """
    if document.rows is ABSENT:
        return document
    rows, ordered = document.lines, as_ordered(document.lines)
    if document.prices_include_vat is True and (delivered := without_vat(document, whole_ore=whole_ore)) is not None:
        rows, ordered = delivered, as_ordered(delivered)
        if document.kind == "order" and any(was_part(row) for row in ordered):
            ordered = _ordered_without_vat(document, whole_ore)
    net = document.net
    if document.kind == "order":
        net, rows = _moved(net, sum_of(rows), sum_of(ordered)), ordered
    added = head_rows(document, articles)
    net, rows = _moved(net, Decimal(0), sum_of(added)), rows + added
    return document if (rows, net) == (document.rows, document.net) else replace(document, rows=rows, net=net)


def stands_otherwise(document: Document, articles: Mapping[str, str]) -> bool:
    """Say whether rows that `at_net` gave stand otherwise in Fortnox, so that they are changed there alone."""
    parts = document.kind == "order" and any(was_part(row) for row in document.lines)
    return document.prices_include_vat is True or parts or bool(head_rows(document, articles))


def _moved(net: Amount, before: Decimal | None, after: Decimal | None) -> Amount:
    if net is ABSENT or before is None or after is None or before == after:
        return net
    return Money(net.amount + after - before, net.currency)
