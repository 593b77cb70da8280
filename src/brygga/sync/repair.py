"""What the hub itself can do about a problem when a person says so: make what is missing in Fortnox, or correct the record.

`offers` says what there is, from what is stored. `preview` says what would be sent. `ask` keeps the person's word; the next run of the
stream carries it out (`carry_out`), written down before it leaves like every other write, and then tries the record again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast

from django.db import transaction
from django.utils import timezone

from brygga import connectors
from brygga.connectors.contract import Books, Connector, Update
from brygga.core.called import before
from brygga.core.diff import same
from brygga.core.document import Document, Row
from brygga.core.money import Money, percent_text
from brygga.core.policy import LEFT, RIGHT, Side
from brygga.core.posting import Posting, posting_of
from brygga.core.record import ABSENT, Ref, Value, present
from brygga.core.vat import SWEDISH_RATES
from brygga.errors import BryggaError, OutcomeUnknown, Sentence, SettingsError, Unauthorised, Unavailable, in_plain_words
from brygga.store import journal, problems, values
from brygga.store.journal import Intent
from brygga.store.models import AuditEntry, Integration, JournalEntry, Problem
from brygga.sync import settle
from brygga.sync.context import Context
from brygga.sync.open import connect, connection_of, fortnox_settings

MAKE: Final = "make"
EDIT: Final = "edit"
GO: Final = "go"
"""A stream that the brake stopped is let go once: nothing is sent by it, so the journal has no word for it."""
ACTIONS: Final = (MAKE, EDIT, settle.CORRECT, settle.CANCEL)
"""The journal's words for these writes: they are recovered by looking at the record that was to be made or changed."""

_MADE: Final[Mapping[str, tuple[Sentence, tuple[str, ...]]]] = {
    "article": (Sentence("Make article {id} in Fortnox"), ("name", "unit", "vat", "sales_account")),
    "customer": (Sentence("Make customer {id} in Fortnox"), ("name",)),
    "account": (Sentence("Make account {id} in Fortnox"), ("name",)),
    "currency": (Sentence("Add currency {id} in Fortnox"), ("name", "rate")),
    "cost_center": (Sentence("Make cost centre {id} in Fortnox"), ("name",)),
    "project": (Sentence("Make project {id} in Fortnox"), ("name",)),
    "terms_of_payment": (Sentence("Add terms of payment {id} in Fortnox"), ("name",)),
    "terms_of_delivery": (Sentence("Add terms of delivery {id} in Fortnox"), ("name",)),
    "way_of_delivery": (Sentence("Add way of delivery {id} in Fortnox"), ("name",)),
    "price_list": (Sentence("Add price list {id} in Fortnox"), ("name",)),
    "unit": (Sentence("Add unit {id} in Fortnox"), ("name",)),
    "mode_of_payment": (Sentence("Add mode of payment {id} in Fortnox"), ("name", "account")),
}
"""What can be made where it is missing: the button, and what a person has to say of it."""
_OPTIONAL: Final = frozenset({"unit", "vat", "sales_account"})
_LONGEST: Final = 200
_ACCOUNT: Final = re.compile(r"[1-9][0-9]{3}")


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that the hub can do about a problem.

    name    "make", "edit", "go", or one of `settle.LABELS`
    label   the button; `help` what happens then
    fields  what a person may say: field -> what is proposed. Empty for an edit: its fields are read when it is asked for
    """

    name: str
    label: Sentence
    help: Sentence
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent: to which system and record, field -> (what is there, what shall be)."""

    system: str
    kind: str
    id: str
    changes: Mapping[str, tuple[Value, Value]]


def offers(problem: Problem) -> list[Offer]:
    """Return what can be done about a problem, the likeliest first; none for questions, conflicts and skips."""
    if problem.sort not in (Problem.Sort.HOLD, Problem.Sort.FAILED) or problem.state != Problem.State.OPEN:
        return []
    if problem.kind == problems.STREAM:
        label, help = Sentence("Let it go once"), Sentence("As much as was counted is written by the next run; more stops again.")
        return [Offer(GO, label, help, {})]
    found = []
    missing = problem.detail.get("missing") or {}
    if missing.get("kind") in _MADE:
        label, names = _MADE[missing["kind"]]
        proposed = _proposed(problem, missing["kind"], missing["id"])
        found.append(
            Offer(
                MAKE,
                replace(label, facts={"id": missing["id"]}),
                Sentence("What is there and inactive is made active instead. The record is tried again in the same run."),
                {name: proposed.get(name, "") for name in names},
            )
        )
    found += [Offer(name, *settle.LABELS[name], {}) for name in settle.offered(problem)]
    where = connectors.NAMES["fortnox" if problem.side == RIGHT else problem.integration.system]
    found.append(
        Offer(
            EDIT,
            Sentence("Correct the record in {system}", {"system": where}),
            Sentence(
                "The fields are read from {system} and changed there. The record is tried again in the same run.", {"system": where}
            ),
            {},
        )
    )
    return found


