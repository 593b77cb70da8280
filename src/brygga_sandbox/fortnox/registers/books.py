"""The frame of the books: years, accounts, predefined accounts, voucher series (Fortnox API, section 9.14)."""

# ruff: noqa: RUF012  the tables in the classes are read, never changed
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from brygga_sandbox.fortnox import lists, wire
from brygga_sandbox.fortnox.errors import Refusal, refusal, refusal_text
from brygga_sandbox.fortnox.registers.articles import account
from brygga_sandbox.fortnox.registers.uses import in_use
from brygga_sandbox.fortnox.resource import Call, Resource
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Key, Record
from brygga_sandbox.server import Response

YEAR_PARAMS = frozenset({"financialyear", "financialyeardate"})


def year_asked(call: Call) -> int:
    """Return the id of the year that a call means: `financialyear`, `financialyeardate`, else the latest one."""
    params = call.params
    if "financialyear" in params:
        year = call.company.get("financialyears", params["financialyear"])
    elif "financialyeardate" in params:
        year = call.company.year_of(_date(params["financialyeardate"]))
    else:
        year = call.company.current_year()
    if year is None:
        raise refusal_text("Räkenskapsår saknas för valt datum")
    return int(year["Id"])


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise refusal(2000588) from None


class FinancialYears(Resource):
    """Financial years; `date=` gives the year of a date, or an empty list."""

    name, tag, one, many = "financialyears", "FinancialYears", "FinancialYear", "FinancialYears"
    verbs = "LRC"
    key_field = "Id"
    inner_id = True
    scopes = ("bookkeeping",)
    modules = ("Bokföring", "Fakturering", "Leverantörsfaktura")
    topic, event = "financial-years", "financial-year"
    thing = "räkenskapsåret"
    unset = {"AccountingMethod": "ACCRUAL"}

    def tests(self, call: Call, params: dict[str, str]) -> list[lists.Test]:
        """Read `date`, which the definition spells with a capital."""
        params = dict(params)
        found: list[lists.Test] = []
        for name in ("date", "Date"):
            if name in params:
                day = _date(params.pop(name)).isoformat()
                found.append(lambda year, day=day: year.get("FromDate") <= day <= year.get("ToDate"))  # type: ignore[misc]
        return found + super().tests(call, params)

    def prepare(self, call: Call, record: Record, sent: Mapping[str, Any]) -> None:
        """Refuse a year that ends before it begins, is longer than 18 months, or overlaps; copy accounts and series."""
        first, last = date.fromisoformat(record["FromDate"]), date.fromisoformat(record["ToDate"])
        if last <= first or last - first > timedelta(days=550):
            raise refusal_text("Räkenskapsårets datum är ogiltiga")
        for year in call.company.table(self.name).all():
            if record["FromDate"] <= year["ToDate"] and year["FromDate"] <= record["ToDate"]:
                raise refusal_text("Räkenskapsåret överlappar ett annat")
        record["AccountChartType"] = record["AccountChartType"] or "BAS 2026"
        record["AccountingMethod"] = record["AccountingMethod"] or call.company["accounting_method"]

    def number(self, call: Call, record: Record) -> Key:
        """Give the id; the new year gets the accounts and series of the latest one."""
        latest = call.company.current_year()
        key = super().number(call, record)
        if latest is not None:
            copy_year(call.company, int(latest["Id"]), int(record["Id"]))
        return key


def copy_year(company: Company, source: int, target: int) -> None:
    """Give a year the accounts and voucher series of another; balances and numbers begin anew."""
    for register in ("accounts", "voucherseries"):
        table = company.table(register)
        for key in [key for key in table.keys() if isinstance(key, tuple) and key[0] == source]:  # noqa: SIM118
            record = {**table.whole(table.records[key]), "Year": target}
            record |= {"BalanceBroughtForward": 0} if register == "accounts" else {"NextVoucherNumber": 1}
            company.put(register, (target, *key[1:]), record)


