"""Upsales' wire format without I/O: envelope, errors, filters, custom values, times.

Sources: the public API collection (api-collection.postman.json: Errors, Pagination, Filtering), endpoints-with-fields.json, systems.md
4.1. An object stays a dict with Upsales' own names; decimal numbers are Decimal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from brygga.clients import exact_json
from brygga.errors import BryggaError, NotFound, Rejected, SettingsError, Unauthorised

if TYPE_CHECKING:
    from brygga.clients.http import Answer

Raw = dict[str, Any]

LIMIT: Final = 2000
"""Records of one page, the most that the service gives (Pagination)."""

_LONGEST_TEXT = 300
_SWEDEN = ZoneInfo("Europe/Stockholm")


# Values -------------------------------------------------------------------------------------------------------------------


def instant(moment: datetime) -> str:
    """Write a time for a filter: UTC with milliseconds and a Z, so that no plus sign needs escaping."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def day(value: object) -> date | None:
    """Read a day that is a plain date or a time; None for none. Raises ValueError for something else.

    A time stands for the day that it has in Sweden: whether midnight is written in UTC or in Swedish time, that is the day meant.
    """
    if value in (None, ""):
        return None
    if not isinstance(value, str):
        raise ValueError(f"not a date: {type(value).__name__}")
    if len(value) == 10:
        return date.fromisoformat(value)
    read = datetime.fromisoformat(value)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(_SWEDEN).date()


def number(value: object) -> Decimal | None:
    """Read a number, also one that is written as a text, as custom values are; None for null and for what is none."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        return None
    try:
        read = Decimal(value)
    except InvalidOperation:
        return None
    return read if read.is_finite() else None


def nested(record: Mapping[str, Any], name: str) -> Raw:
    """Return a nested object; empty for null."""
    found = record.get(name)
    return found if isinstance(found, dict) else {}


def nested_id(record: Mapping[str, Any], name: str) -> str:
    """Return the id of a nested object as text, "" for none."""
    found = nested(record, name).get("id")
    return "" if found is None else str(found)


# Custom values --------------------------------------------------------------------------------------------------------------


def custom_values(record: Mapping[str, Any]) -> dict[int, Any]:
    """Return the custom values of a record as fieldId -> value; unset ones are left out."""
    found: dict[int, Any] = {}
    for one in record.get("custom") or ():
        if isinstance(one, dict) and isinstance(one.get("fieldId"), int) and one.get("value") not in (None, ""):
            found[one["fieldId"]] = one["value"]
    return found


def custom_list(values: Mapping[int, Any]) -> list[Raw]:
    """Write custom values, all that a record shall have: whether a PUT keeps those that it leaves out is not documented."""
    return [{"fieldId": id, "value": "" if value is None else value} for id, value in values.items()]


def truth(value: object) -> bool:
    """Read a Boolean custom value, which comes as 1, "1", true or "true"."""
    return value is True or (not isinstance(value, bool) and str(value).lower() in ("1", "true"))


# Filters ---------------------------------------------------------------------------------------------------------------------


def any_of(values: Iterable[object]) -> str:
    """Write a filter that takes any of these values."""
    return "eq:" + ",".join(str(value) for value in values)


def custom_filter(field: int, values: Iterable[str]) -> str:
    """Write a filter on a custom field that takes any of these values."""
    return f"eq:{field}:" + ",".join(values)


# Bodies ----------------------------------------------------------------------------------------------------------------------


def encode(body: object) -> bytes:
    """Return the body as JSON in UTF-8. Decimals are written as numbers, digit for digit."""
    return exact_json.encode(body).encode()


def data(answer: Answer) -> Any:
    """Return what an answer carries. Raises Unauthorised (401), NotFound, Rejected; BadData where there is no envelope.

    A write that was answered with success but cannot be read raises OutcomeUnknown.
    """
    if not answer.ok:
        raise refusal(answer)
    body = answer.json()
    if not isinstance(body, dict) or "data" not in body:
        raise answer.unreadable("has no data")
    if body.get("error") or body.get("errors"):
        raise refusal(answer)
    return body["data"]


def one(answer: Answer) -> Raw:
    """Return the single record of an answer."""
    found = data(answer)
    if not isinstance(found, dict) or not isinstance(found.get("id"), int):
        raise answer.unreadable("holds no record with an id")
    return found


def many(answer: Answer) -> list[Raw]:
    """Return the records of a list."""
    found = data(answer)
    if not isinstance(found, list) or not all(isinstance(item, dict) and isinstance(item.get("id"), int) for item in found):
        raise answer.unreadable("holds no list of records")
    return found


def refusal(answer: Answer) -> BryggaError:
    """Return the error of an answer that is a refusal: its key, number and text where it has them."""
    call, found = str(answer.call), _error_of(answer)
    if answer.status in (401, 403):
        return Unauthorised(
            "Upsales does not accept the API key (status {status} at {call}).",
            repair="Make a key under Settings > Integrations > API keys in Upsales, as an administrator, and paste it again.",
            call=call,
            status=answer.status,
        )
    if answer.status == 404 and found:
        return NotFound("Upsales has nothing at {call}: {text}", call=call, text=_text(found), code=_code(found))
    if answer.status == 404:
        return SettingsError("Upsales has no page {call}.", repair="Check the address (base_url).", call=call)
    return Rejected(
        "Upsales refused {call}: {text} (status {status}).",
        repair="Correct the record, and try again.",
        call=call,
        text=_text(found) or "no reason was given",
        status=answer.status,
        code=_code(found),
    )


def _error_of(answer: Answer) -> Raw:
    try:
        body = json.loads(answer.body)
    except ValueError:
        return {}  # a page, or nothing: the status alone says what is wrong
    found = body.get("error") or body.get("errors") if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {"msg": str(found)} if found else {}


def _text(found: Raw) -> str:
    text = found.get("msg") or found.get("key") or ""
    return (text if isinstance(text, str) else json.dumps(text, ensure_ascii=False))[:_LONGEST_TEXT]


def _code(found: Raw) -> str:
    return str(found.get("errorCode") or found.get("key") or "")


def seconds_to_reset(answer: Answer) -> float | None:
    """Return how long to wait after a 429: X-RateLimit-Reset in seconds, of which values at or below 0 are seen."""
    try:
        return max(1.0, float(answer.headers.get("x-ratelimit-reset", "")))
    except ValueError:
        return None
