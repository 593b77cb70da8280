"""A shop order → Document, by the rules of core/webshop.py. Pure. The only place that knows the shop's field names of orders.

Amounts are with VAT and exact; the document's rows reach the shop's total to the öre, or the order is held (accounting.md 4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from brygga.clients.textalk import Raw, wire
from brygga.connectors.textalk.settings import Settings
from brygga.core.document import Document, Row
from brygga.core.money import Money, percent_text
from brygga.core.plan import Hold
from brygga.core.vat import EU_STATES
from brygga.core.webshop import OtherPayment, Prepared, ShopItem, ShopOrder, document_kind, prepare
from brygga.errors import BadData, Sentence, SettingsError

QUERY: Final[Mapping[str, Any]] = {
    "uid": True, "orderNumber": True, "ordered": True, "changed": True, "customer": True, "currency": True, "costs": True,
    "note": True, "externalOrderNumber": True, "discarded": True, "paymentStatus": True,
    "items": {"articleNumber": True, "articleName": True, "choices": True, "costs": True, "discountInfo": True},
    "payments": {"uid": True, "method": True, "amount": True, "status": True},
}  # fmt: skip
GONE: Final = frozenset({"cancelled", "error"})
"""Payments of these states bring no money."""
CREDITED: Final = frozenset({"invoice", "cash_invoice"})
"""Documents that can be credited; what is booked can be taken back in no other way."""
SWEDISH: Final = frozenset({"25", "12", "6", "0"})
NUMBER: Final = re.compile(r"[\w\-/\\+$]{1,50}")
"""Signs of an article number that Fortnox takes: letters, digits and _ - / \\ + $ (systems.md 5.2)."""

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


class Held(Exception):
    """The order waits; the hold says why."""

    def __init__(self, template: str, repair: str, rule: str, **facts: object) -> None:
        super().__init__(template)
        texts = {name: str(value) for name, value in facts.items()}
        self.hold = Hold(Sentence(template, texts), rule, Sentence(repair, texts))


def _as_said(sentence: Sentence, repair: str) -> Held:
    """Return what holds an order for a reason that the arithmetic gives, in its own words."""
    held = Held(sentence.template, repair, "TXT-08")
    held.hold = Hold(sentence, "TXT-08", Sentence(repair))
    return held


@dataclass(frozen=True, slots=True)
class Paid:
    """How an order was paid: the method that decides, what was collected, what went by gift card and the like."""

    method: str
    collected: Decimal
    cards: tuple[OtherPayment, ...]
    mode: str
    """the mode of payment in Fortnox where the money has come, "" where it has not"""


def amount(order: Mapping[str, Any], *path: str) -> Decimal:
    """Return an amount with VAT of the order. Raises Held where there is none."""
    found = wire.number(wire.nested(order, *path, "incVat"))
    if found is None:
        raise Held(
            "Order {number} has no amount at {place}.",
            "Look at the order in the shop.",
            "",
            number=_name(order),
            place="/".join(path),
        )
    return found


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
            "Make the document by hand in Fortnox, and type its number on the order.",
            "TXT-09",
            number=_name(order),
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
            number=_name(order),
            method=paid.method,
        ) from None


def document(order: Raw, methods: Mapping[int, Raw], settings: Settings) -> Document:
    """Return the document of an order. Raises Held where it cannot be reckoned to the öre."""
    paid = paid_by(order, methods, settings)
    kind = kind_of(order, methods, settings)
    prepared = rows_of(order, paid, settings)
    currency = str(order.get("currency") or "SEK")
    names = {str(item.get("articleNumber")): str(item.get("articleName") or "") for item in order.get("items") or ()}
    rows = tuple(_described(row.as_row(currency), names) for row in prepared.rows)
    when = wire.time_of(order.get("ordered"))
    values: dict[str, Any] = {
        "kind": kind,
        "number": str(order.get("externalOrderNumber") or ""),
        "customer_ref": buyer_of(order),
        "date": when.astimezone(wire.STOCKHOLM).date() if when else None,
        "currency": currency,
        "prices_include_vat": True,
        "rows": rows,
        "your_order_number": str(order.get("orderNumber") or ""),
        "comments": str(order.get("note") or "").strip(),
        "total": Money(prepared.totals.exact, currency),
        "to_pay": Money(paid.collected, currency),
        "subject": _name(order),
    }
    values |= _delivery(order)
    if paid.mode and kind in ("invoice", "cash_invoice"):
        values["booked"] = True
    if kind == "cash_invoice":
        values["paid_by"] = settings.cash_ways.get(paid.method, "CARD")
    if order.get("discarded") is True:
        values["cancelled"] = True
        if settings.credit_in_fortnox and kind in CREDITED:
            values["credited"] = True
    return Document(**values)


def _described(row: Row, names: Mapping[str, str]) -> Row:
    name = names.get(str(row.article_number), "")
    return replace(row, description=name) if name else row


def _delivery(order: Raw) -> dict[str, str]:
    where = wire.nested(order, "customer", "deliveryAddress") or {}
    if where.get("copyAddress") or not where.get("address"):
        return {}
    person = " ".join(filter(None, (where.get("firstName"), where.get("lastName"))))
    return {
        "delivery_name": str(where.get("name") or person),
        "delivery_street": "\n".join(filter(None, (where.get("address"), where.get("address2")))),
        "delivery_postcode": str(where.get("postcode") or ""),
        "delivery_city": str(where.get("town") or ""),
        "delivery_country": str(where.get("country") or ""),
    }


def rows_of(order: Raw, paid: Paid, settings: Settings) -> Prepared:
    """Return the rows that reach the shop's total. Raises Held, naming both sums, when they do not."""
    items, discount = _items(order, settings)
    shipping, fee = amount(order, "costs", "shipment"), amount(order, "costs", "payment")
    shop_order = ShopOrder(items, paid.collected, shipping, fee, discount, paid.cards)
    try:
        prepared = prepare(shop_order, settings.rows(_sales(order, items, settings)))
    except BadData as error:
        raise _as_said(error.sentence, "Look at the order in the shop.") from None
    total = amount(order, "costs", "total") - sum((card.amount for card in paid.cards), Decimal(0))
    if prepared.totals.exact != total:
        raise Held(
            "Order {number}: the rows come to {rows}, and the shop's total is {total}.",
            "Look at the order in the shop; nothing is evened out.",
            "TXT-08",
            number=_name(order),
            rows=prepared.totals.exact,
            total=total,
        )
    if prepared.held:
        raise _as_said(prepared.held[0], "Look at the payment in the shop; nothing is evened out.")
    return prepared


