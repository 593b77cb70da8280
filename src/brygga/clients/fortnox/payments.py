"""/3/invoicepayments and /3/supplierinvoicepayments: registered unbooked, then booked (Fortnox API, sections 9.10 and 9.13)."""

from __future__ import annotations

from brygga.clients.fortnox import wire
from brygga.clients.fortnox.resource import Deletable, Register, Tracked
from brygga.clients.fortnox.wire import Raw


class Payments(Tracked, Register, Deletable):
    """Payments of one kind of invoice. AmountCurrency is wanted when the currency is not SEK; a booked one cannot be removed."""

    number = "Number"

    def bookkeep(self, number: object) -> Raw:
        """Book the payment: the invoice's Balance falls, and at 0 it has its FinalPayDate."""
        return wire.single(self._api.write("PUT", self._place(number, "bookkeep")), self.one)

    def of_invoice(self, invoice: object) -> list[Raw]:
        """Return the payments of one invoice, compared exactly."""
        return [row for row in self.list(invoicenumber=str(invoice)) if str(row.get("InvoiceNumber")) == str(invoice)]


class InvoicePayments(Payments):
    """Payments of customer invoices. The amount in the invoice's currency and the mode stand in the single record only."""

    path, one, many = "/3/invoicepayments", "InvoicePayment", "InvoicePayments"


class SupplierInvoicePayments(Payments):
    """Payments of supplier invoices."""

    path, one, many = "/3/supplierinvoicepayments", "SupplierInvoicePayment", "SupplierInvoicePayments"
