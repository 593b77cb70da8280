"""Opter by files in a folder, with the same verbs as over its contract: whoever has no adapter exchanges files (docs/opter-files.md).

FOLDER/in        the files that Opter exports; they stay where they are
FOLDER/out       payments-….xml, to be read in Opter, and exported.json: which document each record became
FOLDER/codes.csv Opter's VAT codes, code;percent, where files name codes instead of rates
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from brygga.clients.opter.wire import Raw
from brygga.clients.opter.xml_files import INVOICES, SETTLEMENTS, payments_file, payments_of, records
from brygga.errors import NotFound, Rejected, SettingsError

FOLDER_CONTRACT = "brygga-opter-1"


class OpterFolder:
    """One installation that is reached by files. Everything in it is read anew by each connection."""

    def __init__(self, folder: Path, accepted_deviation: Decimal = Decimal(0)) -> None:
        if not (folder / "in").is_dir():
            raise SettingsError(
                "There is no folder {folder} for Opter's files.",
                repair="Make it, and let Opter put its export files there.",
                folder=str(folder / "in"),
            )
        self._folder = folder
        self.accepted_deviation = accepted_deviation
        self._read: dict[str, dict[str, tuple[Raw, datetime]]] = {}
        self.customers = FolderRegister(self, "Customers", "customerCode")
        self.invoices = FolderRegister(self, "Invoices", "invoiceNumber")
        self.settlements = FolderRegister(self, "Settlements", "id")
        self.payment_definitions = FolderDefinitions()
        self.payment_imports = FolderImports(self)
        self.payment_registrations = FolderRegistrations(self)

    def installation(self) -> Raw:
        """Describe what files can tell: exports to Fortnox are in kronor (OPT-06)."""
        return {
            "contract": FOLDER_CONTRACT,
            "company": {"name": self._folder.name, "organisationNumber": ""},
            "defaultCurrency": "SEK",
            "accesses": ["Customers", "Invoices", "Payments", "Settlements"],
            "offices": [],
        }

    def register(self, name: str) -> Mapping[str, tuple[Raw, datetime]]:
        """Return a register's records with the time at which their file was written; the newest file of a record holds."""
        if not self._read:
            self._read = self._all()
        return self._read[name]

    def _all(self) -> dict[str, dict[str, tuple[Raw, datetime]]]:
        found: dict[str, dict[str, tuple[Raw, datetime]]] = {"Customers": {}, "Invoices": {}, "Settlements": {}}
        codes = self._codes()
        exported = self.exported()
        last: dict[str, Raw] = {}
        files = sorted((self._folder / "in").glob("*.xml"), key=lambda path: (path.stat().st_mtime, path.name))
        for path in files:
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            kind, made, customers = records(path.read_bytes(), path.name, codes)
            for raw in customers:
                found["Customers"][raw["customerCode"]] = (raw, at)
            name, key = ("Invoices", "invoiceNumber") if kind == INVOICES else ("Settlements", "id")
            assert kind in (INVOICES, SETTLEMENTS)
            for raw in made:
                id = str(raw[key])
                if kind == INVOICES:
                    # Where the invoice before it was to: files may give one customer different addresses.
                    code = str(raw["customerCode"])
                    raw, last[code] = {**raw, "before": last.get(code)}, raw
                printed = self._printed(raw["pdf"], path.name)
                found[name][id] = ({**raw, "export": exported.get(f"{name}/{id}")}, max(at, printed or at))
        return found

    def _printed(self, name: str, file: str) -> datetime | None:
        """Return when the PDF that a record names was written. Raises SettingsError for one that does not lie beside the file."""
        if not name:
            return None
        path = self._folder / "in" / name
        if Path(name).name != name or not path.is_file():
            raise SettingsError(
                "The file {file} names the PDF {name}, which is not in the same folder. Nothing of it was taken in.",
                repair="Let Opter print into the folder in before it exports.",
                file=file,
                name=name,
            )
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def pdf(self, name: str) -> bytes:
        """Return a PDF that lies in the folder in. Raises SettingsError for one that is none."""
        content = (self._folder / "in" / name).read_bytes()
        if not content.startswith(b"%PDF"):
            raise SettingsError(
                "The file {name} is no PDF. It was not taken in.", repair="Print the document anew in Opter.", name=name
            )
        return content

    def _codes(self) -> dict[str, Decimal]:
        path = self._folder / "codes.csv"
        if not path.exists():
            return {}
        codes = {}
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.reader(file, delimiter=";"), 1):
                if not row or row[0].strip().lower() in ("", "code", "kod"):
                    continue
                try:
                    codes[row[0].strip()] = Decimal(row[1].strip().replace(",", "."))
                except (IndexError, InvalidOperation):
                    raise SettingsError(
                        "codes.csv, line {line}: a code and its percent are wanted, with a semicolon between them.",
                        repair="Write for example MP1;25.",
                        line=line,
                    ) from None
        return codes

    def exported(self) -> dict[str, Raw]:
        """Return which document each record became, as we noted it."""
        path = self._folder / "out" / "exported.json"
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}

    def note(self, name: str, id: str, result: Raw) -> None:
        """Note which document a record became."""
        kept = {**self.exported(), f"{name}/{id}": result}
        self.write("exported.json", json.dumps(kept, ensure_ascii=False, indent=1).encode())
        self._read = {}

    def write(self, name: str, content: bytes) -> None:
        """Write a file whole or not at all: whoever looks never finds half of one."""
        out = self._folder / "out"
        out.mkdir(exist_ok=True)
        part = out / f".{name}.part"
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(out / name)

    def registered(self) -> Iterator[Raw]:
        """Yield the payments that were written for Opter, each with the file and place that it stands at."""
        for path in sorted((self._folder / "out").glob("payments-*.xml")):
            for place, raw in enumerate(payments_of(path.read_bytes(), path.name), 1):
                yield {**raw, "id": f"{path.stem}/{place}"}


