"""Consent, codes, rotating refresh tokens, client credentials, revocation, scopes and licences, and each refusal."""

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from brygga_sandbox.fortnox.auth import App


@pytest.fixture
def web(sandbox: Any) -> Any:
    with httpx2.Client(base_url=sandbox.base_url, timeout=20, verify=False) as client:
        yield client


def basic(sandbox: Any, secret: str | None = None) -> httpx2.BasicAuth:
    return httpx2.BasicAuth(sandbox.client_id, secret or sandbox.client_secret)


def consent(
    web: httpx2.Client, sandbox: Any, *, decision: str = "approve", tenant: int | None = None, **more: str
) -> httpx2.Response:
    params = {
        "client_id": sandbox.client_id,
        "redirect_uri": sandbox.redirect_uri,
        "scope": "customer companyinformation",
        "state": "s/1",
        "access_type": "offline",
        "response_type": "code",
        **more,
    }
    page = web.get("/oauth-v1/auth", params=params)
    assert page.status_code == 200, page.text
    hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page.text))
    hidden.pop("decision")
    assert "<li>customer</li>" in page.text
    return web.post(
        "/oauth-v1/auth", data={**hidden, "tenant": str(tenant or sandbox.tenant_id), "decision": decision}, follow_redirects=False
    )


def code_of(response: httpx2.Response) -> str:
    assert response.status_code == 302, response.text
    query = parse_qs(urlsplit(response.headers["location"]).query)
    assert query["state"] == ["s/1"]
    return query["code"][0]


def exchange(web: httpx2.Client, sandbox: Any, code: str, uri: str | None = None) -> httpx2.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": uri or sandbox.redirect_uri}
    return web.post("/oauth-v1/token", auth=basic(sandbox), data=form)


def refresh(web: httpx2.Client, sandbox: Any, token: str) -> httpx2.Response:
    return web.post("/oauth-v1/token", auth=basic(sandbox), data={"grant_type": "refresh_token", "refresh_token": token})


def assert_error(response: httpx2.Response, status: int, content_type: str, error: str, description: str | None = None) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"].lower() == content_type.lower()
    body = json.loads(response.text)
    assert body["error"] == error
    if description:
        assert body["error_description"] == description


def test_consent_gives_a_code_that_works_once(web: httpx2.Client, sandbox: Any) -> None:
    code = code_of(consent(web, sandbox))
    got = exchange(web, sandbox, code)
    assert got.status_code == 200
    assert list(got.json()) == ["access_token", "expires_in", "token_type", "scope", "refresh_token"]
    assert got.json()["expires_in"] == 3600
    assert got.json()["scope"] == "customer companyinformation"
    assert (got.headers["cache-control"], got.headers["pragma"]) == ("no-store", "no-cache")
    assert_error(exchange(web, sandbox, code), 400, "text/html; charset=UTF-8", "invalid_grant")


def test_the_access_token_names_the_tenant_that_was_chosen(web: httpx2.Client, sandbox: Any) -> None:
    second = list(sandbox.companies)[1]
    token = exchange(web, sandbox, code_of(consent(web, sandbox, tenant=second))).json()["access_token"]
    claims = token.split(".")[1]
    assert json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["tenantId"] == second
    answer = web.get("/3/companyinformation", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["CompanyInformation"]["DatabaseNumber"] == second


def test_a_code_is_dead_after_ten_minutes_and_for_another_address(web: httpx2.Client, sandbox: Any) -> None:
    code = code_of(consent(web, sandbox))
    assert exchange(web, sandbox, code, "http://127.0.0.1:8000/other").status_code == 400
    sandbox.clock.shift(601)
    assert_error(exchange(web, sandbox, code), 400, "text/html; charset=UTF-8", "invalid_grant")


def test_refused_consent_comes_back_as_an_error(web: httpx2.Client, sandbox: Any) -> None:
    response = consent(web, sandbox, decision="deny")
    assert parse_qs(urlsplit(response.headers["location"]).query)["error"] == ["access_denied"]


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [
        ({"client_id": "nobody"}, 400, "Auth code or ClientID supplied is invalid"),
        ({"redirect_uri": "http://127.0.0.1:8000/connect/fortnox/"}, 400, "redirect_uri"),
        ({"scope": "everything"}, 302, "invalid_scope"),
        ({"access_type": "online"}, 302, "invalid_request"),
        ({"response_type": "token"}, 302, "invalid_request"),
    ],
)
def test_a_wrong_request_for_consent_is_refused(
    web: httpx2.Client, sandbox: Any, change: dict[str, str], status: int, text: str
) -> None:
    params = {
        "client_id": sandbox.client_id,
        "redirect_uri": sandbox.redirect_uri,
        "scope": "customer",
        "state": "x",
        "access_type": "offline",
        "response_type": "code",
    }
    response = web.get("/oauth-v1/auth", params={**params, **change}, follow_redirects=False)
    assert response.status_code == status
    assert text in (response.text + response.headers.get("location", ""))


