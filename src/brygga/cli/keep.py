"""brygga backup, restore, migrate-database, rotate-key, export: keep, bring back, move, take out."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from brygga.cli import say
from brygga.cli.sync import Json
from brygga.errors import SettingsError, Unavailable

Company = Annotated[str, typer.Argument(help="The company's short name.")]


def register(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)
    app.command("migrate-database")(migrate_database)
    app.command("take-over", hidden=True)(take_over)
    app.command("rotate-key")(rotate_key)
    export = typer.Typer(help="Take out what the hub holds: the audit trail, the books, the settings.", no_args_is_help=True)
    export.command("audit")(export_audit)
    export.command("sie")(export_sie)
    export.command("settings")(export_settings)
    app.add_typer(export, name="export")


def backup(file: Annotated[Path, typer.Argument(help="A new file.")], json: Json = False) -> None:
    """Keep the whole hub in one file, while it runs. The key of the credentials is not in it: keep that apart."""
    from brygga.store.backup import backup as keep

    made = keep(file)
    body = {"file": str(file), "made_at": made.at.isoformat(), "schema": made.schema, "rows": sum(made.counts.values())}
    if json:
        say.as_json(body)
    else:
        say.out.print(
            f"{body['rows']} rows are kept in {file}. Keep the key (secret.key or BRYGGA_SECRET_KEY) in another place.",
            markup=False,
        )


def restore(file: Annotated[Path, typer.Argument(help="A file that brygga backup wrote.")], json: Json = False) -> None:
    """Bring the hub back from a file, into an empty database. Stop all processes first."""
    from brygga.store.backup import restore as bring_back

    _nobody_works()
    made = bring_back(file)
    if json:
        say.as_json({"file": str(file), "made_at": made.at.isoformat(), "rows": sum(made.counts.values())})
        return
    say.out.print(
        f"The hub is back as it was at {made.at.isoformat(timespec='seconds')}: {sum(made.counts.values())} rows.", markup=False
    )
    say.out.print("What was written to other systems since is looked for by its key before anything is made anew.")


def _nobody_works() -> None:
    from brygga.store.models import WorkerBeat

    working = list(WorkerBeat.objects.values_list("worker", flat=True))
    if working:
        raise SettingsError("Workers run on this database: {names}.", repair="Stop them first.", names=", ".join(working))


def migrate_database(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="postgresql://… or sqlite:///…: an empty database.")],
    json: Json = False,
) -> None:
    """Move the hub to another database, from SQLite to PostgreSQL or back. Stop all processes first; the old one stays as it is."""
    from brygga.store.backup import backup as keep

    _nobody_works()
    with tempfile.TemporaryDirectory(prefix="brygga-move-") as folder:
        file = Path(folder) / "hub.zip"
        made = keep(file)
        for command in (["migrate"], ["take-over", str(file)]):
            done = subprocess.run(  # noqa: S603 - our own program
                [sys.executable, "-m", "brygga.cli.main", *command],
                env={**os.environ, "BRYGGA_DATABASE_URL": to},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise Unavailable(
                    "The hub was not moved: {why}",
                    repair="The old database is as it was.",
                    why=done.stderr.strip()[-400:] or "no reason was given",
                )
    if json:
        say.as_json({"to": to.partition("://")[0], "rows": sum(made.counts.values())})
    else:
        say.out.print(
            f"{sum(made.counts.values())} rows have moved. Set BRYGGA_DATABASE_URL to the new database and start the hub.",
            markup=False,
        )


def take_over(file: Path) -> None:
    """Take a moved hub into this database: the second half of migrate-database, in a process that points at the new one."""
    from brygga.store.backup import restore as bring_back

    bring_back(file, moved=True)


def rotate_key(json: Json = False) -> None:
    """Encrypt all credentials with a new key. The key before stays for processes that read it a moment ago; again drops it."""
    from brygga.store.secrets import rotate_key_file

    count = rotate_key_file()
    if json:
        say.as_json({"connections": count})
    else:
        say.out.print(
            f"The credentials of {count} connections are encrypted with a new key. Back up the key file anew.", markup=False
        )


def export_audit(
    company: Company,
    since: Annotated[str, typer.Option("--from", metavar="DAY", help="From this day on.")] = "",
    until: Annotated[str, typer.Option("--to", metavar="DAY", help="To this day, included.")] = "",
    csv: Annotated[bool, typer.Option("--csv", help="Comma-separated instead of JSON.")] = False,
) -> None:
    """Take out who did what and what was written, and say whether the chain of the history is whole."""
    from brygga.sync.take_out import audit_rows

    found = audit_rows(company, since, until)
    if not csv:
        say.as_json(found)
    else:
        import csv as writer

        out = writer.writer(sys.stdout)
        out.writerow(["at", "source", "who", "what", "subject", "detail", "hash"])
        for row in found["rows"]:
            out.writerow([row[name] for name in ("at", "source", "who", "what", "subject", "detail", "hash")])
    if not found["whole"]:
        raise typer.Exit(1)


def export_sie(
    company: Company,
    file: Annotated[Path, typer.Argument(help="A new file for the books of one year.")],
    year: Annotated[
        int, typer.Option("--year", help="The id of the financial year in Fortnox; the current one when left out.")
    ] = 0,
) -> None:
    """Take out the books as SIE 4, byte for byte as Fortnox gives them."""
    from brygga.sync.take_out import sie_file

    if file.exists():
        raise SettingsError("The file {file} is there already.", repair="Choose another name.", file=str(file))
    content = sie_file(company, year)
    file.write_bytes(content)
    say.out.print(f"{len(content)} bytes of SIE 4 are in {file}.", markup=False)


def export_settings(company: Annotated[str, typer.Argument(help="Default all.")] = "") -> None:
    """Print the file that brygga apply reads, with the settings as they are. Secrets stand in it as env:NAME, never themselves."""
    from brygga.sync.take_out import settings_file

    sys.stdout.write(settings_file(company))
