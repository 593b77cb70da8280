"""What a run and a plan look like to people and programs (DESIGN 3.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from brygga.connectors.contract import Stream
from brygga.core.called import before
from brygga.core.money import Money, percent_text
from brygga.core.plan import Conflict, Create, Held, Item, LinkUp, Plan, Question, Settle, Skipped, Unlink, Update, digest
from brygga.core.policy import LEFT, RIGHT
from brygga.core.posting import Posting, posting_of
from brygga.core.record import present
from brygga.errors import BadData, BryggaError, Sentence, Unavailable, UnsafePlan
from brygga.store import bulk, days, health
from brygga.store.models import Run, RunItem, StreamState
from brygga.sync.context import Context
from brygga.sync.outcome import Outcome, shown

COUNTED = ("created", "updated", "linked", "unchanged", "skipped", "held", "conflicts", "failed")


def finish(context: Context, outcomes: Iterable[Outcome], unchanged: int, error: BryggaError | None) -> None:
    """Keep what became of each record and of the run as a whole."""
    run, now = context.run, context.clock()
    health.met(context.asked, error)
    # Streams that follow in the same run, and attempts that follow one that was put off, add to what was counted before them.
    counts: Counter[str] = Counter(run.counts if context.follows or run.attempt else {})
    counts["unchanged"] += unchanged
    rows = []
    for outcome in outcomes:
        counted = _counted(outcome)
        if counted:
            counts[counted] += 1
            rows.append(_row(run.id, context.stream.kind, outcome))
    run.counts = {name: counts[name] for name in COUNTED}
    run.requests = dict(context.requests)
    run.step = ""
    run.status, run.exit_status = _verdict(counts, error)
    if context.more and error is None:
        run.status = Run.Status.RUNNING
    else:
        run.ended_at = now
    if error is not None:
        run.message = {"sentence": error.sentence.as_json(), "repair": error.repair.as_json() if error.repair else None}
    elif context.advice is not None:
        run.message = {"sentence": context.advice.as_json(), "repair": None}
    elif not context.follows:
        # Why an earlier attempt was put off concerns nobody any more.
        run.message = None
    with transaction.atomic():
        bulk.insert(RunItem, _COLUMNS, rows)
        run.save()
        if run.ended_at is not None:
            days.count(run)
        if error is None:
            StreamState.objects.filter(integration_id=context.id, name=context.stream.name).update(last_success_at=now)
    context.told(run)


def put_off(context: Context, outcomes: Iterable[Outcome], error: Unavailable) -> None:
    """Keep what an attempt has changed before a system fell away; the run goes on later, and looks at all else again."""
    run = context.run
    health.met(context.asked, error)
    counts: Counter[str] = Counter(run.counts)
    rows = []
    for outcome in outcomes:
        if _changed(outcome):
            counts[_counted(outcome)] += 1
            rows.append(_row(run.id, context.stream.kind, outcome))
    run.counts = {name: counts[name] for name in COUNTED if name in _CHANGES}
    run.requests = dict(context.requests)
    run.step = ""
    with transaction.atomic():
        bulk.insert(RunItem, _COLUMNS, rows)
        run.save(update_fields=["counts", "requests", "step"])


def changed_something(outcomes: Iterable[Outcome]) -> bool:
    """Say whether anything of this was done in a system or in our links."""
    return any(_changed(outcome) for outcome in outcomes)


_CHANGES = frozenset({"created", "updated", "linked"})


def _changed(outcome: Outcome) -> bool:
    return outcome.outcome == "done" and _counted(outcome) in _CHANGES


def exit_of(error: BryggaError) -> int:
    """Return the exit status of a run that ended with this error (DESIGN 3.1)."""
    # A system that answers with what its documents do not describe is as good as out of reach.
    return Unavailable.exit_status if isinstance(error, BadData) else error.exit_status


def _verdict(counts: Mapping[str, int], error: BryggaError | None) -> tuple[str, int]:
    if error is not None:
        return (Run.Status.STOPPED if isinstance(error, UnsafePlan) else Run.Status.FAILED), exit_of(error)
    if counts["failed"] or counts["held"] or counts["conflicts"]:
        return Run.Status.PARTIAL, 1
    return Run.Status.DONE, 0


_COUNTED_AS: Mapping[type, str] = {
    Create: "created",
    Update: "updated",
    LinkUp: "linked",
    Skipped: "skipped",
    Held: "held",
    Conflict: "conflicts",
    Question: "conflicts",
    Unlink: "conflicts",
}


def _counted(outcome: Outcome) -> str:
    if outcome.outcome in ("failed", "unknown"):
        return "failed"
    if outcome.outcome == "stale":
        return "held"
    return _COUNTED_AS.get(type(outcome.item), "")


_COLUMNS = ("run", "kind", "left_id", "right_id", "action", "side", "fields", "outcome", "rule", "message", "repair")


def _row(run_id: str, kind: str, outcome: Outcome) -> tuple[Any, ...]:
    """Return one line of the run as the values of its columns."""
    item = outcome.item
    if isinstance(item, LinkUp) and outcome.message is None:
        # Most of a first sync of 50,000 is this, and nothing more is said of it.
        return (run_id, kind, item.left.id, item.right.id, item.action, "", {}, outcome.outcome, "", None, None)
    line = item_json(item)
    return (
        run_id,
        kind,
        outcome.left_id or line["left"] or "",
        outcome.right_id or line["right"] or "",
        line["action"],
        line["side"] or "",
        line["fields"],
        outcome.outcome,
        outcome.rule or line["rule"] or "",
        _told(item, outcome.message) if outcome.message else None,
        outcome.repair.as_json() if outcome.repair else None,
    )


def _told(item: Item, message: Sentence) -> dict[str, object]:
    """Return what is said of an item, with what its record is called under "called" where the sentence does not say it."""
    name = _before(item, str(message))
    return message.as_json() | ({"called": name} if name else {})


def _before(item: Item, said: str) -> str:
    """Return what stands before a sentence of an item: what its record is called, "" where the sentence says it."""
    if isinstance(item, Create):
        return before(said, dict(present(item.record)), item.source.id)
    if isinstance(item, (Skipped, Held, Question)):
        return before(said, item.values, item.ref.id)
    return before(said, item.agreed, item.right.id) if isinstance(item, (Update, LinkUp, Settle)) else ""


def item_json(item: Item) -> dict[str, Any]:
    """Return one item of a plan as `items` of the JSON contract has it, before anything became of it."""
    line: dict[str, Any] = {
        "kind": "",
        "left": None,
        "right": None,
        "action": item.action,
        "side": None,
        "fields": {},
        "outcome": None,
        "rule": None,
        "message": None,
    }
    if isinstance(item, (Update, LinkUp, Settle, Conflict, Unlink)):
        line["kind"], line["left"], line["right"] = item.left.kind, item.left.id, item.right.id
    elif isinstance(item, Create):
        line["kind"] = item.source.kind
        line["right" if item.side == LEFT else "left"] = item.source.id
    else:
        line["kind"] = item.ref.kind
        line["left" if item.side == LEFT else "right"] = item.ref.id
    if isinstance(item, (Create, Update, Skipped, Held, Question)):
        line["side"] = item.side
    if isinstance(item, Update):
        line["fields"] = {name: [shown(value) for value in pair] for name, pair in item.changes.items()}
    elif isinstance(item, Create):
        line["fields"] = {name: [None, shown(value)] for name, value in item.values.items()}
    elif isinstance(item, Conflict):
        line["fields"] = {name: [shown(value) for value in three] for name, three in item.fields.items()}
    if isinstance(item, (Skipped, Held)):
        line["rule"], line["message"] = item.why.rule or None, str(item.why.sentence)
    elif isinstance(item, Create) and item.remark:
        line["rule"], line["message"] = item.remark.rule or None, str(item.remark.sentence)
    elif isinstance(item, Question):
        line["message"] = str(item.sentence)
    return line


def plan_body(plan: Plan, stream: Stream) -> dict[str, Any]:
    """Return a plan as JSON with its digest: what is kept for approval, and compared before it is applied.

    Each item has a mark, the same for the same decision, and under "about" what helps a person to approve it.
    """
    shown_items = [item for item in plan.items if not isinstance(item, Settle)]
    items = [item_json(item) for item in shown_items]
    found = digest({"items": items})
    for line, item in zip(items, shown_items, strict=True):
        line |= {"mark": mark_of(line, stream), "stream": stream.name, "about": _about(item)}
        line["about"]["called"] = _before(item, line["message"]) if line["message"] else ""
    return {"counts": plan.counts(), "known": plan.known, "items": items, "digest": found}


def mark_of(line: Mapping[str, Any], stream: Stream) -> str:
    """Return what tells one item of a plan from every other: a digest of what would be done.

    What Fortnox' number of a customer will be is not in it: the customer may be made by an earlier part of the same plan.
    """
    fields = {name: pair for name, pair in line["fields"].items() if name not in stream.refers}
    return digest({**line, "fields": fields, "stream": stream.name, "document": stream.kind})[:16]


def _about(item: Item) -> dict[str, Any]:
    """Return the record's name, its amount, and what Fortnox will post of it where it is made there."""
    if isinstance(item, Update):
        total = item.changes.get("total", (None, None))[1]
        return {"name": None, "posting": None} | _money(total if isinstance(total, Money) else None)
    if not isinstance(item, Create):
        values = getattr(item, "values", {})
        return {"name": _name(values), "posting": None} | _money(values.get("total"))
    record = item.record
    posting = posting_of(record) if item.side == RIGHT else None
    amount = getattr(record, "total", None)
    if isinstance(posting, Posting):
        amount = Money(posting.total, posting.currency)
    return {"name": _name(dict(present(record))), "posting": _posting(posting)} | _money(amount)


