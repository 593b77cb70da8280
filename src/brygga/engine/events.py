"""The worker's ear: one process for all listens to Fortnox' events; another takes over when it dies."""

from __future__ import annotations

import logging
import threading

from brygga.engine.requests import request
from brygga.errors import BryggaError
from brygga.store import leases
from brygga.store.models import Integration
from brygga.sync.listen import Listener, listen, listeners

SECONDS = 30.0
"""A dead listener's place is free after so long, and at once on its own machine."""

_log = logging.getLogger("brygga.events")


def turn(stop: threading.Event) -> int:
    """Listen for every client id that nobody else listens for, until *stop* or until it is time to look anew; return how many."""
    threads = []
    for listener in listeners():
        lease = leases.take(f"events:{listener.name[:40]}", SECONDS)
        if lease is not None:
            thread = threading.Thread(target=_hear, args=(listener, lease, stop), name="events", daemon=True)
            thread.start()
            threads.append(thread)
    for thread in threads:
        thread.join()
    return len(threads)


def _hear(listener: Listener, lease: leases.Lease, stop: threading.Event) -> None:
    from django.db import connection

    lost = threading.Event()

    def go_on() -> bool:
        return not stop.is_set() and not lost.is_set()

    try:
        with leases.kept(lease):
            listen(listener, _wake, go_on)
    except BryggaError as error:
        _log.warning("events: %s", error)
    finally:
        connection.close()


def _wake(integration: Integration, stream: str) -> None:
    """Ask for a run of the Fortnox side; a run that waits already takes it in."""
    request(integration, stream, sides=("right",), trigger="event")
