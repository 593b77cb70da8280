"""The client against webCRM's own definition: every address that it calls, and every field name and length that we rely on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from brygga.clients.webcrm import WebCrm
from brygga.connectors.webcrm.layout import _LENGTHS
from brygga.connectors.webcrm.settings import STANDARD
from webcrm_scripted import Scripted

SINCE = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def definition(shared_facts: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared_facts / "systems" / "webcrm" / "swagger.json").read_text())
    return found


def _answer(request: httpx2.Request) -> httpx2.Response:
    if request.method == "POST":
        return httpx2.Response(200, json=1)
    if request.method == "PATCH":
        return httpx2.Response(200, json=["1"])
    return httpx2.Response(200, json=[]) if request.method == "GET" else httpx2.Response(200)


def _every_call(client: WebCrm) -> Iterator[object]:
    for register in (client.organisations, client.persons, client.deliveries, client.quotation_lines):
        yield list(register.all())
        yield register.create({})
        yield register.replace(1, {})
        yield register.upsert([{}])
    yield list(client.organisations.updated(SINCE))
    yield list(client.organisations.created(SINCE))
    yield list(client.organisations.persons(1))
    yield list(client.deliveries.created(SINCE))
    yield list(client.deliveries.of_organisation(1))
    yield list(client.deliveries.of_responsible(1))
    yield list(client.deliveries.with_status("New"))
    yield list(client.deliveries.quotation_lines(1))
    yield client.quotation_lines.delete(1)
    linked = client.quotation_lines.linked_data
    yield linked.all(), linked.create({}), linked.replace(1, {}), linked.delete(1)
    yield list(client.users.all()), list(client.users.active())
    yield client.fields_metadata.of("Organisation")
    for of in ("Organisations", "Persons", "Deliveries", "QuotationLines", "Products", "Users"):
        hooks = client.hooks(of)  # type: ignore[arg-type]
        yield list(hooks.all()), hooks.create("https://a.example", "Update"), hooks.delete(1)
        yield hooks.replace(1, "https://a.example", "Update")


def test_every_address_that_is_called_is_in_the_definition(definition: dict[str, Any]) -> None:
    server = Scripted([_answer] * 100)
    calls = list(_every_call(server.client()))
    assert len(calls) == 40
    patterns = [
        (method.upper(), re.compile(re.sub(r"\{\w+\}", "[^/]+", path)))
        for path, operations in definition["paths"].items()
        for method in operations
    ]
    for request in [*server.requests, *server.sign_ins]:
        assert any(method == request.method and path.fullmatch(request.url.path) for method, path in patterns), str(request.url)


def test_the_fields_that_we_rely_on_exist_with_their_lengths(definition: dict[str, Any]) -> None:
    known = definition["definitions"]["OrganisationDto"]["properties"]
    assert set(STANDARD.values()) <= set(known)
    assert {name: known[name].get("maxLength") for name in _LENGTHS} == dict(_LENGTHS)


def test_pages_stay_within_the_size_that_is_allowed(definition: dict[str, Any]) -> None:
    server = Scripted([_answer])
    list(server.client().organisations.all())
    [size] = [one for one in definition["paths"]["/Organisations"]["get"]["parameters"] if one["name"] == "Size"]
    assert size["minimum"] <= int(server.requests[0].url.params["Size"]) <= size["maximum"]
