"""The peers: three programs that read services like Fortnox, each in an environment of its own that the bench makes from the package index.

What they do is written here with their own means (`singer_tap.py`, `dlt_pipeline.py`, `airbyte_source.py`), retry, state and rate limits as their
documents say. They read; none of them writes back, so they have no part in the benches of writing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from benches import ROOT
from benches.boxes import Boxes, Tenant

HERE = Path(__file__).parent
HOME = ROOT / ".bench"


@dataclass(frozen=True)
class Peer:
    """A program: its name, what is installed, and which file runs in its environment."""

    name: str
    package: str
    version: str
    script: str

    @property
    def python(self) -> Path:
        return HOME / self.script.partition("_")[0] / "bin" / "python"

    @property
    def title(self) -> str:
        return f"{self.name} {self.version}"


SINGER = Peer("Singer SDK", "singer-sdk", "0.54.9", "singer_tap.py")
DLT = Peer("dlt", "dlt", "1.31.0", "dlt_pipeline.py")
AIRBYTE = Peer("Airbyte CDK", "airbyte-cdk", "7.39.1", "airbyte_source.py")
PEERS = (SINGER, DLT, AIRBYTE)


@dataclass
class Ran:
    """What one run of a program cost, its start included: wall and CPU seconds, greatest memory in MB, records that it put out."""

    wall: float
    cpu: float
    memory: float
    records: int
    error: str = field(default="")


_left_out: set[str] = set()


def leave_out() -> None:
    """Leave all peers out in this process; nothing is installed."""
    _left_out.update(peer.name for peer in PEERS)


def ready(peer: Peer) -> bool:
    """Make the peer's environment unless it is there. False, with a line on standard error, where it cannot be had."""
    if peer.name in _left_out:
        return False
    done = peer.python.parent.parent / f"{peer.package}-{peer.version}"
    if done.exists():
        return True
    folder = peer.python.parent.parent
    shutil.rmtree(folder, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(folder)], check=False, stderr=subprocess.PIPE, text=True)
    command = [
        str(peer.python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        f"{peer.package}=={peer.version}",
    ]
    if made.returncode == 0:
        made = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True)
    if made.returncode != 0:
        _left_out.add(peer.name)
        sys.stderr.write(f"{peer.title} cannot be installed here and is left out: {(made.stderr or '').strip()[-300:]}\n")
        return False
    done.touch()
    return True


def run(peer: Peer, boxes: Boxes, tenant: Tenant, stream: str, folder: Path, address: str = "") -> Ran:
    """Run a peer once; *folder* keeps its state from run to run. `stream` is "articles" or "invoice_details"."""
    folder.mkdir(parents=True, exist_ok=True)
    address = address or boxes.fortnox
    script = [str(peer.python), str(HERE / peer.script)]
    if peer is DLT:
        return _measured([*script, str(folder), address, tenant.token, stream], folder, r"^records (\d+)$")
    config = folder / "config.json"
    config.write_text(json.dumps({"base_url": address, "token": tenant.token, "streams": [stream]}), "utf-8")
    state = folder / "state.json"
    known = ["--state", str(state)] if state.exists() else []
    if peer is SINGER:
        ran = _measured([*script, "--config", str(config), *known], folder, rf'"type": ?"RECORD", ?"stream": ?"{stream}"')
        _keep_state(folder, state, lambda said: said["value"] if said.get("type") == "STATE" else None)
        return ran
    catalog = folder / "catalog.json"
    wished = {
        "stream": {"name": stream, "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]},
        "sync_mode": "incremental" if stream == "articles" else "full_refresh",
        "destination_sync_mode": "append",
    }
    catalog.write_text(json.dumps({"streams": [wished]}), "utf-8")
    ran = _measured([*script, "read", "--config", str(config), "--catalog", str(catalog), *known], folder, r'"type":"RECORD"')
    _keep_state(folder, state, lambda said: [said["state"]] if said.get("type") == "STATE" else None)
    return ran


def _measured(command: list[str], folder: Path, record: str) -> Ran:
    """Run a command with its output in a file, and count the records that it put out."""
    out, trouble = folder / "out.txt", folder / "err.txt"
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "DJANGO_SETTINGS_MODULE")}
    began = time.perf_counter()
    with out.open("wb") as to, trouble.open("wb") as errors:
        process = subprocess.Popen(command, stdout=to, stderr=errors, cwd=folder, env=environment)
        _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    text = out.read_text("utf-8")
    if "(" in record:
        counted = sum(int(found) for found in re.findall(record, text, re.MULTILINE))
    else:
        counted = len(re.findall(record, text))
    said = "" if process.returncode == 0 else (trouble.read_text("utf-8") + text)[-1500:]
    return Ran(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, counted, said)


def _keep_state(folder: Path, state: Path, of: object) -> None:
    for line in reversed((folder / "out.txt").read_text("utf-8").splitlines()):
        if line.startswith("{"):
            value = of(json.loads(line))  # type: ignore[operator]
            if value is not None:
                state.write_text(json.dumps(value), "utf-8")
                return
