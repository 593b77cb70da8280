"""Ask Mobigo for what changed in its registers, and for the assignments that people marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from brygga.clients.mobigo import Mobigo, Raw, Register
from brygga.connectors.mobigo import map as mapping
from brygga.connectors.mobigo import streams
from brygga.connectors.mobigo.settings import Settings
from brygga.connectors.mobigo.streams import SYSTEM
from brygga.core.document import Document
from brygga.core.fault import read_alone
from brygga.core.record import Ref
from brygga.core.seen import Seen
from brygga.core.spelling import document_spelled

CLOCKS_APART = timedelta(minutes=2)
"""How far Mobigo's clock may differ from ours: so much is read twice."""


def changed_records(register: Register, kind: str, since: datetime | None) -> Iterator[Seen]:
    """Yield the records updated at or after *since* (aware), all when it is None, a request for each hundred."""
    for raw in register.records(None if since is None else since - CLOCKS_APART):
        yield seen_record(raw, kind)


def ref(raw: Raw, kind: str) -> Ref:
    """Return the address of a record of a register."""
    return Ref(SYSTEM, kind, str(raw["id"]))


def seen_record(raw: Raw, kind: str) -> Seen:
    """Return a record of a register; one with an amount that is none waits."""
    address = ref(raw, kind)
    return read_alone(address, mapping.READERS[kind]({}), "", "Mobigo", lambda: Seen(address, mapping.READERS[kind](raw)))


def marked_assignments(client: Mobigo, settings: Settings) -> Iterator[Seen]:
    """Yield the assignments that are marked for export, whenever that was done: the mark goes with the export (MOB-26).

    One that became a document before, and was changed since, is to be read once more beside it.
    """
    for raw in client.assignments.marked():
        seen = seen_assignment(raw, settings)
        yield seen if getattr(seen.record, "edited", None) is not True else replace(seen, complete=False)


def changed_after_export(client: Mobigo, settings: Settings, since: datetime | None) -> Iterator[Seen]:
    """Yield the assignments that were changed after they had become documents, to be read once more beside these (MOB-28)."""
    for raw in client.assignments.changed_after_export(None if since is None else since - CLOCKS_APART):
        if (raw.get("export") or {}).get("marked") is not True:
            yield replace(seen_assignment(raw, settings), complete=False)


def seen_assignment(raw: Raw, settings: Settings) -> Seen:
    """Return an assignment as the document that it becomes, with what keeps it here or does not follow."""
    address = Ref(SYSTEM, settings.kind, str(raw["number"]))
    return read_alone(address, Document(subject=address.id), "", "Mobigo", lambda: _assignment(address, raw, settings))


def _assignment(address: Ref, raw: Raw, settings: Settings) -> Seen:
    assignment = mapping.assignment_from(raw, settings)
    seen = Seen(
        address,
        assignment.document,
        standing=streams.standing(assignment, settings),
        remark=streams.remark(assignment, settings),
    )
    return document_spelled(seen, "Mobigo")
