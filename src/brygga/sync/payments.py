"""The payment import in two steps (OPT-21, OPT-27): read and judge, which registers nothing; then save what a person says.

Fortnox' list of payments tells all that is needed of those in kronor; the detail is read only of payments in another currency that
no rule leaves out. What was read stays in the hub with the rule that left it out. Saving goes through the journal like every write:
the intent first, then the system, and after doubt the exact look for the reference, so that each payment is registered once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.db import transaction

from brygga.connectors.contract import Receipt
from brygga.connectors.payment_desk import Incoming, Mark, PaymentDesk
from brygga.core.currency import rate_of_one
from brygga.core.document import Payment
from brygga.core.money import Money, round_ore
from brygga.core.payment_import import ImportSettings, Judgement, judge
from brygga.core.payments import date_to_send
from brygga.core.plan import Create, Held, Hold, Skip, Skipped
from brygga.core.policy import LEFT, RIGHT
from brygga.core.record import ABSENT, Ref, present, with_values
from brygga.core.seen import Seen
from brygga.errors import BadData, BryggaError, OutcomeUnknown, Sentence, SettingsError, Unavailable
from brygga.store import cursors, journal, links, problems, values
from brygga.store.journal import Intent
from brygga.store.links import Linked
from brygga.store.models import ImportedPayment, Integration
from brygga.sync import count
from brygga.sync.context import Context
from brygga.sync.outcome import Outcome
from brygga.sync.recover import recover
from brygga.sync.report import finish, put_off

STREAM = "payments"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
BATCH = 500
ONE = Decimal(1)
RULES: Mapping[str, str] = {
    "before_date": "OPT-24",
    "below_number": "OPT-25",
    "unknown_invoice": "OPT-07",
    "ocr_mismatch": "OPT-26",
    "not_booked": "OPT-02",
    "already_imported": "OPT-27",
}
"""Why a payment is left out -> the row of the matrix."""

State = ImportedPayment.State
WAITS = Sentence("It is read and waits to be saved.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a run of this stream is to do: read by a definition, or save, all or some."""

    definition: str = ""
    save: bool = False
    numbers: tuple[str, ...] = ()
    who: str = ""

    @classmethod
    def of(cls, only: Iterable[str]) -> Wish:
        """Read a wish from what a run was restricted to: `definition:Fortnox`, `save`, `who:anna`, `right:17`."""
        named = [one.partition(":") for one in only]
        found = {name: rest for name, _, rest in named if name in ("definition", "who")}
        numbers = tuple(rest for name, _, rest in named if name == "right")
        save = any(name == "save" for name, _, _ in named)
        return cls(found.get("definition", ""), save, numbers, found.get("who", ""))

    def only(self) -> list[str]:
        """Return the wish as a run keeps it."""
        kept = [f"definition:{self.definition}"] if self.definition else []
        kept += ["save"] if self.save else []
        kept += [f"who:{self.who}"] if self.who else []
        return [*kept, *(f"right:{number}" for number in self.numbers)]


def run_payments(context: Context, only: Sequence[str]) -> None:
    """Carry one run of the stream through; errors of a system end in the run's row."""
    outcomes: list[Outcome] = []
    unchanged = 0
    wish = Wish.of(only)
    try:
        desk = cast(PaymentDesk, context.connectors[LEFT])
        try:
            definition, settings = desk.import_settings(wish.definition)
        except SettingsError as error:
            if error.rule != "OPT-11" or wish.save or wish.definition:
                raise
            # Nobody imports payments here: a run of all streams says so and is well.
            context.advice = error.sentence
            finish(context, outcomes, 0, None)
            return
        settle(context)
        unchanged = read(context, desk, definition, settings, outcomes, tell=not wish.save)
        if wish.save:
            save(context, desk, definition, wish, outcomes)
    except BryggaError as error:
        if context.puts_off and isinstance(error, Unavailable):
            put_off(context, outcomes, error)
            raise
        finish(context, outcomes, unchanged, error)
        return
    finish(context, outcomes, unchanged, None)


def settle(context: Context) -> None:
    """Find out what became of payments whose saving was broken off, and note those that are registered."""
    recover(context)
    linked = {link.right_id: link.left_id for link in links.everyone(context.id, context.stream.kind)}
    for row in ImportedPayment.objects.filter(integration_id=context.id).exclude(state__in=(State.SAVED, State.GONE)):
        if row.number in linked:
            _note_saved(context, row, linked[row.number], row.saved_by)


