"""What syncs with what: sales ↔ orders or invoices, and opportunities ↔ offers. Rows UPS-07 to UPS-12, UPS-23 to UPS-28; D2, D6, D7."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from decimal import Decimal
from functools import partial
from typing import Final

from brygga.clients.upsales import wire
from brygga.clients.upsales.wire import Raw
from brygga.connectors.contract import Need, Stream
from brygga.connectors.named import needs_of, year_of
from brygga.connectors.upsales import sale_map as mapping
from brygga.connectors.upsales.layout import Layout
from brygga.connectors.upsales.sale_words import in_words_of_a_sale, is_told_only
from brygga.connectors.upsales.settings import Settings, complete
from brygga.connectors.upsales.streams import NAMES, barred, key_for
from brygga.connectors.upsales.write import SYSTEM
from brygga.core.agreement import Difference, comparing
from brygga.core.countries import country_to_iso
from brygga.core.document import Document
from brygga.core.document_state import TOLD, lock_of
from brygga.core.ends import Ends
from brygga.core.fine import KEPT_BY_FORTNOX, is_finer
from brygga.core.lineage import Lineage
from brygga.core.match import DOCUMENT_KEYS, Identity
from brygga.core.money import Money
from brygga.core.net_rows import comes_to_net
from brygga.core.net_words import head_told, waits_for_net
from brygga.core.plan import Hold, Skip
from brygga.core.planner import Rules
from brygga.core.policy import LEFT, RIGHT, Holding, Lock, Policy, Side
from brygga.core.record import ABSENT, Value
from brygga.core.totals import LARGEST_DOCUMENT
from brygga.errors import Sentence

CALLED: Final[Mapping[str, str]] = {"offer": "Offert", "order": "Order", "invoice": "Faktura", "credit_invoice": "Kreditfaktura"}
"""What a sale is called that comes from a document of Fortnox, before its number."""
MADE: Final[Mapping[str, str]] = {"offer": "UPS-11", "order": "UPS-27", "invoice": "UPS-24"}
BROUGHT: Final[Mapping[str, str]] = {"offer": "UPS-11", "order": "UPS-28", "invoice": "UPS-25"}


# What keeps a sale in Upsales -----------------------------------------------------------------------------------------------


def standing(raw: Raw, document: Document, layout: Layout, settings: Settings) -> Skip | Hold | None:
    """Say why a sale may not go to Fortnox, or cannot yet; None when it may, as far as its rows let it."""
    kind = str(document.kind)
    facts = {"id": str(raw["id"]), "name": str(document.subject or ""), "stage": str(wire.nested(raw, "stage").get("name") or "")}
    if wire.truth(wire.custom_values(raw).get(layout.fields("order").get("SKIP_SYNC", -1))):
        return Skip(Sentence("Sale {id} ({name}) is marked not to be synced.", facts), MADE[kind])
    if kind == "offer":
        if document.number and document.cancelled is True and settings.cancel_in_fortnox:
            return None
        opened = document.number and document.probability not in (0, 100)
        if opened or document.stage == layout.stages.offer:
            return _incomplete(document, facts)
        return Skip(Sentence("Sale {id} ({name}) is not in the offer stage: {stage}.", facts), "UPS-11")
    if document.cancelled is True:
        if settings.cancel_in_fortnox and document.number:
            return None
        return Skip(Sentence("Sale {id} ({name}) was lost.", facts), "UPS-10")
    if document.probability != 100:
        # Its offer was made into an order in Fortnox: that wins it, by the number.
        return Skip(Sentence("Sale {id} ({name}) is not won yet: {stage}.", facts), MADE[kind], frozenset({"number"}))
    # A sale that has its document may go on to a later stage of 100 %: it is changed as before.
    if document.stage != layout.stages.won and not document.number:
        return Skip(Sentence("Sale {id} ({name}) is won, but not in the won stage of the settings: {stage}.", facts), "UPS-09")
    return _incomplete(document, facts)


def _incomplete(document: Document, facts: Mapping[str, str]) -> Hold | None:
    if not document.customer_ref:
        return Hold(
            Sentence("Sale {id} ({name}) has no company.", dict(facts)),
            "UPS-18",
            Sentence("Choose its company in Upsales.", dict(facts)),
        )
    if not document.lines:
        return Hold(
            Sentence("Sale {id} ({name}) has no rows.", dict(facts)),
            MADE[str(document.kind)],
            Sentence("Add its products in Upsales.", dict(facts)),
            but=frozenset({"rows"}),
        )
    country = str(document.delivery_country or "")
    if country and country_to_iso(country) is None:
        where = {**facts, "country": country}
        return Hold(
            Sentence("Sale {id} ({name}) is delivered to the country “{country}”, which is not known.", where),
            MADE[str(document.kind)],
            Sentence("Correct the country of the delivery address in Upsales: its name, or its two letters.", where),
        )
    return None


def trouble_of_rows(raw: Raw, products: Mapping[int, Raw | None], settings: Settings) -> Hold | None:
    """Say what of a sale's rows Fortnox cannot hold to the öre."""
    lines = mapping.lines_of(raw, settings.product_bundles)
    facts = {"id": str(raw["id"]), "name": str(raw.get("description") or "")}
    if not raw.get("currency"):
        return Hold(
            Sentence("Sale {id} ({name}) has no currency.", facts),
            "UPS-23",
            Sentence("Choose its currency in Upsales.", facts),
        )
    if len(lines) > LARGEST_DOCUMENT:
        counted = {**facts, "count": str(len(lines)), "limit": str(LARGEST_DOCUMENT)}
        return Hold(
            Sentence("Sale {id} ({name}) has {count} rows, and a document of Fortnox at most {limit}.", counted),
            "UPS-23",
            Sentence("Split it into several sales in Upsales.", counted),
        )
    for place, line in enumerate(lines, 1):
        product = products.get(line.product)
        at = {**facts, "row": str(place), "product": str((product or {}).get("name") or line.product)}
        if product is None:
            return Hold(
                Sentence("Sale {id} ({name}), row {row}: product {product} is gone from Upsales.", at),
                "UPS-21",
                Sentence("Choose another product on the row.", at),
            )
        if not str(product.get("articleNo") or "").strip():
            return Hold(
                Sentence("Sale {id} ({name}), row {row}: product {product} has no article number.", at),
                "UPS-21",
                Sentence("Choose a product that came from Fortnox, or give this one the number of its article there.", at),
            )
    # What is too fine for Fortnox is held by the rule of all systems, which names the number.
    numbers = (number for line in lines for number in (line.list_price, line.quantity))
    return None if any(is_finer(number, KEPT_BY_FORTNOX) for number in numbers) else _wrong_sum(raw, lines, facts)


