"""Payments on an invoice: what each clears, what is left, and its voucher (accounting.md 5.2).

Every payment clears the receivable at the invoice's own rate, and the last one clears all SEK left on the account, so that
no öre remain. The difference to the SEK received is an exchange gain or loss. More than the balance is a debt to the
customer and a question for a person. Everything is signed: on a credit invoice all amounts are negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from brygga.core.currency import to_sek
from brygga.core.money import ZERO, whole_ore
from brygga.core.vouchers import Voucher, voucher
from brygga.errors import BadData, Sentence

Status: TypeAlias = Literal["paid", "partial", "overpaid"]

TOLERANCE: Final = Decimal("0.99")
"""What may be written off without a person, in SEK."""
ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class PaymentAccounts:
    """Where payments are posted, with the numbers of the BAS chart; a company's own come from Fortnox."""

    bank: str = "1930"
    receivable: str = "1510"
    advance: str = "2420"
    rounding: str = "3740"
    exchange_gain: str = "3960"
    exchange_loss: str = "7960"


BAS_ACCOUNTS: Final = PaymentAccounts()


@dataclass(frozen=True, slots=True)
class Receivable:
    """The invoice: total in its currency, SEK for `unit` units of it, and the SEK that stand on the receivables account."""

    currency: str
    total: Decimal
    booked_sek: Decimal
    rate: Decimal = ONE
    unit: Decimal = ONE


@dataclass(frozen=True, slots=True)
class Received:
    """One payment: amount in the invoice's currency, and the rate at which it became SEK."""

    amount: Decimal
    rate: Decimal = ONE
    unit: Decimal = ONE


@dataclass(frozen=True, slots=True)
class Step:
    """What one payment did. In SEK: amount_sek, receivable_sek, exchange_diff (positive is a gain); else invoice currency."""

    amount_sek: Decimal
    receivable_sek: Decimal
    exchange_diff: Decimal
    write_off: Decimal
    surplus: Decimal
    balance: Decimal
    status: Status
    voucher: Voucher


def apply_payments(
    invoice: Receivable,
    payments: Sequence[Received],
    tolerance: Decimal = TOLERANCE,
    accounts: PaymentAccounts = BAS_ACCOUNTS,
) -> tuple[Step, ...]:
    """Apply *payments* in order; *tolerance* in the invoice's currency is the most that is written off on rounding.

    What is missing within the tolerance is a positive write-off, what is too much within it a negative one. BadData for a
    payment of nothing, of parts of an öre, or of the other sign than the invoice: taking money back is for a person.
    """
    total = whole_ore(invoice.total, "the invoice's total")
    balance = total
    booked_left = whole_ore(invoice.booked_sek, "the invoice's SEK")
    if total * booked_left < 0:
        raise BadData("The invoice is {total} and stands at {sek} SEK.", total=total, sek=booked_left)
    if invoice.currency == "SEK" and total != booked_left:
        raise BadData("An invoice of {total} SEK stands at {sek} SEK.", total=total, sek=booked_left)
    limit = whole_ore(tolerance, "the tolerance")
    if limit < 0:
        raise BadData("The tolerance is {limit}, below zero.", limit=limit)
    steps = []
    for number, payment in enumerate(payments, start=1):
        amount = whole_ore(payment.amount, f"payment {number}")
        _check(amount, payment, invoice, number)
        step = _apply(invoice, payment, amount, balance, booked_left, limit, accounts)
        balance = step.balance
        booked_left -= step.receivable_sek
        steps.append(step)
    return tuple(steps)


def _check(amount: Decimal, payment: Received, invoice: Receivable, number: int) -> None:
    if not amount:
        raise BadData("Payment {number} is of nothing; it is not sent.", number=number)
    if amount * invoice.total < 0:
        raise BadData(
            "Payment {number} is of {amount} on an invoice of {total}.",
            number=number,
            amount=amount,
            total=invoice.total,
        )
    if invoice.currency == "SEK" and payment.rate != payment.unit:
        raise BadData("Payment {number} is in SEK and has a rate of {rate}.", number=number, rate=payment.rate)


def _apply(
    invoice: Receivable,
    payment: Received,
    amount: Decimal,
    balance: Decimal,
    booked_left: Decimal,
    tolerance: Decimal,
    accounts: PaymentAccounts,
) -> Step:
    amount_sek = to_sek(amount, payment.rate, payment.unit)
    rest = balance - amount
    closes = not rest or abs(rest) <= tolerance or abs(amount) > abs(balance)
    write_off = rest if closes and balance and abs(rest) <= tolerance else ZERO
    surplus = -rest if closes and not write_off else ZERO
    short = abs(amount) < abs(balance)
    write_off_sek = _sek(write_off, invoice.rate if short else payment.rate, invoice.unit if short else payment.unit)
    surplus_sek = _sek(surplus, payment.rate, payment.unit)
    receivable_sek = booked_left if closes else _part_of(booked_left, to_sek(amount, invoice.rate, invoice.unit))
    difference = amount_sek - surplus_sek + write_off_sek - receivable_sek
    status: Status = "partial" if not closes else "overpaid" if surplus else "paid"
    return Step(
        amount_sek=amount_sek,
        receivable_sek=receivable_sek,
        exchange_diff=difference,
        write_off=write_off,
        surplus=surplus,
        balance=ZERO if closes else rest,
        status=status,
        voucher=voucher(
            (accounts.bank, amount_sek),
            (accounts.receivable, ZERO - receivable_sek),
            (accounts.advance, ZERO - surplus_sek),
            (accounts.rounding, write_off_sek),
            (accounts.exchange_gain if difference > 0 else accounts.exchange_loss, ZERO - difference),
        ),
    )


def _sek(amount: Decimal, rate: Decimal, unit: Decimal) -> Decimal:
    return to_sek(amount, rate, unit) if amount else ZERO


def _part_of(left: Decimal, part: Decimal) -> Decimal:
    """Return *part*, but never more than is left on the receivable: a part payment cannot clear beyond it."""
    return left if abs(part) > abs(left) else part


def date_to_send(paid: date, invoiced: date) -> tuple[date, Sentence | None]:
    """Return the payment date for Fortnox, which takes none before the invoice's, and what to say when it is another one.

    The hub keeps the true date in its own record (accounting.md 5.2).
    """
    if paid >= invoiced:
        return paid, None
    facts = {"paid": paid.isoformat(), "invoiced": invoiced.isoformat()}
    return invoiced, Sentence("Paid on {paid}, before the invoice; registered on the invoice's date, {invoiced}.", facts)
