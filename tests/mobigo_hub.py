"""A whole hub between a Fortnox and a Mobigo on ports of this machine, for the walks that people take."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from brygga_sandbox import fortnox as fortnox_sandbox
from brygga_sandbox import mobigo as mobigo_sandbox
from brygga_sandbox.mobigo import Limits

CONFIGURED: Mapping[str, Any] = {"registers": ["customers", "articles"], "document": "order"}
TIME = {"timeType": "Arbete", "hours": 3, "billableHours": 2.5, "price": 650, "text": "Felsökning"}
MATERIAL = {"articleNumber": "200", "name": "Packning 15 mm", "quantity": 4, "unit": "st", "price": 12.5}


@dataclass
class MobigoHub:
    """The hub under test: its file, its runs, what the two systems saw of it."""

    home: Path
    fortnox: Any
    mobigo: mobigo_sandbox.Sandbox
    settings: dict[str, Any] = field(default_factory=lambda: dict(CONFIGURED))

    def declare(self, **settings: Any) -> list[str]:
        """Write the file with these settings of Mobigo beside the earlier ones and apply it."""
        from brygga.sync.declare import declare

        self.settings |= settings
        lines = [f"{key} = {_toml(value)}" for key, value in self.settings.items()]
        file = self.home / "acme.toml"
        file.write_text(
            f"""[company.acme]
name = "Acme AB"

[company.acme.fortnox]
base_url = "{self.fortnox.base_url}"
client_id = "env:FORTNOX_CLIENT_ID"
client_secret = "env:FORTNOX_CLIENT_SECRET"
tenant_id = "{self.fortnox.tenant_id}"

[company.acme.mobigo]
base_url = "{self.mobigo.base_url}"
api_key = "env:MOBIGO_KEY"

