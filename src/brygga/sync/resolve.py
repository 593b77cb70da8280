"""What people answer: questions of identity, conflicts of fields, records to be skipped or tried again, links by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from brygga.core.policy import LEFT, RIGHT, Side
from brygga.errors import Sentence, SettingsError
from brygga.store import links, problems
from brygga.store.models import AuditEntry, Integration, Problem
from brygga.store.problems import Trouble
from brygga.sync import look_up
from brygga.sync.address import Target, targets
from brygga.sync.look import has_several, kind_of


def find(number: int, company_id: int | None = None) -> Problem:
    """Return an open problem. Raises SettingsError when there is none with that number (in that company)."""
    rows = Problem.objects.select_related("integration__company").exclude(state=Problem.State.SOLVED)
    if company_id is not None:
        rows = rows.filter(integration__company_id=company_id)
    problem = rows.filter(pk=number).first()
    if problem is None:
        raise SettingsError("There is no open problem {number}.", repair="brygga problems lists them.", number=number)
    return problem


def answer(number: int, choice: Mapping[str, object], who: str, company_id: int | None = None) -> str:
    """Keep a person's answer; the next sync carries it out. Raises SettingsError when the answer does not fit the problem."""
    problem = find(number, company_id)
    _fits(problem, choice)
    now = timezone.now()
    with transaction.atomic():
        problems.choose(problem, _told_apart(problem, choice, now), now)
        AuditEntry.objects.create(
            company=problem.integration.company,
            who=who,
            what="answered",
            subject=f"{problem.integration.address}.{problem.stream} {problem.kind} {problem.record_id}",
            detail={"problem": problem.pk, "choice": dict(choice)},
        )
    if "skip" in choice:
        return f"Problem {number} is skipped: {choice['skip']}"
    return f"Problem {number} is answered; the next sync of {problem.integration.address}.{problem.stream} carries it out."


def _told_apart(problem: Problem, choice: Mapping[str, object], now: datetime) -> Mapping[str, object]:
    """Return the answer with whom a record is not, where it is to be made anew; those that waited for it are told the same of it."""
    if not choice.get("create") or not (candidates := [str(one.get("id")) for one in problem.detail.get("candidates", ())]):
        return choice
    side: Side = RIGHT if problem.side == LEFT else LEFT
    for waiting in problems.by_id(problem.integration.pk, problem.stream, side, candidates).values():
        said = waiting.choice or {}
        if waiting.state == Problem.State.OPEN and said.keys() <= {"not"}:
            problems.choose(waiting, {"not": sorted({*said.get("not", ()), problem.record_id})}, now)
    return {**choice, "not": candidates}


def alike(number: int, company_id: int | None = None) -> list[Problem]:
    """Return the open problems of the same cause in the same integration, this one among them, oldest first. Raises SettingsError."""
    one = find(number, company_id)
    rows = Problem.objects.filter(integration=one.integration, sort=one.sort, cause=one.cause, state=Problem.State.OPEN)
    return list(rows.order_by("first_seen_at", "pk"))


def answer_all(number: int, choice: Mapping[str, object], who: str, company_id: int | None = None) -> str:
    """Answer all problems of the same cause alike: tried again, or left out with one reason. Raises SettingsError."""
    if not choice.keys() <= {"retry", "skip"}:
        raise SettingsError("Only a retry or a reason to leave out is the same for many.", repair="Answer each by itself.")
    found = alike(number, company_id)
    for problem in found:
        answer(problem.pk, choice, who, company_id)
    return f"{len(found)} problems of one cause are " + ("skipped." if "skip" in choice else "tried again at the next sync.")


def _fits(problem: Problem, choice: Mapping[str, object]) -> None:
    if problem.kind == problems.STREAM and "retry" not in choice:
        raise SettingsError(
            "Problem {number} is a stop of {address} and no record, so it cannot be left out.",
            repair="Let it go once (repair), raise the limit in the settings, or switch the stream off.",
            number=problem.pk,
            address=f"{problem.integration.address}.{problem.stream}",
        )
    if "skip" in choice or "retry" in choice:
        return
    if "fields" in choice and problem.sort != Problem.Sort.CONFLICT:
        raise SettingsError(
            "Problem {number} is no conflict of fields.", repair="Answer with --link or --create.", number=problem.pk
        )
    if ("link" in choice or "create" in choice) and problem.sort not in (Problem.Sort.QUESTION, Problem.Sort.HOLD):
        raise SettingsError("Problem {number} is no question of identity.", repair="Use --take, retry or skip.", number=problem.pk)
    if "link" in choice:
        wanted = str(choice["link"])
        ends = (
            ((LEFT, problem.record_id), (RIGHT, wanted)) if problem.side == LEFT else ((LEFT, wanted), (RIGHT, problem.record_id))
        )
        _free(problem.integration, problem.stream, problem.kind, ends)
        if wanted not in {str(one.get("id")) for one in problem.detail.get("candidates", ())}:
            look_up.need(Target(problem.integration, problem.stream), RIGHT if problem.side == LEFT else LEFT, wanted)


