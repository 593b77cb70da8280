"""A voucher: signed SEK by account, debit positive, adding up to exactly zero (accounting.md 10, 11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeAlias

from brygga.core.money import ZERO, round_ore

Voucher: TypeAlias = Mapping[str, Decimal]


def voucher(*lines: tuple[str, Decimal], keep: Iterable[str] = ()) -> Voucher:
    """Return the lines added up by account, in the order given; accounts at zero go, unless *keep* names them.

    ValueError when the lines do not add up to zero, or an account is not four digits: nothing unbalanced is ever built.
    """
    sums: dict[str, Decimal] = {}
    for account, amount in lines:
        if len(account) != 4 or not (account.isascii() and account.isdigit()) or account < "1000":
            raise ValueError(f"an account is 1000 to 9999, not {account!r}")
        if round_ore(amount) != amount:
            raise ValueError(f"account {account}: {amount} is not a whole number of öre")
        sums[account] = round_ore(sums.get(account, ZERO) + amount)
    if sum(sums.values(), ZERO):
        listed = ", ".join(f"{account} {amount}" for account, amount in sums.items())
        raise ValueError(f"the voucher does not add up to zero: {listed}")
    kept = set(keep)
    return {account: amount for account, amount in sums.items() if amount or account in kept}
