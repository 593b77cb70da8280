"""A whole hub between a Fortnox and a Textalk Webshop on ports of this machine, for the walks that people take."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from brygga.clients.limits import Unlimited
from brygga_sandbox import fortnox as fortnox_sandbox
from brygga_sandbox import textalk as textalk_sandbox

CONFIGURED: Mapping[str, Any] = {
    "documents": {"Faktura": "invoice", "Kort": "cash_invoice", "Swish": "order", "Klarna": "invoice", "Presentkort": "invoice"}
}
MUG = {"articleNumber": "MUGG-1", "name": "Mugg", "quantity": 2, "incVat": 198, "vatRate": 0.25}
LIV = {
    "address": {
        "firstName": "Liv",
        "lastName": "Dahl",
        "address": "Storgatan 1",
        "postcode": "111 22",
        "town": "Stockholm",
        "country": "SE",
    },
    "info": {"email": "liv@dahl.example"},
}


@dataclass
class TextalkHub:
    """The hub under test: its file, its runs, what the two systems saw of it."""

    home: Path
    fortnox: Any
    shop: textalk_sandbox.Sandbox
    settings: dict[str, Any] = field(default_factory=lambda: dict(CONFIGURED))
    streams: dict[str, str] = field(default_factory=dict)

    def declare(self, **settings: Any) -> list[str]:
        """Write the file with these settings of the shop beside the earlier ones and apply it."""
        from brygga.sync.declare import declare

        wished = self.settings | settings
        lines = [f"{key} = {_toml(value)}" for key, value in wished.items()]
        file = self.home / "acme.toml"
        file.write_text(
            f"""[company.acme]
name = "Acme AB"

[company.acme.fortnox]
base_url = "{self.fortnox.base_url}"
client_id = "env:FORTNOX_CLIENT_ID"
client_secret = "env:FORTNOX_CLIENT_SECRET"
tenant_id = "{self.fortnox.tenant_id}"

[company.acme.textalk]
base_url = "{self.shop.base_url}"
api_key = "env:TEXTALK_KEY"

