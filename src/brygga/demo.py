"""The demonstration: a Fortnox and the business systems of believable companies, connected, synced, served.

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
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from brygga.demo_companies import ARTICLES, COMPANIES, Company
from brygga_sandbox import fortnox, webcrm
from brygga_sandbox.population import fortnox_customers, population, webcrm_organisations

MARK = "this folder belongs to the demonstration"
ADDRESS = "acme/webcrm.customers"
SEED = 1
PEOPLE = 200
NAMES = {"mobigo": "Mobigo", "opter": "Opter", "textalk": "Textalk Webshop", "upsales": "Upsales"}

say = Console(highlight=False, emoji=False, soft_wrap=True, width=None if sys.stdout.isatty() else 120)

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
articles = {{ every = "6m", offset = "0m" }}
deliveries = {{ every = "6m", offset = "0m" }}
"""


def main(once: bool = False) -> int:
    """Run the demonstration; return its exit status."""
    home = _fresh_home()
    with ExitStack() as stack:
        others = " and ".join(NAMES[company.system] for company in COMPANIES)
        say.print(f"Starting a Fortnox, a webCRM with about {PEOPLE} made-up companies and people, and {others} on this machine …")
        books = stack.enter_context(fortnox.running(companies=1 + len(COMPANIES)))
        crm = stack.enter_context(webcrm.running())
        systems = {company.slug: stack.enter_context(company.start()) for company in COMPANIES}
        _fill(books, crm)
        hub = _Hub(home, books, crm)
        hub.run("migrate", quiet=True)
        text = FILE.format(fortnox=books.base_url, tenant=books.tenant_id, webcrm=crm.base_url)
        for company, tenant in zip(COMPANIES, list(books.companies)[1:], strict=True):
            company.before(books.companies[tenant], systems[company.slug])
            text += company.file(systems[company.slug].base_url, tenant, books.base_url)
            hub.environment[f"{company.system.upper()}_KEY"] = company.secret(systems[company.slug])
        hub.file.write_text(text, encoding="utf-8")
        say.print(f"Connecting all to the hub ({hub.file}):")
        hub.run("apply", str(hub.file))
        results = _webcrm(hub, books, crm)
        for company in COMPANIES:
            results += _one(hub, company, systems[company.slug])
        _table(results)
        ok = all(result["status"] in ("done", "partial") and not result["counts"]["failed"] for _, result in results)
        if once or not ok:
            say.print("All streams succeeded." if ok else "A stream did not succeed; see above.")
            return 0 if ok else 1
        return hub.serve()


def _webcrm(hub: _Hub, books: Any, crm: Any) -> list[tuple[str, dict[str, Any]]]:
    """Sync webCRM's customers three times, its articles, and a delivery."""
    say.print("\nFirst sync of webCRM's customers, both ways:")
    first = hub.sync(ADDRESS)
    say.print("\nThe same again, nothing having changed:")
    second = hub.sync(ADDRESS)
    say.print("\nA telephone number is changed in webCRM, a web site in Fortnox, and both are synced:")
    links = hub.links()
    changed = _change(books, crm, links)
    third = hub.sync(ADDRESS)
    _arrived(books, crm, changed)
    say.print("\nArticles go to webCRM, and a delivery that is made there becomes an order:")
    results = [("first sync", first), ("again", second), ("after two changes", third)]
    results += [("articles", hub.sync("acme/webcrm.articles")), ("before the delivery", hub.sync("acme/webcrm.deliveries"))]
    row = {"Artikelnummer": "A1", "Benämning": "Bord", "Enhet": "st", "Quantity": 2, "Price": 1000, "VatPercentage": 25}
    organisation = next(
        left for left in sorted(links, key=int) if str(crm.organisation(int(left))["OrganisationType"]).startswith("Kund")
    )
    crm.add_delivery({"Beskrivning": "Bord till matsalen"}, [row], organisation=int(organisation))
    return [*results, ("a delivery", hub.sync("acme/webcrm.deliveries"))]


def _one(hub: _Hub, company: Company, system: Any) -> list[tuple[str, dict[str, Any]]]:
    """Bring one of the other companies into step, let a day's work be done in its system, and carry that over."""
    say.print(f"\n{company.name}: {NAMES[company.system]} and Fortnox:")
    results = [("registers", hub.sync(f"{company.slug}/{company.system}.{stream}")) for stream in company.registers]
    company.work(system)
    return results + [("a day's work", hub.sync(f"{company.slug}/{company.system}.{stream}")) for stream in company.documents]


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

    def sync(self, address: str) -> dict[str, Any]:
        """Sync one stream with progress shown, then read back what it did."""
        subprocess.run(self._command("sync", address), env=self.environment, stdout=subprocess.DEVNULL, check=False)  # noqa: S603
        run = self._json("runs", address, "--most", "1", "--json")[0]["run"]
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
        for slug in ("acme", *(company.slug for company in COMPANIES)):
            self.run("user", "add", "demo", "--company", slug, "--role", "owner", quiet=True)
        del self.environment["BRYGGA_NEW_PASSWORD"]
        port = self.environment.get("BRYGGA_PORT", "8100")
        say.print(
            f"\nThe hub is served at [bold]http://127.0.0.1:{port}/[/bold]   user: [bold]demo[/bold]   password: [bold]{password}[/bold]"
        )
        say.print("The sandboxes run on, and the streams go by their schedules. Stop with Ctrl-C.\n")
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
        articles = [
            {"ArticleNumber": n, "Description": name, "Unit": unit, "SalesPrice": price} for n, name, unit, price in ARTICLES
        ]
        books.company.load("articles", articles, modified=earlier)
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


def _table(results: Sequence[tuple[str, dict[str, Any]]]) -> None:
    names = list(results[0][1]["counts"])
    table = Table(title="\nWhat moved", title_justify="left", box=None, header_style="bold", pad_edge=False)
    table.add_column("stream", no_wrap=True)
    table.add_column("run", no_wrap=True)
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    for title, result in results:
        table.add_row(result["address"], title, *(str(result["counts"][name]) for name in names))
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
