"""What syncs with what: webCRM's Fortnox document as rules. Rows WEB-08 to WEB-11, WEB-25 to WEB-35, rulings D3 and D8."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from brygga.clients.webcrm import wire
from brygga.connectors.contract import Mapped, Stream
from brygga.connectors.webcrm import map as mapping
from brygga.connectors.webcrm.document_settings import OPTIONAL, PLACES, TWO_WAY
from brygga.connectors.webcrm.layout import Layout
from brygga.connectors.webcrm.settings import ARTICLE, MAPPABLE, Settings
from brygga.core.match import ARTICLE_KEYS, identity_of_article
from brygga.core.plan import Hold, Skip
from brygga.core.planner import Rules
from brygga.core.policy import LEFT, RIGHT, Holding, Policy, Side
from brygga.core.record import ABSENT, Article, Customer, Ref, invoiced_where_it_is
from brygga.errors import Sentence

SYSTEM = "webcrm"

# Fortnox API, section 9.1: the characters of a customer number.
_NUMBER = re.compile(r"[A-Za-zÅÄÖåäö0-9\-+/_]+")


COUNTRIES: Final = frozenset({"invoice_country", "visiting_country", "delivery_country"})


def standing(raw: wire.Raw, customer: Customer, layout: Layout, settings: Settings) -> Skip | Hold | None:
    """Say why an organisation may not go to Fortnox, or cannot yet; None when it may."""
    facts = {"name": str(customer.name or ""), "id": str(raw.get("OrganisationId", ""))}
    type_value = mapping.type_of(raw, layout)
    if not settings.syncs(type_value):
        template = (
            "{name} ({id}) has the type “{type}”, which is not synced with Fortnox."
            if type_value
            else "{name} ({id}) has no type, so it is not synced with Fortnox."
        )
        return Skip(Sentence(template, {**facts, "type": type_value}), "WEB-09", outward=True)
    if not customer.name:
        return Hold(
            Sentence("Organisation {id} has no name.", facts),
            "WEB-13",
            Sentence("Give it a name in webCRM.", facts),
            only=frozenset({"name"}),
        )
    if settings.webcrm_governs_numbers and (held := _number_missing(customer, facts)):
        return held
    unknown = mapping.unknown_countries(raw, layout)
    if unknown:
        return Hold(
            Sentence("{name} ({id}) has the country “{country}”, which is not known.", {**facts, "country": unknown[0]}),
            "WEB-21",
            Sentence("Correct the country in webCRM: its name, or its two letters.", facts),
            only=COUNTRIES,
        )
    return None


def _number_missing(customer: Customer, facts: Mapping[str, str]) -> Hold | None:
    """Hold an organisation whose number a person must type first: none is made up (WEB-27)."""
    number = str(customer.number or "")
    if not number:
        return Hold(
            Sentence("{name} ({id}) has no customer number, and webCRM governs the numbers.", dict(facts)),
            "WEB-27",
            Sentence("Type its customer number in webCRM.", dict(facts)),
            only=frozenset({"number"}),
        )
    if not _NUMBER.fullmatch(number):
        return Hold(
            Sentence(
                "{name} ({id}) has the customer number “{number}”; Fortnox takes letters, digits and - + / _ only.",
                {**facts, "number": number},
            ),
            "WEB-27",
            Sentence("Correct its customer number in webCRM.", dict(facts)),
            only=frozenset({"number"}),
        )
    return None


def standing_of_fortnox(customer: Customer) -> Skip | None:
    """Say why a customer of Fortnox may not come to webCRM; None when it may. There is no filter by type (WEB-11)."""
    if customer.active is False:
        name = str(customer.name or customer.number or "")
        return Skip(Sentence("{name} is inactive in Fortnox, so it is not brought to webCRM.", {"name": name}), "WEB-25")
    return None


def policy(settings: Settings) -> Policy:
    """Who decides: the owners of the fields (D3), and the side that governs customer numbers (WEB-26)."""
    governs: Side = LEFT if settings.webcrm_governs_numbers else RIGHT
    return Policy(owners=settings.owners, governed={"number": governs})


def customer_rules(settings: Settings, company: str, holds: Mapping[Side, Holding], right: str = "fortnox") -> Rules:
    """Return the rules of the stream `customers` for a company (its slug)."""
    return Rules(
        policy=policy(settings),
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: right},
        names={LEFT: "webCRM", RIGHT: "Fortnox"},
        key_for=partial(key_for, company),
        fill=filler(settings),
        admits=admits,
        guards=admits,
        match_keys=settings.match_keys,
        several=settings.several,
        why_not={
            LEFT: Skip(
                Sentence("It was in Fortnox before the first sync, and the import of active customers is not chosen."), "WEB-25"
            ),
            RIGHT: Skip(Sentence("It was in webCRM before the first sync."), "WEB-08"),
        },
    )


def customers(settings: Settings, company: str, holds: Mapping[Side, Holding]) -> Stream:
    """Return the stream of customers: organisations with a type that is synced ↔ Fortnox' customers (WEB-04, WEB-08, WEB-11)."""
    return Stream("customers", "customer", customer_rules(settings, company, holds), settings.brake, first_all(settings))


