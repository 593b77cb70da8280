"""The server under every sandbox: HTTP in, a system's answer out, faults between, an admin address beside.

A system is an object with an `answer(request)`; it holds all its state, so two may run side by side. `serve(system)`
runs it on 127.0.0.1 in a thread of this process:

    with serve(system) as server:
        httpx2.get(server.base_url + "/3/customers")

Everything of a system happens under its lock, one call at a time; a test that reads or changes the state of a running
system takes `with system.lock:` too.

The admin address is `{base}/-/admin/`, outside the imitated API, with JSON in and out:

======================================  ==============================================================================
GET, DELETE requests                    the calls seen (`method`, `path`, `query`, `status`, `tenant`, `body` of writes)
GET, POST, DELETE faults                armed faults; arm one (fields of `faults.Fault`); disarm all
GET, PUT clock                          `{"now": "2026-03-01T08:00:00+01:00"}` stops it, `{"offset": 3600}` shifts it by
                                        seconds, `{}` lets it follow the real time
POST reset                              back to the state it started with; clears calls and faults
GET state                               what `describe()` says: addresses and credentials
GET, POST, PUT, DELETE records/...      the system's own: read and load records (`System.admin`)
======================================  ==============================================================================
"""

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote
from zoneinfo import ZoneInfo

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from brygga_sandbox.faults import Fault, Faults, first
from brygga_sandbox.stoppable import StoppableServer

ADMIN = "/-/admin/"
LARGEST_BODY = 64 * 1024 * 1024
STOCKHOLM = ZoneInfo("Europe/Stockholm")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass
class Request:
    """One call as it came: the path undecoded and without query, names of headers in lower case."""

    method: str
    path: str
    query: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def segments(self) -> list[str]:
        """Return the parts of the path, each percent-decoded; a slash at the end makes no part."""
        parts = self.path.split("/")[1:]
        if parts and parts[-1] == "":
            parts.pop()
        return [unquote(part) for part in parts]

    def params(self) -> dict[str, str]:
        """Return the query with the last value of each name."""
        return dict(self.query)

    def header(self, name: str, default: str = "") -> str:
        """Return a header by its name, in any case."""
        return self.headers.get(name.lower(), default)


@dataclass
class Response:
    """One answer. `tenant` is not sent: it goes into the record of calls."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    tenant: str | None = None

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)


def json_response(value: Any, status: int = 200) -> Response:
    """Return plain JSON, as the admin address speaks it."""
    body = json.dumps(value, default=str, ensure_ascii=False).encode()
    return Response(status, body, {"content-type": "application/json"})


class Clock:
    """What a system believes the time is: real, shifted, or stopped."""

    def __init__(self) -> None:
        self._fixed: datetime | None = None
        self._offset = timedelta()

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return self._fixed if self._fixed is not None else datetime.now(UTC) + self._offset

    def local(self) -> datetime:
        """Return the time, aware, in Stockholm."""
        return self.now().astimezone(STOCKHOLM)

    def stop_at(self, when: datetime) -> None:
        """Stop the clock. A time without zone is Stockholm's."""
        self._fixed = (when if when.tzinfo else when.replace(tzinfo=STOCKHOLM)).astimezone(UTC)

    def shift(self, seconds: float) -> None:
        """Let the clock run, so many seconds ahead of (or behind) the real time."""
        self._fixed, self._offset = None, timedelta(seconds=seconds)

    def advance(self, seconds: float) -> None:
        """Move the clock on from where it is, stopped or running."""
        if self._fixed is not None:
            self._fixed += timedelta(seconds=seconds)
        else:
            self._offset += timedelta(seconds=seconds)

    def follow(self) -> None:
        """Let the clock follow the real time again."""
        self.shift(0)


