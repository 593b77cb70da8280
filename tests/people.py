"""Those who look at the pages: signed in as somebody of a role in the company `acme`."""

from __future__ import annotations

from django.test import Client


def client(role: str = "owner", language: str = "en") -> Client:
    """Sign in as somebody of this role, who is made when there is nobody, and whose browser asks for this language."""
    from django.contrib.auth.models import User

    from brygga.store.models import Company, Membership

    user, _ = User.objects.get_or_create(username=role)
    Membership.objects.update_or_create(user=user, company=Company.objects.get(slug="acme"), defaults={"role": role})
    found = Client(headers={"accept-language": language})
    found.force_login(user)
    return found
