"""The first pages of the wizard, and the way from one step to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from brygga.connectors.flows import FLOWS
from brygga.errors import SettingsError
from brygga.store.models import Company, Integration, Membership, Onboarding
from brygga.sync import onboard
from brygga.sync.check import switched_on
from brygga.sync.discard import discard
from brygga.web.access import in_company
from brygga.web.say import said
from brygga.web.wizard import connecting, trying

ARROWS = {"both": "↔", "to_fortnox": "→", "from_fortnox": "←"}


class NewCompany(forms.Form):
    """The company that is connected."""

    name = forms.CharField(
        label=_("The company's name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    number = forms.CharField(
        label=_("Organisation number"),
        max_length=20,
        required=False,
        help_text=_("May be left out. With it, the hub refuses a Fortnox of another company."),
    )


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Make a company; only an administrator does. The wizard goes on in it."""
    user = request.user
    if not isinstance(user, User) or not user.is_superuser:
        raise PermissionDenied
    form = NewCompany(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                company = onboard.new_company(form.cleaned_data["name"], form.cleaned_data["number"], user)
            except SettingsError as error:
                form.add_error("name", said(error))
            else:
                return redirect("wizard", slug=company.slug)
    return render(request, "brygga/wizard/new.html", {"form": form}, status=status)


@in_company(Membership.Role.OWNER)
def systems(request: HttpRequest, company: Company) -> HttpResponse:
    """Show the systems that can be connected, those that are, and where somebody stopped; or throw away what was begun."""
    refused = None
    if request.method == "POST":
        system = request.POST.get("discard", "")
        _known(system)
        journey = onboard.of(company, system)
        try:
            if journey is not None:
                discard(journey, request.user.get_username())
            return redirect("wizard", slug=company.slug)
        except SettingsError as error:
            refused = error
    begun = {one.system: one for one in Onboarding.objects.filter(company=company)}
    active = set(Integration.objects.filter(company=company, active=True).values_list("system", flat=True))
    rows = [
        {"system": system, "flows": _flows(system), "journey": begun.get(system), "active": system in active} for system in FLOWS
    ]
    status = 409 if refused else 200
    return render(request, "brygga/wizard/systems.html", {"company": company, "rows": rows, "refused": refused}, status=status)


def _flows(system: str) -> list[dict[str, Any]]:
    return [{"flow": flow, "arrow": ARROWS[flow.way]} for flow in FLOWS[system]]


@in_company(Membership.Role.OWNER)
def go_on(request: HttpRequest, company: Company, system: str) -> HttpResponse:
    """Lead to the step where the connecting of a system stopped."""
    _known(system)
    journey = onboard.of(company, system)
    return redirect("wizard_step", slug=company.slug, system=system, step=journey.step if journey else "choose")


@in_company(Membership.Role.OWNER)
def step(request: HttpRequest, company: Company, system: str, step: str) -> HttpResponse:
    """Show a step, or do what its form asks for. A step that is still to come leads to the one that is next."""
    _known(system)
    if step not in onboard.STEPS:
        raise Http404
    journey = onboard.of(company, system)
    if step == "choose":
        return _choose(request, company, system, journey)
    if journey is None:
        return redirect("wizard_step", slug=company.slug, system=system, step="choose")
    if not onboard.reached(journey, step):
        return redirect("wizard_step", slug=company.slug, system=system, step=journey.step)
    return STEPS[step](request, journey)


STEPS: dict[str, Callable[[HttpRequest, Onboarding], HttpResponse]] = {
    "fortnox": connecting.fortnox,
    "system": connecting.system,
    "check": trying.check,
    "settings": trying.settings,
    "forecast": trying.forecast,
    "record": trying.record,
    "start": trying.start,
}


def _choose(request: HttpRequest, company: Company, system: str, journey: Onboarding | None) -> HttpResponse:
    chosen = request.POST.getlist("stream") if request.method == "POST" else _now(company, system, journey)
    refused = None
    if request.method == "POST":
        try:
            journey = onboard.choose(company, system, chosen, request.user.get_username())
        except SettingsError as error:
            refused = error
        else:
            if onboard.signed_in(onboard.connection_of(company, "fortnox")):
                onboard.look(journey)
            return redirect("wizard_step", slug=company.slug, system=system, step="fortnox")
    context = {
        **connecting.context(company, system, journey, "choose"),
        "flows": _flows(system),
        "chosen": chosen,
        "refused": refused,
    }
    return render(request, "brygga/wizard/choose.html", context, status=400 if refused else 200)


def _now(company: Company, system: str, journey: Onboarding | None) -> list[str]:
    """Return what is chosen already: earlier in the wizard, or by the file."""
    if journey is not None:
        return list(journey.streams)
    integration = Integration.objects.filter(company=company, system=system).first()
    return switched_on(integration) if integration else [FLOWS[system][0].stream]


def _known(system: str) -> None:
    if system not in FLOWS:
        raise Http404
