"""B8: people in both offices edit the same customers while the hub runs and is killed; in the end both sides say what was said last."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import httpx2

from benches import boxes, hub, work
from benches.boxes import Boxes, Tenant
from benches.verdict import Bench, Verdict

ADDRESS = "acme/webcrm.customers"
FIELDS = {
    "left": {"website": ("OrganisationWww", "WWW"), "street": ("OrganisationAddress", "VisitingAddress")},
    "right": {"phone": ("OrganisationTelephone", "Phone1"), "fax": ("OrganisationFax", "Fax")},
}
"""Side that edits -> field -> its name in webCRM and in Fortnox. Each field has one office, each record both."""


@dataclass
class Offices:
    """Both systems with their customers, and what people said last. `said` is (customer, field) -> (office, value)."""

    box: Boxes
    tenant: Tenant
    chance: random.Random
    pairs: list[tuple[int, str]] = field(default_factory=list)
    said: dict[tuple[int, str], tuple[str, str]] = field(default_factory=dict)
    when: dict[tuple[int, str], tuple[datetime, datetime]] = field(default_factory=dict)
    edits: int = 0

    def furnish(self, count: int, *, right: bool) -> None:
        """Make customers in webCRM and, where no hub does it, the same in Fortnox."""
        names = [f"Kund {number} AB" for number in range(count)]
        records = [{"OrganisationName": name, "OrganisationType": "Kund – Företag"} for name in names]
        ids = self.box.admin("POST", "records/Organisation", records, system="webcrm")
        customers = [
            {"CustomerNumber": str(5000 + place), "Name": name, "Type": "COMPANY", "Active": True}
            for place, name in enumerate(names)
        ]
        if right:
            self.box.load(self.tenant, "customers", customers)
        self.pairs = [(id, str(5000 + place)) for place, id in enumerate(ids)]

    def edit(self) -> None:
        """Let one person in one office change one field of one customer."""
        self.edits += 1
        place, office = self.chance.randrange(len(self.pairs)), self.chance.choice(("left", "right"))
        name, (here, there) = self.chance.choice(list(FIELDS[office].items()))
        value = self._value(name)
        id, number = self.pairs[place]
        began = datetime.now(UTC)
        if office == "left":
            self.box.admin("PUT", f"records/Organisation/{id}", {here: value}, system="webcrm")
        else:
            self.write_right(number, {there: value})
        self.said[place, name] = (office, value)
        self.when[place, name] = (began, datetime.now(UTC))

    def _value(self, name: str) -> str:
        number = self.edits
        return {
            "website": f"www.kund{number}.example",
            "street": f"Storgatan {number}",
            "phone": f"08-{100000 + number}",
            "fax": f"031-{100000 + number}",
        }[name]

    def write_right(self, number: str, values: dict[str, str]) -> None:
        """Change a customer in Fortnox as its API does."""
        headers = {"Authorization": f"Bearer {self.tenant.token}"}
        answer = httpx2.put(
            f"{self.box.fortnox}/3/customers/{number}", json={"Customer": values}, headers=headers, timeout=30, verify=False
        )
        answer.raise_for_status()

    def held(self) -> list[tuple[dict[str, str], dict[str, str]]]:
        """Return what both sides hold of each customer, by our names of the fields."""
        lefts = {one["OrganisationId"]: one for one in self.box.admin("GET", "records/Organisation", system="webcrm")}
        rights = {one["CustomerNumber"]: one for one in self.box.admin("GET", f"records/{self.tenant.number}/customers")}
        places = {name: names for side in FIELDS.values() for name, names in side.items()}
        return [
            (
                {name: str(lefts[id].get(left) or "") for name, (left, _) in places.items()},
                {name: str(rights[number].get(right) or "") for name, (_, right) in places.items()},
            )
            for id, number in self.pairs
        ]

    def lost(self) -> list[tuple[int, str]]:
        """Return the last words, customer and field, that one side or the other does not hold."""
        held = self.held()
        return [
            (place, name) for (place, name), (_, value) in self.said.items() if any(side[name] != value for side in held[place])
        ]

    def put_back(self, place: int, name: str) -> bool:
        """Say whether a word was said in webCRM between the hub's reading of the organisation and its writing of it.

        webCRM's PUT replaces the whole organisation and can be given no condition, and calls are kept 20 ms apart: what is typed in
        between is put back, whoever writes, and nothing tells of it.
        """
        id, _ = self.pairs[place]
        if self.said[place, name][0] != "left":
            return False
        began, ended = self.when[place, name]
        mine = [call for call in self.box.seen(system="webcrm") if call["path"].endswith(f"/Organisations/{id}")]
        return any(
            read["method"] == "GET"
            and written["method"] == "PUT"
            and datetime.fromisoformat(read["at"]) <= ended
            and began <= datetime.fromisoformat(written["at"])
            for read, written in pairwise(mine)
        )

    def apart(self) -> int:
        """Return how many fields differ between the two sides."""
        return sum(left[name] != right[name] for left, right in self.held() for name in left)


def b8(seconds: float = 40, customers: int = 40, pause: float = 0.1, seed: int = 8) -> Bench:
    """Edit on both sides for a while, with a hub that is killed now and then; then come to rest and count."""
    bench = Bench(
        "B8",
        f"Both sides edit for {seconds:.0f} s",
        ("who syncs", "edits", "runs", "killed", "lost edits", "in webCRM's window", "fields that differ at rest", "echoes"),
    )
    with boxes.running("fortnox", "webcrm") as box, hub.home() as home:
        offices = _offices(box, customers, seed, right=False)
        hub.declare(home, box, {"acme": offices.tenant}, ["webcrm"], brake=1.0)
        work.do("hub_sync", address=ADDRESS, sides=["left", "right"])
        linked = hub.linked(ADDRESS)
        if len(linked) != customers:
            raise RuntimeError(f"the first sync linked {len(linked)} of {customers} customers, so that there is nothing to measure")
        offices.pairs = [(int(left), right) for left, right in linked.items()]
        hub.age()
        box.forget()
        runs, killed = _storm(offices, seconds, pause, lambda: work.start("hub_storm", address=ADDRESS, seed=offices.edits))
        echoes_before = _echoes(offices)
        for _ in range(6):
            hub.age()
            work.do("hub_storm", address=ADDRESS, seed=0)
        quiet = len(_writes(box))
        hub.age()
        work.do("hub_storm", address=ADDRESS, seed=0)
        late = len(_writes(box)) - quiet
        gone, apart, echoes = offices.lost(), offices.apart(), max(echoes_before, _echoes(offices)) + late
        window = sum(offices.put_back(*word) for word in gone)
        lost = len(gone) - window
        bench.rows.append(("Brygga", offices.edits, runs, killed, lost, window, apart, echoes))
        waiting = len(hub.problems(ADDRESS))
    with boxes.running("fortnox", "webcrm") as box:
        baseline = _offices(box, customers, seed, right=True)
        rounds = _last_writer_wins(baseline, seconds, pause)
        bench.rows.append(
            ("last writer wins, no base", baseline.edits, rounds, 0, len(baseline.lost()), "", baseline.apart(), _echoes(baseline))
        )
    bench.verdicts += [
        Verdict("lost edits", lost, 0, exact=True),
        Verdict("fields that differ at rest", apart, 0, exact=True),
        Verdict("echoes", echoes, 0, exact=True),
        Verdict("left to a person", waiting, 0, exact=True),
    ]
    bench.notes.append(
        "Each field is edited in one office, each customer in both; an edit of the same field on both sides has an owner or waits for a person, which "
        "`make simulate` holds. What is typed in webCRM in the 20 ms between the hub's reading and its writing of the same organisation is put back by "
        "webCRM's PUT, which replaces the whole and takes no condition; such edits are told by the times of the calls and counted apart. An "
        "echo is a value written to the side that it was typed on, or a write when nothing was edited. At rest, the minutes "
        "between two looks are let go by. The baseline writes the record that was changed last over the other one, whole. The readers write nothing back."
    )
    return bench


def _offices(box: Boxes, customers: int, seed: int, *, right: bool) -> Offices:
    box.limited(False)
    offices = Offices(box, box.tenant(), random.Random(seed))  # noqa: S311  no secret
    offices.furnish(customers, right=right)
    return offices


def _storm(offices: Offices, seconds: float, pause: float, run: Callable[[], subprocess.Popen[str]]) -> tuple[int, int]:
    """Edit until the time is up while the hub runs again and again; return how often it ran and was killed."""
    deadline = time.monotonic() + seconds
    runs = killed = 0
    process = run()
    while time.monotonic() < deadline:
        offices.edit()
        time.sleep(pause)
        if process.poll() is not None:
            runs, killed = runs + 1, killed + (process.returncode == -signal.SIGKILL)
            if process.returncode not in (0, -signal.SIGKILL):
                raise RuntimeError(f"a run ended with {process.returncode}")
            process.communicate()
            process = run()
    process.communicate()
    return runs + 1, killed + (process.returncode == -signal.SIGKILL)


def _writes(box: Boxes) -> list[dict[str, Any]]:
    """Return the writes that both systems saw, those of people left out."""
    calls = [*box.seen(), *box.seen(system="webcrm")]
    return [call for call in calls if call["method"] in ("PUT", "POST", "PATCH") and "Query" not in call["path"]]


def _echoes(offices: Offices) -> int:
    """Return how many writes to Fortnox carry what was typed there in another one than the person's own."""
    typed: dict[tuple[str, str], int] = {}
    names = [there for _, there in FIELDS["right"].values()]
    for call in offices.box.seen(offices.tenant):
        if call["method"] != "PUT" or not call["path"].startswith("/3/customers/"):
            continue
        body = json.loads(call["body"] or "{}").get("Customer", {})
        for name in names:
            if body.get(name):
                typed[call["path"], f"{name}={body[name]}"] = typed.get((call["path"], f"{name}={body[name]}"), 0) + 1
    return sum(times - 1 for times in typed.values() if times > 1)


def _last_writer_wins(offices: Offices, seconds: float, pause: float) -> int:
    """Sync as scripts without a base do: who was changed since the last look is written over the other, whole; both: Fortnox."""
    deadline = time.monotonic() + seconds
    known = offices.held()
    rounds = 0
    while time.monotonic() < deadline + 3:
        for _ in range(8):
            if time.monotonic() < deadline:
                offices.edit()
                time.sleep(pause)
        rounds += 1
        held = offices.held()
        for place, (left, right) in enumerate(held):
            id, number = offices.pairs[place]
            if right != known[place][1]:
                values = {FIELDS[side][name][0]: right[name] for side in FIELDS for name in FIELDS[side]}
                offices.box.admin("PUT", f"records/Organisation/{id}", values, system="webcrm")
            elif left != known[place][0]:
                offices.write_right(
                    number, {FIELDS[side][name][1]: left[name] for side in FIELDS for name in FIELDS[side] if left[name]}
                )
        known = held
    return rounds
