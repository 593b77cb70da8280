"""The settings of an integration as a form: refused with the place and what was typed kept; each change a version, with a way back."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from brygga.connectors import settings_of
from brygga.connectors.settings import Source
from brygga.errors import BryggaError, SettingsError
from brygga.store.models import Company, Integration, SettingsVersion, StreamState
from brygga.sync import configure as settings
from brygga.sync.choices import search
from brygga.sync.form import Typed, form
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
        typed = dict(request.POST.lists()) if "shown" in request.POST else None
        if "more" not in request.POST and "again" not in request.POST:
            try:
                changed = _change(integration, request, typed)
            except SettingsError as error:
                refused, status = error, 400
            else:
                messages.success(request, _("The settings are saved.") if changed else _("Nothing was changed."))
                return redirect("configure", slug=company.slug, system=system)
    shown = form(integration, typed, more=request.POST.get("more", ""), fresh="again" in request.POST)
    return render(
        request,
        "brygga/configure.html",
        {
            "company": company,
            "integration": integration,
            "form": shown,
            "refused": refused,
            "wrong": str(refused.facts.get("key", "")) if refused else "",
            "owner": owner,
            "streams": [_stream(state) for state in StreamState.objects.filter(integration=integration).order_by("pk")],
            "versions": SettingsVersion.objects.filter(integration=integration).order_by("-number")[:20],
        },
        status=status,
    )


def _change(integration: Integration, request: HttpRequest, typed: Typed | None) -> object:
    """Go back to a version, set a schedule, or keep what was typed; return whether that changed anything."""
    who = request.user.get_username()
    version = request.POST.get("version", "")
    if version.isdigit():
        return settings.roll_back(integration, int(version), who)
    if stream := request.POST.get("stream", ""):
        mode, minutes, time = (request.POST.get(name, "") for name in ("mode", "minutes", "time"))
        return settings.reschedule(integration, stream, mode, minutes, time, who)
    return settings.save(integration, typed or {}, who)


@in_company("owner")
def choices(request: HttpRequest, company: Company, system: str) -> HttpResponse:
    """Answer what a register holds that fits what is being typed, as the options of an input's suggestions."""
    integration = integration_of(company, system)
    setting = next((one for one in settings_of(system) if one.key == request.GET.get("setting")), None)
    source = setting and (setting.keys if request.GET.get("side") == "name" else setting.values)
    if not isinstance(source, Source):
        raise Http404
    text = request.GET.get(request.GET.get("input", ""), "")
    try:
        found = search(integration, source, text)
    except BryggaError as error:
        # The page stays as it is; what is typed is still good.
        return render(request, "brygga/_choices.html", {"choices": [], "trouble": error.sentence.as_json()})
    return render(request, "brygga/_choices.html", {"choices": found})


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