def admits(side: Side, record: Customer) -> Skip | Hold | None:
    """Say why a record that is not linked is not made on *side*: an inactive customer does not come to webCRM (WEB-25)."""
    return standing_of_fortnox(record) if side == LEFT else None


def key_for(company: str, side: Side, source: Ref, record: Customer) -> str:
    """Return what a record made on *side* will carry, so that it can be found again.

    Fortnox: our own key, in ExternalReference. webCRM: the customer number, in the field that is set up for it.
    """
    if side == LEFT:
        return str(record.number or source.id)
    return f"brygga:{company}:{source.system}:{source.kind}:{source.id}"


def filler(settings: Settings) -> Callable[[Side, Customer], Customer]:
    """Return what completes a record before it is made on a side."""

    def fill(side: Side, record: Customer) -> Customer:
        if side == LEFT:
            # A customer from Fortnox' list has no kind; webCRM would not sync an organisation without a type (WEB-11).
            return record if record.kind is not ABSENT else replace(record, kind="company")
        record = invoiced_where_it_is(record)
        # Fortnox assigns the number: what stands in webCRM does not go over, and the assigned one comes back (WEB-28).
        return record if settings.webcrm_governs_numbers else replace(record, number="")

    return fill


def first_all(settings: Settings) -> Mapping[Side, bool]:
    """Say for each side whether all that is there is taken in at the first sync (WEB-08, WEB-25)."""
    return {LEFT: True, RIGHT: settings.import_active_customers}


# Articles ---------------------------------------------------------------------------------------------------------------

ARTICLE_FIELDS = ("number", "name", "unit", "cost_price", "list_price")
LOOKED_THROUGH = 1000
"""Up to so many articles the register of quotation lines, which comes whole, is read every time it is webCRM's turn."""


def standing_of_item(id: str, article: Article) -> Skip:
    """Say why an item of the register stays in webCRM when it is not Fortnox' article: none is made there (WEB-31)."""
    return Skip(
        Sentence(
            "Item {id} ({number} {name}) of webCRM's register is no article of Fortnox. Articles are made in Fortnox only.",
            {"id": id, "number": str(article.number or ""), "name": str(article.name or "")},
        ),
        "WEB-31",
        outward=True,
    )


def admits_article(side: Side, record: Article) -> Skip | Hold | None:
    """Say why an article that is not linked is not made on *side*."""
    facts = {"number": str(record.number or ""), "name": str(record.name or "")}
    if side == RIGHT:
        return Skip(Sentence("{name} was made in webCRM. Articles are made in Fortnox only.", facts), "WEB-31")
    if (why := guards_article(side, record)) is not None:
        return why
    if not wire.data(record.number):
        return Hold(
            Sentence("Article {number}, {name}, has a number that means empty in webCRM.", facts),
            "WEB-32",
            Sentence("Give it another number in Fortnox.", facts),
        )
    return None


