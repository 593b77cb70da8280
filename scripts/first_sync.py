#!/usr/bin/env python3
"""Measure the first sync of companies between Upsales and Fortnox against what the two systems' limits allow, and print it.

    python scripts/first_sync.py                     50,000 companies that carry their customer number: they are linked
    python scripts/first_sync.py --made 1500         customers that Upsales does not have: each is made there
    python scripts/first_sync.py --count 5000 --no-limit --profile     where the time goes

Both sandboxes run as programs of their own, with the limits of the real systems. BRYGGA_DATABASE_URL says on which database; default is
an SQLite of its own. The floor is what the limits alone cost: of n requests at most the limit in each window, the systems at once.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import math
import os
import pstats
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2

CHUNK = 10_000
A_DAY = 86_400
WINDOWS = {"fortnox": (25, 5.0), "upsales": (200, 10.0)}
FIELDS = {"FORTNOX_CUSTOMER_ID": "Kundnummer", "VAT_NO": "VAT-Nummer", "EMAIL": "E-post"}


class Boxes:
    """The two imitated systems, and what each says of itself."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "brygga_sandbox", "fortnox", "upsales", "--json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own program
        assert self.process.stdout is not None
        self.about: dict[str, dict[str, Any]] = json.loads(self.process.stdout.readline())
        self.http = httpx2.Client(timeout=120)

    def admin(self, system: str, method: str, path: str, body: Any = None) -> Any:
        """Ask the admin address of a system."""
        answer = self.http.request(method, self.about[system]["admin_url"] + path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def fill(self, count: int, *, both: bool) -> None:
        """Load *count* customers into Fortnox and, linked by their number, into Upsales; all of it a day old."""
        for system in self.about:
            self.admin(system, "PUT", "clock", {"offset": -A_DAY})
        tenant = self.about["fortnox"]["tenant_id"]
        for chunk in _chunks(customer(n) for n in range(1, count + 1)):
            self.admin("fortnox", "POST", f"records/{tenant}/customers", chunk)
        token = self.about["upsales"]["token"]
        base = self.about["upsales"]["base_url"] + "/api/v2"
        ids = {}
        for alias, name in FIELDS.items():
            answer = self.http.post(f"{base}/customfields/account", params={"token": token}, json={"name": name, "alias": alias})
            ids[alias] = answer.json()["data"]["id"]
        for chunk in _chunks(account(n, ids["FORTNOX_CUSTOMER_ID"]) for n in range(1, (count if both else 0) + 1)):
            self.admin("upsales", "POST", "records/accounts", chunk)
        for system in self.about:
            self.admin(system, "PUT", "clock", {})
            self.admin(system, "DELETE", "requests")

    def seen(self, system: str) -> int:
        """Return how many requests a system has answered, signing in left out."""
        return sum("oauth" not in call["path"] for call in self.admin(system, "GET", "requests"))

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def customer(number: int) -> dict[str, Any]:
    """Return a believable customer of Fortnox."""
    return {
        "CustomerNumber": str(10_000 + number),
        "Name": f"Bolag {number} i Kronoberg AB",
        "OrganisationNumber": _orgnr(number),
        "Address1": f"Storgatan {number % 200}",
        "ZipCode": f"352 {number % 90 + 10}",
        "City": "Växjö",
        "Phone1": f"0470-{number % 1000:03} {number % 90 + 10}",
        "Email": f"info@bolag{number}.example",
    }


def account(number: int, field: int) -> dict[str, Any]:
    """Return the same as a company of Upsales."""
    one = customer(number)
    return {
        "name": one["Name"],
        "orgNo": one["OrganisationNumber"],
        "phone": one["Phone1"],
        "addresses": [
            {"type": "Mail", "address": one["Address1"], "zipcode": one["ZipCode"], "city": one["City"], "country": "SE"}
        ],
        "custom": [{"fieldId": field, "value": one["CustomerNumber"]}],
    }


def _orgnr(number: int) -> str:
    nine = f"{556_000_000 + number}"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(nine)]
    check = -sum(digit // 10 + digit % 10 for digit in doubled) % 10
    return f"{nine[:6]}-{nine[6:]}{check}"


def _chunks(records: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for record in records:
        chunk.append(record)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def floor(requests: dict[str, int]) -> float:
    """Return the seconds that so many requests take where nothing but the limits costs time, the systems side by side."""
    return max((math.ceil(count / WINDOWS[system][0]) - 1) * WINDOWS[system][1] for system, count in requests.items() if count)


def declare(boxes: Boxes, home: Path) -> Any:
    """Declare the company and return its integration."""
    from brygga.store.models import Integration
    from brygga.sync.declare import declare

    fortnox, upsales = boxes.about["fortnox"], boxes.about["upsales"]
    os.environ |= {
        "FORTNOX_CLIENT_ID": fortnox["client_id"],
        "FORTNOX_CLIENT_SECRET": fortnox["client_secret"],
        "UPSALES_KEY": upsales["token"],
    }
    file = home / "acme.toml"
    file.write_text(
        f"""[company.acme]
name = "Acme AB"
[company.acme.fortnox]
base_url = "{fortnox["base_url"]}"
client_id = "env:FORTNOX_CLIENT_ID"
client_secret = "env:FORTNOX_CLIENT_SECRET"
tenant_id = "{fortnox["tenant_id"]}"
[company.acme.upsales]
base_url = "{upsales["base_url"]}"
api_key = "env:UPSALES_KEY"
[company.acme.upsales.settings]
module = "invoice"
placeholder_user = "Integration"
won_stage = "Order"
lost_stage = "Förlorad"
price_list = "A"
approved = true
""",
        encoding="utf-8",
    )
    declare(file, who="bench")
    return Integration.objects.select_related("company").get(system="upsales")


def run(integration: Any) -> Any:
    """Carry the stream of customers through once."""
    from brygga.sync.start import begin_run, execute

    return execute(begin_run(integration, "customers", trigger="clock").pk)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the first sync of companies.")
    parser.add_argument("--count", type=int, default=50_000, help="companies that are there on both sides")
    parser.add_argument("--made", type=int, default=0, help="instead: customers of Fortnox that are made in Upsales")
    parser.add_argument("--no-limit", action="store_true", help="without the limits: what our own work costs")
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    wishes = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"BRYGGA_HOME": folder, "BRYGGA_SECRET_KEY": "only-for-measuring"}
        from brygga import store

        store.setup()
        store.migrate()
        if wishes.no_limit:
            from brygga.clients.limits import Unlimited
            from brygga.sync import open as opening

            opening.Permits = lambda *_, **__: Unlimited()  # type: ignore[assignment,misc]
        boxes = Boxes()
        try:
            if wishes.no_limit:
                boxes.admin("fortnox", "PUT", "rate-limit", {"enabled": False})
            boxes.fill(wishes.made or wishes.count, both=not wishes.made)
            _measure(boxes, declare(boxes, Path(folder)), wishes)
        finally:
            boxes.close()
    return 0


def _measure(boxes: Boxes, integration: Any, wishes: argparse.Namespace) -> None:
    from brygga.store.models import LinkRow

    profile = cProfile.Profile()
    for name in ("first sync", "the next one"):
        before = {system: boxes.seen(system) for system in WINDOWS}
        began, cpu = time.perf_counter(), time.process_time()
        if wishes.profile and name == "first sync":
            profile.enable()
        result = run(integration)
        profile.disable()
        seconds, own = time.perf_counter() - began, time.process_time() - cpu
        requests = {system: boxes.seen(system) - before[system] for system in WINDOWS}
        least = floor(requests)
        counts = {what: count for what, count in result.counts.items() if count}
        ratio = f", {seconds / least:.2f} × the floor of {least:.0f} s" if least else ""
        sys.stdout.write(f"{name}: {result.status} {counts} in {seconds:.1f} s{ratio}; own work {own:.1f} s; requests {requests}\n")
        # The details of a first import are read by runs to come, a few hundred each; here they count as read.
        LinkRow.objects.update(look_again_at=None, thin=False)
    if wishes.profile:
        pstats.Stats(profile).sort_stats("cumulative").print_stats("brygga", 60)


if __name__ == "__main__":
    raise SystemExit(main())
