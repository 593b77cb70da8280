"""The documented filters of the payment import, and the values that go over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from brygga.core.document import Payment
from brygga.core.money import Money
from brygga.core.payment_import import ImportSettings, judge
from brygga.errors import SettingsError


def run(given: Mapping[str, Any]) -> dict[str, object]:
    settings, payment = given["settings"], given["payment"]
    try:
        judgement = judge(
            ImportSettings(
                ignore_before=date.fromisoformat(settings["ignore_before"]),
                ignore_numbers_below=int(settings["ignore_numbers_below"]),
                default_currency=settings["default_currency"],
                already_imported=frozenset(str(number) for number in settings["already_imported"]),
            ),
            {number: ocr or "" for number, ocr in given["known_invoices"].items()},
            Payment(
                number=str(payment["number"]),
                invoice_number=payment["invoice_number"],
                ocr=payment["ocr"] or "",
                registered=date.fromisoformat(payment["registered_date"]),
                date=date.fromisoformat(payment["payment_date"]),
                booked=payment["booked"],
                amount=Money(Decimal(payment["amount_currency"]), payment["currency"]),
                amount_sek=Money(Decimal(payment["amount"]), "SEK"),
                rate=Decimal(payment["rate"]),
                rate_unit=Decimal(payment["unit"]),
            ),
        )
    except SettingsError:
        return {"action": "error", "reason": "currency_setup", "out": None}
    values = judgement.values
    if values is None:
        return {"action": "skip", "reason": judgement.reason, "out": None}
    return {
        "action": "import",
        "reason": None,
        "out": {
            "invoice_number": values.invoice_number,
            "paid_amount": str(values.paid.amount),
            "currency": values.paid.currency,
            "rate": None if values.rate is None else f"{values.rate:f}",
            "sek": str(values.sek),
        },
    }
