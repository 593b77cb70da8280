"""Vouchers that documents and payments make: the year, the open period, the accounts, the series, the balance.

Every posting of the sandbox goes through `post`. Sides: debit positive, credit negative, in kronor.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from brygga_sandbox.fortnox.documents import chart
from brygga_sandbox.fortnox.documents.amounts import ZERO, plain
from brygga_sandbox.fortnox.errors import refusal, refusal_text
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Record, sort_value

# Error code for a date in a locked period: of an invoice, of a voucher or payment (Fortnox API, section 7.2).
INVOICE_LOCKED, VOUCHER_LOCKED = 2002141, 2000401


@dataclass(frozen=True)
class Entry:
    """One posting: account, signed amount in kronor, dimensions, text."""

    account: int
    amount: Decimal
    cost_center: str = ""
    project: str = ""
    text: str = ""


@dataclass(frozen=True)
class Posted:
    """Where a voucher went: series, number, id of the financial year."""

    series: str
    number: int
    year: int


def open_year(company: Company, day: str, locked_code: int = VOUCHER_LOCKED) -> Record:
    """Return the financial year that a date can be posted in. Raises Refusal for no year or a locked period."""
    year = company.year_of(date.fromisoformat(day))
    if year is None:
        raise refusal_text("Räkenskapsår saknas för valt datum.")
    locked = company["locked_until"]
    if locked and day <= str(locked):
        raise refusal(locked_code, locked)
    return year


def gathered(entries: Iterable[Entry]) -> list[Entry]:
    """Return entries with those of the same account, dimensions and text put together, without empty ones."""
    sums: dict[tuple[int, str, str, str], Decimal] = {}
    for entry in entries:
        key = (entry.account, entry.cost_center, entry.project, entry.text)
        sums[key] = sums.get(key, ZERO) + entry.amount
    return [Entry(key[0], amount, *key[1:]) for key, amount in sums.items() if amount]


def check_account(company: Company, entry: Entry, year: Record) -> None:
    """Raise Refusal when an account cannot be posted to as the entry wants: missing, inactive, dimension demanded."""
    account = chart.usable_account(company, entry.account, year)
    if account.get("CostCenterSettings") == "MANDATORY" and not entry.cost_center:
        raise refusal(2000946, entry.account)
    if account.get("ProjectSettings") == "MANDATORY" and not entry.project:
        raise refusal_text(f"Projekt är obligatoriskt på konto {entry.account}")
    if account.get("CostCenterSettings") == "NOTALLOWED" and entry.cost_center:
        raise refusal_text(f"Kostnadsställe är inte tillåtet på konto {entry.account}")
    if account.get("ProjectSettings") == "NOTALLOWED" and entry.project:
        raise refusal_text(f"Projekt är inte tillåtet på konto {entry.account}")


def post(
    company: Company,
    *,
    day: str,
    series: str,
    description: str,
    entries: Iterable[Entry],
    reference: tuple[str, str] = ("MANUAL", ""),
    locked_code: int = VOUCHER_LOCKED,
    more: dict[str, Any] | None = None,
) -> Posted:
    """Make a voucher and return where it went.

    Raises Refusal: no financial year, locked period, account missing or inactive, a demanded dimension missing, debit and
    credit apart. The text of the last is a guess: the real one is not known.
    """
    year = open_year(company, day, locked_code)
    rows = list(entries)
    for entry in rows:
        check_account(company, entry, year)
    if sum((entry.amount for entry in rows), ZERO) != 0:
        raise refusal_text("Verifikationen balanserar inte")
    posted = Posted(series, take_number(company, int(year["Id"]), series), int(year["Id"]))
    record = {
        **company.resources["vouchers"].blank,
        "Description": description[:200],
        "ReferenceNumber": reference[1],
        "ReferenceType": reference[0],
        "TransactionDate": day,
        "VoucherNumber": posted.number,
        "VoucherSeries": series,
        "Year": posted.year,
        "ApprovalState": 0,
        "VoucherRows": [voucher_row(company, entry) for entry in rows],
        **(more or {}),
    }
    company.put("vouchers", (posted.year, posted.series, posted.number), record)
    company.emit("vouchers", "voucher-created-v1", posted.number, year=posted.year, series=posted.series, id=str(posted.number))
    return posted


def voucher_row(company: Company, entry: Entry) -> dict[str, Any]:
    """Return an entry as a row of a voucher."""
    row = dict(company.resources["vouchers"].nested["VoucherRows"])
    row.update(
        {
            "Account": entry.account,
            "CostCenter": entry.cost_center,
            "Project": entry.project,
            "Debit": plain(max(entry.amount, ZERO)),
            "Credit": plain(max(-entry.amount, ZERO)),
            "TransactionInformation": entry.text[:100],
            "Description": account_name(company, entry.account),
        }
    )
    return row


def account_name(company: Company, number: int) -> str:
    """Return the name of an account in the latest year."""
    found = chart.account(company, number, company.current_year())
    return str((found or {}).get("Description") or "")


def take_number(company: Company, year: int, series: str) -> int:
    """Return the next voucher number and move the series on. Raises Refusal when the year has no such series."""
    table = company.table("voucherseries")
    record = table.get((year, series))
    if record is None:
        raise refusal_text("Ogiltig verifikationsserie angiven")
    number = max(next_number(company, year, series), int(record.get("NextVoucherNumber") or 1))
    table.put((year, series), {**record, "NextVoucherNumber": number + 1}, table.minutes.get((year, series), 0))
    return number


def next_number(company: Company, year: int, series: str) -> int:
    """Return the number after the last voucher of a series in a year."""
    order = company.table("vouchers").order()
    place = bisect_left(order, (sort_value((year, series, 10**15)),))
    if place:
        key = order[place - 1][1]
        if isinstance(key, tuple) and key[:2] == (year, series):
            return int(key[2]) + 1
    return 1


def series_for(company: Company, name: str, default: str) -> str:
    """Return the voucher series that a kind of event is posted in."""
    found = company.table("predefinedvoucherseries").records.get(name)
    return str((found or {}).get("VoucherSeries") or default)
