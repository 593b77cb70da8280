"""The sandbox as tests and the demo hold it: the running system with direct access to what is in it."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from brygga_sandbox.server import ADMIN, serve
from brygga_sandbox.webcrm.app import WebCRMSystem, add, edit, field_named
from brygga_sandbox.webcrm.auth import Application
from brygga_sandbox.webcrm.hooks import Posted
from brygga_sandbox.webcrm.installation import Installation
from brygga_sandbox.webcrm.state import Change, Record


class Held:
    """One record of the sandbox, seen and changed as a person in webCRM's own pages would."""

    def __init__(self, system: WebCRMSystem, entity: str, number: int) -> None:
        """Raises KeyError when there is no such record."""
        self._system = system
        self._entity = entity
        self.number = number
        self._record()

    def _record(self) -> Record:
        records = self._system.state[self._entity].records
        if self.number not in records:
            raise KeyError(f"the webCRM sandbox has no {self._entity} {self.number}")
        return records[self.number]

    def __getitem__(self, name: str) -> Any:
        """Return a field as the API shows it; named in full, without its prefix, or by its label."""
        with self._system.lock:
            return self.raw()[field_named(self._system.state, self._entity, name)]

    def raw(self) -> dict[str, Any]:
        """Return the whole record as the API shows it."""
        with self._system.lock:
            return self._system.state.wire.write(self._entity, self._record().values)

    def update(self, fields: Mapping[str, Any] | None = None, /, **named: Any) -> None:
        """Change some fields; the others stay. Names as for reading. It counts as an update at the sandbox's time."""
        with self._system.lock:
            edit(self._system.state, self._record(), {**(fields or {}), **named})

    def delete(self) -> None:
        """Remove the record, which only a person can do with organisations, persons and deliveries."""
        with self._system.lock:
            self._system.state.delete(self._record(), "Anna Lind")


class Sandbox(WebCRMSystem):
    """A webCRM with direct access to what is in it; `clock`, `faults`, `requests`, `base_url` and `lock` are a System's."""

    @property
    def admin_url(self) -> str:
        """Return the address beside the imitated API: faults, clock, calls seen, records."""
        return self.base_url + ADMIN

    def load(self, entity: str, records: Iterable[Mapping[str, Any]]) -> list[int]:
        """Put many records in at once, in the API's field names, and return their numbers; see `State.load`.

        entity is one of Organisation, Person, Delivery, QuotationLine, QuotationLineLinkedDataItem, Product, User.
        """
        with self.lock:
            return self.state.load(entity, records)

    def add(self, entity: str, fields: Mapping[str, Any] | None = None, /, **named: Any) -> int:
        """Make one record as a person in webCRM's own pages would, and return its number.

        Fields are named in full, without their prefix, or by their label. None of the API's rules applies, so a delivery
        without organisation or a row without article can be made.
        """
        with self.lock:
            return add(self.state, entity, {**(fields or {}), **named}).number

    def add_delivery(self, fields: Mapping[str, Any], rows: Iterable[Mapping[str, Any]] = (), *, organisation: int = 0) -> int:
        """Make a delivery with its rows as a person would; a row is named as {"Artikelnummer": ...} or by Data1 and so on."""
        with self.lock:
            number = self.add("Delivery", fields, OrganisationId=organisation)
            labels = {label: f"Data{place}" for place, label in self.installation.data_labels.items()}
            for place, row in enumerate(rows, 1):
                named = {labels.get(name, name): value for name, value in row.items()}
                own = {"OpportunityId": number, "OrganisationId": organisation, "SortOrder": place}
                self.add("QuotationLine", {**own, **named})
            return number

    def all(self, entity: str) -> list[dict[str, Any]]:
        """Return every record of *entity* as the API shows it, by number."""
        with self.lock:
            return [self.state.wire.write(entity, record.values) for record in self.state[entity]]

    def organisation(self, number: int) -> Held:
        """Return one organisation."""
        return Held(self, "Organisation", number)

    def person(self, number: int) -> Held:
        """Return one person."""
        return Held(self, "Person", number)

    def delivery(self, number: int) -> Held:
        """Return one delivery."""
        return Held(self, "Delivery", number)

    def line(self, number: int) -> Held:
        """Return one row of a delivery."""
        return Held(self, "QuotationLine", number)

    def item(self, number: int) -> Held:
        """Return one article of the register of rows (linked data)."""
        return Held(self, "QuotationLineLinkedDataItem", number)

    def lines_of(self, delivery: int) -> list[dict[str, Any]]:
        """Return the rows of a delivery as the API shows them, by number."""
        with self.lock:
            rows = self.state["QuotationLine"].having("QuotationLineOpportunityId", delivery)
            return [self.state.wire.write("QuotationLine", row.values) for row in rows]

    def writes(self) -> list[tuple[str, str, Any]]:
        """Return each call that asked for a change, as (method, path, JSON body); signing in is none."""
        return [
            (seen.method, seen.path, json.loads(seen.body) if seen.body else None)
            for seen in self.requests
            if seen.method not in ("GET", "HEAD") and not seen.path.lower().startswith("/auth")
        ]

    def changes(self, by: str | None = None) -> list[Change]:
        """Return what really changed, field by field, oldest first; *by* leaves only one hand's.

        A PUT carries the whole record, so this is where to see that one field alone got another value. The hand of an
        application token is its name, `Fortnox-integration` unless set otherwise.
        """
        with self.lock:
            return [change for change in self.state.changes if by is None or change.by == by]

    def add_application(self, auth_code: str, application: Application) -> None:
        """Make another application token, a GUID."""
        self.sign_in.applications[auth_code.lower()] = application

    def withdraw_application(self, auth_code: str | None = None) -> None:
        """Withdraw an application token, as an administrator can at any time: logins and calls with it are refused."""
        self.sign_in.applications.pop(auth_code or self.auth_code, None)

    def expire_tokens(self) -> None:
        """Let every access token run out now."""
        with self.lock:
            self.sign_in.expire()

    def posted(self) -> list[Posted]:
        """Return what hooks have posted so far."""
        return list(self.hooks.posted)


@contextlib.contextmanager
def running(installation: Installation | None = None, *, port: int = 0, state: Path | None = None) -> Iterator[Sandbox]:
    """Run a webCRM on 127.0.0.1 while the block lasts; port 0 is a free one, *state* a folder to keep it in."""
    sandbox = Sandbox(installation, state)
    with serve(sandbox, port):
        yield sandbox
