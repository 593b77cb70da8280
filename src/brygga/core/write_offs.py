"""Vouchers of what is not paid in money: cash discounts, losses, providers' fees and banks' fees (accounting.md 5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from brygga.core.money import CONTEXT, ZERO, exact, percent_text, round_ore, vat_from_gross, vat_from_net, whole_ore
from brygga.core.vouchers import Voucher, voucher
from brygga.errors import BadData

REVERSE_CHARGE_RATE: Final = Decimal(25)
OUTPUT_VAT: Final = {Decimal(25): "2611", Decimal(12): "2621", Decimal(6): "2631"}


@dataclass(frozen=True, slots=True)
class WriteOffAccounts:
    """Where write-offs are posted. Clearing is 1686 in current charts and 1580 in older ones: a setting."""

    bank: str = "1930"
    receivable: str = "1510"
    clearing: str = "1686"
    cash_discount: str = "3731"
    bad_debt: str = "6351"
    fee: str = "6570"
    calculated_input_vat: str = "2645"
    calculated_output_vat: str = "2614"


BAS_ACCOUNTS: Final = WriteOffAccounts()


def cash_discount(total: Decimal, vat: Decimal, percent: Decimal, accounts: WriteOffAccounts = BAS_ACCOUNTS) -> Voucher:
    """Return the voucher of an invoice paid less *percent* for paying early; the discount takes its VAT with it.

    *total* is gross and *vat* its percent. The seller must issue a correcting invoice for the discount.
    """
    gross = _at_least_zero(total, "the invoice's total")
    share = exact(percent, "the cash discount")
    if not 0 <= share <= 100:
        raise BadData("A cash discount of {percent} percent.", percent=percent_text(share))
    discount = round_ore(CONTEXT.divide(CONTEXT.multiply(gross, share), Decimal(100)))
    tax, tax_line = _vat_back(discount, vat)
    return voucher(
        (accounts.bank, gross - discount),
        (accounts.cash_discount, discount - tax),
        *tax_line,
        (accounts.receivable, ZERO - gross),
        keep=(accounts.bank, accounts.cash_discount, accounts.receivable),
    )


def bad_debt(balance: Decimal, vat: Decimal, accounts: WriteOffAccounts = BAS_ACCOUNTS) -> Voucher:
    """Return the voucher of a confirmed loss (konstaterad kundförlust): net to the loss, VAT back, receivable cleared."""
    gross = _at_least_zero(balance, "the balance")
    tax, tax_line = _vat_back(gross, vat)
    return voucher(
        (accounts.bad_debt, gross - tax),
        *tax_line,
        (accounts.receivable, ZERO - gross),
        keep=(accounts.bad_debt, accounts.receivable),
    )


def provider_payout(gross: Decimal, fee: Decimal, fee_vat: str, accounts: WriteOffAccounts = BAS_ACCOUNTS) -> Voucher:
    """Return the voucher of a card or checkout provider's payout: sales off the clearing account, fee, the rest to the bank.

    *fee_vat* is "exempt" (a financial service) or "eu_reverse_charge" (a taxable service from another EU state, with
    calculated VAT both ways). A payout can be negative: more refunds, or a fee without sales.
    """
    sales = whole_ore(gross, "the payout's sales")
    cost = whole_ore(fee, "the provider's fee")
    if fee_vat not in ("exempt", "eu_reverse_charge"):
        raise BadData("{fee_vat} is no treatment of a provider's fee: exempt or eu_reverse_charge.", fee_vat=repr(fee_vat))
    lines = [(accounts.bank, sales - cost), (accounts.fee, cost)]
    if fee_vat == "eu_reverse_charge":
        tax = vat_from_net(cost, REVERSE_CHARGE_RATE)
        lines += [(accounts.calculated_input_vat, tax), (accounts.calculated_output_vat, ZERO - tax)]
    lines.append((accounts.clearing, ZERO - sales))
    return voucher(*lines, keep=[account for account, _ in lines])


def bank_fee(balance: Decimal, received: Decimal, accounts: WriteOffAccounts = BAS_ACCOUNTS) -> Voucher:
    """Return the voucher of an invoice from which the payer's bank kept a fee that the seller bears.

    Where the buyer bears it, the invoice stays partly unpaid and this is not used.
    """
    owed = _at_least_zero(balance, "the balance")
    money = _at_least_zero(received, "the amount received")
    if money > owed:
        raise BadData("{received} received on a balance of {balance}: there is no fee.", received=money, balance=owed)
    return voucher(
        (accounts.bank, money),
        (accounts.fee, owed - money),
        (accounts.receivable, ZERO - owed),
        keep=(accounts.bank, accounts.fee, accounts.receivable),
    )


def _vat_back(gross: Decimal, rate: Decimal) -> tuple[Decimal, list[tuple[str, Decimal]]]:
    percent = exact(rate, "the VAT rate")
    if not percent:
        return ZERO, []
    account = OUTPUT_VAT.get(percent)
    if account is None:
        raise BadData("There is no account for output VAT of {rate} percent.", rate=percent_text(percent))
    tax = vat_from_gross(gross, percent)
    return tax, [(account, tax)]


def _at_least_zero(amount: Decimal, place: str) -> Decimal:
    ore = whole_ore(amount, place)
    if ore < 0:
        raise BadData("{place} is {amount}, below zero.", place=place, amount=ore)
    return ore
