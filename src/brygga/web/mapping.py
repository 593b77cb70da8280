"""The mapping of a stream: a line a field with its arrow, a linked record's values on both sides, and what a person may choose."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from brygga.errors import BryggaError, SettingsError
from brygga.store.models import Company, Integration
from brygga.sync import mapping as mappings
from brygga.web.access import in_company, may
from brygga.web.integration import integration_of

SORTS = ("place:", "owner:", "link:")


@in_company()
def mapping(request: HttpRequest, company: Company, system: str, stream: str) -> HttpResponse:
    """Show the mapping of a stream, read now; an owner may change what the settings leave to people."""
    integration = integration_of(company, system)
    if stream not in mappings.streams_of(integration):
        raise Http404
    owner = may(request.user, company, "owner")
    typed: dict[str, str] = {}
    refused: BryggaError | None = None
    if request.method == "POST":
        if not owner:
            raise PermissionDenied
        typed = {key: str(value) for key, value in request.POST.items() if key.startswith(SORTS)}
        try:
            changed = mappings.save(integration, stream, typed, request.user.get_username())
        except SettingsError as error:
            refused = error
        else:
            messages.success(request, _("The settings are saved.") if changed else _("Nothing was changed."))
            return redirect("mapping", slug=company.slug, system=system, stream=stream)
    wanted, found, away = request.GET.get("record", "").strip(), None, None
    try:
        found = mappings.table(integration, stream, wanted)
    except BryggaError as error:
        away = error
        if wanted and isinstance(error, SettingsError):
            found = _without_sample(integration, stream)
    context = {
        "company": company,
        "integration": integration,
        "stream": stream,
        "streams": mappings.streams_of(integration),
        "table": found,
        "rows": _rows(integration, found, typed) if found else [],
        "links": _links(found, typed) if found else [],
        "refused": refused,
        "wrong": refused.facts.get("values", "") if refused else "",
        "away": away,
        "wanted": wanted,
        "owner": owner,
        "editable": owner and found and (found.mapped.placeable or found.mapped.ownable or found.mapped.linkable),
    }
    return render(request, "brygga/mapping.html", context, status=400 if refused else 200)


def _without_sample(integration: Integration, stream: str) -> mappings.Table | None:
    """Return the mapping for a record that was asked for and is not there: with the usual sample, if that can be read."""
    try:
        return mappings.table(integration, stream)
    except BryggaError:
        return None


def _rows(integration: Integration, found: mappings.Table, typed: dict[str, str]) -> list[dict[str, Any]]:
    """Return the lines with what stands in their forms: what holds, or what was typed and refused."""
    return [
        {
            "line": line,
            "left": line.values["left"],
            "right": line.values["right"],
            "place": typed.get(f"place:{line.name}", line.chosen),
            "owner": typed.get(f"owner:{line.name}", mappings.owner_of(integration, found.mapped, line.name)),
        }
        for line in found.lines
    ]


def _links(found: mappings.Table, typed: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "target": typed.get(f"link:{name}", found.links.get(name, ""))} for name in found.mapped.linkable]
