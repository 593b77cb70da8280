"""Customers and articles from a file into Mobigo's registers: the same result as the import from Fortnox (MOB-23).

The file is read twice: first to its end, so that nothing of a file that cannot be read is imported and numbers that stand twice
are known, then a hundred lines at a time. Of a line no more is kept than a digest of its number. Everything is made or changed by
number and nothing is deleted, so that the same file can be imported again, whole, after whatever went wrong.

An article may stand on several lines, one for each price. Its other columns are those of its first line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from brygga.clients.mobigo import PAGE, Mobigo, Raw, Register
from brygga.clients.mobigo.columns import Entry, Fault, Placed, entries, place
from brygga.clients.mobigo.tables import Table
from brygga.connectors.files import FileReport
from brygga.connectors.mobigo import map as mapping
from brygga.connectors.mobigo.settings import Settings
from brygga.core.diff import same
from brygga.core.document import Article, Price, PriceList
from brygga.core.money import Money
from brygga.core.policy import Holding
from brygga.core.record import ABSENT, Customer, present
from brygga.errors import Rejected, Sentence, Stale

BASE_LIST: Final = "A"
"""The price list of a line that names none: the one that Fortnox has chosen beforehand (Fortnox API, section 9.3)."""

_PRICE_COLUMNS: Final = frozenset({"price", "price_list", "price_list_name", "from_quantity"})


def import_file(
    client: Mobigo, settings: Settings, table: Table, kind: str, told: Callable[[int], None] = lambda lines: None
) -> FileReport:
    """Import a file of articles or customers; bad lines are reported with their numbers and the others go on.

    Raises SettingsError for a file that cannot be read, before anything is written; Unavailable, Unauthorised and
    OutcomeUnknown of Mobigo, after which the same file is imported again.
    """
    placed = place(table, kind, settings.file_columns)
    known = _look_through(table, placed, kind)
    report = FileReport(ignored=placed.unknown)
    report.faults.extend(known.faults)
    run = _Import(client, report, known)
    good = (one for one in entries(table, placed) if isinstance(one, Entry) and known.takes(one, kind))
    lines = 0
    while chunk := list(islice(good, PAGE)):
        run.customers(chunk) if kind == "customer" else run.articles(chunk)
        lines += len(chunk)
        told(lines)
    report.faults.sort(key=lambda fault: fault.line)
    return report


# What a file holds -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Known:
    """What the first reading learned: where each number first stands, which stand twice, and which lines are bad."""

    first: dict[bytes, int] = field(default_factory=dict)
    keys: dict[bytes, int] = field(default_factory=dict)
    twice: set[bytes] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    def takes(self, entry: Entry, kind: str) -> bool:
        """Say whether a line is imported: one whose key stands twice is not, as nobody knows which is right."""
        return _digest(_key(entry, kind)) not in self.twice

    def is_first(self, entry: Entry) -> bool:
        return self.first[_digest(str(entry.values["number"]))] == entry.line


def _look_through(table: Table, placed: Placed, kind: str) -> _Known:
    known = _Known()
    for one in entries(table, placed):
        if isinstance(one, Fault):
            known.faults.append(one)
            continue
        key = _digest(_key(one, kind))
        if key in known.keys:
            known.twice.add(key)
            known.faults.append(_again(table, one, known.keys[key]))
        else:
            known.keys[key] = one.line
        known.first.setdefault(_digest(str(one.values["number"])), one.line)
    if known.twice:
        _blame_the_first(table, placed, kind, known)
    return known


def _blame_the_first(table: Table, placed: Placed, kind: str, known: _Known) -> None:
    """Report the first lines of what stands twice as well: none of them is imported."""
    wanted = {known.keys[key] for key in known.twice}
    for one in entries(table, placed):
        if isinstance(one, Entry) and one.line in wanted:
            known.faults.append(_again(table, one, 0))


def _again(table: Table, entry: Entry, first: int) -> Fault:
    facts = {"file": table.path.name, "line": str(entry.line), "number": str(entry.values["number"]), "first": str(first)}
    why = Sentence(
        "{file}, line {line}: {number} stands in line {first} already, with the same price list and quantity where there are any.",
        facts,
    )
    if not first:
        why = Sentence("{file}, line {line}: {number} stands on another line too. None of them is imported.", facts)
    return Fault(entry.line, why, Sentence("Keep the right line, and import the file again."))


def _key(entry: Entry, kind: str) -> str:
    number = str(entry.values["number"])
    if kind == "customer":
        return number
    return mapping.price_key(_list_of(entry), number, entry.values.get("from_quantity", Decimal(0)))


def _list_of(entry: Entry) -> str:
    return str(entry.values.get("price_list") or BASE_LIST)


def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.casefold().encode(), digest_size=12).digest()


# What becomes of it in Mobigo -------------------------------------------------------------------------------------------


class _Import:
    """One import under way."""

    def __init__(self, client: Mobigo, report: FileReport, known: _Known) -> None:
        self._client = client
        self._report = report
        self._known = known
        self._lists: dict[str, str] | None = None

    def customers(self, chunk: Sequence[Entry]) -> None:
        wanted = [(entry.line, Customer(**_streets(entry.values))) for entry in chunk]
        there = self._by_number(self._client.customers, [entry.values["number"] for entry in chunk])
        self._put(self._client.customers, "customer", wanted, there)

    def articles(self, chunk: Sequence[Entry]) -> None:
        """Bring articles, then the price lists that are new, then the prices: each needs what comes before it."""
        firsts = [entry for entry in chunk if self._known.is_first(entry)]
        there = self._by_number(self._client.articles, [entry.values["number"] for entry in firsts])
        refused = self._put(self._client.articles, "article", [(entry.line, _article(entry)) for entry in firsts], there)
        priced = [entry for entry in chunk if "price" in entry.values and entry.line not in refused]
        self._price_lists(priced)
        numbers = list(dict.fromkeys(str(entry.values["number"]) for entry in priced))
        held: dict[str, Raw] = {}
        for part in _parts(numbers):
            for raw in self._client.prices.records(articleNumbers=",".join(part)):
                held[mapping.key_of("price", mapping.price_from(raw)).casefold()] = raw
        self._put(self._client.prices, "price", [(entry.line, _price(entry)) for entry in priced], held)

    def _by_number(self, register: Register, numbers: Iterable[Any]) -> dict[str, Raw]:
        found: dict[str, Raw] = {}
        for part in _parts(list(dict.fromkeys(map(str, numbers)))):
            found |= {str(raw["number"]).casefold(): raw for raw in register.records(numbers=",".join(part))}
        return found

    def _price_lists(self, chunk: Sequence[Entry]) -> None:
        if self._lists is None:
            self._lists = {str(raw["code"]).casefold(): str(raw["name"]) for raw in self._client.price_lists.records()}
        wanted: dict[str, tuple[int, PriceList]] = {}
        for entry in chunk:
            code = _list_of(entry)
            if code.casefold() not in self._lists:
                name = str(entry.values.get("price_list_name") or code)
                wanted.setdefault(code.casefold(), (entry.line, PriceList(code=code, name=name)))
        self._put(self._client.price_lists, "price_list", list(wanted.values()), {})
        self._lists |= {key: str(record.name) for key, (_, record) in wanted.items()}

    def _put(self, register: Register, kind: str, wanted: Sequence[tuple[int, Any]], there: Mapping[str, Raw]) -> set[int]:
        """Make or change the records; returns the lines that Mobigo refused."""
        refused: set[int] = set()
        holding = Holding(mapping.FIELDS[kind], mapping.LIMITS[kind])
        fresh: list[tuple[int, dict[str, Any]]] = []
        for line, record in wanted:
            values = {name: holding.fit(name, value) for name, value in present(record) if name in holding.fields}
            raw = there.get(mapping.key_of(kind, record).casefold())
            if raw is None:
                fresh.append((line, mapping.changed_raw({}, values)))
                continue
            now = dict(present(mapping.READERS[kind](raw)))
            changes = {name: value for name, value in values.items() if not same(name, now.get(name, ABSENT), value)}
            if not changes:
                self._report.count("unchanged", kind)
            elif self._change(register, kind, line, raw, changes):
                self._report.count("updated", kind)
            else:
                refused.add(line)
        for start in range(0, len(fresh), PAGE):
            part = fresh[start : start + PAGE]
            for (line, _), result in zip(part, _created(register, [body for _, body in part]), strict=True):
                if isinstance(result, Rejected):
                    refused.add(line)
                    self._refuse(line, result)
                else:
                    self._report.count("created", kind)
        return refused

    def _change(self, register: Register, kind: str, line: int, raw: Raw, changes: Mapping[str, Any]) -> bool:
        """Change one record; somebody who changed it meanwhile is respected, and the line reported."""
        if kind != "customer":
            # The number keeps the spelling it has: Mobigo does not let it be changed.
            changes = {name: value for name, value in changes.items() if name not in ("number", "article_number", "price_list")}
        try:
            register.replace(str(raw["id"]), mapping.changed_raw(raw, changes))
        except (Rejected, Stale) as error:
            self._refuse(line, error)
            return False
        return True

    def _refuse(self, line: int, error: Rejected | Stale) -> None:
        facts = {"line": str(line), "why": str(error.sentence)}
        sentence = Sentence("Line {line} was not taken: {why}", facts)
        self._report.faults.append(Fault(line, sentence, error.repair or Sentence("Import the file again.")))


def _created(register: Register, bodies: Sequence[Mapping[str, Any]]) -> Sequence[Raw | Rejected]:
    try:
        return register.create(bodies)
    except Rejected as error:
        return [error] * len(bodies)


def _parts(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(numbers), PAGE):
        yield numbers[start : start + PAGE]


def _streets(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in mapping.FIELDS["customer"]}


def _article(entry: Entry) -> Article:
    values = {
        name: value for name, value in entry.values.items() if name not in _PRICE_COLUMNS and name in mapping.FIELDS["article"]
    }
    if "cost_price" in values:
        values["cost_price"] = Money(values["cost_price"], mapping.CURRENCY)
    if "price" in entry.values and _list_of(entry) == BASE_LIST and not entry.values.get("from_quantity"):
        values["list_price"] = Money(entry.values["price"], mapping.CURRENCY)
    return Article(**values)


def _price(entry: Entry) -> Price:
    return Price(
        article_number=str(entry.values["number"]),
        price_list=_list_of(entry),
        from_quantity=entry.values.get("from_quantity", Decimal(0)),
        price=Money(entry.values["price"], mapping.CURRENCY),
    )