def _wrong_sum(raw: Raw, lines: Iterable[mapping.Line], facts: Mapping[str, str]) -> Hold | None:
    said, reckoned = mapping.value_of(raw), mapping.sum_of(lines)
    if raw.get("value") is None or said == reckoned:
        return None
    sums = {**facts, "said": f"{said:f}", "reckoned": f"{reckoned:f}"}
    return Hold(
        Sentence("Sale {id} ({name}) has the value {said} in Upsales, and its rows make {reckoned} in Fortnox.", sums),
        "UPS-23",
        Sentence("Correct the prices or the product bundles of the sale in Upsales.", sums),
    )


def unreadable(raw: Raw) -> Hold:
    """Hold a sale with a date that is none."""
    facts = {"id": str(raw["id"]), "name": str(raw.get("description") or "")}
    return Hold(Sentence("Sale {id} ({name}) has a date that cannot be read.", facts), "UPS-23", Sentence("Correct it in Upsales."))


# What must be in Fortnox first ----------------------------------------------------------------------------------------------


def needs(document: Document) -> Iterable[Need]:
    """Say what must be in Fortnox before a sale goes there: its articles, its currency, an open period for an invoice's date."""
    facts = {"name": str(document.subject or "")}
    for row in document.lines:
        article = {**facts, "article": str(row.article_number), "text": str(row.description or "")}
        hold = Hold(
            Sentence("{name}: article {article} ({text}) is not in Fortnox, or is inactive there.", article),
            "UPS-21",
            Sentence("Make the article in Fortnox, or choose another product in Upsales.", article),
        )
        yield Need("article", str(row.article_number), hold)
    if document.currency and document.currency != "SEK":
        money = {**facts, "currency": str(document.currency)}
        hold = Hold(
            Sentence("{name}: Fortnox has no currency {currency}.", money),
            "UPS-23",
            Sentence("Add {currency} to the currencies of Fortnox, or choose another one in Upsales.", money),
        )
        yield Need("currency", str(document.currency), hold)
    if document.kind == "invoice" and document.date:
        yield from year_of(document.date, str(document.subject or ""), "Upsales", "UPS-24")
        when = {**facts, "date": document.date.isoformat()}
        hold = Hold(
            Sentence("{name}: the date {date} lies in a period that is locked in Fortnox, or in no financial year.", when),
            "UPS-24",
            Sentence("Choose another close date in Upsales, or open the period in Fortnox.", when),
        )
        yield Need("open_day", document.date.isoformat(), hold)
    yield from needs_of(document, str(document.subject or ""), "Upsales", "UPS-23")


