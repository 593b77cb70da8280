"""Sales of Upsales ↔ invoices, orders and offers of Fortnox: rows UPS-07 to UPS-12, UPS-23 to UPS-28; rulings D2, D6, D7."""

from __future__ import annotations

from typing import Any

import pytest

from upsales_hub import STREAMS, Shop, UpsalesHub


@pytest.fixture
def shop(upsales_hub: UpsalesHub) -> Shop:
    """A shop whose sales become invoices."""
    return Shop(upsales_hub)


@pytest.fixture
def orders(upsales_hub: UpsalesHub) -> Shop:
    """A shop with orders and offers."""
    return Shop(upsales_hub, module="order_offer")


def test_a_won_sale_becomes_one_invoice_equal_to_the_ore(upsales_hub_on_both: UpsalesHub) -> None:
    """UPS-07, UPS-23, UPS-24: one invoice with list prices, discounts and the same sum; its number comes back; no echo."""
    shop = Shop(upsales_hub_on_both)
    hub = shop.hub
    sale = shop.sell(custom=[{"fieldId": hub.upsales.field_id("order", "REMARKS"), "value": "Tack för köpet"}])
    result = hub.sync("sales")
    assert result["counts"]["created"] == 1, result
    assert hub.posts() == ["/3/invoices"]
    invoice = shop.document(sale)
    assert (invoice["CustomerNumber"], invoice["Remarks"]) == ("101", "Tack för köpet")
    rows = [(row["ArticleNumber"], row["Price"], row["Discount"], row["DiscountType"]) for row in invoice["InvoiceRows"]]
    assert [(article, float(price), float(discount)) for article, price, discount, _ in rows] == [("A1", 100, 20), ("A2", 125.5, 0)]
    assert float(invoice["Net"]) == hub.upsales.order(sale)["value"] == 682
    assert hub.upsales.order(sale)["FORTNOX_ID"] == shop.number_of(sale)
    hub.quiet()


def test_with_the_order_module_a_won_sale_becomes_an_order(upsales_hub: UpsalesHub) -> None:
    """UPS-07, UPS-23, UPS-27: an order, no invoice and no offer; its number comes back."""
    shop = Shop(upsales_hub, module="order")
    sale = shop.sell()
    shop.hub.sync_all()
    assert shop.hub.posts() == ["/3/orders"]
    order = shop.document(sale)
    assert order["OrderDate"] == shop.hub.upsales.order(sale)["closeDate"]
    assert shop.hub.upsales.order(sale)["FORTNOX_ORDER_ID"] == shop.number_of(sale)
    shop.hub.quiet()


def test_an_opportunity_is_nothing_to_fortnox_until_it_is_won(shop: Shop) -> None:
    """UPS-09, UPS-24: not won, no document; at 100 % there is one, and reaching 100 % twice does not make two."""
    sale = shop.sell(stage="Prospekt")
    result = shop.hub.sync("sales")
    assert [item["rule"] for item in result["items"]] == ["UPS-24"]
    for stage in ("Order", "Förhandling", "Order"):
        shop.hub.upsales.order(sale).update(stage={"id": shop.hub.upsales.stage(stage)})
        shop.hub.sync_all()
    assert shop.hub.posts() == ["/3/invoices"]
    assert len(shop.hub.all("invoices")) == 1


def test_a_save_that_comes_by_event_and_by_poll_at_once_makes_one_document(shop: Shop) -> None:
    """UPS-24: the run of an event and the run of the clock meet at the same sale; the second finds it done."""
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    sale = shop.sell()

    def run(**how: Any) -> str:
        try:
            return str(shop.hub.sync("sales", **how)["status"])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        by_event = pool.submit(run, only=(f"left:{sale}",), trigger="event")
        by_poll = pool.submit(run)
        # Who waits for the company may be told that the other was quicker; the sale is carried over by one of them.
        assert "done" in (by_event.result(), by_poll.result())
    shop.hub.sync_all()
    assert shop.hub.links("sales") == {str(sale): shop.number_of(sale)}
    assert shop.hub.posts() == ["/3/invoices"]


