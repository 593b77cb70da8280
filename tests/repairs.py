"""What the tables of repairs share: a record that is wrong, what the hub says to do about it, and a person who does exactly that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """A record that is wrong, what the hub says to do about it, and a person who does that.

    repair  the template of the repair
    spoil   makes the record and returns its id in its system
    mend    does what the repair says
    names   what the sentence may call the record by, beside its id
    goes    whether the record goes over all the same, and only something of it waits
    also    another repair that another record has for the same cause
    """

    repair: str
    spoil: Callable[[Any], object]
    mend: Callable[[Any, str], object]
    names: tuple[str, ...] = ()
    goes: bool = False
    also: str = ""


def walk(world: Any, cases: Sequence[Case], sync: Callable[[], object]) -> dict[str, str]:
    """Spoil all in one world, sync, do what each is told, sync; return repair -> id.

    Each record was held with its repair, by a sentence that names it, and none is any more.
    """
    from brygga.store.models import Problem

    made = {case.repair: str(case.spoil(world)) for case in cases}
    assert len(made) == len(cases)
    hub = getattr(world, "hub", world)
    sync()
    if any(case.goes for case in cases):
        hub.age()
        sync()
    told = [row for row in Problem.objects.filter(state=Problem.State.OPEN).exclude(repair=None) if row.repair]
    wrong = [case.repair for case in cases if not any(_is(row, case, made[case.repair]) for row in told)]
    seen = [(row.record_id, row.repair["template"], _shown(row)) for row in told]
    assert wrong == [], seen
    assert {case.also for case in cases} - {""} <= {row.repair["template"] for row in told}, seen
    for case in cases:
        case.mend(world, made[case.repair])
    for _ in range(2):
        Problem.objects.filter(state=Problem.State.OPEN).exclude(look_at=None).update(look_at="2020-01-01T00:00:00Z")
        hub.age()
        sync()
    left = Problem.objects.filter(state=Problem.State.OPEN, sort__in=("hold", "failed", "question"))
    still = [(row.kind, row.record_id, row.sentence["text"], (row.repair or {}).get("text")) for row in left]
    assert still == [], still
    return made


def _is(row: Any, case: Case, id: str) -> bool:
    """Say whether a problem is that of a case: its repair, and a sentence with the record's number or name in it."""
    return row.repair["template"] == case.repair and any(name in _shown(row) for name in (id, *case.names))


def _shown(row: Any) -> str:
    """Return a problem as the command line shows it."""
    from brygga.sync import repair

    name, said = repair.called(row), str(row.sentence["text"])
    return f"{name}: {said}" if name else said
