"""Which account a taxed line is posted to: by goods or services, percent and region, out of a company's own accounts.

Numbers are never assumed: Fortnox' predefined accounts are read by name, and the default chart only helps where nothing
was read yet (accounting.md 1.1, 1.2, 1.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from brygga.core.money import exact, percent_text
from brygga.core.vat import DEFAULT_ACCOUNTS, Treatment
from brygga.errors import SettingsError

OSS_THRESHOLD_SEK: Final = Decimal(99680)
"""Distance sales a year to all other EU states up to which Swedish VAT may be charged (10 000 euro; accounting.md 1.5)."""

REQUIRED_VAT_CODES: Final[Mapping[str, str]] = {"25": "MP1", "12": "MP2", "6": "MP3", "0": "MF"}


@dataclass(frozen=True, slots=True)
class Accounts:
    """A company's accounts, as read from Fortnox and its settings.

    predefined   name -> number, read at start and daily; "0" and "" mean not set
    sales        (supply, percent as text) -> account, the webshop's table goods or services by rate (row TXT-12)
    oss          (country, percent as text) -> account of the one-stop shop, one for each country and rate
    vat_codes    account -> VAT code, "" where it has none; only for the accounts that are known
    active       the accounts that exist and are active in the year of the document; empty: not asked yet
    """

    predefined: Mapping[str, str] = field(default_factory=lambda: DEFAULT_ACCOUNTS)
    sales: Mapping[tuple[str, str], str] = field(default_factory=dict)
    oss: Mapping[tuple[str, str], str] = field(default_factory=dict)
    vat_codes: Mapping[str, str] = field(default_factory=dict)
    active: frozenset[str] = frozenset()


def account_for(treatment: Treatment, supply: str, country: str, accounts: Accounts) -> str:
    """Return the account of a line: its own for the one-stop shop, the table by supply and rate, else the predefined one.

    The table holds for sales in Sweden only. SettingsError names the entry that is missing, inactive or not an account.
    """
    percent = percent_text(treatment.row_vat)
    if treatment.vat_box == "OSS":
        place = f"the one-stop shop's account for {country} at {percent} percent"
        return _checked(accounts.oss.get((country, percent), ""), place, accounts)
    if treatment.vat_type == "SEVAT" and (supply, percent) in accounts.sales:
        place = f"the sales account for {supply} at {percent} percent"
        return _checked(accounts.sales[supply, percent], place, accounts)
    name = treatment.predefined_account or ""
    account = _checked(accounts.predefined.get(name, ""), f"Fortnox' predefined account {name}", accounts)
    code = accounts.vat_codes.get(account)
    if treatment.vat_box == "05" and code is not None and not code.startswith("MP"):
        raise SettingsError(
            "Fortnox' predefined account {name} is {account}, which carries no Swedish VAT, so no taxable row belongs there.",
            repair="Choose an account with VAT code {code} for {name} in Fortnox.",
            name=name,
            account=account,
            code=REQUIRED_VAT_CODES[percent],
        )
    return account


def _checked(account: str, place: str, accounts: Accounts) -> str:
    if account in ("", "0"):
        raise SettingsError("{place} is not set.", repair="Choose the account in the settings.", place=place)
    if len(account) != 4 or not (account.isascii() and account.isdigit()) or account < "1000":
        raise SettingsError("{place}: {account} is no account.", repair="An account is 1000 to 9999.", place=place, account=account)
    if accounts.active and account not in accounts.active:
        raise SettingsError(
            "{place}: account {account} is missing or inactive in the year of the document.",
            repair="Add or activate the account in Fortnox, or choose another one.",
            place=place,
            account=account,
        )
    return account


def oss_needed(distance_sales_sek: Decimal) -> bool:
    """Say whether the year's distance sales to other EU states are above the threshold, so that foreign VAT must be charged."""
    return exact(distance_sales_sek, "the year's distance sales") > OSS_THRESHOLD_SEK
