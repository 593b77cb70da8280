"""Registers that documents choose from: terms, ways, units, labels, projects, cost centres, currencies, templates."""

# ruff: noqa: RUF012  the tables in the classes are read, never changed

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from brygga_sandbox.fortnox import lists, wire
from brygga_sandbox.fortnox.errors import refusal, refusal_text
from brygga_sandbox.fortnox.payload import Quirks
from brygga_sandbox.fortnox.registers.uses import in_use, is_used
from brygga_sandbox.fortnox.resource import Call, Resource
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Key, Record
from brygga_sandbox.server import Response

CODE = re.compile(r"[\w+\-/.]+")


class _Coded(Resource):
    """A register whose key is a code that the client chooses and that never changes."""

    key_field = "Code"
    scopes = ("settings",)

    def may_delete(self, call: Call, key: Key, record: Record) -> None:
        """Refuse when a record names the code."""
        if is_used(call.company, self.name, key):
            raise in_use(self.thing)


class TermsOfPayments(_Coded):
    """Code = days for plain ones; others such as "K" (cash) exist."""

    name, tag, one, many = "termsofpayments", "TermsOfPayments", "TermsOfPayment", "TermsOfPayments"
    missing_code, thing = 2000429, "betalningsvillkoret"
    topic, event = "termsofpayments", "termsofpayments"
    tracked = True


class TermsOfDeliveries(_Coded):
    """Cannot be deleted through the API."""

    name, tag, one, many = "termsofdeliveries", "TermsOfDeliveries", "TermsOfDelivery", "TermsOfDeliveries"
    verbs = "LRCU"
    missing_code, thing = 2000435, "leveransvillkoret"
    topic, event = "termsofdeliveries", "termofdelivery"
    paged = False


class WayOfDeliveries(_Coded):
    """Ways of delivery."""

    name, tag, one, many = "wayofdeliveries", "WayOfDeliveries", "WayOfDelivery", "WayOfDeliveries"
    thing = "leveranssättet"
    topic, event = "waysofdeliveries", "waysofdeliveries"


class ModesOfPayments(_Coded):
    """Modes of payment, each with its account."""

    name, tag, one, many = "modesofpayments", "ModesOfPayments", "ModeOfPayment", "ModesOfPayments"
    thing = "betalningssättet"
    changes = {"Code": {"where": "LDCU*", "max_length": 10}}

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Refuse an account that the year does not have."""
        _known_account(call.company, record["AccountNumber"])

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Refuse an account that the year does not have."""
        if "AccountNumber" in sent:
            _known_account(call.company, record["AccountNumber"])


def _known_account(company: Company, number: object) -> None:
    year = company.current_year()
    text = str(number)
    if year is None or not (text.isascii() and text.isdigit()) or (year["Id"], int(text)) not in company.table("accounts"):
        raise refusal(2001304)


class Units(_Coded):
    """Units; the list is not paged."""

    name, tag, one, many = "units", "Units", "Unit", "Units"
    missing_code, thing = 2000432, "enheten"
    paged = False


class Labels(Resource):
    """Labels: an id and a text; duplicates are allowed, there is no single GET, the list has no MetaInformation."""

    name, tag, one, many = "labels", "Labels", "Label", "Labels"
    verbs = "LCUD"
    key_field = "Id"
    inner_id = True
    urls = False
    paged = meta = False
    scopes = ("settings",)
    thing = "etiketten"


