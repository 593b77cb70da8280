"""`python -m brygga_sandbox.opter`: one Opter on a port of this machine until it is told to stop."""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from brygga_sandbox.opter.app import Limits
from brygga_sandbox.opter.sandbox import Sandbox
from brygga_sandbox.server import serve


def main() -> int:
    """Start, say where, and serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m brygga_sandbox.opter", description="An Opter on your own machine.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--state", type=Path, help="folder to keep the records in; without it they are gone at the end")
    parser.add_argument("--calls", type=int, default=Limits().calls, help="calls that it takes in a second; 0 takes any number")
    parser.add_argument("--json", action="store_true", help="say where as one line of JSON")
    wishes = parser.parse_args()
    stop = threading.Event()
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: stop.set())
    sandbox = Sandbox(Limits(wishes.calls), wishes.state)
    if not sandbox.state.registers["Customers"]:
        sandbox.furnish()
    with serve(sandbox, wishes.port):
        said = sandbox.describe()
        plain = f"Opter: {said['base_url']}\nkey: {said['api_key']}"
        sys.stdout.write((json.dumps({"opter": said}) if wishes.json else plain) + "\n")
        sys.stdout.flush()
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
