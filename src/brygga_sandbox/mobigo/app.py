"""The routes of the contract: which call does what, and the order in which a call can be refused.

POST /v1/Auth/Token                                     Basic id:secret -> {accessToken, expires}
GET  /v1/Core/{register}                                page, pageSize (at most 100), filter.updatedAfter, filter.number ...
POST /v1/Core/{register}                                make one
POST /v1/Core/{register}/Batch                          make up to 100, one result each, in order
GET, PUT /v1/Core/{register}/{id}                       one record; PUT replaces it whole and needs its version
GET  /v1/Core/Assignments?filter.marked=true            with `include=rows` also their times and materials
PUT  /v1/Core/Assignments/{number}/ExportResult         which document it became, and whether it is archived
GET  /v1/Core/Me                                        who we are, and what we may

There is no DELETE, and assignments are made and changed in the program only.
"""

import base64
import json
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from brygga_sandbox.faults import Fault
from brygga_sandbox.mobigo import shapes
from brygga_sandbox.mobigo.errors import Refusal, bad_request, forbidden, invalid, missing, too_fast, unauthorized
from brygga_sandbox.mobigo.shapes import JSON
from brygga_sandbox.mobigo.state import KINDS, Record, State
from brygga_sandbox.server import Request, Response, System, json_response

PAGE_SIZE, LARGEST_PAGE = 25, 100
LARGEST_BATCH = 100
TOKEN_SECONDS = 3600
WRITABLE = frozenset({"Customers", "Articles", "PriceLists", "Prices"})

_FILTERS = {
    "Customers": ("number", "numbers"),
    "Articles": ("number", "numbers"),
    "PriceLists": ("code",),
    "Prices": ("priceListCode", "articleNumber", "articleNumbers"),
    "TimeTypes": (),
    "Assignments": ("marked", "changedAfterExport", "status", "customerNumber", "documentNumber"),
}


@dataclass
class Limits:
    """How many calls may come in how many seconds of real time; 0 calls: no limit."""

    calls: int = 100
    seconds: float = 1.0


@dataclass
class Application:
    """One application of the installation: its secret, and the registers that it may write besides export results."""

    secret: str
    writes: frozenset[str] = WRITABLE
    exports: bool = True


