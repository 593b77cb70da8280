"""Payments to register: read by a definition, look at what waits and what was left out, save (OPT-21, OPT-27, OPT-28)."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from brygga import connectors, engine
from brygga.store.models import AuditEntry, Company, ImportedPayment, Integration, StreamState
from brygga.sync.payments import STREAM, Wish, payment_rows
from brygga.web.access import in_company, may

PAGE = 100
STATES = ("waiting", "left_out", "saved", "gone")


@in_company()
def payments(request: HttpRequest, company: Company) -> HttpResponse:
    """Show the payments of a company that were read, and let a bookkeeper read more or save what waits."""
    state = StreamState.objects.filter(integration__company=company, name=STREAM).select_related("integration__company").first()
    if state is None:
        return render(request, "brygga/payments.html", {"company": company, "integration": None})
    integration = state.integration
    if request.method == "POST":
        return _act(request, company, integration)
    wanted = request.GET.get("state", "waiting")
    shown = wanted if wanted in STATES else "waiting"
    rows = Paginator(payment_rows(integration, (shown,)), PAGE).get_page(request.GET.get("page"))
    counts = {name: ImportedPayment.objects.filter(integration=integration, state=name).count() for name in STATES}
    settings = connectors.read_settings(integration.system, integration.settings)
    return render(
        request,
        "brygga/payments.html",
        {
            "company": company,
            "integration": integration,
            "definitions": list(settings.payment_definitions.values()),
            "rows": rows,
            "shown": shown,
            "states": [(name, counts[name]) for name in STATES],
            "waiting": counts["waiting"],
            "may_write": may(request.user, company, "bookkeeper"),
        },
    )


def _act(request: HttpRequest, company: Company, integration: Integration) -> HttpResponse:
    what, definition = request.POST.get("what", ""), request.POST.get("definition", "")
    numbers = tuple(request.POST.getlist("number"))
    if what == "save" and not numbers:
        messages.error(request, _("Choose at least one payment, or save all."))
        return redirect("payments", slug=company.slug)
    if what not in ("read", "save", "save_all"):
        return redirect("payments", slug=company.slug)
    who = request.user.get_username()
    if what == "read":
        wish = Wish(definition)
    else:
        of = ImportedPayment.objects.filter(integration=integration, state="waiting", number__in=numbers).first()
        named = of.definition if of else definition
        wish = Wish(named, save=True, numbers=numbers if what == "save" else (), who=who)
    run = engine.request(integration, STREAM, trigger="person", only=wish.only())
    engine.nudge(run.pk)
    said = "asked for a run" if what == "read" else "saved payments"
    AuditEntry.objects.create(
        company=company, who=who, what=said, subject=f"{integration.address}.{STREAM}", detail={"run": run.pk}
    )
    return redirect("run", slug=company.slug, run_id=run.pk)
