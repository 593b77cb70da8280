"""What the planner will ask, answered as the records come in, while the rest is still being waited for.

A register of 50,000 takes as long to read as its system's limit wants, and most of that time nobody works. Nothing is decided here: an
answer is used only if it is what the planner would find itself once everything has been read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from brygga.core.match import Decision, Identity, Index
from brygga.core.policy import LEFT, RIGHT, Side, other
from brygga.core.record import Value, present
from brygga.core.seen import Fresh, Known, Seen


class Foresight:
    """The identities and the index of what has been read of both sides, and likely decisions."""

    def __init__(
        self, identify: Callable[[Mapping[str, Value]], Identity], match_keys: Sequence[str], *, joins: bool = False
    ) -> None:
        self._identify, self._match_keys, self._joins = identify, match_keys, joins
        self._index: dict[Side, Index] = {side: Index((), match_keys, joins=joins) for side in (LEFT, RIGHT)}
        self._records: dict[Side, dict[str, Any]] = {LEFT: {}, RIGHT: {}}
        self._identities: dict[Side, dict[str, Identity]] = {LEFT: {}, RIGHT: {}}
        self._decided: dict[Side, dict[str, Decision]] = {LEFT: {}, RIGHT: {}}
        self._twins: dict[Side, dict[str, list[str]]] = {LEFT: {}, RIGHT: {}}
        self._read_twice: set[Side] = set()
        self._named: dict[Side, dict[str, list[str]]] | None = None

    def see(self, side: Side, seen: Seen) -> None:
        """Take in a record that will be matched; if it seems to be one of the other side, decide for that one in advance."""
        id = seen.ref.id
        if id in self._records[side]:
            self._read_twice.add(side)
        identity = self._identify(dict(present(seen.record)))
        self._add(side, id, seen.record, identity)
        for where in (LEFT, RIGHT):
            # Of these something else may be said now that it has come.
            for touched in self._index[where].sharing(identity):
                self._decided[where].pop(touched, None)
                self._twins[where].pop(touched, None)
        seems = self._index[other(side)].decide(identity).candidate
        if seems is not None:
            self.decide(other(side), seems)
            self.twins(other(side), seems)

    @property
    def is_of_use(self) -> bool:
        """Say whether the planner can take its answers from here: not where a record came twice, as one of the two is out of date."""
        return not self._read_twice

    def of(self, fresh: Mapping[Side, Mapping[str, Fresh]], pool: Mapping[Side, Mapping[str, Known]]) -> Foresight:
        """Return this one if it holds exactly these fresh records, in this order, and nothing else is to be matched; else one that does."""
        if not any(pool.values()) and all(self._holds(side, fresh[side]) for side in (LEFT, RIGHT)):
            return self
        anew = Foresight(self._identify, self._match_keys, joins=self._joins)
        for side in (LEFT, RIGHT):
            identities = {id: self._identify(known.values) for id, known in pool[side].items()}
            identities.update((id, self._identity(side, one.seen)) for id, one in fresh[side].items())
            for id, identity in identities.items():
                anew._add(side, id, None, identity)
        return anew

    def _add(self, side: Side, id: str, record: Any, identity: Identity) -> None:
        self._records[side][id], self._identities[side][id] = record, identity
        self._index[side].add(id, identity)
        if self._named is not None and identity.name:
            self._named[side].setdefault(identity.name, []).append(id)

    def _identity(self, side: Side, seen: Seen) -> Identity:
        """Return what a record is recognised by; one that was not taken in, or has been completed since, is looked at now."""
        if self._records[side].get(seen.ref.id) is seen.record:
            return self._identities[side][seen.ref.id]
        return self._identify(dict(present(seen.record)))

    def _holds(self, side: Side, wanted: Mapping[str, Fresh]) -> bool:
        held = self._records[side]
        if not self.is_of_use or len(held) != len(wanted):
            return False
        return all(one == two and fresh.seen.record is held[two] for (one, fresh), two in zip(wanted.items(), held, strict=True))

    def decide(self, side: Side, id: str) -> Decision:
        """Return what the other side's index says now of a record that it holds."""
        known = self._decided[side].get(id)
        if known is None:
            known = self._decided[side][id] = self._index[other(side)].decide(self._identities[side][id])
        return known

    def twins(self, side: Side, id: str) -> list[str]:
        """Return the records of the same side that have its organisation or VAT number."""
        known = self._twins[side].get(id)
        if known is None:
            alike = self._index[side].same_number(self._identities[side][id])
            known = self._twins[side][id] = [twin for twin in alike if twin != id]
        return known

    def hints(self, side: Side, id: str) -> list[str]:
        """Return the records of the same side that share a number with it in a way that proves nothing."""
        found = self._index[side].perhaps_the_same(self._identities[side][id])
        return [hint for hint in found if hint != id]

    def identity(self, side: Side, id: str) -> Identity:
        """Return what a record that was taken in is recognised by."""
        return self._identities[side][id]

    def named(self, side: Side, name: str) -> list[str]:
        """Return the records of a side with this name key. Worked out when it is first asked for: what numbers link needs no names."""
        if self._named is None:
            self._named = {LEFT: {}, RIGHT: {}}
            for where in (LEFT, RIGHT):
                for id, identity in self._identities[where].items():
                    if identity.name:
                        self._named[where].setdefault(identity.name, []).append(id)
        return self._named[side].get(name, [])
