"""What a person can do about a document that Fortnox holds otherwise than its source says (`core.agreement`).

correct   the source's values are written to Fortnox again
cancel    the document is cancelled in Fortnox
accept    what differs in this document is accepted; another difference is asked about anew
rule      differences of these sorts are accepted in every document of the integration: a setting, which can be taken back
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from brygga.core.diff import same
from brygga.core.document import Document, Payment, Settlement
from brygga.core.ends import STANDING, Ending
from brygga.core.money import ZERO, Money
from brygga.core.policy import LEFT, RIGHT
from brygga.core.record import ABSENT, Value, present
from brygga.core.row_merge import put_right
from brygga.errors import Sentence, SettingsError
from brygga.store import ids, links, problems
from brygga.store.links import Linked
from brygga.store.models import AuditEntry, Problem, Run
from brygga.sync.configure import accept_sorts
from brygga.sync.open import open_context
from brygga.sync.refer import refer

CORRECT: Final = "correct"
CANCEL: Final = "cancel"
ACCEPT: Final = "accept"
RULE: Final = "accept_rule"

LABELS: Final[Mapping[str, tuple[Sentence, Sentence]]] = {
    CORRECT: (
        Sentence("Correct the document in Fortnox"),
        Sentence("What differs is written to Fortnox again as the source says it. The document is tried again in the same run."),
    ),
    CANCEL: (
        Sentence("Cancel the document in Fortnox"),
        Sentence("It is cancelled there as a person would cancel it, and the source is told as the settings say."),
    ),
    ACCEPT: (
        Sentence("Accept this difference once"),
        Sentence("The document goes on as Fortnox holds it. If anything else of it differs, you are asked again."),
    ),
    RULE: (
        Sentence("Accept such differences as a rule"),
        Sentence("Documents that differ in this way go on from now on, without a question. It is a setting and can be taken back."),
    ),
}
"""The repair -> its button, and what happens then; in the order in which they are offered."""


BY_US: Final = frozenset({"offer", "order", "invoice", "cash_invoice"})
"""The kinds of documents that can be cancelled from here."""


def differing(problem: Problem) -> list[dict[str, Any]]:
    """Return what differs, as `note` kept it; empty for other problems."""
    return list(problem.detail.get("differences") or ())


def offered(problem: Problem) -> tuple[str, ...]:
    """Return the repairs of a document that differs; of one whose partner has ended nothing is written but its end, of a booked one nothing."""
    found = differing(problem)
    ends = [one for one in found if one["sort"] == "end"]
    if not ends:
        if problem.detail.get("booked"):
            return (ACCEPT, RULE)
        unsaid = {CORRECT} if not any(one["field"] for one in found) else set[str]()
        # A payment has no state for it: one that is not booked is deleted in Fortnox.
        unsaid |= {CANCEL} if problem.kind == "payment" else set()
        return tuple(name for name in LABELS if name not in unsaid) if found else ()
    can_be_cancelled = problem.kind in BY_US and all(one["held"] in STANDING and one["sent"] != "live" for one in ends)
    return (CANCEL, ACCEPT) if can_be_cancelled else (ACCEPT,)


def link_of(problem: Problem) -> Linked:
    """Return the link of the problem's document. Raises SettingsError when there is none any more."""
    found = links.by_id(problem.integration.pk, problem.kind, LEFT, [problem.record_id]).get(problem.record_id)
    if found is None:
        raise SettingsError("{id} is not linked to a document of Fortnox any more.", id=problem.record_id)
    return found


def changes(problem: Problem, name: str) -> tuple[str, dict[str, tuple[Value, Value]]]:
    """Return the number of the document in Fortnox, and what a repair makes of it: field -> (what is there, what shall be).

    For an acceptance it is what differs. Both systems are read for what is written. Raises SettingsError, Unavailable, Unauthorised.
    """
    link = link_of(problem)
    if name in (ACCEPT, RULE):
        return link.right_id, {_name(one): (one["sent"], one["held"]) for one in differing(problem)}
    return link.right_id, _written(problem, link, name)


def _name(one: Mapping[str, str]) -> str:
    return f"{one['sort']} {one['row']}".strip()


