"""Supplier invoices: rows are postings, amounts of the head are texts (Fortnox API, section 9.13)."""

# ruff: noqa: RUF012  the tables in the classes are read, never changed

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from brygga_sandbox.fortnox import lists, wire
from brygga_sandbox.fortnox.documents import chart, posting
from brygga_sandbox.fortnox.documents.amounts import ZERO, plain, text, to_sek, two_decimals
from brygga_sandbox.fortnox.documents.document import due_date
from brygga_sandbox.fortnox.documents.invoices import method_of
from brygga_sandbox.fortnox.documents.ocr import ocr_holds
from brygga_sandbox.fortnox.documents.payments import Payments
from brygga_sandbox.fortnox.documents.posting import Entry
from brygga_sandbox.fortnox.documents.rows import as_number
from brygga_sandbox.fortnox.errors import Refusal, refusal, refusal_text
from brygga_sandbox.fortnox.resource import Action, Call, Resource
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Key, Record
from brygga_sandbox.server import Response

AMOUNTS = ("AdministrationFee", "Freight", "RoundOffValue", "Total", "VAT", "Balance")
# Codes that rows of reverse charge must carry, and the predefined accounts that stand behind them.
REVERSE = {"REVERSE": ("CND", "CNC", "CONSTRUCTION_DEB", "CONSTRUCTION_CRE")}


def is_unpaid(record: lists.Fields) -> bool:
    """Tell whether a booked supplier invoice is to be paid."""
    return bool(record.get("Booked")) and not record.get("FinalPayDate") and not record.get("Cancelled")


