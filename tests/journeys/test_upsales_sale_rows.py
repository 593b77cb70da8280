"""The rows of sales: bundles, discounts, what Fortnox cannot hold, articles that are missing, prices including VAT. Rows UPS-24, UPS-28."""

from __future__ import annotations

from typing import Any

import pytest

from upsales_hub import Shop, UpsalesHub


@pytest.fixture
def shop(upsales_hub: UpsalesHub) -> Shop:
    """A shop whose sales become invoices."""
    return Shop(upsales_hub)


@pytest.mark.parametrize(
    ("bundles", "articles"),
    [("onlyBundle", ["B1"]), ("onlySubProducts", ["A1", "A2"]), ("bundleAndSubProducts", ["B1", "A1", "A2"])],
)
def test_product_bundles_are_shown_as_chosen(upsales_hub: UpsalesHub, bundles: str, articles: list[str]) -> None:
    """UPS-07, systems.md 4.2 (Produktpaket): the bundle, its products, or both; the sum is the same."""
    upsales_hub.article("B1", "Matgrupp", 350)
    shop = Shop(upsales_hub, product_bundles=bundles)
    parts = [
        {"productId": shop.table, "quantity": 1, "price": 100, "listPrice": 100},
        {"productId": shop.chair, "quantity": 2, "price": 125, "listPrice": 125.5},
    ]
    bundle = {"product": shop.hub.product("B1"), "quantity": 2, "price": 350, "listPrice": 350, "bundleRows": parts}
    sale = shop.sell(bundle)
    shop.hub.sync_all()
    invoice = shop.document(sale)
    assert [row["ArticleNumber"] for row in invoice["InvoiceRows"]] == articles
    assert float(invoice["Net"]) == 700
    shop.hub.quiet()


def test_a_discount_may_be_written_in_percent(upsales_hub: UpsalesHub) -> None:
    """Systems.md 4.2 (discountAsPercentage): in percent where that takes off the same öre, else as an amount."""
    shop = Shop(upsales_hub, discount_as_percentage=True)
    even = {"product": shop.table, "quantity": 2, "price": 90, "listPrice": 100}
    odd = {"product": shop.chair, "quantity": 7, "price": 99.99, "listPrice": 125.5}
    sale = shop.sell(even, odd)
    shop.hub.sync_all()
    rows = shop.document(sale)["InvoiceRows"]
    assert [(row["DiscountType"], float(row["Discount"])) for row in rows] == [("PERCENT", 10), ("AMOUNT", 178.57)]
    assert float(shop.document(sale)["Net"]) == 879.93
    shop.hub.quiet()


def test_rows_that_fortnox_can_not_hold_are_told_with_their_repair(shop: Shop) -> None:
    """UPS-21, UPS-23: each held with its own sentence; corrected, it goes over."""
    own = shop.hub.upsales.add("products", name="Eget", listPrice=100)
    good = {"product": shop.table, "quantity": 1, "price": 100, "listPrice": 100}
    bad = {
        shop.sell({**good, "price": 33.335, "listPrice": 33.335}): ("Fortnox keeps two decimals, and 33.335 has more", "UPS-23"),
        shop.sell({**good, "quantity": 1.125}): ("Fortnox keeps two decimals, and 1.125 has more", "UPS-23"),
        shop.sell({**good, "product": own}): ("product Eget has no article number", "UPS-21"),
    }
    shop.hub.sync("sales")
    problems = {int(one["left"]): one for one in shop.hub.problems("sales", "hold")}
    assert set(problems) == set(bad)
    for sale, (says, rule) in bad.items():
        assert says in problems[sale]["text"]
        assert problems[sale]["rule"] == rule
        assert problems[sale]["repair"]
        shop.hub.upsales.order(sale).update(orderRow=[{**good, "product": {"id": shop.table}}])
    shop.hub.sync_all()
    assert shop.hub.posts() == ["/3/invoices"] * 3
    assert shop.hub.problems("sales", "hold") == []


