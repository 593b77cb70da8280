"""One connection to Fortnox, as the contract wants it: a table of kinds, each with its own verbs.

What customers do stands in read.py, map.py and write.py; articles in articles.py, documents in documents.py; the preflight in check.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime

from brygga.clients.fortnox import Fortnox
from brygga.connectors.contract import Capability, Creation, Finding, Provided, Receipt, Update
from brygga.connectors.fortnox import check, choices, presence, read, refusals, write
from brygga.connectors.fortnox import map as mapping
from brygga.connectors.fortnox.articles import Articles
from brygga.connectors.fortnox.document_form import FORMS
from brygga.connectors.fortnox.documents import Documents
from brygga.connectors.fortnox.files import Files
from brygga.connectors.fortnox.payments import Payments
from brygga.connectors.fortnox.price_lists import PriceLists, Prices
from brygga.connectors.fortnox.registers import Registers
from brygga.connectors.fortnox.settings import Settings
from brygga.connectors.fortnox.settlements import Settlements
from brygga.connectors.settings import Choice
from brygga.connectors.verbs import ByKind, Verbs
from brygga.core.document import Article, Document
from brygga.core.record import present
from brygga.core.seen import Seen
from brygga.errors import BryggaError, Rejected


class FortnoxConnector(ByKind[Fortnox]):
    """Reads and writes one company's Fortnox."""

    system = read.SYSTEM
    name = "Fortnox"
    registers = choices.REGISTERS

    def __init__(self, client: Fortnox, settings: Settings | None = None, close: Callable[[], None] = lambda: None) -> None:
        self.client = client
        self.close = close
        self.settings = settings or Settings()
        self._articles = Articles(client)
        self._registers = Registers(client, settings)
        self._files = Files(client)
        self._kinds: Mapping[str, Verbs] = {
            "customer": Customers(client, self.settings),
            "article": self._articles,
            "price_list": PriceLists(client),
            "price": Prices(client),
            "payment": Payments(client),
            "settlement": Settlements(client, self._files),
            **{kind: Documents(client, form, self._files, self._registers) for kind, form in FORMS.items()},
        }

    def create(self, kind: str, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        results = super().create(kind, creations)
        for one in results:
            if isinstance(one, Receipt):
                self._registers.forget(kind, one.ref.id)
        return [
            refusals.told(result, dict(present(one.record))) if isinstance(result, BryggaError) else result
            for one, result in zip(creations, results, strict=True)
        ]

    def update(self, kind: str, update: Update) -> Receipt:
        self._registers.forget(kind, update.ref.id)
        try:
            return super().update(kind, update)
        except Rejected as error:
            raise refusals.told(error, {**update.before, **update.after}, update.ref.id) from error

    def check(self) -> list[Finding]:
        return check.findings(self.client, self.settings)

    def choices(self, register: str, text: str | None = None) -> list[Choice]:
        if register == "articles":
            return list(choices.articles(self.client, text or ""))
        return super().choices(register)

    def has(self, kind: str, ids: Collection[str]) -> set[str]:
        found = self._registers.present(kind, ids)
        return found if found is not None else presence.present(self.client, kind, ids, self._kinds)

    def provide(self, kind: str, id: str, values: Mapping[str, str]) -> Provided:
        self._registers.forget(kind, id)
        return presence.provide(self.client, kind, id, values, self._kinds)

    def sie(self, year: int) -> bytes:
        return self.client.sie.export(4, **({"financialyear": year} if year else {}))

    def sell_by(self, price_list: str) -> None:
        self._articles.price_list = price_list

    def fill_from_card(self, fields: Collection[str]) -> None:
        self._registers.from_card = frozenset(fields)

    def articles(self, numbers: Collection[str], *, accounts: bool = False) -> Mapping[str, Article]:
        return self._registers.articles(numbers, accounts=accounts)

    def predefined(self) -> Mapping[str, str]:
        return self._registers.predefined()

    def completed(self, document: Document) -> Document:
        return self._registers.completed(document)

    def files(self, kind: str, id: str) -> set[str]:
        return set(self._files.of_supplier_invoice(id) if kind == "settlement" else self._files.sent_with_invoice(id))


class Customers:
    """The customers of one Fortnox."""

    def __init__(self, client: Fortnox, settings: Settings) -> None:
        self._client = client
        self._settings = settings

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        for row, active in read.changed_customers(self._client, since):
            yield read.seen_row(row, active)

    def get(self, id: str) -> Seen | None:
        raw = read.get_customer(self._client, id)
        return read.seen_detail(raw) if raw else None

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find customers by our key in ExternalReference, exactly, among those changed since; the list does not show it."""
        missing = set(keys)
        found: dict[str, Seen] = {}
        for row, _ in read.changed_customers(self._client, since):
            if not missing:
                break
            raw = read.get_customer(self._client, str(row["CustomerNumber"]))
            key = str((raw or {}).get(write.KEY) or "")
            if raw and key in missing:
                found[key] = read.seen_detail(raw)
                missing.discard(key)
        return found

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        return write.create_customers(self._client, creations, self._settings)

    def update(self, update: Update) -> Receipt:
        return write.update_customer(self._client, update)

    def capability(self) -> Capability:
        return Capability(
            mapping.HELD,
            mapping.LIMITS,
            spell=mapping.spell,
            formerly=mapping.spell_formerly,
            places=mapping.PLACES,
            ways=mapping.WAYS,
            needed=frozenset({"name"}),
        )
