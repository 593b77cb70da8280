"""The Upsales sandbox: filters, pages, the limit with its headers, faults, and events to an app."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx2
import pytest

from brygga_sandbox import upsales
from brygga_sandbox.upsales import Sandbox, Setup, Stopped

Call = Callable[..., httpx2.Response]


def names(answer: httpx2.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["data"]]


def test_filters_sort_and_pages(sandbox: Sandbox, call: Call) -> None:
    field = sandbox.add_custom_field("account", name="Kundnummer", alias="FORTNOX_CUSTOMER_ID")
    sandbox.load(
        "accounts",
        [
            {"name": "A", "orgNo": "1", "custom": [{"fieldId": field, "value": "101"}]},
            {"name": "B", "active": 0},
            {"name": "C", "users": [{"id": 2}]},
        ],
    )
    assert names(call("GET", "/accounts", active="0")) == ["B"]
    assert names(call("GET", "/accounts", id="eq:1,3", sort="id")) == ["A", "C"]
    assert names(call("GET", "/accounts", id="gt:1", sort="-id")) == ["C", "B"]
    assert names(call("GET", "/accounts", custom=f"eq:{field}:101")) == ["A"]
    assert names(call("GET", "/accounts", custom=f"ne:{field}:101", sort="id")) == ["B", "C"]
    assert names(call("GET", "/accounts", **{"user.id": "eq:2"})) == ["C"]
    page = call("GET", "/accounts", sort="id", limit="1", offset="1").json()
    assert (page["metadata"], page["data"][0]["name"]) == ({"total": 3, "limit": 1, "offset": 1}, "B")
    assert call("GET", "/accounts", limit="9999").json()["metadata"]["limit"] == 2000
    assert call("GET", "/accounts", limit="-1").status_code == 400


def test_the_same_field_twice_means_and(sandbox: Sandbox, call: Call) -> None:
    sandbox.load("orderstages", [{"name": "Sen", "probability": 90}])
    url = f"{sandbox.base_url}/api/v2/orderstages?token={sandbox.token}&probability=gte:1&probability=lte:60&sort=id"
    assert names(httpx2.get(url, verify=False)) == ["Prospekt", "Offert"]


def test_changed_since_counts_from_the_moment_itself(sandbox: Sandbox, call: Call) -> None:
    sandbox.clock.stop_at(datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    sandbox.load("accounts", [{"name": "A"}, {"name": "B"}])
    sandbox.clock.advance(60)
    sandbox.account(1).update(phone="1")
    assert names(call("GET", "/accounts", modDate="gte:2026-11-20T08:01:00.000Z")) == ["A"]
    assert names(call("GET", "/accounts", modDate="gt:2026-11-20T08:01:00.000Z")) == []
    # A plus in a query is a space unless it is written as %2B.
    url = f"{sandbox.base_url}/api/v2/accounts?token={sandbox.token}&modDate=gte:2026-11-20T08:00:00+00:00"
    assert httpx2.get(url, verify=False).status_code == 400
    assert call("GET", "/accounts", ponies="1").status_code == 400


def test_a_list_without_a_wish_follows_the_last_change(sandbox: Sandbox, call: Call) -> None:
    sandbox.clock.stop_at(datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    sandbox.load("accounts", [{"name": "A"}, {"name": "B"}])
    sandbox.clock.advance(60)
    sandbox.account(1).update(phone="1")
    assert names(call("GET", "/accounts")) == ["A", "B"]


def test_two_hundred_requests_in_ten_seconds_with_headers() -> None:
    with upsales.running(Setup(calls=3, seconds=1)) as sandbox, httpx2.Client(timeout=30, verify=False) as http:
        url, token = f"{sandbox.base_url}/api/v2/orderstages", {"token": sandbox.token}
        answers = [http.get(url, params=token) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[0].headers["x-ratelimit-limit"] == "3"
        assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["2", "1", "0", "0"]
        assert int(answers[3].headers["x-ratelimit-reset"]) <= 1
        assert answers[3].json()["error"]["code"] == 429


def test_faults_strike_as_the_service_would_fail(sandbox: Sandbox, call: Call) -> None:
    sandbox.faults.arm("error_before", path="/api/v2/accounts", status=500)
    answer = call("GET", "/accounts")
    assert (answer.status_code, answer.json()["error"]["key"], answer.json()["error"]["errorCode"]) == (500, "ServerError", 3)
    sandbox.faults.arm("lost_answer", method="POST")
    with pytest.raises(httpx2.RequestError):
        call("POST", "/accounts", {"name": "Lost AB"})
    assert [one["name"] for one in sandbox.all("accounts")] == ["Lost AB"]
    sandbox.clock.stop_at(datetime(2026, 11, 20, 8, 0, tzinfo=UTC))
    sandbox.faults.arm("hide", method="PUT", seconds=10)
    call("PUT", "/accounts/1", {"name": "Found AB"})
    assert names(call("GET", "/accounts")) == ["Lost AB"]
    assert call("GET", "/accounts/1").json()["data"]["name"] == "Found AB"
    sandbox.clock.advance(11)
    assert names(call("GET", "/accounts")) == ["Found AB"]


class Heard:
    """An app of somebody's: it keeps what Upsales posts, and answers what it is told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answer: dict[str, Any] = {}
        heard = self

        class Listener(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                heard.calls.append((self.path, body))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(heard.answer).encode())

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Listener)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def heard() -> Iterator[Heard]:
    app = Heard()
    yield app
    app.server.shutdown()
    app.server.server_close()


def test_events_reach_the_app_the_echo_of_its_own_writes_too(sandbox: Sandbox, call: Call, heard: Heard) -> None:
    app = sandbox.add_app(heard.url)
    sandbox.add("accounts", name="Fjord AB")
    sandbox.account(1).update(phone="1")
    call("PUT", "/accounts/1", {"phone": "2"}, token=app.token)
    sandbox.events.close()
    assert [path for path, _ in heard.calls] == ["/clientinsert/1", "/clientupdate/1", "/clientupdate/1"]
    assert [body["user"]["email"].endswith("@api.upsales.com") for _, body in heard.calls] == [False, False, True]
    assert heard.calls[2][1]["data"]["phone"] == "2"
    assert heard.calls[2][1]["apiKey"] == app.token


def test_events_may_be_lost_or_come_twice(sandbox: Sandbox, heard: Heard) -> None:
    app = sandbox.add_app(heard.url)
    app.misses = 1
    sandbox.add("accounts", name="Lost AB")
    app.doubles = 1
    sandbox.account(1).update(phone="1")
    sandbox.events.close()
    assert [path for path, _ in heard.calls] == ["/clientupdate/1", "/clientupdate/1"]


def test_an_app_may_stop_a_person_from_saving_an_order(sandbox: Sandbox, heard: Heard) -> None:
    sandbox.load("accounts", [{"name": "Fjord AB"}])
    sandbox.load("products", [{"name": "Bord"}])
    row = {"quantity": 1, "price": 1, "listPrice": 1, "product": {"id": 1}}
    body = {"description": "x", "date": "2026-11-20", "user": {"id": 1}, "client": {"id": 1}, "stage": {"id": 2}, "orderRow": [row]}
    sandbox.load("orders", [body])
    sandbox.add_app(heard.url)
    heard.answer = {"error": "Fakturan är bokförd."}
    with pytest.raises(Stopped, match="bokförd"):
        sandbox.order(1).update(description="y")
    assert sandbox.order(1)["description"] == "x"
    heard.answer = {}
    sandbox.order(1).update(description="y")
    assert sandbox.order(1)["description"] == "y"