# The rules ------------------------------------------------------------------------------------------------------------------


def admitting(settings: Settings) -> Callable[[Side, Document], Skip | Hold | None]:
    """Return what says why a document of Fortnox is not made in Upsales."""

    def admits(side: Side, record: Document) -> Skip | Hold | None:
        if side == RIGHT:
            return None
        return guards_credit(settings, side, record) or _not_brought(record, settings)

    return admits


def guards_credit(settings: Settings, side: Side, record: Document) -> Skip | None:
    """Say why a credit invoice becomes no sale, and the sale that it is already is left alone: that was chosen in the settings."""
    if side == RIGHT or record.kind != "credit_invoice" or settings.credit_invoices != "none":
        return None
    facts = {"number": str(record.number or ""), "original": str(record.credit_of or "")}
    return Skip(Sentence("Invoice {number} credits invoice {original}; credits stay in Fortnox.", facts), "UPS-25")


def _not_brought(record: Document, settings: Settings) -> Skip | Hold | None:
    rule = BROUGHT.get(str(record.kind), "UPS-25")
    facts = {"number": str(record.number or "")}
    if record.cancelled is True:
        return Skip(Sentence("Document {number} is cancelled in Fortnox.", facts), "UPS-10")
    if record.prices_include_vat is True and not comes_to_net(record):
        return waits_for_net(record, rule)
    for place, row in enumerate(record.lines, 1):
        if not row.is_text and not row.article_number:
            at = {**facts, "row": str(place), "text": str(row.description or "")}
            return Hold(
                Sentence(
                    "Document {number}, row {row} ({text}) has no article, and a sale in Upsales has a product on each row.", at
                ),
                rule,
                Sentence("Choose an article on the row in Fortnox, or one for all such rows under Uppsamlingsartikel.", at),
            )
    return None


def fill(side: Side, record: Document) -> Document:
    """Complete a document before it is made: Fortnox gives the number; a sale has to be called something.

    A sale is without VAT, and without freight and fee unless `from_card` has brought them (accounting.md 3.3).
    """
    if side == RIGHT:
        nothing = Money(Decimal(0), str(record.currency or "SEK"))
        return replace(
            record,
            number="",
            prices_include_vat=False,
            freight=nothing if record.freight is ABSENT else record.freight,
            fee=nothing if record.fee is ABSENT else record.fee,
        )
    credits = f" (krediterar faktura {record.credit_of})" if record.credit_of else ""
    return replace(record, subject=f"{CALLED[str(record.kind)]} {record.number}{credits}")


def identity(values: Mapping[str, Value]) -> Identity:
    """Return what a document is recognised by: its number, or the offer that it was made of, which both sides know first."""
    offer = values.get("offer_number")
    if isinstance(offer, str) and offer:
        return Identity(document_number=f"offer {offer}")
    number = values.get("number")
    return Identity(document_number=number.strip() if isinstance(number, str) else "")


def locking(settings: Settings) -> Callable[[Side, Document, Document], Lock | None]:
    """Return what says why a document may no longer be changed, in Fortnox or from there; some rows are Fortnox' own for good."""

    def locks(side: Side, left: Document, right: Document) -> Lock | None:
        lock = locked(side, left, right)
        if lock is not None or side == LEFT or not is_told_only(right, settings):
            return lock
        sentence = (
            "The rows of document {number} have prices with VAT, no article, freight in the head or a part that is delivered, so they are "
            "changed in Fortnox alone: {fields}."
        )
        return Lock(Sentence(sentence, {"number": str(right.number or "")}), "UPS-23", BUT_ROWS, "rows")

    return locks


BUT_ROWS: Final = frozenset(field.name for field in fields(Document)) - {"rows", "currency"}