[company.acme.textalk.settings]
{chr(10).join(lines)}
""",
            encoding="utf-8",
        )
        said = declare(file, who="test")
        self.settings = wished
        return said

    def age(self) -> None:
        """Let what this hub wrote and compared lie some minutes back, as if the last run had been a while ago."""
        from datetime import timedelta

        from django.db.models import F

        from brygga.store.models import Cursor, LinkRow

        some = timedelta(minutes=5)
        LinkRow.objects.exclude(look_again_at=None).update(look_again_at=F("look_again_at") - some)
        LinkRow.objects.exclude(compared_at=None).update(compared_at=F("compared_at") - some)
        Cursor.objects.update(position=F("position") - some)

    def sync(self, stream: str = "buyers") -> dict[str, Any]:
        """Run a stream and return what `sync --json` prints; "buyers" brings the orders' documents and payments along."""
        from brygga.sync.report import run_json
        from brygga.sync.start import begin_run, execute

        return run_json(execute(begin_run(self.integration(), stream, trigger="person").pk))

    def integration(self) -> Any:
        """Return the integration of the hub."""
        from brygga.store.models import Integration

        return Integration.objects.select_related("company").get(company__slug="acme", system="textalk")

    def problems(self, stream: str, *sorts: str) -> list[dict[str, Any]]:
        """Return the open problems of a stream."""
        from brygga.sync.look import problem_rows

        return problem_rows(f"acme/textalk.{stream}", sorts)

    def check(self) -> list[dict[str, Any]]:
        """Return the rows of the preflight."""
        from brygga.sync.check import check_company

        return check_company("acme")

    def health(self, system: str) -> str:
        """Return how a connection was when it was last tried."""
        from brygga.store.models import Connection

        return Connection.objects.get(company__slug="acme", system=system).health

    def clear(self) -> None:
        """Forget the requests that both systems saw."""
        self.fortnox.requests.clear()
        self.shop.requests.clear()

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

    def document(self, path: str, number: object) -> dict[str, Any]:
        """Return a document as Fortnox' API shows it."""
        assert number, "the order has no document"
        headers = {"Authorization": f"Bearer {self.fortnox.access_token}"}
        kept = list(self.fortnox.requests)
        url = f"{self.fortnox.base_url}/3/{path}/{number}"
        answer = httpx2.get(url, headers=headers, timeout=30, verify=False)
        self.fortnox.requests[:] = kept
        assert answer.status_code == 200, answer.text
        return dict(next(iter(answer.json().values())))

    def act(self, path: str, body: Any = None) -> Any:
        """Do something in Fortnox as another program of the company would: POST a body, else PUT an action."""
        headers = {"Authorization": f"Bearer {self.fortnox.access_token}", "Content-Type": "application/json"}
        url = self.fortnox.base_url + path
        answer = httpx2.request("POST" if body else "PUT", url, headers=headers, json=body, timeout=30, verify=False)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def act_get(self, path: str) -> Any:
        """Read something of Fortnox as another program would."""
        headers = {"Authorization": f"Bearer {self.fortnox.access_token}"}
        answer = httpx2.get(self.fortnox.base_url + path, headers=headers, timeout=30, verify=False)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def today(self) -> str:
        """Return the day in Stockholm as Fortnox has it."""
        return str(self.fortnox.clock.local().date())

    def edit(self, table: str, number: str, **fields: Any) -> None:
        """Change a record as a person in Fortnox would, now."""
        with self.fortnox.lock:
            company = self.fortnox.company
            company.put(table, number, {**company.get(table, number), **fields})
            company.commit()

    def price(self, article: str, price: object) -> None:
        """Set an article's price in the list of Fortnox that is chosen beforehand, or take it away with None."""
        from brygga_sandbox.fortnox.registers.prices import put_base_price

        with self.fortnox.lock:
            company = self.fortnox.company
            if price is None:
                key = next(key for key in company.table("prices").records if key[1] == article)
                company.delete("prices", key)
            else:
                put_base_price(company, article, price)
            company.put("articles", article, company.get("articles", article))
            company.commit()

    def order(self, **wish: Any) -> int:
        """Place an order: two mugs for Liv by invoice where nothing else is wished for."""
        return self.shop.order(**{"items": [MUG], "customer": LIV, **wish})

    def number(self, order: int) -> str:
        """Return the number that the bookkeeping has given an order."""
        return str(self.shop.get("Order", order)["externalOrderNumber"])


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)} = {_toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def furnish(hub: TextalkHub) -> None:
    """Give Fortnox the articles that orders need."""
    names = {"Rabatt": "Rabatt", "Annan-betalning": "Annan betalning", "Frakt": "Frakt", "Avgift": "Avgift", "MUGG-1": "Mugg"}
    names |= dict.fromkeys(("A", "B", "C", "CD", "BOOK"), "Vara")
    hub.fortnox.company.load("articles", [{"ArticleNumber": number, "Description": name} for number, name in names.items()])


@pytest.fixture
def textalk_hub(sqlite_database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[TextalkHub]:
    """A hub on SQLite between a furnished Fortnox and a shop, connected and configured; the first run is over."""
    with ExitStack() as stack:
        # A test that is not about Fortnox' limit does not wait for it, neither here nor there.
        fortnox = stack.enter_context(fortnox_sandbox.running(rate_limit=False))
        shop = stack.enter_context(textalk_sandbox.running())
        monkeypatch.setattr("brygga.sync.open.Permits", lambda budget, **window: Unlimited())
        monkeypatch.setenv("FORTNOX_CLIENT_ID", fortnox.client_id)
        monkeypatch.setenv("FORTNOX_CLIENT_SECRET", fortnox.client_secret)
        monkeypatch.setenv("TEXTALK_KEY", f"{shop.webshop}:{shop.token}")
        hub = TextalkHub(sqlite_database.home, fortnox, shop)
        hub.declare()
        furnish(hub)
        hub.sync()
        hub.clear()
        yield hub
