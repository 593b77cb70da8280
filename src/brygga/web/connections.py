"""The connections of a company: their health, the preflight, and the consent of Fortnox."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brygga.errors import BryggaError
from brygga.store.models import Company, Connection
from brygga.sync import connect, onboard
from brygga.sync.check import check_company
from brygga.sync.compare import make_articles
from brygga.web.access import in_company, may
from brygga.web.say import said


@in_company()
def connections(request: HttpRequest, company: Company) -> HttpResponse:
    """Show each connection; a POST tries them all and shows a row for each finding.

    With `article` it first makes that article in Fortnox, which the check offered to make (TXT-06, TXT-07).
    """
    if request.method == "POST" and (article := request.POST.get("article")):
        try:
            made = make_articles(company.slug, request.user.get_username(), {article})
        except BryggaError as error:
            messages.error(request, said(error))
        else:
            messages.success(request, _("The article was made in Fortnox.") if made else _("Nothing was changed."))
    rows = check_company(company.slug) if request.method == "POST" else None
    context = {
        "company": company,
        "connections": Connection.objects.filter(company=company).order_by("system"),
        "rows": rows,
        "may_write": may(request.user, company, "bookkeeper"),
        "may_connect": may(request.user, company, "owner"),
    }
    return render(request, "brygga/connections.html", context)


@require_POST
@in_company("owner")
def begin(request: HttpRequest, company: Company) -> HttpResponse:
    """Show the owner the way to Fortnox' consent page: a link, as our pages may send forms only to ourselves."""
    try:
        address = connect.begin(connect.fortnox_of(company.slug))
    except BryggaError as error:
        messages.error(request, said(error))
        return redirect("connections", slug=company.slug)
    request.session["connecting"] = company.slug
    request.session.pop("wizard", None)
    return render(request, "brygga/connect.html", {"company": company, "address": address})


@login_required
def back(request: HttpRequest) -> HttpResponse:
    """Take the owner back from Fortnox, with the code or with a no."""
    slug, system = request.session.pop("connecting", ""), request.session.pop("wizard", "")
    company = Company.objects.filter(slug=slug).first()
    if company is None or not may(request.user, company, "owner"):
        raise Http404
    journey = onboard.of(company, system)
    try:
        connect.finish(
            connect.fortnox_of(slug), {name: str(value) for name, value in request.GET.items()}, request.user.get_username()
        )
        messages.success(request, _("Fortnox is connected."))
        if journey is not None:
            onboard.look(journey)
    except BryggaError as error:
        messages.error(request, said(error))
    if journey is not None:
        return redirect("wizard_step", slug=slug, system=journey.system, step="fortnox")
    return redirect("connections", slug=slug)
