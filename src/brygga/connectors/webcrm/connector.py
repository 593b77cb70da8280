"""One connection to webCRM, as the contract wants it: a table of kinds, each with its own verbs.

What organisations do stands in read.py, map.py and write.py; articles in articles.py, deliveries in deliveries.py; the preflight in check.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from brygga.clients.webcrm import WebCrm
from brygga.connectors.contract import Capability, Creation, Finding, Receipt, Update
from brygga.connectors.verbs import ByKind, Verbs
from brygga.connectors.webcrm import check, choices, read, streams, write
from brygga.connectors.webcrm import map as mapping
from brygga.connectors.webcrm.articles import LinkedArticles
from brygga.connectors.webcrm.deliveries import Deliveries
from brygga.connectors.webcrm.layout import Layout, layout_of
from brygga.connectors.webcrm.settings import Settings
from brygga.core.seen import Seen
from brygga.core.shown import Shown
from brygga.errors import BryggaError


class WebCrmConnector(ByKind[WebCrm]):
    """Reads and writes one webCRM installation."""

    system = streams.SYSTEM
    name = "webCRM"
    registers = choices.REGISTERS

    def __init__(
        self, client: WebCrm, settings: Settings, clock: read.Clock = read.now, close: Callable[[], None] = lambda: None
    ) -> None:
        self.client = client
        self.close = close
        self.settings = settings
        chosen: str = settings.documents.kind
        before = "invoice" if chosen == "order" else "order"
        self._deliveries = Deliveries(client, settings, clock, chosen)
        self._kinds: Mapping[str, Verbs] = {
            "customer": Organisations(client, settings, clock),
            "article": LinkedArticles(client, settings),
            # What became of a write of before the module was changed is asked for in its own words.
            before: Deliveries(client, settings, clock, before),
            chosen: self._deliveries,
        }

    def read_in_run(self, kind: str) -> Collection[str]:
        """Return the numbers of the deliveries that were read or written."""
        return self._deliveries.marks.read_in_run()

    def show(self, kind: str, wanted: Mapping[str, Shown], most: int) -> list[BryggaError]:
        """Let deliveries show how they stand with Fortnox; see `Shows`."""
        return self._deliveries.marks.show(wanted, most)

    def check(self) -> list[Finding]:
        return check.findings(self.client, self.settings)


class Organisations:
    """The organisations of one installation, as customers. FieldsMetadata is read once, when it is first needed."""

    def __init__(self, client: WebCrm, settings: Settings, clock: read.Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock

    @cached_property
    def _layout(self) -> Layout:
        """Where each field lives in this installation. Raises SettingsError when a field that the settings name is missing."""
        return layout_of(self._settings, self._client.fields_metadata.of("Organisation"))

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        layout = self._layout
        for raw in read.changed_organisations(self._client, since, self._clock):
            yield read.seen(raw, layout, self._settings)

    def get(self, id: str) -> Seen | None:
        layout = self._layout
        raw = self._client.organisations.get(id)
        return read.seen(raw, layout, self._settings) if raw else None

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find organisations by the customer number in the configured field, exactly, among those updated since."""
        wanted, layout = set(keys), self._layout
        found: dict[str, Seen] = {}
        for raw in read.changed_organisations(self._client, since, self._clock):
            key = write.key_of(raw, layout)
            if key in wanted:
                found.setdefault(key, read.seen(raw, layout, self._settings))
        return found

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        return write.create_organisations(self._client, creations, self._layout)

    def update(self, update: Update) -> Receipt:
        return write.update_organisation(self._client, update, self._layout)

    def capability(self) -> Capability:
        layout = self._layout
        return Capability(
            frozenset(layout.places),
            layout.limits,
            write.BATCH,
            places=layout.places,
            ways=mapping.SAID,
            needed=frozenset({"name", "kind"}),
            lacking=layout.missing,
        )
