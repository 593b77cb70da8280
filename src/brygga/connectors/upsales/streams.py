"""What syncs with what: companies ↔ customers, and Fortnox' articles → products. Rows UPS-02, UPS-06, UPS-13 to UPS-22; rulings D3, D7."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from brygga.connectors.contract import Mapped, Stream
from brygga.connectors.upsales.settings import CUSTOMER_FIELDS, DOCUMENT_FIELDS, Settings, complete
from brygga.connectors.upsales.write import SYSTEM
from brygga.core.countries import country_to_iso
from brygga.core.match import ARTICLE_KEYS, identity_of_article
from brygga.core.plan import Hold, Skip
from brygga.core.planner import Rules
from brygga.core.policy import LEFT, RIGHT, Holding, Policy, Side
from brygga.core.record import Article, Customer, Ref, invoiced_where_it_is
from brygga.errors import Sentence

NAMES: Mapping[Side, str] = {LEFT: "Upsales", RIGHT: "Fortnox"}
ARTICLE_FIELDS = ("number", "name", "list_price", "cost_price", "active")
LOOKED_THROUGH = 1000
"""Up to so many products the register, which does not tell what changed, is read every time it is Upsales' turn."""


def barred(settings: Settings) -> Hold | None:
    """Say why nothing is written yet: a person has to have seen what would be done (UPS-02)."""
    if settings.approved:
        return None
    return Hold(
        Sentence("Upsales is not activated: the plan of the first sync has to be looked at and approved first."),
        "UPS-02",
        Sentence("Make a plan of each stream, look at what would be linked and made, then set “Jag har sett förhandsvisningen”."),
    )


# Customers ----------------------------------------------------------------------------------------------------------------


def standing(customer: Customer, id: str, has_sale: bool) -> Skip | Hold | None:
    """Say why a company may not go to Fortnox, or cannot yet; None when it may."""
    facts = {"name": str(customer.name or ""), "id": id}
    if not customer.number and not has_sale:
        return Skip(
            Sentence("{name} ({id}) has no customer number, and no sale at 100 % that is to come to Fortnox.", facts),
            "UPS-18",
            outward=True,
        )
    if not customer.name:
        give = Sentence("Give it a name in Upsales.", facts)
        return Hold(Sentence("Company {id} has no name.", facts), "UPS-18", give, only=frozenset({"name"}))
    places = {name: str(getattr(customer, name) or "") for name in ("invoice_country", "visiting_country", "delivery_country")}
    unknown = {name: country for name, country in places.items() if country and country_to_iso(country) is None}
    if unknown:
        return Hold(
            Sentence(
                "{name} ({id}) has the country “{country}”, which is not known.", {**facts, "country": next(iter(unknown.values()))}
            ),
            "UPS-20",
            Sentence("Correct the country of the address in Upsales.", facts),
            only=frozenset(unknown),
        )
    return None


def admits(side: Side, record: Customer) -> Skip | Hold | None:
    """Say why a record that is not linked is not made on *side*: an inactive customer does not come to Upsales."""
    if side == LEFT and record.active is False:
        name = str(record.name or record.number or "")
        return Skip(Sentence("{name} is inactive in Fortnox, so it is not brought to Upsales.", {"name": name}), "UPS-15")
    return None


def fill(side: Side, record: Customer) -> Customer:
    """Complete a record before it is made: Fortnox assigns the number, and a company of Upsales is one."""
    return replace(invoiced_where_it_is(record), number="", kind="company") if side == RIGHT else record


def key_for(company: str, side: Side, source: Ref, number: str) -> str:
    """Return what a record made on *side* carries: our own key in Fortnox, Fortnox' number in a custom field of Upsales."""
    if side == LEFT:
        return number or source.id
    return f"brygga:{company}:{source.system}:{source.kind}:{source.id}"


