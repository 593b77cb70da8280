"""The client of Opter's contract on the sandbox: what it asks, and what it makes of every refusal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from brygga.clients.http import Http
from brygga.clients.opter import Opter
from brygga.errors import BadData, NotFound, OutcomeUnknown, Rejected, SettingsError, Stale, Unauthorised, Unavailable
from brygga_sandbox import opter
from brygga_sandbox.opter import Limits, Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with opter.running(Limits(calls=0)) as running:
        running.furnish()
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[Opter]:
    http = Http("Opter", sleep=lambda seconds: None)
    yield Opter(http.send, sandbox.base_url, lambda: sandbox.key)
    http.close()


def test_everything_comes_in_as_few_answers_as_the_range_allows(sandbox: Sandbox, client: Opter) -> None:
    assert len(client.invoices.changed(None)) == 62
    assert len([seen for seen in sandbox.requests if seen.path == "/api/Invoices"]) == 2
    assert client.invoices.changed(datetime.now(UTC) + timedelta(minutes=1)) == []
    assert client.customers.get("nobody") is None
    assert client.settlements.pdf("63") is not None


def test_export_result_twice_is_one(client: Opter) -> None:
    now = datetime.now(UTC)
    first = client.invoices.exported("100353", "100353", now, booked=False)
    assert client.invoices.exported("100353", "100353", now, booked=False) == first
    with pytest.raises(Rejected) as refused:
        client.invoices.exported("100353", "7", now, booked=False)
    assert refused.value.code == "exported"
    with pytest.raises(NotFound):
        client.invoices.exported("9", "9", now, booked=False)


def test_payments_are_read_saved_and_found(client: Opter) -> None:
    body = {"name": "Fortnox", "importType": "FortnoxAPI", "importFormat": "API", "ignorePaymentsBefore": "2026-01-01"}
    made = client.payment_definitions.create({**body, "ignoreNumbersBefore": 0, "apiAccessToken": ""})
    assert client.payment_definitions.change(made["id"], {**body, "ignoreNumbersBefore": 5})["ignoreNumbersBefore"] == 5
    invoice = client.invoices.get("100354")
    assert invoice is not None
    payment = {
        "reference": "a:1", "invoiceNumber": "100354", "ocrNumber": "", "amount": invoice["total"], "currency": invoice["currency"],
        "currencyRate": None, "paymentDate": "2026-10-01", "registeredDate": "2026-10-01",
    }  # fmt: skip
    read = client.payment_imports.read("Fortnox", [payment])
    assert client.payment_registrations.of_reference("a:1") == []
    client.payment_imports.save(read["id"])
    with pytest.raises(Stale):
        client.payment_imports.save(read["id"])
    [registered] = client.payment_registrations.of_reference("a:1")
    assert registered["amount"] == invoice["total"]
    assert [one["id"] for one in client.payment_registrations.of_invoice("100354")] == [registered["id"]]
    assert len(client.payment_registrations.changed(None)) == 1
    assert client.payment_imports.get(read["id"]) is not None
    assert len(client.payment_imports.list()) == 1
    client.payment_definitions.delete(made["id"])
    assert client.payment_definitions.list() == []


def test_currency_and_unread_import(sandbox: Sandbox, client: Opter) -> None:
    with pytest.raises(NotFound):
        client.payment_imports.forget("9")
    sandbox.currency("NOK")
    body = {"name": "F", "importType": "FortnoxAPI", "importFormat": "API", "ignorePaymentsBefore": "2026-01-01"}
    client.payment_definitions.create(body)
    payment = {
        "reference": "1",
        "invoiceNumber": "1",
        "amount": 1,
        "currency": "SEK",
        "paymentDate": "2026-10-01",
        "registeredDate": "2026-10-01",
    }
    with pytest.raises(SettingsError, match="default currency"):
        client.payment_imports.read("F", [payment])


def test_key_and_access_are_for_a_person(sandbox: Sandbox, client: Opter) -> None:
    sandbox.allow("Customers")
    with pytest.raises(Unauthorised, match="lacks the access Invoices"):
        client.invoices.changed(None)
    sandbox.keys.clear()
    with pytest.raises(Unauthorised, match="does not accept the API key"):
        client.installation()


@pytest.mark.parametrize(
    ("kind", "error"), [("error_before", Unavailable), ("lost_request", Unavailable), ("html", BadData), ("cut_body", Unavailable)]
)
def test_trouble_while_reading_is_told_by_its_class(sandbox: Sandbox, client: Opter, kind: str, error: type[Exception]) -> None:
    sandbox.faults.arm(kind, times=None)
    with pytest.raises(error):
        client.installation()


@pytest.mark.parametrize("kind", ["lost_answer", "error_after", "cut_body"])
def test_trouble_while_saving_leaves_a_doubt(sandbox: Sandbox, client: Opter, kind: str) -> None:
    sandbox.faults.arm(kind, method="POST")
    with pytest.raises(OutcomeUnknown):
        client.payment_imports.save("1")


def test_another_program_at_the_address_is_said(sandbox: Sandbox) -> None:
    http = Http("Opter", sleep=lambda seconds: None)
    wrong = Opter(http.send, sandbox.base_url + "/else", lambda: sandbox.key)
    with pytest.raises((SettingsError, NotFound, BadData)):
        wrong.installation()
    http.close()
