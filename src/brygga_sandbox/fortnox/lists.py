"""Lists: paging, sorting, filters, contains-search, `lastmodified` (Fortnox API, section 6).

A register is walked in its own order; only the records of the page are turned into rows. Without search or filter the
page is cut out of the kept order, so 500 of 100,000 cost what 500 of 500 do.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from brygga_sandbox.fortnox.errors import refusal
from brygga_sandbox.fortnox.tables import Key, Record, Table, sort_value, wall_minute

if TYPE_CHECKING:
    from brygga_sandbox.fortnox.resource import Call, Resource

PAGING = frozenset({"limit", "page", "offset", "sortby", "sortorder"})


class Fields(Protocol):
    """What a test reads: a record, or the view of a compact one."""

    def get(self, name: str, /) -> Any:
        """Return a field, None when there is none."""


Test = Callable[[Fields], bool]


@dataclass(frozen=True)
class Paging:
    """Which part of a list is asked for."""

    limit: int = 100
    page: int = 1
    offset: int = 0

    @property
    def start(self) -> int:
        """Return the index of the first row."""
        return self.offset + (self.page - 1) * self.limit

    def meta(self, total: int) -> dict[str, int]:
        """Return the MetaInformation of a list of so many records."""
        return {"@TotalResources": total, "@TotalPages": -(-total // self.limit), "@CurrentPage": self.page}


def paging(params: dict[str, str]) -> Paging:
    """Read limit (1 to 500), page (from 1) and offset (from 0). Raises Refusal 2000588."""
    return Paging(_whole(params, "limit", 100, 1, 500), _whole(params, "page", 1, 1), _whole(params, "offset", 0, 0))


def _whole(params: dict[str, str], name: str, default: int, low: int, high: int = 10**9) -> int:
    text = params.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not low <= int(text) <= high:
        raise refusal(2000588)
    return int(text)


def moment(text: str) -> int:
    """Return `2019-03-10 12:30`, with seconds or without time, as a wall minute. Raises Refusal 2000588."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?", text, re.ASCII):
        raise refusal(2000588)
    try:
        return wall_minute(datetime.fromisoformat(text))
    except ValueError:
        raise refusal(2000588) from None


@dataclass(frozen=True)
class Contains:
    """The test that a text (in lower case) stands anywhere in one of the fields, in any case."""

    names: tuple[str, ...]
    wanted: str

    def __call__(self, fields: Fields) -> bool:
        """Test one record."""
        return any(self.wanted in str(fields.get(name) or "").lower() for name in self.names)

    def pick(self, records: Iterable[Record]) -> list[Record]:
        """Return the compact records that pass; for one field that is empty when unset. The fast way through many."""
        name, wanted = self.names[0], self.wanted
        return [record for record in records if wanted in str(record.get(name) or "").lower()]


@dataclass(frozen=True)
class Flagged:
    """The test that a field is true, or that it is not. What passes is kept until the next write, as whoever reads it asks page by page."""

    name: str
    wanted: bool

    def __call__(self, fields: Fields) -> bool:
        """Test one record."""
        return bool(fields.get(self.name)) is self.wanted

    def pick(self, table: Table) -> list[Record]:
        """Return the compact records that pass, in the register's order."""
        if self not in table.kept:
            unset = table.blank.get(self.name)
            records = (table.records[key] for _, key in table.order())
            table.kept[self] = [record for record in records if bool(record.get(self.name, unset)) is self.wanted]
        return list(table.kept[self])


def contains(*fields: str) -> Callable[[str], Test]:
    """Return a search parameter: the text stands anywhere in one of the fields, in any case."""
    return lambda text: Contains(fields, text.lower())


def begins(field: str) -> Callable[[str], Test]:
    """Return a search parameter: the field begins with the text, in any case."""

    def search(text: str) -> Test:
        wanted = text.lower()
        return lambda record: str(record.get(field) or "").lower().startswith(wanted)

    return search


def exactly(field: str) -> Callable[[str], Test]:
    """Return a search parameter: the field is the text."""
    return lambda text: lambda record: _same(record.get(field), text)


def flag(field: str) -> Callable[[str], Test]:
    """Return a search parameter that is true or false. Raises Refusal 2000588 for anything else."""

    def search(text: str) -> Test:
        if text.lower() not in ("true", "false"):
            raise refusal(2000588)
        return Flagged(field, text.lower() == "true")

    return search


def not_before(field: str) -> Callable[[str], Test]:
    """Return a search parameter: the date in the field is on or after the one given."""

    def search(text: str) -> Test:
        day = _day(text)
        return lambda record: bool(record.get(field)) and str(record.get(field)) >= day

    return search


def not_after(field: str) -> Callable[[str], Test]:
    """Return a search parameter: the date in the field is on or before the one given."""

    def search(text: str) -> Test:
        day = _day(text)
        return lambda record: bool(record.get(field)) and str(record.get(field)) <= day

    return search


def _day(text: str) -> str:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007  a date
    except ValueError:
        raise refusal(2000588) from None


def _same(value: Any, text: str) -> bool:
    if isinstance(value, bool):
        return text.lower() == ("true" if value else "false")
    return str(value if value is not None else "") == text


