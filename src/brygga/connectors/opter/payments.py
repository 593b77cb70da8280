"""Opter's payment import: the definition kept in step, reading (judged by Opter, nothing registered), saving (OPT-11 to OPT-28)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from brygga.clients.opter import LONGEST_IMPORT, Opter, OpterFolder
from brygga.connectors.contract import Capability, Creation, Receipt, Stream, Update
from brygga.connectors.opter.settings import IMPORT_FORMAT, IMPORT_TYPE, Definition, Settings
from brygga.connectors.payment_desk import Incoming, KnownInvoice, Mark
from brygga.core.document import Payment
from brygga.core.match import Identity
from brygga.core.money import Money
from brygga.core.payment_import import ImportSettings
from brygga.core.plan import Skip
from brygga.core.planner import Rules
from brygga.core.policy import LEFT, RIGHT, Holding, Policy, Side
from brygga.core.record import Ref
from brygga.core.seen import Seen
from brygga.errors import BryggaError, Rejected, Sentence

SYSTEM: Final = "opter"


def payments(settings: Settings, company: str, holds: Mapping[Side, Holding]) -> Stream:
    """Return the stream of payments: read and judged by a run, registered when a person saves them (OPT-27)."""
    rules = Rules(
        policy=Policy(apart=frozenset(field.name for field in fields(Payment))),
        holds=holds,
        systems={LEFT: SYSTEM, RIGHT: "fortnox"},
        names={LEFT: "Opter", RIGHT: "Fortnox"},
        key_for=lambda side, ref, record: ref.id,
        makes={LEFT: False, RIGHT: False},
        why_not={side: Skip(Sentence("Payments are registered when they are saved."), "OPT-27") for side in (LEFT, RIGHT)},
        identify=lambda values: Identity(),
    )
    return Stream("payments", "payment", rules, brake=settings.brake, fills=True, unread=frozenset({LEFT, RIGHT}), saved=True)


class Payments:
    """The payment import and the registered payments of one Opter."""

    def __init__(self, client: Opter | OpterFolder, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    # The verbs of the contract: what is registered can be found again, and is never changed.

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        for raw in self._client.payment_registrations.changed(since):
            yield _seen(raw)

    def get(self, id: str) -> Seen | None:
        return next((seen for seen in self.changed(None) if seen.ref.id == id), None)

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find registered payments by exactly these references, one by itself, more among those registered since."""
        if len(keys) == 1:
            registered = self._client.payment_registrations.of_reference(keys[0])
        else:
            registered = self._client.payment_registrations.changed(since)
        wanted = set(keys)
        return {str(raw["reference"]): _seen(raw) for raw in registered if str(raw.get("reference")) in wanted}

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        """Refuse: payments are registered through the desk. Nothing is sent."""
        refused = "Payment {key} is registered in Opter only when it is saved."
        return [Rejected(refused, rule="OPT-27", key=creation.key) for creation in creations]

    def update(self, update: Update) -> Receipt:
        raise Rejected("A registered payment is not changed in Opter.", rule="OPT-28")

    def capability(self) -> Capability:
        places = {
            "number": "reference",
            "invoice_number": "invoiceNumber",
            "amount": "amount",
            "rate": "currencyRate",
            "date": "paymentDate",
        }
        return Capability(frozenset(), places=places)

    # The desk: two steps.

    def definition(self, name: str) -> tuple[str, ImportSettings]:
        """Return a definition's name and rules, and see to it that Opter has it with the same values (OPT-11 to OPT-20)."""
        wanted = self._settings.definition(name)
        body = _body(wanted)
        there = next((raw for raw in self._client.payment_definitions.list() if raw.get("name") == wanted.name), None)
        if there is None:
            self._client.payment_definitions.create(body)
        elif there.get("apiAccessToken"):
            raise Rejected(
                "The payment import definition {name} has an API access token in Opter; the field is to be left empty.",
                repair="Empty the field “API access token” of {name} in Opter.",
                rule="OPT-19",
                name=wanted.name,
            )
        elif any(there.get(field) != value for field, value in body.items()):
            self._client.payment_definitions.change(str(there["id"]), body)
        return wanted.name, ImportSettings(wanted.ignore_payments_before, wanted.ignore_numbers_before)

    def known_invoices(self) -> Mapping[str, KnownInvoice]:
        """Return all invoices of Opter, which come in one answer."""
        return {
            str(raw["invoiceNumber"]): KnownInvoice(str(raw.get("ocrNumber") or ""), _day(raw.get("invoiceDate")))
            for raw in self._client.invoices.changed(None)
        }

    def judge(self, definition: str, incoming: Sequence[Incoming]) -> Mapping[str, Mark]:
        """Let Opter read and judge, 500 at a time, and let it forget the reading: it is saved only when a person says so."""
        marks: dict[str, Mark] = {}
        for chunk in _chunks(incoming):
            made = self._client.payment_imports.read(definition, [_payment(one) for one in chunk])
            for row in made["rows"]:
                marks[str(row["reference"])] = Mark(str(row.get("mark") or ""), str(row.get("warning") or ""))
            for row in made["notImported"]:
                marks[str(row["reference"])] = Mark(reason=str(row.get("reason") or "–"))
            self._client.payment_imports.forget(str(made["id"]))
        return marks

    def register(self, definition: str, incoming: Sequence[Incoming]) -> Mapping[str, Receipt | BryggaError]:
        """Have at most 500 payments read and saved at once; one result each. Raises OutcomeUnknown, Unavailable."""
        made = self._client.payment_imports.read(definition, [_payment(one) for one in incoming])
        results: dict[str, Receipt | BryggaError] = {}
        if made["rows"]:
            made = self._client.payment_imports.save(str(made["id"]))
        else:
            self._client.payment_imports.forget(str(made["id"]))
        for row in made.get("registrations") or ():
            results[str(row["reference"])] = Receipt(Ref(SYSTEM, "payment", str(row["id"])))
        for row in made["notImported"]:
            results[str(row["reference"])] = refused(str(row.get("invoiceNumber")), str(row.get("reason") or "–"))
        return results


