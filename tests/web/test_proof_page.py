"""The reconciliation page: the proof that both sides agree, or what differs, kept for later."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from hub import Hub, organisation


@pytest.fixture
def bookkeeper(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Client:
    from brygga.store.models import Company, Membership

    monkeypatch.setattr("brygga.engine.nudge", lambda run_id: None)
    user = User.objects.create(username="anna")
    Membership.objects.create(user=user, company=Company.objects.get(slug="acme"), role="bookkeeper")
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, **query: str) -> str:
    answer = client.get("/c/acme/proofs/webcrm/customers/", query, headers={"accept-language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


def prove(client: Client) -> None:
    from brygga.store.models import Run
    from brygga.sync.start import execute

    answer = client.post("/c/acme/proofs/webcrm/customers/")
    assert answer.status_code == 302
    for run in Run.objects.filter(status=Run.Status.QUEUED):
        assert execute(run.pk).status == Run.Status.DONE


def test_proof_is_green_when_everything_is_in_and_says_what_differs_when_not(hub: Hub, bookkeeper: Client) -> None:
    assert "have not been compared yet" in page(bookkeeper)
    hub.webcrm.load("Organisation", [organisation()])
    hub.sync()
    hub.clear()
    prove(bookkeeper)
    assert (hub.fortnox_writes(), hub.webcrm.writes()) == ([], [])
    assert "Everything is in, and equal on both sides." in page(bookkeeper)
    [id] = hub.links()
    hub.webcrm.organisation(int(id)).update(Telefon="0470-999 99")
    prove(bookkeeper)
    shown = page(bookkeeper)
    assert "The two sides differ" in shown
    assert "0470-999 99" in shown
    from brygga.store.models import Proof

    first = Proof.objects.order_by("pk").first()
    assert first is not None
    assert "Everything is in" in page(bookkeeper, number=str(first.pk))


def test_stream_that_is_not_there_has_no_page(hub: Hub, bookkeeper: Client) -> None:
    assert bookkeeper.get("/c/acme/proofs/webcrm/nothing/").status_code == 404
    assert bookkeeper.get("/c/acme/proofs/upsales/customers/").status_code == 404
