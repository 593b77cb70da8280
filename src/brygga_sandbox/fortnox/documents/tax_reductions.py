"""Applications for tax reduction of house work, on offers, orders and invoices (Fortnox API, section 9.9)."""

# ruff: noqa: RUF012  the tables in the classes are read, never changed

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from brygga_sandbox.fortnox import lists, wire
from brygga_sandbox.fortnox.documents import housework
from brygga_sandbox.fortnox.documents.document import Document
from brygga_sandbox.fortnox.errors import refusal, refusal_text
from brygga_sandbox.fortnox.payload import Quirks
from brygga_sandbox.fortnox.resource import Call, Resource
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Key, Record
from brygga_sandbox.server import Response

REGISTERS = {"OFFER": "offers", "ORDER": "orders", "INVOICE": "invoices"}
PERSON = re.compile(r"(\d{2})?\d{6}[-+]?\d{4}", re.ASCII)


def _kind(name: str) -> lists.Test:
    return lambda record: record.get("ReferenceDocumentType") == name


class TaxReductions(Resource):
    """`/3/taxreductions`."""

    name, tag, one, many = "taxreductions", "TaxReductions", "TaxReduction", "TaxReductions"
    key_field = "Id"
    inner_id = True
    scopes = ("invoice", "order", "offer")
    modules = ("Fakturering", "Order", "Offert")
    thing = "skattereduktionen"
    thing_plain = "skattereduktion"
    changes = {
        "AskedAmount": {"where": "DCU", "minimum": None},
        "TaxReductionAmounts[].AskedAmount": {"where": "DCU", "minimum": None},
        "TaxReductionAmounts[].WorkType": {"where": "DCU"},
        "ReferenceNumber": {"where": "LDCU*"},
    }
    quirks = Quirks(bad_enum={"TaxReductionAmounts.WorkType": 2004209})
    unset = {
        "ApprovedAmount": 0,
        "AskedAmount": 0,
        "BilledAmount": 0,
        "RequestSent": False,
        "VoucherNumber": None,
        "VoucherSeries": None,
        "VoucherYear": None,
    }
    filters = {"invoices": _kind("INVOICE"), "orders": _kind("ORDER"), "offers": _kind("OFFER")}
    searches = {"referencenumber": lists.exactly("ReferenceNumber")}

    def key_of(self, record: Mapping[str, Any]) -> Key:
        """Return the id."""
        return int(record["Id"])

    def parse_key(self, call: Call, segment: str) -> Key:
        """Return the id as a number. Raises the 404."""
        if not (segment.isascii() and segment.isdigit() and len(segment) < 16):
            raise self.not_found()
        return int(segment)

    def list_row(self, call: Call, record: Record) -> dict[str, Any]:
        """Return the row of a list, where the document's number is a number; the detail has it as a text."""
        row = super().list_row(call, record)
        return {**row, "ReferenceNumber": int(row["ReferenceNumber"])}

    def document(self, company: Company, record: Record) -> tuple[Document, Record]:
        """Return the document of an application, with its resource. Raises its 404."""
        resource = company.resources[REGISTERS[record["ReferenceDocumentType"]]]
        assert isinstance(resource, Document)
        found = company.get(resource.name, str(record["ReferenceNumber"]))
        if found is None:
            raise resource.not_found()
        return resource, found

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Check a new application against its document and put it there."""
        company = call.company
        resource, document = self.document(company, record)
        place = (resource.kind_of_document, document["DocumentNumber"])
        others = [
            other
            for number in (company.table("reductions_of").records.get(place) or {}).get("ids", [])
            if (other := company.get(self.name, number)) is not None
        ]
        self.check(record, document, others)
        record["Id"] = company.count(self.name)
        record["_placed"] = True
        company.put("reductions_of", place, {"ids": [*(other["Id"] for other in others), record["Id"]]})
        company.put(self.name, record["Id"], record)
        self.refresh(call, resource, document)

    def number(self, call: Call, record: Record) -> Key:
        """Return the id that the application got with its place on the document."""
        return self.key_of(record)

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Check a changed application."""
        for name in ("ReferenceDocumentType", "ReferenceNumber", "Id"):
            record[name] = old[name]
        resource, document = self.document(call.company, record)
        place = (resource.kind_of_document, document["DocumentNumber"])
        ids = (call.company.table("reductions_of").records.get(place) or {}).get("ids", [])
        others = [other for number in ids if number != old["Id"] and (other := call.company.get(self.name, number)) is not None]
        self.check(record, document, others)
        call.company.put(self.name, record["Id"], record)
        self.refresh(call, resource, document)

    def may_delete(self, call: Call, key: Key, record: Record) -> None:
        """Refuse the last application of a document (2001246)."""
        resource, document = self.document(call.company, record)
        place = (resource.kind_of_document, document["DocumentNumber"])
        ids = (call.company.table("reductions_of").records.get(place) or {}).get("ids", [])
        if len(ids) <= 1:
            raise refusal(2001246)
        self.check_state(document)
        call.company.put("reductions_of", place, {"ids": [number for number in ids if number != key]})
        self.refresh(call, resource, document)

    def check_state(self, document: Record) -> None:
        """Refuse a document that is booked, cancelled or has no reduction."""
        if document.get("Cancelled") or document.get("Booked"):
            raise refusal_text("Dokumentet är låst och skattereduktionen kan inte ändras.")
        if document["TaxReductionType"] == "none":
            raise refusal_text("Dokumentet har ingen skattereduktionstyp.")

    def check(self, record: Record, document: Record, others: list[Record]) -> None:
        """Check person, kind and amount of an application."""
        self.check_state(document)
        if not PERSON.fullmatch(str(record["SocialSecurityNumber"])):
            raise refusal(2000108, record["SocialSecurityNumber"])
        if any(_digits(other) == _digits(record) for other in others):
            raise refusal(2000600, record["SocialSecurityNumber"])
        if document["TaxReductionType"] == "green":
            self.sum_green(record)
        asked = Decimal(record["AskedAmount"] or 0)
        if asked != asked.to_integral_value():
            raise refusal(2004217)
        if asked < 0:
            raise refusal(2004218)
        record["AskedAmount"] = int(asked)
        work = housework.labour(document[_rows_of(document)], document["VATIncluded"])
        day = document.get("InvoiceDate") or document.get("OrderDate") or document.get("OfferDate")
        possible = housework.reduction_of(document["TaxReductionType"], work, str(day))
        if asked + sum(int(other["AskedAmount"]) for other in others) > possible:
            raise refusal(2003228)

    def sum_green(self, record: Record) -> None:
        """Sum an application for green technology from its kinds of work."""
        amounts = record["TaxReductionAmounts"]
        if not amounts or any(not one.get("WorkType") or one.get("AskedAmount") is None for one in amounts):
            raise refusal(2004263)
        if len({one["WorkType"] for one in amounts}) != len(amounts):
            raise refusal(2004262)
        record["AskedAmount"] = sum((Decimal(one["AskedAmount"]) for one in amounts), Decimal(0))

    def refresh(self, call: Call, resource: Document, document: Record) -> None:
        """Add a document up with its applications as they now are."""
        resource.add_up(call.company, document)
        resource.keep(call, document)

    def remove(self, call: Call, key: Key) -> Response:
        """Remove an application; its document is added up without it."""
        record = self.find(call, key)
        self.may_delete(call, key, record)
        call.company.delete(self.name, key)
        resource, document = self.document(call.company, record)
        self.refresh(call, resource, document)
        return wire.empty()


def _digits(record: Record) -> str:
    return re.sub(r"\D", "", str(record["SocialSecurityNumber"]))[-10:]


def _rows_of(document: Record) -> str:
    return next(name for name in ("InvoiceRows", "OrderRows", "OfferRows") if name in document)
