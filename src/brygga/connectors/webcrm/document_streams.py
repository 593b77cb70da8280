"""What syncs with what: deliveries ↔ orders or invoices. Rows WEB-36 to WEB-53, rulings D3 and D5."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from decimal import Decimal
from functools import partial
from typing import Any, Final

from brygga.connectors.contract import Need, Stream
from brygga.connectors.named import needs_of, year_of
from brygga.connectors.webcrm import map as mapping
from brygga.connectors.webcrm.document_settings import PEOPLE, SAID, TWO_WAY, DocumentSettings
from brygga.connectors.webcrm.layout import Layout
from brygga.connectors.webcrm.settings import Settings
from brygga.connectors.webcrm.streams import SYSTEM, key_for
from brygga.core.agreement import Difference, comparing
from brygga.core.diff import same
from brygga.core.document import Document
from brygga.core.document_state import lock_of
from brygga.core.ends import Ends
from brygga.core.lineage import Lineage
from brygga.core.match import DOCUMENT_KEYS, identity_of_document
from brygga.core.money import Money, percent_text, round_ore
from brygga.core.net_rows import at_net, comes_to_net, stands_otherwise, sum_of
from brygga.core.net_words import head_told, waits_for_net
from brygga.core.plan import Hold, Remark, Skip
from brygga.core.planner import Rules
from brygga.core.policy import LEFT, RIGHT, Holding, Lock, Policy, Side
from brygga.core.record import ABSENT, Ref
from brygga.core.totals import LARGEST_DOCUMENT
from brygga.errors import Sentence

VAT_RATES: Final = frozenset(map(Decimal, (0, 6, 12, 25)))
"""What rows of Fortnox may carry (systems.md 7.2)."""

Raw = Mapping[str, Any]


# What keeps a delivery in webCRM ------------------------------------------------------------------------------------------


def standing_of_delivery(
    document: Document, id: str, name: str, organisation: Raw | None, layout: Layout, settings: Settings
) -> Skip | Hold | None:
    """Say why a delivery may not go to Fortnox, or cannot yet; None when it may."""
    facts = {"id": id, "name": name}
    if organisation is None:
        return Hold(
            Sentence("Delivery {id} has no organisation.", facts),
            "WEB-53",
            Sentence("Choose its organisation in webCRM.", facts),
        )
    if held := wrong_type(organisation, layout, settings, id):
        return held
    if not document.lines:
        return Hold(
            Sentence("Delivery {id} ({name}) has no rows.", facts),
            "WEB-41",
            Sentence("Add its rows in webCRM.", facts),
            # One that the hub itself has begun: the rows are the second half of making it.
            but=frozenset({"rows"}),
        )
    if settings.documents.kind == "invoice" and not document.date:
        return Hold(
            Sentence("Delivery {id} ({name}) has no invoice date.", facts),
            "WEB-49",
            Sentence("Fill in its invoice date (Fakturadatum) in webCRM.", facts),
            but=frozenset({"date", "number"}),
        )
    return _rows_held(document, facts, waits=settings.documents.without_vat == "wait")


def discount_on_the_whole(id: str, name: str, discount: Decimal) -> Hold:
    """Hold a delivery with a discount on the whole of it: Fortnox takes discounts on rows, and whose share it is nobody says."""
    sums = {"id": id, "name": name, "discount": percent_text(discount)}
    return Hold(
        Sentence("Delivery {id} ({name}) has a discount of {discount} on the whole of it, which none of its rows carries.", sums),
        "WEB-41",
        Sentence("Put the discount on the rows in webCRM, or on a row of its own.", sums),
    )


def other_value(document: Document, id: str, value: Decimal) -> Remark | None:
    """Tell of an order value that is not what the rows come to, which are what goes over."""
    made = sum_of(document.lines)
    if not value or made is None or round_ore(value) == made:
        return None
    sums = {"id": id, "value": f"{round_ore(value):f}", "rows": f"{made:f}"}
    return Remark(
        Sentence("Delivery {id} has the order value {value} in webCRM, and its rows, which went over, come to {rows}.", sums),
        "WEB-41",
    )


def wrong_type(organisation: Raw | None, layout: Layout, settings: Settings, id: str) -> Hold | None:
    """Hold a document while its organisation has not a type that is synced, in either way (WEB-53)."""
    kind = mapping.type_of(organisation, layout) if organisation is not None else ""
    if organisation is not None and settings.syncs(kind):
        return None
    name = str(organisation.get("OrganisationName") or "") if organisation is not None else ""
    facts = {"id": id, "name": name, "type": kind}
    sentence = (
        "Document {id} waits: its organisation {name} has the type “{type}”, which is not synced with Fortnox."
        if kind
        else "Document {id} waits: its organisation {name} has no type, so it is not synced with Fortnox."
    )
    return Hold(Sentence(sentence, facts), "WEB-53", Sentence("Give the organisation a type that is synced.", facts))


def _rows_held(document: Document, facts: Mapping[str, str], *, waits: bool) -> Hold | None:
    rows = document.lines
    if len(rows) > LARGEST_DOCUMENT:
        counted = {**facts, "count": str(len(rows)), "limit": str(LARGEST_DOCUMENT)}
        return Hold(
            Sentence("Delivery {id} ({name}) has {count} rows, and a document of Fortnox at most {limit}.", counted),
            "WEB-41",
            Sentence("Split it into several deliveries in webCRM.", counted),
        )
    for place, row in enumerate(rows, 1):
        if not row.is_text and row.vat is ABSENT and (waits or not row.article_number):
            at = {**facts, "row": str(place), "text": str(row.description or "")}
            return Hold(
                Sentence(
                    "Delivery {id} ({name}), row {row} ({text}): no VAT rate is filled in, and no article says which it is.", at
                )
                if not row.article_number
                else Sentence("Delivery {id} ({name}), row {row} ({text}): no VAT rate is filled in.", at),
                "WEB-41",
                Sentence(
                    "Fill in the VAT rate of the row in webCRM or, where 0 % is meant, choose so under Rad utan momssats in the settings.",
                    at,
                ),
            )
        if row.is_text or row.vat is ABSENT or row.vat in VAT_RATES:
            continue
        at = {**facts, "row": str(place), "vat": f"{row.vat.normalize():f}"}
        return Hold(
            Sentence("Delivery {id} ({name}), row {row}: the VAT rate {vat} % does not exist; it is 0, 6, 12 or 25.", at),
            "WEB-41",
            Sentence("Correct the VAT rate of the row in webCRM.", at),
        )
    return None


def country_not_known(id: str, name: str, country: str) -> Hold | None:
    """Hold a delivery whose country of delivery is not known."""
    if not country:
        return None
    facts = {"id": id, "name": name, "country": country}
    return Hold(
        Sentence("Delivery {id} ({name}) is delivered to the country “{country}”, which is not known.", facts),
        "WEB-41",
        Sentence("Correct the country of the delivery address in webCRM: its name, or its two letters.", facts),
    )


def unreadable_day(id: str, place: str, text: str) -> Hold:
    """Hold a delivery with a date that is none."""
    facts = {"id": id, "place": place, "text": text}
    return Hold(
        Sentence("Delivery {id} has “{text}” in {place}, which is no date.", facts),
        "WEB-49",
        Sentence("Write it as 2026-11-20 in webCRM.", facts),
    )


def needs(document: Document) -> Iterable[Need]:
    """Say what must be in Fortnox before a delivery goes there: its articles, its currency, and an open period for its date."""
    facts = {"number": str(document.number or "")}
    for row in document.lines:
        if row.article_number:
            article = {**facts, "article": str(row.article_number), "text": str(row.description or "")}
            yield Need(
                "article",
                str(row.article_number),
                Hold(
                    Sentence(
                        "Article {article} ({text}) is not in Fortnox, or is inactive there. Articles are made in Fortnox only.",
                        article,
                    ),
                    "WEB-31",
                    Sentence("Make the article in Fortnox, or choose another one on the row in webCRM.", article),
                ),
            )
    if document.currency and document.currency != "SEK":
        money = {**facts, "currency": str(document.currency)}
        hold = Hold(
            Sentence("Fortnox has no currency {currency}.", money),
            "WEB-23",
            Sentence("Add {currency} to the currencies of Fortnox, or choose another one in webCRM.", money),
        )
        yield Need("currency", str(document.currency), hold)
    if document.kind == "invoice" and document.date:
        yield from year_of(document.date, str(document.subject or document.customer_name or ""), "webCRM", "WEB-49")
        when = {**facts, "date": document.date.isoformat()}
        hold = Hold(
            Sentence("The invoice date {date} lies in a period that is locked in Fortnox, or in no financial year.", when),
            "WEB-49",
            Sentence("Choose another invoice date in webCRM, or open the period in Fortnox.", when),
        )
        yield Need("open_day", document.date.isoformat(), hold)
    yield from needs_of(document, str(document.subject or document.customer_name or ""), "webCRM", "WEB-41")


# The rules ------------------------------------------------------------------------------------------------------------------


def document_rules(settings: Settings, company: str, holds: Mapping[Side, Holding], right: str = "fortnox") -> Rules:
    """Return the rules of deliveries ↔ orders or invoices: two ways while nothing is booked, the numbers from Fortnox only."""
    documents = settings.documents
    told = dict.fromkeys((*documents.places, "invoice_number", "invoice_date", "invoice_booked", "booked"), RIGHT)
    governed: dict[str, Side] = {name: side for name, side in told.items() if name not in (*TWO_WAY, *SAID)}
    # The name of a user or a person is read from its number and never written.
    governed |= {name: LEFT for name in PEOPLE if name in documents.places and name not in holds[LEFT].fields}
    policy = Policy(owners=documents.owners, governed=governed, apart=frozenset({"subject", "stage", "net"}))
    fill = filler(documents)
    return Rules(
        policy=policy,
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: right},
        names={LEFT: "webCRM", RIGHT: "Fortnox"},
        key_for=lambda side, ref, record: document_key(company, side, ref, record),
        fill=fill,
        admits=admits,
        match_keys=DOCUMENT_KEYS,
        identify=identity_of_document,
        locked=locking(documents),
        ends=Ends(SYSTEM, "WEB-38"),
        compare=comparison(settings, fill, holds, policy),
        compared_by="WEB-41",
        rows_rule="WEB-41",
        remark=partial(remark, documents),
        why_not={
            LEFT: Skip(Sentence("It was in Fortnox before the first sync, and older documents are not taken in."), "WEB-38"),
            RIGHT: Skip(Sentence("It was in webCRM before the first sync, and older deliveries are not taken in."), "WEB-36"),
        },
    )


def remark(settings: DocumentSettings, side: Side, record: Document) -> Remark | None:
    """Tell what of a document of Fortnox does not come to webCRM: freight and fee of its head."""
    return head_told(record, settings.head_articles, "webCRM", "WEB-41") if side == LEFT else None


def rates_of_articles(document: Document) -> Remark | None:
    """Tell on which rows of a delivery no VAT rate is filled in, so that those of their articles are taken."""
    rows = [str(place) for place, row in enumerate(document.lines, 1) if not row.is_text and row.vat is ABSENT]
    if not rows:
        return None
    return Remark(
        Sentence(
            "No VAT rate is filled in on row {rows} of the delivery: Fortnox takes the rate of the article there.",
            {"rows": ", ".join(rows)},
        ),
        "WEB-41",
    )


def document_key(company: str, side: Side, source: Ref, record: Any) -> str:
    """Return what a document made on *side* carries: our own key in Fortnox, the document's number in webCRM."""
    return key_for(company, side, source, record)


