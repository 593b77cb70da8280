"""`brygga serve`: the hub in one process group on one machine. Web and worker are children that end when this process does."""

from __future__ import annotations

import http.client
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from brygga import config, store
from brygga.engine import lifeline, pace, port
from brygga.errors import SettingsError
from brygga.store.files import FileLock

SOLO = "solo"
"""The name of the one worker."""

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STEADY = 20.0
_MOST_EARLY_DEATHS = 5

_log = logging.getLogger("brygga.serve")


@dataclass
class Child:
    """One child: what it runs, and how it has fared."""

    name: str
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    early_deaths: int = 0
    next_start: float = field(default=0.0)


def serve(host: str, port_number: int, ready: Callable[[str], None]) -> None:
    """Take the data directory, upgrade the database, run web and worker, and start again whichever of them dies.

    ready  called with the hub's address when its pages answer

    Ends on SIGTERM and SIGINT, when both children have ended. Raises Unavailable when another `serve` has the data directory,
    SettingsError when the address is taken or a child dies again and again.
    """
    settings = config.current()
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    port_number = _free_port(host, port_number)
    with FileLock(settings.home / "serve.lock"):
        store.migrate()
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        children = [
            Child("web", ["web", "--host", host, "--port", str(port_number)]),
            Child("worker", ["worker", "--id", SOLO]),
        ]
        threading.Thread(target=_tell_when_ready, args=(host, port_number, ready, stop), daemon=True).start()
        inherited, ours = os.pipe()
        try:
            # The pages need no engine: they start while its tables are looked after.
            _start(children[0], inherited)
            port.migrate()
            _keep_running(children, inherited, stop)
        finally:
            # From here on the children know that we end, also those that do not hear the signal.
            os.close(ours)
            _end(children)
            os.close(inherited)


def _keep_running(children: list[Child], inherited: int, stop: threading.Event) -> None:
    while not stop.is_set():
        for child in children:
            if child.process is None and time.monotonic() >= child.next_start:
                _start(child, inherited)
            elif child.process is not None and (ended := child.process.poll()) is not None:
                _note_death(child, ended)
        stop.wait(0.2)


def _start(child: Child, inherited: int) -> None:
    child.process = subprocess.Popen(  # noqa: S603 - our own program and arguments
        [sys.executable, "-m", "brygga", *child.arguments],
        env={**os.environ, lifeline.FD: str(inherited)},
        pass_fds=[inherited],
        stdin=subprocess.DEVNULL,
        # Ctrl-C in a terminal reaches the whole group; the children are told by us, in order.
        process_group=0,
    )
    child.started = time.monotonic()


def _note_death(child: Child, ended: int) -> None:
    lived = time.monotonic() - child.started
    child.early_deaths = child.early_deaths + 1 if lived < _STEADY else 0
    if child.early_deaths >= _MOST_EARLY_DEATHS:
        raise SettingsError(
            "The {name} process ends as soon as it is started (exit status {status}).",
            name=child.name,
            status=ended,
            repair="Its own lines above say why.",
        )
    pause = min(_FIRST_PAUSE * 2**child.early_deaths, _LONGEST_PAUSE) if child.early_deaths else 0.0
    _log.warning("%s ended with %s after %.0f s; started again in %.1f s", child.name, ended, lived, pause)
    child.process, child.next_start = None, time.monotonic() + pause


def _end(children: list[Child]) -> None:
    """Ask the children to end, wait for the grace of what runs, and end those that did not."""
    processes = [child.process for child in children if child.process is not None]
    for process in processes:
        process.terminate()
    # Beyond the grace: the engine's own threads take some seconds to stop on a busy machine.
    deadline = time.monotonic() + pace.current().grace + 15
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port(host: str, number: int) -> int:
    """Return the port, chosen by the system when it is 0. Raises SettingsError when it is taken."""
    try:
        family = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, number))
            chosen: int = probe.getsockname()[1]
            return chosen
    except OSError as error:
        raise SettingsError(
            "The address {host}:{port} cannot be used ({reason}).",
            host=host,
            port=number,
            reason=error.strerror or "unknown host",
            repair="Stop what uses it, or choose another with --port.",
        ) from error


def _tell_when_ready(host: str, number: int, ready: Callable[[str], None], stop: threading.Event) -> None:
    while not stop.wait(0.1):
        try:
            if _health(host, number) == 200:
                break
        except OSError:
            continue
    else:
        return
    address = urlsplit(config.current().url)
    # The public address is where people go; without one, it is this one.
    public = config.current().url if os.environ.get("BRYGGA_URL") else f"{address.scheme}://{host}:{number}"
    ready(public)


def _health(host: str, number: int) -> int:
    connection = http.client.HTTPConnection(host, number, timeout=2)
    try:
        connection.request("GET", "/health", headers={"Host": "localhost"})
        return connection.getresponse().status
    finally:
        connection.close()
