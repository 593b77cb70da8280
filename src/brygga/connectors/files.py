"""Files as another source of records than a system: what a connector that reads them reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from brygga.errors import Sentence


class BadLine(Protocol):
    """A line of a file that was not imported: its number, why, and what to do about it."""

    @property
    def line(self) -> int: ...

    @property
    def sentence(self) -> Sentence: ...

    @property
    def repair(self) -> Sentence: ...


@dataclass(slots=True)
class FileReport:
    """What became of a file: counts by (created, updated, unchanged) and kind, the bad lines, the columns that nobody knows."""

    ignored: tuple[str, ...] = ()
    faults: list[BadLine] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count(self, what: str, kind: str) -> None:
        """Count one record."""
        self.counts[what, kind] += 1

    def total(self, what: str) -> int:
        """Return how many records of all kinds were created, updated or unchanged."""
        return sum(number for (counted, _), number in self.counts.items() if counted == what)


class ReadsFiles(Protocol):
    """A connector whose registers can be filled from a file."""

    def import_file(self, stream: str, path: Path, told: Callable[[int], None] = ...) -> FileReport:
        """Import a file into the register of a stream. Raises SettingsError for a file that cannot be read, or a stream without one."""
