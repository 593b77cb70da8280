"""Invoice payments: unbooked until booked; booking lowers the balance and makes a voucher (Fortnox API, section 9.10).

Amounts: `Amount` is kronor, `AmountCurrency` the currency of the invoice. Write-offs are kronor. An inner table
`payments_of` keeps the numbers of the payments of each invoice.
"""

# ruff: noqa: RUF012  the tables in the classes are read, never changed

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar

from brygga_sandbox.fortnox import lists, wire
from brygga_sandbox.fortnox.documents import booking, chart, posting
from brygga_sandbox.fortnox.documents.amounts import ZERO, plain, to_sek, two_decimals
from brygga_sandbox.fortnox.documents.invoices import ROWS, Invoices
from brygga_sandbox.fortnox.documents.posting import Entry
from brygga_sandbox.fortnox.documents.rows import as_number
from brygga_sandbox.fortnox.errors import refusal, refusal_text
from brygga_sandbox.fortnox.resource import Action, Call, Resource
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Key, Record
from brygga_sandbox.server import Response

_READ_ONLY = ("Booked", "VoucherNumber", "VoucherSeries", "VoucherYear", "Source")


class Payments(Resource):
    """What payments of customers and to suppliers have in common."""

    key_field = "Number"
    inner_id = True
    number_is_text: ClassVar[bool]  # of customers' payments it is, of suppliers' it is not
    scopes = ("payment",)
    tracked = True
    paged = True
    invoices: ClassVar[str]  # the register of what is paid
    rate_field: ClassVar[str]  # of the currency: customers' money is bought, suppliers' sold
    sort_field = "PaymentDate"
    sorts = {"paymentdate": "PaymentDate"}
    actions = {"bookkeep": Action("PUT", "bookkeep")}
    thing = "betalningen"
    thing_plain = "betalning"
    unset = {"CurrencyRate": 1, "CurrencyUnit": 1, "Amount": 0, "AmountCurrency": 0, "Currency": "SEK", "Booked": False}

    def invoice(self, company: Company, number: Any) -> Record:
        """Return what is paid. Raises its 404."""
        found = company.get(self.invoices, str(number))
        if found is None:
            raise company.resources[self.invoices].not_found()
        return found

    def list_row(self, call: Call, record: Record) -> dict[str, Any]:
        """Return what a list shows; whether anything is written off too."""
        row = super().list_row(call, record)
        row["WriteOffExist"] = bool(record.get("WriteOffs"))
        return row

    def number(self, call: Call, record: Record) -> Key:
        """Give a new payment the next number, once; one that was deleted is not given again."""
        if not record.get("_numbered"):
            number = call.company.count(self.name)
            record["Number"] = str(number) if self.number_is_text else number
            record["_numbered"] = True
        return self.key_of(record)

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Check a new payment against its invoice and fill amount, rate, date, account."""
        for name in _READ_ONLY:
            record[name] = self.blank[name]
        record["Source"] = "manual"
        invoice = self.invoice(call.company, record["InvoiceNumber"])
        self.check_payable(call.company, invoice)
        self.fill(call.company, record, sent, invoice)
        number = self.number(call, record)
        key = (self.name, str(record["InvoiceNumber"]))
        held = (call.company.table("payments_of").records.get(key) or {}).get("ids", [])
        call.company.put("payments_of", key, {"ids": [*held, number]})

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Check a changed payment that is not booked."""
        if old["Booked"]:
            raise refusal_text("Betalningen är bokförd och kan inte ändras.")
        for name in (*_READ_ONLY, "InvoiceNumber"):
            record[name] = old[name]
        invoice = self.invoice(call.company, record["InvoiceNumber"])
        if "ModeOfPayment" in sent and "ModeOfPaymentAccount" not in sent and "ModeOfPaymentAccount" in record:
            record["ModeOfPaymentAccount"] = None
        self.fill(call.company, record, sent, invoice)

    def may_delete(self, call: Call, key: Key, record: Record) -> None:
        """Refuse a booked payment; forget an unbooked one on its invoice."""
        if record["Booked"]:
            raise refusal_text("Betalningen är bokförd och kan inte tas bort.")
        place = (self.name, str(record["InvoiceNumber"]))
        held = (call.company.table("payments_of").records.get(place) or {}).get("ids", [])
        call.company.put("payments_of", place, {"ids": [one for one in held if one != key]})

    def check_payable(self, company: Company, invoice: Record) -> None:
        """Raise Refusal for an invoice that takes no payment."""

    def fill(self, company: Company, record: Record, sent: Mapping[str, Any], invoice: Record) -> None:
        """Fill and check date, currency, amounts, account and write-offs of a payment."""
        if not record["PaymentDate"]:
            record["PaymentDate"] = company.today().isoformat()
        if record["PaymentDate"] < invoice["InvoiceDate"]:
            raise refusal_text("The payment date cannot precede the invoice date")
        if "Currency" in sent and sent["Currency"] and sent["Currency"] != invoice["Currency"]:
            raise refusal_text(f"Currency {sent['Currency']} and Currency {invoice['Currency']} does not match")
        record["Currency"] = invoice["Currency"]
        self.set_amounts(company, record, sent)
        self.set_mode(company, record)
        year = chart.year_for(company, record["PaymentDate"])
        whole = self.nested["WriteOffs"]
        record["WriteOffs"] = [{**whole, **one, "Currency": "SEK"} for one in record["WriteOffs"]]
        for write_off in record["WriteOffs"]:
            if not write_off["AccountNumber"]:
                raise refusal(2000699, "accountnumber")
            chart.usable_account(company, int(write_off["AccountNumber"]), year)
            write_off["Amount"] = plain(two_decimals(as_number(write_off["Amount"])))
        if not record["Amount"] and not record["WriteOffs"]:
            raise refusal_text("Beloppet kan inte vara 0.")

    def set_amounts(self, company: Company, record: Record, sent: Mapping[str, Any]) -> None:
        """Set both amounts and the rate; in a foreign currency two of the three give the third."""
        if record["Currency"] == "SEK":
            if record["Amount"] is None:
                raise refusal(2000699, "amount")
            record["Amount"] = plain(two_decimals(as_number(record["Amount"])))
            record["AmountCurrency"] = record["Amount"]
            record["CurrencyRate"] = record["CurrencyUnit"] = 1
            return
        if sent.get("AmountCurrency") is None and not record["AmountCurrency"] and not record["WriteOffs"]:
            raise refusal(2000699, "amountcurrency")
        known = company.table("currencies").records.get(record["Currency"]) or {}
        unit = as_number(sent.get("CurrencyUnit") or known.get("Unit") or 1)
        foreign = two_decimals(as_number(record["AmountCurrency"]))
        if sent.get("CurrencyRate"):
            rate = as_number(sent["CurrencyRate"])
            amount = as_number(sent["Amount"]) if sent.get("Amount") else to_sek(foreign, rate, unit)
        elif sent.get("Amount") and foreign:
            amount = as_number(sent["Amount"])
            rate = amount * unit / foreign
        else:
            rate = as_number(known.get(self.rate_field) or 1)
            amount = to_sek(foreign, rate, unit)
        record["CurrencyUnit"], record["CurrencyRate"] = plain(unit), plain(rate.quantize(Decimal("0.000001"), ROUND_HALF_UP))
        record["AmountCurrency"], record["Amount"] = plain(foreign), plain(two_decimals(amount))

    def set_mode(self, company: Company, record: Record) -> None:
        """Set the account that the money is on: sent, else of the mode of payment. Raises Refusal."""
        mode = str(record["ModeOfPayment"] or "")
        known = company.table("modesofpayments").records.get(mode)
        if mode and known is None:
            raise refusal_text("Kunde inte hämta/hitta betalningssätt")
        account = int(record.get("ModeOfPaymentAccount") or (known or {}).get("AccountNumber") or 0)
        account = account or chart.needed(company, "BG")
        chart.usable_account(company, account, chart.year_for(company, record["PaymentDate"]))
        record["_account"] = account
        if "ModeOfPaymentAccount" in self.blank:
            record["ModeOfPaymentAccount"] = account

    def loaded(self, company: Company, record: Record) -> tuple[Key, Record]:
        """Return key and record of a loaded payment, put on its invoice."""
        key, record = super().loaded(company, record)
        if self.number_is_text:
            record["Number"] = str(record["Number"])
        place = (self.name, str(record["InvoiceNumber"]))
        held = (company.table("payments_of").records.get(place) or {}).get("ids", [])
        company.put("payments_of", place, {"ids": [*held, key]})
        return key, record

    def write_off_entries(self, record: Record, sign: int) -> list[Entry]:
        """Return the postings of write-offs: debit for a customer's payment (sign 1), credit for a supplier's."""
        return [
            Entry(
                int(one["AccountNumber"]),
                sign * Decimal(one["Amount"]),
                str(one["CostCenter"] or ""),
                str(one["Project"] or ""),
                str(one["TransactionInformation"] or one["Description"] or ""),
            )
            for one in record["WriteOffs"]
        ]

    def cleared(self, record: Record, invoice: Record) -> tuple[Decimal, Decimal]:
        """Return what a payment takes off the balance, in the invoice's currency, and what that was booked at in kronor.

        The payment that closes the invoice clears every krona left, so no öre stay on the account (accounting.md 5.2).
        """
        rate, unit = as_number(invoice["CurrencyRate"]), as_number(invoice["CurrencyUnit"])
        written = sum((Decimal(one["Amount"]) for one in record["WriteOffs"]), ZERO)
        off = Decimal(record["AmountCurrency"]) + two_decimals(written * unit / rate)
        left = Decimal(str(invoice.get("_sek_left", to_sek(as_number(invoice["Balance"]), rate, unit))))
        closes = off == as_number(invoice["Balance"])
        return off, left if closes else to_sek(off, rate, unit)


