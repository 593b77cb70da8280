"""What the check tells of a company before anything is sent: whole kronor, cards with defaults, registers that may not be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import pytest

from brygga.clients.fortnox import Fortnox
from brygga.clients.http import Http
from brygga.connectors.fortnox.connector import FortnoxConnector
from brygga_sandbox import fortnox as sandbox_module
from brygga_sandbox.fortnox.app import CLIENT_ID


class Office:
    def __init__(self, sandbox: Any, http: Http) -> None:
        self.sandbox, self.token = sandbox, str(sandbox.access_token)
        self.client = Fortnox(sandbox.base_url, token=lambda: self.token, send=http.send)

    def told(self, subject: str) -> list[str]:
        return [str(one.sentence) for one in FortnoxConnector(self.client).check() if one.subject == subject]


@pytest.fixture
def office() -> Iterator[Office]:
    with ExitStack() as stack:
        sandbox = stack.enter_context(sandbox_module.running(rate_limit=False))
        http = Http("Fortnox", sleep=lambda seconds: None)
        stack.callback(http.close)
        yield Office(sandbox, http)


@pytest.mark.parametrize("rounds", [True, False])
def test_a_company_that_rounds_to_whole_kronor_is_told_by_its_own_newest_invoices(office: Office, rounds: bool) -> None:
    with office.sandbox.lock:
        office.sandbox.company.values["round_to_whole_krona"] = rounds
    office.client.customers.create({"CustomerNumber": "1", "Name": "Lindens Bageri AB"})
    office.client.invoices.create(
        {
            "CustomerNumber": "1",
            "InvoiceRows": [{"Description": "Te", "Price": Decimal("99.50"), "DeliveredQuantity": 1, "VAT": 12}],
        }
    )
    told = office.told("rounding")
    assert len(told) == (1 if rounds else 0)
    assert all("whole kronor" in text for text in told)


def test_cards_with_defaults_are_told_with_their_number_and_names(office: Office) -> None:
    assert office.told("customer cards") == []
    office.client.customers.create(
        {"CustomerNumber": "1", "Name": "Lindens Bageri AB", "InvoiceFreight": 49, "SalesAccount": "3001"}
    )
    office.client.customers.create({"CustomerNumber": "2", "Name": "Ek AB", "InvoiceFreight": 49, "ShowPriceVATIncluded": True})
    [text] = office.told("customer cards")
    assert "Of 2 customers" in text
    assert "Frakt 2 (Lindens Bageri AB, Ek AB)" in text
    assert "Priser inkl. moms 1 (Ek AB)" in text
    assert "Försäljningskonto 1 (Lindens Bageri AB)" in text


def test_registers_that_may_not_be_read_are_told_and_not_taken_as_empty(office: Office) -> None:
    assert office.told("registers") == []
    scopes = ["companyinformation", "customer", "invoice", "settings"]
    office.token = office.sandbox.sign_in.issue(CLIENT_ID, office.sandbox.company.tenant, scopes).access_token
    [text] = office.told("registers")
    assert "cost centers" in text
    assert "projects" in text
    assert "terms of payments" not in text
