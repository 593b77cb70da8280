"""Reading ahead: a side is read by a thread of its own, so that waiting for its limit and working on what came go on at once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import islice
from typing import TypeVar

from django.db import connection

from brygga.store.databases import let_go

T = TypeVar("T")

_CHUNK = 500
_MOST = 25
"""Chunks that wait at most: the reader rests until they are worked on, so that memory does not grow with the register."""


@contextmanager
def ahead(reading: Iterator[T]) -> Iterator[Iterator[T]]:
    """Begin to read at once, in a thread, and give what was read in its order; an error comes after the last whole chunk before it.

    At the end of the block the thread reads no more than the chunk it is at, whatever it had not come to yet.
    """
    come: queue.Queue[list[T]] = queue.Queue(_MOST)
    stopped = threading.Event()
    errors: list[BaseException] = []

    def read() -> None:
        try:
            while not stopped.is_set() and (chunk := list(islice(reading, _CHUNK))):
                come.put(chunk)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()
            come.put([])

    def given() -> Generator[T, None, None]:
        while True:
            if come.empty():
                let_go()
            if not (chunk := come.get()):
                break
            yield from chunk
        if errors:
            raise errors[0]

    thread = threading.Thread(target=read, name="brygga-reads-ahead", daemon=True)
    thread.start()
    try:
        with closing(given()) as giving:
            yield giving
    finally:
        stopped.set()
        while thread.is_alive():
            # A reader that rests, as nobody took what it read, goes on and sees that it is to stop.
            with suppress(queue.Empty):
                come.get(timeout=0.05)
