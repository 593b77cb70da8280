"""Back up, restore, move, rotate, take out: nothing is lost, nothing is doubled after an older backup, and no secret leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from brygga.errors import BadData, SettingsError
from databases import DatabaseUnderTest
from hub import Hub, organisation


def everything() -> dict[str, list[str]]:
    """Return every row of every table that is kept, as text."""
    from brygga.store.backup import tables

    return {model._meta.label_lower: sorted(repr(row) for row in model._base_manager.values()) for model in tables()}


def emptied() -> None:
    """Make the database empty and new, as on another machine."""
    from django.core.management import call_command

    from brygga.store import history

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
        else:
            for table in ("store_auditentry", "store_historyevent"):
                cursor.execute(f"DROP TRIGGER IF EXISTS append_only ON {table}")
    call_command("flush", verbosity=0, interactive=False)
    history.protect()


@pytest.fixture
def synced(hub_on_both: Hub) -> Hub:
    hub = hub_on_both
    hub.webcrm.load("Organisation", [organisation(OrganisationName=f"Firma {n} AB") for n in range(3)])
    hub.sync()
    return hub


def test_everything_comes_back_row_by_row(synced: Hub, tmp_path: Path) -> None:
    from brygga.store import history
    from brygga.store.backup import backup, restore
    from brygga.store.models import Company

    before = everything()
    made = backup(tmp_path / "hub.zip")
    assert (tmp_path / "hub.zip").stat().st_mode & 0o777 == 0o600
    assert made.counts["store.linkrow"] == 3
    emptied()
    restore(tmp_path / "hub.zip", moved=True)
    assert everything() == before
    assert history.verify(Company.objects.get(slug="acme")).broken is None
    # Numbers go on after those that came back.
    assert Company.objects.create(slug="next", name="Next AB").pk > Company.objects.get(slug="acme").pk


def test_after_an_older_backup_nothing_that_was_made_since_is_made_twice(synced: Hub, tmp_path: Path) -> None:
    from brygga.store.backup import backup, restore

    backup(tmp_path / "hub.zip")
    synced.webcrm.load("Organisation", [organisation(OrganisationName=f"Ny {n} AB") for n in range(2)])
    synced.sync()
    names = sorted(str(customer["Name"]) for customer in synced.customers())
    emptied()
    restore(tmp_path / "hub.zip")
    for _ in range(2):
        synced.age()
        synced.sync()
    assert sorted(str(customer["Name"]) for customer in synced.customers()) == names
    assert len(synced.links()) == 5
    assert len(synced.webcrm.all("Organisation")) == 5


def test_backup_holds_no_secret_in_clear(synced: Hub, tmp_path: Path) -> None:
    from brygga.store.backup import backup

    backup(tmp_path / "hub.zip")
    with zipfile.ZipFile(tmp_path / "hub.zip") as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (synced.fortnox.client_secret, synced.webcrm.auth_code, os.environ["BRYGGA_SECRET_KEY"]):
        assert secret.encode() not in whole


def test_restore_refuses_what_does_not_fit(synced: Hub, tmp_path: Path) -> None:
    from brygga.store.backup import backup, restore

    file = tmp_path / "hub.zip"
    backup(file)
    with pytest.raises(SettingsError, match="is there already"):
        backup(file)
    with pytest.raises(SettingsError, match="holds a hub already"):
        restore(file)
    emptied()
    with pytest.raises(SettingsError, match="There is no file"):
        restore(tmp_path / "none.zip")
    (tmp_path / "cut.zip").write_bytes(file.read_bytes()[:-200])
    with pytest.raises(BadData, match="damaged"):
        restore(tmp_path / "cut.zip")
    for change, said in (
        ({"schema": "9999_later"}, "newer version"),
        ({"format": "x"}, "damaged"),
        ({"sums": {"store.company": "0"}}, "damaged"),
    ):
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(tmp_path / "other.zip", "w") as new:
            for name in old.namelist():
                content = old.read(name)
                if name == "manifest.json":
                    content = json.dumps(json.loads(content) | change).encode()
                new.writestr(name, content)
        with pytest.raises((SettingsError, BadData), match=said):
            restore(tmp_path / "other.zip")
    assert not any(everything().values())


def test_hub_moves_from_sqlite_to_postgresql_and_back(
    hub: Hub, sqlite_database: DatabaseUnderTest, postgres_server: str, tmp_path: Path
) -> None:
    import psycopg

    hub.webcrm.load("Organisation", [organisation()])
    hub.sync()
    with psycopg.connect(postgres_server, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS moved")
        admin.execute("CREATE DATABASE moved")
    moved = postgres_server.replace("/postgres?", "/moved?")
    assert moved != postgres_server
    counts = {name: len(rows) for name, rows in everything().items()}

    def brygga(url: str, *arguments: str) -> str:
        environment = {**sqlite_database.environment(), "BRYGGA_DATABASE_URL": url}
        done = subprocess.run(
            [sys.executable, "-m", "brygga.cli.main", *arguments], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    brygga(sqlite_database.url, "migrate-database", "--to", moved)
    back = f"sqlite:///{tmp_path / 'back' / 'brygga.db'}"
    assert json.loads(brygga(moved, "migrate-database", "--to", back, "--json"))["rows"] == sum(counts.values())
    assert len(json.loads(brygga(back, "links", "acme/webcrm.customers", "--json"))) == 1


def test_settings_come_out_as_a_file_that_changes_nothing(synced: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from brygga.sync.declare import declare
    from brygga.sync.take_out import settings_file

    text = settings_file()
    for secret in (synced.fortnox.client_secret, synced.webcrm.auth_code):
        assert secret not in text
    assert tomllib.loads(text)["company"]["acme"]["webcrm"]["api_key"] == "env:ACME_WEBCRM_API_KEY"
    monkeypatch.setenv("ACME_WEBCRM_API_KEY", synced.webcrm.auth_code)
    monkeypatch.setenv("ACME_FORTNOX_CLIENT_ID", synced.fortnox.client_id)
    monkeypatch.setenv("ACME_FORTNOX_CLIENT_SECRET", synced.fortnox.client_secret)
    file = synced.home / "again.toml"
    file.write_text(text, encoding="utf-8")
    assert declare(file, who="test") == []


def test_audit_trail_says_who_did_what_and_whether_the_chain_is_whole(synced: Hub) -> None:
    from brygga.sync.take_out import audit_rows

    found = audit_rows("acme")
    assert found["whole"] is True
    assert {row["source"] for row in found["rows"]} == {"people", "writes"}
    assert audit_rows("acme", since="2099-01-01")["rows"] == []
    with pytest.raises(SettingsError, match="is no day"):
        audit_rows("acme", since="igår")


def test_books_come_out_as_fortnox_wrote_them(hub: Hub) -> None:
    from brygga.core.sie import read_sie
    from brygga.sync.take_out import sie_file

    content = sie_file("acme")
    assert content.startswith(b"#FLAGGA")
    assert read_sie(content) is not None
    with pytest.raises(SettingsError, match="There is no company"):
        sie_file("nobody")


def test_new_key_is_made_and_the_old_one_goes_after_the_next(sqlite_database: DatabaseUnderTest, tmp_path: Path) -> None:
    environment = {
        name: value
        for name, value in sqlite_database.environment().items()
        if name not in ("BRYGGA_SECRET_KEY", "BRYGGA_DATABASE_URL")
    }
    environment["BRYGGA_HOME"] = str(tmp_path / "home")

    def brygga(*arguments: str) -> Any:
        return subprocess.run(
            [sys.executable, "-m", "brygga.cli.main", *arguments], env=environment, capture_output=True, text=True, check=False
        )

    assert brygga("migrate").returncode == 0
    first = (tmp_path / "home" / "secret.key").read_text().split()
    assert brygga("rotate-key").returncode == 0
    second = (tmp_path / "home" / "secret.key").read_text().split()
    assert second[1:] == first
    assert brygga("rotate-key").returncode == 0
    assert not set((tmp_path / "home" / "secret.key").read_text().split()) & set(first)
