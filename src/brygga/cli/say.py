"""What people read on a terminal: tables, a progress line, and errors as sentences; programs get JSON instead."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from brygga.store.models import Run

# Where nobody looks at a terminal, tables are as wide as they need.
out = Console(highlight=False, emoji=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
err = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)


def as_json(value: object) -> None:
    """Print a value as JSON, and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """Print rows as a table; when there are none, the sentence that says what that means."""
    body = [[_cell(value) for value in row] for row in rows]
    if not body:
        out.print(empty)
        return
    shown = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in body:
        shown.add_row(*row)
    out.print(shown)


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("[", "\\[")


class RunProgress:
    """Shows how far a run has come: a bar on a terminal, a line a step elsewhere, nothing where JSON is wanted."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._last = ("", 0.0)
        self._bar: Progress | None = None
        self._task: Any = None

    def __enter__(self) -> RunProgress:
        if not self._quiet and err.is_terminal:
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            self._bar = Progress(*columns, console=err, transient=True)
            self._bar.start()
            self._task = self._bar.add_task("start", total=None)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, run: Run) -> None:
        if self._quiet or not run.step:
            return
        what = f"{run.integration.address}.{run.stream}: {run.step}"
        if self._bar is not None:
            self._bar.update(self._task, description=what, completed=run.done_items, total=run.all_items or None)
            return
        # Elsewhere than on a terminal: each step once, and a long one every five seconds.
        step, said_at = self._last
        if step != run.step or time.monotonic() - said_at > 5:
            count = f" {run.done_items} of {run.all_items}" if run.all_items else (f" {run.done_items}" if run.done_items else "")
            err.print(f"{what}{count}")
            self._last = (run.step, time.monotonic())


def run_line(result: Mapping[str, Any]) -> str:
    """Return one line that says what a run did."""
    counts = ", ".join(f"{count} {name}" for name, count in result["counts"].items() if count) or "nothing to do"
    asked = ", ".join(f"{system} {count}" for system, count in result["requests"].items()) or "none"
    return f"{result['address']}: {result['status']}; {counts} (requests: {asked})"
