"""Upsales' sale beside its order or invoice in Fortnox (systems.md 1.2 and 4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from worlds.oracle.arithmetic import number, ore
from worlds.oracle.books import Books
from worlds.oracle.paper import Line, Paper

Raw = Mapping[str, Any]
NUMBER = {"invoices": "FORTNOX_ID", "orders": "FORTNOX_ORDER_ID", "offers": "FORTNOX_OFFER_ID"}
"""Where a sale keeps the number of its document, by alias (systems.md 4.2)."""


def paper_of(sale: Raw, custom: Mapping[str, Any], account: Raw, card: object, products: Mapping[int, Raw], books: Books) -> Paper:
    """Return what a sale says.

    custom    alias -> value of the sale's own fields
    account   the sale's company; card is its customer number in Fortnox
    """
    lines = [_line(row, products, card, books) for row in sorted(sale["orderRow"], key=lambda row: (row["sortId"], row["id"]))]
    head: dict[str, Any] = {
        "CustomerNumber": str(card),
        "CustomerName": books.names_of(account["name"], account.get("orgNo"), card),
        "Date": str(sale["closeDate"] or sale["date"])[:10],
        "OurReference": sale["user"]["name"],
        "Remarks": custom.get("REMARKS") or "",
        "YourOrderNumber": custom.get("REFERENCE") or "",
    }
    if account.get("orgNo"):
        head["OrganisationNumber"] = account["orgNo"]
    if sale.get("contact"):
        head["YourReference"] = sale["contact"]["name"]
    return Paper(f"sale {sale['id']} {sale['description']}", False, sale["currency"], lines, head)


def _line(row: Raw, products: Mapping[int, Raw], card: object, books: Books) -> Line:
    product = products[row["productId"]]
    article = str(product["articleNo"])
    quantity, price, listed = number(row["quantity"]), number(row["price"]), number(row["listPrice"])
    # price is the net price of one, listPrice the gross one; a price above the list price is no discount (systems.md 4.1).
    return Line(article, product["name"], quantity, max(price, listed), ore(quantity * price), books.rate_of(article, card))
