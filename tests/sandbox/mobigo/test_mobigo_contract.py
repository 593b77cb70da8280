"""The Mobigo sandbox keeps its contract (src/brygga_sandbox/mobigo/README.md), refusals first."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from brygga_sandbox import mobigo
from brygga_sandbox.mobigo import Application, Limits, Sandbox


class Caller:
    """Calls a sandbox with one token, as any program would."""

    def __init__(self, sandbox: Sandbox, id: str = "brygga", secret: str = "") -> None:
        self.http = httpx2.Client(base_url=sandbox.base_url + "/v1", timeout=20, verify=False)
        answer = self.http.post("/Auth/Token", auth=(id, secret or sandbox.secret))
        if answer.status_code == 200:
            self.http.headers["Authorization"] = "Bearer " + answer.json()["accessToken"]

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> httpx2.Response:
        return self.http.request(method, "/Core/" + path, json=body, params=query or None)


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with mobigo.running(Limits(calls=0)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def call(sandbox: Sandbox) -> Iterator[Caller]:
    caller = Caller(sandbox)
    yield caller
    caller.http.close()


def test_wrong_secret_and_missing_token_are_refused(sandbox: Sandbox) -> None:
    assert Caller(sandbox, secret="wrong")("GET", "Customers").status_code == 401
    assert Caller(sandbox, id="unknown")("GET", "Customers").status_code == 401


def test_token_runs_out_after_an_hour(sandbox: Sandbox, call: Caller) -> None:
    assert call("GET", "Me").json()["contract"] == "brygga-mobigo-1"
    sandbox.clock.advance(3601)
    assert call("GET", "Me").status_code == 401


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"name": "Utan nummer"}, ["number"]),
        ({"number": "1", "name": "A" * 201}, ["name"]),
        ({"number": "1", "name": "A", "nmae": "x"}, ["nmae"]),
        ({"number": 1, "name": "A"}, ["number"]),
        ({"number": "1", "name": "A", "type": "firma"}, ["type"]),
        ({"number": "1", "name": "A", "address": {"countryCode": "Sverige"}}, ["address.countryCode"]),
        ([], ["$"]),
    ],
)
def test_wrong_customer_is_refused_with_its_fields(call: Caller, body: Any, fields: list[str]) -> None:
    answer = call("POST", "Customers", body)
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["fields"]] == fields
    assert call("GET", "Customers").json()["totalItemCount"] == 0


def test_number_is_taken_whatever_its_case(call: Caller) -> None:
    assert call("POST", "Articles", {"number": "ab1", "name": "Packning"}).status_code == 201
    answer = call("POST", "Articles", {"number": "AB1", "name": "Annan"})
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")


def test_batch_answers_each_item_and_makes_the_good_ones(call: Caller) -> None:
    bodies = [{"number": "1", "name": "A"}, {"number": "1", "name": "B"}, {"number": "2"}, {"number": "3", "name": "C"}]
    assert [one["status"] for one in call("POST", "Articles/Batch", bodies).json()["items"]] == [201, 409, 400, 201]
    assert call("POST", "Articles/Batch", [{}] * 101).status_code == 400


def test_put_replaces_the_whole_object_and_needs_its_version(call: Caller) -> None:
    made = call("POST", "Customers", {"number": "1", "name": "A", "phone": "08-465 004 01"}).json()
    put = f"Customers/{made['id']}"
    assert call("PUT", put, {"number": "1", "name": "B"}).status_code == 400
    changed = call("PUT", put, {"number": "1", "name": "B", "version": made["version"]})
    assert changed.json()["phone"] is None
    late = call("PUT", put, {**made, "name": "C"})
    assert (late.status_code, late.json()["code"]) == (409, "version")
    assert call("DELETE", put).status_code == 405


def test_pages_hold_a_hundred_at_most_and_say_how_many_there_are(sandbox: Sandbox, call: Caller) -> None:
    sandbox.load("Articles", [{"number": str(n), "name": "A"} for n in range(230)])
    assert call("GET", "Articles", pageSize=101).status_code == 400
    page = call("GET", "Articles", page=3, pageSize=100).json()
    assert (page["itemCount"], page["totalItemCount"], page["totalPages"]) == (30, 230, 3)
    assert call("GET", "Articles", page=4, pageSize=100).json()["items"] == []
    assert call("GET", "Articles", Page=1).status_code == 400


def test_changed_since_takes_the_moment_itself_and_refuses_one_without_zone(sandbox: Sandbox, call: Caller) -> None:
    made = call("POST", "Customers", {"number": "1", "name": "A"}).json()
    sandbox.clock.advance(60)
    call("POST", "Customers", {"number": "2", "name": "B"})
    since = {"filter.updatedAfter": made["updated"]}
    assert call("GET", "Customers", **since).json()["totalItemCount"] == 2
    assert call("GET", "Customers", **{"filter.updatedAfter": "2026-01-01T00:00:00"}).status_code == 400


def test_price_needs_its_list_and_article_and_stands_once_for_a_quantity(sandbox: Sandbox, call: Caller) -> None:
    price = {"priceListCode": "A", "articleNumber": "1", "fromQuantity": 0, "price": 12.5}
    assert call("POST", "Prices", price).status_code == 400
    sandbox.load("Articles", [{"number": "1", "name": "A"}])
    sandbox.load("PriceLists", [{"code": "A", "name": "Normal"}])
    assert call("POST", "Prices", price).status_code == 201
    assert call("POST", "Prices", {**price, "fromQuantity": 0.0}).status_code == 409
    assert call("POST", "Prices", {**price, "fromQuantity": 10}).status_code == 201


def test_assignments_are_made_in_the_program_only(call: Caller) -> None:
    assert call("POST", "Assignments", {"number": "1"}).status_code == 403


def test_assignment_shows_its_rows_and_the_article_of_its_time_type(sandbox: Sandbox, call: Caller) -> None:
    sandbox.load("TimeTypes", [{"name": "Arbete", "articleNumber": "100"}])
    sandbox.assignment(
        "1001", times=[{"timeType": "Arbete", "billableHours": 2}], materials=[{"articleNumber": "7", "quantity": 1}]
    )
    shown = call("GET", "Assignments/1001").json()
    assert shown["times"][0]["timeType"] == {"name": "Arbete", "articleNumber": "100"}
    assert [row["billable"] for row in (*shown["times"], *shown["materials"])] == [True, True]
    assert "times" not in call("GET", "Assignments").json()["items"][0]
    assert "times" in call("GET", "Assignments", include="rows").json()["items"][0]


def test_export_result_is_kept_once_and_another_document_is_refused(sandbox: Sandbox, call: Caller) -> None:
    sandbox.assignment("1001", marked=True, status="Klart")
    result = {"documentType": "order", "documentNumber": "17", "archived": True}
    first = call("PUT", "Assignments/1001/ExportResult", result).json()
    assert (first["export"]["marked"], first["status"], first["export"]["documentNumber"]) == (False, "Arkiverat", "17")
    assert call("PUT", "Assignments/1001/ExportResult", result).json()["version"] == first["version"]
    other = call("PUT", "Assignments/1001/ExportResult", {**result, "documentNumber": "18"})
    assert (other.status_code, other.json()["code"]) == (409, "exported")
    sandbox.edit("Assignments", "1001", actionText="Ändrad efteråt")
    assert call("GET", "Assignments", **{"filter.changedAfterExport": "true"}).json()["totalItemCount"] == 1


def test_application_without_the_right_may_not_write(sandbox: Sandbox) -> None:
    sandbox.sign_in.applications["reader"] = Application("r", frozenset(), exports=False)
    caller = Caller(sandbox, "reader", "r")
    sandbox.assignment("1")
    result = {"documentType": "order", "documentNumber": "17"}
    assert caller("POST", "Articles", {"number": "1", "name": "A"}).status_code == 403
    assert caller("PUT", "Assignments/1/ExportResult", result).status_code == 403


def test_too_many_calls_are_refused_with_the_seconds_to_wait() -> None:
    with mobigo.running(Limits(calls=3, seconds=60)) as sandbox:
        caller = Caller(sandbox)
        answers = [caller("GET", "Me") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 429, 429]
        assert int(answers[-1].headers["retry-after"]) >= 1


def test_faults_strike_and_the_state_is_kept(tmp_path: Path) -> None:
    with mobigo.running(state=tmp_path) as sandbox:
        caller = Caller(sandbox)
        sandbox.faults.arm("lost_answer", method="POST", path=".*/Articles")
        with pytest.raises(httpx2.TransportError):
            caller("POST", "Articles", {"number": "1", "name": "A"})
        caller.http.post(sandbox.admin_url + "records/Assignments", json=[{"number": "9", "times": [{"billableHours": 1.5}]}])
    with mobigo.running(state=tmp_path) as again:
        assert again.get("Articles", "1")["name"] == "A"
        assert str(again.get("Assignments", "9")["times"][0]["billableHours"]) == "1.5"
        caller = Caller(again)
        caller.http.put(again.admin_url + "records/Assignments/9/marked")
        assert again.get("Assignments", "9")["export"]["marked"] is True


def test_it_starts_from_the_command_line() -> None:
    process = subprocess.Popen([sys.executable, "-m", "brygga_sandbox.mobigo", "--json"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        said = json.loads(process.stdout.readline())["mobigo"]
        answer = httpx2.post(said["base_url"] + "/v1/Auth/Token", auth=(said["application_id"], said["secret"]), verify=False)
        assert answer.status_code == 200
    finally:
        process.terminate()
        assert process.wait(60) == 0
        process.stdout.close()
