"""Processes that carry a run through and are killed with SIGKILL at a boundary of it, found by counting.

One process with everything loaded stands by and forks the one that dies, since starting Python anew takes longer than a run.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx2
import pytest
import time_machine

from brygga import store
from brygga.clients.limits import Unlimited


def main(address: str) -> None:
    """Fork a process for each line of the standard input, a boundary and how many seconds it lives ahead; print how it ended."""
    store.setup()
    import brygga.sync.start  # noqa: F401 - loaded before the fork

    for line in sys.stdin:
        child = os.fork()
        if not child:
            boundary, ahead = line.split()
            with time_machine.travel(datetime.now(UTC) + timedelta(seconds=float(ahead)), tick=True):
                _run_until(address, int(boundary))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def without_waiting(patch: pytest.MonkeyPatch) -> None:
    """Let the hub neither keep to a budget nor wait for a slow system to show what it has taken in."""
    from brygga.sync import open as opening

    patch.setattr(opening, "Permits", lambda budget, **window: Unlimited())
    patch.setattr(opening, "Context", partial(opening.Context, sleep=lambda seconds: None))


def _run_until(address: str, boundary: int) -> None:
    from brygga.store.models import Integration
    from brygga.sync.start import begin_run, execute
    from proof.boundaries import counting

    left = boundary

    def at(kind: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    real = httpx2.HTTPTransport.handle_request

    def handle_request(self: httpx2.HTTPTransport, request: httpx2.Request) -> httpx2.Response:
        at("leaves")
        answer = real(self, request)
        answer.read()
        at("answered")
        return answer

    company, _, stream = address.partition("/")
    system, _, stream = stream.partition(".")
    with pytest.MonkeyPatch.context() as patch, counting(at):
        patch.setattr(httpx2.HTTPTransport, "handle_request", handle_request)
        without_waiting(patch)
        integration = Integration.objects.select_related("company").get(company__slug=company, system=system)
        execute(begin_run(integration, stream, trigger="person").pk)


if __name__ == "__main__":
    main(sys.argv[1])
