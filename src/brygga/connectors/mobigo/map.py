"""Mobigo's objects ↔ records, both ways side by side. Pure. The only place that knows the contract's field names.

The contract is ours (systems.md 3.4 and 10). Texts that are not set are null there and "" here; prices are in kronor without VAT.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from brygga.connectors.mobigo.settings import SOURCES, Settings
from brygga.core.document import Article, Document, Price, PriceList, Row
from brygga.core.money import CONTEXT, Money, percent_text, round_ore
from brygga.core.record import ABSENT, Customer, Record, Value
from brygga.errors import BadData

Raw = Mapping[str, Any]

CURRENCY: Final = "SEK"
MOST_HOURS: Final = 999
ROW_TEXT: Final = 255
"""Characters of a row's text in Fortnox (Fortnox API, appendix A)."""

CUSTOMER: Final[Mapping[str, str]] = {
    "number": "number",
    "name": "name",
    "organisation_number": "organisationNumber",
    "vat_number": "vatNumber",
    "phone": "phone",
    "phone2": "mobile",
    "email": "email",
    "email_invoice": "invoiceEmail",
    "website": "website",
    "our_reference": "ourReference",
    "your_reference": "yourReference",
    "invoice_postcode": "address.postalCode",
    "invoice_city": "address.city",
    "invoice_country": "address.countryCode",
    "visiting_postcode": "visitingAddress.postalCode",
    "visiting_city": "visitingAddress.city",
    "visiting_country": "visitingAddress.countryCode",
    "delivery_name": "deliveryAddress.name",
    "delivery_postcode": "deliveryAddress.postalCode",
    "delivery_city": "deliveryAddress.city",
    "delivery_country": "deliveryAddress.countryCode",
}
STREETS: Final[Mapping[str, str]] = {
    "invoice_street": "address",
    "visiting_street": "visitingAddress",
    "delivery_street": "deliveryAddress",
}
CUSTOMER_LIMITS: Final[Mapping[str, int]] = {
    "number": 50, "name": 200, "organisation_number": 30, "vat_number": 30, "phone": 50, "phone2": 50, "email": 254,
    "email_invoice": 254, "website": 255, "our_reference": 100, "your_reference": 100, "invoice_street": 500,
    "invoice_postcode": 20, "invoice_city": 255, "visiting_street": 500, "visiting_postcode": 20, "visiting_city": 255,
    "delivery_name": 255, "delivery_street": 500, "delivery_postcode": 20, "delivery_city": 255,
}  # fmt: skip
ARTICLE: Final[Mapping[str, str]] = {"number": "number", "name": "name", "unit": "unit", "ean": "ean"}
AMOUNTS: Final[Mapping[str, str]] = {"cost_price": "purchasePrice", "list_price": "price"}
ARTICLE_LIMITS: Final[Mapping[str, int]] = {"number": 50, "name": 200, "unit": 20, "ean": 30}


PLACES: Final[Mapping[str, Mapping[str, str]]] = {
    "customer": {
        **CUSTOMER,
        **{name: f"{place}.street + {place}.street2" for name, place in STREETS.items()},
        "kind": "type",
        "active": "active",
    },
    "article": {**ARTICLE, **AMOUNTS, "active": "active"},
    "price_list": {"code": "code", "name": "name"},
    "price": {
        "article_number": "articleNumber",
        "price_list": "priceListCode",
        "from_quantity": "fromQuantity",
        "price": "price",
    },
}
"""What each register's maps below translate by: our field -> the contract's."""
ASSIGNMENT: Final[Mapping[str, str]] = {
    "number": "export.documentNumber",
    "customer_number": "customer.number",
    "currency": "SEK",
    "prices_include_vat": "–",
    "delivery_date": "completed",
    "text": "actionText",
    "tax_reduction_kind": "houseWork.type",
    "net": "total",
    "edited": "export.changedAfterExport",
    "subject": "number",
    "rows": "times, materials",
}
"""What an assignment's map translates by, beside the links of a person."""
WAYS: Final[Mapping[str, str]] = {
    "text": "The first characters, up to the limit of the settings; what Remarks cannot hold goes to a row of text.",
    "rows": "Billable times first, then billable materials; a row each.",
    "currency": "Always kronor.",
    "prices_include_vat": "Always without VAT.",
    **dict.fromkeys(STREETS, "The first line goes to the first field, the others to the second."),
}


def assignment_places(settings: Settings) -> dict[str, str]:
    """Return our field -> the contract's, with the links that a person chose (MOB-08)."""
    linked: dict[str, list[str]] = {}
    for source in SOURCES:
        if target := settings.field_links.get(source):
            linked.setdefault(target, []).append(source)
    return {**ASSIGNMENT, **{target: " + ".join(names) for target, names in linked.items()}}