class SupplierInvoices(Resource):
    """`/3/supplierinvoices` and its actions."""

    name, tag, one, many = "supplierinvoices", "SupplierInvoices", "SupplierInvoice", "SupplierInvoices"
    verbs = "LRCU"
    key_field = "GivenNumber"
    automatic = True
    tracked = True
    scopes = ("supplierinvoice",)
    modules = ("Leverantörsfaktura",)
    right = "leverantörsfakturor"
    topic, event = "supplier-invoices", "supplier-invoice"
    thing = "leverantörsfakturan"
    thing_plain = "leverantörsfaktura"
    unset = {
        **dict.fromkeys(AMOUNTS, "0"),
        "AccountingMethod": "ACCRUAL",
        "Currency": "SEK",
        "CurrencyRate": "1",
        "CurrencyUnit": 1,
        "SalesType": "STOCK",
        "VATType": "NORMAL",
        "CreditReference": 0,
        **{f"SupplierInvoiceRows.{name}": 0 for name in ("Credit", "CreditCurrency", "Debit", "DebitCurrency", "Price", "Total")},
        "SupplierInvoiceRows.Quantity": 0,
    }
    searches = {
        "suppliernumber": lists.contains("SupplierNumber"),
        "suppliername": lists.contains("SupplierName"),
        "ocr": lists.contains("OCR"),
        "invoicenumber": lists.contains("InvoiceNumber"),
        "serialnumber": lists.contains("GivenNumber"),
        "costcenter": lists.contains("CostCenter"),
        "project": lists.contains("Project"),
        "ourreference": lists.contains("OurReference"),
        "yourreference": lists.contains("YourReference"),
        "fromdate": lists.not_before("InvoiceDate"),
        "todate": lists.not_after("InvoiceDate"),
        "fromfinalpaydate": lists.not_before("FinalPayDate"),
        "tofinalpaydate": lists.not_after("FinalPayDate"),
    }
    filters = {
        "cancelled": lambda record: bool(record.get("Cancelled")),
        "fullypaid": lambda record: bool(record.get("FinalPayDate")),
        "unpaid": is_unpaid,
        "unbooked": lambda record: not record.get("Booked") and not record.get("Cancelled"),
        "pendingpayment": lambda record: bool(record.get("PaymentPending")),
        "authorizepending": lambda record: not record.get("_approved") and not record.get("Booked") and not record.get("Cancelled"),
    }
    actions = {name: Action("PUT", name) for name in ("approvalbookkeep", "approvalpayment", "bookkeep", "cancel", "credit")}

    def tests(self, call: Call, params: dict[str, str]) -> list[lists.Test]:
        """Return the tests of a list; `unpaidoverdue` looks at today's date."""
        if params.get("filter") == "unpaidoverdue":
            today = call.company.today().isoformat()
            rest = {name: value for name, value in params.items() if name != "filter"}
            due: lists.Test = lambda record: is_unpaid(record) and str(record.get("DueDate")) < today  # noqa: E731
            return [due, *super().tests(call, rest)]
        return super().tests(call, params)

    def list_row(self, call: Call, record: Record) -> dict[str, Any]:
        """Return what a list shows: Cancel here, Cancelled in the detail."""
        row = super().list_row(call, record)
        row["Cancel"] = bool(record.get("Cancelled"))
        row["FinalPayDate"] = record.get("FinalPayDate")
        row["Vouchers"] = record.get("Vouchers", [])
        return row

    # -- making and changing

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Fill a new supplier invoice from its supplier and complete its rows."""
        company = call.company
        supplier = company.get("suppliers", record["SupplierNumber"])
        if supplier is None:
            raise refusal_text("Kunde inte hämta/hitta leverantör")
        if not supplier.get("Active", True):
            raise refusal_text(f"Leverantör {record['SupplierNumber']} är inte aktiv.")
        record["SupplierName"] = supplier["Name"]
        for name in ("OurReference", "YourReference", "CostCenter", "Project"):
            if name not in sent:
                record[name] = supplier.get(name) or ""
        if "Currency" not in sent:
            record["Currency"] = supplier.get("Currency") or "SEK"
        if "DisablePaymentFile" not in sent:
            record["DisablePaymentFile"] = bool(supplier.get("DisablePaymentFile"))
        record["_terms"] = str(supplier.get("TermsOfPayment") or company["default_terms_of_payment"])
        record["_account"] = str(supplier.get("PreDefinedAccount") or "")
        self.complete(company, record, sent)

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Check a changed supplier invoice: booked and cancelled ones stay as they are."""
        if old["Cancelled"]:
            raise refusal_text("Leverantörsfakturan är makulerad och kan inte ändras.")
        if old["Booked"]:
            raise refusal_text("Leverantörsfakturan är bokförd och kan inte ändras.")
        if record["SupplierNumber"] != old["SupplierNumber"]:
            self.prepare(call, record, {**old, **sent})
            return
        rows_follow = "SupplierInvoiceRows" not in sent and ({"Total", "VAT"} & set(sent))
        self.complete(call.company, record, {**sent, "SupplierInvoiceRows": []} if rows_follow else sent)

    def complete(self, company: Company, record: Record, sent: Mapping[str, Any]) -> None:
        """Set dates, rate, rows and sums. Raises Refusal for rows that do not balance and what they name."""
        record["InvoiceDate"] = record["InvoiceDate"] or company.today().isoformat()
        if not record["DueDate"]:
            record["DueDate"] = due_date(company, record["InvoiceDate"], str(record.get("_terms") or "30"))
        record["AccountingMethod"] = method_of(company, record["InvoiceDate"])
        if record["OCR"] and not ocr_holds(str(record["OCR"])):
            raise refusal_text("Ogiltigt OCR-nummer")
        if (
            record["SalesType"] == "STOCK"
            and sent.get("SalesType")
            and not company["warehouse"]
            and company.values.get("warehouse_in_trouble")
        ):
            raise refusal(2003127)
        self.set_rate(company, record, sent)
        for name in AMOUNTS:
            record[name] = text(two_decimals(as_number(record[name])))
        rows = sent["SupplierInvoiceRows"] if "SupplierInvoiceRows" in sent else record["SupplierInvoiceRows"]
        record["SupplierInvoiceRows"] = self.rows(company, record, rows or [])
        if record["Total"] == "0":
            debt = chart.needed(company, "SUPDEBT")
            owed = sum(
                (Decimal(row["Credit"]) - Decimal(row["Debit"]) for row in record["SupplierInvoiceRows"] if row["Account"] == debt),
                ZERO,
            )
            record["Total"] = text(owed)
        record["Balance"] = record["Total"]
        record["Credit"] = as_number(record["Total"]) < 0

    def set_rate(self, company: Company, record: Record, sent: Mapping[str, Any]) -> None:
        """Set the rate: given, else the selling rate of the register; 1 for kronor."""
        known = company.table("currencies").records.get(record["Currency"])
        if known is None:
            raise refusal_text("Kunde inte hämta/hitta valuta")
        if record["Currency"] == "SEK":
            record["CurrencyRate"], record["CurrencyUnit"] = "1", 1
            return
        if not sent.get("CurrencyRate") and record["CurrencyRate"] in ("1", "", None):
            record["CurrencyRate"] = text(as_number(known.get("SellRate") or 1))
            record["CurrencyUnit"] = plain(as_number(known.get("Unit") or 1))
        if as_number(record["CurrencyRate"]) <= 0 or as_number(record["CurrencyUnit"]) <= 0:
            raise refusal(2000108, record["CurrencyRate"])

    def rows(self, company: Company, record: Record, sent: list[Mapping[str, Any]]) -> list[Record]:
        """Return the finished postings; the payable row is added where it was left out. Raises Refusal 2000755."""
        debt, vat = chart.needed(company, "SUPDEBT"), chart.predefined(company, "INVAT")
        total, tax = as_number(record["Total"]), as_number(record["VAT"])
        year = chart.year_for(company, record["InvoiceDate"])
        wishes = [dict(row) for row in sent]
        if not wishes and total:
            cost = int(record.get("_account") or 0) or chart.needed(company, "PURCASE")
            wishes = [{"Account": cost, **_sides(total - tax), "Code": "PRE"}]
            if tax:
                wishes.insert(0, {"Account": vat, **_sides(tax), "Code": "VAT"})
        if wishes and total and not any(int(row.get("Account") or 0) == debt or row.get("Code") == "TOT" for row in wishes):
            wishes.insert(0, {"Account": debt, **_sides(-total), "Code": "TOT"})
        blank = self.nested["SupplierInvoiceRows"]
        rows: list[Record] = []
        for wish in wishes:
            row = {**blank, **{name: value for name, value in wish.items() if value is not None}}
            if not row["Account"]:
                raise refusal(2001304)
            account = chart.usable_account(company, int(row["Account"]), year)
            for name in ("Debit", "Credit"):
                row[name] = plain(two_decimals(as_number(row[name])))
                row[f"{name}Currency"] = row[f"{name}Currency"] or row[name]
            row["AccountDescription"] = row["AccountDescription"] or account.get("Description") or ""
            row["Code"] = row["Code"] or ("TOT" if row["Account"] == debt else "VAT" if row["Account"] == vat else "PRE")
            rows.append(row)
        chart.check_dimensions(company, record, *rows)
        self.check_reverse(company, record, rows)
        if sum((Decimal(row["Debit"]) - Decimal(row["Credit"]) for row in rows), ZERO):
            raise refusal(2000755)
        return rows

    def check_reverse(self, company: Company, record: Record, rows: list[Record]) -> None:
        """Raise Refusal for reverse charge rows without their code, or without the predefined accounts behind them."""
        if record["VATType"] not in REVERSE or not rows:
            return
        debit_code, credit_code, debit_name, credit_name = REVERSE[record["VATType"]]
        debit, credit = chart.predefined(company, debit_name), chart.predefined(company, credit_name)
        if not debit or not credit:
            raise refusal(2003095)
        for row in rows:
            if (row["Account"] == debit and row["Code"] != debit_code) or (row["Account"] == credit and row["Code"] != credit_code):
                raise refusal(2003115)

    # -- actions

    def bookkeep(self, call: Call, key: Key, record: Record) -> Response:
        """Book the rows as a voucher."""
        company = call.company
        if record["Cancelled"]:
            raise refusal_text("Leverantörsfakturan är makulerad.")
        if record["Booked"]:
            raise refusal_text("Leverantörsfakturan är redan bokförd.")
        if record["AccountingMethod"] == "CASH":
            raise refusal_text("Leverantörsfakturan kan inte bokföras, företaget använder kontantmetoden.")
        if company["approval_of_supplier_invoices"] and not record.get("_approved"):
            raise refusal_text("Leverantörsfakturan är inte attesterad för bokföring.")
        posted = posting.post(
            company,
            day=record["InvoiceDate"],
            series=posting.series_for(company, "SUPPLIERINVOICE", "D"),
            description=f"Leverantörsfaktura {record['InvoiceNumber'] or key}, {record['SupplierName']}",
            entries=supplier_entries(record),
            reference=("SUPPLIERINVOICE", str(key)),
            locked_code=posting.INVOICE_LOCKED,
        )
        record["Booked"] = True
        record["VoucherSeries"], record["VoucherNumber"], record["VoucherYear"] = posted.series, posted.number, posted.year
        record["Vouchers"] = [
            *record["Vouchers"],
            {"Number": posted.number, "ReferenceType": "SUPPLIERINVOICE", "Series": posted.series, "Year": posted.year},
        ]
        if not as_number(record["Balance"]):
            record["FinalPayDate"] = record["InvoiceDate"]
        return self._kept(call, key, record, "bookkeep")

    def approvalbookkeep(self, call: Call, key: Key, record: Record) -> Response:
        """Approve for booking."""
        return self._approve(call, key, record, "_approved")

    def approvalpayment(self, call: Call, key: Key, record: Record) -> Response:
        """Approve for payment."""
        return self._approve(call, key, record, "_approved_payment")

    def _approve(self, call: Call, key: Key, record: Record, mark: str) -> Response:
        if not call.company["approval_of_supplier_invoices"]:
            raise refusal_text("Attest av leverantörsfakturor är inte aktiverad.")
        if record["Cancelled"] or record.get(mark):
            raise refusal_text("Leverantörsfakturan kan inte attesteras.")
        record[mark] = True
        return self._kept(call, key, record, "updated")

    def cancel(self, call: Call, key: Key, record: Record) -> Response:
        """Cancel an unbooked supplier invoice."""
        if record["Booked"]:
            raise refusal_text("Leverantörsfakturan är bokförd och kan inte makuleras, den måste krediteras.")
        if record["Cancelled"]:
            raise refusal_text("Leverantörsfakturan är redan makulerad.")
        record["Cancelled"], record["Balance"] = True, "0"
        return self._kept(call, key, record, "cancelled")

    def credit(self, call: Call, key: Key, record: Record) -> Response:
        """Make a credit of a booked supplier invoice: a new unbooked one, sides turned. Answers the original."""
        if not record["Booked"]:
            raise refusal_text("Leverantörsfakturan är inte bokförd och kan inte krediteras.")
        if record["Credit"] or record["CreditReference"]:
            raise refusal_text("Leverantörsfakturan är redan krediterad eller en kreditfaktura.")
        credit = {**self.start({}), **{name: record[name] for name in record if name in self.blank and name not in _OWN_OF_CREDIT}}
        credit["_terms"], credit["_account"] = record.get("_terms", "30"), record.get("_account", "")
        credit["InvoiceDate"] = call.company.today().isoformat()
        for name in ("Total", "VAT", "Freight", "AdministrationFee", "RoundOffValue"):
            credit[name] = text(-as_number(record[name]))
        turned = [
            {
                **row,
                "Debit": row["Credit"],
                "Credit": row["Debit"],
                "DebitCurrency": row["CreditCurrency"],
                "CreditCurrency": row["DebitCurrency"],
            }
            for row in record["SupplierInvoiceRows"]
        ]
        self.complete(call.company, credit, {"SupplierInvoiceRows": turned, "CurrencyRate": record["CurrencyRate"]})
        credit["CreditReference"] = int(str(key))
        number = self.number(call, credit)
        call.company.put(self.name, number, credit)
        self.announce(call, "created", credit)
        record["CreditReference"] = int(str(number))
        return self._kept(call, key, record, "updated")

    def _kept(self, call: Call, key: Key, record: Record, what: str) -> Response:
        call.company.put(self.name, key, record)
        self.announce(call, what, record)
        return wire.answer({self.one: self.detail(call, self.find(call, key))})

    def taken(self, key: Key, *, deleted: bool) -> Refusal:
        """Return the refusal of a used number; its code is not known."""
        return refusal_text(f"Löpnummer {key} används redan.")


