"""Let the business system show on its own records how they stand with Fortnox: in step, waiting and for what, or locked.

It comes last in a run, for the records that the run read anyway, and asks neither system for anything. What goes wrong with it is told
and stops no document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from django.conf import settings
from django.utils.translation import gettext, override

from brygga.connectors.shows import Shows
from brygga.core.fault import FAULTS, fault
from brygga.core.policy import LEFT, RIGHT, Lock
from brygga.core.record import Record
from brygga.core.shown import IN_STEP, LOCKED, NOTHING, Shown, locks
from brygga.errors import BryggaError, Sentence
from brygga.store import links, problems
from brygga.store.links import Linked
from brygga.store.models import Problem
from brygga.sync.context import Context

MOST: Final = 200
"""So many records one run writes for this alone; the others follow when they are read again."""
_SORTS: Final = (Problem.Sort.HOLD, Problem.Sort.FAILED, Problem.Sort.QUESTION, Problem.Sort.CONFLICT)


def show(context: Context) -> None:
    """Show what this run read or wrote as it stands now; nothing in a side's first reading, which may be of thousands."""
    if not context.stream.shows or context.position(LEFT) is None:
        return
    connector, kind = cast(Shows, context.connectors[LEFT]), context.stream.kind
    ids = sorted(connector.read_in_run(kind))
    why: Sentence | None = None
    refused = 1
    try:
        found = connector.show(kind, _wanted(context, ids), MOST) if ids else []
        refused, why = len(found), found[0].sentence if found else None
    except BryggaError as error:
        why = error.sentence
    except FAULTS as error:
        why = fault(error, context.called(LEFT)).sentence
    if why is not None and context.advice is None:
        context.advice = Sentence(
            "How {count} records stand could not be shown in {system}: {error}",
            {"count": str(refused), "system": context.called(LEFT), "error": str(why)},
        )


def keep_lock(context: Context, left_id: str, right_id: str, left: Record, right: Record, *, new: bool = False) -> None:
    """Keep why a document may no longer be changed, for a system that asks before it saves, or shows it; a *new* link has none yet."""
    if not context.stream.asked and not context.stream.shows:
        return
    lock: Lock | None = context.stream.rules.locked(RIGHT, left, right)
    if new and lock is None:
        return
    kept = {"state": lock.state, "rule": lock.rule, "facts": lock.sentence.facts} if lock else None
    links.keep_lock(context.id, context.stream.kind, left_id, right_id, kept)


def _wanted(context: Context, ids: Sequence[str]) -> dict[str, Shown]:
    """Return how these records stand, whichever of the streams that show on them runs: what waits comes before what is linked."""
    waiting = problems.of_left(context.id, context.stream.shows, ids, _SORTS)
    linked: dict[str, Linked] = {}
    for link in links.documents_of(context.id, ids):
        linked[link.left_id] = link
    # What still differs and waits for a change that is on its way is judged by the next run: until then the record shows what it showed.
    settling = {id for id, link in linked.items() if link.echo.differs and not link.accepted and id not in waiting}
    return {id: _shown(waiting.get(id), linked.get(id)) for id in ids if id not in settling}


def _shown(problem: Problem | None, link: Linked | None) -> Shown:
    if problem is not None:
        parts = [_text(problem.sentence), _text(problem.repair) if problem.repair else ""]
        return Shown("held", " ".join(filter(None, parts)))
    if link is None:
        return NOTHING
    return LOCKED if link.lock and locks(str(link.lock.get("state"))) else IN_STEP


def _text(stored: Mapping[str, Any]) -> str:
    """Return a stored sentence in the hub's own language."""
    with override(settings.LANGUAGE_CODE):
        return gettext(str(stored["template"])).format_map(stored["facts"])
