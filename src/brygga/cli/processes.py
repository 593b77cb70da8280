"""The commands that start processes and prepare the database: serve, web, worker, migrate."""

from __future__ import annotations

from typing import Annotated

import typer

from brygga.cli import say
from brygga.cli.sync import Json

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on; 0 lets the system choose.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(serve)
    app.command()(web)
    app.command()(worker)
    app.command()(migrate)


def serve(host: Host = "127.0.0.1", port: Port = 8100) -> None:
    """Run the hub on this machine: pages, worker and schedule in one process group."""
    from brygga.engine import supervisor

    supervisor.serve(host, port, ready=_ready)


def _ready(address: str) -> None:
    """Say where the hub is and, before there is any user, the code that the first administrator must give."""
    from brygga.store import users

    say.out.print(f"Brygga is ready at {address}/", markup=False)
    if not users.anybody():
        say.out.print(
            f"Nobody can sign in yet: make the first account at {address}/setup/ with the code {users.setup_code()}", markup=False
        )


def web(host: Host = "127.0.0.1", port: Port = 8100) -> None:
    """Serve the pages only; any number of these on PostgreSQL."""
    from brygga.engine import web as process

    process.run(host, port)


def worker(
    id: Annotated[str, typer.Option("--id", help="This worker's name: its own among all, and the same at its next start.")],
) -> None:
    """Carry runs through and look for what is due; any number of these on PostgreSQL."""
    from brygga.engine import worker as process

    process.run(id)


def migrate(json: Json = False) -> None:
    """Create or upgrade the database."""
    from brygga import store

    done = store.migrate()
    from brygga.engine import port

    port.migrate()
    if json:
        say.as_json({"migrated": done})
        return
    for name in done:
        say.out.print(f"migrated {name}")
    say.out.print("The database is up to date.")
