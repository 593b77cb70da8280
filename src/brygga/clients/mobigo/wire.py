"""The contract's wire format without I/O: bodies to values and back, refusals to errors.

The contract is ours (brygga-mobigo-1, systems.md 3.4 and 10): Mobigo has no public API. An object stays a dict with the
contract's own names; decimal numbers are Decimal.
"""

from __future__ import annotations

from datetime import UTC, datetime
from json import loads
from typing import TYPE_CHECKING, Any

from brygga.clients import exact_json
from brygga.errors import NotFound, Rejected, Stale

if TYPE_CHECKING:
    from brygga.clients.http import Answer

Raw = dict[str, Any]

LONGEST_TEXT_IN_ERROR = 300
_ENVELOPE = ("page", "totalPages", "totalItemCount")


def encode(body: object) -> bytes:
    """Return the body as JSON in UTF-8. Decimals are written as numbers, digit for digit."""
    return exact_json.encode(body).encode()


def instant(value: datetime) -> str:
    """Write a date-time for a filter: UTC with a Z."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def one(answer: Answer, id_field: str) -> Raw | None:
    """Return the object of an answer; None when Mobigo does not have it. Raises BadData, Rejected."""
    if answer.status == 404:
        return None
    refuse(answer)
    body = answer.json()
    if not isinstance(body, dict) or body.get(id_field) in (None, ""):
        raise answer.unreadable(f"is not an object with {id_field}")
    return body


def page(answer: Answer, id_field: str) -> tuple[list[Raw], int]:
    """Return the objects of one page and how many pages there are. Raises BadData when the envelope is another."""
    refuse(answer)
    body = answer.json()
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list) or not all(isinstance(body.get(name), int) for name in _ENVELOPE):
        raise answer.unreadable("is not a page of a list")
    if not all(isinstance(item, dict) and item.get(id_field) not in (None, "") for item in items):
        raise answer.unreadable(f"has objects without {id_field}")
    return items, body["totalPages"]


def batch(answer: Answer, count: int) -> list[Raw | Rejected]:
    """Return the results of many at once, in the order sent: the object that was made, or why it was not.

    Raises OutcomeUnknown when the results are not as many as were sent.
    """
    refuse(answer)
    body = answer.json()
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list) or len(items) != count or not all(isinstance(item, dict) for item in items):
        raise answer.unreadable(f"is not a list of {count} results")
    return [_result(item, answer) for item in items]


def _result(item: Raw, answer: Answer) -> Raw | Rejected:
    made = item.get("item")
    if isinstance(made, dict) and made.get("id") is not None:
        return made
    error = item.get("error")
    status = item.get("status")
    if not isinstance(error, dict) or not isinstance(status, int):
        raise answer.unreadable("has a result that is neither a record nor an error")
    return _rejected(error, status, str(answer.call))


def refuse(answer: Answer) -> None:
    """Raise what a status of 400 to 499 means: NotFound, Stale (somebody changed the record first), or Rejected with Mobigo's text."""
    if answer.ok:
        return
    try:
        body = loads(answer.body)
    except ValueError:
        body = None
    error = body if isinstance(body, dict) else {}
    if answer.status == 404:
        raise NotFound("Mobigo has no such record ({call}).", call=answer.call, code="404")
    if answer.status == 409 and error.get("code") == "version":
        raise Stale("The record was changed in Mobigo meanwhile. Nothing was written.", call=answer.call)
    raise _rejected(error, answer.status, str(answer.call))


def _rejected(error: Raw, status: int, call: str) -> Rejected:
    text = str(error.get("message") or f"status {status} without an explanation.")
    fields = error.get("fields")
    details = (
        [f"{one.get('field')}: {one.get('message')}" for one in fields if isinstance(one, dict)] if isinstance(fields, list) else []
    )
    return Rejected(
        "Mobigo refused {call}: {text}",
        repair="Correct the record, or what the settings say of it, and try again.",
        code=str(error.get("code") or status),
        call=call,
        text=" ".join([text, *details])[:LONGEST_TEXT_IN_ERROR],
    )