def payment_rows(integration: Integration, states: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the payments that were read, as JSON for people and programs; those that wait first, then what was left out and why."""
    rows = ImportedPayment.objects.filter(integration=integration)
    if states:
        rows = rows.filter(state__in=states)
    order = {State.WAITING: 0, State.LEFT_OUT: 1, State.SAVED: 2, State.GONE: 3}
    return [_shown(row) for row in sorted(rows, key=lambda row: (order[State(row.state)], row.pk))]


def _shown(row: ImportedPayment) -> dict[str, Any]:
    payment = _payment(row) or Payment()
    amount = payment.amount if isinstance(payment.amount, Money) else payment.amount_sek
    rate = None if payment.rate is ABSENT else rate_of_one(payment.rate, ONE if payment.rate_unit is ABSENT else payment.rate_unit)
    return {
        "number": row.number,
        "invoice": row.invoice,
        "definition": row.definition,
        "state": str(row.state),
        "amount": f"{round_ore(amount.amount):f}" if isinstance(amount, Money) else None,
        "currency": amount.currency if isinstance(amount, Money) else None,
        "rate": None if rate is None else str(rate),
        "sek": f"{round_ore(payment.amount_sek.amount):f}" if isinstance(payment.amount_sek, Money) else None,
        "paid": payment.date.isoformat() if payment.date else None,
        "registered": row.first_seen.isoformat(),
        "estimated": row.estimated,
        "mark": row.mark or None,
        "warning": row.warning or None,
        "rule": row.rule or None,
        "reason": (row.sentence or {}).get("text"),
        "sentence": row.sentence,
        "registration": row.registration or None,
        "saved_at": row.saved_at.isoformat() if row.saved_at else None,
        "saved_by": row.saved_by or None,
    }


# Read and judge --------------------------------------------------------------------------------------------------------------


def read(
    context: Context, desk: PaymentDesk, definition: str, settings: ImportSettings, outcomes: list[Outcome], *, tell: bool
) -> int:
    """Read Fortnox' payments and judge all that are not saved; returns how many are saved already."""
    began = context.clock()
    last = cursors.position(context.id, STREAM, RIGHT)
    # A person who reads wants to know of payments that are gone, too; the clock reads what changed.
    whole = last is None or (context.run.trigger == "person" and tell)
    listed: dict[str, Payment] = {}
    for seen in context.connectors[RIGHT].changed(
        context.stream.kind, None if whole or last is None else last - context.pace.clocks_apart
    ):
        listed[seen.ref.id] = cast(Payment, seen.record)
        if not len(listed) % BATCH:
            context.progress("read Fortnox", len(listed))
    _keep(context, listed, first=last is None)
    rows = list(ImportedPayment.objects.filter(integration_id=context.id).order_by("pk"))
    if whole:
        _note_gone(context, rows, set(listed), outcomes)
    open_rows = [row for row in rows if row.state in (State.WAITING, State.LEFT_OUT)]
    before = {row.pk: _judged_as(row) for row in open_rows}
    incoming = _judge_all(context, desk, definition, settings, open_rows)
    # The system judges once more as it saves: then only what it has not seen yet is shown to it before.
    unseen = {key: pair for key, pair in incoming.items() if tell or not pair[0].mark}
    _mark(context, desk, definition, unseen)
    _put([row for row in open_rows if _judged_as(row) != before[row.pk]], _JUDGED)
    if tell:
        outcomes.extend(_told(context, row) for row in open_rows)
    cursors.advance(context.id, STREAM, RIGHT, began)
    return sum(1 for row in rows if row.state == State.SAVED)


_READ = ("values", "invoice", "read_at")
_JUDGED = ("values", "send_on", "state", "rule", "sentence", "mark", "warning", "definition")


def _judged_as(row: ImportedPayment) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in _JUDGED)


def _put(rows: Sequence[ImportedPayment], fields: Sequence[str]) -> None:
    """Write these fields of many rows, each with one statement for some hundreds (bulk_update builds a CASE for every value)."""
    ImportedPayment.objects.bulk_create(
        rows, batch_size=BATCH, update_conflicts=True, unique_fields=["integration", "number"], update_fields=list(fields)
    )


