"""How much traffic webCRM bears: calls a second, records made a second, calls at the same time."""

import time
from collections import deque
from typing import Literal

from brygga_sandbox.faults import Fault, Faults
from brygga_sandbox.webcrm.installation import Installation

Verdict = Literal["pass", "too_fast", "false_401", "drop"]

SAME_TIME = 0.020
"""Calls that begin within so many seconds count as simultaneous. Over the loopback a call takes a few milliseconds, and
the real service a good deal longer than this: more than a few in 20 ms can there only come from parallel callers."""


class Traffic(Faults):
    """The faults of this system, those that a person armed and those that its load brings about by itself.

    Real time is measured, not the sandbox's clock: a stopped clock must not stop the limits.
    """

    def __init__(self, installation: Installation) -> None:
        """Begin without any traffic."""
        super().__init__()
        self._limits = installation.limits
        self._drops = installation.quirks.drops_parallel_calls
        self._calls: deque[float] = deque()
        self._creates: deque[float] = deque()
        self._begun: deque[float] = deque()
        self._turn = 0
        self.verdict: Verdict = "pass"
        self.wait = 1

    def strike(self, method: str, path: str, tenant: str | None) -> list[Fault]:
        """Return the faults that strike this call; `verdict` then says what the load does to it besides."""
        armed = super().strike(method, path, tenant)
        self.verdict = self._judge(method, path)
        return [*armed, Fault("lost_request")] if self.verdict == "drop" else armed

    def _judge(self, method: str, path: str) -> Verdict:
        now = time.monotonic()
        if self._drops and self._limits.parallel and self._full(self._begun, now, SAME_TIME, self._limits.parallel):
            self._turn += 1
            return "drop" if self._turn % 2 else "false_401"
        self._begun.append(now)
        if path.lower().startswith("/auth"):
            return "pass"
        if self._limits.calls and self._full(self._calls, now, 1.0, self._limits.calls):
            return "too_fast"
        creates = method == "POST" and not path.lower().endswith("/move")
        if creates and self._limits.creates:
            if self._full(self._creates, now, 1.0, self._limits.creates):
                return "too_fast"
            self._creates.append(now)
        self._calls.append(now)
        return "pass"

    @staticmethod
    def _full(times: deque[float], now: float, span: float, most: int) -> bool:
        while times and times[0] <= now - span:
            times.popleft()
        return len(times) >= most
