"""The settings form offers what both systems hold: read live, kept for a while, still usable when a system is away."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from hub import Hub
from mobigo_hub import MobigoHub
from opter_hub import OpterHub
from people import client
from textalk_hub import TextalkHub
from upsales_hub import UpsalesHub


def page(system: str, role: str = "owner") -> str:
    answer = client(role).get(f"/c/acme/settings/{system}/")
    assert answer.status_code == 200
    return answer.content.decode()


def part(shown: str, key: str) -> str:
    """Return the field of a setting."""
    return shown.partition(f'id="s-{key}"')[2].partition('<div class="field"')[0]


def shown_form(integration: Any) -> dict[str, Any]:
    """Return the form as a browser sends it back untouched."""
    from brygga.sync.form import form

    sent: dict[str, Any] = {"shown": []}
    for field in form(integration).fields:
        sent["shown"].append(field.key)
        for cell in (cell for row in field.rows for cell in row if field.kind != "switch" or cell.text):
            sent.setdefault(cell.name, []).append(cell.text)
    return sent


def chosen(field: str) -> list[str]:
    return re.findall(r'<option value="([^"]*)" selected>', field)


def offered(field: str) -> list[str]:
    return re.findall(r'<option value="[^"]+"[^>]*>([^<]*)', field)


def test_shop_payment_methods_stand_against_documents_and_accounts_by_number_and_name(textalk_hub: TextalkHub) -> None:
    """TXT-08, TXT-09, TXT-12: a line for each payment method of the shop; accounts of Fortnox by number and name."""
    shown = page("textalk")
    documents = part(shown, "documents")
    assert re.findall(r'name="documents:name" value="([^"]+)"', documents) == ["Faktura", "Kort", "Swish", "Klarna", "Presentkort"]
    assert chosen(documents) == ["invoice", "cash_invoice", "order", "invoice", "invoice"]
    accounts = part(shown, "accounts")
    assert re.findall(r'name="accounts:value" value="([^"]+)"', accounts)[:2] == ["3001", "3002"]
    [shared] = set(re.findall(r'name="accounts:value"[^>]* list="([^"]+)"', accounts))
    [suggested] = re.findall(rf'<datalist id="{shared}">(.*?)</datalist>', shown)
    assert any(text.startswith("3001 · ") for text in offered(suggested))
    assert not any(text.startswith("2421") for text in offered(suggested))
    assert any(text.startswith("2421 · ") for text in offered(part(shown, "gift_card_account")))
    assert "Annan betalning</small>" in part(shown, "other_article")


def test_values_are_read_once_and_kept_until_somebody_reads_again(textalk_hub: TextalkHub) -> None:
    """What is kept costs no request of either system, whoever looks; an hour later it is read anew."""
    from brygga.store.models import RegisterCopy

    hub = textalk_hub
    page("textalk")
    hub.clear()
    page("textalk", "viewer")
    assert (hub.fortnox.requests, hub.shop.requests) == ([], [])
    hub.shop.load("PaymentMethod", [{"name": {"sv": "Avbetalning"}, "type": "invoice"}])
    assert "Avbetalning" not in page("textalk")
    sent = shown_form(hub.integration())
    again = client().post("/c/acme/settings/textalk/", {**sent, "brake": "0.5", "again": "1"}).content.decode()
    assert "Avbetalning" in part(again, "documents")
    assert 'value="0.5"' in part(again, "brake")
    assert "brake" not in hub.integration().settings
    hub.shop.load("PaymentMethod", [{"name": {"sv": "Faktura 60"}, "type": "invoice"}])
    RegisterCopy.objects.update(read_at=RegisterCopy.objects.first().read_at - timedelta(hours=1))  # type: ignore[union-attr]
    assert "Faktura 60" in page("textalk")


def test_reading_goes_in_the_lane_of_persons(textalk_hub: TextalkHub, monkeypatch: pytest.MonkeyPatch) -> None:
    from brygga.store.permits import Permits

    lanes: list[str] = []
    real = Permits.acquire

    def acquire(self: Permits, lane: str) -> Any:
        lanes.append(lane)
        return real(self, lane)

    monkeypatch.setattr(Permits, "acquire", acquire)
    monkeypatch.setattr("brygga.sync.open.Permits", Permits)
    page("textalk")
    assert lanes
    assert set(lanes) == {"person"}


def test_form_works_as_free_text_while_a_system_is_away_and_says_so(textalk_hub: TextalkHub) -> None:
    """A system that is away is asked once, and not again at once; what is set stays and can be saved."""
    hub = textalk_hub
    hub.shop.faults.arm("error_before", status=503, times=50)
    hub.clear()
    shown = page("textalk")
    assert "What can be chosen there cannot be shown just now" in shown
    assert '<input type="text" id="f-documents-1-1" name="documents:name" value="Faktura"' in shown
    assert "is no longer there" not in shown
    asked = len(hub.shop.requests)
    page("textalk")
    assert len(hub.shop.requests) == asked
    sent = shown_form(hub.integration())
    sent["documents:name"], sent["documents:value"] = ["Faktura", "Avbetalning"], ["order", "invoice"]
    assert client().post("/c/acme/settings/textalk/", sent).status_code == 302
    assert hub.integration().settings["documents"] == {"Faktura": "order", "Avbetalning": "invoice"}


def test_last_copy_is_offered_while_the_system_is_away(textalk_hub: TextalkHub) -> None:
    from brygga.store.models import RegisterCopy

    page("textalk")
    RegisterCopy.objects.update(read_at=RegisterCopy.objects.first().read_at - timedelta(hours=1))  # type: ignore[union-attr]
    textalk_hub.shop.faults.arm("error_before", status=503, times=50)
    shown = page("textalk")
    assert "cannot be shown just now" in shown
    assert "Swish" in part(shown, "paid_methods")


def test_value_that_is_gone_is_marked_and_stays_until_somebody_chooses_another(textalk_hub: TextalkHub) -> None:
    """TXT-09, TXT-12: a payment method, an account and an article that are no longer there are not lost by saving."""
    hub = textalk_hub
    hub.declare(documents={"Postförskott": "invoice", "Faktura": "invoice"}, accounts={"goods 25": "3099"}, freight_article="F-9")
    shown = page("textalk")
    for key, value in (("documents", "Postförskott"), ("accounts", "3099"), ("freight_article", "F-9")):
        field = part(shown, key)
        assert value in field, key
        assert "is no longer there" in field, key
        assert 'aria-invalid="true"' in field, key
    assert "is no longer there" not in part(shown, "discount_article")
    before = hub.integration().settings
    assert client().post("/c/acme/settings/textalk/", shown_form(hub.integration())).status_code == 302
    assert hub.integration().settings == before


def test_line_that_is_emptied_goes_and_saving_touches_nothing_else(textalk_hub: TextalkHub) -> None:
    hub = textalk_hub
    hub.declare(accounts_abroad={"DE 19": 3106, "goods eu": "3108"}, services=["CD", "BOOK"])
    sent = shown_form(hub.integration())
    assert {"DE 19", "goods eu", ""} <= set(sent["accounts_abroad:name"])
    sent["accounts_abroad:value"][sent["accounts_abroad:name"].index("goods eu")] = ""
    sent["services"][0] = ""
    assert client().post("/c/acme/settings/textalk/", sent).status_code == 302
    settings = hub.integration().settings
    # A number of the file stays one.
    assert (settings["accounts_abroad"], settings["services"]) == ({"DE 19": 3106}, ["BOOK"])


def test_another_line_keeps_what_was_typed_and_saves_nothing(textalk_hub: TextalkHub) -> None:
    hub = textalk_hub
    sent = shown_form(hub.integration())
    sent["accounts_abroad:name"], sent["accounts_abroad:value"] = ["DE 19"], ["3106"]
    shown = client().post("/c/acme/settings/textalk/", {**sent, "more": "accounts_abroad"}).content.decode()
    field = part(shown, "accounts_abroad")
    assert field.count('name="accounts_abroad:name"') == 2
    assert 'value="DE 19"' in field
    assert "accounts_abroad" not in hub.integration().settings


def test_articles_are_looked_for_by_number_and_name_with_two_requests(textalk_hub: TextalkHub) -> None:
    """A register of tens of thousands is never read whole for a form."""
    hub = textalk_hub
    hub.fortnox.company.load("articles", [{"ArticleNumber": f"T-{n:05}", "Description": f"Tallrik {n}"} for n in range(600)])
    hub.clear()
    asked = "/c/acme/settings/textalk/choices?setting=freight_article&side=&input=freight_article&freight_article="
    found = client().get(asked + "Tallrik").content.decode()
    assert found.count("<option") == 30
    assert 'value="T-00000">T-00000 · Tallrik 0<' in found
    assert 'value="Frakt"' in client().get(asked + "frak").content.decode()
    assert client().get(asked).content.decode().strip() == ""
    calls = [seen.path for seen in hub.fortnox.requests if "/oauth-v1/" not in seen.path]
    assert calls == ["/3/articles"] * 4
    for wrong in ("setting=brake", "setting=nothing", ""):
        assert client().get(f"/c/acme/settings/textalk/choices?{wrong}").status_code == 404
    assert client("bookkeeper").get(asked + "Tallrik").status_code == 403


def test_only_some_settings_are_shown_and_saved_and_the_others_stay(textalk_hub: TextalkHub) -> None:
    """So that a wizard asks for a few and touches no other."""
    from brygga.sync import configure
    from brygga.sync.form import form

    integration = textalk_hub.integration()
    some = form(integration, keys=("documents", "export_articles"))
    assert [field.key for field in some.fields] == ["documents", "export_articles"]
    typed = {"shown": ["documents"], "documents:name": ["Swish"], "documents:value": ["offer"]}
    assert configure.save(integration, typed, "anna") == ["documents"]
    assert textalk_hub.integration().settings == {**textalk_hub.settings, "documents": {"Swish": "offer"}}


def test_new_connection_forgets_what_the_old_one_offered(textalk_hub: TextalkHub, monkeypatch: pytest.MonkeyPatch) -> None:
    from brygga.store.models import RegisterCopy

    page("textalk")
    assert RegisterCopy.objects.filter(connection__system="textalk").exists()
    monkeypatch.setenv("TEXTALK_KEY", "32110:another")
    textalk_hub.declare()
    assert not RegisterCopy.objects.filter(connection__system="textalk").exists()
    assert RegisterCopy.objects.filter(connection__system="fortnox").exists()


def test_upsales_stages_users_and_price_lists_are_offered(upsales_hub: UpsalesHub) -> None:
    """UPS-06, UPS-08, UPS-09: stages with their probability, users with their address, price lists of Fortnox."""
    upsales_hub.declare()
    shown = page("upsales")
    stages = offered(part(shown, "won_stage"))
    assert any(text.endswith("· 100 %") for text in stages), stages
    users = offered(part(shown, "placeholder_user"))
    assert any("@" in text for text in users), users
    assert any(text.startswith("A") for text in offered(part(shown, "price_list")))
    before = upsales_hub.integration().settings
    assert client().post("/c/acme/settings/upsales/", shown_form(upsales_hub.integration())).status_code == 302
    assert upsales_hub.integration().settings == before


def test_webcrm_fields_and_types_are_offered_by_label(hub: Hub) -> None:
    """WEB-08, WEB-10, WEB-12: whatever dash the settings have, the type is the one that is there."""
    from brygga.store.models import Integration

    hub.declare(customer_types=["kund - företag", "Kund – Privat"])
    shown = page("webcrm")
    types = part(shown, "customer_types")
    assert "is no longer there" not in types
    assert chosen(types)[:2] == ["kund - företag", "Kund – Privat"]
    fields = part(shown, "fields")
    assert 'value="Kundnummer"' in fields
    assert "E-post faktura" in shown
    integration = Integration.objects.select_related("company").get(system="webcrm")
    before = integration.settings
    assert client().post("/c/acme/settings/webcrm/", shown_form(integration)).status_code == 302
    integration.refresh_from_db()
    assert integration.settings == before


def test_mobigo_time_types_stand_against_articles(mobigo_hub: MobigoHub) -> None:
    """MOB-06, MOB-08: a line for each time type of Mobigo; sources and targets by their names."""
    from brygga.store.models import Integration

    shown = page("mobigo")
    assert re.findall(r'name="time_types:name" value="([^"]+)"', part(shown, "time_types"))
    assert "external reference2 · Extern referens 2" in part(shown, "field_links")
    integration = Integration.objects.select_related("company").get(system="mobigo")
    before = integration.settings
    assert client().post("/c/acme/settings/mobigo/", shown_form(integration)).status_code == 302
    integration.refresh_from_db()
    assert integration.settings == before


def test_opter_accounts_and_definitions_are_edited_a_line_each(opter_hub: OpterHub) -> None:
    """OPT-11 to OPT-16: a definition is a line with its day and its number."""
    from brygga.store.models import Integration

    integration = Integration.objects.select_related("company").get(system="opter")
    sent = shown_form(integration)
    assert sent["settlement_accounts:name"][0] == "cost"
    sent["payment_definitions:name"] = ["Fortnox", "Gamla"]
    sent["payment_definitions:ignore_payments_before"] = ["2026-01-01", "2025-01-01"]
    sent["payment_definitions:ignore_numbers_before"] = ["", "100"]
    assert client().post("/c/acme/settings/opter/", sent).status_code == 302
    integration.refresh_from_db()
    definitions = integration.settings["payment_definitions"]
    assert definitions["Gamla"] == {"ignore_payments_before": "2025-01-01", "ignore_numbers_before": "100"}
    sent["payment_definitions:ignore_payments_before"][1] = "i fjol"
    answer = client().post("/c/acme/settings/opter/", sent)
    assert answer.status_code == 400
    assert 'value="i fjol"' in answer.content.decode()
