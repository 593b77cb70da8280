"""webCRM sandbox as a program of its own."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx2


def _started(*arguments: str) -> tuple[subprocess.Popen[str], dict[str, object]]:
    command = [sys.executable, "-m", "brygga_sandbox.webcrm", "--json", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said: dict[str, object] = json.loads(process.stdout.readline())["webcrm"]
    return process, said


def _stopped(process: subprocess.Popen[str], how: int) -> int:
    process.send_signal(how)
    code = process.wait(60)
    assert process.stdout is not None
    process.stdout.close()
    return code


def test_program_says_where_it_is_keeps_its_state_and_ends_when_told(tmp_path: Path) -> None:
    process, said = _started("--state", str(tmp_path), "--people", "20", "--seed", "7")
    login = httpx2.post(f"{said['base_url']}/Auth/ApiLogin", data={"authCode": said["auth_code"]}, verify=False)
    assert login.json()["IsError"] is False
    records = said["records"]
    assert isinstance(records, dict)
    assert records["Organisation"] > 10
    assert _stopped(process, signal.SIGTERM) == 0
    process, again = _started("--state", str(tmp_path), "--people", "20")
    assert again["records"] == records
    assert _stopped(process, signal.SIGINT) == 0
