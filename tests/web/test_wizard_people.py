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
