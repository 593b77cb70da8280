"""What a bench has to say: a table, the bars that were promised with what was measured, and the bars of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Verdict:
    """One promise: what was measured, and the most (or exactly what) it may be."""

    what: str
    value: float
    bar: float
    unit: str = ""
    exact: bool = False

    @property
    def kept(self) -> bool:
        """Tell whether the promise is kept."""
        return self.value == self.bar if self.exact else self.value <= self.bar

    def __str__(self) -> str:
        sign = "=" if self.exact else "≤"
        return f"{self.what}: {shown(self.value)}{self.unit} ({sign} {shown(self.bar)}{self.unit})"


@dataclass
class Bench:
    """What a bench found.

    rows     one row for each reader or policy, in the order of `columns`
    bars     name -> value, for the picture; a logarithmic scale
    notes    how it was measured, and what is not compared
    """

    id: str
    title: str
    columns: Sequence[str]
    rows: list[Sequence[object]] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    picture: str = ""
    bars: dict[str, float] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """Tell whether all promises are kept."""
        return all(verdict.kept for verdict in self.verdicts)


def shown(value: object) -> str:
    """Return a number in at most four digits, anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int) or value == int(value):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
