"""The second step of Opter's payment import, whatever happens in it; the vectors; many payments. Rows OPT-04 to OPT-07, OPT-14 to OPT-29."""

from __future__ import annotations

import json
import os
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from brygga.clients.opter import PaymentImports
from opter_hub import OpterHub
from opter_payments import exported, listed, pay, run
from proof.world import Killed

CASES = Path(__file__).parents[1] / "vectors" / "cases"


@pytest.mark.parametrize(("method", "path"), [("POST", "/api/PaymentImports"), ("POST", "/api/PaymentImports/.*/Save")])
@pytest.mark.parametrize("fault", ["lost_answer", "lost_request", "error_after", "error_before"])
def test_whatever_happens_while_saving_each_payment_is_registered_once(
    opter_hub: OpterHub, method: str, path: str, fault: str
) -> None:
    """OPT-27: a lost answer or an error before and after the commit."""
    hub = opter_hub
    exported(hub, "100353", "100354")
    pay(hub, "100353")
    pay(hub, "100354", 500)
    run(hub)
    hub.opter.faults.arm(fault, method=method, path=path, skip=1 if path.endswith("Imports") else 0)
    run(hub, save=True)
    run(hub, save=True)
    assert sorted((one["invoiceNumber"], one["amount"]) for one in hub.opter.registrations()) == [
        ("100353", Decimal(1250)),
        ("100354", Decimal(500)),
    ]
    assert {row["state"] for row in listed(hub).values()} == {"saved"}


