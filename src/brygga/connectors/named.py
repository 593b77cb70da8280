"""What a document names of Fortnox' registers, and what must therefore be there before it is made: one list for all systems.

Accounts, articles and days are each connector's to say, in its own words; here is what all have alike. What is missing
lets that document wait with the value, the others go. Fortnox API, sections 7.2 (2000427 to 2001161), 7.3 and 9.14; accounting.md 1.5.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from brygga.connectors.contract import Need
from brygga.core.document import Document, Payment
from brygga.core.plan import Hold
from brygga.core.record import ABSENT, Absent
from brygga.errors import Sentence

HEAD: Final = ("cost_center", "project", "terms_of_payment", "terms_of_delivery", "way_of_delivery", "price_list")
ROWS: Final = ("cost_center", "project", "unit")
SAID: Final = {
    "customer": "{document}: customer {id} is not in Fortnox, or is inactive there.",
    "cost_center": "{document}: cost centre {id} is not in Fortnox, or is inactive there.",
    "project": "{document}: project {id} is not in Fortnox, or is completed there.",
    "terms_of_payment": "{document}: the terms of payment {id} are not in Fortnox.",
    "terms_of_delivery": "{document}: the terms of delivery {id} are not in Fortnox.",
    "way_of_delivery": "{document}: the way of delivery {id} is not in Fortnox.",
    "price_list": "{document}: price list {id} is not in Fortnox.",
    "unit": "{document}: unit {id} is not in Fortnox.",
    "mode_of_payment": "{document}: mode of payment {id} is not in Fortnox.",
    "financial_year": "{document}: no financial year in Fortnox has its day {id}.",
    "vat_percent": "{document}: a VAT rate of {id} % cannot be expressed in Fortnox, which has whole percents only.",
}
REPAIR: Final = Sentence("Add it in Fortnox under Register or Inställningar, or correct it in {system}.")
NO_YEAR: Final = "No financial year in Fortnox has its day {id}."
YEAR: Final = "Make the financial year in Fortnox under Inställningar, or correct the day in {system}."
OSS: Final = (
    "Enter the sale in Fortnox as a voucher with the country's sales and VAT accounts, and report it in the one-stop shop (OSS)."
)


def needs_of(document: Document, called: str, system: str, rule: str) -> Iterator[Need]:
    """Yield what a document's head and rows name, each once.

    called   how the system's people call the document; system its name; rule the row of the matrix under which it is made
    """
    found: dict[tuple[str, str], None] = {}
    if document.customer_number:
        # On an inactive customer Fortnox makes no document (section 7.2); its card is read once in a run.
        found["customer", str(document.customer_number)] = None
    for name in HEAD:
        if value := getattr(document, name):
            found[name, str(value)] = None
    for row in document.lines:
        for name in ROWS:
            if value := getattr(row, name):
                found[name, str(value)] = None
        if row.vat is not ABSENT and row.vat != row.vat.to_integral_value():
            found["vat_percent", f"{row.vat.normalize():f}"] = None
    for kind, id in found:
        yield _need(kind, id, called, system, rule)


def year_of(day: date | Absent | None, called: str, system: str, rule: str) -> Iterator[Need]:
    """Yield the financial year of a document's day: accounts and vouchers belong to it (accounting.md 1.1)."""
    if isinstance(day, date):
        yield _need("financial_year", day.isoformat(), called, system, rule)


def needs_of_payment(payment: Payment, system: str, rule: str) -> Iterator[Need]:
    """Yield what a payment names: its mode (betalningssätt)."""
    if payment.mode:
        yield _need("mode_of_payment", str(payment.mode), f"Faktura {payment.invoice_number or ''}", system, rule)


def _need(kind: str, id: str, called: str, system: str, rule: str) -> Need:
    facts = {"document": called, "id": id, "system": system}
    repair = Sentence({"vat_percent": OSS, "financial_year": YEAR}.get(kind, REPAIR.template), facts)
    # A record without a name of its own is named before the sentence, by its number.
    said = NO_YEAR if kind == "financial_year" and not called else SAID[kind]
    return Need(kind, id, Hold(Sentence(said, facts), rule, repair))