def guards_article(side: Side, record: Article) -> Skip | None:
    """Say why an article of Fortnox is neither made in webCRM nor changed there: what is inactive stays as it was."""
    if side == LEFT and record.active is False:
        facts = {"number": str(record.number or ""), "name": str(record.name or "")}
        return Skip(Sentence("Article {number}, {name}, is inactive in Fortnox, so it is not brought to webCRM.", facts), "WEB-30")
    return None


def article_rules(holds: Mapping[Side, Holding], right: str = "fortnox") -> Rules:
    """Return the rules of the stream `articles`: Fortnox decides every field, and nothing is made there (WEB-29 to WEB-35)."""
    return Rules(
        policy=Policy(governed=dict.fromkeys(ARTICLE_FIELDS, RIGHT), missed=frozenset({"list_price", "cost_price"})),
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: right},
        names={LEFT: "webCRM", RIGHT: "Fortnox"},
        key_for=article_key,
        makes={LEFT: True, RIGHT: False},
        why_not={RIGHT: Skip(Sentence("Articles are made in Fortnox only."), "WEB-31")},
        admits=admits_article,
        guards=guards_article,
        match_keys=ARTICLE_KEYS,
        identify=identity_of_article,
    )


def article_key(side: Side, source: Ref, record: Article) -> str:
    """Return what an article made in webCRM carries: its number, which Fortnox never changes (WEB-32)."""
    return str(record.number or source.id)


def articles(settings: Settings, company: str, holds: Mapping[Side, Holding]) -> Stream:
    """Return the stream of articles: Fortnox' register → webCRM's register of quotation lines (WEB-29 to WEB-35)."""
    return Stream("articles", "article", article_rules(holds), settings.brake, {LEFT: True, RIGHT: True}, {LEFT: LOOKED_THROUGH})


_BY_ROW: Mapping[str, str] = {
    "name": "WEB-13", "invoice_*": "WEB-14", "phone": "WEB-15", "website": "WEB-16", "fax": "WEB-17", "kind": "WEB-18",
    "number": "WEB-19", "organisation_number": "WEB-20", "visiting_*": "WEB-21", "terms_of_payment": "WEB-22", "currency": "WEB-23",
    "vat_number": "WEB-24", "": "WEB-12",
}  # fmt: skip


def mapped() -> Mapping[str, Mapped]:
    """Say of each stream where its mapping comes from. "deliveries:order" is the stream where deliveries become orders."""
    heads = {
        "order": {
            "number": "WEB-42", "date": "WEB-43", "delivery_date": "WEB-44", "text": "WEB-45", "invoice_number": "WEB-46",
            "invoice_date": "WEB-47", "invoice_booked": "WEB-48",
        },
        "invoice": {"number": "WEB-51", "date": "WEB-49", "text": "WEB-50", "booked": "WEB-52"},
    }  # fmt: skip
    return {
        "customers": Mapped(
            _BY_ROW,
            places="fields",
            placeable=tuple(name for name in MAPPABLE if name != "kind"),
            owners="owners",
            ownable=MAPPABLE,
        ),
        "articles": Mapped(
            {"number": "WEB-32", "name": "WEB-33", "cost_price": "WEB-34", "list_price": "WEB-35", "": "WEB-30"},
            places="article_fields",
            placeable=tuple(ARTICLE),
        ),
        **{
            f"deliveries:{kind}": Mapped(
                {**rows, "rows": "WEB-41", "customer_number": "WEB-53", "subject": "WEB-39", "stage": "WEB-40", "": "WEB-37"},
                places="delivery_fields",
                placeable=(*PLACES[kind], *OPTIONAL[kind]),
                owners="document_owners",
                ownable=TWO_WAY,
            )
            for kind, rows in heads.items()
        },
    }


__all__ = [
    "SYSTEM",
    "article_rules",
    "articles",
    "customer_rules",
    "first_all",
    "key_for",
    "policy",
    "standing",
    "standing_of_fortnox",
]
