"""No address of a company is left out: all that the hub knows are walked, those of pages that are still to come too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver

from hub import Hub

PLACES = {
    "slug": "acme",
    "system": "webcrm",
    "stream": "customers",
    "kind": "customer",
    "number": "1",
    "id": "1",
    "run_id": "1",
    "plan_id": "1",
    "step": "choose",
    "rest": "x",
}
OPEN = {"health", "login/", "login/code/", "setup/", "language/setlang/", "api/v1/", "api/v1/docs", "api/v1/openapi.json"}
"""What is there for everybody; the API has its own walk, and metrics their own token."""


def addresses(resolver: Any = None, before: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        path = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern, path)
        else:
            yield path


def filled(path: str) -> str:
    """Return the address with places of acme in it. Raises KeyError for a place that this test does not know yet."""
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: PLACES[found[1]], path)


@pytest.fixture
def people(hub: Hub) -> dict[str, Client]:
    from brygga.store.models import Company, Membership

    other = Company.objects.create(slug="other", name="Other AB")
    found = {"nobody": Client()}
    for name, company, role in (
        ("viewer", Company.objects.get(slug="acme"), "viewer"),
        ("bookkeeper", Company.objects.get(slug="acme"), "bookkeeper"),
        ("stranger", other, "owner"),
    ):
        user = User.objects.create(username=name)
        Membership.objects.create(user=user, company=company, role=role)
        found[name] = Client()
        found[name].force_login(user)
    return found


def test_nobody_reaches_a_company_that_is_not_theirs_and_a_viewer_writes_nowhere(people: dict[str, Client]) -> None:
    walked = [filled(path) for path in addresses() if path.startswith("c/")]
    assert len(walked) > 20
    for address in walked:
        for form in ({}, {"what": "remove"}):
            assert people["stranger"].post(address, form).status_code == 404, address
            assert people["viewer"].post(address, form).status_code == 403, address
            signed_out = people["nobody"].post(address, form)
            assert (signed_out.status_code, signed_out.headers["location"].partition("?")[0]) == (302, "/login/"), address
        assert people["stranger"].get(address).status_code in (404, 405), address
        assert people["nobody"].get(address).status_code in (302, 405), address
        assert people["viewer"].get(address).status_code != 500, address


def test_bookkeeper_changes_nothing_of_the_company_itself(people: dict[str, Client]) -> None:
    walked = [
        filled(path) for path in addresses() if path.startswith("c/<slug:slug>/company/") and path != "c/<slug:slug>/company/audit/"
    ]
    assert len(walked) >= 8
    for address in walked:
        answer = people["bookkeeper"].post(address, {"what": "remove"})
        # The list of users is for all to see; what it is sent changes nothing.
        assert answer.status_code == (200 if address == "/c/acme/company/" else 403), address


def test_what_belongs_to_no_company_wants_a_sign_in_or_is_known_to_be_open(people: dict[str, Client]) -> None:
    for path in addresses():
        if path.startswith(("c/", "api/v1/")) or path in OPEN:
            continue
        address = filled(path.replace("<str:secret>", "nothing"))
        status = people["nobody"].get(address).status_code
        # Away (404), to the sign-in (302), or for a form alone (405): never a page.
        assert status in (302, 404, 405), (address, status)
