"""One connection to Opter, as the contract of connectors wants it: a table of kinds, each with its own verbs.

What is read stands in read.py, what is written in write.py, the fields in map.py, the rules in streams.py, the preflight in check.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from brygga.clients.opter import Opter, OpterFolder
from brygga.connectors.contract import Attachment, Capability, Creation, Finding, Receipt, Update
from brygga.connectors.opter import check, read, write
from brygga.connectors.opter.map import PLACES, WAYS
from brygga.connectors.opter.payments import Payments
from brygga.connectors.opter.settings import Settings
from brygga.connectors.opter.streams import SYSTEM
from brygga.connectors.payment_desk import Incoming, KnownInvoice, Mark
from brygga.connectors.verbs import ByKind, Verbs
from brygga.core.payment_import import ImportSettings
from brygga.core.seen import Seen
from brygga.errors import BryggaError, Rejected, SettingsError

_FILES = {"invoice": "Faktura {id}.pdf", "settlement": "Avräkning {id}.pdf"}


class OpterConnector(ByKind[Opter | OpterFolder]):
    """Reads and writes one Opter."""

    system = SYSTEM
    name = "Opter"

    def __init__(
        self,
        client: Opter | OpterFolder,
        settings: Settings,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self.client = client
        self.close = close
        self.settings = settings
        self._payments = Payments(client, settings)
        self._kinds: Mapping[str, Verbs] = {
            "customer": Customers(client, settings),
            "invoice": Invoices(client, settings, clock),
            "settlement": Settlements(client, settings, clock),
            "payment": self._payments,
        }
        self._checked = False

    def check(self) -> list[Finding]:
        return check.findings(self.client, self.settings)

    def changed(self, kind: str, since: datetime | None) -> Iterator[Seen]:
        self.need_kronor()
        return super().changed(kind, since)

    def file(self, kind: str, id: str) -> Attachment | None:
        """Return the printed invoice or settlement; its name tells a person in Fortnox what it is."""
        register = self.client.settlements if kind == "settlement" else self.client.invoices
        content = register.pdf(id)
        return None if content is None else Attachment(_FILES[kind].format(id=id), content)

    def import_settings(self, definition: str) -> tuple[str, ImportSettings]:
        self.need_kronor()
        return self._payments.definition(definition)

    def known_invoices(self) -> Mapping[str, KnownInvoice]:
        return self._payments.known_invoices()

    def judge(self, definition: str, incoming: Sequence[Incoming]) -> Mapping[str, Mark]:
        return self._payments.judge(definition, incoming)

    def register(self, definition: str, incoming: Sequence[Incoming]) -> Mapping[str, Receipt | BryggaError]:
        return self._payments.register(definition, incoming)

    def need_kronor(self) -> None:
        """Raise SettingsError unless Opter's default currency is SEK; asked once for each connection (OPT-06)."""
        if self._checked:
            return
        currency = str(self.client.installation().get("defaultCurrency") or "")
        if currency != "SEK":
            raise SettingsError(
                "Opter's default currency is {currency}; with Fortnox it has to be SEK. Nothing was read.",
                repair="Set SEK as default currency in Opter. Do not change it in an installation that is in use.",
                rule="OPT-06",
                currency=currency or "–",
            )
        self._checked = True


class _Made:
    """What is made in Opter by people only."""

    rule: str

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Nothing is made in Opter, so there is nothing to be found."""
        return {}

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        """Refuse. Nothing is sent."""
        refused = "Record {key} was not brought to Opter: it is made there."
        return [Rejected(refused, rule=self.rule, key=creation.key) for creation in creations]


class Customers(_Made):
    """The customers of exported invoices."""

    rule = "OPT-01"

    def __init__(self, client: Opter | OpterFolder, settings: Settings) -> None:
        self._client, self._settings = client, settings

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        return read.invoiced_customers(self._client, self._settings, since)

    def get(self, id: str) -> Seen | None:
        raw = self._client.customers.get(id)
        return None if raw is None else read.seen_customer(raw, self._settings)

    def update(self, update: Update) -> Receipt:
        raise Rejected("Customers are not changed in Opter.", rule=self.rule)

    def capability(self) -> Capability:
        return Capability(frozenset(), places=PLACES["customer"], ways=WAYS)


class Invoices(_Made):
    """Invoices of closed periods (fakturaexport)."""

    rule = "OPT-01"

    def __init__(self, client: Opter | OpterFolder, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._client, self._settings, self._clock = client, settings, clock

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        return read.changed_invoices(self._client, self._settings, since)

    def get(self, id: str) -> Seen | None:
        raw = self._client.invoices.get(id)
        return None if raw is None else read.seen_invoice(raw, self._settings)

    def update(self, update: Update) -> Receipt:
        return write.note_invoice(self._client, update, self._clock)

    def capability(self) -> Capability:
        # The OCR number is Opter's own and never written; held, so that the base tells what both said of it (OPT-26).
        return Capability(
            frozenset({"number", "voucher", "ocr"}),
            {"number": 20},
            places=PLACES["invoice"],
            ways=WAYS,
            forgets=isinstance(self._client, OpterFolder),
        )


class Settlements(_Made):
    """Settlements with hauliers (avräkningsexport)."""

    rule = "OPT-03"

    def __init__(self, client: Opter | OpterFolder, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._client, self._settings, self._clock = client, settings, clock

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        return read.changed_settlements(self._client, self._settings, since)

    def get(self, id: str) -> Seen | None:
        raw = self._client.settlements.get(id)
        return None if raw is None else read.seen_settlement(raw, self._settings)

    def update(self, update: Update) -> Receipt:
        return write.note_settlement(self._client, update, self._clock)

    def capability(self) -> Capability:
        return Capability(
            frozenset({"external_reference1", "booked"}),
            places=PLACES["settlement"],
            ways=WAYS,
            forgets=isinstance(self._client, OpterFolder),
        )
