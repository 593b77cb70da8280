"""Customers and their references (Fortnox API, section 9.1)."""

# ruff: noqa: RUF012  the tables in the classes are read, never changed

import re
from collections.abc import Mapping
from typing import Any

from brygga_sandbox.fortnox import lists, wire
from brygga_sandbox.fortnox.countries import COUNTRIES
from brygga_sandbox.fortnox.errors import Refusal, refusal, refusal_text
from brygga_sandbox.fortnox.payload import Quirks, checked
from brygga_sandbox.fortnox.registers.uses import in_use
from brygga_sandbox.fortnox.resource import Call, Resource
from brygga_sandbox.fortnox.tables import Key, Record
from brygga_sandbox.server import Response

NUMBER = re.compile(r"[\w+\-/]+")
EMAIL = re.compile(r"[^@\s,;<>()]+@[^@\s,;<>().]+(\.[^@\s,;<>().]+)+")
# Shape of a VAT number: two letters of a country, then 2 to 13 letters or digits; Swedish ones are 10 digits and 01.
VAT_NUMBER = re.compile(r"(?!SE)[A-Z]{2}[0-9A-Z+*.]{2,13}|SE\d{10}01")
EMAILS = ("Email", *(f"Email{document}{kind}" for document in ("Invoice", "Order", "Offer") for kind in ("", "BCC", "CC")))
_NULL_WHEN_UNSET_WORDS = """
Address1 Address2 City Country CountryCode Comments CostCenter DeliveryAddress1 DeliveryAddress2 DeliveryCity
DeliveryCountry DeliveryCountryCode DeliveryFax DeliveryName DeliveryPhone1 DeliveryPhone2 DeliveryZipCode
ExternalReference Fax GLN GLNDelivery InvoiceAdministrationFee InvoiceDiscount InvoiceFreight Phone1 Phone2
SalesAccount VisitingAddress VisitingCity VisitingCountry VisitingCountryCode VisitingZipCode ZipCode
"""
NULL_WHEN_UNSET = tuple(_NULL_WHEN_UNSET_WORDS.split())
COLUMNS = ("Address1", "Address2", "City", "CustomerNumber", "Email", "Name", "OrganisationNumber", "Phone", "ZipCode")
DELIVERY_TYPES = frozenset({"PRINT", "EMAIL", "PRINTSERVICE", "ELECTRONICINVOICE"})
OPEN_DOCUMENTS = ("invoices", "orders", "offers", "contracts")


