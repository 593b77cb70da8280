"""What one Opter holds: its company and offices, customers, invoices, settlements, and its payment imports."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from brygga_sandbox.opter.errors import conflict, missing
from brygga_sandbox.opter.shapes import JSON, ORE

REGISTERS = {"Customers": "customerCode", "Invoices": "invoiceNumber", "Settlements": "id"}
"""The registers and the field that names a record of each."""

ADDRESS: Mapping[str, Any] = {"street": "", "street2": "", "postalCode": "", "city": "", "countryCode": "SE"}
CUSTOMER: Mapping[str, Any] = {
    "customerCode": "", "customerNumber": "", "name": "", "organisationNumber": "", "vatNumber": "", "visitingAddress": ADDRESS,
    "postalAddress": ADDRESS, "phone": "", "email": "", "invoiceEmail": "", "currency": "SEK", "vatFree": False, "paymentTerms": 30,
    "officeCode": "1",
}  # fmt: skip
INVOICE: Mapping[str, Any] = {
    "id": 0, "invoiceNumber": "", "kind": "invoice", "creditedInvoiceNumber": "", "ocrNumber": "", "officeCode": "1",
    "invoiceDate": "", "dueDate": "", "customerCode": "", "customerNumber": "", "customerName": "", "currency": "SEK",
    "currencyRate": None, "status": "Closed", "orders": [], "remark": "", "coding": [], "roundOff": Decimal(0),
    "hasPdf": True, "export": None,
}  # fmt: skip
CODING: Mapping[str, Any] = {"account": "", "text": "", "net": Decimal(0), "vatPercent": Decimal(25), "vat": Decimal(0)}
UNITS = ("costCenter", "project", "unit3", "unit4", "unit5")
SUPPLIER: Mapping[str, Any] = {
    "supplierCode": "", "supplierNumber": "", "name": "", "organisationNumber": "", "vatNumber": "", "vatRegistered": True,
    "countryCode": "SE", "address": ADDRESS, "phone": "", "phone2": "", "fax": "", "email": "", "website": "", "bankAccount": "",
    "iban": "", "bic": "", "bankgiro": "", "plusgiro": "", "currency": "SEK", "selfBillingAgreement": None,
}  # fmt: skip
SETTLEMENT: Mapping[str, Any] = {
    "id": 0, "number": "", "supplier": SUPPLIER, "settlementDate": "", "dueDate": "", "periodFrom": "", "periodTo": "",
    "currency": "SEK", "status": "Closed", "lines": [], "coding": [], "payable": None, "texts": [], "hasPdf": True, "export": None,
}  # fmt: skip
LINE: Mapping[str, Any] = {"kind": "transport", "text": "", "net": Decimal(0), "vatPercent": Decimal(25), "account": ""}
BLANKS = {"Customers": CUSTOMER, "Invoices": INVOICE, "Settlements": SETTLEMENT}


@dataclass
class Record:
    """One record as the contract shows it, when it was last changed, and until when lists do not show that yet."""

    values: JSON
    changed: datetime
    hidden_until: datetime | None = None


@dataclass
class Installation:
    """The company, its default currency and its offices."""

    company: JSON = field(default_factory=lambda: {"name": "Norrfrakt AB", "organisationNumber": "556036-0793"})
    default_currency: str = "SEK"
    offices: list[JSON] = field(
        default_factory=lambda: [
            {
                "code": "1",
                "name": "Luleå",
                "acceptedInvoiceDeviation": Decimal("1.00"),
                "writeOffAccount": "3740",
                "bankAccount": "1930",
                "ocrType": "LengthAndCheck",
            }
        ]
    )

    def office(self, code: str) -> JSON:
        """Return an office, the first where the code is not known."""
        return next((office for office in self.offices if office["code"] == code), self.offices[0])


class State:
    """One installation. Read and change it under the system's lock."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Begin empty."""
        self.clock = clock
        self.installation = Installation()
        self.registers: dict[str, dict[str, Record]] = {name: {} for name in REGISTERS}
        self.definitions: dict[str, JSON] = {}
        self.imports: dict[str, JSON] = {}
        self.registrations: dict[str, Record] = {}
        self.pdfs: dict[tuple[str, str], bytes] = {}
        self.touched: list[Record] = []
        self._next = 1

    def now(self) -> datetime:
        """Return the time in UTC, cut to whole milliseconds as the answers show it."""
        moment = self.clock().astimezone(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def next_id(self) -> int:
        """Return a number that nothing has had."""
        self._next += 1
        return self._next - 1

    def load(self, name: str, given: Iterable[Mapping[str, Any]]) -> list[str]:
        """Put records in as people in Opter would have made them, what is left out by default; return what names them."""
        key = REGISTERS[name]
        names = []
        for fields in given:
            values = _filled(BLANKS[name], fields)
            if name != "Customers":
                values["id"] = values["id"] or self.next_id()
                values["coding"] = [_filled(CODING if name == "Invoices" else {"text": ""}, row) for row in values["coding"]]
            if name == "Invoices":
                self._complete_invoice(values)
            if name == "Settlements":
                values["lines"] = [_filled(LINE, line) for line in values["lines"]]
                if values["payable"] is None:
                    values["payable"] = _payable(values)
            record = Record(values, self.now())
            self.registers[name][str(values[key])] = record
            self.touched.append(record)
            names.append(str(values[key]))
        return names

    def _complete_invoice(self, values: JSON) -> None:
        for row in values["coding"]:
            row["economicUnits"] = {**dict.fromkeys(UNITS, ""), **row.get("economicUnits", {})}
        _share_vat(values["coding"])
        if values["currencyRate"] is None and values["currency"] == self.installation.default_currency:
            values["currencyRate"] = Decimal(1)
        values["net"] = sum((row["net"] for row in values["coding"]), Decimal(0))
        values["vat"] = sum((row["vat"] for row in values["coding"]), Decimal(0))
        values["total"] = values["net"] + values["vat"] + values["roundOff"]
        values.setdefault("paid", Decimal(0))
        values["balance"] = values["total"] - values["paid"]
        customer = self.registers["Customers"].get(values["customerCode"])
        if customer is not None:
            values["customerNumber"] = values["customerNumber"] or customer.values["customerNumber"]
            values["customerName"] = values["customerName"] or customer.values["name"]

    def edit(self, name: str, key: str, fields: Mapping[str, Any]) -> None:
        """Change a record as a person in Opter would."""
        record = self.found(name, key)
        paid = {"paid": record.values["paid"]} if name == "Invoices" else {}
        values = _filled(record.values, {**paid, **fields})
        if name == "Invoices":
            values["coding"] = [_filled(CODING, row) for row in values["coding"]]
            self._complete_invoice(values)
        if name == "Settlements" and "payable" not in fields:
            values["lines"] = [_filled(LINE, line) for line in values["lines"]]
            values["payable"] = _payable(values)
        record.values = values
        self.touch(record)

    def touch(self, record: Record) -> None:
        """Note that a record was changed now."""
        record.changed = self.now()
        self.touched.append(record)

    def pdf(self, name: str, record: Record) -> bytes:
        """Return the printed document: the one that was put in, else one that is another for another sum."""
        key = str(record.values[REGISTERS[name]])
        total = record.values.get("total", record.values.get("payable"))
        return self.pdfs.get((name, key)) or f"%PDF-1.4\n% {name} {key} {total}\n%%EOF\n".encode()

    def print(self, name: str, key: str, content: bytes) -> None:
        """Keep what a person printed anew of a record."""
        record = self.found(name, key)
        self.pdfs[name, key] = content
        record.values["hasPdf"] = True
        self.touch(record)

    def found(self, name: str, key: str) -> Record:
        """Return a record. Raises Refusal."""
        record = self.registers[name].get(key)
        if record is None:
            raise missing(f"{name} {key}")
        return record

    def shown(self, record: Record) -> JSON:
        """Return a record as the contract shows it."""
        shown = {**record.values, "changedAt": stamp(record.changed)}
        if "hasPdf" in shown:
            name = "Invoices" if "invoiceNumber" in shown else "Settlements"
            shown["pdfSha256"] = hashlib.sha256(self.pdf(name, record)).hexdigest() if shown["hasPdf"] else ""
        return shown

    def visible(self, records: Iterable[Record]) -> list[Record]:
        """Return the records that lists show by now."""
        now = self.now()
        return [record for record in records if record.hidden_until is None or record.hidden_until <= now]

    def hide(self, since: int, seconds: float) -> None:
        """Keep what was touched from place *since* on out of lists for a while."""
        for record in self.touched[since:]:
            record.hidden_until = self.now() + timedelta(seconds=seconds)

    def export_result(self, name: str, key: str, result: JSON) -> Record:
        """Note which document a record became. Raises Refusal: another one before, or not closed."""
        record = self.found(name, key)
        before = record.values["export"]
        if before is not None and before["documentNumber"] != result["documentNumber"]:
            raise conflict("exported", f"{name} {key} was exported as {before['documentNumber']} already.")
        if record.values["status"] != "Closed":
            raise conflict("open", f"The period of {name} {key} is not closed.")
        if before is None or (before["booked"], before["message"]) != (result["booked"], result["message"]):
            exported = result["exportedAt"] if before is None else before["exportedAt"]
            record.values["export"] = {**result, "exportedAt": exported}
            self.touch(record)
        return record

    def keep(self, path: Path) -> None:
        """Write everything to a file."""
        kept = {
            "next": self._next,
            "installation": self.installation.__dict__,
            "registers": {name: [_kept(one) for one in records.values()] for name, records in self.registers.items()},
            "definitions": self.definitions,
            "imports": self.imports,
            "registrations": [_kept(one) for one in self.registrations.values()],
            "pdfs": [[name, key, base64.b64encode(content).decode()] for (name, key), content in self.pdfs.items()],
        }
        path.write_text(json.dumps(kept, default=_plain, ensure_ascii=False), encoding="utf-8")

    def take_up(self, path: Path) -> None:
        """Read what `keep` wrote."""
        kept = json.loads(path.read_text(encoding="utf-8"), object_hook=_unplain)
        self._next = kept["next"]
        self.installation = Installation(**kept["installation"])
        for name, records in kept["registers"].items():
            self.registers[name] = {str(one["values"][REGISTERS[name]]): _taken(one) for one in records}
        self.definitions, self.imports = kept["definitions"], kept["imports"]
        self.registrations = {str(one["values"]["id"]): _taken(one) for one in kept["registrations"]}
        self.pdfs = {(name, key): base64.b64decode(content) for name, key, content in kept.get("pdfs", ())}


def _share_vat(coding: list[JSON]) -> None:
    """Give the rows their VAT, reckoned on the sum of each rate; the last row of a rate takes what rounding leaves."""
    for rate in {row["vatPercent"] for row in coding}:
        rows = [row for row in coding if row["vatPercent"] == rate]
        if any(row["vat"] for row in rows):
            continue
        left = (sum((row["net"] for row in rows), Decimal(0)) * rate / 100).quantize(ORE, ROUND_HALF_UP)
        for row in rows[:-1]:
            row["vat"] = (row["net"] * rate / 100).quantize(ORE, ROUND_HALF_UP)
            left -= row["vat"]
        rows[-1]["vat"] = left


def _payable(settlement: Mapping[str, Any]) -> Decimal:
    """Return what the lines come to: supply less deductions, each with the VAT of its rate on the sum; a haulier without VAT adds none."""
    sums: dict[tuple[bool, Decimal], Decimal] = {}
    for line in settlement["lines"]:
        sold = line["kind"] == "deduction"
        key = sold, line["vatPercent"] if sold or settlement["supplier"]["vatRegistered"] else Decimal(0)
        sums[key] = sums.get(key, Decimal(0)) + line["net"]
    total = Decimal(0)
    for (sold, rate), net in sums.items():
        amount = net + (net * rate / 100).quantize(ORE, ROUND_HALF_UP)
        total += -amount if sold else amount
    return total


def stamp(moment: datetime) -> str:
    """Write a time as the contract does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def exact(value: Any) -> Any:
    """Return a value with every float as the decimal that it is written as."""
    if isinstance(value, Mapping):
        return {str(name): exact(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [exact(one) for one in value]
    return Decimal(str(value)) if isinstance(value, float) else value


_MONEY = frozenset({"net", "vat", "vatPercent", "amount", "payable", "roundOff", "paid", "currencyRate"})


def _filled(blank: Mapping[str, Any], fields: Mapping[str, Any]) -> JSON:
    """Return *blank* with the given fields, objects inside filled likewise. Raises KeyError for a field that it does not have."""
    values: JSON = {}
    for name, value in {**blank, **exact(fields)}.items():
        inner = blank.get(name)
        if isinstance(inner, Mapping) and isinstance(value, Mapping):
            values[name] = _filled(inner, value)
        elif name in _MONEY and isinstance(value, int) and not isinstance(value, bool):
            values[name] = Decimal(value)
        else:
            values[name] = [dict(one) if isinstance(one, Mapping) else one for one in value] if isinstance(value, list) else value
    return values


def _kept(record: Record) -> JSON:
    return {"values": record.values, "changed": record.changed.isoformat()}


def _taken(kept: JSON) -> Record:
    return Record(kept["values"], datetime.fromisoformat(kept["changed"]))


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    raise TypeError(f"{type(value).__name__} cannot be kept")


def _unplain(value: JSON) -> Any:
    return Decimal(value["$decimal"]) if set(value) == {"$decimal"} else value
