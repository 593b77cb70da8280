"""What one account holds: records in registers, changed in one place only, with the time and the hand that changed them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from brygga_sandbox.upsales.setup import Setup

KINDS = ("accounts", "contacts", "products", "pricelists", "orders", "orderstages", "users", "currencies")
ENTITIES = ("account", "contact", "order", "orderrow", "product", "user")
"""What custom fields belong to."""

Event = Literal["insert", "update", "delete"]
Values = dict[str, Any]


@dataclass
class Record:
    """One record: its values as they are kept, when it was made and last changed (UTC), and by whom."""

    kind: str
    id: int
    values: Values
    created: datetime
    modified: datetime
    by: int | None = None
    hidden_until: datetime | None = field(default=None, repr=False)
    former: Record | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Change:
    """One change: what happened to which record, by whose e-mail address, and the fields that differ as (before, after)."""

    kind: str
    id: int
    event: Event
    by: str
    before: datetime
    fields: Mapping[str, tuple[Any, Any]]


class State:
    """One account with everything in it. Read and change it under the system's lock; `clock` says what time it is."""

    def __init__(self, setup: Setup, clock: Callable[[], datetime]) -> None:
        """Begin with currencies, stages and users, and nothing else."""
        self.setup = setup
        self.clock = clock
        self.registers: dict[str, dict[int, Record]] = {kind: {} for kind in KINDS}
        self.fields: dict[str, dict[int, Values]] = {entity: {} for entity in ENTITIES}
        self.next_id = dict.fromkeys((*KINDS, "row", "field"), 1)
        self.changes: list[Change] = []
        self.version = 0
        self.listeners: list[Callable[[Change], None]] = []

    def begin(self) -> None:
        """Set up what an account has from its first day."""
        rates = {self.setup.currency: 1.0, **self.setup.currencies}
        for iso, rate in rates.items():
            self.put("currencies", {"iso": iso, "rate": rate, "masterCurrency": iso == self.setup.currency, "active": True})
        for name, probability in self.setup.stages:
            self.put("orderstages", {"name": name, "probability": probability, "exclude": 0, "roles": []})
        for name, email in self.setup.users:
            self.put("users", {"name": name, "email": email, "active": 1, "administrator": False, "ghost": 0, "custom": []})
        if self.setup.price_lists:
            self.put("pricelists", {"name": "Standard", "code": "A", "active": True, "isDefault": True, "showDiscount": True})

    def __getitem__(self, kind: str) -> dict[int, Record]:
        """Return a register."""
        return self.registers[kind]

    def now(self) -> datetime:
        """Return the time in UTC, cut to whole milliseconds as the answers show it."""
        moment = self.clock().astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def new_id(self, what: str) -> int:
        """Return the next number of a register, of rows or of custom fields."""
        number = self.next_id[what]
        self.next_id[what] = number + 1
        return number

    def put(self, kind: str, values: Mapping[str, Any], by: int | None = None) -> Record:
        """Take up a record without a word to anybody; it may bring its own id, regDate and modDate."""
        own = dict(values)
        now = self.now()
        number = own.pop("id", None) or self.next_id[kind]
        created, modified = _moment(own.pop("regDate", None)) or now, _moment(own.pop("modDate", None))
        record = Record(kind, number, own, created, modified or created, by)
        if number in self.registers[kind]:
            raise ValueError(f"{kind} {number} exists already")
        self.registers[kind][number] = record
        self.next_id[kind] = max(self.next_id[kind], number + 1)
        self.version += 1
        return record

    def create(self, kind: str, values: Values, by: str) -> Record:
        """Make a record and tell the listeners."""
        record = self.put(kind, values, self.user_of(by))
        self._tell(Change(kind, record.id, "insert", by, record.created, {name: (None, v) for name, v in record.values.items()}))
        return record

    def update(self, record: Record, values: Values, by: str) -> None:
        """Give *record* these values beside those it has. It counts as modified even when nothing differs [guess]."""
        before, last = record.values, record.modified
        record.values = {**before, **values}
        record.modified = self.now()
        differing = {name: (before.get(name), value) for name, value in values.items() if before.get(name) != value}
        self._tell(Change(record.kind, record.id, "update", by, last, differing))

    def delete(self, record: Record, by: str) -> None:
        """Take a record out."""
        del self.registers[record.kind][record.id]
        self._tell(Change(record.kind, record.id, "delete", by, record.modified, {n: (v, None) for n, v in record.values.items()}))

    def user_of(self, email: str) -> int | None:
        """Return the id of the user with this e-mail address; None for an app's own."""
        return next((user.id for user in self["users"].values() if user.values["email"] == email), None)

    def _tell(self, change: Change) -> None:
        self.changes.append(change)
        self.version += 1
        for listener in self.listeners:
            listener(change)

    def visible(self, kind: str) -> Iterator[Record]:
        """Yield the records as lists show them: what a `hide` fault holds back is missing, or as it was before."""
        now: datetime | None = None
        for record in self.registers[kind].values():
            if record.hidden_until is not None:
                now = now or self.now()
                if now < record.hidden_until:
                    if record.former is not None:
                        yield record.former
                    continue
                record.hidden_until = record.former = None
            yield record

    def hide_since(self, first: int, seconds: float) -> None:
        """Keep the changes from number *first* on out of lists for *seconds* of the sandbox's time."""
        until = self.now() + timedelta(seconds=seconds)
        for change in self.changes[first:]:
            record = self.registers[change.kind].get(change.id)
            if record is None:
                continue
            if change.event == "update" and record.hidden_until is None:
                old = {**record.values, **{name: before for name, (before, _) in change.fields.items()}}
                record.former = Record(record.kind, record.id, old, record.created, change.before, record.by)
            record.hidden_until = until

    def keep(self, path: Path) -> None:
        """Write everything to *path*, which is replaced in one step."""
        content = {
            "next": self.next_id,
            "fields": {entity: list(fields.values()) for entity, fields in self.fields.items()},
            "records": {
                kind: [
                    {**r.values, "id": r.id, "regDate": r.created.isoformat(), "modDate": r.modified.isoformat()}
                    for r in register.values()
                ]
                for kind, register in self.registers.items()
            },
        }
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(content, ensure_ascii=False))
        beside.replace(path)

    def take_up(self, path: Path) -> None:
        """Read back what `keep` wrote."""
        content = json.loads(path.read_text())
        for kind, records in content["records"].items():
            for values in records:
                self.put(kind, values)
        self.fields = {entity: {one["id"]: one for one in fields} for entity, fields in content["fields"].items()}
        self.next_id = content["next"]


def _moment(value: object) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    moment = datetime.fromisoformat(str(value))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
