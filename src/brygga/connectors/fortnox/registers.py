"""What a run looks up in Fortnox' registers, each record once: articles, customers' cards, prices. Nothing is kept from run to run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from brygga.clients.fortnox import Fortnox, wire
from brygga.connectors.fortnox.accounts import RATES, Accounts, candidates, charged
from brygga.connectors.fortnox.card import currency_of
from brygga.connectors.fortnox.map import undecided
from brygga.connectors.fortnox.settings import Settings
from brygga.connectors.settings import CARD_TERMS
from brygga.core.document import Article, Document, Row
from brygga.core.money import ZERO, Money, percent_text
from brygga.core.record import ABSENT
from brygga.core.totals import STANDARD_RATE, WITHOUT_VAT
from brygga.errors import BadData, NotFound

BY_LIST: Final = 20
"""From so many numbers on the register is listed, 500 a request, instead of asked for one by one."""
KRONOR: Final = "SEK"
"""Prices of Fortnox' lists are kept without a currency (section 9.3); ours are kronor."""
ACCOUNTS: Final[Mapping[str, str]] = {
    "sales_account": "SalesAccount",
    "eu_account": "EUAccount",
    "eu_vat_account": "EUVATAccount",
    "export_account": "ExportAccount",
    "construction_account": "ConstructionAccount",
    "purchase_account": "PurchaseAccount",
}

Raw = Mapping[str, Any]


