"""What two people do at the same moment: one invitation, the last owners, one code of a telephone. On both databases."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from brygga import config
from brygga.errors import BryggaError
from brygga.store import attempts, members, second_factor, secrets
from brygga.store.models import Company, Membership, NoticeTarget, SecondFactor
from databases import DatabaseUnderTest


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do all at the same moment in threads; return what each gave, or the error it raised."""
    found: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def one(place: int, act: Callable[[], Any]) -> None:
        start.wait()
        try:
            found[place] = act()
        except BryggaError as error:
            found[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def company(*owners: str) -> tuple[Company, list[User]]:
    acme = Company.objects.create(slug="acme", name="Acme AB")
    users = [User.objects.create(username=name) for name in owners]
    for user in users:
        Membership.objects.create(user=user, company=acme, role="owner")
    return acme, users


def test_two_owners_who_remove_each_other_at_once_leave_one(database: DatabaseUnderTest) -> None:
    acme, (anna, bo) = company("anna", "bo")
    found = at_once(lambda: members.remove(acme, bo.pk, "anna"), lambda: members.set_role(acme, anna.pk, "viewer", "bo"))
    assert sorted(isinstance(one, BryggaError) for one in found) == [False, True]
    assert Membership.objects.filter(company=acme, role="owner").count() == 1


def test_one_invitation_lets_one_of_many_in(database: DatabaseUnderTest) -> None:
    acme, _ = company("anna")
    _row, secret = members.invite(acme, "somebody", "viewer", "anna")
    guests = [User.objects.create(username=f"guest{number}") for number in range(4)]
    found = at_once(*(lambda guest=guest: members.accept(secret, guest) for guest in guests))  # type: ignore[misc]
    assert sum(isinstance(one, Company) for one in found) == 1
    assert Membership.objects.filter(company=acme, role="viewer").count() == 1


def test_one_code_lets_one_of_many_in(database: DatabaseUnderTest) -> None:
    _acme, (anna,) = company("anna")
    secret = second_factor.begin(anna)
    recovery = second_factor.confirm(anna, pyotp.TOTP(secret).at(int(time.time()) - 30))
    code = pyotp.TOTP(secret).now()
    assert sorted(at_once(*[lambda: second_factor.accepts(anna, code)] * 4)) == [False, False, False, True]
    assert sorted(at_once(*[lambda: second_factor.accepts(anna, recovery[0])] * 4)) == [False, False, False, True]
    assert second_factor.codes_left(anna) == 9


def test_code_is_good_one_step_early_or_late_and_no_longer(database: DatabaseUnderTest) -> None:
    _acme, (anna,) = company("anna")
    secret = second_factor.begin(anna)
    now = (time.time() // 30) * 30 + 5
    second_factor.confirm(anna, pyotp.TOTP(secret).now())
    SecondFactor.objects.update(last_step=0)
    for off, good in ((-60, False), (-30, True), (0, True), (30, True), (60, False)):
        assert second_factor.accepts(anna, pyotp.TOTP(secret).at(int(now) + off), now) is good, off


def test_attempts_are_counted_for_a_quarter_of_an_hour(database: DatabaseUnderTest) -> None:
    now = timezone.now()
    for second in range(attempts.MOST["code"]):
        assert attempts.shut_for(("code", "1"), now=now) == 0
        attempts.failed(("code", "1"), now=now + timedelta(seconds=second))
    later = now + timedelta(minutes=5)
    assert attempts.shut_for(("code", "1"), now=later) == 601
    assert attempts.shut_for(("code", "2"), now=later) == 0
    assert attempts.shut_for(("code", "1"), now=now + attempts.WINDOW + timedelta(seconds=1)) == 0


def test_secrets_of_people_get_the_new_key_too(database: DatabaseUnderTest, monkeypatch: Any) -> None:
    acme, (anna,) = company("anna")
    secret = second_factor.begin(anna)
    NoticeTarget.objects.create(
        company=acme,
        sort="webhook",
        to="https://example.com/",
        secret=secrets.seal({"key": "k"}),
        made_by="a",
        made_at=timezone.now(),
    )
    old = config.secret_keys(config.current())[0].decode()
    monkeypatch.setenv("BRYGGA_SECRET_KEY", f"a-new-key-for-tests-which-protects-nothing {old}")
    secrets.rotate()
    monkeypatch.setenv("BRYGGA_SECRET_KEY", "a-new-key-for-tests-which-protects-nothing")
    assert second_factor.begin(anna) == secret
    assert secrets.unseal(bytes(NoticeTarget.objects.get().secret), "a webhook") == {"key": "k"}
