"""Fill a register of a business system from a file instead of from Fortnox, and keep it as a run (MOB-23)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from django.db import transaction

from brygga import connectors
from brygga.connectors.files import FileReport, ReadsFiles
from brygga.errors import BryggaError, SettingsError
from brygga.store import health, ids, leases
from brygga.store.models import AuditEntry, Integration, Run, RunItem
from brygga.sync.open import connect, connection_of
from brygga.sync.report import COUNTED, exit_of, run_json

MOST_LINES_KEPT = 1000
"""Bad lines that are kept with the run; beyond that they are counted."""

Told = Callable[[Run], None]


def import_file(
    integration: Integration, stream: str, path: Path, *, who: str, told: Told = lambda run: None, wait: float = 600.0
) -> dict[str, Any]:
    """Import a file into the register of a stream; return what `--json` prints of the run. Bad lines are items that failed.

    The next run of the stream finds the records by their numbers and links them. Errors of the file or of a system end in the
    run's row and not in an exception; SettingsError where the system reads no files.
    """
    now = datetime.now(UTC)
    requests: Counter[str] = Counter()
    run = Run.objects.create(
        pk=ids.new_id(),
        integration=integration,
        stream=stream,
        trigger="file",
        status=Run.Status.RUNNING,
        queued_at=now,
        started_at=now,
    )
    error: BryggaError | None = None
    report = FileReport()
    with leases.held(leases.company(integration.company.pk), wait=wait) as lease:
        try:
            report = _read(integration, stream, path, requests, run, told, lease.check)
        except BryggaError as raised:
            error = raised
    _finish(run, report, requests, error)
    AuditEntry.objects.create(
        company=integration.company,
        who=who,
        what="imported a file",
        subject=f"{integration.address}.{stream}",
        detail={"file": path.name, "run": run.pk},
    )
    told(run)
    return run_json(run) | {"ignored_columns": list(report.ignored)}


def _read(
    integration: Integration, stream: str, path: Path, requests: Counter[str], run: Run, told: Told, still_mine: Callable[[], None]
) -> FileReport:
    settings = connectors.read_settings(integration.system, integration.settings, f"{integration.address} settings")
    connector = connect(connection_of(integration, integration.system), requests, "person", settings)
    if not hasattr(connector, "import_file"):
        raise SettingsError("{system} reads no files.", system=integration.system)

    def progress(lines: int) -> None:
        still_mine()
        run.step, run.done_items, run.requests = "read the file", lines, dict(requests)
        run.save(update_fields=["step", "done_items", "requests"])
        told(run)

    try:
        return cast(ReadsFiles, connector).import_file(stream, path, progress)
    finally:
        connector.close()


def _finish(run: Run, report: FileReport, requests: Counter[str], error: BryggaError | None) -> None:
    health.met([], error)
    run.counts = dict.fromkeys(COUNTED, 0) | {what: report.total(what) for what in ("created", "updated", "unchanged")}
    run.counts["failed"] = len(report.faults)
    run.requests, run.ended_at, run.step = dict(requests), datetime.now(UTC), ""
    if error is not None:
        run.status, run.exit_status = Run.Status.FAILED, exit_of(error)
        run.message = {"sentence": error.sentence.as_json(), "repair": error.repair.as_json() if error.repair else None}
    else:
        run.status, run.exit_status = (Run.Status.PARTIAL, 1) if report.faults else (Run.Status.DONE, 0)
    rows = [
        RunItem(
            run=run,
            kind="line",
            left_id=str(fault.line),
            action="import",
            outcome="failed",
            rule="MOB-23",
            message=fault.sentence.as_json(),
            repair=fault.repair.as_json(),
        )
        for fault in report.faults[:MOST_LINES_KEPT]
    ]
    with transaction.atomic():
        RunItem.objects.bulk_create(rows, batch_size=500)
        run.save()
