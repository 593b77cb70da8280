"""Rows of an update, as Fortnox wants them (Fortnox API, section 9.5).

A list of rows replaces the whole list, in one of two ways. With RowId on at least one row, the rows so named are kept or changed,
the others are removed, and rows without RowId are new: `edited`. Without any RowId, rows are matched by position, and a field
left out inherits the value of the old row there: `replaced` says it all, so that nothing is inherited. RowIds change at
every update: read the document again before the next one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from brygga.clients.fortnox.wire import Raw
from brygga.errors import BadData, Stale


def row_ids(rows: Sequence[Mapping[str, object]]) -> list[int]:
    """Return the RowId of each row of a document just read. Raises BadData when one lacks it."""
    found = []
    for row in rows:
        number = row.get("RowId")
        if not isinstance(number, int):
            raise BadData("A row of a Fortnox document has no RowId.")
        found.append(number)
    return found


def edited(
    rows: Sequence[Mapping[str, object]],
    *,
    change: Mapping[int, Mapping[str, object]] | None = None,
    remove: Collection[int] = (),
    add: Sequence[Mapping[str, object]] = (),
) -> list[Raw]:
    """Return the rows to send so that these changes, and no others, happen; the order stays and new rows come last.

    rows    the document's rows as just read
    change  RowId -> the fields to change; a row that is not named stays as it is
    remove  RowIds of rows that go
    add     new rows, every field that matters said: DiscountType is AMOUNT where it is left out (section 9.8)
    Raises Stale when a RowId is no longer there, ValueError when no old row would stay: then nothing tells Fortnox that the
    new rows are new, and they would inherit from the old ones.
    """
    change = change or {}
    there = row_ids(rows)
    gone = [number for number in (*change, *remove) if number not in there]
    if gone:
        raise Stale("Row {row} of the Fortnox document is not there any more.", repair="Plan again.", row=gone[0])
    kept = [{"RowId": number, **change.get(number, {})} for number in there if number not in remove]
    if not kept:
        raise ValueError("at least one old row must stay; use replaced() to put all rows anew")
    return [*kept, *map(dict, add)]


# What a row takes over from the old row at its place when it is left out, and the value that says "none" (section 9.5).
_NOT_INHERITED: Mapping[str, object] = {
    "ArticleNumber": None,
    "CostCenter": "",
    "Discount": 0,
    "DiscountType": "PERCENT",
    "HouseWorkHoursToReport": None,
    "HouseWorkType": None,
    "Project": "",
}


def replaced(rows: Sequence[Mapping[str, object]], new: Sequence[Mapping[str, object]]) -> list[Raw]:
    """Return rows that take the place of all old ones, by position, with nothing inherited from what stood there.

    Every new row must say Description, Price, VAT, its quantity, AccountNumber and Unit itself. HouseWork False is sent only where
    the old row had True, since it stamps EMPTYHOUSEWORK on the row. Raises ValueError for a Discount without its DiscountType.
    """
    made = []
    for place, row in enumerate(new):
        old = rows[place] if place < len(rows) else {}
        if row.get("Discount") and "DiscountType" not in row:
            raise ValueError("a Discount needs its DiscountType: AMOUNT or PERCENT")
        blank = {name: value for name, value in _NOT_INHERITED.items() if name in old and name not in row}
        if old.get("HouseWork") is True and "HouseWork" not in row:
            blank["HouseWork"] = False
        made.append({**blank, **row})
    return made
