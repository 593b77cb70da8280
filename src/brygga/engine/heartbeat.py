"""Signs of life of workers, and what follows when one falls silent."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db.models.functions import Now

from brygga.engine import app, port
from brygga.errors import Sentence
from brygga.store.leases import is_dead, this_process
from brygga.store.models import Run, WorkerBeat

_log = logging.getLogger(__name__)


def begin(worker: str) -> None:
    """Say for the first time that this worker lives, in the place of an earlier process of the same name."""
    WorkerBeat.objects.filter(pk=worker).delete()
    WorkerBeat.objects.create(worker=worker, beat_at=Now(), started_at=Now(), process=this_process())


def beat(worker: str) -> bool:
    """Say that this worker lives. False when it has been taken for dead: others have its work, and it must end at once."""
    return bool(WorkerBeat.objects.filter(pk=worker, process=this_process()).update(beat_at=Now()))


def end(worker: str) -> None:
    """Say goodbye."""
    WorkerBeat.objects.filter(pk=worker, process=this_process()).delete()


def reap(silent: float, *, steady: bool = True, take_over: Callable[[list[str]], int] = port.take_over) -> int:
    """Put the work of silent workers back into the queue; return how many runs.

    Silent: no sign of life for *silent* seconds by the database's clock, or surely gone from this machine; and whoever has
    work in hand and no sign of life at all (it stopped before its work was done).

    steady  False while we have not been heard ourselves for that long: after the database was away, everybody has been silent
    """
    holders = port.executors()
    for row in WorkerBeat.objects.exclude(process=this_process()):
        same = WorkerBeat.objects.filter(pk=row.pk, process=row.process)
        late = same.filter(beat_at__lt=Now() - timedelta(seconds=silent))
        # Removed before its work is given away: a worker that wakes up finds its sign of life gone, and ends.
        if (is_dead(row.process) and same.delete()[0]) or (steady and late.delete()[0]):
            _log.warning("worker %s has fallen silent; its runs are taken over", row.pk)
    # Read after the holders: who began to work in between gave its first sign of life before that.
    dead = sorted(holders - set(WorkerBeat.objects.values_list("pk", flat=True)))
    return take_over(dead) if dead else 0


def settle(older_than: float) -> int:
    """Look after runs that the engine has lost sight of; return how many.

    Lost: unknown to the engine (its tables come from an older backup), or ended there and not here (the database went away in
    between), are handed over again; those that the engine gave up after many recoveries have failed.
    """
    doubtful = Run.objects.filter(
        status__in=[Run.Status.QUEUED, Run.Status.RUNNING], handed_over=True, queued_at__lt=Now() - timedelta(seconds=older_than)
    ).select_related("integration")
    runs = {port.workflow_id(run): run for run in doubtful}
    found = port.fates(list(runs))
    count = 0
    for name, run in runs.items():
        fate = found.get(name, "")
        if fate in ("ENQUEUED", "PENDING", "DELAYED"):
            continue
        now = Run.objects.filter(pk=run.pk, ended_at=None, attempt=run.attempt, handed_over=True)
        if fate in port.GIVEN_UP:
            count += now.exists()
            app.fail(run.pk, Sentence("The run was begun again too often without coming to its end; a worker died each time."))
        elif run.attempt + 1 >= app.MOST_ATTEMPTS:
            count += now.exists()
            app.fail(run.pk, Sentence("The run was begun again too often without coming to its end."))
        else:
            # Unknown, or ended for the engine before the row could say so: the run itself knows what is left to do.
            count += app.queue_again(run)
    return count


class Claims:
    """The runs that the engine has claimed for a worker of this process.

    When the database breaks off while a run is claimed, the claim may stand and its answer be lost: then nobody carries the run through,
    and its company's other runs wait behind it, for as long as this worker lives and counts as the one that has it in hand.
    """

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._idle: set[str] = set()

    def look(self) -> int:
        """Queue again what this worker has claimed and not had in hand at this look and the last one; return how much."""
        # Read before what is in hand: who begins in between is in both.
        claimed = port.claimed_by(self._worker)
        idle = claimed - app.in_hand()
        lost = idle & self._idle
        self._idle = idle - lost
        if not lost:
            return 0
        _log.warning("worker %s has claimed %s runs and lost sight of them; they are queued again", self._worker, len(lost))
        count = 0
        for run in Run.objects.filter(ended_at=None, handed_over=True):
            if port.workflow_id(run) not in lost:
                continue
            if run.attempt + 1 >= app.MOST_ATTEMPTS:
                app.fail(run.pk, Sentence("The run was begun again too often without coming to its end."))
            else:
                count += app.queue_again(run)
        # After that, so that a run is never without both. Its company's next run can be claimed from here on.
        port.cancel(sorted(lost))
        return count