def _keep(context: Context, listed: Mapping[str, Payment], *, first: bool) -> None:
    """Keep what the list says of each payment, and the day on which it was first seen (accounting.md 5.4)."""
    now = context.clock()
    known = {row.number: row for row in ImportedPayment.objects.filter(integration_id=context.id)}
    made, changed = [], []
    for number, payment in listed.items():
        row = known.get(number)
        if row is None:
            day = payment.date if first and payment.date else now.astimezone(STOCKHOLM).date()
            row = ImportedPayment(
                integration_id=context.id, number=number, first_seen=day, estimated=first, read_at=now, state=State.LEFT_OUT
            )
            made.append(row)
        elif row.state in (State.SAVED, State.GONE):
            continue
        else:
            changed.append(row)
        kept = _payment(row)
        # The list lacks what an earlier detail told; that still holds while the sum is the same.
        fuller = (
            kept is not None and kept.amount is not ABSENT and payment.amount is ABSENT and kept.amount_sek == payment.amount_sek
        )
        held = {**dict(present(kept)), **dict(present(payment))} if fuller and kept is not None else dict(present(payment))
        row.values, row.invoice, row.read_at = values.encode(held), str(payment.invoice_number or ""), now
    ImportedPayment.objects.bulk_create(made, batch_size=BATCH)
    _put(changed, _READ)


def _payment(row: ImportedPayment) -> Payment | None:
    """Return a payment as it was kept, with the day on which it was registered."""
    if not row.values:
        return None
    held = with_values(Payment(), values.decode(row.values))
    return replace(held, registered=row.first_seen, registered_estimated=row.estimated)


def _judge_all(
    context: Context, desk: PaymentDesk, definition: str, settings: ImportSettings, rows: Sequence[ImportedPayment]
) -> dict[str, tuple[ImportedPayment, Incoming]]:
    """Judge each payment by the definition; return those that go on to the business system, by reference."""
    exported = {link.right_id: link for link in links.everyone(context.id, "invoice")}
    invoices = {number: one for number, one in desk.known_invoices().items() if number in exported} if rows else {}
    known = {number: one.ocr for number, one in invoices.items()}
    incoming: dict[str, tuple[ImportedPayment, Incoming]] = {}
    for place, row in enumerate(rows, 1):
        if not place % BATCH:
            context.progress("judge", place, len(rows))
        if row.definition != definition or row.state != State.WAITING:
            row.mark, row.warning = "", ""
        row.definition, row.rule, row.sentence, row.send_on = definition, "", None, None
        try:
            payment, verdict = _judged(context, row, settings, known, exported)
        except BadData as error:
            _leave_out(row, error.sentence, "OPT-04")
            continue
        if verdict.values is None:
            assert verdict.sentence is not None
            _leave_out(row, verdict.sentence, RULES[str(verdict.reason)])
            continue
        row.state = State.WAITING
        invoiced = invoices[verdict.values.invoice_number].day
        if payment.date and invoiced:
            sent, told = date_to_send(payment.date, invoiced)
            if told is not None:
                row.send_on, row.sentence, row.rule = sent, told.as_json(), "OPT-04"
                payment = replace(payment, date=sent)
        reference = reference_of(context, row.number)
        incoming[reference] = (row, Incoming(reference, payment, verdict.values))
    return incoming


def _judged(
    context: Context,
    row: ImportedPayment,
    settings: ImportSettings,
    known: Mapping[str, str],
    exported: Mapping[str, Linked],
) -> tuple[Payment, Judgement]:
    payment = _payment(row)
    assert payment is not None
    number = str(payment.invoice_number)
    if payment.ocr is ABSENT and (link := exported.get(number)) is not None:
        # What Fortnox' invoice said when both sides last agreed: the list of payments does not tell it. Where nothing was kept, and the
        # business system has one to compare, the invoice is asked.
        ocr = str(link.base.get("ocr") or "") or (_ocr_of(context, number) if known.get(number) else "")
        payment = replace(payment, ocr=ocr)
    bare = replace(payment, amount=payment.amount_sek) if payment.amount is ABSENT else payment
    verdict = judge(settings, known, bare)
    if verdict.values is None or payment.amount is not ABSENT:
        return payment, verdict
    seen = context.connectors[RIGHT].get(context.stream.kind, row.number)
    if seen is None:
        raise BadData("Payment {number} is gone from Fortnox.", number=row.number)
    row.values = values.encode(dict(present(seen.record)))
    whole = replace(cast(Payment, seen.record), registered=row.first_seen, registered_estimated=row.estimated)
    return whole, judge(settings, known, whole)


