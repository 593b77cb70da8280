"""Reading ahead: each side is read by a thread of its own, so that waiting for limits and working on what came go on at once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import islice
from typing import TypeVar

from django.db import connection

from brygga.core.policy import Side
from brygga.store.databases import let_go

T = TypeVar("T")

CHUNK = 500
_MOST = 25
"""Chunks of a side that wait at most: its reader rests until they are worked on, so that memory does not grow with the register."""
_LULL = 0.3
"""Seconds without anything new that are surely a wait for a limit and not for an answer."""


def chunks(things: Iterable[T]) -> Iterator[list[T]]:
    """Yield the things in lists of at most 500."""
    iterator = iter(things)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


@contextmanager
def ahead(
    readings: Mapping[Side, Iterator[T]], in_a_lull: Callable[[], None] = lambda: None
) -> Iterator[Iterator[tuple[Side, list[T]]]]:
    """Begin to read all sides at once, each in a thread, and give chunks of them as they come; those of one side in their order.

    *in_a_lull* is called when nothing comes for a while, once in each such time; it must not use the database, whose connection others
    may have meanwhile. An error comes after the last whole chunk before it. At the end of the block a thread reads no more than the chunk it is at,
    whatever it had not come to yet.
    """
    come: queue.SimpleQueue[tuple[Side, list[T] | BaseException]] = queue.SimpleQueue()
    room = {side: threading.Semaphore(_MOST) for side in readings}
    stopped = threading.Event()

    def read(side: Side, reading: Iterator[T]) -> None:
        end: list[T] | BaseException = []
        try:
            for chunk in chunks(reading):
                room[side].acquire()
                come.put((side, chunk))
                if stopped.is_set():
                    break
        except BaseException as error:
            end = error
        finally:
            connection.close()
            come.put((side, end))

    def given() -> Generator[tuple[Side, list[T]], None, None]:
        unfinished = len(readings)
        while unfinished:
            if come.empty():
                let_go()
            try:
                side, chunk = come.get(timeout=_LULL)
            except queue.Empty:
                in_a_lull()
                side, chunk = come.get()
            if isinstance(chunk, BaseException):
                raise chunk
            if chunk:
                room[side].release()
                yield side, chunk
            else:
                unfinished -= 1

    threads = [threading.Thread(target=read, args=one, name="brygga-reads-ahead", daemon=True) for one in readings.items()]
    for thread in threads:
        thread.start()
    try:
        with closing(given()) as giving:
            yield giving
    finally:
        stopped.set()
        for side in readings:
            # One that rests, as nobody took what it read, goes on and sees that it is to stop.
            room[side].release()
        for thread in threads:
            thread.join()
