"""How one company's Fortnox gives an access token: by client credentials with a tenant id, or by a refresh token that is spent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from brygga.clients.fortnox import REAL_ADDRESS
from brygga.clients.fortnox.auth import REAL_ADDRESS as SIGN_IN_ADDRESS
from brygga.clients.fortnox.auth import SignIn, Tokens
from brygga.clients.http import Http, RequestLog
from brygga.errors import Unauthorised

SCOPES = (
    "companyinformation",
    "customer",
    "article",
    "price",
    "offer",
    "order",
    "invoice",
    "payment",
    "settings",
    "bookkeeping",
    "currency",
)

Refresh = Callable[[dict[str, Any]], Mapping[str, Any]]


def spends(tenant: str) -> str | None:
    """Return which secret a refresh uses up: none with client credentials (Fortnox API, section 3.2)."""
    return None if tenant else "refresh_token"


def refresher(base_url: str, tenant: str, log: RequestLog | None = None) -> Refresh:
    """Return what trades the secrets of a connection for an access token, and for the next refresh token where there is one."""

    def refresh(secrets: dict[str, Any]) -> Mapping[str, Any]:
        with Http("Fortnox", log=log, request_id_header="x-uid") as http:
            signing = sign_in(base_url, secrets, http)
            if tenant:
                return kept(signing.client_credentials(tenant))
            token = secrets.get("refresh_token")
            if not token:
                raise Unauthorised(
                    "Fortnox is not connected yet.", repair="Connect it under Connections, or give a tenant_id in the file."
                )
            return kept(signing.refresh(token))

    return refresh


def sign_in(base_url: str, secrets: Mapping[str, Any], http: Http) -> SignIn:
    """Return the sign-in of our integration at the address that belongs to *base_url*."""
    where = SIGN_IN_ADDRESS if base_url in ("", REAL_ADDRESS) else base_url
    return SignIn(str(secrets["client_id"]), str(secrets["client_secret"]), base_url=where, send=http.send)


def kept(tokens: Tokens) -> dict[str, Any]:
    """Return what is to be stored of the tokens."""
    lasts = (tokens.expires_at - datetime.now(UTC)).total_seconds()
    found: dict[str, Any] = {"access_token": tokens.access_token, "expires_in": int(lasts), "scopes": list(tokens.scopes)}
    return found | ({"refresh_token": tokens.refresh_token} if tokens.refresh_token else {})