def filler(documents: DocumentSettings) -> Callable[[Side, Document], Document]:
    """Return what completes a document before it is made: description and status of a delivery (WEB-39, WEB-40)."""

    def fill(side: Side, record: Document) -> Document:
        if side == RIGHT:
            # Fortnox gives the number; what somebody typed in webCRM does not go over (WEB-42, WEB-51). Prices in webCRM are
            # without VAT, and freight and fee are rows, whatever the customer's card in Fortnox says (accounting.md 3.3).
            nothing = Money(Decimal(0), str(record.currency or "SEK"))
            made = replace(record, number="", subject=ABSENT, stage=ABSENT)
            freight = nothing if record.freight is ABSENT else record.freight
            fee = nothing if record.fee is ABSENT else record.fee
            return replace(made, prices_include_vat=False, freight=freight, fee=fee)
        return replace(record, subject=documents.description, stage=documents.status)

    return fill


def admits(side: Side, record: Document) -> Skip | Hold | None:
    """Say why a document that is not linked is not made on *side*: a cancelled one does not become a delivery."""
    if side == RIGHT:
        return None
    if record.cancelled is True:
        return Skip(Sentence("Document {number} is cancelled in Fortnox.", {"number": str(record.number or "")}), "WEB-38")
    if record.prices_include_vat is True and not comes_to_net(record):
        return waits_for_net(record, "WEB-41")
    return None


