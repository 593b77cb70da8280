"""Writes docs/errors.md, the catalogue of what the hub can say: every sentence with its repair, by what happens next.

python scripts/errors.py          write the page
python scripts/errors.py --check  say whether it is up to date (exit status 1 when it is not)
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from repairs import table

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "errors.md"

CLASSES = {
    "SettingsError": ("A person changes a setting, the file or the command", 2),
    "Unauthorised": ("A person connects again; the stream waits", 3),
    "Unavailable": ("Again later, by itself", 3),
    "OutcomeUnknown": ("The hub looks before it repeats: the write may have happened", 1),
    "Rejected": ("The system said no, and will again; the record waits for a repair", 1),
    "NotFound": ("The system does not have the record", 1),
    "Stale": ("Planned anew: the record had changed", 1),
    "BadData": ("The system sent what its documents do not describe; the record is held", 1),
    "UnsafePlan": ("A person looks at the plan first", 4),
}


def literal(node: ast.expr | None) -> str:
    """Return the text of a literal, "" for anything that is computed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""


def catalogue() -> str:
    """Return the page."""
    found: dict[str, set[tuple[str, str, str]]] = defaultdict(set)
    for path in sorted((ROOT / "src" / "brygga").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            sentence = literal(node.args[0]) if node.args else ""
            if name in CLASSES and sentence:
                repair = next((literal(keyword.value) for keyword in node.keywords if keyword.arg == "repair"), "")
                found[name].add((sentence, repair, path.relative_to(ROOT / "src").as_posix()))
    lines = [
        "# What the hub can say",
        "",
        "Made by `python scripts/errors.py` from the code. Words in braces are filled with the facts of the case. The exit status is that",
        "of a command that ends with the error; a record that cannot go on is listed by `brygga problems` and the others go on.",
    ]
    for name, (meaning, status) in CLASSES.items():
        if not found[name]:
            continue
        lines += [
            "",
            f"## {name}",
            "",
            f"{meaning}. Exit status {status}.",
            "",
            "| sentence | repair | from |",
            "| --- | --- | --- |",
        ]
        lines += [f"| {_cell(sentence)} | {_cell(repair)} | {place} |" for sentence, repair, place in sorted(found[name])]
    lines += refusals()
    lines += table()
    return "\n".join(lines) + "\n"


def refusals() -> list[str]:
    """Return the part of the page on Fortnox' codes, from the connector's own table."""
    from brygga.connectors.fortnox import refusals as table

    lines = [
        "",
        "## What Fortnox refuses, by its code",
        "",
        "A write that Fortnox refuses is a problem of its record, with this cause and repair. *Again*: it may go another time without anybody",
        "touching the record. Codes that are not here, and messages without a code, are told in Fortnox' own words.",
        "",
        "| code | field | cause | repair | again |",
        "| --- | --- | --- | --- | --- |",
    ]
    for code, field, sentence, repair, again in table.rows():
        cause = sentence.partition(" Fortnox says:")[0]
        lines.append(f"| {code} | {field.replace('_', ' ')} | {_cell(cause)} | {_cell(repair)} | {'yes' if again else 'no'} |")
    return lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("{{", "{").replace("}}", "}")


def main() -> int:
    page = catalogue()
    if "--check" in sys.argv[1:]:
        same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page
        sys.stdout.write(
            "docs/errors.md is up to date.\n" if same else "docs/errors.md is out of date: run python scripts/errors.py\n"
        )
        return 0 if same else 1
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
