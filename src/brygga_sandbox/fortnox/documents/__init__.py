"""The documents: offers, orders, invoices, payments, supplier invoices, vouchers, tax reductions, SIE. A line for each.

One subject a file: `amounts` (arithmetic), `ocr`, `chart` (accounts and prices), `shapes` (what unset fields look like),
`rows`, `housework`, `document` (what sales documents share), `chain` (offer to order to invoice), `booking` and `posting`
(vouchers), and a file for each resource. Settings of a company (`company.values`) that they read, besides `state.SETTINGS`:
`vat_method` ("per_rate" or "per_row"), `vat_rates` (percentages set up), `eprint` and `einvoice` (registered for these
services), `years_carried_over` (ids of years whose open invoices were carried over), `warehouse_in_trouble`.
"""

from brygga_sandbox.fortnox.documents.invoices import Invoices
from brygga_sandbox.fortnox.documents.offers import Offers
from brygga_sandbox.fortnox.documents.orders import Orders
from brygga_sandbox.fortnox.documents.payments import InvoicePayments
from brygga_sandbox.fortnox.documents.refused import (
    ContractAccruals,
    Contracts,
    ContractTemplates,
    InvoiceAccruals,
    SupplierInvoiceAccruals,
)
from brygga_sandbox.fortnox.documents.sie import Sie
from brygga_sandbox.fortnox.documents.supplier_invoices import SupplierInvoicePayments, SupplierInvoices
from brygga_sandbox.fortnox.documents.tax_reductions import TaxReductions
from brygga_sandbox.fortnox.documents.vouchers import Vouchers
from brygga_sandbox.fortnox.resource import Resource

RESOURCES: tuple[Resource, ...] = (
    Offers(),
    Orders(),
    Invoices(),
    InvoicePayments(),
    SupplierInvoices(),
    SupplierInvoicePayments(),
    Vouchers(),
    TaxReductions(),
    Sie(),
    Contracts(),
    ContractTemplates(),
    ContractAccruals(),
    InvoiceAccruals(),
    SupplierInvoiceAccruals(),
)
