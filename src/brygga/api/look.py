"""What programs may look at: the rows of `sync.look` and `sync.inventory`, those of the token's company only."""

from __future__ import annotations

from typing import Any

from django.db.models import Max

from brygga import engine
from brygga.api.call import Call, Page
from brygga.api.problem import Malformed, Missing
from brygga.connectors import parts_of
from brygga.errors import SettingsError
from brygga.store.models import AuditEntry, Company, Integration, PlanRow, Problem, Proof, Run
from brygga.sync import inventory, look
from brygga.sync import mapping as mappings
from brygga.sync.duplicates import duplicate_rows
from brygga.sync.overview import standing
from brygga.sync.payments import STREAM as PAYMENTS
from brygga.sync.payments import payment_rows
from brygga.sync.resolve import find
from brygga.sync.timeline import timeline

SORTS = ("hold", "conflict", "question", "failed")
"""What `brygga problems` shows when no sort is named: everything but skips."""


def companies(call: Call) -> Page:
    """The one company that the token is for, with the health of its connections."""
    return Page([inventory.company_row(call.company)], 1)


def integrations(call: Call) -> Page:
    return _paged(call, inventory.integration_rows(call.company))


def streams(call: Call) -> Page:
    rows = [stream for one in inventory.integration_rows(call.company) for stream in one["streams"]]
    named = {str(target) for target in call.targets()}
    return _paged(call, [row for row in rows if row["address"] in named])


def settings(call: Call) -> Any:
    try:
        return inventory.settings_rows(call.company, call.path["system"])
    except SettingsError as error:
        raise Missing.like(error) from error


def status(call: Call) -> Page:
    return _paged(call, [row for target in _first(call) for row in look.stream_rows(target)])


def engine_status(call: Call) -> Any:
    found = engine.status().as_json()
    # Which machines the workers run on is the business of who runs the hub, not of one company.
    return {name: found[name] for name in ("queued", "delayed", "running", "due", "lag_seconds")} | {
        "workers_alive": sum(1 for worker in found["workers"] if worker["alive"])
    }


def runs(call: Call) -> Page:
    first, most = call.window()
    rows = [look.runs_of(address) for address in _first(call)]
    if not rows:
        return Page([], 0)
    return Page([look.run_row(run) for run in rows[0][first : first + most]], rows[0].count())


def run(call: Call) -> Any:
    return look.one_run(own_run(call, call.path["run"]).pk)


def plan(call: Call) -> Any:
    row = own_plan(call)
    told = {"state": row.state, "made_by": row.made_by, "chosen": row.chosen, "changed": row.changed}
    return {**row.body, "plan": row.pk, **told}


def mapping(call: Call) -> Any:
    target = call.one_stream()
    return mappings.as_json(mappings.table(target.integration, target.stream, call.query.get("record", "")))


def problems(call: Call) -> Page:
    sort = call.query.get("sort", "")
    if sort and sort not in Problem.Sort.values:
        raise Malformed("{sort} is no sort of problem.", repair="Use {known}.", sort=sort, known=", ".join(Problem.Sort.values))
    return _problems(call, (sort,) if sort else SORTS)


def conflicts(call: Call) -> Page:
    return _problems(call, ("conflict", "question"))


def problem(call: Call) -> Any:
    row = own_problem(call)
    one = row.integration
    return look.problem_row(row, f"{one.address}.{row.stream}", one.system)


def duplicates(call: Call) -> Page:
    return _paged(call, duplicate_rows(call.address())) if _first(call) else Page([], 0)


def links(call: Call) -> Page:
    first, most = call.window()
    named = _first(call)
    return Page(look.link_rows(named[0], first, most), look.link_count(named[0])) if named else Page([], 0)


def history(call: Call) -> Page:
    system = call.path["system"]
    if system != "fortnox" and not Integration.objects.filter(company=call.company, system=system).exists():
        raise Missing("{company} has no integration with {system}.", company=call.company.slug, system=system)
    if not _first(call):
        return Page([], 0)
    return _paged(call, timeline(f"{call.company.slug}/{system}:{call.path['id']}", call.query.get("kind", "")))


def overview(call: Call) -> Any:
    """How the company stands, on one page: records, times and amounts of each integration, request budgets, the last 30 days."""
    return standing(call.company)


def proofs(call: Call) -> Page:
    """The newest reconciliation of each stream that the call names, of those too that are parts of others' runs."""
    named = {(one.integration.pk, part) for one in call.targets() for part in parts_of(one.integration.system, one.stream)}
    rows = Proof.objects.filter(integration__company=call.company)
    newest = rows.values("integration", "stream").annotate(newest=Max("pk")).order_by("integration", "stream")
    keys = [row["newest"] for row in newest if (row["integration"], row["stream"]) in named]
    first, most = call.window()
    found = Proof.objects.in_bulk(keys[first : first + most])
    return Page([found[key].body | {"made_at": found[key].made_at.isoformat()} for key in keys[first : first + most]], len(keys))


def payments(call: Call) -> Page:
    """The payments that were read, with their state; none for a company without a system that takes payments."""
    integration = payments_of(call.company)
    rows = payment_rows(integration) if integration is not None else []
    return _paged(call, [{name: value for name, value in row.items() if name != "sentence"} for row in rows])


def payments_of(company: Company) -> Integration | None:
    """Return the company's integration whose payments a person saves (OPT-27)."""
    found = Integration.objects.filter(company=company, streams__name=PAYMENTS)
    return found.select_related("company").first()


def audit(call: Call) -> Page:
    """What people and programs did in the hub, the newest first."""
    first, most = call.window()
    rows = AuditEntry.objects.filter(company=call.company).order_by("-at", "-pk")
    shown = [
        {"at": row.at.isoformat(), "who": row.who, "what": row.what, "subject": row.subject, "detail": row.detail}
        for row in rows[first : first + most]
    ]
    return Page(shown, rows.count())


def own_run(call: Call, run_id: str) -> Run:
    """Return a run of the token's company. Raises Missing."""
    found = Run.objects.filter(pk=run_id, integration__company=call.company).first()
    if found is None:
        raise Missing("There is no run {id}.", id=run_id)
    return found


def own_plan(call: Call) -> PlanRow:
    """Return a kept plan of the token's company. Raises Missing, also while it is still being made."""
    rows = PlanRow.objects.select_related("integration__company")
    found = rows.filter(pk=call.path["plan"], integration__company=call.company).first()
    if found is None:
        raise Missing(
            "There is no plan {id}.", repair="If it was asked for just now, look at the run of the same id.", id=call.path["plan"]
        )
    return found


def own_problem(call: Call) -> Problem:
    """Return an open problem of the token's company. Raises Missing."""
    try:
        return find(call.number("problem"), call.company.pk)
    except SettingsError as error:
        raise Missing.like(error) from error


def _first(call: Call) -> list[str]:
    """Return the address that the call names as a list of one; none for a company that has no stream yet."""
    return [call.address()] if call.targets() else []


def _problems(call: Call, sorts: tuple[str, ...]) -> Page:
    first, most = call.window()
    named = _first(call)
    return Page(look.problem_rows(named[0], sorts, first, most), look.problem_count(named[0], sorts)) if named else Page([], 0)


def _paged(call: Call, rows: list[dict[str, Any]]) -> Page:
    first, most = call.window()
    return Page(rows[first : first + most], len(rows))
