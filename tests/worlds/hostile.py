"""What a hostile world is made of, drawn from a seed: numbers in twelve spellings, cards with every default, texts, decimals, articles.

Nothing here is what the hub says it is: it is what customers' registers look like.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

T = TypeVar("T")

SPELLINGS: Final[Sequence[Callable[[str], str]]] = (
    lambda n: n,
    lambda n: f"{n[:6]}-{n[6:]}",
    lambda n: f"16{n}",
    lambda n: f"16{n[:6]}-{n[6:]}",
    lambda n: f"SE{n}01",
    lambda n: f"SE {n[:6]}-{n[6:]} 01",
    lambda n: f"SE{n[:6]}-{n[6:]}-01",
    lambda n: f"{n[:6]} {n[6:]}",
    lambda n: f"{n[:3]} {n[3:6]} {n[6:8]} {n[8:]}",
    lambda n: f" {n[:6]}-{n[6:]} ",
    lambda n: f"{n[:6]}–{n[6:]}",
    lambda n: f"se{n}01",
)
"""Twelve ways in which people write one organisation number, as such or as a VAT number."""
TEXTS: Final[Sequence[Callable[[str], str]]] = (
    lambda t: t,
    lambda t: f"{t} &amp; tillbehör",
    lambda t: f"{t} ≥ 12 mm",
    lambda t: f"{t}\tmed tabb",
    lambda t: f"{t}\r\nandra raden",
    lambda t: f"{t} 🚚 hem",
    lambda t: f"{t} “citat” – streck — långt",
    lambda t: f"{t} <b>fet</b> & R&D",
    lambda t: f"{t} " + "mycket lång text " * 24,
    lambda t: f"{t} Ø 40 × 3, 25 %; §4 (a/b)",
    lambda t: f"{t} &aring;&auml;&ouml;",
    lambda t: f"  {t}  ",
)
NAMES: Final = ("Bord", "Stol", "Lampa", "Bok", "Kaffe", "Skruv M6", "Montering", "Rör 15 mm", "Hylla", "Matta", "Kabel", "Te")
TOWNS: Final = (("111 22", "Stockholm"), ("972 38", "Luleå"), ("411 05", "Göteborg"), ("SE-211 20", "Malmö"), ("75320", "Uppsala"))
ABROAD: Final = (("0150", "Oslo", "NO"), ("10115", "Berlin", "DE"), ("00100", "Helsinki", "FI"), ("1050", "København", "DK"))
CURRENCIES: Final = ("EUR", "EUR", "USD", "NOK")
"""What is sold in beside kronor; Fortnox knows the last one not until somebody adds it."""
LISTS: Final = ("A", "B")
"""Price lists of Fortnox, the first of them preselected."""
EU_NUMBERS: Final = {"DE": "DE136695976", "FI": "FI20774740", "DK": "DK13585628"}


class Dice(random.Random):
    """A seeded source of chance."""

    def often(self, share: float) -> bool:
        return self.random() < share

    def one(self, things: Sequence[T]) -> T:
        return things[self.randrange(len(things))]

    def org_number(self) -> str:
        """Return the ten digits of a limited company that nobody else has."""
        nine = f"556{self.randrange(10**6):06}"
        return nine + luhn(nine)

    def german_number(self) -> str:
        """Return a German VAT number with its check digit (ISO 7064, modulo 11 and 10)."""
        eight, left = f"{self.randrange(10**7, 10**8)}", 10
        for digit in eight:
            left = ((int(digit) + left) % 10 or 10) * 2 % 11
        return f"DE{eight}{(11 - left) % 10}"

    def spelled(self, ten: str) -> str:
        return self.one(SPELLINGS)(ten)

    def text(self, plain: str) -> str:
        """Return a text, one in three strange."""
        return self.one(TEXTS)(plain) if self.often(0.33) else plain

    def price(self) -> float:
        """Return a price of two decimals, now and then a whole or a free one."""
        return self.one((0.0, 99.0, 100.0, 1250.0)) if self.often(0.3) else round(self.uniform(0.5, 2500), 2)

    def quantity(self, odd: bool) -> float:
        """Return a quantity; an odd one may have three decimals, which Fortnox does not keep."""
        return self.one((1.333, 0.125, 2.5, 0.75, 12.345)) if odd else float(self.randint(1, 12))

    def percent(self) -> float:
        return self.one((0.0, 0.0, 5.0, 10.0, 33.0, 12.345, 50.0, 100.0))


def luhn(digits: str) -> str:
    """Return the check digit over some digits."""
    total = sum(sum(divmod(int(d) * (2 - place % 2), 10)) for place, d in enumerate(digits))
    return str(-total % 10)


def furnish(fortnox: Any, dice: Dice) -> None:
    """Give a Fortnox the registers that cards and rows name, and the company's own ways of reckoning."""
    company = fortnox.company
    company.values["round_to_whole_krona"] = dice.often(0.5)
    company.values["vat_method"] = dice.one(("per_rate", "per_row"))
    company.load("projects", [{"ProjectNumber": "P1", "Description": "Projekt 1"}])
    company.load("costcenters", [{"Code": "C1", "Description": "Ställe 1"}])
    company.load("pricelists", [{"Code": "B", "Description": "Återförsäljare"}])
    year = company.current_year()
    for account, name, code in ((3051, "Försäljning kurser", "MP1"), (3053, "Försäljning böcker", "MP3"), (3052, "Mat", "MP2")):
        blank = dict(company.table("accounts").blank)
        held = {**blank, "Number": account, "Description": name, "VATCode": code, "Active": True, "Year": year["Id"]}
        company.put("accounts", (year["Id"], account), held)
    company.commit()


