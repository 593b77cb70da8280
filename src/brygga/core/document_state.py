"""What may be done with a document in which state (accounting.md 7.1, 7.2). What is booked is never changed.

First what the kind of document never allows, then cancelled, then what its state forbids. A verdict holds a reason for
programs and a sentence for people, with what can be done instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias, get_args

from brygga.core.document import Document, DocumentKind
from brygga.core.money import ZERO, exact
from brygga.core.policy import Lock
from brygga.core.record import ABSENT
from brygga.errors import BadData, Sentence

Action: TypeAlias = Literal[
    "update_rows", "update_due_date", "cancel", "bookkeep", "credit", "register_payment", "create_invoice", "delete"
]
Reason: TypeAlias = Literal[
    "booked",
    "cancelled",
    "sent",
    "not_booked",
    "credited",
    "fully_paid",
    "already_invoiced",
    "cash_invoice",
    "period_locked",
    "never",
]

ACTIONS: Final = get_args(Action)
KINDS: Final = get_args(DocumentKind)
BEFORE_INVOICE: Final = ("offer", "order")

ALLOWED_KINDS: Final[dict[str, tuple[DocumentKind, ...]]] = {
    "update_rows": ("offer", "order", "invoice", "cash_invoice", "credit_invoice"),
    "update_due_date": ("invoice", "cash_invoice", "credit_invoice"),
    "cancel": ("offer", "order", "invoice", "cash_invoice", "credit_invoice"),
    "bookkeep": ("invoice", "cash_invoice", "credit_invoice"),
    "credit": ("invoice", "cash_invoice"),
    "register_payment": ("invoice", "cash_invoice", "credit_invoice"),
    "create_invoice": ("offer", "order"),
    "delete": (),
}

REASONS: Final[dict[Reason, str]] = {
    "booked": "The document is booked and is never changed. Credit it instead.",
    "cancelled": "The document is cancelled.",
    "sent": "The invoice is sent, and with the cash method that locks all but the due date. Mark it as not sent first.",
    "not_booked": "The invoice is not booked yet.",
    "credited": "The invoice has already been credited.",
    "fully_paid": "The invoice is fully paid. More money is a debt to the customer.",
    "already_invoiced": "An invoice has been made of it, so it is closed for changes.",
    "cash_invoice": "A cash invoice is paid when it is made; no payment is registered on it.",
    "period_locked": "The period is locked for bookings. A person decides on another day.",
    "never": "A document of this kind never allows this.",
}
NO_DELETION: Final = "A number once used stays in its series. Cancel the document instead."
CASH_METHOD: Final = "With the cash method the payment books the invoice."


@dataclass(frozen=True, slots=True)
class DocumentState:
    """What decides: kind and state of a document, the company's accounting method, and whether its date is in a locked period.

    balance and total are in the document's currency; a credit invoice may have them negative. order_invoiced says whether
    an offer or order has led to an invoice.
    """

    kind: str
    booked: bool = False
    cancelled: bool = False
    sent: bool = False
    credited: bool = False
    balance: Decimal = ZERO
    total: Decimal = ZERO
    method: str = "ACCRUAL"
    order_invoiced: bool = False
    period_locked: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an action is allowed; `reason` and `sentence` are None when it is."""

    allowed: bool
    reason: Reason | None = None
    sentence: Sentence | None = None


ALLOWED: Final = Verdict(True)


def may(state: DocumentState, action: str) -> Verdict:
    """Say whether *action* is allowed on a document in *state*.

    ValueError for an action we do not have; BadData for a kind, accounting method or amount that does not exist.
    """
    if action not in ACTIONS:
        raise ValueError(f"an action is one of {', '.join(ACTIONS)}, not {action!r}")
    if state.kind not in KINDS:
        raise BadData("{kind} is no kind of document.", kind=repr(state.kind))
    if state.method not in ("ACCRUAL", "CASH"):
        raise BadData("{method} is no accounting method: it is ACCRUAL or CASH.", method=repr(state.method))
    if state.kind not in ALLOWED_KINDS[action]:
        return _refused("never", NO_DELETION if action == "delete" else REASONS["never"])
    if action == "register_payment" and state.kind == "cash_invoice":
        return _refused("cash_invoice")
    if action == "bookkeep" and state.method == "CASH":
        return _refused("never", CASH_METHOD)
    if state.cancelled:
        return _refused("cancelled")
    if state.kind in BEFORE_INVOICE:
        return _refused("already_invoiced") if state.order_invoiced else ALLOWED
    if action == "register_payment":
        return _may_be_paid(state)
    if action == "credit":
        return _may_be_credited(state)
    return _may_be_changed(state, action)


