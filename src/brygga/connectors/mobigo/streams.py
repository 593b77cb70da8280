"""What goes where: Mobigo's Fortnox page as rules. Rows MOB-01 to MOB-28, rulings D1 and D10."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from functools import partial
from typing import Any, Final

from brygga.connectors.contract import Mapped, Need, Stream
from brygga.connectors.mobigo import map as mapping
from brygga.connectors.mobigo.map import Assignment
from brygga.connectors.mobigo.settings import SOURCES, TARGETS, Settings
from brygga.connectors.named import needs_of
from brygga.core.after_export import AfterExport
from brygga.core.agreement import comparing
from brygga.core.document import Article, Document, Price, PriceList, Row
from brygga.core.ends import Ends
from brygga.core.lineage import Lineage
from brygga.core.match import ARTICLE_KEYS, DOCUMENT_KEYS, Identity
from brygga.core.money import CONTEXT, ZERO, Money, percent_text, round_ore
from brygga.core.plan import Hold, Remark, Skip, joined
from brygga.core.planner import Rules
from brygga.core.policy import LEFT, RIGHT, Holding, Policy, Side
from brygga.core.record import ABSENT, Customer, Ref, Value
from brygga.core.totals import LARGEST_DOCUMENT
from brygga.errors import Sentence

SYSTEM: Final = "mobigo"
LONGEST_KEY: Final = 80
"""Characters of ExternalInvoiceReference1 (Fortnox API, appendix A)."""

READ_THROUGH: Final = 2000
"""Up to so many prices Fortnox' price lists, which cannot tell what changed, are read in each scheduled run."""

WITH_ARTICLES: Final = ("price_lists", "prices")
"""The streams that each run of articles brings with it (MOB-25)."""

ROT: Final = frozenset(
    {"CONSTRUCTION", "ELECTRICITY", "GLASSMETALWORK", "GROUNDDRAINAGEWORK", "MASONRY", "PAINTINGWALLPAPERING", "HVAC"}
)
RUT: Final = frozenset({
    "CLEANING", "TEXTILECLOTHING", "SNOWPLOWING", "GARDENING", "BABYSITTING", "OTHERCARE", "MAJORAPPLIANCEREPAIR",
    "MOVINGSERVICES", "ITSERVICES", "HOMEMAINTENANCE", "FURNISHING", "TRANSPORTATIONSERVICES", "WASHINGANDCAREOFCLOTHING",
})  # fmt: skip
"""Kinds of house work (Fortnox API, section 9.9)."""

DONE: Final = ("Klart", "Arkiverat")


# Registers: from Fortnox to Mobigo ----------------------------------------------------------------------------------------


def customers(settings: Settings, company: str, holds: Mapping[Side, Holding]) -> Stream:
    """Return the import of customers: by customer number, made or changed, never deleted (MOB-01). Raises SettingsError."""
    settings.need_register("customers")
    rules = _import_rules("customer", holds, "MOB-12", Sentence("Customers are made in Fortnox only; this one is Mobigo's own."))
    return Stream("customers", "customer", replace(rules, match_keys=("number",), admits=_admits_customer), settings.brake)


def articles(settings: Settings, company: str, holds: Mapping[Side, Holding]) -> Stream:
    """Return the import of articles, which brings price lists and prices in the same run (MOB-02, MOB-25). Raises SettingsError."""
    settings.need_register("articles")
    rules = _import_rules("article", holds, "MOB-11", Sentence("Articles are made in Fortnox only; this one is Mobigo's own."))
    return Stream(
        "articles",
        "article",
        replace(rules, admits=partial(_admits_article, settings), guards=partial(_guards_article, settings)),
        settings.brake,
        then=WITH_ARTICLES,
        propose_file_from=settings.propose_file_from,
    )


def price_lists(settings: Settings, company: str, holds: Mapping[Side, Holding]) -> Stream:
    """Return the price lists, by code (MOB-03)."""
    rules = _import_rules("price_list", holds, "MOB-11", Sentence("Price lists are made in Fortnox only."))
    return Stream("price_lists", "price_list", rules, settings.brake, whole={RIGHT: READ_THROUGH})


