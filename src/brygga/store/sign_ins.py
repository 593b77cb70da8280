"""Who signed in, in the audit log of every company that the user sees; and which companies want a second step of all of theirs."""

from __future__ import annotations

from django.contrib.auth.models import User

from brygga.errors import Rejected
from brygga.store import second_factor
from brygga.store.models import AuditEntry, Company, Membership


def signed_in(user: User, *, second_step: bool) -> None:
    """Note that a user signed in. One without a role, such as an administrator, is noted for the installation alone."""
    _note(user, "signed in", {"second_step": second_step})


def refused(name: str, *, step: str) -> None:
    """Note that a sign-in was refused at a *step*, "password" or "code". A name that nobody has is not written down."""
    user = User.objects.filter(username__iexact=name.strip()).first()
    if user is not None:
        _note(user, "sign-in refused", {"step": step})


def _note(user: User, what: str, detail: dict[str, object]) -> None:
    name = user.get_username()
    companies: list[int | None] = [*Membership.objects.filter(user=user).values_list("company_id", flat=True)]
    AuditEntry.objects.bulk_create(
        AuditEntry(company_id=company, who=name, what=what, subject=name, detail=detail) for company in companies or [None]
    )


def lacks_second_step(user: User, company: Company) -> bool:
    """Say whether a company wants a second step that the user has not set up: then it shows nothing yet."""
    return company.second_step and not second_factor.is_on(user)


def demanded_of(user: User) -> bool:
    """Say whether any of the user's companies wants a second step."""
    return Membership.objects.filter(user=user, company__second_step=True).exists()


def demand(company: Company, user: User, *, on: bool) -> None:
    """Demand a second step of everybody with a role in the company, or no longer. Raises Rejected for who has none themselves."""
    if on and not second_factor.is_on(user):
        raise Rejected(
            "You have no second step yourself, so you would be shut out.", repair="Set yours up first, under your user name."
        )
    if Company.objects.filter(pk=company.pk).exclude(second_step=on).update(second_step=on):
        what = "two-step sign-in demanded" if on else "two-step sign-in no longer demanded"
        AuditEntry.objects.create(company=company, who=user.get_username(), what=what, subject=company.slug)
