"""A shop order → Document, by the rules of core/webshop.py. Pure. The only place that knows the shop's field names of orders.

Amounts are with VAT and exact; the document's rows reach the shop's total to the öre, or the order is held (accounting.md 4).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from brygga.clients.textalk import Raw, wire
from brygga.connectors.textalk.buyer import buyer_of, shown
from brygga.connectors.textalk.held import BY_HAND, Held, amount, day, name_of
from brygga.connectors.textalk.order_rows import NUMBER, Options, described, rows_of
from brygga.connectors.textalk.settings import Settings
from brygga.core.absent import ABSENT
from brygga.core.document import Amount, Document
from brygga.core.money import ZERO, Money
from brygga.core.webshop import OtherPayment, document_kind
from brygga.errors import SettingsError

__all__ = [
    "HELD",
    "NUMBER",
    "PLACES",
    "QUERY",
    "WAYS",
    "Held",
    "Paid",
    "document",
    "head",
    "kind_of",
    "names_of",
    "paid_by",
    "total_of",
]

QUERY: Final[Mapping[str, Any]] = {
    "uid": True, "orderNumber": True, "ordered": True, "changed": True, "customer": True, "currency": True, "costs": True,
    "note": True, "externalOrderNumber": True, "discarded": True, "paymentStatus": True,
    "items": {"article": True, "articleNumber": True, "articleName": True, "choices": True, "costs": True, "discountInfo": True},
    "payments": {"uid": True, "method": True, "amount": True, "status": True},
}  # fmt: skip
GONE: Final = frozenset({"cancelled", "error"})
"""Payments of these states bring no money."""
CREDITED: Final = frozenset({"invoice", "cash_invoice"})
"""Documents that can be credited; what is booked can be taken back in no other way."""

HELD: Final = frozenset({"number"})
PLACES: Final[Mapping[str, str]] = {
    "kind": "payments.method",
    "number": "externalOrderNumber",
    "customer_ref": "customer",
    "date": "ordered",
    "currency": "currency",
    "prices_include_vat": "–",
    "rows": "items, costs, payments",
    "your_order_number": "orderNumber",
    "comments": "note",
    "total": "costs.total",
    "to_pay": "costs.total, payments",
    "subject": "orderNumber",
    "customer_name": "customer.info, customer.address",
    "organisation_number": "customer.info",
    "vat_type": "costs.vatRate, customer.deliveryAddress.country",
    "email": "customer.info.email",
    "phone": "customer.address.phoneMobile, phoneDay, phoneNight",
    "your_reference": "customer.address.firstName + lastName",
    "invoice_street": "customer.address.address + address2",
    "invoice_postcode": "customer.address.postcode",
    "invoice_city": "customer.address.town",
    "invoice_country": "customer.address.country",
    "delivery_name": "customer.deliveryAddress.name",
    "delivery_street": "customer.deliveryAddress.address + address2",
    "delivery_postcode": "customer.deliveryAddress.postcode",
    "delivery_city": "customer.deliveryAddress.town",
    "delivery_country": "customer.deliveryAddress.country",
    "booked": "payments.status",
    "paid_by": "payments.method",
    "cancelled": "discarded",
}
"""What the maps below translate by: our field -> the shop's; – for what is always the same."""
PAYMENT_PLACES: Final[Mapping[str, str]] = {
    "number": "uid",
    "invoice_number": "externalOrderNumber",
    "amount": "payments.amount",
    "date": "payments, changed",
    "mode": "payments.method",
    "booked": "–",
}
WAYS: Final[Mapping[str, str]] = {
    "rows": "Goods, freight, fee and discount as rows with the accounts of the settings; they reach the shop's total to the öre.",
    "kind": "The kind of document by the method of payment.",
    "prices_include_vat": "Always with VAT.",
}


@dataclass(frozen=True, slots=True)
class Paid:
    """How an order was paid: the method that decides, what was collected, what went by gift card and the like."""

    method: str
    collected: Decimal
    cards: tuple[OtherPayment, ...]
    mode: str
    """the mode of payment in Fortnox where the money has come, "" where it has not"""


