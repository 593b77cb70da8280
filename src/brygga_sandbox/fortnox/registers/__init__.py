"""The registers: customers, articles, prices, suppliers, accounts and what documents choose from. A line for each."""

from brygga_sandbox.fortnox.registers.articles import Articles
from brygga_sandbox.fortnox.registers.books import (
    AccountCharts,
    Accounts,
    EmailSenders,
    FinancialYears,
    PredefinedAccounts,
    PredefinedVoucherSeries,
    VoucherSeries,
)
from brygga_sandbox.fortnox.registers.company import (
    CompanyInformation,
    CompanySettings,
    EUVatLimitRegulation,
    LockedPeriod,
    Me,
)
from brygga_sandbox.fortnox.registers.connections import (
    ArticleFileConnections,
    ArticleUrlConnections,
    SupplierInvoiceExternalUrlConnections,
    SupplierInvoiceFileConnections,
    VoucherFileConnections,
)
from brygga_sandbox.fortnox.registers.customers import CustomerReferences, Customers
from brygga_sandbox.fortnox.registers.files import Archive, FileAttachments, Inbox
from brygga_sandbox.fortnox.registers.plain import (
    CostCenters,
    Currencies,
    Labels,
    ModesOfPayments,
    PrintTemplates,
    Projects,
    TermsOfDeliveries,
    TermsOfPayments,
    Units,
    WayOfDeliveries,
)
from brygga_sandbox.fortnox.registers.prices import PriceLists, Prices
from brygga_sandbox.fortnox.registers.suppliers import Suppliers
from brygga_sandbox.fortnox.resource import Resource

RESOURCES: tuple[Resource, ...] = (
    Customers(),
    CustomerReferences(),
    CompanyInformation(),
    CompanySettings(),
    LockedPeriod(),
    Me(),
    EUVatLimitRegulation(),
    TermsOfPayments(),
    TermsOfDeliveries(),
    WayOfDeliveries(),
    ModesOfPayments(),
    Units(),
    Labels(),
    Projects(),
    CostCenters(),
    Currencies(),
    PrintTemplates(),
    Articles(),
    ArticleFileConnections(),
    ArticleUrlConnections(),
    VoucherFileConnections(),
    SupplierInvoiceFileConnections(),
    SupplierInvoiceExternalUrlConnections(),
    PriceLists(),
    Prices(),
    Suppliers(),
    FinancialYears(),
    Accounts(),
    AccountCharts(),
    PredefinedAccounts(),
    PredefinedVoucherSeries(),
    VoucherSeries(),
    EmailSenders(),
    Archive(),
    Inbox(),
    FileAttachments(),
)
