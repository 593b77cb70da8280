"""`brygga serve`: children that end when it does, and are started again when they die; and the commands around it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from traces import QUICK, alive, children_of, eventually

from brygga.store.models import WorkerBeat
from databases import KEY, DatabaseUnderTest


class Served:
    """A running `brygga serve`."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "brygga", "serve", "--port", "0"], env=environment, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("Brygga is ready at http://127.0.0.1:"), line
        self.address = urlsplit(line.split()[-1]).netloc

    def answers(self) -> tuple[int, dict[str, str], object]:
        connection = http.client.HTTPConnection(self.address, timeout=60)
        connection.request("GET", "/health")
        response = connection.getresponse()
        found = (response.status, dict(response.getheaders()), json.loads(response.read()))
        connection.close()
        return found

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def _child(served: Served, command: str) -> int:
    for pid in children_of(served.process.pid):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        if command in words and "brygga" in words:
            return pid
    raise AssertionError(f"no {command}")


def test_life_of_serve(sqlite_database: DatabaseUnderTest) -> None:
    """Pages answer; a second serve is refused; dead children come back; all end with a killed supervisor, or gracefully."""
    environment = sqlite_database.environment(BRYGGA_PACE=QUICK)
    served = Served(environment)
    try:
        _pages_answer_with_a_strict_policy(served)
        _second_serve_is_refused(served, environment)
        eventually(lambda: _works(served))
        _dead_children_are_started_again(served)
        below = children_of(served.process.pid)
        assert len(below) >= 3
        served.process.send_signal(signal.SIGKILL)
        served.process.wait()
        eventually(lambda: not any(alive(pid) for pid in below))
    finally:
        served.end()
    again = Served(environment)
    try:
        assert again.answers()[0] == 200
        eventually(lambda: _works(again))
        below = children_of(again.process.pid)
        again.process.send_signal(signal.SIGTERM)
        assert again.process.wait(90) == 0
        eventually(lambda: not any(alive(pid) for pid in below))
        assert not WorkerBeat.objects.exists()
    finally:
        again.end()


def _pages_answer_with_a_strict_policy(served: Served) -> None:
    status, headers, body = served.answers()
    assert (status, body) == (200, {"database": "ok"})
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"


def _second_serve_is_refused(served: Served, environment: dict[str, str]) -> None:
    second = _brygga("serve", "--port", "0", environment=environment)
    assert second.returncode == 3
    assert f"process id {served.process.pid}" in second.stderr
    assert "Traceback" not in second.stderr


def _dead_children_are_started_again(served: Served) -> None:
    first = {command: _child(served, command) for command in ("worker", "web")}
    for pid in first.values():
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: all(_is_another(served, command, pid) for command, pid in first.items()))
    eventually(lambda: _healthy(served))
    eventually(lambda: _works(served))


def _works(served: Served) -> bool:
    """Say whether the worker that is there now has said so: the one before, which was killed, could not take its word back."""
    try:
        worker = _child(served, "worker")
    except AssertionError:
        return False
    return WorkerBeat.objects.filter(pk="solo", process__endswith=f":{worker}").exists()


def _is_another(served: Served, command: str, pid: int) -> bool:
    try:
        return _child(served, command) != pid
    except (AssertionError, FileNotFoundError):
        return False


def _healthy(served: Served) -> bool:
    try:
        return served.answers()[0] == 200
    except OSError:
        return False


def _brygga(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "brygga", *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_taken_port_is_a_sentence(sqlite_database: DatabaseUnderTest) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = _brygga("serve", "--port", str(port), environment=sqlite_database.environment())
    assert done.returncode == 2
    assert f"127.0.0.1:{port} cannot be used" in done.stderr
    assert "--port" in done.stderr


def test_migrate_makes_a_database_and_worker_refuses_without_one(tmp_path: Path) -> None:
    environment = {**os.environ, "BRYGGA_HOME": str(tmp_path / "new"), "BRYGGA_SECRET_KEY": KEY}
    environment.pop("BRYGGA_DATABASE_URL", None)
    (tmp_path / "new").mkdir()
    refused = _brygga("worker", "--id", "a", environment=environment)
    assert refused.returncode == 2
    assert refused.stderr.endswith("Run: brygga migrate\n")
    first = _brygga("migrate", "--json", environment=environment)
    assert first.returncode == 0
    assert "store 0001_initial" in json.loads(first.stdout)["migrated"]
    assert json.loads(_brygga("migrate", "--json", environment=environment).stdout) == {"migrated": []}


@pytest.mark.parametrize(
    ("variables", "status", "words"),
    [
        ({"BRYGGA_DATABASE_URL": "mysql://root:canary@h/db"}, 2, "BRYGGA_DATABASE_URL"),
        ({"BRYGGA_DATABASE_URL": "postgresql://u:canary@127.0.0.1:1/db?connect_timeout=2"}, 3, "cannot be reached"),
        ({"BRYGGA_SECRET_KEY": "canary"}, 2, "BRYGGA_SECRET_KEY"),
        ({"BRYGGA_URL": "hub"}, 2, "BRYGGA_URL"),
    ],
)
def test_wrong_environment_is_a_sentence_without_its_secret(
    tmp_path: Path, variables: dict[str, str], status: int, words: str
) -> None:
    environment = {**os.environ, "BRYGGA_HOME": str(tmp_path), "BRYGGA_SECRET_KEY": KEY, **variables}
    done = _brygga("migrate", environment=environment)
    assert done.returncode == status, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert "canary" not in done.stderr + done.stdout
