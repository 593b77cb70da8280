"""Upsales' order or opportunity ↔ Document, both ways side by side. Pure.

A row's `price` is the net price of one unit and `listPrice` the gross one: the discount is their difference (systems.md 4.1, orders).
Prices are without VAT. A won sale's day is its closeDate, as in the vendor's app; an opportunity's is its date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from brygga.clients.upsales import wire
from brygga.clients.upsales.wire import Raw
from brygga.connectors.upsales.settings import Bundles, Settings
from brygga.core.countries import country_to_iso
from brygga.core.diff import same_row
from brygga.core.document import Document, Row
from brygga.core.fine import amount_off, clean
from brygga.core.money import Money, round_ore
from brygga.core.record import ABSENT, Value
from brygga.core.rows import together
from brygga.core.totals import Priced, row_total

NUMBER: Final[Mapping[str, str]] = {"offer": "FORTNOX_OFFER_ID", "order": "FORTNOX_ORDER_ID", "invoice": "FORTNOX_ID"}
TEXTS: Final[Mapping[str, str]] = {"text": "REMARKS", "your_order_number": "REFERENCE"}
ROW_FIELDS = frozenset({"article_number", "quantity", "price", "discount", "discount_kind"})
"""What a row of a sale holds and can be given; its text is the product's name, which nobody changes here."""

_COMMON = frozenset({"number", "date", "rows", "currency", "customer_ref", "our_reference", "subject", *TEXTS})
HELD: Final[Mapping[str, frozenset[str]]] = {
    "offer": _COMMON,
    "order": _COMMON | {"invoice_number", "cancelled"},
    "invoice": _COMMON | {"due", "total", "balance", "cancelled"},
}
EXTRA: Final[Mapping[str, str]] = {
    "delivery_name": "DELIVERY_NAME",
    "delivery_street": "DELIVERY_ADDRESS",
    "delivery_postcode": "DELIVERY_ZIPCODE",
    "delivery_city": "DELIVERY_CITY",
    "delivery_country": "DELIVERY_COUNTRY",
    "delivery_date": "DELIVERY_DATE",
    "comments": "COMMENTS",
}
"""The vendor's extra fields, both ways where the account has them (systems.md 4.2)."""
SAID: Final[Mapping[str, str]] = {"cost_center": "COST_PLACE", "project": "FORTNOX_PROJECT", "your_reference": "YOUR_REFERENCE"}
"""Those that a sale says where they are filled in, and that Fortnox never changes: the choices of a list are the vendor's to fill."""
PLACES: Final[Mapping[str, str]] = {
    **{name: f"custom: {alias}" for name, alias in {**TEXTS, **EXTRA, **SAID}.items()},
    "customer_ref": "client",
    "currency": "currency",
    "rows": "orderRow",
    "our_reference": "user",
    "your_reference": "custom: YOUR_REFERENCE, contact",
    "subject": "description",
    "stage": "stage",
    "probability": "probability",
    "cancelled": "stage, probability",
    "net": "value",
    "due": "custom: DUE_DATE",
    "invoice_number": "custom: FORTNOX_ID",
    "offer_number": "custom: FORTNOX_OFFER_ID",
}
WAYS: Final[Mapping[str, str]] = {
    "our_reference": "The user of that name, letter for letter; else the catch-all user.",
    "rows": "Products by article number; the discount is what the price is below the list price.",
    "cancelled": "The lost stage means cancelled.",
    "your_reference": "The field Er referens where it is filled in, else the contact's name.",
    "cost_center": "The code, up to the first space or colon of the choice.",
    "project": "The number, up to the first space or colon of the choice.",
    "delivery_country": "The country's name or code.",
}
AMOUNTS: Final[Mapping[str, str]] = {"total": "FN_TOTAL", "balance": "FN_BALANCE"}

