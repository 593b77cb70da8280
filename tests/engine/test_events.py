"""Fortnox' events wake the streams that they concern: once, after an outage too, for all companies over one connection (DESIGN 7)."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from hub import Hub, organisation


@pytest.fixture
def heard() -> list[tuple[str, str]]:
    return []


def wait_for(what: Any, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert what()


class Ear:
    """A listener in a thread, as a worker has it."""

    def __init__(self, hub: Hub, heard: list[tuple[str, str]]) -> None:
        from django.db import connection

        from brygga.sync.listen import listen, listeners

        self.topics, self.stop = hub.fortnox.topics, threading.Event()
        [self.listener] = listeners()

        def run() -> None:
            try:
                listen(
                    self.listener,
                    lambda integration, stream: heard.append((integration.system, stream)),
                    lambda: not self.stop.is_set(),
                )
            finally:
                connection.close()

        self.thread = threading.Thread(target=run, daemon=True)

    def __enter__(self) -> Ear:
        self.thread.start()
        # What happens before it has subscribed is not told.
        wait_for(lambda: self.topics.listening)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(60)
        wait_for(lambda: not self.topics.listening)


def edit(hub: Hub, number: str, phone: str) -> None:
    hub.fortnox_call("PUT", f"/3/customers/{number}", {"Customer": {"Phone1": phone}})


@pytest.fixture
def linked(hub: Hub) -> Hub:
    hub.webcrm.load("Organisation", [organisation()])
    hub.sync()
    return hub


def test_change_in_fortnox_wakes_its_stream_and_its_offset_is_kept(linked: Hub, heard: list[tuple[str, str]]) -> None:
    from brygga.store.models import EventOffset

    [number] = linked.links().values()
    with Ear(linked, heard):
        edit(linked, number, "08-465 004 99")
        wait_for(lambda: heard)
    assert set(heard) == {("webcrm", "customers")}
    assert EventOffset.objects.get(topic="customers").offset


def test_a_customer_that_was_deleted_is_looked_at_by_the_run_that_its_event_wakes(
    linked: Hub, heard: list[tuple[str, str]]
) -> None:
    """UPS-16: no list tells it, so the event lets the link be read again; no request is made for it beside that."""
    from django.utils import timezone

    from brygga.store.models import LinkRow

    [number] = linked.links().values()
    LinkRow.objects.update(look_again_at=None)
    with Ear(linked, heard):
        linked.fortnox_call("DELETE", f"/3/customers/{number}")
        wait_for(lambda: heard)
    assert LinkRow.objects.filter(right_id=number, look_again_at__lte=timezone.now()).count() == 1
    assert heard == [("webcrm", "customers")]


def test_what_happened_during_an_outage_is_replayed(linked: Hub, heard: list[tuple[str, str]]) -> None:
    [number] = linked.links().values()
    with Ear(linked, heard):
        edit(linked, number, "08-465 004 98")
        wait_for(lambda: heard)
    heard.clear()
    edit(linked, number, "08-465 004 97")
    with Ear(linked, heard):
        wait_for(lambda: heard)
    assert set(heard) == {("webcrm", "customers")}


def test_offset_that_is_gone_sweeps_every_stream_once(linked: Hub, heard: list[tuple[str, str]]) -> None:
    from django.utils import timezone

    from brygga.store.models import EventOffset
    from brygga.sync.listen import listeners

    [listener] = listeners()
    EventOffset.objects.create(listener=listener.name, topic="customers", offset="no-such-offset", heard_at=timezone.now())
    with Ear(linked, heard):
        wait_for(lambda: heard)
    assert ("webcrm", "customers") in heard


def test_stream_that_is_off_is_not_woken(linked: Hub, heard: list[tuple[str, str]]) -> None:
    from brygga.store.models import EventOffset, StreamState

    StreamState.objects.update(schedule={"mode": "off"})
    [number] = linked.links().values()
    with Ear(linked, heard):
        edit(linked, number, "08-465 004 96")
        wait_for(lambda: EventOffset.objects.filter(topic="customers").exists())
    assert heard == []


def test_two_workers_listen_once(linked: Hub) -> None:
    from django.db import connection

    from brygga.engine import events
    from brygga.store.models import Run

    stop = threading.Event()
    counts: list[int] = []

    def work() -> None:
        try:
            counts.append(events.turn(stop))
        finally:
            connection.close()

    first = threading.Thread(target=work, daemon=True)
    first.start()
    wait_for(lambda: linked.fortnox.topics.listening)
    second = threading.Thread(target=work, daemon=True)
    second.start()
    second.join(60)
    assert counts == [0]
    [number] = linked.links().values()
    for phone in ("08-1", "08-2", "08-3"):
        edit(linked, number, phone)
    wait_for(lambda: Run.objects.filter(status=Run.Status.QUEUED, trigger="event").exists())
    time.sleep(0.5)
    # Three events of one stream are one run while it waits.
    assert [(run.stream, run.sides) for run in Run.objects.filter(status=Run.Status.QUEUED)] == [("customers", ["right"])]
    stop.set()
    first.join(60)
    assert counts == [0, 1]
