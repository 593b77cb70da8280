"""Judges a world: each document is equal by the oracle, or waits with a sentence and a repair; anything else is a silent difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from brygga.store.models import JournalEntry, Problem, RunItem
from brygga.sync.look import problem_row
from proof.world import Line
from worlds.oracle.arithmetic import number as exact
from worlds.oracle.books import Books
from worlds.oracle.paper import Difference

EQUAL, HELD, NOTHING, SILENT = "equal", "held", "nothing", "silent"


@dataclass(frozen=True)
class Case:
    """One document of a source.

    buyers   ids of the customer that it may wait for
    names    words of which a sentence about it has to say one
    tidy     nothing in it is a reason to wait: it has to be equal
    nothing  no document may come of it (cancelled before it went over)
    """

    id: str
    names: tuple[str, ...]
    buyers: frozenset[str] = frozenset()
    tidy: bool = False
    nothing: bool = False


@dataclass(frozen=True)
class Verdict:
    """What became of a case."""

    case: Case
    state: str
    reason: str = ""
    differences: Sequence[Difference] = ()
    said: str = ""
    named: bool = True


class Office(Protocol):
    """A source's office beside Fortnox, full of documents."""

    system: str
    side: str
    """"left" where the cases are the business system's, "right" where they are Fortnox'."""

    @property
    def world(self) -> Any: ...

    def round(self) -> None:
        """Run every stream once."""

    def cases(self) -> Sequence[Case]: ...

    def became(self, case: Case) -> str:
        """Return the number of the case's document in Fortnox as its source knows it, "" for none."""

    def differences(self, case: Case, number: str, books: Books) -> list[Difference]: ...

    def edit(self, case: Case) -> None:
        """Let a person in the source change a document that has gone over."""

    def edit_there(self, case: Case) -> None:
        """Let a person in the other system change it."""

    def end(self, case: Case) -> None:
        """Let a person in the source end a document that has gone over: lose, cancel, take back."""

    def end_there(self, case: Case) -> None:
        """Let a person in the other system end it."""

    def stranger(self) -> list[str]:
        """Return documents of the other system that no case has."""

    def untouched(self) -> Any:
        """Return what nobody edited in the source: it has to stay as it is, byte by byte."""


@dataclass
class Judgement:
    """What a world came to."""

    system: str
    seed: int
    verdicts: list[Verdict] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def counts(self) -> Counter[str]:
        return Counter(verdict.state for verdict in self.verdicts)

    def reasons(self) -> Counter[str]:
        return Counter(verdict.reason for verdict in self.verdicts if verdict.state == HELD)

    def silent(self) -> list[str]:
        """Return each silent difference in a line: seed, record, both values, and what was said."""
        found = []
        for one in self.verdicts:
            if one.state == SILENT:
                said = f" (said: {one.said})" if one.said else ""
                what = "; ".join(map(str, one.differences[:6])) or one.reason
                found.append(f"{self.system} seed {self.seed} {one.case.id} {'/'.join(one.case.names[:1])}: {what}{said}")
            elif one.case.tidy and one.state != EQUAL:
                found.append(f"{self.system} seed {self.seed} {one.case.id}: a tidy document is {one.state}: {one.said}")
        return found + [f"{self.system} seed {self.seed}: {line}" for line in self.wrong]

    def share(self) -> float:
        """Return how many of the documents that may go over are equal: a world in which everything waits shows nothing."""
        counts = self.counts()
        return counts[EQUAL] / max(1, sum(counts.values()) - counts[NOTHING])

    def unnamed(self) -> list[str]:
        """Return the sentences that do not say which document they are about."""
        return sorted({one.said for one in self.verdicts if one.state == HELD and not one.named})


def judge(office: Office, seed: int, edited: frozenset[str] = frozenset()) -> Judgement:
    """Judge every case of an office, and what Fortnox has that no case accounts for.

    edited   ids of what a person has changed since: where a rule says that the change stays where it is, that is no silent difference
    """
    made = Judgement(office.system, seed)
    problems = list(Problem.objects.select_related("integration", "integration__company").filter(state=Problem.State.OPEN))
    told = list(RunItem.objects.exclude(message=None))
    books = books_of(office.world)
    for case in office.cases():
        # What a person has changed since may have to wait.
        case = replace(case, tidy=case.tidy and case.id not in edited)
        made.verdicts.append(_verdict(office, case, problems, told, books, edited))
    made.wrong += [f"document {number} of Fortnox has no source" for number in office.stranger()]
    if left := JournalEntry.objects.filter(state=JournalEntry.State.BEGUN).count():
        made.wrong.append(f"{left} writes of the journal are open")
    return made


