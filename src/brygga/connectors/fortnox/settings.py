"""What a person chooses for Fortnox itself, whatever it is connected with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from brygga.connectors import settings as table
from brygga.connectors.settings import Setting, words

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "sells",
        "Säljer varor eller tjänster",
        "Whether the company mostly sells goods or services. It decides how a new customer abroad is taxed.",
        "goods",
        "goods, services",
        table.one_of("goods", "services"),
        values=words("goods", "services"),
    ),
    Setting(
        "eu_vat_numbers",
        "VAT-nummer i EU",
        "confirmed: VAT numbers are checked (VIES) before they are entered, so a new company in another EU country with a "
        "well-formed one is made with reverse charge. unconfirmed: such a company is sold to with Swedish VAT. ask: it is made with "
        "Swedish VAT, and its documents wait until somebody has decided.",
        "ask",
        "ask, unconfirmed, confirmed",
        table.one_of("ask", "unconfirmed", "confirmed"),
        values=words("ask", "unconfirmed", "confirmed"),
    ),
    Setting(
        "organisation_number",
        "Företagets organisationsnummer",
        "The organisation number of the company that is meant. The check refuses a connection to another one. Empty: any.",
        "",
        "an organisation number, or an empty text",
        lambda value: value.strip() if isinstance(value, str) else table.text(value),
    ),
)


@dataclass(frozen=True)
class Settings:
    """The settings of one Fortnox connection, checked."""

    sells: Literal["goods", "services"] = "goods"
    eu_vat_numbers: Literal["ask", "unconfirmed", "confirmed"] = "ask"
    organisation_number: str = ""


def read(given: Mapping[str, object], place: str = "settings") -> Settings:
    """Read Fortnox' settings. Raises SettingsError naming the place, the key and what is allowed."""
    return Settings(**table.read(SETTINGS, given, place))


def explain() -> list[dict[str, object]]:
    return table.explain(SETTINGS)
