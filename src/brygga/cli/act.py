"""brygga retry, skip, repair, resolve, link, unlink: act on problems, conflicts and links."""

from __future__ import annotations

from typing import Annotated

import typer

from brygga.cli import say
from brygga.cli.sync import Json, who
from brygga.errors import SettingsError
from brygga.sync.outcome import shown

Problem = Annotated[int, typer.Argument(help="The number that brygga problems shows.")]


def register(app: typer.Typer) -> None:
    for command in (retry, skip, repair, resolve, link, unlink):
        app.command()(command)


Alike = Annotated[bool, typer.Option("--all-alike", help="All records of the same cause.")]


def retry(problem: Problem, all_alike: Alike = False, json: Json = False) -> None:
    """Try a failed or held record again at the next sync, without waiting for its time."""
    from brygga.sync.resolve import answer, answer_all

    _done((answer_all if all_alike else answer)(problem, {"retry": True}, who()), json)


def skip(
    problem: Problem,
    reason: Annotated[str, typer.Option("--reason", help="Why it is left out.")],
    all_alike: Alike = False,
    json: Json = False,
) -> None:
    """Leave a record out, with the reason; it comes up again when its cause changes."""
    from brygga.sync.resolve import answer, answer_all

    if not reason.strip():
        raise SettingsError("A record is not skipped without a reason.", repair='Write --reason "why".')
    _done((answer_all if all_alike else answer)(problem, {"skip": reason.strip()}, who()), json)


def repair(
    problem: Problem,
    do: Annotated[
        str, typer.Option("--do", metavar="NAME", help="Such as make, edit, correct or accept; left out, they are listed.")
    ] = "",
    set: Annotated[list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="What a field shall be.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, ask for nothing.")] = False,
    json: Json = False,
) -> None:
    """Make what is missing, correct a record or a document, or accept what differs; the next sync does it and tries the record again."""
    from brygga.sync import repair as repairs
    from brygga.sync.resolve import find

    found = find(problem)
    if not do:
        offered = repairs.offers(found)
        if json:
            say.as_json([{"name": one.name, "label": str(one.label), "fields": dict(one.fields)} for one in offered])
        else:
            say.table(
                "Repairs",
                ("name", "what", "fields"),
                [(one.name, str(one.label), ", ".join(f"{field}={text}" for field, text in one.fields.items())) for one in offered],
                "The hub can do nothing about this by itself.",
            )
        return
    typed = dict(_pair(text) for text in set or ())
    sent = repairs.preview(found, do, typed) if dry_run else repairs.ask(found, do, typed, who())
    changes = {name: [shown(before), shown(after)] for name, (before, after) in sent.changes.items()}
    if json:
        say.as_json({"system": sent.system, "kind": sent.kind, "id": sent.id, "changes": changes, "asked": not dry_run})
        return
    for name, (before, after) in changes.items():
        say.out.print(f"{sent.system} {sent.kind} {sent.id}, {name}: {before!r} -> {after!r}", markup=False)
    if not dry_run:
        _done(f"The next sync of {found.integration.address}.{found.stream} does it.", json)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise SettingsError("{text} is no field and value.", repair='Write --set name="Mugg".', text=text)
    return name.strip(), value


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
