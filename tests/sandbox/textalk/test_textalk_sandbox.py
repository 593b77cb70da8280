"""The imitated shop holds to the published facts of Textalk Webshop (systems.md 5.1): protocol, queries, selections, refusals."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx2
import pytest

from brygga_sandbox import textalk
from brygga_sandbox.textalk import Sandbox


@pytest.fixture
def shop() -> Iterator[Sandbox]:
    with textalk.running() as sandbox:
        yield sandbox


def post(shop: Sandbox, content: bytes, **context: str) -> Any:
    url = f"{shop.base_url}/backend/jsonrpc/v1/"
    return httpx2.post(url, params={"webshop": str(shop.webshop), **context}, content=content, verify=False)


def call(shop: Sandbox, method: str, *params: Any, auth: str | None = None, **context: str) -> Any:
    """Return the result of a call, or its error."""
    body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)}
    token = shop.token if auth is None else auth
    answer = post(shop, json.dumps(body).encode(), **({"auth": token} if token else {}), **context).json()
    assert answer["jsonrpc"] == "2.0"
    return answer.get("error") or answer["result"]


def test_protocol_errors_have_their_published_numbers(shop: Sandbox) -> None:
    assert post(shop, b"{").json()["error"]["code"] == -32700
    assert post(shop, b"[]").json()["error"]["code"] == -32600
    assert post(shop, b'{"method": "Order.list"}').json()["error"]["code"] == -32600
    assert call(shop, "Order.explode")["code"] == -32601
    assert call(shop, "Nothing.list")["code"] == -32601
    assert call(shop, "Article.list", True, {"order": 1})["code"] == -32602
    assert call(shop, "Article.get", 99)["code"] == 9003
    assert httpx2.get(f"{shop.base_url}/backend/jsonrpc/v1/", verify=False).status_code == 405


def test_anonymous_caller_sees_the_public_shop_only_and_a_false_token_nothing(shop: Sandbox) -> None:
    shop.load("Article", [{"articleNumber": "A", "name": {"sv": "Mugg"}, "sku": "x"}, {"articleNumber": "B", "hidden": True}])
    assert call(shop, "Order.list", True, auth="")["code"] == 1006
    assert [set(one) & {"sku", "name"} for one in call(shop, "Article.list", True, auth="")] == [{"name"}]
    assert call(shop, "Article.list", True, auth="wrong")["code"] == 1006


def test_sign_in_gives_a_day_and_a_lasting_token_cannot_make_tokens(shop: Sandbox) -> None:
    assert call(shop, "Admin.login", "admin", "wrong")["code"] == 1006
    day = call(shop, "Admin.login", shop.user, shop.password)["token"]
    lasting = call(shop, "AuthToken.create", {"name": "Brygga"}, ["uid", "token"], auth=day)["token"]
    assert call(shop, "AuthToken.create", {"name": "Another"}, True, auth=lasting)["code"] == 1006
    shop.clock.advance(25 * 3600)
    assert call(shop, "Order.list", True, auth=day)["code"] == 1006
    assert call(shop, "Order.list", True, auth=lasting) == []


def test_query_shows_names_nested_objects_and_opens_references_only_when_asked(shop: Sandbox) -> None:
    [uid] = shop.load("Article", [{"articleNumber": "A", "name": {"sv": "Mugg", "no": "Krus"}}])
    order = shop.order(items=[{"articleNumber": "A", "quantity": 2, "incVat": 198}])
    assert call(shop, "Article.get", uid, {"name": {"no": True}}) == {"name": {"no": "Krus"}}
    assert call(shop, "Article.get", uid, ["uid", "articleNumber"]) == {"uid": uid, "articleNumber": "A"}
    assert call(shop, "Article.get", uid, "articleNumber") == {"articleNumber": "A"}
    assert call(shop, "Article.get", uid, "price.SEK")["code"] == -32602
    [item] = call(shop, "Order.get", order, "items")["items"]
    assert isinstance(item, int)
    [opened] = call(shop, "Order.get", order, {"items": {"articleName": True, "costs": {"total": True}}})["items"]
    assert opened["articleName"] == "Mugg"
    assert opened["costs"]["total"] == {"currency": "SEK", "exVat": 158.4, "incVat": 198.0, "vat": 39.6, "vatRate": 0.25}


def test_selection_filters_sorts_and_never_gives_more_than_500(shop: Sandbox) -> None:
    shop.load("Article", [{"articleNumber": f"A{n:04}", "name": {"sv": f"Nr {n}"}} for n in range(620)])
    first = call(shop, "Article.list", "articleNumber", {"limit": 1000, "sort": "/articleNumber"})
    rest = call(shop, "Article.list", "articleNumber", {"limit": 1000, "offset": 500, "sort": "/articleNumber"})
    assert (len(first), len(rest), rest[-1]["articleNumber"]) == (500, 120, "A0619")
    picked = {"/articleNumber": {"in": ["A0003", "A0004"]}}
    found = call(shop, "Article.list", "articleNumber", {"filters": picked, "sort": "/articleNumber", "descending": True})
    assert [one["articleNumber"] for one in found] == ["A0004", "A0003"]
    assert call(shop, "Article.count", {"/name/sv": {"startsWith": "nr 61"}}) == 11
    assert call(shop, "Article.list", True, {"filters": {"/colour": {"equals": 1}}})["code"] == -32602
    shop.clock.advance(60)
    shop.change("Article", 1000 + 8 + 1, sku="x")
    changed = call(shop, "Article.list", "uid", {"filters": {"/changed": {"min": shop.state.moment()}}})
    assert changed == [{"uid": 1009}]


def test_what_does_not_hold_is_refused_with_its_path_and_nothing_is_saved(shop: Sandbox) -> None:
    [uid] = shop.load("Article", [{"articleNumber": "A", "name": {"sv": "Mugg"}}])
    for patch, path in (
        ({"articleNumber": 5}, "/articleNumber"),
        ({"vatRate": 25}, "/vatRate"),
        ({"price": {"regular": {"USD": 1}}}, "/price/regular/USD"),
        ({"colour": "red"}, "/colour"),
        ({"changed": "2026-01-01"}, "/changed"),
    ):
        refused = call(shop, "Article.set", uid, patch, True)
        assert (refused["code"], path in refused["data"]) == (9001, True)
    assert call(shop, "Article.create", {"articleNumber": "A", "name": {"sv": "x"}}, True)["data"] == {
        "/articleNumber": "already in use"
    }
    assert call(shop, "Article.set", uid, {"name": {"no": "Krus"}}, "name")["name"] == {"sv": "Mugg", "no": "Krus"}
    assert call(shop, "Order.set", shop.order(items=[]), {"currency": "NOK"}, True)["code"] == 9001


def test_order_keeps_its_customer_and_prices_and_a_cart_is_not_found(shop: Sandbox) -> None:
    [customer] = shop.load("Customer", [{"address": {"firstName": "Liv", "lastName": "Dahl"}}])
    [uid] = shop.load("Article", [{"articleNumber": "A", "name": {"sv": "Mugg"}, "price": {"regular": {"SEK": 99}}}])
    order = shop.order(items=[{"articleNumber": "A", "incVat": 99}], customer={"uid": customer})
    shop.change("Customer", customer, address={"lastName": "Berg"})
    shop.change("Article", uid, name={"sv": "Kopp"})
    held = call(shop, "Order.get", order, {"customer": {"address": "lastName"}, "items": {"articleName": True}})
    assert held == {"customer": {"address": {"lastName": "Dahl"}}, "items": [{"articleName": "Mugg"}]}
    session = call(shop, "Session.getToken", auth="")
    cart = call(shop, "Order.addArticle", None, uid, {"quantity": 2}, "uid", auth="", session=session)["uid"]
    assert call(shop, "Order.get", cart, True)["code"] == 9003
    assert cart not in [one["uid"] for one in call(shop, "Order.list", "uid", True)]
    assert call(shop, "Order.set", order, {"externalOrderNumber": "17"}, "externalOrderNumber") == {"externalOrderNumber": "17"}


def test_empty_answer_comes_after_the_call_was_carried_out(shop: Sandbox) -> None:
    shop.empty_answers = 1
    body = {"jsonrpc": "2.0", "id": 1, "method": "Article.create", "params": [{"name": {"sv": "Mugg"}}, "uid"]}
    assert post(shop, json.dumps(body).encode(), auth=shop.token).content == b""
    assert len(shop.all("Article")) == 1


class _Ear(BaseHTTPRequestHandler):
    status = 200
    heard: list[Any] = []  # noqa: RUF012 - one list for all requests of the test

    def do_POST(self) -> None:
        self.heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def test_listener_is_called_back_once_for_each_name_and_switched_off_after_failures(shop: Sandbox) -> None:
    _Ear.heard = []
    server = HTTPServer(("127.0.0.1", 0), _Ear)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    wish = {"eventName": "Order/created", "url": f"http://127.0.0.1:{server.server_port}/hook", "authToken": "t"}
    listener = call(shop, "EventListener.create", wish, "uid")["uid"]
    assert call(shop, "EventListener.create", wish, "uid")["code"] == 9001
    order = shop.order(items=[])
    _until(lambda: len(shop.events.posted) == 1)
    assert (_Ear.heard[0]["eventName"], _Ear.heard[0]["uid"]) == ("Order/created", order)
    assert call(shop, "EventListener.getLog", listener)[0]["status"] == 200
    server.shutdown()
    server.server_close()
    for _ in range(5):
        shop.order(items=[])
    _until(lambda: not shop.get("EventListener", listener)["status"]["active"])


def _until(met: Any) -> None:
    deadline = time.monotonic() + 30
    while not met() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert met()
