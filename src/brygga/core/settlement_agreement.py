"""What a supplier invoice in Fortnox does not say as its settlement does: supplier, currency, days, sums, and each account. Pure.

It waits like a document that differs (`core.agreement`): until a person has corrected, cancelled or accepted it. A supplier invoice is
booked by people, so each difference counts whenever it is seen, whoever made it. accounting.md 6; row OPT-03.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Final

from brygga.core.agreement import Difference
from brygga.core.document import Settlement
from brygga.core.money import ZERO, Money, round_ore
from brygga.core.record import ABSENT

_FIELDS: Final = (
    ("supplier_number", "supplier"),
    ("currency", "currency"),
    ("date", "date"),
    ("due", "date"),
)
_SUMS: Final = (("payable", "total"), ("input_vat", "vat"))


def settlement_differences(sent: Settlement, held: Settlement, accepted: Collection[str] = ()) -> tuple[Difference, ...]:
    """Return what Fortnox holds otherwise than the settlement says; one that is cancelled is let alone.

    accepted  the sorts of differences that a person accepts as a rule
    """
    if held.cancelled is True:
        return ()
    return tuple(one for one in _found(sent, held) if one.sort not in accepted)


def _found(sent: Settlement, held: Settlement) -> Iterator[Difference]:
    for field, sort in _FIELDS:
        one, two = getattr(sent, field), getattr(held, field)
        if one not in (ABSENT, "", None) and two is not ABSENT and one != two:
            yield Difference(sort, field, str(one), str(two or ""), always=True)
    for field, sort in _SUMS:
        one, two = getattr(sent, field), getattr(held, field)
        if isinstance(two, Money) and _ore(one) != _ore(two):
            yield Difference(sort, field, f"{_ore(one)}", f"{_ore(two)}", always=True)
    if sent.rows is ABSENT or held.rows is ABSENT:
        return
    sums: dict[str, list[Decimal]] = {}
    for place, rows in enumerate((sent.rows, held.rows)):
        for row in rows:
            sums.setdefault(str(row.account), [ZERO, ZERO])[place] += _ore(row.amount)
    for account, (one, two) in sorted(sums.items()):
        if one != two:
            yield Difference("posting", account, f"{one}", f"{two}", always=True)


def _ore(value: object) -> Decimal:
    return round_ore(value.amount) if isinstance(value, Money) else ZERO
