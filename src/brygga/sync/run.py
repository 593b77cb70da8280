"""One run of one stream, from its start to its rest: settle, fetch, match and plan, apply, record. The steps meet only here."""

from __future__ import annotations

from collections.abc import Iterable

from brygga.core.plan import Plan, Settle, Unlink
from brygga.core.planner import make_plan, merge_pair
from brygga.core.policy import LEFT, RIGHT, Side
from brygga.core.seen import Pair
from brygga.errors import BryggaError, Sentence, Unavailable
from brygga.store import cursors, links, problems
from brygga.store.models import PlanRow
from brygga.sync import brake, count, hooks, repair, show
from brygga.sync.apply import apply
from brygga.sync.approve import hold_to
from brygga.sync.context import Context
from brygga.sync.fetch import fetch, just_found, pool, waiting
from brygga.sync.fetched import Fetched, Over
from brygga.sync.first import may_begin, rules_now
from brygga.sync.outcome import Applied, Outcome
from brygga.sync.recover import recover
from brygga.sync.report import changed_something, finish, put_off

_AGAIN = 3
"""How often a record that changed under our hands is planned anew within one run."""


def run_stream(context: Context, sides: Iterable[Side], only: Iterable[str] = (), approved: PlanRow | None = None) -> None:
    """Bring one stream into step and keep what became of each record; errors of a system end in the run's row.

    *approved* is a plan that a person approved, all of it or some: if that is no longer what would be done, nothing is written. Of a
    plan of which something was left out the cursors stay, so that the rest comes up again.

    Raises Unavailable only where the context says that such a run is put off: what was done is kept, the rest comes with the
    next attempt. An approved plan of which something was done already is not put off: the rest would be another plan.
    """
    outcomes: list[Outcome] = []
    applied = Applied(outcomes)
    unchanged = 0
    try:
        may_begin(context)
        context.stream.prepare(context.connectors[LEFT])
        recover(context)
        repair.carry_out(context)
        fetched = fetch(context, sides, only)
        context.found.clear()
        _propose_file(context, fetched)
        plan = planned(context, fetched)
        unchanged = plan.unchanged
        partly = False
        if approved is not None:
            plan, partly = hold_to(context, plan, approved)
        else:
            brake.check(context, plan)
        apply(context, plan, fetched.listed, applied)
        if any(outcome.outcome == "unknown" for outcome in outcomes):
            recover(context)
        count.keep_of_run(context, fetched, applied)
        if not partly:
            _record(context, fetched)
            _second_looks(context, outcomes)
        show.show(context)
        if not only:
            brake.released(context)
    except BryggaError as error:
        if context.puts_off and isinstance(error, Unavailable) and not (approved and changed_something(outcomes)):
            put_off(context, outcomes, error)
            raise
        finish(context, outcomes, unchanged, error)
        return
    finish(context, outcomes, unchanged, None)


def _propose_file(context: Context, fetched: Fetched) -> None:
    """Say of a large first import that a file is the better source: Fortnox itself advises it (MOB-23)."""
    most = context.stream.propose_file_from
    new = sum(side == RIGHT for side, _ in fetched.fresh)
    if most is not None and new >= most:
        context.advice = Sentence(
            "{count} records of {system} are new. For a first load of so many, a file (CSV or Excel) is faster and spares the "
            "request budget: brygga import {address} FILE.",
            {
                "count": str(new),
                "system": context.called(RIGHT),
                "address": f"{context.integration.address}.{context.stream.name}",
            },
        )


def planned(context: Context, fetched: Fetched) -> Plan:
    """Decide for what was read. Nothing is written anywhere."""
    known = links.count(context.id, context.stream.kind)
    plan = make_plan(
        rules_now(context),
        fetched.pairs,
        list(fetched.fresh.values()),
        pool(context, fetched),
        unchanged=len(fetched.quiet),
        known=known,
        foresight=fetched.foresight,
        foreseen=fetched.foreseen,
    )
    return Plan((*fetched.items, *plan.items), plan.unchanged, known)


def _record(context: Context, fetched: Fetched) -> None:
    """Note what is in step, then move the cursors, last, to where the reading began."""
    context.clock()
    hooks.remember(context)
    for pair in fetched.pairs:
        _keep(context, pair)
        # Where only the base moves the two are in step as well, and what was said of them before is settled.
        if all(isinstance(item, Settle) for item in merge_pair(context.stream.rules, pair)):
            _in_step(context, pair, fetched.listed.get(pair.right.ref.id, pair.right.listed))
    for over in fetched.over:
        _over(context, over)
    for side, began in fetched.began.items():
        cursors.advance(context.id, context.stream.name, side, began)


def _in_step(context: Context, pair: Pair, listed: str) -> None:
    links.compared(context.id, context.stream.kind, pair.left.ref.id, pair.right.ref.id, listed, context.clock())
    problems.solve_pair(context.id, context.stream.name, pair.left.ref.id, pair.right.ref.id, context.clock())


def _keep(context: Context, pair: Pair) -> None:
    """Keep with the link what is known of the document now: what was said of it, and why it may no longer be changed."""
    if not pair.told:
        links.accept(context.id, context.stream.kind, pair.left.ref.id, pair.right.ref.id, pair.accepted)
    show.keep_lock(context, pair.left.ref.id, pair.right.ref.id, pair.left.record, pair.right.record)


def _over(context: Context, over: Over) -> None:
    """Ask nothing any more of a record that is gone as its document is, and keep that end: the nightly look has others to see to."""
    problems.solve(context.id, context.stream.name, LEFT, [over.left_id], context.clock())
    if over.end:
        links.accept(context.id, context.stream.kind, over.left_id, over.right_id, [over.end])


def _second_looks(context: Context, outcomes: list[Outcome]) -> None:
    """Read both halves of what waits for it: links from a first import, our own writes, records that changed meanwhile."""
    for _ in range(_AGAIN):
        todo = waiting(context, context.pace.again_at_once)
        if not todo:
            break
        merged = [(link, found, merge_pair(context.stream.rules, found) if isinstance(found, Pair) else ()) for link, found in todo]
        thin = [items for link, _, items in merged if link.thin]
        brake.check_looks(context, (item for items in thin for item in items), len(thin))
        for done, (link, found, items) in enumerate(merged, 1):
            context.progress("look again", done, len(todo))
            if not isinstance(found, Pair):
                if isinstance(found, Over):
                    _over(context, found)
                else:
                    apply(context, Plan((found,)), {}, Applied(outcomes))
                if not isinstance(found, Unlink):
                    links.looked(link, link.listed, context.clock())
                continue
            _keep(context, found)
            count.keep_pair(context, link.pk, found)
            if items:
                apply(context, Plan(tuple(items)), {found.right.ref.id: found.right.listed}, Applied(outcomes))
                # Last: who dies before this looks once more, and no change is left that nobody would see again.
                links.looked(link, found.right.listed, context.clock())
            else:
                _in_step(context, found, found.right.listed)
            if just_found(context, link):
                # Read in the minute of its own creation: once more when that is over, as after any write.
                links.look_again([link.pk], context.clock() + context.pace.again_after)
        context.found.clear()