# Registers --------------------------------------------------------------------------------------------------------------


def customer_from(raw: Raw) -> Customer:
    """Return a customer of Mobigo."""
    values: dict[str, Any] = {name: _text(_at(raw, place)) for name, place in CUSTOMER.items()}
    for name, place in STREETS.items():
        lines = (_text(_at(raw, f"{place}.street")), _text(_at(raw, f"{place}.street2")))
        values[name] = "\n".join(filter(None, lines))
    kind = raw.get("type")
    return Customer(**values, kind=kind if kind in ("company", "private") else ABSENT, active=_flag(raw.get("active")))


def article_from(raw: Raw) -> Article:
    """Return an article of Mobigo; a price that is not set is 0 kronor, as Fortnox has no other word for it."""
    texts: dict[str, Any] = {name: _text(raw.get(place)) for name, place in ARTICLE.items()}
    amounts: dict[str, Any] = {
        name: Money(_number(raw.get(place), place) or Decimal(0), CURRENCY) for name, place in AMOUNTS.items()
    }
    return Article(**texts, **amounts, active=_flag(raw.get("active")))


def price_list_from(raw: Raw) -> PriceList:
    """Return a price list of Mobigo."""
    return PriceList(code=_text(raw.get("code")), name=_text(raw.get("name")))


def price_from(raw: Raw) -> Price:
    """Return one price of Mobigo: list, article, from which quantity, and how much."""
    return Price(
        article_number=_text(raw.get("articleNumber")),
        price_list=_text(raw.get("priceListCode")),
        from_quantity=_number(raw.get("fromQuantity"), "fromQuantity") or Decimal(0),
        price=Money(_number(raw.get("price"), "price") or Decimal(0), CURRENCY),
    )


def changed_raw(raw: Raw, values: Mapping[str, Value]) -> dict[str, Any]:
    """Return a whole object of a register with these fields of ours changed, as PUT wants it."""
    made: dict[str, Any] = {name: dict(value) if isinstance(value, Mapping) else value for name, value in raw.items()}
    for name, value in values.items():
        if value is not ABSENT:
            _set(made, name, value)
    return made


def _set(made: dict[str, Any], name: str, value: Any) -> None:
    if name in STREETS:
        lines = [line.strip() for line in str(value).split("\n") if line.strip()]
        part = made[STREETS[name]] = dict(made.get(STREETS[name]) or {})
        part["street"], part["street2"] = (lines[0] if lines else None), " ".join(lines[1:]) or None
    elif name in ("kind", "active"):
        made["type" if name == "kind" else "active"] = value
    elif isinstance(value, Money):
        made[AMOUNTS.get(name, "price")] = value.amount
    elif name == "from_quantity":
        made["fromQuantity"] = value
    else:
        place = _TEXTS[name]
        parent, dot, child = place.partition(".")
        if dot:
            made[parent] = {**(made.get(parent) or {}), child: value or None}
        else:
            made[place] = value or None


_TEXTS: Mapping[str, str] = {
    **CUSTOMER,
    **ARTICLE,
    "code": "code",
    "price_list": "priceListCode",
    "article_number": "articleNumber",
}


# Assignments ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Assignment:
    """An assignment as the document that it becomes, and what is to be said of it.

    length        characters of its action text, before it is cut
    unlinked      time types of billable rows that have no article, each with its hours and what they come to
    kept          what of the billable rows stays because export_times or export_materials is off: (rows, hours, kronor), hours of times
    long_rows     how many rows have a text that Fortnox cuts
    exported_as   kind and number of the document that it became already, "" for none
    """

    document: Document
    number: str
    status: str
    attested: bool
    length: int
    unlinked: tuple[str, ...]
    kept: tuple[int, Decimal, Decimal]
    long_rows: int
    exported_as: tuple[str, str]
    changed_since: bool
    work_type: str