def _name(values: Mapping[str, Any]) -> str | None:
    found = (values.get(name) for name in ("name", "customer_name", "supplier_name", "subject", "number"))
    return next((str(one) for one in found if one), None)


def _money(amount: object) -> dict[str, Any]:
    if isinstance(amount, Money):
        return {"amount": str(amount.amount), "currency": amount.currency}
    return {"amount": None, "currency": None}


def _posting(posting: Posting | Sentence | None) -> dict[str, Any] | None:
    if posting is None:
        return None
    if isinstance(posting, Sentence):
        return {"undecided": posting.as_json()}
    return {
        "currency": posting.currency,
        "later": posting.later,
        "lines": [
            {
                "account": line.account,
                "usual": line.usual,
                "what": line.what,
                "text": line.text,
                "rate": percent_text(line.rate) if line.rate is not None else None,
                "debit": str(line.debit),
                "credit": str(line.credit),
            }
            for line in posting.lines
        ],
        "debit": str(posting.debit),
        "credit": str(posting.credit),
        "notes": [note.as_json() for note in posting.notes],
    }


def run_json(run: Run) -> dict[str, Any]:
    """Return what `sync --json` prints of one run."""
    return {
        "address": f"{run.integration.address}.{run.stream}",
        "run": run.pk,
        "status": run.status,
        "counts": run.counts,
        "requests": run.requests,
        "items": [
            {
                "kind": item.kind,
                "left": item.left_id or None,
                "right": item.right_id or None,
                "action": item.action,
                "side": item.side or None,
                "fields": item.fields,
                "outcome": item.outcome,
                "rule": item.rule or None,
                "message": _say(item.message, item.repair),
            }
            for item in RunItem.objects.filter(run=run).order_by("pk")
        ],
        "message": _say(run.message["sentence"], run.message.get("repair")) if run.message else None,
    }


def _say(sentence: Mapping[str, Any] | None, repair: Mapping[str, Any] | None) -> str | None:
    if sentence is None:
        return None
    said = str(Sentence(sentence["template"], sentence["facts"]))
    if called := sentence.get("called"):
        said = f"{called}: {said}"
    return f"{said} {Sentence(repair['template'], repair['facts'])}" if repair else said
