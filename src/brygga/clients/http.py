"""The one loop through which every client sends: rate limit, retry, time-out, request log.

A client makes a `Call` and gets an `Answer`; `Http.send` is all that stands between. What a status means is the client's
business, apart from 429 and 5xx, which mean the same everywhere:

    the call may be repeated (a plain read)   429, 5xx, no connection, broken connection: up to three tries, then Unavailable
    the call may not be repeated (a write)    429, no connection: not carried out, so up to three tries, then Unavailable
                                              5xx, time-out, broken connection: it may have been, so OutcomeUnknown at once

A GET that does something (sends an e-mail, marks as printed) is a write. Nothing here shows a header, a query string or a
body: not in an error, not in a repr, not in the request log.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import cache
from types import TracebackType
from typing import Any, Protocol, TypeVar
from urllib.request import getproxies

import httpx2

from brygga.clients.limits import Limiter, Unlimited
from brygga.errors import BadData, BryggaError, OutcomeUnknown, SettingsError, Unavailable

TRIES = 3
FIRST_PAUSE = 0.5
"""Seconds before the second try where the system says nothing else; before each further one twice as long."""
LONGEST_PAUSE = 30.0
"""Seconds that one call may pause for a busy system; a longer wait is given back to the caller as Unavailable."""

TIMEOUT = httpx2.Timeout(connect=10.0, read=60.0, write=30.0, pool=30.0)
HURRIED = httpx2.Timeout(connect=2.0, read=6.0, write=4.0, pool=4.0)

# Raised before the first byte of the request has left, so the call was surely not carried out.
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)


@dataclass(frozen=True)
class Call:
    """One request.

    url         absolute, without a query string
    repeatable  True for what may be sent twice: a plain read, whatever its method is called, or a write that comes to the same
    authorise   gives the headers that prove who we are; asked at every try, after the wait for a permit, so that a token
                is fresh when it is used and never stored in a value that could be printed
    """

    method: str
    url: str
    repeatable: bool
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes | None = field(default=None, repr=False)
    authorise: Callable[[], Mapping[str, str]] | None = field(default=None, repr=False)

    @property
    def writes(self) -> bool:
        """Whether it may change something. Questions may be sent as POST: one that may be repeated is taken for a question."""
        return not self.repeatable or self.method not in ("GET", "HEAD", "POST")

    @property
    def path(self) -> str:
        rest = self.url.partition("://")[2] or self.url
        return "/" + rest.partition("/")[2].partition("?")[0].partition("#")[0]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers (names in any case) and the whole body."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    call: Call

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return the body as JSON, with every decimal number as Decimal.

        Raises BadData when it is not JSON (HTML of a proxy, a cut body). For a write that was answered with success it raises
        OutcomeUnknown instead: it was probably carried out, and what it made must be looked up.
        """
        try:
            return json.loads(self.body, parse_float=Decimal)
        except ValueError:
            pass  # raised below, without the body that the decoder's own error carries
        raise self.unreadable("is not JSON")

    def unreadable(self, what: str) -> BryggaError:
        """Return the error for a body that cannot be used; `what` says why ("is not JSON")."""
        call, status, kind, size = str(self.call), self.status, _kind_of(self), len(self.body)
        if self.ok and not self.call.repeatable:
            return OutcomeUnknown(
                "{call} was answered with status {status}, but the answer {what} ({kind}, {size} bytes).",
                repair="It was probably carried out: look before repeating it.",
                call=call,
                status=status,
                what=what,
                kind=kind,
                size=size,
            )
        return BadData(
            "The answer to {call} {what} (status {status}, {kind}, {size} bytes).",
            repair="Check that the address is the system's own and that nothing stands between.",
            call=call,
            status=status,
            what=what,
            kind=kind,
            size=size,
        )


Send = Callable[[Call], Answer]
RequestLog = Callable[[str, str, int | None, float], None]
"""Called once for each request that was tried: method, path, status (None when no answer came), seconds."""

WaitHint = Callable[[Answer], float | None]
"""Reads from an answer how many seconds the system asks us to wait; None when it does not say."""


def retry_after(answer: Answer) -> float | None:
    """Return the seconds of the `Retry-After` header, which holds a number or a date (RFC 9110, 10.2.3)."""
    value = answer.headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(value))
    except ValueError:
        pass  # not a number: perhaps a date
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, IndexError, TypeError):
        return None


