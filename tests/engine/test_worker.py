"""Workers carry runs through: one a company at a time, in order, and what a dead one left is taken over."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import OperationalError
from django.utils import timezone
from traces import Workers, all_ended, eventually, integration_of

from brygga import engine
from brygga.engine import app, dispatcher, heartbeat, pace, port
from brygga.errors import Unavailable
from brygga.store import secrets
from brygga.store.leases import this_process
from brygga.store.models import Connection, Run, WorkerBeat
from databases import DatabaseUnderTest

CANARY = "canary-8e1b"


def _done(run_id: str) -> None:
    Run.objects.filter(pk=run_id).update(status="done", ended_at=timezone.now())


@pytest.fixture
def engine_here(database: DatabaseUnderTest) -> Iterator[Callable[[app.Work], None]]:
    """Start the engine in this process with some work; it is stopped after the test."""

    def start(work: app.Work) -> None:
        heartbeat.begin("here")
        app.launch("here", work, pace.Pace(poll=0.05))

    yield start
    app.stop(1)


def test_runs_of_a_company_go_one_at_a_time_in_order_and_companies_side_by_side(
    engine_here: Callable[[app.Work], None],
) -> None:
    lock, inside, worst, order = threading.Lock(), {}, 0, []
    companies, together = {}, threading.Barrier(3, timeout=30)
    for slug in ("one", "two", "three"):
        integration = integration_of(slug)
        for number in range(4):
            companies[engine.request(integration, f"stream-{number}").pk] = slug

    def work(run_id: str) -> None:
        nonlocal worst
        slug = companies[run_id]
        with lock:
            inside[slug] = inside.get(slug, 0) + 1
            worst = max(worst, inside[slug])
            first = slug not in {companies[run] for run in order}
            order.append(run_id)
        if first:
            # Nobody goes on before a run of each company is here.
            together.wait()
        threading.Event().wait(0.05)
        with lock:
            inside[slug] -= 1
        _done(run_id)

    dispatcher.dispatch()
    engine_here(work)
    eventually(all_ended)
    assert (worst, together.broken) == (1, False)
    for slug in ("one", "two", "three"):
        asked = [run for run, owner in companies.items() if owner == slug]
        assert [run for run in order if run in asked] == asked


def test_busy_system_gives_the_slot_back_and_a_broken_program_is_told(engine_here: Callable[[app.Work], None]) -> None:
    integration = integration_of("acme")
    connection = Connection.objects.create(company=integration.company, system="fortnox", base_url="http://127.0.0.1:1")
    secrets.write(connection, {"access_token": CANARY})
    tries: dict[str, int] = {}

    def work(run_id: str) -> None:
        tries[run_id] = tries.get(run_id, 0) + 1
        match Run.objects.get(pk=run_id).stream:
            case "busy" if tries[run_id] == 1:
                raise Unavailable("The request budget is used up.", retry_after=0.01)
            case "away" if tries[run_id] == 1:
                raise OperationalError("server closed the connection unexpectedly")
            case "broken":
                raise KeyError(CANARY)
        _done(run_id)

    runs = {stream: engine.request(integration, stream).pk for stream in ("busy", "away", "broken", "good")}
    engine_here(work)

    def settled() -> bool:
        dispatcher.dispatch()
        return all_ended()

    eventually(settled)
    found = {run.stream: run for run in Run.objects.all()}
    assert {name: run.status for name, run in found.items()} == {
        "busy": "done",
        "away": "done",
        "broken": "failed",
        "good": "done",
    }
    assert (found["busy"].attempt, tries[runs["busy"]]) == (1, 2)
    assert found["broken"].message["sentence"]["facts"] == {"kind": "KeyError"}
    assert tries[runs["broken"]] == 1
    _engine_tables_hold_no(CANARY)


def _engine_tables_hold_no(secret: str) -> None:
    import dbos
    import sqlalchemy

    database = sqlalchemy.create_engine(port.address())
    names = sqlalchemy.inspect(database).get_table_names(schema=None if "sqlite" in port.address() else port.SCHEMA)
    assert "workflow_status" in names
    with database.connect() as rows:
        for name in names:
            prefix = "" if "sqlite" in port.address() else f"{port.SCHEMA}."
            for row in rows.execute(sqlalchemy.text(f"SELECT * FROM {prefix}{name}")):
                assert secret not in str(row), f"{name} of dbos {dbos.__name__}"
    database.dispose()


def test_run_that_gives_way_leaves_its_sides_to_the_next(engine_here: Callable[[app.Work], None]) -> None:
    integration = integration_of("acme")
    first = engine.request(integration, "customers", sides=["left"], trigger="clock")

    def work(run_id: str) -> None:
        if run_id == first.pk:
            # While it runs, the clock queues the next one.
            engine.request(integration, "customers", sides=["right"], trigger="clock")
            raise Unavailable("Fortnox is away.", retry_after=1)
        _done(run_id)

    dispatcher.dispatch()
    engine_here(work)
    eventually(lambda: Run.objects.exclude(pk=first.pk).exists() and Run.objects.get(pk=first.pk).ended_at)
    dispatcher.dispatch()
    eventually(all_ended)
    other = Run.objects.exclude(pk=first.pk).get()
    assert (other.status, other.sides) == ("done", ["left", "right"])
    assert Run.objects.get(pk=first.pk).status == "stopped"


def test_run_that_the_engine_has_forgotten_is_handed_over_again(engine_here: Callable[[app.Work], None]) -> None:
    run = engine.request(integration_of("acme"), "customers")
    Run.objects.update(handed_over=True, queued_at="2026-01-01T00:00:00Z")
    engine_here(_done)
    assert heartbeat.settle(older_than=60) == 1
    dispatcher.dispatch()
    eventually(all_ended)
    assert Run.objects.get(pk=run.pk).status == "done"


def test_run_that_the_engine_gave_up_has_failed(database: DatabaseUnderTest) -> None:
    run = engine.request(integration_of("acme"), "customers")
    engine.nudge(run.pk)
    Run.objects.update(queued_at="2026-01-01T00:00:00Z")
    assert heartbeat.settle(older_than=60) == 0
    port._client(port.address()).cancel_workflow(run.pk)
    assert heartbeat.settle(older_than=60) == 1
    run.refresh_from_db()
    assert (run.status, run.exit_status) == ("failed", 1)
    assert "a worker died each time" in run.message["sentence"]["text"]
    assert heartbeat.settle(older_than=60) == 0


def test_silent_worker_is_spared_while_nobody_was_heard(database: DatabaseUnderTest) -> None:
    WorkerBeat.objects.create(
        worker="far", beat_at="2026-01-01T00:00:00Z", started_at="2026-01-01T00:00:00Z", process="elsewhere/1:1"
    )
    heartbeat.reap(silent=30, steady=False, take_over=len)
    assert WorkerBeat.objects.filter(pk="far").exists()
    heartbeat.reap(silent=30, take_over=len)
    assert not WorkerBeat.objects.exists()


def test_work_queued_for_another_version_is_reported(database: DatabaseUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    run = engine.request(integration_of("acme"), "customers")
    monkeypatch.setattr(port, "VERSION", "brygga-0")
    engine.nudge(run.pk)
    monkeypatch.undo()
    assert port.foreign_versions() == {"brygga-0": 1}


def test_killed_workers_run_is_taken_over_by_another_and_begun_twice(workers: Workers) -> None:
    integration = integration_of("acme")
    first, second = (engine.request(integration, stream).pk for stream in ("customers", "articles"))
    victim = workers.start("victim", seconds=60)
    eventually(lambda: ("begin", first, "victim") in workers.lines())
    heir = workers.start("heir", seconds=0.1)
    eventually(lambda: WorkerBeat.objects.filter(pk="heir").exists())
    assert ("begin", second, "heir") not in workers.lines()
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    eventually(all_ended)
    assert workers.lines() == [
        ("begin", first, "victim"),
        ("begin", first, "heir"),
        ("end", first, "heir"),
        ("begin", second, "heir"),
        ("end", second, "heir"),
    ]
    assert not WorkerBeat.objects.filter(pk="victim").exists()
    heir.terminate()
    assert heir.wait(60) == 0
    assert not WorkerBeat.objects.exists()


def test_worker_that_slept_through_its_death_ends_and_its_namesake_waits_for_it(workers: Workers) -> None:
    run = engine.request(integration_of("acme"), "customers").pk
    sleeper = workers.start("same", seconds=0.1)
    eventually(all_ended)
    assert workers.lines() == [("begin", run, "same"), ("end", run, "same")]
    namesake = workers.start("same")
    sleeper.send_signal(signal.SIGSTOP)
    # It sleeps when it says so: a sign of life may be on its way until then.
    os.waitid(os.P_PID, sleeper.pid, os.WSTOPPED | os.WNOWAIT)
    # As another machine would: no sign of life in time, so it is taken for dead.
    WorkerBeat.objects.update(beat_at="2026-01-01T00:00:00Z")
    heartbeat.reap(silent=2, take_over=len)
    assert not WorkerBeat.objects.exists()
    sleeper.send_signal(signal.SIGCONT)
    assert sleeper.wait(60) == 70
    eventually(lambda: WorkerBeat.objects.filter(pk="same").exists())
    assert namesake.poll() is None


def test_beat_of_this_process_is_renewed_and_then_ended(database: DatabaseUnderTest) -> None:
    heartbeat.begin("here")
    assert heartbeat.beat("here")
    assert WorkerBeat.objects.get().process == this_process()
    heartbeat.end("here")
    assert not heartbeat.beat("here")


def test_run_whose_claim_was_lost_with_the_database_is_queued_again_and_holds_nobody_up(
    engine_here: Callable[[app.Work], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine's claim is committed, and the connection breaks before its answer comes."""
    from dbos._sys_db import SystemDatabase

    integration = integration_of("acme")
    first, second = (engine.request(integration, stream).pk for stream in ("customers", "articles"))
    real, lost = SystemDatabase.start_queued_partitioned_workflows, []

    def claim(self: SystemDatabase, *more: object, **named: object) -> list[str]:
        claimed = real(self, *more, **named)  # type: ignore[arg-type]
        if claimed and not lost:
            lost.extend(claimed)
            raise OperationalError("server closed the connection unexpectedly")
        return claimed

    monkeypatch.setattr(SystemDatabase, "start_queued_partitioned_workflows", claim)
    dispatcher.dispatch()
    engine_here(_done)
    eventually(lambda: lost == [first])
    assert port.executors() == {"here"}
    claims = heartbeat.Claims("here")
    assert [claims.look(), claims.look()] == [0, 1]
    dispatcher.dispatch()
    eventually(all_ended)
    assert {run.pk: (run.status, run.attempt) for run in Run.objects.all()} == {first: ("done", 1), second: ("done", 0)}
    assert [claims.look(), claims.look()] == [0, 0]


