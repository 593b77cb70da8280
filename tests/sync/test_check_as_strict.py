"""The check is as strict as the run: every place in the code that refuses a setting is in the table below, and `check` tells it first.

The table is held against the code: a new refusal of a connector without its line, or a line without its refusal, fails.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import brygga.connectors
from brygga.errors import SettingsError
from hub import Hub
from mobigo_hub import MobigoHub
from opter_hub import OpterHub
from textalk_hub import TextalkHub
from upsales_hub import Shop, UpsalesHub

AT_APPLY = {
    # Raised while the settings are read, so that `apply` refuses the file and nothing is stored.
    "settings.read",
    "settings._value",
    "textalk.settings.read",
    "webcrm.settings.read",
    "webcrm.settings._check_places",
    "webcrm.settings._article_fields",
    "webcrm.document_settings.document_settings",
}
ASKED_BY_A_PERSON = {
    # No setting that a run reads: a command, a form or a file that a person gives names what is not there.
    "__init__.stream",
    "__init__._known",
    "connections.connect_mobigo",
    "connections.connect_opter",
    "flows.chosen",
    "verbs.of_register",
    "verbs.of_kind",
    "mobigo.connector.MobigoConnector.import_file",
    "opter.settings.Settings.definition",
}
BY_CHECK = {
    # Raised by a run; each has its case below.
    "fortnox.articles.Articles._chosen_beforehand",
    "mobigo.settings.Settings.need_register",
    "mobigo.settings.Settings.need_document",
    "opter.connector.OpterConnector.need_kronor",
    "upsales.layout.Layout.placeholder",
    "upsales.layout._stage",
    "upsales.settings.complete",
    "webcrm.articles.item_layout",
    "webcrm.articles.read_setup",
    "webcrm.delivery_map.delivery_layout",
    "webcrm.layout.layout_of",
    "webcrm.layout.find_field",
    "webcrm.layout._no_two_in_one",
}


def refusals() -> Iterator[str]:
    """Yield each place in the connectors that refuses a setting, as module.function."""
    root = Path(brygga.connectors.__file__).parent
    for path in root.rglob("*.py"):
        module = ".".join(path.relative_to(root).with_suffix("").parts)
        yield from _in(ast.parse(path.read_text(encoding="utf-8")), module)


def _in(node: ast.AST, place: str) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        inner = f"{place}.{child.name}" if isinstance(child, ast.FunctionDef | ast.ClassDef) else place
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id == "SettingsError":
            yield place
        yield from _in(child, inner)


def test_every_refusal_of_a_setting_has_its_line() -> None:
    assert set(refusals()) == AT_APPLY | ASKED_BY_A_PERSON | BY_CHECK


@pytest.fixture
def raised(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The places that raised a SettingsError, so that a case is held to the refusal it is for."""
    import sys

    places: list[str] = []
    init = SettingsError.__init__

    def noted(self: SettingsError, *args: Any, **more: Any) -> None:
        frame = sys._getframe(1)
        while frame and "brygga/connectors" not in frame.f_code.co_filename:
            frame = frame.f_back  # type: ignore[assignment]
        if frame:
            module = frame.f_globals["__name__"].removeprefix("brygga.connectors.")
            places.append(f"{module}.{frame.f_code.co_qualname}")
        init(self, *args, **more)

    monkeypatch.setattr(SettingsError, "__init__", noted)
    return places


@contextmanager
def given(system: str, stream: str, settings: Mapping[str, Any]) -> Iterator[Any]:
    """Let a company's settings be these, beside its own, and this stream alone be on, as the systems were changed after `apply`."""
    from brygga.store.models import Integration, StreamState

    integration = Integration.objects.select_related("company").get(company__slug="acme", system=system)
    kept, schedules = integration.settings, dict(StreamState.objects.values_list("pk", "schedule"))
    StreamState.objects.update(schedule={"mode": "off"})
    StreamState.objects.update_or_create(integration=integration, name=stream, defaults={"schedule": {"mode": "manual"}})
    merged = dict(kept)
    for key, value in settings.items():
        merged[key] = {**merged.get(key, {}), **value} if isinstance(value, dict) else value
    Integration.objects.filter(pk=integration.pk).update(settings=merged)
    integration.refresh_from_db()
    yield integration
    Integration.objects.filter(pk=integration.pk).update(settings=kept)
    for pk, schedule in schedules.items():
        StreamState.objects.filter(pk=pk).update(schedule=schedule)


