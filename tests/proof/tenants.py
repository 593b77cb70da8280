"""Many companies on one hub, one of them busy with a long back-fill, and how long the others' edits take to the other side.

Everything is real: worker processes on their database, Fortnox with its limit and webCRM over HTTP. In the office of each company a
person edits one customer in webCRM or in Fortnox; an edit has arrived when the other system holds it. Its lag is the time between.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection

from brygga.store.models import LinkRow, Run, StreamState
from brygga.sync.declare import declare
from brygga_sandbox import fortnox as fortnox_sandbox
from brygga_sandbox import webcrm as webcrm_sandbox
from brygga_sandbox.rack import Rack
from brygga_sandbox.server import serve
from brygga_sandbox.webcrm.installation import Installation
from databases import DatabaseUnderTest
from hub import organisation

BUSY = "company-000"
LOOK = 0.1
"""Seconds between two looks at what has arrived."""


@dataclass
class Edit:
    """What a person has changed: on which side, in which record of the other side it is to arrive, and when it was and did."""

    slug: str
    side: str
    other: str
    value: str
    at: float
    arrived: float = 0.0


@dataclass
class Tenants:
    """The companies, their two systems, and the worker processes of the hub."""

    database: DatabaseUnderTest
    slugs: list[str]
    every: int
    fortnox: Any
    webcrm: Any
    edits: list[Edit] = field(default_factory=list)

    def books(self, slug: str) -> Any:
        """Return a company of Fortnox."""
        return list(self.fortnox.companies.values())[self.slugs.index(slug)]

    def declare(self) -> None:
        """Declare all companies, every stream for people only."""
        tenants = list(self.fortnox.companies)
        parts = [
            f"""
[company.{slug}]
name = "{slug}"

[company.{slug}.fortnox]
base_url = "{self.fortnox.base_url}"
client_id = "env:FORTNOX_CLIENT_ID"
client_secret = "env:FORTNOX_CLIENT_SECRET"
tenant_id = "{tenant}"

[company.{slug}.webcrm]
base_url = "{self.webcrm.address(slug)}"
api_key = "env:WEBCRM_KEY"

[company.{slug}.webcrm.settings]
brake = 1.0
brake_creations = 1000000

[company.{slug}.webcrm.streams]
customers = "manual"
"""
            for slug, tenant in zip(self.slugs, tenants, strict=True)
        ]
        file = self.database.home / "tenants.toml"
        file.write_text("".join(parts), encoding="utf-8")
        declare(file, who="test")

    def furnish(self, back_fill: int) -> None:
        """Give each company a customer in each office, and the busy one so many organisations that Fortnox does not know."""
        for slug in self.slugs:
            self.webcrm[slug].load("Organisation", [organisation(OrganisationName="Väst AB", OrganisationTelephone="08-1")])
            with self.fortnox.lock:
                self.books(slug).load("customers", [{"CustomerNumber": "1", "Name": "Öst AB", "Type": "COMPANY", "Phone1": "08-2"}])
        names = (f"Kund {number} AB" for number in range(back_fill))
        self.webcrm[BUSY].load("Organisation", [organisation(OrganisationName=name) for name in names])

    def start_clock(self, *slugs: str) -> None:
        """Let the clock run the customers of these companies from now on."""
        schedule = {"mode": "every", "every": self.every, "offset": 0}
        StreamState.objects.filter(integration__company__slug__in=slugs, name="customers").update(
            schedule=schedule, next_left_at=None, next_right_at=None
        )
        connection.close()

    def in_step(self) -> int:
        """Return how many companies have both of their customers linked, the busy one left out."""
        linked = Counter(LinkRow.objects.exclude(integration__company__slug=BUSY).values_list("integration_id", flat=True))
        connection.close()
        return sum(number == 2 for number in linked.values())

    def back_filled(self) -> int:
        """Return how many customers the busy company has in Fortnox, of which it had one."""
        with self.fortnox.lock:
            return len(self.books(BUSY).table("customers").records)

    def edit(self, slug: str, side: str) -> None:
        """Let a person change a telephone number in one of the company's offices."""
        link = self._links[slug][side]
        value = f"0470-{len(self.edits):06d}"
        if side == "left":
            self.webcrm[slug].organisation(int(link.left_id)).update(Telefon=value)
            self.edits.append(Edit(slug, side, link.right_id, value, time.monotonic()))
            return
        with self.fortnox.lock:
            books = self.books(slug)
            books.put("customers", link.right_id, {**books.get("customers", link.right_id), "Phone1": value})
            books.commit()
        self.edits.append(Edit(slug, side, link.left_id, value, time.monotonic()))

    def know_links(self) -> None:
        """Read who is who: the customer that webCRM's office edits, and Fortnox' one."""
        self._links: dict[str, dict[str, LinkRow]] = {}
        for link in LinkRow.objects.select_related("integration__company").exclude(integration__company__slug=BUSY):
            side = "right" if link.right_id == "1" else "left"
            self._links.setdefault(link.integration.company.slug, {})[side] = link
        connection.close()

    def look(self) -> None:
        """See which edits have arrived."""
        now = time.monotonic()
        for edit in self.edits:
            if not edit.arrived and self._there(edit) == edit.value:
                edit.arrived = now

    def _there(self, edit: Edit) -> Any:
        if edit.side == "left":
            with self.fortnox.lock:
                return self.books(edit.slug).get("customers", edit.other)["Phone1"]
        return self.webcrm[edit.slug].organisation(int(edit.other))["Telefon"]

    @contextmanager
    def workers(self, number: int) -> Iterator[list[subprocess.Popen[bytes]]]:
        """Run so many worker processes at their usual pace."""
        environment = self.database.environment()
        processes = [
            subprocess.Popen([sys.executable, "-m", "brygga", "worker", "--id", f"w{one}"], env=environment)
            for one in range(number)
        ]
        try:
            yield processes
        finally:
            # Not asked to stop: the back-fill would go on for as long as a worker waits for its runs, and all has been measured.
            for process in processes:
                process.kill()
            for process in processes:
                process.wait()


