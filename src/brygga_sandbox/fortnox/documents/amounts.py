"""The arithmetic of documents: row totals, VAT, rounding, discounts, fees. Pure; Decimal in and out.

Rules: Fortnox API, section 10 (checked on 357 recorded documents) and accounting.md 3.1 to 3.3. Where the real rule is not
recorded, the company's settings choose: `vat_method` "per_rate" (default) or "per_row", and `round_to_whole_krona`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
HUNDRED = Decimal(100)
_CENT = Decimal("0.01")


def two_decimals(value: Decimal) -> Decimal:
    """Round to two decimals, a half away from zero; how Fortnox keeps prices, quantities and amounts."""
    return value.quantize(_CENT, ROUND_HALF_UP)


def whole(value: Decimal) -> Decimal:
    """Round to whole kronor, a half away from zero."""
    return value.quantize(Decimal(1), ROUND_HALF_UP)


def plain(value: Decimal) -> int | Decimal:
    """Return an amount as records hold it: an int when it is whole, else without zeros at the end."""
    if value == value.to_integral_value():
        return int(value)
    return value.normalize()


def text(value: Decimal) -> str:
    """Return a quantity as rows show it: "1", "2.5"; never with an exponent."""
    return format(plain(value), "f") if not isinstance(plain(value), int) else str(plain(value))


def vat_of_net(net: Decimal, rate: Decimal) -> Decimal:
    """Return the VAT on top of a net amount, in two decimals."""
    return two_decimals(net * rate / HUNDRED)


def vat_of_gross(gross: Decimal, rate: Decimal) -> Decimal:
    """Return the VAT contained in a gross amount, in two decimals."""
    return two_decimals(gross * rate / (HUNDRED + rate))


def to_sek(amount: Decimal, rate: Decimal, unit: Decimal) -> Decimal:
    """Return an amount in kronor: the rate is kronor per `unit` of the currency (Fortnox API, section 10.3)."""
    return two_decimals(amount * rate / unit)


def row_total(quantity: Decimal, price: Decimal, discount: Decimal, discount_type: str) -> Decimal:
    """Return what a row costs, in the mode of the document; an AMOUNT is taken once for the whole row."""
    full = quantity * price
    if discount_type == "PERCENT":
        return two_decimals(full * (HUNDRED - discount) / HUNDRED)
    return two_decimals(full - discount)


@dataclass(frozen=True)
class Line:
    """One charged row: its total after and before discount in the mode of the document, its rate, its account."""

    total: Decimal
    before_discount: Decimal
    rate: Decimal
    account: int = 0
    cost_center: str = ""
    project: str = ""


@dataclass(frozen=True)
class Totals:
    """What the head of a document says; amounts in its currency. `vat_by_rate` is that of rows, fee and freight."""

    gross: Decimal
    net: Decimal
    vat: Decimal
    fee_vat: Decimal
    freight_vat: Decimal
    fee_net: Decimal
    freight_net: Decimal
    round_off: Decimal
    total: Decimal
    extras_rate: Decimal
    vat_by_rate: dict[Decimal, Decimal] = field(default_factory=dict)


def totals(
    lines: Iterable[Line],
    *,
    vat_included: bool,
    fee: Decimal = ZERO,
    freight: Decimal = ZERO,
    per_row: bool = False,
    round_to_krona: bool = True,
    taxed: bool = True,
) -> Totals:
    """Add a document up.

    Fee and freight carry the rate of the largest amount on the document (accounting.md 3.3), without rows 25 %, and none
    when the buyer is not charged VAT (`taxed` false). Both stand outside net and gross.
    """
    lines = list(lines)
    net, vat_by_rate = _net_and_vat(lines, vat_included, per_row)
    gross, _ = _net_and_vat([Line(line.before_discount, line.before_discount, line.rate) for line in lines], vat_included, per_row)
    extras_rate = _rate_of_largest(lines, taxed)
    fee_vat, fee_net = _extra(fee, extras_rate, vat_included)
    freight_vat, freight_net = _extra(freight, extras_rate, vat_included)
    if fee_vat or freight_vat:
        vat_by_rate[extras_rate] = vat_by_rate.get(extras_rate, ZERO) + fee_vat + freight_vat
    vat = sum(vat_by_rate.values(), ZERO)
    exact = net + fee_net + freight_net + vat
    total = whole(exact) if round_to_krona else exact
    return Totals(gross, net, vat, fee_vat, freight_vat, fee_net, freight_net, total - exact, total, extras_rate, vat_by_rate)


def _net_and_vat(lines: list[Line], vat_included: bool, per_row: bool) -> tuple[Decimal, dict[Decimal, Decimal]]:
    sums: dict[Decimal, Decimal] = {}
    vat: dict[Decimal, Decimal] = {}
    part = vat_of_gross if vat_included else vat_of_net
    for line in lines:
        sums[line.rate] = sums.get(line.rate, ZERO) + line.total
        if per_row:
            vat[line.rate] = vat.get(line.rate, ZERO) + part(line.total, line.rate)
    if not per_row:
        vat = {rate: part(amount, rate) for rate, amount in sums.items()}
    net = sum(sums.values(), ZERO)
    if vat_included:
        net -= sum(vat.values(), ZERO)
    return net, vat


def _rate_of_largest(lines: list[Line], taxed: bool) -> Decimal:
    sums: dict[Decimal, Decimal] = {}
    for line in lines:
        sums[line.rate] = sums.get(line.rate, ZERO) + line.total
    if not taxed:
        return ZERO
    if not any(sums.values()):
        return Decimal(25)
    return max(sums, key=lambda rate: (abs(sums[rate]), rate))


def _extra(amount: Decimal, rate: Decimal, vat_included: bool) -> tuple[Decimal, Decimal]:
    if vat_included:
        vat = vat_of_gross(amount, rate)
        return vat, amount - vat
    return vat_of_net(amount, rate), amount
