"""What a payment in Fortnox does not say as it was sent: its invoice, the amount with its currency, the day, the mode. Pure.

A payment of a booked invoice is money in the books as soon as it is booked, so one that differs waits unbooked until a person has
corrected or accepted it, like a document that differs (`core.agreement`). One that is booked is let alone: it is never changed
(Fortnox API, section 9.10; accounting.md 5.2; row TXT-10).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from brygga.core.agreement import Difference
from brygga.core.document import Payment
from brygga.core.money import Money, round_ore
from brygga.core.record import ABSENT

_FIELDS: Final = (("invoice_number", "payment_invoice"), ("date", "payment_day"), ("mode", "payment_mode"))


def payment_differences(sent: Payment, held: Payment, accepted: Collection[str] = ()) -> tuple[Difference, ...]:
    """Return what Fortnox holds otherwise than the payment says, while it is not booked.

    accepted  the sorts of differences that a person accepts as a rule
    """
    if held.booked is True:
        return ()
    return tuple(one for one in _found(sent, held) if one.sort not in accepted)


def _found(sent: Payment, held: Payment) -> Iterator[Difference]:
    if isinstance(sent.amount, Money) and (one := _ore(sent.amount)) != (two := _ore(held.amount)):
        yield Difference("payment_amount", "amount", str(one), str(two or "–"))
    for field, sort in _FIELDS:
        wanted, there = getattr(sent, field), getattr(held, field)
        if wanted not in (ABSENT, "", None) and wanted != there:
            yield Difference(sort, field, str(wanted), str(there) if there not in (ABSENT, "", None) else "–")


def _ore(amount: object) -> Money | None:
    return Money(round_ore(amount.amount), amount.currency) if isinstance(amount, Money) else None
