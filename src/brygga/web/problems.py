"""What is not in step: grouped by cause with the repair, questions of identity and conflicts side by side, links, timelines."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from brygga.core.diff import same
from brygga.errors import BryggaError
from brygga.store import values
from brygga.store.models import Company, LinkRow, Problem
from brygga.sync import resolve
from brygga.sync.timeline import counterparts, timeline
from brygga.web.access import in_company, may
from brygga.web.say import said

SHOWN = 25
"""Records of one cause that the page lists; the count says how many there are."""

ORDER = {"failed": 0, "hold": 1, "skip": 2}


@in_company()
def problems(request: HttpRequest, company: Company) -> HttpResponse:
    """Show failed, waiting and skipped records by cause; answer one, or all of a cause."""
    if request.method == "POST":
        _answer(request, company)
        return redirect(request.get_full_path())
    rows = Problem.objects.filter(integration__company=company, state=Problem.State.OPEN, sort__in=list(ORDER))
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in rows.select_related("integration__company").order_by("first_seen_at", "pk"):
        groups.setdefault((problem.sort, problem.cause), []).append(problem)
    ordered = sorted(groups.items(), key=lambda group: (ORDER[group[0][0]], -len(group[1])))
    shown = [
        {"sort": sort, "count": len(found), "problems": found[:SHOWN], "rule": found[0].rule, "repair": found[0].repair}
        for (sort, _cause), found in ordered
    ]
    waiting = Problem.objects.filter(
        integration__company=company, state=Problem.State.OPEN, sort__in=["question", "conflict"]
    ).count()
    context = {"company": company, "groups": shown, "may_write": may(request.user, company, "bookkeeper"), "questions": waiting}
    return render(request, "brygga/problems.html", context)


def _answer(request: HttpRequest, company: Company) -> None:
    """Retry or skip what the form names; a refusal is shown and nothing is lost."""
    numbers = [int(number) for number in request.POST.getlist("problem") if number.isdigit()]
    reason = request.POST.get("reason", "").strip()
    if request.POST.get("what") == "skip" and not reason:
        messages.error(request, _("Say why the record is left out."))
        return
    choice: dict[str, object] = {"skip": reason} if request.POST.get("what") == "skip" else {"retry": True}
    done = 0
    for number in numbers:
        try:
            resolve.answer(number, choice, request.user.get_username(), company.pk)
            done += 1
        except BryggaError as error:
            messages.error(request, said(error))
    if done:
        messages.success(request, _("Noted. The next run carries it out."))


@in_company()
def conflicts(request: HttpRequest, company: Company) -> HttpResponse:
    """List what needs a person's choice."""
    rows = Problem.objects.filter(integration__company=company, state=Problem.State.OPEN, sort__in=["question", "conflict"])
    page = Paginator(rows.select_related("integration__company").order_by("first_seen_at", "pk"), 50).get_page(
        request.GET.get("page")
    )
    return render(request, "brygga/conflicts.html", {"company": company, "page": page})


@in_company()
def conflict(request: HttpRequest, company: Company, number: int) -> HttpResponse:
    """Show one question or conflict with everything side by side, and take the answer."""
    problem = Problem.objects.select_related("integration__company").filter(pk=number, integration__company=company).first()
    if problem is None:
        raise Http404
    if request.method == "POST":
        try:
            resolve.answer(problem.pk, _choice(request, problem), request.user.get_username(), company.pk)
        except BryggaError as error:
            messages.error(request, said(error))
            return redirect("conflict", slug=company.slug, number=problem.pk)
        messages.success(request, _("Noted. The next run carries it out."))
        return redirect("conflicts", slug=company.slug)
    context = {"company": company, "problem": problem, "may_write": may(request.user, company, "bookkeeper")}
    return render(request, "brygga/conflict.html", context | _side_by_side(problem))


def _choice(request: HttpRequest, problem: Problem) -> dict[str, object]:
    what = request.POST.get("what", "")
    if what == "link":
        return {"link": request.POST.get("candidate", "")}
    if what == "create":
        return {"create": True}
    if what == "skip":
        return {"skip": request.POST.get("reason", "").strip() or _("left out by hand")}
    takes = [f"{name}={request.POST.get('take:' + name, '')}" for name in problem.detail.get("fields", {})]
    return resolve.fields_choice(problem.pk, takes)


def _side_by_side(problem: Problem) -> dict[str, Any]:
    """Return the record and its candidates as columns, a row for each field that any of them holds."""
    record = values.decode(problem.detail.get("record") or {})
    candidates = problem.detail.get("candidates", [])
    columns = [values.decode(candidate["values"]) for candidate in candidates]
    names = list(dict.fromkeys([*record, *(name for column in columns for name in column)]))
    rows = [
        {
            "name": name,
            "mine": record.get(name),
            "theirs": [(column.get(name), same(name, record.get(name), column.get(name))) for column in columns],
        }
        for name in names
        if any(str(column.get(name) or "") for column in (record, *columns))
    ]
    fields = [
        {"name": name, "base": b, "left": left, "right": right}
        for name, (b, left, right) in problem.detail.get("fields", {}).items()
    ]
    return {"rows": rows, "candidates": candidates, "fields": fields, "twins": problem.detail.get("twins", [])}


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
