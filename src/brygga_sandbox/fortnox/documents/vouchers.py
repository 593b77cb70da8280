"""Vouchers: booked when they are made, never changed, the last of a series may go (Fortnox API, section 9.12)."""

# ruff: noqa: RUF012  the tables in the classes are read, never changed

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from brygga_sandbox.fortnox import lists, wire
from brygga_sandbox.fortnox.documents import chart, posting
from brygga_sandbox.fortnox.documents.amounts import ZERO, plain, two_decimals
from brygga_sandbox.fortnox.documents.posting import Entry
from brygga_sandbox.fortnox.documents.rows import as_number
from brygga_sandbox.fortnox.errors import refusal, refusal_text
from brygga_sandbox.fortnox.payload import checked
from brygga_sandbox.fortnox.resource import Call, Resource
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Key, Record
from brygga_sandbox.server import Response

_LARGEST = Decimal("999999999999.99")  # 14 digits with the decimals


def _cost_center(text: str) -> lists.Test:
    wanted = text.lower()
    return lambda record: (
        str(record.get("CostCenter") or "").lower() == wanted
        or any(str(row.get("CostCenter") or "").lower() == wanted for row in record.get("VoucherRows") or ())
    )


class Vouchers(Resource):
    """`/3/vouchers`, keyed by series and number within a financial year."""

    name, tag, one, many = "vouchers", "Vouchers", "Voucher", "Vouchers"
    verbs = "LC"
    scopes = ("bookkeeping",)
    scope_code = 2002455
    modules = ("Bokföring",)
    right = "verifikationer"
    topic, event = "vouchers", "voucher"
    thing = "verifikationen"
    thing_plain = "verifikation"
    tracked = True
    changes = {"Year": {"where": "LDC"}, "VoucherRows": {"where": "DC*"}}
    unset = {
        "VoucherRows.Debit": 0,
        "VoucherRows.Credit": 0,
        "VoucherRows.Quantity": 0,
        "ApprovalState": 0,
        "Comments": None,
        "ReferenceType": "MANUAL",
    }
    list_unset = {"Comments": ""}
    searches = {
        "costcenter": _cost_center,
        "fromdate": lists.not_before("TransactionDate"),
        "todate": lists.not_after("TransactionDate"),
        "voucherseries": lists.exactly("VoucherSeries"),
    }
    ignored_params = frozenset({"financialyear", "financialyeardate"})
    more_operations = (
        ("GET", "/3/vouchers/sublist"),
        ("GET", "/3/vouchers/sublist/{}"),
        ("GET", "/3/vouchers/{}/{}"),
        ("DELETE", "/3/vouchers/{}/{}"),
    )

    def key_of(self, record: Mapping[str, Any]) -> Key:
        """Return (id of the year, series, number)."""
        return int(record["Year"]), str(record["VoucherSeries"]), int(record["VoucherNumber"])

    def url_of(self, call: Call, key: Key) -> str:
        """Return the address with the year as a parameter."""
        assert isinstance(key, tuple)
        return call.url(f"vouchers/{key[1]}/{key[2]}?financialyear={key[0]}")

    def respond(self, call: Call, rest: list[str]) -> Response:
        """Answer the sublists and a single voucher; all else as any resource."""
        match call.method, rest:
            case "GET", ["sublist"]:
                return self.list(call)
            case "GET", ["sublist", series]:
                call.params["voucherseries"] = series
                return self.list(call)
            case "GET", [series, number]:
                return self.read(call, self.key_in(call, series, number))
            case "DELETE", [series, number]:
                return self.remove(call, self.key_in(call, series, number))
        return super().respond(call, rest)

    def key_in(self, call: Call, series: str, number: str) -> Key:
        """Return the key of a voucher of the year that the call names."""
        if not (number.isascii() and number.isdigit() and len(number) < 16):
            raise self.not_found()
        return self.year(call), series, int(number)

    def year(self, call: Call) -> int:
        """Return the id of the year that `financialyear` or `financialyeardate` names, else of the latest one."""
        wanted, day = call.params.get("financialyear"), call.params.get("financialyeardate")
        if wanted:
            if wanted not in call.company.table("financialyears"):
                raise refusal_text("Kunde inte hämta/hitta räkenskapsår")
            return int(wanted)
        found = call.company.current_year()
        if day:
            try:
                found = call.company.year_of(date.fromisoformat(day))
            except ValueError:
                raise refusal(2000588) from None
        if found is None:
            raise refusal_text("Kunde inte hämta/hitta räkenskapsår")
        return int(found["Id"])

    def tests(self, call: Call, params: dict[str, str]) -> list[lists.Test]:
        """Return the tests of a list: always within one year."""
        year = self.year(call)
        return [lambda record: record.get("Year") == year, *super().tests(call, params)]

    def create(self, call: Call) -> Response:
        """Make a voucher: manual series, open year, balancing rows on active accounts."""
        sent = checked(self.fields, self.payload(call), "C", self.quirks)
        company, day = call.company, str(sent["TransactionDate"])
        year = posting.open_year(company, day)
        asked = self.year(call) if call.params.get("financialyear") else sent.get("Year")
        if asked is not None and int(asked) != int(year["Id"]):
            raise refusal_text("Verifikationens datum ligger inte i det valda räkenskapsåret.")
        series = company.get("voucherseries", (int(year["Id"]), str(sent["VoucherSeries"])))
        if series is None:
            raise refusal_text("Ogiltig verifikationsserie angiven")
        if not series.get("Manual"):
            raise refusal_text(f"Verifikationsserien är inte manuell ({sent['VoucherSeries']})")
        posted = posting.post(
            company,
            day=day,
            series=str(sent["VoucherSeries"]),
            description=str(sent["Description"]),
            entries=self.entries(company, sent),
            more={
                "Comments": sent.get("Comments") or None,
                "CostCenter": sent.get("CostCenter") or "",
                "Project": sent.get("Project") or "",
            },
        )
        key = (posted.year, posted.series, posted.number)
        return wire.created({self.one: self.detail(call, self.find(call, key))}, self.address)

    def entries(self, company: Company, sent: Mapping[str, Any]) -> list[Entry]:
        """Return the rows of a payload as postings. Raises Refusal for amounts that are none or on both sides."""
        found: list[Entry] = []
        chart.check_dimensions(company, sent, *sent["VoucherRows"])
        for row in sent["VoucherRows"]:
            debit, credit = as_number(row.get("Debit")), as_number(row.get("Credit"))
            if debit and credit:
                raise refusal(2002649)
            if debit < 0 or credit < 0 or max(debit, credit) > _LARGEST:
                raise refusal(2000108, plain(debit or credit))
            found.append(
                Entry(
                    int(row["Account"]),
                    two_decimals(debit) - two_decimals(credit),
                    str(row.get("CostCenter") or sent.get("CostCenter") or ""),
                    str(row.get("Project") or sent.get("Project") or ""),
                    str(row.get("TransactionInformation") or ""),
                )
            )
        if len(found) < 2 or not any(entry.amount for entry in found):
            raise refusal_text("Verifikationen måste ha minst två rader med belopp.")
        return found

    def may_delete(self, call: Call, key: Key, record: Record) -> None:
        """Refuse without the scope, in a locked period, of a document, and any but the last of its series."""
        if "deletevoucher" not in call.grant.scopes:
            raise refusal(2000663)
        posting.open_year(call.company, record["TransactionDate"])
        if record["ReferenceType"] != "MANUAL":
            raise refusal_text("Verifikationen hör till ett dokument och kan inte tas bort.")
        year, series, number = int(record["Year"]), str(record["VoucherSeries"]), int(record["VoucherNumber"])
        if posting.next_number(call.company, year, series) != number + 1:
            raise refusal_text("Endast den sista verifikationen i en serie kan tas bort.")
        table = call.company.table("voucherseries")
        held = table.get((year, series)) or {}
        table.put((year, series), {**held, "NextVoucherNumber": number}, table.minutes.get((year, series), 0))

    def announce(self, call: Call, what: str, record: Record) -> None:
        """Send the event with year, series and number, as for a new voucher."""
        number = str(record["VoucherNumber"])
        more = {"year": int(record["Year"]), "series": str(record["VoucherSeries"]), "id": number}
        call.company.emit(self.topic, f"{self.event}-{what}-v1", number, **more)

    def loaded(self, company: Company, record: Record) -> tuple[Key, Record]:
        """Return key and record of a loaded voucher. Raises ValueError when it does not balance."""
        record.setdefault("Year", int((company.year_of(date.fromisoformat(record["TransactionDate"])) or {"Id": 0})["Id"]))
        unknown = [name for name in record if name not in self.blank]
        rows: list[dict[str, Any]] = record.get("VoucherRows") or []
        sides_of = [as_number(row.get("Debit")) - as_number(row.get("Credit")) for row in rows]
        if unknown or sum(sides_of, ZERO) != ZERO:
            raise ValueError(f"not a voucher: {unknown or 'debit and credit differ'}")
        if not record.get("VoucherNumber"):
            record["VoucherNumber"] = company.count(f"load:vouchers:{record['Year']}:{record['VoucherSeries']}")
        return self.key_of(record), record
