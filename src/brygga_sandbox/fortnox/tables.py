"""Where records lie: a table for each register of a company, small in memory, ordered as Fortnox orders.

A record is a dict with the field names of the API. In memory only what differs from the table's `blank` (what an unset
record looks like) is kept, also in rows and sub-objects named in `nested`; so 100,000 customers with some ten values
each take some 150 MB less than whole dicts would.

Writes go through a `Ledger`: it remembers what was there before, so a refused call is taken back whole, and which
records to keep on disk when the call is done.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from sys import intern
from typing import Any

Key = str | int | tuple[str | int, ...]
Record = dict[str, Any]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  wall time, without a zone on purpose


def wall_minute(local: datetime) -> int:
    """Return a Stockholm wall time as minutes; the hour that comes twice in autumn gives the same minutes twice."""
    return int((local.replace(tzinfo=None) - _EPOCH) / timedelta(minutes=1))


def sort_value(key: Key) -> tuple[Any, ...]:
    """Return what a key sorts by: numbers by value, before any text; parts of a composite key one after another."""
    if isinstance(key, tuple):
        return tuple(part for item in key for part in sort_value(item))
    if isinstance(key, int):
        return (0, key, "")
    if key.isascii() and key.isdigit() and len(key) < 19:
        return (0, int(key), key)
    return (1, 0, key)


@dataclass
class Stale:
    """What lists still show of a record while a write is hidden."""

    before: Record | None
    minute: int
    until: datetime


@dataclass
class Change:
    """What a key held before a call first touched it."""

    table: "Table"
    key: Key
    before: Record | None
    minute: int


@dataclass
class Ledger:
    """The writes of the call that runs now."""

    changes: dict[tuple[str, Key], Change] = field(default_factory=dict)

    def note(self, table: "Table", key: Key) -> None:
        """Remember what the key holds now, the first time the call writes it."""
        if (table.name, key) not in self.changes:
            self.changes[(table.name, key)] = Change(table, key, table.records.get(key), table.minutes.get(key, 0))

    def take_back(self) -> None:
        """Undo every write of the call."""
        for change in self.changes.values():
            change.table.restore(change.key, change.before, change.minute)
        self.changes.clear()


@dataclass
class Table:
    """One register. `get` and `put` speak whole records; `records` holds the compact ones and is not to be changed."""

    name: str
    ledger: Ledger
    blank: Mapping[str, Any] = field(default_factory=dict)
    nested: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    records: dict[Key, Record] = field(default_factory=dict)
    minutes: dict[Key, int] = field(default_factory=dict)
    stale: dict[Key, Stale] = field(default_factory=dict)
    kept: dict[object, list[Record]] = field(default_factory=dict)  # the whole register by a field, and what passes a flag
    _order: list[tuple[tuple[Any, ...], Key]] | None = None

    def __len__(self) -> int:
        return len(self.records)

    def __contains__(self, key: object) -> bool:
        return key in self.records

    def get(self, key: Key) -> Record | None:
        """Return a copy of the whole record, or None."""
        compact = self.records.get(key)
        return None if compact is None else self.whole(compact)

    def whole(self, compact: Record) -> Record:
        """Return the whole record, keys in the order of `blank`; rows and sub-objects are copies."""
        record = {**self.blank, **compact}
        for name, blank in self.nested.items():
            inner = record.get(name)
            if isinstance(inner, list):
                record[name] = [{**blank, **row} for row in inner]
            elif isinstance(inner, dict):
                record[name] = {**blank, **inner}
        return record

    def compact(self, record: Mapping[str, Any]) -> Record:
        """Return only what differs from the blank record."""
        blank, nested = self.blank, self.nested
        small: Record = {}
        for name, value in record.items():
            if name in nested:
                small[intern(name)] = _compact_inner(value, nested[name])
            elif name not in blank or blank[name] != value or type(blank[name]) is not type(value):
                small[intern(name)] = value
        return small

    def put(self, key: Key, record: Mapping[str, Any], minute: int) -> None:
        """Write a whole record, new or changed; `minute` is the wall minute that `lastmodified` goes by."""
        self.ledger.note(self, key)
        self.kept.clear()
        self._insert(key)
        self.records[key] = self.compact(record)
        self.minutes[key] = minute

    def delete(self, key: Key) -> None:
        """Remove a record. Raises KeyError when there is none."""
        self.ledger.note(self, key)
        self._remove(key)

    def restore(self, key: Key, compact: Record | None, minute: int) -> None:
        """Set a key to what it was, without noting it."""
        self.kept.clear()
        if compact is None:
            if key in self.records:
                self._remove(key)
            return
        self._insert(key)
        self.records[key] = compact
        self.minutes[key] = minute

    def keys(self) -> list[Key]:
        """Return all keys in order."""
        return [key for _, key in self.order()]

    def order(self) -> list[tuple[tuple[Any, ...], Key]]:
        """Return (sort value, key) of all records in order; the table's own list, not to be changed."""
        if self._order is None:
            self._order = sorted((sort_value(key), key) for key in self.records)
        return self._order

    def all(self) -> Iterator[Record]:
        """Yield whole records in order."""
        for key in self.keys():
            yield self.whole(self.records[key])

    def fill(self, pairs: Iterable[tuple[Key, Record, int]]) -> int:
        """Write many whole records at once, noted nowhere; return how many. For loading."""
        count = 0
        for key, record, minute in pairs:
            self.records[key] = self.compact(record)
            self.minutes[key] = minute
            count += 1
        self._order = None
        self.kept.clear()
        self.order()
        return count

    def _insert(self, key: Key) -> None:
        if key not in self.records and self._order is not None:
            insort(self._order, (sort_value(key), key))

    def _remove(self, key: Key) -> None:
        self.kept.clear()
        del self.records[key]
        self.minutes.pop(key, None)
        if self._order is not None:
            entry = (sort_value(key), key)
            place = bisect_left(self._order, entry)
            if place < len(self._order) and self._order[place] == entry:
                del self._order[place]


def _compact_inner(value: Any, blank: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        return [_compact_inner(row, blank) if isinstance(row, dict) else row for row in value]
    if isinstance(value, dict):
        return {
            intern(name): inner
            for name, inner in value.items()
            if name not in blank or blank[name] != inner or type(blank[name]) is not type(inner)
        }
    return value
