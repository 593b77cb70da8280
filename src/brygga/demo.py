"""The demonstration: a Fortnox and a webCRM with a believable company each, connected, synced, served.

`make demo` runs it and serves the hub until it is interrupted; `make demo ONCE=1` ends after the runs, with 0 when all
streams succeeded. Everything lies in a folder of its own (BRYGGA_HOME, default `.demo` here) that is made anew each time.
What the hub does here is done through its own commands, as a person would type them.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from brygga_sandbox import fortnox, webcrm
from brygga_sandbox.population import fortnox_customers, population, webcrm_organisations

MARK = "this folder belongs to the demonstration"
ADDRESS = "acme/webcrm.customers"
SEED = 1
PEOPLE = 300

say = Console(highlight=False, emoji=False, soft_wrap=True)

FILE = """[company.acme]
name = "Acme Bygg & Trä AB"

[company.acme.fortnox]
base_url = "{fortnox}"
client_id = "env:FORTNOX_CLIENT_ID"
client_secret = "env:FORTNOX_CLIENT_SECRET"
tenant_id = "{tenant}"

[company.acme.webcrm]
base_url = "{webcrm}"
api_key = "env:WEBCRM_KEY"

[company.acme.webcrm.settings]
customer_types = ["Kund – Företag", "Kund – Privat"]
document = "order"

[company.acme.webcrm.settings.fields]
invoice_postcode = "Fakturapostnr"
email = "E-post"
email_invoice = "E-post faktura"
your_reference = "Er referens"
our_reference = "Vår referens"

[company.acme.webcrm.streams]
customers = {{ every = "6m", offset = "0m" }}
"""


def main(once: bool = False) -> int:
    """Run the demonstration; return its exit status."""
    home = _fresh_home()
    with ExitStack() as stack:
        say.print("Starting a Fortnox and a webCRM on this machine, with about 300 made-up companies and people …")
        books = stack.enter_context(fortnox.running())
        crm = stack.enter_context(webcrm.running())
        _fill(books, crm)
        hub = _Hub(home, books, crm)
        hub.run("migrate", quiet=True)
        hub.file.write_text(FILE.format(fortnox=books.base_url, tenant=books.tenant_id, webcrm=crm.base_url), encoding="utf-8")
        say.print(f"Connecting both to the hub ({hub.file}):")
        hub.run("apply", str(hub.file))
        say.print("\nFirst sync of the customers, both ways:")
        first = hub.sync()
        say.print("\nThe same again, nothing having changed:")
        second = hub.sync()
        say.print("\nA telephone number is changed in webCRM, a web site in Fortnox, and both are synced:")
        changed = _change(books, crm, hub.links())
        third = hub.sync()
        _table((("first sync", first), ("again", second), ("after two changes", third)))
        _arrived(books, crm, changed)
        ok = all(result["status"] in ("done", "partial") and not result["counts"]["failed"] for result in (first, second, third))
        if once or not ok:
            say.print("All streams succeeded." if ok else "A stream did not succeed; see above.")
            return 0 if ok else 1
        return hub.serve()


class _Hub:
    """The hub's own commands, run as processes on the demonstration's folder."""

    def __init__(self, home: Path, books: Any, crm: Any) -> None:
        self.home = home
        self.file = home / "acme.toml"
        self.environment = {
            **os.environ,
            "BRYGGA_HOME": str(home),
            "FORTNOX_CLIENT_ID": books.client_id,
            "FORTNOX_CLIENT_SECRET": books.client_secret,
            "WEBCRM_KEY": crm.auth_code,
        }
        self.environment.pop("BRYGGA_DATABASE_URL", None)

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "brygga.cli.main", *arguments]

    def run(self, *arguments: str, quiet: bool = False) -> None:
        output = subprocess.DEVNULL if quiet else None
        done = subprocess.run(self._command(*arguments), env=self.environment, stdout=output, check=False)  # noqa: S603
        if done.returncode:
            raise SystemExit(done.returncode)

    def sync(self) -> dict[str, Any]:
        """Sync with progress shown, then read back what it did."""
        subprocess.run(self._command("sync", ADDRESS), env=self.environment, stdout=subprocess.DEVNULL, check=False)  # noqa: S603
        run = self._json("runs", ADDRESS, "--most", "1", "--json")[0]["run"]
        result: dict[str, Any] = self._json("show", run, "--json")
        asked = ", ".join(f"{count} to {system}" for system, count in result["requests"].items())
        counts = ", ".join(f"{count} {name}" for name, count in result["counts"].items() if count) or "nothing to do"
        say.print(f"  {result['address']}: {counts}; requests: {asked}", soft_wrap=True)
        if result["message"]:
            say.print(f"  {result['message']}", soft_wrap=True)
        return result

    def links(self) -> Mapping[str, str]:
        return {row["left"]: row["right"] for row in self._json("links", ADDRESS, "--json")}

    def _json(self, *arguments: str) -> Any:
        done = subprocess.run(self._command(*arguments), env=self.environment, capture_output=True, check=False)  # noqa: S603
        if not done.stdout:
            raise SystemExit(done.stderr.decode() or f"brygga {' '.join(arguments)} said nothing")
        return json.loads(done.stdout)

    def serve(self) -> int:
        """Make a login, print it, and serve until interrupted."""
        password = secrets.token_urlsafe(12)
        self.environment["BRYGGA_NEW_PASSWORD"] = password
        self.run("user", "add", "demo", "--company", "acme", "--role", "owner", quiet=True)
        del self.environment["BRYGGA_NEW_PASSWORD"]
        port = self.environment.get("BRYGGA_PORT", "8100")
        say.print(
            f"\nThe hub is served at [bold]http://127.0.0.1:{port}/[/bold]   user: [bold]demo[/bold]   password: [bold]{password}[/bold]"
        )
        say.print("Both sandboxes run on; the stream goes every six minutes. Stop with Ctrl-C.\n")
        process = subprocess.Popen(self._command("serve", "--port", port), env=self.environment)  # noqa: S603
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.terminate()
            process.wait(30)
            return 0


def _fresh_home() -> Path:
    """Make the demonstration's folder anew. A folder that is not its own is left alone."""
    home = Path(os.environ.get("BRYGGA_HOME") or ".demo").absolute()
    mark = home / "DEMO"
    if home.exists():
        if any(home.iterdir()) and not mark.exists():
            raise SystemExit(f"{home} holds something else. Set BRYGGA_HOME to another folder for the demonstration.")
        shutil.rmtree(home)
    home.mkdir(parents=True, mode=0o700)
    mark.write_text(MARK + "\n", encoding="utf-8")
    return home


