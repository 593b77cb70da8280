"""What may be done with a document in which state (accounting.md 7.1, 7.2)."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest

from brygga.core.document import Document
from brygga.core.document_state import ACTIONS, CASH_METHOD, KINDS, DocumentState, may, state_of
from brygga.core.money import ZERO, Money
from brygga.errors import BadData

STATES = [
    DocumentState(kind, booked, cancelled, sent, credited, balance, Decimal("1250.00"), method, invoiced, locked)
    for kind, booked, cancelled, sent, credited, balance, method, invoiced, locked in product(
        KINDS,
        (True, False),
        (True, False),
        (True, False),
        (True, False),
        (Decimal("1250.00"), Decimal("500.00"), ZERO, Decimal("-60.00")),
        ("ACCRUAL", "CASH"),
        (True, False),
        (True, False),
    )
]


def test_every_state_and_action_has_a_verdict_and_every_refusal_a_sentence() -> None:
    for state, action in product(STATES, ACTIONS):
        verdict = may(state, action)
        assert verdict.allowed == (verdict.reason is None) == (verdict.sentence is None)


def test_nothing_booked_or_cancelled_is_ever_changed_and_nothing_deleted() -> None:
    for state in STATES:
        assert not may(state, "delete").allowed
        if state.cancelled:
            assert not any(may(state, action).allowed for action in ACTIONS)
        if state.booked and state.kind not in ("offer", "order"):
            assert not any(may(state, action).allowed for action in ("update_rows", "update_due_date", "cancel", "bookkeep"))
        if state.order_invoiced and state.kind in ("offer", "order"):
            assert not any(may(state, action).allowed for action in ACTIONS)


def reason(action: str, **facts: object) -> str | None:
    defaults: dict[str, object] = {"kind": "invoice", "balance": Decimal("1250.00"), "total": Decimal("1250.00")}
    return may(DocumentState(**{**defaults, **facts}), action).reason  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("action", "facts", "expected"),
    [
        ("update_rows", {"sent": True}, None),
        ("update_rows", {"cancelled": True}, "cancelled"),
        ("update_due_date", {"booked": True}, "booked"),
        ("update_due_date", {"kind": "order"}, "never"),
        ("cancel", {"booked": True}, "booked"),
        ("cancel", {"sent": True, "method": "CASH"}, "sent"),
        ("cancel", {"kind": "order", "order_invoiced": True}, "already_invoiced"),
        ("bookkeep", {}, None),
        ("bookkeep", {"kind": "offer"}, "never"),
        ("bookkeep", {"method": "CASH"}, "never"),
        ("bookkeep", {"kind": "credit_invoice"}, None),
        ("bookkeep", {"booked": True, "period_locked": True}, "booked"),
        ("credit", {"booked": True, "credited": True}, "credited"),
        ("credit", {"kind": "cash_invoice", "booked": True}, None),
        ("register_payment", {}, "not_booked"),
        ("register_payment", {"kind": "cash_invoice", "booked": True}, "cash_invoice"),
        ("register_payment", {"kind": "order"}, "never"),
        ("register_payment", {"booked": True, "balance": Decimal("-60.00")}, "fully_paid"),
        ("create_invoice", {"kind": "offer"}, None),
        ("create_invoice", {}, "never"),
        ("create_invoice", {"kind": "order", "cancelled": True}, "cancelled"),
    ],
)
def test_reason_is_the_rules(action: str, facts: dict[str, object], expected: str | None) -> None:
    assert reason(action, **facts) == expected


def test_refund_may_be_registered_on_a_credit_until_nothing_is_left() -> None:
    owed = {"kind": "credit_invoice", "booked": True, "total": Decimal("-500.00")}
    assert reason("register_payment", **owed, balance=Decimal("-200.00")) is None
    assert reason("register_payment", **owed, balance=ZERO) == "fully_paid"


def test_with_the_cash_method_a_payment_books_the_invoice() -> None:
    paid_in_part = {"method": "CASH", "balance": Decimal("500.00")}
    assert reason("cancel", **paid_in_part) == "booked"
    assert reason("credit", **paid_in_part) is None
    assert str(may(DocumentState("invoice", method="CASH"), "bookkeep").sentence) == CASH_METHOD


def test_what_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="not 'shred'"):
        may(DocumentState("invoice"), "shred")
    with pytest.raises(BadData, match="'receipt' is no kind of document"):
        may(DocumentState("receipt"), "cancel")
    with pytest.raises(BadData, match=r"'MONTHLY' is no accounting method.*ACCRUAL or CASH"):
        may(DocumentState("invoice", method="MONTHLY"), "cancel")
    with pytest.raises(BadData, match="the document's balance: NaN"):
        may(DocumentState("invoice", booked=True, balance=Decimal("NaN")), "register_payment")


def test_state_is_read_from_a_document_as_its_system_showed_it() -> None:
    whole = Document(
        kind="invoice",
        booked=True,
        credited_by="12",
        balance=Money(Decimal("5.00"), "SEK"),
        total=Money(Decimal("9.00"), "SEK"),
        accounting_method="CASH",
        invoice_number="",
    )
    assert state_of(whole, period_locked=True) == DocumentState(
        "invoice",
        booked=True,
        credited=True,
        balance=Decimal("5.00"),
        total=Decimal("9.00"),
        method="CASH",
        period_locked=True,
    )
    assert state_of(Document(kind="order", invoice_number="7")) == DocumentState("order", order_invoiced=True)
    with pytest.raises(BadData, match="Document without a number does not say which kind"):
        state_of(Document())