@dataclass
class SignIn:
    """The applications and the tokens given out for them."""

    now: Callable[[], datetime]
    applications: dict[str, Application] = field(default_factory=dict)
    tokens: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def token(self, request: Request) -> JSON:
        """Answer a sign-in with Basic. Raises Refusal."""
        scheme, _, coded = request.header("authorization").partition(" ")
        try:
            id, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
        except ValueError:
            id = secret = ""
        known = self.applications.get(id)
        if scheme.lower() != "basic" or known is None or not secrets.compare_digest(known.secret.encode(), secret.encode()):
            raise unauthorized("Okänd applikation eller fel nyckel.")
        token, until = secrets.token_urlsafe(24), self.now() + timedelta(seconds=TOKEN_SECONDS)
        self.tokens[token] = (id, until)
        return {"objectName": "token", "accessToken": token, "expires": until.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def application(self, request: Request) -> Application:
        """Return whose token a call carries. Raises Refusal."""
        scheme, _, token = request.header("authorization").partition(" ")
        id, until = self.tokens.get(token, ("", self.now()))
        if scheme.lower() != "bearer" or id not in self.applications or self.now() >= until:
            raise unauthorized("Åtkomstnyckeln saknas eller gäller inte längre.")
        return self.applications[id]


class MobigoSystem(System):
    """One Mobigo behind the shared server."""

    name = "mobigo"

    def __init__(self, limits: Limits | None = None, folder: Path | None = None) -> None:
        """Begin empty, or with what *folder* keeps from an earlier run."""
        super().__init__()
        self.limits = limits or Limits()
        self.folder = folder
        self.application_id, self.secret = "brygga", "mobigo-nyckel-9f31c2"
        self._begin()
        if folder is not None and (folder / "mobigo.json").exists():
            self.state.take_up(folder / "mobigo.json")

    def _begin(self) -> None:
        self.state = State(self.clock.now)
        self.sign_in = SignIn(self.clock.now, {self.application_id: Application(self.secret)})
        self._calls: deque[float] = deque()
        self._touched_before = 0

    def tenant_of(self, request: Request) -> str | None:
        """Return "1": a sandbox holds one installation."""
        return "1"

    def answer(self, request: Request) -> Response:
        """Carry out one call. Order: load, sign-in, address, rights, body."""
        self._touched_before = len(self.state.touched)
        try:
            self._count()
            return self._route(request)
        except Refusal as refusal:
            headers = {**refusal.headers, "content-type": "application/json; charset=utf-8"}
            return Response(refusal.status, refusal.body(), headers)

    def _count(self) -> None:
        now = time.monotonic()
        while self._calls and self._calls[0] <= now - self.limits.seconds:
            self._calls.popleft()
        if self.limits.calls and len(self._calls) >= self.limits.calls:
            raise too_fast(max(1, round(self._calls[0] + self.limits.seconds - now + 0.5)))
        self._calls.append(now)

    def _route(self, request: Request) -> Response:
        segments = request.segments
        if segments == ["v1", "Auth", "Token"]:
            if request.method != "POST":
                raise _no_method("POST")
            return answer(self.sign_in.token(request))
        if segments[:2] != ["v1", "Core"]:
            raise missing()
        application = self.sign_in.application(request)
        match segments:
            case ["v1", "Core", "Me"]:
                rights = sorted(application.writes) + (["ExportResult"] if application.exports else [])
                return answer({"objectName": "application", "name": "Brygga", "writes": rights, "contract": "brygga-mobigo-1"})
            case ["v1", "Core", name, *rest] if name in KINDS:
                return self._register(request, name, rest, application)
        raise missing()

    def _register(self, request: Request, name: str, rest: list[str], application: Application) -> Response:
        match request.method, rest:
            case "GET", []:
                return answer(self._list(request, name))
            case "GET", [text]:
                return answer(self.state.shown(name, self.state.found(name, text)))
            case "PUT", [number, "ExportResult"] if name == "Assignments":
                if not application.exports:
                    raise forbidden("Applikationen får inte skriva exportresultat.")
                record = self.state.found(name, number)
                self.state.export_result(record, _body(request))
                return answer(self.state.shown(name, record))
        if request.method in ("POST", "PUT") and name in KINDS:
            if name not in application.writes:
                raise forbidden(f"Applikationen får inte skriva {name}.")
            return self._write(request, name, rest)
        raise _no_method("GET") if request.method not in ("GET", "POST", "PUT") else missing()

    def _write(self, request: Request, name: str, rest: list[str]) -> Response:
        match request.method, rest:
            case "POST", []:
                return answer(self.state.shown(name, self.state.create(name, _body(request))), 201)
            case "POST", ["Batch"]:
                bodies = _body(request)
                if not isinstance(bodies, list) or not 1 <= len(bodies) <= LARGEST_BATCH:
                    raise bad_request(f"En lista med 1 till {LARGEST_BATCH} poster väntades.")
                return answer({"objectName": "batch", "items": [self._one_of_many(name, body) for body in bodies]})
            case "PUT", [text]:
                record = self.state.found(name, text)
                self.state.replace(name, record, _body(request))
                return answer(self.state.shown(name, record))
        raise missing()

    def _one_of_many(self, name: str, body: object) -> JSON:
        try:
            record = self.state.create(name, body)
        except Refusal as refusal:
            return {"status": refusal.status, "error": refusal.as_dict()}
        return {"status": 201, "item": self.state.shown(name, record)}

    def _list(self, request: Request, name: str) -> JSON:
        params = request.params()
        known = {"page", "pageSize", "filter.updatedAfter", *(f"filter.{one}" for one in _FILTERS[name])}
        known |= {"include"} if name == "Assignments" else set()
        unknown = {one: "okänd parameter" for one in params if one not in known}
        if unknown:
            raise invalid(unknown)
        page, size = _whole(params, "page", 1, 10**9), _whole(params, "pageSize", PAGE_SIZE, LARGEST_PAGE)
        found = [record for record in self._candidates(name, params) if _passes(record, params)]
        rows = params.get("include") == "rows"
        items = [self.state.shown(name, record, rows=rows) for record in found[(page - 1) * size : page * size]]
        return {
            "objectName": "list",
            "page": page,
            "pageSize": size,
            "itemCount": len(items),
            "totalItemCount": len(found),
            "totalPages": -(-len(found) // size),
            "items": items,
        }

    def _candidates(self, name: str, params: dict[str, str]) -> list[Record]:
        """Return the records that can pass: those with the numbers asked for, at most a hundred, else all."""
        wanted = params.pop("filter.numbers", None) or params.pop("filter.articleNumbers", None)
        if wanted is None:
            return list(self.state.visible(name))
        numbers = wanted.split(",")
        if len(numbers) > LARGEST_BATCH:
            raise bad_request(f"Högst {LARGEST_BATCH} nummer åt gången.")
        return self.state.numbered(name, numbers)

    # What the shared server asks of a system.

    def broken(self, request: Request, status: int) -> Response:
        """Return the answer of a service in trouble."""
        if status == 429:
            refusal = too_fast(1)
            return Response(429, refusal.body(), {**refusal.headers, "content-type": "application/json"})
        return Response(status, b"<html><body>Server Error in '/' Application.</body></html>", {"content-type": "text/html"})

    def before_call(self, request: Request, fault: Fault) -> None:
        """Withdraw the tokens: running out and being withdrawn look the same here."""
        self.sign_in.tokens.clear()

    def after_call(self, request: Request, response: Response, fault: Fault) -> None:
        """Keep what this call wrote out of lists for the fault's seconds."""
        self.state.hide(self._touched_before, fault.seconds)

    def describe(self) -> dict[str, Any]:
        """Return the address, the credentials and how much there is of each kind."""
        counts = {name: len(register.records) for name, register in self.state.registers.items()}
        return {**super().describe(), "application_id": self.application_id, "secret": self.secret, "records": counts}

    def reset(self) -> None:
        """Go back to an empty installation, and follow the real time."""
        with self.lock:
            self.clock.follow()
            self._begin()
            self.requests.clear()

    def close(self) -> None:
        """Keep the state, where a folder was given for it."""
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self.lock:
                self.state.keep(self.folder / "mobigo.json")

    def admin(self, request: Request, segments: list[str]) -> Response | None:
        """Read, load and change records as a person in the program: records/{register}[/{id}].

        GET lists or shows, POST makes each of an array, PUT changes the given fields, DELETE removes. Assignments take
        `times`, `materials` and `marked` too; PUT records/Assignments/{number}/marked marks one for export.
        """
        match request.method, segments:
            case "GET", ["records", name]:
                return _plain([self.state.shown(name, record) for record in self.state[name].records.values()])
            case "POST", ["records", name]:
                make = self.state.add_assignment if name == "Assignments" else lambda body: self.state.create(name, body)
                return _plain([self.state.shown(name, make(body)) for body in _body(request)], 201)
            case "PUT", ["records", "Assignments", number, "marked"]:
                record = self.state.found("Assignments", number)
                record.export["marked"] = True
                self.state.changed(record)
                return _plain(self.state.shown("Assignments", record))
            case "PUT", ["records", name, text]:
                record = self.state.found(name, text)
                self.state.edit(name, record, _body(request))
                return _plain(self.state.shown(name, record))
            case "GET", ["records", name, text]:
                return _plain(self.state.shown(name, self.state.found(name, text)))
            case "DELETE", ["records", name, text]:
                self.state[name].remove(self.state.found(name, text).id)
                return json_response({"ok": True})
        return None


def answer(body: object, status: int = 200) -> Response:
    """Return an answer in JSON; numbers keep their digits."""
    return Response(status, encoded(body), {"content-type": "application/json; charset=utf-8"})


def _plain(body: object, status: int = 200) -> Response:
    return answer(body, status)


def encoded(value: object) -> bytes:
    """Return JSON in UTF-8 with decimals digit for digit, which the standard encoder cannot."""
    return _text(value).encode()


def _text(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(str(name), ensure_ascii=False)}:{_text(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_text, value)) + "]"
    return format(value, "f") if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def _body(request: Request) -> Any:
    kind = request.header("content-type").partition(";")[0].strip().lower()
    if request.path.startswith("/v1/") and kind != "application/json":
        raise Refusal(415, "media_type", "Innehållet ska vara application/json.")
    try:
        return json.loads(request.body, parse_float=Decimal, parse_constant=_no_constant)
    except ValueError:
        raise bad_request("Innehållet är inte JSON.") from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _whole(params: dict[str, str], name: str, default: int, most: int) -> int:
    text = params.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise invalid({name: f"heltal från 1 till {most}"})
    return int(text)


def _passes(record: Record, params: dict[str, str]) -> bool:
    if "filter.updatedAfter" in params and record.updated < shapes.moment(params["filter.updatedAfter"]):
        return False
    held = {**record.values, **record.export}
    for name, wanted in params.items():
        if name.startswith("filter.") and name != "filter.updatedAfter":
            value = held.get(name.removeprefix("filter."))
            shown = str(value).lower() if isinstance(value, bool) else str("" if value is None else value)
            if shown.casefold() != wanted.casefold():
                return False
    return True


def _no_method(allowed: str) -> Refusal:
    return Refusal(405, "method", "Metoden stöds inte.", Allow=allowed)
