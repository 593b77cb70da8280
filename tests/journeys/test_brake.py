"""The brake: creations go, an overwriting of what is there stops, a stop is a problem that everybody sees, and its repair lets it go."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from brygga.clients.limits import Unlimited
from hub import Hub, organisation
from people import client
from textalk_hub import TextalkHub
from upsales_hub import UpsalesHub


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """No limit on our side: these walks are about counts."""
    monkeypatch.setattr("brygga.sync.open.Permits", lambda budget, **window: Unlimited())


@pytest.fixture
def crm(hub: Hub) -> Hub:
    hub.fortnox.limiter.enabled = False
    return hub


def organisations(hub: Hub, first: int, count: int) -> None:
    hub.webcrm.load("Organisation", [organisation(OrganisationName=f"Firma {n} AB") for n in range(first, first + count)])


def call(hub: Hub) -> None:
    """Change the telephone of every linked organisation, as a mass edit in webCRM would."""
    hub.age()
    for id in hub.links():
        hub.webcrm.organisation(int(id)).update(Telefon=f"0470-{id}")


def brygga(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    """Write a command; return its exit status and what it printed."""
    from brygga.cli import main, say

    monkeypatch.setattr(sys, "argv", ["brygga", *words])
    monkeypatch.setattr(say.out, "_file", sys.stdout, raising=False)
    capsys.readouterr()
    try:
        main.main()
    except SystemExit as ended:
        return int(ended.code or 0), capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_ten_new_customers_beside_twenty_five_linked_ones_all_come(upsales_hub: UpsalesHub) -> None:
    """U28."""
    hub = upsales_hub
    hub.declare()
    hub.fortnox.limiter.enabled = False
    numbered = [{"CustomerNumber": str(100 + n), "Name": f"Kund {n} AB"} for n in range(35)]
    hub.fortnox.company.load("customers", numbered[:25])
    hub.sync("customers")
    assert len(hub.links("customers")) == 25
    hub.age()
    hub.fortnox.company.load("customers", numbered[25:])
    assert hub.sync("customers")["status"] == "done"
    assert len(hub.links("customers")) == 35
    assert hub.problems("customers") == []


def test_a_batch_of_forty_invoices_beside_twenty_five_goes(textalk_hub: TextalkHub) -> None:
    hub = textalk_hub
    hub.fortnox.limiter.enabled = False
    for _ in range(25):
        hub.order(payment="Faktura")
    hub.sync()
    for _ in range(40):
        hub.order(payment="Faktura")
    assert hub.sync()["status"] == "done"
    assert len(hub.records("invoices")) == 65


def test_a_first_import_that_was_killed_goes_on_by_itself(crm: Hub) -> None:
    """100 records linked, 60 new: the cursor moves last, so what a killed run leaves is links without one."""
    from brygga.store.models import Cursor

    organisations(crm, 0, 100)
    crm.sync()
    Cursor.objects.all().delete()
    organisations(crm, 100, 60)
    crm.age()
    result = crm.sync()
    assert (result["status"], result["counts"]["created"]) == ("done", 60)
    assert len(crm.customers()) == 160


def test_a_stop_is_seen_everywhere_and_its_repair_lets_it_go(
    crm: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """40 % of what is linked would change: problems, status, pages, API, notice, exit status; then once, and no more than was seen."""
    from datetime import UTC, datetime

    from brygga.notify import alarms
    from brygga.store.models import Alarm

    organisations(crm, 0, 50)
    crm.sync()
    crm.age()
    for id in sorted(crm.links(), key=int)[:20]:
        crm.webcrm.organisation(int(id)).update(Telefon=f"0470-{id}")
    crm.clear()
    status, said = brygga(capsys, monkeypatch, "sync", "acme/webcrm.customers")
    assert (status, crm.fortnox_writes()) == (4, [])
    assert "20 of 50 linked records (40 %) would change in Fortnox; the limit is 30 %." in " ".join(said.split())
    [problem] = crm.problems()
    assert (problem["sort"], problem["record"], [one["name"] for one in problem["repairs"]]) == (
        "hold",
        "acme/webcrm.customers",
        ["go"],
    )
    assert "brygga repair NUMBER --do go" in problem["repair"]
    _, said = brygga(capsys, monkeypatch, "status", "--json")
    [row] = [row for row in json.loads(said) if row["address"] == "acme/webcrm.customers"]
    assert (row["held"], "20 of 50" in row["stopped"]) == (1, True)
    owner = client("owner")
    for address in ("/c/acme/problems/", f"/c/acme/problems/{problem['id']}/", "/c/acme/webcrm/"):
        assert "20 of 50 linked records" in owner.get(address).content.decode(), address
    alarms.look(datetime.now(UTC))
    assert Alarm.objects.filter(sort="brake", closed_at=None).count() == 1
    assert brygga(capsys, monkeypatch, "skip", str(problem["id"]), "--reason", "nej")[0] == 2
    assert brygga(capsys, monkeypatch, "retry", str(problem["id"]))[0] == 0
    assert crm.sync()["status"] == "stopped"
    assert brygga(capsys, monkeypatch, "repair", str(problem["id"]), "--do", "go")[0] == 0
    # A mass edit that grew since it was looked at is another one.
    last = sorted(crm.links(), key=int)[-1]
    crm.webcrm.organisation(int(last)).update(Telefon="0470-99")
    assert crm.sync()["status"] == "stopped"
    answer = owner.post(f"/c/acme/problems/{problem['id']}/", {"repair": "go", "step": "do"})
    assert answer.status_code == 302
    result = crm.sync()
    assert (result["status"], result["counts"]["updated"]) == ("done", 21)
    assert (crm.problems(), brygga(capsys, monkeypatch, "problems")[0]) == ([], 0)
    alarms.look(datetime.now(UTC))
    assert not Alarm.objects.filter(sort="brake", closed_at=None).exists()
    call(crm)
    assert crm.sync()["status"] == "stopped"


@pytest.mark.performs(
    "Look at the plan. If it is right, let it go once (the button under Problems, or brygga repair NUMBER --do go), or raise “{term}” in the settings.",
)
def test_an_import_that_would_overwrite_all_prices_of_the_shop_stops_in_its_first_run(textalk_hub: TextalkHub) -> None:
    """30 of 30 prices of the shop are others than Fortnox': nothing was linked before, and yet all of it would change."""
    from brygga.store.models import Problem
    from brygga.sync import repair

    hub = textalk_hub
    hub.fortnox.limiter.enabled = False
    numbers = [f"V-{n}" for n in range(30)]
    hub.fortnox.company.load("articles", [{"ArticleNumber": n, "Description": "Vara"} for n in numbers])
    prices_of_a = [{"PriceList": "A", "ArticleNumber": n, "FromQuantity": 0, "Price": 80} for n in numbers]
    hub.fortnox.company.load("prices", prices_of_a)
    hub.shop.load("Article", [{"articleNumber": n, "name": {"sv": "Vara"}, "price": {"regular": {"SEK": 125}}} for n in numbers])
    prices = {article["articleNumber"]: article["price"] for article in hub.shop.all("Article")}
    hub.declare(import_articles=True)
    # What the lists show is linked; the articles themselves are read, and would be written, by the run after.
    hub.sync("article_import")
    hub.age()
    result = hub.sync("article_import")
    assert (result["status"], "would change in Textalk Webshop" in result["message"]) == ("stopped", True)
    kept = {article["articleNumber"]: article["price"] for article in hub.shop.all("Article")}
    assert {number: kept[number] for number in numbers} == prices
    [problem] = hub.problems("article_import")
    repair.ask(Problem.objects.get(pk=problem["id"]), "go", {}, "anna")
    assert hub.sync("article_import")["counts"]["updated"] == 30, "articles of Fortnox that have no price wait beside them"
    now = {article["articleNumber"]: article["price"] for article in hub.shop.all("Article")}
    assert all(now[number] != prices[number] for number in numbers)


