"""Values on their way in and out: texts are trimmed, numbers are doubles, custom values follow their field's type."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from brygga_sandbox.upsales.errors import Refusal, invalid
from brygga_sandbox.upsales.state import State, Values

DATATYPES = (
    "String", "Integer", "Currency", "Text", "Boolean", "Select", "Date", "Percent", "Email", "Link", "Discount", "Time",
    "Calculation", "Phone", "User", "Users",
)  # fmt: skip

Check = Callable[[str, Any], Any]


def instant(moment: datetime) -> str:
    """Return a time as the API shows it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def number_out(value: float | int | None) -> float | int | None:
    """Return a double as JavaScript writes it: without a point where it is whole."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def text(longest: int = 65535) -> Check:
    """Return a check for a text of at most so many characters; it is trimmed."""

    def check(name: str, value: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, (str, int, float)) or isinstance(value, bool):
            raise invalid(f"{name} must be a string")
        found = str(value).strip()
        if len(found) > longest:
            raise invalid(f"{name} is longer than {longest} characters")
        return found

    return check


def number(name: str, value: Any) -> float:
    """Return a number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise invalid(f"{name} must be a number")
    return float(value)


def whole(name: str, value: Any) -> int:
    """Return a whole number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not float(value).is_integer():
        raise invalid(f"{name} must be an integer")
    return int(value)


def flag(name: str, value: Any) -> int:
    """Return 0 or 1."""
    if isinstance(value, (int, float, str)) and value in (0, 1, "0", "1"):
        return int(value)
    raise invalid(f"{name} must be 0 or 1")


def day(name: str, value: Any) -> str | None:
    """Return a date or a time as it was written."""
    if value in (None, ""):
        return None
    try:
        if not isinstance(value, str):
            raise ValueError
        datetime.fromisoformat(value)
    except ValueError:
        raise invalid(f"{name} is not a date") from None
    return value


def anything(name: str, value: Any) -> Any:
    """Take a value as it is."""
    return value


def known(value: Any, ids: Container[Any]) -> bool:
    """Tell whether a value is one of *ids*; a list or an object is none."""
    return isinstance(value, (int, str)) and not isinstance(value, bool) and value in ids


def listing(name: str, value: Any) -> list[Any]:
    """Take a list as it is."""
    if not isinstance(value, list):
        raise invalid(f"{name} must be an array")
    return value


def pointer(state: State, kind: str) -> Check:
    """Return a check for {"id": n} of a record that exists; the id is kept."""

    def check(name: str, value: Any) -> int | None:
        if value is None:
            return None
        id = value.get("id") if isinstance(value, Mapping) else value
        if not isinstance(id, int) or isinstance(id, bool) or id not in state[kind]:
            raise invalid(f"{name} does not exist")
        return id

    return check


def custom_in(state: State, entity: str, value: Any) -> dict[str, Any]:
    """Return custom values as fieldId (as text, for JSON) -> value, checked by the type of each field."""
    found: dict[str, Any] = {}
    for one in listing("custom", value):
        if not isinstance(one, Mapping) or not isinstance(one.get("fieldId"), int):
            raise invalid("custom must be an array of {fieldId, value}")
        field = state.fields[entity].get(one["fieldId"])
        if field is None:
            raise invalid(f"custom field {one['fieldId']} does not exist")
        kept = _custom_value(field, one.get("value"))
        if kept not in (None, ""):
            found[str(field["id"])] = kept
    return found


def _custom_value(field: Values, value: Any) -> Any:
    name, kind = field["name"], field["datatype"]
    if value in (None, ""):
        return None
    if kind == "Boolean":
        if isinstance(value, (int, str)) and value in (0, 1, "0", "1", "true", "false"):
            return value in (1, "1", "true")
        raise invalid(f"{name} must be a boolean")
    if kind in ("Integer",):
        return int(_numeric(name, value))
    if kind in ("Currency", "Percent", "Discount", "Calculation"):
        return _numeric(name, value)
    if kind == "Date":
        try:
            return date.fromisoformat(str(value)[:10]).isoformat()
        except ValueError:
            raise invalid(f"{name} is not a date") from None
    kept = str(value).strip()
    if kind == "Select" and kept not in (field.get("default") or []):
        raise invalid(f"{name} has no choice {kept}")
    longest = field.get("maxLength") or 0
    if longest and len(kept) > longest:
        raise invalid(f"{name} is longer than {longest} characters")
    return kept


def _numeric(name: str, value: Any) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise invalid(f"{name} must be a number")
    return found


def custom_out(state: State, entity: str, kept: Mapping[str, Any]) -> list[Values]:
    """Return custom values as the API shows them: the text, and the same by type; a yes is 1."""
    shown = []
    for id, value in kept.items():
        one: Values = {
            "fieldId": int(id), "value": None, "valueInteger": None, "valueDouble": None, "valueArray": None, "valueDate": None,
        }  # fmt: skip
        kind = state.fields[entity].get(int(id), {}).get("datatype", "String")
        if isinstance(value, bool):
            one |= {"value": str(int(value)), "valueInteger": int(value)}
        elif isinstance(value, (int, float)):
            one |= {"value": str(number_out(value)), "valueDouble": number_out(value)}
            one["valueInteger"] = int(value) if isinstance(value, int) else None
        else:
            one["value"] = value
            if kind == "Date":
                one["valueDate"] = f"{value}T00:00:00.000Z"
        shown.append(one)
    return shown


def read(body: Any, checks: Mapping[str, Check], ignored: Sequence[str]) -> Values:
    """Return the fields of a body, checked; read-only ones and those that the API does not know are passed over."""
    if not isinstance(body, Mapping):
        raise Refusal(400, "FailedValidation", 26, "Body must be an object")
    return {name: checks[name](name, value) for name, value in body.items() if name in checks and name not in ignored}
