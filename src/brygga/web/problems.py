"""What is not in step: grouped by cause with the repair; links and timelines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from brygga import engine
from brygga.core.money import Money
from brygga.errors import BryggaError, SettingsError
from brygga.store import values
from brygga.store.models import Company, LinkRow, Problem, Run, StreamState
from brygga.store.problems import STREAM
from brygga.sync import repair, resolve
from brygga.sync.repair import amount_of, offers
from brygga.sync.timeline import counterparts, timeline
from brygga.web.access import in_company, may

SHOWN = 25
"""Records of one cause that the list of causes shows; a cause's own page has them all."""
PAGE = 50
RECENT = timedelta(days=7)

ORDER = {"failed": 0, "hold": 1, "skip": 2}


@in_company()
def problems(request: HttpRequest, company: Company) -> HttpResponse:
    """Show failed, waiting and skipped records by cause; answer one, or all of a cause."""
    refused = None
    if request.method == "POST":
        try:
            _answer(request, company)
        except BryggaError as error:
            refused = error
        else:
            messages.success(request, _("Noted. The next run carries it out."))
            return redirect(request.get_full_path())
    rows = Problem.objects.filter(integration__company=company, state=Problem.State.OPEN, sort__in=list(ORDER))
    rows = rows.select_related("integration__company").order_by("first_seen_at", "pk")
    cause, page = request.GET.get("cause", ""), None
    one = rows.filter(pk=int(cause)).first() if cause.isdecimal() and len(cause) < 19 else None
    if one is not None:
        rows = rows.filter(integration=one.integration, sort=one.sort, cause=one.cause)
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    elif cause:
        # Solved meanwhile: the list says what is left.
        return redirect("problems", slug=company.slug)
    of_company = Problem.objects.filter(integration__company=company)
    context = {
        "company": company,
        "groups": _groups(list(rows), page),
        "page": page,
        "cause": cause if one else "",
        "broken": [] if one else _broken(company),
        "may_write": may(request.user, company, "bookkeeper"),
        "questions": of_company.filter(state=Problem.State.OPEN, sort__in=["question", "conflict"]).count(),
        "solved": of_company.filter(state=Problem.State.SOLVED, solved_at__gte=timezone.now() - RECENT).count(),
        "left_out": of_company.filter(state=Problem.State.DISMISSED).select_related("integration").order_by("-last_seen_at")[:PAGE],
        "refused": refused,
        "typed": {"problem": request.POST.get("problem", ""), "reason": request.POST.get("reason", "")},
    }
    return render(request, "brygga/problems.html", context, status=400 if refused else 200)


def _groups(rows: list[Problem], page: Any) -> list[dict[str, Any]]:
    """Return the causes, the gravest and largest first, each with count, age, amounts and the records that are shown of it."""
    groups: dict[tuple[int, str, str], list[Problem]] = {}
    for problem in rows:
        groups.setdefault((problem.integration_id, problem.sort, problem.cause), []).append(problem)
    ordered = sorted(groups.items(), key=lambda group: (ORDER[group[0][1]], -len(group[1])))
    return [
        {
            "sort": sort,
            "count": len(found),
            "first": found[0],
            "days": (timezone.now() - found[0].first_seen_at).days,
            "sums": _sums(found),
            "problems": [_line(problem) for problem in (page.object_list if page else found[:SHOWN])],
            "rule": found[0].rule,
            "repair": found[0].repair,
        }
        for (_integration, sort, _cause), found in ordered
    ]


def _line(problem: Problem) -> dict[str, Any]:
    return {"problem": problem, "amount": amount_of(problem), "offers": offers(problem), "called": repair.called(problem)}


def _sums(rows: list[Problem]) -> list[Money]:
    """Return what the records of a cause are worth together, by currency."""
    sums: dict[str, Money] = {}
    for amount in filter(None, map(amount_of, rows)):
        sums[amount.currency] = sums[amount.currency] + amount if amount.currency in sums else amount
    return [sums[currency] for currency in sorted(sums)]


def _broken(company: Company) -> list[Run]:
    """Return the last run of each stream where it ended with an error that is no record's: a lost connection, a setting, the brake."""
    found = []
    for state in StreamState.objects.filter(integration__company=company).select_related("integration__company").order_by("pk"):
        runs = Run.objects.select_related("integration__company").filter(integration=state.integration, stream=state.name)
        last = runs.exclude(ended_at=None).exclude(trigger__in=["plan", "prove"]).order_by("-queued_at", "-pk").first()
        if last is not None and last.status in (Run.Status.FAILED, Run.Status.STOPPED) and last.message:
            found.append(last)
    return found


