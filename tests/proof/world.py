"""A hub between a Fortnox and a webCRM in one process, on a clock of its own: everything happens in order, so a seed replays.

Calls go from the clients' own HTTP layer to the sandboxes without a port. Between any two things that the hub does (a request
that is about to leave, an answer, a commit of the database) lies a boundary; `World.at` sees each of them and may raise Killed
there, as if the process had died, or let another worker have its turn.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
import time_machine

from brygga.clients import http
from brygga.clients.http import Http
from brygga.clients.limits import Unlimited
from brygga_sandbox import fortnox as fortnox_sandbox
from brygga_sandbox.faults import Faults, first
from brygga_sandbox.fortnox.auth import SCOPES
from brygga_sandbox.server import Request, System, carry_out
from brygga_sandbox.webcrm.installation import Installation, Limits
from brygga_sandbox.webcrm.sandbox import Sandbox as WebCrmSandbox
from hub import Hub
from proof.boundaries import counting

BEGIN = datetime(2026, 11, 20, 7, 30, 20, tzinfo=UTC)


class Killed(BaseException):
    """The process died here. Nothing of the hub catches it; open transactions are rolled back."""


class Line:
    """What lies between the hub and the systems, Fortnox among them, and the time. `at` is called at each boundary with its kind."""

    at: Callable[[str], None]
    clock: Any
    fortnox: Any

    @property
    def systems(self) -> Mapping[str, System]:
        """The systems by the host that they are reached at."""
        raise NotImplementedError

    def pass_time(self, seconds: float) -> None:
        """Let time go on for everybody."""
        self.clock.shift(timedelta(seconds=seconds))

    def jump(self, seconds: float) -> None:
        """Set the clock of the hub's machine forward or back; the systems keep the true time."""
        self.clock.shift(timedelta(seconds=seconds))
        for system in self.systems.values():
            system.clock.advance(-seconds)

    def reach(self, system: System, request: httpx2.Request) -> httpx2.Response:
        """Carry one call over to a system, with what its faults make of the answer."""
        content = request.read()
        self.at(f"{request.method} {request.url.path} leaves")
        asked = Request(
            request.method,
            request.url.raw_path.decode("ascii").partition("?")[0],
            list(request.url.params.multi_items()),
            {name.lower(): value for name, value in request.headers.items()},
            content,
        )
        answer, struck = carry_out(system, asked)
        if (slow := first(struck, "slow")) is not None:
            self.pass_time(slow.seconds)
        self.at(f"{request.method} {request.url.path} answered")
        if first(struck, "lost_request", "lost_answer", "cut_body"):
            raise httpx2.RemoteProtocolError("the connection broke", request=request)
        return httpx2.Response(answer.status, headers=answer.headers, content=answer.body)

    def fortnox_call(self, method: str, path: str, body: Any = None) -> Any:
        """Ask Fortnox' API as another program of the company would, past the hub's faults and counts."""
        content = b"" if body is None else json.dumps(body).encode()
        tokens = self.fortnox.sign_in.issue(self.fortnox.client_id, self.fortnox.tenant_id, SCOPES)
        headers = {"authorization": f"Bearer {tokens.access_token}", "content-type": "application/json"}
        kept, faults = list(self.fortnox.requests), self.fortnox.faults
        self.fortnox.faults = Faults()
        answer, _ = carry_out(self.fortnox, Request(method, path, [], headers, content))
        self.fortnox.requests[:], self.fortnox.faults = kept, faults
        assert answer.status < 300, answer.body
        return json.loads(answer.body)

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Let nothing go wrong for the time of a `with`."""
        kept, at = {name: system.faults for name, system in self.systems.items()}, self.at
        self.at = lambda kind: None
        for system in self.systems.values():
            system.faults = Faults()
        try:
            yield
        finally:
            self.at = at
            for name, system in self.systems.items():
                system.faults = kept[name]


@dataclass
class World(Line, Hub):
    """The hub between a Fortnox and a webCRM."""

    at: Callable[[str], None] = lambda kind: None
    clock: Any = None

    @property
    def systems(self) -> Mapping[str, System]:
        return {"fortnox.example": self.fortnox, "webcrm.example": self.webcrm}


class _Wire(httpx2.BaseTransport):
    """The network between the hub and the systems."""

    def __init__(self, world: Line) -> None:
        self._world = world

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._world.reach(self._world.systems[str(request.url.host)], request)


@contextmanager
def a_world(home: Path, begin: datetime = BEGIN) -> Iterator[World]:
    """Run a world on the database that Django points at, connected and declared, nothing synced yet."""
    with time_machine.travel(begin, tick=False) as clock:
        fortnox = fortnox_sandbox.Sandbox(rate_limit=False)
        webcrm = WebCrmSandbox(Installation(limits=Limits(0, 0, 0)))
        world = World(home, fortnox, webcrm, clock=clock)
        with lined_up(world, WEBCRM_KEY=webcrm.auth_code):
            world.declare(brake=1.0)
            yield world


@contextmanager
def lined_up(world: Line, **secrets: str) -> Iterator[None]:
    """Let all calls of the hub go through *world*, and its boundaries be counted; *secrets* are what its file names."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("FORTNOX_CLIENT_ID", world.fortnox.client_id)
        patch.setenv("FORTNOX_CLIENT_SECRET", world.fortnox.client_secret)
        for name, value in secrets.items():
            patch.setenv(name, value)
        for host, system in world.systems.items():
            system.base_url = f"http://{host}"
        put_between(patch, world)
        stack.enter_context(counting(lambda kind: world.at(kind)))
        yield


def put_between(patch: pytest.MonkeyPatch, world: Line) -> None:
    """Let every client of the hub send through the world, without limits, and sleep by its clock."""
    from brygga.sync import open as opening
    from brygga.sync.context import Pace

    real = Http.__init__

    def with_the_world(self: Http, system: str, **more: Any) -> None:
        more |= {"transport": _Wire(world), "limiter": Unlimited(sleep=world.pass_time), "sleep": world.pass_time}
        real(self, system, **more)

    patch.setattr(Http, "__init__", with_the_world)
    patch.setattr(opening, "Context", partial(opening.Context, sleep=world.pass_time, pace=Pace()))
    patch.setattr(http, "FIRST_PAUSE", 0.5)


@dataclass
class Stop:
    """Raises Killed at one boundary, counted from when it is armed."""

    left: int
    seen: list[str] = field(default_factory=list)

    def __call__(self, kind: str) -> None:
        self.seen.append(kind)
        self.left -= 1
        if self.left == 0:
            raise Killed(kind)
