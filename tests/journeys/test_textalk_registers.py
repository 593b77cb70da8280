"""Connecting the shop, and articles and customers one way at a time: rows TXT-01 to TXT-05 and TXT-17 to TXT-23, ruling D4."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from textalk_hub import LIV, TextalkHub

ARTICLE = {"articleNumber": "KANNA-1", "name": {"sv": "Kanna"}, "unit": "st", "price": {"regular": {"SEK": 250}}}


def owner(hub: TextalkHub, role: str = "owner") -> Any:
    """Return a browser that somebody of the company has signed in to."""
    from django.contrib.auth.models import User
    from django.test import Client

    from brygga.store.models import Company, Membership

    user, _ = User.objects.get_or_create(username=role)
    Membership.objects.get_or_create(user=user, company=Company.objects.get(slug="acme"), role=role)
    found = Client(headers={"accept-language": "en"})
    found.force_login(user)
    return found


def test_missing_licence_is_said_as_such(textalk_hub: TextalkHub) -> None:
    """TXT-01: not as a failed sign-in."""
    hub = textalk_hub
    hub.fortnox.company.integration_licences = {"another-integration"}
    rows = [row for row in hub.check() if "fortnox" in row["connection"]]
    assert [(row["level"], "no integration licence" in row["text"]) for row in rows] == [("error", True)]
    assert "licence" in str(rows[0]["repair"])
    assert hub.health("fortnox") == "licence"
    shown = owner(hub).get("/c/acme/connections/").content.decode()
    assert "no integration licence" in shown
    assert 'class="tag licence"' in shown
    # An order waits meanwhile, and nothing of the shop is asked for again and again.
    order = hub.order()
    assert hub.sync()["status"] == "failed"
    hub.fortnox.company.integration_licences = None
    assert (hub.check()[0]["level"], hub.health("fortnox")) == ("ok", "ok")
    hub.sync()
    assert hub.number(order) == "1"


def test_preflight_names_the_connected_company_and_the_shop(textalk_hub: TextalkHub) -> None:
    """TXT-02, TXT-05: name and organisation number of both, in the check and from then on on the page of connections."""
    hub = textalk_hub
    told = hub.act_get("/3/companyinformation")["CompanyInformation"]
    rows = hub.check()
    company = next(row["text"] for row in rows if row["subject"] == "company")
    shop = next(row["text"] for row in rows if row["subject"] == "sign-in" and "textalk" in row["connection"])
    assert company.startswith(f"Connected to {told['CompanyName']}, {told['OrganizationNumber']} ")
    assert ("Fjordens Porslin" in shop, "556016-0680" in shop, hub.records("customers")) == (True, True, [])
    shown = owner(hub).get("/c/acme/connections/").content.decode()
    assert f"<strong>{told['CompanyName']}, {told['OrganizationNumber']}</strong>" in shown
    assert "<strong>Fjordens Porslin, 556016-0680</strong>" in shown


def test_token_that_does_not_hold_is_asked_for_again(textalk_hub: TextalkHub) -> None:
    """TXT-03, TXT-04: without the link nothing runs, and the repair says what to paste."""
    hub = textalk_hub
    hub.check()
    hub.shop.faults.arm("revoke_tokens")
    [row] = [row for row in hub.check() if "textalk" in row["connection"]]
    assert (row["level"], "webshop:token" in row["repair"], row["exit_status"]) == ("error", True, 3)
    hub.order()
    assert hub.sync()["status"] != "done"
    assert hub.fortnox_writes() == []


@pytest.mark.parametrize(
    ("one", "other", "rule"), [("export_articles", "import_articles", "TXT-18"), ("export_customers", "import_customers", "TXT-22")]
)
def test_opposite_directions_are_refused_together_with_the_reason(textalk_hub: TextalkHub, one: str, other: str, rule: str) -> None:
    """TXT-18, TXT-22: when saving; what was saved before stays."""
    from brygga.connectors import read_settings
    from brygga.errors import SettingsError

    with pytest.raises(SettingsError) as refused:
        read_settings("textalk", {one: True, other: True})
    assert refused.value.rule == rule
    with pytest.raises(SettingsError, match=r"acme.toml, line \d+.* would go round between the shop and Fortnox"):
        textalk_hub.declare(**{one: True, other: True})
    textalk_hub.declare(**{one: True, other: False})


WORDS = {
    "sv": [
        *("Typ av resurs i Fortnox", "Exportera order", "Exportera artikel vid tillägg/ändring", "Artikelimport"),
        *("Exportera kundlista", "Importera kund", "uppdatera med detsamma", "kontantfaktura", "varor 25 %"),
    ],
    "nb": [
        *("Type ressurs i Fortnox", "Eksporter bestilling", "Eksporter artikkel ved tillegg/endring", "Artikkelimport"),
        *("Eksporter kundeliste", "Importer kunde", "oppdater med det samme", "vare 25 %", "tjeneste 12 %"),
    ],
}


@pytest.mark.parametrize("language", ["sv", "nb"])
def test_settings_page_has_the_seeds_own_words(textalk_hub: TextalkHub, language: str) -> None:
    """TXT-08, TXT-12, TXT-14, TXT-15, TXT-17, TXT-19, TXT-21, TXT-23: in Swedish and in Norwegian."""
    shown = owner(textalk_hub).get("/c/acme/settings/textalk/", headers={"accept-language": language}).content.decode()
    for word in WORDS[language]:
        assert word in shown, word


def test_article_goes_to_fortnox_when_it_is_added_and_when_it_is_changed(textalk_hub: TextalkHub) -> None:
    """TXT-17: made or updated by article number."""
    hub = textalk_hub
    hub.declare(export_articles=True)
    hub.fortnox.company.load("articles", [{"ArticleNumber": "FAT-1", "Description": "Fat"}])
    [uid] = hub.shop.load("Article", [ARTICLE])
    hub.shop.load(
        "Article", [{"articleNumber": "FAT-1", "name": {"sv": "Fat, stort"}}, {"articleNumber": "FAT 2", "name": {"sv": "Fat"}}]
    )
    hub.sync("article_export")
    named = {article["ArticleNumber"]: article["Description"] for article in hub.records("articles")}
    assert (named["KANNA-1"], named["FAT-1"], "FAT 2" in named) == ("Kanna", "Fat, stort", False)
    [problem] = hub.problems("article_export", "hold")
    assert (problem["rule"], "“FAT 2”" in problem["text"]) == ("TXT-17", True)
    hub.shop.change("Article", uid, name={"sv": "Kanna, blå"})
    hub.sync("article_export")
    assert {a["ArticleNumber"]: a["Description"] for a in hub.records("articles")}["KANNA-1"] == "Kanna, blå"
    assert [name for name, _ in hub.shop.writes()] == []


def test_articles_come_from_fortnox_at_ten_past_ten(textalk_hub: TextalkHub) -> None:
    """TXT-19, TXT-20: number, name, unit and price; once, though the run comes again."""
    hub = textalk_hub
    hub.declare(import_articles=True)
    hub.price("MUGG-1", 80)
    hub.sync("article_import")
    by_number = {article["articleNumber"]: article["name"] for article in hub.shop.all("Article")}
    assert by_number["MUGG-1"] == {"sv": "Mugg"}
    count = len(by_number)
    hub.age()
    hub.edit("articles", "MUGG-1", Description="Mugg, vit")
    hub.sync("article_import")
    after = {article["articleNumber"]: article["name"] for article in hub.shop.all("Article")}
    assert (len(after), after["MUGG-1"]) == (count, {"sv": "Mugg, vit"})
    assert all("/articles" not in path for _, path, _ in hub.fortnox_writes())


@pytest.mark.parametrize(
    ("first", "hours"),
    [(datetime(2027, 3, 27, 9, 10, tzinfo=UTC), [23, 24]), (datetime(2027, 10, 30, 8, 10, tzinfo=UTC), [25, 24])],
)
def test_import_at_ten_past_ten_holds_over_both_clock_changes(textalk_hub: TextalkHub, first: datetime, hours: list[int]) -> None:
    """TXT-20: the dispatcher asks for one run a day at 10:10 by Sweden's clocks, 23 hours after the last in spring, 25 in autumn."""
    from brygga.engine import dispatcher
    from brygga.store.models import Run, StreamState

    hub = textalk_hub
    hub.declare(import_articles=True)
    StreamState.objects.exclude(name="article_import").update(schedule={"mode": "off"}, next_left_at=None, next_right_at=None)
    at_ten = {"mode": "at", "at": "10:10"}
    StreamState.objects.filter(name="article_import").update(schedule=at_ten, next_left_at=None, next_right_at=None)
    Run.objects.all().delete()
    asked: list[datetime] = []
    moment, end = first - timedelta(hours=2), first + timedelta(days=2, hours=2)
    while moment < end:
        if dispatcher.dispatch(moment):
            asked.append(moment)
            Run.objects.update(status="done", ended_at=moment)
        moment += timedelta(minutes=5)
    expected = [first, first + timedelta(hours=hours[0]), first + timedelta(hours=sum(hours))]
    assert [one.replace(second=0) for one in asked] == expected
    assert {one.astimezone(ZoneInfo("Europe/Stockholm")).time() for one in asked} == {time(10, 10)}


