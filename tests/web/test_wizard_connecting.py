"""The wizard's way to Fortnox and to the other system: consent and its refusals, keys, folders; what was typed is kept, no secret is shown."""

from __future__ import annotations

from typing import Any

import pytest

from wizard_walk import Walk, agree, carry_out, consent_link


def came_back(walk: Walk, address: str) -> str:
    """Let the browser come back from Fortnox; return the page."""
    answer = walk.client.get(address.removeprefix("http://127.0.0.1:8000"), follow=True)
    assert walk.here(answer) == "fortnox"
    return str(answer.content.decode())


def connection() -> Any:
    from brygga.store.models import Connection

    return Connection.objects.get(system="fortnox", company__slug=Walk.slug)


def kept() -> dict[str, Any]:
    from brygga.store import secrets

    return secrets.read(connection())


def test_no_to_the_consent_is_said_and_can_be_made_good(walk: Walk) -> None:
    """Fortnox API, section 3.1: the person cancels; nothing is kept, and the same page offers the way again."""
    link = consent_link(walk.to_keys().content.decode())
    page = came_back(walk, agree(link, decision="deny"))
    assert "Fortnox gave no consent" in page
    assert "refresh_token" not in kept()
    assert "Fortnox is connected" in came_back(walk, agree(consent_link(page)))


def test_consent_with_another_state_than_ours_is_refused(walk: Walk) -> None:
    link = consent_link(walk.to_keys().content.decode())
    back = agree(link)
    for wrong in (back.replace("state=", "state=x"), back.partition("&state")[0], back.partition("state=")[0] + "state="):
        walk.page("fortnox")
        assert "is not the one that was asked for" in came_back(walk, wrong)
        assert "refresh_token" not in kept()


def test_code_that_is_too_old_is_refused(walk: Walk) -> None:
    back = agree(consent_link(walk.to_keys().content.decode()))
    walk.books.clock.shift(601)
    assert "used, too old, or withdrawn" in came_back(walk, back)
    assert "refresh_token" not in kept()


def test_consent_of_another_company_than_the_number_says_is_refused_and_nothing_kept(walk: Walk) -> None:
    """The organisation number that was given with the company decides."""
    wanted = walk.books.company["information"]["OrganizationNumber"]
    other = list(walk.books.companies)[1]
    row = connection()
    row.settings = {"organisation_number": wanted.replace("-", "")}
    row.save()
    link = consent_link(walk.to_keys().content.decode())
    page = came_back(walk, agree(link, tenant=other))
    assert f"but {wanted.replace('-', '')} is meant" in page
    assert "refresh_token" not in kept()
    assert "Fortnox is connected" in came_back(walk, agree(consent_link(page)))


def test_company_that_another_of_the_hub_has_is_refused_without_a_word_of_that_one(walk: Walk) -> None:
    """Two companies on one Fortnox would double all that they carry over."""
    from brygga.store.models import Company, Connection

    other = Company.objects.create(slug="hidden", name="Hidden AB")
    Connection.objects.create(company=other, system="fortnox", base_url=walk.books.base_url, tenant=str(walk.books.tenant_id))
    page = came_back(walk, agree(consent_link(walk.to_keys().content.decode())))
    assert "is connected to the hub already" in page
    assert "Hidden AB" not in page
    keys = {"client_id": walk.books.client_id, "client_secret": walk.books.client_secret, "tenant_id": str(walk.books.tenant_id)}
    refused = walk.page("fortnox", what="keys", **keys)
    assert refused.status_code == 400
    assert connection().tenant == ""


def test_connecting_again_keeps_to_the_company_whose_records_are_linked(walk: Walk) -> None:
    from brygga.store.models import LinkRow
    from brygga.sync import onboard

    walk.to_fortnox()
    journey = onboard.of(connection().company, "webcrm")
    assert journey is not None
    LinkRow.objects.create(integration=onboard.integration_of(journey), kind="customer", left_id="1", right_id="2")
    before = kept()["refresh_token"]
    again = walk.page("fortnox", what="again").content.decode()
    page = came_back(walk, agree(consent_link(again), tenant=list(walk.books.companies)[1]))
    assert "linked with another company" in page
    assert kept()["refresh_token"] == before