@pytest.mark.parametrize("where", ["before", "after"])
def test_killed_between_read_and_save_or_in_the_middle_each_payment_is_registered_once(
    opter_hub_on_both: OpterHub, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """OPT-27: the process dies as it saves; the next one finds out what happened, and registers nothing twice."""
    from brygga.connectors.opter.connector import OpterConnector
    from brygga.store import leases
    from brygga.store.models import Lease

    hub = opter_hub_on_both
    exported(hub, "100353", "100354")
    pay(hub, "100353")
    pay(hub, "100354")
    run(hub)
    real = OpterConnector.register

    def dies(self: OpterConnector, definition: str, incoming: Any) -> Any:
        if where == "after":
            real(self, definition, incoming)
        raise Killed(where)

    with monkeypatch.context() as patch:
        patch.setattr(OpterConnector, "register", dies)
        with pytest.raises(Killed):
            run(hub, save=True)
    Lease.objects.update(until=leases._LONG_AGO)
    run(hub, save=True)
    assert sorted(one["invoiceNumber"] for one in hub.opter.registrations()) == ["100353", "100354"]
    assert {row["state"] for row in listed(hub).values()} == {"saved"}


def test_vectors_of_opter_payment_import_go_the_whole_way(opter_hub: OpterHub) -> None:
    """OPT-04 to OPT-07, OPT-14 to OPT-18, OPT-24 to OPT-26, OPT-29: what each vector says becomes of its payment."""
    from brygga.store.models import Cursor, ImportedPayment, LinkRow

    hub = opter_hub
    cases = json.loads((CASES / "opter_payment_import.json").read_text(encoding="utf-8"))["cases"]
    reasons = {
        "before_date": "OPT-24",
        "below_number": "OPT-25",
        "unknown_invoice": "OPT-07",
        "ocr_mismatch": "OPT-26",
        "not_booked": "OPT-02",
    }
    shown = 0
    for case in cases:
        given, expected = case["input"], case["expected"]
        settings, payment = given["settings"], given["payment"]
        hub.opter.currency(settings["default_currency"])
        if expected["action"] == "error":
            assert f"default currency is {settings['default_currency']}" in run(hub)["message"], case["id"]
            shown += 1
            continue
        if settings.get("already_imported") or not str(payment["invoice_number"]).isdigit():
            continue
        ImportedPayment.objects.all().delete()
        Cursor.objects.all().delete()
        LinkRow.objects.all().delete()
        with hub.opter.lock:
            hub.opter.state.registers["Invoices"].clear()
            hub.opter.state.registrations.clear()
            hub.opter.state.imports.clear()
        for number, ocr in given["known_invoices"].items():
            coded = [{"account": "3001", "net": Decimal(payment["amount_currency"]), "vatPercent": 0}]
            invoice = {"invoiceNumber": number, "customerCode": "NORD", "ocrNumber": ocr, "coding": coded}
            hub.opter.load("Invoices", [{**invoice, "currency": payment["currency"]}])
            ocr_there = payment["ocr"] if number == payment["invoice_number"] else ocr
            LinkRow.objects.create(
                integration=hub.integration(), kind="invoice", left_id=number, right_id=number, base={"ocr": ocr_there or ""}
            )
        row = {
            "Number": payment["number"], "InvoiceNumber": payment["invoice_number"], "Amount": Decimal(payment["amount"]),
            "Booked": payment["booked"], "PaymentDate": payment["registered_date"], "Currency": payment["currency"],
            "AmountCurrency": Decimal(payment["amount_currency"]), "CurrencyRate": Decimal(payment["rate"]),
            "CurrencyUnit": Decimal(payment["unit"]), "InvoiceOCR": payment["ocr"],
        }  # fmt: skip
        with hub.fortnox.lock:
            table = hub.fortnox.company.table("invoicepayments")
            table.records.clear()
            hub.fortnox.company.put("invoicepayments", payment["number"], {**table.blank, **row})
            hub.fortnox.company.commit()
        definition = {
            "ignore_payments_before": settings["ignore_before"],
            "ignore_numbers_before": settings["ignore_numbers_below"],
        }
        hub.declare(payment_definitions={"Fortnox": definition})
        run(hub)
        found = listed(hub)[payment["number"]]
        if expected["action"] == "import":
            out = expected["out"]
            assert (found["state"], found["mark"]) == ("waiting", "green"), (case["id"], found)
            assert (Decimal(found["amount"]), found["currency"]) == (Decimal(out["paid_amount"]), out["currency"]), case["id"]
            assert (found["rate"] and Decimal(found["rate"])) == (out["rate"] and Decimal(out["rate"])), case["id"]
            assert Decimal(found["sek"]) == Decimal(out["sek"]), case["id"]
            run(hub, save=True)
            [registered] = hub.opter.registrations()
            assert (registered["amount"], registered["currency"]) == (Decimal(out["paid_amount"]), out["currency"]), case["id"]
        else:
            assert found["rule"] == reasons[expected["reason"]], case["id"]
        shown += 1
    assert shown >= len(cases) * 3 // 4
    sys.stdout.write(f"{shown} vectors of opter_payment_import through the whole way\n")


MANY = int(os.environ.get("BRYGGA_PAYMENTS", "2000"))
"""10,000 take most of a minute; the figures of 10,000 stand in docs/benchmarks.md."""


def test_many_payments_cost_their_pages(opter_hub: OpterHub) -> None:
    """OPT-27: read and judged with ⌈N/500⌉ list requests and no detail, saved 500 at a time, each once."""
    from brygga.store.models import LinkRow

    hub = opter_hub
    count = MANY
    coding = [{"account": "3001", "net": Decimal(100), "vatPercent": 25}]
    base = {"customerCode": "NORD", "invoiceDate": "2026-09-04", "dueDate": "2026-10-04", "coding": coding}
    hub.opter.load("Invoices", [{**base, "invoiceNumber": str(200_000 + n)} for n in range(count)])
    integration = hub.integration()
    LinkRow.objects.bulk_create(
        [
            LinkRow(integration=integration, kind="invoice", left_id=str(200_000 + n), right_id=str(200_000 + n))
            for n in range(count)
        ]
    )
    with hub.fortnox.lock:
        company = hub.fortnox.company
        blank = dict(company.table("invoicepayments").blank)
        for n in range(count):
            row = {
                "Number": str(n + 1),
                "InvoiceNumber": str(200_000 + n),
                "Amount": 125,
                "Booked": True,
                "PaymentDate": "2026-10-01",
                "Currency": "SEK",
            }
            company.put("invoicepayments", str(n + 1), {**blank, **row})
        company.commit()
    hub.clear()
    result = run(hub)
    assert result["counts"]["held"] == count
    asked = [seen.path for seen in hub.fortnox.requests if seen.path.startswith("/3/")]
    assert (asked.count("/3/invoicepayments"), len(asked)) == (count // 500, count // 500)
    hub.clear()
    result = run(hub, save=True)
    assert result["counts"]["created"] == count
    assert len({one["invoiceNumber"] for one in hub.opter.registrations()}) == count == len(hub.opter.registrations())
    saves = [path for _, path, _ in hub.opter.writes() if path.endswith("/Save")]
    assert len(saves) == count // 500
    sys.stdout.write(f"{count} payments: {len(asked)} list requests of Fortnox, {len(saves)} saves in Opter\n")


def test_answer_that_passes_a_payment_over_is_looked_up_and_not_called_a_refusal(
    paid: OpterHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OPT-27, OPT-28: an adapter that answers the save without its registrations: the payment is found, and shows as saved."""
    number = pay(paid)
    run(paid)
    save = PaymentImports.save
    monkeypatch.setattr(PaymentImports, "save", lambda *given: {**save(*given), "registrations": []})
    run(paid, save=True)
    assert [one["invoiceNumber"] for one in paid.opter.registrations()] == ["100353"]
    assert listed(paid)[number]["state"] == "saved"