class FolderRegister:
    """The records of one kind that the files hold."""

    def __init__(self, folder: OpterFolder, name: str, id_field: str) -> None:
        self._folder, self._name, self.id_field = folder, name, id_field

    def changed(self, since: datetime | None) -> list[Raw]:
        return [self._whole(raw) for raw, at in self._folder.register(self._name).values() if since is None or at >= since]

    def get(self, id: str) -> Raw | None:
        found = self._folder.register(self._name).get(id)
        return None if found is None else self._whole(found[0])

    def pdf(self, id: str) -> bytes | None:
        found = self._folder.register(self._name).get(id)
        return self._folder.pdf(found[0]["pdf"]) if found is not None and found[0].get("pdf") else None

    def _whole(self, raw: Raw) -> Raw:
        """Add what is in the PDF of a record, which is read only of those that are asked for."""
        if "pdf" not in raw:
            return raw
        digest = hashlib.sha256(self._folder.pdf(raw["pdf"])).hexdigest() if raw["pdf"] else ""
        return {**raw, "hasPdf": bool(digest), "pdfSha256": digest}

    def exported(self, id: str, document_number: str, exported_at: datetime, *, booked: bool, message: str = "") -> Raw:
        raw = self.get(id)
        if raw is None:
            raise NotFound("No file of Opter holds {id}.", id=id)
        before = raw.get("export")
        if before and before["documentNumber"] != document_number:
            raise Rejected("{id} became {before} already.", id=id, before=before["documentNumber"], code="exported")
        result = {"documentNumber": document_number, "booked": booked, "message": message}
        if before is None or {**before, **result} != before:
            self._folder.note(self._name, id, {"exportedAt": exported_at.isoformat(), **(before or {}), **result})
        return {**raw, "export": result}


class FolderDefinitions:
    """Files know no definitions; the hub's own hold."""

    def list(self) -> list[Raw]:
        return []

    def create(self, body: Mapping[str, Any]) -> Raw:
        return {"id": "1", **body}

    def change(self, id: str, body: Mapping[str, Any]) -> Raw:
        return {"id": id, **body}


class FolderImports:
    """Payments are judged here, by the invoices' files and what was written before, and written into a file when they are saved."""

    def __init__(self, folder: OpterFolder) -> None:
        self._folder = folder
        self._open: dict[str, list[Raw]] = {}

    def read(self, definition: str, payments: Sequence[Mapping[str, Any]]) -> Raw:
        written = list(self._folder.registered())
        known = {str(raw["reference"]) for raw in written}
        rows, left_out = [], []
        for payment in payments:
            invoice = self._folder.invoices.get(str(payment["invoiceNumber"]))
            reason = "Already registered" if payment["reference"] in known else "" if invoice else "Error loading invoice"
            if reason or invoice is None:
                left_out.append({**payment, "reason": reason})
                continue
            paid = sum((raw["amount"] for raw in written if raw["invoiceNumber"] == payment["invoiceNumber"]), Decimal(0))
            rest = invoice["total"] - paid - payment["amount"]
            accepted = abs(rest) <= self._folder.accepted_deviation
            warning = (
                "" if not rest or accepted else "Partial payment" if rest * payment["amount"] > 0 else "Advance will be created"
            )
            marked = {
                "mark": "red" if warning else "green",
                "warning": warning or None,
                "writeOff": rest if accepted else Decimal(0),
            }
            rows.append({**payment, **marked})
        # The name says what is in it, so that the same payments never become two files.
        id = hashlib.sha256("\n".join(sorted(str(row["reference"]) for row in rows)).encode()).hexdigest()[:16]
        self._open[id] = [dict(row) for row in rows]
        return {"id": id, "definition": definition, "status": "Read", "rows": rows, "notImported": left_out}

    def save(self, id: str, references: Sequence[str] | None = None) -> Raw:
        rows = [row for row in self._open.pop(id) if references is None or row["reference"] in references]
        name = f"payments-{id}"
        self._folder.write(f"{name}.xml", payments_file(rows))
        made = [{"reference": row["reference"], "id": f"{name}/{place}"} for place, row in enumerate(rows, 1)]
        return {"id": id, "status": "Saved", "rows": rows, "notImported": [], "registrations": made}

    def forget(self, id: str) -> None:
        self._open.pop(id, None)


class FolderRegistrations:
    """The payments that were written into files."""

    def __init__(self, folder: OpterFolder) -> None:
        self._folder = folder

    def changed(self, since: datetime | None) -> list[Raw]:
        return list(self._folder.registered())

    def of_reference(self, reference: str) -> list[Raw]:
        return [raw for raw in self._folder.registered() if raw["reference"] == reference]
