"""Upsales' sales as offers, orders or invoices: read with their products, written with their stage and user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from brygga.clients.upsales import Upsales, wire
from brygga.clients.upsales.wire import Raw
from brygga.connectors.contract import Capability, Creation, Receipt, Update
from brygga.connectors.upsales import sale_map as mapping
from brygga.connectors.upsales import sale_streams
from brygga.connectors.upsales.layout import Layout
from brygga.connectors.upsales.marks import Marks
from brygga.connectors.upsales.settings import Settings
from brygga.connectors.upsales.write import SYSTEM, unmoved
from brygga.core.document import Document, Row
from brygga.core.fault import read_alone
from brygga.core.plan import Hold
from brygga.core.policy import RIGHT
from brygga.core.record import Ref, present
from brygga.core.seen import Seen
from brygga.core.shown import of_lock, of_write
from brygga.core.spelling import document_spelled
from brygga.errors import BryggaError, Rejected


class Sales:
    """The sales of one account, as documents of one kind."""

    def __init__(self, client: Upsales, layout: Layout, settings: Settings, kind: str) -> None:
        self._client = client
        self._layout = layout
        self._settings = settings
        self._kind = kind
        self.marks = Marks(client, layout, settings)

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        orders = self._client.orders
        pages = orders.pages() if since is None else orders.pages(modDate=f"gte:{wire.instant(since)}")
        for page in pages:
            self._layout.products({id for raw in page for id in mapping.product_ids(raw)})
            for raw in page:
                yield self._seen(raw)

    def get(self, id: str) -> Seen | None:
        raw = self._client.orders.get(id)
        return None if raw is None else self._seen(raw)

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find sales by the number of their document, exactly."""
        field = self._layout.fields("order").get(mapping.NUMBER[self._kind])
        if field is None:
            return {}
        found: dict[str, Seen] = {}
        for key in keys:
            for raw in self._client.orders.all(custom=wire.custom_filter(field, [key])):
                if str(wire.custom_values(raw).get(field)) == key:
                    found.setdefault(key, self._seen(raw))
        return found

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        """Make sales one by one. Raises OutcomeUnknown for the first whose answer is lost."""
        return [self._create(creation) for creation in creations]

    def _create(self, creation: Creation) -> Receipt | BryggaError:
        document: Any = creation.record
        holding = self.capability().holding()
        values: dict[str, Any] = {name: holding.fit(name, value) for name, value in present(document) if name in holding.fields}
        try:
            self._one_user(str(values.get("number") or ""), str(values.get("our_reference") or ""))
            body = mapping.sale_fields(values, {}, self._kind, self._layout.made("order"))
            stage = self._layout.stages.offer if self._kind == "offer" else self._layout.stages.won
            body |= {"stage": {"id": int(stage)}, "user": {"id": int(self._user(str(values.get("our_reference") or "")))}}
            if self._kind != "offer":
                body["probability"] = 100
            body["orderRow"] = self._rows(values.get("rows", ()), str(values.get("number") or ""))
            shown = of_lock(sale_streams.locking(self._settings)(RIGHT, document, document))
            made = self._client.orders.create(self.marks.body(shown, {}, body))
        except Rejected as error:
            return error
        self.marks.wrote(str(made["id"]), shown)
        return Receipt(Ref(SYSTEM, self._kind, str(made["id"])))

    def update(self, update: Update) -> Receipt:
        """Change the given fields. Raises Stale, and writes nothing, when the sale is gone or does not hold `before`."""
        raw = unmoved(self._client.orders, update, self.document)
        after: Mapping[str, Any] = update.after
        body = mapping.sale_fields(after, raw, self._kind, self._layout.made("order"))
        if "our_reference" in after:
            self._one_user(str(self.document(raw).number or update.ref.id), str(after["our_reference"]))
            body["user"] = {"id": int(self._user(str(after["our_reference"])))}
        if "rows" in after:
            self._may_have_rows(raw, update.ref.id)
            body["orderRow"] = self._rows(after["rows"], update.ref.id, raw)
        if after.get("cancelled") is True:
            body |= {"stage": {"id": int(self._layout.stages.lost)}, "probability": 0}
            # The balance of a cancelled invoice is 0 as well, but nobody has paid it.
            body["custom"] = wire.custom_list({**wire.custom_values(raw), self._layout.fields("order")["IS_PAID"]: 0})
        elif "number" in after and self._kind != "offer" and raw.get("probability") not in (0, 100):
            # An opportunity whose offer was made into an order in Fortnox has been won there (UPS-09).
            body |= {"stage": {"id": int(self._layout.stages.won)}, "probability": 100}
        if (shown := of_write(after)) is not None:
            body = self.marks.body(shown, raw, body)
            self.marks.wrote(update.ref.id, shown)
        self._client.orders.update(update.ref.id, body)
        return Receipt(update.ref)

    def capability(self) -> Capability:
        return Capability(
            mapping.held(self._kind, self._layout.fields("order")),
            spell=self._spell,
            row_fields=mapping.ROW_FIELDS,
            steps=("cancelled",) if "cancelled" in mapping.HELD[self._kind] else (),
            text_rows=False,
            places=mapping.places_of(self._kind),
            ways=mapping.WAYS,
        )

    # ------------------------------------------------------------------------------------------------ reading

    def _spell(self, name: str, text: str) -> str:
        return self._layout.spell_reference(text) if name == "our_reference" else text

    def document(self, raw: Raw) -> Document:
        """Return a sale as a document. Raises ValueError for a date that is none."""
        products = self._layout.products(mapping.product_ids(raw))
        reference = self._layout.reference_of(wire.nested(raw, "user"))
        return mapping.document_from_sale(raw, self._kind, self._layout.fields("order"), products, self._settings, reference)

    def _seen(self, raw: Raw) -> Seen:
        self.marks.see(raw)
        ref = Ref(SYSTEM, self._kind, str(raw["id"]))
        return read_alone(ref, Document(kind=self._kind), "", "Upsales", lambda: self._sale(ref, raw))

    def _sale(self, ref: Ref, raw: Raw) -> Seen:
        try:
            document = self.document(raw)
        except ValueError:
            return Seen(ref, Document(kind=self._kind), standing=sale_streams.unreadable(raw))
        held = sale_streams.standing(raw, document, self._layout, self._settings)
        return document_spelled(Seen(ref, document, standing=held or self._trouble(raw)), "Upsales")

    def _trouble(self, raw: Raw) -> Hold | None:
        products = self._layout.products(mapping.product_ids(raw))
        return sale_streams.trouble_of_rows(raw, products, self._settings)

    # ------------------------------------------------------------------------------------------------ writing

    def _one_user(self, number: str, name: str) -> None:
        """Raise Rejected when Our reference names two users: which of them made the sale is not ours to guess."""
        ids = self._layout.users_called(name)
        if len(ids) > 1:
            raise Rejected(
                "Document {number} has Our reference “{name}”, and {count} active users of Upsales are called so: {ids}.",
                repair="Give one of them another name in Upsales, or change Vår referens in Fortnox.",
                rule="UPS-08",
                number=number,
                name=name,
                count=len(ids),
                ids=", ".join(ids),
            )

    def _user(self, reference: str) -> str:
        return next(iter(self._layout.users_called(reference)), self._layout.placeholder)

    def _rows(self, rows: Sequence[Row], record: str, raw: Raw | None = None) -> list[dict[str, Any]]:
        numbers = {str(row.article_number or "") for row in rows if not row.is_text}
        products = self._layout.product_ids(numbers - {""})
        missing = sorted(number for number in numbers if products.get(number) is None)
        if missing:
            raise Rejected(
                "Document {record} has the article {article}, which is no product in Upsales yet.",
                repair="Let the products be synced first; a row without an article needs one in Fortnox.",
                rule="UPS-21",
                record=record,
                article=", ".join(number or "(none)" for number in missing),
            )
        if raw is None:
            return mapping.rows_to_sale(rows, products)
        return mapping.rows_to_sale(rows, products, mapping.in_order(raw), self.document(raw).lines)

    def _may_have_rows(self, raw: Raw, id: str) -> None:
        if mapping.has_bundles(raw):
            raise Rejected(
                "Sale {id} has product bundles, so the rows that were changed in Fortnox are not carried over.",
                repair="Change the rows in Upsales, or put them back in Fortnox.",
                rule="UPS-07",
                id=id,
            )
