"""Whatever a client sends, the Upsales sandbox answers like a service: no exception, JSON or a page, and a status that says so."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brygga_sandbox.server import Request, carry_out
from brygga_sandbox.upsales import Sandbox, Setup

leaves = (
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.floats() | st.text(max_size=8) | st.sampled_from(["1", "2026-11-20"])
)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name"]), inner, max_size=2)
)
NAMES = [
    "id", "name", "client", "user", "stage", "orderRow", "custom", "addresses", "currencies", "bundle", "users", "probability", "date",
    "description", "articleNo", "datatype", "alias", "default", "parent", "contact", "currency", "lastName", "isDefault", "active",
    "product", "productId", "quantity", "price", "listPrice", "bundleRows", "fieldId", "value", "type", "country", "priceListId",
]  # fmt: skip
bodies = st.recursive(
    st.dictionaries(st.sampled_from(NAMES), values, max_size=6),
    lambda inner: st.dictionaries(st.sampled_from(NAMES), st.lists(inner, max_size=2) | inner | values, max_size=6),
    max_leaves=6,
)
KINDS = ["accounts", "contacts", "products", "orders", "opportunities", "pricelists", "orderstages", "users", "customfields/order"]
queries = st.lists(
    st.tuples(
        st.sampled_from(
            ["id", "modDate", "custom", "client.id", "client.custom", "user.id", "sort", "limit", "offset", "name", "x", "value"]
        ),
        st.text("eqgtln:,0123456789-TZ. ²a", max_size=14) | st.sampled_from(["eq:1", "gte:2026-11-20", "eq:1:x", "-id", "²"]),
    ),
    max_size=4,
)


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    made = Sandbox(Setup(calls=0, price_lists=True))
    field = made.add_custom_field("account", name="x", alias="X")
    made.add_custom_field("order", name="Val", alias="V", datatype="Select", default=["a"])
    made.load("accounts", [{"name": "A", "custom": [{"fieldId": field, "value": "1"}]}])
    made.load("contacts", [{"firstName": "E", "lastName": "E", "client": {"id": 1}}])
    made.load("products", [{"name": "P"}])
    row = {"quantity": 1, "price": 1, "listPrice": 1, "product": {"id": 1}}
    sale = {"description": "x", "date": "2026-11-20", "user": {"id": 1}, "client": {"id": 1}, "stage": {"id": 1}, "orderRow": [row]}
    made.load("orders", [sale])
    return made


def answered(sandbox: Sandbox, method: str, path: str, query: list[tuple[str, str]], body: Any) -> None:
    request = Request(method, f"/api/v2/{path}", [("token", sandbox.token), *query], {}, json.dumps(body).encode())
    response, _ = carry_out(sandbox, request)
    assert response.status in (200, 400, 404)
    if response.headers["content-type"].startswith("application/json"):
        found = json.loads(response.body, parse_constant=pytest.fail)
        assert (found.get("error") is None) == (response.status == 200)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["POST", "PUT", "PATCH"]), st.sampled_from(KINDS), st.sampled_from(["", "/1", "/²", "/99"]), bodies | values)
def test_any_body_is_answered(sandbox: Sandbox, method: str, kind: str, id: str, body: Any) -> None:
    answered(sandbox, method, kind + id, [], body)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(KINDS), queries)
def test_any_filter_is_answered(sandbox: Sandbox, kind: str, query: list[tuple[str, str]]) -> None:
    answered(sandbox, "GET", kind, query, None)
