"""Money: an exact amount and its currency, from the first byte to the last (accounting.md 3.1).

The primitives round half away from zero on the magnitude, so that a credit is the exact mirror of its invoice, and every
split adds up to the whole to the öre. None of them depends on the decimal context of the thread. What comes from outside
goes through `exact` first; the primitives take finite decimals and never return a negative zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction

from brygga.errors import BadData

CONTEXT = Context(prec=60, rounding=ROUND_HALF_UP)
ORE = Decimal("0.01")
KRONA = Decimal("1")
ZERO = Decimal("0.00")
LARGEST_DIGITS = 15
"""Whole digits an amount may have: one more than a voucher row of Fortnox takes (Fortnox API, section 9.12)."""
SMALLEST_EXPONENT = -30


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency (ISO 4217, three capital letters). Never a float; never negative zero, NaN or infinity."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"an amount is a Decimal, not {type(self.amount).__name__}")
        if not self.amount.is_finite():
            raise ValueError(f"an amount is a finite number, not {self.amount}")
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            raise ValueError(f"a currency is three capital letters (ISO 4217), not {self.currency!r}")
        if self.amount.is_zero():
            object.__setattr__(self, "amount", abs(self.amount))

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added")
        return other.amount

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def exact(value: Decimal | int | str, place: str) -> Decimal:
    """Return *value* as a decimal, or raise BadData naming *place*: no NaN, infinity, negative zero or absurd size.

    A float is a mistake in our own code and raises TypeError.
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise TypeError(f"{place}: a number is a Decimal or its text, not {type(value).__name__}")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise BadData("{place}: {value} is not a number.", place=place, value=repr(value)) from None
    if not number.is_finite():
        raise BadData("{place}: {value} is not a finite number.", place=place, value=number)
    if number.is_zero():
        if number.is_signed():
            raise BadData("{place}: {value} is a negative zero; zero has no sign.", place=place, value=number)
        return number
    exponent = number.as_tuple().exponent
    if number.adjusted() >= LARGEST_DIGITS or (isinstance(exponent, int) and exponent < SMALLEST_EXPONENT):
        raise BadData("{place}: {value} is larger or finer than any amount of money.", place=place, value=number)
    return number


def whole_ore(value: Decimal | int | str, place: str) -> Decimal:
    """Return *value* with two decimals; BadData where it holds parts of an öre or is no amount."""
    number = exact(value, place)
    rounded = round_ore(number)
    if rounded != number:
        raise BadData("{place}: {value} is not a whole number of öre.", place=place, value=number)
    return rounded


def percent_text(rate: Decimal) -> str:
    """Return a percent as people write it, 25 or 25.5: without an exponent and without zeros at the end."""
    text = f"{rate:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def round_ore(amount: Decimal) -> Decimal:
    """Round to two decimals; the third decides, 5 and more away from zero (accounting.md 3.1, tax authority's method)."""
    return _round(amount, ORE)


def round_krona(amount: Decimal) -> Decimal:
    """Round to whole kronor with two decimals: 1-49 öre down, 50-99 up, on the magnitude. For the total to pay only."""
    return _round(_round(amount, KRONA), ORE)


def fortnox_2dec(number: Decimal) -> Decimal:
    """Round a price or quantity as Fortnox keeps it: two decimals, half up (Fortnox API, section 9.8)."""
    return _round(number, ORE)


def _round(number: Decimal, step: Decimal) -> Decimal:
    if not number.is_finite() or number.adjusted() > CONTEXT.prec // 2:
        raise ValueError(f"only a finite number of sensible size can be rounded, not {number}")
    rounded = number.quantize(step, ROUND_HALF_UP, CONTEXT)
    return rounded if rounded else abs(rounded)


def vat_from_net(net: Decimal, rate: Decimal) -> Decimal:
    """Return the VAT on top of *net*, rounded to öre; *rate* in percent. Gross is the sum."""
    return round_ore(CONTEXT.divide(CONTEXT.multiply(net, rate), Decimal(100)))


def vat_from_gross(gross: Decimal, rate: Decimal) -> Decimal:
    """Return the VAT inside *gross*, rounded to öre; *rate* in percent. Net is the difference and never rounded apart."""
    return round_ore(CONTEXT.divide(CONTEXT.multiply(gross, rate), CONTEXT.add(rate, Decimal(100))))


def allocate(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Split *total* (whole öre) by *weights*: largest remainder, ties to the earlier part, sign kept. The parts add up.

    Weights have one sign and are not all zero, unless the total is zero; ValueError otherwise.
    """
    amount = round_ore(total)
    if amount != total:
        raise ValueError(f"only whole öre can be split, not {total}")
    if not amount:
        return [ZERO for _ in weights]
    shares = [Fraction(weight) for weight in weights]
    if any(share < 0 for share in shares):
        shares = [-share for share in shares]
    whole = sum(shares)
    if any(share < 0 for share in shares) or not whole:
        raise ValueError(f"{total} cannot be split by {', '.join(str(weight) for weight in weights) or 'nothing'}")
    ore = int(abs(amount) * 100)
    quotas = [ore * share / whole for share in shares]
    parts = [quota.numerator // quota.denominator for quota in quotas]
    by_remainder = sorted(range(len(parts)), key=lambda n: (parts[n] - quotas[n], n))
    for index in by_remainder[: ore - sum(parts)]:
        parts[index] += 1
    sign = -1 if amount < 0 else 1
    return [round_ore(Decimal(sign * part).scaleb(-2)) for part in parts]


def split_row(line_total: Decimal, quantity: int) -> list[tuple[int, Decimal]]:
    """Return (quantity, unit price) for one row, or two whose prices differ by one öre: quantity and total both survive.

    100.00 for three becomes two at 33.33 and one at 33.34. A negative quantity gives rows of a return. ValueError for no
    quantity, or a total with parts of an öre.
    """
    if quantity == 0:
        raise ValueError(f"a row of {line_total} needs a quantity")
    amount = round_ore(line_total)
    if amount != line_total:
        raise ValueError(f"only whole öre can be split into rows, not {line_total}")
    ore = int(abs(amount) * 100)
    low, higher = divmod(ore, abs(quantity))
    sign = -1 if (amount < 0) != (quantity < 0) else 1
    step = -1 if quantity < 0 else 1
    rows = [(abs(quantity) - higher, low), (higher, low + 1)]
    return [(step * count, round_ore(Decimal(sign * price).scaleb(-2))) for count, price in rows if count]
