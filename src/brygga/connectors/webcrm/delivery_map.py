"""webCRM's delivery with its rows ↔ Document, both ways side by side. Pure but for `delivery_layout`, which reads nothing itself.

A delivery's rows are its quotation lines: what Data1 to Data9 hold is set up in each installation, as in the register of articles
(`article_fields`). `QuotationLinePrice` is the price of one unit without VAT, and `QuotationLineDiscount` a percentage of it; the
definition does not say so, it is our reading. Source: systems.md 7.1, shapes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from brygga.clients.webcrm import wire
from brygga.clients.webcrm.fields_metadata import Field
from brygga.connectors.webcrm.document_settings import PEOPLE
from brygga.connectors.webcrm.layout import find_field
from brygga.connectors.webcrm.map import country_name
from brygga.connectors.webcrm.settings import Settings
from brygga.core.countries import country_to_iso
from brygga.core.diff import same
from brygga.core.document import Document, Row
from brygga.core.fine import clean, left_of
from brygga.core.money import CONTEXT, Money, round_ore
from brygga.core.net_rows import sum_of
from brygga.core.record import ABSENT, Value
from brygga.errors import Rejected, SettingsError

Raw = Mapping[str, Any]

LINE = "QuotationLine"
DAYS = frozenset({"date", "delivery_date", "invoice_date", "due", "paid_on"})
CHECKS = frozenset({"booked", "invoice_booked", "cancelled", "credited"})
AMOUNTS = frozenset({"total", "balance"})
ROW_FIELDS = frozenset({"article_number", "description", "unit", "quantity", "price", "discount", "discount_kind", "vat"})
CURRENCY_FIELD = "DeliveryCurrencyName"
HOME_CURRENCY = "SEK"
BASE_CURRENCY = "00"
"""The code that stands for the installation's own currency (systems.md 7.1, quirks)."""


@dataclass(frozen=True, slots=True)
class DeliveryLayout:
    """Where a delivery's fields and its rows' fields lie in one installation.

    places   our field -> the API's name of the delivery's field
    data     field of a row -> Data field, such as "Data1"
    limits   our field -> greatest number of characters
    used     the Data fields in use, none of which may be empty
    missing  our field -> the label that a default names and the installation lacks
    currency the installation's own currency, which a delivery shows as a code
    """

    places: Mapping[str, str]
    data: Mapping[str, str]
    limits: Mapping[str, int] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    currency: str = HOME_CURRENCY
    zero_rate: bool = False
    """Whether a VAT rate of 0 means 0 %; else it is not filled in, as webCRM shows both alike."""
    country_language: str = "sv"
    """In which countries are written."""

    @property
    def people(self) -> Mapping[str, str]:
        """Our field -> the delivery's field that holds the number of a user or a person, whose name it is."""
        return {name: place for name, place in PEOPLE.items() if self.places.get(name) == place}

    @property
    def written(self) -> frozenset[str]:
        """The fields of the head that are written where they lie."""
        return frozenset(self.places) - set(self.people)


def delivery_layout(settings: Settings, fields: Sequence[Field]) -> DeliveryLayout:
    """Resolve the settings against FieldsMetadata. Raises SettingsError for a field that a person named, or that is needed."""
    by_name = {one.name: one for one in fields}
    places: dict[str, str] = {}
    missing: dict[str, str] = {}
    for name, wanted in settings.documents.places.items():
        found = find_field(wanted, "Delivery", by_name, fields)
        if found and (found in by_name or not by_name or found in PEOPLE.values()):
            places[name] = found
        elif name in settings.documents.chosen or name == "number" or (name == "date" and settings.documents.kind == "invoice"):
            raise SettingsError(
                "webCRM has no field “{wanted}” on deliveries, which delivery_fields.{name} names.",
                repair="Make it in webCRM under Configuration, or name another one. Labels there are: {labels}.",
                rule="WEB-12",
                wanted=wanted,
                name=name,
                labels=", ".join(sorted({one.label for one in fields if one.label})) or "none",
            )
        else:
            missing[name] = wanted
    limits = {name: by_name[where].longest for name, where in places.items() if where in by_name and by_name[where].longest}
    names = {"number": "article_number", "name": "description", "unit": "unit"}
    data = {names[name]: where for name, where in settings.article_fields.items()}
    texts = {name: length for name, length in limits.items() if name not in DAYS | CHECKS | AMOUNTS and length}
    zero = settings.documents.without_vat == "zero"
    own = by_name[CURRENCY_FIELD].texts.get(BASE_CURRENCY, "") if CURRENCY_FIELD in by_name else ""
    currency = _three_letters(own) or HOME_CURRENCY
    return DeliveryLayout(places, data, texts, missing, currency, zero_rate=zero, country_language=settings.country_language)