@pytest.mark.parametrize("fault", ["lost_answer", "error_after"])
def test_answer_lost_at_the_creation_of_an_invoice_makes_one(shop: Shop, fault: str) -> None:
    """UPS-24: once for each sale, also when the answer is lost: it is looked for by our key and linked."""
    sale = shop.sell()
    shop.hub.fortnox.faults.arm(fault, method="POST", path="/3/invoices", status=500)
    shop.hub.sync("sales")
    shop.hub.sync_all()
    assert len(shop.hub.all("invoices")) == 1
    assert shop.hub.upsales.order(sale)["FORTNOX_ID"] == shop.number_of(sale)
    shop.hub.quiet()


def test_answer_lost_when_the_number_is_written_back_is_looked_for(shop: Shop) -> None:
    """UPS-24: the sale is read again; one invoice, its number on the sale."""
    sale = shop.sell()
    shop.hub.upsales.faults.arm("lost_answer", method="PUT", path=f"/api/v2/orders/{sale}")
    shop.hub.sync("sales")
    shop.hub.sync_all()
    assert shop.hub.upsales.order(sale)["FORTNOX_ID"] == shop.number_of(sale)
    assert len(shop.hub.all("invoices")) == 1
    shop.hub.quiet()


def test_a_sale_with_its_invoice_is_still_changed_in_a_later_won_stage(shop: Shop) -> None:
    """UPS-09, ruling D6: the won stage decides when the document is made; later stages of 100 % do not cut it off."""
    sale = shop.sell()
    shop.hub.sync("sales")
    shop.hub.upsales.order(sale).update(stage={"id": shop.hub.upsales.stage("Fakturerad")}, REMARKS="Ring först")
    other = shop.sell(stage="Fakturerad")
    shop.hub.sync_all()
    assert shop.document(sale)["Remarks"] == "Ring först"
    [problem] = shop.hub.problems("sales", "skip")
    assert (problem["left"], problem["rule"]) == (str(other), "UPS-09")


def test_answer_lost_at_the_creation_of_a_sale_makes_one(shop: Shop) -> None:
    """UPS-25: a sale made of an invoice is found again by the invoice number that it carries."""
    number = shop.in_fortnox()
    shop.hub.upsales.faults.arm("lost_answer", method="POST", path="/api/v2/orders")
    shop.hub.sync("sales")
    shop.hub.sync_all()
    assert [one["id"] for one in shop.hub.upsales.all("orders")] == [int(id) for id in shop.hub.links("sales")]
    assert list(shop.hub.links("sales").values()) == [number]


@pytest.mark.parametrize(
    ("module", "register", "field", "name"),
    [("invoice", "invoices", "FORTNOX_ID", "Faktura"), ("order", "orders", "FORTNOX_ORDER_ID", "Order")],
)
def test_a_document_made_in_fortnox_becomes_a_won_sale(
    upsales_hub: UpsalesHub, module: str, register: str, field: str, name: str
) -> None:
    """UPS-25, UPS-28, UPS-09: in the won stage, with its rows and discounts; rows of text stay in Fortnox."""
    shop = Shop(upsales_hub, module=module)
    number = shop.in_fortnox(register, OurReference="Anna Lind")
    shop.hub.sync_all()
    [id] = shop.hub.links("sales")
    sale = shop.hub.upsales.order(int(id))
    assert (sale["stage"]["name"], sale["probability"], sale["user"]["name"]) == ("Order", 100, "Anna Lind")
    assert (sale[field], sale["description"], sale["client"]["id"]) == (number, f"{name} {number}", shop.client)
    assert [(row["quantity"], row["price"], row["listPrice"]) for row in sale["orderRow"]] == [(2, 90, 100), (4, 125.5, 125.5)]
    assert sale["value"] == float(shop.document(int(id))["Net"]) == 682
    shop.hub.quiet()
    assert len(shop.document(int(id))[f"{name.replace('Faktura', 'Invoice')}Rows"]) == 3


def test_our_reference_names_the_user_letter_for_letter_or_the_catch_all(shop: Shop) -> None:
    """UPS-08: Vår referens must equal a user's name; else the catch-all user has the sale, and is never written back."""
    wanted = {"Bo Ek": "Bo Ek", "bo ek": "Integration", "": "Integration", "Nils": "Integration"}
    numbers = {shop.in_fortnox(OurReference=reference): reference for reference in wanted}
    shop.hub.sync_all()
    links = shop.hub.links("sales")
    users = {numbers[number]: shop.hub.upsales.order(int(id))["user"]["name"] for id, number in links.items()}
    assert users == wanted
    shop.hub.quiet()
    assert {number: shop.hub.held("invoices", number)["OurReference"] for number in numbers} == numbers


