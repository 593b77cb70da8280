"""One connection to Upsales, as the contract wants it: a table of kinds, each with its own verbs.

What companies and products are stands in map.py, sales in sale_map.py and sales.py; the rules in streams.py and sale_streams.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime

from brygga.clients.upsales import Entity, Upsales, wire
from brygga.clients.upsales.wire import Raw
from brygga.connectors.contract import Capability, Creation, Finding, Receipt, Update
from brygga.connectors.upsales import check, choices, read, streams, write
from brygga.connectors.upsales import map as mapping
from brygga.connectors.upsales.layout import Layout
from brygga.connectors.upsales.sales import Sales
from brygga.connectors.upsales.settings import Settings
from brygga.connectors.upsales.write import SYSTEM
from brygga.connectors.verbs import ByKind, Verbs
from brygga.core.fault import read_alone
from brygga.core.record import Article, Customer, Ref
from brygga.core.seen import Seen
from brygga.core.shown import Shown
from brygga.core.spelling import spelled
from brygga.errors import BryggaError


class UpsalesConnector(ByKind[Upsales]):
    """Reads and writes one Upsales account."""

    system = SYSTEM
    name = "Upsales"
    registers = choices.REGISTERS

    def __init__(self, client: Upsales, settings: Settings, close: Callable[[], None] = lambda: None) -> None:
        self.client = client
        self.close = close
        self.settings = settings
        self._layout = layout = Layout(client, settings)
        self._sales = {kind: Sales(client, layout, settings, kind) for kind in ("offer", "order", "invoice")}
        self._kinds: Mapping[str, Verbs] = {
            "customer": Companies(client, layout),
            "article": Products(client, layout),
            **self._sales,
        }

    def prepare(self, entity: Entity) -> None:
        """Make the custom fields of an entity that are missing. Raises Rejected, OutcomeUnknown."""
        self._layout.made(entity)

    def facts(self) -> dict[str, object]:
        """Return what an answer to a question needs of the account, as far as it has been read by now."""
        return self._layout.facts()

    def read_facts(self) -> dict[str, object]:
        """Read what an answer to a question needs. Raises Unavailable, Unauthorised."""
        return self._layout.read_facts()

    def read_in_run(self, kind: str) -> Collection[str]:
        """Return the ids of the sales that were read or written."""
        return self._sales[kind].marks.read_in_run()

    def show(self, kind: str, wanted: Mapping[str, Shown], most: int) -> list[BryggaError]:
        """Let sales show how they stand with Fortnox; see `Shows`."""
        return self._sales[kind].marks.show(wanted, most)

    def check(self) -> list[Finding]:
        return check.findings(self.client, self._layout, self.settings)


class Companies:
    """The companies of one account, as customers."""

    def __init__(self, client: Upsales, layout: Layout) -> None:
        self._client = client
        self._layout = layout

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        for raw, has_sale in read.changed_accounts(self._client, self._layout, since):
            yield self._seen(raw, has_sale)

    def get(self, id: str) -> Seen | None:
        raw = self._client.accounts.get(id)
        if raw is None:
            return None
        numbered = read.is_numbered(raw, self._layout)
        return self._seen(raw, not numbered and bool(read.sold_to(self._client, self._layout, {id})))

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find companies by their customer number, exactly."""
        field = self._layout.fields("account").get("FORTNOX_CUSTOMER_ID")
        found: dict[str, Seen] = {}
        for key in keys if field is not None else ():
            for raw in self._client.accounts.all(custom=wire.custom_filter(field or 0, [key])):
                if str(wire.custom_values(raw).get(field or 0)) == key:
                    found.setdefault(key, self._seen(raw, False))
        return found

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        return write.create(self._client.accounts, creations, "customer", self.capability().holding(), self._body())

    def update(self, update: Update) -> Receipt:
        return write.update(self._client.accounts, update, self._customer, self._body())

    def capability(self) -> Capability:
        more = self._layout.places
        held, places = mapping.HELD | more.held, {**mapping.PLACES_OF, **more.called()}
        ways = {name: way for name, way in mapping.WAYS.items() if name in held}
        return Capability(held, mapping.LIMITS, spell=more.spelled, places=places, ways=ways, needed=frozenset({"name"}))

    def _body(self) -> write.Body:
        ids, more = self._layout.made("account"), self._layout.places
        return lambda values, raw: mapping.account_fields(values, raw, ids, more)

    def _customer(self, raw: Raw) -> Customer:
        return mapping.customer_from_account(raw, self._layout.fields("account"), self._layout.places)

    def _seen(self, raw: Raw, has_sale: bool) -> Seen:
        ref = Ref(SYSTEM, "customer", str(raw["id"]))
        return read_alone(ref, Customer(), "", "Upsales", lambda: self._company(ref, raw, has_sale))

    def _company(self, ref: Ref, raw: Raw, has_sale: bool) -> Seen:
        customer = self._customer(raw)
        return spelled(Seen(ref, customer, standing=streams.standing(customer, ref.id, has_sale)), "Upsales")


class Products:
    """The products of one account, as articles. The register does not tell what changed, so it comes whole."""

    def __init__(self, client: Upsales, layout: Layout) -> None:
        self._client = client
        self._layout = layout

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        for raw in self._client.products.all():
            yield self._seen(raw)

    def get(self, id: str) -> Seen | None:
        raw = self._client.products.get(id)
        return None if raw is None else self._seen(raw)

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find products by article number, exactly."""
        found: dict[str, Seen] = {}
        for raw in self._client.products.some(keys, field="articleNo"):
            number = str(raw.get("articleNo") or "").strip()
            if number in keys:
                found.setdefault(number, self._seen(raw))
        return found

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        ids = self._layout.made("product")
        holding = self.capability().holding()
        return write.create(
            self._client.products, creations, "article", holding, lambda values, raw: mapping.product_fields(values, raw, ids)
        )

    def update(self, update: Update) -> Receipt:
        ids = self._layout.made("product")
        return write.update(
            self._client.products,
            update,
            mapping.article_from_product,
            lambda values, raw: mapping.product_fields(values, raw, ids),
        )

    def capability(self) -> Capability:
        return Capability(mapping.ARTICLE_HELD, mapping.ARTICLE_LIMITS, places=mapping.ARTICLE_PLACES, ways=mapping.ARTICLE_WAYS)

    def _seen(self, raw: Raw) -> Seen:
        ref = Ref(SYSTEM, "article", str(raw["id"]))
        return read_alone(ref, Article(), "", "Upsales", lambda: self._product(ref, raw))

    @staticmethod
    def _product(ref: Ref, raw: Raw) -> Seen:
        article = mapping.article_from_product(raw)
        return Seen(ref, article, standing=streams.standing_of_product(ref.id, article))
