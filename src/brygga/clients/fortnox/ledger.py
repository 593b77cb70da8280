"""The books: vouchers and their series, accounts, charts, financial years, what Fortnox books where, SIE files.

Accounts and series belong to a financial year; without `financial_year` (its Id) Fortnox takes the latest (section 6.5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from brygga.clients.fortnox import fields, wire
from brygga.clients.fortnox.resource import Creatable, Gettable, Listed, Register, Resource, Tracked, Updatable
from brygga.clients.fortnox.wire import Raw
from brygga.errors import Rejected


def _year(financial_year: int | None) -> tuple[tuple[str, str], ...]:
    return () if financial_year is None else (("financialyear", str(financial_year)),)


class Vouchers(Tracked):
    """Vouchers: booked when created, never changed. A voucher is named by series, number and year (section 9.12).

    The list shows no rows: a ledger needs one read for each voucher, or the SIE file.
    """

    path, one, many, number = "/3/vouchers", "Voucher", "Vouchers", "VoucherNumber"

    def of_current_year(self, **search: object) -> Iterator[Raw]:
        """Yield the vouchers of the latest financial year."""
        return self._list(search, "sublist")

    def of_series(self, series: str, **search: object) -> Iterator[Raw]:
        """Yield the vouchers of one series; `financialyear` chooses the year."""
        return self._list(search, "sublist", series)

    def _template(self, *parts: str) -> str:
        return super()._template(*parts[:1], *["{VoucherSeries}" for _ in parts[1:]])

    def get(self, series: str, number: object, financial_year: int) -> Raw:
        """Return one voucher with its rows. Raises NotFound."""
        return wire.single(self._api.read(self._place(series, number), _year(financial_year)), self.one)

    def create(self, record: Mapping[str, object], financial_year: int | None = None) -> Raw:
        """Book a voucher; its number is the next of the series. Rejected before sending when it does not balance."""
        made = fields.checked(self.definition(), record, "create")
        rows = made.get("VoucherRows") or []
        off = sum((_side(row, "Debit") - _side(row, "Credit") for row in rows if not row.get("Removed")), Decimal(0))
        if off:
            raise Rejected("Not sent: debit and credit of the voucher differ by {amount}.", amount=wire.number(off))
        return wire.single(self._api.write("POST", self.path, {self.one: made}, params=_year(financial_year)), self.one)

    def delete(self, series: str, number: object, financial_year: int) -> None:
        """Remove the last voucher of a series. Needs the scope deletevoucher; not part of the published definition."""
        self._api.write("DELETE", self._place(series, number), params=_year(financial_year))


def _side(row: Mapping[str, object], side: str) -> Decimal:
    return Decimal(str(row.get(side) or 0))


class VoucherSeries(Tracked, Register):
    """Series, by year. Only a Manual one takes vouchers of ours."""

    path, one, many, number = "/3/voucherseries", "VoucherSeries", "VoucherSeriesCollection", "Code"

    def get(self, number: object, financial_year: int | None = None) -> Raw:
        return wire.single(self._api.read(self._place(number), _year(financial_year)), self.one)


class PredefinedVoucherSeries(Listed, Gettable, Updatable):
    """Which series each kind of event is booked in: INVOICE in B, and so on."""

    path, one, many, number = (
        "/3/predefinedvoucherseries",
        "PreDefinedVoucherSeries",
        "PreDefinedVoucherSeriesCollection",
        "Name",
    )
    paged = False


class Accounts(Tracked, Creatable):
    """The accounts of a year: `list(financialyear=3)`."""

    path, one, many, number = "/3/accounts", "Account", "Accounts", "Number"

    def get(self, number: object, financial_year: int | None = None) -> Raw:
        return wire.single(self._api.read(self._place(number), _year(financial_year)), self.one)

    def create(self, record: Mapping[str, object], financial_year: int | None = None) -> Raw:
        body = {self.one: fields.checked(self.definition(), record, "create")}
        return wire.single(self._api.write("POST", self.path, body, params=_year(financial_year)), self.one)

    def update(self, number: object, changes: Mapping[str, object], financial_year: int | None = None) -> Raw:
        body = {self.one: fields.checked(self.definition(), changes, "update")}
        return wire.single(self._api.write("PUT", self._place(number), body, params=_year(financial_year)), self.one)

    def delete(self, number: object, financial_year: int | None = None) -> None:
        """Remove an account that was never used."""
        self._api.write("DELETE", self._place(number), params=_year(financial_year))


class AccountCharts(Listed):
    """Which charts of accounts there are."""

    path, one, many = "/3/accountcharts", "AccountChart", "AccountCharts"
    paged = False


class PredefinedAccounts(Listed, Gettable, Updatable):
    """Which account each kind of posting takes, by name: SALES_25_SE, ROUNDOFF, CUSTCLAIM and so on."""

    path, one, many, number = "/3/predefinedaccounts", "PreDefinedAccount", "PreDefinedAccounts", "Name"


class FinancialYears(Listed, Gettable, Creatable):
    """Financial years, by Id."""

    path, one, many, number = "/3/financialyears", "FinancialYear", "FinancialYears", "Id"

    def on(self, day: date) -> Raw | None:
        """Return the year that a day lies in, None when there is none (Fortnox then answers with an empty list)."""
        for year in self.list(date=day):
            first, last = wire.on_day(year.get("FromDate")), wire.on_day(year.get("ToDate"))
            if first and last and first <= day <= last:
                return year
        return None


class Sie(Resource):
    """SIE files: 1 year balances, 2 period balances, 3 object balances, 4 transactions."""

    path = "/3/sie"

    def export(self, kind: int, **search: object) -> bytes:
        """Return the file, text in code page 437. `financialyear`, `fromdate`, `todate` narrow it."""
        params = fields.query("/3/sie/{Type}", search, paged=False)
        answer = self._api.read(self._place(kind), params)
        if not answer.body.lstrip().startswith(b"#"):
            raise answer.unreadable("is not a SIE file")
        return answer.body
