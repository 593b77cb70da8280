"""Which of Fortnox' payments go on to the transport system, and with which values (accounting.md 5.4; OPT-04 to OPT-07, OPT-14 to OPT-29).

Each rule alone is enough to leave a payment out; the first that applies is named. Numbers are compared as numbers and
references as text, since leading zeros count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from brygga.core.currency import rate_of_one
from brygga.core.document import Payment
from brygga.core.money import Money, whole_ore
from brygga.core.record import ABSENT
from brygga.errors import BadData, Sentence, SettingsError

SkipReason: TypeAlias = Literal["before_date", "below_number", "unknown_invoice", "ocr_mismatch", "not_booked", "already_imported"]

REASONS: Final[Mapping[SkipReason, str]] = {
    "before_date": "Payment {number} was registered on {registered}, before {limit}.",
    "below_number": "Payment {number} is for invoice {invoice}, below {lowest}.",
    "unknown_invoice": "Payment {number} is for invoice {invoice}, which was not exported from the transport system.",
    "ocr_mismatch": "Payment {number} for invoice {invoice} has OCR {ocr}, the invoice has {expected}.",
    "not_booked": "Payment {number} is not booked yet and can still change.",
    "already_imported": "Payment {number} has already been imported.",
}


@dataclass(frozen=True, slots=True)
class ImportSettings:
    """One payment import definition (betalningsimport).

    ignore_before          payments registered before this day are left out; the day itself is imported
    ignore_numbers_below   invoices with a lower number are left out; 0 imports all
    already_imported       numbers of payments that went over before
    """

    ignore_before: date
    ignore_numbers_below: int = 0
    default_currency: str = "SEK"
    already_imported: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ImportValues:
    """What goes over: paid sum in the invoice's currency, the rate for one unit (None for SEK), and what it is in SEK."""

    invoice_number: str
    paid: Money
    rate: Decimal | None
    sek: Decimal


@dataclass(frozen=True, slots=True)
class Judgement:
    """One payment's fate: `values` when it is imported, `reason` and `sentence` when it is not."""

    values: ImportValues | None = None
    reason: SkipReason | None = None
    sentence: Sentence | None = None


def check_currency(settings: ImportSettings) -> None:
    """Raise SettingsError unless the transport system's default currency is SEK: then nothing is read at all (OPT-06)."""
    if settings.default_currency != "SEK":
        raise SettingsError(
            "Payments can only be imported with Swedish kronor as default currency, and it is {currency}.",
            repair="Change the default currency of the transport system, or switch the import off.",
            currency=settings.default_currency,
        )


def registered_day(payment: Payment) -> tuple[date, bool]:
    """Return the day a payment was registered and whether that is estimated from the payment's own date.

    BadData when neither is known.
    """
    if payment.registered:
        return payment.registered, payment.registered_estimated is True
    if payment.date:
        return payment.date, True
    raise BadData("Payment {number} has no date.", number=payment.number or "without a number")


def judge(settings: ImportSettings, known_invoices: Mapping[str, str], payment: Payment) -> Judgement:
    """Say whether *payment* is imported; *known_invoices* holds number -> OCR ("" for none) of what was exported.

    SettingsError for the wrong default currency, BadData for a payment without number, invoice, date, amount or rate.
    """
    check_currency(settings)
    number = "" if payment.number is ABSENT else payment.number
    invoice = "" if payment.invoice_number is ABSENT else payment.invoice_number
    if not number or not invoice:
        raise BadData("Payment {number} for invoice {invoice} lacks a number.", number=repr(number), invoice=repr(invoice))
    registered, _ = registered_day(payment)
    expected = known_invoices.get(invoice, "").strip()
    ocr = "" if payment.ocr is ABSENT else payment.ocr.strip()
    reason: SkipReason | None = None
    if registered < settings.ignore_before:
        reason = "before_date"
    elif _is_below(invoice, settings.ignore_numbers_below):
        reason = "below_number"
    elif invoice not in known_invoices:
        reason = "unknown_invoice"
    elif ocr and expected and ocr != expected:
        reason = "ocr_mismatch"
    elif payment.booked is not True:
        reason = "not_booked"
    elif number in settings.already_imported:
        reason = "already_imported"
    if reason is None:
        return Judgement(values=_values(payment, number, invoice))
    facts = {
        "number": number,
        "invoice": invoice,
        "registered": registered.isoformat(),
        "limit": settings.ignore_before.isoformat(),
        "lowest": str(settings.ignore_numbers_below),
        "ocr": ocr,
        "expected": expected,
    }
    return Judgement(reason=reason, sentence=Sentence(REASONS[reason], facts))


def _is_below(invoice: str, lowest: int) -> bool:
    """A number with letters is not lower than any: whether it is known decides."""
    return invoice.isascii() and invoice.isdigit() and int(invoice) < lowest


def _values(payment: Payment, number: str, invoice: str) -> ImportValues:
    if payment.amount is ABSENT:
        raise BadData("Payment {number} has no amount.", number=number)
    paid = Money(whole_ore(payment.amount.amount, f"payment {number}"), payment.amount.currency)
    if paid.currency == "SEK":
        return ImportValues(invoice, paid, None, paid.amount)
    if payment.amount_sek is ABSENT or payment.rate is ABSENT:
        raise BadData("Payment {number} in {currency} lacks its amount in SEK or its rate.", number=number, currency=paid.currency)
    unit = Decimal(1) if payment.rate_unit is ABSENT else payment.rate_unit
    return ImportValues(
        invoice, paid, rate_of_one(payment.rate, unit), whole_ore(payment.amount_sek.amount, f"payment {number}, SEK")
    )
