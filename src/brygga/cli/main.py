"""The command `brygga`. Each group of commands is a file with `register(app)`."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer
from django.db import DatabaseError

from brygga import store
from brygga.errors import BryggaError
from brygga.store.databases import explain


def build() -> typer.Typer:
    """Return the command with all its groups. Django must be ready before the groups are imported."""
    from brygga.cli import act, company, files, keep, look, payments, people, processes, sandbox, sync

    app = typer.Typer(
        name="brygga",
        help="Keeps Fortnox in step with the systems a company works in.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for group in (sync, files, look, act, keep, payments, people, company, processes, sandbox):
        group.register(app)
    return app


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
