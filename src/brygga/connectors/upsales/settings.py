"""What a person chooses for Upsales, in the words of the vendor's own Fortnox app (fortnox-app-settings.json, app 74)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from brygga.connectors import settings as table
from brygga.connectors.settings import Setting, Source, Wrong, words
from brygga.connectors.several import GETS, GIVES, several_of
from brygga.connectors.upsales.company_places import ALIASES
from brygga.core.match import KEYS
from brygga.core.policy import LEFT, RIGHT, Side
from brygga.core.several import Several
from brygga.errors import SettingsError

Module: TypeAlias = Literal["invoice", "order", "order_offer"]
Bundles: TypeAlias = Literal["onlyBundle", "onlySubProducts", "bundleAndSubProducts"]

CUSTOMER_FIELDS = (
    "name", "organisation_number", "vat_number", "email", "phone", "fax", "website", "invoice_street", "invoice_postcode",
    "invoice_city", "invoice_country", "visiting_street", "visiting_postcode", "visiting_city", "visiting_country", "currency", *ALIASES,
)  # fmt: skip
FORTNOX_OWNS = frozenset({"organisation_number", "vat_number", "currency", "terms_of_payment", "vat_type"})
"""Ruling D3: numbers, terms and VAT are Fortnox', contact data the business system's."""
DOCUMENT_FIELDS = ("date", "rows", "currency", "our_reference", "text", "your_order_number", "customer_ref", "customer_number")

_OWNER: Mapping[str, Side] = {"upsales": LEFT, "fortnox": RIGHT}


def _chosen(value: object) -> str:
    """A name or an id, "" while nothing is chosen."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise Wrong("a name or an id is wanted")
    return value.strip()


# The preflight of Upsales has its own rows for stages and the user, with their probabilities and rights (UPS-08, UPS-09).
_STAGES = Source("stages", compared=False)


