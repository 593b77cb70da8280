"""/3/invoices and its actions (Fortnox API, section 9.7)."""

from __future__ import annotations

from collections.abc import Mapping

from brygga.clients.fortnox import wire
from brygga.clients.fortnox.documents import ByOurReference, Paper, pdf
from brygga.clients.fortnox.wire import Raw
from brygga.errors import Rejected


class Invoices(ByOurReference, Paper):
    """Customer invoices, cash invoices and credit invoices. A booked one is corrected with credit(), an unbooked one cancelled."""

    path, one, many = "/3/invoices", "Invoice", "Invoices"
    rows = "InvoiceRows"

    def create(self, record: Mapping[str, object]) -> Raw:
        """Create an unbooked invoice; a cash invoice (InvoiceType CASHINVOICE) must say PaymentWay: CASH, CARD or AG."""
        if record.get("InvoiceType") == "CASHINVOICE" and not record.get("PaymentWay"):
            raise Rejected("Not sent: a cash invoice needs PaymentWay (CASH, CARD or AG).")
        return super().create(record)

    def bookkeep(self, number: object) -> Raw:
        """Book the invoice: it gets its voucher and is locked.

        Rejected when the period is locked (2002141), it is not ready (2003498), rows are incomplete (2003977) and so on.
        """
        return wire.single(self._act(number, "bookkeep"), self.one)

    def credit(self, number: object) -> str:
        """Make a credit invoice, unbooked, of a booked one, and return its number. One for each invoice."""
        answer = self._act(number, "credit")
        invoice = wire.single(answer, self.one)
        if str(invoice.get("DocumentNumber")) != str(number):
            found = wire.reference(invoice.get("DocumentNumber"))
        else:
            found = wire.reference(invoice.get("CreditInvoiceReference"))
        if found is None:
            found = wire.reference(self.get(number).get("CreditInvoiceReference"))
        if found is None:
            raise answer.unreadable("does not say which credit invoice was made")
        return found

    def warehouse_ready(self, number: object) -> Raw:
        """Mark the invoice as ready in the warehouse module, which booking asks for there."""
        return wire.single(self._act(number, "warehouseready"), self.one)

    def einvoice(self, number: object) -> Raw:
        """Send as e-invoice; needs an agreement. A GET that acts: sent once."""
        return wire.single(self._acting_get(number, "einvoice"), self.one)

    def eprint(self, number: object) -> Raw:
        """Send through the letter service; needs an agreement. A GET that acts: sent once."""
        return wire.single(self._acting_get(number, "eprint"), self.one)

    def print_reminder(self, number: object) -> bytes:
        """Return the PDF of a reminder. A GET that acts: sent once."""
        return pdf(self._acting_get(number, "printreminder"))