def test_a_refresh_token_is_replaced_and_its_second_use_refused_and_recorded(web: httpx2.Client, sandbox: Any) -> None:
    first = sandbox.refresh_token
    got = refresh(web, sandbox, first).json()
    assert got["refresh_token"] != first
    assert_error(refresh(web, sandbox, first), 400, "text/html; charset=UTF-8", "invalid_grant", "Invalid refresh token")
    reused = web.get("/-/admin/reused-refresh-tokens").json()
    assert [one["token"] for one in reused if one["token"] == first] == [first]
    assert refresh(web, sandbox, got["refresh_token"]).status_code == 200
    kept = web.get("/3/companyinformation", headers={"Authorization": f"Bearer {got['access_token']}"})
    assert kept.status_code == 200


def test_two_refreshes_in_flight_both_answer_and_only_the_last_pair_works(web: httpx2.Client, sandbox: Any) -> None:
    token = sandbox.refresh_token
    sandbox.faults.arm("refresh_race", path="/oauth-v1/token", times=2)
    first, second = refresh(web, sandbox, token), refresh(web, sandbox, token)
    assert (first.status_code, second.status_code) == (200, 200)
    works = [
        web.get("/3/me", headers={"Authorization": f"Bearer {pair.json()['access_token']}"}).status_code for pair in (first, second)
    ]
    assert works == [401, 200]
    assert refresh(web, sandbox, first.json()["refresh_token"]).status_code == 400
    assert refresh(web, sandbox, second.json()["refresh_token"]).status_code == 200


def test_a_refresh_token_lives_45_days(web: httpx2.Client, sandbox: Any) -> None:
    token = sandbox.refresh_token
    sandbox.clock.shift(45 * 24 * 3600 - 60)
    token = refresh(web, sandbox, token).json()["refresh_token"]
    sandbox.clock.shift(91 * 24 * 3600)
    assert_error(refresh(web, sandbox, token), 400, "text/html; charset=UTF-8", "invalid_grant")


def test_wrong_credentials_are_refused_as_recorded(web: httpx2.Client, sandbox: Any) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": sandbox.refresh_token}
    response = web.post("/oauth-v1/token", auth=basic(sandbox, "wrong"), data=form)
    assert_error(response, 401, "text/plain;charset=UTF-8", "invalid_client", "The client credentials are invalid")


def test_client_credentials_need_a_tenant_with_a_service_consent(web: httpx2.Client, sandbox: Any) -> None:
    form = {"grant_type": "client_credentials"}
    tenant = {"TenantId": str(sandbox.tenant_id)}
    got = web.post("/oauth-v1/token", auth=basic(sandbox), data=form, headers=tenant)
    assert list(got.json()) == ["access_token", "expires_in", "token_type", "scope"]
    for headers in ({"TenantId": "0"}, {"TenantId": "x"}, {}):
        response = web.post("/oauth-v1/token", auth=basic(sandbox), data=form, headers=headers)
        assert_error(response, 400, "text/html; charset=utf-8", "invalid_client", "The client credentials are invalid")
    narrowed = web.post("/oauth-v1/token", auth=basic(sandbox), data={**form, "scope": "customer"}, headers=tenant).json()
    assert narrowed["scope"] == "customer"
    web.request("DELETE", "/-/admin/consents", json={})
    refused = web.post("/oauth-v1/token", auth=basic(sandbox), data=form, headers=tenant)
    assert refused.status_code == 400
    web.post("/-/admin/consents", json={})


def test_a_service_account_needs_a_system_administrator(web: httpx2.Client, sandbox: Any) -> None:
    sandbox.company.set("user", {**sandbox.company["user"], "SysAdmin": False})
    assert consent(web, sandbox, account_type="service").status_code == 403
    sandbox.company.set("user", {**sandbox.company["user"], "SysAdmin": True})
    assert consent(web, sandbox, account_type="service").status_code == 302


