"""The company itself and who asks: companyinformation, settings/company, settings/lockedperiod, me. All read-only."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from brygga_sandbox.fortnox import wire
from brygga_sandbox.fortnox.errors import refusal
from brygga_sandbox.fortnox.resource import Call, Resource
from brygga_sandbox.server import Response

EU_LIMIT = 99_680  # kronor: 10,000 euro by the rate in the Swedish law


class _Single(Resource):
    """A resource with one record: `GET` without a key."""

    verbs = ""
    urls = False

    def respond(self, call: Call, rest: list[str]) -> Response:
        """Answer GET."""
        if call.method != "GET" or rest:
            raise refusal(2000764)
        shown = self.value(call)
        return wire.answer({self.one: {name: shown.get(name, unset) for name, unset in self.blank.items()}})

    def value(self, call: Call) -> dict[str, Any]:
        """Return what is shown."""
        raise NotImplementedError

    def operations(self) -> set[tuple[str, str]]:
        """Return the one operation."""
        return {("GET", f"/3/{self.address}")}


class CompanyInformation(_Single):
    """Name, number and address; the only place with the American spelling of OrganizationNumber beside settings."""

    name, tag, one, many = "companyinformation", "CompanyInformation", "CompanyInformation", ""
    scopes = ("companyinformation",)

    def value(self, call: Call) -> dict[str, Any]:
        """Return the information; DatabaseNumber is the tenant as a number."""
        return {**call.company["information"], "DatabaseNumber": call.company.tenant}


class CompanySettings(_Single):
    """Giro, bank, VAT number and contacts of the company."""

    name, tag, one, many = "companysettings", "CompanySettings", "CompanySettings", ""
    path = "settings/company"
    scopes = ("settings",)

    def value(self, call: Call) -> dict[str, Any]:
        """Return the settings; DatabaseNumber is the tenant as a text here."""
        return {**call.company["company_settings"], "DatabaseNumber": str(call.company.tenant)}


class LockedPeriod(_Single):
    """Up to which date nothing may be booked."""

    name, tag, one, many = "lockedperiod", "LockedPeriod", "LockedPeriod", ""
    path = "settings/lockedperiod"
    scopes = ("settings",)

    def value(self, call: Call) -> dict[str, Any]:
        """Return the last locked date, null when nothing is locked."""
        return {"EndDate": call.company["locked_until"]}


class EUVatLimitRegulation(_Single):
    """How much was sold to private persons in other EU countries in a calendar year, against the limit of 99,680 kronor."""

    name, tag, one, many = "euvatlimitregulation", "EUVatLimitRegulation", "EUVatLimitRegulation", ""
    scopes = ("settings", "invoice")

    def value(self, call: Call) -> dict[str, Any]:
        """Return the sum of the booked invoices to customers with the VAT type EUVAT, before VAT, in kronor."""
        year = call.params.get("year", str(call.company.today().year))
        if len(year) != 4 or not (year.isascii() and year.isdigit()):
            raise refusal(2000588)
        customers = call.company.table("customers").records
        invoices = call.company.table("invoices")
        total = Decimal(0)
        for compact in invoices.records.values():
            invoice = {**invoices.blank, **compact}
            customer = customers.get(str(invoice.get("CustomerNumber"))) or {}
            counts = invoice.get("Booked") and str(invoice.get("InvoiceDate"))[:4] == year
            if counts and customer.get("VATType") == "EUVAT":
                rate = Decimal(invoice.get("CurrencyRate") or 1) / Decimal(invoice.get("CurrencyUnit") or 1)
                total += Decimal(invoice.get("Net") or 0) * rate
        return {
            "Year": year,
            "Limit": EU_LIMIT,
            "TotalExclVat": total.quantize(Decimal("0.01"), ROUND_HALF_UP),
            "IsOverLimit": total > EU_LIMIT,
        }


class Me(_Single):
    """The user behind the token."""

    name, tag, one, many = "me", "Me", "Me", ""
    scopes = ("profile",)

    def value(self, call: Call) -> dict[str, Any]:
        """Return the user."""
        user: dict[str, Any] = call.company["user"]
        return user
