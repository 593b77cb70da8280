"""brygga sandbox, demo: imitated systems on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command()(sandbox)
    app.command()(demo)


def sandbox(
    systems: Annotated[
        list[str] | None, typer.Argument(help="fortnox, mobigo, opter, textalk, upsales, webcrm; default all")
    ] = None,
    state: Annotated[Path | None, typer.Option("--state", help="A folder to keep the state in; without it, in memory.")] = None,
    port: Annotated[int, typer.Option("--port", help="Of the first system, the others follow; 0: free ones.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print addresses and credentials as JSON.")] = False,
) -> None:
    """Start sandbox servers and print their addresses and credentials; they run until interrupted."""
    from brygga_sandbox.__main__ import main

    arguments = [*(systems or ()), "--port", str(port), *(("--state", str(state)) if state else ()), *(("--json",) if json else ())]
    raise typer.Exit(main(arguments))


def demo(once: Annotated[bool, typer.Option("--once", help="End after the runs instead of serving.")] = False) -> None:
    """Start every sandbox with a believable company, connect it, run all streams once, print what moved, and serve the hub."""
    from brygga.demo import main

    raise typer.Exit(main(once))
