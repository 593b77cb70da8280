"""The registers of the contract: pages, one record, making, replacing, many at once, and the export result of an assignment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from brygga.clients.http import Answer, Call, Send
from brygga.clients.mobigo import wire
from brygga.clients.mobigo.auth import Session
from brygga.clients.mobigo.wire import Raw
from brygga.errors import Rejected, Unauthorised

PAGE = 100
"""Records of one page, and of one batch: the most that the contract takes."""


class Channel:
    """Sends to one installation with the access token, and once more with a new one after a 401: nothing was carried out then."""

    def __init__(self, send: Send, session: Session, base_url: str) -> None:
        self._send = send
        self._session = session
        self._base_url = base_url.rstrip("/") + "/v1/Core/"

    def get(self, path: str, params: Mapping[str, object] | None = None) -> Answer:
        given = tuple((name, str(value)) for name, value in (params or {}).items() if value is not None)
        return self._ask(
            Call("GET", self._base_url + path, True, given, {"Accept": "application/json"}, None, self._session.headers)
        )

    def write(self, method: str, path: str, body: object, *, repeatable: bool = False) -> Answer:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        call = Call(method, self._base_url + path, repeatable, (), headers, wire.encode(body), self._session.headers)
        return self._ask(call)

    def _ask(self, call: Call) -> Answer:
        answer = self._send(call)
        if answer.status == 401:
            self._session.sign_in()
            answer = self._send(call)
        if answer.status in (401, 403):
            raise Unauthorised(
                "Mobigo does not let us {call} (status {status}).",
                repair="Give the application the right to it where Mobigo's adapter is set up.",
                lacks="login" if answer.status == 401 else "right",
                call=call,
                status=answer.status,
            )
        return answer


class Register:
    """One register, named as in the contract; `id_field` addresses its records."""

    def __init__(self, channel: Channel, name: str, id_field: str = "id") -> None:
        self.channel = channel
        self.name = name
        self.id_field = id_field

    def records(self, updated_after: datetime | None = None, **filters: object) -> Iterator[Raw]:
        """Yield the records that pass the filters, a request for each page of 100; those updated at or after a time (aware).

        Pages go by id, so what is made meanwhile comes last. Raises Unavailable, Unauthorised, BadData, Rejected.
        """
        params: dict[str, object] = {f"filter.{name}": _shown(value) for name, value in filters.items()}
        if updated_after is not None:
            params["filter.updatedAfter"] = wire.instant(updated_after)
        yield from self._pages(params)

    def _pages(self, params: Mapping[str, object]) -> Iterator[Raw]:
        number, pages = 1, 1
        while number <= pages:
            items, pages = wire.page(self.channel.get(self.name, {**params, "page": number, "pageSize": PAGE}), self.id_field)
            yield from items
            number += 1

    def get(self, id: str) -> Raw | None:
        """Return one record; None when Mobigo does not have it."""
        return wire.one(self.channel.get(f"{self.name}/{quote(id, safe='')}"), self.id_field)

    def create(self, records: Sequence[Mapping[str, Any]]) -> list[Raw | Rejected]:
        """Make up to 100 records, one result each, in order. Raises OutcomeUnknown when no usable answer came."""
        return wire.batch(self.channel.write("POST", f"{self.name}/Batch", list(records)), len(records))

    def replace(self, id: str, record: Mapping[str, Any]) -> Raw:
        """Replace a whole record: a field that is left out is emptied, so it is read first and sent back with its version.

        Raises Stale when somebody changed it meanwhile, Rejected, OutcomeUnknown.
        """
        return _made(self.channel.write("PUT", f"{self.name}/{quote(id, safe='')}", record), self.id_field)


class Assignments(Register):
    """Assignments, named by their numbers. People make and change them in the program; we only note what they became."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel, "Assignments", "number")

    def marked(self) -> Iterator[Raw]:
        """Yield the assignments that are marked for export, with their rows."""
        return self._pages({"filter.marked": "true", "include": "rows"})

    def changed_after_export(self, since: datetime | None = None) -> Iterator[Raw]:
        """Yield the assignments that were changed after they had been exported, with their rows; *since* (aware): updated from then on."""
        updated = {} if since is None else {"filter.updatedAfter": wire.instant(since)}
        return self._pages({"filter.changedAfterExport": "true", **updated, "include": "rows"})

    def export_result(self, number: str, kind: str, document: str, *, archived: bool, message: str = "") -> Raw:
        """Note which document ("order" or "invoice", its number) an assignment became. Saying it again changes nothing.

        Raises Rejected with code `exported` when it became another document already, NotFound.
        """
        body = {"documentType": kind, "documentNumber": document, "archived": archived, "message": message or None}
        path = f"{self.name}/{quote(number, safe='')}/ExportResult"
        return _made(self.channel.write("PUT", path, body, repeatable=True), self.id_field)


def _made(answer: Answer, id_field: str) -> Raw:
    """Return the record that a write answers. Raises NotFound for one that is gone, and what `refuse` raises."""
    wire.refuse(answer)
    found = wire.one(answer, id_field)
    assert found is not None, "refuse() raises for 404"
    return found


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
