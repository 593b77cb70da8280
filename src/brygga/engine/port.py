"""The engine as the rest of the hub needs it: hand a run over, see how it fares, take over from the dead, forget the old.

Everything that touches DBOS' tables from outside of a workflow is here, on a client that runs nothing itself. Pinned: a worker
picks up only what was queued for VERSION. Raise it on purpose, when a workflow changes so that old ones cannot go on.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from brygga import config
from brygga.store.databases import make_sqlite_file
from brygga.store.models import Run

if TYPE_CHECKING:
    # Importing it takes a second, which the command line and the pages pay only when they need it.
    import dbos

APP = "brygga"
VERSION = "brygga-1"
SCHEMA = "dbos"
QUEUE = "sync"
WORKFLOW = "sync_stream"

GIVEN_UP = frozenset({"CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})
_PRIORITY = {"person": 1, "retry": 1, "event": 2}
_BATCH = 500

_log = logging.getLogger(__name__)
# What the engine reports about itself is for its developers; what concerns a person is in the hub's own tables.
logging.getLogger("dbos").setLevel(logging.WARNING)


def address() -> str:
    """Return the address of the engine's tables: a file beside the hub's on SQLite, a schema of the hub's own on PostgreSQL."""
    settings = config.current()
    if settings.is_sqlite:
        return f"sqlite:///{settings.engine_path}"
    return f"postgresql+psycopg:{settings.database_url.partition(':')[2]}"


def migrate() -> None:
    """Create or upgrade the engine's tables. Again does nothing."""
    settings = config.current()
    if settings.is_sqlite:
        make_sqlite_file(settings.engine_path)
    from dbos import DBOS

    DBOS.migrate(address(), schema=SCHEMA)


def hand_over(run: Run) -> None:
    """Queue a run, behind the others of its company. Again, for the same attempt, does nothing."""
    options: dbos.EnqueueOptions = {
        "workflow_name": WORKFLOW,
        "queue_name": QUEUE,
        "workflow_id": workflow_id(run),
        "app_version": VERSION,
        "queue_partition_key": str(run.integration.company_id),
        "priority": _PRIORITY.get(run.trigger, 3),
    }
    _client(address()).enqueue(options, run.pk)
    Run.objects.filter(pk=run.pk, attempt=run.attempt).update(handed_over=True)


def nudge(run_id: str) -> None:
    """Hand a run to the queue now. Without it the dispatcher does so at its next turn."""
    run = Run.objects.select_related("integration").get(pk=run_id)
    if run.status == Run.Status.QUEUED and not run.handed_over:
        hand_over(run)


def workflow_id(run: Run) -> str:
    """The engine's name for a run: its id, and the attempt when it was put back into the queue."""
    return f"{run.pk}.{run.attempt}" if run.attempt else run.pk


def fates(workflow_ids: Sequence[str]) -> dict[str, str]:
    """Return what the engine says of each workflow that it knows: ENQUEUED, PENDING, SUCCESS, ERROR and so on."""
    found: dict[str, str] = {}
    for start in range(0, len(workflow_ids), _BATCH):
        batch = list(workflow_ids[start : start + _BATCH])
        for one in _client(address()).list_workflows(workflow_ids=batch, load_input=False, load_output=False):
            found[one.workflow_id] = one.status
    return found


def executors() -> set[str]:
    """Return the ids of the workers that have work in hand, alive or not."""
    pending = _client(address()).list_workflows(status="PENDING", load_input=False, load_output=False)
    return {one.executor_id for one in pending if one.executor_id}


def claimed_by(executor_id: str) -> set[str]:
    """Return the names of the workflows that a worker has claimed and that have not ended."""
    pending = _client(address()).list_workflows(status="PENDING", executor_id=executor_id, load_input=False, load_output=False)
    return {one.workflow_id for one in pending}


def cancel(workflow_ids: Sequence[str]) -> None:
    """End workflows where they are; their runs are queued under other names. A workflow that still runs here takes no further step."""
    _client(address()).cancel_workflows(list(workflow_ids))


def foreign_versions() -> dict[str, int]:
    """Return how many workflows wait for another version than ours: nobody will pick them up."""
    waiting = _client(address()).list_workflows(status=["ENQUEUED", "PENDING"], load_input=False, load_output=False)
    counts: dict[str, int] = {}
    for one in waiting:
        if one.app_version and one.app_version != VERSION:
            counts[one.app_version] = counts.get(one.app_version, 0) + 1
    return counts


def take_over(executor_ids: list[str]) -> int:
    """Put the work of dead workers back into the queue; return how much. Only in a process that runs the engine.

    It is guarded by the dead worker's id and by the claim of the queue, so that two who do it at once do no harm. The call has
    an underscore: a contract test holds it, and the version of DBOS is bounded. `resume_workflow` would not do, since it sets
    the count of attempts back and a run that kills its worker would come for ever.
    """
    from dbos import DBOS

    return len(DBOS._recover_pending_workflows(executor_ids))


def forget(before_ms: int) -> int:
    """Delete ended workflows that were made before this time (Unix milliseconds), a batch at once; return how many."""
    client = _client(address())
    until = datetime.fromtimestamp(before_ms / 1000, UTC).isoformat()
    count = 0
    while True:
        ended = client.list_workflows(
            status=["SUCCESS", "ERROR", *GIVEN_UP], end_time=until, limit=_BATCH, load_input=False, load_output=False
        )
        if not ended:
            return count
        client.delete_workflows([one.workflow_id for one in ended])
        count += len(ended)


def close() -> None:
    """Let go of the connections of this process to the engine's tables."""
    while _open:
        _open.pop().destroy()
    _client.cache_clear()


_open: list[dbos.DBOSClient] = []


@lru_cache(maxsize=4)
def _client(url: str) -> dbos.DBOSClient:
    from dbos import DBOSClient

    from brygga.engine.plain import PlainJson

    # A page that hands a run over must not hang while the database is away: the dispatcher will do it later.
    client = DBOSClient(
        system_database_url=url,
        dbos_system_schema=SCHEMA,
        serializer=PlainJson(),
        application_name=APP,
        retry_connection_errors=False,
        system_database_pool_size=3,
    )
    _open.append(client)
    return client
