"""brygga apply, check, plan, sync, connect: declare, look before, and bring into step."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from brygga.cli import say
from brygga.errors import SettingsError

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Address = Annotated[str, typer.Argument(help="acme, acme/webcrm or acme/webcrm.customers")]


def register(app: typer.Typer) -> None:
    app.command()(apply)
    app.command()(connect)
    app.command()(check)
    app.command()(plan)
    app.command()(sync)


def who() -> str:
    """Return who asks, for the audit log: the name of the account on this machine."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):
        return "command line"


def apply(
    file: Annotated[Path | None, typer.Argument(help="The TOML file.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, change nothing.")] = False,
    explain: Annotated[str, typer.Option("--explain", metavar="SYSTEM", help="Print the settings that a connector knows.")] = "",
    json: Json = False,
) -> None:
    """Declare companies, connections, integrations and settings. Applying a file again changes nothing."""
    if explain:
        _explain(explain, json)
        return
    if file is None:
        raise SettingsError("No file was given.", repair="Write brygga apply FILE.toml, or brygga apply --explain SYSTEM.")
    from brygga.sync.declare import declare

    changes = declare(file, who=who(), dry_run=dry_run)
    if json:
        say.as_json({"file": str(file), "dry_run": dry_run, "changes": changes})
        return
    for change in changes:
        say.out.print(("would change: " if dry_run else "") + change, markup=False)
    if not changes:
        say.out.print(f"{file} says what is set already; nothing changed.")
    if not dry_run and changes:
        _refused(file)


def _refused(file: Path) -> None:
    """Say at once what a run would refuse of the file's settings, where both systems are connected; exit 2 when it is anything."""
    from brygga.sync.check import refused
    from brygga.sync.declare import companies_of

    rows = [row for slug in companies_of(file) for row in refused(slug)]
    for row in rows:
        say.err.print(f"{row['level']}: {row['connection']}: {row['text']} {row['repair'] or ''}".strip(), markup=False)
    if any(row["level"] == "error" for row in rows):
        raise typer.Exit(SettingsError.exit_status)


def _explain(system: str, json: bool) -> None:
    from brygga.connectors import explain_settings

    rows = explain_settings(system)
    if json:
        say.as_json(rows)
        return
    say.out.print(f"[company.NAME.{system}.settings]\n", markup=False)
    for row in rows:
        say.out.print(f"{row['key']}  ({row['term']})", markup=False, style="bold")
        say.out.print(f"    {row['help']}\n    allowed: {row['allows']}\n    default: {row['default']}\n", markup=False)


def connect(
    company: Annotated[str, typer.Argument(help="The company's short name.")],
    answer: Annotated[str, typer.Option("--answer", help="The address that the browser ended at; asked for when left out.")] = "",
) -> None:
    """Connect a company to Fortnox: open the address, sign in, accept, and paste the address that the browser ends at."""
    from brygga.sync.connect import begin, finish, fortnox_of, query_of

    connection = fortnox_of(company)
    if not answer:
        say.out.print(f"Open this address, sign in to the right company and accept:\n\n{begin(connection)}\n", markup=False)
        answer = typer.prompt("The address that the browser ends at")
    say.out.print(finish(connection, query_of(answer), who()), markup=False)


def check(
    company: Annotated[str, typer.Argument(help="The company's short name; default all.")] = "",
    make_articles: Annotated[
        bool, typer.Option("--make-articles", help="Make in Fortnox the articles that the settings name and that are missing.")
    ] = False,
    json: Json = False,
) -> None:
    """Try every connection: sign-in, licences, rights, and what the settings need. Each row ok, warning or error with the repair."""
    from brygga.sync import compare
    from brygga.sync.check import check_company, companies

    if make_articles:
        for slug in [company] if company else companies():
            made = compare.make_articles(slug, who())
            if not json:
                say.out.print("\n".join(f"Made {line}" for line in made) or "No article is missing.", markup=False)
    rows = [row for slug in ([company] if company else companies()) for row in check_company(slug)]
    if json:
        say.as_json(rows)
    else:
        say.table(
            "Preflight",
            ("", "connection", "what", "finding", "repair"),
            [(row["level"], row["connection"], row["subject"], row["text"], row["repair"]) for row in rows],
            "There is no connection to check. Declare one with brygga apply.",
        )
    status = max((row["exit_status"] for row in rows), default=0)
    if status:
        raise typer.Exit(status)