def prices(settings: Settings, company: str, holds: Mapping[Side, Holding]) -> Stream:
    """Return the prices, by list, article and from which quantity (MOB-03)."""
    rules = _import_rules("price", holds, "MOB-11", Sentence("Prices are made in Fortnox only."))
    rules = replace(rules, admits=partial(_admits_price, settings), guards=partial(_guards_price, settings))
    return Stream("prices", "price", rules, settings.brake, whole={RIGHT: READ_THROUGH})


def _import_rules(kind: str, holds: Mapping[Side, Holding], rule: str, stays: Sentence) -> Rules:
    """Return the rules that all registers share: Fortnox decides every field, and nothing is made there.

    Amounts that Fortnox does not say stay in Mobigo: no price is not the price 0.
    """
    return Rules(
        policy=Policy(
            governed=dict.fromkeys(mapping.FIELDS[kind], RIGHT),
            missed=mapping.FIELDS[kind] & {"list_price", "cost_price", "price"},
        ),
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: "fortnox"},
        names={LEFT: "Mobigo", RIGHT: "Fortnox"},
        key_for=lambda side, ref, record: mapping.key_of(kind, record) or ref.id,
        makes={LEFT: True, RIGHT: False},
        why_not={RIGHT: Skip(stays, rule)},
        match_keys=ARTICLE_KEYS,
        identify=partial(_identity, kind),
    )


def _identity(kind: str, values: Mapping[str, Value]) -> Identity:
    """Return the number alone: by nothing else is a record recognised (MOB-01, MOB-02). Case does not divide two numbers in Mobigo."""
    record: Any = {"customer": Customer, "article": Article, "price_list": PriceList, "price": Price}[kind]
    known = {field.name for field in fields(record)}
    key = mapping.key_of(kind, record(**{name: value for name, value in values.items() if name in known})).casefold()
    return Identity(customer_number=key) if kind == "customer" else Identity(article_number=key)


def _admits_customer(side: Side, record: Customer) -> Skip | Hold | None:
    facts = {"number": str(record.number or ""), "name": str(record.name or "")}
    if record.active is False:
        return Skip(Sentence("Customer {number}, {name}, is inactive in Fortnox, so it is not brought to Mobigo.", facts), "MOB-01")
    return None


def _admits_article(settings: Settings, side: Side, record: Article) -> Skip | Hold | None:
    facts = {"number": str(record.number or ""), "name": str(record.name or "")}
    if (why := _guards_article(settings, LEFT, record)) is not None:
        return why
    if record.active is False:
        return Skip(Sentence("Article {number}, {name}, is inactive in Fortnox, so it is not brought to Mobigo.", facts), "MOB-02")
    return None


def _guards_article(settings: Settings, side: Side, record: Article) -> Skip | None:
    """Say why an article is neither made in Mobigo nor changed there; that one became inactive is carried over."""
    facts = {"number": str(record.number or ""), "name": str(record.name or "")}
    if side == RIGHT or not settings.is_helper(facts["number"]):
        return None
    return Skip(
        Sentence("Article {number}, {name}, serves rows alone (helper_articles), so it is not brought to Mobigo.", facts),
        "MOB-02",
    )


def _admits_price(settings: Settings, side: Side, record: Price) -> Skip | Hold | None:
    facts = {"article": str(record.article_number or ""), "list": str(record.price_list or "")}
    if (why := _guards_price(settings, LEFT, record)) is not None:
        return why
    if record.price is ABSENT:
        return Skip(
            Sentence("Article {article} has no price in list {list} of Fortnox, so none is brought to Mobigo.", facts), "MOB-03"
        )
    return None


def _guards_price(settings: Settings, side: Side, record: Price) -> Skip | None:
    facts = {"article": str(record.article_number or ""), "list": str(record.price_list or "")}
    if side == RIGHT or not settings.is_helper(facts["article"]):
        return None
    return Skip(
        Sentence("Article {article} serves rows alone (helper_articles), so its price in list {list} stays in Fortnox.", facts),
        "MOB-03",
    )


