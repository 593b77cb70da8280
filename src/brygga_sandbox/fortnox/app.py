"""Fortnox in a box: one base address with `/3/*` (records), `/oauth-v1/*` (tokens), `/topics-v1` (events).

    with running() as sandbox:
        httpx2.get(sandbox.base_url + "/3/customers", headers={"Authorization": f"Bearer {sandbox.access_token}"})

The real service has two hosts; here both live under one. `sandbox.company` is the first tenant, with direct access to its
state; take `with sandbox.lock:` when the server runs.
"""

import contextlib
import json
import logging
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from brygga_sandbox.faults import Fault, first
from brygga_sandbox.fortnox import documents, registers, wire
from brygga_sandbox.fortnox.auth import SCOPES, App, SignIn
from brygga_sandbox.fortnox.errors import Refusal, refusal
from brygga_sandbox.fortnox.limit import Limiter
from brygga_sandbox.fortnox.resource import Call, Resource, check_rights
from brygga_sandbox.fortnox.seed import fill_company
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.store import Store
from brygga_sandbox.fortnox.tables import Key, Record
from brygga_sandbox.fortnox.topics import Topics
from brygga_sandbox.server import ADMIN, Receive, Request, Response, Scope, Send, System, json_response, serve

log = logging.getLogger(__name__)

CLIENT_ID = "bryggaSandboxApp"
CLIENT_SECRET = "bryggaSandboxSecret"  # noqa: S105  the sandbox's own, known to all
REDIRECT_URIS = tuple(f"http://{host}:{port}/connect/fortnox" for port in (8000, 8100) for host in ("127.0.0.1", "localhost"))


def all_resources() -> dict[str, Resource]:
    """Return every resource by its name."""
    return {resource.name: resource for resource in (*registers.RESOURCES, *documents.RESOURCES)}


