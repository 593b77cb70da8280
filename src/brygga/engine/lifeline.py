"""A child that ends when its parent does, however the parent ends: a pipe whose other end only the parent holds."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

FD = "BRYGGA_LIFELINE"
"""The number of the inherited end of the pipe."""

FOLLOW = "BRYGGA_FOLLOW_PARENT"
"""Set for processes that are to call `follow_parent`."""


def hold(on_end: Callable[[], None]) -> None:
    """Call *on_end* in a thread when the parent that gave us a lifeline is gone. Without a lifeline nothing happens."""
    number = os.environ.pop(FD, "")
    if not number:
        return
    handle = int(number)
    os.set_inheritable(handle, False)

    def wait() -> None:
        # Nothing is ever written to it: a read returns when the last other end is closed.
        while os.read(handle, 1):
            pass
        on_end()

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def follow_parent() -> None:
    """End this process when its direct parent is gone; for a process that inherits no pipe."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
