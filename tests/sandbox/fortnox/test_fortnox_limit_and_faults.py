"""The rate limit to the call, and every fault on demand."""

import time
from datetime import datetime
from typing import Any

import httpx2
import pytest

from brygga_sandbox.fortnox.limit import Limiter


def test_the_window_slides_and_refused_calls_do_not_count() -> None:
    now = [100.0]
    limiter = Limiter(now=lambda: now[0])
    for step in range(25):
        now[0] = 100 + step * 0.1
        assert limiter.admits("a")
    assert not limiter.admits("a")
    assert limiter.admits("b")
    now[0] = 104.99
    assert not limiter.admits("a")
    now[0] = 105.0
    assert limiter.admits("a")
    assert not limiter.admits("a")
    now[0] = 105.1
    assert limiter.admits("a")


def test_the_26th_call_within_five_seconds_is_429_without_a_body(sandbox: Any, api: Any) -> None:
    sandbox.limiter.forget()
    sandbox.limiter.enabled = True
    answers = [api.call("GET", "me") for _ in range(26)]
    assert [answer.status_code for answer in answers] == [200] * 25 + [429]
    assert answers[-1].content == b""
    assert answers[-1].reason_phrase == "Too Many Requests"
    assert "retry-after" not in answers[-1].headers


def test_each_tenant_has_a_window_of_its_own(sandbox: Any, api: Any) -> None:
    sandbox.limiter.forget()
    sandbox.limiter.enabled = True
    second = api.http.post("/-/admin/tokens", json={"tenant": list(sandbox.companies)[1]}).json()["access_token"]
    for _ in range(26):
        last = api.call("GET", "me")
    assert last.status_code == 429
    assert api.call("GET", "me", headers={"Authorization": f"Bearer {second}"}).status_code == 200


def arm(api: Any, **fault: Any) -> None:
    response = api.http.post("/-/admin/faults", json=fault)
    assert response.status_code == 201, response.text


CREATE = {"method": "POST", "path": "/3/customers"}
BODY = {"json": {"Customer": {"Name": "A"}}}


def test_an_answer_lost_after_the_commit(api: Any) -> None:
    arm(api, kind="lost_answer", **CREATE)
    with pytest.raises(httpx2.RemoteProtocolError):
        api.call("POST", "customers", **BODY)
    assert api.get("customers")["MetaInformation"]["@TotalResources"] == 1


def test_a_request_that_never_arrives(api: Any) -> None:
    arm(api, kind="lost_request", **CREATE)
    with pytest.raises(httpx2.RemoteProtocolError):
        api.call("POST", "customers", **BODY)
    assert api.get("customers")["MetaInformation"]["@TotalResources"] == 0


@pytest.mark.parametrize(("kind", "kept"), [("error_before", 0), ("error_after", 1)])
@pytest.mark.parametrize("status", [500, 502, 503])
def test_errors_before_and_after_the_commit(api: Any, kind: str, kept: int, status: int) -> None:
    arm(api, kind=kind, status=status, **CREATE)
    assert api.call("POST", "customers", **BODY).status_code == status
    assert api.get("customers")["MetaInformation"]["@TotalResources"] == kept
    assert api.call("POST", "customers", **BODY).status_code == 201


def test_an_answer_cut_in_the_middle(api: Any) -> None:
    arm(api, kind="cut_body", path="/3/me")
    with pytest.raises(httpx2.RemoteProtocolError):
        api.call("GET", "me")
    assert api.call("GET", "me").status_code == 200


def test_a_web_page_instead_of_data(api: Any) -> None:
    arm(api, kind="html", path="/3/me")
    answer = api.call("GET", "me")
    assert answer.status_code == 200
    assert answer.text.startswith("<!DOCTYPE html>")


def test_429_with_and_without_retry_after(api: Any) -> None:
    arm(api, kind="rate_limit", path="/3/me", retry_after=3)
    arm(api, kind="rate_limit", path="/3/me", skip=1)
    first, second = api.call("GET", "me"), api.call("GET", "me")
    assert (first.status_code, first.headers["retry-after"]) == (429, "3")
    assert (second.status_code, second.headers.get("retry-after")) == (429, None)


