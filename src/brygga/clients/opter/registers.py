"""Customers, invoices and settlements: what changed since, one of them, its PDF, and what became of it in the bookkeeping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from json import loads
from typing import Any
from urllib.parse import quote

from brygga.clients.http import Answer, Call, Send
from brygga.clients.opter import wire
from brygga.clients.opter.wire import Raw
from brygga.errors import SettingsError, Unauthorised

FIRST = datetime(2000, 1, 1, tzinfo=UTC)
"""Reading from the beginning starts here."""
LONGEST_RANGE = timedelta(days=365 * 19)
"""The contract answers no range above 20 years."""


class Channel:
    """Sends to one installation with its key."""

    def __init__(self, send: Send, base_url: str, key: Callable[[], str]) -> None:
        self._send = send
        self._base_url = base_url.rstrip("/") + "/api/"
        self._key = key

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        given = tuple((params or {}).items())
        return self._ask(Call("GET", self._base_url + path, True, given, {"Accept": "application/json"}, None, self._headers))

    def write(self, method: str, path: str, body: object = None, *, repeatable: bool = False) -> Answer:
        headers = {"Accept": "application/json"} | ({} if body is None else {"Content-Type": "application/json"})
        content = None if body is None else wire.encode(body)
        return self._ask(Call(method, self._base_url + path, repeatable, (), headers, content, self._headers))

    def _headers(self) -> Mapping[str, str]:
        return {"x-api-key": self._key()}

    def _ask(self, call: Call) -> Answer:
        answer = self._send(call)
        if answer.status == 401:
            raise Unauthorised(
                "Opter does not accept the API key.",
                repair="Make a key under Settings, API access in Opter, and enter it here.",
                call=call,
            )
        if answer.status == 403:
            raise Unauthorised(
                "The API key may not {call}: {text}",
                repair="Give the key that access under Settings, API access in Opter.",
                lacks="right",
                call=call,
                text=_text(answer),
            )
        if answer.status == 404 and not _is_ours(answer):
            raise SettingsError(
                "There is no adapter of Opter at the address: {call} is not known there.", repair="Correct base_url.", call=call
            )
        return answer


class Register:
    """One register, named as in the contract; `id_field` addresses its records."""

    def __init__(self, channel: Channel, name: str, id_field: str) -> None:
        self.channel = channel
        self.name = name
        self.id_field = id_field

    def changed(self, since: datetime | None) -> list[Raw]:
        """Return what was changed at or after *since* (aware), all where it is None: one request for 19 years, no pages.

        Raises Unavailable, Unauthorised, BadData, Rejected.
        """
        begin, end = since or FIRST, datetime.now(UTC) + timedelta(days=1)
        found: dict[str, Raw] = {}
        while begin < end:
            until = min(begin + LONGEST_RANGE, end)
            params = {"dateType": "changedAt", "dateFrom": wire.instant(begin), "dateTo": wire.instant(until)}
            # One that changes between two ranges is in both; the later reading holds.
            found |= {str(raw[self.id_field]): raw for raw in wire.many(self.channel.get(self.name, params), self.id_field)}
            begin = until
        return list(found.values())

    def get(self, id: str) -> Raw | None:
        """Return one record; None when Opter does not have it."""
        return wire.one(self.channel.get(f"{self.name}/{quote(id, safe='')}"), self.id_field)

    def pdf(self, id: str) -> bytes | None:
        """Return the printed document; None where Opter has none."""
        answer = self.channel.get(f"{self.name}/{quote(id, safe='')}/Pdf")
        if answer.status == 404:
            return None
        wire.refuse(answer)
        if not answer.body.startswith(b"%PDF"):
            raise answer.unreadable("is not a PDF")
        return answer.body

    def exported(self, id: str, document_number: str, exported_at: datetime, *, booked: bool, message: str = "") -> Raw:
        """Note which document a record became in the bookkeeping. Saying it again changes nothing.

        Raises Rejected with code `exported` when it became another one already, with `open` before its period is closed.
        """
        body: dict[str, Any] = {
            "documentNumber": document_number,
            "exportedAt": wire.instant(exported_at),
            "booked": booked,
            "message": message,
        }
        path = f"{self.name}/{quote(id, safe='')}/ExportResult"
        return wire.made(self.channel.write("PUT", path, body, repeatable=True), self.id_field)


def _error(answer: Answer) -> Mapping[str, Any]:
    try:
        body = loads(answer.body)
    except ValueError:
        return {}
    found = body.get("error") if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {}


def _text(answer: Answer) -> str:
    return str(_error(answer).get("message") or f"status {answer.status}")


def _is_ours(answer: Answer) -> bool:
    return bool(_error(answer).get("code"))
