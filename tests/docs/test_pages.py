"""Pages of the documentation that are made by program are up to date, and what they name exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_catalogue_of_errors_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, "scripts/errors.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_file_that_a_page_links_to_exists() -> None:
    missing = []
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("README.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                missing.append(f"{page.relative_to(ROOT)} -> {target}")
    assert missing == []


def test_the_project_speaks_of_itself_alone() -> None:
    """No path of a machine and no foreign tool's name in what is kept."""
    words = re.compile(r"/work/|/tmp/brief|\.\./shared/seeds|\bChatGPT\b|\bClaude\b|\bAnthropic\b", re.I)
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    found = []
    for name in filter(None, listed):
        path = ROOT / name
        if path.suffix in (".py", ".md", ".toml", ".html", ".css", ".po", "") and path.is_file() and path != Path(__file__):
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{name}: {match[0]}" for match in words.finditer(text)]
    assert found == []
