"""The page of the benches: tables and verdicts into docs/benchmarks.md, a picture beside it. What others wrote around them stays."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Callable, Sequence
from datetime import date
from html import escape

from benches import ROOT
from benches.verdict import Bench, shown

PAGE = ROOT / "docs" / "benchmarks.md"
PICTURE = ROOT / "docs" / "benchmarks.svg"
BEGIN, END = "<!-- {name}: begin -->", "<!-- {name}: end -->"

WIDTH, LABEL, BAR, GAP = 760, 190, 18, 6


def write(benches: Sequence[Bench], seconds: float) -> None:
    """Put what was measured into the page, each bench in its own place, and draw the picture when all were run."""
    load = os.getloadavg()[2]
    drawn = [bench for bench in benches if bench.picture and bench.bars]
    if len(drawn) >= 3:
        PICTURE.write_text(picture(drawn), "utf-8")
        put("bench picture", f"![Brygga beside the floor client and the peers]({PICTURE.name})")
    today = date.today().isoformat()  # noqa: DTZ011
    for bench in benches:
        put(f"bench {bench.id}", section(bench, f"Measured {today} ({machine()}; load of the machine {load:.1f})."))


def machine() -> str:
    """Return what was measured on."""
    return f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def section(bench: Bench, about: str) -> str:
    """Return a bench as a section of the page."""
    verdicts = [f"- {'kept' if verdict.kept else '**MISSED**'}: {verdict}" for verdict in bench.verdicts]
    columns = list(bench.columns)
    table = [f"| {' | '.join(columns)} |", f"|---|{'---:|' * (len(columns) - 1)}"]
    table += [f"| {' | '.join(shown(cell) for cell in row)} |" for row in bench.rows]
    return "\n".join([f"### {bench.id}: {bench.title}", "", *table, "", *verdicts, "", about, *bench.notes])


def put(name: str, mine: str) -> None:
    """Put a part into the page, in the place of what it had by this name, or at its end."""
    text = PAGE.read_text("utf-8") if PAGE.is_file() else "# Benchmarks\n"
    begin, end = BEGIN.format(name=name), END.format(name=name)
    whole = f"{begin}\n{mine.strip()}\n{end}"
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2].strip()
    PAGE.write_text("\n\n".join(filter(None, (before.rstrip(), whole, after))) + "\n", "utf-8")


def picture(benches: Sequence[Bench]) -> str:
    """Return an SVG with the bars of each bench, on a logarithmic scale of its own; ours is the dark one. Readable in light and dark."""
    parts: list[str] = []
    top = 10
    for bench in benches:
        parts.append(f'<text x="0" y="{top + 14}" class="title">{escape(bench.picture)}</text>')
        top += 24
        scale = _scale(list(bench.bars.values()))
        for name, value in bench.bars.items():
            width = scale(value)
            ours = ' class="ours"' if name == "Brygga" else ""
            parts.append(f'<text x="{LABEL - 8}" y="{top + 13}" text-anchor="end">{escape(name)}</text>')
            parts.append(f'<rect x="{LABEL}" y="{top}" width="{width:.1f}" height="{BAR}" rx="2"{ours}/>')
            parts.append(f'<text x="{LABEL + width + 6:.1f}" y="{top + 13}">{escape(shown(value))}</text>')
            top += BAR + GAP
        top += 14
    style = (
        "text{font:13px system-ui,sans-serif;fill:#222}.title{font-weight:600}rect{fill:#9aa7b5}.ours{fill:#14527a}"
        "@media(prefers-color-scheme:dark){text{fill:#e6e6e6}rect{fill:#5d6b79}.ours{fill:#6cb4e4}}"
    )
    body = "\n".join(parts)
    title = "Brygga beside the floor client and the peers, logarithmic bars; the figures stand in the tables"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}" role="img" aria-label="{title}">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n{body}\n</svg>\n"
    )


def _scale(values: Sequence[float]) -> Callable[[float], float]:
    """Return what makes a width of a value: nothing for zero, a stub for the least, all of it for the most."""
    room = WIDTH - LABEL - 70
    real = [value for value in values if value > 0]
    if not real:
        return lambda value: 0.0
    least, most = min(real), max(real)
    if most / least < 8:
        return lambda value: room * value / most
    span = math.log(most / least)
    return lambda value: 0.0 if value <= 0 else room * (0.08 + 0.92 * math.log(value / least) / span)