class Customers(Resource):
    """The customer register."""

    name, tag, one, many = "customers", "Customers", "Customer", "Customers"
    key_field = "CustomerNumber"
    automatic = True
    scopes = ("customer",)
    modules = ("Fakturering", "Order", "Offert")
    right = "kundregister"
    topic, event = "customers", "customer"
    missing_code, thing, taken_code = 2000433, "kunden", 2000637
    tracked = True
    changes = {
        "InvoiceAdministrationFee": {"type": "num"},
        "InvoiceFreight": {"type": "num"},
        "Country": {"where": "D"},
        "DeliveryCountry": {"where": "D"},
        "VisitingCountry": {"where": "D"},
        "Type": {"enum": frozenset({"PRIVATE", "COMPANY"})},
        **{f"DefaultDeliveryTypes.{name}": {"enum": DELIVERY_TYPES} for name in ("Invoice", "Order", "Offer")},
    }
    unset = {
        **dict.fromkeys(NULL_WHEN_UNSET),
        "Active": True,
        "Currency": "SEK",
        "PriceList": "A",
        "Type": "COMPANY",
        "VATType": "SEVAT",
        **{f"DefaultDeliveryTypes.{name}": "PRINT" for name in ("Invoice", "Order", "Offer")},
        **{f"DefaultTemplates.{name}": "DEFAULTTEMPLATE" for name in ("Order", "Offer", "Invoice", "CashInvoice")},
    }
    quirks = Quirks(
        bad_enum={"Type": 2001200},
        bad_null={"OrganisationNumber": 2005095},
    )
    searches = {
        "customernumber": lists.contains("CustomerNumber"),
        "name": lists.contains("Name"),
        "zipcode": lists.contains("ZipCode"),
        "city": lists.contains("City"),
        "email": lists.contains("Email"),
        "phone": lists.contains("Phone1", "Phone2"),
        "organisationnumber": lists.contains("OrganisationNumber"),
        "gln": lists.contains("GLN"),
        "glndelivery": lists.contains("GLNDelivery"),
    }
    filters = {"active": lists.Flagged("Active", True), "inactive": lists.Flagged("Active", False)}
    sorts = {"customernumber": "CustomerNumber", "name": "Name"}

    def list_row(self, call: Call, record: Record) -> dict[str, Any]:
        """Return the ten columns; everything unset is an empty text, Phone is Phone1."""
        row: dict[str, Any] = {"@url": self.url_of(call, record["CustomerNumber"])}
        for name in COLUMNS:
            row[name] = record.get("Phone1" if name == "Phone" else name) or ""
        return row

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Check the number and the rest; a customer with a mail address gets documents as the company setting says."""
        number = record["CustomerNumber"]
        if number and not NUMBER.fullmatch(number):
            raise refusal(2000106, number)
        if call.company["default_delivery_type"] != "PRINT":
            for name in record["DefaultDeliveryTypes"]:
                if name not in (sent.get("DefaultDeliveryTypes") or {}):
                    record["DefaultDeliveryTypes"][name] = call.company["default_delivery_type"]
        self._check(call, record, sent)

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Check what was sent; an e-invoice customer keeps its organisation number."""
        if (
            old["DefaultDeliveryTypes"]["Invoice"] == "ELECTRONICINVOICE"
            and record["OrganisationNumber"] != old["OrganisationNumber"]
        ):
            raise refusal_text("Organisationsnumret kan inte ändras för en kund med e-faktura.")
        self._check(call, record, sent)

    def _check(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        for name in ("", "Delivery", "Visiting"):
            if f"{name}CountryCode" in sent:
                code = record[f"{name}CountryCode"]
                if code and code.upper() not in COUNTRIES:
                    raise refusal(2000919, code)
                record[f"{name}CountryCode"] = code.upper() if code else None
                record[f"{name}Country"] = COUNTRIES[code.upper()] if code else None
        for name in EMAILS:
            if sent.get(name) and not EMAIL.fullmatch(str(sent[name])):
                raise refusal_text(f"Ogiltig e-postadress ({sent[name]})")
        if sent.get("VATNumber") and not VAT_NUMBER.fullmatch(re.sub(r"[\s-]", "", str(sent["VATNumber"])).upper()):
            raise refusal(2004194)
        for name in ("GLN", "GLNDelivery"):
            if sent.get(name) and not (str(sent[name]).isascii() and str(sent[name]).isdigit()):
                raise refusal(2000108, sent[name])
        self._check_references(call, sent)

    def _check_references(self, call: Call, sent: Mapping[str, Any]) -> None:
        company = call.company
        for name, register, error in (
            ("Currency", "currencies", refusal_text("Kunde inte hämta/hitta valuta")),
            ("PriceList", "pricelists", refusal(2000342, sent.get("PriceList"))),
            ("TermsOfPayment", "termsofpayments", refusal_text("Kunde inte hämta/hitta betalningsvillkor")),
            ("TermsOfDelivery", "termsofdeliveries", refusal_text("Kunde inte hämta/hitta leveransvillkor")),
            ("WayOfDelivery", "wayofdeliveries", refusal_text("Kunde inte hämta/hitta leveranssätt")),
            ("CostCenter", "costcenters", refusal_text("Kunde inte hämta/hitta kostnadsställe")),
            ("Project", "projects", refusal_text("Kunde inte hämta/hitta projekt")),
        ):
            if sent.get(name) and str(sent[name]) not in company.table(register):
                raise error
        if sent.get("SalesAccount"):
            year = company.current_year()
            number = str(sent["SalesAccount"])
            if year is None or not number.isdigit() or (year["Id"], int(number)) not in company.table("accounts"):
                raise refusal(2001304)

    def taken(self, key: Key, *, deleted: bool) -> Refusal:
        """Return 2000637, with the longer text for the number of a deleted customer."""
        more = " Kundnumret har redan använts men blivit raderat." if deleted else ""
        return refusal(2000637, message=f"Kundnummer {key} används redan.{more}")

    def may_delete(self, call: Call, key: Key, record: Record) -> None:
        """Refuse while a deal is open: an unpaid invoice, an order or offer neither cancelled nor made into more."""
        for name in OPEN_DOCUMENTS:
            table = call.company.table(name)
            for compact in table.records.values():
                if compact.get("CustomerNumber") == key and _is_open(name, {**table.blank, **compact}):
                    raise in_use("kunden")

    def announce(self, call: Call, what: str, record: Record) -> None:
        """Send the event; an update comes as v1 and as v2."""
        super().announce(call, what, record)
        if what == "updated":
            call.company.emit(self.topic, "customer-updated-v2", record["CustomerNumber"])


def _is_open(kind: str, document: Record) -> bool:
    if document.get("Cancelled"):
        return False
    if kind == "invoices":
        return not document.get("FinalPayDate")
    if kind == "contracts":
        return True
    done = ("InvoiceReference", "OrderReference") if kind == "offers" else ("InvoiceReference",)
    return all(str(document.get(name) or "0") == "0" for name in done)


class CustomerReferences(Resource):
    """Names of "your reference" for each customer. Every answer is `CustomerReference` with `CustomerReferenceRows`."""

    name, tag, one, many, takes = (
        "customerreferences",
        "CustomerReferences",
        "CustomerReference",
        "CustomerReference",
        "CustomerReferenceRow",
    )
    key_field = "Id"
    scopes = ("customer",)
    modules = ("Fakturering", "Order", "Offert")
    thing = "kundreferensen"
    changes = {
        "CustomerNumber": {"where": "DCU*"},
        "Reference": {"where": "DCU*", "max_length": 50},
        "Id": {"where": "DU"},
        "CustomerReferenceRows": {"where": ""},
    }
    inner_id = True
    paged = False

    def _rows(self, call: Call, records: list[Record]) -> dict[str, Any]:
        shown = [{name: record[name] for name in ("CustomerNumber", "Id", "Reference")} for record in records]
        return {self.one: {"CustomerReferenceRows": shown}}

    def list(self, call: Call) -> Response:
        """Answer the references, of one customer with `customer=`."""
        lists.check_unpaged(call, "customer")
        customer = call.params.get("customer")
        records = [one for one in call.company.table(self.name).all() if customer in (None, one["CustomerNumber"])]
        return wire.answer(self._rows(call, records))

    def read(self, call: Call, key: Key) -> Response:
        """Answer one."""
        return wire.answer(self._rows(call, [self.find(call, key)]))

    def create(self, call: Call) -> Response:
        """Add a reference to an existing customer."""
        sent = checked(self.fields, self.payload(call), "C", self.quirks)
        record = self.start(sent)
        self._known(call, record)
        key = self.number(call, record)
        call.company.put(self.name, key, record)
        return wire.created(self._rows(call, [record]), self.address)

    def update(self, call: Call, key: Key) -> Response:
        """Change a reference."""
        record = self.find(call, key)
        sent = checked(self.fields, self.payload(call), "U", self.quirks)
        if "Id" in sent and str(sent["Id"]) != key:
            raise refusal(2000588)
        record = self.apply(record, {**sent, "Id": int(str(key))})
        self._known(call, record)
        call.company.put(self.name, key, record)
        return wire.answer(self._rows(call, [record]))

    def _known(self, call: Call, record: Record) -> None:
        if record["CustomerNumber"] not in call.company.table("customers"):
            raise refusal(2000204, record["CustomerNumber"])