# From webCRM -----------------------------------------------------------------------------------------------------------


def document_from(
    delivery: Raw, lines: Iterable[Raw], layout: DeliveryLayout, kind: str, people: Mapping[str, str] | None = None
) -> Document:
    """Return a delivery with its rows. What is not mapped, or not understood, is ABSENT; an unset text is "".

    people   our field -> the name of the user or person that stands on the delivery (see `DeliveryLayout.people`); none is no word
    """
    currency = currency_of(delivery, layout)
    values: dict[str, Any] = {"kind": kind, "customer_ref": str(delivery.get("DeliveryOrganisationId") or "")}
    for name, place in layout.places.items():
        if name in AMOUNTS:
            values[name] = _money(delivery.get(place), currency)
        elif place in delivery and name not in layout.people:
            values[name] = _read(name, delivery[place])
    values |= {name: said for name, said in (people or {}).items() if said}
    values["currency"] = currency
    values["subject"] = str(delivery.get("DeliveryDescription") or "")
    values["stage"] = str(delivery.get("DeliveryStatus") or "")
    values["rows"] = rows = tuple(row_from(line, layout, currency) for line in in_order(lines))
    if (net := sum_of(rows)) is not None:
        values["net"] = Money(net, currency)
    return Document(**values)


def in_order(lines: Iterable[Raw]) -> list[Raw]:
    """Return the lines of a delivery as they stand on it."""
    return sorted(lines, key=lambda line: (int(line.get(f"{LINE}SortOrder") or 0), int(line[f"{LINE}Id"])))


def currency_of(delivery: Raw, layout: DeliveryLayout) -> str:
    """Return the currency. The installation's own shows as a code: what it is the list of the field says, else it is kronor (WEB-23, OPT-06)."""
    text = wire.chosen(delivery.get(CURRENCY_FIELD))
    if said := _three_letters(wire.text_of(text)):
        return said
    return layout.currency if wire.code_of(text) in ("", BASE_CURRENCY) else wire.text_of(text).upper()


def _three_letters(text: str) -> str:
    return text.upper() if len(text) == 3 and text.isascii() and text.isalpha() else ""


def row_from(line: Raw, layout: DeliveryLayout, currency: str) -> Row:
    """Return one row. A line with a text alone, no article, quantity or price, is a row of text."""
    texts: dict[str, Any] = {name: wire.data(line.get(f"{LINE}{place}")) for name, place in layout.data.items()}
    quantity, price = _number(line, "Quantity"), _number(line, "Price")
    id = str(line[f"{LINE}Id"])
    if not texts.get("article_number") and not quantity and not price:
        return Row(id=id, description=texts.get("description", ""))
    discount = _number(line, "Discount")
    return Row(
        **texts,
        id=id,
        quantity=quantity,
        price=Money(price, currency),
        discount=discount,
        discount_kind="percent" if discount else ABSENT,
        vat=rate if (rate := _number(line, "VatPercentage")) or layout.zero_rate else ABSENT,
    )


