"""Everything that a document names is needed first: what is missing holds that document with its name, the others go, the repair makes it."""

from __future__ import annotations

from decimal import Decimal

from opter_hub import OpterHub

ROW = {"account": "3001", "text": "Styckegods", "net": Decimal("1000.00"), "vatPercent": 25}


def invoices(hub: OpterHub) -> list[str]:
    with hub.fortnox.lock:
        return sorted(str(one["DocumentNumber"]) for one in hub.fortnox.company.table("invoices").all())


def test_a_cost_centre_that_is_missing_holds_its_invoice_alone_and_the_repair_makes_it(opter_hub: OpterHub) -> None:
    """Kind 11: a missing cost centre stopped 38 of 62 invoices with a raw refusal (OPT-01)."""
    from brygga.store.models import Problem
    from brygga.sync.repair import ask, offers

    hub = opter_hub
    hub.invoice(number="100353", coding=[{**ROW, "economicUnits": {"costCenter": "LUL"}}])
    hub.invoice(number="100354", coding=[ROW])
    hub.sync()
    assert invoices(hub) == ["100354"]
    [held] = hub.problems("customers", "hold")
    assert held["text"] == "Faktura 100353: cost centre LUL is not in Fortnox, or is inactive there."
    problem = Problem.objects.get(record_id=held["record"].partition(":")[2])
    make = offers(problem)[0]
    assert (make.name, dict(make.fields)) == ("make", {"name": "LUL"})
    ask(problem, "make", {"name": "Luleå"}, who="test")
    hub.sync()
    assert invoices(hub) == ["100353", "100354"]
    assert hub.held("invoices", "100353")["InvoiceRows"][-1]["CostCenter"] == "LUL"
    assert hub.problems("customers", "hold", "failed") == []
