"""What is the same in every connector: a table of kinds, each with its own verbs, and of registers to choose from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from brygga.connectors.contract import Capability, Creation, Receipt, Update
from brygga.connectors.settings import Choice
from brygga.core.seen import Seen
from brygga.errors import BryggaError, SettingsError


class Verbs(Protocol):
    """What a connector can do with records of one kind; see `Connector`, whose methods hand over to the kind's own."""

    def changed(self, since: datetime | None) -> Iterator[Seen]: ...

    def get(self, id: str) -> Seen | None: ...

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]: ...

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]: ...

    def update(self, update: Update) -> Receipt: ...

    def capability(self) -> Capability: ...


def of_register(
    registers: Mapping[str, Callable[[Any], Iterable[Choice]]], register: str, client: Any, system: str
) -> list[Choice]:
    """Return what a register holds, by a connector's table. Raises SettingsError for one that it does not have."""
    if register not in registers:
        raise SettingsError(
            "{system} has no register {register} to choose from.",
            system=system,
            register=register,
            repair="It has: " + (", ".join(registers) or "none"),
        )
    return list(registers[register](client))


def by_name(names: Iterable[tuple[str, str, str]]) -> Iterator[Choice]:
    """Yield choices of (id, name, what else is said of it): by name where no other has it, else by id."""
    rows = list(names)
    count = Counter(name for _, name, _ in rows)
    for id, name, more in rows:
        if count[name] == 1:
            yield Choice(name, more, (id,))
        else:
            yield Choice(id, " · ".join(filter(None, (name, more))))


def of_kind(kinds: Mapping[str, Verbs], kind: str, system: str) -> Verbs:
    """Return a connector's verbs of a kind. Raises SettingsError for a kind that it does not have."""
    if kind not in kinds:
        raise SettingsError(
            "{system} has no records of kind {kind}.", system=system, kind=kind, repair="It has: " + ", ".join(kinds)
        )
    return kinds[kind]


Client = TypeVar("Client")


class ByKind(Generic[Client]):
    """What is the same in every connector: each verb hands over to the kind's own. `Connector` says what they promise.

    name       of the system, as people write it
    registers  what a settings form chooses from: register -> what reads it
    _kinds     kind -> its verbs
    """

    name: str
    registers: Mapping[str, Callable[[Any], Iterable[Choice]]] = {}
    client: Client
    _kinds: Mapping[str, Verbs]

    def choices(self, register: str, text: str | None = None) -> list[Choice]:
        return of_register(self.registers, register, self.client, self.name)

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
        return of_kind(self._kinds, kind, self.name)
