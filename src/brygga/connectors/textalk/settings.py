"""What a person chooses for Textalk Webshop, in the words of the shop's own Fortnox page (rows TXT-06 to TXT-23)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from brygga.connectors import settings as table
from brygga.connectors.settings import Choice, Setting, Source, Wrong, named, words
from brygga.core.webshop import SHOP_DOCUMENTS, ShopSettings
from brygga.errors import SettingsError

if TYPE_CHECKING:
    from brygga.connectors.textalk.order_vat import Taxed

BAS: Final[Mapping[str, str]] = {
    f"{supply} {rate}": account
    for supply in ("goods", "services")
    for rate, account in (("25", "3001"), ("12", "3002"), ("6", "3003"), ("0", "3004"))
}
"""The usual filling of the table of sales accounts (TXT-13)."""
ABROAD: Final[Mapping[str, str]] = {
    "goods eu": "3108",
    "services eu": "3308",
    "goods export": "3105",
    "services export": "3305",
    "goods euvat": "3106",
}
"""The usual accounts of sales abroad (accounting.md 1.1, 1.3). A taxed service to the EU has none of its own: it stands with those in Sweden."""
INFO_FIELDS: Final[Mapping[str, str]] = {"name": "company", "organisation_number": "orgNumber", "vat_number": "vatNumber"}
OPPOSED: Final = (
    ("export_articles", "import_articles", "TXT-18", "articles"),
    ("export_customers", "import_customers", "TXT-22", "customers"),
)


def _methods(check: table.Check) -> table.Check:
    """A table from payment methods, by name or uid, to a value each."""

    def read_it(value: object) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise Wrong("a table of payment methods is wanted")
        found = {}
        for key, item in value.items():
            try:
                found[str(key).strip()] = check(item)
            except Wrong as wrong:
                raise Wrong(f"{key}: {wrong}") from None
        return found

    return read_it


def _card(value: object) -> Decimal | None:
    """A multi-purpose card is None, a single-purpose one its percent."""
    if value == "multi_purpose":
        return None
    if isinstance(value, str) and re.fullmatch(r"\d{1,2}", value):
        return Decimal(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 100:
        return Decimal(value)
    raise Wrong("multi_purpose or a VAT rate in percent is wanted")


def _account(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not re.fullmatch(r"[1-9]\d{3}", value):
        raise Wrong(f"“{value}” is no account of four digits")
    return value


def _accounts(pattern: str, wanted: str) -> table.Check:
    def read_it(value: object) -> dict[str, str]:
        if not isinstance(value, Mapping):
            raise Wrong("a table is wanted")
        for key in value:
            if not re.fullmatch(pattern, str(key)):
                raise Wrong(f"“{key}” is not {wanted}")
        return {str(key): _account(account) for key, account in value.items()}

    return read_it


def _article(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 50:
        raise Wrong("an article number is wanted")
    return value.strip()


def _list(value: object) -> tuple[str, ...]:
    return () if value == [] else table.texts(value)


def _times(value: object) -> tuple[time, ...]:
    found = table.texts(value)
    for text in found:
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
            raise Wrong(f"“{text}” is no time such as 06:00")
    return tuple(sorted(map(time.fromisoformat, found)))


def _switch(key: str, term: str, help: str, default: bool = False) -> Setting:
    return Setting(key, term, help, default, "true, false", table.switch)


def _number(key: str, term: str, help: str, default: str, makes: str, needed: bool = False) -> Setting:
    source = replace(_ARTICLES, needed=needed)
    allows = "an article number of Fortnox"
    return Setting(key, term, help, default, allows, _article, values=source, makes=makes, unless="create_needed_articles")


_ARTICLES = Source("articles", "fortnox")
_METHODS = Source("payment_methods")


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "export_orders",
        "Exportera order",
        "What happens when an order is registered in the shop: it goes to Fortnox at once, which may take some minutes, at the set "
        "times, or never.",
        "immediately",
        "immediately (uppdatera med detsamma, oppdater med det samme), set_times, never",
        table.one_of("immediately", "set_times", "never"),
        values=words("immediately", "set_times", "never"),
    ),
    Setting(
        "export_times",
        "Tider för order",
        "The times of the day at which orders go to Fortnox where set times are chosen, by Sweden's clocks. A run that a person asks for "
        "takes them at once.",
        ["06:00"],
        "a list of times, such as 06:00",
        _times,
    ),
    Setting(
        "documents",
        "Typ av resurs i Fortnox",
        "What an order becomes in Fortnox, for each payment method of the shop. Orders of a method without a row wait.",
        {},
        "a table from payment method (name or uid) to invoice (faktura), cash_invoice (kontantnota), offer (offert, tilbud) or "
        "order (order, ordre)",
        _methods(table.one_of(*SHOP_DOCUMENTS)),
        keys=_METHODS,
        values=words(*SHOP_DOCUMENTS),
        every=True,
    ),
    Setting(
        "other_payments",
        "Annan betalning",
        "The payment methods that are gift cards, points or store credit: they become a negative row instead of money. A card that "
        "could only buy goods of one rate is named with that rate.",
        {"Presentkort": "multi_purpose"},
        "a table from payment method to multi_purpose or a VAT rate in percent",
        _methods(_card),
        keys=_METHODS,
        values=(Choice("multi_purpose"), *named({"25": "%", "12": "%", "6": "%", "0": "%"})),
        every=True,
    ),
    Setting(
        "paid_methods",
        "Betalda betalningsmetoder",
        "The payment methods whose money has come when the shop says paid: the invoice is booked, and its payment too.",
        {},
        "a table from payment method to the mode of payment in Fortnox, such as KORT",
        _methods(table.text),
        keys=_METHODS,
        values=Source("modes_of_payments", "fortnox"),
        every=True,
    ),
    Setting(
        "cash_ways",
        "Betalningssätt på kontantfaktura",
        "How a cash invoice was paid, for each payment method; one that is not named was paid by card.",
        {},
        "a table from payment method to CASH (kontant), CARD (kort) or AG (autogiro)",
        _methods(table.one_of("CASH", "CARD", "AG")),
        keys=_METHODS,
        values=words("CASH", "CARD", "AG"),
        every=True,
    ),
    Setting(
        "accounts",
        "Försäljningskonton",
        "The sales account for goods and services at each VAT rate. The standard BAS plan is filled in; a row here replaces its own.",
        {},
        "a table from “goods 25” or “services 12” to an account of four digits",
        _accounts(r"(goods|services) \d{1,2}", "goods or services and a rate"),
        keys=words(*BAS),
        values=Source("accounts", "fortnox", begins="3"),
        filled=BAS,
    ),
    Setting(
        "accounts_abroad",
        "Försäljningskonton utanför Sverige",
        "The sales account of sales without VAT to companies in the EU (eu) and to countries outside it (export), of sales to the EU "
        "with 25 percent Swedish VAT (euvat; lower rates stand with those in Sweden), and of each country and rate of the one-stop shop. A "
        "foreign rate without one waits.",
        {},
        "a table from “goods eu”, “services export”, “goods euvat” and the like, or “DE 19”, to an account of four digits",
        _accounts(r"(goods|services) (eu|export|euvat)|[A-Z]{2} \d{1,2}", "a kind of sale abroad, or a country and a rate"),
        keys=words("goods eu", "services eu", "goods export", "services export", "goods euvat", "services euvat"),
        free=True,
        values=Source("accounts", "fortnox", begins="3"),
        filled=ABROAD,
    ),
    Setting(
        "article_accounts",
        "Artikelns eget konto",
        "Which account a row gets: article is the one that was chosen for its article in Fortnox, where that is another than Fortnox "
        "fills in by itself, and else the tables above; table is always the tables.",
        "article",
        "article, table",
        table.one_of("article", "table"),
        values=words("article", "table"),
    ),
    *(
        Setting(
            f"{key}_accounts",
            term,
            f"The account of {what} in Sweden at each VAT rate. A rate that is not named goes to the sales account of the goods.",
            {},
            "a table from “25” to an account of four digits",
            _accounts(r"25|12|6|0", "a Swedish VAT rate"),
            keys=named({"25": "%", "12": "%", "6": "%", "0": "%"}),
            values=Source("accounts", "fortnox", begins="3"),
        )
        for key, term, what in (
            ("freight", "Konton för frakt", "the delivery cost"),
            ("fee", "Konton för avgift", "the payment or invoice fee"),
            ("discount", "Konton för rabatt", "discounts of a whole order"),
        )
    ),
    Setting(
        "freight_vat",
        "Moms på frakt och avgift",
        "split: delivery cost and fee carry the VAT of the goods, shared by their value, and an order where the shop says otherwise "
        "waits. shop: each carries the one rate that the shop says.",
        "split",
        "split, shop",
        table.one_of("split", "shop"),
        values=words("split", "shop"),
    ),
    Setting(
        "eu_vat_numbers",
        "VAT-nummer i EU från butiken",
        "shop: a company's VAT number is checked (VIES) before the shop sells to it without VAT, so one that is right in form counts. "
        "listed: such an order waits until its number stands among the confirmed ones.",
        "listed",
        "shop, listed",
        table.one_of("shop", "listed"),
        values=words("shop", "listed"),
    ),
    table.CONFIRMED_VAT_NUMBERS,
    Setting(
        "services",
        "Tjänster",
        "The article numbers that are services; all others are goods.",
        [],
        "a list of article numbers",
        _list,
        values=_ARTICLES,
    ),
    _number(
        "discount_article", "Artikel för rabatt", "The article of discounts, made by hand in Fortnox.", "Rabatt", "Rabatt", True
    ),
    _number(
        "other_article",
        "Artikel för annan betalning",
        "The article of gift cards and the like, made by hand.",
        "Annan-betalning",
        "Annan betalning",
        True,
    ),
    _number("freight_article", "Artikel för frakt", "The article of the delivery cost.", "Frakt", "Frakt"),
    _number("fee_article", "Artikel för avgift", "The article of the payment or invoice fee.", "Avgift", "Avgift"),
    _switch(
        "create_needed_articles",
        "Skapa artiklar som saknas",
        "Whether the four articles above, and articles of order rows, are made in Fortnox when they are missing there.",
    ),
    Setting(
        "gift_card_account",
        "Konto för presentkort",
        "The account of gift cards.",
        "2421",
        "four digits",
        _account,
        values=Source("accounts", "fortnox", begins="2"),
    ),
    _switch(
        "cancel_in_fortnox",
        "Makulera i Fortnox när ordern makuleras",
        "Whether an order that is cancelled in the shop cancels its document, while that is neither booked nor sent. Else a person is told.",
    ),
    _switch(
        "credit_in_fortnox",
        "Kreditera i Fortnox när ordern makuleras",
        "Whether an order that is cancelled in the shop when its invoice is booked already gets a credit invoice of the whole, which is "
        "left for a person to book. Else a person is told.",
    ),
    _switch(
        "export_articles",
        "Exportera artikel vid tillägg/ändring",
        "Whether an article goes to Fortnox when it is added or changed in the shop. Not together with the import.",
    ),
    _switch(
        "import_articles",
        "Artikelimport",
        "Whether article information is fetched from Fortnox at the set times, such as 10:10 every day. Not together with the export.",
    ),
    _switch(
        "export_customers",
        "Exportera kundlista",
        "Whether new and changed customers of the shop go to Fortnox at the set times. Not together with the import.",
    ),
    _switch(
        "import_customers",
        "Importera kund",
        "Whether new and changed customers of Fortnox are put in the shop at the set times. Not together with the export.",
    ),
    Setting(
        "info_fields",
        "Egna kundfält",
        "In which of the shop's own customer fields the company name, organisation number and VAT number stand.",
        {},
        "a table of name, organisation_number, vat_number",
        table.mapping(tuple(INFO_FIELDS), table.text),
        keys=words(*INFO_FIELDS),
        values=Source("customer_fields", whole=False),
        filled=INFO_FIELDS,
    ),
    # An order of the shop is what the buyer agreed to: its addresses and its total are its own.
    table.from_card(*table.CARD_TERMS, *table.CARD_OBJECTS, never=("delivery_address", *table.CARD_AMOUNTS)),
    table.ACCEPTED_DIFFERENCES,
    Setting(
        "brake",
        "Broms",
        "A sync that would change more than this share of the linked records (counted from 20 on) stops before it writes.",
        0.30,
        "a number above 0, at most 1",
        table.share,
    ),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one shop, checked. `other_payments`: None for a multi-purpose card, else its percent."""

    export_orders: str
    export_times: tuple[time, ...]
    documents: Mapping[str, str]
    other_payments: Mapping[str, Decimal | None]
    paid_methods: Mapping[str, str]
    cash_ways: Mapping[str, str]
    accounts: Mapping[str, str]
    accounts_abroad: Mapping[str, str]
    chosen_abroad: frozenset[str]
    """Those of `accounts_abroad` that a person named."""
    article_accounts: str
    freight_accounts: Mapping[str, str]
    fee_accounts: Mapping[str, str]
    discount_accounts: Mapping[str, str]
    freight_vat: str
    eu_vat_numbers: str
    confirmed_vat_numbers: tuple[str, ...]
    services: tuple[str, ...]
    discount_article: str
    other_article: str
    freight_article: str
    fee_article: str
    create_needed_articles: bool
    gift_card_account: str
    cancel_in_fortnox: bool
    credit_in_fortnox: bool
    export_articles: bool
    import_articles: bool
    export_customers: bool
    import_customers: bool
    info_fields: Mapping[str, str]
    from_card: tuple[str, ...]
    accepted_differences: tuple[str, ...]
    brake: float

    @property
    def order_times(self) -> tuple[time, ...]:
        """The times of the day at which orders are read; none where they are read at once (TXT-14)."""
        return self.export_times if self.export_orders == "set_times" else ()

    @property
    def helpers(self) -> frozenset[str]:
        """The articles that are no goods: they stand for a discount, another payment, freight and fees (TXT-06)."""
        return frozenset((self.discount_article, self.other_article, self.freight_article, self.fee_article))

    @property
    def one_stop_accounts(self) -> frozenset[str]:
        """The accounts of the one-stop shop, one for each country and rate."""
        return frozenset(account for key, account in self.accounts_abroad.items() if key[:2].isupper())

    def rows(self, how: Taxed, rates: Sequence[Decimal]) -> ShopSettings:
        """Return what the rows of an order need, with the accounts of its sales and of what goes with them at these rates."""
        return ShopSettings(
            discount_article=self.discount_article,
            other_article=self.other_article,
            freight_article=self.freight_article,
            fee_article=self.fee_article,
            gift_card_account=self.gift_card_account,
            sales=how.accounts,
            freight_accounts=how.of_rates(self.freight_accounts, rates),
            fee_accounts=how.of_rates(self.fee_accounts, rates),
            discount_accounts=how.of_rates(self.discount_accounts, rates),
        )


def read(given: Mapping[str, object], place: str = "settings") -> Settings:
    """Read a shop's settings. Raises SettingsError naming the place, the key and what is allowed.

    Export and import of the same kind are refused together: without a common base each would overwrite the other (ruling D4).
    """
    values = table.read(SETTINGS, given, place)
    values["accounts"] = {**BAS, **values["accounts"]}
    values["chosen_abroad"] = frozenset(values["accounts_abroad"])
    values["accounts_abroad"] = {**ABROAD, **values["accounts_abroad"]}
    values["info_fields"] = {**INFO_FIELDS, **values["info_fields"]}
    for one, opposite, rule, what in OPPOSED:
        if values[one] and values[opposite]:
            raise SettingsError(
                "{place}: {one} and {opposite} cannot both be on: {what} would go round between the shop and Fortnox, and each "
                "system would overwrite what was changed in the other.",
                repair="Choose one of them.",
                rule=rule,
                place=place,
                key=one,
                one=one,
                opposite=opposite,
                what=what,
            )
    return Settings(**values)


def explain() -> list[dict[str, object]]:
    """Return the settings as rows: key, term, help, default, allows."""
    return table.explain(SETTINGS)