_OWN_OF_CREDIT = frozenset(
    [
        "GivenNumber",
        "Booked",
        "Balance",
        "Cancelled",
        "FinalPayDate",
        "DueDate",
        "InvoiceDate",
        "OCR",
        "VoucherNumber",
        "VoucherSeries",
        "VoucherYear",
        "Vouchers",
        "SupplierInvoiceRows",
        "Credit",
        "CreditReference",
    ]
)


def _sides(amount: Decimal) -> dict[str, Any]:
    return {"Debit": max(amount, ZERO), "Credit": max(-amount, ZERO)}


def supplier_entries(record: Mapping[str, Any]) -> list[Entry]:
    """Return the postings of a supplier invoice in kronor; öre that conversion leaves go to its largest row."""
    rate, unit = as_number(record["CurrencyRate"]), as_number(record["CurrencyUnit"])
    found = [
        Entry(
            int(row["Account"]),
            to_sek(Decimal(row["Debit"]) - Decimal(row["Credit"]), rate, unit),
            str(row["CostCenter"] or record["CostCenter"] or ""),
            str(row["Project"] or record["Project"] or ""),
            str(row["TransactionInformation"] or ""),
        )
        for row in record["SupplierInvoiceRows"]
    ]
    rest = sum((entry.amount for entry in found), ZERO)
    if rest and found:
        place = max((index for index in range(len(found))), key=lambda index: abs(found[index].amount))
        entry = found[place]
        found[place] = Entry(entry.account, entry.amount - rest, entry.cost_center, entry.project, entry.text)
    return found


