"""A whole hub between a Fortnox and an Upsales on ports of this machine, for the walks that people take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from brygga.clients.limits import Unlimited
from brygga_sandbox import fortnox as fortnox_sandbox
from brygga_sandbox import upsales as upsales_sandbox
from brygga_sandbox.upsales import Setup

CHOSEN: dict[str, Any] = {
    "module": "invoice",
    "placeholder_user": "Integration",
    "won_stage": "Order",
    "lost_stage": "Förlorad",
    "offer_stage": "Offert",
    "price_list": "A",
    "approved": True,
}
STREAMS = ("customers", "products", "offers", "sales")


@dataclass
class UpsalesHub:
    """The hub under test: its file, its runs, what the two systems saw of it."""

    home: Path
    fortnox: Any
    upsales: Any
    settings: dict[str, Any] = field(default_factory=lambda: dict(CHOSEN))

    def declare(self, **settings: Any) -> list[str]:
        """Write the file with these settings of Upsales and apply it; None takes a setting away."""
        from brygga.sync.declare import declare

        self.settings |= settings
        given = {key: value for key, value in self.settings.items() if value is not None}
        lines = "\n".join(f"{key} = {_toml(value)}" for key, value in given.items())
        file = self.home / "acme.toml"
        file.write_text(
            f"""[company.acme]
name = "Acme AB"

[company.acme.fortnox]
base_url = "{self.fortnox.base_url}"
client_id = "env:FORTNOX_CLIENT_ID"
client_secret = "env:FORTNOX_CLIENT_SECRET"
tenant_id = "{self.fortnox.tenant_id}"

[company.acme.upsales]
base_url = "{self.upsales.base_url}"
api_key = "env:UPSALES_KEY"