# Assignments: from Mobigo to Fortnox --------------------------------------------------------------------------------------


def assignments(settings: Settings, company: str, holds: Mapping[Side, Holding]) -> Stream:
    """Return the export of assignments, one order or invoice each (MOB-04, MOB-05). Raises SettingsError.

    Fortnox' documents are not read through: nothing of them comes to Mobigo but the numbers of those that we made (MOB-11).
    """
    settings.need_document()
    policy = Policy(governed={"number": RIGHT}, apart=frozenset(field.name for field in fields(Document) if field.name != "number"))
    fill = filler(holds[RIGHT])
    rules = Rules(
        policy=policy,
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: "fortnox"},
        names={LEFT: "Mobigo", RIGHT: "Fortnox"},
        key_for=lambda side, ref, record: key_for(company, ref),
        fill=fill,
        makes={LEFT: False, RIGHT: True},
        why_not={LEFT: Skip(Sentence("Assignments are made in Mobigo only."), "MOB-11")},
        match_keys=DOCUMENT_KEYS,
        identify=lambda values: Identity(),
        after_export=AfterExport(
            fill, holds[RIGHT], "MOB-28", {"text", *settings.field_links.values()}, settings.accepted_differences
        ),
        compare=comparing(fill, holds, policy, said=("net",), accepted=settings.accepted_differences, from_card=settings.from_card),
        compared_by="MOB-09",
        rows_rule="MOB-09",
        ends=Ends(SYSTEM, "MOB-28"),
    )
    return Stream(
        "assignments",
        settings.kind,
        rules,
        brake=settings.brake,
        fills=True,
        unread=frozenset({RIGHT}),
        watched=frozenset({RIGHT}),
        needs=partial(needs, settings),
        lineage=Lineage("MOB-05"),
    )


def key_for(company: str, source: Ref) -> str:
    """Return what a document made of an assignment carries; a number too long for the field is told by a digest of it."""
    key = f"brygga:{company}:{source.system}:{source.kind}:{source.id}"
    if len(key) <= LONGEST_KEY:
        return key
    return f"brygga:{source.system}:{source.kind}:{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def filler(holding: Holding) -> Callable[[Side, Document], Document]:
    """Return what completes a document before it is made: the action text in Fortnox' signs, and what Remarks cannot hold of it
    in one text row before all others (ruling D1)."""
    longest = holding.limits.get("text", 1024)

    def fill(side: Side, record: Document) -> Document:
        text = holding.spell("text", str(record.text or ""))
        rows = record.lines
        if len(text) > longest:
            rows = (Row(description=text[longest:]), *rows)
        return replace(record, number="", text=text[:longest] or ABSENT, rows=rows)

    return fill


def standing(assignment: Assignment, settings: Settings) -> Skip | Hold | None:
    """Say why an assignment is not exported, or cannot be yet; None when it can."""
    facts = {"number": assignment.number}
    if assignment.exported_as[1]:
        became = {**facts, "kind": assignment.exported_as[0], "document": assignment.exported_as[1]}
        why = Sentence("Assignment {number} was exported as {kind} {document}. It is not exported again.", became)
        if assignment.changed_since:
            why = Sentence(
                "Assignment {number} was exported as {kind} {document} and changed in Mobigo since. It is not exported again.",
                became,
            )
        return Skip(why, "MOB-28", outward=True)
    if settings.only_completed and assignment.status not in DONE:
        return Hold(
            Sentence("Assignment {number} has the status {status}.", {**facts, "status": assignment.status}),
            "MOB-26",
            Sentence("Set it to Klart in Mobigo, or switch only_completed off."),
        )
    if settings.only_attested and not assignment.attested:
        return Hold(
            Sentence("Assignment {number} is not attested.", facts),
            "MOB-26",
            Sentence("Attest it in Mobigo, or switch only_attested off."),
        )
    if not assignment.document.customer_number:
        return Hold(
            Sentence("Assignment {number} has no customer.", facts), "MOB-13", Sentence("Choose its customer in Mobigo.", facts)
        )
    return _rows_held(assignment, settings, facts)


