"""The tables are made, again does nothing, and unfit places are refused."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from brygga import config, store
from brygga.errors import SettingsError, Unavailable
from brygga.store.files import FileLock
from brygga.store.models import Company
from databases import DatabaseUnderTest


def test_fresh_database_is_empty_and_takes_rows(database: DatabaseUnderTest) -> None:
    assert connection.vendor == database.vendor
    assert not Company.objects.exists()
    Company.objects.create(slug="acme", name="Acme AB")
    assert str(Company.objects.get()) == "Acme AB"


def test_rows_of_an_earlier_test_are_gone(database: DatabaseUnderTest) -> None:
    assert not Company.objects.exists()


def test_migrating_again_runs_nothing(database: DatabaseUnderTest) -> None:
    assert store.migrate() == []


def test_models_and_migrations_agree(sqlite_database: DatabaseUnderTest) -> None:
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_sqlite_files_are_in_write_ahead_mode_and_private(sqlite_database: DatabaseUnderTest) -> None:
    store.migrate()
    for name in ("brygga.db", "engine.db"):
        path = sqlite_database.home / name
        with closing(sqlite3.connect(path)) as file:
            assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("type", "refused"),
    [("nfs4", True), ("cifs", True), ("smb3", True), ("fuse.sshfs", True), ("9p", True), ("ext4", False), ("tmpfs", False)],
)
def test_sqlite_on_a_network_file_system_is_refused(tmp_path: Path, type: str, refused: bool) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        f"21 1 8:1 / / rw - ext4 /dev/root rw\n36 21 0:30 / {tmp_path} rw,relatime shared:1 - {type} server:/export rw\n"
    )
    place = tmp_path / "deep" / "brygga.db"
    if refused:
        with pytest.raises(SettingsError, match=f"network file system \\({type}\\)"):
            config.refuse_network_file_system(place, mounts)
    else:
        config.refuse_network_file_system(place, mounts)


def test_key_file_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BRYGGA_SECRET_KEY")
    settings = config.current({"BRYGGA_HOME": str(tmp_path / "home")})
    keys = config.secret_keys(settings)
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600
    assert config.secret_keys(settings) == keys
    settings.key_file.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        config.secret_keys(settings)


def test_short_key_is_refused_without_repeating_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRYGGA_SECRET_KEY", "hemligt")
    with pytest.raises(SettingsError) as caught:
        config.secret_keys(config.current({"BRYGGA_HOME": str(tmp_path)}))
    assert "hemligt" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["mysql://u:canary@host/db", "postgresql://u:canary@host", "sqlite://canary", "postgresql://u:canary@h:x/db"]
)
def test_wrong_database_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(SettingsError, match="BRYGGA_DATABASE_URL") as caught:
        config.read_database_url(url)
    assert "canary" not in str(caught.value)


def test_password_is_not_in_the_repr() -> None:
    settings = config.current({"BRYGGA_DATABASE_URL": "postgresql://brygga:canary@db.example:5433/hub?sslmode=require"})
    assert "canary" not in repr(settings) + repr(settings.database)
    database = settings.database
    assert (database.host, database.port, database.name, database.options) == (
        "db.example",
        "5433",
        "hub",
        {"sslmode": "require"},
    )


def test_file_lock_names_the_process_that_holds_it(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock"), pytest.raises(Unavailable, match=f"process id {os.getpid()}"):
        FileLock(tmp_path / "lock").take()
    with FileLock(tmp_path / "lock"):
        pass