def _proposed(problem: Problem, kind: str, id: str) -> dict[str, str]:
    """Return what the record itself says of the one that is missing."""
    record = values.decode(problem.detail.get("record") or {})
    if kind == "article":
        for row in record.get("rows") or ():
            if isinstance(row, Row) and str(row.article_number) == id:
                return {"name": str(row.description or id)[:_LONGEST], "unit": str(row.unit or ""), **_sold_by(row)}
    if kind == "customer":
        return {"name": str(record.get("customer_name") or "")}
    return {} if kind == "account" else {"name": id}


def _sold_by(row: Row) -> dict[str, str]:
    """Return the rate and the account that a row is sold at, as its article's own; empty texts are Fortnox' to fill.

    A sale without VAT says nothing of what the article is sold at in Sweden, unless its account is no account of sales (accounting.md 1.2).
    """
    account = str(row.account or "")
    if row.vat is ABSENT or row.vat not in SWEDISH_RATES or (not row.vat and (not account or account.startswith("3"))):
        return {}
    return {"vat": percent_text(row.vat), "sales_account": account}


def _day_of(problem: Problem, kind: str) -> dict[str, str]:
    """Return the day for which something is made that belongs to a financial year: that of the document which waits for it."""
    day = values.decode(problem.detail.get("record") or {}).get("date") if kind == "account" else None
    return {"date": day.isoformat()} if isinstance(day, date) else {}


def called(problem: Problem) -> str:
    """Return what people call the record of a problem, where its sentence does not say it; "" where it does."""
    if problem.kind == problems.STREAM:
        return ""
    said = str(Sentence(problem.sentence["template"], problem.sentence["facts"]))
    return before(said, values.decode(problem.detail.get("record") or {}), in_plain_words(problem.record_id))


def amount_of(problem: Problem) -> Money | None:
    """Return what the record is worth to the bookkeeper: a document's total, a payment's amount; None where it has none."""
    record = values.decode(problem.detail.get("record") or {})
    for name in ("total", "to_pay", "payable", "amount", "net"):
        if isinstance(record.get(name), Money):
            return cast(Money, record[name])
    if not record.get("rows") or not isinstance(record["rows"][0], Row):
        return None
    known = {field.name for field in fields(Document)}
    posting = posting_of(Document(**{name: value for name, value in record.items() if name in known}))
    return Money(posting.total, posting.currency) if isinstance(posting, Posting) else None


# A person asks ----------------------------------------------------------------------------------------------------------------


def editable(problem: Problem) -> dict[str, Value]:
    """Read the record now, in the lane of persons, and return the fields that a person may correct there.

    Raises SettingsError when it is gone, Unavailable, Unauthorised.
    """
    with closing(_reader(problem)) as connector:
        held = connector.capability(problem.kind).holding()
        seen = connector.get(problem.kind, problem.record_id)
    if seen is None:
        raise SettingsError("{system} no longer has {id}.", system=connector.system, id=problem.record_id)
    return {
        name: value
        for name, value in present(seen.record)
        if name in held.fields and name not in held.steps and (isinstance(value, str | date) or value is None)
    }


def _reader(problem: Problem) -> Connector:
    integration = problem.integration
    requests: Counter[str] = Counter()
    if problem.side == RIGHT:
        return connect(connection_of(integration, "fortnox"), requests, "person", fortnox_settings(integration))
    settings = connectors.read_settings(integration.system, integration.settings, f"{integration.address} settings")
    return connect(connection_of(integration, integration.system), requests, "person", settings)


