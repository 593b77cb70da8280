"""The admin address of the Fortnox sandbox: records in bulk, settings, programs, consents, tokens. Not imitated."""

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from brygga_sandbox.fortnox import wire
from brygga_sandbox.fortnox.auth import SCOPES, App
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Key
from brygga_sandbox.server import Request, Response, json_response

if TYPE_CHECKING:
    from brygga_sandbox.fortnox.app import Sandbox


def answer(sandbox: "Sandbox", request: Request, segments: list[str]) -> Response | None:
    """Answer an admin call, None when it is none of ours. ValueError and KeyError become 400."""
    match segments:
        case ["records", tenant, register, *key]:
            return _records(_company(sandbox, tenant), request, register, key)
        case ["values", tenant]:
            return _values(_company(sandbox, tenant), request)
        case ["companies"] if request.method == "POST":
            wish = _body(request)
            company = sandbox.add_company(int(wish["tenant"]), len(sandbox.companies))
            return json_response({"tenant": company.tenant}, 201)
        case ["reused-refresh-tokens"]:
            return json_response(sandbox.sign_in.reused())
        case ["failures"]:
            return sandbox.describe_failures()
        case ["rate-limit"] if request.method == "PUT":
            sandbox.limiter.enabled = bool(_body(request)["enabled"])
            return json_response({"enabled": sandbox.limiter.enabled})
    return _access(sandbox, request, segments)


def _access(sandbox: "Sandbox", request: Request, segments: list[str]) -> Response | None:
    wish = _body(request) if request.body else {}
    client_id = str(wish.get("client_id", sandbox.client_id))
    tenant = int(wish.get("tenant", sandbox.tenant_id))
    scopes = tuple(wish.get("scopes", SCOPES))
    match request.method, segments:
        case "POST", ["apps"]:
            sandbox.sign_in.register(
                App(client_id, str(wish["secret"]), str(wish.get("name", client_id)), tuple(wish["redirect_uris"]), scopes)
            )
        case "POST", ["consents"]:
            sandbox.sign_in.consent(client_id, tenant, scopes, service=bool(wish.get("service", True)))
        case "DELETE", ["consents"]:
            sandbox.sign_in.withdraw(client_id, tenant)
        case "POST", ["tokens"]:
            return json_response(sandbox.sign_in.issue(client_id, tenant, scopes).body(), 201)
        case _:
            return None
    return json_response({"ok": True})


def _company(sandbox: "Sandbox", tenant: str) -> Company:
    return sandbox.companies[int(tenant)] if tenant != "first" else sandbox.company


def _body(request: Request) -> dict[str, Any]:
    value = json.loads(request.body)
    if not isinstance(value, dict):
        raise ValueError("an object is wanted")
    return value


def _records(company: Company, request: Request, register: str, key: list[str]) -> Response | None:
    table = company.table(register)
    match request.method:
        case "GET" if not key:
            return Response(200, wire.dumps(list(table.all())), {"content-type": "application/json"})
        case "GET":
            record = table.get(_key(key))
            return None if record is None else Response(200, wire.dumps(record), {"content-type": "application/json"})
        case "POST" if not key:
            records = json.loads(request.body, parse_float=Decimal)
            if not isinstance(records, list):
                raise ValueError("a list of records is wanted")
            return json_response({"loaded": company.load(register, records)}, 201)
        case "DELETE":
            for one in [_key(key)] if key else list(table.keys()):
                table.delete(one)
            company.commit()
            return json_response({"left": len(table)})
    return None


def _key(parts: list[str]) -> Key:
    return parts[0] if len(parts) == 1 else tuple(int(part) if part.isdigit() else part for part in parts)


def _values(company: Company, request: Request) -> Response | None:
    match request.method:
        case "GET":
            shown = {**company.values, "modules": sorted(company.modules), "rights_missing": sorted(company.rights_missing)}
            return json_response(shown)
        case "PUT":
            for name, value in _body(request).items():
                company.set(name, value)
            return json_response({"ok": True})
    return None
