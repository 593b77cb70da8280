"""Runs so many documents of hostile worlds through the hub, judges them, and prints the table; --findings adds the kinds of what is wrong.

python scripts/hostile_worlds.py 20000
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))


def main() -> int:
    """Run, print, and return pytest's exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", type=int)
    parser.add_argument("--workers", default=str(os.cpu_count() or 1))
    parser.add_argument("--findings", type=Path, help="a folder for a file of each system's silent differences")
    parser.add_argument("--only", default="", help="a system")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="brygga-worlds-") as folder:
        environment = {**os.environ, "BRYGGA_WORLDS": str(given.documents), "BRYGGA_WORLDS_FOLDER": folder}
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-n",
            given.workers,
            "--tb=line",
            "tests/worlds/test_worlds.py",
            "-k",
            given.only or "worlds",
        ]
        ended = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode  # noqa: S603
        # Imported here: it sets up a database of its own.
        import databases  # noqa: F401
        from worlds import report

        worlds = report.gathered(Path(folder))
        sys.stdout.write(report.table(worlds) + "\n")
        for system, lines in report.kinds(worlds).items():
            sys.stdout.write("\n".join((f"{system}:", *(line[:400] for line in lines))) + "\n")
            if given.findings:
                text = "\n".join((f"## {time.strftime('%H:%M')} {given.documents} documents", *lines, ""))
                with (given.findings / f"{system}.md").open("a", encoding="utf-8") as file:
                    file.write(text + "\n")
        unnamed = sorted({line for one in worlds for line in one["unnamed"]})
        sys.stdout.write("\n".join(("Sentences that name no document:", *unnamed[:40])) + "\n" if unnamed else "")
    sys.stdout.write(f"{time.monotonic() - began:.0f} s\n")
    return ended


if __name__ == "__main__":
    raise SystemExit(main())
