"""The page of payments to register: what a bookkeeper sees, chooses and saves (OPT-21, OPT-27, OPT-28)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from opter_hub import OpterHub


@pytest.fixture
def people(opter_hub: OpterHub) -> dict[str, Client]:
    from brygga.store.models import Company, Membership

    found = {}
    for role in ("bookkeeper", "viewer"):
        user = User.objects.create(username=role)
        Membership.objects.create(user=user, company=Company.objects.get(slug="acme"), role=role)
        found[role] = Client()
        found[role].force_login(user)
    return found


def carry_out(hub: OpterHub) -> None:
    """Do what a worker would with the runs that wait."""
    from brygga.store.models import Run
    from brygga.sync.start import execute

    for run in Run.objects.filter(status=Run.Status.QUEUED):
        execute(run.pk)


def page(client: Client, state: str = "waiting") -> str:
    answer = client.get("/c/acme/payments/", {"state": state}, headers={"accept-language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def prepared(hub: OpterHub) -> None:
    hub.declare(send="opter")
    hub.invoice("100353")
    hub.invoice("100354")
    hub.sync()
    for invoice, amount in ((100353, 1250), (100354, 500)):
        body = {"InvoicePayment": {"InvoiceNumber": invoice, "Amount": amount, "PaymentDate": "2026-10-01"}}
        number = hub.fortnox_call("POST", "/3/invoicepayments", body)["InvoicePayment"]["Number"]
        hub.fortnox_call("PUT", f"/3/invoicepayments/{number}/bookkeep")


def test_bookkeeper_reads_chooses_and_saves(opter_hub: OpterHub, people: dict[str, Client], monkeypatch: Any) -> None:
    """OPT-21, OPT-27, OPT-28: by the definition's name; ticks and flags; the chosen one is registered, the other waits."""
    monkeypatch.setattr("brygga.engine.nudge", lambda run_id: None)
    prepared(opter_hub)
    assert "No payment waits to be saved" in page(people["bookkeeper"])
    people["bookkeeper"].post("/c/acme/payments/", {"what": "read", "definition": "Fortnox"})
    carry_out(opter_hub)
    shown = page(people["bookkeeper"])
    assert "right amount" in shown
    assert "Partial payment" in shown
    assert opter_hub.opter.registrations() == []
    nothing = people["bookkeeper"].post("/c/acme/payments/", {"what": "save"}, follow=True, headers={"accept-language": "en"})
    assert "Choose at least one payment" in nothing.content.decode()
    people["bookkeeper"].post("/c/acme/payments/", {"what": "save", "number": ["1"]})
    carry_out(opter_hub)
    assert [one["invoiceNumber"] for one in opter_hub.opter.registrations()] == ["100353"]
    assert "bookkeeper" in page(people["bookkeeper"], "saved")
    people["bookkeeper"].post("/c/acme/payments/", {"what": "save_all", "definition": "Fortnox"})
    carry_out(opter_hub)
    assert len(opter_hub.opter.registrations()) == 2


def test_viewer_sees_and_cannot_save(opter_hub: OpterHub, people: dict[str, Client]) -> None:
    """OPT-27: saving is the bookkeeper's."""
    assert 'value="read"' not in page(people["viewer"])
    assert people["viewer"].post("/c/acme/payments/", {"what": "save_all"}).status_code == 403


def test_page_without_a_definition_says_what_to_do(opter_hub: OpterHub, people: dict[str, Client]) -> None:
    """OPT-11: the empty state names the setting."""
    opter_hub.declare(payment_definitions={})
    assert "There is no payment import definition" in page(people["bookkeeper"])