def _read(name: str, value: object) -> Any:
    if name in CHECKS:
        return wire.checked(value)
    if name in DAYS:
        try:
            return wire.day(value)
        except ValueError:
            return ABSENT
    text = value.strip() if isinstance(value, str) else "" if value is None else str(value)
    if name.endswith("_street"):
        return "\n".join(filter(None, (line.strip() for line in text.splitlines())))
    if name.endswith("_country") and text:
        return country_to_iso(wire.text_of(text)) or ABSENT
    return text


def unknown_country(delivery: Raw, layout: DeliveryLayout) -> str:
    """Return the country of delivery that is not known, "" for none."""
    text = wire.text_of(wire.chosen(delivery.get(layout.places.get("delivery_country", ""))))
    return text if text and country_to_iso(text) is None else ""


def _money(value: object, currency: str) -> Any:
    """Read an amount that a custom field keeps as a text; None where there is none."""
    try:
        number = Decimal(str(value or "").replace("\xa0", "").replace(" ", "").replace(",", "."))
    except InvalidOperation:
        return None
    return Money(number, currency) if number.is_finite() else None


def _number(line: Raw, name: str) -> Decimal:
    return amount_in(line, f"{LINE}{name}")


def full_name(person: Raw) -> str:
    """Return a person's whole name, as webCRM shows it or put together of its parts."""
    parts = (str(person.get(f"Person{part}") or "").strip() for part in ("FirstName", "MiddleName", "LastName"))
    return str(person.get("PersonName") or "").strip() or " ".join(filter(None, parts))


def amount_in(raw: Raw, field: str) -> Decimal:
    """Return a number of a record without the noise of a double; webCRM shows one that is not set as 0."""
    value = raw.get(field)
    return clean(Decimal(value)) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else Decimal(0)


_YOUNGEST = 2**62


# To webCRM ---------------------------------------------------------------------------------------------------------------


def delivery_fields(values: Mapping[str, Value], layout: DeliveryLayout) -> dict[str, Any]:
    """Return these fields of a document as a delivery's; rows go by themselves, what has no place there is left out."""
    made: dict[str, Any] = {}
    for name, value in values.items():
        if value is ABSENT:
            continue
        if name in layout.people:
            continue
        if name in layout.places:
            made[layout.places[name]] = _written(name, value, layout)
        elif name == "customer_ref" and value:
            made["DeliveryOrganisationId"] = int(str(value))
        elif name == "currency":
            made[CURRENCY_FIELD] = BASE_CURRENCY if value in ("", layout.currency) else str(value)
        elif name == "subject":
            made["DeliveryDescription"] = str(value)
        elif name == "stage":
            made["DeliveryStatus"] = str(value)
    return made


def _written(name: str, value: Value, layout: DeliveryLayout) -> Any:
    place = layout.places[name]
    if name in AMOUNTS:
        return f"{round_ore(value.amount):f}" if isinstance(value, Money) else ""
    if name.endswith("_country") and value:
        return country_name(str(value), layout.country_language)
    if name in CHECKS:
        return wire.check_mark(bool(value))
    if name in DAYS:
        # A custom field keeps a text, whatever it shows; the fields of the definition are real dates.
        day = value if isinstance(value, date) else None
        return wire.written_date(day) if place.endswith("Date") else day.isoformat() if day else ""
    return str(value)


def new_line(row: Row, layout: DeliveryLayout, used: Iterable[str]) -> dict[str, Any]:
    """Return a row as a new quotation line; a Data field in use is never empty."""
    return dict.fromkeys((f"{LINE}{place}" for place in used), wire.EMPTY_DATA) | line_fields(row, layout)


