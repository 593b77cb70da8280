"""An Opter with direct access to what is in it, for tests and demonstrations in the same process."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from brygga_sandbox.opter.app import Limits, OpterSystem
from brygga_sandbox.opter.company import customers, invoices, settlements
from brygga_sandbox.opter.shapes import JSON
from brygga_sandbox.server import ADMIN, serve


class Sandbox(OpterSystem):
    """An Opter; `clock`, `faults`, `requests`, `base_url` and `lock` are a System's."""

    @property
    def admin_url(self) -> str:
        """Return the address beside the imitated API."""
        return self.base_url + ADMIN

    def load(self, register: str, records: Iterable[Mapping[str, Any]]) -> list[str]:
        """Put records in as people in Opter would have made them; return what names them."""
        with self.lock:
            return self.state.load(register, records)

    def furnish(self) -> None:
        """Fill the installation with a believable transport company."""
        with self.lock:
            self.state.load("Customers", customers())
            self.state.load("Invoices", invoices())
            self.state.load("Settlements", settlements())

    def edit(self, register: str, key: str, **fields: Any) -> None:
        """Change a record as a person in Opter would, now."""
        with self.lock:
            self.state.edit(register, key, fields)

    def get(self, register: str, key: str) -> JSON:
        """Return a record as the contract shows it."""
        with self.lock:
            return self.state.shown(self.state.found(register, key))

    def all(self, register: str) -> list[JSON]:
        """Return all records of a register."""
        with self.lock:
            return [self.state.shown(record) for record in self.state.registers[register].values()]

    def registrations(self) -> list[JSON]:
        """Return the payments that are registered (betalningsregistrering)."""
        with self.lock:
            return [self.state.shown(record) for record in self.state.registrations.values()]

    def definitions(self) -> list[JSON]:
        """Return the payment import definitions with their tokens as they are."""
        with self.lock:
            return [dict(one) for one in self.state.definitions.values()]

    def currency(self, code: str) -> None:
        """Change the default currency, which one should not in a running installation."""
        with self.lock:
            self.state.installation.default_currency = code

    def deviation(self, amount: Decimal, office: str = "1") -> None:
        """Set what difference an office accepts on an invoice."""
        with self.lock:
            self.state.installation.office(office)["acceptedInvoiceDeviation"] = amount

    def writes(self) -> list[tuple[str, str, Any]]:
        """Return the calls that changed something: method, path, body."""
        return [
            (seen.method, seen.path, json.loads(seen.body) if seen.body else None)
            for seen in self.requests
            if seen.method in ("POST", "PUT", "DELETE") and seen.status < 300
        ]


@contextlib.contextmanager
def running(limits: Limits | None = None, *, port: int = 0, state: Path | None = None) -> Iterator[Sandbox]:
    """Run an Opter on 127.0.0.1 while the block lasts; port 0 is a free one, *state* a folder to keep it in."""
    sandbox = Sandbox(limits, state)
    with serve(sandbox, port):
        yield sandbox
