"""The shop's orders as the documents that they become, and what was paid for them. Written is the document's number alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from brygga.clients.textalk import Raw, Textalk
from brygga.connectors.contract import Capability, Creation, Receipt, Update
from brygga.connectors.textalk import order_map as mapping
from brygga.connectors.textalk.held import day
from brygga.connectors.textalk.order_rows import option_uids
from brygga.connectors.textalk.read import placed_since
from brygga.connectors.textalk.settings import Settings
from brygga.connectors.textalk.shop import SYSTEM, Shop
from brygga.core.document import Document, Payment
from brygga.core.fault import read_alone
from brygga.core.money import Money
from brygga.core.plan import Hold, held_by
from brygga.core.record import Ref
from brygga.core.seen import Seen
from brygga.core.spelling import document_spelled
from brygga.errors import BadData, BryggaError, Rejected, Stale

AMOUNTS: Final = frozenset({"", "TXT-08", "TXT-09"})
"""The rules by which an order's sums, or how it was paid, keep it waiting."""


class Orders:
    """The orders of one shop that become documents of one kind (TXT-08 to TXT-11)."""

    def __init__(self, client: Textalk, shop: Shop, settings: Settings, kind: str) -> None:
        self._client = client
        self._shop = shop
        self._settings = settings
        self._kind = kind

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        """Yield the orders of this kind, to be read once more by themselves: their sums count even where no field of ours moved."""
        for raw in placed_since(self._client, since):
            seen = self._seen(raw)
            if seen is not None:
                yield Seen(seen.ref, seen.record, complete=False, standing=seen.standing)

    def get(self, id: str) -> Seen | None:
        raw = self._client.orders.get(int(id), mapping.QUERY) if id.isdecimal() else None
        if raw is None:
            return None
        return self._seen(raw) or self._as_asked(raw)

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Nothing is made in the shop, so there is nothing to be found."""
        return {}

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        """Refuse: orders are placed in the shop. Nothing is sent."""
        return [
            Rejected("Document {key} was not brought to the shop: orders are placed there.", rule="TXT-08", key=creation.key)
            for creation in creations
        ]

    def update(self, update: Update) -> Receipt:
        """Write the document's number on the order (externalOrderNumber). Raises Stale where another number stands there."""
        number, uid = str(update.after.get("number") or ""), int(update.ref.id)
        if set(update.after) != {"number"} or not number:
            raise Rejected("Of an order only its document's number is written to the shop.", rule="TXT-08")
        held = self._client.orders.get(uid, {"externalOrderNumber": True})
        if held is None:
            raise Stale("Order {id} is gone from the shop. Nothing was written.", id=uid)
        there = str(held.get("externalOrderNumber") or "")
        if there not in ("", number):
            raise Stale("Order {id} has got the number {there} meanwhile. Nothing was written.", id=uid, there=there)
        if not there:
            self._client.orders.set(uid, {"externalOrderNumber": number}, {"uid": True})
        return Receipt(update.ref)

    def capability(self) -> Capability:
        return Capability(mapping.HELD, {"number": 50}, places=mapping.PLACES, ways=mapping.WAYS)

    def _seen(self, raw: Raw) -> Seen | None:
        """Return an order of this kind; one without a choice of kind waits among the invoices. None for one of another kind."""
        try:
            if mapping.kind_of(raw, self._shop.methods, self._settings) != self._kind:
                return None
        except mapping.Held as held:
            return self._waits(raw, held.hold) if self._kind == "invoice" else None
        return self._as_asked(raw)

    def _as_asked(self, raw: Raw) -> Seen:
        ref = Ref(SYSTEM, self._kind, str(raw["uid"]))
        return read_alone(ref, Document(kind=self._kind), "TXT-08", "Textalk Webshop", lambda: self._order(ref, raw))

    def _order(self, ref: Ref, raw: Raw) -> Seen:
        try:
            options = self._shop.options(raw) if option_uids(raw) else {}
            return document_spelled(
                Seen(ref, mapping.document(raw, self._shop.methods, self._settings, options)), "Textalk Webshop"
            )
        except mapping.Held as held:
            return self._waits(raw, held.hold)
        except BadData as error:
            return self._waits(raw, held_by(error, "TXT-08", "Textalk Webshop"))

    def _waits(self, raw: Raw, hold: Hold) -> Seen:
        """Return an order that cannot be reckoned: it waits, unless it was cancelled or has its number and makes no document anyway."""
        record = Document(**mapping.head(raw, self._kind, self._settings))
        if hold.rule not in AMOUNTS:
            # What holds it says nothing of its sums: they are compared with a document that was made before.
            record = replace(record, total=mapping.total_of(raw, self._shop.methods, self._settings))
        settled = raw.get("discarded") is True or raw.get("externalOrderNumber")
        return Seen(Ref(SYSTEM, self._kind, str(raw["uid"])), record, standing=None if settled else hold)


class Payments:
    """The payments that came for exported invoices, by methods whose money the shop says has come."""

    def __init__(self, client: Textalk, shop: Shop, settings: Settings) -> None:
        self._client = client
        self._shop = shop
        self._settings = settings

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        if not self._settings.paid_methods:
            return
        for raw in placed_since(self._client, since):
            seen = self._seen(raw)
            if seen is not None:
                yield seen

    def get(self, id: str) -> Seen | None:
        raw = self._client.orders.get(int(id), mapping.QUERY)
        return None if raw is None else self._seen(raw)

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        return {}

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        return [Rejected("Payment {key} was not brought to the shop.", key=creation.key) for creation in creations]

    def update(self, update: Update) -> Receipt:
        raise Rejected("Nothing of a payment is written to the shop.")

    def capability(self) -> Capability:
        places = {
            "invoice_number": "externalOrderNumber",
            "amount": "payments.amount",
            "mode": "payments.method",
            "date": "payments",
        }
        return Capability(frozenset(), places=places)

    def _seen(self, raw: Raw) -> Seen | None:
        """Return what was collected for an order whose invoice is in Fortnox; one payment an order."""
        try:
            paid = mapping.paid_by(raw, self._shop.methods, self._settings)
            if not paid.mode or mapping.kind_of(raw, self._shop.methods, self._settings) != "invoice":
                return None
        except mapping.Held:
            return None
        number = str(raw.get("externalOrderNumber") or "")
        if not number or not paid.collected or raw.get("discarded") is True:
            return None
        ref, hold, when = Ref(SYSTEM, "payment", str(raw["uid"])), None, None
        try:
            when = day(raw, "changed")
        except mapping.Held as held:
            hold = held.hold
        payment = Payment(
            number=str(raw["uid"]),
            invoice_number=number,
            amount=Money(paid.collected, str(raw.get("currency") or "SEK")),
            date=when,
            mode=paid.mode,
            booked=True,
        )
        return Seen(ref, payment, standing=hold)
