"""How an order is taxed: the VAT type that its customer must have in Fortnox, and the account of each kind of sale at each rate. Pure.

The shop has charged what it has charged: nothing is taxed anew here. What cannot be right (accounting.md 1.3, 1.5), or Fortnox cannot
hold, waits with the reason; where goods go decides, for services where the buyer is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from brygga.connectors.textalk.buyer import goes_to, snapshot
from brygga.connectors.textalk.held import CORRECT, Held, name_of
from brygga.connectors.textalk.settings import Settings
from brygga.core.money import percent_text
from brygga.core.numbers import parse_vat_number
from brygga.core.vat import VatType, in_eu, same_regime, vat_country
from brygga.core.webshop import ShopItem

SWEDISH: Final = frozenset({"25", "12", "6", "0"})
VAT_NUMBER: Final = (
    "Give the buyer's right VAT number in the shop, or charge VAT there; or make the document by hand in Fortnox and type its number on "
    "the order."
)


@dataclass(frozen=True, slots=True)
class Taxed:
    """How an order is taxed: the VAT type of its customer, and (supply, percent) -> account."""

    vat_type: VatType
    accounts: Mapping[tuple[str, str], str]

    def of_rates(self, chosen: Mapping[str, str], rates: Iterable[Decimal]) -> dict[str, str]:
        """Return percent -> account of freight, fee or discount: the chosen one of sales in Sweden, else that of the goods they go with."""
        found: dict[str, str] = {}
        for rate in map(percent_text, rates):
            own = chosen.get(rate, "") if self.vat_type == "SEVAT" and rate in SWEDISH else ""
            account = own or self.accounts.get(("goods", rate), "") or self.accounts.get(("services", rate), "")
            if account:
                found[rate] = account
        return found


def taxed(order: Mapping[str, Any], items: Iterable[ShopItem], settings: Settings, extra: Iterable[Decimal] = ()) -> Taxed:
    """Return how an order is taxed; *extra* are the rates of freight and fees that no item has. Raises Held."""
    kinds = dict.fromkeys((item.supply, item.rate) for item in items)
    kinds |= dict.fromkeys(("goods", rate) for rate in extra if ("goods", rate) not in kinds and ("services", rate) not in kinds)
    found = {(supply, percent_text(rate)): _one(order, supply, rate, settings) for supply, rate in kinds}
    types = list(dict.fromkeys(vat_type for vat_type, _ in found.values()))
    if any(not same_regime(types[0], other) for other in types[1:]):
        raise Held(
            "Order {number} is sold partly with VAT and partly without to {country}, and a customer of Fortnox has one VAT type ({types}).",
            "Make the two documents by hand in Fortnox, and type the number of one on the order.",
            "TXT-12",
            number=name_of(order),
            country=goes_to(order),
            types=", ".join(types),
        )
    return Taxed(types[0], {key: account for key, (_, account) in found.items() if account})


def _one(order: Mapping[str, Any], supply: str, rate: Decimal, settings: Settings) -> tuple[VatType, str]:
    """Return VAT type and account of one kind of sale at one rate."""
    said = snapshot(order, settings.info_fields)
    home = vat_country(str(said.invoice_country or ""), str(said.invoice_postcode or ""))
    country = goes_to(order) if supply == "goods" else home
    percent = percent_text(rate)
    if rate != rate.to_integral_value():
        raise Held(
            "Order {number} has {rate} percent VAT to {country}. Fortnox holds VAT in whole percents, so no row of it can say that.",
            "Enter the sale by hand as a voucher in Fortnox (net on the sales account of {country}, its VAT on 2670) and type the "
            "voucher's number on the order; or charge Swedish VAT in the shop while the year's sales to the EU are below 99 680 kronor.",
            "TXT-12",
            number=name_of(order),
            rate=percent,
            country=country,
        )
    if country == "SE":
        if percent not in SWEDISH:
            raise Held(
                "Order {number} has {rate} percent VAT in Sweden, where no such rate is.",
                CORRECT,
                "TXT-12",
                number=name_of(order),
                rate=percent,
            )
        return "SEVAT", settings.accounts.get(f"{supply} {percent}", "")
    goods = supply == "goods"
    if not rate:
        return _untaxed(order, supply, country, said.vat_number, settings)
    if in_eu(country, goods=goods):
        return _in_eu(order, supply, country, percent, settings)
    if percent not in SWEDISH:
        raise _no_account(order, country, percent)
    return "SEVAT", settings.accounts.get(f"{supply} {percent}", "")


def _in_eu(order: Mapping[str, Any], supply: str, country: str, percent: str, settings: Settings) -> tuple[VatType, str]:
    """A taxed sale to another EU state: by the one-stop shop at its own rate, or with Swedish VAT (accounting.md 1.5)."""
    of_country = settings.accounts_abroad.get(f"{country} {percent}", "")
    if of_country:
        return "SEVAT", of_country
    one_stop = any(key[:2].isupper() for key in settings.accounts_abroad)
    if percent not in SWEDISH or (one_stop and f"{supply} euvat" not in settings.chosen_abroad):
        raise _no_account(order, country, percent)
    # The account of such sales stands for 25 percent (3106 has MP1); the lower rates stand with those in Sweden, box 05 as well.
    own = settings.accounts_abroad.get(f"{supply} euvat", "") if percent == "25" else ""
    return "EUVAT", own or settings.accounts.get(f"{supply} {percent}", "")


def _no_account(order: Mapping[str, Any], country: str, percent: str) -> Held:
    return Held(
        "Order {number} has {rate} percent VAT to {country}, and no account is chosen for it.",
        "Choose one for “{country} {rate}” under “Försäljningskonton utanför Sverige”, and make its VAT code in Fortnox.",
        "TXT-12",
        number=name_of(order),
        rate=percent,
        country=country,
    )


def _untaxed(order: Mapping[str, Any], supply: str, country: str, vat_number: object, settings: Settings) -> tuple[VatType, str]:
    """A sale abroad without VAT: to a registered company of the EU, or out of the EU; all else waits (accounting.md 1.3)."""
    if in_eu(country, goods=supply == "goods"):
        _check_vat_number(order, country, str(vat_number or ""), settings)
        return "EUREVERSEDVAT", settings.accounts_abroad.get(f"{supply} eu", "")
    if supply == "services" and snapshot(order, settings.info_fields).kind == "private":
        raise Held(
            "Order {number} sells a service without VAT to a private person in {country}; such a service is taxed in Sweden.",
            CORRECT,
            "TXT-12",
            number=name_of(order),
            country=country,
        )
    return "EXPORT", settings.accounts_abroad.get(f"{supply} export", "")


def _check_vat_number(order: Mapping[str, Any], country: str, text: str, settings: Settings) -> None:
    """Raise Held unless the buyer has a VAT number of another EU state that is right and counts as confirmed."""
    facts = {"number": name_of(order), "country": country, "vat": text}
    if not text.strip():
        raise Held(
            "Order {number} is sold without VAT to {country}, and the buyer has no VAT number.",
            VAT_NUMBER,
            "TXT-12",
            **facts,
        )
    read = parse_vat_number(text, country)
    if not read.compact or not read.eu or read.compact.startswith("SE"):
        raise Held(
            "Order {number} is sold without VAT to {country}, and “{vat}” is no VAT number of another EU country.",
            VAT_NUMBER,
            "TXT-12",
            **facts,
        )
    if settings.eu_vat_numbers == "listed" and read.compact not in settings.confirmed_vat_numbers:
        raise Held(
            "Order {number} is sold without VAT to {country}, and the VAT number {vat} is not confirmed.",
            "Look the number up in VIES, and put it under “Kontrollerade VAT-nummer”.",
            "TXT-12",
            **{**facts, "vat": read.compact},
        )
