"""before_order_save: Upsales asks the hub before a person's save of an order: ruling D6, rows UPS-10, UPS-11 and UPS-23."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from brygga_sandbox.upsales import Stopped
from upsales_hub import Shop, UpsalesHub


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def listening(hub: UpsalesHub) -> Iterator[str]:
    """Serve the hub's pages on this machine and register its address in Upsales, as a person does."""
    from brygga.sync import hooks
    from brygga.web.wsgi import application

    with make_server("127.0.0.1", 0, application, _Server, _Quiet) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url, _ = hooks.make(hub.integration(), f"http://127.0.0.1:{server.server_port}", "test")
        hub.upsales.add_app(url)
        try:
            yield url
        finally:
            hub.upsales.events.close()
            server.shutdown()


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("brygga.engine.nudge", lambda run_id: None)


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say it in English here; that each sentence has its translations is a test of its own."""
    monkeypatch.setattr("django.conf.settings.LANGUAGE_CODE", "en")


def locked(shop: Shop, act: str) -> int:
    """Sell something, and let the invoice be booked, sent or cancelled in Fortnox; the hub has read it since."""
    sale = shop.sell()
    shop.hub.sync("sales")
    shop.hub.fortnox_act(f"/3/invoices/{shop.number_of(sale)}/{act}")
    shop.hub.sync_all()
    shop.hub.clear()
    return sale


@pytest.mark.parametrize(
    ("act", "says"),
    [("bookkeep", "booked"), ("externalprint", "sent")],
)
def test_a_change_of_a_locked_order_is_refused_before_it_is_saved(upsales_hub_on_both: UpsalesHub, act: str, says: str) -> None:
    """Ruling D6, UPS-23: the person reads why and what to do; nothing is saved, and no system is asked for the answer."""
    shop = Shop(upsales_hub_on_both)
    hub = shop.hub
    sale = locked(shop, act)
    number = shop.number_of(sale)
    with listening(hub):
        hub.clear()
        changes: list[tuple[dict[str, Any], str]] = [
            ({"orderRow": [{**shop.rows()[0], "quantity": 3, "product": {"id": shop.table}}]}, "rows"),
            ({"REMARKS": "För sent"}, "text"),
            ({"user": {"id": 2}}, "our_reference"),
        ]
        for change, field in changes:
            before = hub.upsales.order(sale).raw()
            with pytest.raises(Stopped) as stopped:
                hub.upsales.order(sale).update(change)
            assert number in str(stopped.value)
            assert says in str(stopped.value)
            assert field in str(stopped.value).lower()
            assert hub.upsales.order(sale).raw() == before
        assert hub.upsales.requests == hub.fortnox.requests == []
        hub.upsales.order(sale).update(notes="Ring kunden", description="Annat namn")
        assert hub.upsales.order(sale)["notes"] == "Ring kunden"
    hub.quiet()


@pytest.mark.parametrize("credits", ["sale", "none"])
def test_a_sale_whose_invoice_is_booked_cannot_be_lost(upsales_hub: UpsalesHub, credits: str) -> None:
    """UPS-10: the question is answered with the reason and the repair; an invoice that is not booked loses its sale as before.

    Once it is credited it may be lost, unless the credit is a sale of its own: then the two make nothing together.
    """
    shop = Shop(upsales_hub, credit_invoices=credits)
    hub = shop.hub
    sale = locked(shop, "bookkeep")
    other = shop.sell()
    hub.sync("sales")
    lost = {"stage": {"id": hub.upsales.stage("Förlorad")}}
    with listening(hub):
        with pytest.raises(Stopped, match="Make a credit invoice in Fortnox first"):
            hub.upsales.order(sale).update(lost)
        assert hub.upsales.order(sale)["probability"] == 100
        hub.upsales.order(other).update(lost)
        assert hub.upsales.order(other)["probability"] == 0
        hub.fortnox_act(f"/3/invoices/{shop.number_of(sale)}/credit")
        hub.sync_all()
        if credits == "sale":
            with pytest.raises(Stopped, match="together they make nothing"):
                hub.upsales.order(sale).update(lost)
        else:
            hub.upsales.order(sale).update(lost)
            hub.sync_all()
            assert [one for one in hub.problems("sales", "hold") if one["left"] == str(sale)] == []
    assert hub.upsales.order(sale)["probability"] == (100 if credits == "sale" else 0)


def test_a_sale_whose_invoice_was_cancelled_is_not_won_again(upsales_hub: UpsalesHub) -> None:
    """UPS-10: a cancelled invoice stays so; the lost sale may be written on, and a new sale is made instead."""
    shop = Shop(upsales_hub)
    hub = shop.hub
    sale = locked(shop, "cancel")
    with listening(hub):
        hub.upsales.order(sale).update(notes="Ångrade sig")
        with pytest.raises(Stopped, match="cannot be won again"):
            hub.upsales.order(sale).update(stage={"id": hub.upsales.stage("Order")})
    assert (hub.upsales.order(sale)["probability"], hub.upsales.order(sale)["notes"]) == (0, "Ångrade sig")


def test_an_offer_that_became_an_order_is_not_changed_as_an_offer(upsales_hub: UpsalesHub) -> None:
    """UPS-11: the order in Fortnox is not linked yet, and the offer that it came from is closed."""
    shop = Shop(upsales_hub, module="order_offer")
    hub = shop.hub
    sale = shop.sell(stage="Offert")
    hub.sync_all()
    hub.fortnox_act(f"/3/offers/{shop.number_of(sale, 'offers')}/createorder")
    hub.age()
    hub.sync("offers")
    rows = [{**shop.rows()[0], "product": {"id": shop.table}}]
    with listening(hub), pytest.raises(Stopped, match="has become"):
        hub.upsales.order(sale).update(orderRow=rows)


def test_what_is_not_locked_new_or_of_no_concern_is_saved(upsales_hub: UpsalesHub) -> None:
    """UPS-23: a new sale, one whose invoice may still be changed, one that has none, and an order without a link."""
    shop = Shop(upsales_hub)
    hub = shop.hub
    with listening(hub):
        sale = shop.sell()
        hub.sync("sales")
        hub.upsales.order(sale).update(REMARKS="I tid")
        shop.sell(stage="Prospekt")
        asked = [one for one in hub.upsales.posted() if one.url.endswith("beforeordersave")]
        assert [one.status for one in asked] == [200, 200, 200]
    hub.sync_all()
    assert shop.document(sale)["Remarks"] == "I tid"


def test_the_question_is_guarded_answers_fast_and_takes_any_nonsense(upsales_hub: UpsalesHub) -> None:
    """UPS-23: without the secret there is no such page; nonsense stops nobody; the answer comes in a fraction of the time-out."""
    import httpx2

    shop = Shop(upsales_hub)
    hub = shop.hub
    sale = locked(shop, "bookkeep")
    with listening(hub) as url, httpx2.Client(timeout=30, verify=False) as http:
        guessed = url.rstrip("/").rpartition("/")[0] + "/guessed/"
        assert http.post(f"{guessed}beforeordersave/{sale}", json={"data": {"id": sale}}).status_code == 404
        assert http.get(f"{url}beforeordersave/{sale}").status_code == 405
        whole = hub.upsales.order(sale).raw()
        bodies: list[dict[str, Any]] = [
            {},
            {"data": None},
            {"data": [1]},
            {"data": {"id": "x"}},
            {"data": {"id": sale}},
            {"data": {"id": sale, "orderRow": "no"}},
            {"data": {"id": sale, "orderRow": [1]}},
            {"data": {**whole, "closeDate": "i morgon"}},
            {"data": {**whole, "custom": [7], "client": 3, "user": "x"}},
            {"data": {**whole, "orderRow": []}, "user": {"email": "74@api.upsales.com"}},
        ]
        for body in bodies:
            answer = http.post(f"{url}before_order_save", json=body)
            assert (answer.status_code, answer.json()) in ((200, {}), (200, answer.json()))
            assert "error" not in answer.json() or "booked" in answer.json()["error"]
        began = time.perf_counter()
        answer = http.post(f"{url}before-order-save/{sale}", json={"data": {**whole, "orderRow": []}})
        assert "rows" in answer.json()["error"].lower()
        assert time.perf_counter() - began < hub.upsales.setup.patience / 2


def test_a_save_that_the_hub_could_not_answer_is_listed_and_parts_nothing(upsales_hub: UpsalesHub) -> None:
    """Ruling D6: without an answer Upsales may save all the same: what comes too late stays there, and is listed."""
    shop = Shop(upsales_hub)
    hub = shop.hub
    sale = locked(shop, "bookkeep")
    hub.upsales.order(sale).update(REMARKS="Utan fråga")
    hub.age()
    result = hub.sync("sales")
    assert [item["rule"] for item in result["items"] if item["action"] == "skip"] == ["UPS-23"]
    assert hub.fortnox_writes() == []
