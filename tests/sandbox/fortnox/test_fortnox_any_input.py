"""No input makes the sandbox stumble: every field of every register and document with values that make no sense."""

import json
import string
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brygga_sandbox import fortnox
from brygga_sandbox.fortnox import documents, registers
from brygga_sandbox.server import Request, Response, carry_out
from fortnox_company import LATER, NOW, RECORDS, furnish

VALUES: list[Any] = [
    None,
    "",
    "API_BLANK",
    "x",
    "0",
    "-1",
    "1e400",
    "9" * 400,
    "2026-02-30",
    "2026-02-28",
    "é" * 2000,
    True,
    0,
    -1,
    1.5,
    10**20,
    [],
    [1],
    [{}],
    {},
    {"Id": 1},
    "\ud800",
]
RESOURCES = [
    resource
    for resource in (*registers.RESOURCES, *documents.RESOURCES)
    if resource.name not in ("fileattachments", "sie") and resource.verbs
] + [resource for resource in registers.RESOURCES if resource.name in ("archive", "inbox", "emailsenders")]


# What a good record of each resource says, so that one odd value is all that is wrong with a body.
GOOD = {path: payload for path, _, payload in (*RECORDS, *LATER)}


@pytest.fixture(scope="module")
def box() -> Iterator[fortnox.Sandbox]:
    with fortnox.running(rate_limit=False) as sandbox:
        sandbox.clock.stop_at(datetime.fromisoformat(NOW))
        furnish(sandbox)
        yield sandbox


def odd(resource: Any) -> Iterator[dict[str, Any]]:
    """Yield payloads of a resource, each with one value that makes no sense: at the top, in a row or in an object inside."""
    for field, known in resource.fields.items():
        for value in VALUES:
            yield {field: value}
            for inner in known.children:
                yield {field: [{inner: value}] if known.type == "array" else {inner: value}}


def call(box: fortnox.Sandbox, method: str, path: str, body: Any = None) -> Response:
    headers = {"authorization": f"Bearer {box.access_token}", "content-type": "application/json"}
    content = b"" if body is None else json.dumps(body).encode()
    path, _, query = path.partition("?")
    pairs = [tuple(part.split("=", 1)) for part in query.split("&")] if query else []
    response, _ = carry_out(box, Request(method, path, pairs, headers, content))  # type: ignore[arg-type]
    return response


@pytest.fixture(autouse=True)
def no_stumble(box: fortnox.Sandbox) -> Iterator[None]:
    yield
    failures, box.failures[:] = list(box.failures), []
    assert failures == []


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.name)
def test_every_field_with_every_kind_of_value_is_taken_or_refused(box: fortnox.Sandbox, resource: Any) -> None:
    address, wrapper = f"/3/{resource.address}", resource.takes or resource.one
    with box.lock:
        keys = box.company.table(resource.name).keys() or ["1"]
    last = "/".join(str(part) for part in keys[-1]) if isinstance(keys[-1], tuple) else str(keys[-1])
    good = GOOD.get(resource.address, {})
    for payload in odd(resource):
        for method, path, body in (("POST", address, {**good, **payload}), ("PUT", f"{address}/{last}", payload)):
            response = call(box, method, path, {wrapper: body})
            assert response.status in (200, 201, 400, 404), (method, path, body, response.body)
            if response.status >= 400:
                assert set(response.json()) == {"ErrorInformation"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    resource=st.sampled_from(RESOURCES),
    name=st.sampled_from(["limit", "page", "offset", "sortby", "sortorder", "filter", "lastmodified", "name", "date", "financialyear", "type"]),
    value=st.text(alphabet=string.printable.replace("&", ""), max_size=20),
    key=st.text(alphabet=string.ascii_letters + string.digits + "%-_.~", max_size=12),
)  # fmt: skip
def test_any_query_and_any_key_is_answered(box: fortnox.Sandbox, resource: Any, name: str, value: str, key: str) -> None:
    for path in (f"/3/{resource.address}?{name}={value}", f"/3/{resource.address}/{key}", f"/3/{resource.address}/{key}/{key}"):
        assert call(box, "GET", path).status in (200, 400, 404), path
    assert call(box, "DELETE", f"/3/{resource.address}/~{key}").status in (400, 404)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from([*registers.RESOURCES[0].fields, "x", "@url"]),
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.lists(st.none(), max_size=2),
        max_size=6,
    )
)  # fmt: skip
def test_any_customer_is_taken_or_refused_and_a_taken_one_reads_back(box: fortnox.Sandbox, fields: dict[str, Any]) -> None:
    response = call(box, "POST", "/3/customers", {"Customer": {"Name": "A", **fields}})
    assert response.status in (201, 400), response.body
    if response.status == 201:
        made = response.json()["Customer"]
        again = call(box, "GET", made["@url"].removeprefix(box.base_url))
        assert again.json()["Customer"] == made