[company.acme.upsales.settings]
{lines}
""",
            encoding="utf-8",
        )
        return declare(file, who="test")

    def integration(self) -> Any:
        from brygga.store.models import Integration

        return Integration.objects.select_related("company").get(company__slug="acme", system="upsales")

    def age(self, **by: float) -> None:
        """Let what this hub wrote, compared and read lie some minutes back, as if the last run had been a while ago."""
        from django.db.models import F

        from brygga.store.models import Cursor, LinkRow, SettingsVersion

        some = timedelta(**by or {"minutes": 5})
        LinkRow.objects.exclude(look_again_at=None).update(look_again_at=F("look_again_at") - some)
        LinkRow.objects.exclude(compared_at=None).update(compared_at=F("compared_at") - some)
        Cursor.objects.update(position=F("position") - some)
        SettingsVersion.objects.update(made_at=F("made_at") - some)

    def sync(self, stream: str, *, only: tuple[str, ...] = (), trigger: str = "clock") -> dict[str, Any]:
        """Run one stream and return what `sync --json` prints."""
        from brygga.sync.report import run_json
        from brygga.sync.start import begin_run, execute

        run = begin_run(self.integration(), stream, trigger=trigger, only=only)
        return run_json(execute(run.pk))

    def streams(self) -> tuple[str, ...]:
        """Return the streams that have something to do with these settings, in their order."""
        return STREAMS if self.settings["module"] == "order_offer" else tuple(name for name in STREAMS if name != "offers")

    def sync_all(self) -> dict[str, dict[str, Any]]:
        """Run all streams in their order, each a while after what it did last."""
        self.age()
        return {stream: self.sync(stream) for stream in self.streams()}

    def plan(self, stream: str) -> dict[str, Any]:
        """Return what a sync would do."""
        from brygga.sync.start import make_plan

        return make_plan(self.integration(), stream, who="test", save=False)

    def problems(self, stream: str, *sorts: str) -> list[dict[str, Any]]:
        """Return the open problems of a stream."""
        from brygga.sync.look import problem_rows

        return problem_rows(f"acme/upsales.{stream}", sorts)

    def links(self, stream: str) -> dict[str, str]:
        """Return Upsales' id -> Fortnox' number of all links of a stream."""
        from brygga.sync.look import link_rows

        return {row["left"]: row["right"] for row in link_rows(f"acme/upsales.{stream}")}

    def clear(self) -> None:
        """Forget the requests that both systems saw."""
        self.fortnox.requests.clear()
        self.upsales.requests.clear()

    def fortnox_writes(self) -> list[tuple[str, str, Any]]:
        """Return the writes that Fortnox saw, signing in left out."""
        return [
            (seen.method, seen.path, json.loads(seen.body) if seen.body else None)
            for seen in self.fortnox.requests
            if seen.method not in ("GET", "HEAD") and "/oauth-v1/" not in seen.path
        ]

    def posts(self) -> list[str]:
        """Return the addresses at which something was made in Fortnox."""
        return [path for method, path, _ in self.fortnox_writes() if method == "POST"]

    def quiet(self) -> None:
        """A further round writes nothing on either side: no echo."""
        self.age()
        self.clear()
        results = {stream: self.sync(stream) for stream in self.streams()}
        assert self.fortnox_writes() == []
        assert self.upsales.writes() == []
        assert {name: result["counts"]["failed"] for name, result in results.items()} == dict.fromkeys(self.streams(), 0)

    # Fortnox, as a person there would use it ------------------------------------------------------------------------------

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

    def put(self, table: str, key: Any, **fields: Any) -> None:
        """Set fields of a record of Fortnox, made of blanks where it is not there."""
        with self.fortnox.lock:
            company = self.fortnox.company
            old = company.get(table, key) or dict(company.table(table).blank)
            company.put(table, key, {**old, **fields})
            company.commit()

    def held(self, table: str, key: Any) -> dict[str, Any]:
        """Return a record as Fortnox holds it."""
        with self.fortnox.lock:
            found = self.fortnox.company.get(table, key)
        assert found is not None, f"Fortnox has no {table} {key}"
        return dict(found)

    def all(self, table: str) -> list[dict[str, Any]]:
        """Return all records of a table of Fortnox."""
        with self.fortnox.lock:
            return [dict(record) for record in self.fortnox.company.table(table).all()]

    def article(self, number: str, name: str, price: Any = 100, **more: Any) -> None:
        """Make an article with its price in list A."""
        self.put("articles", number, ArticleNumber=number, Description=name, SalesPrice=price, **more)
        self.put("prices", ("A", number, "0"), PriceList="A", ArticleNumber=number, FromQuantity=0, Price=price)

    # Upsales, as a person there would use it ------------------------------------------------------------------------------

    def company(self, name: str = "Fjord AB", **more: Any) -> int:
        return int(self.upsales.add("accounts", {"name": name, **more}))

    def sale(self, client: int, *rows: dict[str, Any], stage: str = "Order", **more: Any) -> int:
        """Make a sale; a row is {"product": id, "quantity": 2, "price": 90, "listPrice": 100}."""
        body = {
            "description": "Möbler till kontoret",
            "date": "2026-11-20",
            "user": {"id": 1},
            "client": {"id": client},
            "stage": {"id": self.upsales.stage(stage)},
            "orderRow": [{**row, "product": {"id": row["product"]}} for row in rows],
        }
        return int(self.upsales.add("orders", {**body, **more}))

    def product(self, number: str) -> int:
        """Return the id of a product by its article number."""
        return next(int(one["id"]) for one in self.upsales.all("products") if one["articleNo"] == number)


class Shop:
    """A hub after its first sync: two articles are products, one company is a customer by its number."""

    def __init__(self, hub: UpsalesHub, **settings: Any) -> None:
        self.hub = hub
        hub.declare(**settings)
        for number, name, price in (("A1", "Bord", 100), ("A2", "Stol", 125.5)):
            hub.article(number, name, price)
        hub.fortnox.company.load("customers", [{"CustomerNumber": "101", "Name": "Fjord AB", "OrganisationNumber": "556016-0680"}])
        hub.sync_all()
        self.client = int(next(iter(hub.links("customers"))))
        self.table, self.chair = hub.product("A1"), hub.product("A2")
        self.register = "invoices" if hub.settings["module"] == "invoice" else "orders"
        hub.clear()

    def rows(self) -> tuple[dict[str, Any], ...]:
        """Return two rows: one with a discount of 10 on each, one without."""
        return (
            {"product": self.table, "quantity": 2, "price": 90, "listPrice": 100},
            {"product": self.chair, "quantity": 4, "price": 125.5, "listPrice": 125.5},
        )

    def sell(self, *rows: dict[str, Any], **more: Any) -> int:
        return self.hub.sale(self.client, *(rows or self.rows()), **more)

    def number_of(self, sale: int, stream: str = "sales") -> str:
        return self.hub.links(stream)[str(sale)]

    def document(self, sale: int) -> dict[str, Any]:
        return self.hub.held(self.register, self.number_of(sale))

    def in_fortnox(self, register: str | None = None, **fields: Any) -> str:
        """Make a document in Fortnox as a person would, and return its number."""
        register = register or self.register
        one = {"orders": "Order", "invoices": "Invoice", "offers": "Offer"}[register]
        quantity = "Quantity" if register == "offers" else "DeliveredQuantity"
        rows: list[dict[str, Any]] = [
            {"ArticleNumber": "A1", "Description": "Bord", quantity: 2, "Price": 100, "Discount": 10, "DiscountType": "PERCENT"},
            {"Description": "Levereras till lastkajen"},
            {"ArticleNumber": "A2", "Description": "Stol", quantity: 4, "Price": 125.5},
        ]
        if register == "orders":
            rows = [{**row, "OrderedQuantity": row[quantity]} if quantity in row else row for row in rows]
        body = {"CustomerNumber": "101", f"{one}Rows": rows, **fields}
        answer = self.hub.fortnox_call("POST", f"/3/{register}", {one: body})
        return str(answer[one]["DocumentNumber"])


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _hub(database: Any, monkeypatch: pytest.MonkeyPatch, setup: Setup) -> Iterator[UpsalesHub]:
    with ExitStack() as stack:
        # These walks are about what is carried over; the budget has tests of its own, and waiting for it takes minutes.
        fortnox = stack.enter_context(fortnox_sandbox.running(rate_limit=False))
        monkeypatch.setattr("brygga.sync.open.Permits", lambda budget, **window: Unlimited())
        upsales = stack.enter_context(upsales_sandbox.running(setup))
        monkeypatch.setenv("FORTNOX_CLIENT_ID", fortnox.client_id)
        monkeypatch.setenv("FORTNOX_CLIENT_SECRET", fortnox.client_secret)
        monkeypatch.setenv("UPSALES_KEY", upsales.token)
        yield UpsalesHub(database.home, fortnox, upsales)


@pytest.fixture
def upsales_hub(sqlite_database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[UpsalesHub]:
    """A hub on SQLite, its settings chosen, not declared yet."""
    yield from _hub(sqlite_database, monkeypatch, Setup(price_lists=True))


@pytest.fixture
def upsales_hub_on_both(database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[UpsalesHub]:
    """The same on SQLite and on PostgreSQL."""
    yield from _hub(database, monkeypatch, Setup(price_lists=True))
