"""What worlds came to, added up: a table by system, and the kinds of silent differences, each with its smallest case."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from worlds.judge import EQUAL, HELD, NOTHING, SILENT, Judgement

FOLDER = "BRYGGA_WORLDS_FOLDER"
"""The environment variable that names the folder where each world leaves what it came to."""


def leave(found: Judgement, database: str, phase: str = "made") -> None:
    """Write what a world came to into the folder, where one is named: when all was "made", then "edited", then "ended"."""
    if folder := os.environ.get(FOLDER):
        path = Path(folder) / f"{found.system}-{database}-{found.seed}-{phase}.json"
        path.write_text(json.dumps(_plain(found) | {"phase": phase}, ensure_ascii=False), encoding="utf-8")


def _plain(found: Judgement) -> dict[str, Any]:
    kinds = [[kind_of(str(one)), f"seed {found.seed}, {v.case.id}: {one}", v.said] for v in found.verdicts if v.state == SILENT
             for one in ([d for d in v.differences if not d.told] or v.differences or [v.reason])]  # fmt: skip
    return {
        "system": found.system,
        "counts": found.counts(),
        "reasons": found.reasons(),
        "silent": found.silent(),
        "unnamed": found.unnamed(),
        "kinds": kinds,
    }


def kind_of(difference: str) -> str:
    """Return what a difference is about, its row and values left out."""
    return re.sub(r"^(row|item) \d+ ", "row: ", difference).split(": source")[0]


def table(worlds: Iterable[dict[str, Any]]) -> str:
    """Return the table: system, documents, equal, held by reason, silent."""
    counts: dict[str, Counter[str]] = {}
    reasons: dict[str, Counter[str]] = {}
    for one in worlds:
        if one["phase"] != "made":
            continue
        counts.setdefault(one["system"], Counter()).update(one["counts"])
        reasons.setdefault(one["system"], Counter()).update(one["reasons"])
    lines = [f"{'system':<10}{'documents':>10}{'equal':>8}{'held':>8}{'nothing':>9}{'silent':>8}"]
    total: Counter[str] = Counter()
    for system, found in sorted(counts.items()):
        total.update(found)
        lines.append(_line(system, found))
        lines += [f"    {count:>6}  {reason}" for reason, count in reasons[system].most_common()]
    return "\n".join([*lines, _line("all", total)])


def _line(name: str, found: Counter[str]) -> str:
    return f"{name:<10}{sum(found.values()):>10,}{found[EQUAL]:>8,}{found[HELD]:>8,}{found[NOTHING]:>9,}{found[SILENT]:>8,}"


def kinds(worlds: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """Return system -> a line for each kind of silent difference: how often, and its shortest case."""
    found: dict[str, dict[str, list[str]]] = {}
    for one in worlds:
        for kind, case, said in one["kinds"]:
            kind = kind if one["phase"] == "made" else f"{one['phase']}: {kind}"
            found.setdefault(one["system"], {}).setdefault(kind, []).append(f"{case}" + (f" (said: {said})" if said else ""))
    return {
        system: [f"{len(cases):>5} × {kind}: {min(cases, key=len)}" for kind, cases in sorted(by.items(), key=lambda x: -len(x[1]))]
        for system, by in sorted(found.items())
    }


def gathered(folder: Path) -> list[dict[str, Any]]:
    """Return what all worlds of a folder came to."""
    return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.json"))]