def locking(settings: DocumentSettings) -> Callable[[Side, Document, Document], Lock | None]:
    """Return what says why a document is not changed any more (WEB-37); rows that stand otherwise in Fortnox are its own for good."""

    def locked(side: Side, left: Document, right: Document) -> Lock | None:
        lock = lock_of(right, rule="WEB-37")
        if lock is not None and side == LEFT:
            # What became of it still comes over; so does a new last day of payment.
            # A delivery that was just made of a booked invoice has no rows yet: they are the second half of making it.
            return replace(lock, but=lock.but | {"due"} | (frozenset() if left.lines else {"rows"}))
        if lock is not None or side == LEFT or not stands_otherwise(right, settings.head_articles):
            return lock
        sentence = (
            "The rows of document {number} have prices with VAT, freight in the head or a part that is delivered, so they are changed in "
            "Fortnox alone: {fields}."
        )
        return Lock(Sentence(sentence, {"number": str(right.number or "")}), "WEB-41", BUT_ROWS, "rows")

    return locked


BUT_ROWS: Final = frozenset(field.name for field in fields(Document)) - {"rows", "currency"}


def in_words(settings: DocumentSettings) -> Callable[[Side, Document], Document]:
    """Return what says a document of Fortnox as a delivery can hold it: at prices without VAT, with what was ordered (WEB-41)."""

    def said(side: Side, document: Document) -> Document:
        return document if side == LEFT else at_net(document, whole_ore=False, articles=settings.head_articles)

    return said


