"""What a document, a payment or a settlement comes to on one side, and how that divides by VAT rate and account (avstämning). Pure.

What a system says itself comes first; what it does not say is reckoned from its rows. A row that says no VAT rate or no account, as in a
CRM, stands under those of the row in its place on the other side: then both sides of a line are about the same goods. Its VAT stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from brygga.core.document import Document, Payment, Row, Settlement
from brygga.core.money import ZERO, Money, percent_text, vat_from_gross, vat_from_net
from brygga.core.record import ABSENT, Absent
from brygga.core.totals import STANDARD_RATE, WITHOUT_VAT, Priced, row_total
from brygga.errors import BadData

UNKNOWN: Final = ""
"""The rate or the account of what neither side says one of, such as freight in a document's head."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What one record comes to, in its currency; None where its system does not tell and its rows do not say.

    net       without VAT, with freight and fees
    total     with VAT, before rounding to whole kronor (öresavrundning)
    listed    as the system's list shows it, rounded
    rates     percent, as people write it -> net and VAT
    accounts  four digits -> net; of a settlement the posting, debit positive
    """

    currency: str
    day: date | None
    net: Decimal | None = None
    total: Decimal | None = None
    listed: Decimal | None = None
    rates: Mapping[str, tuple[Decimal, Decimal | None]] = field(default_factory=dict)
    accounts: Mapping[str, Decimal] = field(default_factory=dict)


def tally(record: object, beside: object = None) -> Tally | None:
    """Return what a record comes to; None for one that is not about money. *beside* is its partner on the other side."""
    if isinstance(record, Document):
        return _document(record, beside if isinstance(beside, Document) else Document())
    if isinstance(record, Payment):
        return _payment(record, beside if isinstance(beside, Payment) else Payment())
    if isinstance(record, Settlement):
        return _settlement(record)
    return None


@dataclass(frozen=True, slots=True)
class _Line:
    """One row: its sum in the mode of the prices. `own` says whether its rate is its own or its partner's; None: neither has one."""

    amount: Decimal
    rate: Decimal | None
    own: bool
    account: str


def _document(document: Document, beside: Document) -> Tally:
    currency = str(document.currency or beside.currency or "SEK")
    day = _day(document.date) or _day(beside.date)
    listed = _amount(document.total)
    if document.cancelled is True:
        return Tally(currency, day, ZERO, ZERO, ZERO)
    vat, round_off = _amount(document.vat), _amount(document.round_off)
    exact = listed - round_off if listed is not None and round_off is not None else None
    lines = _lines(document, beside)
    split = _Split(document, lines, vat) if lines is not None else None
    net = _amount(document.net)
    if exact is not None and vat is not None:
        # Fortnox' own Net leaves freight and fees out.
        net = exact - vat
    elif net is None and split is not None:
        net = split.net
    total = exact
    if total is None and net is not None:
        known = vat if vat is not None else split.vat if split is not None else None
        total = net + known if known is not None else None
    if net is None:
        return Tally(currency, day, None, total, listed)
    if split is None:
        return Tally(currency, day, net, total, listed, {UNKNOWN: (net, None if total is None else total - net)}, {UNKNOWN: net})
    rates, accounts = split.with_rest(net, None if total is None else total - net)
    return Tally(currency, day, net, total, listed, rates, accounts)


def _payment(payment: Payment, beside: Payment) -> Tally:
    amount = payment.amount if isinstance(payment.amount, Money) else None
    currency = amount.currency if amount else "SEK"
    day = _day(payment.date) or _day(beside.date)
    if amount is None:
        return Tally(currency, day)
    # Where the money came in; the modes of payment stand for their accounts (betalningssätt).
    where = str(payment.account or payment.mode or beside.account or beside.mode or UNKNOWN)
    return Tally(currency, day, amount.amount, amount.amount, amount.amount, {}, {where: amount.amount})


