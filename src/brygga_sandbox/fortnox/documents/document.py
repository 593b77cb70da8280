"""What offers, orders and invoices have in common: defaults from the customer, rows, totals, PUT, sending.

A subclass names its fields and adds its states. Inner fields of a record start with `_`: `_VATType` is the customer's VAT
type when the document was made or last got its customer.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from brygga_sandbox.fortnox import lists, wire
from brygga_sandbox.fortnox.countries import CODE_OF
from brygga_sandbox.fortnox.documents import chart, housework, shapes
from brygga_sandbox.fortnox.documents.amounts import ZERO, plain, text, totals, two_decimals
from brygga_sandbox.fortnox.documents.chain import wish_for
from brygga_sandbox.fortnox.documents.rows import Buyer, Kept, RowKind, RowMaker, as_number, contribution, lines_of, merged
from brygga_sandbox.fortnox.errors import refusal, refusal_text
from brygga_sandbox.fortnox.payload import Quirks
from brygga_sandbox.fortnox.registers.prices import preselected
from brygga_sandbox.fortnox.resource import Call, Resource
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Key, Record
from brygga_sandbox.server import Response

# Document field: field of the customer it is filled from (Fortnox API, sections 9.1 and 12.14).
FROM_CUSTOMER = {
    "CustomerName": "Name",
    "Address1": "Address1",
    "Address2": "Address2",
    "ZipCode": "ZipCode",
    "City": "City",
    "Country": "Country",
    "Phone1": "Phone1",
    "Phone2": "Phone2",
    "OrganisationNumber": "OrganisationNumber",
    "DeliveryName": "DeliveryName",
    "DeliveryAddress1": "DeliveryAddress1",
    "DeliveryAddress2": "DeliveryAddress2",
    "DeliveryZipCode": "DeliveryZipCode",
    "DeliveryCity": "DeliveryCity",
    "DeliveryCountry": "DeliveryCountry",
    "OurReference": "OurReference",
    "YourReference": "YourReference",
    "Currency": "Currency",
    "PriceList": "PriceList",
    "TermsOfPayment": "TermsOfPayment",
    "TermsOfDelivery": "TermsOfDelivery",
    "WayOfDelivery": "WayOfDelivery",
    "Project": "Project",
    "CostCenter": "CostCenter",
    "VATIncluded": "ShowPriceVATIncluded",
    "AdministrationFee": "InvoiceAdministrationFee",
    "Freight": "InvoiceFreight",
}
# Register that a field must name a record of, and the words of the refusal.
_REGISTERS = {
    "PriceList": ("pricelists", "prislista"),
    "TermsOfPayment": ("termsofpayments", "betalningsvillkor"),
    "TermsOfDelivery": ("termsofdeliveries", "leveransvillkor"),
    "WayOfDelivery": ("wayofdeliveries", "leveranssätt"),
    "Currency": ("currencies", "valuta"),
    "Project": ("projects", "projekt"),
    "CostCenter": ("costcenters", "kostnadsställe"),
}
QUIRKS = Quirks(
    cut={"DeliveryAddress1": 60, "DeliveryAddress2": 60},
    bad_null={f"{rows}.Unit": 2000699 for rows in ("OfferRows", "OrderRows", "InvoiceRows")},
    free_text=frozenset({"EmailInformation.EmailBody", "EmailInformation.EmailSubject"}),
)


class Document(Resource):
    """One kind of sales document."""

    key_field = "DocumentNumber"
    verbs = "LRCU"
    automatic = True
    tracked = True
    quirks = QUIRKS
    kind: ClassVar[RowKind]
    shape: ClassVar[Mapping[str, Any]]
    list_shape: ClassVar[Mapping[str, Any]]
    date_field: ClassVar[str]
    mail: ClassVar[str]  # Invoice, Order or Offer in the customer's Email* fields
    word: ClassVar[str]  # in the subject of mails: "Faktura 1 bifogas"
    kind_of_document: ClassVar[str]  # in tax reductions and their address: INVOICE
    cancelled_event: ClassVar[str] = "cancelled"
    remark_field: ClassVar[str] = ""

    # -- shape

    @cached_property
    def blank(self) -> dict[str, Any]:
        """A document with nothing set."""
        return dict(self.shape)

    @cached_property
    def nested(self) -> dict[str, dict[str, Any]]:
        """Rows and sub-objects with nothing set."""
        found = {self.kind.field: dict(self.kind.blank), "EmailInformation": shapes.EMAIL}
        if "EDIInformation" in self.shape:
            found["EDIInformation"] = shapes.EDI
        return found

    def list_row(self, call: Call, record: Record) -> dict[str, Any]:
        """Return what a list shows of a compact record."""
        blank = self.blank
        row = {"@url": f"{call.sandbox.base_url}/3/{self.name}/{record['DocumentNumber']}"}
        for name in self.list_shape:
            row[name] = record.get(name, blank[name])
        return row

    def detail(self, call: Call, record: Record) -> dict[str, Any]:
        """Return what the detail answer shows."""
        shown = super().detail(call, record)
        for name in call.company.values_without_right & set(self.kind.blank):
            for row in shown[self.kind.field]:
                row[name] = "API_NORIGHT"
        kinds = self.kind_of_document.lower() + "s"
        applications = call.url(f"taxreductions?filter={kinds}&referencenumber={record['DocumentNumber']}")
        return {"@url": shown.pop("@url"), "@urlTaxReductionList": applications, **shown}

    def payload(self, call: Call) -> dict[str, Any]:
        """Return the payload; the text of a row that only carries text is cut at 255, elsewhere it is refused."""
        sent = super().payload(call)
        rows = sent.get(self.kind.field)
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and isinstance(row.get("Description"), str) and not row.get("ArticleNumber"):
                row["Description"] = row["Description"][:255]
        return sent

    def number(self, call: Call, record: Record) -> Key:
        """Give the document its number: digits only, not used before."""
        wanted = str(record.get("DocumentNumber") or "")
        if wanted and not (wanted.isascii() and wanted.isdigit() and len(wanted) <= 18 and int(wanted) > 0):
            raise refusal(2000108, wanted)
        return super().number(call, record)

    # -- making and changing

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Fill a new document from its customer, make its rows, add it up."""
        self.fill(call.company, record, sent)
        self.number(call, record)
        self.write_mail(record, sent)
        self.make_rows(call.company, record, sent.get(self.kind.field) or [], Kept())
        self.add_up(call.company, record)

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Check a change against the state of the document, and make rows and totals anew."""
        self.check_open(call, old, sent)
        company = call.company
        if record["CustomerNumber"] != old["CustomerNumber"]:
            customer = self.customer(company, record["CustomerNumber"])
            self.take_over(record, sent, customer)
        self.check_registers(company, record, sent)
        self.set_rate(company, record, sent, fresh=record["Currency"] != old["Currency"])
        self.set_dates(company, record, sent, old)
        rows = sent.get(self.kind.field)
        wishes = merged(old[self.kind.field], [{}] * len(old[self.kind.field]) if rows is None else rows)
        self.make_rows(company, record, wishes, Kept.of(old[self.kind.field]))
        self.renew_applications(company, record)
        self.add_up(company, record)

    def finish_chained(self, call: Call, made: Record, rows: Sequence[Record], *, quantity: str = "") -> None:
        """Make rows and sums of a document made of another one, write it and announce it. It has its number and dates."""
        self.set_dates(call.company, made, {}, None)
        self.write_mail(made, {})
        wishes = [wish_for(row, quantity or self.kind.quantity, self) for row in rows]
        self.make_rows(call.company, made, wishes, Kept.of(rows))
        self.add_up(call.company, made)
        call.company.put(self.name, self.key_of(made), made)
        self.announce(call, "created", made)

    def check_open(self, call: Call, old: Record, sent: Mapping[str, Any]) -> None:
        """Refuse a change that the state of the document forbids."""

    def fill(self, company: Company, record: Record, sent: Mapping[str, Any]) -> None:
        """Fill what a new document leaves out. Raises Refusal for an unknown or inactive customer, or a wrong register."""
        customer = self.customer(company, record["CustomerNumber"])
        self.take_over(record, sent, customer)
        if self.remark_field and self.remark_field not in sent:
            record[self.remark_field] = customer.get("InvoiceRemark") or ""
        if not record["TermsOfPayment"] and "TermsOfPayment" not in sent:
            record["TermsOfPayment"] = company["default_terms_of_payment"]
        if not record["PriceList"]:
            record["PriceList"] = preselected(company)
        template = (customer.get("DefaultTemplates") or {}).get(self.mail)
        if "PrintTemplate" not in sent and template not in (None, "", "DEFAULTTEMPLATE"):
            record["PrintTemplate"] = template
        self.check_registers(company, record, {**sent, "Currency": 1, "PriceList": 1, "WayOfDelivery": 1})
        self.set_rate(company, record, sent, fresh=True)
        self.set_dates(company, record, sent, None)

    def customer(self, company: Company, number: str) -> Record:
        """Return the customer of a document. Raises Refusal 2000204, or a text for an inactive one."""
        found = company.get("customers", number)
        if found is None:
            raise refusal(2000204, number)
        if not found.get("Active", True):
            raise refusal_text(f"Kund {number} är inte aktiv.")
        return found

    def take_over(self, record: Record, sent: Mapping[str, Any], customer: Mapping[str, Any]) -> None:
        """Write what the customer says into the fields that were not sent."""
        for name, source in FROM_CUSTOMER.items():
            if name in record and name not in sent:
                value = customer.get(source)
                if value not in (None, ""):
                    record[name] = value
                elif name not in ("Currency", "PriceList"):
                    record[name] = self.blank[name]
        for name in ("AdministrationFee", "Freight"):
            record[name] = plain(two_decimals(as_number(record[name])))
        record["_VATType"] = customer.get("VATType") or "SEVAT"
        addresses = dict(record["EmailInformation"])
        given = sent.get("EmailInformation") or {}
        for name, source in (("To", ""), ("CC", "CC"), ("BCC", "BCC")):
            if f"EmailAddress{name}" not in given:
                own = customer.get(f"Email{self.mail}{source}")
                addresses[f"EmailAddress{name}"] = own or (customer.get("Email") or "" if name == "To" else None)
        record["EmailInformation"] = addresses

    def write_mail(self, record: Record, sent: Mapping[str, Any]) -> None:
        """Give the mail of a new document its subject."""
        if not (sent.get("EmailInformation") or {}).get("EmailSubject"):
            mail = dict(record["EmailInformation"])
            mail["EmailSubject"] = f"{self.word} {record['DocumentNumber']} bifogas"
            record["EmailInformation"] = mail

    def check_registers(self, company: Company, record: Record, sent: Mapping[str, Any]) -> None:
        """Raise Refusal when a field that was sent (or is always looked at) names nothing in its register."""
        for name, (register, thing) in _REGISTERS.items():
            if name in record and name in sent and record[name] and record[name] not in company.table(register):
                raise refusal_text(f"Kunde inte hämta/hitta {thing}")
        center = company.table("costcenters").records.get(record["CostCenter"]) if record["CostCenter"] else None
        if center is not None and "CostCenter" in sent and not center.get("Active", True):
            raise refusal(2000947, record["CostCenter"])
        labels = company.table("labels")
        for label in sent.get("Labels") or ():
            if str(label.get("Id")) not in labels and label.get("Id") not in labels:
                raise refusal_text("Kunde inte hämta/hitta etikett")
        for name in ("Country", "DeliveryCountry"):
            if record[name] and name in sent and not known_country(str(record[name])):
                raise refusal(2000919, record[name])

    def set_rate(self, company: Company, record: Record, sent: Mapping[str, Any], *, fresh: bool) -> None:
        """Set CurrencyRate and CurrencyUnit: given ones stay, else the buying rate of the register; 1 for kronor."""
        if record["Currency"] == "SEK":
            record["CurrencyRate"] = record["CurrencyUnit"] = 1
            return
        known = company.table("currencies").records.get(record["Currency"]) or {}
        if fresh and "CurrencyUnit" not in sent:
            record["CurrencyUnit"] = plain(as_number(known.get("Unit") or 1))
        if fresh and "CurrencyRate" not in sent:
            record["CurrencyRate"] = plain(as_number(known.get("BuyRate") or 1))
        record["CurrencyRate"] = plain(as_number(record["CurrencyRate"]))
        record["CurrencyUnit"] = plain(as_number(record["CurrencyUnit"]))
        if record["CurrencyRate"] <= 0 or record["CurrencyUnit"] <= 0:
            raise refusal(2000108, record["CurrencyRate"])

    def set_dates(self, company: Company, record: Record, sent: Mapping[str, Any], old: Record | None) -> None:
        """Set the date of the document: today when it is new, as it was when it was cleared."""
        if not record[self.date_field]:
            record[self.date_field] = old[self.date_field] if old is not None else company.today().isoformat()
        if "OutboundDate" in record and not record["OutboundDate"]:
            record["OutboundDate"] = record[self.date_field]

    def make_rows(self, company: Company, record: Record, wishes: Sequence[Mapping[str, Any]], kept: Kept) -> None:
        """Make the rows of a document. Raises Refusal."""
        customer = company.table("customers").records.get(record["CustomerNumber"]) or {}
        buyer = Buyer(
            str(record.get("_VATType") or "SEVAT"),
            str(record["PriceList"]),
            bool(record["VATIncluded"]),
            as_number(customer.get("InvoiceDiscount")),
            int(as_number(customer.get("SalesAccount"))),
            chart.year_for(company, record[self.date_field]),
        )
        record[self.kind.field] = rows = RowMaker(company, self.kind, buyer).make(wishes, kept)
        housework.check_rows(record["TaxReductionType"], record["Currency"], rows)

    def add_up(self, company: Company, record: Record) -> None:
        """Write the sums of a document into its head."""
        rows = record[self.kind.field]
        sums = totals(
            lines_of(self.kind, rows),
            vat_included=record["VATIncluded"],
            fee=Decimal(record["AdministrationFee"]),
            freight=Decimal(record["Freight"]),
            per_row=company.values.get("vat_method") == "per_row",
            round_to_krona=bool(company["round_to_whole_krona"]) and record["Currency"] == "SEK",
            taxed=record.get("_VATType", "SEVAT") in ("SEVAT", "EUVAT"),
        )
        record["AdministrationFee"] = plain(two_decimals(Decimal(record["AdministrationFee"])))
        record["Freight"] = plain(two_decimals(Decimal(record["Freight"])))
        record["AdministrationFeeVAT"], record["FreightVAT"] = plain(sums.fee_vat), plain(sums.freight_vat)
        record["Gross"], record["Net"], record["TotalVAT"] = plain(sums.gross), plain(sums.net), plain(sums.vat)
        record["RoundOff"], record["Total"] = plain(sums.round_off), plain(sums.total)
        value = sum((Decimal(row["ContributionValue"]) for row in rows), ZERO)
        record["ContributionValue"] = plain(value)
        record["ContributionPercent"] = plain(contribution(sums.net, sums.net - value)[1])
        self.reduce(company, record)

    def reduce(self, company: Company, record: Record) -> None:
        """Set the tax reduction and what is left to pay: the sum asked for, else what the work rows give."""
        work = housework.labour(record[self.kind.field], record["VATIncluded"])
        record["HouseWork"] = bool(work)
        record["BasisTaxReduction"] = plain(sum((gross for _, gross in work), ZERO))
        record["TaxReduction"] = None
        if record["TaxReductionType"] != "none":
            possible = housework.reduction_of(record["TaxReductionType"], work, record[self.date_field])
            asked = self.applications(company, record)
            if asked and sum(asked) > possible:
                raise refusal(2003227)
            record["TaxReduction"] = sum(asked) if asked else possible
        record["TotalToPay"] = plain(Decimal(record["Total"]) - Decimal(record["TaxReduction"] or 0))

    # -- tax reductions: the applications of a document lie under (kind, number) in an inner table

    def applications(self, company: Company, record: Record) -> list[int]:
        """Return the amounts asked for in the applications of a document."""
        held = company.table("reductions_of").records.get((self.kind_of_document, record["DocumentNumber"])) or {}
        found = (company.table("taxreductions").records.get(number) for number in held.get("ids", ()))
        return [housework.asked(one) for one in found if one is not None]

    def renew_applications(self, company: Company, record: Record) -> None:
        """Give the applications of a changed document new ids; TaxReductionType none removes them."""
        key = (self.kind_of_document, record["DocumentNumber"])
        held = (company.table("reductions_of").records.get(key) or {}).get("ids", [])
        fresh: list[int] = []
        for number in held:
            application = company.get("taxreductions", number)
            company.delete("taxreductions", number)
            if application is not None and record["TaxReductionType"] != "none":
                application["Id"] = company.count("taxreductions")
                company.put("taxreductions", application["Id"], application)
                fresh.append(application["Id"])
        if held:
            company.put("reductions_of", key, {"ids": fresh})

    # -- sending

    def keep(self, call: Call, record: Record) -> None:
        """Write a changed document and announce it."""
        call.company.put(self.name, self.key_of(record), record)
        self.announce(call, "updated", record)

    def shown(self, call: Call, record: Record) -> Response:
        """Answer with a document as it now is."""
        return wire.answer({self.one: self.detail(call, self.find(call, self.key_of(record)))})

    def send_out(self, call: Call, record: Record, how: str, to: str = "") -> None:
        """Put a copy into the outbox (inner table `outbox`): what left the house, how, to whom, when."""
        number = call.company.count("outbox")
        call.company.put(
            "outbox",
            number,
            {"document": self.one, "number": record["DocumentNumber"], "how": how, "to": to, "at": call.company.now().isoformat()},
        )

    def email(self, call: Call, key: Key, record: Record) -> Response:
        """Send by mail, though it is a GET. Needs an address and the company's bank details."""
        address = record["EmailInformation"]["EmailAddressTo"]
        if not address:
            raise refusal_text("E-postadress saknas på dokumentet.")
        self._needs_bank(call.company)
        self.send_out(call, record, "email", address)
        record["Sent"] = True
        self.keep(call, record)
        return self.shown(call, record)

    def print(self, call: Call, key: Key, record: Record) -> Response:
        """Return a PDF and mark the document as sent."""
        self._needs_bank(call.company)
        self.send_out(call, record, "print")
        record["Sent"] = True
        self.keep(call, record)
        return wire.binary(pdf(f"{self.word} {record['DocumentNumber']}"), "application/pdf")

    def preview(self, call: Call, key: Key, record: Record) -> Response:
        """Return a PDF and change nothing."""
        return wire.binary(pdf(f"{self.word} {record['DocumentNumber']}"), "application/pdf")

    def externalprint(self, call: Call, key: Key, record: Record) -> Response:
        """Mark as sent without making anything."""
        record["Sent"] = True
        self.keep(call, record)
        return self.shown(call, record)

    def cancel(self, call: Call, key: Key, record: Record) -> Response:
        """Cancel an open document."""
        self.check_open(call, record, {"Cancelled": True})
        record["Cancelled"] = True
        call.company.put(self.name, key, record)
        self.announce(call, self.cancelled_event, record)
        return self.shown(call, record)

    def _needs_bank(self, company: Company) -> None:
        if not company["bank_details"]:
            raise refusal_text("Bankuppgifter saknas")

    # -- loading

    def loaded(self, company: Company, record: Record) -> tuple[Key, Record]:
        """Return key and record of a loaded document; one without Total, or with rows without accounts, is added up."""
        key, record = super().loaded(company, record)
        rows = record.get(self.kind.field)
        if rows and ("Total" not in record or not any(row.get("AccountNumber") for row in rows)):
            whole = {**self.blank, **record}
            whole["CustomerName"] = record.get("CustomerName", "")
            whole[self.date_field] = record.get(self.date_field) or company.today().isoformat()
            self.make_rows(company, whole, rows, Kept())
            self.add_up(company, whole)
            record = whole
        elif rows:
            record[self.kind.field] = [{**row, "RowId": row.get("RowId") or company.count("rows")} for row in rows]
        return key, record

    def tests(self, call: Call, params: dict[str, str]) -> list[lists.Test]:
        """Return the tests of a list; the filters that look at today's date are made here."""
        dated = self.dated_filters(call.company.today().isoformat())
        wanted = params.get("filter")
        if wanted in dated:
            rest = {name: value for name, value in params.items() if name != "filter"}
            return [dated[wanted], *super().tests(call, rest)]
        return super().tests(call, params)

    def dated_filters(self, today: str) -> dict[str, lists.Test]:
        """Return the values of `filter` that depend on the date."""
        return {}


