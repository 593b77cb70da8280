"""Sign-in: consent page, authorization codes, rotating refresh tokens, client credentials, revocation.

Fortnox API, section 3. The answers of the token address are JSON under content types that say otherwise, as recorded.
Everything is kept in the service's own tables (`sandbox.service`): `apps`, `consents`, `codes`, `refresh`, `access`, and
`reused`, the record of refresh tokens that came a second time.
"""

import base64
import binascii
import hashlib
import hmac
import html
import json
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from brygga_sandbox.fortnox.tables import Record, Table
from brygga_sandbox.server import Request, Response

if TYPE_CHECKING:
    from brygga_sandbox.fortnox.app import Sandbox

CODE_LIFE = 600
ACCESS_LIFE = 3600
REFRESH_LIFE = 45 * 24 * 3600
_SCOPES_WORDS = """
archive article assets bookkeeping companyinformation connectfile costcenter currency customer deletevoucher inbox
invoice noxfinansinvoice offer order payment price print profile project settings supplier supplierinvoice
timereporting warehouse warehousecustomdocument
"""
SCOPES = tuple(_SCOPES_WORDS.split())


@dataclass(frozen=True)
class Grant:
    """What an access token is good for."""

    client_id: str
    tenant: int
    scopes: tuple[str, ...]
    service: bool
    expires: float


@dataclass(frozen=True)
class App:
    """A program registered in the developer portal."""

    client_id: str
    secret: str
    name: str
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...] = tuple(SCOPES)
    service_accounts: bool = True
    enabled: bool = True


@dataclass(frozen=True)
class Tokens:
    """What the token address gives."""

    access_token: str
    scope: str
    refresh_token: str | None = None

    def body(self) -> dict[str, Any]:
        """Return the answer, keys in the recorded order."""
        answer: dict[str, Any] = {"access_token": self.access_token, "expires_in": ACCESS_LIFE}
        answer |= {"token_type": "bearer", "scope": self.scope}
        return answer if self.refresh_token is None else {**answer, "refresh_token": self.refresh_token}


