"""A whole hub between a Fortnox and an Opter on ports of this machine, for the walks that people take."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from brygga.clients.limits import Unlimited
from brygga_sandbox import fortnox as fortnox_sandbox
from brygga_sandbox import opter as opter_sandbox
from brygga_sandbox.opter import Limits

NORD: Mapping[str, Any] = {
    "customerCode": "NORD",
    "customerNumber": "1042",
    "name": "Nordbygg AB",
    "organisationNumber": "556016-0680",
    "postalAddress": {"street": "Storgatan 1", "postalCode": "972 38", "city": "Luleå", "countryCode": "SE"},
    "email": "faktura@nordbygg.example",
}
FORTNOX: Mapping[str, Any] = {"Fortnox": {"ignore_payments_before": "2026-01-01", "ignore_numbers_before": 0}}


@dataclass
class OpterHub:
    """The hub under test: its file, its runs, what the two systems saw of it."""

    home: Path
    fortnox: Any
    opter: opter_sandbox.Sandbox
    settings: dict[str, Any] = field(default_factory=lambda: {"payment_definitions": dict(FORTNOX)})

    def declare(self, **settings: Any) -> list[str]:
        """Write the file with these settings of Opter beside the earlier ones and apply it."""
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

[company.acme.opter]
base_url = "{self.opter.base_url}"
api_key = "env:OPTER_KEY"

[company.acme.opter.settings]
{chr(10).join(lines)}
""",
            encoding="utf-8",
        )
        return declare(file, who="test")

    def integration(self) -> Any:
        """Return the integration of the hub."""
        from brygga.store.models import Integration

        return Integration.objects.select_related("company").get(company__slug="acme", system="opter")

    def sync(self, stream: str = "customers", *only: str) -> dict[str, Any]:
        """Run a stream and return what `sync --json` prints; "customers" brings the invoices along."""
        from brygga.sync.report import run_json
        from brygga.sync.start import begin_run, execute

        return run_json(execute(begin_run(self.integration(), stream, trigger="person", only=[f"left:{one}" for one in only]).pk))

    def age(self) -> None:
        """Let what this hub wrote, compared and read lie some minutes back, as if the last run had been a while ago."""
        from django.db.models import F

        from brygga.store.models import Cursor, LinkRow

        some = timedelta(minutes=5)
        LinkRow.objects.exclude(look_again_at=None).update(look_again_at=F("look_again_at") - some)
        LinkRow.objects.exclude(compared_at=None).update(compared_at=F("compared_at") - some)
        Cursor.objects.update(position=F("position") - some)

    def a_day_later(self) -> None:
        """Let what Fortnox has lie a day back, so that its lists do not tell it as changed any more."""
        self.age()
        with self.fortnox.lock:
            company = self.fortnox.company
            for name in ("customers", "invoices", "suppliers", "supplierinvoices"):
                table = company.table(name)
                for key in table.keys():  # noqa: SIM118 - a table is no dict
                    table.put(key, table.get(key), company.minute() - 24 * 60)
            company.commit()

    def problems(self, stream: str, *sorts: str) -> list[dict[str, Any]]:
        """Return the open problems of a stream."""
        from brygga.sync.look import problem_rows

        return problem_rows(f"acme/opter.{stream}", sorts)

    def links(self, stream: str) -> dict[str, str]:
        """Return Opter's id -> Fortnox' of all links of a stream."""
        from brygga.sync.look import link_rows

        return {row["left"]: row["right"] for row in link_rows(f"acme/opter.{stream}")}

    def check(self) -> list[dict[str, Any]]:
        """Return the rows of the preflight about Opter."""
        from brygga.sync.check import check_company

        return [row for row in check_company("acme") if "opter" in row["connection"]]

    def clear(self) -> None:
        """Forget the requests that both systems saw."""
        self.fortnox.requests.clear()
        self.opter.requests.clear()

    def fortnox_writes(self) -> list[tuple[str, str, Any]]:
        """Return the writes that Fortnox saw, signing in left out."""
        return [
            (seen.method, seen.path, json.loads(seen.body) if seen.body else None)
            for seen in self.fortnox.requests
            if seen.method not in ("GET", "HEAD") and "/oauth-v1/" not in seen.path
        ]

    def fortnox_call(self, method: str, path: str, body: Any = None) -> Any:
        """Ask Fortnox' API as another program of the company would; what it does is not kept among the hub's requests."""
        headers = {"Authorization": f"Bearer {self.fortnox.access_token}", "Content-Type": "application/json"}
        kept = list(self.fortnox.requests)
        answer = httpx2.request(method, self.fortnox.base_url + path, headers=headers, json=body, timeout=30, verify=False)
        self.fortnox.requests[:] = kept
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def records(self, table: str) -> list[dict[str, Any]]:
        """Return all records of a register of Fortnox."""
        with self.fortnox.lock:
            return [dict(record) for record in self.fortnox.company.table(table).all()]

    def held(self, table: str, key: Any) -> dict[str, Any]:
        """Return a record as Fortnox holds it."""
        with self.fortnox.lock:
            found = self.fortnox.company.get(table, key)
        assert found is not None, f"Fortnox has no {table} {key}"
        return dict(found)

    # Opter, as a person there would use it ---------------------------------------------------------------------------------

    def invoice(self, number: str = "100353", net: Any = "1000.00", **more: Any) -> str:
        """Make an invoice of a closed period for Nordbygg, with one row of 25 percent where nothing else is wished for."""
        coding = [{"account": "3001", "text": "Styckegods", "net": _exact(net), "vatPercent": 25}]
        given = {
            "invoiceNumber": number,
            "customerCode": "NORD",
            "invoiceDate": "2026-09-04",
            "dueDate": "2026-10-04",
            "orders": [{"orderNumber": "4555", "orderDate": "2026-09-04"}],
            "coding": coding,
            **more,
        }
        return self.opter.load("Invoices", [given])[0]

    def export_of(self, number: str) -> dict[str, Any]:
        """Return what Opter knows of the export of an invoice."""
        return dict(self.opter.get("Invoices", number)["export"] or {})


def _exact(value: Any) -> Any:
    from decimal import Decimal

    return Decimal(str(value))


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)} = {_toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _hub(database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpterHub]:
    with ExitStack() as stack:
        # These walks are about what is carried over; the budgets have tests of their own.
        fortnox = stack.enter_context(fortnox_sandbox.running(rate_limit=False))
        monkeypatch.setattr("brygga.sync.open.Permits", lambda budget, **window: Unlimited())
        opter = stack.enter_context(opter_sandbox.running(Limits(calls=0)))
        monkeypatch.setenv("FORTNOX_CLIENT_ID", fortnox.client_id)
        monkeypatch.setenv("FORTNOX_CLIENT_SECRET", fortnox.client_secret)
        monkeypatch.setenv("OPTER_KEY", opter.key)
        opter.load("Customers", [NORD])
        hub = OpterHub(database.home, fortnox, opter)
        hub.declare()
        yield hub


@pytest.fixture
def opter_hub(sqlite_database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpterHub]:
    """A hub on SQLite, declared, nothing synced yet."""
    yield from _hub(sqlite_database, monkeypatch)


@pytest.fixture
def opter_hub_on_both(database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpterHub]:
    """The same on SQLite and on PostgreSQL."""
    yield from _hub(database, monkeypatch)
