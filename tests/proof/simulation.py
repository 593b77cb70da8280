"""Random histories of two offices and a hub that has bad days, drawn from a seed, and what must hold whenever all comes to rest.

People in both offices edit (the same field too), make new records, change types, delete; settings change; answers are lost, cut,
late or web pages; systems fail before and after the commit; lists are slow; tokens run out; clocks jump; the process dies at any
boundary; a second worker wants the company's lease, or takes it over while the first one sleeps.

At rest: nothing is doubled, missing or lost, nothing is written once more, the journal is closed, the chain of history is whole.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from brygga.errors import Unavailable
from brygga.store import history, leases
from brygga.store.models import Company, Integration, JournalEntry, Lease, LinkRow, Problem, Run
from brygga.sync.start import begin_run, execute
from hub import organisation
from proof.agreement import LABELS, Broken, check
from proof.world import Killed, Stop, World, a_world

OUR_NAMES = {"city": "invoice_city", "postcode": "invoice_postcode", "reference": "your_reference"}
NEVER_EMPTY = ("name",)
NOT_SYNCED, SYNCED = "Prospekt", "Kund – Företag"
REST_EVERY = 40
_UID = re.compile(r"Nr (\d+) ")

CHANCES: dict[str, int] = {
    "edit_left": 26,
    "edit_right": 26,
    "edit_both": 10,
    "new_left": 6,
    "new_right": 6,
    "new_on_both": 2,
    "twin": 1,
    "type": 4,
    "delete_right": 1,
    "delete_left": 1,
    "owner": 1,
    "answer": 4,
    "fault": 16,
    "clock": 2,
    "wait": 6,
    "run": 18,
    "killed_run": 8,
    "rival": 4,
    "stolen": 2,
    "meddled_run": 4,
}
FAULTS = (
    "lost_request", "lost_answer", "error_before", "error_after", "rate_limit", "slow", "cut_body", "html", "hide",
    "revoke_tokens", "expire_access_tokens",
)  # fmt: skip
PLACES = {
    "fortnox": (("POST", "/3/customers"), ("PUT", "/3/customers/.*"), ("GET", "/3/customers.*"), (".*", ".*")),
    "webcrm": (("POST|PATCH", "/Organisations"), ("PUT", "/Organisations/.*"), ("GET", "/Organisations.*"), (".*", ".*")),
}


@dataclass
class Edit:
    """A person's last word on one field on one side; `runs` is how many runs there had been."""

    value: str
    runs: int
    owner: str
    sure: bool = True


