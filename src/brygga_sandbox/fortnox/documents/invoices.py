"""Invoices: cash and credit invoices too; booking, crediting, cancelling, sending (Fortnox API, sections 9.7 and 11).

Where the reference knows no code for a refusal of a state, the text says it (`refusal_text`).
"""

# ruff: noqa: RUF012  the tables in the classes are read, never changed

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from brygga_sandbox.fortnox import lists, wire
from brygga_sandbox.fortnox.documents import booking, posting, shapes
from brygga_sandbox.fortnox.documents.amounts import ZERO, plain
from brygga_sandbox.fortnox.documents.document import QUIRKS, Document, amount_text, due_date, labelled, pdf
from brygga_sandbox.fortnox.documents.ocr import make_ocr
from brygga_sandbox.fortnox.documents.rows import Kept, RowKind
from brygga_sandbox.fortnox.errors import Refusal, refusal, refusal_text
from brygga_sandbox.fortnox.payload import Quirks
from brygga_sandbox.fortnox.resource import Action, Call
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Key, Record
from brygga_sandbox.server import Response

ROWS = RowKind("InvoiceRows", "DeliveredQuantity", shapes.INVOICE_ROW)
# All that a booked invoice still lets change (Fortnox API, section 9.7).
HOUSEWORK_FIELDS = frozenset({"RowId", "HouseWorkType", "HouseWorkHoursToReport"})
# What a credit invoice does not take over from its original.
_OWN_OF_CREDIT = [
    "DocumentNumber",
    "OCR",
    "InvoiceDate",
    "DueDate",
    "OutboundDate",
    "Booked",
    "Sent",
    "Balance",
    "FinalPayDate",
    "VoucherNumber",
    "VoucherSeries",
    "VoucherYear",
    "Reminders",
    "LastRemindDate",
    "CreditInvoiceReference",
    "InvoiceRows",
    "EmailInformation",
    "OrderReference",
    "OfferReference",
]


def _row_has(field: str) -> Any:
    def search(text: str) -> lists.Test:
        wanted = text.lower()
        return lambda record: any(wanted in str(row.get(field) or "").lower() for row in record.get("InvoiceRows") or ())

    return search


def _account(low: bool) -> Any:
    def search(text: str) -> lists.Test:
        if not text.isdigit():
            raise refusal(2000588)
        bound = int(text)
        return lambda record: any(
            (row.get("AccountNumber") or 0) >= bound if low else 0 < (row.get("AccountNumber") or 0) <= bound
            for row in record.get("InvoiceRows") or ()
        )

    return search


def _credit(text: str) -> lists.Test:
    if text.lower() not in ("true", "false"):
        raise refusal(2000588)
    return lambda record: record.get("Credit") == text.lower()


def is_unpaid(record: lists.Fields) -> bool:
    """Tell whether a booked invoice waits for money."""
    return bool(record.get("Booked")) and not record.get("FinalPayDate") and not record.get("Cancelled")


