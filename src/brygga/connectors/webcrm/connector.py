"""One connection to webCRM, as the contract wants it. What it does stands in read.py, map.py, write.py and check.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from brygga.clients.webcrm import WebCrm
from brygga.clients.webcrm.fields_metadata import Field
from brygga.connectors.contract import Capability, Creation, Finding, Receipt, Update
from brygga.connectors.webcrm import check, read, streams, write
from brygga.connectors.webcrm.layout import Layout, layout_of
from brygga.connectors.webcrm.settings import Settings
from brygga.core.seen import Seen
from brygga.errors import BryggaError


class WebCrmConnector:
    """Reads and writes one webCRM installation. FieldsMetadata is read once, when it is first needed."""

    system = streams.SYSTEM

    def __init__(
        self, client: WebCrm, settings: Settings, clock: read.Clock = read.now, close: Callable[[], None] = lambda: None
    ) -> None:
        self.client = client
        self.close = close
        self.settings = settings
        self._clock = clock

    @cached_property
    def _fields(self) -> tuple[Field, ...]:
        return self.client.fields_metadata.of("Organisation")

    @cached_property
    def layout(self) -> Layout:
        """Where each field lives in this installation. Raises SettingsError when a field that the settings name is missing."""
        return layout_of(self.settings, self._fields)

    def check(self) -> list[Finding]:
        return check.findings(self.client, self.settings)

    def changed(self, kind: str, since: datetime | None) -> Iterator[Seen]:
        layout = self.layout
        for raw in read.changed_organisations(self.client, since, self._clock):
            yield read.seen(raw, layout, self.settings)

    def get(self, kind: str, id: str) -> Seen | None:
        layout = self.layout
        raw = self.client.organisations.get(id)
        return read.seen(raw, layout, self.settings) if raw else None

    def find(self, kind: str, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find organisations by the customer number in the configured field, exactly, among those updated since."""
        wanted, layout = set(keys), self.layout
        found: dict[str, Seen] = {}
        for raw in read.changed_organisations(self.client, since, self._clock):
            key = write.key_of(raw, layout)
            if key in wanted:
                found.setdefault(key, read.seen(raw, layout, self.settings))
        return found

    def create(self, kind: str, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        return write.create_organisations(self.client, creations, self.layout)

    def update(self, kind: str, update: Update) -> Receipt:
        return write.update_organisation(self.client, update, self.layout)

    def capability(self, kind: str) -> Capability:
        return Capability(frozenset(self.layout.places), self.layout.limits, write.BATCH)