def paid_by(order: Raw, methods: Mapping[int, Raw], settings: Settings) -> Paid:
    """Return how an order was paid. Raises Held where two methods, or none, could decide."""
    main: dict[str, Decimal] = {}
    cards: list[OtherPayment] = []
    modes: list[str] = []
    last = ""
    for payment in order.get("payments") or ():
        names = names_of(payment.get("method"), methods)
        if payment.get("status") in GONE:
            continue
        worth = wire.number(payment.get("amount")) or Decimal(0)
        card = next((name for name in names if name in settings.other_payments), None)
        last = names[-1]
        if card is not None:
            rate = settings.other_payments[card]
            cards.append(OtherPayment(worth, "multi_purpose" if rate is None else "single_purpose", rate))
            continue
        key = next((name for name in names if name in settings.documents), names[-1])
        main[key] = main.get(key, Decimal(0)) + worth
        mode = next((settings.paid_methods[name] for name in names if name in settings.paid_methods), "")
        modes.append(mode if payment.get("status") == "paid" else "")
    if len(main) > 1:
        raise Held(
            "Order {number} was paid by {methods}, and which of them decides its document is not ours to guess.",
            BY_HAND,
            "TXT-09",
            number=name_of(order),
            methods=", ".join(main),
        )
    method = next(iter(main), last)
    mode = modes[0] if modes and all(modes) else ""
    return Paid(method, sum(main.values(), Decimal(0)), tuple(cards), mode)


def names_of(method: Any, methods: Mapping[int, Raw]) -> tuple[str, ...]:
    """Return what a payment method is called in the settings: its uid and its names, the Swedish one last."""
    held = methods.get(method, {}) if isinstance(method, int) else {}
    texts = held.get("name") or {}
    spoken = wire.spoken(texts)
    return (str(method), *(str(text) for text in texts.values() if text and text != spoken), spoken or str(method))


def kind_of(order: Raw, methods: Mapping[int, Raw], settings: Settings) -> str:
    """Return which document an order becomes (TXT-08 to TXT-11). Raises Held for a method without a choice."""
    paid = paid_by(order, methods, settings)
    try:
        return document_kind(paid.method, settings.documents)
    except SettingsError:
        raise Held(
            "Order {number} waits: no type of document is chosen for the payment method {method}.",
            "Choose one under “Typ av resurs i Fortnox”.",
            "TXT-09",
            number=name_of(order),
            method=paid.method,
        ) from None


def document(order: Raw, methods: Mapping[int, Raw], settings: Settings, options: Options | None = None) -> Document:
    """Return the document of an order. Raises Held where it cannot be reckoned to the öre, or cannot be taxed as it was sold."""
    paid = paid_by(order, methods, settings)
    kind = kind_of(order, methods, settings)
    prepared, how = rows_of(order, paid.collected, paid.cards, options or {}, settings)
    currency = currency_of(order)
    values: dict[str, Any] = {
        **head(order, kind, settings),
        "date": day(order, "ordered"),
        "prices_include_vat": True,
        "vat_type": how.vat_type,
        "rows": described(prepared, currency),
        "your_order_number": str(order.get("orderNumber") or ""),
        "comments": str(order.get("note") or "").strip(),
        "total": Money(prepared.totals.exact, currency),
        "to_pay": Money(paid.collected, currency),
        **shown(order, settings.info_fields),
    }
    if paid.mode and kind in ("invoice", "cash_invoice"):
        values["booked"] = True
    if kind == "cash_invoice":
        values["paid_by"] = settings.cash_ways.get(paid.method, "CARD")
    if order.get("discarded") is True and settings.credit_in_fortnox and kind in CREDITED:
        values["credited"] = True
    return Document(**values)


def total_of(order: Raw, methods: Mapping[int, Raw], settings: Settings) -> Amount:
    """Return what an order comes to for its document: the shop's total less gift cards and the like; ABSENT where it cannot be told."""
    try:
        currency = currency_of(order)
        cards = paid_by(order, methods, settings).cards
        total = amount(order, "costs", "total") - sum((card.amount for card in cards), ZERO)
    except Held:
        return ABSENT
    return Money(total, currency)


def currency_of(order: Raw) -> str:
    """Return the currency of an order. Raises Held where it says none: neither kronor nor the customer's card stands for it."""
    if currency := str(order.get("currency") or ""):
        return currency
    raise Held(
        "Order {number} was not exported: it says no currency.",
        "Look at the order in the shop, and make its document in Fortnox by hand.",
        "TXT-08",
        number=name_of(order),
    )


def head(order: Raw, kind: str, settings: Settings) -> dict[str, Any]:
    """Return what is told of every order, also of one that cannot be reckoned.

    A cancelled order names no customer: where it was not exported there is nothing to wait for one.
    """
    values: dict[str, Any] = {
        "kind": kind,
        "number": str(order.get("externalOrderNumber") or ""),
        "customer_ref": "" if order.get("discarded") is True else buyer_of(order, settings.info_fields),
        "currency": str(order.get("currency") or "") or ABSENT,
        "subject": name_of(order),
    }
    if order.get("discarded") is True:
        values["cancelled"] = True
    return values
