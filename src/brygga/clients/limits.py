"""How many requests may leave, and for whom: the limiter that `http.Http` asks before each one.

The service counts arrivals and we count departures, so a limiter keeps a margin: 24 in 5.2 seconds where Fortnox allows 25 in 5
(Fortnox API, section 4). The lanes are, in order of patience: person, event, poll, back-fill. The patient ones leave a few
permits free, so that a person who presses a button does not wait behind the night's work.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Protocol

from brygga.errors import Unavailable

KEPT_FREE: Mapping[str, int] = {"person": 0, "event": 1, "poll": 2, "back-fill": 4}
"""How many permits of a window each lane leaves to those before it."""


class Limiter(Protocol):
    """Where permits to send one request come from."""

    def acquire(self, lane: str) -> object:
        """Wait for a permit and return it. Raises Unavailable with `retry_after` when the wait would be too long."""

    def answered(self, permit: object) -> None:
        """The request of this permit was answered, or given up: by now the service has surely counted it, if ever."""

    def closed(self, seconds: float) -> None:
        """The service said stop (429): give no permit for that long."""


class SlidingWindow:
    """At most `permits` in any `seconds`, exactly, for the threads of one process.

    permits, seconds  the window; permits are counted from the moment they are given
    patience          seconds that acquire() may wait before it raises Unavailable
    kept_free         permits that a lane leaves free; a lane not named keeps none
    """

    def __init__(
        self,
        permits: int = 24,
        seconds: float = 5.2,
        *,
        patience: float = 60.0,
        kept_free: Mapping[str, int] = KEPT_FREE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._permits = permits
        self._seconds = seconds
        self._patience = patience
        self._kept_free = kept_free
        self._clock = clock
        self._sleep = sleep
        self._given: deque[float] = deque()
        self._closed_until = float("-inf")
        self._lock = threading.Lock()

    def acquire(self, lane: str) -> None:
        """Wait for a permit of this lane. Raises Unavailable with `retry_after` when the wait would pass the patience."""
        started = self._clock()
        while (wait := self._take(lane)) > 0:
            if self._clock() + wait - started > self._patience:
                raise Unavailable(
                    "The request budget is used up for the next {seconds} seconds.",
                    repair="It is tried again later.",
                    retry_after=wait,
                    seconds=round(wait, 1),
                )
            self._sleep(wait)

    def answered(self, permit: object) -> None:
        """Nothing: permits are counted from when they are given, with the margin between ours and the service's window."""

    def closed(self, seconds: float) -> None:
        """Give no permit for that many seconds."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock() + seconds)

    def _take(self, lane: str) -> float:
        """Take a permit and return 0, or return the seconds until it is worth asking again."""
        with self._lock:
            now = self._clock()
            wait = self._wait(lane, now)
            if wait <= 0:
                self._given.append(now)
            return wait

    def _wait(self, lane: str, now: float) -> float:
        while self._given and self._given[0] <= now - self._seconds:
            self._given.popleft()
        if now < self._closed_until:
            return self._closed_until - now
        ceiling = max(1, self._permits - self._kept_free.get(lane, 0))
        if len(self._given) < ceiling:
            return 0.0
        # The permit whose ageing brings the count below the ceiling.
        return self._given[len(self._given) - ceiling] + self._seconds - now


class Unlimited:
    """No limit of our own, but a window that the service closed stays closed until its time is up."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._closed_until = float("-inf")

    def acquire(self, lane: str) -> None:
        wait = self._closed_until - self._clock()
        if wait > 0:
            self._sleep(wait)

    def answered(self, permit: object) -> None:
        """Nothing: nothing is counted."""

    def closed(self, seconds: float) -> None:
        self._closed_until = max(self._closed_until, self._clock() + seconds)
