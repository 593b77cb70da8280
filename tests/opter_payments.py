"""Payments of Opter's two steps, as bookkeepers and the hub's people go through them."""

from __future__ import annotations

from typing import Any

import pytest

from opter_hub import OpterHub


@pytest.fixture
def paid(opter_hub: OpterHub) -> OpterHub:
    """A hub whose invoice 100353 of 1,250 kronor has been exported and booked."""
    opter_hub.declare(send="opter")
    exported(opter_hub, "100353")
    return opter_hub


def exported(hub: OpterHub, *numbers: str, **more: Any) -> None:
    for number in numbers:
        hub.invoice(number, **more)
    hub.age()
    hub.sync()
    for number in numbers:
        if not hub.held("invoices", number)["Booked"]:
            hub.fortnox_call("PUT", f"/3/invoices/{number}/bookkeep")


def pay(hub: OpterHub, invoice: str = "100353", amount: Any = 1250, *, book: bool = True, **more: Any) -> str:
    """Register a payment in Fortnox as a bookkeeper would; return its number."""
    body = {"InvoiceNumber": int(invoice), "Amount": amount, "PaymentDate": "2026-10-01", **more}
    number = str(hub.fortnox_call("POST", "/3/invoicepayments", {"InvoicePayment": body})["InvoicePayment"]["Number"])
    if book:
        hub.fortnox_call("PUT", f"/3/invoicepayments/{number}/bookkeep")
    return number


def run(
    hub: OpterHub, *, save: bool = False, definition: str = "", only: tuple[str, ...] = (), trigger: str = "person"
) -> dict[str, Any]:
    from brygga.sync.payments import Wish
    from brygga.sync.report import run_json
    from brygga.sync.start import begin_run, execute

    wish = Wish(definition, save, only, "anna" if save else "")
    return run_json(execute(begin_run(hub.integration(), "payments", trigger=trigger, only=wish.only()).pk))


def listed(hub: OpterHub) -> dict[str, dict[str, Any]]:
    from brygga.sync.payments import payment_rows

    return {row["number"]: row for row in payment_rows(hub.integration())}
