"""What a delivery or a sale says beside its rows is on the document, or it waits and says why (issue 20, kinds 2, 6, 8 and 11)."""

from __future__ import annotations

import pytest

from brygga_sandbox.webcrm import quotation_lines
from hub import Hub
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import Sales

ITEM = "QuotationLineLinkedDataItem"


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
