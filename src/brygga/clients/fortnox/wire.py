"""Fortnox' way of writing things, without any input or output: envelope, paging, error body, amounts, dates.

Sections named here are those of the Fortnox API notes that the project keeps beside its definitions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from brygga.clients import exact_json
from brygga.clients.http import Answer
from brygga.errors import BadData, BryggaError, NotFound, OutcomeUnknown, Rejected, SettingsError, Unauthorised, Unavailable

STOCKHOLM = ZoneInfo("Europe/Stockholm")
PAGE_SIZE = 500
"""The largest page that Fortnox gives (section 6.1)."""

NO_RIGHT = "API_NORIGHT"
"""Stands in place of a value that the user behind the token may not see (section 3.5)."""

Raw = dict[str, Any]
"""One record in the API's own spelling, decimals as Decimal."""


# ---------------------------------------------------------------- out


def encode(value: object) -> bytes:
    """Return JSON with every Decimal as the number it is, never through a float, and dates as 2014-12-01.

    Raises TypeError for a float, since nobody can say which amount was meant.
    """
    return exact_json.encode(value, number).encode()


def number(value: Decimal) -> str:
    """Return a number as Fortnox writes it: 219 and 43.75, no exponent and no trailing zeros (section 5)."""
    if not value.is_finite():
        raise ValueError("an amount must be a finite number")
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def day(value: date) -> str:
    if isinstance(value, datetime):
        raise TypeError("a date is wanted, not a time")
    return value.isoformat()


def minute(moment: datetime) -> str:
    """Return an aware time as `lastmodified` wants it: Swedish wall-clock minutes, at or before the moment (section 6.5).

    The hour before the clock is put back exists twice, and a record changed in its second round carries the same wall time as
    one an hour older. A moment in that hour is moved to the last minute before it: more is read again, nothing is missed.
    """
    if moment.tzinfo is None:
        raise TypeError("a time without a zone cannot be sent to Fortnox")
    local = moment.astimezone(STOCKHOLM)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        local = datetime.combine(local.date(), time(local.hour), STOCKHOLM) - timedelta(minutes=1)
    return local.strftime("%Y-%m-%d %H:%M")


def parameter(name: str, value: object) -> str:
    """Return a query parameter's value as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return minute(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, (str, int)):
        return str(value)
    raise TypeError(f"{name}: {type(value).__name__} cannot be a query parameter")


def segment(value: object) -> str:
    """Return a number or code as one part of a path; `förp` and `A/1` must not become other addresses."""
    text = str(value)
    if text in ("", ".", ".."):
        raise SettingsError("Fortnox needs a number or code here, and “{value}” is none.", value=text)
    return quote(text, safe="")


def multipart(name: str, content: bytes, boundary: str) -> bytes:
    """Return the body of a file upload: one part called `file` (section 9.15)."""
    plain = re.sub(r'[\r\n"\\]', "_", name)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{plain}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{boundary}--\r\n".encode()


# ---------------------------------------------------------------- in


@dataclass(frozen=True)
class Page:
    """One page of a list. `pages` is 0 when nothing was found; lists that are not paged come as one page."""

    rows: list[Raw]
    page: int
    pages: int
    total: int


def single(answer: Answer, *names: str) -> Raw:
    """Return the record inside its envelope, whichever of the names it has; any single one when no name is given.

    The answers of createorder and createinvoice are documented with two different names (section 9.4).
    Raises BadData, or OutcomeUnknown after a write, when there is no such envelope.
    """
    body = answer.json()
    if isinstance(body, dict):
        for name in names or [key for key in body if key != "MetaInformation"][:1]:
            if isinstance(body.get(name), dict):
                found: Raw = body[name]
                return found
    raise answer.unreadable(f"has no envelope {' or '.join(names) or 'of one record'}")


def page(answer: Answer, name: str, asked: int = 1, limit: int | None = None) -> Page:
    """Return one page of a list. Raises BadData when the envelope or a row is not as documented (section 6.1).

    asked, limit  the page and size that were asked for. Another page than that, or a full one that does not say how many there are,
                  would make a list silently too long or too short, and is BadData too.
    """
    body = answer.json()
    rows = body.get(name) if isinstance(body, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise answer.unreadable(f"has no list {name}")
    meta = body.get("MetaInformation")
    if meta is None and (limit is None or len(rows) < limit):
        return Page(rows, 1, 1, len(rows))
    if meta is None:
        raise answer.unreadable("is a full page that does not say how many there are")
    try:
        found = Page(rows, int(meta["@CurrentPage"]), int(meta["@TotalPages"]), int(meta["@TotalResources"]))
    except (KeyError, TypeError, ValueError):
        found = None
    if found is None:
        raise answer.unreadable("has a MetaInformation without its three numbers")
    if limit is not None and found.page != asked:
        raise answer.unreadable(f"is page {found.page} and not {asked}")
    return found


_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def amount(value: object) -> Decimal | None:
    """Return an amount of an answer, which comes as number, as number in a text, as null or as "" (rule 8 of section 12).

    None for null, "" and a value that may not be seen. Raises BadData for anything else.
    """
    if value is None or value in ("", NO_RIGHT):
        return None
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    raise BadData("Fortnox sent “{value}” where an amount belongs.", value=value)


def truth(value: object) -> bool:
    """Return a yes or no of an answer, which comes as boolean or, as `Credit`, as "true" and "false" (section 5)."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise BadData("Fortnox sent “{value}” where true or false belongs.", value=value)


