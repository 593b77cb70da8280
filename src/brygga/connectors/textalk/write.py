"""Carry out one change in the shop and say what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from brygga.clients.textalk import Raw, Register
from brygga.connectors.contract import Creation, Receipt, Update
from brygga.connectors.textalk.shop import SYSTEM
from brygga.core.diff import same
from brygga.core.record import ABSENT, Record, Ref, present
from brygga.errors import BryggaError, Rejected, Stale


def create(
    register: Register, creations: Sequence[Creation], kind: str, body: Callable[[Record], Raw]
) -> list[Receipt | BryggaError]:
    """Make objects one by one, one result each, in order. Raises OutcomeUnknown for the first whose answer is lost."""
    results: list[Receipt | BryggaError] = []
    for creation in creations:
        try:
            results.append(Receipt(Ref(SYSTEM, kind, str(register.create(body(creation.record), {"uid": True})["uid"]))))
        except Rejected as error:
            results.append(error)
    return results


def update(register: Register, change: Update, read: Callable[[Raw], Record], body: Callable[[Raw], Raw]) -> Receipt:
    """Change the given fields. Raises Stale, and writes nothing, when the object is gone or no longer holds what the plan saw."""
    raw = register.get(int(change.ref.id))
    if raw is None:
        raise Stale("{record} is gone from the shop. Nothing was written.", record=f"{change.ref.kind} {change.ref.id}")
    now = dict(present(read(raw)))
    moved = [name for name, before in change.before.items() if not same(name, now.get(name, ABSENT), before)]
    if moved:
        raise Stale(
            "{record} was changed in the shop since the plan was made ({fields}). Nothing was written.",
            record=f"{change.ref.kind} {change.ref.id}",
            fields=", ".join(moved),
        )
    register.set(int(change.ref.id), body(raw), {"uid": True})
    return Receipt(change.ref)