def _free(integration: Integration, stream: str, kind: str, ends: Sequence[tuple[Side, str]]) -> None:
    """Raise SettingsError when one of two records is linked already and cannot be linked once more.

    A customer of Fortnox can, where several records of the system may belong to it; a record of the system belongs to one customer.
    """
    for side, id in ends:
        taken = links.by_id(integration.pk, kind, side, [id]).get(id)
        if taken is not None and not (side == RIGHT and has_several(integration, stream)):
            raise SettingsError(
                "{id} is linked already: {one} = {other}.",
                repair="Unlink it first, or choose another.",
                id=id,
                one=taken.left_id,
                other=taken.right_id,
            )


def fields_choice(number: int, takes: Sequence[str]) -> dict[str, object]:
    """Read `phone=left` (or `all=right`) for each field of a conflict. Raises SettingsError naming what is missing or unknown."""
    problem = find(number)
    fields = list(problem.detail.get("fields", {}))
    chosen: dict[str, str] = {}
    for take in takes:
        name, _, side = take.partition("=")
        if side not in (LEFT, RIGHT) or (name != "all" and name not in fields):
            raise SettingsError(
                "{take} is not an answer.",
                repair="Write FIELD=left or FIELD=right; the fields are: {fields}.",
                take=take,
                fields=", ".join(fields),
            )
        chosen.update(dict.fromkeys(fields if name == "all" else [name], side))
    missing = [name for name in fields if name not in chosen]
    if missing:
        raise SettingsError(
            "No side is chosen for {fields}.", repair="Give --take for each, or all=SIDE.", fields=", ".join(missing)
        )
    return {"fields": chosen}


def link(address: str, left: str, right: str, who: str) -> str:
    """Say that two records are the same; the next sync compares them. Raises SettingsError when one is linked already.

    Raises NoSuchRecord when one is not there; Unavailable and Unauthorised where its system cannot be asked.
    """
    target = targets(address)[0]
    kind = kind_of(target.integration, target.stream)
    _free(target.integration, target.stream, kind, ((LEFT, left), (RIGHT, right)))
    for side, id in ((LEFT, left), (RIGHT, right)):
        look_up.need(target, side, id)
    now = timezone.now()
    with transaction.atomic():
        links.put(target.integration.pk, kind, left, right, {}, thin=True, look_again_at=now, shared=True)
        problems.solve_pair(target.integration.pk, target.stream, left, right, now)
        _audit(target.integration, who, "linked", f"{address} {left} = {right}")
    return f"{left} = {right} are linked; the next sync of {address} compares them."


def unlink(address: str, left: str, right: str, who: str) -> str:
    """Take a link away; both records stay, and neither is made anew until a person has answered."""
    target = targets(address)[0]
    kind = kind_of(target.integration, target.stream)
    now = timezone.now()
    with transaction.atomic():
        if not links.remove(target.integration.pk, kind, left, right):
            raise SettingsError(
                "{left} and {right} are not linked.", repair="brygga links lists the links.", left=left, right=right
            )
        others = links.by_id(target.integration.pk, kind, RIGHT, [right])
        for side, id in ((LEFT, left), *(() if others else ((RIGHT, right),))):
            sentence = Sentence(
                "{id} was unlinked by {who}. It stays as it is until it is settled what it belongs to.", {"id": id, "who": who}
            )
            repair = Sentence("Link it to another record, let it be made anew, or skip it.")
            trouble = Trouble(
                "question",
                side,
                kind,
                id,
                sentence,
                id if side == LEFT else "",
                id if side == RIGHT else "",
                repair=repair,
            )
            problems.put(target.integration.pk, target.stream, trouble, now)
        _audit(target.integration, who, "unlinked", f"{address} {left} = {right}")
    return f"{left} and {right} are no longer linked."


def _audit(integration: Integration, who: str, what: str, subject: str) -> None:
    AuditEntry.objects.create(company=integration.company, who=who, what=what, subject=subject)
