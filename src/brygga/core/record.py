"""The records that all systems share, in our words. Frozen; the one model of each thing.

A field that a system does not have, or did not send, is `ABSENT`: it is never written and never merged. That is not the
same as empty: an empty text is `""`, an empty reference is `""`, and clearing a value on one side clears it on the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import Any, Literal, TypeAlias, TypeVar

from brygga.core.absent import ABSENT, Absent, Text
from brygga.core.document import Article, Document, Payment, Price, PriceList, Settlement

__all__ = [
    "ABSENT",
    "Absent",
    "Article",
    "Customer",
    "Document",
    "Kind",
    "Payment",
    "Price",
    "PriceList",
    "Record",
    "Ref",
    "Settlement",
    "Text",
    "Value",
    "present",
    "with_values",
]

Kind: TypeAlias = Literal[
    "customer", "article", "price_list", "price", "offer", "order", "invoice", "cash_invoice", "payment", "settlement"
]
"""What streams move. Offers, orders, invoices and cash invoices are all `Document`s, in registers and number series of their own."""
Value: TypeAlias = object
"""What a field of a record holds: text, bool, int, Decimal, date, Money, or a tuple of records; compared by `diff.same`."""


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """The address of one record: the system it lives in, its kind there, and the id that the system gave it."""

    system: str
    kind: str
    id: str

    def __str__(self) -> str:
        return f"{self.system} {self.kind} {self.id}"


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer, as a business system (organisation, company) or Fortnox (customer) holds it. Rows WEB-13 to WEB-24.

    number               the customer number in Fortnox (Kundnummer), digits, letters and `- + / _`
    kind                 "company" or "private" (Typ)
    organisation_number  Swedish organisation or personal number, or a foreign register number (Organisationsnummer)
    vat_number           with country letters (VAT-nummer)
    currency             ISO 4217 (Valuta)
    terms_of_payment     the code of the terms in Fortnox' register, such as "30" (Betalningsvillkor)
    *_street             street lines, one line of text each, divided by a line feed
    *_country            ISO 3166 two letters
    active               False where the record is put away and not used in new documents
    vat_type             SEVAT, EUREVERSEDVAT, EUVAT or EXPORT (VAT-typ), where the sale that the customer is made for decides it
    """

    number: Text = ABSENT
    name: Text = ABSENT
    kind: Text = ABSENT
    organisation_number: Text = ABSENT
    vat_number: Text = ABSENT
    currency: Text = ABSENT
    terms_of_payment: Text = ABSENT
    email: Text = ABSENT
    email_invoice: Text = ABSENT
    phone: Text = ABSENT
    phone2: Text = ABSENT
    fax: Text = ABSENT
    website: Text = ABSENT
    our_reference: Text = ABSENT
    your_reference: Text = ABSENT
    invoice_street: Text = ABSENT
    invoice_postcode: Text = ABSENT
    invoice_city: Text = ABSENT
    invoice_country: Text = ABSENT
    visiting_street: Text = ABSENT
    visiting_postcode: Text = ABSENT
    visiting_city: Text = ABSENT
    visiting_country: Text = ABSENT
    delivery_name: Text = ABSENT
    delivery_street: Text = ABSENT
    delivery_postcode: Text = ABSENT
    delivery_city: Text = ABSENT
    delivery_country: Text = ABSENT
    active: bool | Absent = ABSENT
    vat_type: Text = ABSENT


def invoiced_where_it_is(customer: Customer) -> Customer:
    """Return a customer with the country on its invoice address, which a card without one takes to be Sweden: that of its visiting address."""
    if customer.invoice_country or customer.visiting_country in (ABSENT, "", "SE"):
        return customer
    return replace(customer, invoice_country=customer.visiting_country)


Record: TypeAlias = Customer | Article | PriceList | Price | Document | Payment | Settlement
R = TypeVar("R", bound=Record)

_NAMES: dict[type, tuple[str, ...]] = {
    kind: tuple(f.name for f in fields(kind)) for kind in (Customer, Article, PriceList, Price, Document, Payment, Settlement)
}


# Every record that is read passes here: its fields are taken at once.
_VALUES: dict[type, Callable[[Any], tuple[Value, ...]]] = {kind: attrgetter(*names) for kind, names in _NAMES.items()}


def present(record: Record) -> Iterator[tuple[str, Value]]:
    """Yield (field, value) for each field that is not absent, in the order of the class."""
    kind = type(record)
    for name, value in zip(_NAMES[kind], _VALUES[kind](record), strict=True):
        if value is not ABSENT:
            yield name, value


def with_values(record: R, values: Mapping[str, Value]) -> R:
    """Return the record with these fields set, itself where it has them. Raises TypeError for a field that the record does not know."""
    new = {name: value for name, value in values.items() if getattr(record, name, ...) is not value}
    return replace(record, **new) if new else record  # type: ignore[arg-type]
