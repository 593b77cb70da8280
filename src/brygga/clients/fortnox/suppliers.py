"""/3/suppliers and /3/supplierinvoices (Fortnox API, section 9.13)."""

from __future__ import annotations

from brygga.clients.fortnox import wire
from brygga.clients.fortnox.resource import Deletable, Gettable, Register, Resource, Tracked, Updatable
from brygga.clients.fortnox.wire import Raw


class Suppliers(Tracked, Register):
    path, one, many, number = "/3/suppliers", "Supplier", "Suppliers", "SupplierNumber"


class SupplierInvoices(Tracked, Register):
    """Supplier invoices. Amounts are text; rows are postings, and Fortnox adds the payable row itself.

    The list says Cancel where the single record says Cancelled.
    """

    path, one, many, number = "/3/supplierinvoices", "SupplierInvoice", "SupplierInvoices", "GivenNumber"

    def _act(self, number: object, action: str) -> Raw:
        return wire.single(self._api.write("PUT", self._place(number, action)), self.one)

    def approve_for_booking(self, number: object) -> Raw:
        """Approve, which the approval module wants before bookkeep()."""
        return self._act(number, "approvalbookkeep")

    def approve_for_payment(self, number: object) -> Raw:
        return self._act(number, "approvalpayment")

    def bookkeep(self, number: object) -> Raw:
        return self._act(number, "bookkeep")

    def cancel(self, number: object) -> Raw:
        """Cancel an unbooked one."""
        return self._act(number, "cancel")

    def credit(self, number: object) -> Raw:
        """Make a credit invoice of a booked one; CreditReference of the answer names it."""
        return self._act(number, "credit")


class SupplierInvoiceExternalUrlConnections(Gettable, Updatable, Deletable, Resource):
    """Where the picture of a supplier invoice is kept elsewhere; shown only when a file is connected too."""

    path, one, number = "/3/supplierinvoiceexternalurlconnections", "SupplierInvoiceExternalURLConnection", "Id"

    def create(self, invoice: int, address: str) -> Raw:
        body = {self.one: {"SupplierInvoiceNumber": invoice, "ExternalURLConnection": address}}
        return wire.single(self._api.write("POST", self.path, body), self.one)