def test_a_revoked_refresh_token_is_dead_and_the_access_token_runs_on(web: httpx2.Client, sandbox: Any) -> None:
    form = {"token_type_hint": "refresh_token", "token": sandbox.refresh_token}
    response = web.post("/oauth-v1/revoke", auth=basic(sandbox), data=form)
    assert response.json() == {"revoked": True}
    assert refresh(web, sandbox, sandbox.refresh_token).status_code == 400
    bearer = {"Authorization": f"Bearer {sandbox.access_token}"}
    assert web.get("/3/me", headers=bearer).status_code == 200
    sandbox.clock.shift(3601)
    late = web.get("/3/me", headers=bearer)
    assert (late.status_code, late.json()) == (401, {"message": "unauthorized"})


def test_no_token_and_a_wrong_token_are_unauthorized(web: httpx2.Client, sandbox: Any) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic abc"}):
        response = web.get("/3/customers", headers=headers)
        assert (response.status_code, response.json()) == (401, {"message": "unauthorized"})


def test_retired_header_tokens_are_refused(web: httpx2.Client, sandbox: Any) -> None:
    response = web.get("/3/customers", headers={"Access-Token": "a", "Client-Secret": "b"})
    assert response.status_code == 403
    assert response.headers["content-type"] == "text/html"
    assert json.loads(response.text)["ErrorInformation"]["Code"] == 2000311
    response = web.get("/3/", headers={"Authorization-Code": "a", "Client-Secret": "b"})
    assert json.loads(response.text)["ErrorInformation"]["Code"] == 2000719


def test_a_scope_that_was_not_granted_is_refused(web: httpx2.Client, sandbox: Any, api: Any) -> None:
    token = exchange(web, sandbox, code_of(consent(web, sandbox))).json()["access_token"]
    api.http.headers["Authorization"] = f"Bearer {token}"
    assert api.get("customers")["Customers"] == []
    api.refused("GET", "articles", 403, 2000663, "Har inte behörighet för scope")


def test_licences_and_rights_are_asked_for(sandbox: Any, api: Any) -> None:
    company = sandbox.company
    company.modules.clear()
    api.refused("GET", "customers", 403, 2001101, "Det finns ingen aktiv licens för önskat scope")
    company.modules.add("Order")
    company.rights_missing.add("suppliers")
    company.modules.add("Bokföring")
    api.refused("GET", "suppliers", 403, 2003275, "Saknar behörighet för leverantörsregister.")
    company.integration_licences = set()
    api.refused("GET", "customers", 403, 2001103, "Api-licens saknas.")
    company.integration_licences = {sandbox.client_id}
    assert api.get("customers")["Customers"] == []


def test_a_value_without_right_comes_as_a_word(sandbox: Any, api: Any) -> None:
    api.post("articles", "Article", Description="Skruv", PurchasePrice=10)
    sandbox.company.values_without_right.add("PurchasePrice")
    assert api.get("articles/1")["Article"]["PurchasePrice"] == "API_NORIGHT"


def test_tenants_do_not_see_each_other(web: httpx2.Client, sandbox: Any, api: Any) -> None:
    api.post("customers", "Customer", Name="Bara hos ettan")
    second = list(sandbox.companies)[1]
    token = web.post("/-/admin/tokens", json={"tenant": second}).json()["access_token"]
    response = web.get("/3/customers", headers={"Authorization": f"Bearer {token}"})
    assert response.json()["MetaInformation"]["@TotalResources"] == 0


def test_a_program_that_may_have_no_service_account(web: httpx2.Client, sandbox: Any) -> None:
    sandbox.sign_in.register(App("small", "secret", "Liten", ("http://127.0.0.1:9/back",), ("customer",), service_accounts=False))
    params = {"client_id": "small", "redirect_uri": "http://127.0.0.1:9/back", "scope": "customer", "response_type": "code"}
    assert web.get("/oauth-v1/auth", params=params).status_code == 200
    refused = web.get("/oauth-v1/auth", params={**params, "account_type": "service"})
    assert (refused.status_code, "Client does not allow service account" in refused.text) == (400, True)


def test_the_way_over_from_retired_tokens_is_closed(web: httpx2.Client, sandbox: Any) -> None:
    response = web.post("/oauth-v1/migrate", auth=basic(sandbox), data={"access_token": "old"})
    assert (response.status_code, response.json()["message"]) == (404, "Access-token not found")
    assert web.post("/oauth-v1/migrate", data={"access_token": "old"}).status_code == 401
