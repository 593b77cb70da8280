"""What programs may do: ask for runs and plans, approve one, answer problems, link and unlink. Each is in the audit log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from brygga import engine
from brygga.api.call import Accepted, Call, Page
from brygga.api.look import own_plan, own_problem, payments_of
from brygga.api.problem import Malformed, Missing
from brygga.errors import SettingsError
from brygga.store.models import AuditEntry, PlanRow, Run
from brygga.sync import look_up, resolve
from brygga.sync import repair as repairs
from brygga.sync.address import Target, record
from brygga.sync.approve import Choice, approve, read_choice
from brygga.sync.check import check_company
from brygga.sync.look import run_row
from brygga.sync.outcome import shown
from brygga.sync.payments import STREAM as PAYMENTS
from brygga.sync.payments import Wish
from brygga.sync.start import saved_plan


def check(call: Call) -> Page:
    """Try every connection now."""
    rows = check_company(call.company.slug)
    return Page(rows, len(rows))


def sync(call: Call) -> Accepted:
    """Ask for a run of each stream that the address names; a worker carries it out."""
    plan_id = str(call.body.get("plan") or "")
    if plan_id:
        target = call.one_stream()
        try:
            row = saved_plan(target.integration, target.stream, plan_id)
        except SettingsError as error:
            raise Missing.like(error) from error
        return _apply(call, row)
    only = call.body.get("only") or []
    if not isinstance(only, list) or not all(isinstance(one, str) for one in only):
        raise Malformed("only is not a list of records.", repair='Write ["webcrm:8812", "fortnox:1042"].')
    found = call.targets(str(call.body.get("address") or ""), only_on=True)
    # All are looked up before the first is asked for: a record that is not there starts nothing.
    asked = [_ask(call, target, "person", "asked for a run", only=texts) for target, texts in look_up.chosen(found, only)]
    return Accepted([run_row(run) for run in asked], f"runs/{asked[0].pk}" if len(asked) == 1 else None)


def plan(call: Call) -> Accepted:
    """Ask for a plan of each stream that the address names; it is kept under the id of its run."""
    found = call.targets(str(call.body.get("address") or ""), only_on=True)
    asked = [_ask(call, target, "plan", "asked for a plan") for target in found]
    return Accepted([run_row(run) for run in asked], f"plans/{asked[0].pk}" if len(asked) == 1 else None)


def reconcile(call: Call) -> Accepted:
    """Ask for a reconciliation of each stream that the address names; both sides are read, nothing is written to any system."""
    found = call.targets(str(call.body.get("address") or ""))
    asked = [_ask(call, target, "prove", "asked for a proof") for target in found]
    return Accepted([run_row(run) for run in asked], "proofs" if asked else None)


def read_payments(call: Call) -> Accepted:
    """Read and judge Fortnox' payments; nothing is registered."""
    return _payments(call, Wish(str(call.body.get("definition") or "")), "asked for a run")


def save_payments(call: Call) -> Accepted:
    """Register the payments that wait, all or those named."""
    numbers = call.body.get("numbers") or []
    if not isinstance(numbers, list) or not all(isinstance(one, str) for one in numbers):
        raise Malformed("numbers is not a list of payments.", repair='Write ["17", "18"].')
    definition = str(call.body.get("definition") or "")
    return _payments(call, Wish(definition, save=True, numbers=tuple(numbers), who=call.who), "saved payments")


def _payments(call: Call, wish: Wish, what: str) -> Accepted:
    integration = payments_of(call.company)
    if integration is None:
        raise Missing("{company} has no system that takes payments.", company=call.company.slug)
    run = _ask(call, Target(integration, PAYMENTS), "person", what, only=wish.only())
    return Accepted([run_row(run)], f"runs/{run.pk}")


def apply_plan(call: Call) -> Accepted:
    """Approve a plan, or what of it the body chooses, and ask for a run that applies exactly that."""
    return _apply(call, own_plan(call))


def _apply(call: Call, row: PlanRow) -> Accepted:
    approve(row, _choice(call, row), call.who)
    run = engine.request(row.integration, row.stream, trigger="person", plan_id=row.pk)
    engine.nudge(run.pk)
    return Accepted([run_row(run)], f"runs/{run.pk}")


def _choice(call: Call, row: PlanRow) -> Choice:
    """Return what of a plan the body chooses; all of it where it chooses nothing."""
    lists = {name: call.body.get(name) or [] for name in ("actions", "only", "items")}
    for name, given in lists.items():
        if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
            raise Malformed("{name} is not a list of texts.", repair='Write ["update"].', name=name)
    records = [":".join(record(Target(row.integration, row.stream), text)) for text in lists["only"]]
    choice = read_choice(lists["actions"], str(call.body.get("side") or ""), str(call.body.get("below") or ""), records)
    return replace(choice, marks=frozenset(lists["items"])) if lists["items"] else choice


def _ask(call: Call, target: Target, trigger: str, what: str, only: list[str] | None = None) -> Run:
    run = engine.request(target.integration, target.stream, trigger=trigger, only=only or ())
    AuditEntry.objects.create(company=call.company, who=call.who, what=what, subject=str(target), detail={"run": run.pk})
    engine.nudge(run.pk)
    return run


def retry(call: Call) -> Any:
    """Try a record again at the next run, or all of the same cause."""
    return _answer(call, {"retry": True})


def repair(call: Call) -> Any:
    """Carry out a repair with the next run: make what is missing, correct a record or a document, or accept what differs."""
    problem, given = own_problem(call), call.body.get("values") or {}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise Malformed("values is not an object of texts.", repair="Write {example}.", example='{"name": "Mugg"}')
    do = call.text("do")
    sent = repairs.preview(problem, do, given) if call.body.get("dry_run") is True else repairs.ask(problem, do, given, call.who)
    changes = {name: [shown(before), shown(after)] for name, (before, after) in sent.changes.items()}
    asked = call.body.get("dry_run") is not True
    return {"system": sent.system, "kind": sent.kind, "id": sent.id, "changes": changes, "asked": asked}


def skip(call: Call) -> Any:
    """Leave a record out, with the reason."""
    return _answer(call, {"skip": call.text("reason", 1000)})


def answer(call: Call) -> Any:
    """Answer a question (link, create) or a conflict (take: field -> side)."""
    own_problem(call)
    given = [name for name in ("link", "create", "take") if call.body.get(name)]
    if len(given) != 1:
        raise Malformed("One answer is wanted.", repair="Give link, create or take.")
    if given == ["link"]:
        return _answer(call, {"link": call.text("link")})
    if given == ["create"]:
        return _answer(call, {"create": True})
    take = call.body["take"]
    if not isinstance(take, dict):
        raise Malformed("take is not an object.", repair="Write {example}.", example='{"phone": "left"}')
    return _answer(call, resolve.fields_choice(call.number("problem"), [f"{name}={side}" for name, side in take.items()]))


def _answer(call: Call, choice: dict[str, object]) -> Any:
    if call.body.get("all_alike") is True:
        return {"done": resolve.answer_all(own_problem(call).pk, choice, call.who, call.company.pk)}
    return {"done": resolve.answer(own_problem(call).pk, choice, call.who, call.company.pk)}


def link(call: Call) -> Any:
    """Say that two records are the same."""
    return {"done": resolve.link(str(call.one_stream()), call.text("left"), call.text("right"), call.who)}


def unlink(call: Call) -> Any:
    """Say that two records are not the same."""
    return {"done": resolve.unlink(str(call.one_stream()), call.text("left"), call.text("right"), call.who)}