_FINE = Decimal("0.0000000001")


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it goes over: the product, how many, what one costs before and after the discount."""

    product: int
    quantity: Decimal
    price: Decimal
    list_price: Decimal

    @property
    def off(self) -> Decimal:
        """The discount of the whole row, in the document's money, so that what is left is the row's sum to the öre.

        Where a part of a unit makes that impossible the sum shows it, and the sale is held.
        """
        return amount_off(self.list_price * self.quantity, self.price * self.quantity)


def held(kind: str, ids: Mapping[str, int]) -> frozenset[str]:
    """Return the fields that a sale can be given, the vendor's extra ones where the account has them."""
    return HELD[kind] | {name for name, alias in EXTRA.items() if alias in ids}


def places_of(kind: str) -> dict[str, str]:
    """Return our field -> where it lies in a sale or an opportunity."""
    day = "date" if kind == "offer" else "closeDate"
    amounts = {name: f"custom: {alias}" for name, alias in AMOUNTS.items()} if kind == "invoice" else {}
    return {**PLACES, **amounts, "number": f"custom: {NUMBER[kind]}", "date": day}


# From Upsales ---------------------------------------------------------------------------------------------------------------


def in_order(raw: Mapping[str, Any]) -> list[Raw]:
    """Return the rows of a sale as they stand on it."""
    return sorted(raw.get("orderRow") or (), key=lambda row: (row.get("sortId") or 0, row.get("id") or 0))


def lines_of(raw: Mapping[str, Any], bundles: Bundles) -> list[Line]:
    """Return the rows of a sale in their order, product bundles as the setting wants them shown."""
    lines: list[Line] = []
    for row in in_order(raw):
        quantity = _number(row.get("quantity"))
        parts = row.get("bundleRows") or ()
        if not parts or bundles != "onlySubProducts":
            lines.append(_line(_product_of(row), quantity, row))
        if parts and bundles != "onlyBundle":
            free = {"price": 0, "listPrice": 0} if bundles == "bundleAndSubProducts" else {}
            lines += [_line(_product_of(one), quantity * _number(one.get("quantity")), {**one, **free}) for one in parts]
    return lines


def product_ids(raw: Mapping[str, Any]) -> set[int]:
    """Return the products of a sale, those inside bundles too."""
    rows = raw.get("orderRow") or ()
    return {_product_of(row) for row in rows} | {_product_of(one) for row in rows for one in row.get("bundleRows") or ()}


def has_bundles(raw: Mapping[str, Any]) -> bool:
    """Say whether a sale has product bundles, whose rows cannot be rebuilt from a document."""
    return any(row.get("bundleRows") for row in raw.get("orderRow") or ())


def document_from_sale(
    raw: Mapping[str, Any],
    kind: str,
    ids: Mapping[str, int],
    products: Mapping[int, Raw | None],
    settings: Settings,
    reference: str,
) -> Document:
    """Return a sale as a document of *kind*. *reference* is what its user is as Our reference; unset amounts and days are None."""
    custom = wire.custom_values(raw)
    currency = str(raw.get("currency") or "SEK")

    def text(alias: str) -> str:
        return str(custom.get(ids.get(alias, -1)) or "").strip()

    values: dict[str, Any] = {name: text(alias) for name, alias in TEXTS.items()}
    lines = lines_of(raw, settings.product_bundles)
    values |= {
        "kind": kind,
        "number": text(NUMBER[kind]),
        "customer_ref": wire.nested_id(raw, "client"),
        "date": day_of(raw, kind),
        "currency": currency,
        "rows": tuple(row_from(line, products.get(line.product), currency, settings) for line in lines),
        "our_reference": reference,
        "subject": str(raw.get("description") or "").strip(),
        "stage": wire.nested_id(raw, "stage"),
        "probability": _number(raw.get("probability")),
        "cancelled": raw.get("probability") == 0,
        "net": Money(value_of(raw), currency),
    }
    if contact := text(SAID["your_reference"]) or str(wire.nested(raw, "contact").get("name") or "").strip():
        values["your_reference"] = contact
    for name in ("cost_center", "project"):
        if code := _code(text(SAID[name])):
            values[name] = code
    values |= _extra(custom, ids)
    if kind == "order":
        values["invoice_number"] = text("FORTNOX_ID")
        if settings.offers:
            values["offer_number"] = text("FORTNOX_OFFER_ID")
    if kind == "invoice":
        values["due"] = wire.day(custom.get(ids.get("DUE_DATE", -1)))
        for name, alias in AMOUNTS.items():
            held = wire.number(custom.get(ids.get(alias, -1)))
            values[name] = None if held is None else Money(round_ore(held), currency)
    return Document(**values)


