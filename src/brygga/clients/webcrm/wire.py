"""webCRM's wire format without I/O: bodies to values and back, with the quirks of the live service.

Sources: systems.md 7.1 (definition of 2020, client code of 2018 to 2020, recorded objects). An object stays a dict with
webCRM's own names; decimal numbers are Decimal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from json import loads
from typing import TYPE_CHECKING, Any, Final

from brygga.clients import exact_json
from brygga.errors import NotFound, Rejected

if TYPE_CHECKING:
    from brygga.clients.http import Answer

Raw = dict[str, Any]

EMPTY_DATE: Final = "0001-01-01T00:00:00+00:00"
"""How webCRM writes "no date"; it also sends it as 01:00+01:00, in the local time of the installation."""

EMPTY_DATA: Final = "-"
"""The Data fields of a row and of linked data may not be empty: this is sent instead."""

LONGEST_TEXT_IN_ERROR = 300

_SAYING = ("message", "errordescription", "error", "title", "detail")
_PLACEHOLDER = re.compile(r"--.*--")
_CODED = re.compile(r"(?P<code>[^\s:]{1,10}):\s+(?P<text>.*)", re.DOTALL)
_FRACTION = re.compile(r"(\.\d{6})\d+")


# Values -----------------------------------------------------------------------------------------------------------------


def moment(value: object) -> datetime | None:
    """Read a date-time; None for webCRM's empty date, an empty text and null. Aware; a time without offset is UTC.

    Raises ValueError when it is something else.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError(f"not a date: {type(value).__name__}")
    read = datetime.fromisoformat(_FRACTION.sub(r"\1", value))
    if read.year == 1:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def day(value: object) -> date | None:
    """Read the calendar day of a date-time as the installation shows it: in the offset it was sent with."""
    read = moment(value)
    return read.date() if read else None


def instant(value: datetime) -> str:
    """Write a date-time for a path or a query: UTC with a Z, so that no plus sign needs escaping."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def written_date(value: date | None) -> str:
    """Write a day as webCRM takes it; None is its empty date."""
    return EMPTY_DATE if value is None else f"{value.isoformat()}T00:00:00"


def chosen(value: object) -> str:
    """Return what a dropdown holds, "" for null and for the localised placeholder of an unset one (`-- vælg --`)."""
    if not isinstance(value, str):
        return ""
    text = value.strip()
    return "" if _PLACEHOLDER.fullmatch(text) else text


def code_of(value: str) -> str:
    """Return the code of a coded dropdown value: "07" of "07: 7 dage"; a value without a code is its own."""
    found = _CODED.fullmatch(value.strip())
    return found["code"] if found else value.strip()


def text_of(value: str) -> str:
    """Return the text of a coded dropdown value: "7 dage" of "07: 7 dage"; a value without a code is its own."""
    found = _CODED.fullmatch(value.strip())
    return found["text"].strip() if found else value.strip()


def checked(value: object) -> bool:
    """Read a check box, which is the text "Yes" or "No"; real booleans and empty ones are borne."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "yes")


def check_mark(value: bool) -> str:
    """Write a check box."""
    return "Yes" if value else "No"


def data(value: object) -> str:
    """Read a Data field; the "-" that stands for empty is "" again."""
    text = value.strip() if isinstance(value, str) else ""
    return "" if text == EMPTY_DATA else text


def data_sent(value: str) -> str:
    """Write a Data field: never empty."""
    return value if value.strip() else EMPTY_DATA


# Bodies -----------------------------------------------------------------------------------------------------------------


def encode(body: object) -> bytes:
    """Return the body as JSON in UTF-8. Decimals are written as numbers, digit for digit."""
    return exact_json.encode(body).encode()


def one(answer: Answer, id_field: str) -> Raw | None:
    """Return the object of an answer; None when webCRM does not have it (404, `null`, or an object whose id is 0).

    Raises BadData when the body is something else.
    """
    if answer.status == 404:
        return None
    refuse(answer)
    body = answer.json() if answer.body.strip() else None
    if body is None:
        return None
    if not isinstance(body, dict) or not isinstance(body.get(id_field), int):
        raise answer.unreadable(f"is not an object with {id_field}")
    return body if body[id_field] else None


def many(answer: Answer, id_field: str | None = None) -> list[Raw]:
    """Return the objects of a list answer, which is a bare array. Raises BadData when it is not one."""
    refuse(answer)
    body = answer.json()
    if not isinstance(body, list) or not all(isinstance(item, dict) for item in body):
        raise answer.unreadable("is not a list of objects")
    if id_field and not all(isinstance(item.get(id_field), int) for item in body):
        raise answer.unreadable(f"has objects without {id_field}")
    return body


def new_id(answer: Answer) -> int:
    """Return the id of a new object: POST answers it as a bare integer, sometimes as a text of digits.

    Raises OutcomeUnknown when a success does not name it: the object was made and must be looked up.
    """
    refuse(answer)
    body = answer.json()
    if isinstance(body, str) and body.strip().isdecimal():
        body = int(body)
    if not isinstance(body, int) or isinstance(body, bool) or body <= 0:
        raise answer.unreadable("does not name the new record")
    return body


def bulk(answer: Answer, count: int) -> list[int | str]:
    """Return the results of a bulk upsert in the order sent: a new id, "" for an update, or webCRM's text of what is wrong.

    Raises OutcomeUnknown when the results are not as many as were sent.
    """
    refuse(answer)
    body = answer.json()
    if not isinstance(body, list) or len(body) != count:
        raise answer.unreadable(f"is not a list of {count} results")
    return [int(item) if str(item).strip().isdecimal() else str(item or "") for item in body]


def refuse(answer: Answer) -> None:
    """Raise what a status of 400 to 499 means (401 is the client's business): NotFound or Rejected with webCRM's own text."""
    if answer.ok:
        return
    kind = NotFound if answer.status == 404 else Rejected
    raise kind(
        "webCRM refused {call}: {text}",
        repair="Correct the record, or what the settings say of it, and try again.",
        code=str(answer.status),
        call=answer.call,
        text=said(answer),
    )


def said(answer: Answer) -> str:
    """Return what webCRM says in an error body, whose form is not documented: a text, a message in an object, or texts by field.

    A page of HTML is not repeated to people.
    """
    try:
        body = loads(answer.body)
    except ValueError:
        body = answer.body.decode(errors="replace").strip()
    if isinstance(body, dict):
        names = {name.lower(): value for name, value in body.items()}
        body = next((names[name] for name in _SAYING if isinstance(names.get(name), str) and names[name].strip()), body)
    text = " ".join(" ".join(_texts(body)).split())
    if not text or text.startswith("<"):
        return f"status {answer.status} without an explanation."
    return text[:LONGEST_TEXT_IN_ERROR]


def _texts(value: object) -> Iterator[str]:
    """Yield the texts in a body, with the names of the fields that they are about."""
    if isinstance(value, str) and value.strip():
        yield value
    elif isinstance(value, str):
        return
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            found = list(_texts(inner))
            if found:
                yield f"{name}: {' '.join(found)}"
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _texts(inner)


def retry_after_seconds(answer: Answer) -> float | None:
    """Return how long webCRM asks us to wait: `RetryAfterSeconds` in the JSON body of a 429; None when it does not say."""
    try:
        body = loads(answer.body)
    except ValueError:
        return None
    value = body.get("RetryAfterSeconds") if isinstance(body, dict) else None
    try:
        return max(0.0, float(value)) if value is not None else None
    except (TypeError, ValueError):
        return None
