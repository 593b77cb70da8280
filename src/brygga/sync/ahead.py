"""Reading ahead: a side is read by a thread of its own, so that waiting for its limit and working on what came go on at once."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from typing import TypeVar

from django.db import connection

T = TypeVar("T")

_END = object()


@contextmanager
def ahead(reading: Iterator[T]) -> Iterator[Iterator[T]]:
    """Begin to read at once, in a thread, and give what was read in its order; an error comes where it happened.

    At the end of the block the thread reads no more, whatever it had not come to yet.
    """
    come: queue.SimpleQueue[object] = queue.SimpleQueue()
    stopped = threading.Event()
    errors: list[BaseException] = []

    def read() -> None:
        try:
            for one in reading:
                if stopped.is_set():
                    break
                come.put(one)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()
            come.put(_END)

    def given() -> Generator[T, None, None]:
        while (one := come.get()) is not _END:
            yield one  # type: ignore[misc]
        if errors:
            raise errors[0]

    thread = threading.Thread(target=read, name="brygga-reads-ahead", daemon=True)
    thread.start()
    try:
        with closing(given()) as giving:
            yield giving
    finally:
        stopped.set()
        thread.join()