def page(call: "Call", resource: "Resource") -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return the rows of the page that a call asks for, and its MetaInformation. Raises Refusal."""
    params = dict(call.params)
    if not resource.paged:
        params.pop("limit", None)
    wanted = paging(params)
    tests = resource.tests(call, {name: text for name, text in params.items() if name not in PAGING})
    table = call.company.table(resource.name)
    entries = _entries(call, resource, table, tests, params)
    if not resource.paged:
        wanted = Paging(max(len(entries), 1))
    chosen = entries[wanted.start : wanted.start + wanted.limit]
    return [resource.list_row(call, record) for record in chosen], wanted.meta(len(entries))


def check_unpaged(call: "Call", *own: str) -> None:
    """Refuse what no list understands, for a list that is answered whole; `own` names its own parameters. Raises Refusal 2000588."""
    if set(call.params) - PAGING - set(own) or "sortby" in call.params:
        raise refusal(2000588)
    if call.params.get("sortorder", "ascending") not in ("ascending", "descending"):
        raise refusal(2000588)
    paging({name: text for name, text in call.params.items() if name != "limit"})


class _Plain:
    """The whole register in its own order, cut without being walked."""

    def __init__(self, table: Table, backwards: bool) -> None:
        self._order, self._records, self._backwards = table.order(), table.records, backwards

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, part: slice) -> list[Record]:
        start, stop, _ = part.indices(len(self._order))
        if self._backwards:
            total = len(self._order)
            return [self._records[key] for _, key in reversed(self._order[max(total - stop, 0) : max(total - start, 0)])]
        return [self._records[key] for _, key in self._order[start:stop]]


def _entries(
    call: "Call", resource: "Resource", table: Table, tests: list[Test], params: dict[str, str]
) -> "_Plain | list[Record]":
    order = params.get("sortorder", resource.default_order)
    if order not in ("ascending", "descending"):
        raise refusal(2000588)
    by = params.get("sortby")
    if by is not None and by not in resource.sorts:
        raise refusal(2000588)
    backwards = order == "descending"
    field = resource.sorts[by] if by is not None else resource.sort_field
    if field == resource.key_field:
        field = None
    since = moment(params["lastmodified"]) if "lastmodified" in params else None
    _drop_shown(call, table)
    if not tests and since is None and not table.stale:
        return _Plain(table, backwards) if field is None else _sorted(table, field, backwards)
    found = _walked(table, tests, since)
    if field is not None:
        found.sort(key=lambda record: _value_to_sort(record.get(field, table.blank.get(field))))
    if backwards:
        found.reverse()
    return found


def _sorted(table: Table, field: str, backwards: bool) -> list[Record]:
    """Return the whole register by a field; kept until the next write."""
    if field not in table.kept:
        unset = table.blank.get(field)
        records = [table.records[key] for _, key in table.order()]
        table.kept[field] = sorted(records, key=lambda record: _value_to_sort(record.get(field, unset)))
    return table.kept[field][::-1] if backwards else table.kept[field]


def _walked(table: Table, tests: list[Test], since: int | None) -> list[Record]:
    """Return the records that pass every test and were changed since, as lists show them now."""
    only = tests[0] if len(tests) == 1 and since is None and not table.stale else None
    if isinstance(only, Contains) and len(only.names) == 1 and not table.blank.get(only.names[0]):
        return only.pick(table.records[key] for _, key in table.order())
    if isinstance(only, Flagged):
        return only.pick(table)
    found: list[Record] = []
    view = View(table.blank)
    for _, key in table.order():
        record = table.records[key]
        minute = table.minutes.get(key, 0)
        if key in table.stale:
            stale = table.stale[key]
            if stale.before is None:
                continue
            record, minute = stale.before, stale.minute
        if since is not None and minute < since:
            continue
        view.record = record
        for test in tests:
            if not test(view):
                break
        else:
            found.append(record)
    return found


class View:
    """A compact record that knows what its unset fields look like; one is used for a whole walk."""

    __slots__ = ("blank", "record")

    def __init__(self, blank: Mapping[str, Any]) -> None:
        self.blank = blank
        self.record: Record = {}

    def get(self, name: str, /) -> Any:
        """Return a field, set or unset."""
        record = self.record
        return record[name] if name in record else self.blank.get(name)


def _value_to_sort(value: Any) -> tuple[Any, ...]:
    if value is None:
        return (-1, 0, "")
    if isinstance(value, str):
        return sort_value(value.lower())
    return (0, value, "")


def shown(call: "Call", table: Table) -> Iterator[Record]:
    """Yield whole records as lists show them now, what a hidden write did left out: for lists of a form of their own."""
    _drop_shown(call, table)
    yield from map(table.whole, _walked(table, [], None))


def _drop_shown(call: "Call", table: Table) -> None:
    if table.stale:
        now = call.sandbox.clock.now()
        for key in [key for key, stale in table.stale.items() if stale.until <= now]:
            del table.stale[key]


def same_key(key: Key) -> str:
    """Return a key as it stands in an address."""
    return "/".join(str(part) for part in key) if isinstance(key, tuple) else str(key)
