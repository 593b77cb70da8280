"""The oracle's own arithmetic: Decimal, half up, away from zero (accounting.md 3.1). Shares nothing with the hub or its sandboxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

ZERO = Decimal(0)
ORE = Decimal("0.01")


def number(value: Any) -> Decimal:
    """Return a number of JSON, a text or nothing as a Decimal; nothing is 0."""
    return ZERO if value in (None, "") else Decimal(str(value))


def ore(value: Decimal) -> Decimal:
    """Round to two decimals."""
    return value.quantize(ORE, ROUND_HALF_UP)


def krona(value: Decimal) -> Decimal:
    """Round to whole kronor."""
    return value.quantize(Decimal(1), ROUND_HALF_UP)


def vat_in(gross: Decimal, rate: Decimal) -> Decimal:
    """Return the VAT contained in a gross amount."""
    return ore(gross * rate / (100 + rate))


def vat_on(net: Decimal, rate: Decimal) -> Decimal:
    """Return the VAT on top of a net amount."""
    return ore(net * rate / 100)


def by_rate(worths: Iterable[tuple[Decimal, Decimal]]) -> dict[Decimal, Decimal]:
    """Add (rate, amount) up by rate; rates that come to nothing are left out."""
    sums: dict[Decimal, Decimal] = {}
    for rate, amount in worths:
        sums[rate] = sums.get(rate, ZERO) + amount
    return {rate: amount for rate, amount in sums.items() if amount}


def vat_of(worths: Sequence[tuple[Decimal, Decimal]], gross: bool) -> tuple[Decimal, Decimal]:
    """Return the VAT of (rate, amount), reckoned on the sum of each rate, and row by row: the law takes both (3.2)."""
    part = vat_in if gross else vat_on
    whole = sum((part(amount, rate) for rate, amount in by_rate(worths).items()), ZERO)
    return whole, sum((part(amount, rate) for rate, amount in worths), ZERO)


def allocate(total: Decimal, weights: Mapping[Decimal, Decimal]) -> dict[Decimal, Decimal]:
    """Split an amount in whole öre by weights: largest remainder, ties to the earlier part (accounting.md 3.1)."""
    whole = sum(weights.values(), ZERO)
    if not whole:
        return {}
    sign = -1 if total < 0 else 1
    cents = abs(total) * 100
    raw = {key: cents * weight / whole for key, weight in weights.items()}
    parts = {key: int(value) for key, value in raw.items()}
    left = int(cents) - sum(parts.values())
    order = list(raw)
    for key in sorted(order, key=lambda key: (-(raw[key] - parts[key]), order.index(key)))[:left]:
        parts[key] += 1
    return {key: sign * Decimal(value) / 100 for key, value in parts.items()}
