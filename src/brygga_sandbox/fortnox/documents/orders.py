"""Orders: totals follow what is delivered, one invoice each (Fortnox API, sections 9.6 and 11)."""

# ruff: noqa: RUF012  the tables in the classes are read, never changed

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from brygga_sandbox.fortnox import lists
from brygga_sandbox.fortnox.documents import shapes
from brygga_sandbox.fortnox.documents.amounts import text
from brygga_sandbox.fortnox.documents.chain import carried, reductions_follow
from brygga_sandbox.fortnox.documents.document import QUIRKS, Document, labelled
from brygga_sandbox.fortnox.documents.invoices import Invoices
from brygga_sandbox.fortnox.documents.rows import RowKind
from brygga_sandbox.fortnox.errors import refusal, refusal_text
from brygga_sandbox.fortnox.payload import Quirks
from brygga_sandbox.fortnox.resource import Action, Call
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Key, Record
from brygga_sandbox.server import Response

ROWS = RowKind("OrderRows", "DeliveredQuantity", shapes.ORDER_ROW)
STATES = ("registration", "reservation", "delivery")


def is_invoiced(record: lists.Fields) -> bool:
    """Tell whether an invoice was made of an order."""
    return str(record.get("InvoiceReference") or "0") != "0"


class Orders(Document):
    """`/3/orders` and its actions."""

    name, tag, one, many = "orders", "Orders", "Order", "Orders"
    scopes = ("order",)
    modules = ("Order",)
    right = "order"
    topic, event = "orders", "order"
    missing_code, thing = 2000439, "ordern"
    taken_code = 2000861
    kind, shape, list_shape = ROWS, shapes.ORDER, shapes.ORDER_LIST
    date_field, mail, word, kind_of_document = "OrderDate", "Order", "Order", "ORDER"
    changes = {
        "OrderRows[].AccountNumber": {"minimum": 0},
        "OrderRows[].RowId": {"where": "DCU", "type": "int"},
        "YourOrderNumber": {"max_length": None},
    }
    quirks = Quirks(cut={**QUIRKS.cut, "YourOrderNumber": 30}, bad_null=QUIRKS.bad_null, free_text=QUIRKS.free_text)
    actions = {
        "cancel": Action("PUT", "cancel"),
        "createinvoice": Action("PUT", "createinvoice"),
        "externalprint": Action("PUT", "externalprint"),
        "warehouseready": Action("PUT", "warehouseready"),
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
        "fromdate": lists.not_before("OrderDate"),
        "todate": lists.not_after("OrderDate"),
        "notcompleted": lists.flag("NotCompleted"),
        "sent": lists.flag("Sent"),
        "ourreference": lists.contains("OurReference"),
        "yourreference": lists.contains("YourReference"),
        "externalinvoicereference1": lists.begins("ExternalInvoiceReference1"),
        "externalinvoicereference2": lists.begins("ExternalInvoiceReference2"),
        "ordertype": lists.contains("OrderType"),
    }
    filters = {
        "cancelled": lambda record: bool(record.get("Cancelled")),
        "invoicecreated": is_invoiced,
        "invoicenotcreated": lambda record: not is_invoiced(record) and not record.get("Cancelled"),
    }
    sorts = {
        "customername": "CustomerName",
        "customernumber": "CustomerNumber",
        "orderdate": "OrderDate",
        "documentnumber": "DocumentNumber",
        "total": "Total",
    }

    def dated_filters(self, today: str) -> dict[str, lists.Test]:
        """Return `expired`: open, and the delivery date has passed."""
        return {
            "expired": lambda record: (
                not record.get("Cancelled")
                and not is_invoiced(record)
                and bool(record.get("DeliveryDate"))
                and str(record.get("DeliveryDate")) < today
            )
        }

    def check_open(self, call: Call, old: Record, sent: Mapping[str, Any]) -> None:
        """Refuse a change of a cancelled, invoiced or ready-marked order."""
        if old["Cancelled"]:
            raise refusal_text("Ordern är makulerad och kan inte ändras.")
        if is_invoiced(old):
            raise refusal_text("Ordern är fakturerad och kan inte ändras.")
        if old.get("_ready"):
            raise refusal(2003125)

    def add_up(self, company: Company, record: Record) -> None:
        """Write sums; with the warehouse module rows wait for it, and nothing is delivered before its state says so."""
        stock = company["warehouse"] and bool(record["OrderRows"])
        if stock and record["DeliveryState"] != "delivery":
            for row in record["OrderRows"]:
                row["ReservedQuantity"] = row["OrderedQuantity"] if record["DeliveryState"] == "reservation" else "0"
        record["WarehouseReady"] = bool(record.get("_ready")) or not record["OrderRows"]
        super().add_up(company, record)

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Check a changed order; the delivery state only goes forward."""
        super().revise(call, old, record, sent)
        if STATES.index(record["DeliveryState"]) < STATES.index(old["DeliveryState"]):
            raise refusal_text("Leveransstatus kan inte backas.")

    def warehouseready(self, call: Call, key: Key, record: Record) -> Response:
        """Mark as delivered by the warehouse; locks the order."""
        self.check_open(call, record, {})
        if record["DeliveryState"] != "delivery":
            raise refusal(2003124)
        if record["OutboundDate"] > call.company.today().isoformat():
            raise refusal(2003126)
        record["WarehouseReady"] = record["_ready"] = True
        self.keep(call, record)
        return self.shown(call, record)

    def createinvoice(self, call: Call, key: Key, record: Record) -> Response:
        """Make the invoice of an order, once; answers the order, whose InvoiceReference names it."""
        if record["Cancelled"]:
            raise refusal_text("Ordern är makulerad och kan inte faktureras.")
        if is_invoiced(record):
            raise refusal_text(f"Ordern är redan fakturerad på faktura {record['InvoiceReference']}.")
        if record["NotCompleted"]:
            raise refusal_text("Ordern är inte färdig och kan inte faktureras.")
        if call.company["warehouse"] and not record["WarehouseReady"]:
            raise refusal_text("Ordern är inte klarmarkerad och kan inte faktureras.")
        number = make_invoice(call, self, record)
        record["InvoiceReference"] = number
        self.keep(call, record)
        self.make_back_order(call, record)
        return self.shown(call, record)

    def make_back_order(self, call: Call, record: Record) -> None:
        """Make an order of what was ordered and not delivered, where the company keeps such orders."""
        left = [
            {**row, "OrderedQuantity": text(rest), "DeliveredQuantity": "0"}
            for row in record["OrderRows"]
            if (rest := Decimal(row["OrderedQuantity"]) - Decimal(row["DeliveredQuantity"])) > 0
        ]
        if not left or not call.company["back_orders"]:
            return
        order = {**self.start({}), **carried(self, record, self), "OrderType": "Backorder"}
        order["DocumentNumber"] = str(self.number(call, order))
        self.finish_chained(call, order, left)


def make_invoice(call: Call, source: Document, record: Record) -> str:
    """Make the invoice of an order or offer and return its number; rows keep prices, VAT and accounts."""
    invoices = call.company.resources["invoices"]
    assert isinstance(invoices, Invoices)
    company = call.company
    invoice = {**invoices.start({}), **carried(source, record, invoices)}
    invoice[f"{source.one}Reference"] = record["DocumentNumber"]
    if source.one == "Order":
        invoice["OfferReference"] = record["OfferReference"]
    invoice["DocumentNumber"] = str(invoices.number(call, invoice))
    invoices.set_dates(company, invoice, {}, None)
    invoices.set_ocr(company, invoice, {})
    invoices.finish_chained(call, invoice, record[source.kind.field], quantity=source.kind.quantity)
    reductions_follow(company, source, record, invoices, invoice)
    return str(invoice["DocumentNumber"])
