"""The sandbox as tests and the demo hold it: the running system with direct access to what is in it."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from brygga_sandbox.mobigo.app import Limits, MobigoSystem
from brygga_sandbox.server import ADMIN, serve


class Sandbox(MobigoSystem):
    """A Mobigo with direct access to what is in it; `clock`, `faults`, `requests`, `base_url` and `lock` are a System's."""

    @property
    def admin_url(self) -> str:
        """Return the address beside the contract: faults, clock, calls seen, records."""
        return self.base_url + ADMIN

    def load(self, register: str, records: Iterable[Mapping[str, Any]]) -> list[int]:
        """Make records as a person in the program would, in the contract's field names, and return their ids."""
        with self.lock:
            return [self.state.create(register, exact(dict(record))).id for record in records]

    def assignment(self, number: str, **fields: Any) -> str:
        """Make an assignment; `times`, `materials` and `marked` beside its fields. Returns its number."""
        with self.lock:
            self.state.add_assignment(exact({"number": number, **fields}))
            return number

    def mark(self, *numbers: str) -> None:
        """Mark assignments for export, as a person in the program would."""
        with self.lock:
            for number in numbers:
                record = self.state.found("Assignments", number)
                record.export["marked"] = True
                self.state.changed(record)

    def get(self, register: str, key: str) -> dict[str, Any]:
        """Return the record with this number or code (an assignment's rows too), as the contract shows it. Raises KeyError."""
        with self.lock:
            record = self.state[register].having(key)
            if record is None:
                raise KeyError(f"the Mobigo sandbox has no {key} in {register}")
            return self.state.shown(register, record)

    def edit(self, register: str, key: str, **fields: Any) -> None:
        """Change some fields of a record as a person in the program would."""
        with self.lock:
            record = self.state[register].having(key)
            assert record is not None, f"no {key} in {register}"
            self.state.edit(register, record, exact(fields))

    def all(self, register: str) -> list[dict[str, Any]]:
        """Return every record of a register, by id."""
        with self.lock:
            records = self.state[register].records
            return [self.state.shown(register, records[id]) for id in sorted(records)]

    def remove(self, register: str, key: str) -> None:
        """Remove a record, which only a person in the program can."""
        with self.lock:
            record = self.state[register].having(key)
            assert record is not None, f"no {key} in {register}"
            self.state[register].remove(record.id)

    def writes(self) -> list[tuple[str, str, Any]]:
        """Return each call that asked for a change, as (method, path, JSON body); signing in is none."""
        return [
            (seen.method, seen.path, json.loads(seen.body) if seen.body else None)
            for seen in self.requests
            if seen.method not in ("GET", "HEAD") and not seen.path.startswith("/v1/Auth")
        ]


def exact(value: Any) -> Any:
    """Return what Python code gives with numbers as the program keeps them: 12.5 as the decimal 12.5."""
    if isinstance(value, dict):
        return {name: exact(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [exact(one) for one in value]
    return Decimal(str(value)) if isinstance(value, float) else value


@contextlib.contextmanager
def running(limits: Limits | None = None, *, port: int = 0, state: Path | None = None) -> Iterator[Sandbox]:
    """Run a Mobigo on 127.0.0.1 while the block lasts; port 0 is a free one, *state* a folder to keep it in."""
    sandbox = Sandbox(limits, state)
    with serve(sandbox, port):
        yield sandbox
