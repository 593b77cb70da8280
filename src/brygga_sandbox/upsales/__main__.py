"""`python -m brygga_sandbox.upsales`: one Upsales on a port of this machine until it is told to stop."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
from pathlib import Path

from brygga_sandbox.server import serve
from brygga_sandbox.upsales.sandbox import Sandbox
from brygga_sandbox.upsales.setup import Setup


def main() -> int:
    """Start, say where, and serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m brygga_sandbox.upsales", description="An Upsales on your own machine.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--state", type=Path, help="folder to keep the records in; without it they are gone at the end")
    parser.add_argument("--price-lists", action="store_true", help="with the add-on of price lists and bundles")
    parser.add_argument("--json", action="store_true", help="say where as one line of JSON")
    wishes = parser.parse_args()
    stop = threading.Event()
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: stop.set())
    sandbox = Sandbox(Setup(price_lists=wishes.price_lists), wishes.state)
    with serve(sandbox, wishes.port):
        said = sandbox.describe()
        lines = json.dumps({"upsales": said}) if wishes.json else f"Upsales: {said['base_url']}\ntoken: {said['token']}"
        sys.stdout.write(lines + "\n")
        sys.stdout.flush()
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
