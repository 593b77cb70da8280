"""The Upsales sandbox: what each register takes, shows and refuses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from brygga_sandbox import upsales
from brygga_sandbox.upsales import Sandbox, Setup

Call = Callable[..., httpx2.Response]


def sale(sandbox: Sandbox, **more: Any) -> dict[str, Any]:
    """Return the body of a sale in the state that the API's own example has."""
    if not sandbox.state["accounts"]:
        sandbox.load("accounts", [{"name": "Fjord AB"}])
        sandbox.load("products", [{"name": "Bord", "articleNo": "A1", "listPrice": 100}])
    row = {"quantity": 2, "price": 90, "listPrice": 100, "product": {"id": 1}}
    body = {"description": "10 licenser", "date": "2026-11-20", "user": {"id": 1}, "client": {"id": 1}, "stage": {"id": 2}}
    return {**body, "orderRow": [row], **more}


def test_a_wrong_key_is_refused_before_anything_else(call: Call) -> None:
    answer = call("GET", "/accounts", token="wrong")
    assert (answer.status_code, answer.json()["error"]["code"], answer.json()["metadata"]) == (401, 401, None)
    assert call("GET", "/self").json()["errors"] is None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/accounts", {"phone": "1"}),
        ("/accounts", {"name": "x" * 101}),
        ("/accounts", {"name": "x", "addresses": [{"type": "Home"}]}),
        ("/accounts", {"name": "x", "addresses": [{"type": "Mail", "country": "Sverige"}]}),
        ("/accounts", {"name": "x", "custom": [{"fieldId": 99, "value": "1"}]}),
        ("/accounts", {"name": "x", "users": [{"id": 99}]}),
        ("/contacts", {"lastName": "Ek"}),
        ("/products", {"listPrice": 1}),
        ("/products", {"name": "Stol", "articleNo": "A1"}),
        ("/products", {"name": "Stol", "listPrice": "dyr"}),
        ("/orderstages", {"name": "x", "probability": 101}),
        ("/pricelists", {"code": "B"}),
        ("/customfields/account", {"name": "x", "datatype": "string"}),
    ],
)
def test_what_does_not_hold_is_refused_with_the_recorded_body(sandbox: Sandbox, call: Call, path: str, body: Any) -> None:
    sandbox.load("products", [{"name": "Bord", "articleNo": "A1"}])
    answer = call("POST", path, body)
    error = answer.json()["error"]
    assert (answer.status_code, error["key"], error["code"], error["errorCode"]) == (400, "FailedValidation", 400, 26)
    assert answer.json()["metadata"] is None


@pytest.mark.parametrize(
    "change",
    [
        {"description": ""},
        {"user": {"id": 77}},
        {"client": {"id": 77}},
        {"stage": {"id": 77}},
        {"date": "i morgon"},
        {"orderRow": []},
        {"orderRow": [{"quantity": 1, "price": 1, "product": {"id": 1}}]},
        {"orderRow": [{"quantity": 1, "price": 1, "listPrice": 1, "product": {"id": 77}}]},
        {"currency": "JPY"},
        {"probability": 150},
    ],
)
def test_a_sale_that_lacks_something_is_refused(sandbox: Sandbox, call: Call, change: dict[str, Any]) -> None:
    assert call("POST", "/orders", sale(sandbox, **change)).status_code == 400
    assert sandbox.all("orders") == []


def test_sale_has_its_probability_from_the_stage_and_a_close_date_when_it_is_won(sandbox: Sandbox, call: Call) -> None:
    made = call("POST", "/orders", sale(sandbox)).json()["data"]
    assert (made["probability"], made["closeDate"], made["value"], made["orderRow"][0]["discount"]) == (50, None, 180, 0)
    won = call("PUT", f"/orders/{made['id']}", {"stage": {"id": 4}}).json()["data"]
    assert (won["probability"], won["stage"]["name"]) == (100, "Order")
    assert won["closeDate"]
    assert call("GET", f"/opportunities/{made['id']}").json()["data"]["id"] == made["id"]


def test_rows_of_a_put_take_the_place_of_all_under_new_ids(sandbox: Sandbox, call: Call) -> None:
    made = call("POST", "/orders", sale(sandbox)).json()["data"]
    kept = call("PUT", f"/orders/{made['id']}", {"notes": "  hej "}).json()["data"]
    assert (kept["orderRow"], kept["notes"]) == (made["orderRow"], "hej")
    rows = [{"quantity": 1, "price": 5, "listPrice": 5, "product": {"id": 1}}]
    changed = call("PUT", f"/orders/{made['id']}", {"orderRow": rows}).json()["data"]
    assert len(changed["orderRow"]) == 1
    assert changed["orderRow"][0]["id"] != made["orderRow"][0]["id"]


def test_an_inactive_company_gets_no_sale(sandbox: Sandbox, call: Call) -> None:
    body = sale(sandbox)
    sandbox.account(1).update(active=0)
    assert call("POST", "/orders", body).status_code == 400


