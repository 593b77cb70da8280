"""Which VAT rate a day gives (accounting.md 2). The rates are data, `vat_rates.toml` beside this file, never code.

The rate is the one in force when the chargeable event happens: delivery of goods, completion of a service, receipt of an
advance; a credit follows the supply it corrects. The invoice date decides nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from itertools import pairwise

from brygga.core.money import CONTEXT, Money, exact, round_ore, vat_from_gross, vat_from_net
from brygga.errors import BadData, SettingsError

EARLIEST = date(1969, 1, 1)
"""The first day of Swedish VAT; an earlier one is a slip of the pen."""
LATEST = date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class DatedRate:
    """A percent and the first day it holds; `since` is None for the first line of a category."""

    since: date | None
    percent: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class RateOnDay:
    """The percent of a supply and the day that decided (the chargeable event, beskattningstidpunkt)."""

    percent: Decimal
    tax_point: date


@dataclass(frozen=True, slots=True)
class RateChange:
    """A category whose rate changes on a day: articles that still carry `old` are to be looked at."""

    category: str
    day: date
    old: Decimal
    new: Decimal


def read_rates(text: str, place: str) -> Mapping[str, tuple[DatedRate, ...]]:
    """Read a rate table: category -> its rates in order of time. SettingsError names the category and what is wrong."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError("{place} cannot be read: {error}.", place=place, error=error) from None
    table: dict[str, tuple[DatedRate, ...]] = {}
    for category, entry in raw.items():
        if "same_as" in entry:
            if entry["same_as"] not in table:
                raise SettingsError(
                    "{place}, {category}: no category {other} above it.",
                    place=place,
                    category=category,
                    other=entry["same_as"],
                )
            table[category] = table[entry["same_as"]]
        else:
            table[category] = _dated_rates(entry.get("rates", []), f"{place}, {category}")
    return table


def _dated_rates(lines: list[dict[str, object]], place: str) -> tuple[DatedRate, ...]:
    rates: list[DatedRate] = []
    for line in lines:
        since = line.get("from")
        percent = exact(str(line.get("percent", "")), place)
        if since is not None and type(since) is not date:
            raise SettingsError("{place}: {since} is not a day.", place=place, since=since)
        if (since is None) == bool(rates) or (since and rates[-1].since and since <= rates[-1].since):
            raise SettingsError(
                "{place}: the lines are not in order of time.",
                repair="The first line has no day, and each later line begins on a later day.",
                place=place,
            )
        rates.append(DatedRate(since, percent, str(line.get("source", ""))))
    if not rates:
        raise SettingsError("{place}: there is no rate.", place=place)
    return tuple(rates)


@cache
def swedish_rates() -> Mapping[str, tuple[DatedRate, ...]]:
    """Return the table that comes with the project."""
    file = resources.files("brygga.core") / "vat_rates.toml"
    return read_rates(file.read_text(encoding="utf-8"), "vat_rates.toml")


def tax_point(
    document: str,
    delivery_date: date | None = None,
    advance_payment_date: date | None = None,
    original_delivery_date: date | None = None,
) -> date:
    """Return the day that decides the rate of a document. BadData when the day that should decide is missing.

    A credit invoice follows the delivery that it corrects; an advance the day the money came, or while it has not come
    the planned delivery; every other document its delivery, or where nothing is delivered yet the day of the advance.
    """
    candidates: tuple[date | None, ...]
    if document == "credit_invoice":
        candidates = (original_delivery_date,)
        missing = "the delivery date of what is credited"
    elif document == "advance_invoice":
        candidates = (advance_payment_date, delivery_date)
        missing = "the day the advance was received"
    elif document == "invoice":
        candidates = (delivery_date, advance_payment_date)
        missing = "the delivery date"
    else:
        raise ValueError(f"a document is an invoice, advance_invoice or credit_invoice, not {document!r}")
    for day in candidates:
        if day is not None:
            if not EARLIEST <= day < LATEST:
                raise BadData("{day} cannot be the day of a delivery or payment.", day=day)
            return day
    raise BadData(
        "{missing} is missing, so the VAT rate cannot be told.",
        missing=missing,
    )


def rate_on(category: str, day: date, table: Mapping[str, tuple[DatedRate, ...]] | None = None) -> Decimal:
    """Return the percent of *category* on *day*. SettingsError for a category that the table does not have."""
    rates = (table or swedish_rates()).get(category)
    if rates is None:
        raise SettingsError(
            "There is no VAT category {category}.",
            repair="Choose one of {known}.",
            category=category,
            known=", ".join(table or swedish_rates()),
        )
    found = rates[0].percent
    for rate in rates[1:]:
        if rate.since is not None and rate.since <= day:
            found = rate.percent
    return found


def vat_rate(
    category: str,
    document: str = "invoice",
    delivery_date: date | None = None,
    advance_payment_date: date | None = None,
    original_delivery_date: date | None = None,
    table: Mapping[str, tuple[DatedRate, ...]] | None = None,
) -> RateOnDay:
    """Return the percent of a supply and the day that decided it. Raises as `tax_point` and `rate_on`."""
    day = tax_point(document, delivery_date, advance_payment_date, original_delivery_date)
    return RateOnDay(rate_on(category, day, table), day)


def changes_between(first: date, last: date, table: Mapping[str, tuple[DatedRate, ...]] | None = None) -> tuple[RateChange, ...]:
    """Return the changes from *first* to *last*, both included, in order of time and category."""
    found = [
        RateChange(category, new.since, old.percent, new.percent)
        for category, rates in (table or swedish_rates()).items()
        for old, new in pairwise(rates)
        if new.since is not None and first <= new.since <= last
    ]
    return tuple(sorted(found, key=lambda change: (change.day, change.category)))


def on_an_old_rate(
    articles: Iterable[tuple[str, str, Decimal]], day: date, table: Mapping[str, tuple[DatedRate, ...]] | None = None
) -> tuple[tuple[str, Decimal, Decimal], ...]:
    """Return (article number, rate it carries, rate that holds) for articles whose account gives another rate on *day*.

    *articles* are (number, category, rate that the article's account gives): the warning list of a change of rates.
    """
    wrong = []
    for number, category, carried in articles:
        right = rate_on(category, day, table)
        if right != carried:
            wrong.append((number, carried, right))
    return tuple(wrong)


def price_at_new_rate(gross: Decimal, old: Decimal, new: Decimal, *, round_net_first: bool = True) -> Decimal:
    """Return the gross price that keeps the net when *old* percent becomes *new*; 100.00 from 12 to 6 gives 94.65.

    With *round_net_first* off the unrounded net is kept (94.64). A shop says which of the two it does (accounting.md 2).
    Consumers keep the agreed gross and companies the agreed net; this is for those who lower their prices.
    """
    if round_net_first:
        net = gross - vat_from_gross(gross, old)
        return net + vat_from_net(net, new)
    hundred = Decimal(100)
    return round_ore(CONTEXT.divide(CONTEXT.multiply(gross, hundred + new), hundred + old))


def agreed_price(price: Money, percent: Decimal, *, for_a_consumer: bool) -> tuple[Money, Money]:
    """Return (net, gross) of a price agreed before a change of rates, at the rate of the delivery.

    *price* is what was agreed: gross with a consumer, net with a company, and that amount stays (accounting.md 2).
    """
    if for_a_consumer:
        return Money(price.amount - vat_from_gross(price.amount, percent), price.currency), price
    return price, Money(price.amount + vat_from_net(price.amount, percent), price.currency)
