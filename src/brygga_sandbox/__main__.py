"""Start sandboxes: `python -m brygga_sandbox fortnox webcrm --state DIR --json`.

Prints the addresses and credentials of each, then runs until it is interrupted.
"""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from brygga_sandbox.server import Server, System

Maker = Callable[[Path | None, int], System]


def _fortnox(state: Path | None, seed: int) -> System:
    from brygga_sandbox.fortnox import Sandbox

    return Sandbox(seed=seed, state=state)


def _mobigo(state: Path | None, seed: int) -> System:
    from brygga_sandbox.mobigo.sandbox import Sandbox

    return Sandbox(None, state)


def _opter(state: Path | None, seed: int) -> System:
    from brygga_sandbox.opter import Sandbox

    sandbox = Sandbox(None, state)
    if not sandbox.state.registers["Customers"]:
        sandbox.furnish()
    return sandbox


def _textalk(state: Path | None, seed: int) -> System:
    from brygga_sandbox.textalk.sandbox import Sandbox

    return Sandbox()


def _upsales(state: Path | None, seed: int) -> System:
    from brygga_sandbox.upsales import Sandbox

    return Sandbox(folder=state)


def _webcrm(state: Path | None, seed: int) -> System:
    from brygga_sandbox.webcrm.app import WebCRMSystem

    return WebCRMSystem(None, state)


SYSTEMS: dict[str, Maker] = {
    "fortnox": _fortnox,
    "mobigo": _mobigo,
    "opter": _opter,
    "textalk": _textalk,
    "upsales": _upsales,
    "webcrm": _webcrm,
}


def main(arguments: Sequence[str] | None = None, systems: dict[str, Maker] | None = None) -> int:
    """Start the systems named on the command line; return the exit status when they have stopped."""
    known = systems or SYSTEMS
    parser = argparse.ArgumentParser(prog="python -m brygga_sandbox", description="Imitated systems on this machine.")
    parser.add_argument("systems", nargs="*", choices=[*known, []], help=f"any of {', '.join(known)}; all by default")
    parser.add_argument("--port", type=int, default=0, help="of the first system, the others follow; 0: free ones")
    parser.add_argument("--state", type=Path, help="a folder to keep the state in, one below it for each system")
    parser.add_argument("--seed", type=int, default=1, help="decides what the systems begin with")
    parser.add_argument("--json", action="store_true", help="print addresses and credentials as one line of JSON")
    given = parser.parse_args(arguments)
    servers = []
    for number, name in enumerate(given.systems or known):
        folder = given.state / name if given.state else None
        servers.append(Server(known[name](folder, given.seed), given.port + number if given.port else 0))
    stop = threading.Event()
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, lambda *_: stop.set())
    for server in servers:
        server.start()
    _print([server.system.describe() for server in servers], as_json=given.json)
    stop.wait()
    for server in servers:
        server.stop()
    return 0


def _print(found: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({one["system"]: one for one in found}) + "\n")
    else:
        for one in found:
            sys.stdout.write("".join(f"{name:16} {value}\n" for name, value in one.items()) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
