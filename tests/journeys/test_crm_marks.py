"""Marks where salespeople look: a sale and a delivery show whether they are in step, wait and for what, or are locked (issue 21, kind 9)."""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

import pytest

from brygga_sandbox.upsales import Setup
from hub import Hub
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import ROW, Sales

STATUS = "Fortnox-status"
IN_STEP, LOCKED = "I fas med Fortnox", "Låst i Fortnox"


def shown(hub: Hub, id: int) -> tuple[Any, ...]:
    """Return what a delivery shows: the three fields of webCRM, the moment as whether there is one, and the words."""
    one = hub.webcrm.delivery(id).raw()
    moment = one["DeliveryErpSyncDateTime"][:4] != "0001"
    return one["DeliveryErpStatus"], one["DeliveryErpReadOnly"], moment, hub.webcrm.delivery(id)[STATUS]


def test_a_delivery_shows_that_it_is_in_step_waits_or_is_locked(hub: Hub) -> None:
    """In step with the number's own write; the sentence while it waits; locked when booked; nothing at rest, and the stamp is no edit."""
    sales = Sales(hub, document="invoice")
    good, bad = (sales.deliver(ROW, Fakturadatum=day) for day in ("2026-11-20", ""))
    hub.sync()
    assert shown(hub, good) == ("Synchronized", "No", True, IN_STEP)
    status, _, moment, words = shown(hub, bad)
    assert (status, moment) == ("ReadyForSynchronization", False)
    assert words.startswith(f"Väntar: Leverans {bad}")
    assert "Fakturadatum" in words
    heads = [path for method, path, _ in hub.webcrm.writes() if method == "PUT" and path.endswith(f"/Deliveries/{good}")]
    assert len(heads) == 1, "the number's own write shows that it is in step"
    sales.quiet()
    hub.webcrm.delivery(bad).update(Fakturadatum="2026-11-21")
    hub.age()
    hub.sync()
    assert shown(hub, bad) == ("Synchronized", "No", True, IN_STEP)
    sales.quiet()
    hub.fortnox_act(f"/3/invoices/{hub.links()[str(good)]}/bookkeep")
    hub.age()
    hub.clear()
    hub.sync()
    assert shown(hub, good) == ("Synchronized", "Yes", True, LOCKED)
    assert [(method, path[-len(str(good)) :]) for method, path, _ in hub.webcrm.writes()] == [("PUT", str(good))], (
        "with the mark of booking"
    )
    sales.quiet()
    hub.webcrm.delivery(good).update(Fakturatext="För sent")
    sales.quiet()
    assert shown(hub, good) == ("Synchronized", "Yes", True, LOCKED)


def test_a_delivery_from_fortnox_shows_it_from_the_beginning_and_nothing_where_that_is_switched_off(hub: Hub) -> None:
    """What is made from Fortnox is in step or locked with its own creation; off, nothing of it is written."""
    sales = Sales(hub, document="invoice")
    row = {"ArticleNumber": "A1", "Description": "Bord", "DeliveredQuantity": 1, "Price": 100, "VAT": 25}
    numbers = [
        str(
            hub.fortnox_call("POST", "/3/invoices", {"Invoice": {"CustomerNumber": sales.customer, "InvoiceRows": [row]}})[
                "Invoice"
            ]["DocumentNumber"]
        )
        for _ in range(2)
    ]
    hub.fortnox_act(f"/3/invoices/{numbers[0]}/bookkeep")
    hub.sync()
    found = {right: int(left) for left, right in hub.links().items()}
    assert shown(hub, found[numbers[0]]) == ("Synchronized", "Yes", True, LOCKED)
    assert shown(hub, found[numbers[1]]) == ("Synchronized", "No", True, IN_STEP)
    sales.quiet()
    hub.declare(show_status=False)
    good, bad = (sales.deliver(ROW, Fakturadatum=day) for day in ("2026-11-20", ""))
    hub.age()
    hub.sync()
    assert {shown(hub, id)[0] for id in (good, bad)} == {"NotReadyForSynchronization"}
    hub.declare(show_status=True, status_field="")
    hub.webcrm.delivery(bad).update(Description="Ändrad")
    hub.age()
    hub.sync()
    assert shown(hub, bad) == ("ReadyForSynchronization", "No", False, "")
    sales.quiet()


def test_a_mark_that_webcrm_refuses_stops_no_document_and_is_told(hub: Hub) -> None:
    """The deliveries that can go go, the refusal is told with the run, and the mark follows when the delivery is read again."""
    from brygga.store.models import Run

    sales = Sales(hub, document="invoice")
    good, bad = (sales.deliver(ROW, Fakturadatum=day) for day in ("2026-11-20", ""))
    hub.webcrm.faults.arm("error_before", status=400, path=f"/Deliveries/{bad}", method="PUT")
    hub.sync()
    said = Run.objects.latest("queued_at").message
    assert "How 1 records stand could not be shown in webCRM" in said["sentence"]["text"]
    assert str(good) in hub.links()
    assert shown(hub, bad)[0] == "NotReadyForSynchronization"
    hub.webcrm.delivery(bad).update(Description="Ändrad")
    hub.age()
    hub.sync()
    assert shown(hub, bad)[0] == "ReadyForSynchronization"


