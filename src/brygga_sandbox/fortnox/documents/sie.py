"""SIE export: the books of a year as text in code page 437 (accounting.md 11; Fortnox API, section 9.15)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from brygga_sandbox.fortnox import wire
from brygga_sandbox.fortnox.documents.amounts import ZERO
from brygga_sandbox.fortnox.documents.sie_text import encode, sie_amount, sie_date, sie_field
from brygga_sandbox.fortnox.errors import refusal, refusal_text
from brygga_sandbox.fortnox.resource import Call, Resource
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Record
from brygga_sandbox.server import Response

TYPES = ("1", "2", "3", "4")
COST_CENTER, PROJECT = 1, 6  # numbers of the dimensions


class Sie(Resource):
    """`GET /3/sie/{type}`: 1 year-end balances, 2 period balances, 3 with dimensions, 4 with vouchers."""

    name, tag, one, many = "sie", "Sie", "SieSummary", "SieSummary"
    verbs = ""
    scopes = ("bookkeeping",)
    modules = ("Bokföring",)
    right = "bokföring"
    more_operations = (("GET", "/3/sie/{}"),)

    def respond(self, call: Call, rest: list[str]) -> Response:
        """Answer the file of a type and year."""
        if call.method != "GET" or len(rest) != 1:
            raise refusal(2000764)
        if rest[0] not in TYPES:
            raise refusal(2000588)
        first, last = (_day(call.params.get(name)) for name in ("fromdate", "todate"))
        lines = sie_lines(call.company, rest[0], self.year(call), first, last)
        content = encode("\r\n".join(lines) + "\r\n")
        return wire.binary(content, "application/octet-stream", {"content-disposition": f'attachment; filename="SIE{rest[0]}.se"'})

    def year(self, call: Call) -> Record:
        """Return the year that `financialyear` names, else the latest one."""
        wanted = call.params.get("financialyear") or call.params.get("financialYear")
        found = call.company.get("financialyears", wanted) if wanted else call.company.current_year()
        if found is None:
            raise refusal_text("Kunde inte hämta/hitta räkenskapsår")
        return found


def _day(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise refusal(2000588) from None


def sie_lines(company: Company, kind: str, year: Record, first: str | None = None, last: str | None = None) -> list[str]:
    """Return the lines of a file of a type; vouchers outside the dates are left out."""
    lines = _head(company, kind, year)
    accounts = sorted(
        (record for key, record in company.table("accounts").records.items() if isinstance(key, tuple) and key[0] == year["Id"]),
        key=lambda record: int(record["Number"]),
    )
    lines += [f"#KONTO {one['Number']} {sie_field(str(one.get('Description') or ''))}" for one in accounts]
    if kind in ("3", "4"):
        lines += _dimensions(company)
    vouchers = list(_vouchers(company, int(year["Id"])))
    lines += _balances(accounts, vouchers, kind)
    if kind == "4":
        for voucher in vouchers:
            if (first is None or voucher["TransactionDate"] >= first) and (last is None or voucher["TransactionDate"] <= last):
                lines += voucher_lines(voucher)
    return lines


def _head(company: Company, kind: str, year: Record) -> list[str]:
    information = company.values.get("information") or {}
    lines = [
        "#FLAGGA 0",
        '#PROGRAM "Brygga sandbox" 1',
        "#FORMAT PC8",
        f"#GEN {company.today():%Y%m%d}",
        f"#SIETYP {kind}",
        f"#ORGNR {sie_field(str(information.get('OrganizationNumber') or ''))}",
        f"#FNAMN {sie_field(str(information.get('CompanyName') or ''))}",
        f"#RAR 0 {sie_date(year['FromDate'])} {sie_date(year['ToDate'])}",
    ]
    before = [one for one in company.table("financialyears").all() if one["ToDate"] < year["FromDate"]]
    if before:
        previous = max(before, key=lambda one: str(one["ToDate"]))
        lines.append(f"#RAR -1 {sie_date(previous['FromDate'])} {sie_date(previous['ToDate'])}")
    return [*lines, "#KPTYP EUBAS97"]


def _dimensions(company: Company) -> list[str]:
    lines = [f"#DIM {COST_CENTER} Kostnadsställe", f"#DIM {PROJECT} Projekt"]
    for register, dimension, number in (("costcenters", COST_CENTER, "Code"), ("projects", PROJECT, "ProjectNumber")):
        for one in company.table(register).all():
            lines.append(f"#OBJEKT {dimension} {sie_field(str(one[number]))} {sie_field(str(one.get('Description') or ''))}")
    return lines


def _vouchers(company: Company, year: int) -> Iterable[Record]:
    table = company.table("vouchers")
    for _, key in table.order():
        if isinstance(key, tuple) and key[0] == year:
            yield table.whole(table.records[key])


def _balances(accounts: list[Record], vouchers: list[Record], kind: str) -> list[str]:
    moved: dict[int, Decimal] = {}
    months: dict[tuple[str, int], Decimal] = {}
    for voucher in vouchers:
        for row in voucher["VoucherRows"]:
            amount = Decimal(row["Debit"]) - Decimal(row["Credit"])
            moved[row["Account"]] = moved.get(row["Account"], ZERO) + amount
            month = (sie_date(voucher["TransactionDate"])[:6], int(row["Account"]))
            months[month] = months.get(month, ZERO) + amount
    lines: list[str] = []
    for one in accounts:
        number = int(one["Number"])
        opening, change = Decimal(str(one.get("BalanceBroughtForward") or 0)), moved.get(number, ZERO)
        if number < 3000 and (opening or change):
            lines += [f"#IB 0 {number} {sie_amount(opening)}", f"#UB 0 {number} {sie_amount(opening + change)}"]
        elif change:
            lines.append(f"#RES 0 {number} {sie_amount(change)}")
    if kind in ("2", "3"):
        lines += [f"#PSALDO 0 {month} {number} {{}} {sie_amount(amount)}" for (month, number), amount in sorted(months.items())]
    return lines


def voucher_lines(voucher: Record) -> list[str]:
    """Return a voucher: head, a line for each row, debit positive."""
    day = sie_date(voucher["TransactionDate"])
    head = f"#VER {sie_field(voucher['VoucherSeries'])} {voucher['VoucherNumber']} {day} {sie_field(voucher['Description'])}"
    lines = [head, "{"]
    for row in voucher["VoucherRows"]:
        objects = [
            f"{dimension} {sie_field(str(row[name]))}"
            for dimension, name in ((COST_CENTER, "CostCenter"), (PROJECT, "Project"))
            if row[name]
        ]
        amount = sie_amount(Decimal(row["Debit"]) - Decimal(row["Credit"]))
        line = f"#TRANS {row['Account']} {{{' '.join(objects)}}} {amount} {day}"
        if row["TransactionInformation"]:
            line += f" {sie_field(row['TransactionInformation'])}"
        lines.append(line)
    return [*lines, "}"]