def _answer(request: HttpRequest, company: Company) -> None:
    """Retry or skip what the form names, or all of its cause. Raises SettingsError; nothing is lost then."""
    what, number = request.POST.get("what", ""), request.POST.get("problem", "")
    reason = request.POST.get("reason", "").strip()
    if what not in ("retry", "skip", "retry_all", "skip_all") or not number.isdecimal():
        raise SettingsError("Choose what is to be done.", repair="Press one of the buttons.")
    if what.startswith("skip") and not reason:
        raise SettingsError("Say why the record is left out.", repair="Write the reason in the field beside the button.")
    choice: dict[str, object] = {"skip": reason} if what.startswith("skip") else {"retry": True}
    answer = resolve.answer_all if what.endswith("_all") else resolve.answer
    answer(int(number), choice, request.user.get_username(), company.pk)


@in_company()
def problem(request: HttpRequest, company: Company, number: int) -> HttpResponse:
    """Show one record that is not in step, with what can be done: try again, leave out, or a repair, looked at before it is sent."""
    found = Problem.objects.select_related("integration__company").filter(pk=number, integration__company=company).first()
    if found is None:
        raise Http404
    if found.sort in (Problem.Sort.QUESTION, Problem.Sort.CONFLICT):
        return redirect("conflict", slug=company.slug, number=number)
    shows, refused, shown, fields = request.GET.get("edit", ""), None, None, {}
    may_write = may(request.user, company, "bookkeeper")
    name = request.POST.get("repair", "")
    typed = {key.partition(":")[2]: str(value) for key, value in request.POST.items() if key.startswith("field:")}
    try:
        if request.method == "POST" and name:
            if request.POST.get("step") == "do":
                repair.ask(found, name, typed, request.user.get_username())
                return _run_now(request, company, found)
            shown = repair.preview(found, name, typed)
        elif request.method == "POST":
            _answer(request, company)
            messages.success(request, _("Noted. The next run carries it out."))
            return redirect("problem", slug=company.slug, number=number)
        if shows and may_write and not shown:
            fields = {field: str(value or "") for field, value in repair.editable(found).items()}
    except BryggaError as error:
        refused = error
        if name == repair.EDIT:
            fields = typed
    context = {
        "company": company,
        "problem": found,
        "line": _line(found),
        "days": (timezone.now() - found.first_seen_at).days,
        "record": values.decode(found.detail.get("record") or {}),
        "fields": fields,
        "preview": shown,
        "doing": name,
        "typed": typed,
        "reason": request.POST.get("reason", ""),
        "refused": refused,
        "wrong": str(refused.facts.get("key", "")) if refused else "",
        "may_write": may_write,
    }
    return render(request, "brygga/problem.html", context, status=400 if refused and request.method == "POST" else 200)


def _run_now(request: HttpRequest, company: Company, found: Problem) -> HttpResponse:
    """Ask for a run that carries out what was just said, and lead to its progress; of a stream of its own only this record."""
    stream = repair.stream_of(found.integration, found.stream)
    only = [f"{found.side}:{found.record_id}"] if stream == found.stream and found.kind != STREAM else []
    asked = engine.request(found.integration, stream, trigger="person", only=only)
    engine.nudge(asked.pk)
    messages.success(request, _("The repair is being carried out."))
    return redirect("run", slug=company.slug, run_id=asked.pk)


@in_company()
def links(request: HttpRequest, company: Company) -> HttpResponse:
    """List which records are the same; a search finds an id on either side."""
    rows = LinkRow.objects.filter(integration__company=company).select_related("integration__company").order_by("-changed_at", "pk")
    wanted = request.GET.get("q", "").strip()
    if wanted:
        rows = rows.filter(left_id=wanted) | rows.filter(right_id=wanted)
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    return render(request, "brygga/links.html", {"company": company, "page": page, "wanted": wanted})


@in_company()
def record(request: HttpRequest, company: Company, system: str, kind: str, id: str) -> HttpResponse:
    """Show what is known of one record: with what it is the same, and everything that was sent, found and chosen for it."""
    context = {
        "company": company,
        "system": system,
        "kind": kind,
        "id": id,
        "links": counterparts(company, system, id, kind),
        "events": timeline(f"{company.slug}/{system}:{id}", kind),
    }
    return render(request, "brygga/record.html", context)
