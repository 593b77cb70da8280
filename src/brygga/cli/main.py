"""The command `brygga`. Each group of commands is a file with `register(app)`."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer
from django.db import DatabaseError

from brygga import store
from brygga.errors import BryggaError
from brygga.store.databases import explain


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"brygga {version('brygga')}")
        raise typer.Exit


def build() -> typer.Typer:
    """Return the command with all its groups. Django must be ready before the groups are imported."""
    from brygga.cli import act, company, files, keep, look, payments, people, processes, sandbox, sync

    app = typer.Typer(name="brygga", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(_brygga)
    for group in (sync, files, look, act, keep, payments, people, company, processes, sandbox):
        group.register(app)
    return app


def _brygga(
    say_version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Keeps Fortnox in step with the systems a company works in."""


def main() -> None:
    """Run the command. Errors are sentences on standard error; their class gives the exit status (DESIGN 3.1)."""
    try:
        store.setup()
        build()()
    except BryggaError as error:
        _stop_with(error)
    except DatabaseError as error:
        _stop_with(explain(error))
    except KeyboardInterrupt:
        sys.exit(130)


def _stop_with(error: BryggaError) -> NoReturn:
    sys.stderr.write(f"{error}\n")
    sys.exit(error.exit_status)


if __name__ == "__main__":
    main()
