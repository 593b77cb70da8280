"""/3/customers and /3/customerreferences."""

from __future__ import annotations

from collections.abc import Mapping

from brygga.clients.fortnox import fields, wire
from brygga.clients.fortnox.resource import Deletable, Gettable, Register, Resource, Tracked
from brygga.clients.fortnox.wire import Raw


class Customers(Tracked, Register, Deletable):
    """Customers. The number of a deleted one is not given again (section 9.1); write CountryCode, Country follows."""

    path, one, many, number = "/3/customers", "Customer", "Customers", "CustomerNumber"


class CustomerReferences(Gettable, Deletable, Resource):
    """The people behind "Your reference", as rows of a customer. Answers come in another envelope than requests (section 5)."""

    path, one, number = "/3/customerreferences", "CustomerReference", "Id"

    def of(self, customer: object) -> list[Raw]:
        """Return the reference rows of one customer, compared exactly."""
        params = fields.query(self.path, {"customer": str(customer)}, paged=False)
        return [row for row in _rows(wire.single(self._api.read(self.path, params), self.one)) if _owner(row) == str(customer)]

    def create(self, record: Mapping[str, object]) -> Raw:
        """Add a row: CustomerNumber and Reference."""
        body = {"CustomerReferenceRow": fields.checked(self.definition(), record, "create")}
        return wire.single(self._api.write("POST", self.path, body), "CustomerReference", "CustomerReferenceRow", "Customer")

    def update(self, number: object, changes: Mapping[str, object]) -> Raw:
        """Change a row."""
        body = {"CustomerReferenceRow": fields.checked(self.definition(), changes, "update")}
        answer = self._api.write("PUT", self._place(number), body)
        return wire.single(answer, "CustomerReference", "CustomerReferenceRow", "Customer")


def _rows(reference: Raw) -> list[Raw]:
    rows = reference.get("CustomerReferenceRows")
    return rows if isinstance(rows, list) else []


def _owner(row: Raw) -> str:
    return str(row.get("CustomerNumber"))
