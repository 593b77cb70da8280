"""Which account a row gets when its article has one of its own in Fortnox, and whether a sale without VAT in Sweden has a reason. Pure.

A chosen value beats a default: the account that a person chose for an article comes before the table of rates (TXT-12), unless the
settings let the table govern; the one that Fortnox fills in by itself (accounting.md 1.2) is no choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from brygga.connectors.textalk.settings import Settings
from brygga.core.document import Article, Document, Row
from brygga.core.money import percent_text
from brygga.core.plan import Hold
from brygga.core.record import ABSENT
from brygga.errors import Sentence

FIELD: Final[Mapping[str, str]] = {
    "SEVAT": "sales_account",
    "EUVAT": "eu_vat_account",
    "EUREVERSEDVAT": "eu_account",
    "EXPORT": "export_account",
}
"""VAT type of the customer -> the article's account for it (accounting.md 1.4)."""
FILLED: Final[Mapping[str, tuple[str, ...]]] = {
    "sales_account": (
        "SALES",
        "SALES2",
        *(f"SALES_{rate}_SE{twin}" for rate in ("25", "12", "6", "0") for twin in ("", "2")),
    ),
    "eu_vat_account": ("SALESEUVAT", "SALESEUVAT2"),
    "eu_account": ("SALESEUREV", "SALESEUREV2"),
    "export_account": ("SALESEXPORT", "SALESEXPORT2"),
}
"""The article's account -> the predefined accounts that Fortnox fills it with."""


def numbers_of(document: Document) -> list[str]:
    """Return the articles whose own accounts count: those of all rows."""
    return sorted({str(row.article_number) for row in document.lines if row.article_number})


def accounted(
    settings: Settings, document: Document, articles: Mapping[str, Article], predefined: Mapping[str, str]
) -> Document | Hold:
    """Return the document with its rows' final accounts, or why it waits.

    articles    the articles of its rows that Fortnox has, with their accounts
    predefined  Fortnox' predefined accounts, name -> number
    """
    rows: list[Row] = []
    for row in document.lines:
        article = articles.get(str(row.article_number or ""))
        if article is None or row.is_text or row.article_number == settings.other_article:
            rows.append(row)
            continue
        hold = _without_reason(document, row, article, settings)
        made = _with_own(document, row, article, predefined, settings) if hold is None else hold
        if isinstance(made, Hold):
            return made
        rows.append(made)
    return document if tuple(rows) == document.lines else replace(document, rows=tuple(rows))


def _without_reason(document: Document, row: Row, article: Article, settings: Settings) -> Hold | None:
    """Hold a sale without VAT in Sweden of an article that carries VAT in Fortnox: 0 percent needs a reason (accounting.md 1.3)."""
    if document.vat_type != "SEVAT" or row.vat != 0 or row.article_number in settings.helpers or article.vat == 0:
        return None
    facts = _facts(document, row, article)
    return Hold(
        Sentence(
            "Order {order} sells {article} ({name}) without VAT in Sweden, and the article carries {own} percent in Fortnox.", facts
        ),
        "TXT-12",
        Sentence(
            "Correct the VAT in the shop; or, where there is a reason, give article {article} a sales account without VAT in Fortnox, such "
            "as 3004, or 2421 for a gift card.",
            facts,
        ),
    )


def _with_own(document: Document, row: Row, article: Article, predefined: Mapping[str, str], settings: Settings) -> Row | Hold:
    """Return the row with its article's own account, where that was chosen and the settings do not let the table govern."""
    field = FIELD.get(str(document.vat_type))
    if settings.article_accounts == "table" or field is None or row.account in settings.one_stop_accounts:
        return row
    own = str(getattr(article, field) or "")
    if not own or own in {predefined.get(name, "") for name in FILLED[field]} or own == row.account:
        return row
    if field == "eu_vat_account" and article.vat != row.vat:
        return row
    if field == "sales_account" and article.vat is not ABSENT and article.vat != row.vat:
        if row.article_number in settings.helpers:
            # Freight and discounts serve every rate; their own account is for one of them.
            return row
        facts = {**_facts(document, row, article), "account": own, "rate": percent_text(row.vat) if row.vat is not ABSENT else ""}
        return Hold(
            Sentence(
                "Order {order} sells {article} ({name}) at {rate} percent VAT, and the account that was chosen for the article in Fortnox, "
                "{account}, is for {own} percent.",
                facts,
            ),
            "TXT-12",
            Sentence(
                "Correct the account of article {article} in Fortnox or its VAT in the shop; or choose “table” under “Artikelns eget konto”.",
                facts,
            ),
        )
    if row.article_number in settings.helpers and _by_rate(row, settings):
        return row
    return replace(row, account=own)


def _by_rate(row: Row, settings: Settings) -> bool:
    """Say whether a person chose an account for this row's article at its rate."""
    tables = {
        settings.freight_article: settings.freight_accounts,
        settings.fee_article: settings.fee_accounts,
        settings.discount_article: settings.discount_accounts,
    }
    return row.vat is not ABSENT and percent_text(row.vat) in tables.get(str(row.article_number), {})


def _facts(document: Document, row: Row, article: Article) -> dict[str, str]:
    return {
        "order": str(document.subject or ""),
        "article": str(row.article_number),
        "name": str(row.description or article.name or ""),
        "own": "?" if article.vat is ABSENT else percent_text(article.vat),
    }
