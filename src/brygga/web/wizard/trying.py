"""What comes before the start: the preflight, the settings that must be chosen, the forecast, one real record; and the start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from brygga import engine
from brygga.connectors import parts_of
from brygga.errors import BryggaError, SettingsError
from brygga.store.models import AuditEntry, Onboarding, PlanRow, Problem, Proof, Run, RunItem
from brygga.sync import onboard
from brygga.web.say import said
from brygga.web.wizard.connecting import context

WRITES = frozenset({"create", "update", "link"})


def check(request: HttpRequest, journey: Onboarding) -> HttpResponse:
    """Show what the preflight found, each row with its repair; check again."""
    refused = ""
    if request.method == "POST":
        if request.POST.get("what") != "on":
            onboard.check(journey)
            return _to(journey, "check")
        if not onboard.blocked(journey, reach_only=True):
            return _to(journey, onboard.go_on(journey, "check", request.user.get_username()))
        refused = _("A connection does not work yet. Mend what is red, and check again.")
    rows = [_shown(row, journey) for row in journey.findings or ()]
    shown = {
        **context(journey.company, journey.system, journey, "check"),
        "rows": rows,
        "counts": [(level, sum(row["level"] == level for row in rows)) for level in ("error", "warning", "ok")],
        "refused": refused,
    }
    return render(request, "brygga/wizard/check.html", shown, status=400 if refused else 200)


def _shown(row: dict[str, Any], journey: Onboarding) -> dict[str, Any]:
    """Return a finding with where it is mended; what is chosen in the next step is no fault while that is still to come."""
    mend = _mend(row, journey)
    if mend == "settings" and not onboard.reached(journey, "forecast"):
        return row | {"level": "warning", "mend": "", "next": True}
    return row | {"mend": mend}


def _mend(row: dict[str, Any], journey: Onboarding) -> str:
    """Return the step where a finding can be mended, "" where it is mended in the system itself."""
    if row["level"] == "ok":
        return ""
    side = "fortnox" if row["connection"].endswith("/fortnox") else "system"
    if onboard.is_basic(row):
        return side
    return "settings" if side == "system" and onboard.keys(journey) else ""


def settings(request: HttpRequest, journey: Onboarding) -> HttpResponse:
    """Let an owner choose what has to be chosen, and nothing more. A refused form keeps what was typed."""
    typed, refused = None, None
    if request.method == "POST":
        typed = dict(request.POST.lists())
    if typed is not None and "more" not in typed and "again" not in typed:
        try:
            onboard.save(journey, typed, request.user.get_username())
        except SettingsError as error:
            refused = error
        else:
            journey.plans, journey.trial = {}, {}
            journey.save(update_fields=["plans", "trial"])
            onboard.check(journey)
            return _to(journey, onboard.go_on(journey, "settings", request.user.get_username()))
    shown = {
        **context(journey.company, journey.system, journey, "settings"),
        "form": onboard.settings_form(journey, typed, more=request.POST.get("more", ""), fresh="again" in request.POST),
        "integration": onboard.integration_of(journey),
        "owner": True,
        "refused": refused,
        "wrong": str(refused.facts.get("key", "")) if refused else "",
        "rows": [
            row | {"level": row["level"] if onboard.reached(journey, "forecast") else "warning"}
            for row in journey.findings or ()
            if row["level"] != "ok" and not row["connection"].endswith("/fortnox")
        ],
    }
    return render(request, "brygga/wizard/settings.html", shown, status=400 if refused else 200)


def forecast(request: HttpRequest, journey: Onboarding) -> HttpResponse:
    """Say of each stream what would be made, linked and asked, before anything is written; a worker reads both sides."""
    who = request.user.get_username()
    if request.method == "POST" and request.POST.get("what") == "on":
        if not _all_made(journey):
            messages.error(request, _("Make the forecast first."))
            return _to(journey, "forecast")
        onboard.approve(journey, who)
        try:
            onboard.look_at_recent(journey)
        except BryggaError as error:
            messages.error(request, said(error))
        return _to(journey, onboard.go_on(journey, "forecast", who))
    if request.method == "POST":
        journey.plans = _request(journey, "plan")
        journey.save(update_fields=["plans", "changed_at"])
        _nudge(journey.plans)
        _audit(journey, who, "asked for a plan", {"runs": journey.plans})
        return _to(journey, "forecast")
    rows = [_forecast(journey, flow.stream) for flow in onboard.moving(journey)]
    shown = {
        **context(journey.company, journey.system, journey, "forecast"),
        "rows": rows,
        "run": _under_way(journey, journey.plans.values()),
        "made": _all_made(journey),
        "red": onboard.blocked(journey, reach_only=False),
    }
    return render(request, "brygga/wizard/forecast.html", shown)


def _forecast(journey: Onboarding, stream: str) -> dict[str, Any]:
    """Return one stream's forecast: the run that makes it, what it says, and the questions that wait for an answer."""
    pk = journey.plans.get(stream, "")
    run, plan = Run.objects.filter(pk=pk).first(), PlanRow.objects.filter(pk=pk).first()
    integration = onboard.integration_of(journey)
    questions = Problem.objects.filter(
        integration=integration, stream__in=parts_of(journey.system, stream), state=Problem.State.OPEN, sort="question"
    )
    return {
        "stream": stream,
        "run": run,
        "plan": plan,
        "counts": onboard.forecast(plan) if plan else {},
        "questions": list(questions.filter(choice__isnull=True).order_by("first_seen_at", "pk")[: onboard.SHOWN]),
        "asked": questions.filter(choice__isnull=True).count(),
        "answered": questions.filter(choice__isnull=False).count(),
    }


