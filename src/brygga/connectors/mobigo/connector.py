"""One connection to Mobigo, as the contract of connectors wants it: a table of kinds, each with its own verbs.

Registers stand in registers.py, assignments in assignments.py, the fields of both in map.py, the preflight in check.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from brygga.clients.mobigo import Mobigo
from brygga.connectors.contract import Capability, Creation, Finding, Receipt, Update, Verbs, of_kind
from brygga.connectors.mobigo import check
from brygga.connectors.mobigo.assignments import Assignments
from brygga.connectors.mobigo.registers import registers
from brygga.connectors.mobigo.settings import Settings
from brygga.connectors.mobigo.streams import SYSTEM
from brygga.core.seen import Seen
from brygga.errors import BryggaError


class MobigoConnector:
    """Reads and writes one Mobigo."""

    system = SYSTEM

    def __init__(self, client: Mobigo, settings: Settings, close: Callable[[], None] = lambda: None) -> None:
        self.client = client
        self.close = close
        self.settings = settings
        self._kinds: Mapping[str, Verbs] = {**registers(client), settings.kind: Assignments(client, settings)}

    def check(self) -> list[Finding]:
        return check.findings(self.client, self.settings)

    def changed(self, kind: str, since: datetime | None) -> Iterator[Seen]:
        return self._of(kind).changed(since)

    def get(self, kind: str, id: str) -> Seen | None:
        return self._of(kind).get(id)

    def find(self, kind: str, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        return self._of(kind).find(keys, since)

    def create(self, kind: str, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        return self._of(kind).create(creations)

    def update(self, kind: str, update: Update) -> Receipt:
        return self._of(kind).update(update)

    def capability(self, kind: str) -> Capability:
        return self._of(kind).capability()

    def _of(self, kind: str) -> Verbs:
        return of_kind(self._kinds, kind, "Mobigo")