def _settlement(settlement: Settlement) -> Tally:
    currency = str(settlement.currency or "SEK")
    day, payable = _day(settlement.date), _amount(settlement.payable)
    if settlement.cancelled is True:
        return Tally(currency, day, ZERO, ZERO, ZERO)
    vat = _amount(settlement.input_vat)
    net = payable - vat if payable is not None and vat is not None else None
    accounts: dict[str, Decimal] = {}
    for row in () if settlement.rows is ABSENT else settlement.rows:
        accounts[str(row.account or UNKNOWN)] = accounts.get(str(row.account or UNKNOWN), ZERO) + (_amount(row.amount) or ZERO)
    rates = {UNKNOWN: (net, vat)} if net is not None else {}
    return Tally(currency, day, net, payable, payable, rates, {account: sum for account, sum in accounts.items() if sum})


class _Split:
    """The rows of one document by rate and account, with the head's freight and fee; VAT rounded as the system's own sum says."""

    def __init__(self, document: Document, lines: Sequence[_Line], told: Decimal | None) -> None:
        self._inclusive = document.prices_include_vat is True
        extras = [amount for amount in (_amount(document.freight), _amount(document.fee)) if amount]
        self._cells: dict[tuple[Decimal | None, str], Decimal] = {}
        self._vats: dict[Decimal | None, Decimal | None] = {}
        by_rate: dict[Decimal | None, list[_Line]] = {}
        for line in lines:
            by_rate.setdefault(line.rate, []).append(line)
            self._add(line.rate, line.account, line.amount)
        leading = self._leading(by_rate, document)
        extra_vat = sum((self._vat(amount, leading) for amount in extras if leading is not None), ZERO)
        for amount in extras:
            self._add(leading, UNKNOWN, amount)
        for per_row in (False, True):
            vats: dict[Decimal | None, Decimal | None] = {}
            for rate, some in by_rate.items():
                vats[rate] = self._vat_of(rate, some, per_row=per_row)
            if extras:
                vats[leading] = None if leading is None else (vats.get(leading) or ZERO) + extra_vat
            whole = [vat for vat in vats.values() if vat is not None]
            if not per_row or (told is not None and len(whole) == len(vats) and sum(whole, ZERO) == told):
                self._vats = vats

    @property
    def vat(self) -> Decimal | None:
        """All of the VAT; None where a row says no rate of its own."""
        return None if None in self._vats.values() else sum((vat for vat in self._vats.values() if vat is not None), ZERO)

    @property
    def net(self) -> Decimal | None:
        if self._inclusive and self.vat is None:
            return None
        return sum(self._cells.values(), ZERO) - ((self.vat or ZERO) if self._inclusive else ZERO)

    def with_rest(self, net: Decimal, vat: Decimal | None) -> tuple[dict[str, tuple[Decimal, Decimal | None]], dict[str, Decimal]]:
        """Return net and VAT by rate, and net by account, so that they add up to *net*: what no row says stands under `UNKNOWN`."""
        rates: dict[str, tuple[Decimal, Decimal | None]] = {}
        accounts: dict[str, Decimal] = {}
        for rate in dict.fromkeys(rate for rate, _ in self._cells):
            cells = {account: amount for (one, account), amount in self._cells.items() if one == rate}
            of_rate = self._vats.get(rate)
            nets = self._without_vat(cells, rate, of_rate)
            name = UNKNOWN if rate is None else percent_text(rate)
            rates[name] = (sum(nets.values(), ZERO), of_rate)
            for account, amount in nets.items():
                accounts[account] = accounts.get(account, ZERO) + amount
        rest = net - sum((one for one, _ in rates.values()), ZERO)
        known = [one for _, one in rates.values() if one is not None]
        rest_vat = vat - sum(known, ZERO) if vat is not None and len(known) == len(rates) else None
        if rest or rest_vat:
            held, held_vat = rates.get(UNKNOWN, (ZERO, ZERO))
            rates[UNKNOWN] = (held + rest, None if held_vat is None or rest_vat is None else held_vat + rest_vat)
            accounts[UNKNOWN] = accounts.get(UNKNOWN, ZERO) + rest
        return rates, {account: amount for account, amount in accounts.items() if amount or account}

    def _add(self, rate: Decimal | None, account: str, amount: Decimal) -> None:
        self._cells[rate, account] = self._cells.get((rate, account), ZERO) + amount

    def _leading(self, by_rate: Mapping[Decimal | None, Iterable[_Line]], document: Document) -> Decimal | None:
        """Return the percent of freight and fee: that of the largest amount, the higher of two (accounting.md 3.3)."""
        sums = {rate: abs(sum((line.amount for line in some), ZERO)) for rate, some in by_rate.items() if rate is not None}
        if not any(sums.values()):
            return ZERO if document.vat_type in WITHOUT_VAT else STANDARD_RATE
        return max(sums, key=lambda rate: (sums[rate], rate))

    def _vat(self, amount: Decimal, rate: Decimal) -> Decimal:
        return vat_from_gross(amount, rate) if self._inclusive else vat_from_net(amount, rate)

    def _vat_of(self, rate: Decimal | None, lines: Sequence[_Line], *, per_row: bool) -> Decimal | None:
        if rate is None or not all(line.own for line in lines):
            return None
        if per_row:
            return sum((self._vat(line.amount, rate) for line in lines), ZERO)
        return self._vat(sum((line.amount for line in lines), ZERO), rate)

    def _without_vat(self, cells: Mapping[str, Decimal], rate: Decimal | None, vat: Decimal | None) -> dict[str, Decimal]:
        """Return each account's net; the öre that rounding leaves goes to the largest one."""
        if not self._inclusive or rate is None or vat is None:
            return dict(cells)
        nets = {account: amount - vat_from_gross(amount, rate) for account, amount in cells.items()}
        largest = max(nets, key=lambda account: abs(nets[account]))
        nets[largest] += sum(cells.values(), ZERO) - vat - sum(nets.values(), ZERO)
        return nets