def _ocr_of(context: Context, number: str) -> str:
    """Return the OCR number of Fortnox' own invoice, "" where it has none."""
    seen = context.connectors[RIGHT].get("invoice", number)
    return "" if seen is None else str(getattr(seen.record, "ocr", "") or "")


def _leave_out(row: ImportedPayment, why: Sentence, rule: str) -> None:
    row.state, row.sentence, row.rule, row.mark, row.warning = State.LEFT_OUT, why.as_json(), rule, "", ""


def _mark(context: Context, desk: PaymentDesk, definition: str, incoming: Mapping[str, tuple[ImportedPayment, Incoming]]) -> None:
    """Ask the business system what it thinks of each: its ticks, its warnings, and what it could not import."""
    if not incoming:
        return
    context.progress(f"let {context.called(LEFT)} judge", 0, len(incoming))
    marks = desk.judge(definition, [one for _, one in incoming.values()])
    for reference, (row, one) in incoming.items():
        mark = marks.get(reference, Mark(reason="–"))
        row.mark, row.warning = mark.mark, mark.warning
        if mark.reason or not mark.mark:
            facts = {"number": row.number, "invoice": one.values.invoice_number, "reason": mark.reason}
            _leave_out(row, Sentence("Opter could not import payment {number} of invoice {invoice}: {reason}.", facts), "OPT-26")


def _note_gone(context: Context, rows: Sequence[ImportedPayment], there: set[str], outcomes: list[Outcome]) -> None:
    """Tell of payments that are gone from Fortnox; what is registered is never taken back by itself (accounting.md 5.4)."""
    for row in rows:
        if row.number in there or row.state == State.GONE:
            continue
        saved = row.state == State.SAVED
        if not saved:
            row.state = State.GONE
            row.save(update_fields=["state"])
            continue
        facts = {"number": row.number, "invoice": row.invoice, "registration": row.registration}
        why = Sentence(
            "Payment {number} of invoice {invoice} is gone from Fortnox; it stays registered in Opter as {registration}.", facts
        )
        hold = Hold(why, "OPT-28", Sentence("Take the payment back in Opter, if it was deleted on purpose.", facts))
        outcomes.append(_held(context, row, hold))


def _told(context: Context, row: ImportedPayment) -> Outcome:
    if row.state == State.WAITING:
        return _held(context, row, Hold(WAITS, "OPT-27", Sentence("Save it.")))
    why = Sentence(str((row.sentence or {}).get("template", "")), dict((row.sentence or {}).get("facts", {})))
    ref = Ref(context.system(RIGHT), context.stream.kind, row.number)
    return Outcome(Skipped(RIGHT, ref, Skip(why, row.rule), {}), "noted", why, None, row.rule, "", row.number)


def _held(context: Context, row: ImportedPayment, hold: Hold) -> Outcome:
    ref = Ref(context.system(RIGHT), context.stream.kind, row.number)
    return Outcome(Held(RIGHT, ref, hold, {}), "noted", hold.sentence, hold.repair, hold.rule, "", row.number)


# Save ------------------------------------------------------------------------------------------------------------------------


def save(context: Context, desk: PaymentDesk, definition: str, wish: Wish, outcomes: list[Outcome]) -> None:
    """Register the payments that wait, all or those chosen, 500 at a time; each once."""
    rows = ImportedPayment.objects.filter(integration_id=context.id, state=State.WAITING, definition=definition).order_by("pk")
    if wish.numbers:
        rows = rows.filter(number__in=wish.numbers)
    todo = list(rows)
    for start in range(0, len(todo), BATCH):
        context.progress(f"save in {context.called(LEFT)}", start, len(todo))
        _save_batch(context, desk, definition, todo[start : start + BATCH], wish.who, outcomes)
    settle(context)
    # What was to be saved and is not: the business system left it out as it saved, or its answer is not known yet.
    left = ImportedPayment.objects.filter(pk__in=[row.pk for row in todo], state__in=(State.WAITING, State.LEFT_OUT)).order_by("pk")
    outcomes.extend(_told(context, row) for row in left)