def preview(problem: Problem, name: str, typed: Mapping[str, str]) -> Preview:
    """Return what a repair would send with what was typed. Raises SettingsError naming the field, and as `editable`."""
    offer = next((offer for offer in offers(problem) if offer.name == name), None)
    if offer is None:
        raise SettingsError(
            "Problem {number} has no repair {name}.",
            repair="It has: {known}.",
            number=problem.pk,
            name=name,
            known=", ".join(offer.name for offer in offers(problem)) or "–",
        )
    if name == GO:
        return Preview(problem.integration.system, problem.kind, problem.record_id, {})
    if name == MAKE:
        missing = problem.detail["missing"]
        wanted = _checked({field: typed.get(field, proposed).strip() for field, proposed in offer.fields.items()})
        wanted |= _day_of(problem, missing["kind"])
        # What is left empty is not sent: Fortnox decides it, as it would for a person.
        return Preview("fortnox", missing["kind"], missing["id"], {field: (None, text) for field, text in wanted.items() if text})
    if name in settle.LABELS:
        number, changed = settle.changes(problem, name)
        return Preview("fortnox", problem.kind, number, changed)
    now = editable(problem)
    changes = {}
    for field, text in typed.items():
        if field not in now:
            raise SettingsError(
                "{field} cannot be changed here.", repair="These can: {known}.", key=field, field=field, known=", ".join(now)
            )
        value = _as_held(field, now[field], text.strip())
        if not same(field, now[field], value):
            changes[field] = (now[field], value)
    if not changes:
        raise SettingsError("Nothing was changed.", repair="Type another value in one of the fields.")
    system = "fortnox" if problem.side == RIGHT else problem.integration.system
    return Preview(system, problem.kind, problem.record_id, changes)


def _checked(typed: Mapping[str, str]) -> dict[str, str]:
    for field, text in typed.items():
        if not text and field not in _OPTIONAL:
            raise SettingsError("{field} is empty.", repair="Fill it in.", key=field, field=field)
        if len(text) > _LONGEST:
            raise SettingsError("{field} is longer than {most} characters.", key=field, field=field, most=_LONGEST)
    if typed.get("vat") and typed["vat"] not in map(percent_text, SWEDISH_RATES):
        raise SettingsError("“{text}” is no VAT rate.", repair="Write 25, 12, 6 or 0.", key="vat", text=typed["vat"])
    if typed.get("sales_account") and not _ACCOUNT.fullmatch(typed["sales_account"]):
        raise SettingsError(
            "“{text}” is no account.", repair="Write its four digits.", key="sales_account", text=typed["sales_account"]
        )
    if "rate" not in typed:
        return dict(typed)
    text = typed["rate"].replace(",", ".")
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal(0)
    if not rate.is_finite() or rate <= 0:
        raise SettingsError(
            "“{text}” is no rate.", repair="Write how many kronor one costs: 11,20.", key="rate", text=typed["rate"]
        )
    return {**typed, "rate": str(rate)}


def _as_held(field: str, now: Value, text: str) -> Value:
    """Return what was typed as the field holds it: a day for a day, else text."""
    if not (isinstance(now, date) or now is None):
        return text.replace("\r\n", "\n")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SettingsError(
            "{field}: “{text}” is no day.", repair="Write it as 2026-11-20.", key=field, field=field, text=text
        ) from None


def ask(problem: Problem, name: str, typed: Mapping[str, str], who: str) -> Preview:
    """Keep a person's word that a problem is to be repaired; the next run of its stream does it. Raises as `preview`."""
    found = preview(problem, name, typed)
    if name in (settle.ACCEPT, settle.RULE):
        settle.accept(problem, name, who)
        return found
    before = values.encode_fields({field: pair[0] for field, pair in found.changes.items()})
    after = values.encode_fields({field: pair[1] for field, pair in found.changes.items()})
    choice: dict[str, object] = {
        "repair": {"name": name, "kind": found.kind, "id": found.id, "before": before, "after": after, "who": who}
    }
    if name == GO:
        choice = {GO: problem.detail["weight"]}
    with transaction.atomic():
        problem.detail = {name: value for name, value in problem.detail.items() if name != "refused"}
        problem.save(update_fields=["detail"])
        problems.choose(problem, choice, timezone.now())
        AuditEntry.objects.create(
            company=problem.integration.company,
            who=who,
            what="repair asked for",
            subject=f"{problem.integration.address}.{problem.stream} {problem.kind} {problem.record_id}",
            detail={"problem": problem.pk, "repair": name, "kind": found.kind, "id": found.id, "before": before, "after": after},
        )
    return found


