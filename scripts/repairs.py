"""Every repair that the hub can propose for a record, collected from the code: the table of docs/errors.md and the tests' catalogue.

A repair is what stands in a parameter or a field called `repair` of whatever holds or refuses a record. What is handed on from another
such parameter, or taken from an error, is found where it was first written. Errors of a command, a setting or a connection are not of
a record, and are in the tables of errors.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).parents[1] / "src" / "brygga"
PARTS = ("connectors", "core", "store", "sync")
COMMANDS = frozenset(
    {"approve", "connect", "start", "onboard", "declare", "configure", "discard", "take_out", "file_import", "resolve"}
)
"""Modules of `sync` whose errors are the answer to a command."""
NOT_OF_A_RECORD = frozenset(
    {"SettingsError", "Unauthorised", "Unavailable", "NoSuchRecord", "Finding", "Fault", "say", "message", "_say", "fail", "_wrong"}
)
TABLES = frozenset({"VERBS", "WIN_AGAIN", "END_IT"})
"""Constants that hold a repair for each state of a document (`core.ends`): what is chosen from them cannot be read at the call."""
ERRORS = frozenset({"Rejected", "NotFound", "BadData", "Stale", "OutcomeUnknown", "UnsafePlan"})


class Module(NamedTuple):
    """One module: where it is, its tree, and its constants."""

    path: Path
    tree: ast.Module
    constants: dict[str, ast.expr]


def repairs() -> Mapping[str, tuple[str, ...]]:
    """Return repair -> the modules that propose it. Raises ValueError for a repair that cannot be read from the code."""
    modules = [
        Module(path, ast.parse(path.read_text(encoding="utf-8")), {})
        for part in PARTS
        for path in sorted((SOURCE / part).rglob("*.py"))
        if not (part == "sync" and path.stem in COMMANDS)
    ]
    for module in modules:
        module.constants.update(_assigned(module.tree.body))
    named = {_name(module.path): module.constants for module in modules}
    for module in modules:
        for node in module.tree.body:
            if isinstance(node, ast.ImportFrom) and node.module in named:
                own = named[node.module]
                module.constants.update({one.asname or one.name: own[one.name] for one in node.names if one.name in own})
    constants: dict[str, ast.expr] = {}
    for module in modules:
        for name, value in module.constants.items():
            constants.setdefault(name, value)
    takes = {name: place for module in modules for name, place in _takers(module.tree)} | dict.fromkeys(ERRORS, 99)
    found: dict[str, set[str]] = defaultdict(set)
    for module in modules:
        where = module.path.relative_to(SOURCE).as_posix()
        if where.startswith("store/"):
            # Troubles are kept there; what it refuses is a command of a person.
            continue
        for table, held in _assigned(module.tree.body):
            for text in _texts(held, None, {}, set()) if table in TABLES else ():
                found[text].add(where)
        for call, scope in _calls(module.tree):
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            if name not in takes or name in NOT_OF_A_RECORD:
                continue
            given = next((one.value for one in call.keywords if one.arg == "repair"), None)
            if given is None and len(call.args) > takes[name]:
                given = call.args[takes[name]]
            if given is not None:
                for text in _texts(given, scope, {**constants, **module.constants}, set()):
                    found[text].add(where)
    return {text: tuple(sorted(places)) for text, places in sorted(found.items())}


def _name(path: Path) -> str:
    """Return what a module is imported by."""
    return ".".join(("brygga", *path.relative_to(SOURCE).with_suffix("").parts))


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for one in body:
        if isinstance(one, ast.Assign) and len(one.targets) == 1 and isinstance(one.targets[0], ast.Name):
            yield one.targets[0].id, one.value
        elif isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and one.value is not None:
            yield one.target.id, one.value


def _takers(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield what takes a repair, and its place among the arguments: functions by a parameter, data by a field."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            fields = [one.target.id for one in node.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)]
            for one in node.body:
                if isinstance(one, ast.FunctionDef) and one.name == "__init__":
                    fields = [arg.arg for arg in one.args.args[1:]]
            if "repair" in fields:
                yield node.name, fields.index("repair")
        elif isinstance(node, ast.FunctionDef) and node.name != "__init__":
            names = [arg.arg for arg in node.args.args if arg.arg not in ("self", "cls")]
            if "repair" in names:
                yield node.name, names.index("repair")


def _calls(tree: ast.Module) -> Iterator[tuple[ast.Call, ast.FunctionDef | None]]:
    """Yield every call with the innermost function that it stands in."""

    def inside(node: ast.AST, scope: ast.FunctionDef | None) -> Iterator[tuple[ast.Call, ast.FunctionDef | None]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                yield child, scope
            yield from inside(child, child if isinstance(child, ast.FunctionDef) else scope)

    yield from inside(tree, None)


def _texts(given: ast.expr, scope: ast.FunctionDef | None, constants: Mapping[str, ast.expr], seen: set[str]) -> Iterator[str]:
    """Yield the texts that an argument may be: its own, and those of the names in it."""
    texts = [
        one.value
        for one in ast.walk(given)
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value.endswith(".")
    ]
    yield from (text for text in texts if " " in text)
    for one in ast.walk(given):
        if not isinstance(one, ast.Name) or one.id in seen or one.id == "sentence":
            continue
        seen.add(one.id)
        assigned = [
            value
            for node in (ast.walk(scope) if scope else ())
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for name, value in _assigned([node])
            if name == one.id
        ]
        for value in assigned or ([constants[one.id]] if one.id.isupper() and one.id in constants else []):
            yield from _texts(value, scope, constants, seen)


def table() -> list[str]:
    """Return the part of the page on what holds a record, by repair."""
    lines = [
        "",
        "## What waits, by its repair",
        "",
        "A record that cannot go on waits with a reason and one of these; the tests perform them (`tests/journeys/test_repairs_all.py`).",
        "",
        "| repair | from |",
        "| --- | --- |",
    ]
    return [*lines, *(f"| {text.replace('|', chr(92) + '|')} | {', '.join(places)} |" for text, places in repairs().items())]


if __name__ == "__main__":
    sys.stdout.write("\n".join(repairs()) + "\n")
