"""Who the company is and what it has set: company information and settings, locked period, the user behind the token."""

from __future__ import annotations

from datetime import date

from brygga.clients.fortnox import wire
from brygga.clients.fortnox.resource import Resource
from brygga.clients.fortnox.wire import Raw


class CompanyInformation(Resource):
    """Name, organisation number (here spelt OrganizationNumber) and DatabaseNumber, which is the tenant id (section 3.6)."""

    path, one = "/3/companyinformation", "CompanyInformation"

    def get(self) -> Raw:
        return wire.single(self._api.read(self.path), self.one)


class CompanySettings(Resource):
    """Bank details, VAT number, contact (section 3.6)."""

    path, one = "/3/settings/company", "CompanySettings"

    def get(self) -> Raw:
        return wire.single(self._api.read(self.path), self.one)


class LockedPeriod(Resource):
    """The date up to which nothing may be booked (section 9.14)."""

    path, one = "/3/settings/lockedperiod", "LockedPeriod"

    def get(self) -> Raw:
        return wire.single(self._api.read(self.path), self.one)

    def until(self) -> date | None:
        """Return the last locked day, None when nothing is locked."""
        return wire.on_day(self.get().get("EndDate"))


class Me(Resource):
    """The user, or service account, behind the token. The envelope has two documented names."""

    path, one = "/3/me", "Me"

    def get(self) -> Raw:
        return wire.single(self._api.read(self.path), "Me", "MeInformation")