def stream_of(integration: Integration, name: str) -> str:
    """Return the stream whose runs carry out this one: itself, or the one that it is a part of."""
    return next(
        (own for own in connectors.STREAMS[integration.system] if name in connectors.parts_of(integration.system, own)), name
    )


# The run carries it out ---------------------------------------------------------------------------------------------------------


def carry_out(context: Context) -> None:
    """Do what persons asked for on this stream's problems. A refusal is kept with its problem; the record is tried again anyway.

    Raises Unavailable and Unauthorised when a system is out of reach: what was asked for is kept.
    """
    rows = Problem.objects.filter(integration_id=context.id, stream=context.stream.name, state=Problem.State.OPEN)
    for problem in rows.filter(choice__has_key="repair").order_by("pk"):
        context.still_mine()
        _one(context, problem, dict((problem.choice or {})["repair"]))


def _one(context: Context, problem: Problem, asked: Mapping[str, Any]) -> None:
    side: Side = RIGHT if asked["name"] != EDIT or problem.side == RIGHT else LEFT
    before, after = values.decode_fields(asked["before"]), values.decode_fields(asked["after"])
    target = str(asked["id"])
    intent = Intent(side, asked["kind"], asked["name"], target, problem.record_id, target, before, after, {})
    [entry] = journal.begin(context.integration, problem.stream, context.run.pk, [intent], context.clock())
    refused: BryggaError | None = None
    try:
        answer = _write(context, side, asked, before, after)
    except OutcomeUnknown:
        # The next run looks what became of it, and the word of the person stands until then.
        return
    except (Unavailable, Unauthorised) as error:
        journal.failed(entry, context.clock(), {"error": str(error.sentence)})
        raise
    except BryggaError as error:
        refused = error
    with transaction.atomic():
        if refused is None:
            journal.done(entry, target, context.clock(), answer)
            if asked["name"] == settle.CANCEL:
                settle.keep_standing(problem)
        else:
            journal.failed(entry, context.clock(), {"error": str(refused.sentence), "code": getattr(refused, "code", "")})
        _answered(problem, context, refused)


def _write(
    context: Context, side: Side, asked: Mapping[str, Any], before: Mapping[str, Value], after: Mapping[str, Value]
) -> dict[str, object]:
    connector = context.connectors[side]
    if asked["name"] == MAKE:
        texts = {field: str(value) for field, value in after.items()}
        return {"became": cast(Books, connector).provide(asked["kind"], str(asked["id"]), texts)}
    ref = Ref(connector.system, asked["kind"], str(asked["id"]))
    return {"request": connector.update(asked["kind"], Update(ref, before, after)).request_id}


def _answered(problem: Problem, context: Context, refused: BryggaError | None) -> None:
    problem.choice, problem.look_at = {"retry": True}, context.clock()
    if refused is not None:
        repair = refused.repair.as_json() if refused.repair else None
        problem.detail = {**problem.detail, "refused": {"sentence": refused.sentence.as_json(), "repair": repair}}
    problem.save(update_fields=["choice", "look_at", "detail"])


def recover(context: Context, entry: JournalEntry) -> None:
    """Find out what became of a repair whose outcome is not known. What was not done is done by `carry_out`, as it is still asked for."""
    journal.looked(entry)
    side: Side = LEFT if entry.side == LEFT else RIGHT
    if entry.action == MAKE:
        done = bool(cast(Books, context.connectors[side]).has(entry.kind, [entry.target_id]))
    else:
        seen = context.connectors[side].get(entry.kind, entry.target_id)
        now = dict(present(seen.record)) if seen is not None else {}
        done = seen is not None and all(same(name, now.get(name), value) for name, value in values.decode(entry.after).items())
    with transaction.atomic():
        if not done:
            journal.failed(entry, context.clock(), {"found": False, "looks": entry.looks})
            return
        journal.done(entry, entry.target_id, context.clock(), {"found": True, "looks": entry.looks})
        rows = Problem.objects.filter(integration_id=context.id, stream=entry.stream, record_id=entry.source_id)
        for problem in rows.filter(choice__has_key="repair"):
            _answered(problem, context, None)
            if entry.action == settle.CANCEL:
                settle.keep_standing(problem)
