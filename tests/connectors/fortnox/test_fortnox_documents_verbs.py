"""Documents of Fortnox through the connector, against the sandbox over HTTP: made, found, changed, taken from state to state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from brygga.clients.fortnox import Fortnox
from brygga.clients.http import Http
from brygga.connectors.contract import Creation, Receipt, Update
from brygga.connectors.fortnox.connector import FortnoxConnector
from brygga.core.diff import same
from brygga.core.document import Document, Row
from brygga.core.money import Money
from brygga.core.record import Ref
from brygga.errors import Rejected, Stale
from brygga_sandbox import fortnox as sandbox_module

KEY = "brygga:acme:upsales:{kind}:17"


def sek(amount: str) -> Money:
    return Money(Decimal(amount), "SEK")


ROWS = (
    Row(
        article_number="A1",
        description="Bord",
        quantity=Decimal(2),
        unit="st",
        price=sek("400.00"),
        discount=Decimal(0),
        vat=Decimal(25),
    ),
    Row(description="Levereras till lastkajen"),
    Row(
        article_number="A2",
        description="Stol",
        quantity=Decimal(4),
        unit="st",
        price=sek("125.50"),
        discount=Decimal(10),
        vat=Decimal(25),
    ),
)


@dataclass
class World:
    sandbox: Any
    client: Fortnox
    connector: FortnoxConnector

    def writes(self) -> list[str]:
        return [f"{r.method} {r.path}" for r in self.sandbox.requests if r.method != "GET" and "/3/" in r.path]

    def created(self, kind: str, **fields: Any) -> Receipt:
        document = Document(kind=kind, customer_number="1", date=date(2026, 11, 20), rows=ROWS, text="Tack", **fields)
        [made] = self.connector.create(kind, [Creation(KEY.format(kind=kind), document)])
        assert isinstance(made, Receipt), made
        return made


@pytest.fixture
def world() -> Iterator[World]:
    with ExitStack() as stack:
        sandbox = stack.enter_context(sandbox_module.running(rate_limit=False))
        http = Http("Fortnox", sleep=lambda seconds: None)
        stack.callback(http.close)
        client = Fortnox(sandbox.base_url, token=lambda: sandbox.access_token, send=http.send)
        client.customers.create({"CustomerNumber": "1", "Name": "Lindens Bageri AB", "YourReference": "Åsa Lind"})
        for number, name in (("A1", "Bord"), ("A2", "Stol"), ("A3", "Lampa")):
            client.articles.create({"ArticleNumber": number, "Description": name})
        yield World(sandbox, client, FortnoxConnector(client))


@pytest.mark.parametrize("kind", ["offer", "order", "invoice"])
def test_a_document_comes_back_as_it_was_sent(world: World, kind: str) -> None:
    made = world.created(kind, our_reference="Bo Ek", your_order_number="PO-7")
    seen = world.connector.get(kind, made.ref.id)
    assert seen is not None
    document: Any = seen.record
    assert same("rows", document.rows, ROWS)
    assert (document.text, document.our_reference, document.your_order_number) == ("Tack", "Bo Ek", "PO-7")
    assert document.your_reference == "Åsa Lind", "Fortnox fills it from the customer"
    assert document.total == sek("1565.00") or document.total == sek("1564.75")
    assert document.comments in ("", None) or "brygga:" not in str(document.comments)


@pytest.mark.parametrize("kind", ["offer", "order", "invoice"])
def test_a_document_is_found_by_its_key_and_by_no_other(world: World, kind: str) -> None:
    made = world.created(kind)
    since = datetime.now(UTC) - timedelta(minutes=5)
    found = world.connector.find(kind, [KEY.format(kind=kind), KEY.format(kind=kind)[:-1]], since)
    assert {key: one.ref.id for key, one in found.items()} == {KEY.format(kind=kind): made.ref.id}


def test_a_row_put_in_the_middle_leaves_the_accounts_of_the_others(world: World) -> None:
    made = world.created("invoice")
    raw = world.client.invoices.get(made.ref.id)
    world.client.invoices.update(
        made.ref.id,
        {
            "InvoiceRows": [
                {"RowId": raw["InvoiceRows"][0]["RowId"]},
                {"RowId": raw["InvoiceRows"][1]["RowId"]},
                {"RowId": raw["InvoiceRows"][2]["RowId"], "AccountNumber": 3004},
            ]
        },
    )
    new = Row(
        article_number="A3",
        description="Lampa",
        quantity=Decimal(1),
        unit="st",
        price=sek("99.00"),
        discount=Decimal(0),
        vat=Decimal(25),
    )
    wanted = (ROWS[0], new, ROWS[1], ROWS[2])
    world.connector.update("invoice", Update(made.ref, {"rows": ROWS}, {"rows": wanted}))
    after = world.client.invoices.get(made.ref.id)["InvoiceRows"]
    assert [row["Description"] for row in after] == ["Bord", "Lampa", "Levereras till lastkajen", "Stol"]
    assert after[3]["AccountNumber"] == 3004


def test_the_same_rows_once_more_send_nothing(world: World) -> None:
    made = world.created("order")
    world.sandbox.requests.clear()
    world.connector.update("order", Update(made.ref, {}, {"rows": ROWS, "text": "Tack"}))
    assert world.writes() == []


def test_booking_is_a_step_that_is_taken_once(world: World) -> None:
    made = world.created("invoice")
    for _ in range(2):
        receipt = world.connector.update("invoice", Update(made.ref, {}, {"booked": True}))
    assert receipt.seen is not None
    assert receipt.seen.record.booked is True  # type: ignore[union-attr]
    assert [w for w in world.writes() if w.endswith("bookkeep")] == [f"PUT /3/invoices/{made.ref.id}/bookkeep"]


def test_a_booked_invoice_is_not_changed(world: World) -> None:
    made = world.created("invoice")
    world.connector.update("invoice", Update(made.ref, {}, {"booked": True}))
    world.sandbox.requests.clear()
    with pytest.raises(Rejected, match="booked"):
        world.connector.update("invoice", Update(made.ref, {}, {"text": "Annat"}))
    assert world.writes() == []


def test_a_document_changed_meanwhile_is_left_alone(world: World) -> None:
    made = world.created("order")
    with pytest.raises(Stale, match="text"):
        world.connector.update("order", Update(made.ref, {"text": "Hej"}, {"text": "Annat"}))


def test_an_order_of_an_offer_is_made_once_and_carries_its_key(world: World) -> None:
    offer = world.created("offer")
    for _ in range(2):
        made = world.created("order", offer_number=offer.ref.id)
    raw = world.client.orders.get(made.ref.id)
    assert raw["OfferReference"] == offer.ref.id
    assert raw["ExternalInvoiceReference1"] == KEY.format(kind="order")
    assert len([w for w in world.writes() if w.endswith("createorder")]) == 1
    assert world.connector.get("offer", offer.ref.id).record.ordered is True  # type: ignore[union-attr]


def test_an_invoice_of_an_order_shows_on_the_order(world: World) -> None:
    order = world.created("order")
    invoice = world.created("invoice", order_number=order.ref.id)
    seen: Any = world.connector.get("order", order.ref.id)
    assert (seen.record.invoiced, seen.record.invoice_number, seen.record.invoice_booked) == (True, invoice.ref.id, False)


def test_what_is_cleared_here_is_empty_there(world: World) -> None:
    made = world.created("invoice")
    world.connector.update("invoice", Update(made.ref, {"text": "Tack"}, {"text": ""}))
    assert world.client.invoices.get(made.ref.id)["Remarks"] == ""


def test_501_rows_are_refused_before_anything_is_sent(world: World) -> None:
    world.sandbox.requests.clear()
    [error] = world.connector.create("order", [Creation("k", Document(customer_number="1", rows=ROWS[1:2] * 501))])
    assert isinstance(error, Rejected)
    assert "501" in str(error)
    assert world.sandbox.requests == []


def test_a_document_that_is_gone_is_none(world: World) -> None:
    assert world.connector.get("order", "4711") is None
    with pytest.raises(Stale):
        world.connector.update("order", Update(Ref("fortnox", "order", "4711"), {}, {"text": "x"}))


def test_many_doubtful_documents_are_looked_up_in_one_list_and_compared_exactly(world: World) -> None:
    """DESIGN 6.4: a search for each would cost a request each; the list of what changed since the intent holds all of them."""
    keys = [f"brygga:acme:mobigo:assignment:{number}" for number in range(1, 6)]
    rows = [{"ArticleNumber": "A1", "DeliveredQuantity": 1, "Price": 100}]
    for key in keys[:4]:
        world.client.invoices.create({"CustomerNumber": "1", "ExternalInvoiceReference1": f"{key}", "InvoiceRows": rows})
    world.client.invoices.create({"CustomerNumber": "1", "ExternalInvoiceReference1": f"{keys[4]}9", "InvoiceRows": rows})
    world.sandbox.requests.clear()
    found = world.connector.find("invoice", keys, datetime.now(UTC) - timedelta(minutes=1))
    assert sorted(found) == sorted(keys[:4])
    reads = [seen.path for seen in world.sandbox.requests if seen.method == "GET"]
    assert reads.count("/3/invoices") == 1
    assert len(reads) == 5