class InvoicePayments(Payments):
    """`/3/invoicepayments`."""

    name, tag, one, many = "invoicepayments", "InvoicePayments", "InvoicePayment", "InvoicePayments"
    modules = ("Fakturering",)
    right = "inbetalningar"
    invoices, rate_field, number_is_text = "invoices", "BuyRate", True
    changes = {"Amount": {"type": "num"}, "Number": {"where": "LDC"}}
    searches = {"invoicenumber": lists.exactly("InvoiceNumber")}

    def check_payable(self, company: Company, invoice: Record) -> None:
        """Raise Refusal for a cash, cancelled, unbooked or fully paid invoice."""
        if invoice["InvoiceType"] == "CASHINVOICE":
            raise refusal_text("En kontantfaktura tar inte emot betalningar.")
        if invoice["Cancelled"]:
            raise refusal_text("Fakturan är makulerad.")
        if invoice["FinalPayDate"]:
            raise refusal(2003055)
        if not invoice["Booked"] and invoice["AccountingMethod"] != "CASH":
            raise refusal_text("Fakturan är inte bokförd.")

    def fill(self, company: Company, record: Record, sent: Mapping[str, Any], invoice: Record) -> None:
        """Fill a payment and what it repeats of its invoice."""
        super().fill(company, record, sent, invoice)
        record["InvoiceCustomerName"] = invoice["CustomerName"]
        record["InvoiceCustomerNumber"] = invoice["CustomerNumber"]
        record["InvoiceDueDate"] = invoice["DueDate"]
        record["InvoiceOCR"] = invoice["OCR"] or ""
        record["InvoiceTotal"] = str(plain(Decimal(invoice["Total"])))
        for name in ("ExternalInvoiceReference1", "ExternalInvoiceReference2"):
            record[name] = record[name] or invoice[name]

    def bookkeep(self, call: Call, key: Key, record: Record) -> Response:
        """Book: money against the receivable, the exchange difference apart; the balance falls."""
        company = call.company
        if record["Booked"]:
            raise refusal_text("Betalningen är redan bokförd.")
        invoice = self.invoice(company, record["InvoiceNumber"])
        self.check_payable(company, invoice)
        self.check_year(company, record, invoice)
        self.set_mode(company, record)
        off, booked_at = self.cleared(record, invoice)
        entries = [Entry(record["_account"], Decimal(record["Amount"])), *self.write_off_entries(record, 1)]
        if invoice["AccountingMethod"] == "CASH":
            entries += self.sale_entries(company, invoice, off)
        else:
            entries.append(Entry(chart.needed(company, "CUSTCLAIM"), -booked_at))
        difference = sum((entry.amount for entry in entries), ZERO)
        if difference:
            entries.append(Entry(chart.needed(company, "CURRENCYWIN" if difference > 0 else "CURRENCYLOSS"), -difference))
        posted = posting.post(
            company,
            day=record["PaymentDate"],
            series=posting.series_for(company, "INVOICEPAYMENT", "C"),
            description=f"Inbetalning, faktura {invoice['DocumentNumber']}, {invoice['CustomerName']}",
            entries=posting.gathered(entries),
            reference=("INVOICEPAYMENT", str(key)),
        )
        record["Booked"] = True
        record["VoucherSeries"], record["VoucherNumber"], record["VoucherYear"] = posted.series, posted.number, posted.year
        company.put(self.name, key, record)
        self.take_off(company, invoice, off, booked_at, record["PaymentDate"], posted)
        company.emit(
            "invoices",
            "invoicepayment-bookkeep-v1",
            key,
            invoiceId=str(invoice["DocumentNumber"]),
            fullyPaid=bool(invoice["FinalPayDate"]),
        )
        return wire.answer({self.one: self.detail(call, self.find(call, key))})

    def take_off(
        self, company: Company, invoice: Record, off: Decimal, booked_at: Decimal, day: str, posted: posting.Posted
    ) -> None:
        """Lower the balance of an invoice; at zero it is fully paid, under the cash method booked too."""
        rate, unit = as_number(invoice["CurrencyRate"]), as_number(invoice["CurrencyUnit"])
        left = Decimal(str(invoice.get("_sek_left", to_sek(Decimal(invoice["Balance"]), rate, unit))))
        invoice["_sek_left"] = plain(left - booked_at)
        invoice["_payments"] = [*invoice.get("_payments", ()), plain(off)]
        invoice["Balance"] = plain(Decimal(invoice["Balance"]) - off)
        if not invoice["Balance"]:
            invoice["FinalPayDate"] = day
            if invoice["AccountingMethod"] == "CASH":
                resource = company.resources["invoices"]
                assert isinstance(resource, Invoices)
                resource.mark_booked(invoice, posted)
        company.put("invoices", invoice["DocumentNumber"], invoice)

    def sale_entries(self, company: Company, invoice: Record, off: Decimal) -> list[Entry]:
        """Return the part of the sale that a payment books under the cash method: what is due by now less what is booked."""
        whole = as_number(invoice["TotalToPay"])
        before = sum((Decimal(str(one)) for one in invoice.get("_payments", ())), ZERO)
        claim = booking.claim_account(company, invoice)
        sale = [entry for entry in booking.invoice_entries(company, ROWS, invoice) if entry.account != claim]
        now, earlier = booking.share_of(sale, before + off, whole), booking.share_of(sale, before, whole)
        return [*now, *(Entry(one.account, -one.amount, one.cost_center, one.project, one.text) for one in earlier)]

    def check_year(self, company: Company, record: Record, invoice: Record) -> None:
        """Raise Refusal for a payment in another year than the invoice's, before the year was carried over.

        The setting `years_carried_over` lists the ids of years whose open invoices were carried over.
        """
        year = posting.open_year(company, record["PaymentDate"])
        booked_in = invoice["VoucherYear"]
        if booked_in is None or booked_in == year["Id"] or booked_in in company.values.get("years_carried_over", ()):
            return
        raise refusal_text(
            "Angivet betaldatum måste vara inom fakturans räkenskapsår. För att genomföra betalningen måste fakturan årsomföras."
        )

    def announce(self, call: Call, what: str, record: Record) -> None:
        """Announce a deleted payment; others are announced when booked."""
        if what == "deleted":
            call.company.emit("invoices", "invoicepayment-deleted-v1", record["Number"], invoiceId=str(record["InvoiceNumber"]))
