"""Offers: one quantity a row, locked once something was made of them (Fortnox API, sections 9.4 and 11)."""

# ruff: noqa: RUF012  the tables in the classes are read, never changed

from collections.abc import Mapping
from typing import Any

from brygga_sandbox.fortnox import lists
from brygga_sandbox.fortnox.documents import shapes
from brygga_sandbox.fortnox.documents.chain import carried, reductions_follow
from brygga_sandbox.fortnox.documents.document import Document, days_after, labelled
from brygga_sandbox.fortnox.documents.orders import Orders, make_invoice
from brygga_sandbox.fortnox.documents.rows import RowKind
from brygga_sandbox.fortnox.errors import refusal, refusal_text
from brygga_sandbox.fortnox.resource import Action, Call
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Key, Record
from brygga_sandbox.server import Response

ROWS = RowKind("OfferRows", "Quantity", shapes.OFFER_ROW)
DAYS_VALID = 30


def _names(field: str) -> lists.Test:
    return lambda record: str(record.get(field) or "0") != "0"


def is_completed(record: lists.Fields) -> bool:
    """Tell whether an order or an invoice was made of an offer."""
    return _names("OrderReference")(record) or _names("InvoiceReference")(record)


class Offers(Document):
    """`/3/offers` and its actions."""

    name, tag, one, many = "offers", "Offers", "Offer", "Offers"
    scopes = ("offer",)
    modules = ("Offert", "Order")
    right = "offert"
    topic, event = "offers", "offer"
    cancelled_event = "canceled"
    thing = "offerten"
    thing_plain = "offert"
    kind, shape, list_shape = ROWS, shapes.OFFER, shapes.OFFER_LIST
    date_field, mail, word, kind_of_document = "OfferDate", "Offer", "Offert", "OFFER"
    changes = {
        "OfferRows[].AccountNumber": {"minimum": 0},
        # The list of kinds in the definition is an old one; the newer kinds are taken too.
        "OfferRows[].HouseWorkType": {"enum": None},
    }
    actions = {
        "cancel": Action("PUT", "cancel"),
        "createorder": Action("PUT", "createorder"),
        "createinvoice": Action("PUT", "createinvoice"),
        "externalprint": Action("PUT", "externalprint"),
        "email": Action("GET", "email"),
        "print": Action("GET", "print"),
        "preview": Action("GET", "preview"),
    }
    searches = {
        "customername": lists.contains("CustomerName"),
        "customernumber": lists.contains("CustomerNumber"),
        "documentnumber": lists.contains("DocumentNumber"),
        "costcenter": lists.contains("CostCenter"),
        "project": lists.contains("Project"),
        "label": labelled,
        "fromdate": lists.not_before("OfferDate"),
        "todate": lists.not_after("OfferDate"),
        "notcompleted": lists.flag("NotCompleted"),
        "sent": lists.flag("Sent"),
        "ourreference": lists.contains("OurReference"),
        "yourreference": lists.contains("YourReference"),
    }
    filters = {
        "cancelled": lambda record: bool(record.get("Cancelled")),
        "completed": is_completed,
        "notcompleted": lambda record: not is_completed(record) and not record.get("Cancelled"),
        "ordercreated": _names("OrderReference"),
        "ordernotcreated": lambda record: not _names("OrderReference")(record) and not record.get("Cancelled"),
    }
    sorts = {"customerName": "CustomerName", "id": "DocumentNumber", "transactionDate": "OfferDate", "total": "Total"}

    def dated_filters(self, today: str) -> dict[str, lists.Test]:
        """Return `expired`: open, and no longer valid."""
        return {
            "expired": lambda record: (
                not record.get("Cancelled") and not is_completed(record) and str(record.get("ExpireDate") or "9") < today
            )
        }

    def set_dates(self, company: Company, record: Record, sent: Mapping[str, Any], old: Record | None) -> None:
        """Set the date and, on a new offer, until when it holds."""
        super().set_dates(company, record, sent, old)
        if not record["ExpireDate"]:
            record["ExpireDate"] = days_after(record["OfferDate"], DAYS_VALID)

    def check_open(self, call: Call, old: Record, sent: Mapping[str, Any]) -> None:
        """Refuse a change of a cancelled offer or one that something was made of."""
        if old["Cancelled"]:
            raise refusal_text("Offerten är makulerad och kan inte ändras.")
        if is_completed(old):
            raise refusal(2001243)
        if sent.get("OfferRows") == []:
            raise refusal(2002649)

    def createorder(self, call: Call, key: Key, record: Record) -> Response:
        """Make an order of an offer, once; answers the offer, whose OrderReference names it."""
        self.check_usable(record)
        orders = call.company.resources["orders"]
        assert isinstance(orders, Orders)
        order = {**orders.start({}), **carried(self, record, orders), "OfferReference": key}
        order["DocumentNumber"] = str(orders.number(call, order))
        orders.set_dates(call.company, order, {}, None)
        orders.finish_chained(call, order, record["OfferRows"], quantity="Quantity")
        reductions_follow(call.company, self, record, orders, order)
        record["OrderReference"] = order["DocumentNumber"]
        self.keep(call, record)
        return self.shown(call, record)

    def createinvoice(self, call: Call, key: Key, record: Record) -> Response:
        """Make an invoice of an offer, once; answers the offer, whose InvoiceReference names it."""
        self.check_usable(record)
        record["InvoiceReference"] = make_invoice(call, self, record)
        self.keep(call, record)
        return self.shown(call, record)

    def check_usable(self, record: Record) -> None:
        """Refuse an offer that is cancelled or used."""
        if record["Cancelled"]:
            raise refusal_text("Offerten är makulerad.")
        if str(record["OrderReference"]) != "0":
            raise refusal(2000499)
        if str(record["InvoiceReference"]) != "0":
            raise refusal(2001243)
