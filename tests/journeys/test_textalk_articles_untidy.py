"""Articles between the shop and Fortnox on untidy registers: absent is not zero, a rate is carried, helpers are no goods (TXT-17 to TXT-20)."""

from __future__ import annotations

from typing import Any

import pytest

from textalk_hub import MUG, TextalkHub


def imported(hub: TextalkHub) -> dict[str, dict[str, Any]]:
    """Run the import and return the shop's articles by number."""
    hub.declare(import_articles=True)
    hub.sync("article_import")
    return {article["articleNumber"]: article for article in hub.shop.all("Article")}


def texts(hub: TextalkHub, stream: str) -> list[str]:
    return sorted(problem["text"] for problem in hub.problems(stream, "hold", "failed", "question", "conflict"))


def test_u14_imported_article_carries_its_rate_and_its_price_with_that_vat(textalk_hub: TextalkHub) -> None:
    """U14: 6 percent, 100 without VAT."""
    hub = textalk_hub
    hub.fortnox.company.load(
        "articles",
        [
            {"ArticleNumber": "BOK", "Description": "Bok", "SalesAccount": 3003, "VAT": 6, "SalesPrice": 100},
            {"ArticleNumber": "MAT", "Description": "Middag", "SalesAccount": 3002, "VAT": 12, "SalesPrice": 100},
            {"ArticleNumber": "FRI", "Description": "Kurs", "SalesAccount": 3004, "VAT": 0, "SalesPrice": 100},
        ],
    )
    shop = imported(hub)
    told = {number: (shop[number]["price"]["regular"]["SEK"], shop[number]["vatRate"]) for number in ("BOK", "MAT", "FRI")}
    assert told == {"BOK": (106.0, 0.06), "MAT": (112.0, 0.12), "FRI": (100.0, 0)}
    hub.clear()
    hub.age()
    hub.sync("article_import")
    assert hub.shop.writes() == []


def test_changed_rate_in_fortnox_keeps_the_price_without_vat(textalk_hub: TextalkHub) -> None:
    """U14: food went from 12 to 6 percent; 112 with VAT became 106, not a price of 105.66 without."""
    hub = textalk_hub
    hub.fortnox.company.load(
        "articles", [{"ArticleNumber": "OST", "Description": "Ost", "SalesAccount": 3002, "VAT": 12, "SalesPrice": 100}]
    )
    imported(hub)
    hub.age()
    hub.edit("articles", "OST", VAT=6, SalesAccount=3003)
    cheese = imported(hub)["OST"]
    assert (cheese["vatRate"], cheese["price"]["regular"]["SEK"]) == (0.06, 106.0)


def test_u15_article_without_a_price_in_fortnox_leaves_the_shops_price_and_rate_alone(textalk_hub: TextalkHub) -> None:
    """U15: 30 of 30 shop prices became 0.00."""
    hub = textalk_hub
    numbers = [f"P{n:02}" for n in range(30)]
    hub.fortnox.company.load("articles", [{"ArticleNumber": number, "Description": f"Vara {number}"} for number in numbers])
    hub.shop.load(
        "Article",
        [
            {
                "articleNumber": number,
                "name": {"sv": f"Vara {number}" if number != "P07" else "Gammal vara"},
                "price": {"regular": {"SEK": 119}},
            }
            for number in numbers
        ],
    )
    shop = imported(hub)
    assert {shop[number]["price"]["regular"]["SEK"] for number in numbers} == {119}
    assert shop["P07"]["name"] == {"sv": "Vara P07"}


def test_entry_of_zero_that_fortnox_makes_for_every_article_is_no_price(textalk_hub: TextalkHub) -> None:
    """U15's sibling: the preselected list holds 0 for what nobody priced (Fortnox API, 9.3)."""
    hub = textalk_hub
    hub.fortnox.company.load("articles", [{"ArticleNumber": "NOLL", "Description": "Noll", "SalesPrice": 0}])
    hub.shop.load("Article", [{"articleNumber": "NOLL", "name": {"sv": "Noll"}, "price": {"regular": {"SEK": 119}}}])
    assert imported(hub)["NOLL"]["price"]["regular"]["SEK"] == 119


@pytest.mark.performs(
    "Give article {number} a price in Fortnox, or make it inactive there if it is not to be sold.",
)
def test_new_article_without_a_price_is_not_put_up_for_sale_and_helpers_never_are(textalk_hub: TextalkHub) -> None:
    """Kind 8: Rabatt, Frakt and the like stood in the shop at 0 kronor."""
    hub = textalk_hub
    hub.price("MUGG-1", 80)
    hub.price("Frakt", 49)
    hub.fortnox.company.load("articles", [{"ArticleNumber": "KORT-500", "Description": "Presentkort", "SalesAccount": 2421}])
    shop = imported(hub)
    assert set(shop) == {"MUGG-1"}
    waiting = texts(hub, "article_import")
    assert any("Article KORT-500, Presentkort, has no price in Fortnox" in text for text in waiting)
    assert not any("Rabatt" in text or "Frakt" in text for text in waiting)
    for number in ("KORT-500", "A", "B", "C", "BOOK", "CD"):
        hub.price(number, 500)
    hub.age()
    assert imported(hub)["KORT-500"]["price"]["regular"]["SEK"] == 500