def told_first(raised: list[str], place: str, system: str, stream: str, settings: Mapping[str, Any], level: str = "error") -> None:
    """`check` tells the refusal of a place with its repair, and the run fails by the same place, in the same words."""
    from brygga.sync.check import check_company
    from brygga.sync.report import run_json
    from brygga.sync.start import begin_run, execute

    with given(system, stream, settings) as integration:
        raised.clear()
        rows = check_company("acme")
        assert place in raised, (place, raised, [row for row in rows if row["level"] != "ok"])
        errors = [row for row in rows if row["level"] == level]
        assert errors, rows
        raised.clear()
        result = run_json(execute(begin_run(integration, stream, trigger="person").pk))
        assert place in raised, (place, raised, result)
        assert result["status"] == "failed"
        [same] = [row for row in errors if row["text"] in result["message"]]
        assert same["repair"]


def test_what_webcrm_lacks_is_told_by_the_check_first(hub: Hub, raised: list[str]) -> None:
    for place, stream, settings in (
        ("webcrm.layout.layout_of", "customers", {"fields": {"invoice_city": "Ort som ingen har gjort"}}),
        (
            "webcrm.layout._no_two_in_one",
            "customers",
            {"fields": {"invoice_city": "PostCode"}},
        ),
        ("webcrm.delivery_map.delivery_layout", "deliveries", {"delivery_fields": {"number": "Nummer som ingen har gjort"}}),
        ("webcrm.delivery_map.delivery_layout", "deliveries", {"delivery_fields": {"number": "DeliveryCustom99"}}),
        ("webcrm.articles.item_layout", "articles", {"article_fields": {"number": "Data9"}}),
    ):
        told_first(raised, place, "webcrm", stream, settings)


def test_what_upsales_lacks_is_told_by_the_check_first(upsales_hub: UpsalesHub, raised: list[str]) -> None:
    Shop(upsales_hub).sell()
    for place, settings in (
        ("upsales.layout._stage", {"won_stage": "Vunnen som ingen har"}),
        ("upsales.layout._stage", {"won_stage": "Förlorad"}),
        ("upsales.layout.Layout.placeholder", {"placeholder_user": "Ingen"}),
        ("upsales.settings.complete", {"won_stage": ""}),
    ):
        told_first(raised, place, "upsales", "sales", settings)
    told_first(raised, "fortnox.articles.Articles._chosen_beforehand", "upsales", "products", {"price_list": "BORTA"})


def test_what_mobigo_lacks_is_told_by_the_check_first(mobigo_hub: MobigoHub, raised: list[str]) -> None:
    told_first(raised, "mobigo.settings.Settings.need_register", "mobigo", "customers", {"registers": []}, "warning")
    told_first(raised, "mobigo.settings.Settings.need_document", "mobigo", "assignments", {"document": ""}, "warning")


def test_opter_in_another_currency_is_told_by_the_check_first(opter_hub: OpterHub, raised: list[str]) -> None:
    opter_hub.opter.state.installation.default_currency = "EUR"
    told_first(raised, "opter.connector.OpterConnector.need_kronor", "opter", "customers", {})


def test_accounts_for_another_rate_and_articles_without_one_are_warned_of(textalk_hub: TextalkHub) -> None:
    from brygga.sync.check import check_company

    with textalk_hub.fortnox.lock:
        textalk_hub.fortnox.company.load("articles", [{"ArticleNumber": "BAR", "Description": "Bar"}])
        textalk_hub.fortnox.company.table("articles").records["BAR"].update(SalesAccount=0, VAT=None)
    with given("textalk", "buyers", {"accounts": {"goods 25": "3003"}, "freight_article": "BAR"}):
        rows = [row for row in check_company("acme") if row["level"] == "warning"]
    told = [row["text"] for row in rows]
    assert "Försäljningskonton: account 3003 is chosen for 25 % VAT and does not stand for it in Fortnox." in told
    assert any("article BAR has no sales account" in text for text in told), told
