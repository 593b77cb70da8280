"""Reading ahead: in order, within bounds, and no longer than somebody listens."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import count, islice

import pytest

from brygga.core.policy import LEFT, RIGHT
from brygga.errors import Unavailable
from brygga.sync.ahead import ahead
from databases import DatabaseUnderTest


def test_what_is_read_ahead_comes_whole_and_in_its_order() -> None:
    """And those of two sides as they come, each in its own order."""
    with ahead({LEFT: iter(range(1201)), RIGHT: iter(range(700))}) as coming:
        came = list(coming)
    for side, most in ((LEFT, 1201), (RIGHT, 700)):
        assert [one for where, chunk in came for one in chunk if where == side] == list(range(most))


def test_nobody_waits_for_a_side_that_is_slow_while_another_has_come() -> None:
    may_go = threading.Event()

    def slow() -> Iterator[int]:
        may_go.wait(60)
        yield 1

    with ahead({LEFT: slow(), RIGHT: iter(range(600))}) as coming:
        assert [(side, len(chunk)) for side, chunk in (next(coming), next(coming))] == [(RIGHT, 500), (RIGHT, 100)]
        may_go.set()
        assert list(coming) == [(LEFT, [1])]


def test_a_lull_is_told_once_and_only_while_nothing_comes() -> None:
    taken: list[int] = []
    lulls: list[int] = []
    told = [threading.Event() for _ in range(4)]

    def lull() -> None:
        lulls.append(len(taken))
        told[len(taken)].set()

    def slow() -> Iterator[int]:
        for one in range(3 * 500):
            # The second chunk and the third come when the lull before them has been told.
            assert one not in (500, 1000) or told[one // 500].wait(60)
            yield one

    with ahead({RIGHT: slow()}, lull) as coming:
        for _, chunk in coming:
            taken.append(len(chunk))
    assert taken == [500] * 3
    assert [lulls.count(place) for place in (1, 2)] == [1, 1]


def test_an_error_comes_to_the_one_who_listens_after_the_whole_chunks_before_it() -> None:
    def broken() -> Iterator[int]:
        yield from range(1000)
        raise Unavailable("The system does not answer.")

    heard: list[int] = []
    with ahead({RIGHT: broken()}) as coming:
        for _, chunk in islice(coming, 2):
            heard.extend(chunk)
        with pytest.raises(Unavailable):
            next(coming)
    assert heard == list(range(1000))


def test_the_reader_rests_while_nobody_takes_what_it_read_and_ends_with_the_block() -> None:
    read = 0

    def endless() -> Iterator[int]:
        nonlocal read
        for one in count():
            read = one + 1
            yield one

    with ahead({LEFT: endless()}) as coming:
        assert next(coming) == (LEFT, list(range(500)))
        # 25 chunks that wait, the one that was taken, and the one that is held until there is place for it.
        most, deadline = 27 * 500, time.monotonic() + 60
        while read < most and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.1)
        assert read == most
    assert read <= most + 500
    assert not [one for one in threading.enumerate() if one.name == "brygga-reads-ahead"]


def test_nobody_waits_for_the_reader_with_a_connection_of_the_pool(database: DatabaseUnderTest) -> None:
    """On PostgreSQL there are fewer connections than runs: who waits gives its own back. In a transaction, and on SQLite, it stays."""
    from django.db import connection, transaction

    from brygga.store.databases import let_go

    held: list[bool] = []

    def asked() -> bool:
        connection.ensure_connection()
        let_go()
        return connection.connection is not None

    may_go = threading.Event()

    def slow() -> Iterator[int]:
        may_go.wait(60)
        yield 1

    with transaction.atomic():
        held.append(asked())
    held.append(asked())
    assert held == [True, database.vendor == "sqlite"]
    connection.ensure_connection()
    with ahead({RIGHT: slow()}) as coming:
        threading.Timer(0.1, may_go.set).start()
        assert next(coming) == (RIGHT, [1])
        assert (connection.connection is not None) == (database.vendor == "sqlite")
