"""The proof of completeness: both sides read whole, every record counted, every record that differs named (DESIGN 3.1).

Where Fortnox' list shows less than the record, the details of 500 linked records are read, first of those of which nothing is kept; of the
others, what the list shows is compared, and their sums are divided by VAT rate and account as they were when they were last read
whole. A record is in exactly one place: linked and equal, linked and different, kept back by a rule or a person, waiting for somebody,
or not accounted for. The last must never be; a stream is `equal` when nothing differs, waits or is unaccounted for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from brygga.core.plan import Conflict, Held, Item, Skipped, Update
from brygga.core.planner import merge_pair
from brygga.core.policy import LEFT, RIGHT, Side
from brygga.core.seen import Pair, Seen
from brygga.core.tally import Tally, tally
from brygga.store import ids, leases, links, tallies
from brygga.store.links import Linked
from brygga.store.models import Problem, Proof, Run
from brygga.store.tallies import Counted
from brygga.sync import count
from brygga.sync.address import Target, targets
from brygga.sync.context import Context
from brygga.sync.open import open_context
from brygga.sync.outcome import shown
from brygga.sync.refer import alike, refer
from brygga.sync.sums import Both, sums_of, waiting_sums, with_kept

Told = Callable[[Run], None]

SIDES: tuple[Side, Side] = (LEFT, RIGHT)
WAITING = ("hold", "question", "conflict", "failed")
_CHUNK = 500
_ASKED_FOR = 200
"""So many linked records that a list did not show are asked for one by one; the rest is said to be missing from the list."""


@dataclass(slots=True)
class Reading:
    """One side, read whole: id -> the record as it was shown."""

    seen: dict[str, Seen] = field(default_factory=dict)
    read: bool = True


def reconcile(address: str, told: Told = lambda run: None) -> list[dict[str, Any]]:
    """Read both sides of every stream that the address names and return a line each; nothing is written anywhere.

    Raises SettingsError for an address that names nothing, Unauthorised and Unavailable when a system is out of reach.
    """
    return [line for target in targets(address) for line in _stream(target, told)]


def _stream(target: Target, told: Told) -> list[dict[str, Any]]:
    integration = target.integration
    run = Run(
        pk=ids.new_id(),
        integration=integration,
        stream=target.stream,
        trigger="person",
        sides=[*SIDES],
        queued_at=datetime.now(UTC),
    )
    with (
        leases.held(leases.company(integration.company.pk), wait=600.0),
        open_context(run, lane="person", told=told, still_mine=lambda: None, dry=True) as context,
    ):
        return prove(context)


def prove(context: Context) -> list[dict[str, Any]]:
    """Compare both sides of the run's stream, and of those that are parts of its runs, and keep the results; nothing is written anywhere.

    Raises Unauthorised and Unavailable when a system is out of reach.
    """
    return [_keep(replace(context, stream=stream)) for stream in (context.stream, *context.companions)]


def _keep(context: Context) -> dict[str, Any]:
    """Compare and keep what came of it, so that yesterday's proof can be looked at again."""
    address = f"{context.integration.address}.{context.stream.name}"
    sides = {side: _read(context, side) for side in SIDES}
    body = _compared(context, sides) | {"address": address, "requests": dict(context.requests)}
    Proof.objects.create(
        integration=context.integration, stream=context.stream.name, made_at=context.clock(), verdict=body["verdict"], body=body
    )
    return body


def _read(context: Context, side: Side) -> Reading:
    if side in context.stream.unread:
        return Reading(read=False)
    reading = Reading()
    for seen in context.connectors[side].changed(context.stream.kind, None):
        reading.seen[seen.ref.id] = seen
        if not len(reading.seen) % _CHUNK:
            context.progress(f"read {context.called(side)}", len(reading.seen))
    return reading


@dataclass(slots=True)
class Compared:
    """What comparing the linked pairs of a stream gave: what differs, what is gone from a side, and what both sides come to."""

    linked: Sequence[Linked]
    differing: list[dict[str, Any]] = field(default_factory=list)
    gone: list[dict[str, str]] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    worth: list[Both] = field(default_factory=list)


def _compared(context: Context, sides: Mapping[Side, Reading]) -> dict[str, Any]:
    pairs = _pairs(context, sides)
    tallies.keep(context.id, context.stream.kind, pairs.counted)
    problems = _problems(context)
    linked: dict[Side, set[str]] = {side: {link.id_on(side) for link in pairs.linked} for side in SIDES}
    alone = {side: [id for id in sides[side].seen if id not in linked[side]] for side in SIDES}
    accounted = {side: Counter(problems.get((side, id), "") for id in alone[side]) for side in SIDES}
    unaccounted = [{"system": context.called(side), "id": id} for side in SIDES for id in alone[side] if (side, id) not in problems]
    waiting = sum(accounted[side][sort] for side in SIDES for sort in WAITING)
    verdict = "differs" if pairs.differing or pairs.gone or unaccounted else "waiting" if waiting else "equal"
    return {
        "verdict": verdict,
        "linked": len(pairs.linked),
        "counts": {
            side: {
                "system": context.called(side),
                "read": len(sides[side].seen),
                "linked": len(linked[side] & set(sides[side].seen)),
                "skipped": accounted[side]["skip"],
                "waiting": sum(accounted[side][sort] for sort in WAITING),
                "unaccounted": accounted[side][""],
                "waiting_sums": waiting_sums(
                    tally(sides[side].seen[id].record) for id in alone[side] if problems.get((side, id)) in WAITING
                ),
            }
            for side in SIDES
        },
        "differing": sorted(pairs.differing, key=lambda row: (len(row["left"]), row["left"])),
        "gone": pairs.gone,
        "unaccounted": unaccounted,
        **sums_of(pairs.worth),
    }


