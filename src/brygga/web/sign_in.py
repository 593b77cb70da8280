"""Signing in, and the first administrator of a fresh installation."""

from __future__ import annotations

import hmac

from django import forms
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from brygga.errors import SettingsError
from brygga.store import users


class FirstUser(forms.Form):
    """The first administrator."""

    code = forms.CharField(label=_("Set-up code"), help_text=_("It stands in the file setup-code in the hub's data directory."))
    name = forms.CharField(label=_("User name"), max_length=150)
    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput, help_text=_("At least 12 characters."))

    def clean_code(self) -> str:
        given = str(self.cleaned_data["code"]).strip()
        if not hmac.compare_digest(given.encode(), users.setup_code().encode()):
            raise forms.ValidationError(_("This is not the code."))
        return given


def setup(request: HttpRequest) -> HttpResponse:
    """Make the first administrator. The page is there only while there is no user at all."""
    if users.anybody():
        raise Http404
    users.setup_code()
    form = FirstUser(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            users.add(form.cleaned_data["name"], form.cleaned_data["password"], administrator=True)
        except SettingsError as error:
            form.add_error("password", str(error))
        else:
            users.forget_setup_code()
            login(request, User.objects.get(username=form.cleaned_data["name"]), "django.contrib.auth.backends.ModelBackend")
            return redirect("start")
    return render(request, "brygga/setup.html", {"form": form})
