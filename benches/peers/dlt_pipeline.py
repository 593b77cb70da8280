"""A pipeline for Fortnox on dlt: its own REST source with paginator and incremental loading, into files.

Run in an environment of its own: `python dlt_pipeline.py FOLDER BASE_URL TOKEN STREAM`. The folder keeps the pipeline's state. Fortnox'
rows bear no time of change, so the cursor is the time at which the reading began. dlt's session repeats 429 and 5xx by itself.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

folder, base_url, token, stream = sys.argv[1:5]
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt  # noqa: E402  after the environment is set
from dlt.sources.rest_api import rest_api_source  # noqa: E402

BEGAN = datetime.now(UTC).isoformat()
NEVER = "1990-01-01T00:00:00+00:00"
PAGES: dict[str, Any] = {
    "type": "page_number",
    "base_page": 1,
    "page_param": "page",
    "total_path": "MetaInformation.'@TotalPages'",
}


def stamped(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "synced_at": BEGAN}


def lastmodified(since: str) -> str:
    local = (datetime.fromisoformat(since) - timedelta(minutes=2)).astimezone(ZoneInfo("Europe/Stockholm"))
    return local.strftime("%Y-%m-%d %H:%M")


def listed(name: str, many: str) -> dict[str, Any]:
    since = {"start_param": "lastmodified", "cursor_path": "synced_at", "initial_value": NEVER, "convert": lastmodified}
    return {
        "name": name,
        "processing_steps": [{"map": stamped}],
        "endpoint": {
            "path": f"3/{name}",
            "params": {"limit": 500},
            "data_selector": many,
            "paginator": PAGES,
            "incremental": since,
        },
    }


DETAIL = {
    "name": "invoice_details",
    "endpoint": {"path": "3/invoices/{resources.invoices.DocumentNumber}", "data_selector": "Invoice", "paginator": "single_page"},
}
STREAMS: dict[str, list[Any]] = {
    "articles": [listed("articles", "Articles")],
    "invoice_details": [listed("invoices", "Invoices"), DETAIL],
}

source = rest_api_source(
    {
        "client": {"base_url": base_url, "auth": {"type": "bearer", "token": token}},
        "resource_defaults": {"write_disposition": "append"},
        "resources": STREAMS[stream],
    }
)
pipeline = dlt.pipeline(
    f"fortnox_{stream}",
    pipelines_dir=str(Path(folder) / "state"),
    destination=dlt.destinations.filesystem(bucket_url=(Path(folder) / "out").as_uri()),
    dataset_name="fortnox",
)
pipeline.run(source)
counts = pipeline.last_trace.last_normalize_info.row_counts if pipeline.last_trace.last_normalize_info else {}
sys.stdout.write(f"records {counts.get(stream, 0)}\n")
