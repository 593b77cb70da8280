"""Keys for programs: made, found and revoked. The key itself is shown once and kept nowhere."""

from __future__ import annotations

import hashlib
import secrets as chance
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from brygga.errors import SettingsError
from brygga.store.models import ApiToken, AuditEntry, Company, Membership

PREFIX = "brygga_"
"""What every key begins with, so that scanners of secrets find a lost one."""

_NOTED = timedelta(minutes=1)


def make(company: Company, name: str, role: str, who: str) -> tuple[ApiToken, str]:
    """Make a token for a program; return its row and the key. Raises SettingsError without a name or with an unknown role."""
    if not name.strip():
        raise SettingsError("A token needs a name.", repair="Write which program it is for.")
    if role not in Membership.Role.values:
        raise SettingsError(
            "{role} is not a role.", repair="The roles are: {known}.", role=role, known=", ".join(Membership.Role.values)
        )
    key = PREFIX + chance.token_urlsafe(32)
    with transaction.atomic():
        row = ApiToken.objects.create(company=company, name=name.strip()[:100], role=role, digest=_digest(key), made_by=who)
        AuditEntry.objects.create(company=company, who=who, what="token made", subject=row.name, detail={"role": role})
    return row, key


def find(key: str) -> ApiToken | None:
    """Return the token with this key and note that it was used; None when there is none or it was revoked."""
    row = ApiToken.objects.select_related("company").filter(digest=_digest(key)).first()
    if row is not None:
        now = timezone.now()
        # Once a minute is enough to see which tokens are in use.
        ApiToken.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=now - _NOTED), pk=row.pk).update(last_used_at=now)
    return row


def revoke(company: Company, number: int, who: str) -> str:
    """Revoke a token of the company at once; return its name. Raises SettingsError when it has none with that number."""
    with transaction.atomic():
        row = ApiToken.objects.filter(company=company, pk=number).first()
        if row is None:
            raise SettingsError("There is no token {number}.", repair="It may have been revoked already.", number=number)
        row.delete()
        AuditEntry.objects.create(company=company, who=who, what="token revoked", subject=row.name, detail={"role": row.role})
    return row.name


def rows(company: Company) -> list[dict[str, Any]]:
    """Return the tokens of a company, without anything that could be used to sign in."""
    return [
        {
            "id": row.pk,
            "name": row.name,
            "role": row.role,
            "made_by": row.made_by,
            "made_at": row.created_at,
            "last_used_at": row.last_used_at,
        }
        for row in ApiToken.objects.filter(company=company).order_by("name", "pk")
    ]


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
