"""One rounding everywhere: a half goes away from zero, and nothing rounds without saying how (accounting.md 3.1).

The source is read as a tree and not as text, so that a line break or another name of a variable hides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"

NOT_MONEY = {
    # Seconds, percents and widths of bars: built-in round() is for what is no amount.
    "brygga/api/problem.py",
    "brygga/clients/limits.py",
    "brygga/core/brake.py",
    "brygga/engine/app.py",
    "brygga/engine/status.py",
    "brygga/store/permits.py",
    "brygga/store/tokens.py",
    "brygga/sync/overview.py",
    "brygga/web/templatetags/brygga.py",
    "brygga_sandbox/mobigo/app.py",
    "brygga_sandbox/opter/app.py",
}
SHOWN = {"brygga/engine/supervisor.py"}
"""Files that write a number of seconds with a fixed number of decimals."""

WAYS = {"ROUND_HALF_UP", "ROUND_DOWN", "ROUND_FLOOR", "ROUND_CEILING", "ROUND_UP"}
"""A half up is the rule; the others are for what is cut on purpose: house work, and a price not below another's."""


def faults(place: str, text: str) -> list[str]:
    """Return what rounds in a file without saying how, or in a way of its own: `place:line what`."""
    tree = ast.parse(text)
    compared = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Compare) for part in (node.left, *node.comparators)}
    return [f"{place}:{line} {what}" for node in ast.walk(tree) for line, what in _faults(place, node, compared)]


def _faults(place: str, node: ast.AST, compared: set[int]) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        says = [one.id for one in node.args[1:2] if isinstance(one, ast.Name)]
        says += [one.value.id for one in node.keywords if one.arg == "rounding" and isinstance(one.value, ast.Name)]
        if node.func.attr == "quantize" and not WAYS.intersection(says):
            yield node.lineno, "quantize without a rounding"
        to_whole = node.func.attr.startswith("to_integral") and not node.args and not node.keywords
        if to_whole and id(node) not in compared:
            yield node.lineno, f"{node.func.attr} without a rounding"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "round" and place not in NOT_MONEY:
            yield node.lineno, "round() rounds a half to the even digit"
        if node.func.id in ("localcontext", "setcontext", "getcontext"):
            yield node.lineno, "a decimal context of the thread"
        if node.func.id == "format" and len(node.args) == 2 and place not in SHOWN and _decimals(node.args[1]):
            yield node.lineno, "a format that rounds a half to the even digit"
    if isinstance(node, ast.FormattedValue) and node.format_spec is not None and place not in SHOWN:
        parts = node.format_spec.values if isinstance(node.format_spec, ast.JoinedStr) else []
        if any(_decimals(part) for part in parts):
            yield node.value.lineno, "a format that rounds a half to the even digit"
    if isinstance(node, ast.alias) and node.name in ("ROUND_HALF_EVEN", "ROUND_HALF_DOWN"):
        yield node.lineno, node.name


def _decimals(spec: ast.AST) -> bool:
    """Say whether a format wants a fixed number of decimals, as .2f does."""
    text = spec.value if isinstance(spec, ast.Constant) and isinstance(spec.value, str) else ""
    return "." in text and text[-1:] in "fe%"


def test_nothing_in_the_source_rounds_without_saying_how() -> None:
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        found += faults(path.relative_to(SOURCE).as_posix(), path.read_text(encoding="utf-8"))
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "x = amount.quantize(ORE)",
        "x = (\n    amount * rate\n    / 100\n).quantize(\n    Decimal('0.01')\n)",
        "x = amount.quantize(ORE, context=mine)",
        "x = amount.quantize(ORE, rounding=ROUND_HALF_EVEN)",
        "x = round(amount, 2)",
        "x = amount.to_integral_value()",
        "x = f'{amount:.2f}'",
        "x = format(amount, '.2f')",
        "with localcontext() as context: pass",
        "from decimal import ROUND_HALF_EVEN",
    ],
)
def test_each_way_to_round_by_accident_is_seen(line: str) -> None:
    assert faults("brygga/core/anything.py", line) != []


@pytest.mark.parametrize(
    "line",
    ["x = amount.quantize(ORE, ROUND_HALF_UP)", "x = amount.quantize(ORE, rounding=ROUND_DOWN)", "x = n == n.to_integral_value()"],
)
def test_what_says_how_it_rounds_is_let_be(line: str) -> None:
    assert faults("brygga/core/anything.py", line) == []
