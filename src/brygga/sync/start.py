"""Begin a run and carry it through, whoever asks: the engine, the command line, a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q

from brygga.core.plan import Create, Question
from brygga.core.policy import LEFT, RIGHT, Side, other
from brygga.errors import BryggaError, SettingsError, Stale, Unavailable
from brygga.store import health, ids, leases
from brygga.store.models import AuditEntry, Integration, PlanRow, Run
from brygga.sync import brake
from brygga.sync.context import Context
from brygga.sync.fetch import fetch
from brygga.sync.note import note
from brygga.sync.open import open_context
from brygga.sync.payments import run_payments
from brygga.sync.reconcile import prove
from brygga.sync.report import exit_of, finish, plan_body, put_off
from brygga.sync.run import planned, run_stream

LANES = {"person": "person", "plan": "person", "prove": "person", "event": "event", "clock": "poll", "retry": "poll"}
Told = Callable[[Run], None]

LONGEST_WAIT = 600.0
"""Seconds that a run may wait for the company's lease."""


def begin_run(
    integration: Integration,
    stream: str,
    *,
    trigger: str,
    sides: Sequence[Side] = (LEFT, RIGHT),
    only: Sequence[str] = (),
    plan_id: str = "",
) -> Run:
    """Write down a run that this process carries through itself, at once: `execute` follows.

    It is running from the start, so that no worker picks it up, and has begun when it has the company's lease. Who wants a worker to do it asks `engine.request`.
    """
    now = datetime.now(UTC)
    return Run.objects.create(
        pk=ids.new_id(),
        integration=integration,
        stream=stream,
        trigger=trigger,
        sides=list(sides),
        only=list(only),
        plan_id=plan_id,
        status=Run.Status.RUNNING,
        queued_at=now,
    )


def execute(run_id: str, *, told: Told = lambda run: None, wait: float = LONGEST_WAIT, puts_off: bool = False) -> Run:
    """Carry a run through. Safe to call again after a crash: what was begun is settled first, nothing is done twice.

    Holds the company's lease, so that one process writes for a company at a time; waits up to *wait* seconds for it.
    Every error of a system ends in the run's row and not in an exception; that another process would not let go of the company
    is raised as Unavailable, and ends the run.

    puts_off  the engine's way: Unavailable is always raised and does not end the run, so that its slot is free while it waits
    """
    whole = Run.objects.select_related("integration__company")
    run = whole.get(pk=run_id)
    if run.ended_at is not None:
        return run
    try:
        with leases.held(leases.company(run.integration.company.pk), wait=min(wait, LONGEST_WAIT)) as lease:
            run.refresh_from_db(from_queryset=whole)
            if run.ended_at is None:
                _hold_and_run(run, lease, told, puts_off)
    except Unavailable as error:
        if not puts_off:
            _could_not_open(run, error)
        raise
    except KeyboardInterrupt:
        # Only a run that never began: what a running one had begun is settled by the next, which also says so.
        Run.objects.filter(pk=run.pk, started_at=None, ended_at=None).update(
            status=Run.Status.STOPPED, ended_at=datetime.now(UTC), exit_status=1, message=_INTERRUPTED
        )
        raise
    return run


def _hold_and_run(run: Run, lease: leases.Lease, told: Told, puts_off: bool) -> None:
    """Carry a run through while the company's lease is ours."""
    now = datetime.now(UTC)
    _end_interrupted(run, now)
    run.status, run.started_at = Run.Status.RUNNING, run.started_at or now
    run.save(update_fields=["status", "started_at"])
    try:
        context = open_context(run, lane=LANES.get(run.trigger, "poll"), told=told, still_mine=lease.check, puts_off=puts_off)
    except BryggaError as error:
        health.met([], error)
        if puts_off and isinstance(error, Unavailable):
            raise
        _could_not_open(run, error)
        told(run)
        return
    with context as opened:
        if run.trigger == "plan":
            _plan_only(opened, run)
        elif run.trigger == "prove":
            _prove_only(opened)
        else:
            _carry_through(opened, run)


def _end_interrupted(run: Run, now: datetime) -> None:
    """End the earlier runs of this stream whose process died.

    We hold the lease, so whoever had begun one without the engine is dead; the engine sees to its own. One that has not begun
    waits for the lease as we did, unless it has waited for longer than anybody does.
    """
    earlier = Run.objects.filter(
        integration=run.integration,
        stream=run.stream,
        status=Run.Status.RUNNING,
        handed_over=False,
        queued_at__lt=run.queued_at,
    ).exclude(pk=run.pk)
    dead = Q(started_at__isnull=False) | Q(queued_at__lt=now - timedelta(seconds=2 * LONGEST_WAIT))
    earlier.filter(dead).update(status=Run.Status.FAILED, ended_at=now, exit_status=1, message=_INTERRUPTED)


def _plan_only(context: Context, run: Run) -> None:
    """Make the plan that a person asked for on a page, and keep it under the run's own id. Nothing is written to any system.

    What it asks stands on the matching desk at once, so that it can be answered before the first record is written.
    """
    try:
        body, questions = _body(context, run.only)
        _keep(run, body, "a person")
        for part, question in questions:
            note(part, question, {})
        finish(context, [], body["counts"].get("unchanged", 0), None)
    except BryggaError as error:
        if context.puts_off and isinstance(error, Unavailable):
            put_off(context, [], error)
            raise
        finish(context, [], 0, error)