def _all_made(journey: Onboarding) -> bool:
    made = set(PlanRow.objects.filter(pk__in=journey.plans.values()).values_list("stream", flat=True))
    return made >= {flow.stream for flow in onboard.moving(journey)}


def record(request: HttpRequest, journey: Onboarding) -> HttpResponse:
    """Let one record be chosen, show exactly what would be written, write it alone, and show what became of it."""
    who, what = request.user.get_username(), request.POST.get("what", "")
    typed = {name: request.POST.get(name, "") for name in ("stream", "side", "id")}
    refused = ""
    if what == "on":
        return _to(journey, onboard.go_on(journey, "record", who))
    try:
        if what == "plan":
            _plan_one(journey, request.POST.get("proposal", ""), typed, who)
            return _to(journey, "record")
        if what == "apply":
            _apply_one(journey, who)
            return _to(journey, "record")
        if what == "another":
            journey.trial = {"recent": journey.trial.get("recent", [])}
            journey.save(update_fields=["trial", "changed_at"])
            return _to(journey, "record")
    except BryggaError as error:
        refused = said(error)
    plan_run = Run.objects.filter(pk=journey.trial.get("plan", "")).first()
    plan = PlanRow.objects.filter(pk=plan_run.pk).first() if plan_run else None
    run = Run.objects.filter(pk=journey.trial.get("run", "")).first()
    shown = {
        **context(journey.company, journey.system, journey, "record"),
        "proposals": onboard.proposals(journey),
        "streams": onboard.tried(journey),
        "typed": typed,
        "refused": refused,
        "plan_run": plan_run,
        "plan": plan,
        "items": plan.body["items"] if plan else [],
        "writes": any(item["action"] in WRITES for item in plan.body["items"]) if plan else False,
        "applied": run,
        "page": RunItem.objects.filter(run=run).order_by("pk") if run else [],
        "run": _under_way(journey, [run.pk if run else plan_run.pk if plan_run else ""]),
    }
    return render(request, "brygga/wizard/record.html", shown, status=400 if refused else 200)


def _plan_one(journey: Onboarding, proposal: str, typed: dict[str, str], who: str) -> None:
    """Ask for the plan of one record: a proposed one, or one by its number. Raises SettingsError for none."""
    stream, only = onboard.picked(journey, proposal, typed["stream"], typed["side"], typed["id"])
    run = engine.request(onboard.integration_of(journey), stream, trigger="plan", only=[only])
    engine.nudge(run.pk)
    journey.trial = {"stream": stream, "only": only, "plan": run.pk, "recent": journey.trial.get("recent", [])}
    journey.save(update_fields=["trial", "changed_at"])
    _audit(journey, who, "asked for a plan", {"run": run.pk})


