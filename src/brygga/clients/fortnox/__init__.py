"""A client for the Fortnox API, usable alone: no database, no settings, only an address and a way to get a token.

    fortnox = Fortnox(token=lambda: access_token)
    for customer in fortnox.customers.changed(since):
        ...

Records are dicts in Fortnox' own spelling with amounts as Decimal. Errors are those of `brygga.errors`, by what happens next.
"""

from __future__ import annotations

from collections.abc import Callable

from brygga.clients.fortnox.api import Api
from brygga.clients.fortnox.company import CompanyInformation, CompanySettings, LockedPeriod, Me
from brygga.clients.fortnox.customers import CustomerReferences, Customers
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
        send = send or Http("Fortnox", limiter=SlidingWindow(), request_id_header="x-uid").send
        api = Api(base_url, token, send, renew)
        self.company_information = CompanyInformation(api)
        self.company_settings = CompanySettings(api)
        self.locked_period = LockedPeriod(api)
        self.me = Me(api)
        self.customers = Customers(api)
        self.customer_references = CustomerReferences(api)
        self.terms_of_payments = TermsOfPayments(api)
        self.terms_of_deliveries = TermsOfDeliveries(api)
        self.ways_of_delivery = WayOfDeliveries(api)
        self.modes_of_payments = ModesOfPayments(api)
        self.units = Units(api)
        self.currencies = Currencies(api)
        self.labels = Labels(api)
        self.projects = Projects(api)
        self.cost_centers = CostCenters(api)
        self.price_lists = PriceLists(api)
        self.print_templates = PrintTemplates(api)
