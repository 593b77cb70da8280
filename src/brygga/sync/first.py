"""What comes before the first sync, and what of the time before it stays out; what is asked of a side now and then.

A stream may wait for a person's yes (`Stream.barred`) and for the first sync of others (`Stream.after`); what was there before may
stay out for good (`Stream.stays_out`); which linked records are gone is asked once a night where lists do not tell (`Stream.swept`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from brygga.core.ends import is_of_deleted
from brygga.core.plan import Skip, Unlink
from brygga.core.planner import Rules
from brygga.core.policy import LEFT, RIGHT, Side, other
from brygga.core.seen import Seen
from brygga.errors import SettingsError, Unavailable
from brygga.store import cursors, problems
from brygga.store.models import LinkRow, Problem, SettingsVersion
from brygga.sync.context import Context
from brygga.sync.fetched import Fetched
from brygga.sync.whole import last_night

GONE_AT_ONCE = 100
"""How many linked records that a list lacks are looked at in one run."""


def may_begin(context: Context) -> None:
    """Raise SettingsError while a person's yes is missing, Unavailable while another stream has to come first."""
    barred = context.stream.barred
    if barred is not None:
        repair = barred.repair.template if barred.repair else ""
        raise SettingsError(barred.sentence.template, repair=repair, rule=barred.rule, **barred.sentence.facts)
    for name in context.stream.after:
        if any(cursors.position(context.id, name, side) is None for side in (LEFT, RIGHT)):
            raise Unavailable(
                "The first sync of {stream} comes after that of {other}, which is not over.",
                repair="It is tried again later; start {other} to go on at once.",
                stream=context.stream.name,
                other=name,
            )


def rules_now(context: Context) -> Rules:
    """Return the rules of this run: before a side was ever read, what is there already is taken in only if that was chosen."""
    rules = context.stream.rules
    makes = dict(rules.makes)
    for side in (LEFT, RIGHT):
        if context.position(side) is None and not context.stream.first_all.get(side, True):
            makes[other(side)] = False
    return replace(rules, makes=makes)


def too_old(context: Context, side: Side, seen: Seen) -> Skip | None:
    """Return why a record stays out that is there at the first sync; it comes before whatever else could hold it."""
    if side not in context.stream.stays_out or context.stream.first_all.get(side, True) or seen.standing is not None:
        return None
    return context.stream.rules.why_not.get(other(side))


def left_out(context: Context, side: Side, seen: Seen, problem: Problem) -> Skip | None:
    """Return why a record from before the first sync stays out though it was read anew; None when it does not."""
    why = context.stream.rules.why_not.get(other(side))
    if side not in context.stream.stays_out or why is None or problem.choice or seen.standing is not None:
        return None
    return why if problem.sort == Problem.Sort.SKIP and problem.rule == why.rule else None


def waits_for_an_answer(problem: Problem) -> bool:
    """Say whether a person is asked what becomes of a record whose partner is gone: until then it is not made anew (UPS-17)."""
    return problem.sort == Problem.Sort.QUESTION and "candidates" not in problem.detail and not problem.choice


def read_anew(context: Context, side: Side, last: datetime) -> bool:
    """Say whether the side is to be read through once more: the settings were changed after it was read last, or a night has passed."""
    if side not in context.stream.anew:
        return False
    if last < last_night(context.clock()):
        return True
    return SettingsVersion.objects.filter(integration=context.integration, made_at__gt=last).exists()


def gone(context: Context, side: Side) -> list[str]:
    """Return the ids of linked records that the side's list no longer shows; asked once a night, never the first time.

    Of Fortnox a person's run asks as well (UPS-16); a whole register of documents is not read by day. A list may be cut or late, so
    each is read by itself before anything is believed.
    """
    last = context.position(side)
    if side not in context.stream.swept or last is None:
        return []
    if last >= last_night(context.clock()) and (side == LEFT or context.run.trigger != "person"):
        return []
    if context.connectors[side].capability(context.stream.kind).forgets:
        return []
    return not_among(context, side, {seen.ref.id for seen in context.connectors[side].changed(context.stream.kind, None)})


def is_watched_now(context: Context, fetched: Fetched, side: Side) -> bool:
    """Say whether a side that is not read is asked what became of what is linked: once a night, and never the first time."""
    if side not in context.stream.watched:
        return False
    last = context.position(side)
    if last is None:
        fetched.began[side] = context.clock()
        return False
    return last < last_night(context.clock())


def not_among(context: Context, side: Side, there: Collection[str]) -> list[str]:
    """Return the linked records of a side that are not among *there*, as many as one run looks at.

    What was accepted as it is, or is told already and so looked at by itself, keeps no other from its turn.
    """
    kind = context.stream.kind
    column = "left_id" if side == LEFT else "right_id"
    linked = LinkRow.objects.filter(integration=context.integration, kind=kind).values_list(column, "accepted")
    settled = {id for id, accepted in linked if any(is_of_deleted(said) for said in accepted or ())} if side == LEFT else set()
    return sorted({id for id, _ in linked if id not in there} - settled - context.troubled(side))[:GONE_AT_ONCE]


def settle_parting(context: Context, item: Unlink) -> None:
    """Forget what was said of the pair: the record that stays is as it should be, and nobody is asked."""
    problems.solve_pair(context.id, context.stream.name, item.left.id, item.right.id, context.clock())
