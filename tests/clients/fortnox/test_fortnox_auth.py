"""Signing in: what is sent, what comes back, and what a person is told."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from brygga.clients.fortnox.auth import SignIn, code_from
from brygga.clients.http import Http
from brygga.errors import BadData, OutcomeUnknown, Rejected, Unauthorised, Unavailable
from fortnox_far import Far

BACK = "https://hub.example.test/fortnox/back"


def form(request: httpx2.Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.content.decode()).items()}


def test_the_consent_address_asks_for_a_service_account_and_offline_access(sign_in: SignIn) -> None:
    address = urlsplit(sign_in.consent_address(BACK, ["customer", "invoice"], "x&y"))
    assert f"{address.scheme}://{address.netloc}{address.path}" == "https://apps.fortnox.se/oauth-v1/auth"
    assert parse_qs(address.query) == {
        "client_id": ["client-1"],
        "redirect_uri": [BACK],
        "scope": ["customer invoice"],
        "state": ["x&y"],
        "access_type": ["offline"],
        "response_type": ["code"],
        "account_type": ["service"],
    }
    assert "account_type" not in sign_in.consent_address(BACK, ["customer"], "s", service_account=False)


def test_a_code_becomes_tokens_with_an_end_and_a_tenant(far: Far, http: Http) -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    far.will("tokens_200")
    tokens = SignIn("client-1", "s3cret", send=http.send, clock=lambda: now).tokens_for_code("the-code", BACK)
    assert (tokens.expires_at, tokens.tenant_id, tokens.refresh_token) == (now + timedelta(hours=1), "29302", "0f0b5b0e-refresh")
    assert tokens.scopes == ("article", "invoice", "settings", "customer", "order", "project")
    (request,) = far.requests
    assert str(request.url) == "https://apps.fortnox.se/oauth-v1/token"
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"client-1:s3cret").decode()
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert form(request) == {"grant_type": "authorization_code", "code": "the-code", "redirect_uri": BACK}


def test_a_refresh_sends_the_old_token_once_and_returns_the_new_one(far: Far, sign_in: SignIn) -> None:
    far.will("tokens_200")
    assert sign_in.refresh("old").refresh_token == "0f0b5b0e-refresh"
    assert form(far.requests[0]) == {"grant_type": "refresh_token", "refresh_token": "old"}


def test_a_refresh_whose_answer_is_lost_is_not_sent_again(far: Far, sign_in: SignIn) -> None:
    far.will(httpx2.ReadTimeout("slow"))
    with pytest.raises(OutcomeUnknown):
        sign_in.refresh("old")
    assert len(far.requests) == 1


def test_a_refresh_that_never_left_is_unavailable(far: Far, sign_in: SignIn) -> None:
    far.will(*[httpx2.ConnectError("no route")] * 3)
    with pytest.raises(Unavailable):
        sign_in.refresh("old")


def test_client_credentials_name_the_tenant_and_bring_no_refresh_token(far: Far, sign_in: SignIn) -> None:
    far.will(httpx2.Response(502), "client_credentials_200")
    tokens = sign_in.client_credentials("29302")
    assert tokens.refresh_token is None
    assert far.requests[1].headers["tenantid"] == "29302"
    assert form(far.requests[1]) == {"grant_type": "client_credentials"}


def test_a_used_refresh_token_tells_a_person_to_connect_again(far: Far, sign_in: SignIn) -> None:
    far.will("invalid_grant_400")
    with pytest.raises(Unauthorised, match=r"“Invalid refresh token”.* Connect Fortnox again: choose Connect"):
        sign_in.refresh("used")


def test_a_wrong_secret_tells_a_person_what_to_check(far: Far, sign_in: SignIn) -> None:
    far.will("invalid_client_401")
    with pytest.raises(Unauthorised, match="Check client_id, client_secret and tenant_id"):
        sign_in.client_credentials("0")


def test_an_unknown_token_error_is_rejected_and_html_is_bad_data(far: Far, sign_in: SignIn) -> None:
    far.will(httpx2.Response(400, json={"error": "invalid_scope", "error_description": "No"}), httpx2.Response(403, text="<html>"))
    with pytest.raises(Rejected, match="invalid_scope"):
        sign_in.refresh("old")
    with pytest.raises(BadData, match="status 403"):
        sign_in.refresh("old")


def test_revoking_names_the_token_and_its_kind(far: Far, sign_in: SignIn) -> None:
    far.will(httpx2.Response(200, json={"revoked": True}))
    sign_in.revoke("old")
    assert far.asked == [("POST", "/oauth-v1/revoke")]
    assert form(far.requests[0]) == {"token_type_hint": "refresh_token", "token": "old"}


def test_a_sandbox_serves_sign_in_under_its_own_address(far: Far, http: Http) -> None:
    far.will("tokens_200")
    SignIn("client-1", "s3cret", base_url="http://127.0.0.1:8101/", send=http.send).refresh("old")
    assert str(far.requests[0].url) == "http://127.0.0.1:8101/oauth-v1/token"


def test_the_way_back_from_consent_is_checked() -> None:
    assert code_from({"code": "c", "state": "s"}, "s") == "c"
    with pytest.raises(Rejected, match="not the one that was asked for"):
        code_from({"code": "c", "state": "other"}, "s")
    with pytest.raises(Unauthorised, match="access_denied"):
        code_from({"error": "access_denied", "state": "s"}, "s")


def test_no_token_and_no_secret_is_shown(far: Far, sign_in: SignIn) -> None:
    far.will("tokens_200", httpx2.Response(200, json={"access_token": "s3cret"}))
    tokens = sign_in.refresh("s3cret-old")
    with pytest.raises(OutcomeUnknown) as raised:
        sign_in.refresh("s3cret-old")
    shown = f"{tokens!r}{sign_in!r}{raised.value!r}{raised.value.__context__!r}"
    assert "s3cret" not in shown
    assert tokens.access_token not in shown
