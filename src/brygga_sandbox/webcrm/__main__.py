"""`python -m brygga_sandbox.webcrm`: one webCRM on a port of this machine until it is told to stop."""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from brygga_sandbox.population import population, webcrm_organisations
from brygga_sandbox.server import serve
from brygga_sandbox.webcrm.installation import Installation
from brygga_sandbox.webcrm.sandbox import Sandbox


def main() -> int:
    """Start, say where, and serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m brygga_sandbox.webcrm", description="A webCRM on your own machine.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--state", type=Path, help="folder to keep the records in; without it they are gone at the end")
    parser.add_argument("--people", type=int, default=0, help="begin with the organisations of so many made-up companies")
    parser.add_argument("--seed", type=int, default=1, help="which made-up companies")
    parser.add_argument("--json", action="store_true", help="say where as one line of JSON")
    wishes = parser.parse_args()
    stop = threading.Event()
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: stop.set())
    sandbox = Sandbox(Installation(), wishes.state)
    if wishes.people and not sandbox.all("Organisation"):
        sandbox.load("Organisation", webcrm_organisations(population(wishes.seed, wishes.people), sandbox.installation))
    with serve(sandbox, wishes.port):
        said = sandbox.describe()
        lines = json.dumps({"webcrm": said}) if wishes.json else f"webCRM: {said['base_url']}\nauthCode: {said['auth_code']}"
        sys.stdout.write(lines + "\n")
        sys.stdout.flush()
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
