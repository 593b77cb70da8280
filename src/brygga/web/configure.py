"""The settings of an integration as a form: refused with the place and what was typed kept; each change a version, with a way back."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from brygga.errors import SettingsError
from brygga.store.models import Company, SettingsVersion, StreamState
from brygga.sync import configure as settings
from brygga.web.access import in_company, may
from brygga.web.integration import integration_of


@in_company()
def configure(request: HttpRequest, company: Company, system: str) -> HttpResponse:
    """Show the settings; an owner may change them, or go back to an earlier version."""
    integration = integration_of(company, system)
    owner = may(request.user, company, "owner")
    typed, refused, status = None, None, 200
    if request.method == "POST":
        if not owner:
            raise PermissionDenied
        who = request.user.get_username()
        version = request.POST.get("version", "")
        try:
            changed: object
            if version.isdigit():
                changed = settings.roll_back(integration, int(version), who)
            elif stream := request.POST.get("stream", ""):
                mode, minutes, time = (request.POST.get(name, "") for name in ("mode", "minutes", "time"))
                changed = settings.reschedule(integration, stream, mode, minutes, time, who)
            else:
                typed = {field.key: request.POST.get(field.key, "") for field in settings.fields(integration)}
                changed = settings.save(integration, typed, who)
        except SettingsError as error:
            refused, status = error, 400
        else:
            messages.success(request, _("The settings are saved.") if changed else _("Nothing was changed."))
            return redirect("configure", slug=company.slug, system=system)
    return render(
        request,
        "brygga/configure.html",
        {
            "company": company,
            "integration": integration,
            "fields": settings.fields(integration, typed),
            "refused": refused,
            "wrong": str(refused.facts.get("key", "")) if refused else "",
            "owner": owner,
            "streams": [_stream(state) for state in StreamState.objects.filter(integration=integration).order_by("pk")],
            "versions": SettingsVersion.objects.filter(integration=integration).order_by("-number")[:20],
        },
        status=status,
    )


def _stream(state: StreamState) -> dict[str, object]:
    """Return a stream's schedule as its form has it."""
    schedule = state.schedule
    return {
        "name": state.name,
        "schedule": schedule,
        "mode": schedule.get("mode", "manual"),
        "minutes": int(schedule.get("every", 360)) // 60,
        "time": schedule.get("at", ""),
    }
