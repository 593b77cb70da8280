"""brygga status, runs, show, problems, links, conflicts: look."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from brygga.cli import say
from brygga.cli.sync import Json

At = Annotated[str, typer.Argument(help="acme, acme/webcrm or acme/webcrm.customers; default everything")]


def register(app: typer.Typer) -> None:
    for command in (overview, status, runs, show, problems, conflicts, duplicates, links, mapping, reconcile):
        app.command()(command)


def status(address: At = "", json: Json = False) -> None:
    """Each stream: in step, waiting, skipped, failing; last success and next run."""
    from brygga.sync.look import stream_rows

    rows = stream_rows(address)
    if json:
        say.as_json(rows)
        return
    say.table(
        "Streams",
        ("stream", "in step", "waiting", "conflicts", "failed", "skipped", "last success", "next", "schedule"),
        [
            (
                row["address"],
                row["linked"],
                row["held"],
                row["conflicts"],
                row["failed"],
                row["skipped"],
                row["last_success"],
                row["next"],
                row["schedule"],
            )
            for row in rows
        ],
        "No stream is declared yet. Declare one with brygga apply FILE.toml.",
    )
    for row in rows:
        if row["stopped"]:
            say.out.print(f"{row['address']}: {row['stopped']} brygga problems says what to do.", markup=False)


def runs(address: At = "", most: Annotated[int, typer.Option("--most", min=1)] = 20, json: Json = False) -> None:
    """The latest runs, newest first."""
    from brygga.sync.look import run_rows

    rows = run_rows(address, most)
    if json:
        say.as_json(rows)
        return
    say.table(
        "Runs",
        ("run", "stream", "asked by", "status", "counts", "began", "message"),
        [
            (
                row["run"],
                row["address"],
                row["trigger"],
                row["status"],
                ", ".join(f"{count} {name}" for name, count in row["counts"].items() if count),
                row["started"],
                row["message"],
            )
            for row in rows
        ],
        "Nothing has been run yet. Run a stream with brygga sync ADDRESS.",
    )


def show(
    run: Annotated[str, typer.Argument(help="The id of a run, or acme/SYSTEM:ID of a record for its timeline.")],
    kind: Annotated[str, typer.Option("--kind", help="Only records of this kind: customer, article, order, invoice ...")] = "",
    json: Json = False,
) -> None:
    """One run with its records, or one record with everything that was sent, found and chosen for it."""
    from brygga.sync.look import one_run
    from brygga.sync.timeline import timeline

    if ":" in run:
        events = timeline(run, kind)
        if json:
            say.as_json(events)
            return
        say.table(
            run,
            ("when", "what", "kind", "record", "Fortnox", "state", "detail"),
            [_event(event) for event in events],
            f"Nothing is known of {run}: nothing was sent for it, and nothing was found wrong with it.",
        )
        return
    result: dict[str, Any] = one_run(run)
    if json:
        say.as_json(result)
        return
    say.out.print(say.run_line(result), markup=False)
    if result["message"]:
        say.out.print(result["message"], markup=False)
    for item in result["items"]:
        fields = "; ".join(f"{name}: {' -> '.join(str(v) for v in values)}" for name, values in item["fields"].items())
        ends = " = ".join(part for part in (item["left"], item["right"]) if part)
        line = f"  {item['action']} {item['kind']} {ends}: {item['outcome']}. {item['message'] or fields}"
        say.out.print(line, markup=False)


def _event(event: dict[str, Any]) -> tuple[object, ...]:
    """An event of a record as a row of the table."""
    what, state, detail = event["event"], event.get("state", ""), event.get("text", "")
    match what:
        case "write":
            what = f"{event['action']} in {'Fortnox' if event['side'] == 'right' else event['system']}"
            detail = event["fields"] if state != "failed" else event["answer"]
        case "found":
            what, state = event["sort"], ""
        case "answered":
            detail = f"{event['who']}: {event['choice']}"
    return event["at"], what, event["kind"], event["left"], event["right"], state, detail


def problems(
    address: At = "",
    sort: Annotated[str, typer.Option("--sort", help="hold, skip, conflict, question or failed")] = "",
    json: Json = False,
) -> None:
    """What is not in step, grouped by cause, oldest first, with the repair. Exit status 1 when there is any but skips."""
    from brygga.sync.look import problem_rows

    rows = problem_rows(address, (sort,) if sort else ("hold", "conflict", "question", "failed"))
    _print_problems(rows, json, "Nothing is waiting: every record is in step or skipped by a rule.")


def mapping(
    address: Annotated[str, typer.Argument(help="The stream: acme/webcrm.customers")],
    record: Annotated[str, typer.Option("--record", metavar="ID", help="The record of the business system to show.")] = "",
    json: Json = False,
) -> None:
    """What goes where: a line a field with its arrow, a linked record's values on both sides, and what to watch."""
    from brygga.sync.address import targets
    from brygga.sync.mapping import as_json, table

    found = [table(target.integration, target.stream, record) for target in targets(address)]
    if json:
        said = [as_json(one) for one in found]
        say.as_json(said if len(said) > 1 else said[0])
        return
    arrows = {"both": "<->", "right": "->", "left": "<-", "once_right": "-> once", "once_left": "<- once", "none": ""}
    for one in found:
        rows = as_json(one)["fields"]
        say.table(
            f"{address} {one.stream.name}",
            ("field", one.names["left"], "", "Fortnox", "left now", "right now", "rule", "watch"),
            [
                (
                    row["field"],
                    row["left"],
                    arrows[row["arrow"]],
                    row["right"],
                    _short(row["values"]["left"]),
                    _short(row["values"]["right"]),
                    row["rule"],
                    " ".join([*row["ways"], *row["warnings"]]),
                )
                for row in rows
            ],
            "Nothing is mapped.",
        )


