"""How a sale is taxed: Fortnox' VATType, the row's percent, the account, the box of the VAT return, the text on the invoice.

The decision goes in the order of accounting.md 1.3: country, company or private, VAT number, goods or services,
construction, one-stop shop. `vat_treatment` answers for every combination or refuses with a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, TypeAlias

import pycountry

from brygga.core.money import ZERO, exact, percent_text
from brygga.errors import BadData, Sentence, SettingsError

VatType: TypeAlias = Literal["SEVAT", "SEREVERSEDVAT", "EUREVERSEDVAT", "EUVAT", "EXPORT"]
TextKey: TypeAlias = Literal[
    "exempt_reference",
    "reverse_charge_domestic",
    "reverse_charge_eu",
    "intra_community_supply",
    "export",
    "outside_eu_service",
]

SWEDISH_RATES: Final = (Decimal(25), Decimal(12), Decimal(6), Decimal(0))

EU_STATES: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
GOODS_AS_EU: Final = frozenset({"XI", "MC"})
"""Northern Ireland counts as EU for goods with its XI number; Monaco is taxed as a part of France."""
SERVICES_AS_EU: Final = frozenset({"MC"})
OUTSIDE_FOR_GOODS: Final = frozenset("AX GP MQ GF RE YT MF IC EA".split())  # noqa: SIM905
"""Parts of EU states outside the EU VAT area: Åland, the French overseas areas, the Canary Islands, Ceuta and Melilla."""
TAXED: Final = frozenset({"SEVAT", "EUVAT"})
"""The VAT types whose rows carry VAT: the row says rate and account, so one does for the other."""
RESERVED_CODES: Final = frozenset({"XI", "XK", "IC", "EA"})

DEFAULT_ACCOUNTS: Final[Mapping[str, str]] = {
    "SALES_25_SE": "3001",
    "SALES_25_SE2": "3001",
    "SALES_12_SE": "3002",
    "SALES_12_SE2": "3002",
    "SALES_6_SE": "3003",
    "SALES_6_SE2": "3003",
    "SALES_0_SE": "3004",
    "SALES_0_SE2": "3004",
    "SALESCONSTR2": "3231",
    "SALESEUREV": "3108",
    "SALESEUREV2": "3308",
    "SALESEUVAT": "3106",
    "SALESEXPORT": "3105",
    "SALESEXPORT2": "3305",
}
"""Fortnox' predefined account name -> number in the default chart. SALESEUVAT2 is left out on purpose: the value seen in a
real company, 3308, is the account for VAT-free sales (accounting.md 1.2), so a taxable service needs an account of its own."""

INVOICE_TEXTS: Final[Mapping[TextKey, Sentence]] = {
    "exempt_reference": Sentence("Undantag från skatteplikt: {exemption}"),
    "reverse_charge_domestic": Sentence("Omvänd betalningsskyldighet. Köparens momsregistreringsnummer: {vat_number}"),
    "reverse_charge_eu": Sentence(
        "Omvänd betalningsskyldighet, reverse charge (artikel 196, direktiv 2006/112/EG). "
        "Köparens momsregistreringsnummer: {vat_number}"
    ),
    "intra_community_supply": Sentence(
        "Unionsintern leverans utan moms, intra-Community supply (artikel 138, direktiv 2006/112/EG). "
        "Köparens momsregistreringsnummer: {vat_number}"
    ),
    "export": Sentence("Export, utan moms (artikel 146, direktiv 2006/112/EG)"),
    "outside_eu_service": Sentence("Tjänst utanför EU, utan svensk moms (artikel 44, direktiv 2006/112/EG)"),
}
"""What the law wants on the invoice (accounting.md 1.3 and 7.4), in Swedish, with the English words buyers abroad know."""


@dataclass(frozen=True, slots=True)
class Line:
    """What decides how one line is taxed.

    supply            "goods" or "services"
    customer_type     "COMPANY" or "PRIVATE", as Fortnox says it
    ship_to           ISO country of the delivery (goods) or of the customer (services)
    vat_number_valid  format-valid and confirmed; an unconfirmed number counts as missing
    construction      a listed building service to a building company
    oss               the seller reports distance sales through the one-stop shop
    rate              the article's percent in Sweden
    oss_rate          percent in the consumer's country; for a service only where the one-stop shop covers it (electronic
                      services), None for ordinary services
    """

    supply: str
    customer_type: str
    ship_to: str
    vat_number_valid: bool = False
    construction: bool = False
    oss: bool = False
    rate: Decimal = SWEDISH_RATES[0]
    oss_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Treatment:
    """How the line is taxed.

    row_vat             percent on the row
    predefined_account  Fortnox' name of the account; None where the line needs an account of its own
    default_account     its number in the default chart; None where there is no safe default
    vat_box             box of the VAT return for the base; "OSS" for the one-stop shop's own return
    invoice_text        key of `INVOICE_TEXTS`; None where no text is needed
    """

    vat_type: VatType
    row_vat: Decimal
    predefined_account: str | None
    default_account: str | None
    vat_box: str
    invoice_text: TextKey | None

    @property
    def needs_vat_number(self) -> bool:
        """Say whether the buyer's VAT number must be on the invoice and on the Fortnox customer."""
        return self.vat_type in ("SEREVERSEDVAT", "EUREVERSEDVAT")

    @property
    def sales_list(self) -> Literal["goods", "services"] | None:
        """Say as what the line goes into the EU sales list (periodisk sammanställning); None where it does not belong."""
        if self.vat_type != "EUREVERSEDVAT":
            return None
        return "goods" if self.vat_box == "35" else "services"


