"""The contract's wire format without I/O: bodies to values and back, refusals to errors.

The contract is ours (brygga-opter-1): Opter's write side is not public (systems.md 6.1). An object stays a dict with the
contract's own names; decimal numbers are Decimal.
"""

from __future__ import annotations

from datetime import UTC, datetime
from json import loads
from typing import TYPE_CHECKING, Any

from brygga.clients import exact_json
from brygga.errors import NotFound, Rejected, SettingsError, Stale

if TYPE_CHECKING:
    from brygga.clients.http import Answer

Raw = dict[str, Any]

LONGEST_TEXT_IN_ERROR = 300


def encode(body: object) -> bytes:
    """Return the body as JSON in UTF-8. Decimals are written as numbers, digit for digit."""
    return exact_json.encode(body).encode()


def instant(value: datetime) -> str:
    """Write a time: UTC with a Z."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def one(answer: Answer, id_field: str) -> Raw | None:
    """Return the object of an answer; None when Opter does not have it. Raises BadData, Rejected."""
    if answer.status == 404:
        return None
    refuse(answer)
    body = answer.json()
    if not isinstance(body, dict) or body.get(id_field) in (None, ""):
        raise answer.unreadable(f"is not an object with {id_field}")
    return body


def made(answer: Answer, id_field: str) -> Raw:
    """Return the object that a write answers. Raises NotFound for one that is gone, and what `refuse` raises."""
    refuse(answer)
    found = one(answer, id_field)
    assert found is not None, "refuse() raises for 404"
    return found


def many(answer: Answer, id_field: str) -> list[Raw]:
    """Return the objects of a list, which comes whole. Raises BadData when it is none."""
    refuse(answer)
    body = answer.json()
    if not isinstance(body, list) or not all(isinstance(item, dict) and item.get(id_field) not in (None, "") for item in body):
        raise answer.unreadable(f"is not a list of objects with {id_field}")
    return body


def refuse(answer: Answer) -> None:
    """Raise what a status of 400 to 499 means: NotFound, SettingsError for a currency, Stale, or Rejected with Opter's text."""
    if answer.ok:
        return
    try:
        body = loads(answer.body)
    except ValueError:
        body = None
    told = body.get("error") if isinstance(body, dict) else None
    error: Raw = told if isinstance(told, dict) else {}
    code = str(error.get("code") or answer.status)
    call = str(answer.call)
    if answer.status == 404:
        raise NotFound("Opter has no such record ({call}).", call=call, code=code)
    if code == "currency":
        raise SettingsError(
            "Opter's default currency is not Swedish kronor, and it reads no payments.",
            repair="Set SEK as default currency in Opter, or leave the import of payments off.",
            rule="OPT-06",
            call=call,
        )
    if code == "saved":
        raise Stale("The import was saved in Opter already. Nothing was saved again.", call=call)
    text = str(error.get("message") or f"status {answer.status} without an explanation.")
    fields = error.get("fields")
    details = (
        [f"{one.get('field')}: {one.get('message')}" for one in fields if isinstance(one, dict)] if isinstance(fields, list) else []
    )
    raise Rejected(
        "Opter refused {call}: {text}",
        repair="Correct the record, or what the settings say of it, and try again.",
        code=code,
        call=call,
        text=" ".join([text, *details])[:LONGEST_TEXT_IN_ERROR],
    )