def duplicates(address: At = "", json: Json = False) -> None:
    """Records of one register that look like the same, told from what was read: by number for sure, by e-mail or name likely."""
    from brygga.sync.duplicates import duplicate_rows

    rows = duplicate_rows(address)
    if json:
        say.as_json(rows)
        return
    say.table(
        "Duplicates",
        ("register", "by", "id", "name", "linked to", "question"),
        [
            (row["system"], row["by"], one["id"], str(one["values"].get("name", "")), one["linked_to"], one["question"])
            for row in rows
            for one in row["records"]
        ],
        "No two records of a register look like the same.",
    )


def _short(value: Any) -> str:
    if isinstance(value, dict) and value.get("$") == "tuple":
        return f"{len(value['items'])} rows"
    return "" if value is None else str(value)


def conflicts(address: At = "", json: Json = False) -> None:
    """What needs a person's choice: fields that both sides changed, and records that could be several."""
    from brygga.sync.look import problem_rows

    _print_problems(problem_rows(address, ("conflict", "question")), json, "There is no conflict.")


def _print_problems(rows: list[dict[str, Any]], json: bool, empty: str) -> None:
    if json:
        say.as_json(rows)
    elif not rows:
        say.out.print(empty)
    else:
        causes: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            causes.setdefault(row["cause"], []).append(row)
        for group in causes.values():
            say.out.print(
                f"{group[0]['sort']}, {len(group)} of this kind" + (f" ({group[0]['rule']})" if group[0]["rule"] else ""),
                markup=False,
            )
            for row in group:
                say.out.print(
                    f"  {row['id']}  {row['address']} {row['record']}: {row['text']} {row['repair'] or ''}".rstrip(), markup=False
                )
                for candidate in row["candidates"]:
                    evidence = "; ".join(candidate["evidence"])
                    say.out.print(f"      could be {candidate['id']} ({candidate['name']}): {evidence}", markup=False)
                for name, (base, left, right) in row["fields"].items():
                    say.out.print(f"      {name}: was {base!r}, left {left!r}, right {right!r}", markup=False)
    if any(row["sort"] != "skip" for row in rows):
        raise typer.Exit(1)


def links(address: At = "", json: Json = False) -> None:
    """Which records are the same."""
    from brygga.sync.look import link_rows

    rows = link_rows(address)
    if json:
        say.as_json(rows)
        return
    say.table(
        "Links",
        ("stream", "left", "right", "name", "belongs to it with others", "waits for a reading"),
        [
            (row["address"], row["left"], row["right"], row["name"], *("yes" if row[one] else "" for one in ("shared", "thin")))
            for row in rows
        ],
        "Nothing is linked yet.",
    )


def overview(company: Annotated[str, typer.Argument(help="acme; default the only company")] = "", json: Json = False) -> None:
    """How a company stands: each integration's records, times and amounts on both sides, request budgets, the last 30 days."""
    from brygga.store.models import Company
    from brygga.sync.address import company as named
    from brygga.sync.overview import standing

    found = [named(company)] if company else list(Company.objects.order_by("slug"))
    rows = [standing(one) for one in found]
    if json:
        say.as_json(rows)
        return
    for row in rows:
        say.table(
            row["company"],
            ("integration", "in step", "waiting", "to choose", "failed", "skipped", "last success", "next run"),
            [
                tuple(
                    one[name]
                    for name in ("address", "in_step", "waiting", "to_choose", "failed", "skipped", "last_success", "next")
                )
                for one in row["integrations"]
            ],
            f"{row['company']}: nothing is connected yet.",
        )
        amounts = [(one["system"], line, period) for one in row["integrations"] for line in one["amounts"] for period in PERIODS]
        if amounts:
            say.table(
                "Amounts",
                ("system", "kind", "period", "there", "Fortnox", "currency", ""),
                [
                    (system, line["kind"], period, _half(line[period]["left"]), _half(line[period]["right"]), line["currency"],
                     _equal(line[period]))
                    for system, line, period in amounts
                ],
                "",
            )  # fmt: skip


