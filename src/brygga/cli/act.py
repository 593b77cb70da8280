"""brygga retry, skip, resolve, link, unlink: act on problems, conflicts and links."""

from __future__ import annotations

from typing import Annotated

import typer

from brygga.cli import say
from brygga.cli.sync import Json, who
from brygga.errors import SettingsError

Problem = Annotated[int, typer.Argument(help="The number that brygga problems shows.")]


def register(app: typer.Typer) -> None:
    for command in (retry, skip, resolve, link, unlink):
        app.command()(command)


def retry(problem: Problem, json: Json = False) -> None:
    """Try a failed or held record again at the next sync, without waiting for its time."""
    from brygga.sync.resolve import answer

    _done(answer(problem, {"retry": True}, who()), json)


def skip(
    problem: Problem, reason: Annotated[str, typer.Option("--reason", help="Why it is left out.")], json: Json = False
) -> None:
    """Leave a record out, with the reason; it comes up again when its cause changes."""
    from brygga.sync.resolve import answer

    if not reason.strip():
        raise SettingsError("A record is not skipped without a reason.", repair='Write --reason "why".')
    _done(answer(problem, {"skip": reason.strip()}, who()), json)


def resolve(
    problem: Problem,
    link: Annotated[str, typer.Option("--link", metavar="ID", help="It is this record of the other system.")] = "",
    create: Annotated[bool, typer.Option("--create", help="It is none of them: make it anew.")] = False,
    take: Annotated[
        list[str] | None, typer.Option("--take", metavar="FIELD=SIDE", help="left or right, for each field; or all=left.")
    ] = None,
    json: Json = False,
) -> None:
    """Answer a question or a conflict; the next sync carries it out."""
    from brygga.sync.resolve import answer, fields_choice

    if sum((bool(link), create, bool(take))) != 1:
        raise SettingsError("One answer is wanted.", repair="Give --link ID, or --create, or --take FIELD=SIDE.")
    choice: dict[str, object] = {"link": link} if link else {"create": True} if create else fields_choice(problem, take or [])
    _done(answer(problem, choice, who()), json)


def link(
    address: Annotated[str, typer.Argument(help="acme/webcrm.customers")],
    left: Annotated[str, typer.Argument(help="The id in the business system.")],
    right: Annotated[str, typer.Argument(help="The number in Fortnox.")],
    json: Json = False,
) -> None:
    """Say that two records are the same. The next sync compares them."""
    from brygga.sync.resolve import link as make

    _done(make(address, left, right, who()), json)


def unlink(
    address: Annotated[str, typer.Argument(help="acme/webcrm.customers")],
    left: Annotated[str, typer.Argument(help="The id in the business system.")],
    right: Annotated[str, typer.Argument(help="The number in Fortnox.")],
    json: Json = False,
) -> None:
    """Say that two records are not the same. Both stay as they are; neither is made anew without an answer."""
    from brygga.sync.resolve import unlink as undo

    _done(undo(address, left, right, who()), json)


def _done(text: str, json: bool) -> None:
    if json:
        say.as_json({"done": text})
    else:
        say.out.print(text, markup=False)