def on_day(value: object) -> date | None:
    """Return a date of an answer; None for null and "". Raises BadData for anything else."""
    if value is None or value == "":
        return None
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # raised below
    raise BadData("Fortnox sent “{value}” where a date belongs.", value=value)


def reference(value: object) -> str | None:
    """Return a reference to another document; None for "0", 0, "" and null, which all mean none (section 5)."""
    return None if value in (None, "", 0, "0") else str(value)


# ---------------------------------------------------------------- errors


@dataclass(frozen=True)
class Complaint:
    """What Fortnox says is wrong: its code (digits, or a word from the newer services), its message, its answer's id."""

    code: str
    message: str
    request_id: str


# Section 3.5, "missing thing": what is missing, and what a person does about it.
_LOGIN = (
    "Fortnox did not accept the login at {call}: “{message}” (code {code}, request {request_id}).",
    "Connect Fortnox again.",
)
_TOKEN = (
    "Fortnox did not accept the access token at {call}: “{message}” (code {code}, request {request_id}).",
    "Connect Fortnox again.",
)
_USER_RIGHT = (
    "The user who connected Fortnox lacks the right to {call}: “{message}” (code {code}, request {request_id}).",
    "Give the user the right in Fortnox, or connect again with a service account.",
)
LICENCES_AND_RIGHTS: Mapping[str, tuple[str, str]] = {
    "2001103": (
        "The company has no integration licence, so Fortnox refused {call}: “{message}” (code {code}, request {request_id}).",
        "Buy the integration licence in Fortnox, give it to the user who connected, and connect again.",
    ),
    "2001101": (
        "The company lacks the Fortnox module behind {call}: “{message}” (code {code}, request {request_id}).",
        "Order the module in Fortnox, or switch off the stream that needs it.",
    ),
    "2000663": (
        "The connection was made without the scope that {call} needs: “{message}” (code {code}, request {request_id}).",
        "Connect Fortnox again and accept all the scopes that are asked for.",
    ),
    "2001393": _USER_RIGHT,
    "2002455": _USER_RIGHT,
    "2003275": _USER_RIGHT,
    "2000310": _LOGIN,
    "2000311": _LOGIN,
    "2004054": _LOGIN,
}
_NO_LICENCE = "2001103"
_NO_SUCH_ROUTE = "2000764"
_SYSTEM_EXCEPTION = "1000003"


