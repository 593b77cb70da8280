"""Behind a proxy each caller counts for themselves, and nobody can say that they are another."""

from __future__ import annotations

import pytest
from django.test import Client

from databases import DatabaseUnderTest


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "asks"),
    [
        ("", "192.0.2.1", "", "192.0.2.1"),
        ("", "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.5", "10.0.0.5", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.5", "10.0.0.5", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.0/24 ::1", "::1", "203.0.113.9, 198.51.100.7, 10.0.0.8", "198.51.100.7"),
        ("10.0.0.5", "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.5", "10.0.0.5", "", "10.0.0.5"),
        ("10.0.0.5", "10.0.0.5", "nonsense", "nonsense"),
    ],
)
def test_header_is_believed_as_far_as_our_own_proxies_go(
    monkeypatch: pytest.MonkeyPatch, proxies: str, remote: str, forwarded: str, asks: str
) -> None:
    from brygga import config

    monkeypatch.setenv("BRYGGA_PROXIES", proxies)
    assert config.who_asks(remote, forwarded) == asks


def test_proxies_that_cannot_be_read_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from brygga import config
    from brygga.errors import SettingsError

    monkeypatch.setenv("BRYGGA_PROXIES", "the proxy")
    with pytest.raises(SettingsError, match="BRYGGA_PROXIES"):
        config.who_asks("192.0.2.1", "")


def test_one_who_guesses_behind_the_proxy_shuts_out_nobody_else(
    sqlite_database: DatabaseUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    from brygga.store.attempts import MOST

    monkeypatch.setenv("BRYGGA_PROXIES", "127.0.0.1")
    for number in range(MOST["token"] + 5):
        guess = Client(headers={"authorization": f"Bearer {number}", "x-forwarded-for": f"203.0.113.{number}, 198.51.100.7"})
        answer = guess.get("/api/v1/status")
    assert answer.status_code == 429
    other = Client(headers={"authorization": "Bearer wrong", "x-forwarded-for": "198.51.100.8"})
    assert other.get("/api/v1/status").status_code == 401