@dataclass
class Simulation:
    """One history. `lines` is what happened, as text; the same seed gives the same lines."""

    world: World
    seed: int
    lines: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    edits: dict[tuple[int, str], dict[str, Edit]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    runs: int = 0
    uids: int = 0
    values: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        random.seed(self.seed)  # the clients' own jitter
        self.steps: dict[str, Callable[[], str]] = {name: getattr(self, f"_{name}") for name in CHANCES}

    # What happens ----------------------------------------------------------------------------------------------------

    def go(self, operations: int) -> None:
        """Carry out so many operations, coming to rest now and then. Raises Broken."""
        for _ in range(6):
            self._new_left()
            self._new_right()
        names, weights = list(CHANCES), list(CHANCES.values())
        for number in range(1, operations + 1):
            name = self.random.choices(names, weights)[0]
            self.world.pass_time(self.random.choice((0, 0, 1, 7, 31, 59, 90)))
            self._say(name, self.steps[name]())
            self.counts[name] += 1
            if number % REST_EVERY == 0 or number == operations:
                self.rest()

    def _say(self, name: str, what: str) -> None:
        self.lines.append(f"{len(self.lines) + 1:5} {name:12} {what}")

    def organisations(self) -> dict[int, list[int]]:
        """Return uid -> numbers of the organisations that carry it."""
        found: dict[int, list[int]] = {}
        for record in self.world.webcrm.state["Organisation"]:
            if known := _UID.search(str(record.values.get("OrganisationName", ""))):
                found.setdefault(int(known[1]), []).append(record.number)
        return found

    def customers(self) -> dict[int, list[str]]:
        """Return uid -> numbers of the customers that carry it."""
        found: dict[int, list[str]] = {}
        for key, record in self.world.fortnox.company.table("customers").records.items():
            if known := _UID.search(str(record.get("Name", ""))):
                found.setdefault(int(known[1]), []).append(str(key))
        return found

    def _value(self, name: str, uid: int, empty: bool) -> str:
        self.values += 1
        n = self.values
        if empty and self.random.random() < 0.1:
            return ""
        made = {
            "name": f"Nr {uid} AB {n}",
            "phone": f"0470-{n:06d}",
            "website": f"www.nr{n}.example",
            "fax": f"08-{n:07d}",
            "city": f"Ort {n}",
            "postcode": str(10000 + n % 80000),
            "email": f"nr{n}@kund.example",
            "reference": f"Eva {n}",
        }
        return made[name]

    def _edit(self, side: str, uid: int, name: str, sure: bool = True) -> str:
        label, fortnox_field = LABELS[name]
        before = (
            self.world.webcrm.organisation(self.organisations()[uid][0])[label]
            if side == "left"
            else self.world.customer(self.customers()[uid][0])[fortnox_field]
        )
        # Emptied and typed again would be no change: then the other side's word counts, whoever owns the field.
        value = self._value(name, uid, bool(before) and name not in NEVER_EMPTY and (uid, name) not in self.edits)
        if side == "left":
            self.world.webcrm.organisation(self.organisations()[uid][0]).update({label: value})
        else:
            self.world.edit_customer(self.customers()[uid][0], **{fortnox_field: value})
        owner = self.owners.get(name, "webcrm")
        self.edits.setdefault((uid, name), {})[side] = Edit(value, self.runs, owner, sure)
        return f"{side} {uid} {name} = {value!r}"

    def _any(self, side: str) -> int | None:
        uids = sorted(self.organisations() if side == "left" else self.customers())
        return self.random.choice(uids) if uids else None

    def _edit_left(self) -> str:
        uid = self._any("left")
        return self._edit("left", uid, self.random.choice(list(LABELS))) if uid else "nobody"

    def _edit_right(self) -> str:
        uid = self._any("right")
        return self._edit("right", uid, self.random.choice(list(LABELS))) if uid else "nobody"

    def _edit_both(self) -> str:
        both = sorted(set(self.organisations()) & set(self.customers()))
        if not both:
            return "nobody"
        uid, name = self.random.choice(both), self.random.choice(list(LABELS))
        sides = ["left", "right"]
        self.random.shuffle(sides)
        return " and ".join(self._edit(side, uid, name) for side in sides)

    def _new_left(self, uid: int = 0, number: str = "") -> str:
        uid = uid or self._next()
        more = {"OrganisationExtraCustom2": number} if number else {}
        kind = NOT_SYNCED if self.random.random() < 0.1 and not number else SYNCED
        self.world.webcrm.add(
            "Organisation",
            organisation(OrganisationName=f"Nr {uid} AB", OrganisationType=kind, OrganisationTelephone=f"08-{uid:06d}", **more),
        )
        return f"organisation {uid} {number} {kind}"

    def _new_right(self, uid: int = 0, number: str = "") -> str:
        uid = uid or self._next()
        with self.world.fortnox.lock:
            company = self.world.fortnox.company
            key = str(company.next_number("customers", 1001))
            blank = dict(company.table("customers").blank)
            fields = {
                "CustomerNumber": key,
                "Name": f"Nr {uid} AB",
                "Type": "COMPANY",
                "Active": True,
                "WWW": f"www.kund{uid}.example",
            }
            company.put("customers", key, {**blank, **fields, "OrganisationNumber": number or blank.get("OrganisationNumber", "")})
            company.commit()
        return f"customer {uid} {number} as {key}"

    def _next(self) -> int:
        self.uids += 1
        return self.uids

    def _organisation_number(self, n: int) -> str:
        digits = f"5590{n % 100000:05d}"
        total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(digits))
        return f"{digits[:6]}-{digits[6:]}{-total % 10}"

    def _new_on_both(self) -> str:
        uid = self._next()
        number = self._organisation_number(uid)
        return f"{self._new_left(uid, number)} and {self._new_right(uid, number)}"

    def _twin(self) -> str:
        """Two of one register with one number: a question, until a person says that they are two."""
        number = self._organisation_number(self._next())
        make = self.random.choice((self._new_left, self._new_right))
        return f"{make(0, number)} and {make(0, number)}"

    def _type(self) -> str:
        uid = self._any("left")
        if uid is None:
            return "nobody"
        held = self.world.webcrm.organisation(self.organisations()[uid][0])
        wanted = SYNCED if held["Typ"] == NOT_SYNCED else NOT_SYNCED
        held.update(Typ=wanted)
        return f"{uid} is {wanted}"

    def _delete_right(self) -> str:
        """The newest stays: Fortnox would give its number, which is one above the highest, once more to somebody else."""
        uid = self._any("right")
        company = self.world.fortnox.company
        newest = str(company.next_number("customers") - 1)
        if uid is None or newest in self.customers()[uid]:
            return "nobody"
        with self.world.fortnox.lock:
            for key in self.customers()[uid]:
                company.delete("customers", key)
            company.commit()
        return f"customer {uid}"

    def _delete_left(self) -> str:
        uid = self._any("left")
        if uid is None:
            return "nobody"
        for number in self.organisations()[uid]:
            self.world.webcrm.organisation(number).delete()
        return f"organisation {uid}"

    def _owner(self) -> str:
        name = self.random.choice(list(LABELS))
        now = "webcrm" if self.owners.get(name) == "fortnox" else "fortnox"
        self.owners[name] = now
        self.world.declare(owners={OUR_NAMES.get(one, one): owner for one, owner in self.owners.items()})
        return f"{now} owns {name}"

    def _answer(self) -> str:
        questions = [problem for problem in self.world.problems("question") if not problem["answered"]]
        if not questions:
            return "no question"
        problem = self.random.choice(questions)
        if self.random.random() < 0.2:
            self.world.answer(problem, skip="the simulation says so")
            return f"{problem['record']} is skipped"
        self.world.answer(problem, create=True)
        return f"{problem['record']} is to be made"

    def _fault(self) -> str:
        system, kind = self.random.choice(("fortnox", "webcrm")), self.random.choice(FAULTS)
        method, path = self.random.choice(PLACES[system])
        more: dict[str, Any] = {"times": self.random.choice((1, 1, 1, 2, 4)), "skip": self.random.choice((0, 0, 1, 3))}
        if kind in ("error_before", "error_after"):
            more["status"] = self.random.choice((500, 502, 503))
        if kind == "hide":
            more["seconds"] = 2.0  # below the settle time: what shows later than that cannot be told from what never happened
        if kind == "rate_limit" and system == "fortnox":
            more["retry_after"] = 2
        getattr(self.world, system).faults.arm(kind, method=method, path=path, **more)
        return f"{system} {kind} at {method} {path} {more}"

    def _clock(self) -> str:
        seconds = self.random.choice((-60, -20, 20, 60, 3600))
        if seconds == 3600:
            # An hour ahead for one run, then somebody sets it right.
            self.world.jump(3600)
            told = self._run()
            self.world.jump(-3600)
            return f"an hour ahead: {told}"
        self.drift = getattr(self, "drift", 0) + seconds
        if abs(self.drift) > 90:
            self.drift -= seconds
            seconds = 0
        self.world.jump(seconds)
        return f"{seconds} s"

    def _wait(self) -> str:
        seconds = self.random.choice((60, 180, 360, 1200))
        self.world.pass_time(seconds)
        return f"{seconds} s"

    # Runs ------------------------------------------------------------------------------------------------------------

    def _sides(self) -> tuple[str, ...]:
        return self.random.choice((("left", "right"), ("left", "right"), ("left",), ("right",)))

    def _sync(self, sides: tuple[str, ...] = ("left", "right")) -> str:
        self.runs += 1
        result = self.world.sync(sides=sides)
        self.failures(result)
        counts = {name: n for name, n in result["counts"].items() if n and name != "unchanged"}
        return f"{'+'.join(sides)} {result['status']} {counts} {result['message'] or ''}"

    def failures(self, result: dict[str, Any]) -> None:
        if self.world.fortnox.failures:
            raise Broken(f"the Fortnox sandbox itself failed: {self.world.fortnox.failures[0]}")

    def _run(self) -> str:
        return self._sync(self._sides())

    def _killed_run(self) -> str:
        stop = Stop(self.random.randint(1, 90))
        sides = self._sides()
        self.world.at = stop
        try:
            told = self._sync(sides)
        except Killed as killed:
            self.counts["kills"] += 1
            told = f"killed at boundary {len(stop.seen)}: {killed}"
            # Others see that a dead process held these; this one lives on.
            Lease.objects.update(until=leases._LONG_AGO)
        finally:
            self.world.at = lambda kind: None
        if self.random.random() < 0.5 and (run := Run.objects.filter(status=Run.Status.RUNNING).order_by("pk").last()):
            self.runs += 1
            execute(run.pk)
            told += "; the same run was taken up again"
        return told

    def _between(self, act: Callable[[], str]) -> str:
        """Run, and do something else before one of the run's readings leaves."""
        wanted, told, done = self.random.randint(1, 12), [], [0]

        def at(kind: str) -> None:
            if not kind.startswith("GET") or not kind.endswith("leaves"):
                return
            done[0] += 1
            if done[0] == wanted:
                self.world.at = lambda kind: None
                told.append(f"{act()} before {kind}")

        self.world.at = at
        try:
            return f"{self._sync()} | {'; '.join(told) or 'too short'}"
        finally:
            self.world.at = lambda kind: None

    def _rival(self) -> str:
        """A second worker finds the company taken."""

        def compete() -> str:
            run = begin_run(self._integration(), "customers", trigger="clock")
            try:
                execute(run.pk, wait=0)
            except Unavailable:
                Run.objects.filter(pk=run.pk).delete()
                self.counts["turned away"] += 1
                return "the second worker was turned away"
            raise Broken("two workers held the company's lease at once")

        return self._between(compete)

    def _stolen(self) -> str:
        """The first worker sleeps past its lease, another one does the work, and the first one wakes."""

        def steal() -> str:
            Lease.objects.filter(name=leases.company(self._integration().company_id)).update(until=leases._LONG_AGO)
            self.counts["leases taken over"] += 1
            return "lease taken over: " + self._sync()

        return self._between(steal)

    def _meddled_run(self) -> str:
        """A person saves something in the middle of a run."""

        def meddle() -> str:
            side = self.random.choice(("left", "right"))
            uid = self._any(side)
            return self._edit(side, uid, self.random.choice(list(LABELS)), sure=False) if uid else "nobody"

        return self._between(meddle)

    def _integration(self) -> Integration:
        return Integration.objects.select_related("company").get(system="webcrm")

    # Rest ------------------------------------------------------------------------------------------------------------

    def rest(self) -> None:
        """Let the hub run without faults until it has nothing to do, and look whether all is well."""
        for system in (self.world.fortnox, self.world.webcrm):
            system.faults.clear()
        for turn in range(30):
            self.world.pass_time(301 if turn < 4 else 3700)
            self.world.clear()
            self._say("rest", self._sync())
            if not self._writes() and not self._waiting():
                break
        else:
            raise Broken("it does not come to rest")
        self.counts["rests"] += 1
        check(self)
        self.edits.clear()

    def _writes(self) -> list[Any]:
        return [*self.world.fortnox_writes(), *self.world.webcrm.writes()]

    def _waiting(self) -> bool:
        return (
            LinkRow.objects.exclude(look_again_at=None).exists()
            or Problem.objects.filter(state="open", sort__in=("failed", "hold"), look_at__isnull=False)
            .exclude(looks__gte=3)
            .exists()
        )


@dataclass(frozen=True)
class Result:
    """What one seed came to."""

    seed: int
    counts: Counter[str]
    lines: list[str]
    writes: int
    history: int


def simulate(home: Path, seed: int, operations: int) -> Result:
    """Run one history on the database that Django points at. Raises Broken, with the history, when something does not hold."""
    with a_world(home) as world:
        simulation = Simulation(world, seed)
        try:
            simulation.go(operations)
            chain = history.verify(Company.objects.get(slug="acme"))
            if chain.broken is not None:
                raise Broken(f"the chain of history breaks at line {chain.broken}")
        except BaseException as error:
            told = "\n".join(simulation.lines)
            error.add_note(
                f"seed {seed}, {operations} operations: python -m tests.proof.simulate --seed {seed} --operations {operations}"
            )
            error.add_note(told)
            raise
        writes = JournalEntry.objects.filter(state=JournalEntry.State.DONE).count()
        return Result(seed, simulation.counts, simulation.lines, writes, chain.length)