@dataclass
class Seen:
    """One recorded call of the imitated API; `body` is kept for writes only, as text."""

    method: str
    path: str
    query: str
    status: int
    tenant: str | None
    body: str | None
    at: datetime
    fault: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the call as the admin address shows it."""
        return {**self.__dict__, "at": self.at.isoformat()}


class System:
    """One imitated system: its state, its clock, its faults, the calls it saw.

    A subclass answers calls (`answer`), and may add to the admin address (`admin`), to what faults do (`before_call`,
    `after_call`), and speak WebSocket (`websocket`). `base_url` is set when a server starts.
    """

    name = "system"

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.clock = Clock()
        self.faults = Faults()
        self.requests: list[Seen] = []
        self.base_url = "http://127.0.0.1"

    def addressed(self, request: Request) -> tuple["System", Request]:
        """Return whose call it is, and the call as that one sees it: another system where several share an address (`Rack`)."""
        return self, request

    def answer(self, request: Request) -> Response:
        """Carry out one call. Called under the lock; must not raise for anything a client can send."""
        raise NotImplementedError

    def tenant_of(self, request: Request) -> str | None:
        """Return whose call it is, as far as can be told without carrying it out."""
        return None

    def broken(self, request: Request, status: int) -> Response:
        """Return the answer of a system in trouble: 500, 502, 503 or 429."""
        return Response(status, f"<html><body><h1>{status}</h1></body></html>".encode(), {"content-type": "text/html"})

    def before_call(self, request: Request, fault: Fault) -> None:
        """Do what `revoke_tokens`, `expire_access_tokens` or `refresh_race` mean here."""

    def after_call(self, request: Request, response: Response, fault: Fault) -> None:
        """Do what `hide` means here: keep what the call wrote out of lists for a while."""

    def admin(self, request: Request, segments: list[str]) -> Response | None:
        """Answer a call to the admin address that `server` does not know; None when nothing fits."""
        return None

    def describe(self) -> dict[str, Any]:
        """Return addresses and credentials, as `--json` prints them."""
        return {"system": self.name, "base_url": self.base_url, "admin_url": self.base_url + ADMIN}

    def reset(self) -> None:
        """Go back to the state it started with."""

    def close(self) -> None:
        """Let go of files. Called when the server has stopped."""

    async def websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a WebSocket; the base refuses."""
        await receive()
        await send({"type": "websocket.close", "code": 1000})


class _Protocol(H11Protocol):
    """uvicorn's protocol, with the transport kept within reach: a lost answer closes it without a word."""

    transports: dict[tuple[str, int], asyncio.Transport]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.transports[transport.get_extra_info("peername")[:2]] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.transports.pop(self.transport.get_extra_info("peername")[:2], None)
        super().connection_lost(exc)


class _Application:
    """The ASGI side of a system."""

    def __init__(self, system: System, transports: dict[tuple[str, int], asyncio.Transport]) -> None:
        self.system = system
        self.transports = transports

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.system.websocket(scope, receive, send)
            return
        request = await _read(scope, receive)
        if request is None:
            await _send(send, Response(413, b"<html><h1>413 Request Entity Too Large</h1></html>", {"content-type": "text/html"}))
            return
        system, request = self.system.addressed(request)
        if request.path.startswith(ADMIN):
            await _send(send, answer_admin(system, request))
            return
        await self._imitate(system, scope, send, request)

    async def _imitate(self, system: System, scope: Scope, send: Send, request: Request) -> None:
        response, struck = carry_out(system, request)
        delay = first(struck, "slow")
        if delay is not None:
            await asyncio.sleep(delay.seconds)
        if first(struck, "lost_request", "lost_answer"):
            await self._hang_up(scope)
        elif first(struck, "cut_body"):
            await _send(send, response, cut=True)
            await self._hang_up(scope, flush=True)
        else:
            await _send(send, response, bodiless=request.method == "HEAD")

    async def _hang_up(self, scope: Scope, flush: bool = False) -> None:
        transport = self.transports.get(tuple(scope["client"]))
        if transport is None:
            return
        if flush:
            transport.close()
        else:
            transport.abort()
        while not transport.is_closing() or tuple(scope["client"]) in self.transports:
            await asyncio.sleep(0.001)


def carry_out(system: System, request: Request) -> tuple[Response, list[Fault]]:
    """Carry out one call with the faults that strike it, and record it; the in-process way in."""
    with system.lock:
        tenant = system.tenant_of(request)
        struck = system.faults.strike(request.method, request.path, tenant)
        response = _with_faults(system, request, struck)
        system.requests.append(
            Seen(
                request.method,
                request.path,
                "&".join(f"{name}={value}" for name, value in request.query),
                response.status,
                response.tenant or tenant,
                request.body.decode("utf-8", "replace") if request.method not in ("GET", "HEAD") else None,
                system.clock.now(),
                ",".join(fault.kind for fault in struck) or None,
            )
        )
        return response, struck


def _with_faults(system: System, request: Request, struck: list[Fault]) -> Response:
    for fault in struck:
        if fault.kind in ("revoke_tokens", "expire_access_tokens", "refresh_race"):
            system.before_call(request, fault)
    early = first(struck, "lost_request", "error_before", "rate_limit")
    if early is not None:
        if early.kind == "lost_request":
            return Response(0)
        refused = system.broken(request, 429 if early.kind == "rate_limit" else early.status or 500)
        if early.retry_after is not None:
            refused.headers["retry-after"] = str(early.retry_after)
        return refused
    response = system.answer(request)
    for fault in struck:
        if fault.kind == "hide":
            system.after_call(request, response, fault)
    late = first(struck, "error_after", "html")
    if late is None:
        return response
    if late.kind == "error_after":
        return system.broken(request, late.status or 500)
    page = "<!DOCTYPE html><html><head><title>Underhåll</title></head><body><h1>Snart tillbaka</h1></body></html>".encode()
    return Response(late.status or 200, page, {"content-type": "text/html; charset=utf-8"})