PERIODS = ("yesterday", "month")


def _half(half: dict[str, Any]) -> str:
    return f"{half['count']}: {half['amount']}" if half["amount"] is not None else str(half["count"])


def reconcile(
    address: Annotated[str, typer.Argument(help="acme, acme/webcrm or acme/webcrm.customers")], json: Json = False
) -> None:
    """The proof of completeness: both sides read whole, counts and totals, and every record that differs. Nothing is written."""
    from brygga.sync.reconcile import reconcile as compare

    with say.RunProgress(quiet=json) as progress:
        found = compare(address, progress)
    if json:
        say.as_json(found)
    else:
        for stream in found:
            _print_reconciled(stream)
    raise typer.Exit(0 if all(stream["verdict"] == "equal" for stream in found) else 1)


_VERDICTS = {
    "equal": "everything is in, and equal on both sides",
    "waiting": "all is accounted for; some records wait for somebody",
    "differs": "the two sides differ",
}


def _print_reconciled(stream: dict[str, Any]) -> None:
    say.out.print(f"{stream['address']}: {_VERDICTS[stream['verdict']]} ({stream['linked']} linked).")
    say.table(
        "Counts",
        ("system", "read", "linked", "skipped", "waiting", "unaccounted"),
        [
            tuple(side[name] for name in ("system", "read", "linked", "skipped", "waiting", "unaccounted"))
            for side in stream["counts"].values()
        ],
        "",
    )
    for row in stream["differing"]:
        fields = "; ".join(f"{name}: {before} / {after}" for name, (before, after) in row["fields"].items())
        say.out.print(f"  {row['left']} = {row['right']} differs. {fields} {row['message'] or ''}".rstrip())
    for row in stream["gone"]:
        say.out.print(f"  {row['system']} no longer shows {row['id']}, which is linked.")
    for row in stream["unaccounted"]:
        say.out.print(f"  {row['system']} {row['id']} is neither linked nor kept back: it comes with the next sync.")
    _print_sums(stream)


def _print_sums(stream: dict[str, Any]) -> None:
    """Print what documents come to: in all, by day, by VAT rate and by account; nothing for records that are not about money."""
    if not stream["days"] and not stream["rates"] and not stream["accounts"]:
        return
    systems = [stream["counts"][side]["system"] for side in ("left", "right")]
    say.out.print("Sums are with VAT." if stream["measure"] == "total" else "Sums are without VAT.")
    if stream["uncounted"]:
        say.out.print(f"{stream['uncounted']} documents are counted by number alone: one system does not tell what they come to.")
    if stream["undivided"]:
        say.out.print(f"{stream['undivided']} documents are not divided by VAT rate and account yet; each proof reads some more.")
    say.table(
        "By day",
        ("date", systems[0], "sum", systems[1], "sum", ""),
        [
            (
                day["date"],
                day["left"]["count"],
                _amounts(day["left"]["totals"]),
                day["right"]["count"],
                _amounts(day["right"]["totals"]),
                _equal(day),
            )
            for day in stream["days"]
        ],
        "",
    )
    say.table(
        "By VAT rate",
        ("rate", "currency", f"net {systems[0]}", f"VAT {systems[0]}", f"net {systems[1]}", f"VAT {systems[1]}", ""),
        [
            (
                f"{row['rate']} %" if row["rate"] else "not told",
                row["currency"],
                row["left"]["net"],
                row["left"]["vat"] or "-",
                row["right"]["net"],
                row["right"]["vat"] or "-",
                _equal(row),
            )
            for row in stream["rates"]
        ],
        "",
    )
    say.table(
        "By account",
        ("account", "currency", systems[0], systems[1], ""),
        [(row["account"] or "not told", row["currency"], row["left"], row["right"], _equal(row)) for row in stream["accounts"]],
        "",
    )


def _amounts(totals: dict[str, str]) -> str:
    return " + ".join(f"{amount} {code}" for code, amount in totals.items()) or "-"


def _equal(row: dict[str, Any]) -> str:
    return "equal" if row["same"] else "differs"
