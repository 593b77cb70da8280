"""The worker process: it carries runs through, asks for what is due, shows that it lives, and takes over from the dead."""

from __future__ import annotations

import logging
import os
import random
import signal
import threading
import time
from collections.abc import Callable

from django.db import DatabaseError, connection
from sqlalchemy.exc import SQLAlchemyError

from brygga import config, store
from brygga.engine import app, dispatcher, events, heartbeat, lifeline, pace, port, retention
from brygga.engine.readiness import ready_or_refuse
from brygga.errors import BryggaError
from brygga.store import leases

_log = logging.getLogger("brygga.worker")
_END_NOW = 70


def run(name: str, work: app.Work | None = None, stop: threading.Event | None = None) -> None:
    """Work until SIGTERM or SIGINT, then finish what runs for as long as the pace's grace.

    name  of this worker, stable over its restarts and its own among all workers: what it left unfinished is found under it
    work  what carries a run through; the sync when it is None

    Raises Unavailable when a worker of this name works already, SettingsError when the database is not migrated.
    """
    store.setup()
    ready_or_refuse()
    stop = stop or threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    lifeline.hold(stop.set)
    speed = pace.current()
    # With work of a test's own, what its runs would find is not the sync's to say.
    glance = the_glance() if work is None else None
    with leases.held(f"worker:{name}", leases.SECONDS, wait=leases.SECONDS + 5):
        heartbeat.begin(name)
        app.launch(name, work or the_sync, speed)
        heard = _Heard(speed.silent / 3)
        claims = heartbeat.Claims(name)
        loops = [
            _loop("beat", speed.beat, stop, lambda: _beat(name, heard)),
            _loop(
                "reap",
                min(5.0, speed.silent / 3),
                stop,
                lambda: heartbeat.reap(speed.silent, steady=heard.for_seconds() > speed.silent),
            ),
            _loop("dispatch", speed.dispatch, stop, lambda: dispatcher.dispatch(look=glance)),
            _loop("settle", speed.settle, stop, lambda: _alone("settle", speed.settle, lambda: heartbeat.settle(speed.settle))),
            _loop("claims", speed.settle, stop, claims.look),
            _loop("retention", speed.retention, stop, lambda: _alone("retention", speed.retention, retention.forget)),
            *([_loop("events", 5.0, stop, lambda: events.turn(stop))] if config.hears_events() else []),
            _loop("notify", speed.notify, stop, lambda: _alone("notify", speed.notify, the_notices)),
        ]
        _log.info("worker %s works", name)
        # This thread's own connection would be stale when it is needed again.
        connection.close()
        stop.wait()
        # A second signal, and a parent that has gone, do not wait for the grace.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: os._exit(0))
        app.stop(speed.grace)
        for loop in loops:
            loop.join(timeout=5)
        heartbeat.end(name)
    port.close()


def the_sync(run_id: str) -> object:
    """Carry a run through by the sync. Waits a moment only for another writer of the company: its slot is wanted."""
    from brygga.sync.start import execute

    return execute(run_id, wait=5.0, puts_off=True)


def the_glance() -> dispatcher.Look:
    """Return what says of due streams whether a run would find anything."""
    from brygga.sync.glance import Glance

    return Glance().at


def the_notices() -> object:
    """Tell people what they are to be told."""
    from brygga import notify

    return notify.turn()


class _Heard:
    """Since when our signs of life have come through, with no gap longer than *longest*."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._since = self._last = time.monotonic()

    def note(self) -> None:
        """Note that one came through just now."""
        now = time.monotonic()
        if now - self._last > self._longest:
            self._since = now
        self._last = now

    def for_seconds(self) -> float:
        now = time.monotonic()
        return now - self._since if now - self._last <= self._longest else 0.0


def _beat(name: str, heard: _Heard) -> None:
    if not heartbeat.beat(name):
        # Others have our work. Whatever we still do would be done twice.
        _log.error("worker %s was taken for dead and ends", name)
        os._exit(_END_NOW)
    heard.note()


def _alone(what: str, seconds: float, act: Callable[[], object]) -> None:
    """Do something that one worker does for all, once in *seconds*."""
    if leases.take(f"turn:{what}", seconds * 0.9) is not None:
        act()


def _loop(what: str, seconds: float, stop: threading.Event, act: Callable[[], object]) -> threading.Thread:
    """Do something again and again in a thread of its own, until *stop*. Trouble is logged and the next turn tries again."""

    def turn() -> None:
        # Not all at the same moment in all workers.
        pause = random.uniform(0, seconds / 4)  # noqa: S311 - spreads load, guards nothing
        while not stop.wait(pause):
            try:
                act()
            except (DatabaseError, SQLAlchemyError, BryggaError, OSError) as error:
                _log.warning("%s: %s", what, error)
            except Exception:
                # A fault in the program must not silence the others of this worker.
                _log.exception("%s failed", what)
            finally:
                connection.close()
            pause = seconds

    thread = threading.Thread(target=turn, name=what, daemon=True)
    thread.start()
    return thread
