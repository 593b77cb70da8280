"""What all kinds of record share: pages, reading one, making, replacing, and the bulk call that does both."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from brygga_sandbox.server import Request, Response
from brygga_sandbox.webcrm.errors import Refusal, bad_request, invalid, missing
from brygga_sandbox.webcrm.fields import ENTITIES
from brygga_sandbox.webcrm.state import Record, State
from brygga_sandbox.webcrm.values import Given

LARGEST_PAGE = 1000
LAST_PAGE = 1_000_000

JSON = {"content-type": "application/json; charset=utf-8"}


class Rule(Protocol):
    """What one entity demands before a record is made or changed; it may fill in fields of *given*.

    record is None for a new one. Raises Refusal.
    """

    def __call__(self, state: State, given: Given, record: Record | None) -> None: ...


@dataclass(frozen=True)
class Kind:
    """One entity as the API serves it.

    path       the collection's first segment, as /Organisations
    rule       what a write must fulfil
    fixed      fields that the service keeps itself: given values are ignored, and PUT leaves them standing
    can_delete whether the definition has DELETE for it
    """

    entity: str
    path: str
    rule: Rule
    fixed: frozenset[str]
    can_delete: bool = False


def kept_fields(entity: str, *names: str) -> frozenset[str]:
    """Return the fields of *entity* that the service keeps itself: number, dates, hands, and *names*, given bare."""
    always = ("Id", "CreatedAt", "CreatedBy", "UpdatedAt", "UpdatedBy")
    return frozenset(entity + name for name in (*always, *names))


def answer(value: Any, status: int = 200) -> Response:
    """Return *value* as JSON."""
    return Response(status, json.dumps(value, ensure_ascii=False).encode(), dict(JSON))


def nothing(status: int = 200) -> Response:
    """Return an answer without a body, as PUT and DELETE give."""
    return Response(status)


def json_body(request: Request) -> Any:
    """Return the body as JSON; refuses with 400 what is not."""
    try:
        return json.loads(request.body)
    except ValueError as wrong:
        raise bad_request("The input was not valid JSON.") from wrong


def params(request: Request) -> dict[str, str]:
    """Return the query with names in lower case: the service takes `page` as well as `Page`."""
    return {name.lower(): value for name, value in request.query}


def page_of(state: State, request: Request) -> tuple[int, int]:
    """Return (offset, size) of the page asked for; Page from 1 to 1,000,000, Size from 1 to 1000, both optional."""
    query = params(request)
    numbers = []
    for name, default, last in (("Page", 1, LAST_PAGE), ("Size", state.installation.page_size, LARGEST_PAGE)):
        text = query.get(name.lower(), str(default))
        try:
            number = int(text[:12])
        except ValueError as wrong:
            raise invalid(name, f"The value '{text}' is not valid for {name}.") from wrong
        if not 1 <= number <= last:
            raise invalid(name, f"The field {name} must be between 1 and {last}.")
        numbers.append(number)
    page, size = numbers
    return (page - 1) * size, size


def listed(state: State, request: Request, records: Iterable[Record]) -> Response:
    """Return one page of *records* as a bare array; beyond the last one the array is empty."""
    offset, size = page_of(state, request)
    shown = list(state.visible(records))[offset : offset + size]
    return Response(200, ("[" + ",".join(state.shown(record) for record in shown) + "]").encode(), dict(JSON))


def found(state: State, entity: str, text: str) -> Record:
    """Return the record whose number stands in the path; 404 when there is none or the text is no number."""
    record = state[entity].records.get(number_in(text))
    if record is None:
        raise missing()
    return record


def number_in(text: str) -> int:
    """Return the number in a path; 404 for anything else, since no such address exists."""
    if not (text.isascii() and text.isdigit()):
        raise missing()
    return int(text)


def one(state: State, kind: Kind, text: str) -> Response:
    """Answer GET of one record."""
    return Response(200, state.shown(found(state, kind.entity, text)).encode(), dict(JSON))


def create(state: State, kind: Kind, body: object, by: str) -> int:
    """Make a record from a body and return its number; a number in the body is ignored."""
    given = _free(kind, state.wire.read(kind.entity, body))
    kind.rule(state, given, None)
    return state.create(kind.entity, given, by).number


def replace(state: State, kind: Kind, record: Record, body: object, by: str) -> None:
    """Carry out PUT: the record becomes what the body says, and every field that is left out is emptied.

    The body must carry the record's number, which the definition requires.
    """
    given = state.wire.read(kind.entity, body)
    id_field = ENTITIES[kind.entity].id_field
    if given.get(id_field) is None:
        raise invalid(id_field, f"Required property '{id_field}' not found in JSON.")
    if given[id_field] != record.number:
        raise invalid(id_field, f"{id_field} in the body is not the id in the address.")
    _write(state, kind, record, given, by, whole=True)


def _write(state: State, kind: Kind, record: Record, given: Given, by: str, *, whole: bool) -> None:
    given = _free(kind, given)
    if whole:
        given = {name: given.get(name) for name in ENTITIES[kind.entity].fields if name not in kind.fixed}
    kind.rule(state, given, record)
    kept = {name: record.values.get(name) for name in kind.fixed}
    state.update(record, {**kept, **given}, by, whole=whole)


def _free(kind: Kind, given: Given) -> Given:
    return {name: value for name, value in given.items() if name not in kind.fixed}


def upsert(state: State, kind: Kind, body: object, by: str) -> list[str]:
    """Carry out PATCH on a collection: one text for each item, in order: its number, or what was wrong with it.

    An item with the number of a record changes it, one without (or with 0) makes one. Each stands alone. What a field
    left out becomes is the installation's quirk `patch`, and what is answered for a changed record its quirk `patched`.
    """
    if not isinstance(body, list):
        raise bad_request("The input was not an array.")
    return [_upsert_one(state, kind, item, by) for item in body]


def _upsert_one(state: State, kind: Kind, item: object, by: str) -> str:
    try:
        given = state.wire.read(kind.entity, item)
        number = given.get(ENTITIES[kind.entity].id_field)
        if number is None:
            return str(create(state, kind, item, by))
        record = state[kind.entity].records.get(int(str(number)))
        if record is None:
            return f"{kind.entity} with id {number} was not found."
        _write(state, kind, record, given, by, whole=state.installation.quirks.patch == "replace")
        return str(record.number) if state.installation.quirks.patched == "number" else ""
    except Refusal as refusal:
        return refusal.reason


def must_exist(state: State, entity: str, given: Mapping[str, Any], name: str) -> Record:
    """Return the record of *entity* that field *name* points at; 400 naming the field when there is none."""
    number = given.get(name) or 0
    record = state[entity].records.get(number)
    if record is None:
        raise invalid(name, f"{entity} with id {number} was not found.")
    return record
