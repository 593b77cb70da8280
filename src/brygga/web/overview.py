"""The first page: how each stream of a company stands."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from brygga import engine
from brygga.store import users
from brygga.store.models import Company, Connection, Integration, Run
from brygga.sync.look import stream_rows
from brygga.web.access import companies_of, in_company

DAYS = 30


def start(request: HttpRequest) -> HttpResponse:
    """Lead to where there is something to see."""
    if not users.anybody():
        return redirect("setup")
    return choose(request)


@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Show the companies that the user may see; straight on when there is one."""
    companies = list(companies_of(request.user))
    if len(companies) == 1:
        return redirect("overview", slug=companies[0].slug)
    return render(request, "brygga/companies.html", {"companies": companies})


@in_company()
def overview(request: HttpRequest, company: Company) -> HttpResponse:
    """Show each stream, each connection, and what the last 30 days moved."""
    streams = [
        {"row": row, "integration": integration, "name": str(row["address"]).rpartition(".")[2]}
        for integration in Integration.objects.filter(company=company).select_related("company").order_by("system")
        for row in stream_rows(integration.address)
    ]
    return render(
        request,
        "brygga/overview.html",
        {
            "company": company,
            "streams": streams,
            "connections": Connection.objects.filter(company=company).order_by("system"),
            "days": _days(company),
            "engine": engine.status(),
        },
    )


def _days(company: Company) -> list[tuple[str, int, int]]:
    """Return (day, records written, records failed) for each of the last days, oldest first."""
    today = timezone.localdate()
    first = today - timedelta(days=DAYS - 1)
    written: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    runs = Run.objects.filter(integration__company=company, ended_at__date__gte=first).values_list("ended_at", "counts")
    for ended_at, counts in runs.iterator(chunk_size=1000):
        day = timezone.localtime(ended_at).date().isoformat()
        written[day] += sum(counts.get(name, 0) for name in ("created", "updated", "linked"))
        failed[day] += counts.get("failed", 0)
    days = [(first + timedelta(days=ahead)).isoformat() for ahead in range(DAYS)]
    return [(day, written[day], failed[day]) for day in days]
