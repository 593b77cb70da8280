"""The matching desk: questions of identity and conflicts side by side, with the answer; duplicates inside each register."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from brygga.core.diff import same
from brygga.errors import BryggaError, SettingsError
from brygga.store import values
from brygga.store.models import Company, Problem, StreamState
from brygga.sync import resolve
from brygga.sync.duplicates import duplicate_rows
from brygga.web.access import in_company, may


@in_company()
def conflicts(request: HttpRequest, company: Company) -> HttpResponse:
    """List what needs a person's choice."""
    rows = Problem.objects.filter(integration__company=company, state=Problem.State.OPEN, sort__in=["question", "conflict"])
    page = Paginator(rows.select_related("integration__company").order_by("first_seen_at", "pk"), 50).get_page(
        request.GET.get("page")
    )
    return render(request, "brygga/conflicts.html", {"company": company, "page": page})


@in_company()
def duplicates(request: HttpRequest, company: Company) -> HttpResponse:
    """Show the records of each register that look like the same, with what each is linked to."""
    found = duplicate_rows(company.slug) if StreamState.objects.filter(integration__company=company).exists() else []
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    return render(request, "brygga/duplicates.html", {"company": company, "page": page})


@in_company()
def conflict(request: HttpRequest, company: Company, number: int) -> HttpResponse:
    """Show one question or conflict with everything side by side, and take the answer."""
    problem = Problem.objects.select_related("integration__company").filter(pk=number, integration__company=company).first()
    if problem is None:
        raise Http404
    refused = None
    if request.method == "POST":
        try:
            resolve.answer(problem.pk, _choice(request, problem), request.user.get_username(), company.pk)
        except BryggaError as error:
            refused = error
        else:
            messages.success(request, _("Noted. The next run carries it out."))
            if request.GET.get("wizard") == problem.integration.system:
                return redirect("wizard_step", slug=company.slug, system=problem.integration.system, step="forecast")
            return redirect("conflicts", slug=company.slug)
    takes = {key.removeprefix("take:"): value for key, value in request.POST.items() if key.startswith("take:")}
    context = {
        "company": company,
        "problem": problem,
        "may_write": may(request.user, company, "bookkeeper"),
        "refused": refused,
        "takes": takes,
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "brygga/conflict.html", context | _side_by_side(problem), status=400 if refused else 200)


def _choice(request: HttpRequest, problem: Problem) -> dict[str, object]:
    what = request.POST.get("what", "")
    if what == "link":
        return {"link": request.POST.get("candidate", "")}
    if what == "create":
        return {"create": True}
    if what == "skip":
        if not (reason := request.POST.get("reason", "").strip()):
            raise SettingsError("Say why the record is left out.", repair="Write the reason in the field beside the button.")
        return {"skip": reason}
    if what in ("all_left", "all_right"):
        return resolve.fields_choice(problem.pk, [f"all={what.removeprefix('all_')}"])
    takes = [f"{name}={side}" for name in problem.detail.get("fields", {}) if (side := request.POST.get(f"take:{name}", ""))]
    return resolve.fields_choice(problem.pk, takes)


def _side_by_side(problem: Problem) -> dict[str, Any]:
    """Return the record and its candidates as columns, a row for each field that any of them holds."""
    record = values.decode(problem.detail.get("record") or {})
    candidates, twins = problem.detail.get("candidates", []), problem.detail.get("twins", [])
    columns = [values.decode(one["values"]) for one in (*candidates, *twins)]
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
    return {"rows": rows, "candidates": candidates, "fields": fields, "twins": twins}
