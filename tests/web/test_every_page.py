"""What holds for every page that there is, found by the resolver: small, from nobody else, readable by a screen reader, light and dark."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client

from hub import Hub, organisation
from web.test_every_address import addresses

PASSWORD = "en-ganska-lang-mening"
FIRST, AFTER = 150_000, 60_000
"""Bytes that cross the line when nothing is in the browser's cache, and when the shared files are."""

PADDING = 100
"""So many bytes at most are added to each compressed page, at random, so that its length tells nothing."""

NO_PAGE = ("api/v1/companies", "health", "metrics", "hooks/", "language/", "logout/", "connect/fortnox", "api/v1/")
"""What programs ask for, and what only leads on."""


@pytest.fixture
def filled(hub: Hub) -> dict[str, str]:
    """A company with something on every page; return what each place of an address stands for."""
    with hub.unlimited():
        return _filled(hub)


def _filled(hub: Hub) -> dict[str, str]:
    hub.webcrm.load("Organisation", [organisation(OrganisationName=f"Firma {n} AB") for n in range(60)])
    hub.sync()
    hub.fortnox.company.load(
        "customers",
        [
            {"CustomerNumber": "1042", "Name": "Acme Norr AB", "OrganisationNumber": "556036-0793"},
            {"CustomerNumber": "1077", "Name": "Acme Söder AB", "OrganisationNumber": "556036-0793"},
        ],
    )
    hub.webcrm.load("Organisation", [organisation(OrganisationName="Acme AB", OrganisationExtraCustom2="556036-0793")])
    hub.sync()
    hub.webcrm.organisation(1).update(Telefon="0470-100 99")
    from brygga.store import members, users
    from brygga.store.models import Company, Integration, Problem, Run
    from brygga.sync.reconcile import reconcile
    from brygga.sync.start import make_plan

    company = Company.objects.get(slug="acme")
    integration = Integration.objects.select_related("company").get(company=company)
    reconcile("acme/webcrm.customers")
    users.add("anna", PASSWORD, company="acme", role="owner")
    _row, secret = members.invite(company, "bo@acme.example", "viewer", "anna")
    return {
        "slug": "acme",
        "system": "webcrm",
        "stream": "customers",
        "kind": "customer",
        "number": str(Problem.objects.filter(sort="question")[0].pk),
        "id": "1",
        "run_id": Run.objects.order_by("queued_at")[0].pk,
        "plan_id": str(make_plan(integration, "customers", who="test", save=True)["plan"]),
        "rest": "x",
        "step": "choose",
        "secret": secret,
    }


def pages_of(places: dict[str, str]) -> list[str]:
    """Return the address of every page: what answers the owner with HTML. Everything else has to be a form's address or lead on."""
    client = Client()
    client.force_login(User.objects.get(username="anna"))
    found = []
    for path in addresses():
        if path.startswith(NO_PAGE) and path not in ("api/v1/", "api/v1/docs"):
            continue
        address = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda one: places[one[1]], path)
        answer = client.get(address)
        if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
            # What htmx puts into a page is no page.
            if answer.content.lstrip().lower().startswith(b"<!doctype html>"):
                found.append(address)
        else:
            assert answer.status_code in (302, 403, 404, 405), (address, answer.status_code)
    return found


def sign_in(page: Any, base: str) -> None:
    page.goto(f"{base}/login/")
    page.fill("input[name=username]", "anna")
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=password]) button")


SENT = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(e => e.transferSize)"


def test_every_page_is_small_asks_nobody_else_and_has_no_serious_finding_light_or_dark(
    filled: dict[str, str], pages: str, browser: Any
) -> None:
    walked = pages_of(filled)
    assert len(walked) >= 20, walked
    context = browser.new_context(locale="sv-SE", color_scheme="light")
    page = context.new_page()
    cache = context.new_cdp_session(page)
    asked: list[str] = []
    refused: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    sign_in(page, pages)
    for address in walked:
        cache.send("Network.clearBrowserCache")
        page.goto(pages + address)
        first = sum(page.evaluate(SENT))
        page.goto(pages + address)
        after = sum(page.evaluate(SENT))
        assert 0 < after < first + PADDING, (address, first, after)
        assert first < FIRST, (address, first)
        assert after < AFTER, (address, after)
        # Colours are all that is another in the dark.
        for scheme, rules in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
            page.emulate_media(color_scheme=scheme)
            assert page.evaluate(f"matchMedia('(prefers-color-scheme: {scheme})').matches")
            findings = Axe().run(page, options={"resultTypes": ["violations"], **rules})
            serious = [found["id"] for found in findings.response["violations"] if found["impact"] in ("serious", "critical")]
            assert serious == [], (address, scheme, findings.generate_report())
        page.emulate_media(color_scheme="light")
    assert refused == []
    assert all(url.startswith((pages, "data:")) for url in asked)
    context.close()


def test_every_page_fits_a_phone(filled: dict[str, str], pages: str, browser: Any) -> None:
    context = browser.new_context(locale="nb-NO", viewport={"width": 390, "height": 800})
    page = context.new_page()
    sign_in(page, pages)
    for address in pages_of(filled):
        page.goto(pages + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
    context.close()


def test_every_page_carries_the_strict_policy_and_nothing_inline(filled: dict[str, str]) -> None:
    client = Client()
    client.force_login(User.objects.get(username="anna"))
    for address in pages_of(filled):
        answer = client.get(address)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        text = answer.content.decode()
        for inline in (" style=", "<style", "<script>", " onclick=", " onchange=", "javascript:"):
            assert inline not in text, (address, inline)


def test_numbers_of_another_company_lead_nowhere_in_ones_own(filled: dict[str, str]) -> None:
    """The owner of another company asks for Acme's runs, plans, problems and records under the address of their own."""
    from brygga.store.models import AuditEntry, Company, Invitation, Membership, NoticeTarget, PlanRow, Problem, Run, StreamState

    other = Company.objects.create(slug="other", name="Other AB")
    user = User.objects.create(username="stranger")
    Membership.objects.create(user=user, company=other, role="owner")
    client = Client()
    client.force_login(user)

    def acme() -> list[Any]:
        tables = (Run, PlanRow, Problem, StreamState)
        owned = [list(table.objects.filter(integration__company__slug="acme").order_by("pk").values()) for table in tables]
        of_company = (Invitation, NoticeTarget, Membership, AuditEntry)
        return [*owned, *(list(table.objects.filter(company__slug="acme").order_by("pk").values()) for table in of_company)]

    before = acme()
    walked = 0
    for path in addresses():
        if not path.startswith("c/<slug:slug>/"):
            continue
        address = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda one: {**filled, "slug": "other"}[one[1]], path)
        for answer in (client.get(address), client.post(address, {"what": "remove", "reason": "x", "role": "viewer"})):
            walked += 1
            assert answer.status_code in (200, 302, 400, 404, 405, 422), (address, answer.status_code)
            for word in ("Acme Norr", "Firma 7 AB", "0470-100 99", "bo@acme.example"):
                assert word not in answer.content.decode(), (address, word)
    assert walked > 40
    assert acme() == before
