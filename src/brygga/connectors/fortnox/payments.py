"""Payments of customer invoices: registered, then booked (Fortnox API, section 9.10).

A payment has no field for a key of ours. Its key is "<invoice>/<date>/<amount>/<n>": the n-th payment of this amount that day.

Everything that Fortnox would fill is stated: currency, rate, kronor, day, mode and the mode's account. What its voucher is called is
Fortnox' own: series and number are given when it is booked, by the predefined series INVOICEPAYMENT. References to the invoice are
repeated from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from brygga.clients.fortnox import Fortnox, wire
from brygga.connectors.contract import Capability, Creation, Receipt, Update
from brygga.connectors.fortnox.accounts import NO_RIGHT
from brygga.core.currency import to_sek
from brygga.core.diff import same
from brygga.core.document import Payment
from brygga.core.money import Money, round_ore
from brygga.core.plan import Remark
from brygga.core.record import ABSENT, Ref, present
from brygga.core.seen import Seen
from brygga.core.webshop import WRITE_OFF_LIMIT
from brygga.errors import BadData, BryggaError, NotFound, Rejected, Sentence, SettingsError, Stale, Unauthorised

SYSTEM = "fortnox"
ROUNDING = "3740"
"""Where öre between what was collected and what Fortnox asks are written off (accounting.md 4, check 4)."""

CORRECTED = frozenset({"amount", "date", "mode"})
"""What of a payment may be corrected until it is booked (section 9.10)."""

Raw = Mapping[str, Any]


class Payments:
    """The payments of customer invoices in one Fortnox."""

    def __init__(self, client: Fortnox) -> None:
        self._client = client
        self._accounts: dict[str, str] = {}

    def changed(self, since: datetime | None) -> Iterator[Seen]:
        """Yield list rows, which lack the amount in the invoice's currency, the OCR number and the mode."""
        register = self._client.invoice_payments
        for row in register.list() if since is None else register.changed(since):
            seen = _seen(row)
            yield Seen(seen.ref, seen.record, complete=False)

    def get(self, id: str) -> Seen | None:
        raw = self._raw(id)
        return None if raw is None else _seen(raw)

    def find(self, keys: Sequence[str], since: datetime) -> Mapping[str, Seen]:
        """Find payments by invoice, day, amount and place among those alike, exactly."""
        found: dict[str, Seen] = {}
        for key in keys:
            invoice, day, amount, place = key.split("/")
            rows = sorted(self._client.invoice_payments.of_invoice(invoice), key=lambda row: int(row["Number"]))
            alike = []
            for row in rows:
                seen = self.get(str(row["Number"]))
                if seen is not None and _is(seen.record, day, amount):
                    alike.append(seen)
            if len(alike) >= int(place):
                found[key] = alike[int(place) - 1]
        return found

    def create(self, creations: Sequence[Creation]) -> list[Receipt | BryggaError]:
        """Register payments one by one, unbooked."""
        return [self._create(creation) for creation in creations]

    def _create(self, creation: Creation) -> Receipt | BryggaError:
        payment: Any = creation.record
        try:
            body = self._body(payment)
            made = self._client.invoice_payments.create(body)
        except (Rejected, BadData, SettingsError) as error:
            return error
        return Receipt(_ref(made), _seen(made), remark=_written_off(body))

    def _body(self, payment: Payment) -> dict[str, Any]:
        """Return a new payment. Öre that Fortnox rounded are written off; more is for a person. Raises Rejected."""
        if not isinstance(payment.amount, Money):
            raise BadData("A payment of invoice {invoice} has no amount.", invoice=str(payment.invoice_number))
        number = str(payment.invoice_number)
        invoice = self._client.invoices.get(number)
        balance = wire.amount(invoice.get("Balance"))
        if balance is None:
            raise BadData("Fortnox does not say what is left to pay of invoice {number}.", number=number)
        left = balance - payment.amount.amount
        currency = str(invoice.get("Currency") or "SEK")
        sek = _at_rate_of(invoice, currency)
        # By the cash method it is the payment that books (accounting.md 7.1).
        booked = invoice.get("Booked") or invoice.get("AccountingMethod") == "CASH"
        if not booked or currency != payment.amount.currency:
            raise Rejected(
                "The payment of invoice {number} waits: the invoice is not booked, or not in {currency}.",
                repair="Book the invoice in Fortnox.",
                number=number,
                currency=payment.amount.currency,
            )
        if abs(sek(left)) > WRITE_OFF_LIMIT:
            raise Rejected(
                "Invoice {number} asks {balance} in Fortnox and {amount} was collected: more apart than may be written off.",
                repair="Register the payment by hand in Fortnox.",
                number=number,
                balance=balance,
                amount=payment.amount.amount,
            )
        body = {"InvoiceNumber": int(number), **self._stated(payment, invoice)}
        if left:
            # Write-offs are in kronor, whatever the invoice is in (accounting.md 5.2).
            body["WriteOffs"] = [{"AccountNumber": int(ROUNDING), "Amount": sek(left)}]
        return body

    def _stated(self, payment: Any, invoice: Raw) -> dict[str, Any]:
        """Return what is said of the money: day, currency, amount and kronor by the invoice's rate, mode and account."""
        amount, currency = payment.amount.amount, payment.amount.currency
        body: dict[str, Any] = {"PaymentDate": payment.date, "Currency": currency, "Amount": amount}
        if currency != "SEK":
            rate, unit = wire.amount(invoice.get("CurrencyRate")), wire.amount(invoice.get("CurrencyUnit"))
            body |= {"AmountCurrency": amount, "CurrencyRate": rate, "CurrencyUnit": unit}
            body["Amount"] = _at_rate_of(invoice, currency)(amount)
        if payment.mode:
            body["ModeOfPayment"] = str(payment.mode)
            if account := self._account_of(str(payment.mode)):
                body["ModeOfPaymentAccount"] = int(account)
        return body

    def _account_of(self, mode: str) -> str:
        """Return the account of a mode of payment; "" where it is not there or the connection may not read it."""
        if mode not in self._accounts:
            try:
                rows = self._client.modes_of_payments.list()
                self._accounts = {str(row.get("Code")): str(row.get("AccountNumber") or "") for row in rows}
            except Unauthorised as error:
                if str(error.facts.get("code")) not in NO_RIGHT:
                    raise
        return self._accounts.get(mode, "")

    def update(self, update: Update) -> Receipt:
        """Book a payment, or correct one that is not booked; one that is booked already is left alone. Raises Stale, Rejected."""
        raw = self._raw(update.ref.id)
        if raw is None:
            raise Stale("Payment {number} is gone from Fortnox. Nothing was written.", number=update.ref.id)
        now = dict(present(_record(raw)))
        moved = [name for name, before in update.before.items() if not same(name, now.get(name, ABSENT), before)]
        books = set(update.after) == {"booked"} and update.after["booked"] is True
        if not books and (now.get("booked") is True or not set(update.after) <= CORRECTED):
            raise Rejected("A payment is corrected until it is booked, and never after.", number=update.ref.id)
        if now.get("booked") is not True:
            if moved:
                raise Stale("Payment {number} was changed in Fortnox since the plan was made.", number=update.ref.id)
            if books:
                self._as_it_was_registered(raw)
                self._client.invoice_payments.bookkeep(update.ref.id)
            else:
                payment = replace(_record(raw), **cast(Any, dict(update.after)))
                invoice = self._client.invoices.get(str(raw.get("InvoiceNumber")))
                self._client.invoice_payments.update(update.ref.id, self._stated(payment, invoice))
        return Receipt(update.ref, self.get(update.ref.id))

    def _as_it_was_registered(self, raw: Raw) -> None:
        """Look at what the source does not say and was stated all the same: account and kronor. Raises Rejected, so that it is not booked."""
        mode, account = str(raw.get("ModeOfPayment") or ""), str(raw.get("ModeOfPaymentAccount") or "")
        wanted = self._account_of(mode) if mode else ""
        facts = {"payment": str(raw["Number"]), "invoice": str(raw.get("InvoiceNumber") or ""), "mode": mode}
        if wanted and account and account != wanted:
            raise _otherwise(
                "Payment {payment} of invoice {invoice}: mode of payment {mode} has account {sent}, and the payment {held} in Fortnox.",
                {**facts, "sent": wanted, "held": account},
            )
        currency = str(raw.get("Currency") or "SEK")
        foreign, amount = wire.amount(raw.get("AmountCurrency")), wire.amount(raw.get("Amount"))
        if currency == "SEK" or foreign is None or amount is None:
            return
        kronor = _at_rate_of(self._client.invoices.get(facts["invoice"]), currency)(foreign)
        if kronor != amount:
            raise _otherwise(
                "Payment {payment} of invoice {invoice}: {foreign} {currency} are {sent} kronor at the invoice's rate, and {held} in Fortnox.",
                {**facts, "foreign": f"{foreign:f}", "currency": currency, "sent": f"{kronor:f}", "held": f"{amount:f}"},
            )

    def capability(self) -> Capability:
        places = {
            "number": "Number",
            "invoice_number": "InvoiceNumber",
            "amount": "Amount, AmountCurrency",
            "date": "PaymentDate",
            "mode": "ModeOfPayment",
            "account": "ModeOfPaymentAccount",
            "write_offs": "WriteOffs",
            "voucher": "VoucherSeries, VoucherNumber, VoucherYear",
            "booked": "Booked (bookkeep)",
        }
        held = frozenset({"invoice_number", "amount", "date", "mode", "booked"})
        return Capability(held, steps=("booked",), places=places, needed=frozenset({"invoice_number", "amount", "date"}))

    def _raw(self, id: str) -> Raw | None:
        try:
            raw: Raw = self._client.invoice_payments.get(id)
        except NotFound:
            return None
        return raw