def test_a_reference_that_two_users_have_is_asked_about(shop: Shop) -> None:
    """UPS-08: two users with one name: no guess, a sentence with both, and it goes over when one is renamed."""
    shop.hub.upsales.state.put("users", {"name": "Bo Ek", "email": "bo2@fjord.example", "active": 1})
    shop.in_fortnox(OurReference="Bo Ek")
    shop.hub.sync_all()
    [problem] = shop.hub.problems("sales", "failed")
    assert "2 active users of Upsales are called so: 2, 4" in problem["text"]
    assert problem["rule"] == "UPS-08"
    shop.hub.upsales.state["users"][4].values["name"] = "Bo Ekman"
    shop.hub.sync_all()
    assert len(shop.hub.links("sales")) == 1


def test_a_document_cancelled_in_fortnox_loses_the_sale(shop: Shop) -> None:
    """UPS-10: makulerad in Fortnox: the sale moves to the lost stage with probability 0; nothing goes back."""
    sale = shop.sell()
    shop.hub.sync("sales")
    shop.hub.fortnox_act(f"/3/invoices/{shop.number_of(sale)}/cancel")
    shop.hub.sync_all()
    assert (shop.hub.upsales.order(sale)["stage"]["name"], shop.hub.upsales.order(sale)["probability"]) == ("Förlorad", 0)
    shop.hub.quiet()


def test_a_sale_lost_in_upsales_is_told_and_cancels_only_where_that_is_chosen(upsales_hub: UpsalesHub) -> None:
    """UPS-10: by default a person is told; with the switch the invoice is cancelled."""
    shop = Shop(upsales_hub)
    sale = shop.sell()
    shop.hub.sync("sales")
    shop.hub.upsales.order(sale).update(stage={"id": shop.hub.upsales.stage("Förlorad")})
    shop.hub.sync_all()
    assert shop.document(sale)["Cancelled"] is False
    [problem] = shop.hub.problems("sales", "hold")
    assert "is not cancelled in Fortnox" in problem["text"]
    shop.hub.declare(cancel_in_fortnox=True)
    shop.hub.sync_all()
    assert shop.document(sale)["Cancelled"] is True
    assert shop.hub.problems("sales", "hold") == []
    shop.hub.sync_all()
    shop.hub.quiet()


def test_a_sale_lost_while_its_invoice_is_booked_has_its_own_sentence(upsales_hub: UpsalesHub) -> None:
    """UPS-10: a booking cannot be undone: the person is told to credit, whatever the switch says."""
    shop = Shop(upsales_hub, cancel_in_fortnox=True)
    sale = shop.sell()
    shop.hub.sync("sales")
    shop.hub.fortnox_act(f"/3/invoices/{shop.number_of(sale)}/bookkeep")
    shop.hub.upsales.order(sale).update(stage={"id": shop.hub.upsales.stage("Förlorad")})
    shop.hub.sync_all()
    [problem] = [one for one in shop.hub.problems("sales") if "booked" in one["text"]]
    assert "credit invoice" in problem["repair"]
    assert shop.document(sale)["Cancelled"] is False


def test_an_opportunity_in_the_offer_stage_becomes_an_offer_and_then_its_order(orders: Shop) -> None:
    """UPS-11, UPS-12, UPS-27: offer in the offer stage; won, the order is made of that offer; one sale all the way."""
    hub = orders.hub
    sale = orders.sell(stage="Offert")
    hub.sync_all()
    assert hub.posts() == ["/3/offers"]
    offer = orders.number_of(sale, "offers")
    assert hub.upsales.order(sale)["FORTNOX_OFFER_ID"] == offer
    assert hub.held("offers", offer)["OfferDate"] == "2026-11-20"
    hub.clear()
    hub.upsales.order(sale).update(stage={"id": hub.upsales.stage("Order")})
    hub.sync_all()
    order = orders.document(sale)
    assert str(order["OfferReference"]) == offer
    assert hub.posts() == []
    assert float(order["Net"]) == 682
    assert hub.upsales.order(sale)["FORTNOX_ORDER_ID"] == orders.number_of(sale)
    hub.sync_all()
    hub.quiet()


