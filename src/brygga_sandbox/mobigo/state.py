"""What one Mobigo holds: customers, articles, price lists, prices, time types, and assignments with their rows."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from brygga_sandbox.mobigo import shapes
from brygga_sandbox.mobigo.errors import conflict, invalid, missing
from brygga_sandbox.mobigo.shapes import JSON, Field

Key = str | tuple[str, ...]


@dataclass(frozen=True)
class Kind:
    """One register: its name in addresses, what an object of it is called, its shape, and the fields that name a record."""

    name: str
    thing: str
    fields: Mapping[str, Field]
    keys: tuple[str, ...]
    defaults: Mapping[str, Any] = field(default_factory=dict)


CUSTOMERS = Kind("Customers", "customer", shapes.CUSTOMER, ("number",), {"active": True, "type": "company"})
ARTICLES = Kind("Articles", "article", shapes.ARTICLE, ("number",), {"active": True})
PRICE_LISTS = Kind("PriceLists", "priceList", shapes.PRICE_LIST, ("code",), {"active": True, "currency": "SEK"})
PRICES = Kind("Prices", "price", shapes.PRICE, ("priceListCode", "articleNumber", "fromQuantity"), {"fromQuantity": 0})
TIME_TYPES = Kind("TimeTypes", "timeType", shapes.TIME_TYPE, ("name",), {"active": True})
ASSIGNMENTS = Kind("Assignments", "assignment", shapes.ASSIGNMENT, ("number",), {"status": "Planerat", "attested": False})
KINDS = {kind.name: kind for kind in (CUSTOMERS, ARTICLES, PRICE_LISTS, PRICES, TIME_TYPES, ASSIGNMENTS)}

NO_RESULT: Mapping[str, Any] = {
    "marked": False,
    "documentType": None,
    "documentNumber": None,
    "exported": None,
    "archived": False,
    "changedAfterExport": False,
    "message": None,
}
"""The export part of an assignment that has not been exported."""


@dataclass
class Record:
    """One record: its number in the program, its fields (flat), when it was made and last changed (UTC), and its version."""

    id: int
    values: JSON
    created: datetime
    updated: datetime
    version: int = 1
    times: list[JSON] = field(default_factory=list)
    materials: list[JSON] = field(default_factory=list)
    export: JSON = field(default_factory=lambda: dict(NO_RESULT))
    hidden_until: datetime | None = None


class Register:
    """All records of one kind, by id and by key; keys are compared without case, as the database does."""

    def __init__(self, kind: Kind) -> None:
        """Begin empty."""
        self.kind = kind
        self.records: dict[int, Record] = {}
        self.next_id = 1
        self._by_key: dict[Key, int] = {}
        self.by_article: dict[str, set[int]] = {}

    def key_of(self, values: Mapping[str, Any]) -> Key:
        """Return what names a record: one text, or a text for each of the fields of its key."""
        parts = tuple(_plain(values.get(name)) for name in self.kind.keys)
        return parts[0] if len(parts) == 1 else parts

    def having(self, key: Key) -> Record | None:
        """Return the record with this key."""
        id = self._by_key.get(_folded(key))
        return None if id is None else self.records[id]

    def put(self, record: Record, values: JSON) -> None:
        """Give a record these values, and its key to nobody else. Raises Refusal when another record has the key."""
        key = self.key_of(values)
        other = self.having(key)
        if other is not None and other.id != record.id:
            name = key if isinstance(key, str) else " / ".join(key)
            raise conflict("duplicate", f"{self.kind.thing} {name} finns redan (id {other.id}).")
        if record.id in self.records:
            del self._by_key[_folded(self.key_of(record.values))]
        record.values = values
        self.records[record.id] = record
        self._by_key[_folded(key)] = record.id
        if self.kind is PRICES:
            self.by_article.setdefault(str(values["articleNumber"]).casefold(), set()).add(record.id)
        self.next_id = max(self.next_id, record.id + 1)

    def remove(self, id: int) -> None:
        """Take a record out."""
        values = self.records.pop(id).values
        del self._by_key[_folded(self.key_of(values))]
        self.by_article.get(str(values.get("articleNumber")).casefold(), set()).discard(id)


class State:
    """One installation. Read and change it under the system's lock; `version` goes up with every change."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Begin empty."""
        self.clock = clock
        self.registers = {name: Register(kind) for name, kind in KINDS.items()}
        self.version = 0
        self.touched: list[Record] = []

    def __getitem__(self, name: str) -> Register:
        """Return a register."""
        return self.registers[name]

    def now(self) -> datetime:
        """Return the time in UTC, cut to whole milliseconds as the answers show it."""
        moment = self.clock().astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def create(self, name: str, body: object) -> Record:
        """Make a record from a body of the contract. Raises Refusal."""
        register = self.registers[name]
        given = shapes.checked(register.kind.fields, body)
        given.pop("version", None)
        values = {field: register.kind.defaults.get(field) if value is None else value for field, value in given.items()}
        self._refers(name, values)
        now = self.now()
        record = Record(register.next_id, {}, now, now)
        register.put(record, values)
        self._touch(record)
        return record

    def replace(self, name: str, record: Record, body: object) -> None:
        """Give a record the whole body; what is left out is emptied. Raises Refusal, 409 when its version is another by now."""
        register = self.registers[name]
        given = shapes.checked(register.kind.fields, body)
        version = given.pop("version", None)
        if version is None:
            raise invalid({"version": "måste anges"})
        if version != record.version:
            raise conflict("version", f"Ändrad av någon annan: version {record.version}, inte {version}.")
        self._refers(name, given)
        for key in register.kind.keys:
            if name != "Customers" and _plain(given[key]).casefold() != _plain(record.values[key]).casefold():
                raise invalid({key: "kan inte ändras"})
        register.put(
            record, {field: register.kind.defaults.get(field) if value is None else value for field, value in given.items()}
        )
        self.changed(record)

    def edit(self, name: str, record: Record, fields: Mapping[str, Any]) -> None:
        """Change some fields as a person in the program would."""
        register = self.registers[name]
        flat = {**record.values, **_flat(fields)}
        values = shapes.checked(register.kind.fields, shapes.nested(flat))
        values.pop("version", None)
        register.put(record, values)
        if record.export["exported"]:
            record.export["changedAfterExport"] = True
        self.changed(record)

    def changed(self, record: Record) -> None:
        """Stamp a record as changed now."""
        record.updated = self.now()
        record.version += 1
        self._touch(record)

    def _touch(self, record: Record) -> None:
        self.version += 1
        self.touched.append(record)

    def add_assignment(self, body: Mapping[str, Any]) -> Record:
        """Make an assignment as a person in the program would: with `times`, `materials` and `marked` beside its fields."""
        rest = dict(body)
        times, materials, marked = rest.pop("times", ()), rest.pop("materials", ()), rest.pop("marked", False)
        export = rest.pop("export", {})
        record = self.create("Assignments", rest)
        for rows, shape, given in ((record.times, shapes.TIME_ROW, times), (record.materials, shapes.MATERIAL_ROW, materials)):
            for place, row in enumerate(given, 1):
                values = shapes.checked(shape, row)
                values["billable"] = True if values["billable"] is None else values["billable"]
                values["position"] = place if values["position"] is None else values["position"]
                rows.append({"id": record.id * 1000 + len(record.times) + len(record.materials) + 1, **values})
        record.export |= {"marked": marked, **export}
        return record

    def export_result(self, record: Record, body: object) -> None:
        """Note which document an assignment became. Saying the same again changes nothing; another document is refused."""
        given = shapes.checked(shapes.RESULT, body)
        held = (record.export["documentType"], record.export["documentNumber"])
        wanted = (given["documentType"], given["documentNumber"])
        if held[1] is not None and held != wanted:
            raise conflict("exported", f"Uppdraget är redan exporterat som {held[0]} {held[1]}.")
        archived = bool(given["archived"])
        if held == wanted and archived <= record.export["archived"]:
            return
        record.export |= {
            "marked": False,
            "documentType": wanted[0],
            "documentNumber": wanted[1],
            "exported": record.export["exported"] or _stamp(self.now()),
            "archived": archived or record.export["archived"],
            "message": given["message"],
        }
        if record.export["archived"]:
            record.values["status"] = "Arkiverat"
        self.changed(record)

    def _refers(self, name: str, values: Mapping[str, Any]) -> None:
        """Refuse a price without its list or article. An assignment may name a customer that is not there yet."""
        if name == "Prices":
            for field, register in (("priceListCode", "PriceLists"), ("articleNumber", "Articles")):
                if self.registers[register].having(str(values[field])) is None:
                    raise invalid({field: f"{values[field]} finns inte"})

    def visible(self, name: str) -> Iterator[Record]:
        """Yield the records of a register by id, as lists show them."""
        now = self.now()
        for id in sorted(self.registers[name].records):
            record = self.registers[name].records[id]
            if record.hidden_until is None or record.hidden_until <= now:
                yield record

    def numbered(self, name: str, numbers: list[str]) -> list[Record]:
        """Return the records with these numbers as lists show them; prices by the numbers of their articles."""
        register, now = self.registers[name], self.now()
        ids: set[int] = set()
        for number in numbers:
            if name == "Prices":
                ids |= register.by_article.get(number.strip().casefold(), set())
            elif (found := register.having(number.strip())) is not None:
                ids.add(found.id)
        records = [register.records[id] for id in sorted(ids)]
        return [record for record in records if record.hidden_until is None or record.hidden_until <= now]

    def hide(self, first: int, seconds: float) -> None:
        """Keep what was touched from the first change on out of lists for a while."""
        for record in self.touched[first:]:
            record.hidden_until = self.now() + timedelta(seconds=seconds)

    def shown(self, name: str, record: Record, *, rows: bool = True) -> JSON:
        """Return a record as the contract shows it; an assignment with its rows, its customer's name and its export part."""
        kind = self.registers[name].kind
        ids = {} if name == "Assignments" else {"id": record.id}
        shown: JSON = {"objectName": kind.thing, **ids, **shapes.nested(record.values)}
        if name == "Assignments":
            number = shown.pop("customerNumber")
            customer = self.registers["Customers"].having(str(number)) if number else None
            shown["customer"] = {"number": number, "name": customer.values["name"] if customer else None} if number else None
            shown["export"] = dict(record.export)
            if rows:
                shown["times"] = [self._time(row) for row in record.times]
                shown["materials"] = [{"objectName": "materialRow", **row} for row in record.materials]
        return shown | {"version": record.version, "created": _stamp(record.created), "updated": _stamp(record.updated)}

    def _time(self, row: JSON) -> JSON:
        kind = self.registers["TimeTypes"].having(str(row["timeType"] or ""))
        article = kind.values["articleNumber"] if kind else None
        return {"objectName": "timeRow", **row, "timeType": {"name": row["timeType"], "articleNumber": article}}

    def found(self, name: str, text: str) -> Record:
        """Return a record by what addresses it: an assignment by its number, all others by id. Raises Refusal."""
        register = self.registers[name]
        record = register.having(text) if name == "Assignments" else register.records.get(int(text) if text.isdecimal() else -1)
        if record is None:
            raise missing(f"{register.kind.thing} {text}")
        return record

    def keep(self, path: Path) -> None:
        """Write everything to a file, which is replaced in one step."""
        content = {
            name: [
                {
                    "id": r.id, "values": r.values, "created": _stamp(r.created), "updated": _stamp(r.updated),
                    "version": r.version, "times": r.times, "materials": r.materials, "export": r.export,
                }
                for r in register.records.values()
            ]
            for name, register in self.registers.items()
        }  # fmt: skip
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(content, ensure_ascii=False, default=_json), encoding="utf-8")
        beside.replace(path)

    def take_up(self, path: Path) -> None:
        """Read back what `keep` wrote."""
        for name, records in json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal).items():
            for raw in records:
                values = raw.pop("values")
                for stamp in ("created", "updated"):
                    raw[stamp] = datetime.fromisoformat(raw[stamp])
                self.registers[name].put(Record(values={}, **raw), values)


def _folded(key: Key) -> Key:
    return key.casefold() if isinstance(key, str) else tuple(part.casefold() for part in key)


def _flat(fields: Mapping[str, Any]) -> JSON:
    flat: JSON = {}
    for name, value in fields.items():
        flat |= {f"{name}.{child}": inner for child, inner in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def _plain(value: object) -> str:
    """Return a part of a key as text; 0, 0.0 and None are one quantity."""
    if value is None:
        return ""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return format(Decimal(value).normalize(), "f")
    return str(value).strip()


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _json(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(type(value).__name__)