class _Yearly(Resource):
    """A register kept for each financial year; its keys are (year, code)."""

    modules = ("Bokföring", "Fakturering", "Leverantörsfaktura")
    scopes = ("bookkeeping",)
    ignored_params = YEAR_PARAMS
    tracked = True

    def key_of(self, record: Mapping[str, Any]) -> Key:
        """Return year and code."""
        return (int(record["Year"]), record[self.key_field])

    def url_of(self, call: Call, key: Key) -> str:
        """Return the @url, the year in its query."""
        year, code = key  # type: ignore[misc,str-unpack]
        return call.url(f"{self.address}/{code}?financialyear={year}")

    def tests(self, call: Call, params: dict[str, str]) -> list[lists.Test]:
        """Show the records of the year only."""
        year = year_asked(call)
        return [lambda record: record.get("Year") == year, *super().tests(call, params)]

    def start(self, sent: Mapping[str, Any]) -> Record:
        """Return a new record; what was sent for Year does not count."""
        return super().start({name: value for name, value in sent.items() if name != "Year"})

    def number(self, call: Call, record: Record) -> Key:
        """Put the record into the year that is asked for."""
        record["Year"] = year_asked(call)
        return super().number(call, record)


class Accounts(_Yearly):
    """Accounts of a year."""

    name, tag, one, many = "accounts", "Accounts", "Account", "Accounts"
    key_field = "Number"
    missing_code, thing = 2000423, "kontot"
    topic, event = "financial-years", "account"
    unset = {
        "Active": True,
        "BalanceBroughtForward": 0,
        "BalanceCarriedForward": 0,
        "SRU": 0,
        "VATCode": None,
        "OpeningQuantities.Balance": 0,
        **dict.fromkeys(("CostCenterSettings", "ProjectSettings", "TransactionInformationSettings", "QuantitySettings"), "ALLOWED"),
    }
    list_unset = {"VATCode": None}
    searches = {"sru": lists.exactly("SRU")}
    sorts = {"number": "Number"}

    def parse_key(self, call: Call, segment: str) -> Key:
        """Return year and number. Raises the 404 for something that is no number."""
        if not (segment.isascii() and segment.isdigit() and len(segment) < 10):
            raise self.not_found()
        return (year_asked(call), int(segment))

    def detail(self, call: Call, record: Record) -> dict[str, Any]:
        """Return the account with what its vouchers brought it to."""
        moved = Decimal(0)
        if record["Year"] is not None:
            for voucher in call.company.table("vouchers").records.values():
                if voucher.get("Year") == record["Year"]:
                    for row in voucher.get("VoucherRows") or ():
                        if row.get("Account") == record["Number"] and not row.get("Removed"):
                            moved += Decimal(row.get("Debit") or 0) - Decimal(row.get("Credit") or 0)
        carried = Decimal(record["BalanceBroughtForward"] or 0) + moved
        return super().detail(call, {**record, "BalanceCarriedForward": carried})

    def taken(self, key: Key, *, deleted: bool) -> Refusal:
        """Return the refusal of a used number; its code is not known."""
        return refusal_text(f"Konto {key[1]} används redan.")  # type: ignore[index]

    def may_delete(self, call: Call, key: Key, record: Record) -> None:
        """Refuse an account with a balance, with postings of the year, or named by a setting."""
        company = call.company
        if record["BalanceBroughtForward"] or any(
            row.get("Account") == record["Number"]
            for voucher in company.table("vouchers").records.values()
            if voucher.get("Year") == record["Year"]
            for row in voucher.get("VoucherRows") or ()
        ):
            raise in_use(self.thing)
        if any(kept.get("Account") == record["Number"] for kept in company.table("predefinedaccounts").records.values()):
            raise in_use(self.thing)

    def loaded(self, company: Company, record: Record) -> tuple[Key, Record]:
        """Return key and record; without a year it is one of the latest."""
        year = company.current_year()
        record.setdefault("Year", year["Id"] if year else 1)
        return super().loaded(company, record)


NOBODY = {"Id": 0, "Name": ""}  # who approves vouchers of a series where nobody does


class VoucherSeries(_Yearly):
    """Voucher series of a year; none can be deleted."""

    name, tag, one, many = "voucherseries", "VoucherSeries", "VoucherSeries", "VoucherSeriesCollection"
    verbs = "LRCU"
    key_field = "Code"
    thing = "verifikationsserien"
    changes = {"NextVoucherNumber": {"where": "D"}}
    unset = {"NextVoucherNumber": 1, "Approver": NOBODY, "Approver.Id": 0, "Manual": True}

    def list_row(self, call: Call, record: Record) -> dict[str, Any]:
        """Return the row of a list, the approver an object also where there is none."""
        row = super().list_row(call, record)
        return {**row, "Approver": {**NOBODY, **row["Approver"]}}

    def parse_key(self, call: Call, segment: str) -> Key:
        """Return year and code."""
        return (year_asked(call), segment)

    def loaded(self, company: Company, record: Record) -> tuple[Key, Record]:
        """Return key and record; without a year it is one of the latest."""
        year = company.current_year()
        record.setdefault("Year", year["Id"] if year else 1)
        return super().loaded(company, record)


