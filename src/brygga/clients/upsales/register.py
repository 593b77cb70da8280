"""What all of Upsales' registers have in common: lists by id, changed since, reading one, making, changing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from brygga.clients.http import Answer, Call, Send
from brygga.clients.upsales import wire
from brygga.clients.upsales.wire import LIMIT, Raw
from brygga.errors import SettingsError

MANY = 200
"""Values in one filter: so many ids fit into an address."""

_HEADERS: Mapping[str, str] = {"Accept": "application/json", "Content-Type": "application/json"}


class Channel:
    """Sends to one account. The key goes along in the query, as the service wants it; it is asked for at each call."""

    def __init__(self, send: Send, base_url: str, token: Callable[[], str]) -> None:
        self._send = send
        self._base = f"{base_url.rstrip('/')}/api/v2"
        self._token = token

    def get(self, path: str, params: tuple[tuple[str, str], ...] = ()) -> Answer:
        return self._send(Call("GET", self._base + path, True, (("token", self._token()), *params), _HEADERS))

    def write(self, method: str, path: str, body: object, params: tuple[tuple[str, str], ...] = ()) -> Answer:
        content = wire.encode(body)
        return self._send(Call(method, self._base + path, False, (("token", self._token()), *params), _HEADERS, content))


class Register:
    """One register: `GET {path}`, `GET {path}/{id}`, POST, PUT. `always` goes along with each call."""

    def __init__(self, channel: Channel, path: str, always: tuple[tuple[str, str], ...] = ()) -> None:
        self._channel = channel
        self.path = path
        self._always = always

    def pages(self, **filters: str) -> Iterator[list[Raw]]:
        """Yield the pages of a list, up to 2,000 records each, by growing id: what changes meanwhile cannot hide another.

        filters  `field=op:value`; a dot in a name is written as two underscores (`client__id`)
        """
        given = tuple((name.replace("__", "."), value) for name, value in filters.items())
        last: int | None = None
        while True:
            after = () if last is None else (("id", f"gt:{last}"),)
            wanted = (*self._always, ("sort", "id"), ("limit", str(LIMIT)), *given, *after)
            found = wire.many(self._channel.get(self.path, wanted))
            if found:
                yield found
            if len(found) < LIMIT:
                return
            last = found[-1]["id"]

    def all(self, **filters: str) -> Iterator[Raw]:
        """Yield every record that the filters take."""
        for page in self.pages(**filters):
            yield from page

    def changed(self, since: datetime, **filters: str) -> Iterator[Raw]:
        """Yield the records modified at or after *since* (aware)."""
        return self.all(modDate=f"gte:{wire.instant(since)}", **filters)

    def some(self, ids: Collection[object], field: str = "id", **filters: str) -> Iterator[Raw]:
        """Yield the records whose *field* is any of *ids*, with as few requests as fit."""
        wanted = sorted({str(id) for id in ids})
        for start in range(0, len(wanted), MANY):
            yield from self.all(**{field: wire.any_of(wanted[start : start + MANY])}, **filters)

    def get(self, id: int | str) -> Raw | None:
        """Return one record; None when Upsales does not have it.

        A page instead of an error says nothing of the record, so it is looked for in the list, which must answer.
        """
        answer = self._channel.get(f"{self.path}/{id}", self._always)
        if answer.status != 404:
            return wire.one(answer)
        if isinstance(wire.refusal(answer), SettingsError):
            return next(self.some([id]), None)
        return None

    def create(self, record: Mapping[str, Any]) -> Raw:
        """Make a record and return it. Raises Rejected; OutcomeUnknown when no usable answer came."""
        return wire.one(self._channel.write("POST", self.path, record, self._always))

    def update(self, id: int | str, changes: Mapping[str, Any]) -> Raw:
        """Change the given fields and return the record. Lists in a body (rows, custom, addresses, prices) replace the old ones."""
        return wire.one(self._channel.write("PUT", f"{self.path}/{id}", changes, self._always))
