"""What a document in Fortnox does not say as its source does: row by row, then the sums, the parties and the days. Pure.

Fortnox fills in, rounds and cuts without a word (Fortnox API, sections 5, 9.1, 9.8). A document that differs beyond normalising waits,
before it is booked or sent, until a person has corrected, cancelled or accepted it (DESIGN 5). A difference never travels back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from brygga.core.diff import same, same_discount
from brygga.core.document import Document, Row
from brygga.core.formerly import as_held
from brygga.core.money import ZERO, Money, percent_text, round_krona
from brygga.core.policy import LEFT, RIGHT, Holding, Policy, Side
from brygga.core.record import ABSENT, Value, present
from brygga.core.rows import partners_of
from brygga.core.totals import predict
from brygga.errors import BadData, Sentence

LARGEST_ROUND_OFF: Final = Decimal("0.50")
"""By so much at most a total is rounded to whole kronor, where the company has switched that on (accounting.md 3.2)."""

SENTENCES: Final[Mapping[str, str]] = {
    "rows": "Document {number}: there are {sent} rows in {system} and {held} in Fortnox.",
    "article": "Document {number}, row {row}: the article is “{sent}” in {system} and “{held}” in Fortnox.",
    "text": "Document {number}, row {row}: the text is “{sent}” in {system} and “{held}” in Fortnox.",
    "quantity": "Document {number}, row {row}: the quantity is {sent} in {system} and {held} in Fortnox.",
    "price": "Document {number}, row {row}: the price is {sent} in {system} and {held} in Fortnox.",
    "discount": "Document {number}, row {row}: the discount is {sent} in {system} and {held} in Fortnox.",
    "vat_rate": "Document {number}, row {row}: the VAT rate is {sent} % in {system} and {held} % in Fortnox.",
    "account": "Document {number}, row {row}: the account is {sent} in {system} and {held} in Fortnox.",
    "net": "Document {number} comes to {sent} without VAT in {system} and to {held} in Fortnox.",
    "vat": "Document {number}: the VAT is {sent} by the rows of {system} and {held} in Fortnox.",
    "total": "Document {number} comes to {sent} in {system} and to {held} in Fortnox.",
    "to_pay": "Document {number}: {sent} is to pay in {system} and {held} in Fortnox; rounding to whole kronor does not explain it.",
    "round_off": "Document {number}: the total is rounded by {held} in Fortnox, and {sent} is the most.",
    "freight": "Document {number}: the freight is {sent} in {system} and {held} in Fortnox.",
    "fee": "Document {number}: the fee is {sent} in {system} and {held} in Fortnox.",
    "currency": "Document {number}: the currency is {sent} in {system} and {held} in Fortnox.",
    "with_vat": "Document {number}: the prices are with VAT in {system} and without VAT in Fortnox.",
    "without_vat": "Document {number}: the prices are without VAT in {system} and with VAT in Fortnox.",
    "name": "Document {number}: the customer's name is “{sent}” in {system} and “{held}” in Fortnox.",
    "address": "Document {number}: the invoice address has “{sent}” in {system} and “{held}” in Fortnox.",
    "delivery": "Document {number}: the delivery address has “{sent}” in {system} and “{held}” in Fortnox.",
    "date": "Document {number}: a date is {sent} in {system} and {held} in Fortnox.",
    "supplier": "Document {number}: the supplier is {sent} in {system} and {held} in Fortnox.",
    "posting": "Document {number}: account {row} has {sent} in {system} and {held} in Fortnox.",
    "edited": "Document {number}: {field} was changed in {system} after the export; it is “{sent}” there and “{held}” in Fortnox.",
    "reference": "Document {number}: a reference is “{sent}” in {system} and “{held}” in Fortnox.",
    "payment_invoice": "Payment {number} is of invoice {sent} in {system} and of invoice {held} in Fortnox.",
    "payment_amount": "Payment {number}: the amount is {sent} in {system} and {held} in Fortnox.",
    "payment_day": "Payment {number}: the day is {sent} in {system} and {held} in Fortnox.",
    "payment_mode": "Payment {number}: the mode of payment is “{sent}” in {system} and “{held}” in Fortnox.",
}
"""What is said of a difference, by its sort."""
SORTS: Final = tuple(sort for sort in SENTENCES if sort != "without_vat")
"""The sorts of differences, as a setting names those that are accepted as a rule."""

_FIELDS: Final[Mapping[str, str]] = {
    "currency": "currency",
    "customer_name": "name",
    **dict.fromkeys(("invoice_street", "invoice_postcode", "invoice_city", "invoice_country"), "address"),
    **dict.fromkeys(("delivery_name", "delivery_street", "delivery_postcode", "delivery_city", "delivery_country"), "delivery"),
    **dict.fromkeys(("date", "delivery_date", "due", "expires"), "date"),
    **dict.fromkeys(("our_reference", "your_reference", "your_order_number"), "reference"),
}
_OWN: Final = frozenset({"freight", "fee", "prices_include_vat", "payable", "input_vat", "supplier_number", "amount", "mode"})
"""Other fields that are written by themselves."""
_OF_SUMS: Final = frozenset({"net", "vat", "total", "to_pay", "round_off"})
_MAKES_SUMS: Final = frozenset({"rows", "payable", "input_vat", "freight", "fee", "prices_include_vat", "currency", "vat_type"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a document says otherwise in Fortnox than in its source.

    sort    which of SORTS
    place   the number of the row, or the field
    sent, held   both values, as a person reads them
    row     what the row says of itself, so that it is known again where others were put in before it
    always  whether it counts whenever it is seen, and not only where Fortnox answered so: sums that the source itself says, and amounts
            in the head that it has no place for
    """

    sort: str
    place: str
    sent: str
    held: str
    row: str = ""
    always: bool = False

    @property
    def key(self) -> str:
        """Return what tells it from another difference of the same document, whatever the values."""
        return f"{self.sort}:{self.row or self.place}"

    @property
    def said(self) -> str:
        """Return it with both values: what a person accepts, so that another difference at the same place is asked anew."""
        return f"{self.key}:{self.sent}:{self.held}"

    def waits_for(self, pending: Collection[str]) -> bool:
        """Say whether a change of these fields, which is on its way, may settle it."""
        if self.sort in _OF_SUMS:
            return not _MAKES_SUMS.isdisjoint(pending)
        own = {"freight": "freight", "fee": "fee", "supplier": "supplier_number"}
        return (self.place if self.place in _FIELDS else own.get(self.sort, "rows")) in pending

    def sentence(self, system: str, number: str) -> Sentence:
        """Say it, with where and both values; *system* is what people call the source."""
        sort = "without_vat" if self.sort == "with_vat" and self.sent == "no" else self.sort
        facts = {"number": number, "system": system, "sent": self.sent, "held": self.held}
        where = {"row": self.place} if self.place.isdecimal() else {"field": self.place} if sort == "edited" else {}
        return Sentence(SENTENCES[sort], {**facts, **where})

    @property
    def field(self) -> str:
        """Return the field of the document that is written to set it right; "" where nothing that the source says does."""
        if self.sort in ("to_pay", "round_off", "payment_invoice"):
            return ""
        if self.sort == "edited" or self.place in _FIELDS or self.place in _OWN:
            return self.place
        return "rows"