class Registers:
    """The registers of one Fortnox as one run sees them. `from_card`: what new documents take from the customer's card."""

    def __init__(self, client: Fortnox, settings: Settings | None = None) -> None:
        self._client = client
        self._settings = settings or Settings()
        self.accounts = Accounts(client)
        self.from_card: frozenset[str] = frozenset(CARD_TERMS)
        self._articles: dict[str, Article | None] = {}
        self._services: set[str] = set()
        self._house_work: set[str] = set()
        self._cards: dict[str, Raw | None] = {}
        self._prices: dict[tuple[str, str], Sequence[Raw]] = {}
        self._first: str | None = None
        self._predefined: dict[str, str] | None = None

    def articles(self, numbers: Collection[str], *, accounts: bool = False) -> dict[str, Article]:
        """Return the articles with these numbers, those that are there; see `Books.articles`."""
        unknown = {number for number in numbers if number and not self._knows(number, accounts)}
        if len(unknown) > BY_LIST and not accounts:
            for row in self._client.articles.list(filter="active"):
                # A price or percent of the list may be missing without being none: such an article is asked for (section 6.6).
                if row.get("Housework") is True:
                    self._house_work.add(str(row["ArticleNumber"]))
                if row.get("VAT") not in (None, "", wire.NO_RIGHT):
                    self._articles.setdefault(str(row["ArticleNumber"]), _article(row, True))
        for number in sorted(number for number in unknown if not self._knows(number, accounts)):
            self._articles[number] = self._asked_for(number)
        return {number: article for number in numbers if (article := self._articles.get(number)) is not None}

    def _knows(self, number: str, accounts: bool) -> bool:
        held = self._articles.get(number)
        return number in self._articles and (not accounts or held is None or held.sales_account is not ABSENT)

    def predefined(self) -> Mapping[str, str]:
        """Return the predefined accounts; see `Books.predefined`."""
        if self._predefined is None:
            rows = self._client.predefined_accounts.list()
            self._predefined = {str(row.get("Name")): str(row.get("Account") or "") for row in rows}
        return self._predefined

    def _asked_for(self, number: str) -> Article | None:
        try:
            raw = self._client.articles.get(number)
        except NotFound:
            return None
        if raw.get("Housework") is True:
            self._house_work.add(number)
        if raw.get("Type") == "SERVICE":
            self._services.add(number)
        return _article(raw, raw.get("Active") is not False)

    def _with_accounts(self, number: str) -> Article | None:
        """Return an article with its accounts, which the list does not show."""
        article = self.articles([number]).get(number) if number else None
        if article is not None and article.sales_account is ABSENT:
            self._articles[number] = article = self._asked_for(number)
        return article

    def card(self, number: str) -> Raw | None:
        """Return a customer's card, None where there is no such customer."""
        if number not in self._cards:
            try:
                self._cards[number] = self._client.customers.get(number)
            except NotFound:
                self._cards[number] = None
        return self._cards[number]

    def forget(self, kind: str, id: str) -> None:
        """Read a record anew when it is asked for next: it was written."""
        match kind:
            case "article":
                self._articles.pop(id, None)
            case "customer":
                self._cards.pop(id, None)
            case "account":
                self.accounts.forget()

    def present(self, kind: str, ids: Collection[str]) -> set[str] | None:
        """Return those of *ids* that are there and active, as far as this run's registers say it; None for another kind.

        An account without a day is there when some year has it.
        """
        if kind == "article":
            return {number for number, article in self.articles(ids).items() if article.active}
        if kind == "customer" and len(ids) <= BY_LIST:
            cards = {number: self.card(number) for number in sorted(ids)}
            return {number for number, card in cards.items() if card is not None and card.get("Active") is not False}
        if kind == "account":
            return {id for id in ids if " " in id and self.accounts.there(*id.split(" "))} | self.accounts.anywhere(
                {id for id in ids if " " not in id}
            )
        if kind == "financial_year":
            return {id for id in ids if self.accounts.has_year(date.fromisoformat(id))}
        if kind == "account_rate":
            chart = self.accounts.chart()
            pairs = {id: id.partition(" ") for id in ids}
            there = chart.codes if chart is not None else {}
            # An account that is not there at all is another matter.
            return {
                id for id, (one, _, rate) in pairs.items() if chart is None or one not in there or chart.fits(one, Decimal(rate))
            }
        return None

    def price(self, price_list: str, article: str, quantity: Decimal) -> Decimal | None:
        """Return an article's price at a quantity in a list, else in the one chosen beforehand; None where neither has one.

        Fortnox fills in 0 from quantity 0 where nobody set a price, so that is none (docs/rules/absent.md).
        """
        for code in dict.fromkeys((price_list or self._chosen_beforehand(), self._chosen_beforehand())):
            if (code, article) not in self._prices:
                self._prices[code, article] = self._steps(code, article)
            reached = [step for step in self._prices[code, article] if _from_quantity(step) <= abs(quantity)]
            best = max(reached, key=_from_quantity, default=None)
            amount = wire.amount(best.get("Price")) if best is not None else None
            if best is not None and amount is not None and (amount or _from_quantity(best)):
                return amount
        return None

    def _steps(self, code: str, article: str) -> Sequence[Raw]:
        try:
            return self._client.prices.of_article(code, article)
        except NotFound:
            return ()

    def _chosen_beforehand(self) -> str:
        if self._first is None:
            rows = list(self._client.price_lists.list())
            self._first = next((str(row["Code"]) for row in rows if row.get("PreSelected") in (True, "true")), "A")
        return self._first

    # ------------------------------------------------------------------------------------------------ documents

    def completed(self, document: Document) -> Document:
        """Return a document with what it leaves to Fortnox; see `Books.completed`."""
        lines = document.lines
        rows = self.with_accounts(document, self.rows(document, lines))
        if not document.tax_reduction_kind or document.tax_reduction_kind == "none":
            rows = tuple(self._no_house_work(row) for row in rows)
        wanted = {name for name in ("freight", "fee") if name in self.from_card and getattr(document, name) is ABSENT}
        found = self._amounts(document, wanted) if wanted else {}
        if rows == lines and not found:
            return document
        return replace(document, rows=rows if rows != lines else document.rows, currency=currency_of(document), **found)

    def rows(self, document: Document, rows: Sequence[Row]) -> tuple[Row, ...]:
        """Return rows with price, percent, unit and text of their articles where they have none. Raises BadData."""
        lacking = {str(row.article_number) for row in rows if _lacks(row) and row.article_number}
        articles = self.articles(lacking) if lacking else {}
        return tuple(self._row(document, row, place, articles) if _lacks(row) else row for place, row in enumerate(rows, 1))

    def _row(self, document: Document, row: Row, place: int, articles: Mapping[str, Article]) -> Row:
        number = str(row.article_number or "")
        facts = _facts(row, place)
        if row.quantity is ABSENT:
            raise _incomplete("Row {row} ({text}) has no quantity.", "Enter the quantity of the row.", facts)
        article = articles.get(number)
        if article is None and (number or row.price is ABSENT or row.account):
            raise _incomplete(
                "Row {row} ({text}) has no price or no VAT rate, and no article in Fortnox that says it.",
                "Complete the row, or choose an article on it.",
                facts,
            )
        return replace(
            row,
            price=row.price if row.price is not ABSENT else self._price_of(document, row, facts),
            vat=row.vat if row.vat is not ABSENT else self._percent_of(document, article, facts),
            unit=row.unit or (article.unit if article is not None else ABSENT),
            description=row.description or (article.name if article is not None else ABSENT),
        )

    def _price_of(self, document: Document, row: Row, facts: Mapping[str, str]) -> Money:
        currency = currency_of(document)
        if currency != KRONOR:
            raise _incomplete(
                "Row {row} ({text}) has no price; that of article {article} in Fortnox is in kronor, and the document in {currency}.",
                "Enter the price of the row.",
                {**facts, "currency": currency},
            )
        card = self.card(str(document.customer_number or "")) or {}
        code = str(document.price_list or card.get("PriceList") or "")
        # A list may be kept in its customers' currency, and does not say so (section 9.3): only the one chosen beforehand is the company's own.
        theirs = str(card.get("Currency") or KRONOR)
        if theirs != KRONOR and code not in ("", self._chosen_beforehand()):
            raise _incomplete(
                "Row {row} ({text}) has no price; that of article {article} stands in price list {list}, and whether it is kronor or {currency}, "
                "the currency of the customer in Fortnox, is not said there.",
                "Enter the price of the row.",
                {**facts, "list": code, "currency": theirs},
            )
        amount = self.price(code, str(row.article_number), ZERO if row.quantity is ABSENT else row.quantity)
        if amount is None:
            raise _incomplete(
                "Row {row} ({text}) has no price, and article {article} has none in Fortnox.",
                "Enter the price on the row, 0 where it is free, or give the article a price in Fortnox.",
                facts,
            )
        return Money(amount, currency)

    def _percent_of(self, document: Document, article: Article | None, facts: Mapping[str, str]) -> Decimal:
        """Return the percent of the article; of a row without one that of Fortnox' predefined sales account (SALES: 25 %)."""
        card = self.card(str(document.customer_number or "")) or {}
        if (document.vat_type or card.get("VATType")) in WITHOUT_VAT:
            return ZERO
        if article is None:
            return STANDARD_RATE
        if article.vat is ABSENT:
            raise _incomplete(
                "Row {row} ({text}) has no VAT rate, and article {article} has none in Fortnox.",
                "Enter the VAT rate of the row, or choose a sales account with a rate for the article in Fortnox.",
                facts,
            )
        return article.vat

    def with_accounts(self, document: Document, rows: Sequence[Row]) -> tuple[Row, ...]:
        """Return rows that each state an account which stands for their rate (see `accounts`).

        A row's own account stays, and has to be there in the year of the document and to stand for no other rate. Without an account that fits the row waits: Fortnox
        would take any, and revenue and VAT would land in different boxes. Raises BadData.
        """
        if not all(row.is_text for row in rows):
            self._vat_is_decided(document)
        return tuple(row if row.is_text else self._on_account(document, row, place) for place, row in enumerate(rows, 1))

    def _vat_is_decided(self, document: Document) -> None:
        """Raise BadData while nobody has said how a company elsewhere in the EU with a VAT number is sold to."""
        if document.vat_type or not document.customer_number:
            return
        customer = undecided(self.card(str(document.customer_number)) or {}, self._settings)
        if customer is not None:
            raise _incomplete(
                "Customer {customer}, {name}, is a company in {country} with the VAT number {vat}, and has Swedish VAT in Fortnox. That the "
                "number does not count has not been said.",
                "Check the number (VIES), and change the customer's VAT type in Fortnox to reverse charge. Where Swedish VAT is right, choose "
                "“unconfirmed” under VAT-nummer i EU in the settings of Fortnox.",
                {
                    "customer": str(customer.number or ""),
                    "name": str(customer.name or ""),
                    "country": str(customer.invoice_country or customer.visiting_country or customer.delivery_country or ""),
                    "vat": str(customer.vat_number or ""),
                },
            )

    def _on_account(self, document: Document, row: Row, place: int) -> Row:
        number = str(row.article_number or "")
        facts = _facts(row, place)
        chart = self.accounts.chart(document.date)
        if row.account:
            if chart is not None and row.account not in chart.codes:
                raise _incomplete(
                    "Row {row} ({text}): account {account} is not in Fortnox' chart for that day's year, or is inactive.",
                    "Add the account in Fortnox for that financial year, or correct the row.",
                    {**facts, "account": str(row.account)},
                )
            if chart is not None and row.vat is not ABSENT and chart.denies(str(row.account), row.vat):
                raise _incomplete(
                    "Row {row} ({text}) has {rate} % VAT, and account {account} stands for {own} % in Fortnox.",
                    "Correct the account or the rate of the row, or the VAT code of account {account} in Fortnox.",
                    {
                        **facts,
                        "rate": percent_text(row.vat),
                        "account": str(row.account),
                        "own": f"{RATES[chart.codes[row.account]]:f}",
                    },
                )
            return row
        if row.vat is ABSENT or row.vat != row.vat.to_integral_value():
            return row
        card = (self.card(str(document.customer_number)) if document.customer_number else None) or {}
        kind = str(document.vat_type or card.get("VATType") or ("SEVAT" if document.customer_number else ""))
        if not charged(kind, row.vat):
            raise _incomplete(
                "Row {row} ({text}) has {rate} % VAT, and customer {customer} is sold to without VAT in Fortnox ({kind}).",
                "Correct the row's rate, or the customer's VAT type in Fortnox.",
                {**facts, "rate": percent_text(row.vat), "customer": str(document.customer_number or ""), "kind": kind},
            )
        if not kind:
            return row
        article = self._with_accounts(number)
        if chart is None:
            return self._unseen(row, article, kind, card, facts)
        service = row.supply == "services" or number in self._services
        named = candidates(kind, row.vat, article, service, str(card.get("SalesAccount") or ""))
        seen = [one if sort == "account" else self.accounts.predefined(one) for sort, one in named]
        fitting = next((one for one in seen if one and chart.fits(one, row.vat)), "")
        if not fitting:
            raise _incomplete(
                "Row {row} ({text}) has {rate} % VAT, and no account of Fortnox stands for it ({accounts}).",
                "Choose a sales account for that rate on article {article}, or predefined in Fortnox, or correct the row's rate.",
                {**facts, "rate": percent_text(row.vat), "accounts": ", ".join(dict.fromkeys(filter(None, seen))) or "–"},
            )
        return replace(row, account=fitting)

    def _unseen(self, row: Row, article: Article | None, kind: str, card: Raw, facts: Mapping[str, str]) -> Row:
        """Return a row whose account is known without the chart: the article's rate is that of its own account (accounting.md 1.2)."""
        if article is not None and kind == "SEVAT" and article.vat == row.vat:
            return replace(row, account=str(article.sales_account)) if article.sales_account else row
        raise _incomplete(
            "Row {row} ({text}): the connection may not read Fortnox' chart of accounts, so no account was chosen.",
            "Give the connection the right to the bookkeeping in Fortnox (connect it again), or an account on the row.",
            facts,
        )

    def _no_house_work(self, row: Row) -> Row:
        """Return a row that is no house work where its document has none: it would inherit the article's kind (section 9.2; error 2004019)."""
        inherits = str(row.article_number or "") in self._house_work
        if not inherits or row.house_work is not ABSENT or row.house_work_type is not ABSENT:
            return row
        return replace(row, house_work=False, house_work_type="")

    def _amounts(self, document: Document, wanted: Collection[str]) -> dict[str, Any]:
        """Return freight and fee of the card, which are in the card's currency. Raises BadData for a document in another: nobody has said the rate."""
        card = self.card(str(document.customer_number or "")) or {}
        fields = {"freight": "InvoiceFreight", "fee": "InvoiceAdministrationFee"}
        amounts = {name: amount for name, field in fields.items() if name in wanted and (amount := wire.amount(card.get(field)))}
        theirs, currency = str(card.get("Currency") or KRONOR), currency_of(document)
        if amounts and theirs != currency:
            raise _incomplete(
                "The document is in {currency}, and customer {customer} has freight or a fee of {amount} {theirs} in Fortnox.",
                "Take freight and fee off the customer in Fortnox, or choose under Hämtas från kundkortet i Fortnox in the settings that they are not taken from there.",
                {
                    "currency": currency,
                    "customer": str(document.customer_number or ""),
                    "amount": " + ".join(percent_text(amount) for amount in amounts.values()),
                    "theirs": theirs,
                },
            )
        return {name: Money(amount, currency) for name, amount in amounts.items()}


