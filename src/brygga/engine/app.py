"""The one workflow, and the engine around it in a process that works.

`sync_stream(run_id)` only orchestrates: its one step carries the run through. A step may be begun several times (the process
died, the worker was taken for dead); what it does is safe to do again, since every write is in the journal before it leaves.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from dbos import DBOS
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from brygga.engine import port
from brygga.engine.pace import Pace
from brygga.engine.plain import PlainJson
from brygga.errors import Sentence, Unavailable
from brygga.store.databases import WORKER_THREADS
from brygga.store.models import Run

Work = Callable[[str], object]
"""Carries the run with this id through. Raises Unavailable when it could not begin and is to be tried again later."""

MOST_RECOVERIES = 20
"""How often a run may lose its worker before it counts as the cause."""

MOST_ATTEMPTS = 30
_SHORTEST_PAUSE = 2.0
_LONGEST_PAUSE = 600.0
_A_MINUTE = 60.0
_LONGEST_ASKED = 3600.0
_LONGEST_AWAY = 600.0
_PAUSE_WHILE_AWAY = 8.0

_log = logging.getLogger(__name__)
_work: Work | None = None
_in_hand: set[str] = set()


@DBOS.workflow(name=port.WORKFLOW, max_recovery_attempts=MOST_RECOVERIES)
def sync_stream(run_id: str) -> str:
    """Carry one run through; returns how it stands."""
    name = str(DBOS.workflow_id)
    _in_hand.add(name)
    try:
        return _carry_through(run_id)
    finally:
        _in_hand.discard(name)


def in_hand() -> frozenset[str]:
    """Return the workflows that this process is carrying through now."""
    return frozenset(_in_hand)


@DBOS.step(name="carry_through")
def _carry_through(run_id: str) -> str:
    if _work is None:
        raise RuntimeError("this process enqueues and does not work")
    try:
        # A thread of the engine may hold a connection that broke since its last run.
        connection.close_if_unusable_or_obsolete()
        if not _claim(run_id):
            return "ended before"
        try:
            _work(run_id)
        except Unavailable as error:
            return _put_back(run_id, error.retry_after or 0.0, error)
        except (OperationalError, InterfaceError):
            _log.warning("run %s: the database went away", run_id, exc_info=True)
            away = Unavailable("The database was away for a moment.")
            return _when_the_database_is_back(lambda: _put_back(run_id, _SHORTEST_PAUSE, away))
        except Exception as error:
            # A fault in the program. It is shown to the person, with its kind; the log has the rest.
            _log.exception("run %s failed", run_id)
            fail(run_id, Sentence("The program failed ({kind}). The log of the worker says where.", {"kind": type(error).__name__}))
            return "failed"
        return Run.objects.values_list("status", flat=True).get(pk=run_id)
    finally:
        connection.close()


def _when_the_database_is_back(act: Callable[[], str]) -> str:
    """Do something as soon as the database can be reached again. Gives up after some ten minutes, and raises."""
    give_up = time.monotonic() + _LONGEST_AWAY
    pause = 1.0
    while True:
        connection.close()
        try:
            return act()
        except (OperationalError, InterfaceError):
            if time.monotonic() > give_up:
                raise
            time.sleep(pause)
            pause = min(pause * 2, _PAUSE_WHILE_AWAY)


def _claim(run_id: str) -> bool:
    """Begin the run, unless it has ended. From here on no sides are added to it."""
    begun = Run.objects.filter(pk=run_id, ended_at=None).update(status=Run.Status.RUNNING)
    return bool(begun)


def _put_back(run_id: str, seconds: float, error: Unavailable) -> str:
    """Put a run back into the queue for later; its slot is free meanwhile. It says why it waits.

    seconds  that the system asked for, 0 where it did not say
    """
    run = Run.objects.get(pk=run_id)
    if run.attempt + 1 >= MOST_ATTEMPTS:
        fail(run_id, error.sentence, error.repair, error.exit_status)
        return "failed"
    pause = pause_before(run.attempt + 1, seconds)
    said = message(error.sentence, error.repair)
    put = queue_again(run, step="", message=said, not_before=timezone.now() + timedelta(seconds=pause))
    return f"again in {round(pause)} s" if put else "ended before"


def queue_again(run: Run, **changes: Any) -> bool:
    """Queue a run for another attempt; False when it has ended meanwhile or is in another attempt already.

    Where the clock has queued the next run of this stream meanwhile, that one does it, and this one ends.
    """
    try:
        with transaction.atomic():
            queued = Run.objects.filter(pk=run.pk, ended_at=None, attempt=run.attempt).update(
                status=Run.Status.QUEUED, attempt=run.attempt + 1, handed_over=False, **changes
            )
    except IntegrityError:
        _give_way(run)
        return True
    return bool(queued)


def pause_before(attempt: int, asked: float) -> float:
    """Return how many seconds a run waits before this attempt (1 is the first repetition).

    Each wait is twice the one before. A system that said how long is believed, and asked again at least every minute.
    """
    longest = _LONGEST_PAUSE if not asked else _A_MINUTE
    return min(max(asked, min(_SHORTEST_PAUSE * 2.0 ** min(attempt - 1, 20), longest)), _LONGEST_ASKED)


def _give_way(run: Run) -> None:
    waiting = Run.objects.filter(
        integration_id=run.integration_id, stream=run.stream, status=Run.Status.QUEUED, trigger__in=["clock", "event"]
    )
    for other in waiting:
        waiting.filter(pk=other.pk).update(sides=sorted({*other.sides, *run.sides}))
    Run.objects.filter(pk=run.pk, ended_at=None).update(
        status=Run.Status.STOPPED,
        ended_at=timezone.now(),
        message=message(Sentence("A system was busy; the next run of this stream goes on instead.")),
    )


def fail(run_id: str, sentence: Sentence, repair: Sentence | None = None, exit_status: int = 1) -> None:
    """Note that a run has ended badly, with the sentence that a person reads."""
    Run.objects.filter(pk=run_id, ended_at=None).update(
        status=Run.Status.FAILED, exit_status=exit_status, ended_at=timezone.now(), message=message(sentence, repair)
    )


def message(sentence: Sentence, repair: Sentence | None = None) -> dict[str, Any]:
    """A run's message as its row holds it."""
    return {"sentence": sentence.as_json(), "repair": repair.as_json() if repair else None}


def launch(executor_id: str, work: Work, pace: Pace) -> None:
    """Start the engine in this process; it begins to work at once. Once a process."""
    global _work
    _work = work
    DBOS(
        config={
            "name": port.APP,
            "system_database_url": port.address(),
            "dbos_system_schema": port.SCHEMA,
            "serializer": PlainJson(),
            "application_version": port.VERSION,
            "executor_id": executor_id,
            # `brygga migrate` has done it; here it is checked only.
            "run_migrations": False,
            "sys_db_pool_size": 10,
            "log_level": "WARNING",
        }
    )
    DBOS.launch()
    DBOS.register_queue(
        port.QUEUE,
        partition_concurrency=1,
        worker_concurrency=WORKER_THREADS,
        polling_interval_sec=pace.poll,
        on_conflict="always_update",
    )
    foreign = port.foreign_versions()
    if foreign:
        _log.warning("queued under another version and never picked up: %s", foreign)


def stop(grace: float) -> None:
    """Stop taking work, give what runs *grace* seconds, and stop. What is not done by then is taken over at the next start."""
    DBOS.destroy(workflow_completion_timeout_sec=max(1, round(grace)))
