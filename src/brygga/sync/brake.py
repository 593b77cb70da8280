"""The brake of a run: what it counts, whether this is a first sync that was approved, and the problem that a stop is.

A stop is a problem of the stream as a whole (`kind` is `STREAM`), and the repair `GO` lets what was counted go once. It is solved by
the next run of the stream that is not stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from brygga.core import brake
from brygga.core.plan import Item, Plan
from brygga.core.policy import LEFT, RIGHT, Side, other
from brygga.errors import UnsafePlan
from brygga.store import problems
from brygga.store.models import Onboarding, PlanRow, Problem
from brygga.store.problems import Trouble
from brygga.sync.context import Context
from brygga.sync.repair import GO

STREAM: Final = problems.STREAM


def stops(context: Context, plan: Plan) -> UnsafePlan | None:
    """Return why the brake would stop this plan, None when it would not."""
    try:
        _check(context, _weigh(context, plan.items, plan.known))
    except UnsafePlan as error:
        return error
    return None


def check(context: Context, plan: Plan) -> None:
    """Let a plan pass, or note the problem and raise UnsafePlan: nothing of it is written."""
    _pass(context, _weigh(context, plan.items, plan.known))


def check_looks(context: Context, items: Iterable[Item], looked: int) -> None:
    """The same for the second looks at what a first import linked by its list: measured against those that are looked at."""
    fresh = _weigh(context, items, 0, overwritten=True)
    _pass(context, brake.Weight(fresh.changed, looked))


def _weigh(context: Context, items: Iterable[Item], known: int, *, overwritten: bool = False) -> brake.Weight:
    steps = {side: frozenset(holding.steps) for side, holding in context.stream.rules.holds.items()}
    return brake.weigh(items, known, steps, overwritten=overwritten or context.stream.fills)


def _check(context: Context, weight: brake.Weight) -> None:
    stream = context.stream
    limits = brake.Brake(stream.brake, creations=stream.creations, kronor=stream.kronor)
    names = {side: context.called(side) for side in (LEFT, RIGHT)}
    counted: list[Side] = [side for side in (LEFT, RIGHT) if not _first_and_approved(context, other(side))]
    brake.check(weight, limits, names, let_go=_let_go(context), creating=counted)


def _pass(context: Context, weight: brake.Weight) -> None:
    try:
        _check(context, weight)
    except UnsafePlan as error:
        facts = {"weight": weight.as_json()}
        trouble = Trouble("hold", LEFT, STREAM, context.stream.name, error.sentence, repair=error.repair, detail=facts)
        row = problems.put(context.id, context.stream.name, trouble, context.clock())
        row.state, row.choice = Problem.State.OPEN, None
        row.save(update_fields=["state", "choice"])
        raise


def released(context: Context) -> None:
    """Note that a run of the stream was not stopped: what was said of an earlier one is settled."""
    problems.solve(context.id, context.stream.name, LEFT, [context.stream.name], context.clock())


def _row(context: Context) -> Problem | None:
    rows = Problem.objects.filter(integration_id=context.id, stream=context.stream.name, kind=STREAM, state=Problem.State.OPEN)
    return rows.first()


def _let_go(context: Context) -> brake.Weight | None:
    """Return what a person has let go of this stream, None when nobody has."""
    row = _row(context)
    allowed: Mapping[str, Any] | None = (row.choice or {}).get(GO) if row else None
    if allowed is None:
        return None
    kronor = {side: Decimal(text) for side, text in allowed["kronor"].items()}
    return brake.Weight(allowed["changed"], 0, allowed["made"], kronor)


def _first_and_approved(context: Context, source: Side) -> bool:
    """Say whether *source* was never read to its end by this stream, and a person has approved a forecast of it.

    A first sync that was killed stays a first sync: the cursor moves last.
    """
    if context.position(source) is not None:
        return False
    approved = PlanRow.objects.filter(integration_id=context.id).exclude(state=PlanRow.State.SHOWN)
    if any(not plan.body.get("only") and plan.chosen is None for plan in approved.filter(stream=context.run.stream)):
        return True
    started = Onboarding.objects.filter(company=context.integration.company, system=context.integration.system)
    return any(context.run.stream in journey.plans for journey in started.exclude(finished_at=None))
