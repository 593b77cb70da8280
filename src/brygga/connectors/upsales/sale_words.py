"""A document of Fortnox in the words of a sale: prices without VAT, and a product on each row. Pure. Rows UPS-25 and UPS-28.

Upsales knows neither VAT nor rows without a product (systems.md 4.1). Such rows are told to Upsales and never written back: Fortnox
alone knows what they were.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from typing import Final

from brygga.connectors.upsales.settings import Settings
from brygga.core.document import Document, Row
from brygga.core.money import Money, round_ore
from brygga.core.policy import RIGHT, Side
from brygga.core.record import ABSENT
from brygga.core.totals import Priced, row_total
from brygga.errors import BadData

_ORE: Final = Decimal("0.01")
_HUNDRED: Final = Decimal(100)


def in_words_of_a_sale(settings: Settings) -> Callable[[Side, Document], Document]:
    """Return what says a document as a sale can hold it; what cannot be said to the öre is left as it is, and waits."""

    def said(side: Side, document: Document) -> Document:
        if side != RIGHT or document.rows is ABSENT:
            return document
        rows = tuple(_with_article(row, settings.free_row_article) for row in document.lines)
        if document.prices_include_vat is True:
            rows = _without_vat(rows) or rows
        return document if rows == document.rows else replace(document, rows=rows)

    return said


def is_told_only(document: Document, settings: Settings) -> bool:
    """Say whether a document's rows stand otherwise in Fortnox than a sale shows them, so that they are changed there alone."""
    free = settings.free_row_article
    return document.prices_include_vat is True or (bool(free) and any(row.article_number == free for row in document.lines))


def comes_to_net(document: Document) -> bool:
    """Say whether the rows as they are said make the document's sum without VAT, to the öre."""
    try:
        made = sum((_total(row) for row in document.lines if not row.is_text), Decimal(0))
    except BadData:
        return False
    return isinstance(document.net, Money) and document.net.amount == made


def _with_article(row: Row, article: str) -> Row:
    return replace(row, article_number=article) if article and not row.is_text and not row.article_number else row


def _without_vat(rows: tuple[Row, ...]) -> tuple[Row, ...] | None:
    """Return the rows at prices without VAT; None where one does not say its VAT or sum.

    The unit price is rounded up to whole öre, and a discount takes off what is too much, so that each row makes its sum to the öre.
    """
    made = []
    for row in rows:
        if row.is_text:
            made.append(row)
            continue
        if row.vat is ABSENT or row.price is ABSENT or row.quantity is ABSENT or row.total is ABSENT:
            return None
        share = _HUNDRED / (_HUNDRED + row.vat)
        net, listed = round_ore(row.total.amount * share), row.price.amount * share
        if row.quantity:
            listed = max(listed, net / row.quantity)
        price = listed.quantize(_ORE, ROUND_CEILING)
        off = round_ore(price * row.quantity) - net
        made.append(
            replace(
                row,
                price=Money(price, row.price.currency),
                discount=off,
                discount_kind="amount" if off else ABSENT,
                total=Money(net, row.total.currency),
            )
        )
    return tuple(made)


def _total(row: Row) -> Decimal:
    quantity = Decimal(0) if row.quantity is ABSENT else row.quantity
    price = Decimal(0) if row.price is ABSENT else row.price.amount
    discount = Decimal(0) if row.discount is ABSENT else row.discount
    return row_total(Priced(quantity, price, Decimal(0), discount, str(row.discount_kind or "percent")), "row")
