"""A plan to approve, all of it, some, or by rule: what would be done with each record, and what Fortnox will post of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from brygga import engine
from brygga.errors import BryggaError, SettingsError
from brygga.store.models import Company, PlanRow
from brygga.sync.approve import ACTIONS, Choice, approve, read_choice
from brygga.web.access import in_company, may

PAGE = 100


@in_company()
def plan(request: HttpRequest, company: Company, plan_id: str) -> HttpResponse:
    """Show what would be done, a record a row; approving it applies exactly that, or says what has changed since."""
    row = PlanRow.objects.select_related("integration__company").filter(pk=plan_id, integration__company=company).first()
    if row is None:
        raise Http404
    refused: BryggaError | None = None
    if request.method == "POST":
        try:
            approve(row, _choice(request), request.user.get_username())
        except BryggaError as error:
            refused = error
        else:
            asked = engine.request(row.integration, row.stream, trigger="person", plan_id=row.pk)
            engine.nudge(asked.pk)
            messages.success(request, _("The plan is being applied."))
            return redirect("run", slug=company.slug, run_id=asked.pk)
    given = request.POST if refused else request.GET
    action, words = request.GET.get("action", ""), request.GET.get("q", "").strip()
    items = [item for item in row.body["items"] if (not action or item["action"] == action) and _holds(item, words)]
    return render(
        request,
        "brygga/plan.html",
        {
            "company": company,
            "plan": row,
            "page": Paginator(items, PAGE).get_page(request.GET.get("page")),
            "action": action,
            "words": words,
            "counts": sorted(row.body["counts"].items()),
            "writes": _writes(row),
            "refused": refused,
            "typed": {"below": given.get("below", ""), "only": given.getlist("only"), "marks": set(given.getlist("item"))},
            "may_write": may(request.user, company, "bookkeeper"),
        },
        status=400 if refused else 200,
    )


def _choice(request: HttpRequest) -> Choice:
    """Return what the form approves: all, the rows that are ticked, or what fits the rule. Raises SettingsError."""
    how = request.POST.get("how", "all")
    if how == "ticked":
        marks = frozenset(request.POST.getlist("item"))
        if not marks:
            raise SettingsError("No record is ticked.", repair="Tick those that are to be applied.")
        return Choice(marks=marks)
    if how == "rule":
        choice = read_choice(request.POST.getlist("only"), below=request.POST.get("below", ""))
        if not choice:
            raise SettingsError("No rule is chosen.", repair="Choose what is to be applied, or an amount.")
        return choice
    return Choice()


def _holds(item: dict[str, Any], words: str) -> bool:
    """Say whether an item is about what was searched for: an id, or a part of a name."""
    if not words:
        return True
    name = str((item.get("about") or {}).get("name") or "")
    return words in (item["left"], item["right"]) or words.casefold() in name.casefold()


def _writes(row: PlanRow) -> list[tuple[str, int]]:
    """Return what is done only when it is approved: action and count."""
    counts = Counter(item["action"] for item in row.body["items"])
    return [(action, counts[action]) for action in ACTIONS if counts[action]]
