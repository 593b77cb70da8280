"""One connection to Mobigo, as the contract of connectors wants it: a table of kinds, each with its own verbs.

What is read stands in read.py, what is written in write.py, the fields in map.py, the rules in streams.py, the preflight in check.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path

from brygga.clients.mobigo import Mobigo, Register
from brygga.clients.mobigo.tables import open_table
from brygga.connectors.contract import Capability, Creation, Finding, Receipt, Update
from brygga.connectors.files import FileReport
from brygga.connectors.mobigo import check, choices, read, write
from brygga.connectors.mobigo import map as mapping
from brygga.connectors.mobigo.file_import import import_file
from brygga.connectors.mobigo.settings import REGISTERS, Settings
from brygga.connectors.mobigo.streams import SYSTEM
from brygga.connectors.verbs import ByKind, Verbs
from brygga.core.seen import Seen
from brygga.errors import BryggaError, Rejected, SettingsError


class MobigoConnector(ByKind[Mobigo]):
    """Reads and writes one Mobigo."""

    system = SYSTEM
    name = "Mobigo"
    registers = choices.REGISTERS

    def __init__(self, client: Mobigo, settings: Settings, close: Callable[[], None] = lambda: None) -> None:
        self.client = client
        self.close = close
        self.settings = settings
        before = "invoice" if settings.kind == "order" else "order"
        self._kinds: Mapping[str, Verbs] = {
            "customer": Records(client.customers, "customer"),
            "article": Records(client.articles, "article"),
            "price_list": Records(client.price_lists, "price_list"),
            "price": Records(client.prices, "price"),
            settings.kind: Assignments(client, settings),
            # What became of a write of before the module was changed is asked for in its own words.
            before: Assignments(client, replace(settings, document=before)),
        }

    def check(self) -> list[Finding]:
        return check.findings(self.client, self.settings)

    def import_file(self, stream: str, path: Path, told: Callable[[int], None] = lambda lines: None) -> FileReport:
        """Import a CSV or Excel file of customers or articles (MOB-23). Raises SettingsError before anything is written."""
        if stream not in REGISTERS:
            raise SettingsError("Mobigo's {stream} are not read from a file.", repair="It is customers or articles.", stream=stream)
        self.settings.need_register(stream)
        table = open_table(path, encoding=self.settings.file_encoding, separator=self.settings.file_separator)
        return import_file(self.client, self.settings, table, stream.removesuffix("s"), told)


class Records:
    """The records of one register: customers, articles, price lists or prices (MOB-01 to MOB-03)."""

    def __init__(self, register: Register, kind: str) -> None:
        self._register = register
        self._kind = kind

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        return read.changed_records(self._register, self._kind, since)

    def get(self, id: str) -> Seen | None:
        raw = self._register.get(id)
        return None if raw is None else read.seen_record(raw, self._kind)

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find records by number, code, or list, article and quantity, exactly, among those updated since."""
        wanted, found = set(keys), dict[str, Seen]()
        for seen in self.changed(since):
            key = mapping.key_of(self._kind, seen.record)
            if key in wanted:
                found.setdefault(key, seen)
        return found

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        return write.create_records(self._register, self._kind, creations, self.capability().holding())

    def update(self, update: Update) -> Receipt:
        return write.update_record(self._register, self._kind, update)

    def capability(self) -> Capability:
        return Capability(
            mapping.FIELDS[self._kind],
            mapping.LIMITS[self._kind],
            batch=write.BATCH,
            places=mapping.PLACES[self._kind],
            ways=mapping.WAYS,
        )


class Assignments:
    """Assignments as the orders or invoices that they become, one each (MOB-04 to MOB-19, MOB-26 to MOB-28).

    What comes back to them is the document's number with the archived mark, and nothing else (MOB-11).
    """

    def __init__(self, client: Mobigo, settings: Settings) -> None:
        self._client = client
        self._settings = settings
        self._remarks: dict[str, str] = {}
        self._stay: set[str] = set()

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        """Yield the marked assignments, whatever *since* is, and those that were changed after their export."""
        changed = read.changed_after_export(self._client, self._settings, since)
        return chain(map(self._noticed, read.marked_assignments(self._client, self._settings)), changed)

    def get(self, id: str) -> Seen | None:
        """Read one assignment, which somebody chose by its number: it needs no mark."""
        raw = self._client.assignments.get(id)
        return None if raw is None else self._noticed(read.seen_assignment(raw, self._settings))

    def _noticed(self, seen: Seen) -> Seen:
        """Keep what did not follow, so that it is told in Mobigo together with the number; what lacks hours is not archived."""
        if seen.remark is not None and "MOB-06" in seen.remark.rule:
            self._stay.add(seen.ref.id)
        if seen.remark is not None:
            self._remarks[seen.ref.id] = str(seen.remark.sentence)
        return seen

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Nothing is made in Mobigo, so there is nothing to be found."""
        return {}

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        """Refuse: people make assignments in Mobigo (MOB-11). Nothing is sent."""
        return [
            Rejected("Document {key} was not brought to Mobigo: assignments are made there.", rule="MOB-11", key=creation.key)
            for creation in creations
        ]

    def update(self, update: Update) -> Receipt:
        archived = self._settings.archive and update.ref.id not in self._stay
        return write.note_export(self._client, self._settings, update, self._remarks.get(update.ref.id, ""), archived=archived)

    def capability(self) -> Capability:
        places = mapping.assignment_places(self._settings)
        return Capability(frozenset({"number"}), {"number": 50}, places=places, ways=mapping.WAYS)