def test_company_without_the_integration_licence_is_told_what_to_buy(walk: Walk) -> None:
    """Fortnox API, section 3.5: 2001103."""
    link = consent_link(walk.to_keys().content.decode())
    walk.books.company.integration_licences = set()
    page = came_back(walk, agree(link))
    assert "no integration licence" in page
    assert "Buy the integration licence in Fortnox" in page


def test_missing_licence_and_scope_are_red_rows_with_their_repair_until_checked_again(walk: Walk) -> None:
    """Fortnox API, section 3.5: 2001101 stands in the way of the settings, and no longer once the module is there."""
    modules = set(walk.books.company.modules)
    walk.to_fortnox()
    walk.page("fortnox", what="right")
    walk.books.company.modules.clear()
    shown = walk.page("system", **walk.scenario.key(walk.other), address=walk.other.base_url).content.decode()
    assert "lacks the Fortnox module" in shown
    assert "Order the module in Fortnox" in shown
    refused = walk.page("check", what="on")
    assert refused.status_code == 400
    assert walk.here(walk.page("settings")) == "check"
    walk.books.company.modules |= modules
    assert "lacks the Fortnox module" not in walk.page("check", what="again").content.decode()
    assert walk.here(walk.page("check", what="on")) == "settings"


def test_address_that_the_browser_ended_at_can_be_pasted(walk: Walk) -> None:
    """Where no public address exists; a wrong one is refused and stands there still."""
    link = consent_link(walk.to_keys().content.decode())
    refused = walk.page("fortnox", what="paste", pasted="http://127.0.0.1:8000/connect/fortnox?code=1&state=2")
    assert refused.status_code == 400
    assert "code=1&amp;state=2" in refused.content.decode()
    shown = walk.page("fortnox", what="paste", pasted=agree(link))
    assert walk.books.company["information"]["CompanyName"] in shown.content.decode()


def test_tenant_of_a_company_that_has_agreed_needs_no_consent(walk: Walk) -> None:
    """Fortnox API, section 3.2: client credentials."""
    walk.page("choose", stream=["customers"])
    keys = {"client_id": walk.books.client_id, "client_secret": walk.books.client_secret, "address": walk.books.base_url}
    shown = walk.page("fortnox", what="keys", tenant_id=str(walk.books.tenant_id), **keys).content.decode()
    assert walk.books.company["information"]["CompanyName"] in shown


@pytest.mark.parametrize("walk", ["opter", "webcrm"], indirect=True)
def test_scopes_of_supplier_invoices_are_asked_for_where_settlements_need_them(walk: Walk) -> None:
    """Fortnox API, section 3.5: a company is not asked for more than its systems use."""
    link = consent_link(walk.to_keys().content.decode())
    assert ("supplierinvoice" in link) == (walk.scenario.system == "opter")


def test_nothing_chosen_and_what_cannot_be_alone_is_refused_and_stays_ticked(walk: Walk) -> None:
    assert "Nothing was chosen that could move" in walk.page("choose", stream=[]).content.decode()
    refused = walk.page("choose", stream=["articles", "deliveries"])
    assert refused.status_code == 400
    assert "cannot be without customers" in refused.content.decode()
    assert 'value="articles" checked' in refused.content.decode()
    from brygga.store.models import Integration

    assert not Integration.objects.exists()


@pytest.mark.parametrize("walk", ["textalk"], indirect=True)
def test_both_directions_of_one_kind_are_refused(walk: Walk) -> None:
    """TXT-18, ruling D4."""
    refused = walk.page("choose", stream=["article_export", "article_import"])
    assert "each system would overwrite" in refused.content.decode()