def differences(
    sent: Document,
    held: Document,
    *,
    said: Document | None = None,
    accepted: Collection[str] = (),
    from_card: Collection[str] = (),
    heads: Collection[str] = (),
) -> tuple[Difference, ...]:
    """Return what Fortnox holds otherwise than it was sent, the rows first; a document that is cancelled or credited is let alone.

    sent       what was written, as Fortnox can hold it; what is ABSENT or empty is not compared
    held       the document as Fortnox shows it
    said       the source's own sums, where it says some: net, VAT and total
    accepted   the sorts that a person accepts as a rule
    from_card  the fields that are wanted from the customer's card, such as "freight"
    heads      the amounts of the head, "freight" and "fee", that count whenever they are seen: the source has no place for them
    """
    if held.cancelled is True or held.credited is True:
        return ()
    rows = list(_rows(sent, held)) if sent.rows is not ABSENT and held.rows is not ABSENT else []
    found = [*rows, *_heads(sent, held, from_card, heads)]
    if not {one.sort for one in rows} & {"rows", "quantity", "price", "discount", "vat_rate"}:
        found += _sums(sent, held)
    # What the source itself says of its sums comes before what its rows were reckoned to.
    own = list(_said(said or Document(), held))
    keys = {one.key for one in own}
    found = [*own, *(one for one in found if one.key not in keys)]
    return tuple(one for one in found if one.sort not in accepted)