def _save_batch(
    context: Context, desk: PaymentDesk, definition: str, rows: Sequence[ImportedPayment], who: str, outcomes: list[Outcome]
) -> None:
    context.still_mine()
    incoming = {reference_of(context, row.number): _incoming(context, row) for row in rows}
    by_reference = dict(zip(incoming, rows, strict=True))
    intents = [
        Intent(LEFT, context.stream.kind, "create", one.reference, row.number, "", {}, dict(present(one.payment)), {})
        for one, row in zip(incoming.values(), rows, strict=True)
    ]
    entries = journal.begin(context.integration, STREAM, context.run.pk, intents, context.clock())
    ImportedPayment.objects.filter(pk__in=[row.pk for row in rows]).update(saved_by=who)
    try:
        results = desk.register(definition, list(incoming.values()))
    except OutcomeUnknown as error:
        outcomes.extend(_created(context, row, "unknown", error.sentence) for row in rows)
        return
    except BryggaError as error:
        with transaction.atomic():
            for entry in entries:
                journal.failed(entry, context.clock(), {"error": str(error.sentence)})
        raise
    now: datetime = context.clock()
    for (reference, row), entry in zip(by_reference.items(), entries, strict=True):
        result = results.get(reference)
        if result is None:
            # An answer that passes it over says neither yes nor no: it stays begun, and `settle` looks for it.
            said = Sentence("Opter said nothing of payment {number}. It is looked for.", {"number": row.number})
            outcomes.append(_created(context, row, "unknown", said))
            continue
        with transaction.atomic():
            if isinstance(result, Receipt):
                journal.done(entry, result.ref.id, now, {})
                links.put(context.id, context.stream.kind, result.ref.id, row.number, {}, listed="", compared_at=now)
                _note_saved(context, row, result.ref.id, who)
                count.keep_linked(
                    context,
                    Seen(result.ref, incoming[reference].payment),
                    Seen(Ref(context.system(RIGHT), context.stream.kind, row.number), _payment(row) or incoming[reference].payment),
                )
            else:
                journal.failed(entry, now, {"error": str(result.sentence)})
                _leave_out(row, result.sentence, result.rule or "OPT-26")
                row.save(update_fields=["state", "sentence", "rule"])
        outcomes.append(_saved(context, row, result))


def _incoming(context: Context, row: ImportedPayment) -> Incoming:
    payment = _payment(row)
    assert payment is not None
    lax = ImportSettings(date.min)
    verdict = judge(lax, {row.invoice: ""}, payment)
    if verdict.values is None:
        raise BadData("Payment {number} cannot be saved any more.", number=row.number)
    if row.send_on is not None:
        payment = replace(payment, date=row.send_on)
    return Incoming(reference_of(context, row.number), payment, verdict.values)


def _note_saved(context: Context, row: ImportedPayment, registration: str, who: str) -> None:
    now = context.clock()
    row.state, row.registration, row.saved_at, row.saved_by = State.SAVED, registration, now, who
    row.rule, row.sentence = "", None
    row.save(update_fields=["state", "registration", "saved_at", "saved_by", "rule", "sentence"])
    problems.solve(context.id, STREAM, RIGHT, [row.number], now)


def _saved(context: Context, row: ImportedPayment, result: Receipt | BryggaError) -> Outcome:
    if isinstance(result, Receipt):
        return _created(context, row, "done", None, result.ref.id)
    return _created(context, row, "failed", result.sentence)


def _created(context: Context, row: ImportedPayment, what: str, said: Sentence | None, made: str = "") -> Outcome:
    payment = _payment(row)
    assert payment is not None
    ref = Ref(context.system(RIGHT), context.stream.kind, row.number)
    shown = {name: value for name, value in present(payment) if name in ("invoice_number", "amount", "date", "rate")}
    item = Create(LEFT, ref, reference_of(context, row.number), payment, shown, True, None)
    return Outcome(item, what, said, left_id=made, right_id=row.number)


def reference_of(context: Context, number: str) -> str:
    """Return what a payment is called in the business system: it says whose Fortnox it comes from."""
    return f"fortnox:{context.integration.company.slug[:30]}:{number}"
