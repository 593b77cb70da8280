"""Records that a person names: whether they are there, asked before anything is begun for them.

A person's word is checked like a system's. A record that is linked or waits as a problem is known to the hub and is not asked for
again: that it is gone meanwhile is said by the run that looks at it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from brygga import connectors
from brygga.connectors.contract import Connector
from brygga.core.policy import LEFT, RIGHT, Side
from brygga.errors import NoSuchRecord
from brygga.store import links, problems
from brygga.store.models import Integration
from brygga.sync.address import Target, record
from brygga.sync.look import kind_of
from brygga.sync.open import chosen_for, connect, connection_of


def chosen(targets: Sequence[Target], texts: Iterable[str]) -> list[tuple[Target, list[str]]]:
    """Return each stream with those of the named records (`webcrm:8812`) that are there, as `left:8812`; streams with none are left out.

    Without names each stream is returned, for all of its records. Raises NoSuchRecord for a name that no stream knows,
    SettingsError for a text that is no record, Unavailable and Unauthorised where a system cannot be asked.
    """
    wanted = list(dict.fromkeys(texts))
    if not wanted:
        return [(target, []) for target in targets]
    found: list[tuple[Target, list[str]]] = []
    seen: set[str] = set()
    for target in targets:
        addresses = {text: record(target, text) for text in wanted}
        there = [text for text, (side, id) in addresses.items() if is_there(target, side, id)]
        seen.update(there)
        if there:
            found.append((target, [":".join(addresses[text]) for text in there]))
    for text in wanted:
        if text not in seen:
            side, id = record(targets[0], text)
            raise missing(targets[0], side, id)
    return found


def is_there(target: Target, side: Side, id: str) -> bool:
    """Say whether a record is known to the hub, or its system has it. Raises Unavailable and Unauthorised."""
    integration, kind = target.integration, kind_of(target.integration, target.stream)
    if links.by_id(integration.pk, kind, side, [id]) or problems.by_id(integration.pk, target.stream, side, [id]):
        return True
    connector = _connector(integration, side)
    try:
        return connector.get(kind, id) is not None
    finally:
        connector.close()


def need(target: Target, side: Side, id: str) -> None:
    """Raise NoSuchRecord unless the record is there; Unavailable and Unauthorised where its system cannot be asked."""
    if not is_there(target, side, id):
        raise missing(target, side, id)


def missing(target: Target, side: Side, id: str) -> NoSuchRecord:
    """Return the error for a record that its system does not have."""
    system = target.integration.system if side == LEFT else "fortnox"
    return NoSuchRecord(
        "{system} has no {kind} {id}. Nothing was done.",
        repair="Check the number, and whether {address} is the right stream.",
        system=connectors.NAMES[system],
        kind=kind_of(target.integration, target.stream),
        id=id,
        address=str(target),
    )


def _connector(integration: Integration, side: Side) -> Connector:
    connection = connection_of(integration, integration.system if side == LEFT else "fortnox")
    settings = (
        chosen_for(connection)
        if side == RIGHT
        else connectors.read_settings(integration.system, integration.settings, f"{integration.address} settings")
    )
    return connect(connection, Counter(), "person", settings, hurried=True)
