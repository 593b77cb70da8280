"""Opter behind a contract of our own: `Opter(send, base_url, key).invoices.changed(since)`.

    http = Http("Opter", limiter=SlidingWindow(*LIMIT))
    opter = Opter(http.send, "https://opter-adapter.example", lambda: "the x-api-key")

What Opter publishes is for reading statistics; its write side is not public (systems.md 6.1). An adapter beside Opter's database
speaks the contract `brygga-opter-1` (README of the sandbox), and whoever has another one replaces this package. Or
files are exchanged in a folder: `OpterFolder` has the same verbs.
"""

from __future__ import annotations

from collections.abc import Callable

from brygga.clients.http import Send
from brygga.clients.opter import wire
from brygga.clients.opter.folder import OpterFolder
from brygga.clients.opter.payments import PaymentDefinitions, PaymentImports, PaymentRegistrations
from brygga.clients.opter.registers import Channel, Register
from brygga.clients.opter.wire import Raw

__all__ = ["CONTRACT", "LIMIT", "LONGEST_IMPORT", "Opter", "OpterFolder", "PaymentImports", "Raw", "Register"]

CONTRACT = "brygga-opter-1"
LIMIT = (10, 1.05)
"""Calls and seconds: the contract's ten in a second, and a little more time, as the service counts arrivals."""
LONGEST_IMPORT = 500
"""Payments of one call that has them read."""


class Opter:
    """One installation. `key` gives the value of the header x-api-key; it is asked for at every call."""

    def __init__(self, send: Send, base_url: str, key: Callable[[], str]) -> None:
        self.channel = Channel(send, base_url, key)
        self.customers = Register(self.channel, "Customers", "customerCode")
        self.invoices = Register(self.channel, "Invoices", "invoiceNumber")
        self.settlements = Register(self.channel, "Settlements", "id")
        self.payment_definitions = PaymentDefinitions(self.channel)
        self.payment_imports = PaymentImports(self.channel)
        self.payment_registrations = PaymentRegistrations(self.channel)

    def installation(self) -> Raw:
        """Return the contract spoken, the company, its default currency, its offices, and the accesses of our key. Raises BadData."""
        answer = self.channel.get("Installation")
        body = wire.one(answer, "contract")
        if body is None or not isinstance(body.get("accesses"), list) or not isinstance(body.get("offices"), list):
            raise answer.unreadable("does not describe an installation")
        return body
