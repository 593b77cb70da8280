"""The catalogue of repairs, both ways: each that the program can propose is performed by a test, and each that a test performs is proposed.

`scripts/repairs.py` collects what the program can propose. A test performs a repair by a `Case` of a table (`repairs.walk`) or says so by
`@pytest.mark.performs` and is held to it (`performed`). What nobody performs yet stands in `repairs_not_performed.txt`: a new repair
without a test fails, and so does a line of that list that is performed or gone.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
NOT_YET = TESTS / "journeys" / "repairs_not_performed.txt"


def proposed() -> set[str]:
    path = TESTS.parent / "scripts" / "repairs.py"
    spec = importlib.util.spec_from_file_location("repairs_of_the_program", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return set(module.repairs())


def performed() -> Iterator[str]:
    """Yield what the tests perform: the first words of each `Case`, what it solves beside, and the words of each `performs`."""
    for path in sorted(TESTS.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        table = "from repairs import" in text
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name == "Case" and table:
                given = [*node.args[:1], *(one.value for one in node.keywords if one.arg == "also")]
            elif name == "performs":
                given = node.args
            else:
                continue
            yield from (one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value)


@pytest.fixture(scope="module")
def known() -> set[str]:
    return proposed()


def listed() -> set[str]:
    return {line for line in NOT_YET.read_text(encoding="utf-8").splitlines() if line}


def test_a_repair_without_a_test_fails_and_so_does_a_line_that_is_no_longer_true(known: set[str]) -> None:
    assert known - set(performed()) == listed()


def test_a_test_of_a_repair_that_nobody_proposes_any_more_fails(known: set[str]) -> None:
    assert set(performed()) - known == set()


def test_every_repair_is_a_whole_sentence(known: set[str]) -> None:
    """A person reads it: it begins with a capital and ends with a full stop, and names no field of the program."""
    assert [text for text in known if not (text[0].isupper() or text[0] == "{") or not text.endswith(".")] == []
