"""The client of Textalk Webshop over real HTTP: pages, opened references, refusals, empty answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from brygga.clients.http import Http
from brygga.clients.textalk import Textalk, wire
from brygga.errors import BadData, NotFound, OutcomeUnknown, Rejected, SettingsError, Unauthorised, Unavailable
from brygga_sandbox import textalk
from brygga_sandbox.textalk import Sandbox


@pytest.fixture
def shop() -> Iterator[Sandbox]:
    with textalk.running() as sandbox:
        yield sandbox


@pytest.fixture
def client(shop: Sandbox) -> Iterator[Textalk]:
    http = Http("Textalk Webshop", sleep=lambda seconds: None)
    yield Textalk(http.send, shop.base_url, lambda: f"{shop.webshop}:{shop.token}")
    http.close()


def test_lists_longer_than_the_ceiling_come_whole_and_each_object_once(shop: Sandbox, client: Textalk) -> None:
    shop.load("Article", [{"articleNumber": f"A{n}", "name": {"sv": "x"}} for n in range(1203)])
    uids = [one["uid"] for one in client.articles.all({"articleNumber": True})]
    assert (len(uids), len(set(uids)), uids == sorted(uids)) == (1203, 1203, True)
    assert client.articles.count() == 1203


def test_changed_since_takes_the_same_second_and_amounts_stay_exact(shop: Sandbox, client: Textalk) -> None:
    shop.clock.stop_at(datetime(2026, 3, 2, 8, tzinfo=UTC))
    order = shop.order(items=[{"articleNumber": "A", "quantity": 3, "incVat": "100.10"}], shipping="49.90")
    query = {"costs": {"total": True}, "items": {"costs": True}, "payments": True, "ordered": True}
    [found] = client.orders.changed(datetime(2026, 3, 2, 8, tzinfo=UTC), query)
    assert found["uid"] == order
    assert found["costs"]["total"]["incVat"] == Decimal("150.0")
    assert found["items"][0]["costs"]["total"]["vat"] == Decimal("20.02")
    assert wire.time_of(found["ordered"]) == datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert wire.percent(found["costs"]["total"]["vatRate"]) == 25
    assert list(client.orders.changed(datetime(2026, 3, 2, 8, 0, 1, tzinfo=UTC), query)) == []


def test_each_refusal_is_the_error_of_what_happens_next(shop: Sandbox, client: Textalk) -> None:
    [uid] = shop.load("Article", [{"articleNumber": "A", "name": {"sv": "Mugg"}}])
    assert client.articles.get(99) is None
    assert client.orders.get(shop.cart()) is None
    with pytest.raises(NotFound):
        client.articles.set(99, {"sku": "x"})
    with pytest.raises(Rejected, match="/vatRate must be a fraction"):
        client.articles.set(uid, {"vatRate": 25})
    shop.faults.arm("error_before", status=503, times=None)
    with pytest.raises(Unavailable):
        client.articles.get(uid)
    shop.faults.clear()
    shop.faults.arm("revoke_tokens")
    with pytest.raises(Unauthorised, match="webshop:token"):
        client.webshop()


def test_empty_answer_counts_as_a_failure_and_after_a_write_as_unknown(shop: Sandbox, client: Textalk) -> None:
    shop.empty_answers = 2
    with pytest.raises(BadData):
        client.webshop()
    with pytest.raises(OutcomeUnknown):
        client.articles.create({"name": {"sv": "Mugg"}})
    assert len(shop.all("Article")) == 1


def test_sign_in_without_a_shop_number_is_named_before_anything_is_sent(shop: Sandbox) -> None:
    http = Http("Textalk Webshop")
    with pytest.raises(SettingsError, match="webshop:token"):
        Textalk(http.send, shop.base_url, lambda: "only-a-token").orders.count()
    http.close()
    assert shop.requests == []
