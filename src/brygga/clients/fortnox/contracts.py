"""/3/contracts, contract templates, and accruals of contracts and invoices (Fortnox API, section 9.11)."""

from __future__ import annotations

from datetime import date

from brygga.clients.fortnox import wire
from brygga.clients.fortnox.documents import Document
from brygga.clients.fortnox.resource import Deletable, Register
from brygga.clients.fortnox.wire import Raw


class Contracts(Document):
    """Recurring invoices. The list spells Invoiceinterval."""

    path, one, many = "/3/contracts", "Contract", "Contracts"
    rows = "InvoiceRows"

    def create_invoice(self, number: object, invoice_date: date | None = None) -> Raw:
        """Make the next invoice; the answer is the invoice or the contract, the definition's copies disagree."""
        search = {} if invoice_date is None else {"invoicedate": invoice_date}
        params = tuple((name, wire.parameter(name, one)) for name, one in search.items())
        return wire.single(self._act(number, "createinvoice", params))

    def finish(self, number: object) -> Raw:
        return wire.single(self._act(number, "finish"), self.one)

    def increase_invoice_count(self, number: object) -> Raw:
        """Count one invoice more without making it."""
        return wire.single(self._act(number, "increaseinvoicecount"), self.one)


class ContractTemplates(Register):
    path, one, many, number = "/3/contracttemplates", "ContractTemplate", "ContractTemplates", "TemplateNumber"


class ContractAccruals(Register, Deletable):
    path, one, many, number = "/3/contractaccruals", "ContractAccrual", "ContractAccruals", "DocumentNumber"


class InvoiceAccruals(Register, Deletable):
    path, one, many, number = "/3/invoiceaccruals", "InvoiceAccrual", "InvoiceAccruals", "InvoiceNumber"


class SupplierInvoiceAccruals(Register, Deletable):
    path, one, many, number = (
        "/3/supplierinvoiceaccruals",
        "SupplierInvoiceAccrual",
        "SupplierInvoiceAccruals",
        "SupplierInvoiceNumber",
    )
