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


def test_the_page_of_ends_is_what_the_table_says() -> None:
    done = subprocess.run([sys.executable, "scripts/ends.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
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


RULES = ROOT / "docs" / "rules"


def test_every_page_of_the_rules_is_reached_from_the_readme_and_names_a_source() -> None:
    assert "docs/rules/README.md" in (ROOT / "README.md").read_text("utf-8")
    index = (RULES / "README.md").read_text("utf-8")
    pages = sorted(page.name for page in RULES.glob("*.md") if page.name != "README.md")
    assert sorted(re.findall(r"\]\((\w[\w-]*\.md)\)", index)) == pages
    for name in pages:
        text = (RULES / name).read_text("utf-8")
        assert re.search(r"[Ss]ources?:|tax authority|VAT act|\b(?:MOB|UPS|TXT|OPT|WEB)-\d\d", text), name


def test_every_setting_that_a_page_of_the_rules_names_exists() -> None:
    from brygga.connectors import SETTINGS, settings_of

    known = {setting.key for system in SETTINGS for setting in settings_of(system)}
    for page in RULES.glob("*.md"):
        named = set(re.findall(r"`([a-z]+(?:_[a-z]+)*)`", page.read_text("utf-8")))
        assert named <= known, (page.name, named - known)


def test_the_limits_of_the_brake_stand_in_its_page() -> None:
    from brygga.core.brake import Brake

    brake, text = Brake(), (RULES / "brake.md").read_text("utf-8")
    for shown in (
        f"{brake.share:.0%}".replace("%", " %"),
        f"from {brake.at_least} records",
        f"{brake.creations:,}",
        f"{brake.kronor:,} kronor",
    ):
        assert shown in text, shown


def test_what_can_be_made_in_fortnox_stands_in_the_page_of_needs() -> None:
    from brygga.sync.repair import _MADE

    text = (RULES / "needs.md").read_text("utf-8")
    for kind in _MADE:
        assert kind.replace("_", " ").replace("center", "centre") in text, kind
