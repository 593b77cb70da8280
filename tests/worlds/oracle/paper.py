"""What a source's document says, in one form for all sources, and the comparing of it with a document of Fortnox.

A `Paper` holds only what its source says: None is "not said", and is not compared. Fortnox' document is the dict that its API answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from worlds.oracle.arithmetic import ZERO, by_rate, krona, number, ore, vat_in, vat_of, vat_on
from worlds.oracle.books import Books
from worlds.oracle.words import digits, postcode, same_country, same_text, was_cut

Raw = Mapping[str, Any]
ROWS: Final = {"invoices": "InvoiceRows", "orders": "OrderRows", "offers": "OfferRows"}
DATES: Final = {"invoices": "InvoiceDate", "orders": "OrderDate", "offers": "OfferDate"}
ROW_TEXT = 255
"""Characters that a row's text can hold (accounting.md 8.5)."""
LENGTHS: Final = {"Remarks": 1024, "Comments": 1024, "OurReference": 50, "YourReference": 50, "YourOrderNumber": 75, "CustomerName": 1024,
                  "Address1": 1024, "DeliveryAddress1": 60, "DeliveryName": 1024}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One thing that the two do not say alike. `told` is enough for one that a person may be told of: a text cut at its end."""

    place: str
    source: object
    fortnox: object
    told: bool = False

    def __str__(self) -> str:
        return f"{self.place}: source {_plain(self.source)}, Fortnox {_plain(self.fortnox)}"


def _plain(value: object) -> str:
    return str(value) if isinstance(value, Decimal) else repr(value)


@dataclass(frozen=True)
class Line:
    """One row that costs: what the source says of it; `worth` is its sum after discount, in the paper's mode."""

    article: str
    text: str | None
    quantity: Decimal
    price: Decimal | None
    worth: Decimal
    rate: Decimal | None = None
    unit: str | None = None
    account: int | None = None
    cost_center: str | None = None
    project: str | None = None
    work: tuple[bool, str] = (False, "")
    """whether it is labour of house work, and of which kind"""
    hours: Decimal | None = None
    """hours of house work"""


@dataclass(frozen=True)
class Paper:
    """A source's document. `head` is Fortnox' name of a field -> what the source says of it."""

    name: str
    gross: bool
    currency: str
    lines: Sequence[Line | str]
    head: Mapping[str, Any] = field(default_factory=dict)
    rates: Mapping[Decimal, Decimal] | None = None
    """rate -> VAT, where the source says it"""
    total: Decimal | None = None
    """with VAT, before it is rounded to whole kronor, where the source says it"""
    must_wait: str = ""
    """why no document may be made at all"""
    net: Decimal | None = None
    """without VAT, where the source says it"""
    reduction: str = "none"
    """rot or rut; a card or an article makes no document one of house work"""
    extra_texts: bool = False
    """whether rows of text may be added"""


def delivery(name: object, street: object, code: object, city: object, country: object) -> dict[str, Any]:
    """Return the head's address of delivery: one block, all of it empty where the source has none; never the card's."""
    lines = [line.strip() for line in str(street or "").splitlines() if line.strip()]
    head: dict[str, Any] = {
        "DeliveryName": str(name or ""),
        "DeliveryAddress1": lines[0] if lines else "",
        "DeliveryZipCode": str(code or ""),
        "DeliveryCity": str(city or ""),
    }
    return {**head, "DeliveryCountry": str(country)} if country else head


def compare_shown(held: Raw, due: object, total: object, balance: object) -> list[Difference]:
    """Return where what a source shows of its invoice is not what Fortnox says: the day it is due, the total and what is left to pay."""
    said = (
        ("the day it is due, as shown", str(held["DueDate"] or "")[:10], str(due or "")[:10]),
        ("the total, as shown", number(held["Total"]), _amount(total)),
        ("the balance, as shown", number(held["Balance"]), _amount(balance)),
    )
    return [Difference(name, there, here) for name, there, here in said if there != here]


def _amount(value: object) -> Decimal | None:
    plain = str("" if value is None else value).replace("\xa0", "").replace(" ", "").replace(",", ".")
    return Decimal(plain) if plain else None


def compare(paper: Paper, held: Raw, register: str, books: Books) -> list[Difference]:
    """Return every difference between a source's document and Fortnox', rows one by one."""
    if paper.must_wait:
        return [Difference("must wait", paper.must_wait, held.get("DocumentNumber"))]
    rows = list(held[ROWS[register]])
    if worth := _worth_of(paper):
        return [Difference("must wait", worth, held.get("DocumentNumber"))]
    found = compare_head(paper, held, register) + compare_rate(paper, held, books)
    found += _rows(paper, rows, held, register, books)
    lines = [line for line in paper.lines if isinstance(line, Line)]
    if all(line.rate is not None for line in lines):
        found += compare_sums([(line.rate or ZERO, line.worth) for line in lines], paper, held, rows, books)
    return found


