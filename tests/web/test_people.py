"""Users, roles, invitations, the second step at sign-in, tokens and the audit log, as people meet them."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from functools import cache
from typing import Any

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from hub import Hub

PASSWORD = "en-ganska-lang-mening"
EN = {"accept-language": "en"}


@pytest.fixture
def company(hub: Hub) -> Hub:
    from brygga.store.models import Company, Membership

    acme, other = Company.objects.get(slug="acme"), Company.objects.create(slug="other", name="Other AB")
    for name, company, role in (
        ("owner", acme, "owner"),
        ("bookkeeper", acme, "bookkeeper"),
        ("viewer", acme, "viewer"),
        ("stranger", other, "owner"),
    ):
        user = User.objects.create(username=name, password=hashed())
        Membership.objects.create(user=user, company=company, role=role)
    User.objects.create(username="root", is_superuser=True)
    return hub


@cache
def hashed() -> str:
    """The password as it is stored: computed once, since it is slow on purpose."""
    return make_password(PASSWORD)


def client(name: str) -> Client:
    signed_in = Client(headers=EN)
    signed_in.force_login(User.objects.get(username=name))
    return signed_in


def member(name: str) -> str:
    return f"/c/acme/company/users/{User.objects.get(username=name).pk}/"


def role_of(name: str, slug: str = "acme") -> str | None:
    from brygga.store.models import Membership

    return Membership.objects.filter(user__username=name, company__slug=slug).values_list("role", flat=True).first()


def link_in(answer: Any) -> str:
    found = re.search(r'value="http://[^/]+(/invitation/[^"]+)"', answer.content.decode())
    assert found is not None
    return found[1]


def invite(role: str = "bookkeeper") -> str:
    return link_in(client("owner").post("/c/acme/company/invite/", {"whom": "Bo", "role": role}))


PAGES = {
    "/c/acme/company/": {"owner": 200, "bookkeeper": 200, "viewer": 200},
    "/c/acme/company/notices/": {"owner": 200, "bookkeeper": 200, "viewer": 200},
    "/c/acme/company/audit/": {"owner": 200, "bookkeeper": 200, "viewer": 200},
    "/c/acme/company/tokens/": {"owner": 200, "bookkeeper": 403, "viewer": 403},
}


def test_pages_of_the_company_show_to_their_roles_and_to_nobody_else(company: Hub) -> None:
    for address, statuses in PAGES.items():
        for name, status in {**statuses, "root": 200, "stranger": 404}.items():
            assert client(name).get(address).status_code == status, (name, address)
        assert Client().get(address).status_code == 302


def test_only_owners_change_users_tokens_and_notices(company: Hub) -> None:
    from brygga.store import api_tokens
    from brygga.store.models import ApiToken, AuditEntry, Company, Invitation, NoticeTarget

    acme = Company.objects.get(slug="acme")
    token, _key = api_tokens.make(acme, "kassan", "viewer", "test")
    link = invite()
    number = Invitation.objects.get().pk
    target = NoticeTarget.objects.create(company=acme, sort="mail", to="a@example.com", made_by="test", made_at=timezone.now())
    before = AuditEntry.objects.count()
    for address, form in {
        member("viewer"): {"role": "owner"},
        member("owner"): {"what": "remove"},
        "/c/acme/company/invite/": {"whom": "x", "role": "owner"},
        f"/c/acme/company/invitations/{number}/": {},
        "/c/acme/company/tokens/": {"name": "x", "role": "owner"},
        f"/c/acme/company/tokens/{token.pk}/": {},
        "/c/acme/company/notices/": {"what": "add", "to": "https://example.com/", "language": "sv"},
        f"/c/acme/company/notices/{target.pk}/": {"what": "remove"},
    }.items():
        for name, status in {"viewer": 403, "bookkeeper": 403, "stranger": 404}.items():
            assert client(name).post(address, form).status_code == status, (name, address)
    assert AuditEntry.objects.count() == before
    assert (role_of("viewer"), role_of("owner"), ApiToken.objects.count(), NoticeTarget.objects.count()) == (
        "viewer",
        "owner",
        1,
        1,
    )
    # An owner of another company does not reach ours through their own.
    for address in (
        f"/c/other/company/tokens/{token.pk}/",
        f"/c/other/company/invitations/{number}/",
        f"/c/other/company/users/{User.objects.get(username='viewer').pk}/",
        f"/c/other/company/notices/{target.pk}/",
    ):
        client("stranger").post(address, {"what": "remove"})
    assert (ApiToken.objects.count(), Invitation.objects.count(), role_of("viewer"), NoticeTarget.objects.count()) == (
        1,
        1,
        "viewer",
        1,
    )
    assert client("owner").get(link).status_code == 200


def test_last_owner_can_neither_be_removed_nor_lowered(company: Hub) -> None:
    page = client("owner").post(member("owner"), {"what": "remove"}, follow=True).content.decode()
    assert "owner is the last owner of Acme AB. Make somebody else an owner first." in page
    client("root").post(member("owner"), {"role": "viewer"})
    assert role_of("owner") == "owner"
    client("owner").post(member("bookkeeper"), {"role": "owner"})
    client("owner").post(member("owner"), {"what": "remove"})
    assert (role_of("owner"), role_of("bookkeeper")) == (None, "owner")


def test_removed_user_is_out_at_once(company: Hub) -> None:
    from brygga.store.models import AuditEntry

    theirs = client("viewer")
    assert theirs.get("/c/acme/").status_code == 200
    client("owner").post(member("viewer"), {"what": "remove"})
    assert theirs.get("/c/acme/").status_code == 404
    assert AuditEntry.objects.filter(company__slug="acme", who="owner", what="removed", subject="viewer").count() == 1


def test_invitation_makes_a_user_with_its_role_once(company: Hub) -> None:
    link = invite("bookkeeper")
    fresh = Client(headers=EN)
    assert "Acme AB" in fresh.get(link).content.decode()
    weak = fresh.post(link, {"name": "bo", "password": "kort"})
    assert (weak.status_code, 'value="bo"' in weak.content.decode(), User.objects.filter(username="bo").exists()) == (
        200,
        True,
        False,
    )
    assert "The password is too easy" in weak.content.decode()
    taken = fresh.post(link, {"name": "viewer", "password": PASSWORD})
    assert "There is a user viewer already." in taken.content.decode()
    assert fresh.post(link, {"name": "bo", "password": PASSWORD}).headers["location"] == "/c/acme/"
    assert role_of("bo") == "bookkeeper"
    assert fresh.get("/c/acme/").status_code == 200
    again = Client().get(link)
    assert (again.status_code, "Acme" in again.content.decode()) == (404, False)
    assert Client().post(link, {"name": "eva", "password": PASSWORD}).status_code == 404
    assert not User.objects.filter(username="eva").exists()


def test_invitation_is_taken_up_by_who_is_signed_in_and_lowers_nobody(company: Hub) -> None:
    link = invite("viewer")
    refused = client("owner").post(link)
    assert "owner has a role in Acme AB already." in refused.content.decode()
    assert role_of("owner") == "owner"
    assert client("stranger").post(link).headers["location"] == "/c/acme/"
    assert role_of("stranger") == "viewer"


def test_invitation_ends_with_its_time_and_when_it_is_withdrawn(company: Hub) -> None:
    from brygga.store.models import Invitation

    late, back = invite(), invite()
    first = Invitation.objects.order_by("pk")[0]
    assert first.expires_at - first.made_at == timedelta(days=7)
    Invitation.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(late).status_code == 404
    client("owner").post(f"/c/acme/company/invitations/{first.pk + 1}/")
    assert Client().get(back).status_code == 404
    assert Client().get("/invitation/guess/").status_code == 404


def test_two_who_use_one_invitation_at_once_are_not_both_let_in(company: Hub) -> None:
    from brygga.errors import Rejected
    from brygga.store import members, users

    secret = invite().split("/")[2]
    users.add("bo", PASSWORD)
    assert members.open_invitation(secret) is not None
    members.accept(secret, User.objects.get(username="stranger"))
    with pytest.raises(Rejected, match="no longer good"):
        members.accept(secret, User.objects.get(username="bo"))
    assert role_of("bo") is None


def test_secrets_of_links_and_tokens_are_not_in_the_database(company: Hub) -> None:
    from brygga.store.models import ApiToken, Invitation

    secret = invite().split("/")[2]
    page = client("owner").post("/c/acme/company/tokens/", {"name": "kassan", "role": "viewer"})
    found = re.search(r'value="(brygga_[^"]+)"', page.content.decode())
    assert found is not None
    assert found[1] not in client("owner").get("/c/acme/company/tokens/").content.decode()
    assert page.headers["cache-control"].startswith("max-age=0")
    held = str(list(Invitation.objects.values())) + str(list(ApiToken.objects.values()))
    assert secret not in held
    assert found[1] not in held


def sign_in(name: str, password: str = PASSWORD, browser: Client | None = None) -> tuple[Client, Any]:
    browser = browser or Client(headers=EN)
    return browser, browser.post("/login/", {"username": name, "password": password})


def with_second_step(name: str) -> tuple[str, list[str]]:
    """Switch the second step on as the user would; return the secret and the recovery codes."""
    browser = client(name)
    shown = browser.get("/account/second-step/").content.decode()
    found = re.search(r'class="key">([A-Z2-7]+)<', shown)
    assert found is not None
    wrong = browser.post("/account/second-step/", {"code": "000000"}).content.decode()
    assert "The code is wrong or too old." in wrong
    code = pyotp.TOTP(found[1]).now()
    done = browser.post("/account/second-step/", {"code": code}).content.decode()
    return found[1], re.findall(r'class="key">([a-z2-7-]{19})<', done)


def test_second_step_is_asked_for_and_a_code_is_good_once(company: Hub) -> None:
    from brygga.store.models import SecondFactor

    secret, recovery = with_second_step("owner")
    assert len(set(recovery)) == 10
    assert secret.encode() not in bytes(SecondFactor.objects.get().secret)
    browser, answer = sign_in("owner")
    assert answer.headers["location"] == "/login/code/"
    # Between the steps nothing is open.
    assert browser.get("/c/acme/").status_code == 302
    used = pyotp.TOTP(secret).generate_otp(SecondFactor.objects.get().last_step)
    assert browser.post("/login/code/", {"code": used}).status_code == 200
    fresh = pyotp.TOTP(secret).at(int(time.time()) + 30)
    assert browser.post("/login/code/", {"code": fresh}).headers["location"] == "/"
    assert browser.get("/c/acme/").status_code == 200
    other, _ = sign_in("owner")
    assert other.post("/login/code/", {"code": fresh}).status_code == 200
    assert other.get("/c/acme/").status_code == 302


def test_recovery_code_lets_in_once(company: Hub) -> None:
    from brygga.store.models import AuditEntry

    _secret, recovery = with_second_step("owner")
    browser, _ = sign_in("owner")
    assert browser.post("/login/code/", {"code": recovery[3].upper().replace("-", " ")}).status_code == 302
    other, _ = sign_in("owner")
    assert other.post("/login/code/", {"code": recovery[3]}).status_code == 200
    assert AuditEntry.objects.get(what="recovery code used").detail == {"left": 9}


def test_codes_cannot_be_guessed_and_wait_only_five_minutes(company: Hub) -> None:
    from brygga.store.attempts import MOST

    secret, _ = with_second_step("owner")
    browser, _ = sign_in("owner")
    for _attempt in range(MOST["code"]):
        assert browser.post("/login/code/", {"code": "111111"}).status_code == 200
    shut = browser.post("/login/code/", {"code": pyotp.TOTP(secret).at(int(time.time()) + 30)})
    assert (shut.status_code, "Too many wrong attempts" in shut.content.decode()) == (429, True)
    late, _ = sign_in("owner")
    session = late.session
    session["second"] = {**session["second"], "at": time.time() - 301}
    session.save()
    assert late.get("/login/code/").headers["location"] == "/login/"


def test_second_step_is_switched_off_with_the_password_only(company: Hub) -> None:
    from brygga.store.models import SecondFactor

    with_second_step("owner")
    client("owner").post("/account/second-step/off/", {"password": "fel"})
    assert SecondFactor.objects.exists()
    client("owner").post("/account/second-step/off/", {"password": PASSWORD})
    assert not SecondFactor.objects.exists()
    assert sign_in("owner")[1].headers["location"] == "/"


def test_passwords_cannot_be_guessed(company: Hub) -> None:
    from brygga.store.attempts import MOST

    for _ in range(MOST["name"]):
        _, answer = sign_in("owner", "fel")
        assert answer.status_code == 200
    answer = sign_in("Owner", PASSWORD)[1]
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (429, True)
    assert sign_in("viewer")[1].status_code == 302
    from brygga.store.models import FailedAttempt

    assert not any("owner" in key for key in FailedAttempt.objects.values_list("key", flat=True))
    FailedAttempt.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert sign_in("owner")[1].status_code == 302


def test_sign_in_does_not_lead_to_another_host(company: Hub) -> None:
    secret, _ = with_second_step("owner")
    browser = Client()
    browser.post("/login/", {"username": "owner", "password": PASSWORD, "next": "https://evil.example/"})
    done = browser.post("/login/code/", {"code": pyotp.TOTP(secret).at(int(time.time()) + 30)})
    assert done.headers["location"] == "/"


def test_language_is_kept_for_every_sign_in_and_a_new_password_signs_others_out(company: Hub) -> None:
    first, second = client("owner"), client("owner")
    assert first.post("/account/", {"what": "language", "language": "sv"}).status_code == 302
    elsewhere, _ = sign_in("owner")
    assert '<html lang="sv">' in elsewhere.get("/account/").content.decode()
    form = {"what": "password", "old_password": "fel", "new_password1": PASSWORD + "!", "new_password2": PASSWORD + "!"}
    assert first.post("/account/", form).status_code == 200
    assert first.post("/account/", {**form, "old_password": PASSWORD}).status_code == 302
    assert first.get("/account/").status_code == 200
    assert second.get("/account/").status_code == 302


def test_audit_log_is_filtered_and_comes_in_pages(company: Hub) -> None:
    from brygga.store.models import AuditEntry, Company

    acme, other = Company.objects.get(slug="acme"), Company.objects.get(slug="other")
    for number in range(120):
        AuditEntry.objects.create(company=acme, who="anna" if number % 2 else "bo", what="answered", subject=f"record {number}")
    AuditEntry.objects.create(company=other, who="anna", what="answered", subject="record of the other")
    viewer = client("viewer")
    first = viewer.get("/c/acme/company/audit/?who=anna&what=answered").content.decode()
    assert (first.count("record "), "record 119" in first, "record 118" in first) == (50, True, False)
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    second = viewer.get("/c/acme/company/audit/" + following[1].replace("&amp;", "&")).content.decode()
    assert (second.count("record "), "of the other" in first + second) == (10, False)
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert "<tbody>" not in viewer.get(f"/c/acme/company/audit/?since={tomorrow}").content.decode()
    assert "record 119" in viewer.get(f"/c/acme/company/audit/?until={timezone.localdate().isoformat()}").content.decode()
    assert viewer.get("/c/acme/company/audit/?since=nonsense").status_code == 200


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 390)])
def test_pages_have_no_serious_finding_fit_a_phone_and_work_by_keyboard(
    company: Hub, pages: str, browser: Any, scheme: Any, width: int
) -> None:
    from brygga.store.models import Company, NoticeTarget

    NoticeTarget.objects.create(
        company=Company.objects.get(slug="acme"), sort="mail", to="anna@example.com", made_by="test", made_at=timezone.now()
    )
    link = invite()
    context = browser.new_context(locale="sv-SE", color_scheme=scheme, viewport={"width": width, "height": 800})
    page = context.new_page()
    asked: list[tuple[str, int]] = []
    page.on("response", lambda answer: asked.append((answer.url, len(answer.body()) if answer.status == 200 else 0)))
    page.goto(f"{pages}/login/")
    page.fill("input[name=username]", "owner")
    # By keyboard: name, password, enter.
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{pages}/c/acme/")
    for address in (*PAGES, "/account/", "/account/second-step/", link, "/api/v1/"):
        asked.clear()
        page.goto(f"{pages}{address}")
        assert all(url.startswith(pages) for url, _ in asked)
        assert sum(size for url, size in asked if "/static/" not in url) < 60_000, (address, asked)
        findings = Axe().run(page)
        serious = [f["id"] for f in findings.response["violations"] if f["impact"] in ("serious", "critical")]
        assert serious == [], (address, findings.generate_report())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    page.goto(f"{pages}/account/second-step/")
    secret = page.inner_text(".key")
    assert page.locator("svg.square path").count() > 0
    page.fill("input[name=code]", pyotp.TOTP(secret).now())
    page.keyboard.press("Enter")
    page.wait_for_selector(".codes")
    assert page.locator(".codes li").count() == 10
    findings = Axe().run(page)
    assert [f["id"] for f in findings.response["violations"] if f["impact"] in ("serious", "critical")] == []
    context.close()