def _extra(custom: Mapping[int, Any], ids: Mapping[str, int]) -> dict[str, Any]:
    """Return what the vendor's extra fields say, of those that the account has. Raises ValueError for a day that is none."""
    found: dict[str, Any] = {}
    for name, alias in EXTRA.items():
        if alias in ids:
            value = custom.get(ids[alias])
            found[name] = wire.day(value) if name == "delivery_date" else str(value or "").strip()
    if country := found.get("delivery_country"):
        found["delivery_country"] = country_to_iso(country) or country
    return found


def _code(choice: str) -> str:
    """Return the code of a choice such as "10: Butiken" or "10 Butiken"; how the vendor's app writes them is not recorded."""
    return choice.replace(":", " ").partition(" ")[0]


def day_of(raw: Mapping[str, Any], kind: str) -> Any:
    """Return the day of a sale, None where it has none. Raises ValueError for what is no date."""
    if kind == "offer":
        return wire.day(raw.get("date"))
    return wire.day(raw.get("closeDate")) or wire.day(raw.get("date"))


def row_from(line: Line, product: Mapping[str, Any] | None, currency: str, settings: Settings) -> Row:
    """Return one row. A discount is an amount off the row, or a percentage where that is chosen and takes off the same öre."""
    texts = product or {}
    discount, kind = line.off, "amount"
    if settings.discount_as_percentage and line.list_price and discount:
        percent = ((line.list_price - line.price) * 100 / line.list_price).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if round_ore(line.list_price * line.quantity * (100 - percent) / 100) == round_ore(line.price * line.quantity):
            discount, kind = percent.normalize(), "percent"
    return Row(
        article_number=str(texts.get("articleNo") or "").strip(),
        description=str(texts.get("name") or "").strip(),
        quantity=line.quantity,
        price=Money(line.list_price, currency),
        discount=discount,
        discount_kind=kind if discount else ABSENT,
    )


def value_of(raw: Mapping[str, Any]) -> Decimal:
    """Return what a sale is worth in Upsales, without VAT, to the öre and without the noise of doubles."""
    return round_ore(_clean(raw.get("value")))


def sum_of(lines: Iterable[Line]) -> Decimal:
    """Return what Fortnox will make of the rows, without VAT: each rounded to öre."""
    rows = (Priced(line.quantity, line.list_price, Decimal(0), line.off, "amount") for line in lines)
    return sum((row_total(row, "row") for row in rows), Decimal(0))


def _line(product: int, quantity: Decimal, row: Mapping[str, Any]) -> Line:
    price = _clean(row.get("price"))
    listed = _clean(row.get("listPrice"), price)
    # A price above the list price is no discount: the row costs what it costs.
    return Line(product, quantity, _fine(row.get("price")) if listed > price else price, max(price, listed))


def _product_of(row: Mapping[str, Any]) -> int:
    found = row.get("productId") or wire.nested(row, "product").get("id")
    return found if isinstance(found, int) else 0


def _number(value: object) -> Decimal:
    return _clean(value)


def _fine(value: object) -> Decimal:
    return wire.number(value) or Decimal(0)


def _clean(value: object, default: Decimal = Decimal(0)) -> Decimal:
    found = wire.number(value)
    return default if found is None else clean(found)


# To Upsales -----------------------------------------------------------------------------------------------------------------


def sale_fields(values: Mapping[str, Value], raw: Mapping[str, Any], kind: str, ids: Mapping[str, int]) -> dict[str, Any]:
    """Return the plain and custom fields of a sale; rows, user and stage go by themselves. *raw* is {} for a new one."""
    made: dict[str, Any] = {}
    if values.get("subject"):
        made["description"] = str(values["subject"])
    if values.get("date") not in (ABSENT, None):
        made["date" if kind == "offer" else "closeDate"] = values["date"]
        if not raw:
            made["date"] = values["date"]
    if values.get("currency"):
        made["currency"] = str(values["currency"])
    if values.get("customer_ref"):
        made["client"] = {"id": int(str(values["customer_ref"]))}
    custom = _custom_fields(values, kind)
    if custom:
        made["custom"] = wire.custom_list({**wire.custom_values(raw), **{ids[alias]: value for alias, value in custom.items()}})
    return made


