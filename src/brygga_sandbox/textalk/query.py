"""The query language (what of an object is shown) and selections (which objects, in which order, how many)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from brygga_sandbox.textalk.classes import CLASSES, reference
from brygga_sandbox.textalk.errors import NOT_FOUND, PARAMS, Refusal

CEILING = 500
Open = Callable[[str, int], dict[str, Any] | None]


def show(kind: Any, value: Any, query: Any, find: Open, allowed: frozenset[str] | None = None) -> Any:
    """Return *value* as *query* asks: true or {} everything, a name, a list of names, an object of queries. Raises Refusal."""
    target = reference(kind)
    if target and query not in (True, None):
        if isinstance(value, list):
            return [show_object(target, uid, query, find) for uid in value]
        return None if value is None else show_object(target, value, query, find)
    if query is True or query is None or query == {} or not isinstance(value, dict):
        return value if allowed is None or not isinstance(value, dict) else {k: v for k, v in value.items() if k in allowed}
    fields = kind if isinstance(kind, dict) else None
    shown: dict[str, Any] = {}
    for name, inner in _wishes(query).items():
        if fields is not None and name not in fields:
            raise Refusal(PARAMS, {"query": f"no such field: {name}"})
        if inner is False or (allowed is not None and name not in allowed):
            continue
        if name in value:
            shown[name] = show(fields[name] if fields else "object", value[name], inner, find)
    return shown


def show_object(name: str, uid: int, query: Any, find: Open) -> Any:
    """Return an object that something refers to, opened. Raises Refusal 9003."""
    found = find(name, uid)
    if found is None:
        raise Refusal(NOT_FOUND, {"class": name, "uid": uid})
    return show(CLASSES[name].fields, found, query, find)


def _wishes(query: Any) -> dict[str, Any]:
    if isinstance(query, str):
        return {query: True}
    if isinstance(query, list):
        found: dict[str, Any] = {}
        for one in query:
            found |= _wishes(one)
        return found
    if isinstance(query, dict) and all(isinstance(one, (bool, str, list, dict)) for one in query.values()):
        return query
    raise Refusal(PARAMS, {"query": "must be true, a name, a list of names or an object"})


def at(value: Any, path: str) -> Any:
    """Return what stands at a path such as /name/en; None for nothing. Raises Refusal for what is no path."""
    if not isinstance(path, str) or not path.startswith("/"):
        raise Refusal(PARAMS, {"selection": f"not a path: {path}"})
    for part in path[1:].split("/"):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def keep(objects: Iterable[dict[str, Any]], filters: Any, fields: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the objects that all filters take."""
    if not isinstance(filters, dict):
        raise Refusal(PARAMS, {"filters": "must be an object"})
    found = list(objects)
    for path, wish in filters.items():
        if path == "search":
            term = str(wish.get("term", "")).lower() if isinstance(wish, dict) else ""
            found = [one for one in found if term in str(one).lower()]
            continue
        if at({}, path) is None and path[1:].split("/")[0] not in fields:
            raise Refusal(PARAMS, {"filters": f"no such field: {path}"})
        if not isinstance(wish, dict) or not set(wish) <= {"equals", "min", "max", "in", "startsWith", "containsAny"}:
            raise Refusal(PARAMS, {"filters": f"not a filter: {path}"})
        found = [one for one in found if _takes(at(one, path), wish)]
    return found


def _takes(value: Any, wish: dict[str, Any]) -> bool:
    tests: dict[str, Callable[[Any], bool]] = {
        "equals": lambda wanted: bool(value == wanted),
        "min": lambda wanted: value is not None and type(value) is type(wanted) and bool(value >= wanted),
        "max": lambda wanted: value is not None and type(value) is type(wanted) and bool(value <= wanted),
        "in": lambda wanted: isinstance(wanted, list) and value in wanted,
        "startsWith": lambda wanted: isinstance(value, str) and value.lower().startswith(str(wanted).lower()),
        "containsAny": lambda wanted: isinstance(value, list) and isinstance(wanted, list) and any(one in value for one in wanted),
    }
    return all(tests[name](wanted) for name, wanted in wish.items())


def select(objects: Iterable[dict[str, Any]], selection: Any, fields: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the objects of a selection: by uid where it does not say, never more than the ceiling [guess: for every class]."""
    if selection is None or selection is True:
        selection = {}
    if not isinstance(selection, dict) or not set(selection) <= {"filters", "search", "sort", "descending", "limit", "offset"}:
        raise Refusal(PARAMS, {"selection": "must be an object of filters, search, sort, descending, limit, offset"})
    found = keep(objects, selection.get("filters") or {}, fields)
    if "search" in selection:
        found = keep(found, {"search": selection["search"]}, fields)
    path = selection.get("sort") or "/uid"
    path = path if str(path).startswith("/") else f"/{path}"
    found.sort(key=lambda one: ((value := at(one, path)) is not None, value if value is not None else 0, one["uid"]))
    if selection.get("descending"):
        found.reverse()
    limit, offset = selection.get("limit", CEILING), selection.get("offset", 0)
    if not all(isinstance(one, int) and not isinstance(one, bool) and one >= 0 for one in (limit, offset)):
        raise Refusal(PARAMS, {"selection": "limit and offset must be whole numbers from 0"})
    return found[offset : offset + min(limit, CEILING)]
