"""`python -m brygga_sandbox.webcrm`: one webCRM on a port of this machine until it is told to stop."""

import argparse
import json
import signal
import sys
import time
from pathlib import Path

from brygga_sandbox.population import population, webcrm_organisations
from brygga_sandbox.server import Server
from brygga_sandbox.webcrm.app import WebCRMSystem
from brygga_sandbox.webcrm.installation import Installation

KEEP_EVERY = 2.0


def main() -> int:
    """Start, say where, and serve until SIGINT or SIGTERM; what was changed is kept every two seconds and at the end."""
    parser = argparse.ArgumentParser(prog="python -m brygga_sandbox.webcrm", description="A webCRM on your own machine.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--state", type=Path, help="folder to keep the records in; without it they are gone at the end")
    parser.add_argument("--people", type=int, default=0, help="begin with about so many made-up organisations")
    parser.add_argument("--seed", type=int, default=1, help="which made-up organisations")
    parser.add_argument("--json", action="store_true", help="say where as one line of JSON")
    wishes = parser.parse_args()
    installation = Installation()
    system = WebCRMSystem(installation, wishes.state)
    if wishes.people and not len(system.state["Organisation"]):
        system.state.load("Organisation", webcrm_organisations(population(wishes.seed, wishes.people), installation))
    server = Server(system, wishes.port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.start()
    said = system.describe()
    lines = json.dumps(said) if wishes.json else f"webCRM: {said['base_url']}\nauthCode: {said['auth_code']}"
    sys.stdout.write(lines + "\n")
    sys.stdout.flush()
    kept = -1
    try:
        while True:
            time.sleep(KEEP_EVERY)
            if kept != len(system.state.changes):
                kept = len(system.state.changes)
                system.keep()
    except KeyboardInterrupt:
        return 0
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