def place_of_supply(country: str, postcode: str = "") -> str:
    """Return the code of the area of VAT in which an address lies: XI for Northern Ireland (postcodes of BT; accounting.md 1.3, 8.2)."""
    code = country.strip().upper()
    return "XI" if code == "GB" and postcode.strip().upper().startswith("BT") else code


def vat_treatment(line: Line) -> Treatment:
    """Decide how *line* is taxed (accounting.md 1.3).

    Raises BadData for a kind of supply, customer, country or rate that does not exist, and SettingsError where the
    one-stop shop is on for goods to a consumer and the consumer's rate is not known.
    """
    country = _country(line.ship_to)
    rate = _swedish_rate(line.rate)
    if line.supply not in ("goods", "services"):
        raise BadData("A supply is goods or services, not {supply}.", supply=repr(line.supply))
    if line.customer_type not in ("COMPANY", "PRIVATE"):
        raise BadData("A customer is COMPANY or PRIVATE, not {kind}.", kind=repr(line.customer_type))
    goods = line.supply == "goods"
    company = line.customer_type == "COMPANY"
    registered = company and line.vat_number_valid
    if country == "SE":
        if registered and line.construction and not goods:
            return _treatment("SEREVERSEDVAT", Decimal(0), "SALESCONSTR2", "41", "reverse_charge_domestic")
        return _in_sweden(rate, goods)
    if _in_eu(country, goods):
        return _in_eu_state(line, country, rate, goods, registered)
    if goods:
        return _treatment("EXPORT", Decimal(0), "SALESEXPORT", "36", "export")
    if company:
        return _treatment("EXPORT", Decimal(0), "SALESEXPORT2", "40", "outside_eu_service")
    return _in_sweden(rate, goods)


def _in_eu_state(line: Line, country: str, rate: Decimal, goods: bool, registered: bool) -> Treatment:
    if registered and goods:
        return _treatment("EUREVERSEDVAT", Decimal(0), "SALESEUREV", "35", "intra_community_supply")
    if registered:
        return _treatment("EUREVERSEDVAT", Decimal(0), "SALESEUREV2", "39", "reverse_charge_eu")
    if line.oss and (goods or line.oss_rate is not None):
        if line.oss_rate is None:
            raise SettingsError(
                "The VAT rate of {country} is not known.",
                repair="Give the rate of each country that the one-stop shop delivers to.",
                country=country,
            )
        return Treatment("SEVAT", _foreign_rate(line.oss_rate, country), None, None, "OSS", None)
    if not rate:
        exempt = _in_sweden(rate, goods)
        return Treatment("EUVAT", rate, exempt.predefined_account, exempt.default_account, "42", "exempt_reference")
    return _treatment("EUVAT", rate, "SALESEUVAT" if goods else "SALESEUVAT2", "05", None)


def _in_sweden(rate: Decimal, goods: bool) -> Treatment:
    name = f"SALES_{percent_text(rate)}_SE" + ("" if goods else "2")
    if not rate:
        return _treatment("SEVAT", rate, name, "42", "exempt_reference")
    return _treatment("SEVAT", rate, name, "05", None)