def _items(order: Raw, settings: Settings) -> tuple[tuple[ShopItem, ...], Decimal]:
    found: list[ShopItem] = []
    discount = Decimal(0)
    for item in order.get("items") or ():
        number = str(item.get("articleNumber") or "")
        if not NUMBER.fullmatch(number):
            raise Held(
                "Order {number}: the article number “{article}” has signs that Fortnox does not take, such as a space.",
                "Give the article a number of letters, digits and _ - / + in the shop.",
                "TXT-17",
                number=_name(order),
                article=number,
            )
        quantity = wire.nested(item, "choices", "quantity")
        rate = wire.percent(wire.nested(item, "costs", "total", "vatRate"))
        if not isinstance(quantity, int) or rate is None:
            raise Held("Order {number}: article {article} has no quantity or no VAT rate.", "Look at the order.", "TXT-12",
                       number=_name(order), article=number)  # fmt: skip
        supply = "services" if number in settings.services else "goods"
        found.append(ShopItem(number, quantity, amount(item, "costs", "total"), rate, supply))
        discount += wire.number(wire.nested(item, "discountInfo", "incVat")) or Decimal(0)
    goods, cart = sum((item.line_total for item in found), Decimal(0)), amount(order, "costs", "cart")
    if goods == cart:
        # The discounts are in the lines already.
        return tuple(found), Decimal(0)
    return tuple(found), discount


def _sales(order: Raw, items: tuple[ShopItem, ...], settings: Settings) -> dict[tuple[str, str], str]:
    """Return (supply, percent) → account for the order's country. Raises Held for a foreign rate without an account (TXT-12)."""
    country = country_of(order)
    sales: dict[tuple[str, str], str] = {}
    for item in items:
        rate = percent_text(item.rate)
        if rate == "0" and country != "SE":
            place = f"{item.supply} {'eu' if country in EU_STATES else 'export'}"
            account = settings.accounts_abroad.get(place, "")
        elif rate in SWEDISH:
            account = settings.accounts.get(f"{item.supply} {rate}", "")
        else:
            account = settings.accounts_abroad.get(f"{country} {rate}", "")
            if not account or item.rate != int(item.rate):
                raise Held(
                    "Order {number} has {rate} percent VAT to {country}, and no account is chosen for it.",
                    "Choose one for “{country} {rate}” under “Försäljningskonton utanför Sverige”, and make its VAT code in Fortnox.",
                    "TXT-12",
                    number=_name(order),
                    rate=rate,
                    country=country,
                )
        if account:
            sales[item.supply, rate] = account
    return sales


def country_of(order: Raw) -> str:
    """Return where an order goes: the delivery's country, else the buyer's, else Sweden."""
    where = wire.nested(order, "customer", "deliveryAddress") or {}
    home = wire.nested(order, "customer", "address", "country")
    return str((where.get("country") if not where.get("copyAddress") else "") or home or "SE").upper()


def buyer_of(order: Raw) -> str:
    """Return the id of an order's customer: a registered one's uid, a guest's e-mail address, or the order itself."""
    uid = wire.nested(order, "customer", "uid")
    email = str(wire.nested(order, "customer", "info", "email") or "").strip()
    return str(uid) if uid else f"guest:{email}" if email else f"order:{order['uid']}"


def _name(order: Mapping[str, Any]) -> str:
    return str(order.get("orderNumber") or order.get("uid") or "")
