"""The inbox: an event wakes the stream that it concerns, once; what is wrong is refused and leaves nothing behind (TXT-15 to TXT-17, UPS-24)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from brygga.errors import SettingsError
from hub import Hub
from textalk_hub import TextalkHub
from upsales_hub import Shop, UpsalesHub

ADDRESS = "https://hub.example"


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("brygga.engine.nudge", lambda run_id: None)


def address(hub: Any) -> str:
    from brygga.sync import hooks

    url, _ = hooks.make(hub.integration(), ADDRESS, "test")
    return url.removeprefix(ADDRESS)


def post(path: str, body: Any) -> int:
    return Client(enforce_csrf_checks=True).post(path, body, content_type="application/json").status_code


def waiting() -> list[tuple[str, str]]:
    from brygga.store.models import Run

    return [(run.stream, run.trigger) for run in Run.objects.filter(status=Run.Status.QUEUED).order_by("pk")]


def carry_out() -> None:
    from brygga.store.models import Run
    from brygga.sync.start import execute

    for run in Run.objects.filter(status=Run.Status.QUEUED):
        execute(run.pk)


def test_sale_that_is_saved_by_event_and_read_by_the_clock_makes_one_document(upsales_hub: UpsalesHub) -> None:
    """UPS-24: the event wakes the stream, twice makes no second run, and the clock's run finds it done."""
    shop = Shop(upsales_hub)
    path = address(upsales_hub)
    sale = shop.sell()
    body = {"data": {"id": sale}, "user": {"email": "anna@fjord.example"}, "apiKey": "", "config": {}}
    assert [post(f"{path}orderinsert/{sale}", body) for _ in range(3)] == [200, 200, 200]
    assert waiting().count(("sales", "event")) == 1
    assert {trigger for _, trigger in waiting()} == {"event"}
    carry_out()
    upsales_hub.sync("sales")
    assert len(upsales_hub.all("invoices")) == 1


def test_echo_of_our_own_write_wakes_nothing(upsales_hub: UpsalesHub) -> None:
    """UPS-24: what an app's key did is passed over."""
    from brygga.store.models import InboxEvent

    shop = Shop(upsales_hub)
    path = address(upsales_hub)
    assert post(f"{path}clientupdate/{shop.client}", {"user": {"email": "74@api.upsales.com"}}) == 200
    assert waiting() == []
    [kept] = InboxEvent.objects.all()
    assert (kept.what, kept.record_id, kept.streams) == ("client update", str(shop.client), [])


def test_shop_is_asked_to_tell_and_an_order_is_exported_when_it_is_registered(textalk_hub: TextalkHub) -> None:
    """TXT-15, TXT-16: the shop posts to the address that it was given; the order goes at the next look of a worker."""
    path = address(textalk_hub)
    listeners = textalk_hub.shop.all("EventListener")
    assert {one["eventName"] for one in listeners} >= {"Order/created", "Article/changed"}
    assert all(str(one["url"]).startswith(ADDRESS + "/hooks/acme/textalk/") for one in listeners)
    order = textalk_hub.order()
    assert post(path, {"eventName": "Order/created", "webshop": 1, "uid": order, "authToken": ""}) == 200
    assert waiting() == [("buyers", "event")]
    carry_out()
    assert textalk_hub.number(order)
    before = len(listeners)
    address(textalk_hub)
    assert len(textalk_hub.shop.all("EventListener")) == before


def test_stream_that_is_off_or_run_by_hand_stays_asleep(textalk_hub: TextalkHub) -> None:
    """TXT-17: an event respects what a person has chosen."""
    from brygga.store.models import StreamState

    path = address(textalk_hub)
    StreamState.objects.filter(name="buyers").update(schedule={"mode": "off"})
    assert post(path, {"eventName": "Order/created", "uid": 1}) == 200
    assert post(path, {"eventName": "Webshop/changed", "uid": 1}) == 200
    assert waiting() == []


def test_what_is_wrong_is_refused_and_leaves_nothing(textalk_hub: TextalkHub) -> None:
    from brygga.store.models import Hook, InboxEvent

    good = {"eventName": "Order/created", "uid": 1}
    assert post("/hooks/acme/textalk/guess/", good) == 404
    path = address(textalk_hub)
    secret = path.strip("/").rpartition("/")[2]
    assert secret not in Hook.objects.get().secret_hash
    assert post(path.replace("acme", "other"), good) == 404
    assert post(path.replace("textalk", "upsales"), good) == 404
    assert post(path.replace(secret, secret[:-1]), good) == 404
    assert Client().get(path).status_code == 405
    assert post(path, "[1]") == 400
    assert post(path, "{") == 400
    assert post(path, "{" + " " * 1_000_001 + "}") == 413
    assert (InboxEvent.objects.count(), waiting()) == (0, [])
    again = address(textalk_hub)
    assert (post(path, good), post(again, good)) == (404, 200)


def test_body_is_not_kept(textalk_hub: TextalkHub) -> None:
    from brygga.store.models import InboxEvent

    path = address(textalk_hub)
    post(path, {"eventName": "Customer/created", "uid": 7, "email": "liv@dahl.example"})
    [kept] = InboxEvent.objects.values()
    assert "liv@dahl.example" not in str(kept)


def test_system_that_tells_nothing_says_so(hub: Hub) -> None:
    from brygga.store.models import Integration
    from brygga.sync import hooks

    with pytest.raises(SettingsError, match="tells nothing of its changes"):
        hooks.make(Integration.objects.get(system="webcrm"), ADDRESS, "test")
