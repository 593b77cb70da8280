"""Who is told what: at once, once a day, and after how long a silence. Everybody sees it, owners set it."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from brygga.errors import BryggaError
from brygga.notify import targets
from brygga.store.models import Alarm, Company, Membership, Message, NoticeTarget
from brygga.web.access import in_company, may
from brygga.web.say import said

LATEST = 20


class Rules(forms.Form):
    """When the company is told."""

    digest_at = forms.TimeField(
        label=_("Daily digest at"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), help_text=_("Swedish time.")
    )
    silence_hours = forms.IntegerField(
        label=_("Alarm after so many hours without a successful run"), min_value=1, max_value=targets.LONGEST_SILENCE
    )


class NewTarget(forms.Form):
    """One more who is told."""

    to = forms.CharField(
        label=_("Mail address, or web address of a webhook"), max_length=300, help_text=_("name@example.com or https://…")
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    urgent = forms.BooleanField(label=_("At once when something is wrong"), required=False, initial=True)
    digest = forms.BooleanField(label=_("The daily digest"), required=False, initial=True)


@never_cache
@in_company()
def notices(request: HttpRequest, company: Company) -> HttpResponse:
    """Show who is told what; a POST of an owner adds one, or sets when."""
    owner = may(request.user, company, Membership.Role.OWNER)
    if request.method == "POST" and not owner:
        raise PermissionDenied
    what, who, key = request.POST.get("what", ""), request.user.get_username(), ""
    now = targets.rules_of(company)
    rules = Rules(
        request.POST if what == "rules" else None, initial={"digest_at": now.digest_at, "silence_hours": now.silence_hours}
    )
    new = NewTarget(request.POST if what == "add" else None, initial={"language": get_language()})
    try:
        if what == "rules" and rules.is_valid():
            targets.set_rules(company, rules.cleaned_data["digest_at"], rules.cleaned_data["silence_hours"], who)
            messages.success(request, gettext("Saved."))
            return redirect("notices", slug=company.slug)
        if what == "add" and new.is_valid():
            chosen = new.cleaned_data
            _row, key = targets.add(
                company, chosen["to"], chosen["language"], urgent=chosen["urgent"], digest=chosen["digest"], who=who
            )
            if not key:
                messages.success(request, gettext("Saved."))
                return redirect("notices", slug=company.slug)
            new = NewTarget(initial={"language": get_language()})
    except BryggaError as error:
        new.add_error("to", said(error))
    context = {"company": company, "rules": rules, "new": new, "key": key, "owner": owner}
    return render(request, "brygga/notices.html", context | _rows(company, owner))


def _rows(company: Company, owner: bool) -> dict[str, object]:
    rows = NoticeTarget.objects.filter(company=company).order_by("sort", "to")
    sent = Message.objects.filter(target__company=company).select_related("target").order_by("-made_at", "-pk")[:LATEST]
    return {
        "targets": [{"row": row, "to": row.to if owner else targets.called(row)} for row in rows],
        "sent": [{"row": row, "to": targets.called(row.target)} for row in sent],
        "alarms": Alarm.objects.filter(company=company, closed_at=None).order_by("opened_at"),
    }


@require_POST
@in_company(Membership.Role.OWNER)
def change(request: HttpRequest, company: Company, number: int) -> HttpResponse:
    """Try a target, set what it gets, or remove it."""
    who = request.user.get_username()
    try:
        match request.POST.get("what"):
            case "test":
                _try(request, company, number)
            case "remove":
                targets.remove(company, number, who)
                messages.success(request, gettext("Nothing more is sent there."))
            case _:
                urgent, digest = bool(request.POST.get("urgent")), bool(request.POST.get("digest"))
                targets.change(company, number, urgent=urgent, digest=digest, who=who)
                messages.success(request, gettext("Saved."))
    except BryggaError as error:
        messages.error(request, said(error))
    return redirect("notices", slug=company.slug)


def _try(request: HttpRequest, company: Company, number: int) -> None:
    message = targets.try_out(company, number, request.user.get_username())
    if message.state == Message.State.SENT:
        messages.success(request, gettext("A test was sent to {name}.").format(name=targets.called(message.target)))
    elif message.trouble:
        template, facts = message.trouble["template"], message.trouble["facts"]
        why = gettext(template).format_map(facts)
        messages.error(request, gettext("The test did not arrive: {why} It is tried again by itself.").format(why=why))