@contextmanager
def tenants(database: DatabaseUnderTest, companies: int, every: int) -> Iterator[Tenants]:
    """Run both systems for so many companies, declared and not yet synced, with the limits that the real ones have."""
    slugs = [f"company-{number:03}" for number in range(companies)]
    installation = Installation()
    with ExitStack() as stack:
        fortnox = stack.enter_context(fortnox_sandbox.running(companies=companies))
        webcrm = Rack({slug: webcrm_sandbox.Sandbox(installation) for slug in slugs})
        stack.enter_context(serve(webcrm))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("FORTNOX_CLIENT_ID", fortnox.client_id)
        patch.setenv("FORTNOX_CLIENT_SECRET", fortnox.client_secret)
        patch.setenv("WEBCRM_KEY", webcrm[BUSY].auth_code)
        made = Tenants(database, slugs, every, fortnox, webcrm)
        made.declare()
        yield made


@dataclass(frozen=True)
class Lags:
    """Seconds from the edit in one office to its arrival in the other."""

    p50: float
    p95: float
    most: float


def lags(edits: list[Edit]) -> Lags:
    """Sum up edits that have all arrived."""
    seconds = sorted(edit.arrived - edit.at for edit in edits)
    return Lags(seconds[len(seconds) // 2], seconds[len(seconds) * 95 // 100], seconds[-1])


def measure(of: Tenants, back_fill: int, seconds: float, patience: float) -> dict[str, Any]:
    """Bring all companies in step, begin the back-fill, let people edit for so many *seconds*, and wait until all has arrived.

    patience  seconds that everything may take before it counts as lost
    """
    began = time.monotonic()
    of.furnish(back_fill)
    quiet = [slug for slug in of.slugs if slug != BUSY]
    with of.workers(2 if of.database.vendor == "postgresql" else 1) as processes:
        of.start_clock(*quiet)
        _until(lambda: of.in_step() == len(quiet), patience, lambda: f"{of.in_step()} of {len(quiet)} companies are in step")
        in_step = time.monotonic() - began
        of.know_links()
        of.start_clock(BUSY)
        _until(lambda: of.back_filled() > 1, patience, lambda: "the back-fill did not begin to write")
        at_first = of.back_filled()
        _edits(of, quiet, seconds)
        _until(lambda: of.look() or all(edit.arrived for edit in of.edits), patience, lambda: _missing(of))
        assert all(process.poll() is None for process in processes)
    runs = Run.objects.exclude(integration__company__slug=BUSY).exclude(ended_at=None)
    waits = sorted((run.started_at - run.queued_at).total_seconds() for run in runs.exclude(started_at=None))
    refused = sum(seen.status == 429 for seen in of.fortnox.requests) + sum(
        seen.status == 429 for system in of.webcrm.systems.values() for seen in system.requests
    )
    return {
        "in step after": in_step,
        "lags": lags(of.edits),
        "edits": len(of.edits),
        "runs": runs.count(),
        "failed": runs.filter(status="failed").count(),
        "waits": waits,
        "requests": len(of.fortnox.requests) + sum(len(system.requests) for system in of.webcrm.systems.values()),
        "refused": refused,
        "back-filled at first": at_first,
        "back-filled": of.back_filled(),
        "seconds": time.monotonic() - began,
    }


def _edits(of: Tenants, quiet: list[str], seconds: float) -> None:
    """Let people edit, each customer once, spread evenly over *seconds*."""
    drawn = random.Random(1)
    turns = [(slug, side) for slug in quiet for side in ("left", "right")]
    drawn.shuffle(turns)
    start = time.monotonic()
    for place, (slug, side) in enumerate(turns):
        due = start + seconds * place / len(turns)
        while time.monotonic() < due:
            of.look()
            time.sleep(LOOK)
        of.edit(slug, side)


def _missing(of: Tenants) -> str:
    missing = [f"{edit.slug} {edit.side}" for edit in of.edits if not edit.arrived]
    return f"{len(missing)} of {len(of.edits)} edits have not arrived: {missing[:20]}"


def _until(true: Any, seconds: float, told: Any) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, told()
        time.sleep(LOOK)