def locked(side: Side, left: Document, right: Document) -> Lock | None:
    """Say why Fortnox' document may no longer be changed: booked, made into another, cancelled or sent (ruling D6).

    The other way only an offer that has become an order is left alone: the sale follows the order now.
    """
    if side == LEFT:
        return lock_of(right, rule="UPS-11") if right.kind == "offer" else None
    if right.kind == "credit_invoice":
        facts = {"number": str(right.number or "")}
        sentence = "Credit invoice {number} is changed in Fortnox alone, so this is not carried over: {fields}."
        return Lock(Sentence(sentence, facts), "UPS-25", TOLD - {"cancelled"}, "credit")
    lock = lock_of(right, rule="UPS-23")
    if lock is None and right.sent is True:
        facts = {"number": str(right.number or "")}
        sentence = "Document {number} has been sent from Fortnox, so this is not carried over: {fields}."
        return Lock(Sentence(sentence, facts), "UPS-23", TOLD, "sent")
    if lock is not None and right.booked is True:
        return replace(lock, but=TOLD - {"cancelled"}, state="credited" if right.credited is True else lock.state)
    return lock


def comparison(
    settings: Settings, holds: Mapping[Side, Holding], policy: Policy
) -> Callable[[Document, Document], tuple[Difference, ...]]:
    """Return what compares a sale with its document, as long as both live and an offer has not become an order."""
    compare = comparing(
        fill,
        holds,
        policy,
        said=("net",),
        accepted=settings.accepted_differences,
        from_card=settings.from_card,
        heads=[name for name, article in settings.head_articles.items() if not article],
    )

    def compared(left: Document, right: Document) -> tuple[Difference, ...]:
        lost_here = left.cancelled is True
        return () if lost_here or right.ordered is True else compare(left, right)

    return compared


def _rules(settings: Settings, company: str, kind: str, holds: Mapping[Side, Holding]) -> Rules:
    governed: dict[str, Side] = dict.fromkeys(("number", "invoice_number", "due", "total", "balance"), RIGHT)
    governed |= dict.fromkeys(mapping.SAID, LEFT)
    if not settings.cancel_in_fortnox:
        governed["cancelled"] = RIGHT
    policy = Policy(owners=settings.document_owners, governed=governed, apart=frozenset({"net", "offer_number", "kind"}))
    return Rules(
        policy=policy,
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: "fortnox"},
        names=NAMES,
        key_for=lambda side, ref, record: key_for(company, side, ref, str(record.number or "")),
        fill=fill,
        admits=admitting(settings),
        guards=partial(guards_credit, settings),
        match_keys=DOCUMENT_KEYS,
        identify=identity,
        locked=locking(settings),
        ends=Ends(SYSTEM, "UPS-10", credits_apart=settings.credit_invoices != "none"),
        compare=comparison(settings, holds, policy),
        compared_by="UPS-23",
        rows_rule="UPS-23",
        remark=lambda side, record: head_told(record, settings.head_articles, "Upsales", "UPS-25") if side == LEFT else None,
        why_not={
            RIGHT: Skip(Sentence("It was in Upsales before the first sync; older sales are not sent to Fortnox."), "UPS-14"),
        },
    )


def _stream(name: str, kind: str, settings: Settings, company: str, holds: Mapping[Side, Holding]) -> Stream:
    complete(settings)
    return Stream(
        name,
        kind,
        _rules(settings, company, kind, holds),
        settings.brake,
        {LEFT: False, RIGHT: True},
        refers={"customer_number": ("customer_ref", "customer")},
        words=in_words_of_a_sale(settings),
        needs=needs,
        barred=barred(settings),
        after=("customers", "products"),
        stays_out=frozenset({LEFT}),
        swept=frozenset({LEFT}),
        prepare=lambda connector: connector.prepare("order"),
        asked=True,
        shows=("offers", "sales") if settings.show_status else (),
        lineage=Lineage("UPS-26", frozenset({"offer"}) if kind == "order" else frozenset()),
    )


def sales(settings: Settings, company: str, holds: Mapping[Side, Holding]) -> Stream:
    """Return the stream of sales: won sales ↔ orders or invoices, by the one module of the account (UPS-07, UPS-23 to UPS-28)."""
    return _stream("sales", settings.kind, settings, company, holds)


def offers(settings: Settings, company: str, holds: Mapping[Side, Holding]) -> Stream:
    """Return the stream of offers: opportunities in the offer stage ↔ offers; only with order and offer (UPS-11, UPS-12)."""
    stream = _stream("offers", "offer", settings, company, holds)
    return stream if settings.offers else replace(stream, unread=frozenset({LEFT, RIGHT}))
