"""What a person chooses for Opter's exports to Fortnox and its payment import, in the words of Opter's pages (systems.md 1.4, 6.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from brygga.connectors import settings as table
from brygga.connectors.settings import Setting, Source, Wrong, words
from brygga.core.money import round_ore
from brygga.core.settlements import BAS_ACCOUNTS
from brygga.errors import SettingsError

IMPORT_TYPE: Final = "FortnoxAPI"
IMPORT_FORMAT: Final = "API"
LONGEST_NAME: Final = 50
LARGEST_DEVIATION: Final = Decimal("1.00")
ROUNDING: Final = "3740"
"""BAS: öres- och kronutjämning."""

ACCOUNTS: Final[Mapping[str, str]] = {
    "cost": BAS_ACCOUNTS.cost,
    "eu_cost": BAS_ACCOUNTS.eu_cost,
    "input_vat": BAS_ACCOUNTS.input_vat,
    "calculated_input_vat": BAS_ACCOUNTS.calculated_input_vat,
    "calculated_output_vat": BAS_ACCOUNTS.calculated_output_vat,
    "payable": BAS_ACCOUNTS.payable,
    "eu_sales": BAS_ACCOUNTS.eu_sales,
}
"""The accounts of settlements and those of the BAS chart (accounting.md 6)."""

_DEFINITION: Final = frozenset(
    {"import_type", "import_format", "ignore_payments_before", "ignore_numbers_before", "api_access_token"}
)


@dataclass(frozen=True, slots=True)
class Definition:
    """One payment import definition (Betalningsimport – Inställningar): OPT-11 to OPT-20.

    ignore_payments_before   payments registered before this day are left out (Ignorera betalningar före)
    ignore_numbers_before    invoices with a lower number are left out; 0 takes all (Ignorera nummer före)
    """

    name: str
    ignore_payments_before: date
    ignore_numbers_before: int = 0


def _account(value: object) -> str:
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"[1-8][0-9]{3}", text):
        raise Wrong("an account of four digits is wanted")
    return text


def _accounts(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise Wrong("a table is wanted")
    unknown = [str(key) for key in value if key not in ACCOUNTS]
    if unknown:
        raise Wrong(f"{unknown[0]} is none of the accounts of a settlement")
    return {str(key): _account(one) for key, one in value.items()}


def _kronor(value: object) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if isinstance(value, bool) or not found.is_finite() or not 0 <= found <= LARGEST_DEVIATION or found != round_ore(found):
        raise Wrong(f"an amount from 0.00 to {LARGEST_DEVIATION} is wanted")
    return found


def _definitions(value: object) -> dict[str, Definition]:
    if not isinstance(value, Mapping):
        raise Wrong("a table of definitions is wanted, each under its name")
    found = {}
    for name, given in value.items():
        if not str(name).strip() or len(str(name)) > LONGEST_NAME:
            raise Wrong(f"a name of 1 to {LONGEST_NAME} characters is wanted")
        if not isinstance(given, Mapping):
            raise Wrong(f"{name}: a table is wanted")
        found[str(name)] = _definition(str(name), given)
    return found


def _definition(name: str, given: Mapping[object, object]) -> Definition:
    unknown = [str(key) for key in given if key not in _DEFINITION]
    if unknown:
        raise Wrong(f"{name} has no {unknown[0]}; it has {', '.join(sorted(_DEFINITION))}")
    if str(given.get("api_access_token") or ""):
        raise Wrong(f"{name}: api_access_token is to be left empty: it belongs to the old way of signing in (OPT-19)")
    for key, wanted, rule in (("import_type", IMPORT_TYPE, "OPT-12"), ("import_format", IMPORT_FORMAT, "OPT-13")):
        if given.get(key, wanted) != wanted:
            raise Wrong(f"{name}: {key} is {wanted} ({rule})")
    number = given.get("ignore_numbers_before", 0)
    if isinstance(number, str) and number.isascii() and number.isdigit():
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise Wrong(f"{name}: ignore_numbers_before is a whole number, 0 or above (OPT-16)")
    return Definition(name, _day(name, given.get("ignore_payments_before")), number)


def _day(name: str, value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value or ""))
    except ValueError:
        raise Wrong(f"{name}: ignore_payments_before is a day as 2026-01-01, and required (OPT-14)") from None


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "customer_number",
        "Kundnummer i Fortnox",
        "Which of Opter's two numbers is the customer's number in Fortnox. ledger: the ledger number. code: the customer code.",
        "ledger",
        "ledger, code",
        table.one_of("ledger", "code"),
        values=words("ledger", "code"),
    ),
    Setting(
        "update_customers",
        "Uppdatera kunder",
        "Whether a customer's name, addresses and numbers follow to Fortnox at the export of its invoices. Missing customers are "
        "made in any case.",
        True,
        "true, false",
        table.switch,
    ),
    Setting(
        "send",
        "Fakturautskick",
        "Where invoices are sent to the customer, once. opter: booked in Fortnox and sent from Opter. fortnox_with_pdf: mailed "
        "by Fortnox with Opter's PDF attached; the customer may think that there are two invoices. fortnox: mailed by Fortnox "
        "without it, so without the detail of the transport. by_hand: left as a draft.",
        "by_hand",
        "opter, fortnox_with_pdf, fortnox, by_hand",
        table.one_of("opter", "fortnox_with_pdf", "fortnox", "by_hand"),
        values=words("by_hand", "opter", "fortnox_with_pdf", "fortnox"),
    ),
    Setting(
        "invoice_rows",
        "Fakturarader",
        "What becomes a row in Fortnox. account: each combination of account, economic units and VAT rate, with all its texts on one row, as "
        "Opter's own export does. text: each text by itself too, with its own sum.",
        "account",
        "account, text",
        table.one_of("account", "text"),
        values=words("account", "text"),
    ),
    Setting(
        "even_out",
        "Öresutjämning",
        "The largest difference between Opter's total and the one that Fortnox reckons with its VAT that is evened out by a row on "
        f"account {ROUNDING}, so that the invoice has Opter's total. An invoice that differs by more is neither booked nor sent.",
        Decimal(0),
        "an amount from 0.00 to 1.00",
        _kronor,
    ),
    Setting(
        "accepted_deviation",
        "Godkänd fakturaavvikelse",
        "By files only, where Opter's own setting cannot be read: up to so much a payment may be too little and still be right.",
        Decimal(0),
        "an amount from 0.00 to 1.00",
        _kronor,
    ),
    Setting(
        "supplier_number",
        "Leverantörsnummer i Fortnox",
        "Which of Opter's two numbers is the haulier's supplier number in Fortnox. ledger: the supplier number. code: the code.",
        "ledger",
        "ledger, code",
        table.one_of("ledger", "code"),
        values=words("ledger", "code"),
    ),
    Setting(
        "settlement_pdf",
        "Bifoga avräkningens PDF",
        "Whether the PDF of a settlement is connected to its supplier invoice in Fortnox.",
        False,
        "true, false",
        table.switch,
    ),
    Setting(
        "settlement_accounts",
        "Konton för avräkningar",
        "Accounts of settlements that differ from the BAS chart's; a line of a settlement may name its own.",
        {},
        "a table of " + ", ".join(ACCOUNTS) + ", each an account",
        _accounts,
        keys=words(*ACCOUNTS),
        values=Source("accounts", "fortnox"),
        filled=ACCOUNTS,
    ),
    Setting(
        "eu_vat_numbers",
        "VAT-nummer i EU från Opter",
        "listed: a settlement with a haulier in another EU country waits until its VAT number stands among the confirmed ones. opter: the "
        "number is checked (VIES) before it is entered in Opter, so one that is right in form counts.",
        "listed",
        "listed, opter",
        table.one_of("listed", "opter"),
        values=words("listed", "opter"),
    ),
    table.CONFIRMED_VAT_NUMBERS,
    Setting(
        "payment_definitions",
        "Betalningsimport – Inställningar",
        "Payment import definitions, each under its name, such as Fortnox: from which day and which invoice number on payments are "
        "taken. api_access_token is left empty.",
        {},
        "a table of names, each with ignore_payments_before (a day), ignore_numbers_before (a number, 0 by default)",
        _definitions,
        columns=("ignore_payments_before", "ignore_numbers_before"),
    ),
    # The account coding has cost centres and projects of its own, and an invoice its own total.
    table.from_card(*table.CARD_TERMS, never=(*table.CARD_OBJECTS, *table.CARD_AMOUNTS)),
    table.ACCEPTED_DIFFERENCES,
    Setting(
        "brake",
        "Broms",
        "An export that would change more than this share of the linked records (counted from 20 on) stops before it writes.",
        0.30,
        "a number above 0, at most 1",
        table.share,
    ),
)


@dataclass(frozen=True)
class Settings:
    """The settings of one Opter integration, checked."""

    customer_number: str = "ledger"
    update_customers: bool = True
    send: str = "by_hand"
    invoice_rows: str = "account"
    even_out: Decimal = Decimal(0)
    accepted_deviation: Decimal = Decimal(0)
    supplier_number: str = "ledger"
    settlement_pdf: bool = False
    settlement_accounts: Mapping[str, str] = field(default_factory=dict)
    eu_vat_numbers: str = "listed"
    confirmed_vat_numbers: tuple[str, ...] = ()
    payment_definitions: Mapping[str, Definition] = field(default_factory=dict)
    from_card: tuple[str, ...] = table.CARD_TERMS
    accepted_differences: tuple[str, ...] = ()
    brake: float = 0.30

    def confirms(self, vat_number: str) -> bool:
        """Say whether a haulier's VAT number of another EU country counts as confirmed (accounting.md 1.3, 8.2)."""
        return self.eu_vat_numbers == "opter" or vat_number in self.confirmed_vat_numbers

    def definition(self, name: str = "") -> Definition:
        """Return a payment import definition by its name, the only one where none is named. Raises SettingsError."""
        known = self.payment_definitions
        if not known:
            raise SettingsError(
                "There is no payment import definition.",
                repair="Add one under payment_definitions in the settings of Opter, for example Fortnox.",
                rule="OPT-11",
            )
        if not name and len(known) == 1:
            return next(iter(known.values()))
        if name not in known:
            raise SettingsError(
                "There is no payment import definition {name}.",
                repair="Choose one of {known}.",
                rule="OPT-21",
                name=name or "–",
                known=", ".join(known),
            )
        return known[name]


def read(given: Mapping[str, object], place: str = "settings") -> Settings:
    """Read Opter's settings. Raises SettingsError naming the place, the key and what is allowed."""
    return Settings(**table.read(SETTINGS, given, place))


def explain() -> list[dict[str, object]]:
    """Return the settings as rows."""
    return table.explain(SETTINGS)