def test_custom_values_that_a_put_leaves_out_are_gone(sandbox: Sandbox, call: Call) -> None:
    one, two = (sandbox.add_custom_field("account", name=name, alias=name.upper()) for name in ("a", "b"))
    sandbox.load("accounts", [{"name": "Fjord AB", "custom": [{"fieldId": one, "value": "x"}, {"fieldId": two, "value": "y"}]}])
    call("PUT", "/accounts/1", {"custom": [{"fieldId": one, "value": "z"}]})
    assert (sandbox.account(1)["A"], sandbox.account(1)["B"]) == ("z", None)
    with upsales.running(Setup(custom="keep")) as other:
        ids = [other.add_custom_field("account", name=name, alias=name.upper()) for name in ("a", "b")]
        other.load("accounts", [{"name": "Fjord AB", "custom": [{"fieldId": id, "value": "x"} for id in ids]}])
        body = {"custom": [{"fieldId": ids[0], "value": "z"}]}
        httpx2.put(f"{other.base_url}/api/v2/accounts/1", params={"token": other.token}, json=body, verify=False)
        assert (other.account(1)["A"], other.account(1)["B"]) == ("z", "x")


def test_choices_and_types_of_custom_fields_are_held(sandbox: Sandbox, call: Call) -> None:
    choice = sandbox.add_custom_field("order", name="Leverans", alias="WAY", datatype="Select", default=["Post", "Hämtas"])
    paid = sandbox.add_custom_field("order", name="Betald", alias="IS_PAID", datatype="Boolean")
    assert call("POST", "/orders", sale(sandbox, custom=[{"fieldId": choice, "value": "Flyg"}])).status_code == 400
    assert call("POST", "/orders", sale(sandbox, custom=[{"fieldId": paid, "value": "ja"}])).status_code == 400
    made = call("POST", "/orders", sale(sandbox, custom=[{"fieldId": paid, "value": True}])).json()["data"]
    assert made["custom"][0]["value"] == "1"
    assert call("POST", "/customfields/order", {"name": "B", "alias": "WAY"}).status_code == 400


def test_prices_of_other_lists_show_and_stay_only_with_the_word_for_it(sandbox: Sandbox, call: Call) -> None:
    call("POST", "/pricelists", {"name": "Butik", "code": "B"})
    prices = [{"currency": "SEK", "price": 80, "priceListId": 1}, {"currency": "SEK", "price": 60, "priceListId": 2}]
    call("POST", "/products", {"name": "Bord", "currencies": prices}, usePriceLists="true")
    assert len(call("GET", "/products/1", usePriceLists="true").json()["data"]["currencies"]) == 2
    assert len(call("GET", "/products/1").json()["data"]["currencies"]) == 1
    call("PUT", "/products/1", {"currencies": prices[:1]}, usePriceLists="true")
    assert len(sandbox.product(1)["currencies"]) == 1
    assert call("DELETE", "/products/1").status_code == 404


def test_address_of_type_mail_stands_by_itself_as_well(sandbox: Sandbox, call: Call) -> None:
    made = call("POST", "/accounts", {"name": "A", "addresses": [{"type": "Mail", "city": " Växjö ", "country": "SE"}]}).json()[
        "data"
    ]
    assert made["mailAddress"]["city"] == "Växjö"
    assert made["addresses"][0]["type"] == "Mail"


def test_contact_belongs_to_a_company_and_can_not_move(sandbox: Sandbox, call: Call) -> None:
    sandbox.load("accounts", [{"name": "A"}, {"name": "B"}])
    body = {"firstName": "Eva", "lastName": "Ek", "client": {"id": 1}}
    made = call("POST", "/contacts", body, usingFirstnameLastname="true").json()["data"]
    assert (made["name"], made["client"]["name"]) == ("Eva Ek", "A")
    assert call("PUT", "/contacts/1", {"client": {"id": 2}}).json()["data"]["client"]["id"] == 1


def test_an_unknown_record_is_json_and_an_unknown_address_a_page(call: Call) -> None:
    record, address = call("GET", "/accounts/77"), call("GET", "/ponies")
    assert (record.status_code, record.json()["error"]["code"]) == (404, 404)
    assert (address.status_code, address.headers["content-type"].split(";")[0]) == (404, "text/html")


def test_program_says_where_it_is_keeps_its_state_and_ends_when_told(tmp_path: Path) -> None:
    def started() -> tuple[subprocess.Popen[str], dict[str, Any]]:
        command = [sys.executable, "-m", "brygga_sandbox.upsales", "--json", "--state", str(tmp_path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        return process, json.loads(process.stdout.readline())["upsales"]

    process, said = started()
    httpx2.post(f"{said['base_url']}/api/v2/accounts", params={"token": said["token"]}, json={"name": "Fjord AB"}, verify=False)
    loaded = httpx2.post(f"{said['admin_url']}records/accounts", json=[{"name": "Björk AB"}], verify=False)
    assert (loaded.status_code, loaded.json()) == (201, [2])
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    process, again = started()
    assert again["records"]["accounts"] == 2
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
