"""A hub between real servers whose runs are those of processes that are killed (see `proof.mortal`)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from brygga_sandbox import fortnox as fortnox_sandbox
from brygga_sandbox import webcrm as webcrm_sandbox
from brygga_sandbox.webcrm.installation import Installation, Limits
from databases import DatabaseUnderTest
from hub import Hub
from proof.mortal import without_waiting

TESTS = Path(__file__).parents[1]


@dataclass
class Outside(Hub):
    """A hub whose runs may be another process's."""

    at: Callable[[str], None] = lambda kind: None

    ahead: float = 0
    """How many seconds this process, with both servers, lives ahead of the true time."""
    clock: Any = None

    def pass_time(self, seconds: float) -> None:
        self.ahead += seconds
        self.clock.shift(timedelta(seconds=seconds))


@contextmanager
def an_outside(database: DatabaseUnderTest) -> Iterator[Outside]:
    """Run both servers without their limits, and a hub that does not wait, connected and declared."""
    with (
        fortnox_sandbox.running(rate_limit=False) as fortnox,
        webcrm_sandbox.running(Installation(limits=Limits(0, 0, 0))) as webcrm,
        pytest.MonkeyPatch.context() as patch,
        time_machine.travel(datetime.now(UTC), tick=True) as clock,
    ):
        patch.setenv("FORTNOX_CLIENT_ID", fortnox.client_id)
        patch.setenv("FORTNOX_CLIENT_SECRET", fortnox.client_secret)
        patch.setenv("WEBCRM_KEY", webcrm.auth_code)
        without_waiting(patch)
        outside = Outside(database.home, fortnox, webcrm, clock=clock)
        outside.declare(brake=1.0)
        yield outside


@contextmanager
def waiting_to_die(database: DatabaseUnderTest, address: str) -> Iterator[Callable[[Any, int], str]]:
    """Yield what runs *address* in a process that dies at the boundary of that number, and tells whether it did."""
    environment = {**database.environment(), "PYTHONPATH": str(TESTS)}
    command = [sys.executable, "-m", "proof.mortal", address]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        into, out = process.stdin, process.stdout
        assert into is not None
        assert out is not None

        def dies(scenario: Any, boundary: int) -> str:
            into.write(f"{boundary} {scenario.world.ahead}\n")
            into.flush()
            ended = out.readline().strip()
            assert ended in ("0", "-9"), f"the run at boundary {boundary} ended with {ended!r}"
            return "SIGKILL" if ended == "-9" else ""

        yield dies
        into.close()
        assert process.wait(30) == 0
