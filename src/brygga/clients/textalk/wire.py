"""The shop's wire format without I/O: JSON-RPC 2.0, its numeric errors, amounts, times, texts by language.

Sources: systems.md 5.1, textalk/api-classes.json. Objects stay dicts with the shop's own names; decimal numbers are Decimal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from brygga.clients import exact_json
from brygga.errors import BryggaError, NotFound, OutcomeUnknown, Rejected, Unauthorised, Unavailable

if TYPE_CHECKING:
    from brygga.clients.http import Answer

Raw = dict[str, Any]

CEILING: Final = 500
"""Objects of one list, the most that the shop gives."""
STOCKHOLM: Final = ZoneInfo("Europe/Stockholm")

DENIED, NOT_FOUND = 1006, 9003
_TROUBLE = frozenset({-32603, -32000})
_LONGEST_TEXT = 300


def encode(method: str, params: Sequence[Any]) -> bytes:
    """Return the body of one call. Decimals are written as numbers, digit for digit."""
    return exact_json.encode({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}).encode()


def result(answer: Answer, method: str) -> Any:
    """Return what a call gave. Raises Unauthorised (1006), NotFound (9003), Rejected, or what an unusable answer means.

    An empty or broken answer to a write raises OutcomeUnknown: it may have been carried out.
    """
    if not answer.ok:
        raise Rejected(
            "The shop refused {call} with status {status}.",
            call=method,
            status=answer.status,
            repair="Check the address (base_url).",
        )
    body = answer.json()
    if not isinstance(body, dict) or ("result" not in body and "error" not in body):
        raise answer.unreadable("is no answer of JSON-RPC")
    if body.get("error"):
        raise refusal(body["error"], method, answer.call.repeatable)
    return body["result"]


def refusal(error: Any, method: str, repeatable: bool) -> BryggaError:
    """Return the error of a refused call: its number, and what of the object does not hold."""
    found = error if isinstance(error, dict) else {"message": str(error)}
    code, text = found.get("code"), _text(found)
    if code == DENIED:
        return Unauthorised(
            "The shop does not let us in ({call}: {text}).",
            repair="Make a token for the shop as an administrator, and paste webshop:token again.",
            call=method,
            text=text,
        )
    if code == NOT_FOUND:
        return NotFound("The shop has no such object ({call}: {text}).", call=method, text=text, code=str(code))
    if code in _TROUBLE and repeatable:
        return Unavailable("The shop is in trouble ({call}: {text}).", repair="It is tried again later.", call=method, text=text)
    if code in _TROUBLE:
        return OutcomeUnknown(
            "The shop is in trouble ({call}: {text}): perhaps carried out, perhaps not.",
            repair="Look before repeating it.",
            call=method,
            text=text,
        )
    return Rejected(
        "The shop refused {call}: {text} (error {code}).",
        repair="Correct the record, and try again.",
        call=method,
        text=text,
        code=str(code),
    )


def _text(error: Mapping[str, Any]) -> str:
    data = error.get("data")
    details = "; ".join(f"{path} {why}" for path, why in data.items()) if isinstance(data, dict) else str(data or "")
    return f"{error.get('message') or 'no reason was given'}{': ' if details else ''}{details}"[:_LONGEST_TEXT]


# Values -------------------------------------------------------------------------------------------------------------------


def number(value: object) -> Decimal | None:
    """Read a number; None for null and for what is none."""
    return None if isinstance(value, bool) or not isinstance(value, (int, Decimal)) else Decimal(value)


def instant(moment: datetime) -> str:
    """Write a time (aware) for a filter, to the second, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def time_of(value: object) -> datetime | None:
    """Read a time; one without zone is Stockholm's. None for none. Raises ValueError for something else."""
    if value in (None, ""):
        return None
    if not isinstance(value, str):
        raise ValueError(f"not a time: {type(value).__name__}")
    read = datetime.fromisoformat(value)
    return read if read.tzinfo else read.replace(tzinfo=STOCKHOLM)


def nested(held: Mapping[str, Any], *names: str) -> Any:
    """Return what stands inside objects, None where one of them is missing."""
    value: Any = held
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def spoken(texts: object, language: str = "sv") -> str:
    """Return a text by language: the one asked for, else the first that there is, "" for none."""
    if not isinstance(texts, Mapping):
        return texts if isinstance(texts, str) else ""
    return str(texts.get(language) or next((text for text in texts.values() if text), "")).strip()


def percent(fraction: object) -> Decimal | None:
    """Return a rate in percent: 0.25 is 25. None for what is no number."""
    found = number(fraction)
    return None if found is None else (found * 100).normalize()