def _written(problem: Problem, link: Linked, name: str) -> dict[str, tuple[Value, Value]]:
    run = Run(pk=ids.new_id(), integration=problem.integration, stream=problem.stream, trigger="person", queued_at=timezone.now())
    with open_context(run, lane="person", told=lambda run: None, still_mine=lambda: None, dry=True) as context:
        halves = [(side, context.connectors[side].get(problem.kind, link.id_on(side))) for side in (LEFT, RIGHT)]
        if name == CANCEL and halves[1][1] is not None:
            # The document is cancelled also where its record was deleted.
            halves = halves[1:]
        if any(seen is None for _, seen in halves):
            raise SettingsError("{id} or its document is gone.", id=problem.record_id)
        records = [one.record for one in refer(context, [(side, seen) for side, seen in halves if seen is not None])]
        left, right = records[0], records[-1]
        assert isinstance(left, Document | Payment | Settlement)
        assert isinstance(right, Document | Payment | Settlement)
        if right.booked is True or getattr(right, "cancelled", ABSENT) is True:
            raise SettingsError(
                "Document {number} is booked or cancelled in Fortnox, so it is not changed any more.",
                repair="Credit it in Fortnox, or accept the difference.",
                number=link.right_id,
            )
        holding = context.stream.rules.holds[RIGHT]
        if name == CANCEL:
            if "cancelled" not in holding.steps:
                raise SettingsError("Document {number} cannot be cancelled in Fortnox.", number=link.right_id)
            return {"cancelled": (False, True)}
        wanted = dict(present(context.stream.rules.fill(RIGHT, left)))
        there = dict(present(right))
        texts = context.stream.rules.holds[LEFT]
    found: dict[str, tuple[Value, Value]] = {}
    for field in dict.fromkeys(str(one["field"]) for one in differing(problem)):
        now, value = there.get(field, ABSENT), wanted.get(field, ABSENT)
        if field in ("freight", "fee") and value is ABSENT and isinstance(right, Document):
            value = Money(ZERO, str(right.currency or "SEK"))
        if value is ABSENT or now is ABSENT:
            continue
        fitted: Any = holding.fit(field, value)
        if field == "rows" and isinstance(right, Document):
            fitted = put_right(right.lines, fitted, holding, texts)
        found[field] = (now, fitted)
    if not found:
        raise SettingsError(
            "There is nothing to write: the source does not say it.", repair="Accept the difference, or cancel the document."
        )
    if all(same(field, now, value) for field, (now, value) in found.items()):
        # Sums that Fortnox reckons otherwise of the same rows: written again they come back the same.
        raise SettingsError(
            "There is nothing to write: document {number} has what the source says already, and Fortnox reckons otherwise with it.",
            repair="Correct the document in its source, accept the difference, or cancel the document.",
            number=link.right_id,
        )
    return found


def keep_standing(problem: Problem) -> None:
    """Keep that a person has a document cancelled whose record stands: that the two do not end alike is no news then."""
    link = link_of(problem)
    links.accept(
        problem.integration.pk, problem.kind, link.left_id, link.right_id, [Ending("end", "end", "live", "cancelled").said]
    )


def accept(problem: Problem, name: str, who: str) -> None:
    """Keep that a person accepted what differs, once or as a rule; the document is tried again by the next run. Raises SettingsError."""
    found, link = differing(problem), link_of(problem)
    with transaction.atomic():
        if name == RULE:
            accept_sorts(problem.integration, sorted({str(one["sort"]) for one in found}), who)
        else:
            links.accept(problem.integration.pk, problem.kind, link.left_id, link.right_id, [str(one["said"]) for one in found])
        problems.choose(problem, {"retry": True}, timezone.now())
        AuditEntry.objects.create(
            company=problem.integration.company,
            who=who,
            what="difference accepted",
            subject=f"{problem.integration.address}.{problem.stream} {problem.kind} {problem.record_id}",
            detail={
                "problem": problem.pk,
                "repair": name,
                "id": link.right_id,
                "fields": {_name(one): [one["sent"], one["held"]] for one in found},
            },
        )
