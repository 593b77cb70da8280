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


RUT = frozenset({"CLEANING", "TEXTILECLOTHING", "SNOWPLOWING", "GARDENING", "BABYSITTING", "OTHERCARE", "MAJORAPPLIANCEREPAIR",
                 "MOVINGSERVICES", "ITSERVICES", "HOMEMAINTENANCE", "FURNISHING", "TRANSPORTATIONSERVICES"})  # fmt: skip
"""Kinds of work that are RUT; the others of these worlds are ROT (accounting.md 7.5; api.md 9.9)."""


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
    work = str((assignment.get("houseWork") or {}).get("type") or "")
    lines = [_line(one, time, number_, books, price, work) for (one, time), price in zip(rows, there, strict=True)]
    return Paper(
        f"assignment {assignment['number']}",
        False,
        "SEK",
        lines,
        head,
        reduction=work or "none",
        extra_texts=True,
        must_wait=_must_wait(assignment, rows, there),
    )


def _billable(assignment: Raw, name: str) -> list[Raw]:
    rows = [row for row in assignment.get(name) or () if row["billable"]]
    return sorted(rows, key=lambda row: row["position"] or 0)


def _line(row: Raw, time: bool, card: str, books: Books, there: Decimal, work: str) -> Line:
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
    line = replace(line, cost_center=row["costCenter"] or None, project=row["project"] or None)
    if not work:
        return line
    # Each charged row of a house-work document is labour of a kind, or another cost (accounting.md 7.5).
    if not row["houseWork"]:
        return replace(line, work=(False, "OTHERCOSTS"))
    return replace(line, work=(True, str(row["houseWorkType"] or "")), hours=quantity if time else None)


def standing(held: Raw) -> list[Difference] | None:
    """Return the difference where Fortnox' document has ended and the assignment stands; None where it lives."""
    credited = number(held.get("CreditInvoiceReference")) and str(held.get("Credit")).lower() != "true"
    return [Difference("standing", "an assignment", "ended")] if held["Cancelled"] or credited else None


def _must_wait(assignment: Raw, rows: Sequence[tuple[Raw, bool]], there: Sequence[Decimal]) -> str:
    for row in _billable(assignment, "times"):
        kind = row["timeType"] if isinstance(row["timeType"], dict) else {}
        if not kind.get("articleNumber"):
            return f"{row['hours']} billable hours of {kind.get('name') or row['timeType']} have no article (U26)"
    work = str((assignment.get("houseWork") or {}).get("type") or "")
    for (row, _), price in zip(rows, there, strict=True):
        if work and row["houseWork"] and (row["houseWorkType"] in RUT) != (work == "rut"):
            return f"{row['houseWorkType']} is no work of the kind {work}"
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