def _worth_of(paper: Paper) -> str:
    """Say where the rows that Fortnox would add up do not make what the source says that it is worth, "" where they do."""
    lines = sum((line.worth for line in paper.lines if isinstance(line, Line)), ZERO)
    return f"its rows make {lines}, and it says {paper.net}" if paper.net not in (None, lines) else ""


def compare_rate(paper: Paper, held: Raw, books: Books) -> list[Difference]:
    """Return whether kronor stand for another amount: the source's rate or, where it says none, that of Fortnox' register."""
    there = number(held["CurrencyRate"]) / (number(held.get("CurrencyUnit")) or 1)
    right = paper.head.get("CurrencyRate") or (Decimal(1) if paper.currency == "SEK" else books.currencies.get(paper.currency))
    return [Difference("rate of the currency", right, there)] if right is not None and right != there else []


def compare_head(paper: Paper, held: Raw, register: str) -> list[Difference]:
    """Return what differs in the head: the mode of prices, what nobody charged, currency, date, texts, parties."""
    found = []
    if bool(held["VATIncluded"]) != paper.gross:
        found.append(Difference("VATIncluded", paper.gross, held["VATIncluded"]))
    for name in ("Freight", "AdministrationFee"):
        if number(held[name]):
            found.append(Difference(name, 0, held[name]))
    if held["Currency"] != paper.currency:
        found.append(Difference("Currency", paper.currency, held["Currency"]))
    if str(held.get("TaxReductionType") or "none") != paper.reduction:
        found.append(Difference("TaxReductionType", paper.reduction, held.get("TaxReductionType")))
    for name, said in paper.head.items():
        if name == "CurrencyRate":
            continue
        place = DATES[register] if name == "Date" else name
        there = (held.get("EmailInformation") or {}).get("EmailAddressTo") if name == "EmailAddressTo" else held.get(place)
        if form := _ill_written(name, said, there, held):
            found.append(Difference(f"{place} as it is written", form, there))
        if not _same_field(name, said, there):
            told = name in LENGTHS and was_cut(said, there) and same_text(said, there, LENGTHS[name])
            found.append(Difference(place, said, there, told))
    return found


def _ill_written(name: str, said: Any, there: Any, held: Raw) -> str:
    """Return how a Swedish number or postcode is to be written, "" where it is so (accounting.md 8.1, 8.3)."""
    if name == "OrganisationNumber" and re.fullmatch(r"\d{10}", digits(said)) and digits(there) == digits(said):
        right = f"{digits(said)[:6]}-{digits(said)[6:]}"
        return right if right != there else ""
    if name == "ZipCode" and same_country("SE", held.get("Country")) and re.fullmatch(r"\d{5}", postcode(there)):
        right = f"{postcode(there)[:3]} {postcode(there)[3:]}"
        return right if right != there else ""
    return ""


def _same_field(name: str, said: Any, there: Any) -> bool:
    if isinstance(said, frozenset):
        return any(_same_field(name, one, there) for one in said)
    if name.endswith("Country"):
        return same_country(said, there) if said else not there
    if name.endswith("ZipCode"):
        return postcode(said) == postcode(there)
    if name == "OrganisationNumber":
        return digits(said) == digits(there)
    if name == "CustomerName" and isinstance(said, tuple):
        return any(same_text(one, there) for one in said)
    if name == "EmailAddressTo":
        return str(said or "").strip().lower() == str(there or "").strip().lower()
    if isinstance(said, Decimal):
        return said == number(there)
    return same_text(said, there)


def _rows(paper: Paper, rows: list[Raw], held: Raw, register: str, books: Books) -> list[Difference]:
    lines, there = list(paper.lines), rows
    if paper.extra_texts:
        lines = [line for line in lines if isinstance(line, Line)]
        there = [row for row in rows if charged(row)]
    if len(lines) != len(there):
        return [Difference("rows", [_brief(line) for line in lines], [row["Description"] for row in there])]
    found = []
    for place, (line, row) in enumerate(zip(lines, there, strict=True), 1):
        found += [
            Difference(f"row {place} {one.place}", one.source, one.fortnox, one.told)
            for one in compare_row(line, row, held, register, books)
        ]
    return found


def _brief(line: Line | str) -> str:
    return line if isinstance(line, str) else str(line.text or line.article)


def charged(row: Raw) -> bool:
    """Say whether a row is more than text."""
    return bool(row["AccountNumber"])


