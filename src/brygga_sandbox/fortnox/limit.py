"""The rate limit: so many calls in a sliding window, for each client id and tenant (Fortnox API, section 4)."""

import time
from collections import deque
from collections.abc import Callable, Hashable


class Limiter:
    """25 calls in 5 seconds. Refused calls do not count. Goes by real time, whatever the sandbox's clock says."""

    def __init__(self, calls: int = 25, seconds: float = 5.0, now: Callable[[], float] = time.monotonic) -> None:
        self.calls = calls
        self.seconds = seconds
        self.enabled = True
        self._now = now
        self._seen: dict[Hashable, deque[float]] = {}

    def admits(self, who: Hashable) -> bool:
        """Tell whether another call may pass now, and count it if so."""
        if not self.enabled:
            return True
        now = self._now()
        seen = self._seen.setdefault(who, deque())
        while seen and seen[0] <= now - self.seconds:
            seen.popleft()
        if len(seen) >= self.calls:
            return False
        seen.append(now)
        return True

    def forget(self) -> None:
        """Begin anew."""
        self._seen.clear()