def _written_off(body: Raw) -> Remark | None:
    """Say what a payment wrote off, so that nobody finds it first in the books (accounting.md 3.2, 5.2)."""
    if not body.get("WriteOffs"):
        return None
    [off] = body["WriteOffs"]
    facts = {"number": str(body["InvoiceNumber"]), "amount": f"{off['Amount']:f}", "account": ROUNDING}
    return Remark(Sentence("Invoice {number}: {amount} kronor of rounding were written off on account {account}.", facts))


def _otherwise(template: str, facts: Mapping[str, str]) -> Rejected:
    return Rejected(template, repair="Correct the payment in Fortnox, or book it there where it is right.", **facts)


def _at_rate_of(invoice: Raw, currency: str) -> Callable[[Decimal], Decimal]:
    """Return what turns an amount of the invoice into kronor, by the invoice's own rate. Raises BadData where it has none."""
    if currency == "SEK":
        return round_ore
    rate, unit = wire.amount(invoice.get("CurrencyRate")), wire.amount(invoice.get("CurrencyUnit"))
    if not rate or not unit:
        raise BadData(
            "Invoice {number} is in {currency} and has no rate in Fortnox. Its payment was not registered.",
            repair="Set the rate of the invoice in Fortnox.",
            number=str(invoice.get("DocumentNumber")),
            currency=currency,
        )
    return lambda amount: to_sek(amount, rate, unit)


