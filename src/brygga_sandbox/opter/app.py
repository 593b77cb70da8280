"""The routes of the contract (README.md): which call does what, and the order in which a call can be refused."""

import json
import time
from collections import deque
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from brygga_sandbox.faults import Fault
from brygga_sandbox.opter import payments
from brygga_sandbox.opter.errors import Refusal, bad_request, invalid, missing, no_access, too_fast, unauthorised
from brygga_sandbox.opter.shapes import JSON, RESULT, checked, day, moment, needed
from brygga_sandbox.opter.state import REGISTERS, Record, State
from brygga_sandbox.server import Request, Response, System, json_response

ACCESSES = ("Customers", "Invoices", "Settlements", "Payments")
CONTRACT = "brygga-opter-1"
LONGEST_RANGE = timedelta(days=20 * 366)
DATES = {"Invoices": {"invoiceDate": "invoiceDate"}, "Settlements": {"settlementDate": "settlementDate"}, "Customers": {}}


@dataclass
class Limits:
    """How many calls may come in how many seconds of real time; 0 calls: no limit."""

    calls: int = 10
    seconds: float = 1.0


class OpterSystem(System):
    """One Opter behind the shared server."""

    name = "opter"

    def __init__(self, limits: Limits | None = None, folder: Path | None = None) -> None:
        """Begin empty, or with what *folder* keeps from an earlier run."""
        super().__init__()
        self.limits = limits or Limits()
        self.folder = folder
        self.key = "opter-nyckel-5d20e8"
        self._begin()
        if folder is not None and (folder / "opter.json").exists():
            self.state.take_up(folder / "opter.json")

    def _begin(self) -> None:
        self.state = State(self.clock.now)
        self.keys: dict[str, frozenset[str]] = {self.key: frozenset(ACCESSES)}
        self._calls: deque[float] = deque()
        self._touched_before = 0

    def tenant_of(self, request: Request) -> str | None:
        """Return "1": a sandbox holds one installation."""
        return "1"

    def answer(self, request: Request) -> Response:
        """Carry out one call. Order: load, key, address, access, body."""
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
        accesses = self.keys.get(request.header("x-api-key"))
        if accesses is None:
            raise unauthorised()
        match request.segments:
            case ["api", "Installation"]:
                _only(request, "GET")
                return answer(self._installation(accesses))
            case ["api", name, *rest] if name in REGISTERS:
                _needs(accesses, name)
                return self._register(request, name, rest)
            case ["api", "PaymentImportDefinitions", *rest]:
                _needs(accesses, "Payments")
                return self._definitions(request, rest)
            case ["api", "PaymentImports", *rest]:
                _needs(accesses, "Payments")
                return self._imports(request, rest)
            case ["api", "PaymentRegistrations"]:
                _needs(accesses, "Payments")
                _only(request, "GET")
                return answer(self._registrations(request))
        raise missing()

    def _installation(self, accesses: frozenset[str]) -> JSON:
        installation = self.state.installation
        return {
            "contract": CONTRACT,
            "company": installation.company,
            "defaultCurrency": installation.default_currency,
            "accesses": sorted(accesses),
            "offices": installation.offices,
        }

    def _register(self, request: Request, name: str, rest: list[str]) -> Response:
        match rest:
            case []:
                _only(request, "GET")
                records = self.state.visible(self.state.registers[name].values())
                return answer([self.state.shown(record) for record in _ranged(records, request.params(), DATES[name])])
            case [key]:
                _only(request, "GET")
                return answer(self.state.shown(self.state.found(name, key)))
            case [key, "Pdf"] if name != "Customers":
                _only(request, "GET")
                return self._pdf(name, key)
            case [key, "ExportResult"] if name != "Customers":
                _only(request, "PUT")
                self.state.found(name, key)
                result = checked(RESULT, _body(request))
                return answer(self.state.shown(self.state.export_result(name, key, result)))
        raise missing()

    def _pdf(self, name: str, key: str) -> Response:
        record = self.state.found(name, key)
        if not record.values["hasPdf"]:
            raise Refusal(404, "pdf", f"{name} {key} has not been printed.")
        return Response(200, self.state.pdf(name, record), {"content-type": "application/pdf"})

    def _definitions(self, request: Request, rest: list[str]) -> Response:
        match request.method, rest:
            case "GET", []:
                return answer([payments.shown_definition(one) for one in self.state.definitions.values()])
            case "POST", []:
                return answer(payments.define(self.state, _body(request)), 201)
            case "GET", [id] if id in self.state.definitions:
                return answer(payments.shown_definition(self.state.definitions[id]))
            case "PUT", [id]:
                return answer(payments.define(self.state, _body(request), id))
            case "DELETE", [id] if id in self.state.definitions:
                del self.state.definitions[id]
                return Response(204)
        raise missing("The definition") if len(rest) == 1 and request.method in ("GET", "DELETE") else _no_method("GET, POST, PUT")

    def _imports(self, request: Request, rest: list[str]) -> Response:
        match request.method, rest:
            case "GET", []:
                return answer([payments.shown_import(one) for one in self.state.imports.values()])
            case "POST", []:
                return answer(payments.read(self.state, _body(request)), 201)
            case "GET", [id] if id in self.state.imports:
                return answer(payments.shown_import(self.state.imports[id]))
            case "POST", [id, "Save"]:
                return answer(payments.save(self.state, id, _body(request)))
            case "DELETE", [id]:
                payments.forget(self.state, id)
                return Response(204)
        raise missing("The import") if request.method == "GET" else _no_method("GET, POST, DELETE")

    def _registrations(self, request: Request) -> list[JSON]:
        params = request.params()
        records = self.state.visible(self.state.registrations.values())
        by = {"reference", "invoiceNumber"} & set(params)
        if not by:
            return [self.state.shown(one) for one in _ranged(records, params, {"paymentDate": "paymentDate"})]
        if set(params) - by:
            raise invalid(dict.fromkeys(set(params) - by, "not together with reference or invoiceNumber"))
        return [self.state.shown(one) for one in records if all(one.values[name] == params[name] for name in by)]

    # What the shared server asks of a system.

    def broken(self, request: Request, status: int) -> Response:
        """Return the answer of a service in trouble."""
        if status == 429:
            refusal = too_fast(1)
            return Response(429, refusal.body(), {**refusal.headers, "content-type": "application/json"})
        return Response(status, b"<html><body>Service Unavailable</body></html>", {"content-type": "text/html"})

    def before_call(self, request: Request, fault: Fault) -> None:
        """Withdraw the key, as somebody in Opter's settings would; `allow` gives it back."""
        self.keys.clear()

    def allow(self, *accesses: str) -> None:
        """Let our key be known, with these accesses or all."""
        self.keys[self.key] = frozenset(accesses or ACCESSES)

    def after_call(self, request: Request, response: Response, fault: Fault) -> None:
        """Keep what this call wrote out of lists for the fault's seconds."""
        self.state.hide(self._touched_before, fault.seconds)

    def describe(self) -> dict[str, Any]:
        """Return the address, the key and how much there is of each kind."""
        counts = {name: len(records) for name, records in self.state.registers.items()}
        return {**super().describe(), "api_key": self.key, "records": counts}

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
                self.state.keep(self.folder / "opter.json")

    def admin(self, request: Request, segments: list[str]) -> Response | None:
        """Read, load and change records as a person in Opter: records/{register}[/{id}], installation.

        GET lists or shows, POST makes each of an array, PUT changes the given fields.
        """
        match request.method, segments:
            case "GET", ["records", name] if name in REGISTERS:
                return answer([self.state.shown(one) for one in self.state.registers[name].values()])
            case "POST", ["records", name] if name in REGISTERS:
                return answer(self.state.load(name, _body(request)), 201)
            case "PUT", ["records", name, key] if name in REGISTERS:
                self.state.edit(name, key, _body(request))
                return answer(self.state.shown(self.state.found(name, key)))
            case "PUT", ["installation"]:
                wish = _body(request)
                self.state.installation.default_currency = str(wish.get("defaultCurrency", "SEK"))
                return json_response({"ok": True})
        return None


