"""Mobigo's registers as kinds of records: customers, articles, price lists, prices. Rows MOB-01 to MOB-03.

Fortnox' records are written to them by number, made or changed, never deleted. A PUT replaces the whole object, so it is read
first and sent back with its version: what somebody changed meanwhile makes it stale and is not overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from brygga.clients.mobigo import PAGE, Mobigo, Raw, Register
from brygga.connectors.contract import Capability, Creation, Receipt, Update
from brygga.connectors.mobigo import map as mapping
from brygga.connectors.mobigo.streams import SYSTEM
from brygga.core.diff import same
from brygga.core.plan import Hold
from brygga.core.policy import Holding
from brygga.core.record import ABSENT, Ref, present
from brygga.core.seen import Seen
from brygga.errors import BadData, BryggaError, Rejected, Stale

CLOCKS_APART = timedelta(minutes=2)
"""How far Mobigo's clock may differ from ours: so much is read twice."""


class Records:
    """The records of one kind in one Mobigo."""

    def __init__(self, register: Register, kind: str) -> None:
        self._register = register
        self._kind = kind

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        """Yield the records updated at or after *since* (aware), all when it is None, a request for each hundred."""
        for raw in self._register.records(None if since is None else since - CLOCKS_APART):
            yield self._seen(raw)

    def get(self, id: str) -> Seen | None:
        raw = self._register.get(id)
        return None if raw is None else self._seen(raw)

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find records by number, code, or list, article and quantity, exactly, among those updated since."""
        wanted, found = set(keys), dict[str, Seen]()
        for seen in self.changed(since):
            key = mapping.key_of(self._kind, seen.record)
            if key in wanted:
                found.setdefault(key, seen)
        return found

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        """Make up to 100 records with one call, one result each. Raises OutcomeUnknown when any may have been made."""
        bodies = [mapping.changed_raw({}, self._fitted(creation)) for creation in creations]
        results = self._register.create(bodies)
        return [one if isinstance(one, Rejected) else Receipt(self._ref(one)) for one in results]

    def _fitted(self, creation: Creation) -> dict[str, object]:
        holding = self.capability().holding()
        return {name: holding.fit(name, value) for name, value in present(creation.record) if name in holding.fields}

    def update(self, update: Update) -> Receipt:
        """Change the given fields of one record. Raises Stale, and writes nothing, when it is gone or changed meanwhile."""
        id = update.ref.id
        raw = self._register.get(id)
        if raw is None:
            raise Stale("{kind} {id} is gone from Mobigo. Nothing was written.", kind=self._kind, id=id)
        now = dict(present(mapping.READERS[self._kind](raw)))
        moved = [name for name, before in update.before.items() if not same(name, now.get(name, ABSENT), before)]
        if moved:
            raise Stale(
                "{kind} {id} was changed in Mobigo since the plan was made ({fields}). Nothing was written.",
                kind=self._kind,
                id=id,
                fields=", ".join(moved),
            )
        self._register.replace(id, mapping.changed_raw(raw, update.after))
        return Receipt(update.ref)

    def capability(self) -> Capability:
        return Capability(mapping.FIELDS[self._kind], mapping.LIMITS[self._kind], batch=PAGE)

    def holding(self) -> Holding:
        """Return what a record of this kind can hold."""
        return self.capability().holding()

    def _ref(self, raw: Raw) -> Ref:
        return Ref(SYSTEM, self._kind, str(raw["id"]))

    def _seen(self, raw: Raw) -> Seen:
        ref = self._ref(raw)
        try:
            return Seen(ref, mapping.READERS[self._kind](raw))
        except BadData as error:
            return Seen(ref, mapping.READERS[self._kind]({}), standing=Hold(error.sentence, "", error.repair))


def registers(client: Mobigo) -> dict[str, Records]:
    """Return the verbs of each register by its kind."""
    return {
        "customer": Records(client.customers, "customer"),
        "article": Records(client.articles, "article"),
        "price_list": Records(client.price_lists, "price_list"),
        "price": Records(client.prices, "price"),
    }
