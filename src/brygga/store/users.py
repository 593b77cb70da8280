"""Users of the pages: made with a checked password, with a role in each of their companies."""

from __future__ import annotations

import secrets as chance
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from brygga import config
from brygga.errors import SettingsError
from brygga.store.models import AuditEntry, Company, Membership


def exists(name: str) -> bool:
    """Say whether there is a user with this name."""
    return User.objects.filter(username=name).exists()


def anybody() -> bool:
    """Say whether there is any user at all; before the first one, the pages ask for an administrator."""
    return User.objects.exists()


def named(name: str) -> User:
    """Return the user with this name. Raises SettingsError when there is none."""
    found = User.objects.filter(username=name).first()
    if found is None:
        raise SettingsError("There is no user {name}.", repair="brygga user list shows them.", name=name)
    return found


def number(name: str) -> int:
    """Return the number of the user with this name. Raises SettingsError when there is none."""
    return named(name).pk


def add(name: str, password: str, *, company: str = "", role: str = "viewer", administrator: bool = False) -> str:
    """Make a user, or give an existing one a role (and a new password, where one is given); return what was done.

    Raises SettingsError for an unknown company or role, or a password that is too easy.
    """
    if role not in Membership.Role.values:
        raise SettingsError(
            "{role} is not a role.", repair="The roles are: {known}.", role=role, known=", ".join(Membership.Role.values)
        )
    owner = Company.objects.filter(slug=company).first()
    if company and owner is None:
        raise SettingsError("There is no company {company}.", repair="Declare it with brygga apply.", company=company)
    with transaction.atomic():
        user, made = User.objects.get_or_create(username=name)
        if made or password:
            try:
                validate_password(password, user)
            except ValidationError as error:
                raise SettingsError(
                    "The password is too easy: {why}", repair="Choose another.", why=" ".join(error.messages)
                ) from None
            user.set_password(password)
        user.is_staff = user.is_staff or administrator
        user.is_superuser = user.is_superuser or administrator
        user.save()
        if owner is not None:
            Membership.objects.update_or_create(user=user, company=owner, defaults={"role": role})
        AuditEntry.objects.create(
            company=owner, who=name, what="user added" if made else "user changed", subject=name, detail={"role": role}
        )
    return f"{name} {'was added' if made else 'was changed'}" + (f": {role} of {company}." if company else ".")


def rows() -> list[dict[str, Any]]:
    """Return every user with their roles."""
    found = []
    for user in User.objects.order_by("username"):
        roles = Membership.objects.filter(user=user).select_related("company").order_by("company__slug")
        found.append(
            {
                "name": user.get_username(),
                "administrator": user.is_superuser,
                "roles": [f"{one.company.slug}: {one.role}" for one in roles],
            }
        )
    return found


def _code_file() -> Path:
    return config.current().home / "setup-code"


def setup_code() -> str:
    """Return the code that the first administrator must give; it lies in a file that only the hub's own account may read."""
    path = _code_file()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        path.write_text(chance.token_hex(8) + "\n", encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def forget_setup_code() -> None:
    """Remove the code: the first administrator is there."""
    _code_file().unlink(missing_ok=True)
