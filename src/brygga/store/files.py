"""Locks on files: who may use a data directory. The operating system lets go of them when the process dies."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType

from brygga.errors import Unavailable


class FileLock:
    """The exclusive right to something, held by this process until `release` or its death.

    The file stays and holds the process id of the last holder, for the sentence that another process gets.
    """

    def __init__(self, path: Path, wait: float = 0) -> None:
        self.path = path
        self.wait = wait
        self._handle: int | None = None

    def take(self) -> None:
        """Take the lock, waiting at most `wait` seconds. Raises Unavailable when another process keeps it."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + self.wait
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    holder = os.pread(handle, 20, 0).decode(errors="replace").strip()
                    os.close(handle)
                    raise Unavailable(
                        "{path} is in use by another Brygga process (process id {holder}).",
                        path=self.path,
                        holder=holder or "unknown",
                        repair="Stop that process first, or give this one another BRYGGA_HOME.",
                    ) from None
                time.sleep(0.05)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        self._handle = handle

    def release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def __enter__(self) -> FileLock:
        self.take()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()
