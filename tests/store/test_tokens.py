"""An access token is refreshed by one, for all; and a single-use refresh token is never sent twice."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connection as database_connection

from brygga.errors import OutcomeUnknown, SettingsError, Unauthorised, Unavailable
from brygga.store import secrets
from brygga.store.models import Company, Connection
from brygga.store.tokens import AccessTokens
from databases import DatabaseUnderTest


class TokenEndpoint:
    """Gives tokens and remembers each refresh token that it was shown; a second showing is refused."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.issued = 0
        self.trouble: Exception | None = None
        self.seconds = 0.0
        self._lock = threading.Lock()

    def refresh(self, values: dict[str, Any]) -> Mapping[str, Any]:
        time.sleep(self.seconds)
        with self._lock:
            self.shown.append(values["refresh_token"])
            if self.shown.count(values["refresh_token"]) > 1:
                raise Unauthorised("Fortnox refuses the refresh token.", repair="Connect again.")
            if self.trouble:
                raise self.trouble
            self.issued += 1
            return {"access_token": f"access-{self.issued}", "refresh_token": f"refresh-{self.issued}", "expires_in": 3600}


def _connection(**values: Any) -> Connection:
    company = Company.objects.create(slug="acme", name="Acme AB")
    connection = Connection.objects.create(company=company, system="fortnox", base_url="http://127.0.0.1:1")
    secrets.write(connection, {"client_id": "id", "refresh_token": "refresh-0", **values})
    return connection


def test_token_is_refreshed_once_and_then_used_until_its_time(database: DatabaseUnderTest) -> None:
    endpoint, now = TokenEndpoint(), [1000.0]
    tokens = AccessTokens(_connection().pk, endpoint.refresh, clock=lambda: now[0])
    assert [tokens(), tokens()] == ["access-1", "access-1"]
    now[0] += 3290
    assert tokens() == "access-1"
    now[0] += 20
    assert tokens() == "access-2"
    assert endpoint.shown == ["refresh-0", "refresh-1"]
    stored = secrets.read(Connection.objects.get())
    assert (stored["access_token"], stored["refresh_token"], stored["client_id"]) == ("access-2", "refresh-2", "id")


def test_threads_with_their_own_providers_refresh_once(database: DatabaseUnderTest) -> None:
    endpoint, connection, got = TokenEndpoint(), _connection(), []
    endpoint.seconds = 0.3

    def work() -> None:
        got.append(AccessTokens(connection.pk, endpoint.refresh)())
        database_connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["access-1"] * 6
    assert endpoint.shown == ["refresh-0"]


def test_token_refused_before_its_time_is_renewed_by_the_first_and_shared_by_the_rest(database: DatabaseUnderTest) -> None:
    endpoint, connection = TokenEndpoint(), _connection()
    one, other = AccessTokens(connection.pk, endpoint.refresh), AccessTokens(connection.pk, endpoint.refresh)
    assert one() == other() == "access-1"
    assert one.renew("access-1") == "access-2"
    assert other.renew("access-1") == "access-2"
    assert one.renew("access-1") == "access-2"
    assert other.renew() == "access-3"
    assert one.renew() == "access-3"
    assert endpoint.issued == 3


def test_system_that_is_away_spends_nothing(database: DatabaseUnderTest) -> None:
    endpoint, connection = TokenEndpoint(), _connection()
    tokens = AccessTokens(connection.pk, endpoint.refresh)
    endpoint.trouble = Unavailable("Fortnox cannot be reached.")
    with pytest.raises(Unavailable):
        tokens()
    endpoint.trouble, endpoint.shown = None, []
    assert tokens() == "access-1"


def test_lost_answer_is_never_asked_for_twice_and_a_person_connects_again(database: DatabaseUnderTest) -> None:
    endpoint, connection = TokenEndpoint(), _connection()
    endpoint.trouble = OutcomeUnknown("No answer came.")
    for _ in range(3):
        with pytest.raises(Unauthorised, match=r"was lost.*Connect acme/fortnox again"):
            AccessTokens(connection.pk, endpoint.refresh)()
    assert endpoint.shown == ["refresh-0"]
    assert Connection.objects.get().health == Connection.Health.LOGIN
    endpoint.trouble = None
    secrets.write(connection, {"refresh_token": "refresh-of-a-new-sign-in"})
    assert AccessTokens(connection.pk, endpoint.refresh)() == "access-1"
    assert Connection.objects.get().health == Connection.Health.OK


