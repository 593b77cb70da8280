"""Upsales' sale beside its offer, order or invoice in Fortnox (systems.md 1.2 and 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worlds.oracle.arithmetic import ZERO, number, ore
from worlds.oracle.books import Books
from worlds.oracle.paper import Difference, Line, Paper, delivery

Raw = Mapping[str, Any]
NUMBER = {"invoices": "FORTNOX_ID", "orders": "FORTNOX_ORDER_ID", "offers": "FORTNOX_OFFER_ID"}
"""Where a sale keeps the number of its document, by alias (systems.md 4.2)."""


def paper_of(
    sale: Raw,
    custom: Mapping[str, Any],
    account: Raw,
    card: object,
    products: Mapping[int, Raw],
    books: Books,
    bundles: str = "onlyBundle",
) -> Paper:
    """Return what a sale says.

    custom    alias -> value of the sale's own fields
    account   the sale's company; card is its customer number in Fortnox
    bundles   how the account shows product bundles: the bundle, its products, or both (systems.md 4.2)
    """
    rows = sorted(sale["orderRow"], key=lambda row: (row["sortId"], row["id"]))
    lines = [line for row in rows for line in _lines(row, products, card, books, bundles)]
    # An opportunity has its date alone; closeDate is when it was won (systems.md 4.1).
    day = sale["closeDate"] if sale["probability"] == 100 else sale["date"]
    head: dict[str, Any] = {
        "CustomerNumber": str(card),
        "CustomerName": books.names_of(account["name"], account.get("orgNo"), card),
        "Date": str(day or sale["date"])[:10],
        "OurReference": sale["user"]["name"],
        "Remarks": custom.get("REMARKS") or "",
        "YourOrderNumber": custom.get("REFERENCE") or "",
    }
    if account.get("orgNo"):
        head["OrganisationNumber"] = account["orgNo"]
    # What the sale does not say of whom to ask for and where it is followed up is the card's (`from_card`, systems.md 4.2).
    contact = (sale.get("contact") or {}).get("name")
    kept = books.customers.get(str(card), {})
    head["YourReference"] = custom.get("YOUR_REFERENCE") or contact or kept.get("YourReference") or ""
    for name, alias in (("CostCenter", "COST_PLACE"), ("Project", "FORTNOX_PROJECT")):
        head[name] = str(custom.get(alias) or "").partition(":")[0] or kept.get(name) or ""
    head |= delivery(*(custom.get(f"DELIVERY_{part}") for part in ("NAME", "ADDRESS", "ZIPCODE", "CITY", "COUNTRY")))
    # A sum of doubles (systems.md 4.1): what lies beyond a millionth is noise.
    net = None if sale.get("value") is None else ore(round(number(sale["value"]), 6))
    return Paper(f"sale {sale['id']} {sale['description']}", False, sale["currency"], lines, head, net=net)


def _lines(row: Raw, products: Mapping[int, Raw], card: object, books: Books, bundles: str) -> list[Line]:
    parts = row.get("bundleRows") or ()
    many = number(row["quantity"])
    whole = _line(row, products, card, books)
    inside = [_line({**one, "quantity": many * number(one["quantity"])}, products, card, books) for one in parts]
    if not parts or bundles == "onlyBundle":
        return [whole]
    if bundles == "onlySubProducts":
        return inside
    return [whole, *(Line(one.article, one.text, one.quantity, ZERO, ZERO, one.rate) for one in inside)]


def _line(row: Raw, products: Mapping[int, Raw], card: object, books: Books) -> Line:
    product = products[row["productId"]]
    article = str(product["articleNo"])
    quantity, price, listed = number(row["quantity"]), number(row["price"]), number(row["listPrice"])
    # price is the net price of one, listPrice the gross one; a price above the list price is no discount (systems.md 4.1).
    return Line(article, product["name"], quantity, max(price, listed), ore(quantity * price), books.rate_of(article, card))


def standing(sale: Raw, held: Raw, register: str) -> list[Difference] | None:
    """Return the difference where one of the two has ended and the other has not; None where both live; [] where both have ended."""
    here = sale["probability"] > 0 if register == "offers" else sale["probability"] == 100
    there = not held["Cancelled"] and not _credited(held)
    if here and there:
        return None
    return [] if here == there else [Difference("standing", f"{sale['probability']} %", "lives" if there else "ended")]


def _credited(held: Raw) -> bool:
    return number(held.get("CreditInvoiceReference")) != ZERO and str(held.get("Credit")).lower() != "true"
