"""Signing in: password, second step, slowed down against guessing; and the first administrator of a fresh installation."""

from __future__ import annotations

import hmac
import time
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brygga import config
from brygga.errors import SettingsError
from brygga.store import attempts, second_factor, sign_ins, users
from brygga.store.models import Preference
from brygga.web.say import said

BACKEND = "django.contrib.auth.backends.ModelBackend"
TIME_FOR_CODE = 5 * 60
"""Seconds between the password and the code."""


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


class Code(forms.Form):
    """The second step."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Six digits from the app on your telephone, or one of your recovery codes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True}),
    )


class FirstCode(forms.Form):
    """The first code of an app that is being set up."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Six digits from the app on your telephone."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class SignIn(LoginView):
    """Ask for name and password; who has a second step goes on to it. Many wrong ones shut the name and the address for a while."""

    template_name = "brygga/login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if seconds := attempts.shut_for(*_keys(request)):
            return _shut(request, "brygga/login.html", self.get_context_data(), seconds)
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        attempts.failed(*_keys(self.request))
        sign_ins.refused(self.request.POST.get("username", ""), step="password")
        return super().form_invalid(form)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        assert isinstance(user, User)
        if second_factor.is_on(user):
            self.request.session.cycle_key()
            self.request.session["second"] = {"user": user.pk, "at": time.time(), "next": self.get_success_url()}
            return redirect("code")
        return enter(self.request, user, self.get_success_url())


def enter(request: HttpRequest, user: User, where: str) -> HttpResponse:
    """Sign a user in and lead them on, in the language they chose."""
    attempts.forget("name", user.get_username().lower())
    login(request, user, BACKEND)
    sign_ins.signed_in(user, second_step=second_factor.is_on(user))
    response = redirect(where)
    language = Preference.objects.filter(user=user).values_list("language", flat=True).first()
    if language:
        speak(response, language)
    return response


def speak(response: HttpResponseBase, language: str) -> None:
    """Let the browser remember the language."""
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=365 * 24 * 60 * 60, samesite="Lax", httponly=True)


def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code after the password, for five minutes."""
    held = request.session.get("second") or {}
    user = User.objects.filter(pk=held.get("user", 0), is_active=True).first()
    if user is None or time.time() - held["at"] > TIME_FOR_CODE:
        request.session.pop("second", None)
        return redirect("login")
    form = Code(request.POST or None)
    if request.method == "POST" and form.is_valid():
        keys = (("code", str(user.pk)), ("address", address_of(request)))
        if seconds := attempts.shut_for(*keys):
            return _shut(request, "brygga/code.html", {"form": form}, seconds)
        if second_factor.accepts(user, form.cleaned_data["code"]):
            attempts.forget("code", str(user.pk))
            del request.session["second"]
            return enter(request, user, held["next"])
        attempts.failed(*keys)
        sign_ins.refused(user.get_username(), step="code")
        form.add_error("code", gettext("The code is wrong, too old, or has been used."))
    return render(request, "brygga/code.html", {"form": form})


def address_of(request: HttpRequest) -> str:
    """Return the network address that asks."""
    return config.who_asks(str(request.META.get("REMOTE_ADDR", "")), request.headers.get("x-forwarded-for", ""))


def _keys(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    return ("name", request.POST.get("username", "").strip().lower()), ("address", address_of(request))


def _shut(request: HttpRequest, template: str, context: dict[str, Any], seconds: int) -> HttpResponse:
    minutes = -(-seconds // 60)
    context["shut"] = gettext("Too many wrong attempts. Try again in {minutes} minutes.").format(minutes=minutes)
    response = render(request, template, context, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


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
            form.add_error("password", said(error))
        else:
            users.forget_setup_code()
            return enter(request, User.objects.get(username=form.cleaned_data["name"]), "start")
    return render(request, "brygga/setup.html", {"form": form})