def _verdict(
    office: Office, case: Case, problems: list[Problem], told: list[RunItem], books: Books, edited: frozenset[str]
) -> Verdict:
    # A tidy document that somebody edited after it had gone over may wait: where the edit stays, it is told.
    case = replace(case, tidy=case.tidy and case.id not in edited)
    number = office.became(case)
    left, right = (case.id, number) if office.side == "left" else (number, case.id)
    mine, items = _about(case, left, right, problems), [item for item in told if _of(item, left, right)]
    shown = [(one, _as_shown(one)) for one in mine]
    sentence = " | ".join(text for _, text in shown)
    if case.nothing:
        return Verdict(case, SILENT if number else NOTHING, "it was made, and is not to be" if number else "")
    found = office.differences(case, number, books) if number else []
    if number and not [one for one in found if not one.told]:
        return Verdict(case, EQUAL, said=sentence) if not found or mine or items else Verdict(case, SILENT, "not told", found)
    good = [(one, text) for one, text in shown if text and (one.repair or one.rule)]
    if not good:
        # What a rule leaves out may be told in the run alone.
        by_rule = [item for item in items if item.action == "skip" and item.rule]
        if by_rule and (not number or case.id in edited):
            return Verdict(case, HELD, f"skip {by_rule[-1].rule}", found, str(by_rule[-1].message["text"]))
        nothing = "refused, and no repair" if mine else "no document, and nobody is told"
        return Verdict(case, SILENT, "" if number else nothing, found, sentence)
    names = [name for name in (*case.names, number) if name]
    named = any(name in text for _, text in good for name in names)
    first = good[0][0]
    return Verdict(case, HELD, f"{first.sort} {first.cause}"[:110], found, sentence, named)


def _as_shown(one: Problem) -> str:
    """Return the sentence of a problem as people read it on the pages, the command line and the API: with its record's name."""
    return str(problem_row(one, one.integration.address, one.integration.system)["text"])


