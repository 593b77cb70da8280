"""The first page: how each integration of a company stands."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from brygga import engine
from brygga.store import links, users
from brygga.store.models import Company, Connection, Onboarding
from brygga.sync.overview import standing
from brygga.web.access import companies_of, in_company, may


def start(request: HttpRequest) -> HttpResponse:
    """Lead to where there is something to see."""
    if not users.anybody():
        return redirect("setup")
    return choose(request)


@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Show the companies that the user may see; straight on when there is one."""
    companies = list(companies_of(request.user))
    if len(companies) == 1 and request.resolver_match and request.resolver_match.url_name == "start":
        return redirect("overview", slug=companies[0].slug)
    administrator = bool(request.user.is_superuser)
    if not companies and administrator:
        return redirect("wizard_new")
    return render(request, "brygga/companies.html", {"companies": companies, "administrator": administrator})


@in_company()
def overview(request: HttpRequest, company: Company) -> HttpResponse:
    """Show how each integration stands, what both sides come to, the request budgets, and what the last 30 days moved."""
    now = standing(company)
    return render(
        request,
        "brygga/overview.html",
        {
            "company": company,
            "integrations": now["integrations"],
            "budgets": now["budgets"],
            "days": [(day["date"], day["written"], day["failed"]) for day in now["days"]],
            "details": links.waiting_in(company.pk),
            "connections": Connection.objects.filter(company=company).order_by("system"),
            "engine": engine.status(),
            "owner": may(request.user, company, "owner"),
            "begun": Onboarding.objects.filter(company=company, finished_at=None).order_by("changed_at"),
        },
    )
