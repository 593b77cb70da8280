"""The sliding window: exact for every greedy caller, kind to people."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.clients.limits import SlidingWindow
from brygga.errors import Unavailable


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


@given(st.lists(st.floats(min_value=0, max_value=3), min_size=1, max_size=120), st.sampled_from(["person", "poll", "back-fill"]))
def test_no_window_ever_holds_more_than_its_permits(pauses: list[float], lane: str) -> None:
    clock = Clock()
    window = SlidingWindow(24, 5.2, clock=clock, sleep=clock.sleep)
    given_at = []
    for pause in pauses:
        clock.now += pause
        window.acquire(lane)
        given_at.append(clock.now)
    for first, last in zip(given_at, given_at[24:], strict=False):
        assert last - first >= 5.2 - 1e-9


def test_a_greedy_caller_gets_24_at_once_and_the_next_after_the_window() -> None:
    clock = Clock()
    window = SlidingWindow(24, 5.2, clock=clock, sleep=clock.sleep)
    for _ in range(24):
        window.acquire("person")
    assert clock.now == 100.0
    window.acquire("person")
    assert clock.now == pytest.approx(105.2)


def test_a_person_does_not_wait_behind_a_backfill() -> None:
    clock = Clock()
    window = SlidingWindow(24, 5.2, clock=clock, sleep=clock.sleep)
    for _ in range(20):
        window.acquire("back-fill")
    for _ in range(4):
        window.acquire("person")
    assert clock.now == 100.0
    window.acquire("back-fill")
    assert clock.now == pytest.approx(105.2)


def test_a_wait_beyond_patience_is_unavailable_with_its_length() -> None:
    clock = Clock()
    window = SlidingWindow(clock=clock, sleep=clock.sleep, patience=10)
    window.closed(60)
    with pytest.raises(Unavailable, match=r"used up for the next 60\.0 seconds") as raised:
        window.acquire("poll")
    assert raised.value.retry_after == pytest.approx(60)
    assert clock.now == 100.0


def test_threads_share_one_exact_window() -> None:
    looked, stamps = threading.local(), list[float]()

    def clock() -> float:
        looked.last = time.monotonic()
        moment: float = looked.last
        return moment

    window = SlidingWindow(10, 0.3, clock=clock, kept_free={})

    def work() -> None:
        for _ in range(5):
            window.acquire("poll")
            # The last look at the clock is the one that gave the permit.
            stamps.append(looked.last)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stamps.sort()
    assert len(stamps) == 30
    assert all(last - first >= 0.3 for first, last in zip(stamps, stamps[10:], strict=False))
