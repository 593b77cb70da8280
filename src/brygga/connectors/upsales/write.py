"""Carry out one change in Upsales and say what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from brygga.clients.upsales import Register
from brygga.clients.upsales.wire import Raw
from brygga.connectors.contract import Creation, Receipt, Update
from brygga.core.diff import same
from brygga.core.policy import Holding
from brygga.core.record import ABSENT, Record, Ref, Value, present
from brygga.errors import BryggaError, Rejected, Stale

SYSTEM = "upsales"

Body = Callable[[Mapping[str, Value], Mapping[str, Any]], dict[str, Any]]
"""(fields, the record as it is now) -> what to send."""


def create(
    register: Register, creations: Sequence[Creation], kind: str, holding: Holding, body: Body
) -> list[Receipt | BryggaError]:
    """Make records one by one, one result each, in order. Raises OutcomeUnknown for the first whose answer is lost."""
    results: list[Receipt | BryggaError] = []
    for creation in creations:
        values = {name: holding.fit(name, value) for name, value in present(creation.record) if name in holding.fields}
        try:
            results.append(Receipt(Ref(SYSTEM, kind, str(register.create(body(values, {}))["id"]))))
        except Rejected as error:
            results.append(error)
    return results


def update(register: Register, update: Update, read: Callable[[Raw], Record], body: Body) -> Receipt:
    """Change the given fields of one record. Lists in a body replace the old ones, so the record is read first.

    Raises Stale, and writes nothing, when it is gone or no longer holds what the plan saw; Rejected when Upsales refuses it.
    """
    raw = unmoved(register, update, read)
    register.update(update.ref.id, body(update.after, raw))
    return Receipt(update.ref)


def unmoved(register: Register, update: Update, read: Callable[[Raw], Record]) -> Raw:
    """Return a record that still holds what the plan saw. Raises Stale."""
    raw = register.get(update.ref.id)
    if raw is None:
        raise Stale("{record} is gone from Upsales. Nothing was written.", record=f"{update.ref.kind} {update.ref.id}")
    now = dict(present(read(raw)))
    moved = [name for name, before in update.before.items() if not same(name, now.get(name, ABSENT), before)]
    if moved:
        raise Stale(
            "{record} was changed in Upsales since the plan was made ({fields}). Nothing was written.",
            record=f"{update.ref.kind} {update.ref.id}",
            fields=", ".join(moved),
        )
    return raw
