"""A Fortnox sandbox on a port, fresh for each test, a signed-in client, and the shared cases of a topic."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from brygga_sandbox import fortnox

VECTORS = Path(os.environ.get("BRYGGA_VECTORS") or Path(__file__).parents[2] / "vectors" / "cases")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test marked `topic` (an argument `case`) the cases of the topic its module's TOPICS names for it."""
    topic = getattr(metafunc.module, "TOPICS", {}).get(metafunc.function.__name__)
    if topic is not None:
        name, wanted = topic
        cases = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))["cases"]
        chosen = [case for case in cases if wanted(case)]
        metafunc.parametrize("case", chosen, ids=[case["id"] for case in chosen])


class Api:
    """A signed-in client; paths below /3/. Answers are read with exact decimals."""

    def __init__(self, sandbox: fortnox.Sandbox) -> None:
        self.http = httpx2.Client(
            base_url=sandbox.base_url, headers={"Authorization": f"Bearer {sandbox.access_token}"}, timeout=20, verify=False
        )

    def call(self, method: str, path: str, **more: Any) -> httpx2.Response:
        return self.http.request(method, f"/3/{path}", **more)

    def get(self, path: str, **params: Any) -> Any:
        response = self.call("GET", path, params=params or None)
        assert response.status_code == 200, response.text
        return json.loads(response.content, parse_float=Decimal)

    def post(self, path: str, wrapper: str, **fields: Any) -> Any:
        response = self.call("POST", path, content=body(wrapper, fields), headers=JSON)
        assert response.status_code == 201, response.text
        return json.loads(response.content, parse_float=Decimal)[wrapper]

    def put(self, path: str, wrapper: str, **fields: Any) -> Any:
        response = self.call("PUT", path, content=body(wrapper, fields), headers=JSON)
        assert response.status_code == 200, response.text
        return json.loads(response.content, parse_float=Decimal)[wrapper]

    def act(self, path: str) -> Any:
        """Carry out an action that answers a document."""
        response = self.call("PUT", path, content=b"{}", headers=JSON)
        assert response.status_code == 200, response.text
        (answer,) = json.loads(response.content, parse_float=Decimal).values()
        return answer

    def refused(
        self, method: str, path: str, code: int, message: str, wrapper: str = "", *, status: int = 400, **fields: Any
    ) -> None:
        """Make a call that must be refused with exactly this code and message."""
        more: dict[str, Any] = (
            {"content": body(wrapper, fields) if wrapper else b"{}", "headers": JSON} if method in ("POST", "PUT") else {}
        )
        response = self.call(method, path, **more)
        assert response.status_code == status, response.text
        answer = {name.lower(): value for name, value in response.json()["ErrorInformation"].items()}
        assert answer == {"error": 1, "code": code, "message": message}

    def invoice(self, *rows: dict[str, Any], **fields: Any) -> Any:
        """Make an invoice for customer 1."""
        return self.post("invoices", "Invoice", **{"CustomerNumber": "1", "InvoiceRows": list(rows), **fields})

    def voucher(self, document: Any) -> dict[int, Decimal]:
        """Return the voucher that a document or payment names: account to signed amount, debit positive."""
        found = self.get(
            f"vouchers/{document['VoucherSeries']}/{document['VoucherNumber']}", financialyear=document["VoucherYear"]
        )["Voucher"]
        sums: dict[int, Decimal] = {}
        for row in found["VoucherRows"]:
            sums[row["Account"]] = sums.get(row["Account"], Decimal(0)) + Decimal(row["Debit"]) - Decimal(row["Credit"])
        return sums


JSON = {"content-type": "application/json"}


def body(wrapper: str, fields: dict[str, Any]) -> bytes:
    return json.dumps({wrapper: fields}, default=float).encode()


@pytest.fixture(scope="session")
def server() -> Iterator[fortnox.Sandbox]:
    with fortnox.running(rate_limit=False) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(server: fortnox.Sandbox) -> Iterator[fortnox.Sandbox]:
    with server.lock:
        server.reset()
        server.clock.follow()
        server.requests.clear()
    yield server
    assert server.failures == []


@pytest.fixture
def company(sandbox: fortnox.Sandbox) -> Any:
    return sandbox.company


@pytest.fixture
def api(sandbox: fortnox.Sandbox) -> Iterator[Api]:
    """A client of a company with a customer 1, an article A1 (3001, 25 %) and today's date 2026-03-10."""
    with sandbox.lock:
        sandbox.clock.stop_at(datetime(2026, 3, 10, 9, 0))  # noqa: DTZ001  Stockholm's
        sandbox.company.load("customers", [{"CustomerNumber": "1", "Name": "Ström & Söner AB", "Email": "faktura@strom.example"}])
        sandbox.company.load(
            "articles",
            [{"ArticleNumber": "A1", "Description": "Skruv", "SalesAccount": 3001, "VAT": 25, "Unit": "st", "PurchasePrice": 40}],
        )
    client = Api(sandbox)
    yield client
    client.http.close()
