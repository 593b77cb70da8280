"""Fortnox by consent, by a pasted address or by a tenant; the other system by what it has given its customer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from brygga.errors import BryggaError
from brygga.store import secrets
from brygga.store.models import Company, Connection, Onboarding
from brygga.sync import connect, onboard
from brygga.sync.check import check_connection
from brygga.sync.declare import ACCOUNTS
from brygga.web.say import said
from brygga.web.templatetags.brygga import say, word

TITLES = {
    "choose": _("What shall move"),
    "fortnox": _("Fortnox"),
    "check": _("Check"),
    "settings": _("Settings"),
    "forecast": _("Forecast"),
    "record": _("One real record"),
    "start": _("Start"),
}
LABELS = {
    ("mobigo", "application_id"): _("Application ID"),
    ("mobigo", "application_key"): _("Application key"),
    ("opter", "api_key"): _("API key"),
    ("textalk", "webshop"): _("The shop's number"),
    ("textalk", "token"): _("Token"),
    ("upsales", "api_key"): _("API key"),
    ("webcrm", "api_key"): _("Application token"),
}
SHOWN_PARTS = frozenset({"application_id", "webshop"})
"""What of a key is no secret, and so is shown again when a form is refused."""
WHERE = {
    "mobigo": _("Mobigo's adapter gives an application its ID and its key where it is set up."),
    "opter": _(
        "You make the key in Opter under Settings, API access. It needs customers and invoices; settlements and payments if you use them."
    ),
    "textalk": _(
        "Sign in once as an administrator of the shop, and the hub makes a token of its own; or paste a token that you have made."
    ),
    "upsales": _("An administrator of Upsales makes an API key. It carries all rights of the account."),
    "webcrm": _("You make an application token in webCRM under Configuration, Integration, API, REST."),
}
WAYS = {
    "opter": [("adapter", _("by the adapter beside it")), ("files", _("by files in a folder"))],
    "textalk": [("token", _("by a token")), ("login", _("by user and password, once"))],
}


def context(company: Company, system: str, journey: Onboarding | None, here: str) -> dict[str, Any]:
    """Return what every page of the wizard shows: the steps, how far one has come, and where one is."""
    steps = [
        {
            "name": name,
            "title": TITLES.get(name) or word(system),
            "open": name == "choose" or (journey is not None and onboard.reached(journey, name)),
        }
        for name in onboard.STEPS
    ]
    number = onboard.STEPS.index(here) + 1
    return {"company": company, "system": system, "journey": journey, "steps": steps, "here": here, "number": number}


class FortnoxKeys(forms.Form):
    """The keys of the hub's own integration with Fortnox."""

    client_id = forms.CharField(label=_("Client ID"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    client_secret = forms.CharField(
        label=_("Client secret"), max_length=300, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    tenant_id = forms.CharField(
        label=_("Tenant ID"),
        max_length=20,
        required=False,
        help_text=_("Only where the company has agreed already and the hub signs in by client credentials; else leave it empty."),
    )
    address = forms.CharField(label=_("Address"), max_length=300, required=False, help_text=_("Empty: Fortnox' own."))


def fortnox(request: HttpRequest, journey: Onboarding) -> HttpResponse:
    """Connect Fortnox: the keys, then the consent, then a person says that it is the right company."""
    company, who, what = journey.company, request.user.get_username(), request.POST.get("what", "")
    connection = onboard.connection_of(company, "fortnox")
    form = FortnoxKeys(request.POST if what == "keys" else None, initial=_kept(connection))
    refused: BryggaError | None = None
    pasted = request.POST.get("pasted", "") if what == "paste" else ""
    try:
        if what == "keys" and form.is_valid():
            connection = onboard.attach(company, "fortnox", form.cleaned_data, _address(request, form), who)
            if connection.tenant:
                return _looked(request, journey)
            connect.begin(connection)
            return _again(journey)
        if what == "again" and connection is not None:
            connect.begin(connect.fortnox_of(company.slug))
            return _again(journey)
        if what == "paste":
            connect.finish(connect.fortnox_of(company.slug), connect.query_of(pasted), who)
            return _looked(request, journey)
        if what == "look":
            return _looked(request, journey)
        if what == "right" and journey.account:
            onboard.is_right(company, journey.account["number"], who)
            return redirect("wizard_step", slug=company.slug, system=journey.system, step=onboard.go_on(journey, "fortnox", who))
    except BryggaError as error:
        refused = error
    held = secrets.read(connection) if connection else {}
    connected = onboard.signed_in(connection)
    consent = ""
    if connection is not None and held.get("client_id") and (not connected or held.get("consent_state")):
        consent = connect.address(connection)
        request.session["connecting"], request.session["wizard"] = company.slug, journey.system
    shown = {
        **context(company, journey.system, journey, "fortnox"),
        "form": _administrators(request, form),
        "connection": connection,
        "connected": connected and not consent,
        "consent": consent,
        "back_to": connect.redirect_uri(),
        "keys": bool(held.get("client_id")),
        "typing": what == "keys",
        "pasted": pasted,
        "refused": refused,
    }
    return render(request, "brygga/wizard/fortnox.html", shown, status=400 if refused or form.errors else 200)


def _kept(connection: Connection | None) -> dict[str, str]:
    """Return what of the connection may be shown in the form: no secret."""
    if connection is None:
        return {}
    default = ACCOUNTS[connection.system].default_url
    return {
        "client_id": str(secrets.read(connection).get("client_id", "")),
        "tenant_id": connection.tenant,
        "address": "" if connection.base_url == default else connection.base_url,
    }


def _administrators(request: HttpRequest, form: forms.Form) -> forms.Form:
    """Leave out what only an administrator of the hub chooses: to which address the hub speaks."""
    if not request.user.is_superuser:
        form.fields.pop("address", None)
    return form


def _address(request: HttpRequest, form: forms.Form) -> str:
    """Return the address that an administrator typed, "" for none."""
    return str(form.cleaned_data.get("address") or "").strip() if request.user.is_superuser else ""


def _again(journey: Onboarding) -> HttpResponse:
    return redirect("wizard_step", slug=journey.company.slug, system=journey.system, step="fortnox")


def _looked(request: HttpRequest, journey: Onboarding) -> HttpResponse:
    """Look which company Fortnox leads to; the page that follows shows it, or what is in the way."""
    for row in onboard.look(journey):
        if row["level"] == "error" and not journey.account:
            messages.error(request, f"{say(row['sentence'])} {say(row['advice'])}".strip())
    return _again(journey)


class Key(forms.Form):
    """What a system has given its customer, and where it is reached."""

    def __init__(self, system: str, kept: Connection | None, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        account = ACCOUNTS[system]
        self.kept = onboard.signed_in(kept)
        if system in WAYS:
            files = kept is not None and kept.base_url.startswith("file:")
            self.fields["way"] = forms.ChoiceField(
                label=_("How the system is reached"), choices=WAYS[system], initial="files" if files else WAYS[system][0][0]
            )
        for part in account.parts:
            secret = part not in SHOWN_PARTS
            attributes = {"autocomplete": "new-password" if secret else "off"}
            self.fields[part] = forms.CharField(
                label=LABELS[system, part],
                max_length=500,
                required=False,
                strip=True,
                widget=forms.PasswordInput(attrs=attributes) if secret else forms.TextInput(attrs=attributes),
                help_text=_("A key is kept. Leave it empty to keep it.") if secret and self.kept else "",
            )
        if system == "textalk":
            self.fields["user"] = forms.CharField(
                label=_("User"), max_length=200, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
            )
            self.fields["password"] = forms.CharField(
                label=_("Password"),
                max_length=300,
                required=False,
                widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
                help_text=_("Used once and not kept."),
            )
        default = account.default_url
        self.fields["address"] = forms.CharField(
            label=_("Address"),
            max_length=300,
            required=False,
            initial=kept.base_url if kept and kept.base_url != default and not kept.base_url.startswith("file:") else "",
            help_text=_("Empty: the system's own.") if default else _("The address of the adapter beside the system."),
        )
        if account.files:
            self.fields["folder"] = forms.CharField(
                label=_("Folder"), max_length=300, required=False, help_text=_("Empty: the hub's own folder for the company.")
            )


def system(request: HttpRequest, journey: Onboarding) -> HttpResponse:
    """Connect the other system: keep what it has given, and try it at once."""
    company, who, name = journey.company, request.user.get_username(), journey.system
    kept = onboard.connection_of(company, name)
    form = Key(name, kept, request.POST or None)
    administrator = bool(request.user.is_superuser)
    refused: list[str] = []
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if given.get("way") == "files":
                kept = onboard.attach_folder(company, name, given.get("folder", "").strip() if administrator else "", who)
            elif given.get("way") == "login":
                kept = onboard.attach_by_login(company, given, _address(request, form), who)
            else:
                kept = onboard.attach(
                    company, name, {part: given[part] for part in ACCOUNTS[name].parts}, _address(request, form), who
                )
        except BryggaError as error:
            refused = [said(error)]
        else:
            refused = _refusals(kept)
            if not refused:
                onboard.check(journey)
                return redirect("wizard_step", slug=company.slug, system=name, step=onboard.go_on(journey, "system", who))
    if not administrator:
        _administrators(request, form)
        form.fields.pop("folder", None)
    shown = {
        **context(company, name, journey, "system"),
        "form": form,
        "connection": kept,
        "connected": onboard.signed_in(kept),
        "where": WHERE[name],
        "folder": onboard.folder(company, name) if ACCOUNTS[name].files else "",
        "waits": not administrator and not ACCOUNTS[name].default_url and kept is None,
        "refused": refused,
    }
    return render(request, "brygga/wizard/system.html", shown, status=400 if refused or form.errors else 200)


def _refusals(connection: Connection) -> list[str]:
    """Return why the system does not let us in, in the reader's language; none when it does."""
    red = [row for row in check_connection(connection) if row["level"] == "error" and onboard.is_basic(row)]
    return [f"{say(row['sentence'])} {say(row['advice'])}".strip() for row in red]
