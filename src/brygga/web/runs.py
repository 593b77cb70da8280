"""Runs with what became of each record."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from brygga.store.models import Company, PlanRow, Run, RunItem
from brygga.web.access import in_company

PAGE = 100
RECORDS = 50
"""A record made shows all its fields."""


def _run_of(company: Company, run_id: str) -> Run:
    found = Run.objects.select_related("integration__company").filter(pk=run_id, integration__company=company).first()
    if found is None:
        raise Http404
    return found


@in_company()
def run(request: HttpRequest, company: Company, run_id: str) -> HttpResponse:
    """Show one run: its progress while it goes on, its records when it has ended."""
    one = _run_of(company, run_id)
    page = Paginator(RunItem.objects.filter(run=one).order_by("pk"), RECORDS).get_page(request.GET.get("page"))
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
