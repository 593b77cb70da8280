"""brygga token, notice, audit: what belongs to a company besides its streams."""

from __future__ import annotations

from typing import Annotated

import typer

from brygga.cli import say
from brygga.cli.sync import Json, who
from brygga.errors import SettingsError

Company = Annotated[str, typer.Argument(help="The company's short name.")]
Number = Annotated[int, typer.Argument(help="The number that list shows.")]


def register(app: typer.Typer) -> None:
    token = typer.Typer(help="Keys for programs that use the REST API.", no_args_is_help=True)
    token.command("make")(make_token)
    token.command("list")(list_tokens)
    token.command("revoke")(revoke_token)
    app.add_typer(token, name="token")
    notice = typer.Typer(help="Who is told when something is wrong, and every day.", no_args_is_help=True)
    notice.command("add")(add_notice)
    notice.command("list")(list_notices)
    notice.command("rules")(rules)
    notice.command("test")(test_notice)
    notice.command("remove")(remove_notice)
    app.add_typer(notice, name="notice")
    app.command()(audit)
    app.command()(hooks)


def make_token(
    company: Company,
    name: Annotated[str, typer.Argument(help="Which program it is for.")],
    role: Annotated[str, typer.Option("--role", help="owner, bookkeeper or viewer")] = "viewer",
    json: Json = False,
) -> None:
    """Make a token and print its key, which is not shown again."""
    from brygga.store import api_tokens
    from brygga.sync.address import company as find

    row, key = api_tokens.make(find(company), name, role, who())
    if json:
        say.as_json({"id": row.pk, "name": row.name, "role": row.role, "key": key})
        return
    say.out.print(key, markup=False)


def list_tokens(company: Company, json: Json = False) -> None:
    """List the tokens, without their keys."""
    from brygga.store import api_tokens
    from brygga.sync.address import company as find

    rows = api_tokens.rows(find(company))
    if json:
        say.as_json(rows)
        return
    columns = ("id", "name", "role", "made_by", "last_used_at")
    say.table("Tokens", columns, [[row[name] for name in columns] for row in rows], "No program has a token yet.")


def revoke_token(company: Company, number: Number) -> None:
    """Revoke a token at once."""
    from brygga.store import api_tokens
    from brygga.sync.address import company as find

    say.out.print(f"The token of {api_tokens.revoke(find(company), number, who())} is revoked.", markup=False)


def add_notice(
    company: Company,
    to: Annotated[str, typer.Argument(help="A mail address, or the web address of a webhook.")],
    language: Annotated[str, typer.Option("--language", help="sv, nb or en")] = "sv",
    urgent: Annotated[bool, typer.Option(help="At once when something is wrong.")] = True,
    digest: Annotated[bool, typer.Option(help="The daily digest.")] = True,
    json: Json = False,
) -> None:
    """Tell one more; for a webhook the key that signs is printed, which is not shown again."""
    from brygga.notify import targets
    from brygga.sync.address import company as find

    row, key = targets.add(find(company), to, language, urgent=urgent, digest=digest, who=who())
    if json:
        say.as_json({"id": row.pk, "to": row.to, "key": key or None})
        return
    say.out.print(key or f"{row.to} is told from now on.", markup=False)


def list_notices(company: Company, json: Json = False) -> None:
    """List who is told what, and what became of the latest message to each."""
    from brygga.notify import targets
    from brygga.sync.address import company as find

    rows = targets.rows(find(company))
    if json:
        say.as_json(rows)
        return
    columns = ("id", "sort", "to", "language", "urgent", "digest", "latest", "trouble")
    say.table("Notices", columns, [[row[name] for name in columns] for row in rows], "Nobody is told yet.")


def rules(
    company: Company,
    digest_at: Annotated[str, typer.Option("--digest-at", help="Swedish time, such as 07:00.")] = "",
    silence: Annotated[int, typer.Option("--silence", help="Hours without a success after which there is an alarm.")] = 0,
) -> None:
    """Set when the daily digest is sent, and after how long a silence there is an alarm."""
    from datetime import time

    from brygga.notify import targets
    from brygga.sync.address import company as find

    owner = find(company)
    now = targets.rules_of(owner)
    try:
        at = time.fromisoformat(digest_at) if digest_at else now.digest_at
    except ValueError:
        raise SettingsError("{given} is no time of day.", repair="Write it as 07:00.", given=digest_at) from None
    targets.set_rules(owner, at, silence or now.silence_hours, who())
    say.out.print(f"Digest at {at:%H:%M}, alarm after {silence or now.silence_hours} hours.", markup=False)


def test_notice(company: Company, number: Number) -> None:
    """Send a test now. Exit status 1 when it does not arrive."""
    from brygga.notify import targets
    from brygga.sync.address import company as find

    message = targets.try_out(find(company), number, who())
    say.out.print(message.trouble["text"] if message.trouble else "A test was sent.", markup=False)
    if message.trouble:
        raise typer.Exit(1)


def remove_notice(company: Company, number: Number) -> None:
    """Send nothing more to an address."""
    from brygga.notify import targets
    from brygga.sync.address import company as find

    targets.remove(find(company), number, who())
    say.out.print("Nothing more is sent there.")


def audit(company: Company, most: Annotated[int, typer.Option("--most", min=1)] = 50, json: Json = False) -> None:
    """What people and programs did in the hub, the newest first."""
    from brygga.sync.address import company as find
    from brygga.sync.inventory import audit_rows

    rows = audit_rows(find(company), most)
    if json:
        say.as_json(rows)
        return
    columns = ("at", "who", "what", "subject", "detail")
    say.table("Audit log", columns, [[row[name] for name in columns] for row in rows], "Nothing was done yet.")


def hooks(
    address: Annotated[str, typer.Argument(help="acme/textalk")],
    new: Annotated[bool, typer.Option("--new", help="Make a new address; the old one is forgotten.")] = False,
    json: Json = False,
) -> None:
    """Show what a system has told at its address, or make a new address for it. Needs BRYGGA_URL to be reachable from outside."""
    from brygga import config
    from brygga.store.models import Hook, InboxEvent
    from brygga.sync import hooks as inbox
    from brygga.sync.address import integrations

    [integration] = integrations(address)[:1]
    if new:
        url, asked = inbox.make(integration, config.current().url, who())
        if json:
            say.as_json({"address": url, "events": asked})
        else:
            say.out.print(url, markup=False)
            told = (
                f"{integration.system} was asked to tell of {asked} events."
                if asked
                else "Enter it where the system's app is set up."
            )
            say.out.print(f"It is not shown again. {told}", markup=False)
        return
    there = Hook.objects.filter(integration=integration).first()
    events = InboxEvent.objects.filter(integration=integration).order_by("-received_at")[:20]
    rows = [
        {"at": one.received_at, "what": one.what, "record": one.record_id, "times": one.times, "woke": one.streams}
        for one in events
    ]
    if json:
        say.as_json({"made_at": there.made_at if there else None, "made_by": there.made_by if there else None, "events": rows})
        return
    say.out.print(
        f"An address was made at {there.made_at:%Y-%m-%d %H:%M} by {there.made_by}."
        if there
        else "There is no address yet: --new makes one."
    )
    say.table("Told", ("at", "what", "record", "times", "woke"), [list(row.values()) for row in rows], "Nothing has been told yet.")
