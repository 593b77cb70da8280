"""`python -m brygga_sandbox.textalk`: one shop on a port of this machine until it is told to stop."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading

from brygga_sandbox.server import serve
from brygga_sandbox.textalk.sandbox import Sandbox


def main() -> int:
    """Start, say where, and serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m brygga_sandbox.textalk", description="A webshop on your own machine.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--json", action="store_true", help="say where as one line of JSON")
    wishes = parser.parse_args()
    stop = threading.Event()
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: stop.set())
    with serve(sandbox := Sandbox(), wishes.port):
        said = sandbox.describe()
        text = f"Textalk Webshop: {said['base_url']}\nwebshop: {said['webshop']}\ntoken: {said['token']}"
        sys.stdout.write((json.dumps({"textalk": said}) if wishes.json else text) + "\n")
        sys.stdout.flush()
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
