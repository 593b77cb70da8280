"""A record has one document: U30, UPS-26, WEB-36, MOB-05, TXT-09. The module is changed there and back, at rest and in the middle."""

from __future__ import annotations

from typing import Any

import pytest

from hub import Hub
from journeys.test_mobigo_exports import assignment
from mobigo_hub import MobigoHub
from textalk_hub import TextalkHub
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import Sales, fortnox_document


def _all_of_upsales(hub: UpsalesHub) -> tuple[int, int, int]:
    """Return how many orders and invoices Fortnox has, and how many sales Upsales has."""
    return len(hub.all("orders")), len(hub.all("invoices")), len(hub.upsales.all("orders"))


def _round(hub: UpsalesHub) -> dict[str, Any]:
    results = hub.sync_all()
    return results["sales"]


def test_a_sale_with_an_order_gets_no_invoice_when_the_module_is_changed(upsales_hub: UpsalesHub) -> None:
    """U30: three sales with orders; one is touched, one is invoiced in Fortnox, one is left alone: 3 orders, 1 invoice, 3 sales."""
    shop = Shop(upsales_hub, show_status=False, module="order")
    hub = shop.hub
    touched, invoiced = shop.sell(), shop.sell()
    in_fortnox = shop.in_fortnox("orders")
    _round(hub)
    assert _all_of_upsales(hub) == (3, 0, 3)
    orders = hub.links("sales")
    hub.declare(module="invoice")
    hub.upsales.order(touched).update(REMARKS="Ring först")
    result = _round(hub)
    assert _all_of_upsales(hub) == (3, 0, 3)
    [said] = [item for item in result["items"] if item["left"] == str(touched)]
    assert (said["action"], said["rule"]) == ("skip", "UPS-26")
    assert f"order {orders[str(touched)]}" in said["message"]
    # The order of the second is invoiced in Fortnox: the invoice belongs to its sale.
    hub.fortnox_act(f"/3/orders/{orders[str(invoiced)]}/createinvoice")
    result = _round(hub)
    assert _all_of_upsales(hub) == (3, 1, 3), result
    [invoice] = hub.all("invoices")
    assert hub.links("sales") == {str(invoiced): str(invoice["DocumentNumber"])}
    assert str(hub.upsales.order(invoiced)["FORTNOX_ID"]) == str(invoice["DocumentNumber"])
    # New sales and documents go on as before, each once.
    shop.register = "invoices"
    new, there = shop.sell(), shop.in_fortnox("invoices")
    _round(hub)
    assert _all_of_upsales(hub) == (3, 3, 5)
    assert {str(new), str(invoiced)} < set(hub.links("sales"))
    assert there in hub.links("sales").values()
    hub.quiet()
    # And back: what has an invoice gets no order, and the invoiced order is still that of its sale.
    hub.declare(module="order")
    for sale in (new, touched, invoiced):
        hub.upsales.order(sale).update(REMARKS="Ring sist")
    hub.put("orders", orders[str(invoiced)], Remarks="Ring aldrig")
    _round(hub)
    assert _all_of_upsales(hub) == (3, 3, 5)
    assert hub.held("orders", orders[str(touched)])["Remarks"] == "Ring sist"
    assert set(hub.links("sales")) == set(orders)
    assert in_fortnox in orders.values()
    hub.quiet()


def test_an_order_made_in_fortnox_of_which_only_the_invoice_is_linked_belongs_to_that_sale(upsales_hub: UpsalesHub) -> None:
    """UPS-26, UPS-28: invoiced while invoices were synced; with orders chosen the order becomes no second sale."""
    shop = Shop(upsales_hub, show_status=False, module="invoice")
    hub = shop.hub
    number = shop.in_fortnox("orders")
    hub.fortnox_act(f"/3/orders/{number}/createinvoice")
    _round(hub)
    assert _all_of_upsales(hub) == (1, 1, 1)
    [sale] = hub.links("sales")
    hub.declare(module="order")
    hub.put("orders", number)
    _round(hub)
    assert _all_of_upsales(hub) == (1, 1, 1)
    assert hub.links("sales") == {sale: number}
    hub.quiet()


