"""Part, over and currency payments, exchange differences."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from brygga.core.payments import Receivable, Received, apply_payments


def run(given: Mapping[str, Any]) -> dict[str, object]:
    invoice = given["invoice"]
    steps = apply_payments(
        Receivable(
            currency=invoice["currency"],
            total=Decimal(invoice["total"]),
            booked_sek=Decimal(invoice["booked_sek"]),
            rate=Decimal(invoice["rate"]),
            unit=Decimal(invoice["unit"]),
        ),
        [Received(Decimal(p["amount"]), Decimal(p["rate"]), Decimal(p["unit"])) for p in given["payments"]],
        Decimal(given["tolerance"]),
    )
    return {
        "steps": [
            {
                "amount_sek": str(step.amount_sek),
                "receivable_sek": str(step.receivable_sek),
                "exchange_diff": str(step.exchange_diff),
                "write_off": str(step.write_off),
                "surplus": str(step.surplus),
                "balance": str(step.balance),
                "status": step.status,
            }
            for step in steps
        ],
        "vouchers": [{account: str(amount) for account, amount in step.voucher.items()} for step in steps],
    }