def quantity_of(row: Raw) -> Decimal:
    """Return how many a row is for: of an order what was ordered, else what is delivered."""
    ordered = row.get("OrderedQuantity")
    return number(row.get("DeliveredQuantity", row.get("Quantity")) if ordered is None else ordered)


def compare_row(line: Line | str, row: Raw, held: Raw, register: str, books: Books) -> list[Difference]:
    """Return what differs between a row of the source and one of Fortnox."""
    if isinstance(line, str):
        if charged(row) or not same_text(line, row["Description"], ROW_TEXT):
            return [Difference("text", line, row["Description"])]
        return [Difference("text", line, row["Description"], True)] if was_cut(line, row["Description"]) else []
    found = []
    said: list[tuple[str, object, object]] = [("article", line.article, str(row["ArticleNumber"] or ""))]
    said += [("quantity", line.quantity, quantity_of(row)), ("sum", line.worth, number(row["Total"]))]
    if line.price is not None:
        said.append(("price", line.price, number(row["Price"])))
    if "DeliveredQuantity" in row:
        said.append(("delivered", line.quantity, number(row["DeliveredQuantity"])))
    if line.rate is not None:
        said.append(("VAT", line.rate, number(row["VAT"])))
    for name, value in (("Unit", line.unit), ("CostCenter", line.cost_center), ("Project", line.project)):
        if value is not None:
            said.append((name, value, str(row[name] or "")))
    if line.account is not None:
        said.append(("account", line.account, int(row["AccountNumber"])))
    said.append(("house work", line.work, (bool(row.get("HouseWork")), str(row.get("HouseWorkType") or ""))))
    if line.hours is not None and abs(number(row.get("HouseWorkHoursToReport")) - line.hours) > Decimal("0.5"):
        # Fortnox reports whole hours (accounting.md 7.5).
        said.append(("hours of house work", line.hours, number(row.get("HouseWorkHoursToReport"))))
    found += [Difference(place, here, there) for place, here, there in said if here != there]
    if line.text is not None and not same_text(line.text, row["Description"]):
        told = same_text(line.text, row["Description"], ROW_TEXT)
        found.append(Difference("text", line.text, row["Description"], told))
    if line.account is None:
        customer = held["CustomerNumber"]
        wrong = books.account_fits(int(row["AccountNumber"]), number(row["VAT"]), line.article, customer)
        if wrong:
            found.append(Difference("account", wrong, row["AccountNumber"]))
    return found


def compare_sums(
    worths: Sequence[tuple[Decimal, Decimal]], paper: Paper, held: Raw, rows: Sequence[Raw], books: Books
) -> list[Difference]:
    """Return what differs in VAT rate by rate, net, VAT, rounding and total; *worths* are the source's (rate, amount) in its mode."""
    found = []
    there = by_rate((number(row["VAT"]), number(row["Total"])) for row in rows if charged(row))
    here = by_rate(worths)
    for rate in sorted({*here, *there}):
        if here.get(rate, ZERO) != there.get(rate, ZERO):
            found.append(Difference(f"amount at {rate:.0f} %", here.get(rate, ZERO), there.get(rate, ZERO)))
    part = vat_in if paper.gross else vat_on
    for rate, vat in (paper.rates or {}).items():
        mine = part(there.get(rate, ZERO), rate)
        # The shop rounds its VAT row by row: half an öre a row is rounding, more is another VAT.
        if abs(mine - vat) > Decimal("0.005") * max(1, len(worths)):
            found.append(Difference(f"VAT at {rate:.0f} %", vat, mine))
    # Row by row means Fortnox' rows: of one line whose sum no unit price makes there are several.
    vats = (
        *vat_of(worths, paper.gross),
        vat_of([(number(row["VAT"]), number(row["Total"])) for row in rows if charged(row)], paper.gross)[1],
    )
    if number(held["TotalVAT"]) not in vats:
        found.append(Difference("TotalVAT", vats[0], held["TotalVAT"]))
    amount = sum((worth for _, worth in worths), ZERO)
    vat = number(held["TotalVAT"])
    exact = amount if paper.gross else amount + (vat if vat in vats else vats[0])
    if paper.total is not None and abs(paper.total - exact) > (ZERO if paper.gross else Decimal("0.05")):
        found.append(Difference("total of the source", paper.total, exact))
    net = exact - vat if paper.gross else amount
    if number(held["Net"]) != net:
        found.append(Difference("Net", net, held["Net"]))
    total = krona(exact) if books.rounds and paper.currency == "SEK" else ore(exact)
    if number(held["Total"]) != total:
        found.append(Difference("Total", total, held["Total"]))
    if number(held.get("RoundOff")) != total - exact:
        found.append(Difference("RoundOff", total - exact, held.get("RoundOff")))
    return found
