"""Registers in which prices are missing, taken away or 0: what Fortnox does not say stays in Mobigo (kind 8; MOB-02, MOB-03, U15)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mobigo_hub import MobigoHub

NUMBERS = [str(number) for number in range(301, 331)]
WITHOUT = NUMBERS[:10]
BY_ITSELF = NUMBERS[10:20]
"""Articles with a step from 10 alone: their price from quantity 0 is one that nobody set (Fortnox API, section 9.3)."""
PRICED = NUMBERS[20:]


@pytest.fixture
def untidy(mobigo_hub: MobigoHub) -> MobigoHub:
    """Thirty articles: ten without a price, ten with a 0 that Fortnox filled in, ten with one. Mobigo has 500 for each of them."""
    hub = mobigo_hub
    company = hub.fortnox.company
    company.load("articles", [{"ArticleNumber": n, "Description": f"Artikel {n}", "Unit": "st"} for n in NUMBERS])
    company.load("articles", [{"ArticleNumber": n, "Description": n} for n in ("Rabatt", "FRAKT", "Avgift")])
    prices = [{"PriceList": "A", "ArticleNumber": n, "FromQuantity": 0, "Price": 80} for n in PRICED]
    prices += [{"PriceList": "A", "ArticleNumber": n, "FromQuantity": 0, "Price": 0} for n in [*BY_ITSELF, "Rabatt", "FRAKT"]]
    prices += [{"PriceList": "A", "ArticleNumber": n, "FromQuantity": 10, "Price": 70} for n in BY_ITSELF]
    company.load("prices", prices)
    hub.mobigo.load("Articles", [{"number": n, "name": f"Artikel {n}", "price": 500, "purchasePrice": 300} for n in NUMBERS])
    hub.mobigo.load("PriceLists", [{"code": "A", "name": "Prislista A"}])
    hub.mobigo.load("Prices", [{"priceListCode": "A", "articleNumber": n, "fromQuantity": 0, "price": 500} for n in NUMBERS])
    hub.declare(brake=1.0)
    return hub


def prices(hub: MobigoHub, quantity: int = 0) -> dict[str, Decimal]:
    """Return the prices of list A from a quantity in Mobigo."""
    return {one["articleNumber"]: one["price"] for one in hub.mobigo.all("Prices") if one["fromQuantity"] == quantity}


def articles(hub: MobigoHub, field: str) -> dict[str, Any]:
    """Return a field of the articles in Mobigo."""
    return {one["number"]: one[field] for one in hub.mobigo.all("Articles")}


def at_rest(hub: MobigoHub) -> None:
    hub.clear()
    hub.age()
    hub.sync("articles")
    assert (hub.mobigo.writes(), hub.fortnox_writes()) == ([], [])


def test_thirty_articles_of_which_ten_have_a_price_change_ten_prices(untidy: MobigoHub) -> None:
    """500 did not become 0: neither by a price that is missing nor by one that nobody set; purchase prices stay too."""
    hub = untidy
    assert hub.sync("articles")["status"] == "done"
    wanted = {**dict.fromkeys([*WITHOUT, *BY_ITSELF], 500), **dict.fromkeys(PRICED, 80)}
    assert {n: p for n, p in prices(hub).items() if n in NUMBERS} == wanted
    assert {n: p for n, p in articles(hub, "price").items() if n in NUMBERS} == wanted
    assert {articles(hub, "purchasePrice")[n] for n in NUMBERS} == {300}
    assert {articles(hub, "unit")[n] for n in NUMBERS} == {"st"}
    assert prices(hub, 10) == dict.fromkeys(BY_ITSELF, 70)
    assert 0 not in prices(hub).values()
    at_rest(hub)


def test_helper_articles_are_not_made_in_mobigo_nor_are_their_prices(untidy: MobigoHub) -> None:
    """Rabatt, Frakt and Avgift serve rows alone: each is said to stay, and a setting names others."""
    hub = untidy
    result = hub.sync("articles")
    assert not {"Rabatt", "FRAKT", "Avgift"} & set(articles(hub, "name"))
    assert not {"Rabatt", "FRAKT", "Avgift"} & set(prices(hub))
    said = {item["right"]: item["message"] for item in result["items"] if item["action"] == "skip"}
    assert "serves rows alone" in said["FRAKT"]
    hub.declare(helper_articles=["Avgift"])
    hub.sync("articles")
    assert {"Rabatt", "FRAKT"} <= set(articles(hub, "name"))
    assert "Avgift" not in articles(hub, "name")


@pytest.mark.performs(
    "Set its price in Fortnox, or take it away in {system}.",
)
@pytest.mark.parametrize("how", ["deleted", "none", "zero"])
def test_a_price_that_is_taken_away_in_fortnox_stays_in_mobigo_and_is_told(untidy: MobigoHub, how: str) -> None:
    """Kind 13: a price that was deleted, emptied or set to 0 is told with the article and the list; a new price goes over again."""
    hub = untidy
    hub.sync("articles")
    key, article = ("A", PRICED[0], "0"), PRICED[0]
    company = hub.fortnox.company
    with hub.fortnox.lock:
        record = company.get("prices", key)
        if how == "deleted":
            company.delete("prices", key)
        else:
            company.put("prices", key, {**record, "Price": None if how == "none" else 0})
        company.put("articles", article, {**company.get("articles", article)})
        company.commit()
    hub.sync("articles")
    assert (prices(hub)[article], articles(hub, "price")[article]) == (80, 80)
    problems = hub.problems("articles")
    assert {problem["address"] for problem in problems} == {"acme/mobigo.articles"}
    said = " ".join(problem["text"] for problem in problems)
    assert "no longer has" in said
    assert article in said
    at_rest(hub)
    with hub.fortnox.lock:
        company.put("prices", key, {**record, "Price": Decimal(90)})
        company.put("articles", article, {**company.get("articles", article)})
        company.commit()
    hub.sync("articles")
    assert articles(hub, "price")[article] == 90


def test_a_row_without_price_waits_where_the_article_has_the_zero_that_nobody_set(untidy: MobigoHub) -> None:
    """Ten of it cost 70 each by the step that somebody made; three cost nothing that anybody said, so the assignment waits."""
    hub = untidy
    for number, quantity in (("U1", 3), ("U2", 10)):
        row = {
            "articleNumber": BY_ITSELF[0],
            "name": "Artikel",
            "quantity": quantity,
            "unit": "st",
            "billable": True,
            "price": None,
        }
        hub.mobigo.assignment(number, customerNumber="1042", status="Klart", marked=True, materials=[row])
    hub.sync("assignments")
    [made] = hub.records("orders")
    assert [float(row["Price"]) for row in made["OrderRows"] if row["ArticleNumber"]] == [70.0]
    [problem] = hub.problems("assignments")
    assert "U1" in problem["text"]
    assert f"article {BY_ITSELF[0]} has none in Fortnox" in problem["text"]
    assert problem["repair"].startswith("Enter the price on the row, 0 where it is free")
