"""brygga payments: Opter's two steps. Imported payments wait for registration until they are saved (OPT-27)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from brygga.cli import say
from brygga.cli.sync import Json, who
from brygga.errors import SettingsError

ACTIONS = ("read", "list", "save")


def register(app: typer.Typer) -> None:
    app.command()(payments)


def payments(
    address: Annotated[str, typer.Argument(help="acme/opter")],
    action: Annotated[str, typer.Argument(help="read: read and judge; list: what was read; save: register what waits")] = "list",
    definition: Annotated[str, typer.Option("--definition", help="The payment import definition, when there are several.")] = "",
    only: Annotated[list[str] | None, typer.Option("--only", metavar="NUMBER", help="Save only these payments.")] = None,
    json: Json = False,
) -> None:
    """Import Fortnox' payments in two steps: read and judge, which registers nothing; then save."""
    from brygga.sync.address import targets
    from brygga.sync.payments import STREAM, Wish, payment_rows

    if action not in ACTIONS:
        raise SettingsError("{action} is none of the steps.", repair="Write read, list or save.", action=action)
    [target] = targets(f"{address.partition('.')[0]}.{STREAM}")
    if action != "list":
        save = action == "save"
        _run(target, Wish(definition, save, tuple(only or ()), who() if save else ""), json)
        return
    rows = payment_rows(target.integration)
    if json:
        say.as_json([{name: value for name, value in row.items() if name != "sentence"} for row in rows])
        return
    columns = ("", "payment", "invoice", "paid", "amount", "rate", "Opter", "why it is left out, or where it is registered")
    say.table(
        "Payments", columns, [_line(row) for row in rows], "No payment has been read. Read with brygga payments ADDRESS read."
    )


def _line(row: dict[str, Any]) -> tuple[object, ...]:
    sum_ = f"{row['amount']} {row['currency']}" if row["amount"] else ""
    opter = " ".join(filter(None, (row["mark"], row["warning"])))
    rest = row["reason"] or (f"registration {row['registration']}" if row["registration"] else "")
    return (row["state"].replace("_", " "), row["number"], row["invoice"], row["paid"], sum_, row["rate"], opter, rest)


def _run(target: Any, wish: Any, json: bool) -> None:
    from brygga.sync.report import run_json
    from brygga.sync.start import begin_run, execute

    run = begin_run(target.integration, target.stream, trigger="person", only=wish.only())
    with say.RunProgress(quiet=json) as progress:
        run = execute(run.pk, told=progress)
    result = run_json(run)
    if json:
        say.as_json(result)
    else:
        say.out.print(say.run_line(result), markup=False)
        for item in result["items"]:
            if item["message"]:
                say.out.print(f"  {item['right']}: {item['message']}", markup=False)
        if result["message"]:
            say.out.print(f"  {result['message']}", markup=False)
    if run.exit_status:
        raise typer.Exit(run.exit_status)
