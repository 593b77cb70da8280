"""What syncs with what: deliveries ↔ orders or invoices. Rows WEB-36 to WEB-53, rulings D3 and D5."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from brygga.connectors.contract import Need, Stream
from brygga.connectors.webcrm import map as mapping
from brygga.connectors.webcrm.document_settings import TWO_WAY, DocumentSettings
from brygga.connectors.webcrm.layout import Layout
from brygga.connectors.webcrm.settings import Settings
from brygga.connectors.webcrm.streams import SYSTEM, key_for
from brygga.core.diff import same
from brygga.core.document import Document
from brygga.core.document_state import lock_of
from brygga.core.match import DOCUMENT_KEYS, identity_of_document
from brygga.core.plan import Hold, Skip
from brygga.core.planner import Rules
from brygga.core.policy import LEFT, RIGHT, Holding, Lock, Policy, Side
from brygga.core.record import ABSENT, Ref
from brygga.core.totals import LARGEST_DOCUMENT, predict
from brygga.errors import BadData, Sentence

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
        )
    if settings.documents.kind == "invoice" and not document.date:
        return Hold(
            Sentence("Delivery {id} ({name}) has no invoice date.", facts),
            "WEB-49",
            Sentence("Fill in its invoice date (Fakturadatum) in webCRM.", facts),
        )
    return _rows_held(document, facts)


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


def _rows_held(document: Document, facts: Mapping[str, str]) -> Hold | None:
    rows = document.lines
    if len(rows) > LARGEST_DOCUMENT:
        counted = {**facts, "count": str(len(rows)), "limit": str(LARGEST_DOCUMENT)}
        return Hold(
            Sentence("Delivery {id} ({name}) has {count} rows, and a document of Fortnox at most {limit}.", counted),
            "WEB-41",
            Sentence("Split it into several deliveries in webCRM.", counted),
        )
    for place, row in enumerate(rows, 1):
        if row.is_text or row.vat is ABSENT or row.vat in VAT_RATES:
            continue
        at = {**facts, "row": str(place), "vat": f"{row.vat.normalize():f}"}
        return Hold(
            Sentence("Delivery {id} ({name}), row {row}: the VAT rate {vat} % does not exist; it is 0, 6, 12 or 25.", at),
            "WEB-41",
            Sentence("Correct the VAT rate of the row in webCRM.", at),
        )
    return None


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
        when = {**facts, "date": document.date.isoformat()}
        hold = Hold(
            Sentence("The invoice date {date} lies in a period that is locked in Fortnox, or in no financial year.", when),
            "WEB-49",
            Sentence("Choose another invoice date in webCRM, or open the period in Fortnox.", when),
        )
        yield Need("open_day", document.date.isoformat(), hold)


# The rules ------------------------------------------------------------------------------------------------------------------


def document_rules(settings: Settings, company: str, holds: Mapping[Side, Holding], right: str = "fortnox") -> Rules:
    """Return the rules of deliveries ↔ orders or invoices: two ways while nothing is booked, the numbers from Fortnox only."""
    documents = settings.documents
    told = dict.fromkeys((*documents.places, "invoice_number", "invoice_date", "invoice_booked", "booked"), RIGHT)
    governed: dict[str, Side] = {name: side for name, side in told.items() if name not in TWO_WAY}
    return Rules(
        policy=Policy(owners=documents.owners, governed=governed, apart=frozenset({"subject", "stage"})),
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: right},
        names={LEFT: "webCRM", RIGHT: "Fortnox"},
        key_for=lambda side, ref, record: document_key(company, side, ref, record),
        fill=filler(documents),
        admits=admits,
        match_keys=DOCUMENT_KEYS,
        identify=identity_of_document,
        locked=locked,
        agree=agree,
        rows_rule="WEB-41",
        why_not={
            LEFT: Skip(Sentence("It was in Fortnox before the first sync, and older documents are not taken in."), "WEB-38"),
            RIGHT: Skip(Sentence("It was in webCRM before the first sync, and older deliveries are not taken in."), "WEB-36"),
        },
    )


def document_key(company: str, side: Side, source: Ref, record: Any) -> str:
    """Return what a document made on *side* carries: our own key in Fortnox, the document's number in webCRM."""
    return key_for(company, side, source, record)


def filler(documents: DocumentSettings) -> Callable[[Side, Document], Document]:
    """Return what completes a document before it is made: description and status of a delivery (WEB-39, WEB-40)."""

    def fill(side: Side, record: Document) -> Document:
        if side == RIGHT:
            # Fortnox gives the number; what somebody typed in webCRM does not go over (WEB-42, WEB-51). Prices in webCRM are
            # without VAT, whatever the customer's card in Fortnox says.
            return replace(record, number="", subject=ABSENT, stage=ABSENT, prices_include_vat=False)
        return replace(record, subject=documents.description, stage=documents.status)

    return fill


def admits(side: Side, record: Document) -> Skip | Hold | None:
    """Say why a document that is not linked is not made on *side*: a cancelled one does not become a delivery."""
    if side == LEFT and record.cancelled is True:
        return Skip(Sentence("Document {number} is cancelled in Fortnox.", {"number": str(record.number or "")}), "WEB-38")
    return None


def locked(side: Side, left: Document, right: Document) -> Lock | None:
    """Say why neither side is changed any more: the document is booked, or has become an invoice (WEB-37)."""
    return lock_of(right, rule="WEB-37")


def agree(left: Document, right: Document) -> Hold | None:
    """Hold a pair whose rows are alike and whose sums are not: what webCRM's rows come to, by Fortnox' arithmetic, and Fortnox' net."""
    if right.net is ABSENT or not left.lines or not same("rows", left.rows, right.rows):
        return None
    try:
        expected = predict(left, round_to_krona=False)
    except BadData:
        # A row without quantity, price or rate is Fortnox' to fill: nothing to compare.
        return None
    if right.net.currency == expected.currency and right.net.amount in {totals.net for totals in expected.either()}:
        return None
    facts = {
        "number": str(right.number or ""),
        "expected": f"{expected.per_rate.net} {expected.currency}",
        "net": f"{right.net.amount} {right.net.currency}",
    }
    return Hold(
        Sentence("The rows of the delivery come to {expected} without VAT, and document {number} in Fortnox to {net}.", facts),
        "WEB-41",
        Sentence("Look at the rows in both, and correct the one that is wrong.", facts),
    )


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
        needs=needs,
    )
