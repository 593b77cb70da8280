"""The imitated Opter keeps the contract brygga-opter-1: key and accesses, ranges, export results, the payment import and its judgement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from brygga_sandbox import opter
from brygga_sandbox.opter import Limits, Sandbox

ALL = {"dateType": "changedAt", "dateFrom": "2020-01-01T00:00:00Z", "dateTo": "2030-01-01T00:00:00Z"}
PAYMENT = {
    "reference": "1",
    "invoiceNumber": "100353",
    "amount": 1250,
    "currency": "SEK",
    "paymentDate": "2026-10-01",
    "registeredDate": "2026-10-01",
}
DEFINITION = {"name": "Fortnox", "importType": "FortnoxAPI", "importFormat": "API", "ignorePaymentsBefore": "2026-01-01"}

Call = Callable[..., httpx2.Response]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with opter.running(Limits(calls=0)) as running:
        running.load("Customers", [{"customerCode": "NORD", "customerNumber": "1042", "name": "Nordbygg AB"}])
        invoice = {
            "customerCode": "NORD",
            "invoiceDate": "2026-09-04",
            "coding": [{"account": "3001", "net": 1000, "vatPercent": 25}],
        }
        running.load(
            "Invoices", [{**invoice, "invoiceNumber": "100353", "ocrNumber": "10035384"}, {**invoice, "invoiceNumber": "100354"}]
        )
        yield running


@pytest.fixture
def call(sandbox: Sandbox) -> Call:
    def ask(method: str, path: str, body: Any = None, **params: str) -> httpx2.Response:
        headers = {"x-api-key": sandbox.key}
        return httpx2.request(method, sandbox.base_url + path, headers=headers, json=body, params=params or None, verify=False)

    return ask


def code(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_key_and_accesses_are_asked_for_first(sandbox: Sandbox, call: Call) -> None:
    for headers in ({}, {"x-api-key": "wrong"}):
        assert code(httpx2.get(sandbox.base_url + "/api/Installation", headers=headers, verify=False)) == (401, "unauthorised")
    assert call("GET", "/api/Installation").json()["contract"] == "brygga-opter-1"
    sandbox.allow("Customers")
    assert code(call("GET", "/api/Invoices", **ALL)) == (403, "access")
    assert "Payments" in call("GET", "/api/PaymentImports").json()["error"]["message"]
    assert call("GET", "/api/Customers", **ALL).status_code == 200


@pytest.mark.parametrize(
    "params",
    [
        {},
        {**ALL, "dateFrom": "2020-01-01"},
        {**ALL, "dateTo": "2019-01-01T00:00:00Z"},
        {**ALL, "dateTo": "2045-01-01T00:00:00Z"},
        {**ALL, "dateType": "made"},
        {**ALL, "page": "2"},
        {"dateType": "invoiceDate", "dateFrom": "2026-09-31", "dateTo": "2026-10-01"},
    ],
)
def test_range_that_makes_no_sense_is_refused(call: Call, params: dict[str, str]) -> None:
    assert code(call("GET", "/api/Invoices", **params)) == (400, "validation")


def test_ranges_hold_what_the_contract_says(sandbox: Sandbox, call: Call) -> None:
    changed = sandbox.get("Invoices", "100353")["changedAt"]
    numbers = [raw["invoiceNumber"] for raw in call("GET", "/api/Invoices", **{**ALL, "dateFrom": changed}).json()]
    assert "100353" in numbers
    assert call("GET", "/api/Invoices", **{**ALL, "dateTo": changed}).json() == []
    whole = {"dateType": "invoiceDate", "dateFrom": "2026-09-04", "dateTo": "2026-09-04"}
    assert len(call("GET", "/api/Invoices", **whole).json()) == 2


def test_export_result_is_kept_once(sandbox: Sandbox, call: Call) -> None:
    result = {"documentNumber": "100353", "exportedAt": "2026-11-20T10:00:00Z", "booked": False, "message": ""}
    path = "/api/Invoices/100353/ExportResult"
    first = call("PUT", path, result).json()
    assert call("PUT", path, {**result, "exportedAt": "2026-11-21T10:00:00Z"}).json() == first
    assert call("PUT", path, {**result, "booked": True, "message": "B 1"}).json()["export"]["booked"] is True
    assert code(call("PUT", path, {**result, "documentNumber": "7"})) == (409, "exported")
    assert code(call("PUT", path, {"documentNumber": "7"})) == (400, "validation")
    sandbox.edit("Invoices", "100354", status="Open")
    assert code(call("PUT", "/api/Invoices/100354/ExportResult", result)) == (409, "open")
    assert code(call("PUT", "/api/Invoices/9/ExportResult", result)) == (404, "not_found")


def test_definitions_are_checked_and_their_tokens_never_shown(call: Call) -> None:
    assert code(call("POST", "/api/PaymentImportDefinitions", {"name": "X"})) == (400, "validation")
    for wrong in (
        {"importType": "Bankgiro"},
        {"importFormat": "Fil"},
        {"ignorePaymentsBefore": "igår"},
        {"ignoreNumbersBefore": -1},
        {"x": 1},
    ):
        assert code(call("POST", "/api/PaymentImportDefinitions", {**DEFINITION, **wrong})) == (400, "validation")
    made = call("POST", "/api/PaymentImportDefinitions", {**DEFINITION, "apiAccessToken": "abc"}).json()
    assert (made["apiAccessToken"], made["ignoreNumbersBefore"]) == ("***", 0)
    assert code(call("POST", "/api/PaymentImportDefinitions", {**DEFINITION, "name": "fortnox"})) == (409, "duplicate")
    changed = call("PUT", f"/api/PaymentImportDefinitions/{made['id']}", {**DEFINITION, "ignoreNumbersBefore": 9})
    assert changed.json()["ignoreNumbersBefore"] == 9
    assert call("DELETE", f"/api/PaymentImportDefinitions/{made['id']}").status_code == 204
    assert code(call("GET", f"/api/PaymentImportDefinitions/{made['id']}")) == (404, "not_found")


@pytest.mark.parametrize(
    ("payment", "shown"),
    [
        ({}, ("green", None, 0, 0)),
        ({"amount": 500}, ("red", "Partial payment", 0, 0)),
        ({"amount": 1300}, ("red", "Advance will be created", 0, 50)),
        ({"amount": 1249.01}, ("green", None, 0.99, 0)),
        ({"amount": 1251}, ("green", None, -1, 0)),
        ({"amount": 1248.99}, ("red", "Partial payment", 0, 0)),
    ],
)
def test_sum_is_judged_with_the_deviation_of_the_office(call: Call, payment: dict[str, Any], shown: tuple[Any, ...]) -> None:
    call("POST", "/api/PaymentImportDefinitions", DEFINITION)
    [row] = call("POST", "/api/PaymentImports", {"definition": "Fortnox", "payments": [{**PAYMENT, **payment}]}).json()["rows"]
    assert (row["mark"], row["warning"], row["writeOff"], row["advance"]) == shown


@pytest.mark.parametrize(
    ("payment", "reason"),
    [
        ({"invoiceNumber": "9"}, "Error loading invoice"),
        ({"ocrNumber": "1"}, "Error loading invoice"),
        ({"currency": "EUR", "currencyRate": 11.2}, "Wrong currency"),
        ({"registeredDate": "2025-12-31"}, "Payment before the date"),
    ],
)
def test_what_cannot_be_imported_says_why(call: Call, payment: dict[str, Any], reason: str) -> None:
    call("POST", "/api/PaymentImportDefinitions", DEFINITION)
    made = call("POST", "/api/PaymentImports", {"definition": "Fortnox", "payments": [{**PAYMENT, **payment}]}).json()
    assert (made["rows"], [one["reason"] for one in made["notImported"]]) == ([], [reason])


def test_lower_number_is_compared_as_a_number(call: Call) -> None:
    call("POST", "/api/PaymentImportDefinitions", {**DEFINITION, "ignoreNumbersBefore": 1_000_000})
    made = call("POST", "/api/PaymentImports", {"definition": "Fortnox", "payments": [PAYMENT]}).json()
    assert made["notImported"][0]["reason"] == "Invoice number too low"


def test_nothing_is_registered_before_it_is_saved_and_then_once(sandbox: Sandbox, call: Call) -> None:
    call("POST", "/api/PaymentImportDefinitions", DEFINITION)
    both = [PAYMENT, {**PAYMENT, "reference": "2", "invoiceNumber": "100354"}]
    made = call("POST", "/api/PaymentImports", {"definition": "Fortnox", "payments": both}).json()
    assert (made["status"], sandbox.registrations()) == ("Read", [])
    saved = call("POST", f"/api/PaymentImports/{made['id']}/Save", {"references": ["2"]}).json()
    assert [one["reference"] for one in saved["registrations"]] == ["2"]
    assert code(call("POST", f"/api/PaymentImports/{made['id']}/Save", {})) == (409, "saved")
    assert code(call("DELETE", f"/api/PaymentImports/{made['id']}")) == (409, "saved")
    again = call(
        "POST", "/api/PaymentImports", {"definition": "Fortnox", "payments": [{**both[1], "reference": "3"}, both[1]]}
    ).json()
    assert [one["reason"] for one in again["notImported"]] == ["The invoice is already paid", "Already registered"]
    [found] = call("GET", "/api/PaymentRegistrations", reference="2").json()
    assert (found["invoiceNumber"], sandbox.get("Invoices", "100354")["balance"]) == ("100354", 0)


def test_two_payments_of_one_invoice_are_judged_in_order(call: Call) -> None:
    call("POST", "/api/PaymentImportDefinitions", DEFINITION)
    parts = [{**PAYMENT, "amount": 1000}, {**PAYMENT, "reference": "2", "amount": 250}, {**PAYMENT, "reference": "3", "amount": 10}]
    made = call("POST", "/api/PaymentImports", {"definition": "Fortnox", "payments": parts}).json()
    assert [row["mark"] for row in made["rows"]] == ["red", "green"]
    assert made["notImported"][0]["reason"] == "The invoice is already paid"


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({"definition": "Bank", "payments": [PAYMENT]}, (404, "not_found")),
        ({"definition": "Fortnox", "payments": []}, (400, "bad_request")),
        ({"definition": "Fortnox", "payments": [{**PAYMENT, "amount": 1.001}]}, (400, "validation")),
        ({"definition": "Fortnox", "payments": [{**PAYMENT, "paymentDate": "1/10"}]}, (400, "validation")),
        ({"definition": "Fortnox", "payments": [PAYMENT, PAYMENT]}, (400, "validation")),
        ({"definition": "Fortnox", "payments": [PAYMENT] * 501}, (413, "too_many")),
        ([], (400, "bad_request")),
    ],
)
def test_import_that_makes_no_sense_is_refused(call: Call, body: Any, refused: tuple[int, str]) -> None:
    call("POST", "/api/PaymentImportDefinitions", DEFINITION)
    assert code(call("POST", "/api/PaymentImports", body)) == refused


def test_another_default_currency_reads_nothing(sandbox: Sandbox, call: Call) -> None:
    call("POST", "/api/PaymentImportDefinitions", DEFINITION)
    sandbox.currency("EUR")
    assert code(call("POST", "/api/PaymentImports", {"definition": "Fortnox", "payments": [PAYMENT]})) == (409, "currency")


def test_calls_beyond_ten_in_a_second_are_refused() -> None:
    with opter.running() as running:
        answers = [
            httpx2.get(running.base_url + "/api/Installation", headers={"x-api-key": running.key}, verify=False) for _ in range(14)
        ]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert int(refused[0].headers["retry-after"]) >= 1


def test_wrong_verbs_bodies_and_addresses_are_refused(sandbox: Sandbox, call: Call) -> None:
    assert code(call("DELETE", "/api/Invoices")) == (405, "method")
    assert code(call("GET", "/api/Vehicles")) == (404, "not_found")
    headers = {"x-api-key": sandbox.key, "content-type": "text/plain"}
    assert code(httpx2.post(sandbox.base_url + "/api/PaymentImports", headers=headers, content=b"x", verify=False)) == (
        415,
        "media_type",
    )
    headers["content-type"] = "application/json"
    assert code(httpx2.post(sandbox.base_url + "/api/PaymentImports", headers=headers, content=b"{", verify=False)) == (
        400,
        "bad_request",
    )


def test_printed_documents_are_given_and_missing_ones_said(sandbox: Sandbox, call: Call) -> None:
    assert call("GET", "/api/Invoices/100353/Pdf").content.startswith(b"%PDF")
    sandbox.edit("Invoices", "100353", hasPdf=False)
    assert code(call("GET", "/api/Invoices/100353/Pdf")) == (404, "pdf")


def test_installation_is_kept_in_a_folder(tmp_path: Path) -> None:
    with opter.running(Limits(calls=0), state=tmp_path) as first:
        first.furnish()
        before = {name: first.all(name) for name in ("Customers", "Invoices", "Settlements")}
    with opter.running(Limits(calls=0), state=tmp_path) as second:
        assert {name: second.all(name) for name in before} == before
