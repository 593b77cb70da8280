"""A worker process for tests: NAME TRACES SECONDS. Its work writes a line at its begin and its end, and lasts SECONDS."""

from __future__ import annotations

import os
import sys
import time


def main() -> None:
    from brygga import store

    store.setup()
    from django.utils import timezone

    from brygga.engine import worker
    from brygga.store.models import Run

    name, traces, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])

    def trace(what: str, run_id: str) -> None:
        handle = os.open(traces, os.O_WRONLY | os.O_APPEND)
        os.write(handle, f"{what} {run_id} {name}\n".encode())
        os.close(handle)

    def work(run_id: str) -> None:
        trace("begin", run_id)
        time.sleep(seconds)
        trace("end", run_id)
        Run.objects.filter(pk=run_id).update(status="done", ended_at=timezone.now())

    worker.run(name, work)


if __name__ == "__main__":
    main()
