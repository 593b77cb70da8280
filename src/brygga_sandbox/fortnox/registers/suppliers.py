"""Suppliers."""

# ruff: noqa: RUF012  the tables in the classes are read, never changed
import re
from collections.abc import Mapping
from typing import Any

from brygga_sandbox.fortnox import lists
from brygga_sandbox.fortnox.countries import COUNTRIES
from brygga_sandbox.fortnox.errors import Refusal, refusal, refusal_text
from brygga_sandbox.fortnox.registers.customers import EMAIL, NUMBER, VAT_NUMBER
from brygga_sandbox.fortnox.resource import Call, Resource
from brygga_sandbox.fortnox.tables import Key, Record


class Suppliers(Resource):
    """The supplier register; suppliers cannot be deleted through the API, only set inactive."""

    name, tag, one, many = "suppliers", "Suppliers", "Supplier", "Suppliers"
    verbs = "LRCU"
    key_field = "SupplierNumber"
    automatic = True
    scopes = ("supplier",)
    modules = ("Leverantörsfaktura", "Bokföring")
    right = "leverantörsregister"
    topic, event = "suppliers", "supplier"
    thing = "leverantören"
    tracked = True
    changes = {"Country": {"where": "D"}, "VisitingCountry": {"where": "D"}}
    unset = {"Active": True, "Currency": "SEK", "VATType": "NORMAL"}
    searches = {
        "suppliernumber": lists.contains("SupplierNumber"),
        "name": lists.contains("Name"),
        "organisationnumber": lists.contains("OrganisationNumber"),
        "phone": lists.contains("Phone1", "Phone2"),
        "zipcode": lists.contains("ZipCode"),
        "city": lists.contains("City"),
        "email": lists.contains("Email"),
    }

    def list_row(self, call: Call, record: Record) -> dict[str, Any]:
        """Return the columns; Phone is Phone1."""
        return {**super().list_row(call, record), "Phone": record.get("Phone1", "")}

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Check the number and the rest."""
        if record["SupplierNumber"] and not NUMBER.fullmatch(record["SupplierNumber"]):
            raise refusal(2000106, record["SupplierNumber"])
        self.revise(call, record, record, sent)

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Check what was sent; the country's name follows its code."""
        for name in ("", "Visiting"):
            if f"{name}CountryCode" in sent:
                code = str(record[f"{name}CountryCode"] or "").upper()
                if code and code not in COUNTRIES:
                    raise refusal(2000919, code)
                record[f"{name}CountryCode"], record[f"{name}Country"] = code, COUNTRIES.get(code, "")
        if sent.get("Email") and not EMAIL.fullmatch(str(sent["Email"])):
            raise refusal_text(f"Ogiltig e-postadress ({sent['Email']})")
        if sent.get("VATNumber") and not VAT_NUMBER.fullmatch(re.sub(r"[\s-]", "", str(sent["VATNumber"])).upper()):
            raise refusal(2004194)
        for name, register, thing in (
            ("Currency", "currencies", "valuta"),
            ("TermsOfPayment", "termsofpayments", "betalningsvillkor"),
            ("CostCenter", "costcenters", "kostnadsställe"),
            ("Project", "projects", "projekt"),
        ):
            if sent.get(name) and str(sent[name]) not in call.company.table(register):
                raise refusal_text(f"Kunde inte hämta/hitta {thing}")

    def taken(self, key: Key, *, deleted: bool) -> Refusal:
        """Return the refusal of a used number; its code is not known."""
        return refusal_text(f"Leverantörsnummer {key} används redan.")
