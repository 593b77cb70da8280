"""A webCRM that answers from a list: what it was asked is kept, and nothing but HTTP stands between."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from brygga.clients.http import Http
from brygga.clients.webcrm import InMemory, Spaced, TokenStore, WebCrm, retry_after_seconds

SAMPLES = Path(__file__).parent / "samples" / "webcrm"
Reply = httpx2.Response | Callable[[httpx2.Request], httpx2.Response] | Exception


def sample(name: str) -> httpx2.Response:
    [path] = [found for end in (".json", ".html") if (found := SAMPLES / f"{name}{end}").exists()]
    kind = "text/html" if path.suffix == ".html" else "application/json"
    return httpx2.Response(int(name.rpartition("_")[2]), content=path.read_bytes(), headers={"content-type": kind})


@dataclass
class Scripted:
    """Answers sign-ins by itself and everything else from `replies`, in order."""

    replies: list[Reply] = field(default_factory=list)
    requests: list[httpx2.Request] = field(default_factory=list)
    sign_ins: list[httpx2.Request] = field(default_factory=list)
    sign_in: Callable[[httpx2.Request], httpx2.Response] = lambda request: sample("token_200")
    slept: list[float] = field(default_factory=list)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path.startswith("/Auth/"):
            self.sign_ins.append(request)
            return self.sign_in(request)
        self.requests.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, httpx2.Response) else reply(request)

    def client(self, tokens: TokenStore | None = None, clock: Callable[[], float] = lambda: 0.0) -> WebCrm:
        http = Http(
            "webCRM",
            limiter=Spaced(clock=clock, sleep=self.slept.append),
            transport=httpx2.MockTransport(self),
            hint=retry_after_seconds,
            sleep=self.slept.append,
        )
        return WebCrm(http.send, "https://api.webcrm.example/", lambda: "the-guid", tokens or InMemory())

    @property
    def asked(self) -> list[str]:
        return [f"{request.method} {request.url.raw_path.decode()}" for request in self.requests]

    def body(self, place: int = -1) -> Any:
        return json.loads(self.requests[place].content)