class Invoices(Document):
    """`/3/invoices` and its actions."""

    name, tag, one, many = "invoices", "Invoices", "Invoice", "Invoices"
    scopes = ("invoice",)
    scope_code = 2001393
    modules = ("Fakturering",)
    right = "kundfakturor"
    topic, event = "invoices", "invoice"
    missing_code, thing = 2000434, "fakturan"
    kind, shape, list_shape = ROWS, shapes.INVOICE, shapes.INVOICE_LIST
    date_field, mail, word, kind_of_document = "InvoiceDate", "Invoice", "Faktura", "INVOICE"
    remark_field = "Remarks"
    changes = {
        "InvoiceRows[].AccountNumber": {"minimum": 0},
        "InvoiceRows[].RowId": {"where": "DCU"},
    }
    quirks = Quirks(cut=QUIRKS.cut, bad_null=QUIRKS.bad_null, free_text=QUIRKS.free_text)
    actions = {
        "bookkeep": Action("PUT", "bookkeep"),
        "cancel": Action("PUT", "cancel"),
        "credit": Action("PUT", "credit"),
        "externalprint": Action("PUT", "externalprint"),
        "warehouseready": Action("PUT", "warehouseready"),
        "email": Action("GET", "email"),
        "print": Action("GET", "print"),
        "preview": Action("GET", "preview"),
        "printreminder": Action("GET", "printreminder"),
        "eprint": Action("GET", "eprint"),
        "einvoice": Action("GET", "einvoice"),
    }
    searches = {
        "customername": lists.contains("CustomerName"),
        "customernumber": lists.contains("CustomerNumber"),
        "documentnumber": lists.contains("DocumentNumber"),
        "costcenter": lists.contains("CostCenter"),
        "project": lists.contains("Project"),
        "label": labelled,
        "fromdate": lists.not_before("InvoiceDate"),
        "todate": lists.not_after("InvoiceDate"),
        "fromfinalpaydate": lists.not_before("FinalPayDate"),
        "tofinalpaydate": lists.not_after("FinalPayDate"),
        "notcompleted": lists.flag("NotCompleted"),
        "sent": lists.flag("Sent"),
        "ocr": lists.contains("OCR"),
        "ourreference": lists.contains("OurReference"),
        "yourreference": lists.contains("YourReference"),
        "yourordernumber": lists.contains("YourOrderNumber"),
        "externalinvoicereference1": lists.begins("ExternalInvoiceReference1"),
        "externalinvoicereference2": lists.begins("ExternalInvoiceReference2"),
        "invoicetype": lists.contains("InvoiceType"),
        "currency": lists.contains("Currency"),
        "credit": _credit,
        "articlenumber": _row_has("ArticleNumber"),
        "articledescription": _row_has("Description"),
        "accountnumberfrom": _account(low=True),
        "accountnumberto": _account(low=False),
    }
    filters = {
        "cancelled": lambda record: bool(record.get("Cancelled")),
        "fullypaid": lambda record: bool(record.get("FinalPayDate")) and not record.get("Cancelled"),
        "unpaid": is_unpaid,
        "unbooked": lambda record: not record.get("Booked") and not record.get("Cancelled"),
    }
    sorts = {
        "customername": "CustomerName",
        "customernumber": "CustomerNumber",
        "documentnumber": "DocumentNumber",
        "invoicedate": "InvoiceDate",
        "ocr": "OCR",
        "total": "Total",
    }
    thing_plain = "faktura"

    def dated_filters(self, today: str) -> dict[str, lists.Test]:
        """Return `unpaidoverdue`: unpaid and due before today."""
        return {"unpaidoverdue": lambda record: is_unpaid(record) and str(record.get("DueDate")) < today}

    def list_row(self, call: Call, record: Record) -> dict[str, Any]:
        """Return what a list shows; the rate is a text here."""
        row = super().list_row(call, record)
        row["CurrencyRate"] = amount_text(row["CurrencyRate"])
        return row

    def taken(self, key: Key, *, deleted: bool) -> Refusal:
        """Return the refusal of a number that is used; its code is not known."""
        return refusal_text(f"Fakturanummer {key} används redan.")

    # -- making and changing

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Fill, number and add up a new invoice; OCR, type, method, credit reference."""
        company = call.company
        self.check_type(company, record)
        self.fill(company, record, sent)
        record["DocumentNumber"] = str(self.number(call, record))
        self.set_ocr(company, record, sent)
        self.write_mail(record, sent)
        self.set_credit_reference(company, record)
        self.make_rows(company, record, sent.get("InvoiceRows") or [], Kept())
        self.add_up(company, record)

    def check_type(self, company: Company, record: Record) -> None:
        """Check type and way of payment. Raises Refusal for a cash invoice that does not say how it was paid."""
        if record["InvoiceType"] == "CASHINVOICE":
            if record["PaymentWay"] not in booking.CASH_ACCOUNTS:
                raise refusal_text("Betalningssätt (PaymentWay) måste vara CASH, CARD eller AG på en kontantfaktura.")
            if record["PrintTemplate"] == self.blank["PrintTemplate"]:
                record["PrintTemplate"] = "ik"
        elif record["PaymentWay"] not in ("", *booking.CASH_ACCOUNTS):
            raise refusal_text(f"Ogiltigt betalningssätt ({record['PaymentWay']})")

    def set_ocr(self, company: Company, record: Record, sent: Mapping[str, Any]) -> None:
        """Set the payment reference: a given one must be unused, else number, length and check digit; null when off."""
        given = sent.get("OCR")
        if given:
            if any(other.get("OCR") == given for other in company.table(self.name).records.values()):
                raise refusal_text("OCR-numret används redan")
        else:
            record["OCR"] = make_ocr(str(record["DocumentNumber"])) if company["ocr"] else None

    def set_credit_reference(self, company: Company, record: Record) -> None:
        """Make a document that names the invoice it credits a credit invoice."""
        original = record["CreditInvoiceReference"] or "0"
        record["CreditInvoiceReference"] = original
        if original != "0":
            if original not in company.table(self.name):
                raise refusal(2000434)
            record["Credit"] = "true"

    def set_dates(self, company: Company, record: Record, sent: Mapping[str, Any], old: Record | None) -> None:
        """Set dates, due date and accounting method."""
        super().set_dates(company, record, sent, old)
        moved = old is None or any(record[name] != old[name] for name in ("InvoiceDate", "TermsOfPayment"))
        if not record["DueDate"] or (moved and "DueDate" not in sent):
            record["DueDate"] = due_date(company, record["InvoiceDate"], str(record["TermsOfPayment"]))
        record["AccountingMethod"] = method_of(company, record["InvoiceDate"])

    def add_up(self, company: Company, record: Record) -> None:
        """Write sums and balance of an invoice that is not booked."""
        super().add_up(company, record)
        cash = record["InvoiceType"] == "CASHINVOICE"
        paid = sum((Decimal(str(one)) for one in record.get("_payments", ())), ZERO)
        record["Balance"] = 0 if cash else plain(Decimal(record["TotalToPay"]) - paid)
        stock = company["warehouse"] and any(
            (company.table("articles").records.get(row["ArticleNumber"]) or {}).get("StockGoods") for row in record["InvoiceRows"]
        )
        if stock and not record.get("_ready"):
            record["WarehouseReady"] = False

    def check_open(self, call: Call, old: Record, sent: Mapping[str, Any]) -> None:
        """Refuse a change of a cancelled, booked, ready or (cash method) sent invoice, or of rows that an order made."""
        if old["Cancelled"]:
            raise refusal_text("Fakturan är makulerad och kan inte ändras.")
        if old["Booked"]:
            raise refusal_text("Fakturan är bokförd och kan inte ändras.")
        if old.get("_ready") and call.company["warehouse"]:
            raise refusal(2003125)
        if old["AccountingMethod"] == "CASH" and old["Sent"] and set(sent) - {"DueDate"}:
            raise refusal_text("Fakturan är skickad och kan inte ändras.")
        if "InvoiceRows" in sent and old["OrderReference"] != "0":
            raise refusal_text(
                "En eller flera rader har koppling till en order, det går därför inte att uppdatera raderna via API."
            )

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Check and add up a changed invoice; a booked one takes house work details of rows only."""
        rows = sent.get("InvoiceRows")
        if old["Booked"] and set(sent) == {"InvoiceRows"} and rows and all(set(row) <= HOUSEWORK_FIELDS for row in rows):
            record["InvoiceRows"] = self.housework_details(old, rows)
            return
        self.check_open(call, old, sent)
        if any(record[name] != old[name] for name in ("InvoiceType", "PaymentWay")):
            self.check_type(call.company, record)
        if "OCR" in sent and record["OCR"] != old["OCR"]:
            self.set_ocr(call.company, record, sent)
        self.set_credit_reference(call.company, record)
        super().revise(call, old, record, sent)

    def housework_details(self, old: Record, rows: list[Mapping[str, Any]]) -> list[Record]:
        """Return the rows of a booked invoice with other house work details. Raises Refusal for an unknown row."""
        by_id = {row["RowId"]: row for row in rows}
        if None in by_id or set(by_id) - {row["RowId"] for row in old["InvoiceRows"]}:
            raise refusal_text("Fakturan är bokförd och kan inte ändras.")
        return [{**row, **by_id.get(row["RowId"], {})} for row in old["InvoiceRows"]]

    # -- actions

    def bookkeep(self, call: Call, key: Key, record: Record) -> Response:
        """Book: a voucher on the accounts of the rows; the invoice is locked from then on."""
        company = call.company
        if record["Cancelled"]:
            raise refusal_text("Fakturan är makulerad och kan inte bokföras.")
        if record["Booked"]:
            raise refusal_text("Fakturan är redan bokförd.")
        if record["AccountingMethod"] == "CASH" and record["InvoiceType"] != "CASHINVOICE":
            raise refusal_text("Fakturan kan inte bokföras, företaget använder kontantmetoden.")
        if record["NotCompleted"] or (company["warehouse"] and not record["WarehouseReady"]):
            raise refusal(2003498, key)
        for row in record["InvoiceRows"]:
            if Decimal(row["DeliveredQuantity"]) > 0 and not (row["Description"] or row["ArticleNumber"]):
                raise refusal(2003977)
        cash = record["InvoiceType"] == "CASHINVOICE"
        kind = "CASHINVOICE" if cash else "INVOICE"
        posted = posting.post(
            company,
            day=record["InvoiceDate"],
            series=posting.series_for(company, kind, "F" if cash else "B"),
            description=f"{'Kontantfaktura' if cash else 'Kundfaktura'} {key}, {record['CustomerName']}",
            entries=booking.invoice_entries(company, ROWS, record),
            reference=(kind, str(key)),
            locked_code=posting.INVOICE_LOCKED,
        )
        self.mark_booked(record, posted)
        if cash or not Decimal(record["Balance"]):
            record["FinalPayDate"] = record["InvoiceDate"]
        company.put(self.name, key, record)
        self.announce(call, "bookkeep", record)
        return self.shown(call, record)

    def mark_booked(self, record: Record, posted: posting.Posted) -> None:
        """Write where the voucher of an invoice went."""
        record["Booked"] = True
        record["VoucherSeries"], record["VoucherNumber"], record["VoucherYear"] = posted.series, posted.number, posted.year

    def cancel(self, call: Call, key: Key, record: Record) -> Response:
        """Cancel an invoice that is neither booked nor paid; its number stays."""
        if record["Cancelled"]:
            raise refusal_text("Fakturan är redan makulerad.")
        if record["Booked"]:
            raise refusal_text("Fakturan är bokförd och kan inte makuleras, den måste krediteras.")
        if record.get("_payments") or has_payment(call.company, str(key)):
            raise refusal_text("Fakturan har betalningar och kan inte makuleras.")
        record["Cancelled"], record["Balance"] = True, 0
        call.company.put(self.name, key, record)
        self.announce(call, "cancelled", record)
        return self.shown(call, record)

    def credit(self, call: Call, key: Key, record: Record) -> Response:
        """Make a credit invoice: a new unbooked document with the rows negated. Answers the original, which names it."""
        settled = record["Booked"] or (record["AccountingMethod"] == "CASH" and record["Sent"])
        if record["Credit"] == "true":
            raise refusal_text("En kreditfaktura kan inte krediteras.")
        if record["Cancelled"]:
            raise refusal_text("Fakturan är makulerad och kan inte krediteras.")
        if not settled:
            raise refusal_text("Fakturan är inte bokförd och kan inte krediteras.")
        if record["CreditInvoiceReference"] != "0":
            raise refusal_text(f"Fakturan är redan krediterad av faktura {record['CreditInvoiceReference']}.")
        number = self.make_credit(call, record)
        record["CreditInvoiceReference"] = number
        self.keep(call, record)
        return self.shown(call, record)

    def make_credit(self, call: Call, original: Record) -> str:
        """Make the credit invoice of an invoice, in its mode, currency and rate; return its number."""
        company = call.company
        credit = {name: value for name, value in original.items() if name not in _OWN_OF_CREDIT}
        credit = {**self.start({}), **credit, "Credit": "true", "CreditInvoiceReference": original["DocumentNumber"]}
        for name in ("_payments", "_sek_left", "_order", "_ready"):
            credit.pop(name, None)
        credit["TaxReductionType"] = "none"  # a credit of house work carries no reduction (accounting.md 7.5)
        credit["EmailInformation"] = dict(original["EmailInformation"])
        credit["AdministrationFee"] = plain(-Decimal(original["AdministrationFee"]))
        credit["Freight"] = plain(-Decimal(original["Freight"]))
        credit["DocumentNumber"] = str(self.number(call, credit))
        self.set_dates(company, credit, {}, None)
        self.set_ocr(company, credit, {})
        self.write_mail(credit, {})
        wishes = [negated(row) for row in original["InvoiceRows"]]
        self.make_rows(company, credit, wishes, Kept.of(original["InvoiceRows"]))
        self.add_up(company, credit)
        company.put(self.name, credit["DocumentNumber"], credit)
        self.announce(call, "created", credit)
        return str(credit["DocumentNumber"])

    def warehouseready(self, call: Call, key: Key, record: Record) -> Response:
        """Mark as ready in the warehouse; OutboundDate must have come."""
        if record["Cancelled"]:
            raise refusal(2003399)
        if record.get("_ready"):
            raise refusal(2003125)
        if record["OutboundDate"] > call.company.today().isoformat():
            raise refusal(2003126)
        record["WarehouseReady"] = record["_ready"] = True
        self.keep(call, record)
        return self.shown(call, record)

    def printreminder(self, call: Call, key: Key, record: Record) -> Response:
        """Return the PDF of a reminder and count it; only for a booked invoice that is unpaid and due."""
        today = call.company.today().isoformat()
        if not is_unpaid(record) or record["DueDate"] >= today:
            raise refusal_text("Fakturan kan inte påminnas, den är inte förfallen eller redan betald.")
        record["Reminders"] += 1
        record["LastRemindDate"] = today
        self.send_out(call, record, "printreminder")
        self.keep(call, record)
        call.company.emit("invoices", "reminder-sent-v1", key)
        return wire.binary(pdf(f"Påminnelse {key}"), "application/pdf")

    def eprint(self, call: Call, key: Key, record: Record) -> Response:
        """Send as a letter through the print service; needs the company registered there (setting `eprint`)."""
        return self._through_service(call, record, "eprint")

    def einvoice(self, call: Call, key: Key, record: Record) -> Response:
        """Send as e-invoice; needs the company registered for it (setting `einvoice`)."""
        return self._through_service(call, record, "einvoice")

    def _through_service(self, call: Call, record: Record, service: str) -> Response:
        if not call.company.values.get(service):
            raise refusal_text("Kan inte skicka dokument om inte företaget är registrerat")
        if record["Cancelled"]:
            raise refusal_text("Fakturan är makulerad och kan inte skickas.")
        self.send_out(call, record, service)
        record["Sent"] = True
        self.keep(call, record)
        return self.shown(call, record)

    # -- loading

    def loaded(self, company: Company, record: Record) -> tuple[Key, Record]:
        """Return key and record of a loaded invoice; due date, reference and balance follow when left out."""
        given = set(record)
        key, record = super().loaded(company, record)
        day = record.get("InvoiceDate") or company.today().isoformat()
        record["InvoiceDate"] = day
        record.setdefault("OutboundDate", day)
        if not record.get("DueDate"):
            record["DueDate"] = due_date(company, day, str(record.get("TermsOfPayment") or "30"))
        if "OCR" not in given and company["ocr"]:
            record["OCR"] = make_ocr(str(key)) if str(key).isdigit() else None
        if "TotalToPay" not in record:
            record["TotalToPay"] = record.get("Total", 0)
        if "Balance" not in given:
            done = record.get("FinalPayDate") or record.get("Cancelled")
            record["Balance"] = 0 if done else record["TotalToPay"]
        return key, record


def negated(row: Record) -> dict[str, Any]:
    """Return the wish for a row that takes back another: the quantity turned, an amount discount turned."""
    wish = {name: value for name, value in row.items() if name != "RowId"}
    wish["DeliveredQuantity"] = str(-Decimal(row["DeliveredQuantity"]))
    if row["DiscountType"] == "AMOUNT":
        wish["Discount"] = -Decimal(row["Discount"])
    if not row["AccountNumber"]:
        return {"Description": row["Description"]}
    return wish


def method_of(company: Company, day: str) -> str:
    """Return the accounting method that counts for a date: CASH when the year or the company says so."""
    year = company.year_of(date.fromisoformat(day)) or {}
    return "CASH" if "CASH" in (company["accounting_method"], year.get("AccountingMethod")) else "ACCRUAL"


def has_payment(company: Company, number: str) -> bool:
    """Tell whether any payment, booked or not, names the invoice."""
    return bool((company.table("payments_of").records.get(("invoicepayments", number)) or {}).get("ids"))