# Upsales ----------------------------------------------------------------------------------------------------------------


def test_a_sale_shows_that_it_is_in_step_waits_or_is_locked(upsales_hub: UpsalesHub) -> None:
    """In step with the number's own write; the sentence while it waits; locked when booked; other custom values stay; nothing at rest."""
    shop = Shop(upsales_hub)
    hub = shop.hub
    hub.article("B9", "Lampa", 50)
    remarks = hub.upsales.field_id("order", "REMARKS")
    good = shop.sell(custom=[{"fieldId": remarks, "value": "Tack"}])
    bad = shop.sell(
        {"product": hub.upsales.add("products", {"name": "Egen", "active": 1}), "quantity": 1, "price": 5, "listPrice": 5},
        custom=[{"fieldId": remarks, "value": "Hej"}],
    )
    hub.sync_all()
    order = hub.upsales.order(good)
    assert (order["FORTNOX_STATUS"], order["REMARKS"]) == (IN_STEP, "Tack")
    assert len([path for method, path, _ in hub.upsales.writes() if path.endswith(f"/orders/{good}")]) == 1
    waiting = hub.upsales.order(bad)
    assert waiting["FORTNOX_STATUS"].startswith("Väntar: ")
    assert "artikelnummer" in waiting["FORTNOX_STATUS"]
    assert waiting["REMARKS"] == "Hej"
    hub.quiet()
    hub.upsales.order(bad).update(orderRow=[{"product": {"id": shop.table}, "quantity": 1, "price": 5, "listPrice": 5}])
    hub.fortnox_act(f"/3/invoices/{shop.number_of(good)}/bookkeep")
    hub.sync_all()
    assert (order["FORTNOX_STATUS"], waiting["FORTNOX_STATUS"]) == (LOCKED, IN_STEP)
    hub.quiet()
    order.update(REMARKS="För sent")
    hub.quiet()
    assert (order["FORTNOX_STATUS"], order["REMARKS"]) == (LOCKED, "För sent")


def test_offers_and_orders_of_one_sale_show_one_state(upsales_hub: UpsalesHub) -> None:
    """Two streams read the sale, and neither takes away what the other shows: the order's state comes before the offer's."""
    shop = Shop(upsales_hub, module="order_offer")
    hub = shop.hub
    sale = shop.sell(stage="Offert")
    hub.sync_all()
    assert hub.upsales.order(sale)["FORTNOX_STATUS"] == IN_STEP
    hub.quiet()
    hub.upsales.order(sale).update(stage={"id": hub.upsales.stage("Order")})
    for _ in range(2):
        hub.sync_all()
    assert hub.upsales.order(sale)["FORTNOX_STATUS"] == IN_STEP
    hub.quiet()
    other = shop.sell(stage="Offert", custom=[{"fieldId": hub.upsales.field_id("order", "SKIP_SYNC"), "value": True}])
    hub.declare(show_status=False)
    off = shop.sell()
    hub.sync_all()
    assert (hub.upsales.order(other)["FORTNOX_STATUS"], hub.upsales.order(off)["FORTNOX_STATUS"]) == (None, None)


@pytest.mark.parametrize("taken", ["take", "ignore"])
def test_the_status_of_an_app_is_sent_where_its_id_is_chosen_and_never_relied_on(
    sqlite_database: Any, monkeypatch: pytest.MonkeyPatch, taken: Any
) -> None:
    """Whether the real service takes it is not documented: where it does the sale shows it there too, and nothing is written anew."""
    from upsales_hub import _hub

    with ExitStack() as stack:
        hub = next(made := _hub(sqlite_database, monkeypatch, Setup(price_lists=True, integration_status=taken)))
        stack.callback(made.close)
        shop = Shop(hub, app_id="4711")
        sale = shop.sell()
        hub.sync_all()
        statuses = [(one["integrationId"], one["callbackStatus"]) for one in hub.upsales.order(sale)["lastIntegrationStatus"]]
        assert statuses == ([(4711, "success")] if taken == "take" else [])
        assert hub.upsales.order(sale)["FORTNOX_STATUS"] == IN_STEP
        hub.quiet()


def test_the_mark_of_a_sale_whose_document_was_cancelled_goes_with_the_move_to_the_lost_stage(upsales_hub: UpsalesHub) -> None:
    """UPS-10, kind 9: the mark has no write of its own, and at rest none and no reading of the sale by itself."""
    shop = Shop(upsales_hub)
    hub = shop.hub
    sale = shop.sell()
    hub.sync_all()
    hub.fortnox_act(f"/3/invoices/{shop.number_of(sale)}/cancel")
    hub.age()
    hub.clear()
    hub.sync("sales")
    written = [json.loads(seen.body) for seen in hub.upsales.requests if seen.method == "PUT"]
    order = hub.upsales.order(sale)
    assert (len(written), order["FORTNOX_STATUS"], order["probability"]) == (2, LOCKED, 0), (
        "the balance, and the step with its mark"
    )
    hub.quiet()
    assert [seen.path for seen in hub.upsales.requests if seen.path.endswith(f"/orders/{sale}")] == []
