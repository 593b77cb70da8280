"""Carry out one change in Mobigo and say what came of it.

Records are written by number, made or changed, never deleted. A PUT replaces the whole object, so it is read first and sent back
with its version: what somebody changed meanwhile makes it stale and is not overwritten.
"""

from __future__ import annotations

from collections.abc import Sequence

from brygga.clients.mobigo import PAGE, Mobigo, Register
from brygga.connectors.contract import Creation, Receipt, Update
from brygga.connectors.mobigo import map as mapping
from brygga.connectors.mobigo import read
from brygga.connectors.mobigo.settings import Settings
from brygga.core.diff import same
from brygga.core.policy import Holding
from brygga.core.record import ABSENT, present
from brygga.errors import BryggaError, Rejected, Stale

BATCH = PAGE
LONGEST_MESSAGE = 1000


def create_records(register: Register, kind: str, creations: Sequence[Creation], holding: Holding) -> list[Receipt | BryggaError]:
    """Make up to 100 records with one call, one result each, in order. Raises OutcomeUnknown when any may have been made."""
    bodies = []
    for creation in creations:
        fitted = {name: holding.fit(name, value) for name, value in present(creation.record) if name in holding.fields}
        bodies.append(mapping.changed_raw({}, fitted))
    try:
        results = register.create(bodies)
    except Rejected as error:
        # The whole call was refused: nothing was made.
        return [error] * len(creations)
    return [one if isinstance(one, Rejected) else Receipt(read.ref(one, kind)) for one in results]


def update_record(register: Register, kind: str, update: Update) -> Receipt:
    """Change the given fields of one record. Raises Stale, and writes nothing, when it is gone or changed meanwhile."""
    id = update.ref.id
    raw = register.get(id)
    if raw is None:
        raise Stale("{kind} {id} is gone from Mobigo. Nothing was written.", kind=kind, id=id)
    now = dict(present(mapping.READERS[kind](raw)))
    moved = [name for name, before in update.before.items() if not same(name, now.get(name, ABSENT), before)]
    if moved:
        raise Stale(
            "{kind} {id} was changed in Mobigo since the plan was made ({fields}). Nothing was written.",
            kind=kind,
            id=id,
            fields=", ".join(moved),
        )
    register.replace(id, mapping.changed_raw(raw, update.after))
    return Receipt(update.ref)


def note_export(client: Mobigo, settings: Settings, update: Update, message: str, *, archived: bool) -> Receipt:
    """Note the document's number on an assignment, and whether it is archived. Saying it again changes nothing.

    Raises Rejected when the assignment became another document already, or has been removed (MOB-28).
    """
    number, id = str(update.after.get("number") or ""), update.ref.id
    if set(update.after) != {"number"} or not number:
        raise Rejected("Of an assignment only its document's number is written to Mobigo.", rule="MOB-11")
    try:
        client.assignments.export_result(id, settings.kind, number, archived=archived, message=message[:LONGEST_MESSAGE])
    except Rejected as error:
        raise Rejected(
            "Assignment {id} became {kind} {number} in Fortnox, but Mobigo did not note it: {why}",
            repair="Look at the assignment in Mobigo, and type the number there.",
            rule="MOB-28",
            code=error.code,
            id=id,
            kind=settings.kind,
            number=number,
            why=error.sentence,
        ) from None
    return Receipt(update.ref)
