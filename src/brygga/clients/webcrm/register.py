"""What all of webCRM's registers have in common: pages, reading one, making one, replacing one, many at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from brygga.clients.http import Answer, Call, Send
from brygga.clients.webcrm import wire
from brygga.clients.webcrm.auth import Session
from brygga.clients.webcrm.wire import Raw
from brygga.errors import Unauthorised

PAGE = 500
"""Records of one page; the service takes 1 to 1,000."""

SPACING = 0.020
"""Seconds between two calls: closer ones give dropped connections and false 401s (systems.md 7.1)."""


class Spaced:
    """A limiter that keeps calls apart, and closed windows closed. Safe for the threads of one process."""

    def __init__(
        self,
        seconds: float = SPACING,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._next = float("-inf")

    def acquire(self, lane: str) -> None:
        wait = self._next - self._clock()
        self._next = max(self._next, self._clock()) + self._seconds
        if wait > 0:
            self._sleep(wait)

    def answered(self, permit: object) -> None:
        """Nothing: calls are kept apart from when they leave."""

    def closed(self, seconds: float) -> None:
        self._next = max(self._next, self._clock() + seconds)


class Channel:
    """Sends to one webCRM installation: with the access token, and once more after a 401.

    A 401 may be false, or the token may have been revoked before its time: we sign in again, once, and repeat. Nothing was
    carried out under a 401, so that holds for writes too.
    """

    def __init__(self, send: Send, session: Session, base_url: str) -> None:
        self._send = send
        self._session = session
        self._base_url = base_url.rstrip("/")

    def get(self, path: str, **params: object) -> Answer:
        given = tuple((name, str(value)) for name, value in params.items() if value is not None)
        return self._ask(
            Call("GET", self._base_url + path, True, given, {"Accept": "application/json"}, None, self._session.headers)
        )

    def write(self, method: str, path: str, body: object = None) -> Answer:
        content = None if body is None else wire.encode(body)
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        return self._ask(Call(method, self._base_url + path, False, (), headers, content, self._session.headers))

    def _ask(self, call: Call) -> Answer:
        answer = self._send(call)
        if answer.status == 401:
            self._session.sign_in()
            answer = self._send(call)
        if answer.status in (401, 403):
            raise Unauthorised(
                "webCRM does not let us {call} (status {status}).",
                repair="Check the access rights of the application token, and that the installation is PLUS or ENTERPRISE.",
                lacks="login" if answer.status == 401 else "right",
                call=call,
                status=answer.status,
            )
        return answer

    def pages(self, path: str, id_field: str | None = None, size: int = PAGE, **params: object) -> Iterator[list[Raw]]:
        """Yield the pages of a list. The end is an empty page, or one shorter than *size*."""
        number = 1
        while True:
            found = wire.many(self.get(path, **params, Page=number, Size=size), id_field)
            if found:
                yield found
            if len(found) < size:
                return
            number += 1


class Register:
    """One register: `GET {path}`, `GET {path}/{id}`, POST, PUT, PATCH. `prefix` begins all its field names."""

    def __init__(self, channel: Channel, path: str, prefix: str) -> None:
        self.channel = channel
        self.path = path
        self.id_field = f"{prefix}Id"

    def all(self, size: int = PAGE) -> Iterator[list[Raw]]:
        """Yield all records, page by page."""
        return self.channel.pages(self.path, self.id_field, size)

    def get(self, id: int | str) -> Raw | None:
        """Return one record; None when webCRM does not have it."""
        return wire.one(self.channel.get(f"{self.path}/{id}"), self.id_field)

    def create(self, record: Mapping[str, Any]) -> int:
        """Make a record and return its id. Raises Rejected, and OutcomeUnknown when no usable answer came."""
        return wire.new_id(self.channel.write("POST", self.path, {self.id_field: 0, **record}))

    def replace(self, id: int | str, record: Mapping[str, Any]) -> None:
        """Replace a whole record: a field that is left out is emptied. Raises Rejected and OutcomeUnknown."""
        wire.refuse(self.channel.write("PUT", f"{self.path}/{id}", {**record, self.id_field: int(id)}))

    def upsert(self, records: Sequence[Mapping[str, Any]]) -> list[int | str]:
        """Make the records without an id and replace the others, many at once.

        Returns, in order, the new id, "" for one replaced, or webCRM's text of what is wrong with it.
        """
        body = [{self.id_field: 0, **record} for record in records]
        return wire.bulk(self.channel.write("PATCH", self.path, body), len(body))


def find_by_dates(register: Register, which: str, since: datetime, until: datetime, size: int = PAGE) -> Iterator[list[Raw]]:
    """Yield the records whose create or update date is at or after *since* and before *until* (aware), page by page."""
    path = f"{register.path}/FindBy{which}Dates/{wire.instant(since)}/{wire.instant(until)}"
    return register.channel.pages(path, register.id_field, size)


def ahead() -> datetime:
    """Return the end of a window that is meant to have none: the service wants an end, and its clock may differ from ours."""
    return datetime.now(UTC) + timedelta(days=2)
