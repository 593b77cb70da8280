"""webCRM's delivery with its rows beside its order or invoice in Fortnox (systems.md 1.5 and 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from worlds.oracle.arithmetic import ZERO, number, ore
from worlds.oracle.books import TAXED, Books
from worlds.oracle.paper import Difference, Line, Paper
from worlds.oracle.paper import delivery as address

Raw = Mapping[str, Any]
PLACES = {
    "orders": {"number": "Custom3", "date": "OrderDate", "text": "Plus1"},
    "invoices": {"number": "Custom2", "date": "Custom1", "text": "Plus2"},
}
"""Where this installation's deliveries keep what is carried over (WEB-42 to WEB-51)."""


SAID = {"delivery_name": "Custom7", "delivery_street": "Plus3", "delivery_postcode": "Custom8", "delivery_city": "Custom9",
        "delivery_country": "Custom10", "your_reference": "Custom11", "cost_center": "Custom12", "project": "Custom13"}  # fmt: skip
SHOWN = {"due": "Plus4", "total": "Plus6", "balance": "Plus5"}
"""Where a person has named fields for what else a delivery says, and shows of its invoice (WEB-12)."""


def paper_of(delivery: Raw, lines: Sequence[Raw], organisation: Raw, register: str, books: Books) -> Paper:
    """Return what a delivery says. The organisation's customer number stands in its ExtraCustom1, the number of its company in ExtraCustom2."""
    card = str(organisation["OrganisationExtraCustom1"] or "")
    places = PLACES[register]
    ordered = sorted(lines, key=lambda line: (line["QuotationLineSortOrder"] or 0, line["QuotationLineId"]))
    made = [_line(line, card, books) for line in ordered]
    head: dict[str, Any] = {
        "CustomerNumber": card,
        "CustomerName": books.names_of(organisation["OrganisationName"], organisation["OrganisationExtraCustom2"], card),
        "Remarks": delivery[f"Delivery{places['text']}"] or "",
    }
    day = str(delivery[f"Delivery{places['date']}"] or "")[:10]
    if day and not day.startswith("0001"):
        head["Date"] = day
    if register == "orders" and delivery["DeliveryCustom4"]:
        head["DeliveryDate"] = str(delivery["DeliveryCustom4"])[:10]
    if organisation["OrganisationExtraCustom2"]:
        head["OrganisationNumber"] = organisation["OrganisationExtraCustom2"]
    # What it does not say of whom to ask for and where it is followed up may be the card's (`from_card`).
    kept = books.customers.get(card, {})
    for name, ours in (("YourReference", "your_reference"), ("CostCenter", "cost_center"), ("Project", "project")):
        said = delivery.get(f"Delivery{SAID[ours]}") or ""
        head[name] = said or frozenset({"", kept.get(name) or ""})
    parts = (f"delivery_{part}" for part in ("name", "street", "postcode", "city", "country"))
    head |= address(*(delivery.get(f"Delivery{SAID[part]}") for part in parts))
    currency = str(delivery["DeliveryCurrencyName"] or "")
    return Paper(
        f"delivery {delivery['DeliveryId']}",
        False,
        "SEK" if currency in ("", "00") or currency.startswith("00") else currency[:3],
        made,
        head,
        must_wait=_must_wait(made, card, register, day, books),
    )


def standing(held: Raw) -> list[Difference] | None:
    """Return the difference where Fortnox' document has ended, which a delivery has no word for; None where it lives."""
    credited = number(held.get("CreditInvoiceReference")) and str(held.get("Credit")).lower() != "true"
    return [Difference("standing", "a delivery", "ended")] if held["Cancelled"] or credited else None


def _line(line: Raw, card: str, books: Books) -> Line | str:
    article, text = (_data(line[f"QuotationLineData{place}"]) for place in (1, 2))
    quantity, price, rate = (number(line[f"QuotationLine{name}"]) for name in ("Quantity", "Price", "VatPercentage"))
    if not article and not quantity and not price:
        return text
    worth = ore(quantity * price * (100 - number(line["QuotationLineDiscount"])) / 100)
    # 0 may be "not said" (an unset number reads so): then it is the article's rate for this buyer.
    said = rate or books.rate_of(article, card)
    return Line(article, text or None, quantity, price, worth, said)


def _data(value: object) -> str:
    return "" if value in (None, "-") else str(value)


def _must_wait(lines: Sequence[Line | str], card: str, register: str, day: str, books: Books) -> str:
    if register == "invoices" and (not day or day.startswith("0001")):
        return "no invoice date (WEB-49)"
    for line in lines:
        if isinstance(line, str):
            continue
        if line.rate is None and books.vat_type(card) in TAXED:
            return f"{line.text} has no VAT and no article that says it"
        if (line.rate or ZERO) != (line.rate or ZERO).to_integral_value() or (line.rate or ZERO) not in map(
            Decimal, (0, 6, 12, 25)
        ):
            return f"{line.rate} percent"
        if line.rate and books.vat_type(card) not in TAXED:
            return f"{line.rate} percent to a buyer of {books.vat_type(card)}"
    return ""
