"""Mobigo's assignment beside its order or invoice in Fortnox (systems.md 1.1; decisions D1, D10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from worlds.oracle.arithmetic import ZERO, number, ore
from worlds.oracle.books import Books
from worlds.oracle.paper import ROWS, Difference, Line, Paper, charged, compare
from worlds.oracle.words import same_text

Raw = Mapping[str, Any]
LIMIT = 1052
"""Characters of the action text that follow (MOB-17)."""
OF_CARD = ("Name", "Address1", "Address2", "ZipCode", "City", "OurReference", "YourReference")


def paper_of(assignment: Raw, books: Books, prices: Sequence[Decimal]) -> Paper:
    """Return what an assignment says, and what is the card's by MOB-15 and MOB-16.

    prices   Fortnox' prices row by row: a row of Mobigo that has none is charged with that of the article, which it does not say
    """
    number_ = str(
        assignment["customer"]["number"] if isinstance(assignment.get("customer"), dict) else assignment["customerNumber"]
    )
    card = books.customers.get(number_, {})
    head: dict[str, Any] = {("CustomerName" if name == "Name" else name): card.get(name) or "" for name in OF_CARD}
    head["CustomerNumber"] = number_
    if assignment.get("completed"):
        head["DeliveryDate"] = assignment["completed"]
    rows = [(one, True) for one in _billable(assignment, "times")] + [(one, False) for one in _billable(assignment, "materials")]
    there = prices if len(prices) == len(rows) else [ZERO] * len(rows)
    lines = [_line(one, time, number_, books, price) for (one, time), price in zip(rows, there, strict=True)]
    return Paper(
        f"assignment {assignment['number']}",
        False,
        "SEK",
        lines,
        head,
        extra_texts=True,
        must_wait=_must_wait(assignment, rows, there),
    )


def _billable(assignment: Raw, name: str) -> list[Raw]:
    rows = [row for row in assignment.get(name) or () if row["billable"]]
    return sorted(rows, key=lambda row: row["position"] or 0)


def _line(row: Raw, time: bool, card: str, books: Books, there: Decimal) -> Line:
    if time:
        kind = row["timeType"] if isinstance(row["timeType"], dict) else {"name": row["timeType"], "articleNumber": ""}
        article, text = str(kind.get("articleNumber") or ""), row["text"] or kind.get("name")
        quantity = number(row["hours"] if row["billableHours"] is None else row["billableHours"])
    else:
        article, text, quantity = str(row["articleNumber"] or ""), row["name"], number(row["quantity"])
    price = there if row["price"] is None else number(row["price"])
    worth = ore(quantity * price * (100 - number(row["discountPercent"])) / 100)
    unit = str(row.get("unit") or "") or None
    line = Line(article, text or None, quantity, price, worth, books.rate_of(article, card), unit)
    return replace(line, cost_center=row["costCenter"] or None, project=row["project"] or None)


def _must_wait(assignment: Raw, rows: Sequence[tuple[Raw, bool]], there: Sequence[Decimal]) -> str:
    for row in _billable(assignment, "times"):
        kind = row["timeType"] if isinstance(row["timeType"], dict) else {}
        if not kind.get("articleNumber"):
            return f"{row['hours']} billable hours of {kind.get('name') or row['timeType']} have no article (U26)"
    for (row, _), price in zip(rows, there, strict=True):
        if row["price"] is None and not price:
            return f"{row.get('name') or row.get('text')} has a price neither in Mobigo nor in Fortnox"
    return ""


def look(assignment: Raw, held: Raw, register: str, books: Books) -> list[Difference]:
    """Return every difference, the action text among them, which goes on in a row of text where Remarks is full (D1)."""
    rows = held[ROWS[register]]
    paper = paper_of(assignment, books, [number(row["Price"]) for row in rows if charged(row)])
    found = compare(paper, held, register, books)
    if paper.must_wait:
        return found
    text = str(assignment["actionText"] or "")
    kept = "".join([held["Remarks"] or "", *(row["Description"] for row in rows if not charged(row))])
    if not same_text(text[:LIMIT], kept):
        found.append(Difference("action text", text, kept))
    elif len(text) > LIMIT:
        found.append(Difference("action text", f"{len(text)} characters", f"{LIMIT} characters", told=True))
    return found