def comparing(
    fill: Callable[[Side, Any], Any],
    holds: Mapping[Side, Holding],
    policy: Policy,
    *,
    said: Collection[str] = (),
    accepted: Collection[str] = (),
    from_card: Collection[str] = (),
    heads: Collection[str] = (),
) -> Callable[[Document, Document], tuple[Difference, ...]]:
    """Return what compares a document of a stream with Fortnox', as `Rules.compare` does.

    fill      what completes it before it is made there; *holds* what both sides can hold, *policy* who decides what
    said      the sums that the source says itself: "net", "vat", "total" with its "round_off"
    accepted  the sorts that a setting accepts as a rule; *from_card* and *heads* as in `differences`
    """
    held = holds[RIGHT]
    written = held.fields - set(held.steps) - {name for name, side in policy.governed.items() if side == RIGHT}
    texts = holds[LEFT].text_rows

    def compare(left: Document, right: Document) -> tuple[Difference, ...]:
        if not isinstance(left, Document) or not isinstance(right, Document):
            return ()
        given: dict[str, Any] = {
            name: as_held(held, name, value, getattr(right, name)) for name, value in present(fill(RIGHT, left)) if name in written
        }
        if not texts and right.rows is not ABSENT:
            right = replace(right, rows=tuple(row for row in right.rows if not row.is_text))
        sums: dict[str, Any] = {name: value for name, value in present(left) if name in said and value is not None}
        return differences(
            Document(**given),
            right,
            said=Document(**sums),
            accepted=accepted,
            from_card=from_card,
            heads=heads,
        )

    return compare


def _rows(sent: Document, held: Document) -> Iterator[Difference]:
    wanted, there = sent.lines, held.lines
    if len(wanted) != len(there):
        yield Difference("rows", "rows", str(len(wanted)), str(len(there)))
    places = range(len(wanted)) if len(wanted) == len(there) else partners_of(there, wanted)
    for number, (row, place) in enumerate(zip(wanted, places, strict=True), 1):
        if place is not None:
            yield from _row(str(number), row, there[place])


def _row(place: str, row: Row, held: Row) -> Iterator[Difference]:
    mark = f"{row.article_number or ''}|{row.description or ''}"
    texts = (("article_number", "article"), ("description", "text"))
    for name, sort in texts[1:] if row.is_text else texts:
        one, two = getattr(row, name), getattr(held, name)
        if one not in (ABSENT, "") and not same(name, one, two or ""):
            yield Difference(sort, place, text_of(one), text_of(two), mark)
    if row.is_text:
        return
    for name, sort in (("quantity", "quantity"), ("price", "price"), ("vat", "vat_rate")):
        one, two = getattr(row, name), getattr(held, name)
        if one is not ABSENT and one != two:
            yield Difference(sort, place, text_of(one), text_of(two), mark)
    off = [(one.discount or ZERO) if one.discount is not ABSENT else ZERO for one in (row, held)]
    kinds = [one.discount_kind or "percent" for one in (row, held)]
    if (off[0] != off[1] or (off[0] and kinds[0] != kinds[1])) and row.discount is not ABSENT and not same_discount(row, held):
        yield Difference("discount", place, _off(row), _off(held), mark)
    if row.account and not same("account", row.account, held.account or ""):
        yield Difference("account", place, text_of(row.account), text_of(held.account), mark)