def complaint(answer: Answer) -> Complaint | None:
    """Read the error body, or None when there is none to read.

    Keys come in two spellings, Error/Message/Code and error/message/code; the newer services send a message with a word as code,
    under one name or another; old login errors are text with the code in brackets (sections 7.1 and 3.4).
    """
    request_id = answer.headers.get("x-uid", "-")
    try:
        body = json.loads(answer.body)
    except ValueError:
        found = re.search(rb"\((\d{7})\)", answer.body[:500])
        return Complaint(found[1].decode(), "", request_id) if found else None
    if not isinstance(body, dict):
        return None
    inner = body.get("ErrorInformation")
    if isinstance(inner, dict):
        lower = {str(name).lower(): one for name, one in inner.items()}
        return Complaint(str(lower.get("code", "")), str(lower.get("message", "")), request_id)
    lower = {str(name).lower(): one for name, one in body.items()}
    code = next((str(lower[name]) for name in ("error", "errorcode", "code") if lower.get(name)), "")
    if code or "message" in lower:
        return Complaint(code, str(lower.get("message", "")), str(lower.get("id", request_id)))
    return None


def refusal(answer: Answer) -> BryggaError:
    """Return the error for an answer that is not a success, by what happens next.

    401, 403                 Unauthorised, with its own sentence for token, integration licence, module, scope and user right
    404 with a code          NotFound; without a code nobody knows who answered: BadData, and no record is taken for gone
    no such route            SettingsError
    Fortnox' own fault       Unavailable after a read, OutcomeUnknown after a write
    everything else          Rejected, with code, message and request id
    """
    said = complaint(answer)
    code, message = (said.code, said.message) if said else ("", "")
    request_id = said.request_id if said else answer.headers.get("x-uid", "-")
    call = str(answer.call)
    if answer.status == 401 or (answer.status == 403 and said) or code in LICENCES_AND_RIGHTS:
        return _unauthorised(answer, code, message, request_id)
    if said is None:
        return answer.unreadable("is an error that Fortnox does not describe")
    if code == _NO_SUCH_ROUTE and "hitta" not in message:
        # Registers whose own code for a missing record nobody has recorded may say this one too, with "Kan inte hitta …".
        return SettingsError("Fortnox has no address {call}.", repair="Correct base_url.", call=call)
    if code == _SYSTEM_EXCEPTION and answer.call.repeatable:
        return Unavailable(
            "Fortnox failed at {call}: “{message}” (code {code}, request {request_id}).",
            repair="It is tried again later.",
            call=call,
            message=message,
            code=code,
            request_id=request_id,
        )
    if code == _SYSTEM_EXCEPTION:
        return OutcomeUnknown(
            "Fortnox failed at {call}: “{message}” (code {code}, request {request_id}). Perhaps it was carried out.",
            repair="Look before repeating it.",
            call=call,
            message=message,
            code=code,
            request_id=request_id,
        )
    if answer.status == 404 and code:
        return NotFound(
            "Fortnox does not have {call}: “{message}” (code {code}, request {request_id}).",
            call=call,
            message=message,
            code=code,
            request_id=request_id,
        )
    if answer.status == 404:
        return answer.unreadable("is a 404 without Fortnox' code")
    return Rejected(
        "Fortnox refused {call}: “{message}” (code {code}, request {request_id}).",
        call=call,
        message=message or f"status {answer.status}",
        code=code or "-",
        request_id=request_id,
    )


def _unauthorised(answer: Answer, code: str, message: str, request_id: str) -> Unauthorised:
    template, repair = LICENCES_AND_RIGHTS.get(code) or (_TOKEN if answer.status == 401 else _USER_RIGHT)
    return Unauthorised(
        template,
        repair=repair,
        lacks="licence" if code == _NO_LICENCE else "login" if (template, repair) in (_LOGIN, _TOKEN) else "right",
        call=answer.call,
        message=message or f"status {answer.status}",
        code=code or "-",
        request_id=request_id,
    )
