#!/usr/bin/env python3
"""Measure the first sync of companies between Upsales and Fortnox against what the two systems' limits allow, and print it.

    python scripts/first_sync.py --write             50,000 companies that carry their customer number are linked, 1,500 are made
    python scripts/first_sync.py --count 5000 --made 0 --no-limit --profile     where the time goes

Both sandboxes run as programs of their own, with the limits of the real systems; the hub is on SQLite. The floor is what the limits
alone cost: of n requests at most the limit in each window, the systems at once.
"""

from __future__ import annotations

import argparse
import cProfile
import math
import os
import pstats
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import httpx2

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "src")]

from benches.boxes import A_DAY, CHUNK, Boxes, Tenant, running  # noqa: E402  after the path is set
from benches.floor import Floor  # noqa: E402

from benches import hub, page  # noqa: E402

WINDOWS = {"fortnox": (25, 5.0), "upsales": (200, 10.0)}
FIELDS = {"FORTNOX_CUSTOMER_ID": "Kundnummer", "VAT_NO": "VAT-Nummer", "EMAIL": "E-post"}


def fill(box: Boxes, tenant: Tenant, count: int, *, both: bool) -> None:
    """Load *count* customers into Fortnox and, linked by their number, into Upsales; all of it a day old."""
    for system in WINDOWS:
        box.admin("PUT", "clock", {"offset": -A_DAY}, system=system)
    box.load(tenant, "customers", map(customer, range(1, count + 1)), a_day_ago=False)
    about = box.about["upsales"]
    ids = {}
    for alias, name in FIELDS.items():
        address = f"{about['base_url']}/api/v2/customfields/account"
        answer = httpx2.post(address, params={"token": about["token"]}, json={"name": name, "alias": alias}, verify=False)
        ids[alias] = answer.json()["data"]["id"]
    for chunk in batched(account(n, ids["FORTNOX_CUSTOMER_ID"]) for n in range(1, (count if both else 0) + 1)):
        box.admin("POST", "records/accounts", chunk, system="upsales")
    for system in WINDOWS:
        box.admin("PUT", "clock", {}, system=system)
        box.admin("DELETE", "requests", system=system)


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


def batched(records: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield the records in lists that a sandbox takes at once."""
    while chunk := list(islice(records, CHUNK)):
        yield chunk


def floor(requests: dict[str, int]) -> float:
    """Return the seconds that so many requests take where nothing but the limits costs time, the systems side by side."""
    return max((math.ceil(count / WINDOWS[system][0]) - 1) * WINDOWS[system][1] for system, count in requests.items() if count)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the first sync of companies.")
    parser.add_argument("--count", type=int, default=50_000, help="companies that are there on both sides")
    parser.add_argument("--made", type=int, default=1_500, help="customers of Fortnox that are made in Upsales")
    parser.add_argument("--no-limit", action="store_true", help="without the limits: what our own work costs")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    wishes = parser.parse_args()
    lines = [
        "| run | records | requests to Fortnox + Upsales | wall | what the limits cost alone | × | CPU |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    bare = ""
    for count, both in ((wishes.count, True), (wishes.made, False)):
        if not count:
            continue
        with running("fortnox", "upsales") as box, hub.home() as home:
            tenant = box.tenant()
            fill(box, tenant, count, both=both)
            hub.declare(home, box, {"acme": tenant}, ["upsales"], module="invoice")
            box.limited(on=not wishes.no_limit)
            with hub.without_budget() if wishes.no_limit else nullcontext():
                lines += _measured(box, wishes.profile)
            if both and not wishes.no_limit:
                bare = _bare(box, tenant)
    table = "\n".join(lines) + bare
    sys.stdout.write(table + "\n")
    if wishes.write:
        page.put("first_sync", _section(wishes, table))
    return 0


def _measured(box: Boxes, profiled: bool) -> list[str]:
    """Sync twice and return a row for each."""
    from brygga.store.models import LinkRow

    profile = cProfile.Profile()
    lines: list[str] = []
    for name in ("first sync", "the next one"):
        over: list[float] = []
        box.forget()
        began, cpu = time.perf_counter(), time.process_time()
        if profiled and not lines:
            profile.enable()
        run = hub.carried("acme/upsales.customers", told=partial(_note_time, over))
        profile.disable()
        # Until the run's row says that it is over, which comes last: what follows gives memory back, and nobody waits for it.
        seconds, own = over[-1] - began, time.process_time() - cpu
        requests = {system: len(box.seen(system=system)) for system in WINDOWS}
        least = floor(requests)
        ratio = f"{seconds / least:.3f}" if least else ""
        counts = ", ".join(f"{count:,} {what}" for what, count in run.counts.items() if count) or "nothing to do"
        asked = f"{requests['fortnox']:,} + {requests['upsales']:,}"
        lines.append(f"| {name} | {counts} | {asked} | {seconds:.1f} s | {least:.0f} s | {ratio} | {own:.1f} s |")
        # The details of a first import are read by runs to come, a few hundred each; here they count as read.
        LinkRow.objects.update(look_again_at=None, thin=False)
    if profiled:
        pstats.Stats(profile).sort_stats("cumulative").print_stats("brygga", 60)
    return lines


def _note_time(over: list[float], run: object) -> None:
    over.append(time.perf_counter())


def _bare(box: Boxes, tenant: Tenant) -> str:
    """Say how long the floor client of the benches takes for the same lists of Fortnox, once the hub's last permits are free again."""
    time.sleep(WINDOWS["fortnox"][1])
    client = Floor(box.fortnox, tenant.token)
    began = time.perf_counter()
    client.changed("customers", "Customers", "CustomerNumber")
    client.get("/3/customers", filter="inactive", limit=500, page=1)
    seconds = time.perf_counter() - began
    return f"\n\nThe floor client, which only reads the same lists of Fortnox and keeps a digest of each row, takes {seconds:.1f} s for its {client.requests} requests."


def _section(wishes: argparse.Namespace, table: str) -> str:
    return (
        f"## Upsales' first sync\n\nMade by `make bench-first-sync` ({page.machine()}; load of the machine {os.getloadavg()[2]:.1f}): {wishes.count:,} companies that carry "
        f"their customer number are linked; {wishes.made:,} customers that Upsales lacks are made there. A person asks for the run; the wall time ends when the run's page says that it is over. Both systems' limits hold, the sandboxes keep them. The details of a "
        f"first import are read by runs to come, 500 each; in the run after it they count as read.\n\n{table}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
