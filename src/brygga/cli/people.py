"""brygga user: who may sign in to the pages, and what they may do in which company."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Annotated

import typer

from brygga.cli import say
from brygga.cli.sync import Json
from brygga.errors import SettingsError


def register(app: typer.Typer) -> None:
    user = typer.Typer(help="Users of the pages and their roles.", no_args_is_help=True)
    user.command("add")(add)
    user.command("list")(list_users)
    app.add_typer(user, name="user")


def add(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    company: Annotated[str, typer.Option("--company", help="The company's short name.")] = "",
    role: Annotated[str, typer.Option("--role", help="owner, bookkeeper or viewer")] = "viewer",
    administrator: Annotated[bool, typer.Option("--administrator", help="May see every company and add others.")] = False,
) -> None:
    """Add a user, or give one a role in another company. The password is asked for, or taken from BRYGGA_NEW_PASSWORD."""
    from brygga.store import users

    password = os.environ.get("BRYGGA_NEW_PASSWORD", "")
    if not password and not users.exists(name):
        if not sys.stdin.isatty():
            raise SettingsError("There is no password.", repair="Set BRYGGA_NEW_PASSWORD, or run this on a terminal.")
        password = getpass.getpass("Password (at least 12 characters): ")
    done = users.add(name, password, company=company, role=role, administrator=administrator)
    say.out.print(done, markup=False)


def list_users(json: Json = False) -> None:
    """List the users and their roles."""
    from brygga.store import users

    rows = users.rows()
    if json:
        say.as_json(rows)
        return
    say.table(
        "Users",
        ("name", "administrator", "roles"),
        [(row["name"], "yes" if row["administrator"] else "", ", ".join(row["roles"])) for row in rows],
        "There is no user yet. Add one with brygga user add NAME --administrator.",
    )