def _rows_held(assignment: Assignment, settings: Settings, facts: dict[str, str]) -> Hold | None:
    rows = assignment.document.lines
    if assignment.unlinked and settings.unlinked_time_types == "hold":
        names = {**facts, "types": ", ".join(assignment.unlinked)}
        return Hold(
            Sentence("Assignment {number} has billable hours of {types}, which no article is linked to.", names),
            "MOB-06",
            Sentence("Link the time type to an article in Mobigo or under time_types, or mark the rows as not billable.", names),
        )
    if not rows:
        return Hold(
            Sentence("Assignment {number} has no billable row that can be exported.", facts),
            "MOB-06",
            Sentence("Mark its times or materials as billable in Mobigo, and link its time types to articles.", facts),
        )
    if len(rows) >= LARGEST_DOCUMENT:
        counted = {**facts, "count": str(len(rows)), "limit": str(LARGEST_DOCUMENT - 1)}
        return Hold(
            Sentence("Assignment {number} has {count} rows; with its text at most {limit} go on one document.", counted),
            "MOB-07",
            Sentence("Divide it into several assignments in Mobigo.", counted),
        )
    for place, row in enumerate(rows, 1):
        if not row.article_number and not row.description:
            return Hold(
                Sentence("Assignment {number}: material row {row} has neither article nor text.", {**facts, "row": str(place)}),
                "MOB-07",
                Sentence("Complete the row in Mobigo."),
            )
    return _house_work_held(assignment, facts) or _total_held(assignment, facts)


def _house_work_held(assignment: Assignment, facts: dict[str, str]) -> Hold | None:
    """Hold house work with labour of no kind or of the other kind, which Fortnox refuses (accounting.md 7.5, error 2004021)."""
    if not assignment.work_type:
        return None
    kinds = ROT if assignment.work_type == "rot" else RUT
    for place, row in enumerate(assignment.document.lines, 1):
        if row.house_work is True and row.house_work_type not in kinds:
            named = {**facts, "row": str(place), "kind": assignment.work_type.upper(), "type": str(row.house_work_type or "–")}
            return Hold(
                Sentence("Assignment {number} is {kind}, but row {row} is work of the kind {type}.", named),
                "",
                Sentence("Choose a kind of {kind} work on the row in Mobigo.", named),
            )
    return None


def _total_held(assignment: Assignment, facts: dict[str, str]) -> Hold | None:
    """Hold an assignment whose own sum is not that of its rows; one with rows that Fortnox prices cannot be added up."""
    document = assignment.document
    if document.net is ABSENT or any(row.price is ABSENT for row in document.lines):
        return None
    added = ZERO
    for row in document.lines:
        price = row.price.amount if isinstance(row.price, Money) else ZERO
        quantity = ZERO if row.quantity is ABSENT else row.quantity
        gross = CONTEXT.multiply(quantity, price)
        off = ZERO if row.discount is ABSENT else CONTEXT.divide(CONTEXT.multiply(gross, row.discount), 100)
        added += round_ore(gross - off)
    if added == document.net.amount:
        return None
    sums = {**facts, "total": str(document.net.amount), "rows": str(added)}
    return Hold(
        Sentence("Assignment {number} says {total} kronor without VAT, and its billable rows add up to {rows}.", sums),
        "",
        Sentence("Correct the rows or the sum in Mobigo.", sums),
    )


def remark(assignment: Assignment, settings: Settings) -> Remark | None:
    """Say what does not follow of an assignment that is exported nevertheless: a warning, kept with the run."""
    return joined(_remarks(assignment, settings))


