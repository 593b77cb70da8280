"""A connection is as runs met it: a key that is withdrawn, a system out of reach, a page instead of an answer; and well again after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

SYSTEMS = {
    "webcrm": ("hub", "customers"),
    "upsales": ("upsales_hub", "customers"),
    "textalk": ("textalk_hub", "buyers"),
    "mobigo": ("mobigo_hub", "customers"),
    "opter": ("opter_hub", "customers"),
}


class _Page(BaseHTTPRequestHandler):
    """What a proxy or a parked domain says to everything."""

    def do_GET(self) -> None:
        body = b"<!doctype html><title>Parked</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *given: Any) -> None:
        pass


@pytest.fixture(scope="module")
def page() -> Iterator[str]:
    """Return the address of something that is no API."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def run(system: str, stream: str, trigger: str = "clock") -> Any:
    """Run a stream as the clock does; return its row."""
    from brygga.store.models import Integration
    from brygga.sync.start import begin_run, execute

    integration = Integration.objects.select_related("company").get(system=system)
    return execute(begin_run(integration, stream, trigger=trigger).pk)


def health(system: str) -> tuple[str, str]:
    """Return how a connection is, and why."""
    from brygga.store.models import Connection

    row = Connection.objects.get(system=system)
    return row.health, (row.health_sentence or {}).get("text", "")


@pytest.mark.parametrize("system", SYSTEMS)
def test_connection_is_as_the_last_run_met_it_and_its_alarm_closes_only_when_it_is_well(
    system: str, page: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    from brygga.notify import alarms
    from brygga.store import secrets
    from brygga.store.models import Alarm, Connection

    fixture, stream = SYSTEMS[system]
    hub = request.getfixturevalue(fixture)
    if system == "upsales":
        hub.declare()
    # One try for a system that is away: what is looked at is what the hub keeps of it, not how long it waits.
    monkeypatch.setattr("brygga.clients.http.TRIES", 1)
    run(system, stream)
    assert health(system) == health("fortnox") == ("ok", "")

    row = Connection.objects.get(system=system)
    good = secrets.read(row)
    secrets.write(row, {**{name: good[name] for name in good if "token" not in name}, "api_key": "1:withdrawn"})
    assert run(system, stream).exit_status == 3
    state, why = health(system)
    assert (state, bool(why)) == ("login", True)
    assert health("fortnox")[0] == "ok"
    for _ in range(2):
        alarms.look(datetime.now(UTC))
        [alarm] = Alarm.objects.filter(closed_at=None)
        assert (alarm.sort, alarm.subject) == ("connection", f"acme/{system}")
        # Another try of the same key closes no alarm, whoever asks for it.
        run(system, stream, "person")
    assert Alarm.objects.count() == 1

    secrets.write(Connection.objects.get(system=system), good)
    run(system, stream)
    assert health(system) == ("ok", "")
    alarms.look(datetime.now(UTC))
    assert not Alarm.objects.filter(closed_at=None).exists()

    address = Connection.objects.get(system=system).base_url
    for wrong in (page, "http://127.0.0.1:9"):
        Connection.objects.filter(system=system).update(base_url=wrong)
        assert run(system, stream).exit_status == 3
        state, why = health(system)
        assert (state, bool(why)) == ("away", True)
        assert health("fortnox")[0] == "ok"
    Connection.objects.filter(system=system).update(base_url=address)
    run(system, stream)
    assert health(system) == ("ok", "")


def test_fortnox_without_sign_in_or_licence_is_known_from_the_run(hub: Any) -> None:
    run("webcrm", "customers")
    hub.fortnox.company.integration_licences = {"another-integration"}
    assert run("webcrm", "customers").exit_status == 3
    state, why = health("fortnox")
    assert (state, "no integration licence" in why) == ("licence", True)
    assert health("webcrm") == ("ok", "")
    hub.fortnox.company.integration_licences = None
    run("webcrm", "customers")
    assert health("fortnox") == ("ok", "")
    # The right to one register is no lost connection: the stream that needs it says so by itself.
    hub.fortnox.company.modules = set()
    assert run("webcrm", "customers").exit_status == 3
    assert health("fortnox") == ("ok", "")
