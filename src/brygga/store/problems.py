"""The records that are not in step, each once: held, skipped by a rule, in conflict, asked about, or failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from brygga.core.policy import LEFT, RIGHT, Side
from brygga.core.record import Value
from brygga.core.seen import Known
from brygga.errors import Sentence
from brygga.store import values
from brygga.store.models import Problem

_FIRST_LOOK = timedelta(minutes=6)
_LAST_LOOK = timedelta(days=1)
STREAM = "stream"
"""The kind of a problem that is no record's: a stream that the brake has stopped."""
NOT = "not"
"""In a problem's answer and its detail: the ids of the other side that a person said its record is not."""
_MANY = 400
"""Ids in one query: SQLite takes 999 places."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong with one record, and what the person can do."""

    sort: str
    side: Side
    kind: str
    record_id: str
    sentence: Sentence
    left_id: str = ""
    right_id: str = ""
    repair: Sentence | None = None
    rule: str = ""
    record: Mapping[str, Value] = field(default_factory=dict)
    detail: Mapping[str, object] = field(default_factory=dict)
    again: bool = False
    """Looked at again by itself, at growing intervals."""


def put(integration: int, stream: str, trouble: Trouble, now: datetime) -> Problem:
    """Note a trouble; the same record's earlier one is replaced, its age kept while the cause is the same."""
    return put_many(integration, stream, [trouble], now)[0]


def put_many(integration: int, stream: str, troubles: Sequence[Trouble], now: datetime) -> list[Problem]:
    """Note many troubles at once, as `put` does one by one; of two about the same record the later one stands."""
    noted: list[Problem] = []
    for start in range(0, len(troubles), _MANY):
        some = troubles[start : start + _MANY]
        there: dict[tuple[str, str], Problem] = {
            (row.side, row.record_id): row
            for row in Problem.objects.filter(
                integration_id=integration, stream=stream, record_id__in={trouble.record_id for trouble in some}
            )
        }
        old = set(there)
        for trouble in some:
            key = (str(trouble.side), trouble.record_id)
            row = there.setdefault(
                key, Problem(integration_id=integration, stream=stream, side=trouble.side, record_id=trouble.record_id)
            )
            _say(row, trouble, now)
            noted.append(row)
        touched = {(row.side, row.record_id): row for row in noted[-len(some) :]}
        for known in touched.keys() & old:
            touched[known].save()
        Problem.objects.bulk_create([row for known, row in touched.items() if known not in old])
    return noted


def _say(row: Problem, trouble: Trouble, now: datetime) -> None:
    """Let a row say this trouble, which may be what it says already."""
    same = row.pk is not None and row.state != Problem.State.SOLVED and row.cause == trouble.sentence.template[:200]
    if not same:
        row.first_seen_at, row.looks, row.state, row.choice = now, 0, Problem.State.OPEN, None
    elif row.state == Problem.State.OPEN:
        # A repair that was asked for stands until it is known what became of it.
        row.looks, row.choice = row.looks + 1, row.choice if "repair" in (row.choice or {}) else None
    row.kind, row.left_id, row.right_id, row.sort = trouble.kind, trouble.left_id, trouble.right_id, trouble.sort
    row.cause = trouble.sentence.template[:200]
    row.sentence = trouble.sentence.as_json()
    row.repair = trouble.repair.as_json() if trouble.repair else None
    row.rule = trouble.rule
    kept = {name: row.detail[name] for name in (("refused", NOT) if same else (NOT,)) if name in row.detail}
    row.detail = {**trouble.detail, **kept, "record": values.encode(trouble.record)}
    row.last_seen_at, row.solved_at = now, None
    row.look_at = now + min(_FIRST_LOOK * 2**row.looks, _LAST_LOOK) if trouble.again else None


def solve(integration: int, stream: str, side: Side, ids: Iterable[str], now: datetime) -> int:
    """Note that these records are in step now; returns how many were not before."""
    todo, solved = list(ids), 0
    if len(todo) > _MANY:
        unsolved = unsolved_ids(integration, stream, side)
        todo = [id for id in todo if id in unsolved]
    for start in range(0, len(todo), _MANY):
        rows = Problem.objects.filter(
            integration_id=integration, stream=stream, side=side, record_id__in=todo[start : start + _MANY]
        ).exclude(state=Problem.State.SOLVED)
        solved += rows.update(state=Problem.State.SOLVED, solved_at=now, look_at=None)
    return solved


def solve_pair(integration: int, stream: str, left: str, right: str, now: datetime) -> None:
    """Note that two linked records are in step now."""
    either = Q(side=LEFT, record_id=left) | Q(side=RIGHT, record_id=right)
    rows = Problem.objects.filter(either, integration_id=integration, stream=stream).exclude(state=Problem.State.SOLVED)
    rows.update(state=Problem.State.SOLVED, solved_at=now, look_at=None)


