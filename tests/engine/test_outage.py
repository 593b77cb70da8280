"""PostgreSQL is stopped hard under load and comes back: every run is done, no worker has ended, no run has failed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from django.db import connection
from traces import PROGRAM, QUICK, eventually, integration_of

from brygga import engine
from brygga.store.models import Run, WorkerBeat
from databases import DatabaseUnderTest, OwnServer


def test_database_that_stops_hard_and_comes_back_loses_no_run(own_server: OwnServer, tmp_path: Path) -> None:
    database: DatabaseUnderTest = own_server.database
    for number in range(3):
        integration = integration_of(f"company-{number}")
        for stream in range(6):
            engine.request(integration, f"stream-{stream}")
    traces = tmp_path / "traces"
    traces.touch()
    worker = subprocess.Popen(
        [sys.executable, str(PROGRAM), "a", str(traces), "0.3"],
        env=database.environment(BRYGGA_PACE=QUICK),
        stderr=subprocess.DEVNULL,
    )
    try:
        # To start Python with all that a worker needs can take half a minute where much else runs.
        eventually(lambda: traces.read_text().count("begin") > 4, seconds=90)
        connection.close()
        own_server.stop()
        time.sleep(2)
        own_server.start()
        eventually(_all_done, seconds=60)
        assert worker.poll() is None
        assert set(WorkerBeat.objects.values_list("pk", flat=True)) == {"a"}
        worker.terminate()
        assert worker.wait(60) == 0
    finally:
        worker.kill()
        worker.wait()


def _all_done() -> bool:
    connection.close()
    return not Run.objects.exclude(status="done").exists()