@pytest.mark.parametrize("walk", ["textalk"], indirect=True)
def test_refused_key_says_why_keeps_what_is_no_secret_and_shows_no_secret(walk: Walk) -> None:
    walk.to_fortnox()
    walk.page("fortnox", what="right")
    secret = "wrong-token-of-the-shop"
    refused = walk.page("system", way="token", webshop="778", token=secret, address=walk.other.base_url)
    page = refused.content.decode()
    assert refused.status_code == 400
    assert 'role="alert"' in page
    assert 'value="778"' in page
    assert f'value="{walk.other.base_url}"' in page
    assert secret not in page
    nothing = walk.page("system", way="token", webshop="779", token="", address=walk.other.base_url)
    assert nothing.status_code == 400
    assert "Fill in every field" in nothing.content.decode()
    bad = walk.page("system", way="token", webshop="779", token="x", address="not an address")
    assert "is not an address" in bad.content.decode()
    assert 'value="not an address"' in bad.content.decode()
    assert walk.here(walk.page("system", **walk.scenario.key(walk.other), address=walk.other.base_url)) == "check"
    again = walk.page("system")
    assert walk.other.token not in again.content.decode()
    assert walk.books.client_secret not in walk.page("fortnox").content.decode()


@pytest.mark.parametrize("walk", ["textalk"], indirect=True)
def test_shop_is_connected_by_user_and_password_which_are_kept_nowhere(walk: Walk) -> None:
    """Systems.md 5.1: a person's sign-in makes a token that lasts; that one is kept, encrypted."""
    from brygga.store import secrets
    from brygga.store.models import Connection

    walk.to_fortnox()
    walk.page("fortnox", what="right")
    form = {"way": "login", "webshop": str(walk.other.webshop), "user": walk.other.user, "address": walk.other.base_url}
    refused = walk.page("system", **form, password="wrong-password")
    assert refused.status_code == 400
    assert "wrong user or password" in refused.content.decode(), refused.context["refused"]
    assert f'value="{walk.other.user}"' in refused.content.decode()
    assert "wrong-password" not in refused.content.decode()
    assert walk.here(walk.page("system", **form, password=walk.other.password)) == "check"
    key = secrets.read(Connection.objects.get(system="textalk"))["api_key"]
    assert key.startswith(f"{walk.other.webshop}:")
    assert walk.other.token not in key
    assert walk.other.password not in str(secrets.read(Connection.objects.get(system="textalk")))


@pytest.mark.parametrize("walk", ["opter"], indirect=True)
def test_opter_by_files_uses_the_hubs_own_folder_for_the_company(walk: Walk, sqlite_database: Any) -> None:
    """Without an adapter: the folder is made and shown, and what lies in it is forecast."""
    walk.to_fortnox()
    walk.page("fortnox", what="right")
    shown = walk.page("system", way="files")
    assert walk.here(shown) == "check", shown.context["refused"]
    folder = sqlite_database.home / "files" / walk.slug / "opter"
    assert (folder / "in").is_dir()
    assert str(folder) in walk.page("system").content.decode()
    refused = walk.page("system", way="files", folder="srv/../etc")
    assert "no whole path" in refused.content.decode()
    (folder / "in" / "invoices.xml").write_text(INVOICES, encoding="utf-8")
    walk.page("check", what="on")
    walk.page("settings", **{"customer_number": "ledger", "send": "by_hand", **walk.scenario.chosen})
    walk.page("forecast", what="make")
    carry_out()
    [row] = walk.page("forecast").context["rows"]
    assert row["counts"]["create_right"] == 2, row["run"].message  # the customer, and the invoice as a part of the same run


INVOICES = """<?xml version="1.0" encoding="UTF-8"?>
<OpterInvoices version="1">
  <Invoice number="100353" kind="invoice" ocr="10035384" office="1" date="2026-09-04" due="2026-10-04" currency="SEK">
    <Customer code="NORD" number="1042" name="Nordbygg AB" organisationNumber="556016-0680" email="faktura@nordbygg.example">
      <Address street="Storgatan 1" postalCode="972 38" city="Luleå" countryCode="SE"/>
    </Customer>
    <Order number="4555" date="2026-09-04"/>
    <Coding account="3001" text="Styckegods" net="1000.00" vatPercent="25"/>
  </Invoice>
</OpterInvoices>
"""
