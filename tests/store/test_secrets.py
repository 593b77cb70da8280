"""Credentials lie encrypted, can be given a new key while others work, and are nowhere in clear."""

from __future__ import annotations

import pytest

from brygga import config
from brygga.errors import SettingsError
from brygga.store import secrets
from brygga.store.models import Company, Connection
from databases import DatabaseUnderTest

CANARY = "canary-5f2e"


def _connection() -> Connection:
    company = Company.objects.create(slug="acme", name="Acme AB")
    return Connection.objects.create(company=company, system="fortnox", base_url="http://127.0.0.1:1")


def test_secrets_come_back_and_are_not_in_the_database_in_clear(database: DatabaseUnderTest) -> None:
    connection = _connection()
    assert secrets.read(connection) == {}
    secrets.write(connection, {"client_secret": CANARY, "expires_in": 3600})
    again = Connection.objects.get()
    assert secrets.read(again) == {"client_secret": CANARY, "expires_in": 3600}
    assert CANARY.encode() not in bytes(again.secrets)
    assert again.secrets_version == 1
    assert CANARY not in repr(again)


def test_older_state_does_not_overwrite_newer_credentials(database: DatabaseUnderTest) -> None:
    mine = _connection()
    theirs = Connection.objects.get()
    secrets.write(theirs, {"key": "newer"})
    assert not secrets.replace(mine, {"key": "older"})
    assert secrets.read(Connection.objects.get()) == {"key": "newer"}
    assert secrets.replace(theirs, {"key": "newest"})


def test_new_key_in_the_file_reads_all_and_forgets_the_oldest(
    sqlite_database: DatabaseUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BRYGGA_SECRET_KEY")
    connection = _connection()
    secrets.write(connection, {"key": CANARY})
    first = config.secret_keys(config.current())
    assert secrets.rotate_key_file() == 1
    second = config.secret_keys(config.current())
    assert second[1:] == first
    assert secrets.rotate_key_file() == 1
    assert config.secret_keys(config.current())[1:] == second[:1]
    assert secrets.read(Connection.objects.get()) == {"key": CANARY}
    assert Connection.objects.get().secrets_version == 1


def test_key_from_the_environment_is_rotated_by_putting_a_new_one_first(
    sqlite_database: DatabaseUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = config.new_key().decode(), config.new_key().decode()
    monkeypatch.setenv("BRYGGA_SECRET_KEY", old)
    secrets.write(_connection(), {"key": CANARY})
    with pytest.raises(SettingsError, match="BRYGGA_SECRET_KEY"):
        secrets.rotate_key_file()
    monkeypatch.setenv("BRYGGA_SECRET_KEY", f"{new} {old}")
    assert secrets.rotate() == 1
    monkeypatch.setenv("BRYGGA_SECRET_KEY", new)
    assert secrets.read(Connection.objects.get()) == {"key": CANARY}


def test_wrong_key_is_a_sentence_with_the_repair(sqlite_database: DatabaseUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets.write(_connection(), {"key": CANARY})
    monkeypatch.setenv("BRYGGA_SECRET_KEY", "another-key-of-some-length")
    with pytest.raises(SettingsError, match=r"acme/fortnox.*Put the old key back"):
        secrets.read(Connection.objects.get())
