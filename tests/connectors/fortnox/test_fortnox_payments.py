"""Payments of customers' invoices through the connector: whole öre, kronor by the invoice's rate, what is written off is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from brygga.clients.fortnox import Fortnox
from brygga.clients.http import Http
from brygga.connectors.contract import Creation, Receipt, Update
from brygga.connectors.fortnox.connector import FortnoxConnector
from brygga.core.document import Payment
from brygga.core.money import Money
from brygga.errors import Rejected
from brygga_sandbox import fortnox as sandbox_module

DAY = date(2026, 11, 20)


class World:
    """A Fortnox with booked invoices."""

    def __init__(self, sandbox: Any, client: Fortnox) -> None:
        self.sandbox, self.client, self.connector = sandbox, client, FortnoxConnector(client)

    def invoice(self, price: str, **more: Any) -> str:
        """Make and book an invoice of one row without VAT; return its number."""
        row = {"Description": "Frakt", "DeliveredQuantity": 1, "Price": Decimal(price), "VAT": 0, "AccountNumber": 3004}
        made = self.client.invoices.create({"CustomerNumber": "1", "InvoiceDate": DAY, "InvoiceRows": [row], **more})
        self.client.invoices.bookkeep(made["DocumentNumber"])
        return str(made["DocumentNumber"])

    def paid(self, number: str, amount: str, currency: str = "SEK") -> Any:
        """Register a payment; return the receipt or the error."""
        payment = Payment(invoice_number=number, amount=Money(Decimal(amount), currency), date=DAY, mode="BG")
        [result] = self.connector.create("payment", [Creation(f"{number}/{DAY}/{amount}/1", payment)])
        return result

    def held(self, receipt: Receipt) -> Any:
        return self.client.invoice_payments.get(receipt.ref.id)


@pytest.fixture
def world() -> Iterator[World]:
    with ExitStack() as stack:
        sandbox = stack.enter_context(sandbox_module.running(rate_limit=False))
        http = Http("Fortnox", sleep=lambda seconds: None)
        stack.callback(http.close)
        client = Fortnox(sandbox.base_url, token=lambda: sandbox.access_token, send=http.send)
        client.customers.create({"CustomerNumber": "1", "Name": "Lindens Bageri AB"})
        yield World(sandbox, client)


def test_half_an_ore_of_kronor_goes_up(world: World) -> None:
    """0.50 euro at 10.25 is 5.125 kronor: 5.13, where the even digit would be 5.12 (accounting.md 3.1)."""
    number = world.invoice("0.50", Currency="EUR", CurrencyRate=Decimal("10.25"), CurrencyUnit=1)
    held = world.held(world.paid(number, "0.50", "EUR"))
    assert (held["AmountCurrency"], held["Amount"]) == (Decimal("0.5"), Decimal("5.13"))


def test_whole_kronor_of_the_company_are_written_off_in_kronor_and_told(world: World) -> None:
    """accounting.md 3.2, 4 check 4: 197.74 was collected, Fortnox asks 198: 0.26 go to 3740 and a person reads so."""
    number = world.invoice("197.74")
    assert world.client.invoices.get(number)["Total"] == 198
    receipt = world.paid(number, "197.74")
    [off] = world.held(receipt)["WriteOffs"]
    assert (off["AccountNumber"], off["Amount"]) == (3740, Decimal("0.26"))
    assert str(receipt.remark.sentence) == f"Invoice {number}: 0.26 kronor of rounding were written off on account 3740."
    assert world.paid(world.invoice("200.00"), "200.00").remark is None


def test_difference_in_euro_is_measured_and_written_off_in_kronor(world: World) -> None:
    """accounting.md 5.2: write-offs are in SEK, and so is their limit: 0.05 euro is 0.56 kronor, 0.50 euro is too much."""
    rate = {"Currency": "EUR", "CurrencyRate": Decimal("11.25"), "CurrencyUnit": 1}
    number = world.invoice("100.05", **rate)
    receipt = world.paid(number, "100.00", "EUR")
    [off] = world.held(receipt)["WriteOffs"]
    assert (off["Amount"], off["Currency"]) == (Decimal("0.56"), "SEK")
    world.client.invoice_payments.bookkeep(receipt.ref.id)
    assert world.client.invoices.get(number)["Balance"] == 0
    refused = world.paid(world.invoice("100.50", **rate), "100.00", "EUR")
    assert isinstance(refused, Rejected)
    assert "more apart than may be written off" in str(refused.sentence)


def test_everything_that_fortnox_would_fill_of_a_payment_is_stated(world: World) -> None:
    """Issue 20, kind 1: currency, both amounts, rate and unit of the invoice, day, mode, and the account of the mode."""
    rate = {"Currency": "EUR", "CurrencyRate": Decimal("11.25"), "CurrencyUnit": 1}
    numbers = world.invoice("100.00", **rate), world.invoice("200.00")
    world.sandbox.requests.clear()
    world.paid(numbers[0], "100.00", "EUR")
    world.paid(numbers[1], "200.00")
    posted = [seen.body for seen in world.sandbox.requests if (seen.method, seen.path) == ("POST", "/3/invoicepayments")]
    bodies = [json.loads(body)["InvoicePayment"] for body in posted]
    said = {"PaymentDate": str(DAY), "ModeOfPayment": "BG", "ModeOfPaymentAccount": 1930}
    assert bodies == [
        {**said, "InvoiceNumber": int(numbers[0]), "Currency": "EUR", "AmountCurrency": 100, "Amount": 1125, "CurrencyRate": 11.25, "CurrencyUnit": 1},
        {**said, "InvoiceNumber": int(numbers[1]), "Currency": "SEK", "Amount": 200},
    ]  # fmt: skip


def test_kronor_that_are_not_the_invoices_rate_are_told_and_the_payment_is_not_booked(world: World) -> None:
    """Issue 20, kind 2: the source says euro alone, so the kronor are compared before the payment is booked."""
    number = world.invoice("100.00", Currency="EUR", CurrencyRate=Decimal("11.25"), CurrencyUnit=1)
    receipt = world.paid(number, "100.00", "EUR")
    world.client.invoice_payments.update(receipt.ref.id, {"Amount": Decimal("1100"), "AmountCurrency": Decimal(100)})
    with pytest.raises(Rejected, match=r"100 EUR are 1125\.00 kronor at the invoice.s rate, and 1100 in Fortnox"):
        world.connector.update("payment", Update(receipt.ref, {"booked": False}, {"booked": True}))
    world.client.invoice_payments.update(receipt.ref.id, {"Amount": Decimal("1125"), "AmountCurrency": Decimal(100)})
    world.connector.update("payment", Update(receipt.ref, {"booked": False}, {"booked": True}))
    assert world.held(receipt)["Booked"] is True
    with pytest.raises(Rejected, match="corrected until it is booked"):
        world.connector.update("payment", Update(receipt.ref, {}, {"mode": "PG"}))