def test_run_in_hand_is_not_taken_for_lost(engine_here: Callable[[app.Work], None]) -> None:
    engine.request(integration_of("acme"), "customers")
    go_on = threading.Event()

    def work(run_id: str) -> None:
        go_on.wait(60)
        _done(run_id)

    dispatcher.dispatch()
    engine_here(work)
    eventually(lambda: app.in_hand())
    claims = heartbeat.Claims("here")
    assert [claims.look(), claims.look()] == [0, 0]
    go_on.set()
    eventually(all_ended)
    assert Run.objects.get().attempt == 0
    eventually(lambda: not app.in_hand())


def test_lost_run_gives_way_to_the_next_of_its_stream(database: DatabaseUnderTest) -> None:
    integration = integration_of("acme")
    first = engine.request(integration, "customers", sides=["left"], trigger="clock")
    Run.objects.filter(pk=first.pk).update(status="running", handed_over=True, queued_at="2026-01-01T00:00:00Z")
    second = engine.request(integration, "customers", sides=["right"], trigger="clock")
    other = engine.request(integration_of("fjord"), "customers")
    Run.objects.filter(pk=other.pk).update(handed_over=True, queued_at="2026-01-02T00:00:00Z")
    assert heartbeat.settle(older_than=60) == 2
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.sides) == ("stopped", ["left", "right"])
    assert Run.objects.get(pk=other.pk).handed_over is False