def line_fields(row: Row, layout: DeliveryLayout) -> dict[str, Any]:
    """Return all fields of a quotation line that a row has; what is not mapped is not among them."""
    made: dict[str, Any] = {}
    for name, place in layout.data.items():
        made[f"{LINE}{place}"] = wire.data_sent(str(getattr(row, name) or ""))
    numbers = {"Quantity": row.quantity, "VatPercentage": row.vat}
    made |= {f"{LINE}{name}": Decimal(0) if value is ABSENT else value for name, value in numbers.items()}
    made[f"{LINE}Discount"] = discount_percent(row)
    made[f"{LINE}Price"] = Decimal(0) if row.price is ABSENT else row.price.amount
    return made


def line_changes(now: Row, wanted: Row, layout: DeliveryLayout) -> dict[str, Any]:
    """Return what differs of a line that stays. What webCRM does not say of it, or *wanted* does not, is left as it is."""
    if now.is_text != wanted.is_text:
        return line_fields(wanted, layout)
    made: dict[str, Any] = {}
    for name, place in layout.data.items():
        value = getattr(wanted, name)
        if value is not ABSENT and not same(name, getattr(now, name) or "", value):
            made[f"{LINE}{place}"] = wire.data_sent(str(value))
    for name, place in (("quantity", "Quantity"), ("vat", "VatPercentage")):
        value = getattr(wanted, name)
        if ABSENT not in (value, getattr(now, name)) and value != getattr(now, name):
            made[f"{LINE}{place}"] = value
    if ABSENT not in (wanted.price, now.price) and wanted.price != now.price:
        made[f"{LINE}Price"] = wanted.price.amount  # type: ignore[union-attr]
    if not _takes_off(now, wanted):
        made[f"{LINE}Discount"] = discount_percent(wanted)
    return made


def _takes_off(now: Row, wanted: Row) -> bool:
    """Say whether the percentage that stands on a line takes off what is wanted, to the öre."""
    if wanted.discount is ABSENT or ABSENT in (wanted.quantity, wanted.price):
        return True
    percent = Decimal(0) if now.discount is ABSENT else now.discount
    if wanted.discount_kind != "amount":
        return percent == wanted.discount
    return round_ore(left_of(replace(wanted, discount=percent, discount_kind="percent"))) == round_ore(left_of(wanted))


def discount_percent(row: Row) -> Decimal:
    """Return a row's discount as a percentage of its price, which is all that webCRM knows, so that it takes off the same öre.

    Raises Rejected for an amount off a row that comes to nothing, or to less than the amount.
    """
    if row.discount is ABSENT or not row.discount or row.discount_kind != "amount":
        return Decimal(0) if row.discount is ABSENT else row.discount
    whole = Decimal(0) if row.quantity is ABSENT or row.price is ABSENT else row.quantity * row.price.amount
    exact = CONTEXT.divide(row.discount * 100, whole) if whole else Decimal(-1)
    if not 0 <= exact <= 100:
        raise Rejected(
            "The row {text} has a discount of {discount} on {whole}, which webCRM cannot say: there it is a percentage of the price.",
            repair="Put the discount on the row in Fortnox as a percentage, or as a row of its own.",
            rule="WEB-41",
            text=str(row.description or row.article_number or ""),
            discount=f"{row.discount:f}",
            whole=f"{whole:f}",
        )
    for decimals in range(7):
        percent = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, CONTEXT)
        if round_ore(whole * (100 - percent) / 100) == round_ore(whole - row.discount):
            return percent
    return clean(exact)


def places_in_order(partners: Sequence[Raw | None]) -> list[int]:
    """Return the SortOrder of each row: that of an old line as it is as long as the order holds, so that few lines are written."""
    orders: list[int] = []
    last = (0, 0)
    for line in partners:
        stands = (int(line.get(f"{LINE}SortOrder") or 0), int(line[f"{LINE}Id"])) if line is not None else (0, 0)
        # Of lines with one SortOrder the older one stands first, and a new one is younger than all.
        if line is None:
            last = (last[0] + 1, _YOUNGEST)
        else:
            last = stands if not orders or stands > last else (last[0] + 1, stands[1])
        orders.append(last[0])
    return orders
