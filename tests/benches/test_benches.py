"""The benches run from end to end, each with little to do; and what they say can fail."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from benches.policies import Books, Died, Memory  # noqa: E402
from benches.verdict import Bench, Verdict, shown  # noqa: E402

from benches import page, policies  # noqa: E402  after the path is set
from fortnox_far import script  # noqa: E402

COUNTED = {
    "B2": r"kept\s+details read: 20 \(= 20\)",
    "B3": r"kept\s+writes to a system: 0 \(= 0\)",
    "B4": r"kept\s+changed records written to the other side: 5 \(= 5\)",
    "B6": r"kept\s+missing: 0 \(= 0\)",
    "B8": r"kept\s+lost edits: 0 \(= 0\)",
    "B10": r"kept\s+doubled: 0 \(= 0\)",
}
"""What a bench says of counts holds however little it does; times and memory mean nothing then."""


NAMES = ["B0", "B3", "B4", "B6"]
"""In the suite, whose time is short; all with BRYGGA_EVERY_BENCH=1."""
if os.environ.get("BRYGGA_EVERY_BENCH") == "1":
    NAMES = ["B0", "B1", "B2", "B3", "B4", "B5", "B6", "B8", "B10", "B11"]


@pytest.mark.parametrize("name", NAMES)
def test_bench_runs_and_its_counts_hold(name: str) -> None:
    """A bench that does little still goes the whole way: sandboxes, hub, floor client, baselines; the peers where they are installed."""
    command = [sys.executable, "scripts/bench.py", "--tiny", "--no-peers", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode in (0, 1), done.stderr[-2000:]
    assert f"{name}  " in done.stdout, done.stderr[-2000:]
    if name in COUNTED:
        assert re.search(COUNTED[name], done.stdout), done.stdout
    if done.returncode == 1:
        assert "missed: " in done.stdout


def test_verdict_fails_above_its_bar_and_beside_an_exact_one() -> None:
    assert Verdict("wall", 1.05, 1.05).kept
    assert not Verdict("wall", 1.051, 1.05).kept
    assert not Verdict("doubled", 1, 0, exact=True).kept
    assert not Verdict("changed", 99, 100, exact=True).kept
    bench = Bench("B9", "None", ("who",), verdicts=[Verdict("a", 1, 2), Verdict("b", 3, 2)])
    assert not bench.kept


def test_missed_bar_stands_in_the_page_and_ends_the_run_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    command = script("bench")
    missing = Bench("B0", "Nothing", ("who", "value"), rows=[("Brygga", 3.0)], verdicts=[Verdict("value", 3, 2)])
    monkeypatch.setitem(command.BENCHES, "B0", (lambda: missing, {}))
    assert command.main(["B0", "--no-page"]) == 1
    assert "**MISSED**: value: 3 (≤ 2)" in page.section(missing, "Measured.")
    kept = Bench("B0", "Nothing", ("who", "value"), verdicts=[Verdict("value", 2, 2)])
    monkeypatch.setitem(command.BENCHES, "B0", (lambda: kept, {}))
    assert command.main(["B0", "--no-page"]) == 0


def test_page_keeps_what_others_wrote_and_takes_a_bench_in_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "benchmarks.md")
    monkeypatch.setattr(page, "PICTURE", tmp_path / "benchmarks.svg")
    page.PAGE.write_text("# Benchmarks\n\nA word of a person.\n", "utf-8")
    bench = Bench("B1", "Lists", ("who", "wall"), rows=[("Brygga", 1.5)], picture="wall", bars={"Brygga": 1.0, "other": 30.0})
    page.write([bench], 1.0)
    bench.rows = [("Brygga", 1.25)]
    page.write([bench], 1.0)
    text = page.PAGE.read_text("utf-8")
    assert "A word of a person." in text
    assert "| Brygga | 1.25 |" in text
    assert "1.50" not in text
    assert text.count("### B1") == 1
    assert not page.PICTURE.exists()
    drawn = page.picture([bench])
    assert drawn.count("<rect") == 2
    assert 'class="ours"' in drawn


def test_numbers_are_shown_short() -> None:
    assert [shown(value) for value in (0.123, 12.34, 1234.5, 3, 20_000, "a", 2.0)] == [
        "0.12",
        "12.3",
        "1,234",
        "3",
        "20,000",
        "a",
        "2",
    ]


class _Loses(Books):
    """Books whose first answer is lost after the invoice was made; the baseline policies are told apart by it."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:1", "")
        self.made: list[str] = []

    def make(self, key: str) -> str:
        self.made.append(key)
        if len(self.made) == 1:
            raise policies.Unsure
        return str(len(self.made))

    def find(self, key: str) -> str | None:
        return "1" if key in self.made else None


@pytest.mark.parametrize(("name", "made", "left"), [
    ("repeats without a look", 2, 0),
    ("pending row, then repeats", 2, 0),
    ("looks first, never repeats", 1, 1),
    ("looks only in doubt", 1, 0),
])  # fmt: skip
def test_baselines_do_what_they_are_named_for_when_an_answer_is_lost(name: str, made: int, left: int) -> None:
    books, memory = _Loses(), Memory()
    policies.until_done(policies.POLICIES[name], books, memory, "k-1")
    assert (len(books.made), len(memory.left)) == (made, left)


def test_dead_process_runs_its_job_again() -> None:
    lives = []

    def dies_once(books: Books, memory: Memory, key: str) -> None:
        lives.append(key)
        if len(lives) == 1:
            raise Died
        memory.done[key] = "1"

    policies.until_done(dies_once, _Loses(), memory := Memory(), "k-1")
    assert (len(lives), memory.done) == (2, {"k-1": "1"})
