"""What one webCRM holds: records in registers, changed in one place only, with the time and the hand that changed them."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from brygga_sandbox.webcrm.fields import ENTITIES
from brygga_sandbox.webcrm.installation import Installation
from brygga_sandbox.webcrm.values import Given, Stored, Wire, derive

Event = Literal["Create", "Update", "Delete"]

_INDEXED: Mapping[str, tuple[str, ...]] = {
    "Person": ("PersonOrganisationId",),
    "Delivery": ("DeliveryOrganisationId", "DeliveryNumber"),
    "QuotationLine": ("QuotationLineOpportunityId",),
    "Product": ("ProductOrganisationId",),
    "QuotationLineLinkedDataItem": ("QuotationLineLinkedDataItemData1",),
}


@dataclass(frozen=True)
class Change:
    """One change of one record: what happened, by whose hand, and each field that differs as (before, after).

    before   when the record had last been changed until then
    """

    entity: str
    number: int
    event: Event
    by: str
    before: datetime
    fields: Mapping[str, tuple[Stored | None, Stored | None]]


@dataclass
class Record:
    """One record: its number, its non-empty fields, when it was made and last changed (UTC)."""

    entity: str
    number: int
    values: dict[str, Stored]
    created: datetime
    updated: datetime
    shown: str | None = field(default=None, repr=False)
    former: "Record | None" = field(default=None, repr=False)
    hidden_until: datetime | None = field(default=None, repr=False)


class Register:
    """All records of one entity, by number, with the look-ups that the API offers kept beside them."""

    def __init__(self, entity: str) -> None:
        """Begin empty; the first record gets number 1."""
        self.entity = entity
        self.records: dict[int, Record] = {}
        self.next_number = 1
        self._index: dict[str, dict[Stored, dict[int, None]]] = {name: {} for name in _INDEXED.get(entity, ())}
        self._sorted = True

    def __iter__(self) -> Iterator[Record]:
        """Yield the records in the order of their numbers."""
        if not self._sorted:
            self.records = dict(sorted(self.records.items()))
            self._sorted = True
        return iter(self.records.values())

    def __len__(self) -> int:
        """Return how many records there are."""
        return len(self.records)

    def having(self, name: str, value: Stored) -> list[Record]:
        """Return the records whose indexed field *name* holds *value*, in the order of their numbers."""
        return [self.records[number] for number in sorted(self._index[name].get(value, ()))]

    def add(self, record: Record) -> None:
        """Take up a new record."""
        if record.number in self.records:
            raise ValueError(f"{self.entity} {record.number} exists already")
        self._sorted = self._sorted and record.number >= self.next_number
        self.next_number = max(self.next_number, record.number + 1)
        self.records[record.number] = record
        self._enter(record)

    def change(self, record: Record, values: dict[str, Stored]) -> None:
        """Give *record* other values."""
        self._leave(record)
        record.values = values
        record.shown = None
        self._enter(record)

    def remove(self, number: int) -> Record:
        """Take a record out and return it."""
        record = self.records.pop(number)
        self._leave(record)
        return record

    def _enter(self, record: Record) -> None:
        for name, index in self._index.items():
            if name in record.values:
                index.setdefault(record.values[name], {})[record.number] = None

    def _leave(self, record: Record) -> None:
        for name, index in self._index.items():
            if name in record.values:
                index[record.values[name]].pop(record.number, None)


class State:
    """One installation with everything in it. Read and change it under the system's lock; `clock` says what time it is.

    changes     every change so far, oldest first, except what was loaded in bulk
    version     goes up with every change and every load
    listeners   called after each change, under the lock: they must be quick
    """

    def __init__(self, installation: Installation, clock: Callable[[], datetime]) -> None:
        """Begin empty, without any record."""
        self.installation = installation
        self.clock = clock
        self.wire = Wire(installation)
        self.registers = {name: Register(name) for name in ENTITIES}
        self.hooks: dict[int, dict[str, Any]] = {}
        self.changes: list[Change] = []
        self.version = 0
        self.listeners: list[Callable[[Change], None]] = []

    def __getitem__(self, entity: str) -> Register:
        """Return the register of *entity*."""
        return self.registers[entity]

    def now(self) -> datetime:
        """Return the sandbox's time in UTC, cut to whole milliseconds as the answers show it."""
        moment = self.clock().astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def create(self, entity: str, given: Given, by: str) -> Record:
        """Make a record from *given* and return it."""
        now = self.now()
        register = self.registers[entity]
        number = register.next_number
        record = Record(entity, number, _filled(given), now, now)
        self._stamp(record, by, created=True)
        register.add(record)
        self._tell(Change(entity, number, "Create", by, now, {k: (None, v) for k, v in record.values.items()}))
        return record

    def update(self, record: Record, given: Given, by: str, *, whole: bool) -> None:
        """Change *record* to what *given* says; with *whole*, fields that are not given are emptied.

        The record counts as updated even when nothing differs, as a saved form does [guess].
        """
        before, last = record.values, record.updated
        values = _filled(given) if whole else _filled({**before, **given})
        stamp = record.entity + "UpdatedAt"
        self.registers[record.entity].change(record, values)
        record.updated = self.now()
        self._stamp(record, by, created=False)
        names = (before.keys() | values.keys()) - {stamp, record.entity + "UpdatedBy"}
        differing = {name: (before.get(name), values.get(name)) for name in sorted(names) if before.get(name) != values.get(name)}
        self._tell(Change(record.entity, record.number, "Update", by, last, differing))

    def delete(self, record: Record, by: str) -> None:
        """Take *record* out of its register."""
        self.registers[record.entity].remove(record.number)
        gone: dict[str, tuple[Stored | None, Stored | None]] = {name: (v, None) for name, v in record.values.items()}
        self._tell(Change(record.entity, record.number, "Delete", by, record.updated, gone))

    def load(self, entity: str, records: Iterable[Mapping[str, Any]]) -> list[int]:
        """Take up many records at once, in the API's own field names, and return their numbers.

        A record may bring its own number and its CreatedAt and UpdatedAt; without them it gets the next number and the
        present. Values are read as from a request, so what the API would refuse cannot be loaded.
        """
        register = self.registers[entity]
        id_field = ENTITIES[entity].id_field
        numbers = []
        for raw in records:
            given = self.wire.read(entity, dict(raw))
            now = self.now()
            created, updated = given.get(entity + "CreatedAt") or now, given.get(entity + "UpdatedAt") or now
            number = given.get(id_field) or register.next_number
            if not (isinstance(number, int) and isinstance(created, datetime) and isinstance(updated, datetime)):
                raise TypeError(f"{entity}: number, CreatedAt or UpdatedAt has a wrong type")
            by = str(given.get(entity + "CreatedBy") or "Import")
            record = Record(entity, number, _filled(given), created, updated)
            self._stamp(record, by, created=True)
            if given.get(entity + "UpdatedBy"):
                record.values[entity + "UpdatedBy"] = str(given[entity + "UpdatedBy"])
            register.add(record)
            numbers.append(number)
        self.version += 1
        return numbers

    def visible(self, records: Iterable[Record]) -> Iterator[Record]:
        """Yield *records* as lists show them: what a `hide` fault holds back is missing, or shown as it was before."""
        now: datetime | None = None
        for record in records:
            if record.hidden_until is not None:
                now = now or self.now()
                if now < record.hidden_until:
                    if record.former is not None:
                        yield record.former
                    continue
                record.hidden_until = record.former = None
            yield record

    def hide_since(self, first_change: int, seconds: float) -> None:
        """Keep the changes from number *first_change* on out of lists for *seconds* of the sandbox's time."""
        until = self.now() + timedelta(seconds=seconds)
        for change in self.changes[first_change:]:
            record = self.registers[change.entity].records.get(change.number)
            if record is None:
                continue
            if change.event == "Update" and record.hidden_until is None:
                before = {name: old for name, (old, _) in change.fields.items()}
                values = _filled({**record.values, **before})
                record.former = Record(record.entity, record.number, values, record.created, change.before)
                values[record.entity + "UpdatedAt"] = change.before
            record.hidden_until = until

    def shown(self, record: Record) -> str:
        """Return *record* as the JSON text that the API answers, made once for each version of it."""
        if record.shown is None:
            record.shown = json.dumps(self.wire.write(record.entity, record.values), ensure_ascii=False)
        return record.shown

    def _stamp(self, record: Record, by: str, *, created: bool) -> None:
        entity, values = record.entity, record.values
        values[ENTITIES[entity].id_field] = record.number
        derive(entity, values)
        if entity + "UpdatedAt" not in ENTITIES[entity].fields:
            return
        values[entity + "UpdatedAt"], values[entity + "UpdatedBy"] = record.updated, by
        if created:
            values[entity + "CreatedAt"], values[entity + "CreatedBy"] = record.created, by

    def _tell(self, change: Change) -> None:
        self.changes.append(change)
        self.version += 1
        for listener in self.listeners:
            listener(change)

    def keep(self, path: Path) -> None:
        """Write everything to *path*, which is replaced in one step."""
        content = {
            "next": {name: register.next_number for name, register in self.registers.items()},
            "records": {name: [_plain(record) for record in register] for name, register in self.registers.items()},
            "hooks": list(self.hooks.values()),
        }
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(content, ensure_ascii=False))
        beside.replace(path)

    def take_up(self, path: Path) -> None:
        """Read back what `keep` wrote; the installation's own rules are applied to every value again."""
        content = json.loads(path.read_text())
        for name, records in content["records"].items():
            self.load(name, records)
        for name, number in content["next"].items():
            self.registers[name].next_number = number
        self.hooks = {hook["Id"]: hook for hook in content["hooks"]}


def _plain(record: Record) -> dict[str, Any]:
    return {name: v.isoformat() if isinstance(v, datetime) else v for name, v in record.values.items()}


def _filled(given: Mapping[str, Stored | None]) -> dict[str, Stored]:
    return {name: value for name, value in given.items() if value is not None}
