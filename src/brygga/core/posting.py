"""What a document will be posted to when Fortnox books it: a line an account, debit and credit, adding up to the öre.

A preview for people, from what the plan would send (accounting.md 1.1 to 1.3, 3.2, 7.5). An account that the record does not name
is Fortnox' to choose: the article's, else the predefined one. Then the line says so, with the number of the default chart as a hint.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from brygga.core.document import Document, Payment, Row, Settlement
from brygga.core.money import ZERO, Money, round_krona, vat_from_gross
from brygga.core.record import ABSENT, Record
from brygga.core.totals import Priced, Totals, predict, row_total
from brygga.core.vat import DEFAULT_ACCOUNTS
from brygga.errors import BadData, Sentence

CLAIM: Final = "1510"
CLAIM_ON_TAX_OFFICE: Final = "1513"
PAYABLE: Final = "2440"
ROUND_OFF: Final = "3740"
OUTPUT_VAT: Final[Mapping[Decimal, str]] = {Decimal(25): "2611", Decimal(12): "2621", Decimal(6): "2631"}
"""The default chart (accounting.md 1.1). Only hints: Fortnox posts to the company's own predefined accounts."""
_SALES: Final = {"SEREVERSEDVAT": "SALESCONSTR2", "EUREVERSEDVAT": "SALESEUREV", "EUVAT": "SALESEUVAT", "EXPORT": "SALESEXPORT"}
BOOKED_KINDS: Final = frozenset({"invoice", "cash_invoice", "credit_invoice"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the voucher.

    account  as the record names it, "" where Fortnox chooses
    usual    the account of the default chart in its place, "" where there is none
    what     "sales", "vat", "freight", "fee", "claim", "tax_office", "money", "payable" or "coded"
    text     the row's article and text
    rate     percent of VAT, where the line has one
    amount   debit positive, credit negative, in the posting's currency
    """

    account: str
    usual: str
    what: str
    text: str
    rate: Decimal | None
    amount: Decimal

    @property
    def debit(self) -> Decimal:
        return self.amount if self.amount > 0 else ZERO

    @property
    def credit(self) -> Decimal:
        return -self.amount if self.amount < 0 else ZERO


@dataclass(frozen=True, slots=True)
class Posting:
    """The voucher that is to be expected.

    later  it is not booked yet: an offer or an order is when it has become an invoice
    notes  what Fortnox decides, a sentence each
    total  what the customer owes, what is paid, or what is owed to the supplier
    """

    currency: str
    lines: tuple[Line, ...]
    total: Decimal
    later: bool = False
    notes: tuple[Sentence, ...] = ()

    @property
    def debit(self) -> Decimal:
        return sum((line.debit for line in self.lines), ZERO)

    @property
    def credit(self) -> Decimal:
        return sum((line.credit for line in self.lines), ZERO)


def posting_of(record: Record) -> Posting | Sentence | None:
    """Return what the record will be posted to; a sentence saying why it cannot be reckoned; None where nothing is ever booked."""
    try:
        if isinstance(record, Document):
            return _of_document(record)
        if isinstance(record, Settlement):
            return _of_settlement(record)
        if isinstance(record, Payment):
            return _of_payment(record)
    except BadData as error:
        return error.sentence
    return None


def _of_document(document: Document) -> Posting | None:
    if document.rows is ABSENT:
        return None
    prediction = predict(document, round_to_krona=False)
    sums = prediction.per_rate
    notes = list(_notes(document, prediction.currency))
    if prediction.per_row.total != sums.total:
        facts = {"one": str(sums.total), "other": str(prediction.per_row.total)}
        notes.append(Sentence("Fortnox rounds VAT for each rate or for each row: the total is {one} or {other}.", facts))
    if prediction.currency == "SEK" and sums.total != round_krona(sums.total):
        facts = {"total": str(round_krona(sums.total)), "account": ROUND_OFF}
        notes.append(Sentence("If Fortnox is set to round, {total} kronor are claimed and the öre go to {account}.", facts))
    credit = document.kind == "credit_invoice" and sums.total > 0
    lines = [
        *_sales(document, sums),
        Line("", "", "freight", "", None, -sums.freight),
        Line("", "", "fee", "", None, -sums.fee),
        *(Line("", OUTPUT_VAT.get(rate, ""), "vat", "", rate, -part.vat) for rate, part in sums.per_rate.items()),
    ]
    cash = document.kind == "cash_invoice"
    claims = [Line("", "" if cash else CLAIM, "money" if cash else "claim", "", None, sums.total - prediction.tax_reduction)]
    if prediction.tax_reduction:
        claims.append(Line("", CLAIM_ON_TAX_OFFICE, "tax_office", "", None, prediction.tax_reduction))
    found = [line for line in (*claims, *lines) if line.amount]
    if credit:
        found = [Line(line.account, line.usual, line.what, line.text, line.rate, -line.amount) for line in found]
    if any(not line.account for line in found):
        notes.append(Sentence("Where no account is named Fortnox chooses it: the article's, else the one set in Fortnox."))
    return Posting(prediction.currency, tuple(found), sums.total, document.kind not in BOOKED_KINDS, tuple(notes))


def _notes(document: Document, currency: str) -> Iterable[Sentence]:
    if document.kind not in BOOKED_KINDS:
        yield Sentence("Nothing is booked of an offer or an order: these are the postings of the invoice that it becomes.")
    if currency != "SEK":
        rate = "" if document.rate in (ABSENT, None) else str(document.rate)
        yield (
            Sentence("Fortnox books in kronor, at the rate {rate}.", {"rate": rate})
            if rate
            else Sentence("Fortnox books in kronor, at the rate of the day that it has.")
        )


def _sales(document: Document, sums: Totals) -> Iterable[Line]:
    """Yield a line for each row, net of VAT; what rounding leaves of a rate goes with its largest row, as Fortnox does it."""
    gross = document.prices_include_vat is True
    priced: list[tuple[Row, Decimal, Decimal]] = []
    for place, row in enumerate((row for row in document.lines if not row.is_text), 1):
        assert isinstance(row.vat, Decimal)
        total = row_total(_priced(row), f"row {place}")
        priced.append((row, row.vat, total - vat_from_gross(total, row.vat) if gross else total))
    rest = sums.net - sum((net for _, _, net in priced), ZERO)
    largest = max(range(len(priced)), key=lambda at: abs(priced[at][2]), default=0)
    for at, (row, rate, net) in enumerate(priced):
        amount = net + (rest if at == largest else ZERO)
        account = "" if row.account is ABSENT else str(row.account or "")
        text = " ".join(str(part) for part in (row.article_number, row.description) if part is not ABSENT and part)
        yield Line(account, "" if account else _usual(document, row, rate), "sales", text, rate, -amount)


def _priced(row: Row) -> Priced:
    assert isinstance(row.quantity, Decimal)
    assert isinstance(row.price, Money)
    assert isinstance(row.vat, Decimal)
    return Priced(
        row.quantity,
        row.price.amount,
        row.vat,
        None if row.discount is ABSENT else row.discount,
        None if row.discount_kind is ABSENT else row.discount_kind,
    )


def _usual(document: Document, row: Row, rate: Decimal) -> str:
    two = "2" if row.supply == "services" else ""
    name = _SALES.get(str(document.vat_type or ""))
    if name is None:
        return DEFAULT_ACCOUNTS.get(f"SALES_{rate.normalize():f}_SE{two}", "")
    return DEFAULT_ACCOUNTS.get(name if name.endswith("2") else name + two, "")


def _of_settlement(settlement: Settlement) -> Posting | None:
    if settlement.rows is ABSENT:
        return None
    currency = "SEK" if settlement.currency is ABSENT else str(settlement.currency or "SEK")
    lines = [
        Line(str(row.account or ""), "", "coded", str(row.text or ""), None if row.vat is ABSENT else row.vat, row.amount.amount)
        for row in settlement.rows
        if isinstance(row.amount, Money)
    ]
    debts = [row.amount.amount for row in settlement.rows if row.kind == "TOT" and isinstance(row.amount, Money)]
    rest = sum((line.amount for line in lines), ZERO)
    owed = rest - sum(debts, ZERO)
    notes: tuple[Sentence, ...] = ()
    if isinstance(settlement.payable, Money) and settlement.payable.amount != owed:
        facts = {"rows": str(owed), "payable": str(settlement.payable.amount)}
        notes = (Sentence("The rows add up to {rows}, and {payable} is to be paid.", facts),)
    # Where the debt is not among the rows Fortnox adds it.
    lines.append(Line("", PAYABLE, "payable", "", None, -rest))
    return Posting(currency, tuple(line for line in lines if line.amount), owed, notes=notes)


def _of_payment(payment: Payment) -> Posting | None:
    if not isinstance(payment.amount, Money):
        return None
    offs = () if payment.write_offs is ABSENT else payment.write_offs
    lines = [Line("" if payment.account is ABSENT else str(payment.account), "", "money", "", None, payment.amount.amount)]
    lines += [
        Line(str(off.account or ""), "", "coded", str(off.text or ""), None, off.amount.amount)
        for off in offs
        if isinstance(off.amount, Money) and off.amount.currency == payment.amount.currency
    ]
    closed = sum((line.amount for line in lines), ZERO)
    lines.append(Line("", CLAIM, "claim", "", None, -closed))
    return Posting(payment.amount.currency, tuple(line for line in lines if line.amount), payment.amount.amount)
