#!/usr/bin/env python3
"""Write docs/coverage.md: every operation of the published Fortnox definition, and what the client and the sandbox do with it.

    python scripts/coverage.py            write the page
    python scripts/coverage.py --check    exit 1 when the page is out of date

The client is asked by calling every public function of every resource with examples and noting which request would leave. The
sandbox is asked by what its resources say they answer. The definition is found in BRYGGA_SHARED, or ../shared beside the project.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from brygga.clients.fortnox import Fortnox, fields
from brygga.clients.fortnox.resource import Resource
from brygga.clients.http import Answer, Call
from brygga.errors import BryggaError, SettingsError

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "coverage.md"

Operation = tuple[str, str]
"""Method and path as the definition writes it."""

LEFT_OUT = {
    "AbsenceTransactions": "payroll",
    "AttendanceTransactions": "payroll",
    "Employees": "payroll",
    "Expenses": "payroll",
    "SalaryTransactions": "payroll",
    "ScheduleTimes": "payroll",
    "VacationDebtBasis": "payroll",
    "Assets": "fixed assets",
    "AssetTypes": "fixed assets",
    "AssetFileConnection": "fixed assets",
    "FinanceInvoices": "invoice financing",
    "EUVatLimitRegulation": "a report",
}
"""Resources that no integration has a use for, and what they are about; `warehouse` and the developer portal go by their prefix."""

LEFT_OUT_PREFIXES = {
    "warehouse": "the warehouse module",
    "time-reporting": "time reporting",
    "integration-partner": "the developer portal",
    "integration-developer": "the developer portal",
    "tag": "the developer portal",
}


@dataclass(frozen=True)
class Line:
    operation: Operation
    tag: str
    client: str
    sandbox: str


def definition(shared: Path) -> dict[Operation, str]:
    """Return every operation with its tag, from the newest copy."""
    document = json.loads((shared / "fortnox" / "openapi" / "fortnox-openapi-2026-04.json").read_text("utf-8"))
    methods = {"get", "post", "put", "patch", "delete"}
    return {
        (method.upper(), path): str((about.get("tags") or ["-"])[0])
        for path, operations in document["paths"].items()
        for method, about in operations.items()
        if method in methods
    }


# ---------------------------------------------------------------- the client, asked


class _Noted(Exception):
    """Raised in place of sending."""


def client_requests() -> set[Operation]:
    """Return method and path of the request that each public function of the client begins with."""
    noted: set[Operation] = set()

    def note(call: Call) -> Answer:
        noted.add((call.method, call.path))
        raise _Noted

    fortnox = Fortnox(token=lambda: "", send=note)
    for resource in vars(fortnox).values():
        if isinstance(resource, Resource):
            for name in dir(resource):
                if not name.startswith("_") and name != "definition" and inspect.ismethod(getattr(resource, name)):
                    _call_with_examples(resource, name)
    return noted


def _call_with_examples(resource: Resource, name: str) -> None:
    """Call one function twice: with what it must have, and with all it can take."""
    function = getattr(resource, name)
    parameters = [one for one in inspect.signature(function).parameters.values() if one.kind is not one.VAR_KEYWORD]
    must = [one for one in parameters if one.default is one.empty]
    for chosen in (must, parameters):
        try:
            result = function(**{one.name: _example(resource, name, one.name) for one in chosen})
            if isinstance(result, Iterator):
                next(result, None)
        except _Noted:
            continue
        except SettingsError as error:
            # `changed` without lastmodified in the definition, or an example that has become wrong: say so, do not guess.
            raise SystemExit(f"{type(resource).__name__}.{name}: {error}") from None
        except BryggaError as error:
            raise SystemExit(f"{type(resource).__name__}.{name}: {error}") from None


def _example(resource: Resource, function: str, name: str) -> Any:
    kind = type(resource).__name__
    if name in ("record", "changes"):
        return _record(resource.definition(), create=function == "create")
    examples: dict[str, Any] = {
        "attachments": [{"entityId": 1, "entityType": "F", "fileId": "f"}],
        "archive_file_id": "a",
        "content": b"x",
        "day": date(2026, 1, 1),
        "financial_year": 1,
        "folder_id": None,
        "from_quantity": 1,
        "invoice": 1,
        "invoice_date": date(2026, 1, 1),
        "kind": {"Attachments": "F", "TaxReductions": "invoices", "Sie": 4}.get(kind),
        "limit": 1,
        "number": "1",
        "numbers": [1],
        "page": 1,
        "path": "x",
        "reference": "x",
        "since": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return examples.get(name, "1")


def _record(resource: str, *, create: bool) -> dict[str, object]:
    """Return the smallest record that the client lets through."""
    known = fields.fields_of(resource)
    use: fields.Use = "create" if create else "update"
    wanted = [one for one in known.values() if one.may(use) and one.required] if create else []
    wanted = wanted or [one for one in known.values() if one.may(use) and one.type == "str" and not one.values][:1]
    return {one.name: _value(one) for one in wanted}


def _value(one: fields.Field) -> object:
    if one.values:
        return one.values[0]
    if one.type in ("num", "int", "int64"):
        return int(one.lowest or 1)
    if one.type == "array":
        return [{inner.name: _value(inner) for inner in one.inner.values() if inner.required and inner.created}]
    return {"bool": True, "date": "2026-01-01"}.get(one.type, "1" * (one.shortest or 1))


# ---------------------------------------------------------------- the sandbox, asked


def sandbox_operations() -> set[Operation]:
    """Return what the sandbox says it answers, `{}` for each key."""
    from brygga_sandbox.fortnox.app import all_resources

    return {operation for resource in all_resources().values() for operation in resource.operations()}


# ---------------------------------------------------------------- the page


def matched(found: Iterable[Operation], known: Iterable[Operation]) -> tuple[set[Operation], set[Operation]]:
    """Return the known operations that were found, and those found that are not known.

    A found path may be concrete (/3/units/1) or have `{}` for its keys; of several that fit, the one with fewest keys counts, since
    /3/vouchers/sublist is not a voucher series.
    """
    patterns = [(operation, re.compile(re.sub(r"\{[^}]*\}", "[^/]+", operation[1]))) for operation in known]
    patterns.sort(key=lambda one: one[0][1].count("{"))
    done: set[Operation] = set()
    more: set[Operation] = set()
    for method, path in found:
        for operation, pattern in patterns:
            if operation[0] == method and pattern.fullmatch(path):
                done.add(operation)
                break
        else:
            more.add((method, path))
    return done, more


def left_out(tag: str) -> str | None:
    """Return why operations under a tag are left out on purpose, None when they are not."""
    prefix, _, name = tag.partition("_")
    return LEFT_OUT_PREFIXES.get(prefix) or LEFT_OUT.get(name)


def sandbox_refuses(tag: str) -> bool:
    """Tell whether the sandbox answers every call of a tag with the refusal of a missing licence, on purpose."""
    from brygga_sandbox.fortnox.documents.refused import REFUSED_TAGS

    return tag.partition("_")[2] in REFUSED_TAGS


def lines(known: Mapping[Operation, str]) -> tuple[list[Line], set[Operation], set[Operation]]:
    by_client, client_more = matched(client_requests(), known)
    by_sandbox, sandbox_more = matched(sandbox_operations(), known)

    def state(operation: Operation, done: set[Operation], refused: bool) -> str:
        return "done" if operation in done else "refused" if refused else "missing"

    made = [
        Line(
            operation,
            tag,
            state(operation, by_client, left_out(tag) is not None),
            state(operation, by_sandbox, left_out(tag) is not None or sandbox_refuses(tag)),
        )
        for operation, tag in known.items()
    ]
    return made, client_more, sandbox_more


def page(shared: Path) -> str:
    """Return the page as it should be."""
    made, client_more, sandbox_more = lines(definition(shared))
    out = [
        "# Coverage of the Fortnox API",
        "",
        f"Made by `scripts/coverage.py` from the published definition of April 2026: {len(made)} operations.",
        "*Done*: works, with tests. *Refused*: left out on purpose, see the end. *Missing*: not yet there.",
        "",
        "| | done | refused | missing |",
        "|---|---:|---:|---:|",
    ]
    for who in ("client", "sandbox"):
        counts = Counter(getattr(line, who) for line in made)
        out.append(f"| {who} | {counts['done']} | {counts['refused']} | {counts['missing']} |")
    tags = sorted({line.tag for line in made}, key=lambda tag: (left_out(tag) is not None, tag.partition("_")[2] or tag, tag))
    for tag in (tag for tag in tags if left_out(tag) is None):
        out += ["", f"## {tag.partition('_')[2] or tag}", "", "| operation | client | sandbox |", "|---|---|---|"]
        here = sorted((line for line in made if line.tag == tag), key=lambda line: (line.operation[1], line.operation[0]))
        out += [f"| `{line.operation[0]} {line.operation[1]}` | {line.client} | {line.sandbox} |" for line in here]
    if client_more or sandbox_more:
        out += ["", "## Beyond the definition", "", "Not published, but met in practice.", "", "| operation | client | sandbox |"]
        out.append("|---|---|---|")
        keyed = {(method, re.sub(r"\{[^}]*\}", "1", path)) for method, path in sandbox_more}
        for method, path in sorted(client_more | keyed, key=lambda one: (one[1], one[0])):
            states = ["done" if (method, path) in found else "–" for found in (client_more, keyed)]
            shown = re.sub(r"/1(?=/|$)", "/{}", path)
            out.append(f"| `{method} {shown}` | {states[0]} | {states[1]} |")
    out += [
        "",
        "## Left out on purpose",
        "",
        "No integration has a use for them.",
        "",
        "| resource | operations | about |",
        "|---|---:|---|",
    ]
    for tag in (tag for tag in tags if left_out(tag) is not None):
        out.append(f"| {tag.partition('_')[2] or tag} | {sum(line.tag == tag for line in made)} | {left_out(tag)} |")
    out += [
        "",
        "The client has the resources below too. A company of the sandbox owns no licence for them, so every call is refused with 2001101.",
        "",
        "| resource | operations |",
        "|---|---:|",
    ]
    for tag in (tag for tag in tags if left_out(tag) is None and sandbox_refuses(tag)):
        out.append(f"| {tag.partition('_')[2]} | {sum(line.tag == tag for line in made)} |")
    return "\n".join(out) + "\n"


def main(arguments: list[str]) -> int:
    shared = Path(os.environ.get("BRYGGA_SHARED") or ROOT.parent / "shared")
    text = page(shared)
    if "--check" in arguments:
        return 0 if PAGE.is_file() and PAGE.read_text("utf-8") == text else 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
