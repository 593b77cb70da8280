"""The brake of documents: what their system fills in later goes, a mass change or a mass cancellation stops and is let go by a person."""

from __future__ import annotations

from decimal import Decimal

import pytest

from brygga.clients.limits import Unlimited
from opter_hub import OpterHub
from textalk_hub import TextalkHub

MANY = 21
"""One more than the brake counts from."""


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """No limit on our side: these walks are about counts."""
    monkeypatch.setattr("brygga.sync.open.Permits", lambda budget, **window: Unlimited())


def let_go(stream: str) -> str:
    """Let what the brake stopped go once, as a person; return what the problem said."""
    from brygga.store.models import Problem
    from brygga.sync.repair import ask, offers

    problem = Problem.objects.get(kind="stream", stream=stream, state=Problem.State.OPEN)
    [offer] = offers(problem)
    ask(problem, offer.name, {}, who="test")
    return str(problem.sentence["text"])


def coding(net: str) -> list[dict[str, object]]:
    return [{"account": "3001", "text": "Styckegods", "net": Decimal(net), "vatPercent": 25}]


def test_all_invoices_of_opter_changed_at_once_stop(opter_hub: OpterHub) -> None:
    """A new price list in Opter, or a wrong rate: 21 invoices that are not booked would be rewritten."""
    hub = opter_hub
    numbers = [hub.invoice(number=str(100353 + n)) for n in range(MANY)]
    assert hub.sync()["status"] == "done"
    for number in numbers:
        hub.opter.edit("Invoices", number, coding=coding("1200"))
    hub.age()
    assert hub.sync()["status"] == "stopped"
    assert {str(hub.held("invoices", number)["Net"]) for number in numbers} <= {"1000", "1000.0", "1000.00"}
    [problem] = hub.problems("customers")
    assert (problem["sort"], problem["repairs"][0]["name"]) == ("hold", "go")
    assert "21 of 21" in let_go("invoices")
    hub.age()
    assert hub.sync()["status"] == "done"
    assert {float(hub.held("invoices", number)["Net"]) for number in numbers} == {1200.0}
    assert hub.problems("customers") == []


def test_all_orders_of_the_shop_cancelled_at_once_stop(textalk_hub: TextalkHub) -> None:
    """A faulty add-on of the shop that cancels what is old: 21 invoices would be cancelled in Fortnox."""
    hub = textalk_hub
    hub.fortnox.limiter.enabled = False
    hub.declare(cancel_in_fortnox=True)
    orders = [hub.order(payment="Faktura") for _ in range(MANY)]
    assert hub.sync()["status"] == "done", "the numbers that the shop's orders get are no change of what was there"
    for uid in orders:
        hub.shop.discard(uid)
    hub.age()
    assert hub.sync()["status"] == "stopped"
    assert not any(invoice["Cancelled"] for invoice in hub.records("invoices"))
    assert "21 of 21" in let_go("invoices")
    hub.age()
    hub.sync()
    assert all(invoice["Cancelled"] for invoice in hub.records("invoices"))
    assert hub.problems("buyers") == []


def test_no_stream_has_no_limit_on_changes() -> None:
    """Each stream's share comes from the settings; what only fills in what is empty is told apart and not let go unseen."""
    import ast
    from pathlib import Path

    import brygga

    found = []
    for path in sorted((Path(brygga.__file__).parent / "connectors").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "brake" and not ast.unparse(node.value).endswith(".brake"):
                found.append(f"{path.name}: {ast.unparse(node.value)}")
    assert found == ["settings.py: values['brake']"]