def comparison(
    settings: Settings, fill: Callable[[Side, Document], Document], holds: Mapping[Side, Holding], policy: Policy
) -> Callable[[Document, Document], tuple[Difference, ...]]:
    """Return what compares a delivery with its document. What its rows come to is compared while the rows are alike."""
    compare = comparing(
        fill,
        holds,
        policy,
        said=("net",),
        accepted=settings.accepted_differences,
        from_card=settings.from_card,
        heads=[name for name, article in settings.documents.head_articles.items() if not article],
    )

    def compared(left: Document, right: Document) -> tuple[Difference, ...]:
        alike = bool(left.lines) and same("rows", left.rows, right.rows)
        return compare(left if alike else replace(left, net=ABSENT), right)

    return compared


def documents(settings: Settings, company: str, holds: Mapping[Side, Holding]) -> Stream:
    """Return the stream `deliveries`: deliveries of organisations with a type that is synced ↔ orders or invoices."""
    existing = settings.documents.import_existing
    return Stream(
        "deliveries",
        settings.documents.kind,
        document_rules(settings, company, holds),
        settings.brake,
        {LEFT: existing, RIGHT: existing},
        refers={"customer_number": ("customer_ref", "customer")},
        words=in_words(settings.documents),
        needs=needs,
        shows=("deliveries",) if settings.documents.show_status else (),
        swept=frozenset({LEFT}),
        lineage=Lineage("WEB-36"),
    )
