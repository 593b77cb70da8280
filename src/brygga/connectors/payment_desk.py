"""What a business system can do that takes payments in two steps: read and judged, then saved (OPT-21, OPT-27)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from brygga.connectors.contract import Connector, Receipt
from brygga.core.document import Payment
from brygga.core.payment_import import ImportSettings, ImportValues
from brygga.errors import BryggaError


@dataclass(frozen=True, slots=True)
class Mark:
    """What the business system says of a payment that would be registered.

    mark      "green" for the right amount, "red" for one that a person should look at, "" where it is left out
    warning   what is unusual, in the system's own words
    reason    why it cannot be imported, in the system's own words; "" when it can
    """

    mark: str = ""
    warning: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class KnownInvoice:
    """An invoice of the business system: its OCR number ("" for none) and its day."""

    ocr: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One payment for the business system: its key there, what it holds, and what is to be registered."""

    reference: str
    payment: Payment
    values: ImportValues


class PaymentDesk(Connector, Protocol):
    """A business system that takes payments in two steps: read and judged, then saved (OPT-21, OPT-27)."""

    def import_settings(self, definition: str) -> tuple[str, ImportSettings]:
        """Return a definition's name, the only one where none is named, and what it leaves out; the system knows it afterwards.

        Raises SettingsError before anything is read: no such definition, another default currency than kronor.
        """

    def known_invoices(self) -> Mapping[str, KnownInvoice]:
        """Return the invoices that the system has, by number."""

    def judge(self, definition: str, incoming: Sequence[Incoming]) -> Mapping[str, Mark]:
        """Let the system read these payments and say what it thinks of each, by reference; nothing is registered."""

    def register(self, definition: str, incoming: Sequence[Incoming]) -> Mapping[str, Receipt | BryggaError]:
        """Register these payments, by reference. Raises OutcomeUnknown: any of them may have been registered."""
