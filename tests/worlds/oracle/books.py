"""What Fortnox holds beside a document, as its API shows it: articles, cards, accounts with their codes, the company's rounding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from worlds.oracle.arithmetic import number
from worlds.oracle.words import digits

Raw = Mapping[str, Any]

CODES: Final = {"MP1": Decimal(25), "MP2": Decimal(12), "MP3": Decimal(6)}
"""VAT code of an account -> rate (accounting.md 1.2)."""
OWN: Final = {"SEVAT": "SalesAccount", "SEREVERSEDVAT": "ConstructionAccount", "EUREVERSEDVAT": "EUAccount", "EUVAT": "EUVATAccount",
              "EXPORT": "ExportAccount"}  # fmt: skip
"""VATType of the buyer -> the article's own account for it (accounting.md 1.4)."""
PREDEFINED: Final = {"SEREVERSEDVAT": "SALESCONSTR", "EUREVERSEDVAT": "SALESEUREV", "EUVAT": "SALESEUVAT", "EXPORT": "SALESEXPORT"}
TAXED: Final = frozenset({"SEVAT", "EUVAT"})


@dataclass(frozen=True)
class Books:
    """Registers of Fortnox, each by its key.

    rounds   whether totals in kronor are rounded to whole kronor (a setting of the company)
    """

    articles: Mapping[str, Raw]
    customers: Mapping[str, Raw]
    codes: Mapping[int, str]
    """Account -> its VAT code, "" for none."""
    predefined: Mapping[str, int]
    rounds: bool = True
    currencies: Mapping[str, Decimal] = field(default_factory=dict)
    """Currency -> kronor for one of it, by Fortnox' register."""

    def vat_type(self, customer: object) -> str:
        """Return the VAT regime of a buyer, which is the card's (api.md 9.1)."""
        return str(self.customers.get(str(customer), {}).get("VATType") or "SEVAT")

    def names_of(self, name: object, organisation_number: object, customer: object) -> tuple[str, ...]:
        """Return what a CRM's buyer may be called on a document: as there, or as on the card of the same company that Fortnox knew.

        Several records of one company belong to one customer, and change nothing on its card but what is empty.
        """
        card = self.customers.get(str(customer), {})
        one = digits(organisation_number) and digits(organisation_number) == digits(card.get("OrganisationNumber"))
        return (str(name or ""), *([str(card.get("Name") or "")] if one else []))

    def rate_of(self, article: str, customer: object) -> Decimal | None:
        """Return the rate of an article for a buyer; None for an article that is not there."""
        if self.vat_type(customer) not in TAXED:
            return Decimal(0)
        found = self.articles.get(article)
        return None if found is None else number(found.get("VAT"))

    def account_fits(self, account: int, rate: Decimal, article: str, customer: object) -> str:
        """Say why an account is wrong for a row, "" where it is right.

        Its code has to stand for the row's rate. Beyond that it is the article's own for the buyer's VAT type, the card's, or the
        predefined one (accounting.md 1.4); which of the first two wins is not documented, so both are right.
        """
        if not account:
            return "no account"
        code = self.codes.get(account, "")
        if rate and code in CODES and CODES[code] != rate:
            return f"{account} stands for {CODES[code]} percent"
        if rate and code not in CODES and self.vat_type(customer) in TAXED and account not in (3106,):
            return f"{account} has no VAT"
        if not rate and code in CODES:
            return f"{account} stands for {CODES[code]} percent"
        kind = self.vat_type(customer)
        own = int(number(self.articles.get(article, {}).get(OWN[kind])))
        card = int(number(self.customers.get(str(customer), {}).get("SalesAccount"))) if kind == "SEVAT" else 0
        right = {own, card} - {0}
        fitting = {one for one in right if CODES.get(self.codes.get(one, ""), Decimal(0)) == rate or not rate}
        if fitting and account not in right:
            return f"{account} is neither the article's {own or '-'} nor the card's {card or '-'}"
        return ""
