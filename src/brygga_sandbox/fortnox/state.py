"""The company behind the API: its registers, settings, number series, licences and clock.

A `Company` is one tenant. Registers are tables (`company.table("customers")`); what there is one of lies in
`company.values`. `company.load("customers", [...])` fills a register fast and unchecked, for populations.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from brygga_sandbox.fortnox.tables import Key, Ledger, Record, Stale, Table, wall_minute
from brygga_sandbox.server import Clock

if TYPE_CHECKING:
    from brygga_sandbox.fortnox.resource import Resource
    from brygga_sandbox.fortnox.store import Store

# Modules a company can own (Fortnox API, section 3.5).
MODULES = (
    "Fakturering",
    "Order",
    "Offert",
    "Bokföring",
    "Leverantörsfaktura",
    "Arkivplats",
    "Tid",
)

# Sets that are attributes of the company; `set` takes them too.
RIGHTS = ("modules", "rights_missing", "values_without_right", "integration_licences")

SETTINGS: dict[str, Any] = {
    "accounting_method": "ACCRUAL",
    "locked_until": None,
    "ocr": True,
    "easy_vat": False,
    "warehouse": False,
    "back_orders": False,
    "approval_of_supplier_invoices": False,
    "default_terms_of_payment": "30",
    "default_delivery_type": "PRINT",
    "bank_details": True,
    "round_to_whole_krona": True,
}


@dataclass
class Event:
    """One thing that happened, before it has an offset."""

    topic: str
    type: str
    entity_id: str
    more: dict[str, Any] = field(default_factory=dict)


class Company:
    """One tenant of the service.

    `values` keys: `information` (CompanyInformation), `settings` (CompanySettings), `user` (Me), and everything of
    `SETTINGS`. `integration_licences` holds the client ids that may connect, None for any; `rights_missing` names
    registers that the user may not open, `values_without_right` the fields shown as "API_NORIGHT".
    """

    def __init__(self, tenant: int, clock: Clock, resources: Mapping[str, "Resource"], store: "Store | None" = None) -> None:
        self.tenant = tenant
        self.clock = clock
        self.resources = resources
        self.ledger = Ledger()
        self.tables: dict[str, Table] = {}
        self.values: dict[str, Any] = dict(SETTINGS)
        self.modules: set[str] = set(MODULES)
        self.integration_licences: set[str] | None = None
        self.rights_missing: set[str] = set()
        self.values_without_right: set[str] = set()
        self.base_url = ""
        self.pending: list[Event] = []
        self._store = store

    # -- registers

    def table(self, name: str) -> Table:
        """Return a register; one that no resource describes (an internal one) is made with an empty blank record."""
        if name not in self.tables:
            resource = self.resources.get(name)
            blank = resource.blank if resource is not None else {}
            nested = resource.nested if resource is not None else {}
            self.tables[name] = Table(name, self.ledger, blank, nested)
        return self.tables[name]

    def get(self, name: str, key: Key) -> Record | None:
        """Return a copy of a whole record, or None."""
        return self.table(name).get(key)

    def put(self, name: str, key: Key, record: Mapping[str, Any]) -> None:
        """Write a whole record; it counts as changed now."""
        self.table(name).put(key, record, self.minute())

    def delete(self, name: str, key: Key) -> None:
        """Remove a record; its number stays taken (`was_used`)."""
        self.table(name).delete(key)
        self.table(f"deleted:{name}").put(key, {}, self.minute())

    def was_used(self, name: str, key: Key) -> bool:
        """Tell whether a record with the key existed and was deleted."""
        return key in self.table(f"deleted:{name}")

    def next_number(self, name: str, first: int = 1) -> int:
        """Return the next number of a register whose keys are numbers as text: highest existing number plus one."""
        order = self.table(name).order()
        # Keys sort numbers before texts, so the highest number is the last of its kind.
        for (kind, number, *_), _key in reversed(order):
            if kind == 0:
                return max(int(number) + 1, first)
        return first

    def count(self, name: str, first: int = 1) -> int:
        """Return the next number of an inner series that never goes back: row ids, ids of payments, labels."""
        series = self.table("series")
        number = int((series.get(name) or {}).get("next", first))
        series.put(name, {"next": number + 1}, self.minute())
        return number

    def count_from(self, name: str, following: int) -> None:
        """Set the number that an inner series gives next, unless it is past it already."""
        series = self.table("series")
        if int((series.get(name) or {}).get("next", 1)) < following:
            series.put(name, {"next": following}, self.minute())

    def load(self, name: str, records: Iterable[Mapping[str, Any]], *, modified: datetime | None = None) -> int:
        """Fill a register with records as a detail answer shows them, unset fields left out. Return how many.

        Fast and unchecked apart from field names: the records are believed. A number left out is given; an existing key
        is replaced. No events. Raises ValueError for a field or register that does not exist.
        """
        resource = self.resources.get(name)
        if resource is None:
            raise ValueError(f"no register {name!r}; there are: {', '.join(sorted(self.resources))}")
        minute = self.minute() if modified is None else wall_minute(modified)
        table = self.table(name)
        self.count_from(f"load:{name}", self.next_number(name))
        try:
            pairs = [(*resource.loaded(self, dict(given)), minute) for given in records]
        except Exception:
            self.take_back()
            raise
        count = table.fill(pairs)
        if self._store is not None:
            self._store.save_many(self.tenant, table, [key for key, _, _ in pairs])
        self.commit()
        return count

    # -- settings

    def set(self, name: str, value: Any) -> None:
        """Change one of `values`, or one of the sets of `RIGHTS`, and keep it."""
        self._set(name, value)
        if self._store is not None:
            self._store.save_value(self.tenant, name, value)

    def _set(self, name: str, value: Any) -> None:
        if name in RIGHTS:
            setattr(self, name, None if value is None else set(value))
        else:
            self.values[name] = value

    def restore_values(self, values: Mapping[str, Any]) -> None:
        """Take over settings as they were kept."""
        for name, value in values.items():
            self._set(name, value)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    # -- time

    def now(self) -> datetime:
        """Return the time in Stockholm, aware."""
        return self.clock.local()

    def today(self) -> date:
        """Return the date in Stockholm."""
        return self.clock.local().date()

    def minute(self) -> int:
        """Return the wall minute that `lastmodified` goes by."""
        return wall_minute(self.clock.local())

    # -- the end of a call

    def emit(self, topic: str, kind: str, entity_id: object, **more: Any) -> None:
        """Announce what happened; the event is sent when the call is committed."""
        self.pending.append(Event(topic, kind, str(entity_id), more))

    def commit(self) -> list[Event]:
        """Keep what the call wrote; return its events."""
        if self._store is not None and self.ledger.changes:
            self._store.save_changes(self.tenant, self.ledger.changes.values())
        self.ledger.changes.clear()
        events, self.pending = self.pending, []
        return events

    def take_back(self) -> None:
        """Undo what the call wrote, its events too."""
        self.ledger.take_back()
        self.pending.clear()

    def hide(self, changes: Iterable[tuple[str, Key, Record | None, int]], seconds: float) -> None:
        """Let lists show these records as they were, for so many seconds."""
        until = self.clock.now() + timedelta(seconds=seconds)
        for name, key, before, minute in changes:
            self.table(name).stale[key] = Stale(before, minute, until)

    def year_of(self, day: date) -> Record | None:
        """Return the financial year that a date lies in, or None."""
        text = day.isoformat()
        for year in self.table("financialyears").all():
            if year["FromDate"] <= text <= year["ToDate"]:
                return year
        return None

    def current_year(self) -> Record | None:
        """Return the latest financial year, which calls without a year mean."""
        years = list(self.table("financialyears").all())
        return max(years, key=lambda year: str(year["FromDate"]), default=None)


def key_text(key: Key) -> str:
    """Return a key as text for the store."""
    return json.dumps(key)


def text_key(text: str) -> Key:
    """Return the key that `key_text` wrote."""
    if text[0] == '"' and "\\" not in text:
        return text[1:-1]
    value = json.loads(text)
    return tuple(value) if isinstance(value, list) else value