def card(dice: Dice, number: str, name: str, **more: Any) -> dict[str, Any]:
    """Return a customer card of Fortnox with every default that a document would take from it."""
    wishes: Mapping[str, Any] = {
        "InvoiceFreight": 49,
        "InvoiceAdministrationFee": 29,
        "InvoiceDiscount": 10,
        "ShowPriceVATIncluded": True,
        "DeliveryName": "Lagret",
        "DeliveryAddress1": "Hamnvägen 9",
        "DeliveryZipCode": "972 38",
        "DeliveryCity": "Luleå",
        "TermsOfPayment": "10",
        "InvoiceRemark": "Ring före",
        "Project": "P1",
        "CostCenter": "C1",
        "OurReference": "Vera Lind",
        "YourReference": "Karin Ek",
        "SalesAccount": "3051",
        "PriceList": "B",
        "Currency": "EUR",
    }
    chosen = {key: value for key, value in wishes.items() if dice.often(0.4)}
    return {"CustomerNumber": number, "Name": name, "Active": True, **chosen, **more}


def articles(dice: Dice, count: int, first: str = "H") -> list[dict[str, Any]]:
    """Return articles of Fortnox at all rates, with accounts of their own, some without price or unit."""
    made = []
    for place in range(count):
        rate, account = dice.one(((25, 3001), (25, 3051), (12, 3002), (12, 3052), (6, 3003), (6, 3053), (25, 3001)))
        one: dict[str, Any] = {
            "ArticleNumber": f"{first}{place}",
            "Description": dice.text(f"{dice.one(NAMES)} {place}").strip()[:200],
        }
        one |= {"SalesAccount": account, "VAT": rate, "Unit": dice.one(("st", "h", None)), "Active": True}
        one["Type"] = dice.one(("STOCK", "SERVICE"))
        if dice.often(0.1):
            one |= {"Housework": True, "HouseworkType": "CONSTRUCTION"}
        if dice.often(0.8):
            one["SalesPrice"] = dice.price()
        made.append(one)
    return made


def other_prices(fortnox: Any, dice: Dice, made: Sequence[Mapping[str, Any]]) -> None:
    """Give some of the articles another price in the second list, now and then from a quantity on."""
    rows = [
        {"PriceList": "B", "ArticleNumber": one["ArticleNumber"], "FromQuantity": start, "Price": round(dice.uniform(1, 900), 2)}
        for one in made
        if dice.often(0.6)
        for start in ((0, 10) if dice.often(0.2) else (0,))
    ]
    fortnox.company.load("prices", rows)


def fortnox_text(text: str) -> str:
    """Return a text as Fortnox itself can hold it, for what people typed there."""
    taken = " .,-+/()%&§"
    return "".join(sign for sign in text if sign.isalnum() or sign in taken).strip()
