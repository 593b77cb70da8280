"""The settings form as people see it: both sides chosen from what the systems hold, light, on a phone, with a screen reader's rules."""

from __future__ import annotations

import os
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from textalk_hub import TextalkHub

PASSWORD = "en-ganska-lang-mening"


@pytest.fixture
def hub(textalk_hub: TextalkHub) -> TextalkHub:
    """The pages of this module are those of a shop's hub."""
    from brygga.store import users

    users.add("anna", PASSWORD, company="acme", role="owner")
    return textalk_hub


def opened(browser: Any, pages: str, language: str, **more: Any) -> Any:
    page = browser.new_context(locale=language, **more).new_page()
    page.goto(f"{pages}/login/")
    page.fill("input[name=username]", "anna")
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=password]) button")
    return page


def picture(page: Any, name: str) -> None:
    """Keep a picture where BRYGGA_PICTURES names a folder: for whoever wants to look."""
    if folder := os.environ.get("BRYGGA_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize("language", ["sv-SE", "nb-NO", "en-GB"])
def test_settings_form_is_light_and_free_of_serious_findings(hub: TextalkHub, pages: str, browser: Any, language: str) -> None:
    """TXT-08, TXT-12: in three languages, at the size of a phone, nothing from another host."""
    page = opened(browser, pages, language, viewport={"width": 390, "height": 800})
    asked: list[tuple[str, int]] = []
    page.on("response", lambda response: asked.append((response.url, len(response.body()) if response.status == 200 else 0)))
    page.goto(f"{pages}/c/acme/settings/textalk/")
    picture(page, f"settings-{language}")
    assert sum(size for url, size in asked if "/static/" not in url) < 60_000, asked
    assert sum(size for _, size in asked) < 150_000
    assert all(url.startswith(pages) for url, _ in asked)
    findings = Axe().run(page)
    serious = [found["id"] for found in findings.response["violations"] if found["impact"] in ("serious", "critical")]
    assert serious == [], findings.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()


def test_line_is_added_an_article_is_looked_for_and_everything_is_saved(hub: TextalkHub, pages: str, browser: Any) -> None:
    """TXT-06, TXT-08, TXT-12: by keyboard and mouse; what was typed in other fields stays when a line is added."""
    page = opened(browser, pages, "en-GB")
    page.goto(f"{pages}/c/acme/settings/textalk/")
    page.fill("#f-brake-1-1", "0.5")
    page.fill("#f-accounts_abroad-6-1", "DE 19")
    page.fill("#f-accounts_abroad-6-2", "3106")
    page.click("#s-accounts_abroad button")
    page.wait_for_selector("#f-accounts_abroad-7-1")
    assert page.input_value("#f-accounts_abroad-6-1") == "DE 19"
    assert page.input_value("#f-brake-1-1") == "0.5"
    page.locator("#f-freight_article-1-1").press_sequentially("mug", delay=20)
    page.fill("#f-freight_article-1-1", "mugg")
    page.wait_for_selector("#l-freight_article-1-1 option[value='MUGG-1']", state="attached")
    page.fill("#f-freight_article-1-1", "MUGG-1")
    page.select_option("select[aria-label='Typ av resurs i Fortnox: Swish']", "offer")
    page.click("#settings > button")
    page.wait_for_selector(".note.success")
    settings = hub.integration().settings
    assert (settings["brake"], settings["accounts_abroad"], settings["freight_article"]) == (0.5, {"DE 19": "3106"}, "MUGG-1")
    assert settings["documents"]["Swish"] == "offer"
    page.context.close()
