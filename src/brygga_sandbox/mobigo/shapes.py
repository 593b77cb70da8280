"""The shapes of the contract: which fields each object has, what they take, and what is read only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from brygga_sandbox.mobigo.errors import invalid

JSON = dict[str, Any]

LARGEST = Decimal(10) ** 12
STATUSES = ("Planerat", "Utskickat", "Mottaget", "Pågående", "Klart", "Arkiverat")
HOUSE_WORK = ("rot", "rut")
WORK_TYPES = (
    "CONSTRUCTION", "ELECTRICITY", "GLASSMETALWORK", "GROUNDDRAINAGEWORK", "MASONRY", "PAINTINGWALLPAPERING", "HVAC",
    "CLEANING", "TEXTILECLOTHING", "SNOWPLOWING", "GARDENING", "BABYSITTING", "OTHERCARE", "MOVINGSERVICES", "ITSERVICES",
    "MAJORAPPLIANCEREPAIR", "FURNISHING", "HOMEMAINTENANCE", "OTHERCOSTS",
)  # fmt: skip
"""The kinds of house work that the tax agency knows, in the words that Swedish programs share."""


@dataclass(frozen=True)
class Field:
    """One field: its type, the most characters of a text, whether it must be filled, whether a caller may write it."""

    kind: str = "text"
    longest: int = 255
    required: bool = False
    writable: bool = True
    choices: tuple[str, ...] = ()


TEXT, FLAG, AMOUNT = Field(), Field("flag"), Field("number")
READ = Field(writable=False)

_ADDRESS = {"street": TEXT, "street2": TEXT, "postalCode": Field(longest=20), "city": TEXT, "countryCode": Field("country", 2)}
_STAMPS = {"version": Field("integer"), "created": READ, "updated": READ, "objectName": READ}


def _flat(prefix: str, fields: Mapping[str, Field]) -> dict[str, Field]:
    return {f"{prefix}.{name}": field for name, field in fields.items()}


CUSTOMER: dict[str, Field] = {
    "id": READ,
    "number": Field(longest=50, required=True),
    "name": Field(longest=200, required=True),
    "type": Field(choices=("company", "private")),
    "organisationNumber": Field(longest=30),
    "vatNumber": Field(longest=30),
    "phone": Field(longest=50),
    "mobile": Field(longest=50),
    "email": Field(longest=254),
    "invoiceEmail": Field(longest=254),
    "website": TEXT,
    "ourReference": Field(longest=100),
    "yourReference": Field(longest=100),
    "category": TEXT,
    **_flat("address", _ADDRESS),
    **_flat("visitingAddress", _ADDRESS),
    **_flat("deliveryAddress", {"name": TEXT, **_ADDRESS}),
    **_flat("extraFields", {f"Fritt fält {number}": TEXT for number in range(1, 5)}),
    "active": FLAG,
    **_STAMPS,
}
ARTICLE: dict[str, Field] = {
    "id": READ,
    "number": Field(longest=50, required=True),
    "name": Field(longest=200, required=True),
    "unit": Field(longest=20),
    "ean": Field(longest=30),
    "supplierArticleNumber": Field(longest=50),
    "price": AMOUNT,
    "purchasePrice": AMOUNT,
    "category": TEXT,
    "active": FLAG,
    **_STAMPS,
}
PRICE_LIST: dict[str, Field] = {
    "id": READ,
    "code": Field(longest=50, required=True),
    "name": Field(longest=100, required=True),
    "currency": Field("currency", 3),
    "active": FLAG,
    **_STAMPS,
}
PRICE: dict[str, Field] = {
    "id": READ,
    "priceListCode": Field(longest=50, required=True),
    "articleNumber": Field(longest=50, required=True),
    "fromQuantity": AMOUNT,
    "price": Field("number", required=True),
    **_STAMPS,
}
TIME_TYPE: dict[str, Field] = {
    "id": READ,
    "name": Field(required=True),
    "articleNumber": Field(longest=50),
    "active": FLAG,
    **_STAMPS,
}
_ROW = {
    "position": Field("integer"),
    "billable": FLAG,
    "price": AMOUNT,
    "discountPercent": AMOUNT,
    "houseWork": FLAG,
    "houseWorkType": Field(choices=WORK_TYPES),
    "date": Field("date"),
    "costCenter": Field(longest=50),
    "project": Field(longest=50),
}
TIME_ROW: dict[str, Field] = {
    "id": READ, "user": TEXT, "timeType": TEXT, "hours": AMOUNT, "billableHours": AMOUNT, "text": Field(longest=4000),
    "internalText": Field(longest=4000), "objectName": READ, **_ROW,
}  # fmt: skip
MATERIAL_ROW: dict[str, Field] = {
    "id": READ, "articleNumber": Field(longest=50), "name": TEXT, "quantity": AMOUNT, "unit": Field(longest=20),
    "purchasePrice": AMOUNT, "storage": TEXT, "objectName": READ, **_ROW,
}  # fmt: skip
EXTRA_FIELDS = tuple(f"Extrafält {number}" for number in range(1, 21))
REFERENCES = ("ourReference", "yourReference", "yourOrderNumber", "marking", "project", "costCenter")
ASSIGNMENT: dict[str, Field] = {
    "number": Field(longest=50, required=True),
    "title": TEXT,
    "customerNumber": Field(longest=50),
    "object": TEXT,
    "category": TEXT,
    "workGroup": TEXT,
    "responsible": TEXT,
    "status": Field(choices=STATUSES),
    "attested": FLAG,
    "date": Field("date"),
    "completed": Field("date"),
    "assignmentText": Field(longest=100_000),
    "actionText": Field(longest=100_000),
    "internalNote": Field(longest=100_000),
    "total": AMOUNT,
    **_flat("references", {name: Field(longest=100) for name in REFERENCES}),
    **_flat("extraFields", dict.fromkeys(EXTRA_FIELDS, TEXT)),
    **_flat("houseWork", {"type": Field(choices=HOUSE_WORK), "propertyDesignation": TEXT}),
    **_STAMPS,
}
RESULT: dict[str, Field] = {
    "documentType": Field(required=True, choices=("order", "invoice")),
    "documentNumber": Field(longest=50, required=True),
    "archived": FLAG,
    "message": Field(longest=1000),
}


def checked(fields: Mapping[str, Field], body: object) -> JSON:
    """Return a body as flat field -> value, everything that the shape has and the body lacks as None.

    Fields that are read only are dropped, as a caller sends back what it has read. Raises Refusal: unknown fields, wrong
    types, texts that are too long (nothing is ever cut), values out of their choices, required ones empty.
    """
    if not isinstance(body, dict):
        raise invalid({"$": "ett objekt väntades"})
    given = _flattened(body)
    wrong = {name: "okänt fält" for name in given if name not in fields and name not in _parents(fields)}
    values: JSON = {}
    for name, field in fields.items():
        if not field.writable:
            continue
        value = given.get(name)
        if value is None or value == "":
            if field.required:
                wrong[name] = "måste anges"
            values[name] = None
            continue
        fault = _fault(field, value)
        if fault:
            wrong[name] = fault
        values[name] = value
    if wrong:
        raise invalid(wrong)
    return values


def nested(values: Mapping[str, Any]) -> JSON:
    """Return flat values as the contract shows them: `address.city` is city in address."""
    shown: JSON = {}
    for name, value in values.items():
        parent, dot, child = name.partition(".")
        if dot:
            shown.setdefault(parent, {})[child] = value
        else:
            shown[name] = value
    return shown


def _parents(fields: Mapping[str, Field]) -> set[str]:
    return {name.partition(".")[0] for name in fields if "." in name}


def _flattened(body: JSON) -> JSON:
    flat: JSON = {}
    for name, value in body.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{child}": inner for child, inner in value.items()}
        else:
            flat[name] = value
    return flat


def _fault(field: Field, value: object) -> str:
    """Return what is wrong with a value in Swedish, "" when nothing is."""
    if field.kind == "flag":
        return "" if isinstance(value, bool) else "true eller false väntades"
    if field.kind in ("number", "integer"):
        return _number_fault(field.kind, value)
    if not isinstance(value, str):
        return "en text väntades"
    if len(value) > field.longest:
        return f"högst {field.longest} tecken"
    if "\x00" in value:
        return "otillåtet tecken"
    if field.choices and value not in field.choices:
        return "ett av " + ", ".join(field.choices)
    return _special_fault(field.kind, value)


def _number_fault(kind: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return "ett tal väntades"
    if kind == "integer" and value != int(value):
        return "ett heltal väntades"
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    if abs(number) >= LARGEST or not isinstance(exponent, int) or exponent < -6:
        return "talet är för stort eller har för många decimaler"
    return ""


def _special_fault(kind: str, value: str) -> str:
    if kind == "country" and not re.fullmatch(r"[A-Z]{2}", value):
        return "landskod med två bokstäver"
    if kind == "currency" and not re.fullmatch(r"[A-Z]{3}", value):
        return "valutakod med tre bokstäver"
    if kind == "date":
        try:
            date.fromisoformat(value)
        except ValueError:
            return "datum som ÅÅÅÅ-MM-DD"
        return "" if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else "datum som ÅÅÅÅ-MM-DD"
    return ""


def moment(text: str) -> datetime:
    """Return a date-time of a filter. Raises Refusal without an offset: a bare time has been read as two different ones."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise invalid({"filter.updatedAfter": "tidpunkt med tidszon, till exempel 2026-03-01T08:00:00Z"})
    return found
