"""Signing in: an application token becomes an access token for an hour.

`POST /Auth/ApiLogin` with the form field authCode; `POST /Auth/ApiRefresh` with the refresh token as a header (the
definition) or as a form field (what working clients send). Both take url-encoded forms and multipart ones.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from brygga_sandbox.server import Request
from brygga_sandbox.webcrm.errors import Refusal, bad_request, unauthorized

HOUR = 3600
DEFAULT_AUTH_CODE = "5f0c2c9e-7b0a-4c52-9a41-6d1f3e8b2a77"


@dataclass(frozen=True)
class Application:
    """An application token as an administrator makes one: whose name its changes carry, and whether it may write."""

    name: str = "Fortnox-integration"
    may_write: bool = True
    user: int = 1


class SignIn:
    """The application tokens of an installation, and the access and refresh tokens given out for them."""

    def __init__(self, now: Callable[[], datetime], *, refuse_in_body: bool) -> None:
        """Begin with one application token, DEFAULT_AUTH_CODE."""
        self._now = now
        self._refuse_in_body = refuse_in_body
        self._key = secrets.token_bytes(32)
        self.applications: dict[str, Application] = {DEFAULT_AUTH_CODE: Application()}
        self._access: dict[str, tuple[str, datetime]] = {}
        self._refresh: dict[str, str] = {}

    def login(self, request: Request) -> dict[str, Any]:
        """Answer ApiLogin. An unknown token is refused as the installation's quirk says, a malformed one with 400."""
        code = form_field(request, "authCode")
        try:
            code = str(UUID(code))
        except ValueError as wrong:
            raise bad_request("authCode is missing or not a GUID.") from wrong
        if code not in self.applications:
            return self._refused("invalid_grant", "invalid_auth_code")
        return self._grant(code)

    def refresh(self, request: Request) -> dict[str, Any]:
        """Answer ApiRefresh. A refresh token serves once [guess]."""
        token = request.header("refreshToken") or form_field(request, "refreshToken")
        code = self._refresh.pop(token, None)
        if code is None or code not in self.applications:
            return self._refused("invalid_grant", "invalid_refresh_token")
        return self._grant(code)

    def application(self, request: Request) -> Application:
        """Return whose access token the call carries; refuses with 401 one that is missing, false or out of date."""
        scheme, _, token = request.header("authorization").partition(" ")
        if scheme.lower() != "bearer" or token not in self._access:
            raise unauthorized("The token is invalid")
        code, until = self._access[token]
        if self._now() >= until:
            del self._access[token]
            raise unauthorized("The token is expired")
        application = self.applications.get(code)
        if application is None:
            raise unauthorized("The application token is withdrawn")
        return application

    def expire(self) -> None:
        """Let every access token run out now; refresh tokens stay."""
        self._access.clear()

    def revoke(self) -> None:
        """Withdraw every access and refresh token; application tokens stay valid for a new login."""
        self._access.clear()
        self._refresh.clear()

    def _grant(self, code: str) -> dict[str, Any]:
        until = self._now() + timedelta(seconds=HOUR)
        access, refresh = self._token(code, until), secrets.token_urlsafe(32)
        self._access[access] = (code, until)
        self._refresh[refresh] = code
        return {
            "AccessToken": access,
            "RefreshToken": refresh,
            "Error": None,
            "ErrorDescription": None,
            "IsError": False,
            "ExpiresIn": HOUR,
            "TokenType": "Bearer",
        }

    def _refused(self, error: str, description: str) -> dict[str, Any]:
        if not self._refuse_in_body:
            raise Refusal(401, error, body=b"")
        return {
            "AccessToken": None,
            "RefreshToken": None,
            "Error": error,
            "ErrorDescription": description,
            "IsError": True,
            "ExpiresIn": 0,
            "TokenType": None,
        }

    def _token(self, code: str, until: datetime) -> str:
        """Return a token in the shape of a JWT; what counts is only that this object gave it out."""
        claims = {"sub": self.applications[code].name, "exp": int(until.timestamp()), "jti": secrets.token_hex(8)}
        head = ".".join(_part(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
        return f"{head}.{_part(hmac.new(self._key, head.encode(), hashlib.sha256).digest())}"


def _part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def form_field(request: Request, name: str) -> str:
    """Return one field of a form body, url-encoded or multipart, its name in any capitals; "" when it is not there."""
    kind = request.header("content-type")
    fields: list[tuple[str, str]] = []
    if kind.lower().startswith("multipart/form-data"):
        whole = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode("latin-1") + request.body)
        for part in whole.get_payload() if whole.is_multipart() else []:
            payload = part.get_payload(decode=True)  # type: ignore[union-attr]
            key = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
            if isinstance(payload, bytes) and isinstance(key, str):
                fields.append((key, payload.decode("utf-8", "replace").strip()))
    elif kind.lower().startswith("application/x-www-form-urlencoded"):
        fields = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return next((value for key, value in fields if key.lower() == name.lower()), "")