def _lacks(row: Row) -> bool:
    return not row.is_text and (row.price is ABSENT or row.vat is ABSENT or row.quantity is ABSENT)


def _facts(row: Row, place: int) -> dict[str, str]:
    number = str(row.article_number or "")
    return {"row": str(place), "text": str(row.description or number), "article": number or "–"}


def _incomplete(template: str, repair: str, facts: Mapping[str, str]) -> BadData:
    return BadData(template, repair=repair, **facts)


def _from_quantity(step: Raw) -> Decimal:
    return wire.amount(step.get("FromQuantity")) or ZERO


def _article(raw: Raw, active: bool) -> Article:
    vat, price = (
        wire.amount(raw[name]) if raw.get(name) not in (None, "", wire.NO_RIGHT) else None for name in ("VAT", "SalesPrice")
    )
    accounts: dict[str, Any] = {
        name: "" if raw[field] in (0, "0", None, "") else str(raw[field]) for name, field in ACCOUNTS.items() if field in raw
    }
    return Article(
        number=str(raw["ArticleNumber"]),
        name=str(raw.get("Description") or ""),
        unit=str(raw.get("Unit") or ""),
        vat=ABSENT if vat is None else vat,
        list_price=ABSENT if price is None else Money(price, KRONOR),
        active=active,
        **accounts,
    )
