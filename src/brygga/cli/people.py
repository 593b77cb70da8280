"""brygga user: who may sign in to the pages, and what they may do in which company."""

from __future__ import annotations

import getpass
import os
import sys
from typing import Annotated

import typer

from brygga.cli import say
from brygga.cli.sync import Json, who
from brygga.errors import SettingsError

Name = Annotated[str, typer.Argument(help="The name to sign in with.")]
Company = Annotated[str, typer.Option("--company", help="The company's short name.")]
Role = Annotated[str, typer.Option("--role", help="owner, bookkeeper or viewer")]


def register(app: typer.Typer) -> None:
    user = typer.Typer(help="Users of the pages and their roles.", no_args_is_help=True)
    user.command("add")(add)
    user.command("list")(list_users)
    user.command("invite")(invite)
    user.command("role")(role)
    user.command("remove")(remove)
    user.command("second-step-off")(second_step_off)
    app.add_typer(user, name="user")


def add(
    name: Name,
    company: Company = "",
    role: Role = "viewer",
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


def invite(
    whom: Annotated[str, typer.Argument(help="Name or mail address, for the list.")],
    company: Company,
    role: Role = "viewer",
    json: Json = False,
) -> None:
    """Make a link that gives one person a role in a company: good once, for seven days, and not shown again."""
    from brygga import config
    from brygga.store import members
    from brygga.sync.address import company as find

    row, secret = members.invite(find(company), whom, role, who())
    link = f"{config.current().url}/invitation/{secret}/"
    if json:
        say.as_json({"link": link, "role": row.role, "expires": row.expires_at.isoformat()})
        return
    say.out.print(link, markup=False)


def role(name: Name, role: Annotated[str, typer.Argument(help="owner, bookkeeper or viewer")], company: Company) -> None:
    """Give a user another role in a company; its last owner stays one."""
    from brygga.store import members, users
    from brygga.sync.address import company as find

    members.set_role(find(company), users.number(name), role, who())
    say.out.print(f"{name} is {role} of {company}.", markup=False)


def remove(name: Name, company: Company) -> None:
    """Take a user's role in a company away, at once; its last owner stays."""
    from brygga.store import members, users
    from brygga.sync.address import company as find

    members.remove(find(company), users.number(name), who())
    say.out.print(f"{name} has no role in {company} any more.", markup=False)


def second_step_off(name: Name) -> None:
    """Let a user who has lost telephone and recovery codes sign in with the password alone."""
    from brygga.store import second_factor, users

    second_factor.switch_off(users.named(name), who())
    say.out.print(f"{name} signs in with the password alone.", markup=False)
