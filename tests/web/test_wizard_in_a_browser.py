"""The wizard as people see it: in a real browser, from the first start to everything is in; in three languages, by keyboard, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from browser import LOADED, serving
from brygga_sandbox.fortnox.auth import App
from wizard_walk import PASSWORD, SCENARIOS, both_systems, carry_out

LANGUAGES = {
    "sv-SE": ("Vad ska flyttas", "Allt är inne"),
    "nb-NO": ("Hva skal flyttes", "Alt er inne"),
    "en-GB": ("What shall move", "Everything is in"),
}


@dataclass
class Place:
    """Where the pages are served, and the two systems."""

    base: str
    books: Any
    other: Any


@pytest.fixture
def place(sqlite_database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with ExitStack() as stack:
        books, other = stack.enter_context(both_systems(SCENARIOS["webcrm"], monkeypatch))
        base = stack.enter_context(serving())
        monkeypatch.setenv("BRYGGA_URL", base)
        app = books.sign_in.app(books.client_id)
        with books.lock:
            books.sign_in.register(App(app.client_id, app.secret, app.name, (f"{base}/connect/fortnox",)))
        yield Place(base, books, other)


class Looked:
    """Looks at each page on the way: light, nothing from elsewhere, free of serious findings, not wider than the window."""

    def __init__(self, page: Any, base: str) -> None:
        self.page, self.base = page, base

    def at(self) -> None:
        page = self.page
        loaded = page.evaluate(LOADED)
        assert sum(size for _, size, _ in loaded) < 110_000, page.url
        assert all(name.startswith(self.base) for name, _, _ in loaded), loaded
        findings = Axe().run(page)
        serious = [found["id"] for found in findings.response["violations"] if found["impact"] in ("serious", "critical")]
        assert serious == [], (page.url, findings.generate_report())
        width = page.viewport_size["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


@pytest.mark.parametrize(("language", "width"), [("sv-SE", 1200), ("nb-NO", 390), ("en-GB", 1200)])
def test_owner_comes_from_nothing_to_everything_is_in(place: Place, browser: Any, language: str, width: int) -> None:
    """WEB-04: nothing but the browser; the consent is given at Fortnox' own page, which leads back."""
    from brygga.store import users

    choose, all_in = LANGUAGES[language]
    context = browser.new_context(locale=language, viewport={"width": width, "height": 800})
    page = context.new_page()
    looked = Looked(page, place.base)
    page.goto(place.base)
    page.fill("[name=code]", users.setup_code())
    page.fill("[name=name]", "anna")
    page.fill("[name=password]", PASSWORD)
    page.click("form:has([name=password]) button")
    looked.at()
    page.fill("[name=name]", "Acme Bygg AB")
    page.click("form:has([name=number]) button")
    looked.at()
    page.click("a[href$='/webcrm/choose/']")
    assert choose in page.inner_text("[aria-current=step]")
    looked.at()
    page.click("main form button:not([name])")
    page.fill("[name=client_id]", place.books.client_id)
    page.fill("[name=client_secret]", place.books.client_secret)
    page.fill("[name=address]", place.books.base_url)
    looked.at()
    page.click("[value=keys]")
    looked.at()
    page.click("a[href*='/oauth-v1/auth']")
    page.click("[value=approve]")
    assert place.books.company["information"]["CompanyName"] in page.inner_text("main")
    looked.at()
    page.click("[value=right]")
    page.fill("[name=api_key]", place.other.auth_code)
    page.fill("[name=address]", place.other.base_url)
    looked.at()
    page.click("main form button:not([name])")
    assert page.url.endswith("/check/")
    looked.at()
    page.click("[value=on]")
    looked.at()
    page.click("main form button:not([name])")
    page.click("[value=make]")
    assert page.is_visible("#progress")
    carry_out()
    page.wait_for_selector("#progress", state="detached")
    looked.at()
    page.click("[value=on]")
    looked.at()
    page.click("[value=plan]")
    carry_out()
    page.wait_for_selector("[value=apply]")
    looked.at()
    page.click("[value=apply]")
    carry_out()
    page.wait_for_selector(".tag.done")
    looked.at()
    page.click("[value=on]")
    looked.at()
    page.click("[value=start]")
    carry_out()
    page.wait_for_selector("[value=prove]")
    page.click("[value=prove]")
    carry_out()
    page.wait_for_selector(f"h2:has-text('{all_in}')")
    looked.at()
    context.close()


def test_first_steps_are_gone_through_by_keyboard_alone(place: Place, browser: Any) -> None:
    """Every field and button is reached with the tabulator, and seen when it is."""
    from django.contrib.auth.models import User

    from brygga.store import users
    from brygga.sync import onboard

    users.add("anna", PASSWORD, administrator=True)
    onboard.new_company("Acme", "", User.objects.get())
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{place.base}/c/acme/wizard/webcrm/choose/")
    page.fill("[name=username]", "anna")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#s-articles")

    def tab_to(selector: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert style != "none", selector
                return
        raise AssertionError(f"{selector} is not reached by keyboard")

    tab_to("#s-articles")
    page.keyboard.press("Space")
    tab_to("main form button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/fortnox/")
    for name, value in (("client_id", place.books.client_id), ("client_secret", place.books.client_secret)):
        tab_to(f"[name={name}]")
        page.keyboard.type(value)
    tab_to("[name=address]")
    page.keyboard.type(place.books.base_url)
    page.keyboard.press("Enter")
    page.wait_for_selector("a[href*='/oauth-v1/auth']")
    journey = onboard.of(onboard.Company.objects.get(), "webcrm")
    assert journey is not None
    assert journey.streams == ["customers", "articles"]
    context.close()