def labelled(wanted: str) -> lists.Test:
    """Return the search parameter `label`: the id is among the document's labels. Raises Refusal 2000588."""
    if not wanted.isdigit():
        raise refusal(2000588)
    return lambda record: any(str(label.get("Id")) == wanted for label in record.get("Labels") or ())


def due_date(company: Company, day: str, terms: str) -> str:
    """Return the due date of terms: so many calendar days after the date; terms without days fall due at once."""
    return days_after(day, days_of(company, terms))


def days_after(day: str, days: int) -> str:
    """Return the date so many days after another; the calendar ends with the year 9999."""
    start = date.fromisoformat(day)
    return (start + timedelta(days=min(days, (date.max - start).days))).isoformat()


def days_of(company: Company, terms: str) -> int:
    """Return the days of terms of payment: the code where it is a number, else a number at the start of its text."""
    if terms.isascii() and terms.isdigit():
        return min(int(terms), 3650)
    words = str((company.table("termsofpayments").records.get(terms) or {}).get("Description") or "").split()
    return int(words[0]) if len(words) > 1 and words[0].isdigit() and words[1].startswith("dag") else 0


def known_country(name: str) -> bool:
    """Tell whether a document may hold the name of the country."""
    return name in CODE_OF


def pdf(words: str) -> bytes:
    """Return a small PDF of one page with one line."""
    line = words.encode("cp1252", "replace").replace(b"\\", b"").replace(b"(", b"").replace(b")", b"")
    stream = b"BT /F1 18 Tf 72 760 Td (" + line + b") Tj ET"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length " + str(len(stream)).encode() + b" >>\nstream\n" + stream + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += str(number).encode() + b" 0 obj\n" + part + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        body
        + b"xref\n0 6\n0000000000 65535 f \n"
        + table
        + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n"
        + str(len(body)).encode()
        + b"\n%%EOF\n"
    )


def amount_text(value: Any) -> str:
    """Return a rate or amount as a list shows it where it is a text."""
    return text(Decimal(value))