@pytest.mark.performs(
    "Give article {number} a price in Fortnox again, or hide it in the shop if it is not to be sold.",
)
def test_price_that_was_taken_away_in_fortnox_is_told_and_the_shops_stays(textalk_hub: TextalkHub) -> None:
    """Kind 13: it went unnoticed."""
    hub = textalk_hub
    hub.price("MUGG-1", 80)
    assert imported(hub)["MUGG-1"]["price"]["regular"]["SEK"] == 100
    hub.age()
    hub.price("MUGG-1", None)
    assert imported(hub)["MUGG-1"]["price"]["regular"]["SEK"] == 100
    [text] = [text for text in texts(hub, "article_import") if "MUGG-1" in text]
    assert "80" in text
    assert "taken away in Fortnox" in text
    hub.age()
    hub.price("MUGG-1", 90)
    assert imported(hub)["MUGG-1"]["price"]["regular"]["SEK"] == 112.5
    assert not [text for text in texts(hub, "article_import") if "MUGG-1" in text]


@pytest.mark.parametrize(("rate", "account", "vat"), [(0.25, 3001, 25), (0.12, 3002, 12), (0.06, 3003, 6), (0, 3004, 0)])
def test_exported_article_carries_its_rate_and_the_account_of_it(
    textalk_hub: TextalkHub, rate: float, account: int, vat: int
) -> None:
    """U14, the other way: a rate that was not carried became 25 percent."""
    hub = textalk_hub
    hub.declare(export_articles=True)
    hub.shop.load("Article", [{"articleNumber": "X-1", "name": {"sv": "Vara"}, "vatRate": rate}])
    hub.sync("article_export")
    made = hub.act_get("/3/articles/X-1")["Article"]
    assert (made["VAT"], made["SalesAccount"]) == (vat, account)


@pytest.mark.performs(
    "Give it a Swedish VAT rate in the shop, or make article {number} by hand in Fortnox.",
    "Give it a number of letters, digits and _ - / + in the shop.",
)
def test_article_with_a_rate_that_fortnox_does_not_have_is_not_exported_as_another(textalk_hub: TextalkHub) -> None:
    hub = textalk_hub
    hub.declare(export_articles=True)
    spaced = {"articleNumber": "A 1", "name": {"sv": "Vara med mellanslag"}, "vatRate": 0.25}
    hub.shop.load("Article", [{"articleNumber": "DE-1", "name": {"sv": "Tysk vara"}, "vatRate": 0.19}, spaced])
    hub.sync("article_export")
    assert "DE-1" not in [one["ArticleNumber"] for one in hub.records("articles")]
    said = ["Article DE-1, Tysk vara, has the VAT rate “19” in the shop", "“A 1” (Vara med mellanslag)"]
    assert [any(word in text for text in texts(hub, "article_export")) for word in said] == [True, True]
    german, spaced = (
        next(one["uid"] for one in hub.shop.all("Article") if one["articleNumber"] == number) for number in ("DE-1", "A 1")
    )
    hub.shop.change("Article", german, vatRate=0.25)
    hub.shop.change("Article", spaced, articleNumber="A-1")
    hub.sync("article_export")
    assert {"DE-1", "A-1"} <= {one["ArticleNumber"] for one in hub.records("articles")}
    assert texts(hub, "article_export") == []


@pytest.mark.performs(
    "Correct the VAT in the shop, or the sales account of article {number} in Fortnox.",
)
def test_article_with_another_rate_in_fortnox_is_told_and_keeps_its_account(textalk_hub: TextalkHub) -> None:
    hub = textalk_hub
    hub.declare(export_articles=True)
    hub.shop.load("Article", [{"articleNumber": "MUGG-1", "name": {"sv": "Mugg"}, "vatRate": 0.06}])
    hub.sync("article_export")
    assert hub.act_get("/3/articles/MUGG-1")["Article"]["SalesAccount"] == 3001
    hub.age()
    hub.sync("article_export")
    assert ["has 6 percent VAT in the shop and 25 in Fortnox" in text for text in texts(hub, "article_export")] == [True]
    hub.shop.change(
        "Article", next(one["uid"] for one in hub.shop.all("Article") if one["articleNumber"] == "MUGG-1"), vatRate=0.25
    )
    hub.age()
    hub.sync("article_export")
    assert texts(hub, "article_export") == []


def test_article_that_an_order_has_made_carries_the_rate_and_account_it_is_sold_at(textalk_hub: TextalkHub) -> None:
    """D10: “Skapa artiklar som saknas”; one sold without VAT is left to a person, who knows why."""
    hub = textalk_hub
    hub.declare(create_needed_articles=True)
    order = hub.order(items=[{"articleNumber": "BOK-9", "name": "Bok", "incVat": 106, "vatRate": 0.06}])
    free = hub.order(items=[{"articleNumber": "FRI-9", "name": "Kurs", "incVat": 100, "vatRate": 0}, MUG])
    hub.sync()
    made = hub.act_get("/3/articles/BOK-9")["Article"]
    assert (made["VAT"], made["SalesAccount"], hub.number(order)) == (6, 3003, "1")
    assert (hub.number(free), "FRI-9" in [one["ArticleNumber"] for one in hub.records("articles")]) == ("", False)
    assert any("article FRI-9 (Kurs) is not in Fortnox" in text for text in texts(hub, "buyers"))
