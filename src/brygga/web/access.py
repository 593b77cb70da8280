"""Who may see and do what: every page names the company in its address, and nobody gets past their role in it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from brygga.store import sign_ins
from brygga.store.models import Company, Membership
from brygga.store.roles import at_least

P = ParamSpec("P")


def companies_of(user: Any) -> QuerySet[Company]:
    """Return the companies that a user may see: those with a role, all for an administrator."""
    rows = Company.objects.order_by("name")
    return rows if user.is_superuser else rows.filter(members__user=user)


def role_in(user: Any, company: Company) -> str | None:
    """Return a user's role in a company, None without one. An administrator owns every company."""
    if user.is_superuser:
        return Membership.Role.OWNER
    return Membership.objects.filter(user=user, company=company).values_list("role", flat=True).first()


def may(user: Any, company: Company, role: str) -> bool:
    """Say whether a user has at least this role in the company."""
    return at_least(role_in(user, company), role)


def in_company(
    role: str = Membership.Role.VIEWER,
) -> Callable[[Callable[Concatenate[HttpRequest, Company, P], HttpResponse]], Callable[..., HttpResponse]]:
    """Hand a page the company that its address names.

    Somebody without a role in it gets 404, as if it did not exist; somebody whose role is too low gets 403. A POST needs at
    least the bookkeeper's role, whatever the page. Where the company wants a second step of everybody, who has none is led to set it up.
    """

    def decorate(view: Callable[Concatenate[HttpRequest, Company, P], HttpResponse]) -> Callable[..., HttpResponse]:
        @login_required
        @wraps(view)
        def inner(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            company = Company.objects.filter(slug=slug).first()
            if company is None or role_in(request.user, company) is None:
                raise Http404
            needed = Membership.Role.BOOKKEEPER if request.method == "POST" and role == Membership.Role.VIEWER else role
            if not may(request.user, company, needed):
                raise PermissionDenied
            if isinstance(request.user, User) and sign_ins.lacks_second_step(request.user, company):
                messages.warning(request, gettext("This company wants a second step at sign-in of everybody. Set yours up here."))
                return redirect("second")
            return view(request, company, *args, **kwargs)

        return inner

    return decorate
