"""What is not filled in is not zero: VAT rates, prices, currencies (issue 20, kind 8; U19 and its siblings)."""

from __future__ import annotations

from typing import Any

import pytest

from hub import Hub
from upsales_hub import Shop, UpsalesHub
from webcrm_sales import ROW, SECOND, Sales

LINE = "QuotationLine"
BARE = {name: value for name, value in ROW.items() if name != "VatPercentage"}
NO_ARTICLE = {"Benämning": "Montering", "Quantity": 2, "Price": 400}


def rate(sales: Sales, number: str, vat: int, account: int) -> None:
    """Let an article of Fortnox carry a rate."""
    with sales.hub.fortnox.lock:
        company = sales.hub.fortnox.company
        company.put("articles", number, {**company.get("articles", number), "VAT": vat, "SalesAccount": account})
        company.commit()


@pytest.mark.parametrize("document", ["order", "invoice"])
@pytest.mark.parametrize(("vat", "account"), [(25, 3001), (6, 3003)])
def test_u19_a_row_without_vat_takes_the_rate_of_its_article_and_says_so(hub: Hub, document: str, vat: int, account: int) -> None:
    """U19: webCRM shows 0 where no rate is filled in; to a Swede it is the article's 25 or 6 %, told, and 0 is not written back."""
    sales = Sales(hub, document=document)
    rate(sales, "A1", vat, account)
    id = sales.deliver(BARE, SECOND, Fakturadatum="2026-11-20")
    before = [dict(line) for line in hub.webcrm.lines_of(id)]
    result = hub.sync()
    rows = sales.document(hub.links()[str(id)])[f"{document.title()}Rows"]
    assert [row["VAT"] for row in rows] == [vat, 25]
    [made] = [item for item in result["items"] if item["action"] == "create"]
    assert "No VAT rate is filled in on row 1" in made["message"]
    sales.quiet()
    assert [dict(line) for line in hub.webcrm.lines_of(id)] == before


def test_u19_an_exempt_article_stays_at_nothing(hub: Hub) -> None:
    """U19: where the article itself is exempt 0 % has its reason."""
    sales = Sales(hub)
    rate(sales, "A1", 0, 3004)
    id = sales.deliver(BARE)
    hub.sync()
    assert sales.document(hub.links()[str(id)])["OrderRows"][0]["VAT"] == 0


@pytest.mark.performs(
    "Fill in the VAT rate of the row in webCRM or, where 0 % is meant, choose so under Rad utan momssats in the settings.",
)
def test_u19_a_row_without_vat_and_without_an_article_is_a_question(hub: Hub) -> None:
    """U19: nothing says the rate: neither 0 nor 25 in silence."""
    sales = Sales(hub)
    id = sales.deliver(ROW, NO_ARTICLE)
    hub.sync()
    assert sales.documents() == []
    [problem] = hub.problems("hold")
    assert "row 2 (Montering): no VAT rate is filled in, and no article says which it is" in problem["text"]
    line = next(one for one in hub.webcrm.lines_of(id) if one[f"{LINE}Data2"] == "Montering")
    hub.webcrm.line(line[f"{LINE}Id"]).update(VatPercentage=25)
    hub.age()
    hub.sync()
    assert [row["VAT"] for row in sales.document(hub.links()[str(id)])["OrderRows"]] == [25, 25]


@pytest.mark.parametrize(("choice", "rates"), [("zero", [0]), ("wait", None)])
def test_u19_what_a_rate_of_nothing_means_is_chosen(hub: Hub, choice: str, rates: list[int] | None) -> None:
    """U19: a company that sells without VAT may say that 0 is 0; one that wants to fill it in itself lets it wait."""
    sales = Sales(hub, row_without_vat=choice)
    rate(sales, "A1", 25, 3001)
    id = sales.deliver(BARE)
    hub.sync()
    if rates is None:
        assert sales.documents() == []
        assert "no VAT rate is filled in" in hub.problems("hold")[0]["text"]
    else:
        assert [row["VAT"] for row in sales.document(hub.links()[str(id)])["OrderRows"]] == rates


def test_a_row_that_says_its_rate_keeps_it_whatever_the_article_says(hub: Hub) -> None:
    """Kind 8: 12 % on the row and 25 % on the article: the row's."""
    sales = Sales(hub)
    rate(sales, "A1", 25, 3001)
    id = sales.deliver({**ROW, "VatPercentage": 12})
    hub.sync()
    assert sales.document(hub.links()[str(id)])["OrderRows"][0]["VAT"] == 12


def test_a_row_at_no_price_is_at_no_price_in_fortnox_too(hub: Hub) -> None:
    """Kind 8: webCRM shows 0.00 on the row; Fortnox does not fill in its own price."""
    sales = Sales(hub)
    with hub.fortnox.lock:
        hub.fortnox.company.put(
            "prices", ("A", "A1", "0"), {"PriceList": "A", "ArticleNumber": "A1", "FromQuantity": 0, "Price": 999}
        )
        hub.fortnox.company.commit()
    id = sales.deliver({**ROW, "Price": 0}, SECOND)
    hub.sync()
    assert float(sales.document(hub.links()[str(id)])["Net"]) == 502


# Articles ------------------------------------------------------------------------------------------------------------------


def price(hub: Any, number: str, value: Any) -> None:
    with hub.fortnox.lock:
        company = hub.fortnox.company
        company.put("articles", number, {**company.get("articles", number), "SalesPrice": value})
        company.commit()


def test_an_article_without_a_price_leaves_the_price_of_the_product(upsales_hub: UpsalesHub) -> None:
    """Kind 8: a product at 119 whose article has no price in Fortnox stays at 119."""
    hub = upsales_hub
    hub.declare()
    hub.upsales.load("products", [{"name": "Bord", "articleNo": "A1", "listPrice": 119, "purchaseCost": 40}])
    hub.put("articles", "A1", ArticleNumber="A1", Description="Bord", SalesPrice=None)
    hub.sync_all()
    [product] = hub.upsales.all("products")
    assert (product["articleNo"], product["listPrice"]) == ("A1", 119)


def test_a_price_that_is_taken_away_in_fortnox_leaves_the_product_at_its_price_and_is_told(upsales_hub: UpsalesHub) -> None:
    """Kind 13: no price is not the price 0; a person is told, and sets one."""
    shop = Shop(upsales_hub)
    with shop.hub.fortnox.lock:
        for key in [key for key in (("A", "A1", "0"),) if shop.hub.fortnox.company.get("prices", key)]:
            shop.hub.fortnox.company.delete("prices", key)
        shop.hub.fortnox.company.commit()
    price(shop.hub, "A1", None)
    shop.hub.sync_all()
    assert shop.hub.upsales.product(shop.table)["listPrice"] == 100
    [problem] = shop.hub.problems("products", "hold")
    assert "no longer has" in problem["text"]
    assert "A1" in problem["text"]
