"""A whole hub between a Fortnox and a webCRM on ports of this machine, for the walks that people take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from brygga.clients.limits import Unlimited
from brygga_sandbox import fortnox as fortnox_sandbox
from brygga_sandbox import webcrm as webcrm_sandbox

FIELDS = {
    "invoice_postcode": "Fakturapostnr",
    "email": "E-post",
    "email_invoice": "E-post faktura",
    "your_reference": "Er referens",
    "our_reference": "Vår referens",
}
"""Where the sandbox's installation keeps what the defaults do not name."""


@dataclass
class Hub:
    """The hub under test: its file, its runs, what the two systems saw of it."""

    home: Path
    fortnox: Any
    webcrm: Any
    settings: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=lambda: dict(FIELDS))
    stream: str = "customers"
    """The stream that `sync`, `plan`, `problems` and `links` mean."""
    file: Path = field(init=False)

    def declare(self, **settings: Any) -> list[str]:
        """Write the file with these settings of webCRM and apply it."""
        from brygga.sync.declare import declare

        self.settings |= settings
        lines = [f"{key} = {_toml(value)}" for key, value in self.settings.items()]
        places = [f"{key} = {_toml(value)}" for key, value in self.fields.items()]
        self.file = self.home / "acme.toml"
        self.file.write_text(
            f"""[company.acme]
name = "Acme AB"

[company.acme.fortnox]
base_url = "{self.fortnox.base_url}"
client_id = "env:FORTNOX_CLIENT_ID"
client_secret = "env:FORTNOX_CLIENT_SECRET"
tenant_id = "{self.fortnox.tenant_id}"

[company.acme.webcrm]
base_url = "{self.webcrm.base_url}"
api_key = "env:WEBCRM_KEY"

[company.acme.webcrm.settings]
{chr(10).join(lines)}

[company.acme.webcrm.settings.fields]
{chr(10).join(places)}

[company.acme.webcrm.streams]
customers = {{ every = "6m", offset = "0m" }}
""",
            encoding="utf-8",
        )
        return declare(self.file, who="test")

    @contextmanager
    def unlimited(self) -> Iterator[None]:
        """Let no limit hold in the block, on neither side: for filling a company before what a test is about."""
        self.fortnox.limiter.enabled = False
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("brygga.sync.open.Permits", lambda budget, **window: Unlimited())
            yield
        self.fortnox.limiter.enabled = True

    def age(self) -> None:
        """Let what this hub wrote and compared lie some minutes back, as if the last run had been a while ago."""
        from datetime import timedelta

        from django.db.models import F

        from brygga.store.models import Cursor, LinkRow

        some = timedelta(minutes=5)
        LinkRow.objects.exclude(look_again_at=None).update(look_again_at=F("look_again_at") - some)
        LinkRow.objects.exclude(compared_at=None).update(compared_at=F("compared_at") - some)
        Cursor.objects.update(position=F("position") - some)

    def sync(
        self, *, sides: tuple[str, ...] = ("left", "right"), only: tuple[str, ...] = (), trigger: str = "person"
    ) -> dict[str, Any]:
        """Run the stream and return what `sync --json` prints."""
        from brygga.store.models import Integration
        from brygga.sync.report import run_json
        from brygga.sync.start import begin_run, execute

        integration = Integration.objects.select_related("company").get(company__slug="acme", system="webcrm")
        run = begin_run(integration, self.stream, trigger=trigger, sides=sides, only=only)  # type: ignore[arg-type]
        return run_json(execute(run.pk))

    def plan(self) -> dict[str, Any]:
        """Return what a sync would do."""
        from brygga.store.models import Integration
        from brygga.sync.start import make_plan

        integration = Integration.objects.select_related("company").get(company__slug="acme", system="webcrm")
        return make_plan(integration, self.stream, who="test", save=False)

    def problems(self, *sorts: str) -> list[dict[str, Any]]:
        """Return the open problems."""
        from brygga.sync.look import problem_rows

        return problem_rows(f"acme/webcrm.{self.stream}", sorts)

    def answer(self, problem: dict[str, Any], **choice: Any) -> None:
        """Answer a problem as a person would."""
        from brygga.sync.resolve import answer

        answer(problem["id"], choice, "test")

    def links(self) -> dict[str, str]:
        """Return webCRM's id -> Fortnox' number of all links."""
        from brygga.sync.look import link_rows

        return {row["left"]: row["right"] for row in link_rows(f"acme/webcrm.{self.stream}")}

    def clear(self) -> None:
        """Forget the requests that both systems saw."""
        self.fortnox.requests.clear()
        self.webcrm.requests.clear()

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

    def fortnox_act(self, path: str) -> Any:
        """Press a button of Fortnox: `/3/invoices/1/bookkeep`."""
        return self.fortnox_call("PUT", path)

    def customer(self, number: str) -> dict[str, Any]:
        """Return one customer as Fortnox holds it."""
        with self.fortnox.lock:
            found = self.fortnox.company.get("customers", number)
        assert found is not None, f"Fortnox has no customer {number}"
        return dict(found)

    def customers(self) -> list[dict[str, Any]]:
        """Return all customers of Fortnox."""
        with self.fortnox.lock:
            return [dict(record) for record in self.fortnox.company.table("customers").all()]

    def edit_customer(self, number: str, **fields: Any) -> None:
        """Change a customer as a person in Fortnox would, now."""
        with self.fortnox.lock:
            company = self.fortnox.company
            company.put("customers", number, {**company.get("customers", number), **fields})
            company.commit()


def _toml(value: Any) -> str:
    """Return a value as TOML writes it: a table in one line, else as JSON."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _hub(database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with ExitStack() as stack:
        fortnox = stack.enter_context(fortnox_sandbox.running())
        webcrm = stack.enter_context(webcrm_sandbox.running())
        monkeypatch.setenv("FORTNOX_CLIENT_ID", fortnox.client_id)
        monkeypatch.setenv("FORTNOX_CLIENT_SECRET", fortnox.client_secret)
        monkeypatch.setenv("WEBCRM_KEY", webcrm.auth_code)
        hub = Hub(database.home, fortnox, webcrm)
        hub.declare()
        yield hub


@pytest.fixture
def hub(sqlite_database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub on SQLite, connected and declared; nothing synced yet."""
    yield from _hub(sqlite_database, monkeypatch)


@pytest.fixture
def hub_on_both(database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The same on SQLite and on PostgreSQL."""
    yield from _hub(database, monkeypatch)


def organisation(**more: Any) -> dict[str, Any]:
    """Return an organisation of webCRM with the chosen type, as its API has it."""
    return {"OrganisationName": "Lindens Bageri AB", "OrganisationType": "Kund – Företag", **more}
