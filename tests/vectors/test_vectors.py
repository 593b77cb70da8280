"""Every case of every topic file in the folder that `BRYGGA_VECTORS` names; without it, the project's own copy.

A topic is run by the module of its name in `topics/`: `run(case_input)` returns what the case's `expected` holds.
"""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

OWN = Path(__file__).parent / "cases"
FOLDER = Path(os.environ.get("BRYGGA_VECTORS") or OWN)
ADAPTERS = Path(__file__).parent / "topics"

Run = Callable[[Mapping[str, Any]], object]


def load(file: Path) -> dict[str, Any]:
    """Read one topic file. Raises ValueError with a sentence when it is not one."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)
    except ValueError as error:
        raise ValueError(f"{file} is no JSON: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("cases"), list) or not content["cases"]:
        raise ValueError(f"{file} is no topic file: it holds no list of cases")
    return content


def adapter(topic: str) -> Run:
    """Return the function that runs the cases of a topic. Raises LookupError with a sentence when nobody wrote it."""
    file = ADAPTERS / f"{topic}.py"
    if not file.is_file():
        raise LookupError(f"no module runs the cases of {topic!r}: write tests/vectors/topics/{topic}.py with run(case_input)")
    spec = importlib.util.spec_from_file_location(f"vector_topic_{topic}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    run: Run = module.run
    return run


def canonical(value: object) -> str:
    """Return JSON text in which equal values are equal, keys in any order, and true is not 1."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1)


def cases() -> list[Any]:
    """Return (topic, input, expected) of every case; a file that cannot be read is a case that fails and says so."""
    found = []
    for file in sorted(FOLDER.glob("*.json")):
        try:
            listed = load(file)["cases"]
        except ValueError as error:
            found.append(pytest.param(file.stem, error, None, id=f"{file.stem}-unreadable"))
            continue
        for number, case in enumerate(listed):
            name = str(case.get("id") or f"{file.stem}[{number}]")
            found.append(pytest.param(file.stem, case.get("input"), case.get("expected"), id=name))
    return found


def test_folder_of_cases_holds_topics() -> None:
    assert list(FOLDER.glob("*.json")), f"no topic file (*.json) in {FOLDER}"


@pytest.mark.parametrize(("topic", "given", "expected"), cases())
def test_case_gives_what_the_rule_says(topic: str, given: Any, expected: object) -> None:
    if isinstance(given, ValueError):
        pytest.fail(str(given), pytrace=False)
    try:
        run = adapter(topic)
    except LookupError as error:
        pytest.fail(str(error), pytrace=False)
    assert canonical(run(given)) == canonical(expected)


def test_topic_without_a_module_fails_with_a_sentence() -> None:
    with pytest.raises(LookupError, match=r"write tests/vectors/topics/moon_phase\.py"):
        adapter("moon_phase")


def test_file_that_is_no_topic_fails_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(ValueError, match="holds no list of cases"):
        load(tmp_path / "list.json")
    (tmp_path / "cut.json").write_text('{"cases": [')
    with pytest.raises(ValueError, match="is no JSON"):
        load(tmp_path / "cut.json")