def customers(settings: Settings, company: str, holds: Mapping[Side, Holding]) -> Stream:
    """Return the stream of customers (UPS-14 to UPS-20). Raises SettingsError while the setup is not complete (UPS-06)."""
    complete(settings)
    rules = Rules(
        policy=Policy(owners=settings.owners, governed={"number": RIGHT}, filled=frozenset({"currency", "vat_type"})),
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: "fortnox"},
        names=NAMES,
        key_for=lambda side, ref, record: key_for(company, side, ref, str(record.number or "")),
        fill=fill,
        admits=admits,
        guards=admits,
        match_keys=settings.match_keys,
        several=settings.several,
        why_not={
            RIGHT: Skip(Sentence("It was in Upsales before the first sync; it goes to Fortnox with its next sale."), "UPS-18")
        },
    )
    return Stream(
        "customers",
        "customer",
        rules,
        settings.brake,
        {LEFT: False, RIGHT: True},
        barred=barred(settings),
        swept=frozenset({RIGHT}),
        parting={LEFT: {"number": ""}},
        prepare=lambda connector: connector.prepare("account"),
    )


# Products -----------------------------------------------------------------------------------------------------------------


def standing_of_product(id: str, article: Article) -> Skip:
    """Say why a product stays in Upsales when it is no article of Fortnox: products go one way (UPS-21)."""
    facts = {"id": id, "number": str(article.number or ""), "name": str(article.name or "")}
    if not article.number:
        return Skip(
            Sentence("Product {id} ({name}) has no article number; products come from Fortnox only.", facts), "UPS-21", outward=True
        )
    return Skip(
        Sentence("Product {id} ({number} {name}) is no article of Fortnox. Products come from Fortnox only.", facts),
        "UPS-21",
        outward=True,
    )


def admits_article(side: Side, record: Article) -> Skip | None:
    """Say why an article that is not linked is not made on *side*."""
    facts = {"number": str(record.number or ""), "name": str(record.name or "")}
    if side == RIGHT:
        return Skip(Sentence("{name} was made in Upsales. Articles are made in Fortnox only.", facts), "UPS-21")
    if record.active is False:
        return Skip(Sentence("Article {number}, {name}, is inactive in Fortnox, so it is not brought to Upsales.", facts), "UPS-21")
    return None


def products(settings: Settings, company: str, holds: Mapping[Side, Holding]) -> Stream:
    """Return the stream of products: Fortnox' articles, with the prices of one list → Upsales (UPS-13, UPS-21, UPS-22)."""
    complete(settings)
    rules = Rules(
        policy=Policy(governed=dict.fromkeys(ARTICLE_FIELDS, RIGHT), missed=frozenset({"list_price", "cost_price"})),
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: "fortnox"},
        names=NAMES,
        key_for=lambda side, ref, record: str(record.number or ref.id),
        makes={LEFT: True, RIGHT: False},
        why_not={RIGHT: Skip(Sentence("Articles are made in Fortnox only."), "UPS-21")},
        admits=admits_article,
        match_keys=ARTICLE_KEYS,
        identify=identity_of_article,
    )
    return Stream(
        "products",
        "article",
        rules,
        settings.brake,
        {LEFT: True, RIGHT: True},
        {LEFT: LOOKED_THROUGH},
        barred=barred(settings),
        after=("customers",),
        anew=frozenset({RIGHT}),
        price_list=settings.price_list,
        prepare=lambda connector: connector.prepare("product"),
    )


_SALE = {
    "our_reference": "UPS-08", "cancelled": "UPS-10", "stage": "UPS-09", "customer_number": "UPS-18", "customer_ref": "UPS-18",
}  # fmt: skip
MAPPED: Mapping[str, Mapped] = {
    "customers": Mapped({"number": "UPS-16", "": "UPS-20"}, owners="owners", ownable=CUSTOMER_FIELDS),
    "products": Mapped({"list_price": "UPS-13", "": "UPS-21"}),
    "offers": Mapped({**_SALE, "": "UPS-12"}, owners="document_owners", ownable=DOCUMENT_FIELDS),
    "sales": Mapped({**_SALE, "": "UPS-23"}, owners="document_owners", ownable=DOCUMENT_FIELDS),
}
"""Where each stream's mapping comes from; the custom fields are those of the vendor's own app."""
