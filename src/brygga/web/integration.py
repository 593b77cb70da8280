"""One integration: its streams with direction, schedule and state, its settings, its last runs."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brygga import connectors, engine
from brygga.store.models import AuditEntry, Company, Integration, Run, SettingsVersion, StreamState
from brygga.sync.configure import switch
from brygga.sync.look import stream_rows
from brygga.web.access import in_company, may


def integration_of(company: Company, system: str) -> Integration:
    """Return a company's integration, or answer 404."""
    found = Integration.objects.select_related("company").filter(company=company, system=system).first()
    if found is None:
        raise Http404
    return found


@in_company()
def integration(request: HttpRequest, company: Company, system: str) -> HttpResponse:
    """Show an integration."""
    one = integration_of(company, system)
    streams = [
        {"row": row, "state": StreamState.objects.get(integration=one, name=str(row["address"]).rpartition(".")[2])}
        for row in stream_rows(one.address)
    ]
    chosen = {**one.settings}
    return render(
        request,
        "brygga/integration.html",
        {
            "company": company,
            "integration": one,
            "streams": streams,
            "runs": Run.objects.filter(integration=one).order_by("-queued_at")[:20],
            "settings": [
                {**row, "chosen": chosen.get(str(row["key"]), row["default"])} for row in connectors.explain_settings(system)
            ],
            "versions": SettingsVersion.objects.filter(integration=one).order_by("-number")[:10],
            "may_write": may(request.user, company, "bookkeeper"),
        },
    )


@require_POST
@in_company()
def act(request: HttpRequest, company: Company, system: str, stream: str) -> HttpResponse:
    """Run a stream now, plan it first, or switch it on or off. A worker does the work; the page leads to its progress."""
    one = integration_of(company, system)
    state = StreamState.objects.filter(integration=one, name=stream).first()
    if state is None:
        raise Http404
    what = request.POST.get("what", "")
    if what in ("run", "plan"):
        run = engine.request(one, stream, trigger="person" if what == "run" else "plan")
        engine.nudge(run.pk)
        _audit(request, company, "asked for a run" if what == "run" else "asked for a plan", str(state))
        return redirect("run", slug=company.slug, run_id=run.pk)
    if what in ("on", "off"):
        switch(state, on=what == "on")
        _audit(request, company, f"switched {what}", str(state))
        messages.success(request, _("The stream is on.") if what == "on" else _("The stream is off."))
    return redirect("integration", slug=company.slug, system=system)


def _audit(request: HttpRequest, company: Company, what: str, subject: str) -> None:
    AuditEntry.objects.create(company=company, who=request.user.get_username(), what=what, subject=subject)