def test_filling_what_was_empty_is_what_a_first_sync_is_for(crm: Hub) -> None:
    numbers = [{"CustomerNumber": str(n), "Name": f"Firma {n} AB", "OrganisationNumber": f"55{n:04}"} for n in range(30)]
    crm.fortnox.company.load("customers", [{**one, "OrganisationNumber": ""} for one in numbers])
    crm.webcrm.load("Organisation", [organisation(OrganisationName=f"Firma {n} AB", Telefon=f"0470-{n}") for n in range(30)])
    assert crm.sync()["status"] in ("done", "partial")


def test_more_new_records_than_the_limit_stop_and_the_limit_is_raised_on_the_settings_page(crm: Hub) -> None:
    crm.declare(brake_creations=30)
    organisations(crm, 0, 40)
    crm.clear()
    result = crm.sync()
    assert result["status"] == "stopped"
    assert "40 records would be made in Fortnox in one run; the limit is 30." in result["message"]
    assert crm.fortnox_writes() == []
    assert "40 records" in crm.plan()["brake"]
    page = client("owner").get("/c/acme/settings/webcrm/", headers={"accept-language": "sv"}).content.decode()
    assert "Broms, nya poster" in page
    crm.declare(brake_creations=40)
    assert crm.sync()["counts"]["created"] == 40


def test_a_first_sync_that_was_forecast_and_approved_is_not_counted_also_when_it_was_killed(crm: Hub) -> None:
    from brygga.store.models import Cursor, Integration, PlanRow
    from brygga.sync.approve import Choice, approve
    from brygga.sync.start import begin_run, execute, make_plan

    crm.declare(brake_creations=10)
    organisations(crm, 0, 40)
    integration = Integration.objects.select_related("company").get(company__slug="acme")
    plan = make_plan(integration, "customers", who="anna", save=True)
    approve(PlanRow.objects.get(pk=plan["plan"]), Choice(), "anna")
    assert execute(begin_run(integration, "customers", trigger="person", plan_id=plan["plan"]).pk).status == "done"
    Cursor.objects.all().delete()
    organisations(crm, 40, 20)
    crm.age()
    assert crm.sync()["counts"]["created"] == 20
    # It has ended once: from now on the limit holds.
    organisations(crm, 60, 20)
    crm.age()
    assert crm.sync()["status"] == "stopped"


def test_documents_worth_more_than_the_limit_stop(textalk_hub: TextalkHub) -> None:
    hub = textalk_hub
    hub.fortnox.limiter.enabled = False
    hub.declare(brake_kronor=1_000)
    for _ in range(6):
        hub.order(payment="Faktura")
    result = hub.sync()
    assert result["status"] == "stopped"
    assert "kronor would be made in Fortnox in one run; the limit is 1000 kronor." in result["message"]
    assert hub.records("invoices") == []
    hub.declare(brake_kronor=100_000)
    assert hub.sync()["status"] == "done"
    assert len(hub.records("invoices")) == 6


@pytest.mark.parametrize("wrong", [{"brake_creations": 0}, {"brake_kronor": "mycket"}, {"brake_creations": True}])
def test_a_limit_that_is_none_is_refused_with_its_place(crm: Hub, wrong: dict[str, Any]) -> None:
    from brygga.errors import SettingsError

    with pytest.raises(SettingsError, match="Broms, "):
        crm.declare(**wrong)