class AccountCharts(Resource):
    """Charts of accounts that a year may follow; only a list."""

    name, tag, one, many = "accountcharts", "AccountCharts", "AccountChart", "AccountCharts"
    verbs = "L"
    key_field = "Name"
    scopes = ("bookkeeping",)
    changes = {"Name": {"where": "LD"}}
    paged = False
    urls = False


class PredefinedAccounts(Resource):
    """Which account is used for what."""

    name, tag, one, many = "predefinedaccounts", "PredefinedAccounts", "PreDefinedAccount", "PreDefinedAccounts"
    verbs = "LRU"
    key_field = "Name"
    scopes = ("settings",)
    missing_code, thing = 2001403, "det förvalda kontot"
    changes = {"Account": {"minimum": None, "maximum": None}}

    def update(self, call: Call, key: Key) -> Response:
        """Change the account. A name that does not exist is 2000729 here."""
        if key not in call.company.table(self.name):
            raise refusal(2000729)
        return super().update(call, key)

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Refuse an account that is not four digits, missing, inactive, or (EasyVat) of another VAT code."""
        number = record["Account"]
        if not 1000 <= int(number) <= 9999:
            raise refusal(2002462, number)
        found = account(call.company, number)
        if found is None or not found.get("Active", True):
            raise refusal(2001265, number)
        from brygga_sandbox.fortnox.seed import vat_codes

        wanted = vat_codes().get(record["Name"])
        if call.company["easy_vat"] and wanted and found.get("VATCode") != wanted:
            raise refusal(2004052, number)


class PredefinedVoucherSeries(Resource):
    """Which voucher series is used for what."""

    name, tag, one, many = (
        "predefinedvoucherseries",
        "PredefinedVoucherSeries",
        "PreDefinedVoucherSeries",
        "PreDefinedVoucherSeriesCollection",
    )
    verbs = "LRU"
    key_field = "Name"
    scopes = ("settings",)
    thing = "den förvalda verifikationsserien"
    paged = False

    def update(self, call: Call, key: Key) -> Response:
        """Change the series. A name that does not exist is 2000729 here."""
        if key not in call.company.table(self.name):
            raise refusal(2000729)
        return super().update(call, key)

    def revise(self, call: Call, old: Record, record: Record, sent: Mapping[str, Any]) -> None:
        """Refuse a series that the latest year does not have."""
        year = call.company.current_year()
        if year is None or (year["Id"], record["VoucherSeries"]) not in call.company.table("voucherseries"):
            raise refusal_text("Ogiltig verifikationsserie angiven")


class EmailSenders(Resource):
    """Addresses from which Fortnox takes invoices by mail."""

    name, tag, one, many, takes = "emailsenders", "TrustedEmailSenders", "EmailSenders", "", "TrustedSender"
    verbs = ""
    scopes = ("settings", "inbox")
    changes = {"Id": {"where": "D"}, "Email": {"where": "DC*"}}
    more_operations = (
        ("GET", "/3/emailsenders"),
        ("POST", "/3/emailsenders/trusted"),
        ("DELETE", "/3/emailsenders/trusted/{}"),
    )

    def respond(self, call: Call, rest: list[str]) -> Response:
        """Answer the three operations."""
        table = call.company.table(self.name)
        match call.method, rest:
            case "GET", []:
                trusted = [{"Id": one["Id"], "Email": one["Email"]} for one in table.all()]
                return wire.answer({self.one: {"TrustedSenders": trusted, "RejectedSenders": []}})
            case "POST", ["trusted"]:
                return self._trust(call)
            case "DELETE", ["trusted", key]:
                if key not in table:
                    raise self.not_found()
                call.company.delete(self.name, key)
                return wire.answer({}, 201)
        raise refusal(2000764)

    def _trust(self, call: Call) -> Response:
        from brygga_sandbox.fortnox.payload import checked
        from brygga_sandbox.fortnox.registers.customers import EMAIL

        sent = checked(self.fields, self.payload(call), "C", self.quirks)
        if not EMAIL.fullmatch(sent["Email"]):
            raise refusal_text(f"Ogiltig e-postadress ({sent['Email']})")
        number = call.company.count(self.name)
        record = {"Id": number, "Email": sent["Email"]}
        call.company.put(self.name, str(number), record)
        return wire.created({"TrustedSender": record}, "emailsenders/trusted")