[company.acme.mobigo.settings]
{chr(10).join(lines)}
""",
            encoding="utf-8",
        )
        return declare(file, who="test")

    def sync(self, stream: str, *only: str, trigger: str = "person") -> dict[str, Any]:
        """Run a stream, for the chosen assignments where some are named, and return what `sync --json` prints."""
        from brygga.sync.report import run_json
        from brygga.sync.start import begin_run, execute

        chosen = [f"left:{number}" for number in only]
        run = begin_run(self.integration(), stream, trigger=trigger, only=chosen)
        return run_json(execute(run.pk))

    def integration(self) -> Any:
        """Return the integration of the hub."""
        from brygga.store.models import Integration

        return Integration.objects.select_related("company").get(company__slug="acme", system="mobigo")

    def plan(self, stream: str) -> dict[str, Any]:
        """Return what a sync would do."""
        from brygga.sync.start import make_plan

        return make_plan(self.integration(), stream, who="test", save=False)

    def problems(self, stream: str, *sorts: str) -> list[dict[str, Any]]:
        """Return the open problems of a stream."""
        from brygga.sync.look import problem_rows

        return problem_rows(f"acme/mobigo.{stream}", sorts)

    def age(self) -> None:
        """Let what this hub wrote lie some minutes back, so that the next run looks at it once more."""
        from datetime import timedelta

        from django.db.models import F

        from brygga.store.models import LinkRow

        LinkRow.objects.exclude(look_again_at=None).update(look_again_at=F("look_again_at") - timedelta(minutes=5))

    def retry(self, problem: dict[str, Any]) -> None:
        """Let a person ask for another try."""
        from brygga.sync.resolve import answer

        answer(problem["id"], {"retry": True}, "test")

    def links(self, stream: str) -> dict[str, str]:
        """Return Mobigo's id -> Fortnox' of all links of a stream."""
        from brygga.sync.look import link_rows

        return {row["left"]: row["right"] for row in link_rows(f"acme/mobigo.{stream}")}

    def check(self) -> list[dict[str, Any]]:
        """Return the rows of the preflight about Mobigo."""
        from brygga.sync.check import check_company

        return [row for row in check_company("acme") if "mobigo" in row["connection"]]

    def clear(self) -> None:
        """Forget the requests that both systems saw."""
        self.fortnox.requests.clear()
        self.mobigo.requests.clear()

    def fortnox_writes(self) -> list[tuple[str, str, Any]]:
        """Return the writes that Fortnox saw, signing in left out."""
        return [
            (seen.method, seen.path, json.loads(seen.body) if seen.body else None)
            for seen in self.fortnox.requests
            if seen.method not in ("GET", "HEAD") and "/oauth-v1/" not in seen.path
        ]

    def records(self, table: str) -> list[dict[str, Any]]:
        """Return all records of a register of Fortnox: orders, invoices, customers ..."""
        with self.fortnox.lock:
            return [dict(record) for record in self.fortnox.company.table(table).all()]

    def edit(self, table: str, number: str, **fields: Any) -> None:
        """Change a record as a person in Fortnox would, now."""
        with self.fortnox.lock:
            company = self.fortnox.company
            company.put(table, number, {**company.get(table, number), **fields})
            company.commit()


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)} = {_toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def furnish(hub: MobigoHub) -> None:
    """Give Fortnox two customers and three articles, and Mobigo its time types."""
    hub.fortnox.company.load(
        "customers",
        [
            {"CustomerNumber": "1042", "Name": "Alm Fastigheter AB", "OurReference": "Vera Lind", "YourReference": "Karin Ek"},
            {"CustomerNumber": "1043", "Name": "Björk Bygg AB"},
        ],
    )
    hub.fortnox.company.load(
        "articles",
        [
            {"ArticleNumber": "100", "Description": "Arbetstid", "Unit": "tim"},
            {"ArticleNumber": "200", "Description": "Packning", "Unit": "st", "PurchasePrice": 4},
            {"ArticleNumber": "201", "Description": "Rör 15 mm", "Unit": "m"},
        ],
    )
    hub.mobigo.load("TimeTypes", [{"name": "Arbete", "articleNumber": "100"}, {"name": "Restid"}])


def assignment(hub: MobigoHub, number: str = "1001", **more: Any) -> None:
    """Make an assignment with one time row and one material row, marked for export."""
    given = {"customerNumber": "1042", "status": "Klart", "marked": True, "times": [TIME], "materials": [MATERIAL], **more}
    hub.mobigo.assignment(number, **given)


def priced(hub: MobigoHub, *prices: tuple[str, str]) -> None:
    """Give articles a price in Fortnox' first list."""
    rows = [{"PriceList": "A", "ArticleNumber": article, "FromQuantity": 0, "Price": Decimal(price)} for article, price in prices]
    with hub.fortnox.lock:
        hub.fortnox.company.load("prices", rows)


@pytest.fixture
def mobigo_hub(sqlite_database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[MobigoHub]:
    """A hub on SQLite between a furnished Fortnox and an empty Mobigo, connected and configured; nothing synced yet."""
    yield from _hub(sqlite_database, monkeypatch)


@pytest.fixture
def mobigo_hub_on_both(database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[MobigoHub]:
    """The same on SQLite and on PostgreSQL."""
    yield from _hub(database, monkeypatch)


def _hub(database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[MobigoHub]:
    with ExitStack() as stack:
        fortnox = stack.enter_context(fortnox_sandbox.running())
        mobigo = stack.enter_context(mobigo_sandbox.running(Limits()))
        monkeypatch.setenv("FORTNOX_CLIENT_ID", fortnox.client_id)
        monkeypatch.setenv("FORTNOX_CLIENT_SECRET", fortnox.client_secret)
        monkeypatch.setenv("MOBIGO_KEY", f"{mobigo.application_id}:{mobigo.secret}")
        hub = MobigoHub(database.home, fortnox, mobigo)
        hub.declare()
        furnish(hub)
        yield hub
