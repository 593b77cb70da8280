"""Lists: `field=op:value` filters, custom values, sort, limit and offset (systems.md 4.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from brygga_sandbox.server import Request
from brygga_sandbox.upsales.errors import Refusal, invalid
from brygga_sandbox.upsales.state import Record, State

LIMIT, MOST = 1000, 2000
_OTHERS = frozenset({"token", "limit", "offset", "sort", "usepricelists", "usingfirstnamelastname"})
_DAYS = frozenset({"modDate", "regDate", "date", "closeDate"})
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "gt": lambda a, b: a > b, "gte": lambda a, b: a >= b,
    "lt": lambda a, b: a < b, "lte": lambda a, b: a <= b,
}  # fmt: skip
_POINTERS: Mapping[str, str] = {
    "client": "accounts",
    "user": "users",
    "stage": "orderstages",
    "contact": "contacts",
    "users": "users",
}
_FIELDS: Mapping[str, frozenset[str]] = {
    "accounts": frozenset({"name", "phone", "orgNo", "active", "isExternal", "currency", "webpage"}),
    "contacts": frozenset({"firstName", "lastName", "name", "email", "phone", "active"}),
    "products": frozenset({"name", "articleNo", "active", "listPrice", "category"}),
    "pricelists": frozenset({"name", "code", "active", "isDefault"}),
    "orders": frozenset({"description", "probability", "currency", "value", "date", "closeDate"}),
    "orderstages": frozenset({"name", "probability"}),
    "users": frozenset({"name", "email", "active"}),
    "currencies": frozenset({"iso", "active"}),
}

Test = Callable[[Record], bool]


def listed(state: State, kind: str, request: Request) -> tuple[list[Record], dict[str, int]]:
    """Return one page of a register, and its metadata."""
    tests = [_test(state, kind, name, value) for name, value in request.query if name.lower() not in _OTHERS]
    found = [record for record in state.visible(kind) if all(test(record) for test in tests)]
    params = request.params()
    found = _sorted(state, found, params.get("sort", ""))
    limit, offset = _whole(params, "limit", LIMIT), _whole(params, "offset", 0)
    limit = min(limit, MOST)
    return found[offset : offset + limit], {"total": len(found), "limit": limit, "offset": offset}


def _whole(params: Mapping[str, str], name: str, default: int) -> int:
    text = params.get(name, str(default))
    if not (text.isascii() and text.isdigit()):
        raise invalid(f"{name} must be a positive integer")
    return int(text[:9])


def _sorted(state: State, found: Iterable[Record], wish: str) -> list[Record]:
    name, down = wish.lstrip("-"), wish.startswith("-")
    if not name:
        # Without a wish the order follows the last change, so that paging misses what moves: hence the advice to sort by id.
        if state.setup.order == "id":
            return sorted(found, key=lambda record: record.id)
        return sorted(found, key=lambda record: (record.modified, record.id), reverse=True)
    keys: dict[str, Callable[[Record], Any]] = {
        "id": lambda r: r.id, "modDate": lambda r: (r.modified, r.id), "regDate": lambda r: (r.created, r.id),
        "name": lambda r: (str(r.values.get("name") or ""), r.id), "date": lambda r: (str(r.values.get("date") or ""), r.id),
    }  # fmt: skip
    if name not in keys:
        raise invalid(f"can not sort on {name}")
    return sorted(found, key=keys[name], reverse=down)


def _test(state: State, kind: str, name: str, text: str) -> Test:
    head, _, rest = name.partition(".")
    if head == "custom" and not rest:
        return _custom_test(text)
    if rest and head in _POINTERS:
        return _through(state, head, rest, text)
    if name == "id":
        return _compare(lambda record: record.id, text, name)
    if name in ("modDate", "regDate") and kind in ("products", "orderstages", "users", "currencies"):
        # These show no dates, so there is nothing to compare with [guess].
        raise invalid(f"can not filter on {name}")
    if name == "modDate":
        return _compare(lambda record: record.modified, text, name)
    if name == "regDate":
        return _compare(lambda record: record.created, text, name)
    if name == "value" and kind == "orders":
        return _compare(lambda r: sum(row["quantity"] * row["price"] for row in r.values.get("orderRow", ())), text, name)
    if name not in _FIELDS[kind]:
        # What the service makes of a filter that it does not know is not documented; here nothing is passed over [guess].
        raise invalid(f"can not filter on {name}")
    return _compare(lambda record: record.values.get(name), text, name)


def _through(state: State, head: str, rest: str, text: str) -> Test:
    """Return a test on a record that this one points at: client.id, user.id, client.custom."""
    inner = _compare(lambda r: r.id, text, "id") if rest == "id" else _test(state, _POINTERS[head], rest, text)
    field = "users" if head in ("user", "users") else head

    def test(record: Record) -> bool:
        pointed = record.values.get(field, record.values.get(head))
        ids = pointed if isinstance(pointed, list) else [pointed]
        register = state[_POINTERS[head]]
        return any(id in register and inner(register[id]) for id in ids)

    return test


def _split(text: str) -> tuple[str, str]:
    operator, colon, rest = text.partition(":")
    return (operator, rest) if colon and operator in _OPERATORS else ("eq", text)


def _compare(get: Callable[[Record], Any], text: str, name: str) -> Test:
    operator, values = _split(text)
    act = _OPERATORS[operator]
    wanted = [_wanted(name, one) for one in values.split(",")]

    def test(record: Record) -> bool:
        value = get(record)
        if name in _DAYS and isinstance(value, str):
            value = _moment(value)
        if isinstance(value, bool):
            value = int(value)
        hits = [_apply(act, value, one) for one in wanted]
        return all(hits) if operator == "ne" else any(hits)

    return test


def _apply(act: Callable[[Any, Any], bool], value: Any, wanted: Any) -> bool:
    if isinstance(value, (int, float)):
        try:
            wanted = float(wanted)
        except (TypeError, ValueError):
            return False
    try:
        return act(value, wanted)
    except TypeError:
        return False


def _wanted(name: str, text: str) -> Any:
    if name in _DAYS:
        return _moment(text)
    return {"true": "1", "false": "0"}.get(text, text)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        # A plus that was not written as %2B arrives as a space, and ends here.
        raise invalid(f"{text} is not a date") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _custom_test(text: str) -> Test:
    operator, rest = _split(text)
    field, colon, value = rest.partition(":")
    if not colon or not field.isdigit():
        raise Refusal(400, "FailedValidation", 26, "custom must be written as operator:fieldId:value")
    act = _OPERATORS[operator]
    wanted = value.split(",")

    def test(record: Record) -> bool:
        kept = record.values.get("custom", {}).get(field)
        kept = int(kept) if isinstance(kept, bool) else kept
        if kept is None:
            return operator == "ne"
        hits = [_apply(act, kept, one) for one in wanted]
        return all(hits) if operator == "ne" else any(hits)

    return test