def _remarks(assignment: Assignment, settings: Settings) -> Iterator[Remark]:
    facts = {"number": assignment.number, "limit": str(settings.action_text_limit), "length": str(assignment.length)}
    if assignment.length > settings.action_text_limit:
        yield Remark(
            Sentence(
                "The action text of assignment {number} has {length} characters; the first {limit} follow to Fortnox. "
                "In Mobigo it is untouched.",
                facts,
            ),
            "MOB-18",
        )
    if assignment.unlinked:
        names = {**facts, "types": ", ".join(assignment.unlinked)}
        yield Remark(
            Sentence(
                "Billable hours of {types} on assignment {number} did not follow: no article is linked to the time type. "
                "It is not archived.",
                names,
            ),
            "MOB-06",
        )
    rows, hours, kronor = assignment.kept
    if rows:
        named = {**facts, "count": str(rows), "hours": percent_text(hours), "kronor": f"{kronor:f}"}
        yield Remark(
            Sentence(
                "{count} billable rows of assignment {number} did not follow ({hours} h, {kronor} kr): export_times or export_materials "
                "is off. It is not archived.",
                named,
            ),
            "MOB-06",
        )
    if assignment.long_rows:
        counted = {**facts, "count": str(assignment.long_rows), "most": str(mapping.ROW_TEXT)}
        yield Remark(
            Sentence(
                "{count} rows of assignment {number} have a text longer than {most} characters, which is cut in Fortnox.", counted
            ),
            "MOB-07",
        )


def needs(settings: Settings, document: Document) -> Iterable[Need]:
    """Say what must be in Fortnox before an assignment goes there: its customer (MOB-14) and its articles (D10)."""
    number = str(document.customer_number)
    facts = {"number": str(document.subject or ""), "customer": number}
    yield Need(
        "customer",
        number,
        Hold(
            Sentence(
                "Assignment {number} was not exported: its customer {customer} is not in Fortnox, or is inactive there.", facts
            ),
            "MOB-14",
            Sentence("Make the customer in Fortnox with that number, or correct the assignment's customer in Mobigo.", facts),
        ),
    )
    for row in document.lines:
        if row.article_number:
            yield _article_needed(settings, facts, row)
    if document.kind in ("invoice", "cash_invoice"):
        hold = Hold(
            Sentence(
                "Assignment {number} was not exported: its invoice is of today, which lies in a period that is locked in Fortnox, or in "
                "no financial year.",
                facts,
            ),
            "MOB-08",
            Sentence("Open the period, or add the financial year, in Fortnox.", facts),
        )
        yield Need("open_day", "today", hold)
    yield from needs_of(document, f"Uppdrag {document.subject or ''}", "Mobigo", "MOB-08")


def _article_needed(settings: Settings, facts: dict[str, str], row: Row) -> Need:
    article = str(row.article_number)
    named = {**facts, "article": article, "text": str(row.description or "")}
    hold = Hold(
        Sentence(
            "Assignment {number} was not exported: article {article} ({text}) is not in Fortnox, or is inactive there.", named
        ),
        "MOB-07",
        Sentence("Make the article in Fortnox, correct the row in Mobigo, or switch create_missing_articles on.", named),
    )
    # Basic data only (D10): number, name and unit.
    made = Article(number=article, name=str(row.description or article)[:200], unit=row.unit)
    return Need("article", article, hold, made if settings.create_missing_articles else None)


MAPPED: Final[Mapping[str, Mapped]] = {
    "customers": Mapped({"": "MOB-01"}),
    "articles": Mapped({"": "MOB-02"}),
    "price_lists": Mapped({"": "MOB-03"}),
    "prices": Mapped({"": "MOB-03"}),
    "assignments": Mapped(
        {
            "customer_number": "MOB-13", "rows": "MOB-06, MOB-07", "text": "MOB-17", "number": "MOB-28", "": "MOB-09",
            **dict.fromkeys(TARGETS, "MOB-08"),
        },
        links="field_links",
        linkable=SOURCES,
        targets=TARGETS,
    ),
}  # fmt: skip
"""Where each stream's mapping comes from."""