def assignment_from(raw: Raw, settings: Settings) -> Assignment:
    """Return an assignment with its billable rows: times first, then materials, each in the program's order (MOB-06, MOB-07).

    Our and Your reference and everything of the customer but its number are left out: they are Fortnox' own (MOB-15, MOB-16).
    Raises BadData where a number or a day is none.
    """
    export = raw.get("export") or {}
    text = str(raw.get("actionText") or "")
    work = str(_at(raw, "houseWork.type") or "")
    rows, unlinked, long_rows = _rows(raw, settings, work)
    kept = _kept(raw, settings)
    number = _text(raw.get("number"))
    became = (str(export.get("documentType") or ""), str(export.get("documentNumber") or ""))
    total = _number(raw.get("total"), "total")
    document = Document(
        kind=settings.kind,
        number=became[1] if became[0] == settings.kind else "",
        subject=number,
        customer_number=_text(_at(raw, "customer.number")),
        customer_ref=_text(_at(raw, "customer.number")),
        # Mobigo knows kronor alone, whatever currency Fortnox has for the customer: 650 must not become 650 euro, stated there or looked up.
        currency=CURRENCY,
        prices_include_vat=False,
        delivery_date=_day(raw.get("completed"), "completed") or ABSENT,
        text=text[: settings.action_text_limit],
        tax_reduction_kind=work or ABSENT,
        # The sum says what stays behind too.
        edited=export.get("changedAfterExport") is True or ABSENT,
        net=ABSENT if total is None or kept[0] or unlinked else Money(total, CURRENCY),
        rows=rows,
    )
    return Assignment(
        document=replace(document, **_linked(raw, settings)),
        number=number,
        status=str(raw.get("status") or ""),
        attested=raw.get("attested") is True,
        length=len(text),
        unlinked=unlinked,
        kept=kept,
        long_rows=long_rows,
        exported_as=became,
        changed_since=export.get("changedAfterExport") is True,
        work_type=work,
    )


def _linked(raw: Raw, settings: Settings) -> dict[str, Any]:
    """Return the fields of the head that a person's links fill (MOB-08), joined where several fill one."""
    found: dict[str, list[str]] = {}
    for source, place in SOURCES.items():
        target = settings.field_links.get(source)
        value = _text(_at(raw, place)) if target else ""
        if target and value:
            found.setdefault(target, []).append(value)
    return {target: ("\n" if target == "comments" else " ").join(values) for target, values in found.items()}


def _rows(raw: Raw, settings: Settings, work: str) -> tuple[tuple[Row, ...], tuple[str, ...], int]:
    rows: list[Row] = []
    unlinked: dict[str, tuple[Decimal, Decimal]] = {}
    long_rows = 0
    for one in _billable(raw, "times") if settings.export_times else ():
        name = str(_at(one, "timeType.name") or "")
        article = settings.article_of(name, str(_at(one, "timeType.articleNumber") or ""))
        quantity = _needed(one, "billableHours", "hours")
        if not article:
            hours, kronor = unlinked.get(name or "–", (Decimal(0), Decimal(0)))
            price = _number(one.get("price"), "price") or Decimal(0)
            unlinked[name or "–"] = hours + quantity, kronor + round_ore(CONTEXT.multiply(quantity, price))
            continue
        text = _text(one.get("text")) or name
        long_rows += len(text) > ROW_TEXT
        rows.append(_row(one, settings, work, article, text, quantity, quantity))
    for one in _billable(raw, "materials") if settings.export_materials else ():
        text = _text(one.get("name"))
        long_rows += len(text) > ROW_TEXT
        quantity = _needed(one, "quantity")
        row = _row(one, settings, work, _text(one.get("articleNumber")), text, quantity, None)
        rows.append(replace(row, unit=_text(one.get("unit")) or ABSENT))
    told = [f"{name} ({percent_text(hours)} h, {kronor:f} kr)" for name, (hours, kronor) in unlinked.items()]
    return tuple(rows), tuple(told), long_rows


def _kept(raw: Raw, settings: Settings) -> tuple[int, Decimal, Decimal]:
    """Return how many billable rows stay in Mobigo as settings say, their hours, and what those with a price come to without VAT."""
    count, hours, kronor = 0, Decimal(0), Decimal(0)
    for name, follows, places in (
        ("times", settings.export_times, ("billableHours", "hours")),
        ("materials", settings.export_materials, ("quantity",)),
    ):
        for one in () if follows else _billable(raw, name):
            quantity = _needed(one, *places)
            price = _number(one.get("price"), "price") or Decimal(0)
            off = _number(one.get("discountPercent"), "discountPercent") or Decimal(0)
            count += 1
            hours += quantity if name == "times" else 0
            gross = CONTEXT.multiply(quantity, price)
            kronor += round_ore(gross - CONTEXT.divide(CONTEXT.multiply(gross, off), 100))
    return count, hours, kronor