class SupplierInvoicePayments(Payments):
    """`/3/supplierinvoicepayments`."""

    name, tag, one = "supplierinvoicepayments", "SupplierInvoicePayments", "SupplierInvoicePayment"
    many = "SupplierInvoicePayments"
    modules = ("Leverantörsfaktura",)
    right = "utbetalningar"
    invoices, rate_field, number_is_text = "supplierinvoices", "SellRate", False
    changes = {"Number": {"where": "LDC"}}
    searches = {"invoicenumber": lists.exactly("InvoiceNumber")}

    def check_payable(self, company: Company, invoice: Record) -> None:
        """Raise Refusal for a cancelled, unbooked, unapproved or fully paid invoice."""
        if invoice["Cancelled"]:
            raise refusal_text("Leverantörsfakturan är makulerad.")
        if invoice["FinalPayDate"]:
            raise refusal(2003055)
        if not invoice["Booked"] and invoice["AccountingMethod"] != "CASH":
            raise refusal_text("Leverantörsfakturan är inte bokförd.")
        if company["approval_of_supplier_invoices"] and not invoice.get("_approved_payment"):
            raise refusal_text("Leverantörsfakturan är inte attesterad för betalning.")

    def fill(self, company: Company, record: Record, sent: Mapping[str, Any], invoice: Record) -> None:
        """Fill a payment and what it repeats of its invoice."""
        super().fill(company, record, sent, invoice)
        record["InvoiceNumber"] = str(record["InvoiceNumber"])
        record["InvoiceSupplierName"] = invoice["SupplierName"]
        record["InvoiceSupplierNumber"] = invoice["SupplierNumber"]
        record["InvoiceDueDate"] = invoice["DueDate"]
        record["InvoiceOCR"] = invoice["OCR"] or ""
        record["InvoiceTotal"] = invoice["Total"]

    def bookkeep(self, call: Call, key: Key, record: Record) -> Response:
        """Book: the debt against money, the exchange difference apart; the balance falls."""
        company = call.company
        if record["Booked"]:
            raise refusal_text("Betalningen är redan bokförd.")
        invoice = self.invoice(company, record["InvoiceNumber"])
        self.check_payable(company, invoice)
        self.set_mode(company, record)
        off, booked_at = self.cleared(record, invoice)
        entries = [Entry(record["_account"], -Decimal(record["Amount"])), *self.write_off_entries(record, -1)]
        if invoice["AccountingMethod"] == "CASH":
            total = as_number(invoice["Total"])
            debt = chart.needed(company, "SUPDEBT")
            costs = [entry for entry in supplier_entries(invoice) if entry.account != debt]
            entries += [Entry(one.account, two_decimals(one.amount * off / total), one.cost_center, one.project) for one in costs]
        else:
            entries.append(Entry(chart.needed(company, "SUPDEBT"), booked_at))
        difference = sum((entry.amount for entry in entries), ZERO)
        if difference:
            entries.append(Entry(chart.needed(company, "CURRENCYWIN" if difference > 0 else "CURRENCYLOSS"), -difference))
        posted = posting.post(
            company,
            day=record["PaymentDate"],
            series=posting.series_for(company, "SUPPLIERPAYMENT", "E"),
            description=f"Utbetalning, leverantörsfaktura {invoice['GivenNumber']}, {invoice['SupplierName']}",
            entries=posting.gathered(entries),
            reference=("SUPPLIERPAYMENT", str(key)),
        )
        record["Booked"] = True
        record["VoucherSeries"], record["VoucherNumber"], record["VoucherYear"] = posted.series, posted.number, posted.year
        company.put(self.name, key, record)
        self.take_off(company, invoice, off, booked_at, record["PaymentDate"], posted)
        company.emit("supplier-invoices", "supplier-invoice-updated-v1", invoice["GivenNumber"])
        return wire.answer({self.one: self.detail(call, self.find(call, key))})

    def take_off(
        self, company: Company, invoice: Record, off: Decimal, booked_at: Decimal, day: str, posted: posting.Posted
    ) -> None:
        """Lower the balance of a supplier invoice; at zero it is fully paid."""
        rate, unit = as_number(invoice["CurrencyRate"]), as_number(invoice["CurrencyUnit"])
        left = Decimal(str(invoice.get("_sek_left", to_sek(as_number(invoice["Balance"]), rate, unit))))
        invoice["_sek_left"] = plain(left - booked_at)
        invoice["Balance"] = text(as_number(invoice["Balance"]) - off)
        if invoice["Balance"] == "0":
            invoice["FinalPayDate"] = day
            if invoice["AccountingMethod"] == "CASH":
                invoice["Booked"] = True
                invoice["VoucherSeries"], invoice["VoucherNumber"] = posted.series, posted.number
                invoice["VoucherYear"] = posted.year
        company.put(self.invoices, invoice["GivenNumber"], invoice)
