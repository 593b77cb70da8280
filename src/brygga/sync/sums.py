"""The sums of a proof: what linked documents come to on both sides, in all, by day, by VAT rate and by account. Amounts as texts.

A document enters a sum on both sides or on neither: where one system does not tell what a document comes to, it is counted by number alone,
and `uncounted` says so. One whose division is not known on both sides stands under the rate and the account "".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from brygga.core.money import ZERO
from brygga.core.policy import LEFT, RIGHT, Side
from brygga.core.tally import UNKNOWN, Tally

SIDES: tuple[Side, Side] = (LEFT, RIGHT)


@dataclass(frozen=True, slots=True)
class Both:
    """One linked record with what it comes to on both sides."""

    left: Tally
    right: Tally

    def on(self, side: Side) -> Tally:
        return self.left if side == LEFT else self.right


def with_kept(read: Tally, kept: Tally | None, *, whole: bool) -> Tally:
    """Return the tally of a record as it was read; divided as it was kept where not both halves were read *whole* and its sum is the same."""
    if whole or kept is None or kept.currency != read.currency:
        return read
    same = kept.net == read.net if read.net is not None else read.listed is None or kept.listed == read.listed
    return replace(kept, day=read.day or kept.day, listed=read.listed or kept.listed) if same else read


def sums_of(every: Iterable[Both]) -> dict[str, Any]:
    """Return the sums of the linked records: measure, sums, days, rates, accounts, and how many are not in them or not divided."""
    rows = list(every)
    measure = "total" if all(_same_money(one) and None not in (one.left.total, one.right.total) for one in rows) else "net"
    counted = [one for one in rows if _same_money(one) and None not in (_in(one.left, measure), _in(one.right, measure))]
    divided = [one for one in counted if _divided(one)]
    return {
        "measure": measure,
        "uncounted": len(rows) - len(counted),
        "undivided": len(counted) - len(divided),
        "sums": {side: _whole(side, rows, counted, measure) for side in SIDES},
        "days": _days(rows, counted, measure),
        "rates": _rates(counted),
        "accounts": _accounts(counted),
    }


def _in(tally: Tally, measure: str) -> Decimal | None:
    return tally.total if measure == "total" else tally.net


def _same_money(one: Both) -> bool:
    return one.left.currency == one.right.currency


def _divided(one: Both) -> bool:
    """Say whether both halves say under which accounts they stand."""
    return all(not tally.net or set(tally.accounts) - {UNKNOWN} for tally in (one.left, one.right))


@dataclass(slots=True)
class _Sums:
    count: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)

    def add(self, currency: str, amount: Decimal | None) -> None:
        if amount is not None:
            self.amounts[currency] = self.amounts.get(currency, ZERO) + amount

    def totals(self) -> dict[str, str]:
        return {currency: str(amount) for currency, amount in sorted(self.amounts.items())}


def _whole(side: Side, rows: list[Both], counted: list[Both], measure: str) -> dict[str, Any]:
    sums, net, rounded = _Sums(len(rows)), _Sums(), _Sums()
    for one in counted:
        tally = one.on(side)
        sums.add(tally.currency, _in(tally, measure))
        net.add(tally.currency, tally.net)
        if tally.listed is not None and tally.total is not None:
            rounded.add(tally.currency, tally.listed - tally.total)
    return {"count": sums.count, "totals": sums.totals(), "net": net.totals(), "round_off": rounded.totals()}


def _days(rows: list[Both], counted: list[Both], measure: str) -> list[dict[str, Any]]:
    """Return the days, the newest first; each side by its own day of a document."""
    days: dict[date, dict[Side, _Sums]] = {}
    for one in rows:
        for side in SIDES:
            day = one.on(side).day
            if day is not None:
                days.setdefault(day, {one_side: _Sums() for one_side in SIDES})[side].count += 1
    for one in counted:
        for side in SIDES:
            tally = one.on(side)
            if tally.day is not None:
                days[tally.day][side].add(tally.currency, _in(tally, measure))
    return [
        {
            "date": day.isoformat(),
            **{side: {"count": sums[side].count, "totals": sums[side].totals()} for side in SIDES},
            "same": sums[LEFT].count == sums[RIGHT].count and sums[LEFT].totals() == sums[RIGHT].totals(),
        }
        for day, sums in sorted(days.items(), reverse=True)
    ]


def _rates(counted: list[Both]) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[Side, tuple[Decimal, Decimal | None]]] = {}
    for one in counted:
        for side in SIDES:
            tally = one.on(side)
            for rate, (net, vat) in tally.rates.items():
                sums = found.setdefault((rate, tally.currency), dict.fromkeys(SIDES, (ZERO, ZERO)))
                held, held_vat = sums[side]
                sums[side] = held + net, None if held_vat is None or vat is None else held_vat + vat
    return [
        {
            "rate": rate,
            "currency": currency,
            **{side: {"net": str(net), "vat": None if vat is None else str(vat)} for side, (net, vat) in sums.items()},
            # Where one side does not tell its VAT, the nets alone can be compared.
            "same": sums[LEFT][0] == sums[RIGHT][0] and (None in (sums[LEFT][1], sums[RIGHT][1]) or sums[LEFT] == sums[RIGHT]),
        }
        for (rate, currency), sums in sorted(found.items(), key=lambda pair: (pair[0][1], _percent(pair[0][0])))
    ]


def _percent(rate: str) -> Decimal:
    """Return what a rate is ordered by: the highest first, what has none last."""
    return -Decimal(rate) if rate else Decimal(1)


def _accounts(counted: list[Both]) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[Side, Decimal]] = {}
    for one in counted:
        for side in SIDES:
            tally = one.on(side)
            for account, amount in tally.accounts.items():
                found.setdefault((account, tally.currency), dict.fromkeys(SIDES, ZERO))[side] += amount
    return [
        {
            "account": account,
            "currency": currency,
            **{side: str(sums[side]) for side in SIDES},
            "same": sums[LEFT] == sums[RIGHT],
        }
        for (account, currency), sums in sorted(found.items(), key=lambda pair: (pair[0][1], pair[0][0] == UNKNOWN, pair[0][0]))
    ]


def waiting_sums(tallies: Iterable[Tally | None]) -> Mapping[str, str]:
    """Return what records that wait come to, where they tell: with VAT, or else without."""
    sums = _Sums()
    for tally in tallies:
        if tally is not None:
            sums.add(tally.currency, tally.total if tally.total is not None else tally.net)
    return sums.totals()
