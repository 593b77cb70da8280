"""Payments of invoices through the whole way, by the vectors `payments` and `currency_rates` (OPT-04, OPT-05; accounting.md 5.2)."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from opter_hub import OpterHub

CASES = Path(__file__).parents[1] / "vectors" / "cases"


def cases(topic: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((CASES / f"{topic}.json").read_text(encoding="utf-8"))["cases"]
    return found


def exported(hub: OpterHub, number: str, total: Decimal, currency: str) -> None:
    """Let an invoice of this total be in Opter, exported before."""
    from brygga.store.models import LinkRow

    coding = [{"account": "3308", "net": total, "vatPercent": 0}]
    hub.opter.load("Invoices", [{"invoiceNumber": number, "customerCode": "NORD", "currency": currency, "coding": coding}])
    LinkRow.objects.create(integration=hub.integration(), kind="invoice", left_id=number, right_id=number, base={})


def paid(hub: OpterHub, number: int, invoice: str, amount: Decimal, currency: str, rate: Decimal, unit: Decimal) -> None:
    """Let a booked payment be in Fortnox, as its books have it."""
    sek = (amount * rate / unit).quantize(Decimal("0.01"))
    row = {
        "Number": str(number), "InvoiceNumber": invoice, "Amount": sek, "AmountCurrency": amount, "Currency": currency,
        "CurrencyRate": rate, "CurrencyUnit": unit, "Booked": True, "PaymentDate": "2026-10-01",
    }  # fmt: skip
    with hub.fortnox.lock:
        blank = dict(hub.fortnox.company.table("invoicepayments").blank)
        hub.fortnox.company.put("invoicepayments", str(number), {**blank, **row})
        hub.fortnox.company.commit()


def imported(hub: OpterHub) -> None:
    """Read and save, as a person would after each payment."""
    from brygga.sync.payments import Wish
    from brygga.sync.start import begin_run, execute

    for save in (False, True):
        execute(begin_run(hub.integration(), "payments", trigger="person", only=Wish(save=save).only()).pk)


def test_vectors_of_payments_end_as_registrations_with_their_write_off_advance_and_balance(opter_hub: OpterHub) -> None:
    """OPT-04, OPT-05, OPT-27: part, full, too much, within what the office accepts; in kronor and in other currencies."""
    hub, number, shown = opter_hub, 0, 0
    for place, case in enumerate(cases("payments")):
        given, steps = case["input"]["invoice"], case["expected"].get("steps")
        if not steps:
            continue
        invoice = str(300_000 + place)
        exported(hub, invoice, Decimal(given["total"]), given["currency"])
        hub.opter.deviation(Decimal(case["input"]["tolerance"]))
        for payment, step in zip(case["input"]["payments"], steps, strict=True):
            if not hub.opter.get("Invoices", invoice)["balance"]:
                break  # Opter's own second list: the invoice is already paid
            number += 1
            paid(
                hub,
                number,
                invoice,
                Decimal(payment["amount"]),
                given["currency"],
                Decimal(payment["rate"]),
                Decimal(payment["unit"]),
            )
            imported(hub)
            registered = next(one for one in hub.opter.registrations() if one["reference"].endswith(f":{number}"))
            assert registered["amount"] == Decimal(payment["amount"]), case["id"]
            assert (registered["writeOff"], registered["advance"]) == (Decimal(step["write_off"]), Decimal(step["surplus"])), case[
                "id"
            ]
            assert hub.opter.get("Invoices", invoice)["balance"] == Decimal(step["balance"]), case["id"]
            shown += 1
    assert shown >= 10
    sys.stdout.write(f"{shown} payments of the vectors through the whole way\n")


def test_vectors_of_rates_arrive_as_the_rate_of_one_unit(opter_hub: OpterHub) -> None:
    """OPT-05: the rate at the payment, divided by its unit; the sum stays in the invoice's currency."""
    hub, shown = opter_hub, 0
    for place, case in enumerate(cases("currency_rates"), 1):
        given = case["input"]
        if given["op"] != "to_sek" or Decimal(given["amount"]) <= 0 or Decimal(given["rate"]) <= 0:
            continue
        amount, rate, unit = (Decimal(given[name]) for name in ("amount", "rate", "unit"))
        if amount != amount.quantize(Decimal("0.01")):
            continue
        invoice = str(400_000 + place)
        exported(hub, invoice, amount, "EUR")
        paid(hub, place, invoice, amount, "EUR", rate, unit)
        imported(hub)
        [registered] = [one for one in hub.opter.registrations() if one["invoiceNumber"] == invoice]
        assert (registered["amount"], registered["currencyRate"]) == (amount, rate / unit), case["id"]
        shown += 1
    assert shown >= 2
    sys.stdout.write(f"{shown} rates of the vectors through the whole way\n")
