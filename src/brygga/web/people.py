"""The users of a company with their roles, and invitations by a link that works once."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from brygga import config
from brygga.errors import BryggaError, Rejected
from brygga.notify import invitation as mailed
from brygga.store import members, sign_ins
from brygga.store.models import Company, Membership
from brygga.web.access import in_company, may
from brygga.web.say import said
from brygga.web.sign_in import enter

ROLES = (
    (Membership.Role.OWNER, _("Owner: connects systems, users and tokens")),
    (Membership.Role.BOOKKEEPER, _("Bookkeeper: runs streams, approves plans, answers problems")),
    (Membership.Role.VIEWER, _("Viewer: sees everything, changes nothing")),
)


class Invite(forms.Form):
    """Whom to invite as what."""

    whom = forms.CharField(label=_("Name or mail address"), max_length=200)
    role = forms.ChoiceField(label=_("Role"), choices=ROLES, initial=Membership.Role.BOOKKEEPER)


class NewUser(forms.Form):
    """Who takes up an invitation and has no user name yet."""

    name = forms.CharField(label=_("User name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least 12 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


@in_company()
def people(request: HttpRequest, company: Company) -> HttpResponse:
    """Show who has a role in the company. Only owners change it."""
    return _page(request, company, Invite())


def _page(request: HttpRequest, company: Company, form: Invite, link: str = "", status: int = 200) -> HttpResponse:
    owner = may(request.user, company, Membership.Role.OWNER)
    context = {
        "company": company,
        "members": members.rows(company),
        "invitations": members.waiting(company) if owner else [],
        "form": form,
        "link": link,
        "roles": ROLES,
        "owner": owner,
    }
    return render(request, "brygga/people.html", context, status=status)


@never_cache
@require_POST
@in_company(Membership.Role.OWNER)
def invite(request: HttpRequest, company: Company) -> HttpResponse:
    """Make an invitation and show its link, once."""
    form = Invite(request.POST)
    if not form.is_valid():
        return _page(request, company, form, status=422)
    row, secret = members.invite(company, form.cleaned_data["whom"], form.cleaned_data["role"], request.user.get_username())
    link = f"{config.current().url}/invitation/{secret}/"
    try:
        if mailed.send(row, link, get_language() or "sv"):
            messages.success(request, gettext("The invitation was sent to {name}.").format(name=row.whom))
    except BryggaError as error:
        # The link is shown all the same: it can be sent by hand.
        messages.error(request, said(error))
    return _page(request, company, Invite(), link)


@require_POST
@in_company(Membership.Role.OWNER)
def withdraw(request: HttpRequest, company: Company, number: int) -> HttpResponse:
    """Take an invitation back."""
    try:
        members.withdraw(company, number, request.user.get_username())
        messages.success(request, gettext("The invitation is withdrawn."))
    except BryggaError as error:
        messages.error(request, said(error))
    return redirect("people", slug=company.slug)


@require_POST
@in_company(Membership.Role.OWNER)
def change(request: HttpRequest, company: Company, number: int) -> HttpResponse:
    """Give a member another role, or remove them."""
    who = request.user.get_username()
    try:
        if request.POST.get("what") == "remove":
            name = members.remove(company, number, who)
            messages.success(request, gettext("{name} has no role here any more.").format(name=name))
        else:
            name = members.set_role(company, number, request.POST.get("role", ""), who)
            messages.success(request, gettext("{name} has another role now.").format(name=name))
    except BryggaError as error:
        messages.error(request, said(error))
    # Who removed themselves has no business on the page any more.
    return redirect("people", slug=company.slug) if may(request.user, company, Membership.Role.VIEWER) else redirect("start")


@require_POST
@in_company(Membership.Role.OWNER)
def second_step(request: HttpRequest, company: Company) -> HttpResponse:
    """Demand a second step at sign-in of everybody with a role here, or no longer."""
    assert isinstance(request.user, User)
    try:
        sign_ins.demand(company, request.user, on=request.POST.get("what") == "demand")
        messages.success(request, gettext("It is kept."))
    except BryggaError as error:
        messages.error(request, said(error))
    return redirect("people", slug=company.slug)


@never_cache
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Take up an invitation, as the user who is signed in or as a new one. A link that is no longer good says so and nothing else."""
    found = members.open_invitation(secret)
    if found is None:
        return render(request, "brygga/invitation.html", {"invitation": None}, status=404)
    form = NewUser(request.POST or None)
    if request.method == "POST" and isinstance(request.user, User):
        try:
            return redirect("overview", slug=members.accept(secret, request.user).slug)
        except Rejected as error:
            messages.error(request, said(error))
    elif request.method == "POST" and form.is_valid():
        try:
            user, joined = members.join_as_new(secret, form.cleaned_data["name"], form.cleaned_data["password"])
            return enter(request, user, f"/c/{joined.slug}/")
        except Rejected as error:
            form.add_error("name", said(error))
        except BryggaError as error:
            form.add_error("password", said(error))
    return render(request, "brygga/invitation.html", {"invitation": found, "form": form, "here": request.path})
