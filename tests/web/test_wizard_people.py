"""Who may go through the wizard, and who goes on where another one stopped."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.test import Client

from wizard_walk import ENGLISH, PASSWORD, Walk


def test_another_owner_goes_on_where_the_first_one_stopped(walk: Walk) -> None:
    """Who has gone keeps nothing to herself: neither what was chosen nor how far it has come; no secret is shown."""
    from brygga.store import users
    from brygga.store.models import AuditEntry

    walk.to_check()
    users.add("berit", PASSWORD, company=walk.slug, role="owner")
    berit = Client(headers=ENGLISH)
    berit.force_login(User.objects.get(username="berit"))
    page = berit.get(f"/c/{walk.slug}/").content.decode()
    assert "last changed by owner" in page
    answer = berit.get(f"/c/{walk.slug}/wizard/webcrm/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/c/{walk.slug}/wizard/webcrm/check/"
    answer = berit.post(f"/c/{walk.slug}/wizard/webcrm/check/", {"what": "on"}, follow=True)
    assert answer.context["here"] == "settings"
    system = berit.get(f"/c/{walk.slug}/wizard/webcrm/system/").content.decode()
    assert walk.other.auth_code not in system
    # Where the hub speaks to is the administrator's.
    assert 'name="address"' not in system
    assert AuditEntry.objects.filter(who="owner", what="declared").exists()


def test_owner_who_is_no_administrator_cannot_send_the_hub_elsewhere(walk: Walk) -> None:
    walk.to_check()
    from brygga.store import users
    from brygga.store.models import Connection

    users.add("berit", PASSWORD, company=walk.slug, role="owner")
    berit = Client(headers=ENGLISH)
    berit.force_login(User.objects.get(username="berit"))
    form = {**walk.scenario.key(walk.other), "address": "http://127.0.0.1:9/steal", "folder": "/etc"}
    berit.post(f"/c/{walk.slug}/wizard/webcrm/system/", form)
    berit.post(
        f"/c/{walk.slug}/wizard/webcrm/fortnox/",
        {"what": "keys", "client_id": "a", "client_secret": "b", "address": "http://127.0.0.1:9"},
    )
    assert {row.base_url for row in Connection.objects.all()} == {walk.other.base_url, walk.books.base_url}
    assert berit.get("/wizard/").status_code == 403
    assert berit.post("/wizard/", {"name": "Another AB"}).status_code == 403


def test_viewer_and_bookkeeper_cannot_enter_and_a_stranger_finds_nothing(walk: Walk) -> None:
    from brygga.store import users
    from brygga.store.models import Company
    from brygga.sync.onboard import STEPS

    walk.to_check()
    Company.objects.create(slug="other", name="Other AB")
    users.add("viewer", PASSWORD, company=walk.slug, role="viewer")
    users.add("bookkeeper", PASSWORD, company=walk.slug, role="bookkeeper")
    users.add("stranger", PASSWORD, company="other", role="owner")
    begin = f"/c/{walk.slug}/wizard/"
    for name, status in (("viewer", 403), ("bookkeeper", 403), ("stranger", 404)):
        someone = Client(headers=ENGLISH)
        someone.force_login(User.objects.get(username=name))
        for address in (begin, f"{begin}webcrm/", *(f"{begin}webcrm/{step}/" for step in STEPS)):
            assert someone.get(address).status_code == status, (name, address)
            assert someone.post(address, {"what": "start"}).status_code == status, (name, address)
    assert walk.client.get(f"{begin}webcrm/nothing/").status_code == 404
    assert walk.client.get(f"{begin}visma/").status_code == 404


def test_what_was_begun_can_be_thrown_away_and_begun_again(walk: Walk) -> None:
    """Nothing was written: integration, key and plans are gone, Fortnox stays connected; the next one begins from nothing."""
    from brygga.store.models import AuditEntry, Connection, Integration, Onboarding

    walk.to_check()
    page = f"/c/{walk.slug}/wizard/"
    assert "Throw it away" in walk.client.get(page).content.decode()
    answer = walk.client.post(page, {"discard": "webcrm"}, follow=True)
    assert answer.status_code == 200
    assert "Throw it away" not in answer.content.decode()
    assert not Onboarding.objects.exists()
    assert not Integration.objects.exists()
    assert [row.system for row in Connection.objects.all()] == ["fortnox"]
    assert AuditEntry.objects.filter(who="owner", what="thrown away", subject=f"{walk.slug}/webcrm").exists()
    # A second tab that still shows the button finds nothing to do; a system that there is not is no page.
    assert walk.client.post(page, {"discard": "webcrm"}, follow=True).status_code == 200
    assert walk.client.post(page, {"discard": "nothing"}).status_code == 404
    assert walk.here(walk.page("choose", stream=list(walk.scenario.streams))) == "fortnox"


def test_what_was_tried_or_is_under_way_is_not_forgotten(walk: Walk) -> None:
    """A record that was written stays linked, under an integration that is switched off; a run that is under way is not pulled away."""
    from django.utils import timezone

    from brygga.store.models import Connection, Integration, LinkRow, Onboarding, Run

    walk.to_check()
    page, one = f"/c/{walk.slug}/wizard/", Integration.objects.get()
    run = Run.objects.create(
        pk="under-way", integration=one, stream="customers", trigger="person", sides=[], queued_at=timezone.now()
    )
    answer = walk.client.post(page, {"discard": "webcrm"})
    assert answer.status_code == 409
    assert "is under way" in answer.content.decode()
    assert Onboarding.objects.exists()
    run.delete()
    LinkRow.objects.create(integration=one, kind="customer", left_id="1", right_id="1042")
    assert walk.client.post(page, {"discard": "webcrm"}).status_code == 302
    assert not Onboarding.objects.exists()
    assert (LinkRow.objects.count(), Integration.objects.get().active) == (1, False)
    assert Connection.objects.filter(system="webcrm").exists()


def test_what_is_connected_is_not_thrown_away(walk: Walk) -> None:
    from django.utils import timezone

    from brygga.store.models import Integration, Onboarding

    walk.to_check()
    Onboarding.objects.update(finished_at=timezone.now())
    answer = walk.client.post(f"/c/{walk.slug}/wizard/", {"discard": "webcrm"})
    assert (answer.status_code, Integration.objects.count()) == (409, 1)
    assert "has been connected meanwhile" in answer.content.decode()