def _custom_fields(values: Mapping[str, Value], kind: str) -> dict[str, Any]:
    custom: dict[str, Any] = {}
    places = {**TEXTS, **EXTRA, "number": NUMBER[kind], **({"invoice_number": "FORTNOX_ID"} if kind == "order" else {})}
    for name, alias in places.items():
        if values.get(name, ABSENT) is not ABSENT:
            custom[alias] = "" if values[name] is None else str(values[name])
    if kind == "invoice":
        if values.get("due", ABSENT) is not ABSENT:
            custom["DUE_DATE"] = values["due"] or ""
        for name, alias in AMOUNTS.items():
            value = values.get(name, ABSENT)
            if isinstance(value, Money):
                custom[alias] = value.amount
        balance = values.get("balance", ABSENT)
        if isinstance(balance, Money):
            custom["IS_PAID"] = int(balance.amount == 0)
    return custom


def rows_to_sale(
    rows: Sequence[Row], products: Mapping[str, int | None], held: Sequence[Raw] = (), now: Sequence[Row] = ()
) -> list[dict[str, Any]]:
    """Return rows of a document as a sale's. Every article has to be among *products*; rows of text have no place.

    held, now   the sale's rows as they were read, in their order, and as rows of a document: a PUT takes the place of all rows, so one that
                nobody changed goes back as it was read, and one that is changed as it was read but for what differs
    """
    wanted = [row for row in rows if not row.is_text]
    made: list[dict[str, Any]] = []
    last = 0
    for row, partner in zip(wanted, together(now, wanted), strict=True):
        if partner is None:
            quantity, price = _quantity(row), _price(row)
            product = {"id": products[str(row.article_number)]}
            one = {"quantity": quantity, "price": _net(row, quantity, price), "listPrice": price, "product": product}
        else:
            one = {**_as_read(held[partner]), **_changes(now[partner], row)}
        sort = one.get("sortId")
        last = sort if isinstance(sort, int) and sort > last else last + 1
        made.append({**one, "sortId": last})
    return made


def _as_read(raw: Raw) -> dict[str, Any]:
    """Return a row as it was read, its custom values in the form in which they are written."""
    kept = {name: value for name, value in raw.items() if name != "custom"}
    return {**kept, "custom": wire.custom_list(wire.custom_values(raw))} if raw.get("custom") else kept


def _changes(now: Row, wanted: Row) -> dict[str, Any]:
    """Return what differs of a row that stays: quantity, list price, and the price that the discount leaves."""
    if same_row(now, wanted):
        return {}
    quantity, price = _quantity(wanted), _price(wanted)
    made: dict[str, Any] = {}
    if now.quantity != quantity:
        made["quantity"] = quantity
    if _price(now) != price:
        made["listPrice"] = price
    net = _net(wanted, quantity, price)
    if clean(net) != clean(_net(now, _quantity(now), _price(now))):
        made["price"] = net
    return made


def _quantity(row: Row) -> Decimal:
    return Decimal(0) if row.quantity is ABSENT else row.quantity


def _price(row: Row) -> Decimal:
    return Decimal(0) if row.price is ABSENT else row.price.amount


def _net(row: Row, quantity: Decimal, price: Decimal) -> Decimal:
    """Return what one costs after the discount, so fine that quantity times it is the row's sum to the öre."""
    if row.discount is ABSENT or not row.discount or not quantity:
        return price
    if row.discount_kind == "amount":
        net = price - row.discount / quantity
    else:
        total = row_total(Priced(quantity, price, Decimal(0), row.discount, "percent"), "row")
        exact = price * (100 - row.discount) / 100
        net = exact if round_ore(exact * quantity) == total else total / quantity
    return net.quantize(_FINE, ROUND_HALF_UP).normalize()