def _heads(sent: Document, held: Document, from_card: Collection[str], heads: Collection[str]) -> Iterator[Difference]:
    for name, sort in _FIELDS.items():
        one, two = getattr(sent, name), getattr(held, name)
        if one in (ABSENT, "", None) or two is ABSENT or same(name, one, two):
            continue
        if name.endswith("_country") and not two:
            # A document to Sweden bears no country (Fortnox API, section 5).
            continue
        yield Difference(sort, name, text_of(one), text_of(two))
    modes = (sent.prices_include_vat, held.prices_include_vat)
    if modes in ((True, False), (False, True)):
        yield Difference("with_vat", "prices_include_vat", "yes" if modes[0] else "no", "yes" if modes[1] else "no")
    for name in ("freight", "fee"):
        one, two = getattr(sent, name), getattr(held, name)
        if name in from_card or not isinstance(two, Money):
            continue
        wanted = one.amount if isinstance(one, Money) else ZERO
        if wanted != two.amount:
            yield Difference(name, name, text_of(Money(wanted, two.currency)), text_of(two), always=name in heads)


def _sums(sent: Document, held: Document) -> Iterator[Difference]:
    """Yield the sums that are not what Fortnox' arithmetic makes of the rows, whichever way it rounds VAT."""
    off = held.round_off.amount if isinstance(held.round_off, Money) else ZERO
    if abs(off) > LARGEST_ROUND_OFF or (off and held.currency not in ("SEK", ABSENT, "")):
        most = LARGEST_ROUND_OFF if held.currency in ("SEK", ABSENT, "") else ZERO
        yield Difference("round_off", "round_off", f"{most:f}", text_of(held.round_off))
    rows = sent.lines
    if not rows or len(rows) != len(held.lines):
        return
    filled = tuple(_filled(row, there) for row, there in zip(rows, held.lines, strict=True))
    document = replace(
        held, rows=filled, vat_type=ABSENT, tax_reduction=ABSENT,
        prices_include_vat=held.prices_include_vat if sent.prices_include_vat is ABSENT else sent.prices_include_vat,
    )  # fmt: skip
    try:
        expected = predict(document, round_to_krona=False).either()
    except BadData:
        # A number that Fortnox says nothing of either: there is nothing to reckon with.
        return
    best: list[Difference] = []
    for place, totals in enumerate(expected):
        wanted = {"net": totals.net, "vat": totals.vat, "total": totals.exact}
        found = list(_compared(wanted, held, off, always=False))
        best = found if place == 0 or len(found) < len(best) else best
    yield from best


def _filled(row: Row, held: Row) -> Row:
    """Return a row with what was left for Fortnox to fill."""
    if row.is_text:
        return row
    given: dict[str, Any] = {name: getattr(held, name) for name in ("quantity", "price", "vat") if getattr(row, name) is ABSENT}
    return replace(row, **given) if given else row


def _said(said: Document, held: Document) -> Iterator[Difference]:
    off, own_off = _off_of(held), _off_of(said)
    if isinstance(said.total, Money):
        found = list(_compared({"total": said.total.amount - own_off}, held, off, always=True))
        yield from found or _to_pay(said, held)
    wanted = {name: value.amount for name in ("net", "vat") if isinstance(value := getattr(said, name), Money)}
    yield from _compared(wanted, held, off, always=True)


def _off_of(document: Document) -> Decimal:
    return document.round_off.amount if isinstance(document.round_off, Money) else ZERO