class SignIn:
    """The token server of a sandbox."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self._key = b"brygga-sandbox"
        self.race = False  # the next refresh counts as sent at the same moment as the one before it

    def _table(self, name: str) -> Table:
        return self._sandbox.service.table(name)

    def _write(self, name: str, key: str, record: Record) -> None:
        self._sandbox.service.put(name, key, record)

    def _now(self) -> float:
        return self._sandbox.clock.now().timestamp()

    # -- what a test or the admin address does directly

    def register(self, app: App) -> None:
        """Register a program, or change it."""
        self._write("apps", app.client_id, asdict(app))

    def app(self, client_id: str) -> App | None:
        """Return a registered program."""
        kept = self._table("apps").get(client_id)
        if kept is None:
            return None
        return App(**{**kept, "redirect_uris": tuple(kept["redirect_uris"]), "scopes": tuple(kept["scopes"])})

    def consent(self, client_id: str, tenant: int, scopes: Iterable[str], *, service: bool) -> None:
        """Let a company agree to a program: a person for herself, or an administrator for a service account beside."""
        kept = {"client_id": client_id, "tenant": tenant, "scopes": list(scopes), "service": service}
        self._write("consents", _consent_key(client_id, tenant, service), kept)

    def withdraw(self, client_id: str, tenant: int) -> None:
        """Let the customer remove the program: no token can be had or refreshed, the access tokens end too."""
        for service in (False, True):
            key = _consent_key(client_id, tenant, service)
            if key in self._table("consents"):
                self._sandbox.service.delete("consents", key)
        self.revoke_all(tenant, client_id)

    def issue(self, client_id: str, tenant: int, scopes: Iterable[str], *, service: bool = False, refresh: bool = True) -> Tokens:
        """Make tokens without asking anybody."""
        scope = list(scopes)
        now = self._now()
        grant = {"client_id": client_id, "tenant": tenant, "scopes": scope, "service": service}
        access = self._jwt(client_id, tenant, scope, now)
        self._write("access", access, {**grant, "expires": now + ACCESS_LIFE})
        if not refresh:
            return Tokens(access, " ".join(scope))
        token = str(uuid.uuid4())
        self._write("refresh", token, {**grant, "expires": now + REFRESH_LIFE, "used": False})
        return Tokens(access, " ".join(scope), token)

    def revoke_all(self, tenant: int | None, client_id: str | None = None) -> None:
        """Withdraw every token of a tenant (None: of all)."""
        for name in ("access", "refresh"):
            table = self._table(name)
            for key in list(table.records):
                kept = table.records[key]
                if tenant in (None, kept["tenant"]) and client_id in (None, kept["client_id"]):
                    self._sandbox.service.delete(name, key)

    def expire_access(self, tenant: int | None) -> None:
        """Let the access tokens of a tenant (None: of all) run out now."""
        table = self._table("access")
        for key in list(table.records):
            kept = table.whole(table.records[key])
            if tenant in (None, kept["tenant"]):
                self._write("access", str(key), {**kept, "expires": self._now() - 1})

    def grant(self, token: str) -> Grant | None:
        """Return what an access token is good for now, None for one that is unknown or has run out."""
        kept = self._table("access").records.get(token)
        if kept is None or kept["expires"] <= self._now():
            return None
        return Grant(kept["client_id"], kept["tenant"], tuple(kept["scopes"]), kept["service"], kept["expires"])

    def reused(self) -> list[Record]:
        """Return the refresh tokens that came a second time, with when and whose."""
        return list(self._table("reused").all())

    def _jwt(self, client_id: str, tenant: int, scopes: list[str], now: float) -> str:
        head = {"alg": "HS256", "typ": "at+jwt"}
        claims = {
            "iss": "https://apps.fortnox.se",
            "client_id": client_id,
            "tenantId": tenant,
            "scope": " ".join(scopes),
            "iat": int(now),
            "exp": int(now) + ACCESS_LIFE,
            "jti": str(uuid.uuid4()),
        }
        text = ".".join(_base64(json.dumps(part, separators=(",", ":")).encode()) for part in (head, claims))
        return text + "." + _base64(hmac.digest(self._key, text.encode(), hashlib.sha256))

    # -- /oauth-v1/*

    def answer(self, request: Request, what: str) -> Response:
        """Answer `/oauth-v1/{what}`."""
        match request.method, what:
            case "GET", "auth":
                return self._consent_page(request.params())
            case "POST", "auth":
                return self._decided(_form(request))
            case "POST", "token":
                return self._token(request)
            case "POST", "revoke":
                return self._revoke(request)
            case "POST", "migrate":
                if self._client(request) is None:
                    return _plain_error(401, "Invalid authorization")
                return _plain_error(404, "Access-token not found")
        return Response(404, b"404 page not found", {"content-type": "text/plain"})

    def _checked_request(self, params: dict[str, str]) -> tuple[App, list[str]] | Response:
        app = self.app(params.get("client_id", ""))
        if app is None or not app.enabled:
            return _page(400, "Auth code or ClientID supplied is invalid")
        if params.get("redirect_uri") not in app.redirect_uris:
            return _page(400, "The redirect_uri does not match the registered one")
        if params.get("response_type") != "code" or params.get("access_type", "offline") != "offline":
            return _back(params, error="invalid_request")
        scopes = params.get("scope", "").split()
        if not scopes or any(scope not in app.scopes for scope in scopes):
            return _back(params, error="invalid_scope")
        if params.get("account_type") == "service" and not app.service_accounts:
            return _page(400, "Client does not allow service account")
        return app, scopes

    def _consent_page(self, params: dict[str, str]) -> Response:
        found = self._checked_request(params)
        if isinstance(found, Response):
            return found
        app, scopes = found
        hidden = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">' for name, value in params.items()
        )
        companies = "".join(
            f'<option value="{tenant}">{html.escape(str(company["information"]["CompanyName"]))} ({tenant})</option>'
            for tenant, company in sorted(self._sandbox.companies.items())
        )
        rights = "".join(f"<li>{html.escape(scope)}</li>" for scope in scopes)
        return _page(
            200,
            f"Koppla {app.name}",
            f"<p>{html.escape(app.name)} vill komma åt uppgifter i ditt företag:</p><ul>{rights}</ul>"
            f'<form method="post" action="/oauth-v1/auth">{hidden}<label>Företag <select name="tenant">{companies}</select>'
            '</label> <button name="decision" value="approve">Godkänn</button> '
            '<button name="decision" value="deny">Avbryt</button></form>',
        )

    def _decided(self, form: dict[str, str]) -> Response:
        found = self._checked_request(form)
        if isinstance(found, Response):
            return found
        app, scopes = found
        if form.get("decision") != "approve":
            return _back(form, error="access_denied", error_description="The resource owner denied the request")
        tenant = form.get("tenant", "")
        number = int(tenant) if tenant.isascii() and tenant.isdigit() and len(tenant) < 19 else 0
        company = self._sandbox.companies.get(number)
        if company is None:
            return _page(400, "Välj ett företag")
        service = form.get("account_type") == "service"
        if service and not company["user"]["SysAdmin"]:
            return _page(403, "Bara en systemadministratör kan godkänna ett servicekonto")
        self.consent(app.client_id, company.tenant, scopes, service=service)
        code = str(uuid.uuid4())
        kept = {"client_id": app.client_id, "tenant": company.tenant, "scopes": scopes, "service": service, "used": False}
        self._write("codes", code, {**kept, "redirect_uri": form["redirect_uri"], "expires": self._now() + CODE_LIFE})
        return _back(form, code=code)

    def _client(self, request: Request) -> App | None:
        kind, _, value = request.header("authorization").partition(" ")
        if kind.lower() != "basic":
            return None
        try:
            client_id, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        app = self.app(client_id)
        if app is None or not secrets.compare_digest(app.secret.encode(), secret.encode()):
            return None
        return app

    def _token(self, request: Request) -> Response:
        form = _form(request)
        kind = form.get("grant_type")
        app = self._client(request)
        if app is None:
            description = "The client credentials are invalid"
            if kind == "client_credentials":
                return _error(400, "invalid_client", description, "text/html; charset=utf-8")
            return _error(401, "invalid_client", description, "text/plain;charset=UTF-8")
        match kind:
            case "authorization_code":
                return self._by_code(app, form)
            case "refresh_token":
                return self._by_refresh(app, form)
            case "client_credentials":
                return self._by_credentials(app, form, request.header("tenantid"))
        return _error(400, "unsupported_grant_type", "The grant type is not supported")

    def _by_code(self, app: App, form: dict[str, str]) -> Response:
        kept = self._table("codes").get(form.get("code", ""))
        good = kept is not None and kept["client_id"] == app.client_id and kept["redirect_uri"] == form.get("redirect_uri")
        if kept is None or not good or kept["used"] or kept["expires"] <= self._now():
            return _error(400, "invalid_grant", "Invalid authorization code")
        self._write("codes", form["code"], {**kept, "used": True})
        return _tokens(self.issue(app.client_id, kept["tenant"], kept["scopes"], service=kept["service"]))

    def _by_refresh(self, app: App, form: dict[str, str]) -> Response:
        token = form.get("refresh_token", "")
        kept = self._table("refresh").get(token)
        if kept is None or kept["client_id"] != app.client_id or kept["expires"] <= self._now():
            return _error(400, "invalid_grant", "Invalid refresh token")
        racing, self.race = self.race, False
        if kept["used"] and racing:
            for name, key in (("access", kept["next_access"]), ("refresh", kept["next_refresh"])):
                if key in self._table(name):
                    self._sandbox.service.delete(name, key)
        elif kept["used"]:
            at = datetime.fromtimestamp(self._now()).astimezone().isoformat()
            number = len(self._table("reused")) + 1
            self._write("reused", str(number), {"token": token, "client_id": app.client_id, "tenant": kept["tenant"], "at": at})
            return _error(400, "invalid_grant", "Invalid refresh token")
        issued = self.issue(app.client_id, kept["tenant"], kept["scopes"], service=kept["service"])
        following = {"next_access": issued.access_token, "next_refresh": issued.refresh_token}
        self._write("refresh", token, {**kept, **following, "used": True})
        return _tokens(issued)

    def _by_credentials(self, app: App, form: dict[str, str], tenant: str) -> Response:
        number = int(tenant) if tenant.isascii() and tenant.isdigit() and len(tenant) < 19 else 0
        kept = self._table("consents").get(_consent_key(app.client_id, number, True))
        if kept is None:
            return _error(400, "invalid_client", "The client credentials are invalid")
        scopes = kept["scopes"]
        wanted = form.get("scope", "").split()
        if any(scope not in scopes for scope in wanted):
            return _error(400, "invalid_scope", "The requested scope is invalid")
        return _tokens(self.issue(app.client_id, kept["tenant"], wanted or scopes, service=True, refresh=False))

    def _revoke(self, request: Request) -> Response:
        app = self._client(request)
        if app is None:
            return _error(401, "invalid_client", "The client credentials are invalid", "text/plain;charset=UTF-8")
        form = _form(request)
        kept = self._table("refresh").get(form.get("token", ""))
        if kept is None or kept["client_id"] != app.client_id or form.get("token_type_hint") != "refresh_token":
            return _error(400, "invalid_grant", "Invalid refresh token")
        self._sandbox.service.delete("refresh", form["token"])
        return Response(200, b'{"revoked":true}', {"content-type": "application/json"})


def _consent_key(client_id: str, tenant: int, service: bool) -> str:
    return f"{client_id} {tenant} {'service' if service else 'user'}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _form(request: Request) -> dict[str, str]:
    if "application/x-www-form-urlencoded" not in request.header("content-type"):
        return {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _tokens(tokens: Tokens) -> Response:
    headers = {"content-type": "application/json", "cache-control": "no-store", "pragma": "no-cache"}
    return Response(200, json.dumps(tokens.body()).encode(), headers)


def _error(status: int, error: str, description: str, content_type: str = "text/html; charset=UTF-8") -> Response:
    body = json.dumps({"error": error, "error_description": description}).encode()
    return Response(status, body, {"content-type": content_type, "cache-control": "no-store", "pragma": "no-cache"})


def _plain_error(status: int, text: str) -> Response:
    return Response(status, json.dumps({"message": text}).encode(), {"content-type": "application/json"})


def _back(params: dict[str, str], **answer: str) -> Response:
    if "state" in params:
        answer["state"] = params["state"]
    address = params["redirect_uri"]
    return Response(302, b"", {"location": address + ("&" if "?" in address else "?") + urlencode(answer)})


def _page(status: int, title: str, content: str = "") -> Response:
    text = (
        f'<!DOCTYPE html><html lang="sv"><head><meta charset="utf-8"><title>{html.escape(title)}</title></head>'
        f"<body><main><h1>{html.escape(title)}</h1>{content}</main></body></html>"
    )
    return Response(status, text.encode(), {"content-type": "text/html; charset=utf-8"})
