"""Which articles go over, and what is told of those that do not: helpers are no goods, and absent is not zero (TXT-17 to TXT-20). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from brygga.connectors.textalk.settings import Settings
from brygga.core.document import Article
from brygga.core.money import Money, percent_text
from brygga.core.plan import Hold, Skip
from brygga.core.policy import LEFT, RIGHT, Side
from brygga.core.record import ABSENT, Value
from brygga.core.vat import SWEDISH_RATES
from brygga.errors import Sentence


def priced(side: Side, article: Article) -> Article:
    """Return the article without a price where Fortnox has 0: its list holds an entry of 0 for every article that nobody priced (9.3)."""
    if side == RIGHT and isinstance(article.list_price, Money) and not article.list_price.amount:
        return replace(article, list_price=ABSENT)
    return article


def admits_import(settings: Settings, side: Side, article: Article) -> Skip | Hold | None:
    """Say why an article of Fortnox is not put in the shop: it is inactive, no goods, or lacks what it is sold by."""
    facts = _facts(article)
    if (why := guards_import(settings, LEFT, article)) is not None:
        return why
    if not isinstance(article.list_price, Money) or not article.list_price.amount:
        return Hold(
            Sentence("Article {number}, {name}, has no price in Fortnox, so it is not put in the shop.", facts),
            "TXT-19",
            Sentence("Give article {number} a price in Fortnox, or make it inactive there if it is not to be sold.", facts),
        )
    if article.vat is ABSENT:
        return Hold(
            Sentence("Article {number}, {name}, has no VAT rate in Fortnox, so it is not put in the shop.", facts),
            "TXT-19",
            Sentence("Choose a sales account with a VAT rate for article {number} in Fortnox.", facts),
        )
    return None


def admits_export(settings: Settings, side: Side, article: Article) -> Skip | Hold | None:
    """Say why an article of the shop is not made in Fortnox: it is hidden, or its rate is none that an article there can have."""
    facts = _facts(article)
    if (why := guards_export(RIGHT, article)) is not None:
        return why
    if article.vat is ABSENT or article.vat not in SWEDISH_RATES:
        facts["rate"] = "" if article.vat is ABSENT else percent_text(article.vat)
        return Hold(
            Sentence(
                "Article {number}, {name}, has the VAT rate “{rate}” in the shop, which no article of Fortnox can have.", facts
            ),
            "TXT-17",
            Sentence("Give it a Swedish VAT rate in the shop, or make article {number} by hand in Fortnox.", facts),
        )
    return None


def guards_import(settings: Settings, side: Side, article: Article) -> Skip | None:
    """Say why an article of Fortnox is neither put in the shop nor changed there: it is inactive, or no goods."""
    if side == RIGHT:
        return None
    if article.active is False:
        return _rests(article)
    if article.number in settings.helpers:
        sentence = "Article {number}, {name}, stands for no goods, so it is not put in the shop."
        return Skip(Sentence(sentence, _facts(article)), "TXT-06")
    return None


def guards_export(side: Side, article: Article) -> Skip | None:
    """Say why an article of the shop is neither made in Fortnox nor changed there: it is hidden or a draft."""
    return _rests(article) if side == RIGHT and article.active is False else None


def _rests(article: Article) -> Skip:
    return Skip(Sentence("Article {number}, {name}, is hidden or inactive, so it is not brought over.", _facts(article)), "TXT-17")


def with_account(settings: Settings, side: Side, article: Article) -> Article:
    """Return a new article for Fortnox with the sales account of its kind and rate, from which its VAT there follows (accounting.md 1.2)."""
    if article.vat is ABSENT:
        return article
    supply = "services" if article.number in settings.services else "goods"
    account = settings.accounts.get(f"{supply} {percent_text(article.vat)}", "")
    return replace(article, supply=supply, sales_account=account)


def same_rate(left: Article, right: Article) -> Hold | None:
    """Say that an article has one VAT rate in the shop and another in Fortnox: neither is changed, as its account hangs on it."""
    if left.vat is ABSENT or right.vat is ABSENT or left.vat == right.vat:
        return None
    facts = {**_facts(left), "left": percent_text(left.vat), "right": percent_text(right.vat)}
    return Hold(
        Sentence("Article {number}, {name}, has {left} percent VAT in the shop and {right} in Fortnox.", facts),
        "TXT-17",
        Sentence("Correct the VAT in the shop, or the sales account of article {number} in Fortnox.", facts),
    )


def lost_price(base: Mapping[str, Value], left: Article, right: Article) -> Hold | None:
    """Say that an article which had a price has none in Fortnox any more; the shop's stays (absent is not zero)."""
    before = base.get("list_price")
    now = right.list_price
    if not isinstance(before, Money) or not before.amount or (isinstance(now, Money) and now.amount):
        return None
    kept = left.list_price.amount if isinstance(left.list_price, Money) else ""
    facts = {**_facts(right), "before": f"{before.amount}", "kept": f"{kept}"}
    return Hold(
        Sentence(
            "The price of article {number}, {name}, {before}, was taken away in Fortnox; the shop keeps its own, {kept} without VAT.",
            facts,
        ),
        "TXT-19",
        Sentence("Give article {number} a price in Fortnox again, or hide it in the shop if it is not to be sold.", facts),
    )


def _facts(article: Article) -> dict[str, str]:
    return {"number": str(article.number or ""), "name": str(article.name or "")}
