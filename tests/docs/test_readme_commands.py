"""The README's commands work as they are written: each block in a shell of its own, with nothing set but what the README names."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from brygga_sandbox import fortnox, webcrm

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = [block for block in re.findall(r"```\n(.*?)```", README, re.S) if re.search(r"^(?:\.|make|brygga) ", block, re.M)]
RUNNING = 60.0


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder that was made ready, as `make` leaves it, and a home that is empty."""
    (tmp_path / "clone").mkdir()
    (tmp_path / "clone" / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / "home").mkdir()
    return tmp_path


def run(place: Path, script: str, **named: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a new shell of somebody who has nothing set; `brygga serve` is ended when it is ready."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(place / "home"), "LANG": "C.UTF-8", **named}
    # The port may be another test's; what else is written stays.
    script = re.sub(r"^brygga serve\b", "exec brygga serve --port 0", script, flags=re.M)
    shell = subprocess.Popen(
        ["/bin/sh", "-e", "-c", script],
        cwd=place / "clone",
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert shell.stdout is not None
    said = []
    for line in shell.stdout:
        said.append(line)
        if line.startswith("Brygga is ready at"):
            os.kill(shell.pid, signal.SIGTERM)
    shell.stdout.close()
    return subprocess.CompletedProcess(script, shell.wait(RUNNING), "".join(said), "")


def test_make_says_how_to_go_on_and_the_readme_says_the_same() -> None:
    steps = subprocess.run(["make", "-n"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert ". .venv/bin/activate" in steps
    assert all(re.match(r"(make .*\n)*(\. \.venv/bin/activate|make )", block) for block in BLOCKS), BLOCKS
    assert sum("brygga serve" in block for block in BLOCKS) == 2


def test_the_hub_is_served_with_the_first_commands_of_the_readme(place: Path) -> None:
    block = next(block for block in BLOCKS if "brygga migrate" in block and "apply" not in block)
    done = run(place, block.replace("make  ", ": ", 1))
    assert done.returncode in (0, -signal.SIGTERM), done.stdout
    assert "The database is up to date." in done.stdout
    assert "Brygga is ready at http://127.0.0.1:" in done.stdout


def test_the_commands_and_the_file_of_the_readme_carry_a_company_over(place: Path) -> None:
    """The file is the README's; only where the two systems are stands in it too, since these are the sandbox' and not the vendors'."""
    block = next(block for block in BLOCKS if "brygga apply acme.toml" in block)
    file = re.search(r"```toml\n(.*?)```", README, re.S)
    assert file is not None
    with fortnox.running() as books, webcrm.running() as crm:
        crm.load("Organisation", [{"OrganisationName": "Lindens Bageri AB", "OrganisationType": "Kund – Företag"}])
        text = file[1].replace("[company.acme.fortnox]", f'[company.acme.fortnox]\nbase_url = "{books.base_url}"')
        text = text.replace("[company.acme.webcrm]", f'[company.acme.webcrm]\nbase_url = "{crm.base_url}"')
        text = re.sub(r'tenant_id = "\d+"', f'tenant_id = "{books.tenant_id}"', text)
        (place / "clone" / "acme.toml").write_text(text, encoding="utf-8")
        secrets = {"FORTNOX_CLIENT_ID": books.client_id, "FORTNOX_CLIENT_SECRET": books.client_secret, "WEBCRM_KEY": crm.auth_code}
        done = run(place, block, **secrets)
        assert done.returncode in (0, -signal.SIGTERM), done.stdout
        assert "Brygga is ready at" in done.stdout
        with books.lock:
            assert [record["Name"] for record in books.company.table("customers").all()] == ["Lindens Bageri AB"]


def test_every_command_that_the_pages_name_exists() -> None:
    """`brygga WORD` in code of README and docs: the word is a command, and each option behind it is one of that command's."""
    import typer.main

    from brygga.cli.main import build

    root = typer.main.get_command(build())
    wrong = []
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("README.md")]:
        text = page.read_text("utf-8")
        for written in re.findall(r"`brygga ([^`\n]+)`|^(?:    )?brygga (.+)$", text, re.M):
            words = (written[0] or written[1]).partition("#")[0].split()
            command = root
            while words and words[0] in getattr(command, "commands", {}):
                command = command.commands[words.pop(0)]  # type: ignore[attr-defined]
            options = {option for one in command.params for option in (*one.opts, *one.secondary_opts)} | {"--help"}
            given = {word.partition("=")[0] for word in words if word.startswith("--")}
            if command is root or not given <= options:
                wrong.append(f"{page.relative_to(ROOT)}: brygga {written[0] or written[1]}")
    assert wrong == []