def _about(case: Case, left: str, right: str, problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems of a document, by either side's id, then those of the customer that it waits for."""
    own = [one for one in problems if one.kind != "customer" and _is_of(one, left, right)]
    buyers = [one for one in problems if one.kind == "customer" and one.record_id in case.buyers]
    return [*own, *buyers]


def _is_of(one: Problem, left: str, right: str) -> bool:
    ids = {"left": one.left_id, "right": one.right_id, one.side: one.record_id}
    return (bool(left) and ids["left"] == left) or (bool(right) and ids["right"] == right)


def _of(item: RunItem, left: str, right: str) -> bool:
    return item.kind != "customer" and ((bool(left) and item.left_id == left) or (bool(right) and item.right_id == right))


def books_of(world: Any) -> Books:
    """Return the registers of a world's Fortnox, as its API shows them."""
    with world.fortnox.lock:
        company = world.fortnox.company
        year = company.current_year()["Id"]
        accounts = {key[1]: dict(one) for key, one in company.table("accounts").records.items() if key[0] == year}
        return Books(
            {str(one["ArticleNumber"]): dict(one) for one in company.table("articles").all()},
            {str(one["CustomerNumber"]): dict(one) for one in company.table("customers").all()},
            {int(number): str(one.get("VATCode") or "") for number, one in accounts.items()},
            {str(key): int(one.get("Account") or 0) for key, one in company.table("predefinedaccounts").records.items()},
            bool(company.values["round_to_whole_krona"]),
            {str(one["Code"]): exact(one["BuyRate"]) / (exact(one["Unit"]) or 1) for one in company.table("currencies").all()},
        )


def document(world: Line, register: str, number: str) -> dict[str, Any]:
    """Return a document as Fortnox' API shows it."""
    answer = world.fortnox_call("GET", f"/3/{register}/{number}")
    return dict(next(iter(answer.values())))


ONE = {"invoices": ("Invoice", "InvoiceRows"), "orders": ("Order", "OrderRows"), "offers": ("Offer", "OfferRows")}
"""Register -> what one of its documents is called, and its rows."""


NO_HOUSE_WORK: Mapping[str, Any] = {"HouseWork": False, "HouseWorkType": None}
"""What a person writes on a row whose article is house work where the document is none: Fortnox refuses the document else (2004019)."""


def change_quantity(world: Line, register: str, number: str, more: int) -> None:
    """Let a person in Fortnox change the first charged row of a document to so many more."""

    def change(rows: list[dict[str, Any]], wishes: list[dict[str, Any]]) -> None:
        place = next(place for place, row in enumerate(rows) if row["AccountNumber"])
        wishes[place] |= {name: float(rows[place][name]) + more for name in counts_of(register)}

    change_rows(world, register, number, change)


def credit_of(held: Mapping[str, Any]) -> str:
    """Return the number of the invoice that one of Fortnox credits, "" for one that credits none."""
    return str(held.get("CreditInvoiceReference") or "") if str(held.get("Credit")).lower() == "true" else ""


def counts_of(register: str) -> tuple[str, ...]:
    """Return the names of a row's quantities."""
    return {"orders": ("DeliveredQuantity", "OrderedQuantity"), "offers": ("Quantity",)}.get(register, ("DeliveredQuantity",))


def change_rows(
    world: Line, register: str, number: str, change: Callable[[list[dict[str, Any]], list[dict[str, Any]]], None], **head: Any
) -> None:
    """Let a person in Fortnox change a document: *change* gets its rows, and what is sent of each, which is the row's id at first."""
    held = document(world, register, number)
    one, rows = ONE[register]
    wishes: list[dict[str, Any]] = [{"RowId": row["RowId"]} for row in held[rows]]
    change(held[rows], wishes)
    world.fortnox_call("PUT", f"/3/{register}/{number}", {one: {rows: wishes, **head}})


def one_more_row(world: Line, register: str, number: str, article: str) -> None:
    """Let a person in Fortnox add a row of an article, on the article's own account: the card's may be one for another rate."""
    held = document(world, register, number)
    work = str(held.get("TaxReductionType") or "none") != "none"
    row = {"ArticleNumber": article, "Price": 37.5, **dict.fromkeys(counts_of(register), 2), **NO_HOUSE_WORK}
    if work:
        row["HouseWorkType"] = "OTHERCOSTS"
    with world.fortnox.lock:
        company = world.fortnox.company
        if company.get("customers", str(held["CustomerNumber"]))["VATType"] == "SEVAT":
            row["AccountNumber"] = int(company.get("articles", article)["SalesAccount"])
    change_rows(world, register, number, lambda rows, wishes: wishes.append(row))


def one_row_less(world: Line, register: str, number: str) -> None:
    """Let a person in Fortnox delete the last row of a document that has several, and double the price of one that has one."""

    def change(rows: list[dict[str, Any]], wishes: list[dict[str, Any]]) -> None:
        charged = [place for place, row in enumerate(rows) if row["AccountNumber"]]
        if len(charged) > 1:
            wishes.pop(charged[-1])
        else:
            wishes[charged[0]]["Price"] = float(rows[charged[0]]["Price"]) * 2 + 1

    change_rows(world, register, number, change)


def rests(office: Office, rounds: int = 3) -> None:
    """Let time go on and run, until everything that can go has gone."""
    for _ in range(rounds):
        office.world.pass_time(3700)
        office.round()


def writes(office: Office) -> list[str]:
    """Run once more and return every write that a system saw."""
    for system in office.world.systems.values():
        system.requests.clear()
    before = _written()
    office.world.pass_time(3700)
    office.round()
    found = [
        f"{seen.method} {seen.path} {str(seen.body)[:300]}"
        for host, system in office.world.systems.items()
        for seen in system.requests
        if host.startswith("fortnox") and seen.method not in ("GET", "HEAD") and "oauth" not in seen.path
    ]
    return found + [f"{count} writes of {stream}" for stream, count in (_written() - before).items()]


def _written() -> Counter[str]:
    """Return how many writes the journal has of each stream, those left out that a system refused."""
    kept = JournalEntry.objects.exclude(state=JournalEntry.State.FAILED)
    return Counter(kept.values_list("stream", flat=True))