def _apply_one(journey: Onboarding, who: str) -> None:
    """Write the one record exactly as its plan has it. Pressed twice, it is asked for once. Raises SettingsError without a plan."""
    plan = onboard.trial_plan(journey)
    if not PlanRow.objects.filter(pk=plan.pk, state=PlanRow.State.SHOWN).update(state=PlanRow.State.APPROVED):
        return
    run = engine.request(onboard.integration_of(journey), plan.stream, trigger="person", plan_id=plan.pk)
    engine.nudge(run.pk)
    journey.trial = {**journey.trial, "run": run.pk}
    journey.save(update_fields=["trial", "changed_at"])
    _audit(journey, who, "approved a plan", {"run": run.pk})


def start(request: HttpRequest, journey: Onboarding) -> HttpResponse:
    """Switch on what was chosen and carry it through once; then say whether everything is in."""
    who, what, refused = request.user.get_username(), request.POST.get("what", ""), ""
    if what == "check":
        onboard.check(journey)
        return _to(journey, "start")
    try:
        if what == "start" and journey.finished_at is None:
            # The first runs are asked for with the start itself: a crash in between loses neither.
            with transaction.atomic():
                if onboard.start(journey, who):
                    journey.runs = _request(journey, "person")
                    journey.save(update_fields=["runs", "changed_at"])
            _nudge(journey.runs)
            return _to(journey, "start")
        if what == "prove" and journey.finished_at is not None:
            _nudge(_request(journey, "prove"))
            _audit(journey, who, "asked for a proof", {})
            return _to(journey, "start")
    except BryggaError as error:
        refused = said(error)
    integration = onboard.integration_of(journey)
    pending = Run.objects.filter(integration=integration, trigger__in=["person", "prove"], ended_at=None).order_by(
        "queued_at", "pk"
    )
    rows = [_started(journey, flow.stream) for flow in onboard.moving(journey)] if journey.finished_at else []
    shown = {
        **context(journey.company, journey.system, journey, "start"),
        "rows": rows,
        "flows": onboard.moving(journey),
        "saved": [name for name in journey.streams if name not in {flow.stream for flow in onboard.moving(journey)}],
        "red": [row for row in journey.findings or () if row["level"] == "error"],
        "refused": refused,
        "run": pending.first() if journey.finished_at else None,
        "ended": bool(rows) and all(row["run"] is not None and row["run"].ended_at for row in rows),
        "all_in": bool(rows) and all(row["proof"] is not None and row["proof"].verdict == "equal" for row in rows),
    }
    return render(request, "brygga/wizard/start.html", shown, status=400 if refused else 200)


def _request(journey: Onboarding, trigger: str) -> dict[str, str]:
    """Ask for a run of each stream, in the order in which they build on each other."""
    integration = onboard.integration_of(journey)
    return {flow.stream: engine.request(integration, flow.stream, trigger=trigger).pk for flow in onboard.moving(journey)}


def _nudge(runs: Mapping[str, str]) -> None:
    for pk in runs.values():
        engine.nudge(pk)


def _started(journey: Onboarding, stream: str) -> dict[str, Any]:
    integration = onboard.integration_of(journey)
    newest = Proof.objects.filter(integration=integration, stream=stream, made_at__gte=journey.finished_at)
    return {
        "stream": stream,
        "run": Run.objects.filter(pk=journey.runs.get(stream, "")).first(),
        "proof": newest.order_by("-made_at").first(),
        "waiting": Problem.objects.filter(
            integration=integration, stream__in=parts_of(journey.system, stream), state=Problem.State.OPEN
        )
        .exclude(sort="skip")
        .count(),
    }


def _under_way(journey: Onboarding, runs: Any) -> Run | None:
    """Return the first of these runs that has not ended: its progress is shown."""
    return Run.objects.filter(pk__in=[pk for pk in runs if pk], ended_at=None).order_by("queued_at", "pk").first()


def _audit(journey: Onboarding, who: str, what: str, detail: dict[str, Any]) -> None:
    subject = f"{journey.company.slug}/{journey.system}"
    AuditEntry.objects.create(company=journey.company, who=who, what=what, subject=subject, detail=detail)


def _to(journey: Onboarding, step: str) -> HttpResponse:
    return redirect("wizard_step", slug=journey.company.slug, system=journey.system, step=step)
