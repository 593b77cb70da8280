"""Articles from Fortnox to webCRM's register of quotation lines, and deliveries that cannot go: rows WEB-29 to WEB-35, WEB-31, WEB-41, WEB-49."""

from __future__ import annotations

from typing import Any

import pytest

from hub import Hub, organisation

ITEM = "QuotationLineLinkedDataItem"


def article(hub: Hub, number: str = "A1", **fields: Any) -> None:
    """Make or change an article as a person in Fortnox would, now."""
    with hub.fortnox.lock:
        company = hub.fortnox.company
        held = company.get("articles", number) or dict(company.table("articles").blank)
        price = fields.pop("price", None)
        company.put("articles", number, {**held, "ArticleNumber": number, **fields})
        if price is not None:
            row = {"PriceList": "A", "ArticleNumber": number, "FromQuantity": 0, "Price": price}
            company.put("prices", ("A", number, "0"), {**dict(company.table("prices").blank), **row})
        company.commit()


def items(hub: Hub) -> list[tuple[str, str, float, float]]:
    """Return number, name, cost price and list price of webCRM's register."""
    return [
        (one[f"{ITEM}Data1"], one[f"{ITEM}Data2"], float(one[f"{ITEM}CostPrice"]), float(one[f"{ITEM}Price"]))
        for one in hub.webcrm.all(ITEM)
    ]


@pytest.fixture
def articles(hub: Hub) -> Hub:
    hub.stream = "articles"
    article(hub, Description="Bord", Unit="st", PurchasePrice=250, price=400)
    hub.sync()
    hub.clear()
    return hub


def test_articles_of_fortnox_come_with_number_name_and_prices(articles: Hub) -> None:
    """WEB-29, WEB-30, WEB-32 to WEB-35."""
    assert items(articles) == [("A1", "Bord", 250.0, 400.0)]
    articles.age()
    articles.sync()
    assert articles.webcrm.writes() == []


def test_a_changed_article_changes_its_item_and_no_other_is_made(articles: Hub) -> None:
    """WEB-30, WEB-33, WEB-34: by number, create and update."""
    article(articles, Description="Matbord", PurchasePrice=275)
    articles.age()
    articles.sync()
    assert items(articles) == [("A1", "Matbord", 275.0, 400.0)]


def test_what_is_changed_in_webcrm_is_put_back(articles: Hub) -> None:
    """WEB-29, WEB-35: articles are kept in Fortnox."""
    [number] = [one[f"{ITEM}Id"] for one in articles.webcrm.all(ITEM)]
    articles.webcrm.item(number).update(Price=1)
    articles.age()
    articles.sync()
    assert items(articles) == [("A1", "Bord", 250.0, 400.0)]
    assert articles.fortnox_writes() == []


def test_an_article_made_in_webcrm_never_reaches_fortnox(articles: Hub) -> None:
    """WEB-31: it is listed with the rule and stays."""
    articles.webcrm.load(ITEM, [{f"{ITEM}Data1": "X9", f"{ITEM}Data2": "Eget", f"{ITEM}Data3": "st"}])
    result = articles.sync()
    assert articles.fortnox_writes() == []
    assert "WEB-31" in {item["rule"] for item in result["items"]}
    assert len(items(articles)) == 2


ROW = {"Artikelnummer": "A1", "Benämning": "Bord", "Enhet": "st", "Quantity": 2, "Price": 400, "VatPercentage": 25}


class Deliveries:
    """A hub whose customer is linked and whose article exists, with a stream of invoices that has been begun."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        hub.declare(document="invoice")
        article(hub, Description="Bord")
        [self.organisation] = hub.webcrm.load("Organisation", [organisation(OrganisationExtraCustom2="556016-0680")])
        hub.sync()
        hub.stream = "deliveries"
        hub.sync()
        hub.clear()

    def deliver(self, *rows: dict[str, Any], organisation: int | None = None, **fields: Any) -> int:
        fields = {"Fakturadatum": "2026-11-20", **fields}
        at = self.organisation if organisation is None else organisation
        return int(self.hub.webcrm.add_delivery(fields, rows, organisation=at))


@pytest.fixture
def deliveries(hub: Hub) -> Deliveries:
    return Deliveries(hub)


CASES: dict[str, tuple[list[dict[str, Any]], dict[str, Any], str, str]] = {
    "no organisation": ([ROW], {"organisation": 0}, "WEB-53", "has no organisation"),
    "no rows": ([], {}, "WEB-41", "has no rows"),
    "an unknown article": ([{**ROW, "Artikelnummer": "X9"}], {}, "WEB-31", "X9"),
    "a rate of 20 percent": ([{**ROW, "VatPercentage": 20}], {}, "WEB-41", "20 %"),
    "501 rows": ([ROW] * 501, {}, "WEB-41", "501 rows"),
    "a currency that Fortnox lacks": ([ROW], {"CurrencyName": "GBP"}, "WEB-23", "GBP"),
    "a day outside the financial years": ([ROW], {"Fakturadatum": "1999-01-01"}, "WEB-49", "1999-01-01"),
    "no invoice date": ([ROW], {"Fakturadatum": ""}, "WEB-49", "no invoice date"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_delivery_that_cannot_go_is_held_with_its_own_sentence_and_the_others_go(deliveries: Deliveries, case: str) -> None:
    """WEB-31, WEB-41, WEB-49, WEB-53: each with what is wrong and what to do; nothing is half written."""
    rows, fields, rule, said = CASES[case]
    hub = deliveries.hub
    wrong = deliveries.deliver(*rows, **fields)
    right = deliveries.deliver(ROW)
    result = hub.sync()
    [held] = [item for item in result["items"] if item["left"] == str(wrong)]
    assert (held["action"], held["rule"]) == ("hold", rule), held
    assert said in held["message"]
    assert hub.problems()[0]["repair"]
    assert list(hub.links()) == [str(right)]
    assert [path for method, path, _ in hub.fortnox_writes() if method == "POST"] == ["/3/invoices"]


def test_a_row_of_webcrms_own_article_goes_when_the_article_is_in_fortnox(deliveries: Deliveries) -> None:
    """WEB-31: what waited is looked at again in each run."""
    hub = deliveries.hub
    waiting = deliveries.deliver({**ROW, "Artikelnummer": "X9"})
    hub.sync()
    article(hub, "X9", Description="Eget")
    hub.age()
    hub.sync()
    assert str(waiting) in hub.links()
