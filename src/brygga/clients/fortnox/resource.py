"""What the resources of the API have in common: list, get, create, update, delete, in any combination.

A resource names its path and its envelopes and takes the functions it has; what is special about it stands in its own module.
Records are raw: dicts in the API's own spelling, decimals as Decimal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from brygga.clients.fortnox import fields, wire
from brygga.clients.fortnox.api import Api
from brygga.clients.fortnox.wire import Page, Raw
from brygga.errors import SettingsError


class Resource:
    """One resource of the API.

    path       /3/customers
    one, many  the envelopes of a single record and of a list
    number     the field that names a record
    paged      False for lists that always come whole (section 6.1)
    """

    path: ClassVar[str]
    one: ClassVar[str]
    many: ClassVar[str] = ""
    number: ClassVar[str] = ""
    paged: ClassVar[bool] = True

    def __init__(self, api: Api) -> None:
        self._api = api

    @classmethod
    def definition(cls) -> str:
        """Return the name of the resource in the tables of fields; its class has the same."""
        return cls.__name__

    def _place(self, *parts: object) -> str:
        return "/".join([self.path, *map(wire.segment, parts)])


class Listed(Resource):
    """A resource that can be listed and searched."""

    def page(self, page: int = 1, limit: int = wire.PAGE_SIZE, **search: object) -> Page:
        """Return one page of the list, with how many pages and records there are.

        search  the parameters of the API, in its spelling: filter, sortby, sortorder and the fields that can be searched.
        Raises SettingsError before anything is sent for a parameter or value that the resource does not have, Unavailable,
        Unauthorised, Rejected, BadData. Source: Fortnox API, sections 6.1 to 6.4.
        """
        return self._page(page, limit, search)

    def _page(self, page: int, limit: int, search: Mapping[str, object], *parts: str) -> Page:
        params = fields.query(self._template(*parts), search, paged=self.paged)
        if self.paged:
            params = (*params, ("limit", str(limit)), ("page", str(page)))
        answer = self._api.read(self._place(*parts), params)
        return wire.page(answer, self.many, page, limit if self.paged else None)

    def list(self, **search: object) -> Iterator[Raw]:
        """Yield every record that the search finds, one request for each page of 500, the thin set of list fields.

        Searches match parts of a value: compare before taking a hit for the record (find() does). The order is by number, so
        what is created meanwhile comes last; what is deleted meanwhile can hide a neighbour, so a sweep belongs to a loop
        that comes back. Raises as page() does, SettingsError at once and not at the first record.
        """
        return self._list(search)

    def _list(self, search: Mapping[str, object], *parts: str) -> Iterator[Raw]:
        """List what lies under the path, at `parts` below it; the search is checked at once."""
        fields.query(self._template(*parts), search, paged=self.paged)
        return self._pages(search, *parts)

    def _template(self, *parts: str) -> str:
        """Return the path as the definition writes it, which is where its parameters stand."""
        return self.path if not parts else "/".join([self.path, *parts])

    def _pages(self, search: Mapping[str, object], *parts: str) -> Iterator[Raw]:
        page, pages = 1, 1
        while page <= pages:
            found = self._page(page, wire.PAGE_SIZE, search, *parts)
            yield from found.rows
            page, pages = page + 1, found.pages

    def count(self, **search: object) -> int:
        """Return how many records the search finds, at the cost of one request."""
        return self._page(1, 1, search).total

    def find(self, **search: object) -> Sequence[Raw]:
        """Return the records whose fields equal what was searched for, exactly: `find(organisationnumber="556677-8899")`.

        Fortnox' searches find every value that contains, or begins with, the one given; those hits are left out here. A field
        that the list does not show costs one more request for each hit.
        """
        known = {name.lower(): name for name in fields.fields_of(self.definition())}
        wanted = {}
        for name, value in search.items():
            if name not in known:
                raise SettingsError("{resource} cannot be found by {name}.", resource=self.definition(), name=name)
            wanted[known[name]] = wire.parameter(name, value)
        return [row for row in self.list(**search) if self._equals(row, wanted)]

    def _equals(self, row: Raw, wanted: Mapping[str, str]) -> bool:
        if any(name not in row for name in wanted):
            row = {**wire.single(self._api.read(self._place(row[self.number])), self.one), **row}
        return all(wire.parameter(name, "" if row.get(name) is None else row[name]) == value for name, value in wanted.items())


class Tracked(Listed):
    """A listed resource that knows what has changed."""

    def changed(self, since: datetime, **search: object) -> Iterator[Raw]:
        """Yield the records changed at or after *since* (aware), one request for each page.

        Fortnox counts whole minutes in Swedish time, so up to 59 s, and at the autumn change of the clock up to two hours, are
        read twice: callers must bear repeats. Deletions never show here. Source: Fortnox API, section 6.5, lastmodified.
        """
        return self.list(lastmodified=since, **search)


class Gettable(Resource):
    """A resource whose records can be read one at a time."""

    def get(self, number: object) -> Raw:
        """Return one record with all its fields. Raises NotFound, Unavailable, Unauthorised, BadData."""
        return wire.single(self._api.read(self._place(number)), self.one)


class Creatable(Resource):
    """A resource in which records can be made."""

    def create(self, record: Mapping[str, object]) -> Raw:
        """Create a record and return it as Fortnox made it, with its number and defaults. Sent once.

        Raises before sending SettingsError (unknown or read-only field) and Rejected (a value that Fortnox refuses or cuts);
        after it Rejected with Fortnox' code, OutcomeUnknown (look before repeating: Fortnox has no idempotency key).
        """
        body = {self.one: fields.checked(self.definition(), record, "create")}
        return wire.single(self._api.write("POST", self.path, body), self.one)


class Updatable(Resource):
    """A resource whose records can be changed."""

    def update(self, number: object, changes: Mapping[str, object]) -> Raw:
        """Change the given fields of one record, nothing else is sent, and return it as it is now.

        None clears a text; "" leaves it as it was (section 5.1). Rows are a whole list: see `rows`. Raises as create() does.
        """
        self._same_number(number, changes)
        body = {self.one: fields.checked(self.definition(), changes, "update")}
        return wire.single(self._api.write("PUT", self._place(number), body), self.one)

    def _same_number(self, number: object, changes: Mapping[str, object]) -> None:
        if self.number in changes and str(changes[self.number]) != str(number):
            raise SettingsError(
                "{field} of {resource} cannot be changed.", field=self.number, resource=self.definition(), number=number
            )


class Deletable(Resource):
    """A resource whose records can be removed."""

    def delete(self, number: object) -> None:
        """Remove one record from Fortnox. Raises NotFound, Rejected (it is in use), OutcomeUnknown."""
        self._api.write("DELETE", self._place(number))


class Register(Listed, Gettable, Creatable, Updatable):
    """A resource with everything but removal."""