def test_after_a_lost_answer_the_old_token_is_used_to_its_end(database: DatabaseUnderTest) -> None:
    endpoint, now = TokenEndpoint(), [1000.0]
    tokens = AccessTokens(_connection().pk, endpoint.refresh, clock=lambda: now[0])
    tokens()
    now[0] += 3400
    endpoint.trouble = OutcomeUnknown("No answer came.")
    assert tokens() == "access-1"
    now[0] += 200
    with pytest.raises(Unauthorised):
        tokens()
    assert endpoint.shown == ["refresh-0", "refresh-1"]


def test_refused_token_is_not_sent_again(database: DatabaseUnderTest) -> None:
    endpoint, connection = TokenEndpoint(), _connection()
    endpoint.trouble = Unauthorised("Fortnox refuses.")
    for _ in range(3):
        with pytest.raises(Unauthorised):
            AccessTokens(connection.pk, endpoint.refresh)()
    assert endpoint.shown == ["refresh-0"]


def test_sign_in_made_by_a_person_meanwhile_wins(database: DatabaseUnderTest) -> None:
    connection = _connection()
    calls = []

    def refresh(values: dict[str, Any]) -> Mapping[str, Any]:
        calls.append(values["refresh_token"])
        if len(calls) == 1:
            secrets.write(Connection.objects.get(), {"refresh_token": "of-the-person"})
        return {"access_token": f"access-{len(calls)}", "refresh_token": "next", "expires_in": 3600}

    assert AccessTokens(connection.pk, refresh)() == "access-2"
    assert calls == ["refresh-0", "of-the-person"]


def test_credentials_that_spend_nothing_are_asked_again_after_trouble(database: DatabaseUnderTest) -> None:
    connection, troubles = _connection(), [OutcomeUnknown("No answer came."), Unauthorised("No licence yet.")]

    def refresh(values: dict[str, Any]) -> Mapping[str, Any]:
        if troubles:
            raise troubles.pop(0)
        return {"access_token": "access", "expires_in": 3600}

    tokens = AccessTokens(connection.pk, refresh, spends=None)
    with pytest.raises(OutcomeUnknown):
        tokens()
    with pytest.raises(Unauthorised):
        tokens()
    assert tokens() == "access"


def test_connection_without_credentials_is_a_setting_to_make(sqlite_database: DatabaseUnderTest) -> None:
    connection = _connection()
    secrets.write(connection, {"client_id": "id"})
    with pytest.raises(SettingsError, match="no credentials"):
        AccessTokens(connection.pk, TokenEndpoint().refresh)()


def test_token_is_in_no_repr_and_no_error(sqlite_database: DatabaseUnderTest) -> None:
    connection = _connection(access_token="canary", expires_at=9e12, expires_in=3600)
    tokens = AccessTokens(connection.pk, TokenEndpoint().refresh)
    assert tokens() == "canary"
    assert "canary" not in repr(tokens) + str(vars(tokens).get("_refresh"))


PROGRAM = """
import sys, json, urllib.request
from brygga import store; store.setup()
from brygga.store.tokens import AccessTokens
def refresh(values):
    request = urllib.request.Request(sys.argv[1], data=values["refresh_token"].encode())
    return json.load(urllib.request.urlopen(request, timeout=120))
print(AccessTokens(int(sys.argv[2]), refresh)(), flush=True)
"""


@contextmanager
def _served(endpoint: TokenEndpoint, asked: threading.Event) -> Iterator[str]:
    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            token = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked.set()
            body = json.dumps(endpoint.refresh({"refresh_token": token})).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def test_four_processes_send_the_refresh_token_once(database: DatabaseUnderTest) -> None:
    endpoint, connection = TokenEndpoint(), _connection()
    endpoint.seconds = 0.3
    with _served(endpoint, threading.Event()) as url:
        command = [sys.executable, "-c", PROGRAM, url, str(connection.pk)]
        processes = [subprocess.Popen(command, env=database.environment(), stdout=subprocess.PIPE, text=True) for _ in range(4)]
        printed = [process.communicate(timeout=120)[0] for process in processes]
    assert printed == ["access-1\n"] * 4
    assert endpoint.shown == ["refresh-0"]


def test_process_killed_while_it_waits_for_the_answer_leaves_a_token_that_nobody_sends_again(
    database: DatabaseUnderTest,
) -> None:
    endpoint, connection, asked = TokenEndpoint(), _connection(), threading.Event()
    endpoint.seconds = 1.0
    with _served(endpoint, asked) as url:
        command = [sys.executable, "-c", PROGRAM.replace("print(", "import brygga.store.tokens as t; t.LEASE_SECONDS=1.0\nprint(")]
        with subprocess.Popen([*command, url, str(connection.pk)], env=database.environment()) as process:
            assert asked.wait(20)
            process.kill()
        with pytest.raises(Unauthorised, match="was lost"):
            AccessTokens(connection.pk, endpoint.refresh)()
        time.sleep(1.0)
    assert endpoint.shown == ["refresh-0"]
