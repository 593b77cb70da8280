"""What a delivery or a sale says beside its rows is on the document, or it waits and says why (issue 20, kinds 2, 6, 8 and 11)."""

from __future__ import annotations

import pytest

from brygga_sandbox.webcrm import quotation_lines
from hub import Hub
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import Sales, fortnox_document

ITEM = "QuotationLineLinkedDataItem"


@pytest.mark.performs(
    "Put the discount on the rows in webCRM, or on a row of its own.",
)
def test_a_discount_on_the_whole_of_a_delivery_waits_until_it_is_on_the_rows(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kind 6: Fortnox takes discounts on rows; whose share of 10 % each row has nobody says."""
    setup = quotation_lines.linked_setup
    monkeypatch.setattr(
        quotation_lines, "linked_setup", lambda state: {**setup(state), "QuotationLineLinkedSetupUseTotalDiscount": True}
    )
    sales = Sales(hub)
    id = sales.deliver(OrderDate="2026-11-20T00:00:00", Discount=10)
    hub.sync()
    assert sales.documents() == []
    [problem] = hub.problems("hold")
    assert str(id) in problem["text"]
    assert "10 on the whole of it" in problem["text"]
    assert "on the rows" in problem["repair"]
    hub.webcrm.delivery(id).update(Discount=0)
    hub.age()
    hub.sync()
    assert len(sales.documents()) == 1
    assert hub.problems("hold") == []


def test_a_price_that_is_taken_away_in_fortnox_leaves_webcrms_register_at_its_price_and_is_told(hub: Hub) -> None:
    """Kinds 8 and 13: no price is not the price 0."""
    hub.stream = "articles"
    with hub.fortnox.lock:
        company = hub.fortnox.company
        blank = dict(company.table("articles").blank)
        company.put("articles", "A1", {**blank, "ArticleNumber": "A1", "Description": "Bord", "Unit": "st"})
        price = {"PriceList": "A", "ArticleNumber": "A1", "FromQuantity": 0, "Price": 400}
        company.put("prices", ("A", "A1", "0"), {**dict(company.table("prices").blank), **price})
        company.commit()
    hub.sync()
    with hub.fortnox.lock:
        company.delete("prices", ("A", "A1", "0"))
        company.put("articles", "A1", {**company.get("articles", "A1"), "SalesPrice": None})
        company.commit()
    hub.age()
    hub.sync()
    assert [(one[f"{ITEM}Data1"], float(one[f"{ITEM}Price"])) for one in hub.webcrm.all(ITEM)] == [("A1", 400)]
    [problem] = hub.problems("hold")
    assert "A1" in problem["text"]
    assert "no longer has" in problem["text"]


@pytest.mark.parametrize("module", ["invoice", "order"])
def test_a_sale_in_euro_is_a_document_in_euro(upsales_hub: UpsalesHub, module: str) -> None:
    """Kinds 1 and 11: the sale's currency and amounts are the document's, whatever the card says; both stay as they are."""
    shop = Shop(upsales_hub, module=module)
    sale = shop.sell({"product": shop.table, "quantity": 3, "price": 33.33, "listPrice": 33.33}, currency="EUR")
    shop.hub.sync_all()
    made = shop.document(sale)
    assert (made["Currency"], float(made["Net"])) == ("EUR", 99.99)
    assert shop.hub.upsales.order(sale)["currency"] == "EUR"
    shop.hub.quiet()


def test_a_sale_in_a_currency_that_fortnox_lacks_waits_until_it_is_there(upsales_hub: UpsalesHub) -> None:
    """Kind 11: named, with the sale, and carried on when Fortnox has it."""
    shop = Shop(upsales_hub)
    with shop.hub.fortnox.lock:
        kept = dict(shop.hub.fortnox.company.get("currencies", "EUR") or {})
        shop.hub.fortnox.company.delete("currencies", "EUR")
        shop.hub.fortnox.company.commit()
    sale = shop.sell(currency="EUR")
    shop.hub.sync_all()
    assert shop.hub.all("invoices") == []
    [problem] = shop.hub.problems("sales", "hold")
    assert "Fortnox has no currency EUR" in problem["text"]
    shop.hub.put("currencies", "EUR", **kept)
    shop.hub.sync_all()
    assert shop.document(sale)["Currency"] == "EUR"
    assert shop.hub.problems("sales", "hold") == []


@pytest.mark.performs("Choose its currency in Upsales.")
def test_a_sale_that_says_no_currency_waits_whatever_the_card_has(upsales_hub: UpsalesHub) -> None:
    """Kind 8: neither kronor nor the currency of the customer's card stands for what the sale does not say."""
    shop = Shop(upsales_hub)
    shop.hub.put("customers", "101", **{**shop.hub.held("customers", "101"), "Currency": "EUR"})
    sale = shop.sell()
    upsales = shop.hub.upsales
    with upsales.lock:
        upsales.state["orders"][sale].values["currency"] = None
    shop.hub.sync_all()
    assert shop.hub.all("invoices") == []
    [problem] = shop.hub.problems("sales", "hold")
    assert "has no currency" in problem["text"]
    upsales.order(sale).update(currency="SEK")
    shop.hub.sync_all()
    assert (shop.document(sale)["Currency"], shop.hub.problems("sales", "hold")) == ("SEK", [])


def test_freight_that_is_added_in_fortnox_later_is_told_and_leaves_the_delivery(hub: Hub) -> None:
    """Kind 2: webCRM has no place for it: a person is told both amounts, and nothing is written."""
    sales = Sales(hub, document="invoice")
    number = fortnox_document(sales)
    hub.sync()
    [id] = [left for left, right in hub.links().items() if right == number]
    lines = hub.webcrm.lines_of(int(id))
    hub.fortnox_call("PUT", f"/3/invoices/{number}", {"Invoice": {"Freight": 50}})
    for _ in range(2):
        hub.age()
        hub.sync()
    assert hub.webcrm.lines_of(int(id)) == lines
    [problem] = hub.problems()
    assert number in problem["text"]
    assert "freight" in problem["text"]
    assert "50" in problem["text"]
    assert problem["repair"]


@pytest.mark.parametrize("module", ["invoice", "order"])
def test_freight_that_is_added_in_fortnox_later_is_told_and_leaves_the_sale(upsales_hub: UpsalesHub, module: str) -> None:
    """Kind 2: the document is no longer what was sold; a person is told both amounts."""
    shop = Shop(upsales_hub, module=module)
    sale = shop.sell()
    shop.hub.sync_all()
    number = shop.number_of(sale)
    one = {"invoice": "Invoice", "order": "Order"}[module]
    shop.hub.fortnox_call("PUT", f"/3/{module}s/{number}", {one: {"Freight": 50}})
    for _ in range(2):
        shop.hub.sync_all()
    assert shop.hub.upsales.order(sale)["value"] == 682
    [problem] = shop.hub.problems("sales")
    assert "freight" in problem["text"]
    assert "50" in problem["text"]
    assert problem["repair"]
    shop.hub.fortnox_call("PUT", f"/3/{module}s/{number}", {one: {"Freight": 0}})
    shop.hub.sync_all()
    assert shop.hub.problems("sales") == []
    shop.hub.quiet()


@pytest.mark.performs(
    "Correct or cancel the document in Fortnox, choose the article that stands for it in the settings, or accept the difference: once, or as a rule.",
)
@pytest.mark.parametrize("document", ["invoice", "order"])
def test_freight_from_the_beginning_is_told_once_and_another_amount_later_is_asked(hub: Hub, document: str) -> None:
    """Kind 2: what was told as the delivery was made is no question; another amount, put there later, is one until it is taken back."""
    sales = Sales(hub, document=document)
    one = {"order": "Order", "invoice": "Invoice"}[document]
    number = fortnox_document(sales)
    place = f"/3/{sales.register}/{number}"
    hub.fortnox_call("PUT", place, {one: {"Freight": 50}})
    for _ in range(2):
        hub.sync()
        hub.age()
    assert number in hub.links().values()
    assert hub.problems() == []
    hub.fortnox_call("PUT", place, {one: {"Freight": 75, "AdministrationFee": 20}})
    hub.sync()
    [problem] = hub.problems()
    assert "the freight is 0 in webCRM and 75" in problem["text"]
    hub.fortnox_call("PUT", place, {one: {"Freight": 50, "AdministrationFee": 0}})
    hub.age()
    hub.sync()
    assert hub.problems() == []


@pytest.mark.parametrize("way", ["accept", "accept_rule", "correct", "article"])
def test_freight_that_is_asked_about_goes_away_as_it_is_settled(hub: Hub, way: str) -> None:
    """Kind 2: each way out that is proposed can be taken, and then nothing is asked or written any more."""
    from brygga.sync import repair, resolve

    sales = Sales(hub, document="invoice")
    number = fortnox_document(sales)
    hub.sync()
    place = f"/3/invoices/{number}"
    hub.fortnox_call("PUT", place, {"Invoice": {"Freight": 50}})
    hub.age()
    hub.sync()
    [problem] = hub.problems()
    if way == "article":
        hub.declare(freight_article="A2")
    else:
        repair.ask(resolve.find(problem["id"]), way, {}, "britta")
    for _ in range(2):
        hub.age()
        hub.sync()
    assert hub.problems() == []
    assert float(hub.fortnox_call("GET", place)["Invoice"]["Freight"]) == (0 if way == "correct" else 50)
    [id] = [left for left, right in hub.links().items() if right == number]
    assert len(hub.webcrm.lines_of(int(id))) == (4 if way == "article" else 3)


def test_freight_that_an_earlier_version_told_is_not_asked_about_again(hub: Hub) -> None:
    """Kind 2: a link of an earlier version did not keep what was told; its freight is taken as told once, another amount later is asked."""
    from brygga.store.models import LinkRow

    sales = Sales(hub, document="invoice")
    number, ours = fortnox_document(sales), sales.deliver(Fakturadatum="2026-11-20")
    place = f"/3/invoices/{number}"
    hub.fortnox_call("PUT", place, {"Invoice": {"Freight": 50}})
    hub.sync()
    LinkRow.objects.update(accepted=None)
    mine = hub.links()[str(ours)]
    hub.fortnox_call("PUT", place, {"Invoice": {"Remarks": "Ring först"}})
    hub.fortnox_call("PUT", f"/3/invoices/{mine}", {"Invoice": {"Freight": 30}})
    hub.age()
    hub.sync()
    [problem] = hub.problems()
    assert mine in problem["text"], "freight on a document that the hub made was put there by a person"
    hub.fortnox_call("PUT", place, {"Invoice": {"Freight": 75}})
    hub.fortnox_call("PUT", f"/3/invoices/{mine}", {"Invoice": {"Freight": 0}})
    for _ in range(2):
        hub.age()
        hub.sync()
    [problem] = hub.problems()
    assert (number in problem["text"], "75" in problem["text"]) == (True, True)


def test_an_offer_to_a_company_without_a_sale_says_the_true_reason(upsales_hub: UpsalesHub) -> None:
    """Issue 21, kind 8: the company is no customer yet, as it has no sale at 100 % (UPS-18), and that is what its offer waits for."""
    shop = Shop(upsales_hub, module="order_offer")
    hub = shop.hub
    client = hub.company("Nyby AB")
    hub.sync_all()
    hub.sale(client, *shop.rows(), stage="Offert")
    hub.sync_all()
    [problem] = hub.problems("offers", "hold")
    assert "Nyby AB" in problem["text"]
    assert "no sale at 100 %" in problem["text"]
    assert problem["rule"] == "UPS-18"
    assert "goes by itself" in problem["repair"]


def test_a_deleted_customers_number_goes_with_the_next_run_that_a_person_starts(upsales_hub: UpsalesHub) -> None:
    """UPS-16, issue 21, kind 8: not first in the next night."""
    shop = Shop(upsales_hub)
    hub = shop.hub
    hub.fortnox_call("DELETE", "/3/customers/101")
    hub.age()
    hub.sync("customers")
    assert hub.upsales.account(shop.client)["FORTNOX_CUSTOMER_ID"] == "101", "the clock asks once a night"
    hub.sync("customers", trigger="person")
    assert hub.upsales.account(shop.client)["FORTNOX_CUSTOMER_ID"] is None
