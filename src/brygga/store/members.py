"""Who belongs to a company: invited by a link that works once and for a time, given another role, removed.

A company always keeps an owner: whoever would take away the last one is refused.
"""

from __future__ import annotations

import hashlib
import secrets as chance
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from brygga.errors import Rejected, SettingsError
from brygga.store import users
from brygga.store.models import AuditEntry, Company, Invitation, Membership, SecondFactor
from brygga.store.roles import at_least

GOOD_FOR = timedelta(days=7)


def rows(company: Company) -> list[dict[str, Any]]:
    """Return the members of a company, owners first."""
    found = Membership.objects.filter(company=company).select_related("user").order_by("user__username")
    guarded = set(SecondFactor.objects.exclude(confirmed_at=None).values_list("user_id", flat=True))
    members = [
        {
            "id": row.user_id,
            "name": row.user.get_username(),
            "role": row.role,
            "last_login": row.user.last_login,
            "second_factor": row.user_id in guarded,
        }
        for row in found
    ]
    return sorted(members, key=lambda member: not at_least(member["role"], Membership.Role.OWNER))


def waiting(company: Company) -> QuerySet[Invitation]:
    """Return the invitations that can still be used, the newest first."""
    return Invitation.objects.filter(company=company, used_at=None, expires_at__gt=timezone.now()).order_by("-made_at")


def invite(company: Company, whom: str, role: str, who: str) -> tuple[Invitation, str]:
    """Make an invitation; return its row and the secret for its link, which is kept nowhere. Raises SettingsError."""
    _known(role)
    if not whom.strip():
        raise SettingsError("The invitation is for nobody.", repair="Write a name or a mail address.")
    secret, now = chance.token_urlsafe(32), timezone.now()
    with transaction.atomic():
        row = Invitation.objects.create(
            company=company,
            whom=whom.strip()[:200],
            role=role,
            digest=_digest(secret),
            made_by=who,
            made_at=now,
            expires_at=now + GOOD_FOR,
        )
        _audit(company, who, "invited", row.whom, role=role)
    return row, secret


def withdraw(company: Company, number: int, who: str) -> str:
    """Take an invitation back; return whom it was for. Raises SettingsError when it cannot be used any more."""
    with transaction.atomic():
        row = waiting(company).filter(pk=number).first()
        if row is None:
            raise SettingsError("There is no open invitation {number}.", number=number)
        row.delete()
        _audit(company, who, "invitation withdrawn", row.whom)
    return row.whom


def open_invitation(secret: str) -> Invitation | None:
    """Return the invitation of a link; None when there is none, it was used, or its time has run out."""
    return (
        Invitation.objects.select_related("company")
        .filter(digest=_digest(secret), used_at=None, expires_at__gt=timezone.now())
        .first()
    )


def accept(secret: str, user: User, now: datetime | None = None) -> Company:
    """Give a user the role of an invitation, which is then used up. Raises Rejected when it is no longer good, or they have a role.

    Two who use one link at once: one of them gets in.
    """
    now = now or timezone.now()
    with transaction.atomic():
        found = Invitation.objects.select_related("company").filter(digest=_digest(secret)).first()
        taken = Invitation.objects.filter(digest=_digest(secret), used_at=None, expires_at__gt=now).update(
            used_at=now, used_by=user.get_username()
        )
        if found is None or not taken:
            raise Rejected("The invitation is no longer good.", repair="Ask for a new one.")
        if Membership.objects.filter(user=user, company=found.company).exists():
            raise Rejected(
                "{name} has a role in {company} already.",
                repair="An owner can change it.",
                name=user.get_username(),
                company=found.company.name,
            )
        Membership.objects.create(user=user, company=found.company, role=found.role)
        _audit(found.company, user.get_username(), "joined", user.get_username(), role=found.role, invited_by=found.made_by)
    return found.company


def join_as_new(secret: str, name: str, password: str) -> tuple[User, Company]:
    """Make a user and give them the role of an invitation. Raises Rejected and SettingsError; then nothing was made."""
    with transaction.atomic():
        if users.exists(name):
            raise Rejected(
                "There is a user {name} already.", repair="Sign in first if it is you, or choose another name.", name=name
            )
        users.add(name, password)
        user = User.objects.get(username=name)
        return user, accept(secret, user)


def set_role(company: Company, user_id: int, role: str, who: str) -> str:
    """Give a member another role; return their name. Raises SettingsError, and Rejected for the last owner."""
    _known(role)
    with transaction.atomic():
        row = _member(company, user_id)
        if role != Membership.Role.OWNER:
            _not_the_last_owner(company, row)
        before, row.role = row.role, role
        row.save(update_fields=["role"])
        _audit(company, who, "role changed", row.user.get_username(), before=before, role=role)
    return row.user.get_username()


def remove(company: Company, user_id: int, who: str) -> str:
    """Take a member's role in the company away, at once; return their name. Raises SettingsError, and Rejected for the last owner."""
    with transaction.atomic():
        row = _member(company, user_id)
        _not_the_last_owner(company, row)
        row.delete()
        _audit(company, who, "removed", row.user.get_username(), role=row.role)
    return row.user.get_username()


def _member(company: Company, user_id: int) -> Membership:
    # One change of a company's members at a time: two owners must not remove each other at once.
    Company.objects.select_for_update().only("pk").get(pk=company.pk)
    row = Membership.objects.select_related("user").filter(company=company, user_id=user_id).first()
    if row is None:
        raise SettingsError("There is no such user in {company}.", company=company.name)
    return row


def _not_the_last_owner(company: Company, row: Membership) -> None:
    owners = Membership.objects.filter(company=company, role=Membership.Role.OWNER)
    if row.role == Membership.Role.OWNER and not owners.exclude(pk=row.pk).exists():
        raise Rejected(
            "{name} is the last owner of {company}.",
            repair="Make somebody else an owner first.",
            name=row.user.get_username(),
            company=company.name,
        )


def _known(role: str) -> None:
    if role not in Membership.Role.values:
        raise SettingsError(
            "{role} is not a role.", repair="The roles are: {known}.", role=role, known=", ".join(Membership.Role.values)
        )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _audit(company: Company, who: str, what: str, subject: str, **detail: str) -> None:
    AuditEntry.objects.create(company=company, who=who, what=what, subject=subject, detail=detail)