class Projects(Resource):
    """Projects; numbers are texts and given when left out."""

    name, tag, one, many = "projects", "Projects", "Project", "Projects"
    key_field = "ProjectNumber"
    automatic = True
    scopes = ("project",)
    missing_code, thing = 2001161, "projektet"
    topic, event = "projects", "project"
    tracked = True
    unset_text = None
    unset = {"Status": "NOTSTARTED", "Description": "", "ProjectNumber": ""}
    searches = {"description": lists.contains("Description"), "projectleader": lists.contains("ProjectLeader")}

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Check the number and the dates."""
        if record["ProjectNumber"] and not CODE.fullmatch(str(record["ProjectNumber"])):
            raise refusal(2000106, record["ProjectNumber"])
        self._dates(record)

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Check the dates."""
        self._dates(record)

    def _dates(self, record: Record) -> None:
        if record["StartDate"] and record["EndDate"] and record["EndDate"] < record["StartDate"]:
            raise refusal_text("Slutdatum kan inte vara före startdatum.")

    def may_delete(self, call: Call, key: Key, record: Record) -> None:
        """Refuse when a record names the project."""
        if is_used(call.company, self.name, key):
            raise in_use(self.thing)


class CostCenters(_Coded):
    """Cost centres: a code of up to six letters and digits."""

    name, tag, one, many = "costcenters", "CostCenters", "CostCenter", "CostCenters"
    scopes = ("costcenter",)
    thing = "kostnadsstället"
    topic, event = "cost-centers", "cost-center"
    tracked = True
    unset = {"Active": True}

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Check the code."""
        if not CODE.fullmatch(record["Code"]):
            raise refusal(2000106, record["Code"])


class Currencies(_Coded):
    """Currencies with the rate of the day; codes must be real ones; those of the start cannot be deleted."""

    name, tag, one, many = "currencies", "Currencies", "Currency", "Currencies"
    scopes = ("currency",)
    missing_code, thing = 2000427, "valutan"
    topic, event = "currencies", "currency"
    unset = {"BuyRate": 1, "SellRate": 1, "Unit": 1, "IsAutomatic": False}
    quirks = Quirks(too_long={"Code": 2000427})

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Refuse an invented code; the rate counts from today."""
        if record["Code"] not in ISO_CURRENCIES:
            raise refusal_text("Kunde inte hämta/hitta valuta")
        self._rates(record)
        record["Date"] = record["Date"] or call.company.today().isoformat()

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Refuse a rate that is none; a changed rate counts from today."""
        self._rates(record)
        if "Date" not in sent and any(record[name] != old[name] for name in ("BuyRate", "SellRate", "Unit")):
            record["Date"] = call.company.today().isoformat()

    def _rates(self, record: Record) -> None:
        for name in ("BuyRate", "SellRate", "Unit"):
            if not isinstance(record[name], int | Decimal) or record[name] <= 0:
                raise refusal(2000108, record[name])

    def may_delete(self, call: Call, key: Key, record: Record) -> None:
        """Refuse the currencies of the start and those in use."""
        if key in ("SEK", "EUR", "USD") or is_used(call.company, self.name, key):
            raise in_use(self.thing)


_ISO_CURRENCIES_WORDS = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EEK EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG
HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LVL LYD MAD MDL
MGA MKD MMK MNT MOP MRU MTL MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON
RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SIT SKK SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS
UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
"""
ISO_CURRENCIES = frozenset(_ISO_CURRENCIES_WORDS.split())


class PrintTemplates(Resource):
    """Print templates by kind of document; only a list, not paged."""

    name, tag, one, many = "printtemplates", "PrintTemplates", "PrintTemplate", "PrintTemplates"
    verbs = "L"
    key_field = "Template"
    scopes = ("print",)
    paged = False
    urls = False
    changes = {"Template": {"where": "LD"}, "Name": {"where": "LD"}}
    ignored_params = frozenset({"type"})

    def list(self, call: Call) -> Response:
        """Answer the templates of the kind asked for (offer, order, invoice); all without a kind."""
        lists.check_unpaged(call, "type")
        kind = call.params.get("type")
        if kind is not None and kind.lower() not in ("offer", "order", "invoice"):
            raise refusal(2000588)
        rows = [
            {"Template": record["Template"], "Name": record["Name"]}
            for record in call.company.table(self.name).all()
            if kind is None or record["_type"] == kind.lower()
        ]
        meta = {"@TotalResources": len(rows), "@TotalPages": 1 if rows else 0, "@CurrentPage": 1}
        return wire.answer({"MetaInformation": meta, self.many: rows})