def refused(invoice: str, reason: str) -> Rejected:
    """Return the error for a payment that Opter does not import, in Opter's own words."""
    return Rejected(
        "Opter does not import the payment of invoice {invoice}: {reason}.",
        repair="Look at the invoice in Opter.",
        rule="OPT-26",
        invoice=invoice,
        reason=reason,
    )


def _chunks(incoming: Sequence[Incoming]) -> Iterator[Sequence[Incoming]]:
    for start in range(0, len(incoming), LONGEST_IMPORT):
        yield incoming[start : start + LONGEST_IMPORT]


def _body(definition: Definition) -> dict[str, Any]:
    return {
        "name": definition.name,
        "importType": IMPORT_TYPE,
        "importFormat": IMPORT_FORMAT,
        "ignorePaymentsBefore": definition.ignore_payments_before.isoformat(),
        "ignoreNumbersBefore": definition.ignore_numbers_before,
        "apiAccessToken": "",
    }


def _payment(one: Incoming) -> dict[str, Any]:
    """Return a payment as the contract has it: sum in the invoice's currency, rate for one unit, none for kronor (OPT-04, OPT-05)."""
    payment = one.payment
    return {
        "reference": one.reference,
        "invoiceNumber": one.values.invoice_number,
        "ocrNumber": str(payment.ocr or ""),
        "amount": one.values.paid.amount,
        "currency": one.values.paid.currency,
        "currencyRate": one.values.rate,
        "paymentDate": payment.date.isoformat() if payment.date else None,
        "registeredDate": payment.registered.isoformat() if payment.registered else None,
    }


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text or ""))
    except ValueError:
        return None


def _seen(raw: Mapping[str, Any]) -> Seen:
    """Return a registered payment with what it came to; what the answer lacks stays absent."""
    values: dict[str, Any] = {"number": str(raw.get("reference") or ""), "invoice_number": str(raw.get("invoiceNumber") or "")}
    amount, currency = raw.get("amount"), str(raw.get("currency") or "SEK")
    if isinstance(amount, Decimal | int) and not isinstance(amount, bool):
        values["amount"] = Money(Decimal(amount), currency)
    day = _day(raw.get("paymentDate"))
    if day is not None:
        values["date"] = day
    return Seen(Ref(SYSTEM, "payment", str(raw["id"])), Payment(**values))