def test_an_offer_made_in_fortnox_becomes_an_opportunity_and_its_order_wins_it(orders: Shop) -> None:
    """UPS-11, UPS-09: an offer arrives in the offer stage; when it is made an order in Fortnox the same sale is won."""
    hub = orders.hub
    offer = orders.in_fortnox("offers")
    hub.sync_all()
    [id] = hub.links("offers")
    assert hub.links("offers") == {id: offer}
    sale = hub.upsales.order(int(id))
    assert (sale["stage"]["name"], sale["probability"], sale["FORTNOX_OFFER_ID"]) == ("Offert", 50, offer)
    hub.fortnox_act(f"/3/offers/{offer}/createorder")
    hub.sync_all()
    hub.sync_all()
    assert list(hub.links("sales")) == [id]
    assert len(hub.upsales.all("orders")) == 1
    sale = hub.upsales.order(int(id))
    assert (sale["stage"]["name"], sale["probability"], sale["FORTNOX_ORDER_ID"]) == ("Order", 100, hub.links("sales")[id])
    hub.quiet()


@pytest.mark.parametrize("module", ["invoice", "order"])
def test_the_offer_stage_is_ignored_without_offers(upsales_hub: UpsalesHub, module: str) -> None:
    """UPS-12: with only invoices or only orders no offer is made, and none is read."""
    shop = Shop(upsales_hub, module=module, offer_stage=None)
    shop.sell(stage="Offert")
    shop.in_fortnox("offers")
    for stream in STREAMS:
        shop.hub.sync(stream)
    assert shop.hub.fortnox_writes() == []
    assert [seen for seen in shop.hub.fortnox.requests if "/offers" in seen.path] == []
    assert len(shop.hub.upsales.all("orders")) == 1


def test_the_module_is_one_for_the_whole_account(upsales_hub: UpsalesHub) -> None:
    """UPS-26, ruling D2: one setting of the integration; it rules both ways, and a second value is refused."""
    from brygga.errors import SettingsError

    shop = Shop(upsales_hub, module="order")
    shop.in_fortnox("invoices")
    shop.in_fortnox("orders")
    shop.sell()
    shop.hub.sync_all()
    assert shop.hub.posts() == ["/3/orders"]
    assert len(shop.hub.upsales.all("orders")) == 2
    with pytest.raises(SettingsError, match="Modul att synka"):
        shop.hub.declare(module=["order", "invoice"])


def test_later_edits_reach_a_document_that_may_still_be_changed(shop: Shop) -> None:
    """Ruling D6: rows changed in Upsales change the invoice; a row of text that somebody added there stays."""
    sale = shop.sell()
    shop.hub.sync("sales")
    number = shop.number_of(sale)
    rows = shop.document(sale)["InvoiceRows"]
    kept = [{"RowId": row["RowId"]} for row in rows]
    body = {"Invoice": {"InvoiceRows": [kept[0], {"Description": "Levereras till lastkajen"}, kept[1]]}}
    shop.hub.fortnox_call("PUT", f"/3/invoices/{number}", body)
    shop.hub.sync_all()
    changed = [{**row, "quantity": 3, "product": {"id": row["product"]}} for row in shop.rows()]
    shop.hub.upsales.order(sale).update(orderRow=changed)
    shop.hub.sync_all()
    invoice = shop.document(sale)
    assert [row["Description"] for row in invoice["InvoiceRows"]] == ["Bord", "Levereras till lastkajen", "Stol"]
    assert float(invoice["Net"]) == shop.hub.upsales.order(sale)["value"] == 646.5
    shop.hub.sync_all()
    shop.hub.quiet()


def test_edits_in_fortnox_reach_the_sale(shop: Shop) -> None:
    """UPS-25: a price changed on the invoice is the sale's price; its user follows Vår referens."""
    sale = shop.sell()
    shop.hub.sync("sales")
    rows = shop.document(sale)["InvoiceRows"]
    changes = [{"RowId": rows[0]["RowId"], "Price": 110, "Discount": 0}, {"RowId": rows[1]["RowId"]}]
    shop.hub.fortnox_call(
        "PUT", f"/3/invoices/{shop.number_of(sale)}", {"Invoice": {"InvoiceRows": changes, "OurReference": "Bo Ek"}}
    )
    shop.hub.sync_all()
    held = shop.hub.upsales.order(sale)
    assert [(row["price"], row["listPrice"]) for row in held["orderRow"]] == [(110, 110), (125.5, 125.5)]
    assert (held["user"]["name"], held["value"]) == ("Bo Ek", 722)
    shop.hub.quiet()


