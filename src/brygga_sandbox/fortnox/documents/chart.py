"""Accounts and prices that documents find by themselves (accounting.md 1.2 to 1.4; Fortnox API, 9.3, 9.8, 9.14)."""

from bisect import bisect_left
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from brygga_sandbox.fortnox.errors import refusal, refusal_text
from brygga_sandbox.fortnox.registers.prices import preselected
from brygga_sandbox.fortnox.state import Company
from brygga_sandbox.fortnox.tables import Record, sort_value

SWEDISH_RATES = (25, 12, 6, 0)
RATE_OF_CODE = {"MP1": 25, "MP2": 12, "MP3": 6}
_OUTPUT_VAT = {25: "OUTVAT_MP1", 12: "OUTVAT_MP2", 6: "OUTVAT_MP3"}
# VAT type of the customer: the article's field, the predefined account for goods (with a 2 after it: for services).
_ABROAD = {
    "SEREVERSEDVAT": ("ConstructionAccount", "SALESCONSTR"),
    "EUREVERSEDVAT": ("EUAccount", "SALESEUREV"),
    "EUVAT": ("EUVATAccount", "SALESEUVAT"),
    "EXPORT": ("ExportAccount", "SALESEXPORT"),
}


def year_for(company: Company, day: str) -> Record | None:
    """Return the financial year of a date, else the latest one: accounts are kept per year."""
    return company.year_of(date.fromisoformat(day)) or company.current_year()


def account(company: Company, number: int, year: Record | None) -> Mapping[str, Any] | None:
    """Return an account of a year, or None."""
    if year is None:
        return None
    return company.table("accounts").records.get((int(year["Id"]), number))


def usable_account(company: Company, number: int, year: Record | None) -> Mapping[str, Any]:
    """Return an account of a year. Raises Refusal 2001304 when it is missing, 2000550 when it is not active."""
    found = account(company, number, year)
    if found is None:
        raise refusal(2001304)
    if not found.get("Active", True):
        raise refusal(2000550, number)
    return found


def vat_code(company: Company, number: int, year: Record | None) -> str | None:
    """Return the VAT code of an account, None without one."""
    found = account(company, number, year)
    return (found.get("VATCode") or None) if found is not None else None


def vat_rates(company: Company) -> tuple[int, ...]:
    """Return the VAT rates set up in the company, in percent."""
    return tuple(company.values.get("vat_rates", SWEDISH_RATES))


def rate_of_account(company: Company, number: int, year: Record | None) -> int:
    """Return the rate that an account stands for; 25 without an account, 0 for one without VAT code."""
    if not number:
        return 25
    return RATE_OF_CODE.get(vat_code(company, number, year) or "", 0)


def predefined(company: Company, name: str) -> int:
    """Return a predefined account, 0 when it is not set."""
    found = company.table("predefinedaccounts").records.get(name)
    return int((found or {}).get("Account") or 0)


def needed(company: Company, name: str) -> int:
    """Return a predefined account. Raises Refusal 2001304 when it is not set."""
    number = predefined(company, name)
    if not number:
        raise refusal(2001304)
    return number


def output_vat_account(company: Company, rate: int) -> int:
    """Return the account of output VAT of a rate; the fourth stands for every rate of the company's own."""
    return needed(company, _OUTPUT_VAT.get(rate, "OUTVAT_MP4"))


def sales_account(
    company: Company, vat_type: str, article: Record | None, rate: int, customer_account: int, year: Record | None
) -> int:
    """Return the account of a row that names none: customer's, article's, predefined. Raises Refusal 2001304."""
    twin = "2" if article is not None and article.get("Type") == "SERVICE" else ""
    if vat_type in _ABROAD:
        field, name = _ABROAD[vat_type]
        names = [name + twin, name + "2"]
        own = int((article or {}).get(field) or 0)
    else:
        names = [f"SALES_{rate}_SE{twin}", f"SALES{twin}"]
        if rate == 25 and not company["easy_vat"]:
            names.reverse()
        own = customer_account or int((article or {}).get("SalesAccount") or 0)
    number = own or next((found for found in (predefined(company, name) for name in names) if found), 0)
    if not number:
        raise refusal(2001304)
    return number


def list_price(company: Company, price_list: str, article: Record, quantity: Decimal) -> Decimal:
    """Return the price of an article: the step of the list that the quantity reaches, else of the preselected list."""
    for code in dict.fromkeys((price_list, preselected(company))):
        found = _step(company, code, str(article["ArticleNumber"]), quantity)
        if found is not None:
            return found
    return Decimal(0)


def _step(company: Company, code: str, article: str, quantity: Decimal) -> Decimal | None:
    table = company.table("prices")
    order = table.order()
    best: tuple[Decimal, Decimal] | None = None
    for place in range(bisect_left(order, (sort_value((code, article)),)), len(order)):
        key = order[place][1]
        if not isinstance(key, tuple) or key[:2] != (code, article):
            break
        reached = Decimal(str(key[2]))
        if reached <= abs(quantity) and (best is None or reached > best[0]):
            best = (reached, Decimal(str(table.records[key].get("Price") or 0)))
    return best[1] if best is not None else None


DIMENSIONS = {"Project": ("projects", "projekt"), "CostCenter": ("costcenters", "kostnadsställe")}


def check_dimensions(company: Company, *holders: Mapping[str, Any]) -> None:
    """Refuse a project or cost centre of a row or head that no register has."""
    for holder in holders:
        for name, (register, thing) in DIMENSIONS.items():
            if holder.get(name) and str(holder[name]) not in company.table(register):
                raise refusal_text(f"Kunde inte hämta/hitta {thing}")
        center = company.table("costcenters").records.get(str(holder.get("CostCenter") or ""))
        if center is not None and not center.get("Active", True):
            raise refusal(2000947, holder["CostCenter"])