@cache
def _trusted() -> ssl.SSLContext:
    """Return whose certificates are believed. Reading them takes 20 ms, half of a run that finds nothing: once a process."""
    return httpx2.create_ssl_context()


class _Kept(httpx2.BaseTransport):
    """Connections that outlive a client: who closes the client leaves them to the next one. What is said over them is each client's own."""

    def __init__(self) -> None:
        self._inner = httpx2.HTTPTransport(verify=_trusted())

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._inner.handle_request(request)


@cache
def _kept(process: int) -> _Kept:
    return _Kept()


def _connections() -> httpx2.BaseTransport | None:
    """Return this process's connections, shared by all clients; None behind a proxy, which httpx2 looks up for each client."""
    return None if getproxies() else _kept(os.getpid())


class Http:
    """Sends calls to one system for one connection. Safe to share between threads.

    system             its name, for the sentences of errors
    limiter, lane      where permits come from, and for whom; see `limits`
    hurried            a person waits for the answer: one try, and `HURRIED` instead of `TIMEOUT`
    log                called for each request; see `RequestLog`
    transport          what lies under the client: the network, or `httpx2.MockTransport`, `httpx2.WSGITransport`, `InProcess`
    hint               reads how long to wait from an answer; default the `Retry-After` header
    pause              seconds to wait after a 429 that does not say
    leaving            called when a call is about to leave: who holds something that others want lets go of it; an error keeps the call here
    request_id_header  the header in which the system names its answer, quoted in errors
    """

    def __init__(
        self,
        system: str,
        *,
        limiter: Limiter | None = None,
        lane: str = "poll",
        hurried: bool = False,
        log: RequestLog | None = None,
        transport: httpx2.BaseTransport | None = None,
        timeout: httpx2.Timeout | None = None,
        hint: WaitHint = retry_after,
        pause: float = 5.2,
        request_id_header: str = "x-request-id",
        leaving: Callable[[Call], None] = lambda call: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.system = system
        self._limiter = limiter or Unlimited(sleep=sleep)
        self._lane = lane
        self._log = log
        self._hint = hint
        self._pause = pause
        self._request_id_header = request_id_header
        self._leaving = leaving
        self._sleep = sleep
        self._tries = 1 if hurried else TRIES
        timeout = timeout or (HURRIED if hurried else TIMEOUT)
        # Redirects are not followed: a token must not travel to an address that nobody chose.
        self._client = httpx2.Client(
            transport=transport or _connections(), verify=_trusted(), timeout=timeout, follow_redirects=False
        )

    def __enter__(self) -> Http:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def send(self, call: Call, lane: str | None = None) -> Answer:
        """Send a call and return its answer, whatever the status, apart from 429, 5xx and redirects.

        `partial(http.send, lane="person")` is a sender for another lane over the same connections.
        Raises Unavailable (429, 5xx or no connection, after the tries; nothing was carried out), OutcomeUnknown (a write that
        may have been carried out), SettingsError (the address cannot be used, or answers with a redirect).
        """
        for left in reversed(range(self._tries)):
            permit = self._limiter.acquire(lane or self._lane)
            try:
                outcome = self._try(call)
            finally:
                self._limiter.answered(permit)
            trouble = self._trouble(call, outcome)
            if trouble is None:
                assert isinstance(outcome, Answer)
                return outcome
            if not isinstance(trouble, Unavailable) or not left:
                raise trouble
            self._wait(trouble, outcome, self._tries - left)
        raise AssertionError("the last try either returns or raises")

    def _try(self, call: Call) -> Answer | type[httpx2.RequestError]:
        """Send once. Return the answer, or the kind of what went wrong: the error itself holds the request with its secrets."""
        headers = {**call.headers, **(call.authorise() if call.authorise else {})}
        started = time.monotonic()
        outcome: Answer | type[httpx2.RequestError]
        try:
            request = self._client.build_request(
                call.method, call.url, params=list(call.params) or None, headers=headers, content=call.content
            )
            self._leaving(call)
            response = self._client.send(request)
            outcome = Answer(response.status_code, response.headers, response.content, call)
        except httpx2.RequestError as error:
            outcome = type(error)
        except (httpx2.InvalidURL, UnicodeError):
            # An address or a header that cannot be written; the error of the header would show it.
            outcome = httpx2.UnsupportedProtocol
        if self._log:
            status = outcome.status if isinstance(outcome, Answer) else None
            self._log(call.method, call.path, status, time.monotonic() - started)
        return outcome

    def _trouble(self, call: Call, outcome: Answer | type[httpx2.RequestError]) -> BryggaError | None:
        """Return what is wrong with an outcome; Unavailable is worth another try, the others are not."""
        if isinstance(outcome, Answer):
            return self._trouble_of_status(call, outcome)
        if issubclass(outcome, (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError)):
            return SettingsError(
                "{system}: the address or a credential of {call} cannot be used.",
                repair="Correct base_url and the credentials.",
                system=self.system,
                call=call,
            )
        if call.repeatable or issubclass(outcome, _NOT_SENT):
            return Unavailable(
                "{system} cannot be reached: {cause} at {call}.",
                repair="It is tried again later.",
                system=self.system,
                call=call,
                cause=_cause(outcome),
            )
        return OutcomeUnknown(
            "{system} gave no whole answer to {call}: {cause}. It may or may not have been carried out.",
            repair="Look before repeating it.",
            system=self.system,
            call=call,
            cause=_cause(outcome),
        )

    def _trouble_of_status(self, call: Call, answer: Answer) -> BryggaError | None:
        request_id = answer.headers.get(self._request_id_header, "-")
        if answer.status == 429:
            return Unavailable(
                "{system} takes no more requests just now (429 at {call}).",
                repair="It is tried again later.",
                busy=True,
                retry_after=self._hint(answer) or self._pause,
                system=self.system,
                call=call,
            )
        if answer.status >= 500 and call.repeatable:
            return Unavailable(
                "{system} answered {call} with status {status} (request {request_id}).",
                repair="It is tried again later.",
                retry_after=self._hint(answer),
                system=self.system,
                call=call,
                status=answer.status,
                request_id=request_id,
            )
        if answer.status >= 500:
            return OutcomeUnknown(
                "{system} answered {call} with status {status} (request {request_id}): perhaps carried out, perhaps not.",
                repair="Look before repeating it.",
                system=self.system,
                call=call,
                status=answer.status,
                request_id=request_id,
            )
        if 300 <= answer.status < 400:
            return SettingsError(
                "{system} sends {call} on to another address ({to}).",
                repair="Correct base_url.",
                system=self.system,
                call=call,
                to=httpx2.URL(answer.headers.get("location", "")).host or "-",
            )
        return None

    def _wait(self, trouble: Unavailable, outcome: Answer | type[httpx2.RequestError], tried: int) -> None:
        """Wait before the next try, or raise the trouble when the system asks for more than a call may wait."""
        if isinstance(outcome, Answer) and outcome.status == 429:
            wait = trouble.retry_after or self._pause
            # The window is closed for every process that shares it; the next acquire() waits it out.
            self._limiter.closed(wait)
            if wait > LONGEST_PAUSE:
                raise trouble
            return
        wait = trouble.retry_after or FIRST_PAUSE * 2 ** (tried - 1) * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret
        if wait > LONGEST_PAUSE:
            raise trouble
        self._sleep(wait)


def _cause(kind: type[httpx2.RequestError]) -> str:
    if issubclass(kind, httpx2.TimeoutException):
        return "time-out"
    return "no connection" if issubclass(kind, _NOT_SENT) else "the connection broke"


def _kind_of(answer: Answer) -> str:
    return answer.headers.get("content-type", "").split(";")[0].strip() or "no content type"


class AsgiApp(Protocol):
    """An ASGI application, such as a FastAPI app."""

    def __call__(self, scope: Any, receive: Any, send: Any, /) -> Coroutine[Any, Any, None]: ...


_Result = TypeVar("_Result")


class InProcess(httpx2.BaseTransport):
    """A transport that hands each request to an ASGI application in this process, without a port."""

    def __init__(self, app: AsgiApp) -> None:
        self._inner = httpx2.ASGITransport(app=app)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="in-process", daemon=True)
        self._thread.start()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        return self._run(self._whole(request))

    async def _whole(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        body = await response.aread()
        return httpx2.Response(response.status_code, headers=response.headers, content=body)

    def _run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