def _ranged(records: list[Record], params: dict[str, str], dates: dict[str, str]) -> list[Record]:
    """Return the records within the mandatory range. Raises Refusal."""
    unknown = {name: "unknown parameter" for name in params if name not in ("dateFrom", "dateTo", "dateType")}
    if unknown:
        raise invalid(unknown)
    begin, end, kind = needed(params, "dateFrom", "dateTo", "dateType")
    if kind == "changedAt":
        since, until = moment(begin), moment(end)
        if since is None or until is None:
            raise invalid({"dateFrom": "times with their offsets, for changedAt"})
        _check_range(since, until)
        return [record for record in records if since <= record.changed < until]
    if kind not in dates:
        raise invalid({"dateType": "one of " + ", ".join(["changedAt", *dates])})
    first, last = day(begin), day(end)
    if first is None or last is None:
        raise invalid({"dateFrom": f"days as YYYY-MM-DD, for {kind}"})
    _check_range(first, last)
    return [record for record in records if begin <= record.values[dates[kind]] <= end]


def _check_range(begin: date, end: date) -> None:
    if end < begin:
        raise invalid({"dateTo": "before dateFrom"})
    if end - begin > LONGEST_RANGE:
        raise invalid({"dateTo": "more than 20 years after dateFrom"})


def _needs(accesses: frozenset[str], name: str) -> None:
    if name not in accesses:
        raise no_access(name)


def _only(request: Request, method: str) -> None:
    if request.method != method:
        raise _no_method(method)


def _no_method(allowed: str) -> Refusal:
    return Refusal(405, "method", f"Only {allowed} here.", Allow=allowed)


def answer(body: object, status: int = 200) -> Response:
    """Return an answer in JSON; numbers keep their digits."""
    return Response(status, _text(body).encode(), {"content-type": "application/json; charset=utf-8"})


def _text(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(str(name), ensure_ascii=False)}:{_text(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_text, value)) + "]"
    return format(value, "f") if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def _body(request: Request) -> Any:
    kind = request.header("content-type").partition(";")[0].strip().lower()
    if request.path.startswith("/api/") and kind != "application/json":
        raise Refusal(415, "media_type", "application/json was expected.")
    try:
        return json.loads(request.body, parse_float=Decimal, parse_constant=_no_constant)
    except ValueError:
        raise bad_request("The body is not JSON.") from None


def _no_constant(name: str) -> Any:
    raise ValueError(name)
