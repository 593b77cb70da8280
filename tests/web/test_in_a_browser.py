"""The pages as people see them: in a real browser, in three languages, on a phone, with a screen reader's rules."""

from __future__ import annotations

from typing import Any

import pytest

from browser import LOADED
from hub import Hub, organisation

PASSWORD = "en-ganska-lang-mening"


@pytest.fixture
def filled(hub: Hub) -> Hub:
    hub.webcrm.load("Organisation", [organisation(OrganisationExtraCustom2="556016-0680")])
    hub.fortnox.company.load(
        "customers",
        [
            {"CustomerNumber": "1042", "Name": "Acme Norr AB", "OrganisationNumber": "556036-0793"},
            {"CustomerNumber": "1077", "Name": "Acme Söder AB", "OrganisationNumber": "556036-0793"},
        ],
    )
    nameless = organisation(OrganisationName="")
    hub.webcrm.load("Organisation", [organisation(OrganisationName="Acme AB", OrganisationExtraCustom2="556036-0793"), nameless])
    hub.sync()
    from brygga.store import users
    from brygga.store.models import Integration
    from brygga.sync.start import make_plan

    hub.webcrm.load("Organisation", [organisation(OrganisationName="Nya Hjulet AB", OrganisationExtraCustom2="556074-7551")])
    make_plan(Integration.objects.select_related("company").get(system="webcrm"), "customers", who="anna", save=True)
    from brygga.sync.reconcile import reconcile

    reconcile("acme/webcrm.customers")

    users.add("anna", PASSWORD, company="acme", role="owner")
    return hub


def every_page(base: str) -> list[str]:
    from brygga.store.models import PlanRow, Problem, Run

    run = Run.objects.order_by("queued_at")[0].pk
    question = Problem.objects.filter(sort="question")[0].pk
    hold = Problem.objects.filter(sort="hold")[0].pk
    plan = PlanRow.objects.all()[0].pk
    company = f"{base}/c/acme"
    return [
        f"{company}/",
        f"{company}/webcrm/",
        f"{company}/problems/",
        f"{company}/conflicts/",
        f"{company}/problems/{hold}/",
        f"{company}/conflicts/{question}/",
        f"{company}/duplicates/",
        f"{company}/mapping/webcrm/customers/",
        f"{company}/plans/{plan}/",
        f"{company}/links/",
        f"{company}/records/webcrm/customer/1/",
        f"{company}/runs/{run}/",
        f"{company}/connections/",
        f"{company}/settings/webcrm/",
        f"{company}/proofs/webcrm/customers/",
        f"{company}/payments/",
        f"{base}/nowhere/",
    ]


def sign_in(page: Any, base: str) -> None:
    page.goto(f"{base}/login/")
    page.fill("input[name=username]", "anna")
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=password]) button")


@pytest.mark.parametrize(
    ("language", "heading", "nav"),
    [("sv-SE", "Översikt", "Avvikelser"), ("nb-NO", "Oversikt", "Avvik"), ("en-GB", "Overview", "Problems")],
)
def test_every_page_is_in_the_readers_language_and_light(
    filled: Hub, pages: str, browser: Any, language: str, heading: str, nav: str
) -> None:
    """What a screen reader finds wrong is looked for in Swedish, on every page that there is (`test_every_page`)."""
    context = browser.new_context(locale=language)
    page = context.new_page()
    sign_in(page, pages)
    assert page.inner_text("h1") == heading
    assert nav in page.inner_text("nav")
    assert sum(size for _, size, _ in page.evaluate(LOADED)) < 150_000
    for address in every_page(pages):
        page.goto(address)
        asked = page.evaluate(LOADED)
        assert sum(size for _, size, _ in asked) < 150_000, (address, asked)
        assert asked[0][1] < 60_000, (address, asked)
        assert sum(came for _, _, came in asked) < 110_000, (address, asked)
        assert all(url.startswith(pages) for url, _, _ in asked), asked
        assert page.get_attribute("html", "lang") == language.partition("-")[0], address
    context.close()


def test_owner_signs_in_looks_at_a_question_and_answers_it(filled: Hub, pages: str, browser: Any) -> None:
    context = browser.new_context(locale="sv-SE", viewport={"width": 390, "height": 800})
    page = context.new_page()
    sign_in(page, pages)
    page.click("text=Matchning och konflikter")
    page.click("text=Titta och välj")
    assert "Acme Norr AB" in page.inner_text("table")
    page.click("text=Det är 1042")
    assert "Noterat" in page.inner_text("[role=status]")
    filled.sync()
    assert "1042" in filled.links().values()
    # Nothing is wider than the phone.
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_bookkeeper_approves_a_part_of_a_plan_by_keyboard_on_a_phone(filled: Hub, pages: str, browser: Any) -> None:
    from brygga.store.models import PlanRow

    context = browser.new_context(locale="sv-SE", viewport={"width": 390, "height": 800})
    page = context.new_page()
    sign_in(page, pages)
    plan = PlanRow.objects.all()[0].pk
    page.goto(f"{pages}/c/acme/plans/{plan}/")
    page.focus("input[name=item]")
    page.keyboard.press("Space")
    page.focus("#ticked button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#progress")
    chosen = PlanRow.objects.get(pk=plan).chosen
    assert chosen is not None
    assert len(chosen) >= 1
    for address in (f"plans/{plan}/", "problems/", "mapping/webcrm/customers/", "duplicates/"):
        page.goto(f"{pages}/c/acme/{address}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
    context.close()


def test_bookkeeper_corrects_a_record_and_sees_what_is_sent(filled: Hub, pages: str, browser: Any) -> None:
    from brygga.store.models import Problem, Run
    from brygga.sync.start import execute

    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    sign_in(page, pages)
    page.goto(f"{pages}/c/acme/problems/{Problem.objects.filter(sort='hold')[0].pk}/")
    page.click("text=Read the record and correct it")
    page.fill("#e-name", "Hagbergs Plåt")
    page.click("text=See what is sent")
    assert "Hagbergs Plåt" in page.inner_text("#preview")
    page.click("text=Carry it out now")
    page.wait_for_selector("#progress")
    execute(Run.objects.order_by("-queued_at", "-pk")[0].pk)
    assert "Hagbergs Plåt" in {record["Name"] for record in filled.customers()}
    context.close()


def test_language_is_changed_on_the_page_and_stays(filled: Hub, pages: str, browser: Any) -> None:
    context = browser.new_context(locale="sv-SE")
    page = context.new_page()
    sign_in(page, pages)
    page.select_option("#language", "nb")
    page.click("form.language button")
    assert page.inner_text("h1") == "Oversikt"
    page.goto(f"{pages}/c/acme/links/")
    assert page.inner_text("h1") == "Koblede poster"
    context.close()


def test_progress_of_a_run_is_followed_without_a_reload_by_hand(filled: Hub, pages: str, browser: Any) -> None:
    from brygga.store.models import Run
    from brygga.sync.start import execute

    context = browser.new_context(locale="sv-SE")
    page = context.new_page()
    sign_in(page, pages)
    page.goto(f"{pages}/c/acme/webcrm/")
    page.click("text=Kör nu")
    assert "väntar på en arbetare" in page.inner_text("#progress")
    execute(Run.objects.order_by("-queued_at")[0].pk)
    page.wait_for_selector("#progress", state="detached")
    assert "klar" in page.inner_text(".tag")
    context.close()
