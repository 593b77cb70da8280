"""Signing in to Fortnox: consent, code for tokens, refresh, client credentials, revocation (Fortnox API, section 3).

Nothing here stores a token. A refresh token works once: whoever refreshes holds a lock, stores the new pair, then uses it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from brygga.clients.http import Answer, Call, Http, Send
from brygga.errors import BadData, Rejected, Unauthorised

REAL_ADDRESS = "https://apps.fortnox.se"

_LOST = "Connect Fortnox again: choose Connect, sign in to the company and accept."


@dataclass(frozen=True)
class Tokens:
    """What the token endpoint gives. The refresh token is None with client credentials, lives 45 days and works once."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime
    scopes: tuple[str, ...]

    @property
    def tenant_id(self) -> str | None:
        """The company's number, from the claim `tenantId` of the access token; None when it has none. Not verified."""
        try:
            claims = self.access_token.split(".")[1]
            value = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))).get("tenantId")
        except (IndexError, ValueError, AttributeError):
            return None
        return None if value is None else str(value)


def _now() -> datetime:
    return datetime.now(UTC)


class SignIn:
    """Signs one integration in to its customers' companies.

    base_url  https://apps.fortnox.se, or the address of a sandbox; /oauth-v1 lies under it
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        *,
        base_url: str = REAL_ADDRESS,
        send: Send | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._client_id = client_id
        self._basic = "Basic " + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._base_url = base_url.rstrip("/") + "/oauth-v1"
        self._send = send or Http("Fortnox", request_id_header="x-uid").send
        self._clock = clock

    def __repr__(self) -> str:
        return f"SignIn({self._base_url!r})"

    def consent_address(self, redirect_uri: str, scopes: Sequence[str], state: str, *, service_account: bool = True) -> str:
        """Return the address to which a person's browser is sent.

        state            a random word that must come back unchanged
        service_account  True: the connection outlives the person who clicked; needs a system administrator, once, and makes
                         client credentials possible afterwards
        """
        asked = {
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(scopes),
            "state": state,
            "access_type": "offline",
            "response_type": "code",
            **({"account_type": "service"} if service_account else {}),
        }
        return f"{self._base_url}/auth?{urlencode(asked)}"

    def tokens_for_code(self, code: str, redirect_uri: str) -> Tokens:
        """Exchange the code, which lives ten minutes and works once. Raises Unauthorised, OutcomeUnknown, Unavailable."""
        return self._tokens({"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}, repeatable=False)

    def refresh(self, refresh_token: str) -> Tokens:
        """Exchange a refresh token for a new pair. The old one is used up, whether or not the answer arrives.

        Raises Unauthorised (used, older than 45 days, or consent withdrawn), OutcomeUnknown (the answer was lost: if the old
        token is then refused, a person connects again), Unavailable (surely not used up).
        """
        return self._tokens({"grant_type": "refresh_token", "refresh_token": refresh_token}, repeatable=False)

    def client_credentials(self, tenant_id: str, scopes: Sequence[str] = ()) -> Tokens:
        """Return an access token for a company that has once consented with a service account. Uses nothing up."""
        form = {"grant_type": "client_credentials", **({"scope": " ".join(scopes)} if scopes else {})}
        return self._tokens(form, repeatable=True, headers={"TenantId": tenant_id})

    def revoke(self, refresh_token: str) -> None:
        """Make a refresh token worthless. Access tokens cannot be revoked; they run out within the hour."""
        answer = self._post("/revoke", {"token_type_hint": "refresh_token", "token": refresh_token}, repeatable=True)
        if not answer.ok:
            raise _refusal(answer)

    def _tokens(self, form: Mapping[str, str], *, repeatable: bool, headers: Mapping[str, str] | None = None) -> Tokens:
        asked_at = self._clock()
        answer = self._post("/token", form, repeatable=repeatable, headers=headers)
        if not answer.ok:
            raise _refusal(answer)
        body: Any = answer.json()
        try:
            return Tokens(
                access_token=str(body["access_token"]),
                refresh_token=str(body["refresh_token"]) if body.get("refresh_token") else None,
                expires_at=asked_at + timedelta(seconds=int(body["expires_in"])),
                scopes=tuple(str(body.get("scope") or "").split()),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            pass  # raised below, without the body
        raise answer.unreadable("holds no access token")

    def _post(self, place: str, form: Mapping[str, str], *, repeatable: bool, headers: Mapping[str, str] | None = None) -> Answer:
        return self._send(
            Call(
                "POST",
                self._base_url + place,
                repeatable=repeatable,
                headers={
                    "Content-Type": "application/x-www-form-urlencoded",
                    "Accept": "application/json",
                    **(headers or {}),
                },
                content=urlencode(form).encode(),
                authorise=lambda: {"Authorization": self._basic},
            )
        )


def code_from(query: Mapping[str, str], state: str) -> str:
    """Return the code from the query with which the browser came back.

    Raises Unauthorised when the person said no or the consent failed, Rejected when the state is not ours.
    """
    if not state or query.get("state") != state:
        raise Rejected("The consent that came back is not the one that was asked for.", repair="Choose Connect again.")
    if query.get("code"):
        return query["code"]
    raise Unauthorised(
        "Fortnox gave no consent: {error} {description}.",
        repair=_LOST,
        error=query.get("error", "-"),
        description=query.get("error_description", ""),
    )


def _refusal(answer: Answer) -> Unauthorised | BadData | Rejected:
    """Return the error for a refusal of the token endpoint, which is JSON whatever its content type says (section 3.3)."""
    try:
        body = json.loads(answer.body)
    except ValueError:
        body = None
    error = str(body.get("error", "")) if isinstance(body, dict) else ""
    said = str(body.get("error_description", "")) if isinstance(body, dict) else ""
    if error == "invalid_grant":
        return Unauthorised(
            "Fortnox did not accept the sign-in: “{said}”. The token or code is used, too old, or withdrawn.",
            repair=_LOST,
            said=said,
        )
    if error == "invalid_client":
        return Unauthorised(
            "Fortnox did not accept the integration: “{said}”.",
            repair="Check client_id, client_secret and tenant_id, and that the company's consent still stands.",
            said=said,
        )
    if error:
        return Rejected("Fortnox refused {call}: “{said}” ({code}).", call=answer.call, said=said or error, code=error)
    return BadData(
        "The answer to {call} is an error that Fortnox does not describe (status {status}).",
        call=answer.call,
        status=answer.status,
    )