def _is(record: Any, day: str, amount: str) -> bool:
    return str(record.date) == day and isinstance(record.amount, Money) and record.amount.amount == Decimal(amount)


def _ref(raw: Raw) -> Ref:
    return Ref(SYSTEM, "payment", str(raw["Number"]))


def _seen(raw: Raw) -> Seen:
    return Seen(_ref(raw), _record(raw))


def _record(raw: Raw) -> Payment:
    currency = str(raw.get("Currency") or "SEK")
    amount = wire.amount(raw.get("Amount"))
    foreign = wire.amount(raw.get("AmountCurrency")) if currency != "SEK" else amount
    values: dict[str, Any] = {
        "number": str(raw["Number"]),
        "invoice_number": str(raw.get("InvoiceNumber") or ""),
        "date": wire.on_day(raw.get("PaymentDate")),
        "booked": wire.truth(raw.get("Booked")),
    }
    if amount is not None:
        values["amount_sek"] = Money(amount, "SEK")
    if foreign is not None:
        values["amount"] = Money(foreign, currency)
    if raw.get("InvoiceOCR"):
        values["ocr"] = str(raw["InvoiceOCR"])
    if currency != "SEK":
        values["rate"] = wire.amount(raw.get("CurrencyRate")) or Decimal(1)
        values["rate_unit"] = wire.amount(raw.get("CurrencyUnit")) or Decimal(1)
    if raw.get("ModeOfPayment"):
        values["mode"] = str(raw["ModeOfPayment"])
    return Payment(**values)