def test_a_slow_answer(api: Any) -> None:
    arm(api, kind="slow", path="/3/me", seconds=0.2)
    began = time.monotonic()
    assert api.call("GET", "me").status_code == 200
    assert time.monotonic() - began >= 0.2


def test_a_written_record_shows_late_in_lists(sandbox: Any, api: Any) -> None:
    sandbox.clock.stop_at(datetime(2026, 6, 1, 12, 0))  # noqa: DTZ001  Stockholm is meant
    api.post("customers", "Customer", Name="Gammal")
    arm(api, kind="hide", method="POST|PUT", path="/3/customers.*", seconds=30, times=2)
    api.post("customers", "Customer", Name="Ny")
    api.put("customers/1", "Customer", Name="Ändrad")
    assert api.get("customers/2")["Customer"]["Name"] == "Ny"
    assert [row["Name"] for row in api.get("customers")["Customers"]] == ["Gammal"]
    assert api.get("customers", lastmodified="2026-06-01 12:01")["Customers"] == []
    sandbox.clock.advance(31)
    assert [row["Name"] for row in api.get("customers")["Customers"]] == ["Ändrad", "Ny"]


def test_tokens_withdrawn_and_run_out(sandbox: Any, api: Any) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": sandbox.refresh_token}
    auth = httpx2.BasicAuth(sandbox.client_id, sandbox.client_secret)
    arm(api, kind="expire_access_tokens", path="/3/me")
    assert api.call("GET", "me").json() == {"message": "unauthorized"}
    fresh = api.http.post("/oauth-v1/token", auth=auth, data=form).json()
    api.http.headers["Authorization"] = f"Bearer {fresh['access_token']}"
    assert api.call("GET", "me").status_code == 200
    arm(api, kind="revoke_tokens", path="/3/me")
    assert api.call("GET", "me").status_code == 401
    again = api.http.post("/oauth-v1/token", auth=auth, data={**form, "refresh_token": fresh["refresh_token"]})
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_probability_with_a_seed_strikes_the_same_calls_each_time(api: Any) -> None:
    runs = []
    for _ in range(2):
        api.http.delete("/-/admin/faults")
        arm(api, kind="error_before", path="/3/me", times=None, probability=0.4, seed=7)
        runs.append([api.call("GET", "me").status_code for _ in range(20)])
    assert runs[0] == runs[1]
    assert 3 <= runs[0].count(500) <= 13


def test_a_fault_that_is_none_is_refused(api: Any) -> None:
    for wish in ({"kind": "fire"}, {"kind": "slow", "path": "("}, {"kind": "slow", "colour": 1}):
        assert api.http.post("/-/admin/faults", json=wish).status_code == 400
    assert api.http.get("/-/admin/faults").json() == []


def test_the_admin_address_counts_calls_and_is_not_part_of_the_api(api: Any) -> None:
    api.call("GET", "customers?limit=5")
    api.call("POST", "customers", **BODY)
    seen = api.http.get("/-/admin/requests").json()
    assert [(one["method"], one["path"], one["query"], one["status"]) for one in seen] == [
        ("GET", "/3/customers", "limit=5", 200),
        ("POST", "/3/customers", "", 201),
    ]
    assert seen[0]["body"] is None
    assert '"Name":"A"' in seen[1]["body"].replace(" ", "")
    api.http.delete("/-/admin/requests")
    assert api.http.get("/-/admin/requests").json() == []


def test_the_clock_can_be_stopped_shifted_and_let_go(sandbox: Any, api: Any) -> None:
    stopped = api.http.put("/-/admin/clock", json={"now": "2026-03-01T08:00:00+01:00"}).json()
    assert stopped["now"] == "2026-03-01T08:00:00+01:00"
    assert sandbox.company.today().isoformat() == "2026-03-01"
    assert api.http.put("/-/admin/clock", json={"advance": 3600}).json()["now"] == "2026-03-01T09:00:00+01:00"
    api.http.put("/-/admin/clock", json={})
    assert sandbox.company.today().year != 2025