def test_an_article_that_fortnox_lacks_holds_its_sale(shop: Shop) -> None:
    """UPS-21: a product is never made an article; the sale waits and says which."""
    odd = shop.hub.upsales.add("products", name="Lampa", articleNo="Z9", listPrice=10)
    shop.sell({"product": odd, "quantity": 1, "price": 10, "listPrice": 10})
    shop.hub.sync("sales")
    [problem] = shop.hub.problems("sales", "hold")
    assert "article Z9 (Lampa) is not in Fortnox" in problem["text"]
    shop.hub.article("Z9", "Lampa", 10)
    shop.hub.sync_all()
    assert shop.hub.posts() == ["/3/invoices"]


def test_a_row_without_an_article_waits_or_gets_the_chosen_one(shop: Shop) -> None:
    """UPS-25: a sale has a product on each row; where one is chosen for such rows, they come over and are changed in Fortnox alone."""
    hub = shop.hub
    number = shop.in_fortnox(InvoiceRows=[{"Description": "Arbete", "DeliveredQuantity": 1, "Price": 500, "AccountNumber": 3001}])
    hub.sync_all()
    [problem] = hub.problems("sales", "hold")
    assert f"Document {number}, row 1 (Arbete) has no article" in problem["text"]
    assert "Uppsamlingsartikel" in problem["repair"]
    hub.article("FRI", "Övrigt", 0)
    hub.declare(free_row_article="FRI")
    hub.sync_all()
    hub.age(minutes=30)
    hub.sync("sales", only=(f"right:{number}",))
    [id] = hub.links("sales")
    sale = hub.upsales.order(int(id))
    assert [(row["product"]["name"], row["quantity"], row["price"]) for row in sale["orderRow"]] == [("Övrigt", 1, 500)]
    assert sale["value"] == 500
    hub.quiet()
    hub.upsales.order(int(id)).update(orderRow=[{"product": {"id": shop.table}, "quantity": 1, "price": 1, "listPrice": 1}])
    hub.age()
    result = hub.sync("sales")
    assert hub.fortnox_writes() == []
    assert [item["rule"] for item in result["items"] if item["action"] == "skip"] == ["UPS-23"]
    assert "in Fortnox alone" in str(result["items"])


@pytest.mark.parametrize(("module", "register"), [("invoice", "invoices"), ("order", "orders")])
def test_a_document_with_prices_including_vat_comes_over_without(upsales_hub: UpsalesHub, module: str, register: str) -> None:
    """UPS-25, UPS-28: the sale's prices are without VAT, its value is the document's net to the öre; texts still go both ways."""
    shop = Shop(upsales_hub, module=module)
    hub = shop.hub
    name = {"orders": "Order", "invoices": "Invoice"}[register]
    rows: list[dict[str, Any]] = [
        {"ArticleNumber": "A1", "DeliveredQuantity": 2, "VAT": 25, "Price": 125, "Discount": 10, "DiscountType": "PERCENT"},
        {"ArticleNumber": "A2", "DeliveredQuantity": 10, "VAT": 25, "Price": 99.99},
    ]
    if register == "orders":
        rows = [{**row, "OrderedQuantity": row["DeliveredQuantity"]} for row in rows]
    number = shop.in_fortnox(register, VATIncluded=True, **{f"{name}Rows": rows})
    hub.sync_all()
    assert hub.problems("sales", "hold") == []
    [id] = hub.links("sales")
    sale, document = hub.upsales.order(int(id)), hub.held(register, number)
    assert document["VATIncluded"] is True
    assert round(sale["value"], 2) == float(document["Net"]) == 979.92
    assert [(row["quantity"], row["price"], row["listPrice"]) for row in sale["orderRow"]] == [(2, 90, 100), (10, 79.992, 80)]
    hub.quiet()
    sale.update(REMARKS="Ring först", orderRow=[{"product": {"id": shop.table}, "quantity": 1, "price": 1, "listPrice": 1}])
    hub.sync_all()
    document = hub.held(register, number)
    assert (document["Remarks"], len(document[f"{name}Rows"])) == ("Ring först", 2)
