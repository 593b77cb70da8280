"""Named rights that one process at a time holds, for a time: one writer for each company, one refresher for each token.

A lease is a row; taking it is one conditional update, so two processes never both succeed. The time is the database's own, so
clocks of machines do not matter. Each taking has its own holder name: a process that slept past its lease and wakes sees by
`still_mine` that another has it, also when that other is itself.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache

from django.db import Error, connection
from django.db.models import DateTimeField, ExpressionWrapper, Q
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from brygga.errors import Unavailable
from brygga.store.models import Lease as LeaseRow

SECONDS = 30.0
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_log = logging.getLogger(__name__)


class Lease:
    """A right that was taken. Made by `take`."""

    def __init__(self, name: str, holder: str, seconds: float) -> None:
        self.name = name
        self.holder = holder
        self.seconds = seconds

    def __repr__(self) -> str:
        return f"Lease({self.name!r}, {self.holder!r})"

    def renew(self) -> bool:
        """Hold it for another `seconds` from now; False when it is no longer ours."""
        mine = LeaseRow.objects.filter(name=self.name, holder=self.holder, until__gt=Now())
        return bool(mine.update(until=_in(self.seconds)))

    def still_mine(self) -> bool:
        """Say whether it is ours at this moment. Ask before each step that only one process may take."""
        return LeaseRow.objects.filter(name=self.name, holder=self.holder, until__gt=Now()).exists()

    def release(self) -> None:
        """Let go of it; does nothing when it is no longer ours."""
        LeaseRow.objects.filter(name=self.name, holder=self.holder).update(until=_LONG_AGO)

    def check(self) -> None:
        """Raise Unavailable when it is no longer ours."""
        if not self.still_mine():
            raise Unavailable(
                "This process has lost its right to {name}; another one goes on.",
                name=self.name,
                repair="It is tried again later.",
            )


def take(name: str, seconds: float = SECONDS) -> Lease | None:
    """Take the lease *name* for *seconds*, or return None when another holds it."""
    lease = Lease(name, f"{this_process()}:{secrets.token_hex(8)}", seconds)
    if _claim(lease, Q(until__lte=Now())):
        return lease
    row = LeaseRow.objects.filter(name=name).first()
    if row is None:
        LeaseRow.objects.bulk_create([LeaseRow(name=name, holder="", until=_LONG_AGO)], ignore_conflicts=True)
        return lease if _claim(lease, Q(until__lte=Now())) else None
    if is_dead(row.holder.rpartition(":")[0]) and _claim(lease, Q(holder=row.holder)):
        return lease
    return None


def this_process() -> str:
    """Name this process among all processes of all machines: host, process space, process id."""
    return f"{_place()}:{os.getpid()}"


def is_dead(process: str) -> bool:
    """Say whether a process that `this_process` named is surely gone. Of other machines and containers that is never sure."""
    place, _, pid = process.rpartition(":")
    if place != _place() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@cache
def _place() -> str:
    try:
        # Containers may share a host name and yet not see each other's processes.
        space = os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:
        # Without it no process is ever taken for dead: its place never equals that of another.
        space = secrets.token_hex(6)
    return f"{socket.gethostname()[:24]}/{space}"


@contextmanager
def held(name: str, seconds: float = SECONDS, wait: float = 0) -> Iterator[Lease]:
    """Hold the lease *name* for the length of a `with`, renewed by a thread; let go of it at the end.

    Waits at most *wait* seconds for another holder, then raises Unavailable. If the process dies, it is free after *seconds*,
    and at once for other processes of the same machine.
    """
    deadline = time.monotonic() + wait
    while (lease := take(name, seconds)) is None:
        if time.monotonic() >= deadline:
            raise Unavailable(
                "Another process works on {name}.", name=name, repair="It is tried again later.", retry_after=seconds / 2
            )
        time.sleep(min(0.1, seconds / 10))
    with kept(lease):
        yield lease


@contextmanager
def kept(lease: Lease) -> Iterator[Lease]:
    """Keep a lease that was taken for the length of a `with`, renewed by a thread; let go of it at the end."""
    done = threading.Event()
    renewer = threading.Thread(target=_keep, args=(lease, done), name=f"lease {lease.name}", daemon=True)
    renewer.start()
    try:
        yield lease
    finally:
        done.set()
        renewer.join()
        lease.release()


def company(company_id: int) -> str:
    """The name of the lease to write for one company."""
    return f"company:{company_id}"


def _claim(lease: Lease, free: Q) -> bool:
    return bool(LeaseRow.objects.filter(free, name=lease.name).update(holder=lease.holder, until=_in(lease.seconds)))


def _in(seconds: float) -> ExpressionWrapper[CombinedExpression]:
    return ExpressionWrapper(Now() + timedelta(seconds=seconds), output_field=DateTimeField())


def _keep(lease: Lease, done: threading.Event) -> None:
    try:
        while not done.wait(lease.seconds / 3):
            try:
                if not lease.renew():
                    _log.warning("lost the lease %s", lease.name)
                    return
            except Error:
                # The database is away for a moment: the next turn tries again, and `still_mine` tells the truth meanwhile.
                _log.warning("could not renew the lease %s", lease.name)
            finally:
                # Not kept until the next turn: there are fewer connections than runs.
                connection.close()
    finally:
        connection.close()