def _to_pay(said: Document, held: Document) -> Iterator[Difference]:
    """Yield what is to pay where both are of one sum, and rounding to whole kronor is not all that keeps them apart."""
    if not (isinstance(said.total, Money) and isinstance(held.total, Money)):
        return
    one, two = said.total.amount, held.total.amount
    rounded = all(_is_rounding(side.total.amount, _off_of(side), held) for side in (said, held) if isinstance(side.total, Money))
    if one != two and not (rounded and abs(one - two) <= LARGEST_ROUND_OFF):
        yield Difference("to_pay", "to_pay", f"{one:f}", f"{two:f}", always=True)


def _is_rounding(total: Decimal, off: Decimal, held: Document) -> bool:
    """Say whether what a total was rounded by is rounding to whole kronor, which is a setting for kronor (accounting.md 3.2)."""
    return not off or (held.currency in ("SEK", ABSENT, "") and abs(off) <= LARGEST_ROUND_OFF and total == round_krona(total))


def rounded(source: object, held: object, system: str) -> Sentence | None:
    """Say that what is to pay differs between a document of *system* and Fortnox' as one of them rounds to whole kronor.

    None where it does not, and where more than rounding keeps them apart: that holds the document (`differences`).
    """
    if not (isinstance(source, Document) and isinstance(held, Document)):
        return None
    if not (isinstance(source.total, Money) and isinstance(held.total, Money)):
        return None
    one, two = source.total.amount, held.total.amount
    if one == two or one - _off_of(source) != two - _off_of(held) or list(_to_pay(source, held)):
        return None
    facts = {"number": str(held.number or ""), "system": system, "sent": f"{one:f}", "held": f"{two:f}"}
    said = "Document {number}: {sent} is to pay in {system} and {held} in Fortnox, as one of them rounds to whole kronor."
    return Sentence(said, facts)


def _compared(wanted: Mapping[str, Decimal], held: Document, off: Decimal, *, always: bool) -> Iterator[Difference]:
    for name, amount in wanted.items():
        there = getattr(held, name)
        if isinstance(there, Money):
            value = there.amount - off if name == "total" else there.amount
            if value != amount:
                yield Difference(name, name, f"{amount:f}", f"{value:f}", always=always)


def _off(row: Row) -> str:
    if row.discount is ABSENT or not row.discount:
        return "0"
    return text_of(row.discount) if row.discount_kind == "amount" else f"{percent_text(row.discount)} %"


def text_of(value: Value) -> str:
    """Return a value of a document as a person reads it, "" for none."""
    if isinstance(value, Money):
        return f"{value.amount:f}"
    if isinstance(value, Decimal):
        return percent_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return "" if value in (ABSENT, None) else str(value)


def told(compare: Callable[[Any, Any], Sequence[Difference]], document: object) -> frozenset[str]:
    """Return what is said of a document of Fortnox as its record is made elsewhere, as `Difference.said`: it is not asked again.

    What its head has from the beginning is told then; another amount that is put there later is another difference.
    """
    if not isinstance(document, Document):
        return frozenset()
    return frozenset(one.said for one in compare(Document(), document) if one.always)


OURS: Final = "brygga:"
"""How the key begins that a document made by the hub carries."""


def came_from_fortnox(document: object) -> bool:
    """Say whether a document was made in Fortnox by others, as far as it shows it: it does not carry a key of the hub's."""
    key = getattr(document, "external_reference1", ABSENT)
    return key is not ABSENT and not str(key).startswith(OURS)


def counted(found: Sequence[Difference], differs: Collection[str], accepted: Collection[str]) -> tuple[Difference, ...]:
    """Return the differences that hold a document: those that Fortnox answered with, and sums, but none that a person accepted.

    differs   keys of what the answer to our last write said otherwise
    accepted  what a person accepted once, as `Difference.said`
    """
    return tuple(one for one in found if (one.always or one.key in differs) and one.said not in accepted)
