"""brygga import: fill a register from a CSV or Excel file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from brygga.cli import say
from brygga.cli.sync import Json, who
from brygga.errors import SettingsError


def register(app: typer.Typer) -> None:
    app.command("import")(import_file)


def import_file(
    address: Annotated[str, typer.Argument(help="acme/mobigo.articles")],
    file: Annotated[Path, typer.Argument(help="The CSV or Excel file.")],
    json: Json = False,
) -> None:
    """Bring customers or articles from a file into a business system: the faster source for a first load of many (MOB-23)."""
    from brygga.sync.address import targets
    from brygga.sync.file_import import import_file as run

    found = targets(address)
    if len(found) != 1:
        raise SettingsError(
            "A file is for one stream; {address} names {count}.", repair="Name it.", address=address, count=len(found)
        )
    with say.RunProgress(quiet=json) as progress:
        result = run(found[0].integration, found[0].stream, file, who=who(), told=progress)
    if json:
        say.as_json(result)
    else:
        say.out.print(say.run_line(result), markup=False)
        for item in result["items"]:
            say.out.print(f"  {item['message']}", markup=False)
        for column in result["ignored_columns"]:
            say.out.print(f"  The column “{column}” is not known and was left out; name it under file_columns.", markup=False)
        if result["message"]:
            say.out.print(f"  {result['message']}", markup=False)
    if result["status"] != "done":
        raise typer.Exit(2 if result["status"] == "failed" else 1)