def test_large_register_is_imported_with_few_reads_of_fortnox(textalk_hub: TextalkHub) -> None:
    """TXT-19: 500 articles a request there; the shop is asked once for each that is made."""
    hub = textalk_hub
    hub.declare(import_articles=True)
    priced = [{"ArticleNumber": f"N{n:05}", "Description": f"Vara {n}", "SalesPrice": 80 + n} for n in range(600)]
    hub.fortnox.company.load("articles", priced)
    there = len(priced)
    hub.clear()
    hub.sync("article_import")
    reads = [seen for seen in hub.fortnox.requests if seen.method == "GET" and seen.path == "/3/articles"]
    assert len(hub.shop.all("Article")) == there
    assert [name for name, _ in hub.shop.writes()] == ["Article.create"] * there
    assert len(reads) <= 4


def test_customer_list_goes_to_fortnox_new_and_changed(textalk_hub: TextalkHub) -> None:
    """TXT-21: the shop keeps the number; a change follows."""
    hub = textalk_hub
    hub.declare(export_customers=True)
    [uid] = hub.shop.load("Customer", [LIV])
    hub.sync("customer_export")
    [customer] = hub.records("customers")
    assert (customer["Name"], customer["City"]) == ("Liv Dahl", "Stockholm")
    assert hub.shop.get("Customer", uid)["custom"] == {"fortnoxCustomerNumber": customer["CustomerNumber"]}
    hub.shop.change("Customer", uid, address={"town": "Uppsala"})
    hub.sync("customer_export")
    assert [one["City"] for one in hub.records("customers")] == ["Uppsala"]


