"""One process at a time holds a right, and who lost it can see that."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest
from django.db import connection

from brygga.errors import Unavailable
from brygga.store import leases
from databases import DatabaseUnderTest


def test_second_taker_gets_nothing_until_the_first_lets_go(database: DatabaseUnderTest) -> None:
    mine = leases.take("company:1")
    assert mine is not None
    assert leases.take("company:1") is None
    assert leases.take("company:2") is not None
    assert mine.still_mine()
    mine.release()
    assert not mine.still_mine()
    assert leases.take("company:1") is not None


def test_lease_that_ran_out_is_taken_and_its_old_holder_knows(database: DatabaseUnderTest) -> None:
    old = leases.take("company:1", seconds=0.2)
    assert old is not None
    time.sleep(0.3)
    assert not old.still_mine()
    new = leases.take("company:1")
    assert new is not None
    assert not old.renew()
    old.release()
    assert new.still_mine()
    with pytest.raises(Unavailable, match="lost its right"):
        old.check()


def test_held_lease_is_renewed_for_as_long_as_it_is_needed(database: DatabaseUnderTest) -> None:
    with leases.held("company:1", seconds=2.0) as lease:
        time.sleep(2.6)
        assert lease.still_mine()
        with pytest.raises(Unavailable, match="works on company:1"), leases.held("company:1"):
            raise AssertionError("two hold it")
    with leases.held("company:1"):
        pass


def test_of_many_threads_one_at_a_time_is_inside(database: DatabaseUnderTest) -> None:
    inside, worst, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal inside, worst
        with leases.held("company:1", wait=20):
            with lock:
                inside += 1
                worst = max(worst, inside)
            time.sleep(0.02)
            with lock:
                inside -= 1
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (worst, inside) == (1, 0)


PROGRAM = (
    "import sys, time\nfrom brygga import store; store.setup()\nfrom brygga.store import leases\n"
    "with leases.held('company:1', seconds=float(sys.argv[1])):\n    print('held', flush=True); time.sleep(60)\n"
)


def test_lease_of_a_killed_process_is_free_at_once_on_its_machine_and_elsewhere_after_its_time(
    database: DatabaseUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seconds in ("60", "1.5"):
        command = [sys.executable, "-c", PROGRAM, seconds]
        with subprocess.Popen(command, env=database.environment(), stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "held\n"
            assert leases.take("company:1") is None
            other.kill()
        if seconds == "60":
            with leases.held("company:1", wait=0) as lease:
                assert lease.still_mine()
    # As seen from another machine: that process may well be alive.
    monkeypatch.setattr(leases, "_place", lambda: "elsewhere/1")
    assert leases.take("company:1") is None
    with leases.held("company:1", wait=5) as lease:
        assert lease.still_mine()