def plan(
    address: Address,
    save: Annotated[bool, typer.Option("--save", help="Keep it for approval.")] = False,
    only: Annotated[list[str] | None, typer.Option("--only", metavar="SYSTEM:ID", help="Only these records.")] = None,
    json: Json = False,
) -> None:
    """Say what a sync would do. Nothing is written to any system."""
    from brygga.sync import look_up
    from brygga.sync.address import switched_on
    from brygga.sync.start import make_plan

    bodies = []
    for target, chosen in look_up.chosen(switched_on(address), only or ()):
        with say.RunProgress(quiet=json) as progress:
            bodies.append(make_plan(target.integration, target.stream, who=who(), save=save, only=chosen, told=progress))
    if json:
        say.as_json(bodies if len(bodies) > 1 else bodies[0])
    else:
        for body in bodies:
            _print_plan(body)
    if any(body["brake"] for body in bodies):
        raise typer.Exit(4)


def _print_plan(body: dict[str, Any]) -> None:
    counts = ", ".join(f"{count} {action}" for action, count in sorted(body["counts"].items()) if count) or "nothing to do"
    say.out.print(f"{body['address']}: {counts}", markup=False)
    for item in body["items"]:
        ends = " = ".join(part for part in (item["left"], item["right"]) if part)
        fields = "; ".join(f"{name}: {_change(values)}" for name, values in item["fields"].items())
        where = f" in {item['side']}" if item["side"] and item["action"] in ("create", "update") else ""
        rule = f" ({item['rule']})" if item["rule"] else ""
        about = item["about"]
        amount = f" {about['amount']} {about['currency']}" if about["amount"] else ""
        called = f"{about['called']}: " if about.get("called") and not fields else ""
        said = f"{called}{fields or item['message'] or ''}{rule}"
        say.out.print(f"  {item['action']}{where} {item['kind']} {ends}{amount}: {said}", markup=False)
        for line in (about["posting"] or {}).get("lines", ()):
            account = line["account"] or f"({line['usual'] or '····'})"
            say.out.print(
                f"      {account:<6} {line['debit']:>12} {line['credit']:>12}  {line['text'] or line['what']}", markup=False
            )
    if body["brake"]:
        say.out.print(body["brake"], markup=False)
    if body.get("plan"):
        say.out.print(f"Kept as plan {body['plan']}. Apply exactly this: brygga sync {body['address']} --plan {body['plan']}")
        say.out.print("Or some of it: --action update, --below 10000, --only SYSTEM:ID.")


def _change(values: list[Any]) -> str:
    if len(values) == 3:
        return f"was {values[0]!r}, left {values[1]!r}, right {values[2]!r}"
    return f"{values[1]!r}" if values[0] is None else f"{values[0]!r} -> {values[1]!r}"


def sync(
    address: Address,
    plan: Annotated[str, typer.Option("--plan", metavar="ID", help="Apply exactly this plan.")] = "",
    only: Annotated[list[str] | None, typer.Option("--only", metavar="SYSTEM:ID", help="Only these records.")] = None,
    action: Annotated[
        list[str] | None, typer.Option("--action", help="Of the plan only these: create, update, link, unlink.")
    ] = None,
    side: Annotated[str, typer.Option("--side", help="Of the plan only what writes on this side: left or right.")] = "",
    below: Annotated[str, typer.Option("--below", metavar="AMOUNT", help="Of the plan only what is less, in kronor.")] = "",
    json: Json = False,
) -> None:
    """Run the streams that the address names, both directions, now; or apply a plan that was kept, all or some of it."""
    from brygga.sync import look_up
    from brygga.sync.address import record, switched_on
    from brygga.sync.approve import approve, read_choice
    from brygga.sync.report import run_json
    from brygga.sync.start import begin_run, execute, saved_plan

    found = switched_on(address)
    if plan and len(found) != 1:
        raise SettingsError(
            "A plan is for one stream; {address} names {count}.", repair="Name the stream.", address=address, count=len(found)
        )
    if not plan and (action or side or below):
        raise SettingsError("Only a plan is approved in part.", repair="Name it with --plan ID.")
    results, exits = [], []
    whole_plan = [(target, [":".join(record(target, text)) for text in only or ()]) for target in found]
    for target, chosen in whole_plan if plan else look_up.chosen(found, only or ()):
        if plan:
            row = saved_plan(target.integration, target.stream, plan)
            if row.state == row.State.SHOWN:
                approve(row, read_choice(action or (), side, below, chosen), who())
            chosen = []
        run = begin_run(target.integration, target.stream, trigger="person", only=chosen, plan_id=plan)
        with say.RunProgress(quiet=json) as progress:
            run = execute(run.pk, told=progress)
        results.append(run_json(run))
        exits.append(run.exit_status)
    if json:
        say.as_json(results if len(results) > 1 else results[0])
    else:
        for result in results:
            say.out.print(say.run_line(result), markup=False)
            for item in result["items"]:
                if item["message"]:
                    say.out.print(f"  {item['action']}: {item['message']}", markup=False)
            if result["message"]:
                say.out.print(f"  {result['message']}", markup=False)
    if any(exits):
        raise typer.Exit(max(exits))