def _lines(document: Document, beside: Document) -> list[_Line] | None:
    """Return the rows that count; None where one of them says no quantity, no price or no sum."""
    if document.rows is ABSENT:
        return None
    untaxed = document.vat_type in WITHOUT_VAT
    found = []
    try:
        for row, partner in _in_pairs(document.lines, beside.lines):
            rate, own = (ZERO, True) if untaxed else (_rate(row), True)
            if rate is None:
                rate, own = _rate(partner), False
            account = str(row.account or "") or str(partner.account or "")
            found.append(_Line(_row_sum(row), rate, own, account))
    except (BadData, LookupError):
        return None
    return found


def _row_sum(row: Row) -> Decimal:
    """Return the sum of a row in the mode of its price. Raises LookupError where it has none, BadData for a number that is none."""
    told = _amount(row.total)
    if told is not None:
        return told
    price = _amount(row.price)
    if price is None or row.quantity is ABSENT:
        raise LookupError("no price")
    discount = None if row.discount is ABSENT else row.discount
    kind = None if row.discount_kind is ABSENT else row.discount_kind
    return row_total(Priced(row.quantity, price, ZERO, discount, kind), "row")


def _in_pairs(mine: Sequence[Row], theirs: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    """Yield each row that is no text with the one that it is on the other side: in its place, or else the next of its article."""
    own = [row for row in mine if not row.is_text]
    left = [row for row in theirs if not row.is_text]
    alike = len(own) == len(left)
    for place, row in enumerate(own):
        if alike:
            yield row, left[place] if _may_be(row, left[place]) else Row()
            continue
        found = next((one for one in left if row.article_number and one.article_number == row.article_number), None)
        if found is not None:
            left.remove(found)
        yield row, found or Row()


def _may_be(row: Row, other: Row) -> bool:
    return not row.article_number or not other.article_number or row.article_number == other.article_number


def _rate(row: Row) -> Decimal | None:
    return None if row.vat is ABSENT else row.vat


def _amount(money: Money | Absent | None) -> Decimal | None:
    return money.amount if isinstance(money, Money) else None


def _day(value: date | Absent | None) -> date | None:
    return value if isinstance(value, date) else None