def _fill(books: Any, crm: Any) -> None:
    """Give both systems their registers, as they were last touched some days ago."""
    people = population(SEED, PEOPLE)
    earlier = datetime.now(ZoneInfo("Europe/Stockholm")) - timedelta(days=3)
    with books.lock:
        books.company.load("customers", fortnox_customers(people), modified=earlier)
    stamp = {"OrganisationCreatedAt": earlier.isoformat(), "OrganisationUpdatedAt": earlier.isoformat()}
    crm.load("Organisation", [{**raw, **stamp} for raw in webcrm_organisations(people, crm.installation)])


def _change(books: Any, crm: Any, links: Mapping[str, str]) -> dict[str, str]:
    """Change one thing on each side, as people would; return what is to arrive where."""
    synced = [
        (left, right)
        for left, right in sorted(links.items(), key=lambda pair: int(pair[0]))
        if str(crm.organisation(int(left))["OrganisationType"]).startswith("Kund")
    ]
    (left, right), (other_left, other_right) = synced[0], synced[1]
    crm.organisation(int(left)).update(Telefon="08-465 004 21")
    with books.lock:
        books.company.put("customers", other_right, {**books.company.get("customers", other_right), "WWW": "www.nytt-namn.example"})
        books.company.commit()
    return {"fortnox": right, "webcrm": other_left}


def _table(results: tuple[tuple[str, dict[str, Any]], ...]) -> None:
    names = list(results[0][1]["counts"])
    table = Table(title=f"\n{ADDRESS}", title_justify="left", box=None, header_style="bold", pad_edge=False)
    table.add_column("run")
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for title, result in results:
        table.add_row(title, *(str(result["counts"][name]) for name in names))
    say.print(table)


def _arrived(books: Any, crm: Any, changed: Mapping[str, str]) -> None:
    with books.lock:
        phone = books.company.get("customers", changed["fortnox"])["Phone1"]
    say.print(f"\nFortnox customer {changed['fortnox']} now has the telephone number {phone};")
    say.print(
        f"webCRM organisation {changed['webcrm']} now has the web site {crm.organisation(int(changed['webcrm']))['Hemsida']}."
    )


if __name__ == "__main__":
    sys.exit(main(once="--once" in sys.argv[1:]))
