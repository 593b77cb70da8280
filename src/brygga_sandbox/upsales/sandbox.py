"""The sandbox as tests and the demo hold it: the running system with direct access to what is in it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from brygga_sandbox.server import ADMIN, serve
from brygga_sandbox.upsales.app import UpsalesSystem
from brygga_sandbox.upsales.events import Posted
from brygga_sandbox.upsales.setup import Setup
from brygga_sandbox.upsales.state import Change


class Held:
    """One record of the sandbox, seen and changed as a person in Upsales' own pages would."""

    def __init__(self, system: UpsalesSystem, kind: str, id: int) -> None:
        """Raises KeyError when there is no such record."""
        self._system = system
        self._kind = kind
        self.id = id
        self.raw()

    def raw(self) -> dict[str, Any]:
        """Return the record as the API shows it."""
        with self._system.lock:
            if self.id not in self._system.state[self._kind]:
                raise KeyError(f"the Upsales sandbox has no {self._kind} {self.id}")
            return self._system.show(self._kind, self.id)

    def __getitem__(self, name: str) -> Any:
        """Return a field, or the custom value of an alias: True or False for a yes or no, None for none."""
        shown = self.raw()
        if name in shown:
            return shown[name]
        entity = self._kind.removesuffix("s")
        with self._system.lock:
            fields = self._system.state.fields[entity]
            number = next((id for id, field in fields.items() if field["alias"] == name), None)
            if number is None:
                raise KeyError(f"Upsales has no custom field {name} on {entity}")
            return self._system.state[self._kind][self.id].values.get("custom", {}).get(str(number))

    def update(self, fields: Mapping[str, Any] | None = None, /, **named: Any) -> None:
        """Change some fields, or custom values by their alias in capitals; it counts as a save at the sandbox's time.

        Raises Stopped when an app says no to the save of an order.
        """
        wishes = {**(fields or {}), **named}
        with self._system.lock:
            by_alias = {field["alias"]: id for id, field in self._system.state.fields[self._kind.removesuffix("s")].items()}
            custom = [{"fieldId": by_alias[name], "value": wishes.pop(name)} for name in list(wishes) if name in by_alias]
        self._system.edit(self._kind, self.id, {**wishes, **({"custom": custom} if custom else {})})

    def delete(self) -> None:
        """Remove the record."""
        with self._system.lock:
            self._system.state.delete(self._system.state[self._kind][self.id], self._system.person)


class Sandbox(UpsalesSystem):
    """An Upsales with direct access to what is in it; `clock`, `faults`, `requests`, `base_url` and `lock` are a System's."""

    @property
    def admin_url(self) -> str:
        """Return the address beside the imitated API: faults, clock, calls seen, records, apps."""
        return self.base_url + ADMIN

    def load(self, kind: str, records: list[dict[str, Any]]) -> list[int]:
        """Put many records in at once; see `UpsalesSystem.load`."""
        with self.lock:
            return super().load(kind, records)

    def add(self, kind: str, fields: Mapping[str, Any] | None = None, /, **named: Any) -> int:
        """Make one record as a person in Upsales' own pages would, and return its id. Apps are asked and told.

        Raises Stopped, and makes nothing, when an app says no to the save of an order.
        """
        with self.lock:
            [id] = super().load(kind, [{**(fields or {}), **named}])
            record = self.state[kind].pop(id)
            order = self._would_be(record) | {"id": 0}
        if kind == "orders":
            self.events.ask_before_save(order, self.person)
        with self.lock:
            return self.state.create(kind, {"id": id, **record.values}, self.person).id

    def add_custom_field(self, entity: str, **fields: Any) -> int:
        """Make a custom field and return its id."""
        with self.lock:
            return int(self.add_field(entity, fields)["id"])

    def field_id(self, entity: str, alias: str) -> int:
        """Return the id of a custom field by its alias. Raises KeyError."""
        with self.lock:
            found = [id for id, field in self.state.fields[entity].items() if field["alias"] == alias]
        if not found:
            raise KeyError(f"Upsales has no custom field {alias} on {entity}")
        return found[0]

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Return every record of a kind as the API shows it, by id."""
        with self.lock:
            return [self.show(kind, id) for id in sorted(self.state[kind])]

    def account(self, id: int) -> Held:
        """Return one company."""
        return Held(self, "accounts", id)

    def order(self, id: int) -> Held:
        """Return one order or opportunity."""
        return Held(self, "orders", id)

    def product(self, id: int) -> Held:
        """Return one product."""
        return Held(self, "products", id)

    def contact(self, id: int) -> Held:
        """Return one contact."""
        return Held(self, "contacts", id)

    def stage(self, name: str) -> int:
        """Return the id of a stage by its name. Raises KeyError."""
        with self.lock:
            return next(id for id, one in self.state["orderstages"].items() if one.values["name"] == name)

    def writes(self) -> list[tuple[str, str, Any]]:
        """Return each call that asked for a change, as (method, path, JSON body)."""
        return [
            (seen.method, seen.path, json.loads(seen.body) if seen.body else None)
            for seen in self.requests
            if seen.method not in ("GET", "HEAD")
        ]

    def changes(self, by: str | None = None) -> list[Change]:
        """Return what really changed, oldest first; *by* leaves only the changes of one e-mail address."""
        with self.lock:
            return [change for change in self.state.changes if by is None or change.by == by]

    def withdraw_key(self) -> None:
        """Withdraw the account's key, as an administrator can at any time."""
        self.keys.pop(self.token, None)

    def posted(self) -> list[Posted]:
        """Return what has been posted to apps so far."""
        return list(self.events.posted)


@contextlib.contextmanager
def running(setup: Setup | None = None, *, port: int = 0, state: Path | None = None) -> Iterator[Sandbox]:
    """Run an Upsales on 127.0.0.1 while the block lasts; port 0 is a free one, *state* a folder to keep it in."""
    sandbox = Sandbox(setup, state)
    with serve(sandbox, port):
        yield sandbox
