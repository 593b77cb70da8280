"""What belongs to the user and not to a company: language, password, the second step at sign-in."""

from __future__ import annotations

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from brygga.errors import Rejected
from brygga.store import attempts, second_factor, sign_ins
from brygga.store.models import AuditEntry, Preference
from brygga.web.say import said
from brygga.web.sign_in import FirstCode, speak


class Language(forms.Form):
    """The language of the pages."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)


class Password(forms.Form):
    """The password once more, before something is made less safe."""

    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Show and change what the user chose for themselves."""
    user = _user(request)
    chosen = Preference.objects.filter(user=user).values_list("language", flat=True).first()
    what = request.POST.get("what", "")
    language = Language(request.POST if what == "language" else None, initial={"language": chosen or request.LANGUAGE_CODE})
    password = PasswordChangeForm(user, request.POST if what == "password" else None)
    # The page begins at its top, for a screen reader too.
    password.fields["old_password"].widget.attrs.pop("autofocus", None)
    if what == "language" and language.is_valid():
        Preference.objects.update_or_create(user=user, defaults={"language": language.cleaned_data["language"]})
        with override(language.cleaned_data["language"]):
            messages.success(request, gettext("The language is kept for every sign-in."))
        response = redirect("account")
        speak(response, language.cleaned_data["language"])
        return response
    if what == "password" and password.is_valid():
        password.save()
        # Other browsers are signed out, this one stays.
        update_session_auth_hash(request, password.user)
        AuditEntry.objects.create(company=None, who=user.get_username(), what="password changed", subject=user.get_username())
        messages.success(request, gettext("The password is changed. Other browsers are signed out."))
        return redirect("account")
    context = {
        "language": language,
        "password": password,
        "second": second_factor.is_on(user),
        "left": second_factor.codes_left(user),
        "off": Password(),
    }
    return render(request, "brygga/account.html", context)


@never_cache
@login_required
def set_up_second_step(request: HttpRequest) -> HttpResponse:
    """Show the secret for the app and take its first code; then show the recovery codes, once."""
    user = _user(request)
    try:
        secret = second_factor.begin(user)
    except Rejected as error:
        messages.error(request, said(error))
        return redirect("account")
    form = FirstCode(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = second_factor.confirm(user, form.cleaned_data["code"])
        except Rejected as error:
            form.add_error("code", said(error))
        else:
            return render(request, "brygga/recovery.html", {"codes": codes})
    picture = square(second_factor.address_for_app(user, secret))
    return render(request, "brygga/second_step.html", {"form": form, "secret": secret, "picture": picture})


@require_POST
@login_required
def switch_off_second_step(request: HttpRequest) -> HttpResponse:
    """Let sign-in ask for the password alone; wants the password once more."""
    user = _user(request)
    key = ("code", str(user.pk))
    if sign_ins.demanded_of(user):
        messages.error(request, gettext("A company of yours wants a second step of everybody. It stays on."))
    elif attempts.shut_for(key):
        messages.error(request, gettext("Too many wrong attempts. Try again later."))
    elif user.check_password(request.POST.get("password", "")):
        second_factor.switch_off(user)
        messages.success(request, gettext("The second step is off."))
    else:
        attempts.failed(key)
        messages.error(request, gettext("The password is wrong. Nothing was changed."))
    return redirect("account")


def square(text: str) -> SafeString:
    """Return a text as the square picture that telephones read: an SVG drawn in the page itself, dark on white in every theme."""
    drawn = segno.make(text, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True, svgclass="square")
    return mark_safe(drawn)  # noqa: S308 - drawn by us: the text is in the squares, not in the markup


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)
    return user
