"""The budget of a tenant is kept exactly, by all processes together."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest
from django.db import connection, transaction

from brygga.errors import Unavailable
from brygga.store.models import PermitWindow
from brygga.store.permits import Permits
from databases import DatabaseUnderTest

GREEDY = """
import sys
from brygga import store; store.setup()
from brygga.store.permits import Permits
permits = Permits("tenant", permits=12, seconds=0.5)
print("ready", flush=True); sys.stdin.readline()
for _ in range(8):
    print(permits.acquire("person").counted, flush=True)
"""


def test_four_greedy_processes_never_exceed_the_window(database: DatabaseUnderTest) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", GREEDY],
            env=database.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    given = []
    for process in processes:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        given += [float(line) for line in out.splitlines()]
    assert len(given) == 4 * 8
    # By the clock that the window is counted on: when a process comes to speak is no measure.
    assert max(sum(1 for moment in given if start <= moment < start + 0.5) for start in given) <= 12
    window = [moment for moment, _ in PermitWindow.objects.get().stamps]
    assert len(window) <= 12


def test_exact_window_on_the_counting_clock(database: DatabaseUnderTest) -> None:
    permits = Permits("tenant", permits=6, seconds=0.3)
    for _ in range(6):
        permits.acquire("person")
    first = PermitWindow.objects.get().stamps[0][0]
    permits.acquire("person")
    assert PermitWindow.objects.get().stamps[-1][0] - first >= 0.3


def wait_for_the_next(permits: Permits) -> float:
    """Return how long the window is shut, as who will not wait is told."""
    with pytest.raises(Unavailable) as caught:
        permits.acquire("person")
    return caught.value.retry_after or 0.0


def test_permit_counts_from_its_answer_and_not_from_when_it_left(database: DatabaseUnderTest) -> None:
    """Fortnox API, section 4: what counts is when a request arrives there, which is before its answer is here and not sooner."""
    permits = Permits("tenant", permits=1, seconds=30, patience=0)
    slow = permits.acquire("person")
    time.sleep(0.5)
    permits.answered(slow)
    answered = time.monotonic()
    wait = wait_for_the_next(permits)
    assert 30 - (time.monotonic() - answered) - 0.02 < wait < 30.02


def test_permit_whose_answer_came_at_once_counts_no_longer_than_the_window(database: DatabaseUnderTest) -> None:
    permits = Permits("tenant", permits=5, seconds=30, patience=0)
    for _ in range(5):
        permits.answered(permits.acquire("person"))
    # No margin is paid for a permit of which the answer is here.
    assert wait_for_the_next(permits) < 30.02


def test_permit_that_is_on_the_way_counts_a_moment_ahead(database: DatabaseUnderTest) -> None:
    permits = Permits("tenant", permits=1, seconds=30, patience=0)
    began = time.monotonic()
    permits.acquire("person")
    assert wait_for_the_next(permits) > 30.18 - (time.monotonic() - began)


def test_patient_lanes_leave_permits_for_people(database: DatabaseUnderTest) -> None:
    permits = Permits("tenant", permits=24, seconds=30, patience=0)
    for _ in range(22):
        permits.acquire("back-fill")
    with pytest.raises(Unavailable):
        permits.acquire("back-fill")
    permits.acquire("poll")
    with pytest.raises(Unavailable):
        permits.acquire("poll")
    permits.acquire("person")
    with pytest.raises(Unavailable) as caught:
        permits.acquire("person")
    assert 0 < (caught.value.retry_after or 0) <= 30.2
    usage = permits.usage()
    assert (usage.given, usage.lanes) == (24, {"back-fill": 22, "poll": 1, "person": 1})


def test_more_is_kept_free_while_a_person_is_there(database: DatabaseUnderTest) -> None:
    permits = Permits("tenant", permits=24, seconds=30, patience=0)
    permits.acquire("person")
    for _ in range(17):
        permits.acquire("back-fill")
    with pytest.raises(Unavailable):
        permits.acquire("back-fill")
    for _ in range(6):
        permits.acquire("person")


def test_tenants_do_not_share(database: DatabaseUnderTest) -> None:
    one, other = (Permits(name, permits=1, seconds=30, patience=0) for name in ("one", "other"))
    one.acquire("person")
    other.acquire("person")
    with pytest.raises(Unavailable):
        one.acquire("person")


def test_window_that_the_service_closed_stays_closed_for_all(database: DatabaseUnderTest) -> None:
    Permits("tenant").closed(0.4)
    began = time.monotonic()
    Permits("tenant").acquire("person")
    assert time.monotonic() - began >= 0.35
    Permits("tenant").closed(600)
    with pytest.raises(Unavailable) as caught:
        Permits("tenant").acquire("person")
    assert caught.value.retry_after == pytest.approx(600, abs=5)
    assert Permits("tenant").usage().closed_for > 590


def test_clock_that_was_set_back_a_day_closes_the_window_for_one_window_only(sqlite_database: DatabaseUnderTest) -> None:
    ahead = time.time() + 86_400
    PermitWindow.objects.create(tenant="tenant", stamps=[[ahead, "poll"]] * 2, closed_until=ahead, people_until=ahead)
    with pytest.raises(Unavailable):
        Permits("tenant", permits=2, seconds=0.3, patience=0).acquire("poll")
    Permits("tenant", permits=2, seconds=0.3, patience=1).acquire("poll")


def test_permit_inside_a_transaction_is_refused(database: DatabaseUnderTest) -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        Permits("tenant").acquire("person")


def test_threads_share_a_window(database: DatabaseUnderTest) -> None:
    permits = Permits("tenant", permits=10, seconds=0.5)
    began = time.monotonic()

    def take() -> None:
        for _ in range(5):
            permits.acquire("person")
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # 30 permits at 10 in half a second: the last ten are given in the third window.
    assert time.monotonic() - began >= 1.0
