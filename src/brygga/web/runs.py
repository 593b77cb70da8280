"""Runs with what became of each record, and plans to approve."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from brygga import engine
from brygga.store.models import AuditEntry, Company, PlanRow, Run, RunItem
from brygga.web.access import in_company, may

PAGE = 100


def _run_of(company: Company, run_id: str) -> Run:
    found = Run.objects.select_related("integration__company").filter(pk=run_id, integration__company=company).first()
    if found is None:
        raise Http404
    return found


@in_company()
def run(request: HttpRequest, company: Company, run_id: str) -> HttpResponse:
    """Show one run: its progress while it goes on, its records when it has ended."""
    one = _run_of(company, run_id)
    page = Paginator(RunItem.objects.filter(run=one).order_by("pk"), PAGE).get_page(request.GET.get("page"))
    plan = PlanRow.objects.filter(pk=one.pk).first()
    return render(request, "brygga/run.html", {"company": company, "run": one, "page": page, "plan": plan})


@in_company()
def progress(request: HttpRequest, company: Company, run_id: str) -> HttpResponse:
    """Answer the part of the page that tells how far the run has come; an ended run lets the page load anew."""
    one = _run_of(company, run_id)
    response = render(request, "brygga/_progress.html", {"company": company, "run": one})
    if one.ended_at is not None:
        response.headers["HX-Refresh"] = "true"
    return response


@in_company()
def plan(request: HttpRequest, company: Company, plan_id: str) -> HttpResponse:
    """Show what would be done, a record a row; approving it applies exactly that, or says what has changed since."""
    row = PlanRow.objects.select_related("integration__company").filter(pk=plan_id, integration__company=company).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        row.state = PlanRow.State.APPROVED
        row.save(update_fields=["state"])
        asked = engine.request(row.integration, row.stream, trigger="person", plan_id=row.pk)
        engine.nudge(asked.pk)
        who = request.user.get_username()
        AuditEntry.objects.create(company=company, who=who, what="approved a plan", subject=row.pk, detail={"run": asked.pk})
        messages.success(request, _("The plan is being applied."))
        return redirect("run", slug=company.slug, run_id=asked.pk)
    action = request.GET.get("action", "")
    items = [item for item in row.body["items"] if not action or item["action"] == action]
    return render(
        request,
        "brygga/plan.html",
        {
            "company": company,
            "plan": row,
            "page": Paginator(items, PAGE).get_page(request.GET.get("page")),
            "action": action,
            "counts": sorted(row.body["counts"].items()),
            "may_write": may(request.user, company, "bookkeeper"),
        },
    )
