"""What settings are chosen from: registers of both systems, read live and kept for a while, so that a page is quick and spends little.

Which register belongs to a setting stands at the setting (`connectors.settings.Source`). The form offers what is found here, the
preflight compares with it. A system that is away leaves the last copy, or nothing, and a sentence that says why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from django.utils import timezone

from brygga import connectors
from brygga.connectors.contract import SEARCHED, Connector
from brygga.connectors.settings import Choice, Source, loosely
from brygga.errors import BryggaError, Sentence, Unavailable
from brygga.store import secrets
from brygga.store.models import Company, Connection, Integration, RegisterCopy
from brygga.sync.open import connect

KEPT = timedelta(minutes=15)
"""So long a copy is offered before the system is asked again."""
PAUSE = timedelta(minutes=1)
"""A system that was away is not asked sooner, so that its pages stay quick."""
MOST_NAMED = 20
"""Values that are looked up one by one in a register that is too long to be read."""
MOST_FOUND = 30

SYSTEMS: Mapping[str, str] = {
    "fortnox": "Fortnox", "mobigo": "Mobigo", "opter": "Opter", "textalk": "Textalk Webshop", "upsales": "Upsales", "webcrm": "webCRM",
}  # fmt: skip

Place: TypeAlias = tuple[str, str]
"""A system and one of its registers."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What there is to choose from in one register.

    choices   in the system's order; of one that is looked into, those that were asked for
    asked     what was looked for in one that is looked into
    read_at   when it was read, None for never
    trouble   why it could not be read just now, as a stored sentence; None where it could
    """

    choices: tuple[Choice, ...] = ()
    asked: frozenset[str] = frozenset()
    read_at: datetime | None = None
    trouble: Mapping[str, Any] | None = None
    searched: bool = False

    def entry(self, text: str, source: Source) -> Choice | None:
        """Return the entry that a value means, None for none."""
        for choice in self.choices:
            if text == choice.value or text in choice.also:
                return choice
        if source.loose:
            wanted = loosely(text)
            return next((one for one in self.choices if wanted in map(loosely, (one.value, *one.also))), None)
        return None

    def lacks(self, text: str, source: Source) -> bool:
        """Say whether a value is surely not in the system; not while nothing could be read, or the register tells only a part."""
        if not text or self.read_at is None or not source.whole or (self.searched and text not in self.asked):
            return False
        return self.entry(text, source) is None


def place_of(integration: Integration, source: Source) -> Place:
    """Return where a source lies for an integration."""
    return source.system or integration.system, source.register


def shelves(company: Company, wanted: Mapping[Place, Collection[str]], *, fresh: bool = False) -> dict[Place, Shelf]:
    """Return what there is to choose from, by place; what is not kept, or not any more, is read now.

    wanted  place -> the values that stand in the settings, which are looked for in a register that is only looked into
    fresh   read everything again
    """
    connections = {one.system: one for one in Connection.objects.select_related("company").filter(company=company)}
    kept = {
        (copy.connection.system, copy.register): copy
        for copy in RegisterCopy.objects.select_related("connection").filter(connection__company=company)
    }
    now = timezone.now()
    found: dict[Place, Shelf] = {}
    stale: dict[str, list[str]] = {}
    for place, texts in wanted.items():
        system, register = place
        if system not in connections or not secrets.read(connections[system]):
            facts = {"system": SYSTEMS.get(system, system)}
            found[place] = Shelf(trouble=Sentence("{system} is not connected yet.", facts).as_json())
        elif fresh or _is_stale(kept.get(place), texts, now):
            stale.setdefault(system, []).append(register)
    for system, registers in stale.items():
        for copy in _read(connections[system], {name: wanted[system, name] for name in registers}, kept, now):
            kept[system, copy.register] = copy
    return {place: found.get(place) or _shelf(kept[place]) for place in wanted}


def search(integration: Integration, source: Source, text: str) -> list[Choice]:
    """Return the entries that a text fits, by value or name, at most MOST_FOUND. Raises what the system raises."""
    place = place_of(integration, source)
    if source.register not in SEARCHED:
        shelf = shelves(integration.company, {place: ()})[place]
        wanted = text.strip().casefold()
        fits = (one for one in shelf.choices if one.value.startswith(source.begins))
        return [one for one in fits if wanted in f"{one.value} {one.name}".casefold()][:MOST_FOUND]
    connection = Connection.objects.select_related("company").filter(company=integration.company, system=place[0]).first()
    if connection is None:
        return []
    connector = _open(connection)
    try:
        return connector.choices(source.register, text)[:MOST_FOUND]
    finally:
        connector.close()


def _is_stale(copy: RegisterCopy | None, texts: Collection[str], now: datetime) -> bool:
    if copy is None:
        return True
    if copy.trouble is not None:
        return now - copy.tried_at >= PAUSE
    if copy.register in SEARCHED and not set(_few(texts)) <= set(copy.asked):
        return True
    return copy.read_at is None or now - copy.read_at >= KEPT


def _few(texts: Iterable[str]) -> list[str]:
    return sorted({text for text in texts if text})[:MOST_NAMED]


def _open(connection: Connection) -> Connector:
    """Connect in the lane of persons and without patience; what the settings say makes no difference to a register."""
    return connect(connection, Counter(), "person", connectors.read_settings(connection.system, {}), hurried=True)


def _read(
    connection: Connection, wanted: Mapping[str, Collection[str]], kept: Mapping[Place, RegisterCopy], now: datetime
) -> list[RegisterCopy]:
    """Read registers of one connection and keep them. One that cannot be read keeps its last copy."""
    copies = []
    away: Sentence | None = None
    connector = _open(connection)
    try:
        for register, texts in wanted.items():
            copy = kept.get((connection.system, register)) or RegisterCopy(connection=connection, register=register)
            copy.tried_at = now
            try:
                if away is None:
                    copy.entries, copy.asked = _entries(connector, register, texts)
                    copy.read_at, copy.trouble = now, None
                else:
                    copy.trouble = away.as_json()
            except BryggaError as error:
                copy.trouble = error.sentence.as_json()
                away = error.sentence if isinstance(error, Unavailable) else None
            RegisterCopy.objects.update_or_create(
                connection=connection,
                register=register,
                defaults={
                    "entries": copy.entries,
                    "asked": copy.asked,
                    "read_at": copy.read_at,
                    "tried_at": now,
                    "trouble": copy.trouble,
                },
            )
            copies.append(copy)
    finally:
        connector.close()
    return copies


def _entries(connector: Connector, register: str, texts: Collection[str]) -> tuple[list[Any], list[str]]:
    if register not in SEARCHED:
        return [_kept(one) for one in connector.choices(register)], []
    asked = _few(texts)
    hits = [one for text in asked for one in connector.choices(register, text) if one.value == text]
    return [_kept(one) for one in hits], asked


def _kept(choice: Choice) -> list[Any]:
    return [choice.value, choice.name, list(choice.also)]


def _shelf(copy: RegisterCopy) -> Shelf:
    choices = tuple(Choice(value, name, tuple(also)) for value, name, also in copy.entries)
    return Shelf(choices, frozenset(copy.asked), copy.read_at, copy.trouble, copy.register in SEARCHED)