def _choice(key: str, term: str, help: str, allows: str, source: Source) -> Setting:
    return Setting(key, term, help, "", allows, _chosen, values=source)


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "module",
        "Modul att synka",
        "Which documents of Fortnox are synced as sales in Upsales, and which are made of sales: invoices only, orders only, or "
        "orders and offers. One choice for the whole account, both ways.",
        "",
        "invoice (bara faktura), order (bara order), order_offer (order och offert)",
        table.one_of("", "invoice", "order", "order_offer"),
        values=words("invoice", "order", "order_offer"),
    ),
    _choice(
        "placeholder_user",
        "Uppsamlingsanvändare",
        "The user who stands on a sale from Fortnox whose Vår referens names no user of Upsales, letter for letter.",
        "a user's name, e-mail address or id",
        Source("users", compared=False),
    ),
    _choice(
        "won_stage",
        "Vunnen orderfas",
        "The stage in which a sale becomes an order or invoice in Fortnox, and in which those made in Fortnox arrive.",
        "a stage with probability 100, by name or id",
        _STAGES,
    ),
    _choice(
        "lost_stage",
        "Förlorad orderfas",
        "The stage of a sale whose order or invoice has been cancelled in Fortnox (makulerad).",
        "a stage with probability 0, by name or id",
        _STAGES,
    ),
    _choice(
        "offer_stage",
        "Offertfas",
        "The stage in which a sale becomes an offer in Fortnox. Used only with order and offer.",
        "a stage with a probability from 1 to 99, by name or id",
        _STAGES,
    ),
    _choice(
        "price_list",
        "Prislista",
        "The price list of Fortnox whose prices the products in Upsales get. One only.",
        "the code of a price list in Fortnox, such as A",
        Source("price_lists", "fortnox"),
    ),
    Setting(
        "product_bundles",
        "Produktpaket",
        "How product bundles on sales are shown in Fortnox: the bundle alone, its products alone, or the bundle followed by its "
        "products at no price.",
        "onlyBundle",
        "onlyBundle (visa endast paket), onlySubProducts (visa endast underprodukter), bundleAndSubProducts (visa paket och "
        "underprodukter)",
        table.one_of("onlyBundle", "onlySubProducts", "bundleAndSubProducts"),
        values=words("onlyBundle", "onlySubProducts", "bundleAndSubProducts"),
    ),
    Setting(
        "discount_as_percentage",
        "Synka rabatt som procent istället för summa",
        "Whether a discount is written to Fortnox in percent, where that gives the same sum, instead of as an amount.",
        False,
        "true, false",
        table.switch,
    ),
    Setting(
        "cancel_in_fortnox",
        "Makulera i Fortnox när affären förloras",
        "Whether a sale that is lost in Upsales cancels its order or invoice in Fortnox, while that is neither booked nor sent. "
        "Without it a person is told.",
        False,
        "true, false",
        table.switch,
    ),
    _choice(
        "free_row_article",
        "Uppsamlingsartikel",
        "The article whose product stands on a sale for a row of Fortnox that has no article, such as work written by hand. Without it "
        "a document with such a row waits.",
        "the number of an article in Fortnox",
        Source("articles", "fortnox"),
    ),
    _choice(
        "freight_article",
        "Fraktartikel",
        "The article whose product stands on a sale for the freight in the head of a document made in Fortnox. Without it the freight is "
        "told and does not come to Upsales.",
        "the number of an article in Fortnox",
        Source("articles", "fortnox"),
    ),
    _choice(
        "fee_article",
        "Avgiftsartikel",
        "The article whose product stands on a sale for the invoice fee (expeditionsavgift) in the head of a document made in Fortnox. "
        "Without it the fee is told and does not come to Upsales.",
        "the number of an article in Fortnox",
        Source("articles", "fortnox"),
    ),
    Setting(
        "credit_invoices",
        "Kreditfakturor",
        "What a credit invoice of Fortnox becomes: a won sale of its own with negative quantities, so that what was sold adds up, or "
        "nothing. The sale that it credits stays won with the balance that Fortnox shows.",
        "sale",
        "sale (egen affär med negativt antal), none (stannar i Fortnox)",
        table.one_of("sale", "none"),
        values=words("sale", "none"),
    ),
    Setting(
        "show_status",
        "Visa läget mot Fortnox på affären",
        "Whether each sale shows how it stands with Fortnox, in the field Fortnox-status: in step, waiting and for what, or locked. It is "
        "written when it changes.",
        True,
        "true, false",
        table.switch,
    ),
    Setting(
        "app_id",
        "Appens id i Upsales",
        "The number under which an app of your own for this integration stands in Upsales. The sale then also shows its state as the "
        "integration status of that app.",
        "",
        "a number",
        _chosen,
    ),
    Setting(
        "approved",
        "Jag har sett förhandsvisningen",
        "Whether the plan of the first sync has been looked at: what would be linked, what would be made. Until then plans are made "
        "and nothing is written, as activating on an account that is in use may make duplicates.",
        False,
        "true, false",
        table.switch,
    ),
    Setting(
        "company_fields",
        "Egna fält på företaget",
        "The custom fields of companies, by their alias, that hold terms of payment, kind of VAT and delivery address. By default those of "
        "Upsales' own Fortnox app; a field that the account does not have is not synced.",
        {},
        "a table of " + ", ".join(ALIASES) + ", each the alias of a custom field of companies",
        table.mapping(ALIASES, table.text),
        keys=words(*ALIASES),
        filled=ALIASES,
    ),
    Setting(
        "delivery_address",
        "Leveransadress på företaget",
        "The type of the address of a company that is its delivery address. Without it the delivery address is that of the custom fields.",
        "",
        "Other (övrig adress)",
        table.one_of("", "Other"),
        values=words("Other"),
    ),
    Setting(
        "owners",
        "Vem äger fältet",
        "Whose value holds when both systems changed a field of a customer between two syncs. By default Fortnox owns the numbers, "
        "Upsales everything else.",
        {},
        "a table of " + ", ".join(CUSTOMER_FIELDS) + ", each fortnox or upsales",
        table.mapping(CUSTOMER_FIELDS, table.one_of("fortnox", "upsales")),
        keys=words(*CUSTOMER_FIELDS),
        values=words("upsales", "fortnox"),
        filled={name: "fortnox" if name in FORTNOX_OWNS else "upsales" for name in CUSTOMER_FIELDS},
    ),
    Setting(
        "document_owners",
        "Vem äger fältet på dokument",
        "Whose value holds when both systems changed a field of a document between two syncs. A field that is not named waits for "
        "a person.",
        {},
        "a table of " + ", ".join(DOCUMENT_FIELDS) + ", each fortnox or upsales",
        table.mapping(DOCUMENT_FIELDS, table.one_of("fortnox", "upsales")),
        keys=words(*DOCUMENT_FIELDS),
        values=words("upsales", "fortnox"),
        every=True,
    ),
    Setting(
        "match_keys",
        "Matchningsnycklar",
        "By what a company that is not linked yet is recognised in the other system, the surest first.",
        list(KEYS),
        "a list of " + ", ".join(KEYS),
        table.some_of(*KEYS),
        values=words(*KEYS),
    ),
    GIVES,
    GETS,
    table.from_card(*table.CARD_TERMS, *table.CARD_OBJECTS),
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
    """The settings of one Upsales integration, checked; "" for what is not chosen yet (see `missing`)."""

    module: Module | Literal[""]
    placeholder_user: str
    won_stage: str
    lost_stage: str
    offer_stage: str
    price_list: str
    product_bundles: Bundles
    discount_as_percentage: bool
    cancel_in_fortnox: bool
    free_row_article: str
    freight_article: str
    fee_article: str
    credit_invoices: Literal["sale", "none"]
    show_status: bool
    app_id: str
    approved: bool
    company_fields: Mapping[str, str]
    delivery_address: str
    owners: Mapping[str, Side]
    document_owners: Mapping[str, Side]
    match_keys: tuple[str, ...]
    several: Several
    from_card: tuple[str, ...]
    accepted_differences: tuple[str, ...]
    brake: float

    @property
    def head_articles(self) -> Mapping[str, str]:
        """The articles that stand for freight and fee in a document's head; "" where it is told and not carried."""
        return {"freight": self.freight_article, "fee": self.fee_article}

    @property
    def kind(self) -> str:
        """The kind of document that a won sale is (UPS-07, UPS-23, UPS-26)."""
        return "invoice" if self.module == "invoice" else "order"

    @property
    def offers(self) -> bool:
        """Whether offers are synced (UPS-12)."""
        return self.module == "order_offer"

    def missing(self) -> tuple[str, ...]:
        """Return the terms of the settings that have to be chosen before anything runs (UPS-06)."""
        needed = ["module", "placeholder_user", "won_stage", "lost_stage", "price_list", *(["offer_stage"] if self.offers else [])]
        terms = {setting.key: setting.term for setting in SETTINGS}
        return tuple(terms[name] for name in needed if not getattr(self, name))


def read(given: Mapping[str, object], place: str = "settings") -> Settings:
    """Read Upsales' settings. Raises SettingsError naming the place, the key and what is allowed."""
    values = table.read(SETTINGS, given, place)
    owners: dict[str, Side] = {name: RIGHT if name in FORTNOX_OWNS else LEFT for name in CUSTOMER_FIELDS}
    owners.update({name: _OWNER[owner] for name, owner in values["owners"].items()})
    values["owners"] = owners
    values["several"] = several_of({key: values.pop(key) for key in (GIVES.key, GETS.key)})
    values["document_owners"] = {name: _OWNER[owner] for name, owner in values["document_owners"].items()}
    return Settings(**values)


def complete(settings: Settings) -> None:
    """Raise SettingsError while something has to be chosen first: nothing runs before (UPS-06)."""
    if missing := settings.missing():
        raise SettingsError(
            "The setup of Upsales is not complete: {missing} is not chosen.",
            repair="Choose it in the settings of the integration.",
            rule="UPS-06",
            missing=", ".join(missing),
        )


def explain() -> list[dict[str, object]]:
    """Return the settings as rows: key, term, help, default, allows."""
    return table.explain(SETTINGS)
