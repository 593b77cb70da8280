"""The web process: Django behind granian, on threads."""

from __future__ import annotations

import multiprocessing
import os

from django.db import connections
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from brygga import store
from brygga.engine import lifeline
from brygga.engine.readiness import ready_or_refuse

THREADS = 8


def run(host: str, port: int) -> None:
    """Serve pages until SIGTERM or SIGINT. Never carries a run through."""
    store.setup()
    ready_or_refuse()
    connections.close_all()
    # The server's own worker process watches this one (see `brygga.web.wsgi`), so the end of this one is the end of both.
    os.environ[lifeline.FOLLOW] = "1"
    lifeline.hold(lambda: os._exit(0))
    # A forked copy would share our connections and threads.
    multiprocessing.set_start_method("spawn", force=True)
    Granian(
        "brygga.web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
    ).serve()