@pytest.mark.parametrize("act", ["bookkeep", "externalprint"])
def test_an_edit_after_the_invoice_is_booked_or_sent_is_listed_and_stays(shop: Shop, act: str) -> None:
    """Ruling D6: what comes too late is not carried over, and says why."""
    sale = shop.sell()
    shop.hub.sync("sales")
    shop.hub.fortnox_act(f"/3/invoices/{shop.number_of(sale)}/{act}")
    shop.hub.sync_all()
    shop.hub.upsales.order(sale).update(REMARKS="För sent")
    shop.hub.age()
    shop.hub.clear()
    result = shop.hub.sync("sales")
    assert shop.hub.fortnox_writes() == []
    assert [item["rule"] for item in result["items"] if item["action"] == "skip"] == ["UPS-23"]


def test_paid_and_balance_come_back(shop: Shop) -> None:
    """UPS-25, systems.md 4.2: IS_PAID, FN_BALANCE, FN_TOTAL and DUE_DATE follow the invoice."""
    sale = shop.sell()
    shop.hub.sync_all()
    number = shop.number_of(sale)
    shop.hub.fortnox_act(f"/3/invoices/{number}/bookkeep")
    held = shop.hub.upsales.order(sale)
    total = float(shop.document(sale)["Total"])
    assert (held["FN_TOTAL"], held["FN_BALANCE"], held["IS_PAID"]) == (total, total, False)
    assert held["DUE_DATE"] == shop.document(sale)["DueDate"]
    payment = {"InvoiceNumber": int(number), "Amount": total, "PaymentDate": shop.document(sale)["InvoiceDate"]}
    made = shop.hub.fortnox_call("POST", "/3/invoicepayments", {"InvoicePayment": payment})
    shop.hub.fortnox_act(f"/3/invoicepayments/{made['InvoicePayment']['Number']}/bookkeep")
    shop.hub.sync_all()
    assert (shop.hub.upsales.order(sale)["FN_BALANCE"], shop.hub.upsales.order(sale)["IS_PAID"]) == (0, True)


def test_old_won_sales_are_left_alone_also_when_they_are_edited(upsales_hub: UpsalesHub) -> None:
    """Ruling D7: what was won before the first sync never becomes an invoice by itself."""
    hub = upsales_hub
    hub.declare()
    hub.article("A1", "Bord")
    hub.upsales.load("products", [{"name": "Bord", "articleNo": "A1", "listPrice": 100}])
    old = hub.sale(hub.company(orgNo="556016-0680"), {"product": 1, "quantity": 1, "price": 100, "listPrice": 100})
    hub.sync_all()
    hub.sync_all()
    hub.upsales.order(old).update(notes="Ring kunden")
    hub.sync_all()
    assert hub.all("invoices") == []
    [problem] = hub.problems("sales", "skip")
    assert "older sales are not sent" in problem["text"]


def test_a_sale_that_is_marked_is_not_synced(shop: Shop) -> None:
    """Systems.md 4.2: SKIP_SYNC holds a single sale back."""
    field = shop.hub.upsales.field_id("order", "SKIP_SYNC")
    sale = shop.sell(custom=[{"fieldId": field, "value": True}])
    shop.hub.sync_all()
    assert shop.hub.fortnox_writes() == []
    shop.hub.upsales.order(sale).update(SKIP_SYNC=False)
    shop.hub.sync_all()
    assert shop.hub.posts() == ["/3/invoices"]


def test_a_stage_that_is_gone_or_changed_stops_the_stream_with_a_sentence(shop: Shop) -> None:
    """UPS-09: the settings name a stage that cannot be used any more; nothing is written meanwhile."""
    stages = shop.hub.upsales.state["orderstages"]
    won = shop.hub.upsales.stage("Order")
    shop.sell(stage="Fakturerad")
    broken = [({"probability": 90}, "has probability 90 %"), ({"name": "Offert"}, "is no longer in Upsales")]
    for change, says in broken:
        before = dict(stages[won].values)
        stages[won].values.update(change)
        result = shop.hub.sync("sales")
        assert says in str(result["message"])
        assert "Vunnen orderfas" in str(result["message"])
        stages[won].values = before
    del stages[won]
    assert "is no longer in Upsales" in str(shop.hub.sync("sales")["message"])
    assert shop.hub.fortnox_writes() == []
