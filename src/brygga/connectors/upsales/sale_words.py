"""A document of Fortnox in the words of a sale: prices without VAT, and a product on each row. Pure. Rows UPS-25 and UPS-28.

Upsales knows neither VAT nor rows without a product (systems.md 4.1). Such rows are told to Upsales and never written back: Fortnox
alone knows what they were.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from brygga.connectors.upsales.settings import Settings
from brygga.core.document import Document, Row
from brygga.core.net_rows import at_net, stands_otherwise
from brygga.core.policy import RIGHT, Side
from brygga.core.record import ABSENT


def in_words_of_a_sale(settings: Settings) -> Callable[[Side, Document], Document]:
    """Return what says a document as a sale can hold it; what cannot be said to the öre is left as it is, and waits."""

    def said(side: Side, document: Document) -> Document:
        if side != RIGHT or document.rows is ABSENT:
            return document
        rows = tuple(_with_article(row, settings.free_row_article) for row in document.lines)
        found = document if rows == document.rows else replace(document, rows=rows)
        return at_net(found, whole_ore=True, articles=settings.head_articles)

    return said


def is_told_only(document: Document, settings: Settings) -> bool:
    """Say whether a document's rows stand otherwise in Fortnox than a sale shows them, so that they are changed there alone."""
    free = settings.free_row_article
    if stands_otherwise(document, settings.head_articles):
        return True
    return bool(free) and any(row.article_number == free for row in document.lines)


def _with_article(row: Row, article: str) -> Row:
    return replace(row, article_number=article) if article and not row.is_text and not row.article_number else row