def _treatment(vat_type: VatType, rate: Decimal, name: str, box: str, text: TextKey | None) -> Treatment:
    return Treatment(vat_type, rate, name, DEFAULT_ACCOUNTS.get(name), box, text)


def _in_eu(country: str, goods: bool) -> bool:
    if goods:
        return country in EU_STATES or country in GOODS_AS_EU
    return country in EU_STATES or country in SERVICES_AS_EU or country in OUTSIDE_FOR_GOODS


def vat_country(country: str, postcode: str = "") -> str:
    """Return the country as VAT on goods knows it: Northern Ireland (postcodes BT) is XI, Åland (22 of Finland) is AX; Sweden for none."""
    code, place = country.strip().upper() or "SE", postcode.strip().upper().removeprefix("FI-").removeprefix("AX-")
    if code == "GB" and place.startswith("BT"):
        return "XI"
    return "AX" if code == "FI" and place.startswith("22") else code


def in_eu(country: str, *, goods: bool) -> bool:
    """Say whether a country (as `vat_country`) lies in the EU's VAT area and is not Sweden."""
    return country != "SE" and _in_eu(country, goods)


def same_regime(one: str, other: str) -> bool:
    """Say whether two VAT types do for the same sale: what is charged VAT says so on its rows, the others by the customer alone."""
    return one == other or (one in TAXED and other in TAXED)


def _country(code: str) -> str:
    if code == "EL":
        raise BadData("EL is the VAT prefix of Greece; the country code of Greece is GR.", country=code)
    if code not in RESERVED_CODES and (len(code) != 2 or not code.isupper() or pycountry.countries.get(alpha_2=code) is None):
        raise BadData("{country} is no country code.", country=repr(code))
    return code


def _swedish_rate(rate: Decimal) -> Decimal:
    known = exact(rate, "the article's VAT rate")
    if known not in SWEDISH_RATES:
        raise BadData("{rate} is no Swedish VAT rate.", rate=percent_text(known))
    return known


def _foreign_rate(rate: Decimal, country: str) -> Decimal:
    known = exact(rate, f"the VAT rate of {country}")
    if not 0 <= known <= 30:
        raise BadData("{rate} is no VAT rate of {country}.", rate=percent_text(known), country=country)
    return known


def fortnox_row_vat(rate: Decimal) -> int:
    """Return *rate* for a row's VAT field, a whole number in Fortnox' API; BadData for 25.5 (accounting.md 1.5)."""
    if rate != rate.to_integral_value():
        raise BadData(
            "{rate} percent cannot be written to Fortnox, whose VAT field takes whole percents.",
            rate=percent_text(rate),
        )
    return int(rate)


def invoice_text(treatment: Treatment, *, vat_number: str = "", exemption: str = "") -> str | None:
    """Return the text that the law wants on the invoice, None where it wants none.

    BadData when the buyer's VAT number, or the reason of an exemption, belongs in the text and is missing.
    """
    if treatment.invoice_text is None:
        return None
    if treatment.needs_vat_number and not vat_number:
        raise BadData("The buyer's VAT number must be on the invoice and is missing.")
    if treatment.invoice_text == "exempt_reference" and not exemption:
        raise BadData("An exempt sale must say on the invoice why it is exempt.")
    template = INVOICE_TEXTS[treatment.invoice_text].template
    return template.format_map({"vat_number": vat_number, "exemption": exemption})


def sales_list(lines: Iterable[tuple[Treatment, str, Decimal]]) -> Mapping[tuple[str, Literal["goods", "services"]], Decimal]:
    """Return (VAT number, goods or services) -> sum in SEK for the EU sales list, from (treatment, VAT number, net SEK).

    Only lines without Swedish VAT to a registered buyer in another EU state belong there (accounting.md 1.3); credits
    lower the sum. BadData for such a line without the buyer's number.
    """
    sums: dict[tuple[str, Literal["goods", "services"]], Decimal] = {}
    for treatment, vat_number, net in lines:
        kind = treatment.sales_list
        if kind is None:
            continue
        if not vat_number:
            raise BadData("A VAT-free EU sale of {net} SEK has no VAT number of the buyer.", net=net)
        key = (vat_number, kind)
        sums[key] = sums.get(key, ZERO) + exact(net, f"the sale to {vat_number}")
    return sums
