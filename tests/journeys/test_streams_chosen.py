"""Nothing runs that nobody chose: which streams a file switches on, and what stays off."""

from __future__ import annotations

from pathlib import Path

import pytest

from brygga.errors import SettingsError
from hub import Hub, organisation

FILE = """[company.alfa]
name = "Alfa AB"

[company.alfa.fortnox]
client_id = "env:FORTNOX_CLIENT_ID"
client_secret = "env:FORTNOX_CLIENT_SECRET"
tenant_id = "7"

[company.alfa.{system}]
base_url = "https://system.example"
api_key = "env:KEY"

[company.alfa.{system}.settings]
{settings}

[company.alfa.{system}.streams]
{streams}
"""


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORTNOX_CLIENT_ID", "FORTNOX_CLIENT_SECRET", "KEY"):
        monkeypatch.setenv(name, "made-up:key")


def declare(folder: Path, system: str, settings: str = "", streams: str = "") -> list[str]:
    from brygga.sync.declare import declare as apply

    file = folder / "alfa.toml"
    file.write_text(FILE.format(system=system, settings=settings, streams=streams), encoding="utf-8")
    return apply(file, who="test")


def modes(system: str) -> dict[str, str]:
    from brygga.store.models import StreamState

    rows = StreamState.objects.filter(integration__system=system, integration__company__slug="alfa")
    return {row.name: row.schedule["mode"] for row in rows}


def test_file_that_names_customers_switches_on_customers_alone(sqlite_database: object, tmp_path: Path) -> None:
    """A file that named the stream `customers` also switched on articles and deliveries, which make orders and invoices."""
    said = declare(tmp_path, "webcrm", 'document = "invoice"', 'customers = { every = "6m", offset = "0m" }')
    assert modes("webcrm") == {"customers": "every", "articles": "off", "deliveries": "off"}
    assert "stream alfa/webcrm.deliveries: stays off, as it is not named" in said
    [on] = [line for line in said if line.startswith("stream alfa/webcrm.customers")]
    assert on.endswith("every 6m, offset 0m. Organisations and customers are kept in step.")


@pytest.mark.parametrize(
    ("system", "settings", "on"),
    [
        ("webcrm", "", {"customers"}),
        ("webcrm", 'document = "order"', {"customers", "deliveries"}),
        ("upsales", "", {"customers"}),
        ("upsales", 'module = "invoice"\nprice_list = "A"', {"customers", "products", "sales"}),
        ("textalk", "", set()),
        ("textalk", 'documents = { Kort = "cash_invoice" }', {"buyers"}),
        ("textalk", "import_articles = true", {"article_import"}),
        ("opter", "", set()),
        ("opter", 'send = "by_hand"', {"customers"}),
        ("mobigo", 'registers = ["articles"]', {"articles"}),
        ("mobigo", 'document = "order"', {"assignments"}),
    ],
)
def test_file_that_names_no_stream_switches_on_what_its_settings_ask_for(
    sqlite_database: object, tmp_path: Path, system: str, settings: str, on: set[str]
) -> None:
    said = declare(tmp_path, system, settings)
    assert {name for name, mode in modes(system).items() if mode != "off"} == on
    # Each stream is listed: with what it will do, or why it stays off.
    assert len([line for line in said if line.startswith("stream ")]) == len(modes(system))


def test_stream_that_the_company_has_keeps_what_it_has(sqlite_database: object, tmp_path: Path) -> None:
    declare(tmp_path, "webcrm", 'document = "order"')
    assert declare(tmp_path, "webcrm", 'document = "order"', 'customers = "manual"') == [
        "stream alfa/webcrm.customers: every 6m, offset 0m -> manual"
    ]
    assert modes("webcrm") == {"customers": "manual", "articles": "off", "deliveries": "every"}
    assert declare(tmp_path, "webcrm", 'document = "order"', 'articles = "manual"\ncustomers = "manual"') == [
        "stream alfa/webcrm.articles: off -> manual"
    ]


def test_wide_address_runs_only_what_is_on(hub: Hub) -> None:
    """`brygga sync acme` leaves out what is off; who names a stream that is off asks for it."""
    from brygga.sync.address import switched_on

    hub.webcrm.load("Organisation", [organisation()])
    assert [str(target) for target in switched_on("acme")] == ["acme/webcrm.customers"]
    assert [str(target) for target in switched_on("acme/webcrm.articles")] == ["acme/webcrm.articles"]
    from brygga.store.models import StreamState

    StreamState.objects.update(schedule={"mode": "off"})
    with pytest.raises(SettingsError, match="No stream of acme is switched on"):
        switched_on("acme")