def test_customers_come_from_fortnox_new_and_changed(textalk_hub: TextalkHub) -> None:
    """TXT-23: companies and persons; Fortnox is not written to."""
    hub = textalk_hub
    hub.declare(import_customers=True)
    hub.fortnox.company.load(
        "customers",
        [
            {"CustomerNumber": "10", "Name": "Fjord AB", "Type": "COMPANY", "OrganisationNumber": "556016-0680", "City": "Umeå"},
            {"CustomerNumber": "11", "Name": "Anna Maria Ek", "Type": "PRIVATE", "Email": "anna@ek.example"},
        ],
    )
    hub.sync("customer_import")
    hub.age()
    hub.sync("customer_import")
    company, person = sorted(hub.shop.all("Customer"), key=lambda one: one["custom"]["fortnoxCustomerNumber"])
    assert (company["info"]["company"], company["info"]["orgNumber"], company["address"]["town"]) == (
        "Fjord AB",
        "556016-0680",
        "Umeå",
    )
    assert (person["info"]["email"], person["custom"]["fortnoxCustomerNumber"]) == ("anna@ek.example", "11")
    hub.edit("customers", "10", City="Luleå")
    hub.age()
    hub.sync("customer_import")
    assert "Luleå" in [one["address"]["town"] for one in hub.shop.all("Customer")]
    assert hub.fortnox_writes() == []


def test_import_of_customers_does_not_send_the_shops_own_to_fortnox_but_their_orders_do(textalk_hub: TextalkHub) -> None:
    """TXT-22: while the import is on, a customer of the shop reaches Fortnox with an order only."""
    hub = textalk_hub
    hub.declare(import_customers=True)
    [buyer, _] = hub.shop.load("Customer", [LIV, {**LIV, "info": {"email": "annan@dahl.example"}}])
    hub.sync()
    hub.sync("customer_import")
    assert hub.records("customers") == []
    order = hub.order(customer={"uid": buyer})
    hub.sync()
    assert [one["Email"] for one in hub.records("customers")] == ["liv@dahl.example"]
    assert hub.number(order) == "1"