def _pairs(context: Context, sides: Mapping[Side, Reading]) -> Compared:
    """Compare each linked pair; those of which no sums are kept come first, as only so many details are read."""
    kept = tallies.everyone(context.id, context.stream.kind)
    linked = sorted(links.everyone(context.id, context.stream.kind), key=lambda link: (RIGHT, link.right_id) in kept)
    found = Compared(linked)
    asking = Asking(context)
    for link in linked:
        halves: dict[Side, Seen] = {}
        for side in SIDES:
            seen = asking.half(sides[side], side, link.id_on(side))
            if seen is not None:
                halves[side] = seen
            elif sides[side].read:
                gone = {"system": context.called(side), "id": link.id_on(side)}
                found.gone += [gone] if gone not in found.gone else []
        if len(halves) == 2:
            found.differing += _differing(context, halves, link)
            found.counted += count.of_pair(link.pk, halves[LEFT], halves[RIGHT])
            found.worth += _worth(link, halves, kept)
        else:
            found.worth += _as_kept(link, kept, sides)
    return found


@dataclass(slots=True)
class Asking:
    """Asks for single records, as many as may be asked for: those that a list did not show, and the details of thin ones."""

    context: Context
    absent: int = 0
    details: int = 0

    def half(self, reading: Reading, side: Side, id: str) -> Seen | None:
        """Return the half of a pair on a side as it is shown there, as whole as may be; None when it is not there."""
        connector, kind = self.context.connectors[side], self.context.stream.kind
        seen = reading.seen.get(id)
        if seen is None and self.absent < _ASKED_FOR:
            self.absent += 1
            seen = connector.get(kind, id)
        if seen is not None and not seen.complete and self.details < self.context.pace.details_at_once:
            self.details += 1
            seen = connector.get(kind, id) or seen
        if seen is not None:
            reading.seen.setdefault(id, seen)
        return seen


def _worth(link: Linked, halves: Mapping[Side, Seen], kept: Mapping[tuple[Side, str], Tally]) -> list[Both]:
    """Return what a linked pair comes to on both sides, as read now or as kept; nothing for records that are not about money."""
    left = tally(halves[LEFT].record, halves[RIGHT].record)
    right = tally(halves[RIGHT].record, halves[LEFT].record)
    if left is None or right is None:
        return []
    whole = halves[LEFT].complete and halves[RIGHT].complete
    return [
        Both(
            with_kept(left, kept.get((LEFT, link.left_id)), whole=whole),
            with_kept(right, kept.get((RIGHT, link.right_id)), whole=whole),
        )
    ]


def _differing(context: Context, halves: Mapping[Side, Seen], link: Linked) -> list[dict[str, Any]]:
    """Say what a pair does not say alike: what a sync would change, what is locked, what waits for a person."""
    left, right = refer(context, [(side, halves[side]) for side in SIDES])
    pair = Pair(left, right, link.base, echo=link.echo, accepted=link.accepted, shared=link.shared)
    items: list[Item] = merge_pair(context.stream.rules, alike(context, pair))
    found: dict[str, Any] = {}
    why = ""
    for item in items:
        if isinstance(item, Update):
            found |= {name: [shown(before), shown(after)] for name, (before, after) in item.changes.items()}
        elif isinstance(item, Conflict):
            found |= {name: [shown(value) for value in three[1:]] for name, three in item.fields.items()}
        elif isinstance(item, (Held, Skipped)):
            why = str(item.why.sentence)
    if not found and not why:
        return []
    return [{"left": left.ref.id, "right": right.ref.id, "fields": found, "message": why or None}]


def _problems(context: Context) -> dict[tuple[Side, str], str]:
    """Return (side, id) -> sort of what is kept back or waits; what a person dismissed counts as kept back."""
    rows = Problem.objects.filter(integration_id=context.id, stream=context.stream.name).exclude(state=Problem.State.SOLVED)
    return {
        (LEFT if side == LEFT else RIGHT, id): "skip" if state == Problem.State.DISMISSED else str(sort)
        for side, id, sort, state in rows.values_list("side", "record_id", "sort", "state")
    }


def _as_kept(link: Linked, kept: Mapping[tuple[Side, str], Tally], sides: Mapping[Side, Reading]) -> list[Both]:
    """Return what is kept of a pair of which a side is not read through, and so much was asked for already."""
    left, right = kept.get((LEFT, link.left_id)), kept.get((RIGHT, link.right_id))
    if left is None or right is None or all(sides[side].read for side in SIDES):
        return []
    return [Both(left, right)]
