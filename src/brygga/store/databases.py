"""SQLite on one machine, PostgreSQL for many: how Django opens each, and how the tables are made."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from django.db import DatabaseError, OperationalError, connection

from brygga import config
from brygga.errors import BryggaError, SettingsError, Unavailable
from brygga.store.files import FileLock

WORKER_THREADS = 30
"""How many runs one worker carries on at once."""

# Fewer than threads: a run gives its connection back while a system answers or the budget is used up. Two workers and the pages
# with the engine's own connections stay below PostgreSQL's usual 100.
_POOL = 20
_MIGRATION_LOCK = 0x42727967


def let_go() -> None:
    """Give this thread's connection back to PostgreSQL's pool before it waits: others want it, and there are fewer than runs."""
    if connection.vendor == "postgresql" and not connection.in_atomic_block:
        connection.close()


def django_settings(settings: config.Config) -> dict[str, Any]:
    """Return Django's entry for the database of *settings*."""
    database = settings.database
    if database.vendor == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(database.path),
            "OPTIONS": {
                # A transaction that reads first and writes later would otherwise fail when another wrote in between.
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                # The log is brought into the file every 32 MB and not every 4: each time waits for the disk twice.
                "init_command": "PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=8000",
            },
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database.name,
        "USER": database.user,
        "PASSWORD": database.password,
        "HOST": database.host,
        "PORT": database.port,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # Reconnecting begins anew every few seconds: the pool doubles its pauses, and would sleep as long as the database was away.
            "pool": {"min_size": 1, "max_size": _POOL, "timeout": 10, "max_idle": 60, "reconnect_timeout": 10},
            **(database.options or {}),
        },
    }


def upgrade() -> list[str]:
    """Run the migrations that are missing, one process at a time; return their names."""
    from django.core.management import call_command

    from brygga.store import history

    settings = config.current()
    _reach(settings)
    with _one_upgrade_at_a_time(settings):
        missing = missing_migrations()
        call_command("migrate", verbosity=0, interactive=False)
        history.protect()
    return missing


def explain(error: DatabaseError) -> BryggaError:
    """Return the sentence for trouble with our own database: it is away, or has not been made yet."""
    reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
    if "no such table" in reason or "does not exist" in reason or "no such column" in reason:
        return SettingsError("The database is not made or not up to date ({reason}).", reason=reason, repair="Run: brygga migrate")
    return Unavailable(
        "The database cannot be reached: {reason}.",
        reason=reason.rstrip("."),
        repair="Check BRYGGA_DATABASE_URL and that the database is running.",
    )


def _reach(settings: config.Config) -> None:
    """Raise Unavailable at once, with the database's own reason, where a pool of connections would try for a while."""
    if settings.is_sqlite:
        return
    import psycopg

    database = settings.database
    parameters = {"dbname": database.name, "user": database.user, "password": database.password}
    parameters |= {"host": database.host, "port": database.port, "connect_timeout": "5", **(database.options or {})}
    try:
        psycopg.connect(psycopg.conninfo.make_conninfo("", **{name: value for name, value in parameters.items() if value})).close()
    except psycopg.OperationalError as error:
        raise explain(OperationalError(str(error))) from error


def missing_migrations() -> list[str]:
    """Return the names of the migrations that this database has not had yet."""
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label} {migration.name}" for migration, _ in plan]


@contextmanager
def _one_upgrade_at_a_time(settings: config.Config) -> Iterator[None]:
    path = settings.database.path
    if path is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])
        return
    config.refuse_network_file_system(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".migrate"), wait=60):
        for file in (path, settings.engine_path):
            make_sqlite_file(file)
        yield


def make_sqlite_file(path: os.PathLike[str]) -> None:
    """Make an empty SQLite file in write-ahead mode, readable by its owner only; one that is there keeps its content.

    The mode is kept in the file. Switching needs the only connection, hence here and not at each opening.
    """
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