def _needed(row: Raw, *places: str) -> Decimal:
    """Return the first number that a row has of *places*. Raises BadData for a billable row with none: absent is not zero."""
    for place in places:
        found = _number(row.get(place), place)
        if found is not None:
            return found
    raise BadData(
        "The billable row “{text}” has no {place}.",
        repair="Complete the row in Mobigo, or mark it as not billable.",
        text=_text(row.get("text")) or _text(row.get("name")) or _text(_at(row, "timeType.name")) or "–",
        place=places[0],
    )


def _billable(raw: Raw, name: str) -> list[Raw]:
    rows = [row for row in raw.get(name) or () if row.get("billable") is True]
    return sorted(rows, key=lambda row: row.get("position") or 0)


def _row(raw: Raw, settings: Settings, work: str, article: str, text: str, quantity: Decimal, hours: Decimal | None) -> Row:
    price = _number(raw.get("price"), "price") if settings.price_from == "row" else None
    discount = _number(raw.get("discountPercent"), "discountPercent")
    row = Row(
        article_number=article,
        description=text,
        quantity=quantity,
        price=ABSENT if price is None else Money(price, CURRENCY),
        # The price of a row is fixed (MOB-09): no discount is stated, so that none of the customer's is taken off.
        discount=discount or (Decimal(0) if price is not None else ABSENT),
        discount_kind="percent" if discount or price is not None else ABSENT,
        cost_center=_text(raw.get("costCenter")) or ABSENT,
        project=_text(raw.get("project")) or ABSENT,
    )
    return _with_house_work(row, raw, work, hours)


def _with_house_work(row: Row, raw: Raw, work: str, hours: Decimal | None) -> Row:
    """Say of each row of a house-work document whether it is labour and of which kind; the rest is other cost (accounting.md 7.5)."""
    if not work:
        return row
    if raw.get("houseWork") is not True:
        return replace(row, house_work=False, house_work_type="OTHERCOSTS")
    row = replace(row, house_work=True, house_work_type=_text(raw.get("houseWorkType")))
    if not hours:
        return row
    # Whole hours, 0 to 999 (Fortnox API, section 9.9); half an hour counts as one.
    whole = hours.quantize(Decimal(1), ROUND_HALF_UP)
    if whole > MOST_HOURS:
        raise BadData(
            "The row “{text}” has {hours} hours of house work, and Fortnox reports at most {most} on a row.",
            repair="Divide the row in Mobigo.",
            text=str(row.description or ""),
            hours=percent_text(hours),
            most=MOST_HOURS,
        )
    return replace(row, house_work_hours=whole)


# Values -----------------------------------------------------------------------------------------------------------------


def _at(raw: Raw, place: str) -> Any:
    parent, dot, child = place.partition(".")
    if not dot:
        return raw.get(place)
    inner = raw.get(parent)
    return inner.get(child) if isinstance(inner, Mapping) else None


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _flag(value: object) -> Any:
    return value if isinstance(value, bool) else ABSENT


def _number(value: object, place: str) -> Decimal | None:
    if value is None or value == "":
        return None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    raise BadData("Mobigo sent {place} “{value}”, which is no number.", place=place, value=str(value)[:60])


def _day(value: object, place: str) -> date | None:
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise BadData("Mobigo sent {place} “{value}”, which is no date.", place=place, value=str(value)[:60]) from None


READERS: Mapping[str, Any] = {
    "customer": customer_from,
    "article": article_from,
    "price_list": price_list_from,
    "price": price_from,
}
FIELDS: Mapping[str, frozenset[str]] = {
    "customer": frozenset({*CUSTOMER, *STREETS, "kind", "active"}),
    "article": frozenset({*ARTICLE, *AMOUNTS, "active"}),
    "price_list": frozenset({"code", "name"}),
    "price": frozenset({"price_list", "article_number", "from_quantity", "price"}),
}
LIMITS: Mapping[str, Mapping[str, int]] = {
    "customer": CUSTOMER_LIMITS,
    "article": ARTICLE_LIMITS,
    "price_list": {"code": 50, "name": 100},
    "price": {},
}


def key_of(kind: str, record: Record) -> str:
    """Return what a record is known by in Mobigo's register: its number, its code, or the three parts of a price."""
    if isinstance(record, PriceList):
        return str(record.code or "")
    if isinstance(record, Price):
        quantity = Decimal(0) if record.from_quantity is ABSENT else record.from_quantity
        return price_key(str(record.price_list or ""), str(record.article_number or ""), quantity)
    assert isinstance(record, Customer | Article)
    return str(record.number or "")


def price_key(code: str, article: str, quantity: Decimal) -> str:
    """Return the key of a price: list, article and quantity, divided by a sign that neither number has."""
    return f"{code}|{article}|{format(quantity.normalize(), 'f') if quantity else '0'}"
