"""Which account a row of a document is sold on, where its source says none: one that stands for the row's rate, or none.

Fortnox chooses by itself where a row names no account: the card's sales account before the article's, whatever the row's rate is
(Fortnox API, sections 9.1 and 9.8; which of the two wins is our reading). Then revenue at 6 % lands on an account for 25 %. So the
account is chosen here, stated, and seen in the plan. accounting.md 1.1 (accounts belong to a year), 1.2 (VAT codes) and 1.4.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from brygga.clients.fortnox import Fortnox
from brygga.core.document import Article
from brygga.core.record import ABSENT
from brygga.core.schedule import STOCKHOLM
from brygga.core.totals import WITHOUT_VAT
from brygga.errors import Unauthorised

NO_RIGHT: Final = frozenset({"2000663", "2001101", "2003275"})
"""Fortnox' codes for a register that the connection may not read (Fortnox API, section 3.5)."""
RATES: Final = {"MP1": Decimal(25), "MP2": Decimal(12), "MP3": Decimal(6)}
"""The VAT code of an account -> the rate that it stands for; another code, or none, stands for sales without Swedish VAT."""
_ABROAD: Final = {
    "SEREVERSEDVAT": ("construction_account", "SALESCONSTR"),
    "EUREVERSEDVAT": ("eu_account", "SALESEUREV"),
    "EUVAT": ("eu_vat_account", "SALESEUVAT"),
    "EXPORT": ("export_account", "SALESEXPORT"),
}
"""The buyer's kind of VAT -> the article's account for it, and the predefined one (with a 2 after it: services)."""

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Chart:
    """The accounts that may be posted to in one year: number -> VAT code, "" for none."""

    codes: Mapping[str, str]

    def fits(self, account: str, rate: Decimal) -> bool:
        """Say whether an account is there and stands for a rate; one of another country's fits an account without a Swedish code."""
        code = self.codes.get(account)
        if code is None:
            return False
        if rate in RATES.values():
            return RATES.get(code) == rate
        return code not in RATES and (not rate or code != "MF")

    def denies(self, account: str, rate: Decimal) -> bool:
        """Say whether an account that a document names itself stands for another rate: one without a code is its own choice."""
        code = self.codes.get(account, "")
        return code in RATES and RATES[code] != rate


class Accounts:
    """The charts of accounts and the predefined accounts of one Fortnox, each read once in a run."""

    def __init__(self, client: Fortnox) -> None:
        self._client = client
        self._charts: dict[int | None, Chart] = {}
        self._years: dict[date, int | None] = {}
        self._predefined: dict[str, str] | None = None

    def chart(self, day: object = ABSENT) -> Chart | None:
        """Return the chart of a day's financial year, today's where there is no day; the latest where it lies in none.

        None where the connection may not read it. A day outside every year is told by who books on it ("open_day").
        """
        try:
            return self._of_year(self._year(day if isinstance(day, date) else datetime.now(STOCKHOLM).date()))
        except Unauthorised as error:
            _may_not(error)
            return None

    def anywhere(self, numbers: Collection[str]) -> set[str]:
        """Return those of *numbers* that some financial year has; which one counts is said by the day of each document."""
        if not numbers:
            return set()
        try:
            found = set(numbers) & set(self._of_year(None).codes)
            if found != set(numbers):
                for year in self._client.financial_years.list():
                    found |= set(numbers) & set(self._of_year(int(year["Id"])).codes)
        except Unauthorised as error:
            _may_not(error)
            return set(numbers)
        return found

    def there(self, number: str, day: str) -> bool:
        """Say whether the financial year of a day has an account; True where the connection may not see it."""
        chart = self.chart(date.fromisoformat(day))
        return chart is None or number in chart.codes

    def has_year(self, day: date) -> bool:
        """Say whether a day lies in a financial year; True where the connection may not see it."""
        try:
            return self._year(day) is not None
        except Unauthorised as error:
            _may_not(error)
            return True

    def _of_year(self, year: int | None) -> Chart:
        if year not in self._charts:
            wanted = {} if year is None else {"financialyear": year}
            rows = self._client.accounts.list(**wanted)
            codes = {str(row.get("Number")): str(row.get("VATCode") or "") for row in rows if row.get("Active") is not False}
            self._charts[year] = Chart(codes)
        return self._charts[year]

    def forget(self) -> None:
        """Read the charts anew when they are asked for next: an account was made."""
        self._charts.clear()

    def _year(self, day: date) -> int | None:
        if day not in self._years:
            found = self._client.financial_years.on(day)
            self._years[day] = int(found["Id"]) if found is not None else None
        return self._years[day]

    def predefined(self, name: str) -> str:
        """Return a predefined account by its name, "" where it is not set."""
        if self._predefined is None:
            rows = self._client.predefined_accounts.list()
            self._predefined = {str(row.get("Name")): str(row.get("Account") or "") for row in rows}
        found = self._predefined.get(name, "")
        return "" if found == "0" else found


def _may_not(error: Unauthorised) -> None:
    """Return nothing where the connection may not read the books. Raises every other refusal."""
    if str(error.facts.get("code")) not in NO_RIGHT:
        raise error


def candidates(kind: str, rate: Decimal, article: Article | None, service: bool, card: str) -> Iterator[tuple[str, str]]:
    """Yield where the account of a row may be found, the wanted ones first, as ("account", number) or ("predefined", name).

    In Sweden the card's account comes before the article's, as in Fortnox, but only before one for sales: a gift card's debt stays one.

    kind   the buyer's kind of VAT; card the card's sales account, "" for none
    """
    twins = ("2", "") if service else ("", "2")
    if kind in _ABROAD:
        field, name = _ABROAD[kind]
        yield "account", _own(article, field)
        yield from (("predefined", name + twin) for twin in twins)
        return
    own = _own(article, "sales_account")
    yield from (("account", one) for one in ((card, own) if not own or own.startswith("3") else (own, card)))
    yield from (("predefined", f"SALES_{rate.normalize():f}_SE{twin}") for twin in twins)
    if rate == RATES["MP1"]:
        yield from (("predefined", f"SALES{twin}") for twin in twins)


def _own(article: Article | None, field: str) -> str:
    return "" if article is None else str(getattr(article, field) or "")


def charged(kind: str, rate: Decimal) -> bool:
    """Say whether a rate agrees with the buyer's kind of VAT: no VAT is charged with reverse charge or export (accounting.md 1.3)."""
    return not (rate and kind in WITHOUT_VAT)
