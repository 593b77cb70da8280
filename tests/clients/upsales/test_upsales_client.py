"""Upsales' client: what each call sends, how pages and refusals are read, and the whole of it against the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from brygga.clients.http import Http
from brygga.clients.limits import Unlimited
from brygga.clients.upsales import Upsales, read_event, seconds_to_reset, wire
from brygga.errors import NotFound, OutcomeUnknown, Rejected, SettingsError, Unauthorised, Unavailable
from brygga_sandbox import upsales as sandbox_of
from brygga_sandbox.upsales import Sandbox, Setup


class Scripted:
    """A client on replies written beforehand, with the requests that it sent."""

    def __init__(self, *replies: httpx2.Response) -> None:
        self.requests: list[httpx2.Request] = []
        waiting = iter(replies)

        def answer(request: httpx2.Request) -> httpx2.Response:
            self.requests.append(request)
            return next(waiting)

        self.slept: list[float] = []
        http = Http(
            "Upsales",
            limiter=Unlimited(sleep=self.slept.append),
            transport=httpx2.MockTransport(answer),
            hint=seconds_to_reset,
            sleep=self.slept.append,
        )
        self.client = Upsales(http.send, "https://integration.upsales.com", lambda: "secret")

    def queries(self) -> list[str]:
        return [request.url.query.decode() for request in self.requests]


def listed(*ids: int) -> httpx2.Response:
    return httpx2.Response(200, json={"error": None, "metadata": {}, "data": [{"id": id} for id in ids]})


def refused(status: int, key: str, code: int, msg: str) -> httpx2.Response:
    return httpx2.Response(status, json={"error": {"key": key, "code": status, "errorCode": code, "msg": msg}, "metadata": None})


PAGE = httpx2.Response(404, html="<h1>Not Found</h1>")


def test_list_goes_by_id_and_ends_with_a_short_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("brygga.clients.upsales.register.LIMIT", 2)
    server = Scripted(listed(3, 8), listed(9))
    moment = datetime(2026, 11, 20, 8, 0, 0, 500000, tzinfo=UTC)
    assert [one["id"] for one in server.client.orders.changed(moment, client__id="eq:4")] == [3, 8, 9]
    first, second = server.queries()
    assert first == "token=secret&sort=id&limit=2&modDate=gte%3A2026-11-20T08%3A00%3A00.500Z&client.id=eq%3A4"
    assert second == first + "&id=gt%3A8"


def test_many_ids_are_asked_for_in_few_requests() -> None:
    server = Scripted(listed(1), listed(2))
    assert [one["id"] for one in server.client.accounts.some(range(300))] == [1, 2]
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("reply", "error", "says"),
    [
        (refused(401, "Unauthorized", 1, "no"), Unauthorised, "API key"),
        (refused(400, "FailedValidation", 26, "name is required"), Rejected, "name is required"),
        (refused(404, "NotFound", 5, "gone"), NotFound, "gone"),
        (PAGE, SettingsError, "no page"),
        (httpx2.Response(500, json={}), OutcomeUnknown, "perhaps carried out"),
        (httpx2.Response(200, html="<p>Underhåll</p>"), OutcomeUnknown, "probably carried out"),
        (httpx2.Response(200, json={"error": None, "data": {}}), OutcomeUnknown, "no record"),
    ],
)
def test_a_write_that_is_refused_or_unclear_says_so(reply: httpx2.Response, error: type[Exception], says: str) -> None:
    server = Scripted(reply)
    with pytest.raises(error, match=says) as caught:
        server.client.accounts.create({"name": ""})
    assert "secret" not in str(caught.value)
    assert len(server.requests) == 1


def test_429_waits_as_long_as_the_header_says_though_that_may_be_nothing() -> None:
    busy = httpx2.Response(429, headers={"x-ratelimit-reset": "-1"})
    server = Scripted(busy, listed(1))
    assert [one["id"] for one in server.client.users.all()] == [1]
    assert 0 < max(server.slept) <= 1
    with pytest.raises(Unavailable) as caught:
        list(Scripted(*[httpx2.Response(429, headers={"x-ratelimit-reset": "9"})] * 3).client.users.all())
    assert caught.value.retry_after == 9


def test_a_record_is_gone_only_when_upsales_says_so_itself() -> None:
    assert Scripted(refused(404, "NotFound", 5, "gone")).client.accounts.get(7) is None
    assert Scripted(PAGE, listed()).client.accounts.get(7) is None
    with pytest.raises(SettingsError):
        Scripted(PAGE, PAGE).client.accounts.get(7)


def test_decimals_go_out_digit_for_digit_and_come_back_as_decimals() -> None:
    row = b'{"error": null, "data": {"id": 1, "orderRow": [{"price": 66.67}]}}'
    server = Scripted(httpx2.Response(200, content=row))
    made = server.client.orders.update(1, {"orderRow": [{"price": Decimal("0.10")}], "date": date(2026, 11, 20)})
    assert server.requests[0].content == b'{"orderRow":[{"price":0.10}],"date":"2026-11-20"}'
    assert made["orderRow"][0]["price"] == Decimal("66.67")


def test_values_are_read_in_all_their_spellings() -> None:
    assert [wire.truth(value) for value in ("1", 1, True, "true", "0", 0, False, None)] == [True] * 4 + [False] * 4
    assert wire.day("2025-01-22T12:49:24.000Z") == wire.day("2025-01-22") == date(2025, 1, 22)
    assert wire.day("2025-01-22T00:00:00.000Z") == wire.day("2025-01-21T23:00:00+00:00") == date(2025, 1, 22)
    assert wire.day(None) is None
    assert [wire.number(value) for value in ("682", Decimal("1.5"), 3, "1 000", "NaN", None, True)] == [
        Decimal(682),
        Decimal("1.5"),
        Decimal(3),
        *[None] * 4,
    ]
    with pytest.raises(ValueError, match="not a date"):
        wire.day(5)
    assert wire.custom_values({"custom": [{"fieldId": 3, "value": "x"}, {"fieldId": 4, "value": None}]}) == {3: "x"}


def test_an_event_wakes_and_an_echo_is_known() -> None:
    event = read_event("/hooks/upsales/orderupdate/77", {"user": {"email": "anna@fjord.example"}})
    assert event is not None
    assert (event.entity, event.action, event.id, event.own) == ("order", "update", "77", False)
    echo = read_event("/clientinsert/8", {"user": {"email": "74@API.upsales.com"}})
    assert echo is not None
    assert echo.own
    assert read_event("/appointmentinsert/8", {}) is None


def test_the_collection_has_every_address_that_is_called(shared_facts: Path) -> None:
    collection = (shared_facts / "systems/upsales/api-collection.postman.json").read_text().lower()
    endpoints = json.loads((shared_facts / "systems/upsales/endpoints-with-fields.json").read_text())["endpoints"]
    published = collection + " ".join(one["base_path"].lower() for one in endpoints.values())
    client = Upsales(lambda call: pytest.fail("nothing is sent"), "", str)
    paths = [one.path for one in vars(client).values() if hasattr(one, "path")]
    for path in [*paths, "/customfields/account", "/self"]:
        assert f"/api/v2{path}" in published


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with sandbox_of.running(Setup(calls=0, price_lists=True)) as running:
        yield running


def connected(sandbox: Sandbox, token: str = "") -> Upsales:
    http = Http("Upsales", limiter=Unlimited(), hint=seconds_to_reset)
    return Upsales(http.send, sandbox.base_url, lambda: token or sandbox.token)


def test_the_whole_client_works_on_the_sandbox(sandbox: Sandbox) -> None:
    client = connected(sandbox)
    assert client.me()["email"].endswith("@api.upsales.com")
    field = client.custom_fields.create("account", {"name": "Kundnummer", "alias": "FORTNOX_CUSTOMER_ID", "datatype": "String"})
    assert client.custom_fields.of("account") == (field,)
    made = client.accounts.create({"name": "Fjord AB", "custom": wire.custom_list({field.id: "101"})})
    assert [one["id"] for one in client.accounts.all(custom=wire.custom_filter(field.id, ["101"]))] == [made["id"]]
    product = client.products.create({"name": "Bord", "articleNo": "A1", "listPrice": Decimal("100.50")})
    row: dict[str, Any] = {
        "quantity": 2,
        "price": Decimal("90.25"),
        "listPrice": Decimal("100.50"),
        "product": {"id": product["id"]},
    }
    [stage] = [one for one in client.stages.all() if one["name"] == "Order"]
    body = {"description": "x", "date": "2026-11-20", "user": {"id": 1}, "client": {"id": made["id"]}, "stage": {"id": stage["id"]}}
    order = client.orders.create({**body, "orderRow": [row]})
    assert (order["value"], order["probability"]) == (Decimal("180.5"), 100)
    assert client.orders.get(order["id"]) == order
    assert client.orders.get(999) is None
    assert next(iter(client.currencies.all()))["iso"] == "SEK"
    with pytest.raises(Rejected, match="not unique"):
        client.products.create({"name": "Stol", "articleNo": "A1"})
    with pytest.raises(Unauthorised):
        connected(sandbox, "wrong").me()
