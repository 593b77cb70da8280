"""What stands in the store, as rows for people and programs: the same for the command line, pages and the REST API."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from brygga import connectors
from brygga.core.policy import LEFT, RIGHT, Holding
from brygga.errors import Sentence, SettingsError
from brygga.store import links, values
from brygga.store.models import Integration, LinkRow, Problem, Run, StreamState
from brygga.store.problems import STREAM
from brygga.sync import repair
from brygga.sync.address import targets
from brygga.sync.declare import say_schedule
from brygga.sync.report import run_json


def kind_of(integration: Integration, stream: str) -> str:
    """Return the kind of record that a stream of an integration moves. Raises SettingsError for settings that do not hold."""
    settings = connectors.read_settings(integration.system, integration.settings, f"{integration.address} settings")
    return connectors.kind_of(integration.system, stream, settings)


def has_several(integration: Integration, stream: str) -> bool:
    """Say whether several records of the business system may belong to one of Fortnox in a stream (`core.several`). Raises SettingsError."""
    settings = connectors.read_settings(integration.system, integration.settings, f"{integration.address} settings")
    nothing = Holding(frozenset())
    made = connectors.stream(integration.system, stream, settings, "", lambda kind: {LEFT: nothing, RIGHT: nothing})
    return made.rules.several is not None


def streams_chosen(address: str) -> list[tuple[Integration, str]]:
    """Return the streams that an address names; all of them for an empty one."""
    if address:
        return [(target.integration, target.stream) for target in targets(address)]
    rows = StreamState.objects.select_related("integration__company").order_by(
        "integration__company__slug", "integration__system", "pk"
    )
    return [(row.integration, row.name) for row in rows]


def _parts(integration: Integration, stream: str) -> tuple[str, ...]:
    """Return the stream and those that are parts of its runs, whose problems are shown with its own."""
    return connectors.parts_of(integration.system, stream)


def _when(at: datetime | None) -> str | None:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None


def stream_rows(address: str = "") -> list[dict[str, Any]]:
    """Return how each stream stands: every record is in exactly one of in step, waiting, skipped, in conflict or failed."""
    rows = []
    for integration, name in streams_chosen(address):
        state = StreamState.objects.get(integration=integration, name=name)
        parts = _parts(integration, name)
        sorts = Counter(
            Problem.objects.filter(integration=integration, stream__in=parts, state=Problem.State.OPEN).values_list(
                "sort", flat=True
            )
        )
        dismissed = Problem.objects.filter(integration=integration, stream__in=parts, state=Problem.State.DISMISSED).count()
        nexts = [at for at in (state.next_left_at, state.next_right_at) if at]
        rows.append(
            {
                "address": f"{integration.address}.{name}",
                "active": integration.active,
                "linked": links.count(integration.pk, kind_of(integration, name)),
                "waiting_for_details": links.waiting(integration.pk, kind_of(integration, name)),
                "held": sorts["hold"],
                "conflicts": sorts["conflict"] + sorts["question"],
                "failed": sorts["failed"],
                "skipped": sorts["skip"] + dismissed,
                "stopped": _stop(integration, parts),
                "last_success": _when(state.last_success_at),
                "next": _when(min(nexts)) if nexts else None,
                "schedule": say_schedule(state.schedule),
            }
        )
    return rows


def _stop(integration: Integration, parts: Iterable[str]) -> str | None:
    """Return why the brake stopped the stream, while it stands; None when it did not."""
    rows = Problem.objects.filter(integration=integration, stream__in=parts, kind=STREAM, state=Problem.State.OPEN)
    row = rows.order_by("pk").first()
    return str(Sentence(row.sentence["template"], row.sentence["facts"])) if row else None


def runs_of(address: str = "") -> QuerySet[Run]:
    """Return the runs of the streams that the address names, newest first."""
    rows = Run.objects.select_related("integration__company").order_by("-queued_at", "-pk")
    if address:
        wanted = Q(pk=None)
        for integration, name in streams_chosen(address):
            wanted |= Q(integration=integration, stream=name)
        rows = rows.filter(wanted)
    return rows


def run_rows(address: str = "", most: int = 20) -> list[dict[str, Any]]:
    """Return the latest runs, newest first."""
    return [run_row(run) for run in runs_of(address)[:most]]


def run_row(run: Run) -> dict[str, Any]:
    """Return one run in a line, without its records."""
    return {
        "run": run.pk,
        "address": f"{run.integration.address}.{run.stream}",
        "trigger": run.trigger,
        "status": run.status,
        "step": run.step,
        "counts": run.counts,
        "requests": run.requests,
        "started": _when(run.started_at),
        "ended": _when(run.ended_at),
        "message": run.message["sentence"]["text"] if run.message else None,
    }


def one_run(run_id: str) -> dict[str, Any]:
    """Return one run with its records. Raises SettingsError when there is none."""
    run = Run.objects.select_related("integration__company").filter(pk=run_id).first()
    if run is None:
        raise SettingsError("There is no run {id}.", repair="brygga runs lists them.", id=run_id)
    return run_json(run)


def problem_rows(address: str = "", sorts: Iterable[str] = (), first: int = 0, most: int | None = None) -> list[dict[str, Any]]:
    """Return the open problems, oldest first, with what a person needs to answer them.

    Of all of them at most *most*, from number *first* on.
    """
    found: list[dict[str, Any]] = []
    for integration, name in streams_chosen(address):
        rows = _open_problems(integration, name, sorts).order_by("first_seen_at", "pk")
        if most is not None:
            count = rows.count()
            start, first = min(first, count), max(0, first - count)
            rows = rows[start : start + most - len(found)]
        found += [problem_row(problem, f"{integration.address}.{name}", integration.system) for problem in rows]
    return found


def problem_count(address: str = "", sorts: Iterable[str] = ()) -> int:
    """Return how many open problems of these sorts (of all when none is named) the streams that the address names have."""
    return sum(_open_problems(integration, name, sorts).count() for integration, name in streams_chosen(address))


def _open_problems(integration: Integration, stream: str, sorts: Iterable[str]) -> QuerySet[Problem]:
    rows = Problem.objects.select_related("integration").filter(
        integration=integration, stream__in=_parts(integration, stream), state=Problem.State.OPEN
    )
    return rows.filter(sort__in=wanted) if (wanted := list(sorts)) else rows


def problem_row(problem: Problem, address: str, system: str) -> dict[str, Any]:
    """Return one problem as JSON."""
    detail = problem.detail
    said = str(Sentence(problem.sentence["template"], problem.sentence["facts"]))
    amount, refused = repair.amount_of(problem), (detail.get("refused") or {}).get("sentence")
    return {
        "id": problem.pk,
        "address": address,
        "sort": problem.sort,
        "record": address if problem.kind == STREAM else f"{system if problem.side == 'left' else 'fortnox'}:{problem.record_id}",
        "left": problem.left_id or None,
        "right": problem.right_id or None,
        "cause": problem.cause,
        "text": f"{name}: {said}" if (name := repair.called(problem)) else said,
        "repair": str(Sentence(problem.repair["template"], problem.repair["facts"])) if problem.repair else None,
        "rule": problem.rule or None,
        "since": _when(problem.first_seen_at),
        "amount": str(amount.amount) if amount else None,
        "currency": amount.currency if amount else None,
        "repairs": [
            {"name": offer.name, "label": str(offer.label), "help": str(offer.help), "fields": dict(offer.fields)}
            for offer in repair.offers(problem)
        ],
        "refused": str(Sentence(refused["template"], refused["facts"])) if refused else None,
        "differences": [one["sentence"]["text"] for one in detail.get("differences", ())],
        "answered": problem.choice is not None,
        "fields": detail.get("fields", {}),
        "values": detail.get("record", {}),
        "candidates": [_candidate(c) for c in detail.get("candidates", ())],
        "twins": [_candidate(c) for c in detail.get("twins", ())],
    }


def _candidate(stored: dict[str, Any]) -> dict[str, Any]:
    return {**stored, "name": stored["values"].get("name", "")}


def link_rows(address: str = "", first: int = 0, most: int | None = None) -> list[dict[str, Any]]:
    """Return which records are the same; of all of them at most *most*, from number *first* on."""
    found: list[dict[str, Any]] = []
    for integration, name in streams_chosen(address):
        rows = LinkRow.objects.filter(integration=integration, kind=kind_of(integration, name)).order_by("pk")
        if most is not None:
            count = rows.count()
            start, first = min(first, count), max(0, first - count)
            rows = rows[start : start + most - len(found)]
        for row in rows.iterator(chunk_size=500):
            found.append(
                {
                    "address": f"{integration.address}.{name}",
                    "left": row.left_id,
                    "right": row.right_id,
                    "name": values.decode(row.base).get("name", ""),
                    "thin": row.thin,
                    "shared": row.shared,
                }
            )
    return found


def link_count(address: str = "") -> int:
    """Return how many links the streams that the address names have."""
    return sum(links.count(integration.pk, kind_of(integration, name)) for integration, name in streams_chosen(address))
