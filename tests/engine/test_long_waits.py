"""A system that is away or busy for long: the run goes back into the queue, holds no slot, and keeps what it has done."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from traces import all_ended, eventually, integration_of

from brygga import engine
from brygga.engine import app, dispatcher, heartbeat, pace
from brygga.engine.worker import the_sync
from brygga.errors import Unavailable
from brygga.store import leases
from brygga.store.models import Integration, PermitWindow, Run, RunItem
from brygga.sync.start import begin_run, execute
from databases import DatabaseUnderTest
from hub import Hub, organisation


@pytest.fixture
def engine_of_the_sync(hub_on_both: Hub) -> Iterator[Hub]:
    """The engine in this process, carrying out real runs between the two sandboxes."""
    heartbeat.begin("here")
    app.launch("here", the_sync, pace.Pace(poll=0.05))
    yield hub_on_both
    app.stop(1)


def _acme() -> Integration:
    return Integration.objects.select_related("company").get(company__slug="acme")


def _says(run: Run) -> str:
    assert run.message is not None
    return str(run.message["sentence"]["text"])


def _waits(run: Run) -> bool:
    dispatcher.hand_over_waiting(timezone.now())
    run.refresh_from_db()
    return run.status == "queued" and run.attempt == 1


def _comes_to_rest() -> None:
    def rest() -> bool:
        Run.objects.filter(status="queued").update(not_before=None)
        dispatcher.hand_over_waiting(timezone.now())
        return all_ended()

    eventually(rest)


def test_window_closed_in_the_middle_of_a_run_queues_it_again_and_each_customer_is_made_once(engine_of_the_sync: Hub) -> None:
    hub = engine_of_the_sync
    names = [f"Firma {number} AB" for number in range(4)]
    hub.webcrm.load("Organisation", [organisation(OrganisationName=name) for name in names])
    hub.fortnox.faults.arm("rate_limit", method="POST", path="/3/customers", skip=2, retry_after=90)
    run = engine.request(_acme(), "customers")
    before = timezone.now()
    eventually(lambda: _waits(run))
    assert run.not_before is not None
    assert run.not_before - before > timedelta(seconds=80)
    assert run.counts["created"] == 2
    assert "429" in _says(run)
    assert engine.status().delayed == 1
    with leases.held(leases.company(_acme().company_id)):
        # The company is free for others meanwhile.
        pass
    PermitWindow.objects.update(closed_until=0)
    _comes_to_rest()
    run.refresh_from_db()
    assert (run.status, run.counts["created"], run.message) == ("done", 4, None)
    assert RunItem.objects.filter(run=run, action="create", outcome="done").count() == 4
    assert sorted(customer["Name"] for customer in hub.customers()) == names
    assert run.requests["fortnox"] > 4


def test_system_that_is_away_is_tried_until_the_tries_are_used_up_and_then_told(
    engine_of_the_sync: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = engine_of_the_sync
    monkeypatch.setattr(app, "MOST_ATTEMPTS", 2)
    hub.fortnox.faults.arm("error_before", method="GET", path="/3/.*", status=503, times=None, retry_after=60)
    run = engine.request(_acme(), "customers")
    eventually(lambda: _waits(run))
    _comes_to_rest()
    run.refresh_from_db()
    assert (run.status, run.exit_status, run.attempt) == ("failed", 3, 1)
    assert "503" in _says(run)


def test_run_by_hand_ends_at_once_and_says_why(hub: Hub) -> None:
    hub.fortnox.faults.arm("rate_limit", method="GET", path="/3/.*", retry_after=90)
    result = hub.sync()
    assert result["status"] == "failed"
    assert "429" in result["message"]


def test_waits_grow_and_a_system_that_says_how_long_is_believed() -> None:
    assert [app.pause_before(attempt, 0) for attempt in (1, 2, 3, 9, 29)] == [2, 4, 8, 512, 600]
    assert [app.pause_before(attempt, 15) for attempt in (1, 5, 29)] == [15, 32, 60]
    assert app.pause_before(1, 90) == 90
    assert app.pause_before(1, 1e9) == 3600


def test_two_runs_that_wait_for_a_third_are_not_taken_for_interrupted(database: DatabaseUnderTest) -> None:
    """Each is carried through in its turn, by whoever asked for it."""
    integration = integration_of("acme")
    runs = [begin_run(integration, "customers", trigger="person") for _ in range(2)]
    ended: list[Run] = []

    def wait_and_run(run_id: str) -> None:
        ended.append(execute(run_id, wait=20))
        connection.close()

    with leases.held(leases.company(integration.company_id)):
        threads = [threading.Thread(target=wait_and_run, args=(run.pk,)) for run in runs]
        # The later one waits first, and so may well be the first to get the lease.
        for thread in reversed(threads):
            thread.start()
    for thread in threads:
        thread.join()
    assert len(ended) == 2
    for run in ended:
        run.refresh_from_db()
        # The company has no connections: that is as far as each can come, and both have come there.
        assert "has no connection to" in _says(run)


def test_run_whose_process_died_is_ended_by_the_next_and_one_that_waited_in_vain_says_so(database: DatabaseUnderTest) -> None:
    integration = integration_of("acme")
    died = begin_run(integration, "customers", trigger="person")
    Run.objects.filter(pk=died.pk).update(started_at=timezone.now())
    gone = begin_run(integration, "customers", trigger="person")
    Run.objects.filter(pk=gone.pk).update(queued_at=timezone.now() - timedelta(hours=1))
    with leases.held(leases.company(integration.company_id)):
        vain = begin_run(integration, "customers", trigger="person")
        with pytest.raises(Unavailable, match="Another process works on"):
            execute(vain.pk, wait=0)
    vain.refresh_from_db()
    assert (vain.status, vain.exit_status) == ("failed", 3)
    assert "Another process works on" in _says(vain)
    execute(begin_run(integration, "customers", trigger="person").pk, wait=0)
    for run in (died, gone):
        run.refresh_from_db()
        assert "interrupted" in _says(run)


def test_engine_is_told_when_another_process_works_for_the_company(database: DatabaseUnderTest) -> None:
    run = engine.request(integration_of("acme"), "customers")
    with leases.held(leases.company(run.integration.company_id)), pytest.raises(Unavailable, match="Another process"):
        execute(run.pk, wait=0, puts_off=True)
    run.refresh_from_db()
    assert run.ended_at is None