async def _read(scope: Scope, receive: Receive) -> Request | None:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            break
        size += len(message.get("body", b""))
        if size > LARGEST_BODY:
            return None
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return Request(
        scope["method"],
        scope["raw_path"].decode("latin-1").partition("?")[0],
        parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, errors="replace"),
        {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        b"".join(chunks),
    )


async def _send(send: Send, response: Response, *, cut: bool = False, bodiless: bool = False) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    if response.status != 204:
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    if cut:
        await send({"type": "http.response.body", "body": response.body[: len(response.body) // 2], "more_body": True})
        return
    await send({"type": "http.response.body", "body": b"" if bodiless or response.status == 204 else response.body})


def answer_admin(system: System, request: Request) -> Response:
    """Answer a call to the admin address: 200 with JSON, 400 with a sentence, 404 for an unknown one."""
    segments = request.segments[2:]
    try:
        with system.lock:
            answer = _admin(system, request, segments) or system.admin(request, segments)
    except (ValueError, KeyError, TypeError) as error:
        return json_response({"error": f"{type(error).__name__}: {error}"}, 400)
    return answer or json_response({"error": f"no such admin address: {request.method} {request.path}"}, 404)


def _admin(system: System, request: Request, segments: list[str]) -> Response | None:
    match request.method, segments:
        case "GET", ["requests"]:
            return json_response([seen.as_dict() for seen in system.requests])
        case "DELETE", ["requests"]:
            system.requests.clear()
        case "GET", ["faults"]:
            return json_response(system.faults.listed())
        case "POST", ["faults"]:
            return json_response(system.faults.arm_from(json.loads(request.body)).as_dict(), 201)
        case "DELETE", ["faults"]:
            system.faults.clear()
        case "GET", ["clock"]:
            return json_response({"now": system.clock.local().isoformat()})
        case "PUT", ["clock"]:
            set_clock(system.clock, json.loads(request.body or b"{}"))
            return json_response({"now": system.clock.local().isoformat()})
        case "GET", ["state"]:
            return json_response(system.describe())
        case "POST", ["reset"]:
            system.reset()
            system.requests.clear()
            system.faults.clear()
        case _:
            return None
    return json_response({"ok": True})


def set_clock(clock: Clock, wish: dict[str, Any]) -> None:
    """Set the clock from `{"now": iso}`, `{"offset": seconds}`, `{"advance": seconds}` or `{}`."""
    if "now" in wish:
        clock.stop_at(datetime.fromisoformat(wish["now"]))
    elif "offset" in wish:
        clock.shift(float(wish["offset"]))
    elif "advance" in wish:
        clock.advance(float(wish["advance"]))
    else:
        clock.follow()


class Server:
    """A system on a port of 127.0.0.1, in a thread."""

    def __init__(self, system: System, port: int = 0) -> None:
        self.system = system
        # With the protocol named: asyncio switches off the delay of small segments (40 ms a write) only then.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self.base_url = system.base_url = f"http://127.0.0.1:{self.port}"
        transports: dict[tuple[str, int], asyncio.Transport] = {}
        protocol = type("_KeptProtocol", (_Protocol,), {"transports": transports})
        config = uvicorn.Config(
            _Application(system, transports),
            http=protocol,
            ws="websockets-sansio",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=60,
        )
        self._server = StoppableServer(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name=f"sandbox-{system.name}", daemon=True
        )

    def start(self) -> None:
        """Start, and return when calls are answered."""
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError(f"the {self.system.name} sandbox did not start on {self.base_url}")
            time.sleep(0.002)

    def stop(self) -> None:
        """Stop, and return when the thread has ended and the system's files are closed."""
        self._server.stop()
        self._thread.join(10)
        self._socket.close()
        self.system.close()

    def wait(self) -> None:
        """Return when the thread has ended."""
        while self._thread.is_alive():
            self._thread.join(0.5)


@contextlib.contextmanager
def serve(system: System, port: int = 0) -> Iterator[Server]:
    """Run a system on 127.0.0.1 (port 0: a free one) while the block lasts."""
    server = Server(system, port)
    server.start()
    try:
        yield server
    finally:
        server.stop()
