"""What syncs with what: orders → documents by payment method, their buyers and payments; articles and customers, one way each.

Rows TXT-06 to TXT-23, ruling D4; accounting.md 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from datetime import date
from functools import partial
from typing import Any, Final

from brygga.connectors.contract import Mapped, Need, Stream
from brygga.connectors.named import needs_of, needs_of_payment, year_of
from brygga.connectors.textalk import articles, buyer, own_accounts
from brygga.connectors.textalk import map as mapping
from brygga.connectors.textalk.order_map import CREDITED
from brygga.connectors.textalk.settings import Settings
from brygga.connectors.textalk.shop import SYSTEM
from brygga.core.after_export import AfterExport
from brygga.core.agreement import comparing
from brygga.core.document import Article, Document, Payment, Row
from brygga.core.ends import Ends
from brygga.core.lineage import Lineage
from brygga.core.match import ARTICLE_KEYS, BUYER_KEYS, Identity, identity_of_article
from brygga.core.money import ZERO, Money, round_ore
from brygga.core.payment_agreement import payment_differences
from brygga.core.plan import Hold, Skip
from brygga.core.planner import Rules, tells_rounding
from brygga.core.policy import LEFT, RIGHT, Holding, Lock, Policy, Side
from brygga.core.record import ABSENT, Absent, Customer, Ref
from brygga.core.several import Several
from brygga.core.vat import SWEDISH_RATES
from brygga.errors import Sentence

NAMES: Final[Mapping[Side, str]] = {LEFT: "Textalk Webshop", RIGHT: "Fortnox"}
BOTH: Final = frozenset({LEFT, RIGHT})
PARTS: Final = ("offers", "orders", "invoices", "cash_invoices", "payments")

Holds = Mapping[Side, Holding]


def key_for(company: str, ref: Ref) -> str:
    """Return what a record made in Fortnox carries."""
    return f"brygga:{company}:{ref.system}:{ref.kind}:{ref.id}"


# Orders -------------------------------------------------------------------------------------------------------------------


def _orders(name: str, kind: str, settings: Settings, company: str, holds: Holds) -> Stream:
    told = {"number", "booked", *({"cancelled"} if settings.cancel_in_fortnox else ())}
    if settings.credit_in_fortnox and kind in CREDITED:
        told.add("credited")
    governed: dict[str, Side] = dict.fromkeys(told, LEFT)
    governed["number"] = RIGHT
    policy = Policy(governed=governed, apart=frozenset(field.name for field in fields(Document)) - told)
    rules = Rules(
        policy=policy,
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: "fortnox"},
        names=NAMES,
        key_for=lambda side, ref, record: key_for(company, ref),
        fill=_fill,
        makes={LEFT: False, RIGHT: True},
        why_not={LEFT: Skip(Sentence("Orders are placed in the shop only."), "TXT-08")},
        identify=lambda values: Identity(),
        admits=admits_order,
        agree=agree,
        ends=Ends(SYSTEM, "TXT-15"),
        compare=comparing(
            _fill, holds, policy, said=("total", "round_off"), accepted=settings.accepted_differences, from_card=settings.from_card
        ),
        tells=tells_rounding(NAMES[LEFT], "TXT-15"),
        compared_by="TXT-15",
        after_export=AfterExport(_fill, holds[RIGHT], "TXT-15", accepted=settings.accepted_differences),
        rows_rule="TXT-12",
        locked=partial(locked, frozenset(told)),
    )
    return Stream(
        name,
        kind,
        rules,
        brake=settings.brake,
        fills=True,
        times=settings.order_times,
        refers={"customer_number": ("customer_ref", "customer")},
        unread=BOTH if settings.export_orders == "never" else frozenset({RIGHT}),
        swept=frozenset() if settings.export_orders == "never" else frozenset({LEFT}),
        watched=frozenset() if settings.export_orders == "never" else frozenset({RIGHT}),
        needs=partial(needs, settings),
        accounted=partial(own_accounts.accounted, settings),
        lineage=Lineage("TXT-09"),
    )


def _fill(side: Side, record: Document) -> Document:
    return replace(record, number="")


def offers(settings: Settings, company: str, holds: Holds) -> Stream:
    """Return the stream of orders that become offers."""
    return _orders("offers", "offer", settings, company, holds)


def orders(settings: Settings, company: str, holds: Holds) -> Stream:
    """Return the stream of orders that become orders."""
    return _orders("orders", "order", settings, company, holds)


def invoices(settings: Settings, company: str, holds: Holds) -> Stream:
    """Return the stream of orders that become invoices."""
    return _orders("invoices", "invoice", settings, company, holds)


def cash_invoices(settings: Settings, company: str, holds: Holds) -> Stream:
    """Return the stream of orders that become cash invoices; the method need not be cash (TXT-11)."""
    return _orders("cash_invoices", "cash_invoice", settings, company, holds)


def admits_order(side: Side, record: Document) -> Skip | None:
    """Say why an order that is not linked makes no document."""
    facts = {"number": str(record.subject or ""), "there": str(record.number or "")}
    if record.cancelled is True:
        return Skip(Sentence("Order {number} was cancelled in the shop before it was exported.", facts), "TXT-15")
    if record.number:
        return Skip(Sentence("Order {number} has the number {there} in the bookkeeping already.", facts), "TXT-15")
    return None


def agree(left: Document, right: Document) -> Hold | None:
    """Say what an exported order and its document no longer say alike while both stand: a changed total, a refund."""
    facts = {"order": str(left.subject or ""), "number": str(right.number or "")}
    if left.cancelled is True or right.cancelled is True or right.credited is True or not isinstance(right.total, Money):
        return None
    off = right.round_off.amount if isinstance(right.round_off, Money) else ZERO
    if right.kind == "cash_invoice" and off and right.booked is not True:
        return _rounded(facts, left, right)
    if not isinstance(left.total, Money):
        return Hold(
            Sentence("Order {order} was changed or refunded in the shop after document {number} was made in Fortnox.", facts),
            "TXT-15",
            Sentence("Look at the order in the shop, and credit or correct the document in Fortnox.", facts),
        )
    return None


def _rounded(facts: Mapping[str, str], left: Document, right: Document) -> Hold:
    """A cash invoice is paid as it is made, and nothing can be written off on it: what it books is what Fortnox rounded to (accounting.md 3.2)."""
    paid = left.to_pay if isinstance(left.to_pay, Money) else left.total
    sums = {
        **facts,
        "paid": f"{paid.amount}" if isinstance(paid, Money) else "",
        "booked": f"{right.total.amount}" if isinstance(right.total, Money) else "",
    }
    return Hold(
        Sentence(
            "Order {order} was paid with {paid}, and cash invoice {number} would book {booked}, as Fortnox rounds to whole kronor. It is not "
            "booked.",
            sums,
        ),
        "TXT-11",
        Sentence(
            "Switch off the rounding (öresavrundning) in Fortnox, or let the payment method become invoices, whose öre are written off with "
            "the payment; cancel cash invoice {number} in Fortnox and make this sale there by hand.",
            sums,
        ),
    )


def locked(told: frozenset[str], side: Side, left: Document, right: Document) -> Lock | None:
    """Say what of a cancelled order does not go over: what is booked is credited and not cancelled, all else the other way round."""
    facts = {"number": str(right.number or "")}
    if side == RIGHT and right.cancelled is True and left.cancelled is not True:
        return Lock(Sentence("Document {number} is cancelled in Fortnox, so it stays as it is.", facts), "TXT-15")
    if side == LEFT or left.cancelled is not True:
        return None
    if right.booked is True:
        return Lock(
            Sentence("Document {number} is booked in Fortnox, so it is credited, not cancelled.", facts),
            "TXT-15",
            told - {"cancelled"},
        )
    return Lock(
        Sentence("Document {number} is not booked in Fortnox, so there is nothing to credit.", facts), "TXT-15", told - {"credited"}
    )


def needs(settings: Settings, document: Document) -> Iterable[Need]:
    """Say what must be in Fortnox first: the two articles of TXT-06 for every order, then its own, its currency, an open day."""
    facts = {"order": str(document.subject or "")}
    own = {settings.freight_article: "Frakt", settings.fee_article: "Avgift"}
    for number, name in ((settings.discount_article, "Rabatt"), (settings.other_article, "Annan betalning")):
        yield _article(settings, facts, Row(article_number=number, description=name), "TXT-07")
    for row in document.lines:
        number = str(row.article_number or "")
        if number and number not in (settings.discount_article, settings.other_article):
            yield _article(settings, facts, replace(row, description=own.get(number) or str(row.description or number)), "TXT-08")
    if document.kind in ("invoice", "cash_invoice"):
        yield from year_of(document.date, f"Order {document.subject or ''}", "Textalk", "TXT-08")
    for account in dict.fromkeys(str(row.account) for row in document.lines if row.account):
        yield _account(facts, account, document.date)
    if document.customer_number and document.vat_type:
        yield _vat_type(facts, document)
    if document.currency and document.currency != "SEK":
        money = {**facts, "currency": str(document.currency)}
        hold = Hold(
            Sentence("Order {order} was not exported: Fortnox has no currency {currency}.", money),
            "TXT-08",
            Sentence("Add {currency} to the currencies of Fortnox.", money),
        )
        yield Need("currency", str(document.currency), hold)
    if document.kind in ("invoice", "cash_invoice") and document.date:
        when = {**facts, "date": document.date.isoformat()}
        hold = Hold(
            Sentence("Order {order}: its day {date} lies in a period that is locked in Fortnox, or in no financial year.", when),
            "TXT-08",
            Sentence("Open the period in Fortnox.", when),
        )
        yield Need("open_day", document.date.isoformat(), hold)
    yield from needs_of(document, f"Order {document.subject or ''}", "Textalk", "TXT-08")


def _article(settings: Settings, facts: Mapping[str, str], row: Row, rule: str) -> Need:
    named = {**facts, "article": str(row.article_number), "name": str(row.description)}
    hold = Hold(
        Sentence("Order {order} was not exported: article {article} ({name}) is not in Fortnox, or is inactive there.", named),
        rule,
        Sentence("Make article {article} in Fortnox, or let missing articles be made (“Skapa artiklar som saknas”).", named),
    )
    return Need("article", str(row.article_number), hold, _made(row) if settings.create_needed_articles else None)


def _made(row: Row) -> Article | None:
    """Return the article to be made for a row: with the rate and account that it is sold at, where that is a rate in Sweden.

    One that is sold without VAT is made by a person, who knows why.
    """
    article = Article(number=row.article_number, name=str(row.description)[: mapping.ARTICLE_LIMITS["name"]])
    if row.vat is ABSENT:
        return article
    return replace(article, vat=row.vat, sales_account=row.account) if row.vat in SWEDISH_RATES and row.vat else None


def _account(facts: Mapping[str, str], account: str, day: date | Absent | None) -> Need:
    named = {**facts, "account": account}
    hold = Hold(
        Sentence("Order {order} was not exported: account {account} is not in Fortnox, or is inactive there.", named),
        "TXT-12",
        Sentence("Add or activate account {account} in Fortnox, or choose another one in the settings.", named),
    )
    return Need("account", account, hold, day=day if isinstance(day, date) else None)


def _vat_type(facts: Mapping[str, str], document: Document) -> Need:
    """A document has no VAT type of its own in Fortnox: it is that of its customer (Fortnox API, section 9.1)."""
    named = {
        **facts,
        "type": str(document.vat_type),
        "customer": str(document.customer_number),
        "name": str(document.customer_name or ""),
        "buyer": str(document.customer_ref or ""),
    }
    hold = Hold(
        Sentence(
            "Order {order} needs a customer of VAT type {type}, and customer {customer} ({name}) has another in Fortnox.", named
        ),
        "TXT-12",
        Sentence(
            "Change the VAT type of customer {customer} in Fortnox, where it is wrong; else make the document by hand for another customer, "
            "and type its number on the order.",
            named,
        ),
    )
    return Need("vat_type", f"{document.customer_number} {document.vat_type}", hold)


# Payments -----------------------------------------------------------------------------------------------------------------


def payments(settings: Settings, company: str, holds: Holds) -> Stream:
    """Return the stream of payments of exported invoices, by methods whose money has come."""
    rules = Rules(
        policy=Policy(governed={"booked": LEFT}, apart=frozenset(field.name for field in fields(Payment)) - {"booked"}),
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: "fortnox"},
        names=NAMES,
        key_for=lambda side, ref, record: payment_key(record),
        makes={LEFT: False, RIGHT: True},
        why_not={LEFT: Skip(Sentence("Payments are made in the shop only."), "TXT-10")},
        identify=lambda values: Identity(),
        compare=lambda left, right: payment_differences(left, right, settings.accepted_differences),
        compared_by="TXT-10",
    )
    # Read also while no method is named, so that those named later are looked for from then on.
    off = settings.export_orders == "never"
    return Stream(
        "payments",
        "payment",
        rules,
        brake=settings.brake,
        fills=True,
        times=settings.order_times,
        unread=BOTH if off else frozenset({RIGHT}),
        needs=lambda payment: needs_of_payment(payment, "Textalk", "TXT-10"),
    )


def payment_key(payment: Payment) -> str:
    """Return by what a payment is found again in Fortnox, which has no field for a key: invoice, date, amount, one an order."""
    sum_ = payment.amount.amount if isinstance(payment.amount, Money) else ZERO
    return f"{payment.invoice_number}/{payment.date}/{round_ore(sum_):f}/1"


# Customers ----------------------------------------------------------------------------------------------------------------


def _customer_rules(settings: Settings, company: str, holds: Holds, source: Side) -> Rules:
    target: Side = RIGHT if source == LEFT else LEFT
    governed: dict[str, Side] = dict.fromkeys(mapping.CUSTOMER_HELD - {"number"}, source)
    governed["number"] = RIGHT
    stays = Skip(Sentence("Customers go from {source} only.", {"source": NAMES[source]}), "TXT-22")
    return Rules(
        policy=Policy(governed=governed, apart=frozenset({"kind", "vat_type"})),
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: "fortnox"},
        names=NAMES,
        key_for=lambda side, ref, record: key_for(company, ref) if side == RIGHT else str(record.number or ref.id),
        fill=lambda side, record: replace(record, number="") if side == RIGHT else record,
        makes={target: True, source: False},
        why_not={source: stays},
        admits=_admits_customer,
        guards=_admits_customer,
        match_keys=BUYER_KEYS,
        identify=buyer.identify,
        several=Several(certain=True) if source == LEFT else None,
    )


def _admits_customer(side: Side, record: Customer) -> Skip | None:
    if side == LEFT and record.active is False:
        facts = {"name": str(record.name or "")}
        return Skip(Sentence("{name} is inactive in Fortnox, so it is not brought to the shop.", facts), "TXT-23")
    return None


def buyers(settings: Settings, company: str, holds: Holds) -> Stream:
    """Return the stream that an order begins with: its customer, found by exact keys or made; then its document and payment."""
    rules = _customer_rules(settings, company, holds, LEFT)
    if not settings.export_customers:
        # Found or made, and then left alone: the customer list itself is not exported.
        known = frozenset(mapping.CUSTOMER_HELD - {"number"})
        rules = replace(rules, policy=Policy(governed={"number": RIGHT}, apart=known | {"kind", "vat_type"}))
    off = settings.export_orders == "never"
    unread = BOTH if off else frozenset[Side]()
    return Stream("buyers", "customer", rules, settings.brake, {LEFT: True}, times=settings.order_times, unread=unread, then=PARTS)


def customer_export(settings: Settings, company: str, holds: Holds) -> Stream:
    """Return the export of the customer list: new and changed (TXT-21)."""
    rules = _customer_rules(settings, company, holds, LEFT)
    return Stream("customer_export", "customer", rules, settings.brake, unread=frozenset() if settings.export_customers else BOTH)


def customer_import(settings: Settings, company: str, holds: Holds) -> Stream:
    """Return the import of customers: new and changed in Fortnox (TXT-23)."""
    rules = _customer_rules(settings, company, holds, RIGHT)
    return Stream("customer_import", "customer", rules, settings.brake, unread=frozenset() if settings.import_customers else BOTH)


# Articles -----------------------------------------------------------------------------------------------------------------


def _article_stream(
    name: str, settings: Settings, holds: Holds, source: Side, on: bool, told: frozenset[str], **more: Any
) -> Stream:
    target: Side = RIGHT if source == LEFT else LEFT
    rules = Rules(
        policy=Policy(governed=dict.fromkeys(told, source), apart=frozenset(field.name for field in fields(Article)) - told),
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: "fortnox"},
        names=NAMES,
        key_for=lambda side, ref, record: str(record.number or ref.id),
        makes={target: True, source: False},
        why_not={source: Skip(Sentence("Articles go from {source} only.", {"source": NAMES[source]}), "TXT-18")},
        match_keys=ARTICLE_KEYS,
        identify=identity_of_article,
        **more,
    )
    return Stream(name, "article", rules, settings.brake, unread=frozenset() if on else BOTH, words=articles.priced)


def article_export(settings: Settings, company: str, holds: Holds) -> Stream:
    """Return the export of articles when they are added or changed, by article number (TXT-17).

    A new article gets the rate that the shop has, and its account by the table; one that is there keeps its own, and a person is told.
    """
    return _article_stream(
        "article_export",
        settings,
        holds,
        LEFT,
        settings.export_articles,
        frozenset({"number", "name", "unit"}),
        admits=partial(articles.admits_export, settings),
        guards=articles.guards_export,
        fill=partial(articles.with_account, settings),
        agree=articles.same_rate,
    )


def article_import(settings: Settings, company: str, holds: Holds) -> Stream:
    """Return the import of articles at a time of day (TXT-19, TXT-20)."""
    return _article_stream(
        "article_import",
        settings,
        holds,
        RIGHT,
        settings.import_articles,
        mapping.ARTICLE_HELD,
        admits=partial(articles.admits_import, settings),
        guards=partial(articles.guards_import, settings),
        lost=articles.lost_price,
    )


MADE: Final[Mapping[str, tuple[str, Callable[[Settings, str, Holds], Stream]]]] = {
    "buyers": ("customer", buyers),
    "offers": ("offer", offers),
    "orders": ("order", orders),
    "invoices": ("invoice", invoices),
    "cash_invoices": ("cash_invoice", cash_invoices),
    "payments": ("payment", payments),
    "article_export": ("article", article_export),
    "article_import": ("article", article_import),
    "customer_export": ("customer", customer_export),
    "customer_import": ("customer", customer_import),
}
"""Stream -> its kind and what makes it. An order's document and payment are parts of the run that its buyer begins."""

_ORDER = Mapped({"rows": "TXT-12", "kind": "TXT-09", "number": "TXT-15", "": "TXT-08"})
MAPPED: Mapping[str, Mapped] = {
    "buyers": Mapped({"": "TXT-15"}, places="info_fields", placeable=("name", "organisation_number", "vat_number")),
    **dict.fromkeys(("offers", "orders", "invoices", "cash_invoices"), _ORDER),
    "payments": Mapped({"": "TXT-10"}),
    "article_export": Mapped({"": "TXT-17"}),
    "article_import": Mapped({"": "TXT-19"}),
    "customer_export": Mapped({"": "TXT-21"}, places="info_fields", placeable=("name", "organisation_number", "vat_number")),
    "customer_import": Mapped({"": "TXT-23"}, places="info_fields", placeable=("name", "organisation_number", "vat_number")),
}
"""Where each stream's mapping comes from."""
