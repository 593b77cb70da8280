"""What a document names is needed first, in all five systems; what is missing is made or made active, by its own code, over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from brygga import connectors
from brygga.clients.fortnox import Fortnox
from brygga.clients.http import Http
from brygga.connectors.contract import Need
from brygga.connectors.fortnox.connector import FortnoxConnector
from brygga.connectors.mobigo import streams as mobigo
from brygga.connectors.named import needs_of_payment
from brygga.connectors.opter import streams as opter
from brygga.connectors.textalk import streams as textalk
from brygga.connectors.upsales import sale_streams as upsales
from brygga.connectors.webcrm import document_streams as webcrm
from brygga.core.document import Document, Payment, Row
from brygga.core.money import Money
from brygga_sandbox import fortnox as sandbox_module

NEEDS: dict[str, Callable[[Document], Iterable[Need]]] = {
    "mobigo": partial(mobigo.needs, connectors.read_settings("mobigo", {})),
    "opter": opter.needs,
    "textalk": partial(textalk.needs, connectors.read_settings("textalk", {})),
    "upsales": upsales.needs,
    "webcrm": webcrm.needs,
}
DOCUMENT = Document(
    kind="invoice",
    customer_number="1",
    subject="Sommar",
    date=date(2026, 11, 20),
    cost_center="SYD",
    terms_of_payment="45",
    terms_of_delivery="EXW",
    way_of_delivery="BUD",
    price_list="Q",
    rows=(
        Row(
            article_number="A1",
            description="Bord",
            quantity=Decimal(1),
            price=Money(Decimal(10), "SEK"),
            vat=Decimal("25.5"),
            project="77",
            unit="rulle",
        ),
        Row(description="Text"),
    ),
)
REGISTERS = (
    "cost_center",
    "project",
    "terms_of_payment",
    "terms_of_delivery",
    "way_of_delivery",
    "price_list",
    "mode_of_payment",
    "unit",
)


@pytest.fixture
def books() -> Iterator[Any]:
    with ExitStack() as stack:
        sandbox = stack.enter_context(sandbox_module.running(rate_limit=False))
        http = Http("Fortnox", sleep=lambda seconds: None)
        stack.callback(http.close)
        client = Fortnox(sandbox.base_url, token=lambda: sandbox.access_token, send=http.send)
        connector: Any = FortnoxConnector(client)
        connector.sandbox = sandbox
        yield connector


@pytest.mark.parametrize("system", NEEDS)
def test_each_system_names_what_its_document_names_with_a_repair(system: str) -> None:
    found = {need.kind: need for need in NEEDS[system](DOCUMENT)}
    wanted = {
        "cost_center": "SYD",
        "project": "77",
        "terms_of_payment": "45",
        "way_of_delivery": "BUD",
        "price_list": "Q",
        "unit": "rulle",
    }
    assert {kind: found[kind].id for kind in wanted} == wanted
    assert (found["vat_percent"].id, "OSS" in str(found["vat_percent"].hold.repair)) == ("25.5", True)
    for kind, id in wanted.items():
        assert id in str(found[kind].hold.sentence)
        assert found[kind].hold.repair is not None


@pytest.mark.parametrize("kind", REGISTERS)
def test_what_is_missing_is_told_then_made_once_by_its_code(books: Any, kind: str) -> None:
    assert books.has(kind, ["77"]) == set()
    values = {"name": "Ny", "account": "1930"}
    assert [books.provide(kind, "77", values), books.provide(kind, "77", values)] == ["made", "there"]
    assert books.has(kind, ["77", "78"]) == {"77"}
    assert len([one for one in books.sandbox.requests if one.method == "POST" and "/3/" in one.path]) == 1


def test_an_inactive_cost_centre_and_a_completed_project_are_missing_until_they_are_made_active(books: Any) -> None:
    books.client.cost_centers.create({"Code": "SYD", "Description": "Syd", "Active": False})
    books.client.projects.create({"ProjectNumber": "77", "Description": "Bro", "Status": "COMPLETED"})
    for kind, id in (("cost_center", "SYD"), ("project", "77")):
        assert books.has(kind, [id]) == set()
        assert books.provide(kind, id, {"name": ""}) == "activated"
        assert books.has(kind, [id]) == {id}


def test_a_register_that_the_connection_may_not_read_is_not_called_empty(books: Any) -> None:
    token = books.sandbox.sign_in.issue(books.sandbox.client_id, books.sandbox.company.tenant, ("invoice", "order"))
    with ExitStack() as stack:
        http = Http("Fortnox", sleep=lambda seconds: None)
        stack.callback(http.close)
        narrow = FortnoxConnector(Fortnox(books.sandbox.base_url, token=lambda: token.access_token, send=http.send))
        assert narrow.has("cost_center", ["SYD"]) == {"SYD"}


def test_a_payment_names_its_mode() -> None:
    [need] = needs_of_payment(Payment(invoice_number="7", mode="SWISH"), "Textalk", "TXT-10")
    assert (need.kind, need.id) == ("mode_of_payment", "SWISH")
