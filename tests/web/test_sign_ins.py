"""Sign-ins in the audit log, and a company that wants a second step of everybody."""

from __future__ import annotations

import time

import pyotp
import pytest
from django.contrib.auth.models import User
from django.test import Client

from hub import Hub

PASSWORD = "en-ganska-lang-mening"
EN = {"accept-language": "en"}


@pytest.fixture
def company(hub: Hub) -> Hub:
    from brygga.store import users
    from brygga.store.models import Company

    Company.objects.create(slug="other", name="Other AB")
    for name, role in (("anna", "owner"), ("eva", "viewer")):
        users.add(name, PASSWORD, company="acme", role=role)
    users.add("nils", PASSWORD, company="other", role="owner")
    return hub


def log(slug: str = "acme") -> list[tuple[str, str, object]]:
    from brygga.store.models import AuditEntry

    wanted = ("signed in", "sign-in refused")
    rows = AuditEntry.objects.filter(company__slug=slug, what__in=wanted).order_by("pk")
    return [(row.who, row.what, row.detail) for row in rows]


def sign_in(name: str, password: str = PASSWORD) -> Client:
    browser = Client(headers=EN)
    browser.post("/login/", {"username": name, "password": password})
    return browser


def with_second_step(name: str) -> pyotp.TOTP:
    from brygga.store import second_factor

    user = User.objects.get(username=name)
    app = pyotp.TOTP(second_factor.begin(user))
    second_factor.confirm(user, app.now())
    return app


def test_sign_ins_and_refused_ones_stand_in_the_log_of_ones_company_alone(company: Hub) -> None:
    sign_in("anna")
    sign_in("anna", "fel-losenord-har")
    sign_in("nobody-of-that-name", "fel-losenord-har")
    assert log() == [("anna", "signed in", {"second_step": False}), ("anna", "sign-in refused", {"step": "password"})]
    assert log("other") == []
    sign_in("nils")
    assert [who for who, _, _ in log("other")] == ["nils"]
    shown = sign_in("anna").get("/c/acme/company/audit/").content.decode()
    assert "signed in" in shown
    assert "nils" not in shown


def test_wrong_code_is_noted_and_the_right_one_signs_in(company: Hub) -> None:
    app = with_second_step("anna")
    browser = sign_in("anna")
    assert log() == []
    browser.post("/login/code/", {"code": "000000"})
    browser.post("/login/code/", {"code": app.at(time.time() + 30)})
    assert [(what, detail) for _, what, detail in log()] == [
        ("sign-in refused", {"step": "code"}),
        ("signed in", {"second_step": True}),
    ]


def test_company_that_demands_a_second_step_shows_nothing_without_one(company: Hub) -> None:
    from brygga.store.models import Company

    anna, eva = sign_in("anna"), sign_in("eva")
    refused = anna.post("/c/acme/company/second-step/", {"what": "demand"}, follow=True).content.decode()
    assert "you would be shut out" in refused
    assert not Company.objects.get(slug="acme").second_step
    assert eva.post("/c/acme/company/second-step/", {"what": "demand"}).status_code == 403
    with_second_step("anna")
    anna.post("/c/acme/company/second-step/", {"what": "demand"})
    assert Company.objects.get(slug="acme").second_step
    led = eva.get("/c/acme/")
    assert (led.status_code, led.headers["location"]) == (302, "/account/second-step/")
    assert "wants a second step" in eva.get("/account/second-step/").content.decode()
    assert eva.get("/c/acme/runs/1/").status_code == 302
    with_second_step("eva")
    assert eva.get("/c/acme/").status_code == 200
    kept = eva.post("/account/second-step/off/", {"password": PASSWORD}, follow=True).content.decode()
    assert "It stays on" in kept
    assert eva.get("/c/acme/").status_code == 200
    anna.post("/c/acme/company/second-step/", {"what": "allow"})
    assert not Company.objects.get(slug="acme").second_step


def test_company_without_the_demand_is_as_open_as_before(company: Hub) -> None:
    assert sign_in("nils").get("/c/other/").status_code == 200