def due(integration: int, stream: str, now: datetime, most: int) -> list[Problem]:
    """Return what is to be looked at again now: answered by a person, or its time has come."""
    rows = Problem.objects.filter(integration_id=integration, stream=stream, state=Problem.State.OPEN)
    rows = rows.exclude(kind=STREAM)
    return list(rows.filter(Q(choice__isnull=False) | Q(look_at__lte=now)).order_by("look_at", "pk")[:most])


def by_id(integration: int, stream: str, side: Side, ids: Iterable[str]) -> dict[str, Problem]:
    """Return id -> the unsolved problem of that record."""
    todo, found = list(ids), {}
    for start in range(0, len(todo), _MANY):
        rows = Problem.objects.filter(
            integration_id=integration, stream=stream, side=side, record_id__in=todo[start : start + _MANY]
        ).exclude(state=Problem.State.SOLVED)
        found.update({row.record_id: row for row in rows})
    return found


def of_left(integration: int, streams: Sequence[str], ids: Sequence[str], sorts: Sequence[str]) -> dict[str, Problem]:
    """Return left id -> the open problem of that record or of its pair, of these streams and sorts; of two that of the later stream."""
    found: dict[str, Problem] = {}
    for start in range(0, len(ids), _MANY):
        some = ids[start : start + _MANY]
        rows = Problem.objects.filter(integration_id=integration, stream__in=streams, sort__in=sorts, state=Problem.State.OPEN)
        rows = rows.filter(Q(side=LEFT, record_id__in=some) | Q(side=RIGHT, left_id__in=some))
        place = {stream: number for number, stream in enumerate(streams)}
        for row in sorted(rows, key=lambda one: place[one.stream]):
            found[row.record_id if row.side == LEFT else row.left_id] = row
    return found


def of_record(integration: int, kind: str, side: Side, id: str) -> Problem | None:
    """Return what is open of one record, whichever stream said it; the latest of several."""
    rows = Problem.objects.filter(integration_id=integration, kind=kind, side=side, record_id=id, state=Problem.State.OPEN)
    return rows.order_by("-last_seen_at").first()


def unsolved_ids(integration: int, stream: str, side: Side) -> set[str]:
    """Return the ids of the records of a side with which something is wrong, dismissed ones too."""
    rows = Problem.objects.filter(integration_id=integration, stream=stream, side=side).exclude(state=Problem.State.SOLVED)
    return set(rows.values_list("record_id", flat=True))


def known(integration: int, stream: str, side: Side) -> Iterator[Known]:
    """Yield what the hub knows of the records of *side* that are not linked: as they were last read."""
    rows = Problem.objects.filter(integration_id=integration, stream=stream, side=side).exclude(state=Problem.State.SOLVED)
    for row in rows.iterator(chunk_size=500):
        record = values.decode(row.detail.get("record") or {})
        if record:
            yield Known(row.record_id, record)


def unsolved(integration: int, stream: str | None = None, sorts: Iterable[str] = ()) -> QuerySet[Problem]:
    """Return what waits: all but the solved and the dismissed, oldest first."""
    rows = Problem.objects.filter(integration_id=integration, state=Problem.State.OPEN)
    if stream is not None:
        rows = rows.filter(stream=stream)
    if chosen := list(sorts):
        rows = rows.filter(sort__in=chosen)
    return rows.order_by("first_seen_at", "pk")


def answer_of(problem: Problem) -> dict[str, object]:
    """Return what a person has answered and is not carried out yet, with whom the record is not, which stands."""
    told_apart = problem.detail.get(NOT)
    return {**({NOT: told_apart} if told_apart else {}), **(problem.choice or {})}


def choose(problem: Problem, choice: Mapping[str, object], now: datetime) -> None:
    """Keep a person's answer; the next run carries it out. What waited for the answer is looked at in the same run.

    Whom the record is not is kept whatever becomes of the rest, until a person says that it is one of them.
    """
    told_apart = {*problem.detail.get(NOT, ()), *choice.get(NOT, ())} - {choice.get("link")}  # type: ignore[misc]
    problem.detail = (
        {**problem.detail, NOT: sorted(told_apart)} if told_apart else {k: v for k, v in problem.detail.items() if k != NOT}
    )
    if "skip" in choice:
        problem.state, problem.choice, problem.look_at = Problem.State.DISMISSED, dict(choice), None
    else:
        problem.state, problem.choice, problem.look_at = Problem.State.OPEN, dict(choice), now
    problem.save(update_fields=["state", "choice", "look_at", "detail"])
    waiting = [candidate["id"] for candidate in problem.detail.get("candidates", ())]
    if waiting:
        Problem.objects.filter(
            integration_id=problem.integration_id, stream=problem.stream, record_id__in=waiting, state=Problem.State.OPEN
        ).exclude(pk=problem.pk).update(look_at=now)