def test_an_order_whose_answer_was_lost_before_the_module_was_changed_is_found_and_no_invoice_made(upsales_hub: UpsalesHub) -> None:
    """UPS-26: the write of before is looked for as what it was."""
    shop = Shop(upsales_hub, show_status=False, module="order")
    hub = shop.hub
    sale = shop.sell()
    hub.fortnox.faults.arm("lost_answer", method="POST", path="/3/orders")
    from brygga.store.models import JournalEntry
    from brygga.sync import recover

    with pytest.MonkeyPatch.context() as patch:
        # The process dies before it can look what became of it.
        patch.setattr(recover, "_look", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            hub.sync("sales")
    assert JournalEntry.objects.filter(state="begun", action="create").count() == 1
    hub.declare(module="invoice")
    _round(hub)
    _round(hub)
    assert _all_of_upsales(hub) == (1, 0, 1)
    assert sale


def test_a_plan_that_waits_for_approval_makes_nothing_when_the_module_was_changed(upsales_hub: UpsalesHub) -> None:
    """UPS-26: what was approved was an order."""
    from brygga.store.models import PlanRow
    from brygga.sync.approve import Choice, approve
    from brygga.sync.report import run_json
    from brygga.sync.start import begin_run, execute, make_plan

    shop = Shop(upsales_hub, show_status=False, module="order")
    hub = shop.hub
    sale = shop.sell()
    plan = make_plan(hub.integration(), "sales", who="test", save=True)["plan"]
    hub.declare(module="invoice")
    approve(PlanRow.objects.get(pk=plan), Choice(), "test")
    run = run_json(execute(begin_run(hub.integration(), "sales", trigger="plan_approved", plan_id=plan).pk))
    assert run["status"] != "done", run
    assert _all_of_upsales(hub) == (0, 0, 1)
    _round(hub)
    assert _all_of_upsales(hub) == (0, 1, 1)
    assert list(hub.links("sales")) == [str(sale)]


def test_a_delivery_with_an_order_gets_no_invoice_and_the_invoice_of_the_order_is_its_own(hub: Hub) -> None:
    """WEB-36: 3 orders, 4 deliveries and 1 invoice stay so, there and back."""
    sales = Sales(hub, document="order", show_status=False)
    first, second = sales.deliver(), sales.deliver()
    made = fortnox_document(sales)
    hub.sync()
    orders = hub.links()
    assert len(orders) == 3
    assert made in orders.values()
    sales.hub.declare(document="invoice")
    sales.kind, sales.register = "invoice", "invoices"
    hub.webcrm.delivery(first).update(Ordertext="Ring först", Fakturadatum="2026-11-20T00:00:00")
    hub.age()
    result = hub.sync()
    assert sales.documents() == [], result
    assert [(item["action"], item["rule"]) for item in result["items"] if item["left"] == str(first)] == [("skip", "WEB-36")]
    hub.fortnox_act(f"/3/orders/{orders[str(second)]}/createinvoice")
    hub.age()
    result = hub.sync()
    [invoice] = sales.documents()
    assert hub.links() == {str(second): str(invoice["DocumentNumber"])}, result
    assert len(hub.webcrm.all("Delivery")) == 3
    sales.hub.declare(document="order")
    hub.age()
    hub.sync()
    sales.register = "orders"
    assert len(sales.documents()) == 3
    assert len(hub.webcrm.all("Delivery")) == 3


@pytest.mark.parametrize("mark", ["kept", "lost"])
def test_order_of_the_shop_keeps_its_one_document_when_its_payment_method_gets_another_kind(
    textalk_hub: TextalkHub, mark: str
) -> None:
    """TXT-09: order, then invoice, then offer: one document, also where somebody takes its number off the order in the shop."""
    hub = textalk_hub
    hub.declare(documents={"Swish": "order"})
    order = hub.order(method="Swish")
    hub.sync()
    assert hub.number(order) == "1"
    for kind in ("invoice", "offer", "order"):
        hub.declare(documents={"Swish": kind})
        hub.shop.change("Order", order, **({"externalOrderNumber": ""} if mark == "lost" else {"note": f"Ring {kind}"}))
        hub.age()
        hub.sync()
    assert [len(hub.records(table)) for table in ("offers", "orders", "invoices")] == [0, 1, 0]


def test_assignment_keeps_its_one_document_when_the_module_is_changed(mobigo_hub: MobigoHub) -> None:
    """MOB-05: marked again after the module was changed, it is told whose it is and nothing is made."""
    hub = mobigo_hub
    hub.declare(document="order")
    assignment(hub)
    hub.sync("assignments")
    assert len(hub.records("orders")) == 1
    hub.declare(document="invoice")
    hub.mobigo.edit("Assignments", "1001", status="Klart")
    hub.mobigo.mark("1001")
    result = hub.sync("assignments")
    assert (len(hub.records("orders")), len(hub.records("invoices"))) == (1, 0)
    assert [(item["action"], item["rule"]) for item in result["items"] if item["left"] == "1001"] == [("skip", "MOB-05")]
