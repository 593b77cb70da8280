"""webCRM sandbox: signing in, tokens that run out, faults and load."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import httpx2
import pytest

from brygga_sandbox import webcrm
from brygga_sandbox.webcrm import Installation, Limits, Quirks, Sandbox
from brygga_sandbox.webcrm.auth import Application
from webcrm_caller import UNLIMITED, Caller


def test_login_answers_the_documented_body_with_a_token_for_an_hour(sandbox: Sandbox) -> None:
    answer = httpx2.post(sandbox.base_url + "/Auth/ApiLogin", data={"authCode": sandbox.auth_code}, verify=False)
    body = answer.json()
    assert answer.status_code == 200
    assert body["ExpiresIn"] == 3600
    assert body["TokenType"] == "Bearer"
    assert body["IsError"] is False
    assert body["AccessToken"].count(".") == 2


def test_login_takes_a_multipart_form_as_the_definition_says(sandbox: Sandbox) -> None:
    answer = httpx2.post(sandbox.base_url + "/Auth/ApiLogin", files={"authCode": (None, sandbox.auth_code)}, verify=False)
    assert answer.json()["AccessToken"]


def test_unknown_application_token_is_refused_inside_a_200(sandbox: Sandbox) -> None:
    answer = Caller(sandbox).login("00000000-0000-4000-8000-000000000000")
    assert answer.status_code == 200
    assert answer.json()["IsError"] is True
    assert answer.json()["AccessToken"] is None


def test_unknown_application_token_can_be_refused_with_401() -> None:
    with webcrm.running(Installation(limits=UNLIMITED, quirks=Quirks(login_refusal="status"))) as sandbox:
        assert Caller(sandbox).login("00000000-0000-4000-8000-000000000000").status_code == 401


def test_application_token_that_is_no_guid_is_a_bad_request(sandbox: Sandbox) -> None:
    assert Caller(sandbox).login("hemlig").status_code == 400


def test_call_without_token_and_with_a_false_one_is_401_with_an_empty_body(sandbox: Sandbox) -> None:
    for headers in ({}, {"Authorization": "Bearer false"}, {"Authorization": "Basic x"}):
        answer = httpx2.get(sandbox.base_url + "/Organisations", headers=headers, verify=False)
        assert (answer.status_code, answer.content) == (401, b"")


def test_access_token_is_worth_nothing_after_an_hour(sandbox: Sandbox, call: Caller) -> None:
    sandbox.clock.advance(3599)
    assert call("GET", "/Organisations").status_code == 200
    sandbox.clock.advance(1)
    assert call("GET", "/Organisations").status_code == 401


@pytest.mark.parametrize("way", ["header", "form"])
def test_refresh_token_gives_a_new_access_token_once(sandbox: Sandbox, way: str) -> None:
    login = httpx2.post(sandbox.base_url + "/Auth/ApiLogin", data={"authCode": sandbox.auth_code}, verify=False).json()
    given = {"refreshToken": login["RefreshToken"]}
    arguments = {"headers": given} if way == "header" else {"data": given}
    first = httpx2.post(sandbox.base_url + "/Auth/ApiRefresh", **arguments, verify=False).json()
    again = httpx2.post(sandbox.base_url + "/Auth/ApiRefresh", **arguments, verify=False).json()
    assert first["AccessToken"] not in (None, login["AccessToken"])
    assert again["IsError"] is True


def test_withdrawn_application_token_stops_calls_and_logins(sandbox: Sandbox, call: Caller) -> None:
    sandbox.withdraw_application()
    assert call("GET", "/Organisations").status_code == 401
    assert call.login(sandbox.auth_code).json()["IsError"] is True


def test_application_token_without_right_to_write_reads_only(sandbox: Sandbox, call: Caller) -> None:
    code = "11111111-2222-4333-8444-555555555555"
    sandbox.add_application(code, Application("Rapport", may_write=False))
    call.login(code)
    assert call("GET", "/Organisations").status_code == 200
    assert call("POST", "/Organisations", {"OrganisationName": "Fjord AB"}).status_code == 403
    assert sandbox.all("Organisation") == []


def test_lost_answer_after_post_leaves_the_organisation_made(sandbox: Sandbox, call: Caller) -> None:
    sandbox.faults.arm("lost_answer", method="POST", path="/Organisations")
    with pytest.raises(httpx2.TransportError):
        call("POST", "/Organisations", {"OrganisationName": "Fjord AB"})
    assert [made["OrganisationName"] for made in sandbox.all("Organisation")] == ["Fjord AB"]


def test_error_before_leaves_nothing_made_and_a_429_says_in_its_body_how_long(sandbox: Sandbox, call: Caller) -> None:
    sandbox.faults.arm("error_before", status=503)
    sandbox.faults.arm("rate_limit", skip=1)
    assert call("POST", "/Organisations", {"OrganisationName": "Fjord AB"}).status_code == 503
    refused = call("POST", "/Organisations", {"OrganisationName": "Fjord AB"})
    assert (refused.status_code, refused.json()) == (429, {"RetryAfterSeconds": 1})
    assert "retry-after" not in refused.headers
    assert sandbox.all("Organisation") == []


def test_hidden_change_shows_by_number_at_once_and_in_lists_later(sandbox: Sandbox, call: Caller) -> None:
    sandbox.clock.stop_at(datetime.fromisoformat("2026-03-02T08:00:00+01:00"))
    [number] = sandbox.load("Organisation", [{"OrganisationName": "Fjord AB", "OrganisationCity": "Växjö"}])
    sandbox.faults.arm("hide", method="PUT|POST", seconds=30, times=2)
    call("PUT", f"/Organisations/{number}", {"OrganisationId": number, "OrganisationName": "Fjord i Växjö AB"})
    call("POST", "/Organisations", {"OrganisationName": "Ny AB"})
    assert call("GET", f"/Organisations/{number}").json()["OrganisationName"] == "Fjord i Växjö AB"
    assert [o["OrganisationName"] for o in call("GET", "/Organisations").json()] == ["Fjord AB"]
    sandbox.clock.advance(30)
    assert [o["OrganisationName"] for o in call("GET", "/Organisations").json()] == ["Fjord i Växjö AB", "Ny AB"]


def test_admin_address_arms_faults_and_changes_records_as_a_person_would(sandbox: Sandbox, call: Caller) -> None:
    admin = sandbox.base_url + "/-/admin/"
    made = httpx2.post(admin + "records/Organisation", json=[{"OrganisationName": "Fjord AB"}], verify=False).json()
    httpx2.put(f"{admin}records/Organisation/{made[0]}", json={"Kundnummer": "1042"}, verify=False)
    httpx2.post(admin + "faults", json={"kind": "html", "path": "/Organisations"}, verify=False)
    assert call("GET", "/Organisations").headers["content-type"].startswith("text/html")
    assert call("GET", f"/Organisations/{made[0]}").json()["OrganisationExtraCustom1"] == "1042"
    assert sandbox.writes() == []


def test_calls_beyond_the_limit_of_a_second_are_refused_and_spaced_ones_pass() -> None:
    with webcrm.running(Installation(limits=Limits(calls=5, parallel=0))) as sandbox:
        call = Caller(sandbox)
        answers = [call("GET", "/Users") for _ in range(8)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 3
        assert json.loads(answers[-1].content) == {"RetryAfterSeconds": 1}
        time.sleep(1)
        call.pause = 0.21
        assert {call("GET", "/Users").status_code for _ in range(6)} == {200}


def test_the_pace_of_the_vendors_own_integration_passes_the_default_limits() -> None:
    with webcrm.running() as sandbox:
        call = Caller(sandbox, pause=0.021)
        assert {call("GET", "/Users").status_code for _ in range(60)} == {200}


def test_creating_too_fast_is_refused_and_makes_nothing() -> None:
    with webcrm.running(Installation(limits=Limits(parallel=0, creates=5))) as sandbox:
        call = Caller(sandbox)
        codes = [call("POST", "/Organisations", {"OrganisationName": f"Bolag {n}"}).status_code for n in range(8)]
        assert codes == [200] * 5 + [429] * 3
        assert len(sandbox.all("Organisation")) == 5


def test_many_parallel_calls_give_dropped_connections_and_false_401s_and_can_be_spared_them() -> None:
    def outcome(call: Caller) -> int:
        try:
            return call("GET", "/Users").status_code
        except httpx2.TransportError:
            return 0

    for drops in (True, False):
        limits, quirks = Limits(calls=0, creates=0, parallel=2), Quirks(drops_parallel_calls=drops)
        with webcrm.running(Installation(limits=limits, quirks=quirks)) as sandbox, ThreadPoolExecutor(12) as pool:
            call, outcomes = Caller(sandbox), set[int]()
            for _ in range(20):
                time.sleep(0.03)
                outcomes |= set(pool.map(outcome, [call] * 12))
                if not drops or outcomes == {200, 401, 0}:
                    break
            assert outcomes == ({200, 401, 0} if drops else {200})