def _prove_only(context: Context) -> None:
    """Compare both sides for a person who asked on a page. Nothing is written to any system."""
    try:
        finish(context, [], sum(int(body["linked"]) for body in prove(context)), None)
    except BryggaError as error:
        if context.puts_off and isinstance(error, Unavailable):
            put_off(context, [], error)
            raise
        finish(context, [], 0, error)


def _carry_through(context: Context, run: Run) -> None:
    sides: list[Side] = [side for side in (LEFT, RIGHT) if side in run.sides]
    if context.stream.saved:
        run_payments(context, run.only)
        return
    if not run.plan_id:
        _streams(context, sides, run.only)
        return
    plan = PlanRow.objects.get(pk=run.plan_id, integration=run.integration)
    try:
        if plan.state in (PlanRow.State.APPLIED, PlanRow.State.STALE):
            raise Stale("Plan {id} is {state} already.", repair="Make a new plan.", id=plan.pk, state=plan.state)
    except Stale as error:
        finish(context, [], 0, error)
        return
    _streams(context, sides, plan.body.get("only", ()), plan)
    done = run.status in (Run.Status.DONE, Run.Status.PARTIAL)
    PlanRow.objects.filter(pk=plan.pk).update(state=PlanRow.State.APPLIED if done else PlanRow.State.STALE)


def _streams(context: Context, sides: Sequence[Side], only: Sequence[str], approved: PlanRow | None = None) -> None:
    """Carry the stream through, and those that belong to it after it; a system out of reach ends them all.

    Chosen records are the stream's own, so nothing follows them. Of an approved plan each stream does what was approved of it.
    """
    parts = [context.stream] if only else [context.stream, *context.companions]
    for place, stream in enumerate(parts, 1):
        part = replace(context, stream=stream, follows=place > 1, more=place < len(parts))
        run_stream(part, sides, only, approved)
        context.advice = part.advice
        if context.run.ended_at is not None:
            return


_INTERRUPTED = {
    "sentence": {
        "template": "The run was interrupted. What it had begun is settled by the next run.",
        "facts": {},
        "text": "The run was interrupted. What it had begun is settled by the next run.",
    },
    "repair": None,
}


def _could_not_open(run: Run, error: BryggaError) -> None:
    run.status, run.exit_status, run.ended_at = Run.Status.FAILED, exit_of(error), datetime.now(UTC)
    run.message = {"sentence": error.sentence.as_json(), "repair": error.repair.as_json() if error.repair else None}
    run.save()


def make_plan(
    integration: Integration,
    stream: str,
    *,
    who: str,
    save: bool,
    only: Sequence[str] = (),
    told: Told = lambda run: None,
) -> dict[str, Any]:
    """Return what a sync would do now, of these records only where some are named; kept for approval when *save*.

    Nothing is written to any system.
    """
    now, sides = datetime.now(UTC), [LEFT, RIGHT]
    run = Run(pk=ids.new_id(), integration=integration, stream=stream, trigger="person", sides=sides, queued_at=now)
    with leases.held(leases.company(integration.company.pk), wait=600.0):
        context = open_context(run, lane="person", told=told, still_mine=lambda: None, dry=True)
        with context as opened:
            body, _ = _body(opened, only)
    if save:
        _keep(run, body, who)
        body["plan"] = run.pk
        AuditEntry.objects.create(
            company=integration.company, who=who, what="planned", subject=body["address"], detail={"plan": run.pk}
        )
    return body


def _body(context: Context, only: Sequence[str]) -> tuple[dict[str, Any], list[tuple[Context, Question]]]:
    """Read both sides and return what would be done, as JSON, and what it asks with the stream that asks it.

    Of the stream, and of those that are parts of its runs; of chosen records of the stream alone where some are named.
    """
    body: dict[str, Any] = {}
    questions: list[tuple[Context, Question]] = []
    counts: Counter[str] = Counter()
    expects: frozenset[tuple[str, Side, str]] = frozenset()
    brakes: list[str] = []
    for stream in (context.stream,) if only else (context.stream, *context.companions):
        part = replace(context, stream=stream, expects=expects)
        plan = planned(part, fetch(part, (LEFT, RIGHT), only))
        found = plan_body(plan, stream)
        counts.update(found["counts"])
        body = body | {"items": [*body["items"], *found["items"]]} if body else found
        questions += [(part, item) for item in plan.items if isinstance(item, Question)]
        expects |= {(item.source.kind, other(item.side), item.source.id) for item in plan.items if isinstance(item, Create)}
        if (stop := brake.stops(part, plan)) is not None:
            brakes.append(str(stop))
    if only:
        body["only"] = list(only)
    address = f"{context.integration.address}.{context.stream.name}"
    told = {"address": address, "requests": dict(context.requests), "brake": " ".join(brakes) or None}
    return body | {"counts": dict(counts)} | told, questions


def _keep(run: Run, body: dict[str, Any], who: str) -> None:
    PlanRow.objects.update_or_create(
        pk=run.pk,
        defaults={
            "integration": run.integration,
            "stream": run.stream,
            "made_at": datetime.now(UTC),
            "made_by": who,
            "body": body,
            "digest": body["digest"],
        },
    )


def saved_plan(integration: Integration, stream: str, plan_id: str) -> PlanRow:
    """Return a plan that was kept for this stream. Raises SettingsError when there is none with that id."""
    row = PlanRow.objects.filter(pk=plan_id, integration=integration, stream=stream).first()
    if row is None:
        raise SettingsError(
            "There is no plan {id} for {address}.",
            repair="Make one with brygga plan {address} --save.",
            id=plan_id,
            address=f"{integration.address}.{stream}",
        )
    return row
