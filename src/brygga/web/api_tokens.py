"""Keys for programs: made, shown once, revoked. For owners only."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from brygga.errors import BryggaError
from brygga.store import api_tokens
from brygga.store.models import Company, Membership
from brygga.web.access import in_company
from brygga.web.people import ROLES
from brygga.web.say import said


class NewToken(forms.Form):
    """A key for one program."""

    name = forms.CharField(label=_("Which program it is for"), max_length=100)
    role = forms.ChoiceField(label=_("Role"), choices=ROLES, initial=Membership.Role.VIEWER)


@never_cache
@in_company(Membership.Role.OWNER)
def tokens(request: HttpRequest, company: Company) -> HttpResponse:
    """List the tokens; a POST makes one and shows its key, once."""
    form, key = NewToken(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        _row, key = api_tokens.make(company, form.cleaned_data["name"], form.cleaned_data["role"], request.user.get_username())
        form = NewToken()
    context = {"company": company, "tokens": api_tokens.rows(company), "form": form, "key": key, "owner": True}
    return render(request, "brygga/tokens.html", context)


@require_POST
@in_company(Membership.Role.OWNER)
def revoke(request: HttpRequest, company: Company, number: int) -> HttpResponse:
    """Revoke a token at once."""
    try:
        name = api_tokens.revoke(company, number, request.user.get_username())
        messages.success(request, gettext("The token of {name} is revoked.").format(name=name))
    except BryggaError as error:
        messages.error(request, said(error))
    return redirect("tokens", slug=company.slug)