def _may_be_paid(state: DocumentState) -> Verdict:
    if state.method == "ACCRUAL" and not state.booked:
        return _refused("not_booked")
    total, balance = _amounts(state)
    left = -balance if total < 0 else balance
    return ALLOWED if left > 0 else _refused("fully_paid")


def _may_be_credited(state: DocumentState) -> Verdict:
    if not _is_booked(state):
        return _refused("not_booked")
    return _refused("credited") if state.credited else ALLOWED


def _may_be_changed(state: DocumentState, action: str) -> Verdict:
    if _is_booked(state):
        return _refused("booked")
    if action == "bookkeep":
        return _refused("period_locked") if state.period_locked else ALLOWED
    if state.method == "CASH" and state.sent and action != "update_due_date":
        return _refused("sent")
    return ALLOWED


def _is_booked(state: DocumentState) -> bool:
    total, balance = _amounts(state)
    paid_in_part = balance != total
    return state.booked or (state.method == "CASH" and paid_in_part)


def _amounts(state: DocumentState) -> tuple[Decimal, Decimal]:
    return exact(state.total, "the document's total"), exact(state.balance, "the document's balance")


def _refused(reason: Reason, text: str = "") -> Verdict:
    return Verdict(False, reason, Sentence(text or REASONS[reason]))


def state_of(document: Document, *, method: str = "ACCRUAL", period_locked: bool = False) -> DocumentState:
    """Return what decides of a document as a system showed it; what it left out counts as not so.

    *method* is used where the document does not name its own. BadData where the document does not say its kind.
    """
    if document.kind is ABSENT:
        raise BadData("Document {number} does not say which kind it is.", number=document.number or "without a number")
    return DocumentState(
        kind=document.kind,
        booked=document.booked is True,
        cancelled=document.cancelled is True,
        sent=document.sent is True,
        credited=bool(document.credited_by),
        balance=ZERO if document.balance is ABSENT else document.balance.amount,
        total=ZERO if document.total is ABSENT else document.total.amount,
        method=method if document.accounting_method is ABSENT else document.accounting_method,
        order_invoiced=bool(document.invoice_number),
        period_locked=period_locked,
    )


TOLD = frozenset(
    {
        "number",
        "ocr",
        "balance",
        "paid_on",
        "to_pay",
        "total",
        "net",
        "vat",
        "voucher",
        "booked",
        "sent",
        "mailed",
        "cancelled",
        "ordered",
        "order_number",
        "invoiced",
        "invoice_number",
        "invoice_date",
        "invoice_booked",
        "credited",
        "credited_by",
        "stage",
    }
)
"""What still comes over of a document that is locked: what became of it."""


def lock_of(document: Document, *, rule: str = "") -> Lock | None:
    """Say why a document of Fortnox may no longer be changed, None while it may (accounting.md 7.1): booked, made into another, cancelled."""
    facts = {"number": str(document.number or "")}
    if document.booked is True:
        return Lock(
            Sentence("Invoice {number} is booked in Fortnox, so this is not carried over: {fields}.", facts), rule, TOLD, "booked"
        )
    if document.invoiced is True or document.ordered is True:
        became = str(document.invoice_number or document.order_number or "")
        sentence = "Document {number} has become {became} in Fortnox, so this is not carried over: {fields}."
        return Lock(Sentence(sentence, {**facts, "became": became}), rule, TOLD, "became")
    if document.cancelled is True:
        return Lock(
            Sentence("Document {number} is cancelled in Fortnox, so this is not carried over: {fields}.", facts),
            rule,
            TOLD,
            "cancelled",
        )
    return None
