"""What a person chooses for deliveries (webCRM's Fortnox document, section Faktura och Order; rows WEB-36 to WEB-52)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from brygga.connectors import settings as table
from brygga.connectors.settings import Setting, Source, words
from brygga.core.policy import LEFT, RIGHT, Side
from brygga.errors import SettingsError

STATUSES = ("New", "Planned", "OnGoing", "Completed", "GeneralDelivery")

# Where a delivery's own fields lie; what webCRM has no field for is a custom field, by its label (systems.md 7.1, shapes).
ORDER_PLACES: Mapping[str, str] = {
    "number": "Ordernummer",
    "date": "DeliveryOrderDate",
    "delivery_date": "Leveransdatum",
    "text": "Ordertext",
    "invoice_number": "Fakturanummer",
    "invoice_date": "Fakturadatum",
    "invoice_booked": "Bokförd",
}
INVOICE_PLACES: Mapping[str, str] = {
    "number": "Fakturanummer",
    "date": "Fakturadatum",
    "text": "Fakturatext",
    "booked": "Bokförd",
}
PLACES: Mapping[str, Mapping[str, str]] = {"order": ORDER_PLACES, "invoice": INVOICE_PLACES}
TWO_WAY = ("date", "delivery_date", "text", "rows", "currency")
"""The fields that go both ways (WEB-41, WEB-43 to WEB-45, WEB-49, WEB-50); all others only come from Fortnox."""

# What a delivery can say or show beside, where a person names a field for it (WEB-12).
SAID = (
    "delivery_name",
    "delivery_street",
    "delivery_postcode",
    "delivery_city",
    "delivery_country",
    "our_reference",
    "your_reference",
    "your_order_number",
    "cost_center",
    "project",
)
"""Both ways, as the rows of the order or invoice are."""
TOLD: Mapping[str, tuple[str, ...]] = {
    "order": ("cancelled",),
    "invoice": ("due", "total", "balance", "paid_on", "cancelled", "credited"),
}
"""From Fortnox only: what became of the document."""
PEOPLE: Mapping[str, str] = {"our_reference": "DeliveryResponsible", "your_reference": "DeliveryPersonId"}
"""The fields that hold a user or a person, whose name the reference is then; they are read and never written."""
OPTIONAL: Mapping[str, tuple[str, ...]] = {kind: (*SAID, *told) for kind, told in TOLD.items()}
_NAMES = tuple(dict.fromkeys((*ORDER_PLACES, *INVOICE_PLACES, *OPTIONAL["order"], *OPTIONAL["invoice"])))

_OWNER: Mapping[str, Side] = {"webcrm": LEFT, "fortnox": RIGHT}


def _or_nothing(value: object) -> str:
    return "" if value == "" else table.text(value)


DOCUMENT_SETTINGS: tuple[Setting, ...] = (
    Setting(
        "document",
        "Leverans blir order eller faktura",
        "Whether a new or changed delivery becomes an order or an invoice in Fortnox.",
        "order",
        "order, invoice",
        table.one_of("order", "invoice"),
        values=words("order", "invoice"),
    ),
    Setting(
        "delivery_fields",
        "Fält på leveransen",
        "Where a delivery keeps what webCRM has no field for: the label of a field, or its name in the API (DeliveryCustom1). An "
        "empty text leaves the field out. The date of an invoice is mandatory (Fakturadatum). Delivery address, references, cost centre, "
        "project and what became of the document are carried where a field is named. Our reference can be the delivery's user "
        "(DeliveryResponsible), your reference its person (DeliveryPersonId).",
        {},
        "a table of " + ", ".join(_NAMES) + ", each a label or a name",
        table.mapping(_NAMES, lambda value: "" if value == "" else table.text(value)),
        keys=words(*_NAMES),
        values=Source("delivery_fields", loose=True),
        empties=True,
    ),
    Setting(
        "show_status",
        "Visa läget mot Fortnox på leveransen",
        "Whether each delivery shows how it stands with Fortnox: ErpStatus says whether it is in step or waits, ErpReadOnly whether its "
        "document is locked, ErpSyncDateTime when they were brought in step. They are written when they change.",
        True,
        "true, false",
        table.switch,
    ),
    Setting(
        "status_field",
        "Fält för läget mot Fortnox",
        "Where a delivery says in words how it stands with Fortnox, and what it waits for: the label of a field, or its name in the API. "
        "Without such a field ErpStatus alone shows it.",
        "Fortnox-status",
        "a label or a name; empty for none",
        _or_nothing,
        values=Source("delivery_fields", loose=True, compared=False),
    ),
    Setting(
        "order_description",
        "Beskrivning på leverans från order",
        "What a delivery is called that comes from an order made in Fortnox.",
        "faktura",
        "a text",
        table.text,
    ),
    Setting(
        "invoice_description",
        "Beskrivning på leverans från faktura",
        "What a delivery is called that comes from an invoice made in Fortnox.",
        "faktura",
        "a text",
        table.text,
    ),
    Setting(
        "order_status",
        "Status på leverans från order",
        "The status of a delivery that comes from an order made in Fortnox.",
        "New",
        ", ".join(STATUSES),
        table.one_of(*STATUSES),
        values=words(*STATUSES),
    ),
    Setting(
        "invoice_status",
        "Status på leverans från faktura",
        "The status of a delivery that comes from an invoice made in Fortnox.",
        "Completed",
        ", ".join(STATUSES),
        table.one_of(*STATUSES),
        values=words(*STATUSES),
    ),
    Setting(
        "row_without_vat",
        "Rad utan momssats",
        "What a row of a delivery carries whose VAT rate is not filled in; webCRM shows 0 for it, as for 0 %. article: the rate of its article "
        "in Fortnox, and a row without an article waits. zero: 0 %. wait: it waits until somebody fills the rate in.",
        "article",
        "article, zero, wait",
        table.one_of("article", "zero", "wait"),
        values=words("article", "zero", "wait"),
    ),
    Setting(
        "freight_article",
        "Fraktartikel",
        "The article that stands on a delivery for the freight in the head of a document made in Fortnox. Without it the freight is told and "
        "does not come to webCRM.",
        "",
        "the number of an article in Fortnox",
        _or_nothing,
        values=Source("articles", "fortnox"),
    ),
    Setting(
        "fee_article",
        "Avgiftsartikel",
        "The article that stands on a delivery for the invoice fee (expeditionsavgift) in the head of a document made in Fortnox. Without it "
        "the fee is told and does not come to webCRM.",
        "",
        "the number of an article in Fortnox",
        _or_nothing,
        values=Source("articles", "fortnox"),
    ),
    Setting(
        "import_documents",
        "Ta med äldre dokument vid uppstart",
        "Whether the first sync also takes deliveries, orders and invoices that were there before. Without it only those that are "
        "made or changed from then on are synced.",
        False,
        "true, false",
        table.switch,
    ),
    Setting(
        "document_owners",
        "Vem äger fältet på dokument",
        "Whose value holds when both systems changed a field of a document between two syncs. A field that is not named waits for "
        "a person.",
        {},
        "a table of " + ", ".join(TWO_WAY) + ", each fortnox or webcrm",
        table.mapping(TWO_WAY, table.one_of("fortnox", "webcrm")),
        keys=words(*TWO_WAY),
        values=words("webcrm", "fortnox"),
        every=True,
    ),
)


@dataclass(frozen=True)
class DocumentSettings:
    """The settings of deliveries, checked.

    kind      what a delivery becomes
    places    our field -> label or name of the delivery's field
    chosen    the fields whose place a person named; a default place may be missing in an installation
    without_vat     what a row carries whose VAT rate is not filled in
    head_articles   the articles that stand for freight and fee in a document's head; "" where it is told and not carried
    """

    kind: Literal["order", "invoice"]
    places: Mapping[str, str]
    chosen: frozenset[str]
    description: str
    status: str
    import_existing: bool
    owners: Mapping[str, Side]
    without_vat: Literal["article", "zero", "wait"] = "article"
    head_articles: Mapping[str, str] = field(default_factory=dict)
    show_status: bool = True
    status_field: str = ""


def document_settings(values: Mapping[str, Any], place: str) -> DocumentSettings:
    """Return the settings of deliveries. Raises SettingsError when a mandatory field has no place, or two share one."""
    kind = values["document"]
    given = {name: where for name, where in values["delivery_fields"].items() if name in PLACES[kind] or name in OPTIONAL[kind]}
    places = {name: where for name, where in {**PLACES[kind], **given}.items() if where}
    for name in ("number", "date") if kind == "invoice" else ("number",):
        if name not in places:
            raise SettingsError(
                "{place}.delivery_fields.{name} is empty, but a delivery needs it.",
                repair="Name the field of webCRM that holds it.",
                rule="WEB-49" if name == "date" else "WEB-42",
                place=place,
                name=name,
            )
    if len(set(places.values())) < len(places):
        raise SettingsError(
            "{place}.delivery_fields keeps two things in one field: {fields}.",
            repair="Give each its own field of webCRM.",
            place=place,
            fields=", ".join(f"{name} in {where}" for name, where in places.items()),
        )
    owners = {name: _OWNER[owner] for name, owner in values["document_owners"].items()}
    return DocumentSettings(
        kind,
        places,
        frozenset(given),
        values[f"{kind}_description"],
        values[f"{kind}_status"],
        values["import_documents"],
        owners,
        values["row_without_vat"],
        {"freight": values["freight_article"], "fee": values["fee_article"]},
        values["show_status"],
        values["status_field"],
    )
