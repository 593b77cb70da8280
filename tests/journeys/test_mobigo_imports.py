"""Customers, articles and price lists from Fortnox to Mobigo: rows MOB-01 to MOB-03, MOB-10, MOB-11 and MOB-20 to MOB-25."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from mobigo_hub import MobigoHub


def load_prices(hub: MobigoHub) -> None:
    """Give Fortnox a second price list, and prices with steps in both."""
    hub.fortnox.company.load("pricelists", [{"Code": "B", "Description": "Återförsäljare"}])
    hub.fortnox.company.load(
        "prices",
        [
            {"PriceList": "A", "ArticleNumber": "200", "FromQuantity": 0, "Price": 12.5},
            {"PriceList": "A", "ArticleNumber": "200", "FromQuantity": 10, "Price": 11},
            {"PriceList": "B", "ArticleNumber": "200", "FromQuantity": 0, "Price": 9.75},
        ],
    )


def test_customers_are_made_in_mobigo_with_their_data_and_the_run_ends_with_a_count(mobigo_hub: MobigoHub) -> None:
    """MOB-01, MOB-20, MOB-21: one run by hand; when it ends the customers are there, and it says how many."""
    hub = mobigo_hub
    hub.edit("customers", "1042", OrganisationNumber="556016-0680", Phone1="08-465 004 10", Address1="Box 12", City="Växjö")
    result = hub.sync("customers")
    assert (result["status"], result["counts"]["created"]) == ("done", 2)
    made = hub.mobigo.get("Customers", "1042")
    assert (made["name"], made["organisationNumber"], made["phone"]) == ("Alm Fastigheter AB", "556016-0680", "08-465 004 10")
    assert (made["address"]["street"], made["address"]["city"]) == ("Box 12", "Växjö")


def test_customer_that_mobigo_has_is_changed_by_its_number_and_nothing_is_deleted(mobigo_hub: MobigoHub) -> None:
    """MOB-01: matched by customer number; what only Mobigo has stays, and an inactive one is not made."""
    hub = mobigo_hub
    hub.mobigo.load("Customers", [{"number": "1042", "name": "ALM", "category": "Nord"}, {"number": "M-9", "name": "Egen"}])
    hub.fortnox.company.load("customers", [{"CustomerNumber": "9", "Name": "Gamla AB", "Active": False}])
    result = hub.sync("customers")
    known = hub.mobigo.get("Customers", "1042")
    assert (known["name"], known["category"], known["yourReference"]) == ("Alm Fastigheter AB", "Nord", "Karin Ek")
    assert sorted(one["number"] for one in hub.mobigo.all("Customers")) == ["1042", "1043", "M-9"]
    assert hub.mobigo.get("Customers", "M-9")["name"] == "Egen"
    rules = {(item["left"] or item["right"], item["rule"]) for item in result["items"] if item["action"] == "skip"}
    assert ("9", "MOB-01") in rules
    assert not [write for write in hub.mobigo.writes() if write[0] == "DELETE"]


def test_customer_changed_in_fortnox_is_one_put_and_a_quiet_run_writes_nothing(mobigo_hub: MobigoHub) -> None:
    """MOB-01, MOB-11: Fortnox decides; a change made in Mobigo is put back, and Fortnox is never written."""
    hub = mobigo_hub
    hub.sync("customers")
    hub.clear()
    hub.sync("customers")
    assert hub.mobigo.writes() == []
    hub.edit("customers", "1042", Phone1="08-465 004 11")
    hub.mobigo.edit("Customers", "1043", name="Björks")
    hub.sync("customers")
    assert hub.mobigo.get("Customers", "1042")["phone"] == "08-465 004 11"
    assert hub.mobigo.get("Customers", "1043")["name"] == "Björk Bygg AB"
    assert {method for method, _, _ in hub.mobigo.writes()} == {"PUT"}
    assert hub.fortnox_writes() == []


def test_articles_come_with_all_price_lists_and_prices_in_one_run(mobigo_hub: MobigoHub) -> None:
    """MOB-02, MOB-03, MOB-24, MOB-25: code, name, price for each article and from-quantity; there is no run for lists alone."""
    from brygga.connectors import STREAMS

    hub = mobigo_hub
    load_prices(hub)
    result = hub.sync("articles")
    assert result["status"] == "done"
    article = hub.mobigo.get("Articles", "200")
    assert (article["name"], article["unit"], article["purchasePrice"]) == ("Packning", "st", Decimal(4))
    lists = {one["code"]: one["name"] for one in hub.mobigo.all("PriceLists")}
    assert lists["B"] == "Återförsäljare"
    prices = {(one["priceListCode"], one["articleNumber"], one["fromQuantity"]): one["price"] for one in hub.mobigo.all("Prices")}
    assert prices["A", "200", 0] == Decimal("12.5")
    assert prices["A", "200", 10] == Decimal(11)
    assert prices["B", "200", 0] == Decimal("9.75")
    assert "price_lists" not in STREAMS["mobigo"]
    kinds = {item["kind"] for item in result["items"] if item["action"] == "create"}
    assert kinds == {"article", "price_list", "price"}


def test_price_changed_in_fortnox_is_changed_in_mobigo_and_nothing_else(mobigo_hub: MobigoHub) -> None:
    """MOB-02, MOB-03: update by list, article and quantity; the lists cost one call for each 500 prices."""
    hub = mobigo_hub
    load_prices(hub)
    hub.sync("articles")
    hub.clear()
    with hub.fortnox.lock:
        table = hub.fortnox.company.table("prices")
        key = next(key for key in table.records if key[:2] == ("B", "200"))
        hub.fortnox.company.put("prices", key, {**table.records[key], "Price": Decimal("8.5")})
        hub.fortnox.company.commit()
    hub.sync("articles")
    assert [(method, path.split("/")[3]) for method, path, _ in hub.mobigo.writes()] == [("PUT", "Prices")]
    assert [seen.path for seen in hub.fortnox.requests].count("/3/prices") == 1
    assert hub.fortnox_writes() == []


def test_price_of_an_inactive_article_stays_in_fortnox(mobigo_hub: MobigoHub) -> None:
    """MOB-02, MOB-03: an inactive article is not made, so neither are its prices; nothing fails for it."""
    hub = mobigo_hub
    load_prices(hub)
    hub.fortnox.company.load("articles", [{"ArticleNumber": "900", "Description": "Utgått", "Active": False}])
    hub.fortnox.company.load("prices", [{"PriceList": "B", "ArticleNumber": "900", "FromQuantity": 0, "Price": 1}])
    result = hub.sync("articles")
    assert result["counts"]["failed"] == 0
    assert "900" not in {one["number"] for one in hub.mobigo.all("Articles")}
    assert "900" not in {one["articleNumber"] for one in hub.mobigo.all("Prices")}


@pytest.mark.parametrize(
    ("stream", "settings", "said"),
    [
        ("customers", {"registers": []}, "registers (Kryssa i Kunder / Artiklar)"),
        ("articles", {"registers": []}, "registers (Kryssa i Kunder / Artiklar)"),
        ("articles", {"registers": ["customers"]}, "articles are not imported"),
        ("assignments", {"document": ""}, "document (Exportera uppdrag till order eller faktura)"),
    ],
)
def test_what_is_not_configured_refuses_and_says_what_is_missing(
    mobigo_hub: MobigoHub, stream: str, settings: dict[str, Any], said: str
) -> None:
    """MOB-10, MOB-22: nothing runs before its register is ticked or its document is chosen; nothing is written."""
    hub = mobigo_hub
    hub.declare(**settings)
    result = hub.sync(stream)
    assert result["status"] == "failed"
    assert said in result["message"]
    assert hub.mobigo.writes() == []
    assert hub.fortnox_writes() == []


def test_check_names_what_is_not_configured_and_what_may_not_be_written(mobigo_hub: MobigoHub) -> None:
    """MOB-10: the preflight says it before a run does."""
    from brygga_sandbox.mobigo import Application

    hub = mobigo_hub
    assert {row["level"] for row in hub.check()} <= {"ok", "warning"}
    assert any("Restid" in row["text"] for row in hub.check())
    hub.declare(registers=[], document="")
    assert {row["subject"] for row in hub.check() if row["level"] == "warning"} == {"registers", "document"}
    hub.declare(registers=["articles"], document="order")
    hub.mobigo.sign_in.applications["brygga"] = Application(hub.mobigo.secret, frozenset({"Articles"}), exports=False)
    assert {row["subject"] for row in hub.check() if row["level"] == "error"} == {"PriceLists", "Prices", "ExportResult"}


def test_connection_without_an_address_refuses_and_says_that_it_is_missing(mobigo_hub: MobigoHub) -> None:
    """MOB-10: Mobigo has no address that would do for everybody."""
    from brygga.store.models import Connection

    hub = mobigo_hub
    Connection.objects.filter(system="mobigo").update(base_url="")
    result = hub.sync("customers")
    assert (result["status"], "address of its own" in result["message"]) == ("failed", True)
    assert [("base_url" in row["repair"], row["level"]) for row in hub.check()] == [(True, "error")]


def test_only_the_ticked_register_is_imported(mobigo_hub: MobigoHub) -> None:
    """MOB-22: with customers ticked alone, no article comes."""
    hub = mobigo_hub
    hub.declare(registers=["customers"])
    hub.sync("customers")
    hub.sync("articles")
    assert hub.mobigo.all("Articles") == []
    assert len(hub.mobigo.all("Customers")) == 2


def test_price_that_mobigo_refuses_is_a_problem_of_the_articles(mobigo_hub: MobigoHub) -> None:
    """MOB-25: the parts of a run show what waits with the run that they belong to, and retrying it is enough."""
    hub = mobigo_hub
    load_prices(hub)
    hub.mobigo.faults.arm("error_before", method="POST", path=".*/Prices/Batch", status=400)
    hub.sync("articles")
    failed = hub.problems("articles", "failed")
    assert {problem["address"] for problem in failed} == {"acme/mobigo.articles"}
    assert "fortnox:B|200|0" in {problem["record"] for problem in failed}
    for problem in failed:
        hub.retry(problem)
    hub.sync("articles")
    assert hub.problems("articles", "failed") == []
    assert len(hub.mobigo.all("Prices")) >= 3


def test_large_first_import_says_that_a_file_is_the_better_source(mobigo_hub: MobigoHub) -> None:
    """MOB-23: above the threshold the run says so, and goes on."""
    hub = mobigo_hub
    hub.declare(propose_file_from=3)
    result = hub.sync("articles")
    assert "a file (CSV or Excel) is faster" in result["message"]
    assert len(hub.mobigo.all("Articles")) == 3
    assert hub.sync("articles")["message"] is None


def test_schedule_of_ours_runs_the_import_without_a_person(mobigo_hub: MobigoHub) -> None:
    """MOB-20, MOB-24: by hand unless somebody gives it a schedule."""
    from brygga.store.models import StreamState

    hub = mobigo_hub
    modes = {state.name: state.schedule["mode"] for state in StreamState.objects.filter(integration=hub.integration())}
    assert modes == {"customers": "manual", "articles": "manual", "assignments": "manual"}
    assert hub.sync("customers", trigger="clock")["counts"]["created"] == 2


def test_lost_answer_of_a_batch_makes_no_article_twice(mobigo_hub: MobigoHub) -> None:
    """MOB-02: after a lost answer the articles are looked for by number."""
    hub = mobigo_hub
    hub.mobigo.faults.arm("lost_answer", method="POST", path=".*/Articles/Batch")
    hub.sync("articles")
    hub.sync("articles")
    assert sorted(one["number"] for one in hub.mobigo.all("Articles")) == ["100", "200", "201"]
    assert len([path for _, path, _ in hub.mobigo.writes() if path.endswith("Articles/Batch")]) == 1
