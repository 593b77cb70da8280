"""What people and programs did in the hub: who, what, when, to what."""

from __future__ import annotations

import datetime

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from brygga.store.models import AuditEntry, Company, Membership
from brygga.web.access import in_company, may

PAGE = 50


class Filter(forms.Form):
    """What part of the log is wanted."""

    who = forms.CharField(label=_("Who"), required=False)
    what = forms.ChoiceField(label=_("What"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Up to"), required=False, widget=forms.DateInput(attrs={"type": "date"}))


@in_company()
def audit(request: HttpRequest, company: Company) -> HttpResponse:
    """Show the log of a company, the newest first."""
    rows = AuditEntry.objects.filter(company=company)
    form = Filter(request.GET or None)
    there = rows.order_by("what").values_list("what", flat=True).distinct()
    field = form.fields["what"]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", "–"), *((what, pgettext("word", what)) for what in there)]
    if form.is_valid():
        rows = _only(rows, form.cleaned_data)
    page = Paginator(rows.order_by("-at", "-pk"), PAGE).get_page(request.GET.get("page"))
    owner = may(request.user, company, Membership.Role.OWNER)
    return render(request, "brygga/audit.html", {"company": company, "page": page, "form": form, "owner": owner})


def _only(rows: QuerySet[AuditEntry], wanted: dict[str, str | datetime.date | None]) -> QuerySet[AuditEntry]:
    if who := wanted["who"]:
        rows = rows.filter(who__icontains=str(who))
    if wanted["what"]:
        rows = rows.filter(what=wanted["what"])
    if isinstance(since := wanted["since"], datetime.date):
        rows = rows.filter(at__gte=_midnight(since))
    if isinstance(until := wanted["until"], datetime.date):
        rows = rows.filter(at__lt=_midnight(until + datetime.timedelta(days=1)))
    return rows


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