class Sandbox(System):
    """The service, its tenants, and the first tenant's credentials."""

    name = "fortnox"

    def __init__(self, *, seed: int = 1, companies: int = 1, state: Path | None = None, rate_limit: bool = True) -> None:
        super().__init__()
        self.seed = seed
        self.count = companies
        self.resources = all_resources()
        self._routes = {tuple(f"{one.prefix}/{one.address}".split("/")): one for one in self.resources.values()}
        self._store = Store(state) if state is not None else None
        self.service = Company(0, self.clock, {}, self._store)
        self.companies: dict[int, Company] = {}
        self.sign_in = SignIn(self)
        self.limiter = Limiter()
        self.limiter.enabled = rate_limit
        self.topics = Topics(self.clock, self._store)
        self.failures: list[str] = []
        self._last_writes: list[tuple[Company, str, Key, Record | None, int]] = []
        self._begin()

    # -- state

    def _begin(self) -> None:
        kept = self._store.tenants() if self._store is not None else []
        if kept:
            self._restore(kept)
        else:
            for number in range(self.count):
                self.add_company(self.seed * 1000 + number + 29301, number)
        if self.sign_in.app(CLIENT_ID) is None:
            self.sign_in.register(App(CLIENT_ID, CLIENT_SECRET, "Brygga", REDIRECT_URIS))
            for tenant in self.companies:
                self.sign_in.consent(CLIENT_ID, tenant, self.sign_in.app(CLIENT_ID).scopes, service=True)  # type: ignore[union-attr]
        self.renew_tokens()

    def renew_tokens(self) -> None:
        """Issue new tokens as the sandbox's own credentials, for all scopes of the first tenant."""
        self._tokens = self.sign_in.issue(CLIENT_ID, self.company.tenant, SCOPES)
        self.service.commit()

    def _restore(self, tenants: Iterable[int]) -> None:
        assert self._store is not None
        for tenant in tenants:
            company = self.companies[tenant] = Company(tenant, self.clock, self.resources, self._store)
            company.restore_values(self._store.values(tenant))
        for tenant in (0, *self.companies):
            owner = self.service if tenant == 0 else self.companies[tenant]
            for table, key, compact, minute in self._store.records(tenant):
                owner.table(table).restore(key, compact, minute)

    def add_company(self, tenant: int, number: int = 0) -> Company:
        """Add a tenant with the registers that a new company has."""
        company = self.companies[tenant] = Company(tenant, self.clock, self.resources, self._store)
        fill_company(company, number)
        company.commit()
        return company

    @property
    def company(self) -> Company:
        """Return the first tenant."""
        return next(iter(self.companies.values()))

    def reset(self) -> None:
        """Go back to fresh companies; apps, consents and tokens stay, so a connected client goes on."""
        if self._store is not None:
            self._store.clear_companies()
        tenants = list(self.companies)
        self.companies.clear()
        for number, tenant in enumerate(tenants[: max(self.count, 1)]):
            self.add_company(tenant, number)
        self.limiter.forget()
        self.topics.clear()
        self.failures.clear()

    def close(self) -> None:
        """Close the state folder."""
        if self._store is not None:
            self._store.close()

    # -- credentials

    @property
    def oauth_url(self) -> str:
        """Return the address below which tokens are had."""
        return self.base_url + "/oauth-v1"

    @property
    def admin_url(self) -> str:
        """Return the admin address, with a slash at the end."""
        return self.base_url + ADMIN

    @property
    def websocket_url(self) -> str:
        """Return the address of the topics."""
        return self.base_url.replace("http", "ws", 1) + "/topics-v1"

    client_id = CLIENT_ID
    client_secret = CLIENT_SECRET
    redirect_uri = REDIRECT_URIS[0]

    @property
    def tenant_id(self) -> int:
        """Return the first tenant's number."""
        return self.company.tenant

    @property
    def access_token(self) -> str:
        """Return the access token that was issued at the start, for all scopes of the first tenant."""
        return self._tokens.access_token

    @property
    def refresh_token(self) -> str:
        """Return the refresh token that was issued at the start."""
        return self._tokens.refresh_token or ""

    def describe(self) -> dict[str, Any]:
        """Return addresses and credentials."""
        return {
            **super().describe(),
            "oauth_url": self.oauth_url,
            "websocket_url": self.websocket_url,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "redirect_uri": self.redirect_uri,
            "tenants": list(self.companies),
            "tenant_id": self.tenant_id,
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
        }

    # -- calls

    def answer(self, request: Request) -> Response:
        """Answer one call."""
        self._last_writes = []
        segments = request.segments
        match segments:
            case ["oauth-v1", what]:
                response = self.sign_in.answer(request, what)
                self.service.commit()
                return response
            case ["3" | "api", *_]:
                return self._data(request, segments)
        return Response(404, b"404 page not found", {"content-type": "text/plain"})

    def _data(self, request: Request, segments: list[str]) -> Response:
        kind, _, token = request.header("authorization").partition(" ")
        grant = self.sign_in.grant(token.strip()) if kind.lower() == "bearer" else None
        if grant is None or grant.tenant not in self.companies:
            return _stranger(request)
        company = self.companies[grant.tenant]
        if not self.limiter.admits((grant.client_id, grant.tenant)):
            response = self.broken(request, 429)
            response.tenant = str(grant.tenant)
            return response
        try:
            resource, rest = self._route(segments)
            call = Call(self, company, grant, request, request.params())
            _negotiate(request, resource)
            check_rights(resource, call)
            response = resource.respond(call, rest)
        except Refusal as refused:
            company.take_back()
            response = wire.refused(refused)
        except Exception:
            company.take_back()
            self.failures.append(traceback.format_exc())
            log.exception("%s %s failed", request.method, request.path)
            response = self.broken(request, 500)
        response.tenant = str(grant.tenant)
        self._commit(company)
        return response

    def _commit(self, company: Company) -> None:
        self._last_writes = [
            (company, change.table.name, change.key, change.before, change.minute) for change in company.ledger.changes.values()
        ]
        for event in company.commit():
            struck = self.faults.strike("EVENT", f"/topics-v1/{event.topic}", str(company.tenant))
            if first(struck, "event_lost"):
                continue
            self.topics.add(company.tenant, event, twice=first(struck, "event_twice") is not None)

    def _route(self, segments: list[str]) -> tuple[Resource, list[str]]:
        for length in (3, 2):
            resource = self._routes.get(tuple(segments[:length]))
            if resource is not None and len(segments) >= length:
                return resource, segments[length:]
        raise refusal(2000764)

    def tenant_of(self, request: Request) -> str | None:
        """Return the tenant that the bearer token or the TenantId header names."""
        grant = self.sign_in.grant(request.header("authorization").partition(" ")[2].strip())
        return str(grant.tenant) if grant is not None else request.header("tenantid") or None

    def broken(self, request: Request, status: int) -> Response:
        """Return 429 without a body, 500 as Fortnox says it, anything else as the gateway's web page."""
        if status == 429:
            return Response(429, b"", {"content-type": "text/plain; charset=utf-8"})
        if status == 500:
            return wire.answer({"ErrorInformation": {"Error": 1, "Message": "System exception", "Code": 1000003}}, 500)
        page = f"<html><head><title>{status}</title></head><body><center><h1>{status}</h1></center></body></html>"
        return Response(status, page.encode(), {"content-type": "text/html"})

    def before_call(self, request: Request, fault: Fault) -> None:
        """Withdraw or end the tokens of the call's tenant, of all when the call names none; or let a refresh race."""
        tenant = self.tenant_of(request)
        number = int(tenant) if tenant and tenant.isdigit() else None
        if fault.kind == "refresh_race":
            self.sign_in.race = True
        elif fault.kind == "revoke_tokens":
            self.sign_in.revoke_all(number)
        else:
            self.sign_in.expire_access(number)
        self.service.commit()

    def after_call(self, request: Request, response: Response, fault: Fault) -> None:
        """Keep what the call wrote out of lists."""
        for company, name, key, before, minute in self._last_writes:
            company.hide([(name, key, before, minute)], fault.seconds)

    async def websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer `/topics-v1`."""
        await self.topics.serve(self, scope, receive, send)

    # -- admin

    def admin(self, request: Request, segments: list[str]) -> Response | None:
        """Answer what is Fortnox' own at the admin address.

        `records/{tenant}/{register}` GET all, POST a list to load, DELETE all; `records/{tenant}/{register}/{key}` GET;
        `values/{tenant}` GET, PUT settings; `companies` POST `{"tenant": n}`; `apps` POST; `consents` POST, DELETE;
        `tokens` POST; `reused-refresh-tokens` GET; `rate-limit` PUT; `failures` GET.
        """
        from brygga_sandbox.fortnox.admin import answer

        response = answer(self, request, segments)
        self.service.commit()
        return response

    def describe_failures(self) -> Response:
        """Return what went wrong inside the sandbox itself; always empty unless it has a defect."""
        return json_response(self.failures)


def _stranger(request: Request) -> Response:
    """Refuse a call without a good bearer token; the retired header tokens get the text of their time."""
    if not request.header("authorization"):
        if request.header("authorization-code"):
            return wire.refused(refusal(2000719))
        if request.header("access-token") or request.header("client-secret"):
            response = wire.refused(refusal(2000311))
            response.headers["content-type"] = "text/html"
            return response
    return Response(401, json.dumps({"message": "unauthorized"}).encode(), {**wire.HEADERS, "content-type": "application/json"})


def _negotiate(request: Request, resource: Resource) -> None:
    accept = request.header("accept")
    if accept and not any(kind in accept for kind in ("application/json", "*/*", "application/*")):
        raise refusal(1000030)
    if request.method in ("POST", "PUT"):
        # Actions without a body included (Fortnox API, section 2: reported by one vendor for bookkeep and credit; for all a guess).
        sent = request.header("content-type").partition(";")[0].strip().lower()
        if sent not in resource.media:
            raise refusal(1000031)


@contextlib.contextmanager
def running(
    *, seed: int = 1, companies: int = 1, state: Path | None = None, rate_limit: bool = True, port: int = 0
) -> Iterator[Sandbox]:
    """Run Fortnox on 127.0.0.1 while the block lasts. `seed` decides the tenant numbers; `state` is a folder to keep."""
    sandbox = Sandbox(seed=seed, companies=companies, state=state, rate_limit=rate_limit)
    with serve(sandbox, port):
        yield sandbox
