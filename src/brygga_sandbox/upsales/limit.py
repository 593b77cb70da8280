"""200 requests in 10 seconds for a key, told in three headers (systems.md 4.1). Real time is measured, not the sandbox's clock."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class Window:
    """Fixed windows: the count begins anew when the seconds are over."""

    def __init__(self, calls: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.calls = calls
        self.seconds = seconds
        self._clock = clock
        self._begun: dict[str, float] = {}
        self._count: dict[str, int] = {}

    def take(self, key: str) -> bool:
        """Count a call of *key*; False when it is one too many."""
        now = self._clock()
        if now - self._begun.get(key, float("-inf")) >= self.seconds:
            self._begun[key], self._count[key] = now, 0
        self._count[key] += 1
        return not self.calls or self._count[key] <= self.calls

    def headers(self, key: str) -> dict[str, str]:
        """Return the headers of an answer to *key*. The seconds are cut, so the last of them reads 0."""
        begun = self._begun.get(key)
        if begun is None:
            return {}
        left = math.floor(begun + self.seconds - self._clock())
        return {
            "x-ratelimit-limit": str(self.calls or 1500),
            "x-ratelimit-remaining": str(max(0, (self.calls or 1500) - self._count[key])),
            "x-ratelimit-reset": str(left),
        }
