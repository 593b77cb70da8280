"""The settings page: an owner changes what the file could, refusals keep what was typed, and every version can come back."""

from __future__ import annotations

from typing import Any

import pytest

from people import client
from textalk_hub import TextalkHub


def typed(hub: TextalkHub, /, **more: Any) -> dict[str, Any]:
    """Return the form as a browser sends it back untouched, with these inputs typed over; a dict is a table."""
    from brygga.sync.form import form

    sent: dict[str, Any] = {"shown": []}
    for field in form(hub.integration()).fields:
        sent["shown"].append(field.key)
        for row in field.rows:
            for cell in row:
                if field.kind != "switch" or cell.text:
                    sent.setdefault(cell.name, []).append(cell.text)
    for key, value in more.items():
        if isinstance(value, dict):
            sent[f"{key}:name"], sent[f"{key}:value"] = list(value), list(value.values())
        else:
            sent[key] = value
    return sent


ADDRESS = "/c/acme/settings/textalk/"


def test_owner_changes_a_setting_and_goes_back(textalk_hub: TextalkHub) -> None:
    """TXT-08, TXT-12: in the seed's words, each change a version with who and when."""
    from brygga.store.models import AuditEntry, SettingsVersion

    owner = client("owner", "sv")
    shown = owner.get(ADDRESS, headers={"accept-language": "sv"}).content.decode()
    assert "Annan betalning" in shown
    before = SettingsVersion.objects.count()
    form = typed(textalk_hub, documents={"Faktura": "order"}, create_needed_articles="on")
    assert owner.post(ADDRESS, form).status_code == 302
    assert textalk_hub.integration().settings == {"documents": {"Faktura": "order"}, "create_needed_articles": True}
    assert SettingsVersion.objects.count() == before + 1
    assert AuditEntry.objects.filter(who="owner", what="settings changed").count() == 1
    assert owner.post(ADDRESS, typed(textalk_hub)).status_code == 302
    assert SettingsVersion.objects.count() == before + 1
    owner.post(ADDRESS, {"version": "1"})
    assert textalk_hub.integration().settings["documents"]["Kort"] == "cash_invoice"
    assert SettingsVersion.objects.count() == before + 2


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"documents": {"": "order"}}, "nothing on its left side"),
        ({"documents": {"Faktura": "kvitto"}}, "is not one of them"),
        ({"brake": "mycket"}, "is no number"),
        ({"export_articles": "on", "import_articles": "on"}, "articles would go round between the shop and Fortnox"),
        ({"export_customers": "on", "import_customers": "on"}, "customers would go round between the shop and Fortnox"),
    ],
)
def test_refused_form_says_where_and_keeps_what_was_typed(textalk_hub: TextalkHub, wish: dict[str, Any], said: str) -> None:
    """TXT-18, TXT-22: opposite directions are refused together; nothing is kept."""
    before = textalk_hub.integration().settings
    answer = client("owner", "sv").post(ADDRESS, typed(textalk_hub, **wish), headers={"accept-language": "en"})
    shown = answer.content.decode()
    assert answer.status_code == 400
    assert 'role="alert"' in shown
    assert said in shown
    from django.utils.html import escape

    values = [text for value in wish.values() for text in (value.values() if isinstance(value, dict) else [value])]
    assert all(value == "on" or escape(value) in shown for value in values)
    assert textalk_hub.integration().settings == before


def test_others_see_and_cannot_change(textalk_hub: TextalkHub) -> None:
    for role in ("bookkeeper", "viewer"):
        someone = client(role, "sv")
        assert "Only an owner changes settings." in someone.get(ADDRESS, headers={"accept-language": "en"}).content.decode()
        assert someone.post(ADDRESS, typed(textalk_hub)).status_code == 403


def test_schedule_is_changed_and_read_in_words(textalk_hub: TextalkHub) -> None:
    """TXT-20, TXT-23: a time of day, an interval; what is none is refused."""
    from brygga.store.models import StreamState

    def schedule(name: str) -> object:
        return StreamState.objects.get(integration=textalk_hub.integration(), name=name).schedule

    owner = client("owner", "sv")
    owner.post(ADDRESS, {"stream": "article_import", "mode": "at", "time": "10:10"})
    assert "varje dag kl. 10:10" in owner.get(ADDRESS, headers={"accept-language": "sv"}).content.decode()
    owner.post(ADDRESS, {"stream": "article_import", "mode": "at", "time": "06:30"})
    assert schedule("article_import") == {"mode": "at", "at": "06:30"}
    owner.post(ADDRESS, {"stream": "customer_import", "mode": "every", "minutes": "15"})
    assert schedule("customer_import") == {"mode": "every", "every": 900, "offset": 0}
    for wrong in ({"mode": "every", "minutes": "0"}, {"mode": "at", "time": "25:00"}, {"mode": "sometimes"}):
        assert owner.post(ADDRESS, {"stream": "article_import", **wrong}).status_code == 400
    assert owner.post(ADDRESS, {"stream": "nothing", "mode": "off"}).status_code == 400
    assert schedule("article_import") == {"mode": "at", "at": "06:30"}
