"""A client for the Fortnox API, usable alone: no database, no settings, only an address and a way to get a token.

    fortnox = Fortnox(token=lambda: access_token)
    for customer in fortnox.customers.changed(since):
        ...

Records are dicts in Fortnox' own spelling with amounts as Decimal. Errors are those of `brygga.errors`, by what happens next.
"""

from __future__ import annotations

from collections.abc import Callable

from brygga.clients.fortnox.api import Api
from brygga.clients.fortnox.articles import Articles, ArticleUrlConnection
from brygga.clients.fortnox.company import CompanyInformation, CompanySettings, LockedPeriod, Me
from brygga.clients.fortnox.contracts import (
    ContractAccruals,
    Contracts,
    ContractTemplates,
    InvoiceAccruals,
    SupplierInvoiceAccruals,
)
from brygga.clients.fortnox.customers import CustomerReferences, Customers
from brygga.clients.fortnox.files import (
    Archive,
    ArticleFileConnections,
    Attachments,
    Inbox,
    SupplierInvoiceFileConnections,
    TrustedEmailSenders,
    VoucherFileConnections,
)
from brygga.clients.fortnox.invoices import Invoices
from brygga.clients.fortnox.ledger import (
    AccountCharts,
    Accounts,
    FinancialYears,
    PredefinedAccounts,
    PredefinedVoucherSeries,
    Sie,
    Vouchers,
    VoucherSeries,
)
from brygga.clients.fortnox.offers import Offers
from brygga.clients.fortnox.orders import Orders
from brygga.clients.fortnox.payments import InvoicePayments, SupplierInvoicePayments
from brygga.clients.fortnox.prices import Prices
from brygga.clients.fortnox.registers import (
    CostCenters,
    Currencies,
    Labels,
    ModesOfPayments,
    PriceLists,
    PrintTemplates,
    Projects,
    TermsOfDeliveries,
    TermsOfPayments,
    Units,
    WayOfDeliveries,
)
from brygga.clients.fortnox.suppliers import SupplierInvoiceExternalUrlConnections, SupplierInvoices, Suppliers
from brygga.clients.fortnox.tax_reductions import TaxReductions
from brygga.clients.http import Http, Send
from brygga.clients.limits import SlidingWindow

REAL_ADDRESS = "https://api.fortnox.se"


class Fortnox:
    """One company's Fortnox.

    base_url  https://api.fortnox.se, or the address of a sandbox
    token     gives the access token; asked before each request, so it may change
    send      how a call leaves; default an `Http` with a window of its own. Whoever shares the budget of a company between
              processes gives one with a shared limiter
    renew     gives a new access token after a 401, or None
    """

    def __init__(
        self,
        base_url: str = REAL_ADDRESS,
        *,
        token: Callable[[], str],
        send: Send | None = None,
        renew: Callable[[], str] | None = None,
    ) -> None:
        if send is None:
            send = Http("Fortnox", limiter=SlidingWindow(), request_id_header="x-uid").send
        api = Api(base_url, token, send, renew)
        self.company_information = CompanyInformation(api)
        self.company_settings = CompanySettings(api)
        self.locked_period = LockedPeriod(api)
        self.me = Me(api)
        self._registers(api)
        self._trade(api)
        self._books(api)

    def _registers(self, api: Api) -> None:
        self.customers = Customers(api)
        self.customer_references = CustomerReferences(api)
        self.suppliers = Suppliers(api)
        self.articles = Articles(api)
        self.article_url_connections = ArticleUrlConnection(api)
        self.price_lists = PriceLists(api)
        self.prices = Prices(api)
        self.terms_of_payments = TermsOfPayments(api)
        self.terms_of_deliveries = TermsOfDeliveries(api)
        self.ways_of_delivery = WayOfDeliveries(api)
        self.modes_of_payments = ModesOfPayments(api)
        self.units = Units(api)
        self.currencies = Currencies(api)
        self.labels = Labels(api)
        self.projects = Projects(api)
        self.cost_centers = CostCenters(api)
        self.print_templates = PrintTemplates(api)

    def _trade(self, api: Api) -> None:
        self.offers = Offers(api)
        self.orders = Orders(api)
        self.invoices = Invoices(api)
        self.invoice_payments = InvoicePayments(api)
        self.invoice_accruals = InvoiceAccruals(api)
        self.tax_reductions = TaxReductions(api)
        self.contracts = Contracts(api)
        self.contract_templates = ContractTemplates(api)
        self.contract_accruals = ContractAccruals(api)
        self.supplier_invoices = SupplierInvoices(api)
        self.supplier_invoice_payments = SupplierInvoicePayments(api)
        self.supplier_invoice_accruals = SupplierInvoiceAccruals(api)
        self.supplier_invoice_external_url_connections = SupplierInvoiceExternalUrlConnections(api)

    def _books(self, api: Api) -> None:
        self.vouchers = Vouchers(api)
        self.voucher_series = VoucherSeries(api)
        self.accounts = Accounts(api)
        self.account_charts = AccountCharts(api)
        self.financial_years = FinancialYears(api)
        self.predefined_accounts = PredefinedAccounts(api)
        self.predefined_voucher_series = PredefinedVoucherSeries(api)
        self.sie = Sie(api)
        self.archive = Archive(api)
        self.inbox = Inbox(api)
        self.trusted_email_senders = TrustedEmailSenders(api)
        self.attachments = Attachments(api)
        self.voucher_file_connections = VoucherFileConnections(api)
        self.supplier_invoice_file_connections = SupplierInvoiceFileConnections(api)
        self.article_file_connections = ArticleFileConnections(api)
