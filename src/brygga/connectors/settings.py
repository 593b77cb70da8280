"""How a connector's settings are described, read and explained: each with its Swedish term, its help and what it allows.

A connector has a table of `Setting`s. `read` checks what a person wrote and names the place of what is wrong; `explain` prints
the table for `brygga apply --explain SYSTEM`. Where a setting names something that lives in a system it says so by a `Source`:
the form offers what is there, and the preflight compares.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from brygga.core.agreement import SORTS
from brygga.core.numbers import parse_vat_number
from brygga.errors import SettingsError


class Wrong(ValueError):
    """A value that a setting does not take; the text says what it takes, the place is added by `read`."""


Check = Callable[[object], Any]
"""Returns the value ready to use. Raises Wrong."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a setting can take, as a form offers it.

    value  what is kept
    name   what people call it beside that, "" where the value says it all
    also   other spellings that mean the same entry: its id, its name in another language
    """

    value: str
    name: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """The register in which the values of a setting live; its connector reads it (`Connector.choices`).

    register  as the connector names it: "accounts", "payment_methods"
    system    whose register it is, "" for the business system's own
    begins    only what begins with this is offered: "3" for sales accounts
    whole     whether what the register lacks is surely gone
    loose     capitals, spaces and kinds of dashes make no difference
    needed    nothing goes without it, so the preflight calls one that is missing an error
    compared  whether the preflight compares the settings with it; False where the connector's own check does
    """

    register: str
    system: str = ""
    begins: str = ""
    whole: bool = True
    loose: bool = False
    needed: bool = False
    compared: bool = True


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a person chooses.

    key      its name in the file
    term     what it is called in Swedish, in the vendor's own words where there are some; also the key of its translations
    help     one or two sentences in English, also the key of their translations
    default  what holds when nothing is written, as it would be written
    allows   the values it takes, in words
    values   what it takes: a register, or words; of a list or a table each of its values
    keys     of a table: what stands on the left
    free     whether other keys than those offered do as well
    filled   of a table: the entries that hold where it does not name them
    every    of a table: whether its form has a line for each key that there is
    empties  of a table: whether an empty value says something, such as that a field is left out
    columns  of a table of tables: the names of what stands in each
    makes    the name under which a missing article may be made in Fortnox (TXT-06)
    unless   the switch that has it made without a person
    """

    key: str
    term: str
    help: str
    default: object
    allows: str
    check: Check
    values: Source | tuple[Choice, ...] = ()
    keys: Source | tuple[Choice, ...] = ()
    free: bool = False
    filled: Mapping[str, object] | None = None
    every: bool = False
    empties: bool = False
    columns: tuple[str, ...] = ()
    makes: str = ""
    unless: str = ""


def words(*values: str) -> tuple[Choice, ...]:
    """Return fixed words as choices."""
    return tuple(map(Choice, values))


def named(names: Mapping[str, str]) -> tuple[Choice, ...]:
    """Return choices from a table of value -> name."""
    return tuple(Choice(value, name) for value, name in names.items())


def loosely(text: str) -> str:
    """Return a text for comparison: in one case, spaces and any kind of dash, spaced or not, as the same (WEB-10)."""
    return _DASHES.sub("-", " ".join(text.split())).casefold()


_DASHES = re.compile(r"\s*[-‐‑‒–—−]\s*")


def read(table: Sequence[Setting], given: Mapping[str, object], place: str = "settings") -> dict[str, Any]:
    """Return every setting's value, defaults filled in. Raises SettingsError naming the key, its place and what is allowed."""
    known = {setting.key: setting for setting in table}
    for key in given:
        if key not in known:
            raise SettingsError(
                "{place} has no setting {key}.{close} It has: {known}.",
                repair="Correct the name, or remove the line.",
                place=place,
                key=key,
                close=_close(key, known),
                known=", ".join(known),
            )
    return {setting.key: _value(setting, given.get(setting.key, setting.default), place) for setting in table}


def _value(setting: Setting, value: object, place: str) -> Any:
    try:
        return setting.check(value)
    except Wrong as wrong:
        raise SettingsError(
            "{place}.{key} ({term}): {wrong}.",
            repair="Allowed: {allows}.",
            place=place,
            key=setting.key,
            term=setting.term,
            wrong=wrong,
            allows=setting.allows,
        ) from None


def _close(key: str, known: Iterable[str]) -> str:
    found = get_close_matches(key, list(known), n=1)
    return f" Is {found[0]} meant?" if found else ""


def explain(table: Sequence[Setting]) -> list[dict[str, object]]:
    """Return the table as rows: key, term, help, default (with what fills it), allows; for people and for `--json`."""
    return [
        {"key": s.key, "term": s.term, "help": s.help, "default": dict(s.filled) if s.filled else s.default, "allows": s.allows}
        for s in table
    ]


# Checks ----------------------------------------------------------------------------------------------------------------


def text(value: object) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise Wrong("a text is wanted")
    return value.strip()


def texts(value: object) -> tuple[str, ...]:
    """A list of at least one text, none twice."""
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise Wrong("a list of texts is wanted")
    found = tuple(text(item) for item in value)
    if len(set(found)) != len(found):
        raise Wrong("the same text stands there twice")
    return found


def switch(value: object) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise Wrong(f"{_shown(value)} is not true or false")
    return value


def one_of(*allowed: str) -> Check:
    """One of these words."""

    def check(value: object) -> str:
        if value not in allowed:
            raise Wrong(f"{_shown(value)} is not one of them.{_close(str(value), allowed)}".removesuffix("."))
        return str(value)

    return check


def some_of(*allowed: str) -> Check:
    """A list of these words in an order of its own, none twice."""

    def check(value: object) -> tuple[str, ...]:
        found = texts(value)
        for item in found:
            if item not in allowed:
                raise Wrong(f"{_shown(item)} is not one of them.{_close(item, allowed)}".removesuffix("."))
        return found

    return check


def share(value: object) -> float:
    """A number above 0, at most 1."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        raise Wrong(f"{_shown(value)} is not a share")
    return float(value)


def some_or_none_of(*allowed: str) -> Check:
    """A list of these words, none twice; it may be empty."""

    def check(value: object) -> tuple[str, ...]:
        return () if value in ([], ()) else some_of(*allowed)(value)

    return check


def mapping(keys: Iterable[str], check: Check) -> Check:
    """A table from some of these keys to a value each."""
    known = tuple(keys)

    def read_it(value: object) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise Wrong("a table is wanted")
        found = {}
        for key, item in value.items():
            if key not in known:
                raise Wrong(f"{_shown(key)} is not one of the fields.{_close(str(key), known)}".removesuffix("."))
            try:
                found[key] = check(item)
            except Wrong as wrong:
                raise Wrong(f"{key}: {wrong}") from None
        return found

    return read_it


# What several systems share ---------------------------------------------------------------------------------------------------

CARD_TERMS: Final = (
    "terms_of_payment",
    "terms_of_delivery",
    "way_of_delivery",
    "language",
    "price_list",
    "our_reference",
    "your_reference",
)
"""What of a document may follow the customer without changing what it says of the sale."""
CARD_OBJECTS: Final = ("cost_center", "project")
"""A customer's cost centre and project say where its sales are followed up; they are no part of a sale's price, rate or account."""
CARD_AMOUNTS: Final = ("freight", "fee")
CARD_WORDS: Final[Mapping[str, str]] = {
    "terms_of_payment": "betalningsvillkor",
    "terms_of_delivery": "leveransvillkor",
    "way_of_delivery": "leveranssätt",
    "language": "språk",
    "price_list": "prislista",
    "our_reference": "vår referens",
    "your_reference": "er referens",
    "cost_center": "kostnadsställe",
    "project": "projekt",
    "text": "fakturatext",
    "delivery_address": "leveransadress",
    "freight": "frakt",
    "fee": "expeditionsavgift",
}


def from_card(*default: str, never: Sequence[str] = ()) -> Setting:
    """Return the setting of what a new document takes from the customer's card in Fortnox where its source does not say it.

    What is not in the list is sent as nothing: no freight, no fee, no text, no other address. Never from the card: prices with or
    without VAT, discounts, and what a system's documents always say themselves (*never*). Fortnox API, sections 9.1 and 12.14;
    accounting.md 3.3.
    """
    allowed = tuple(word for word in CARD_WORDS if word not in never)

    def check(value: object) -> tuple[str, ...]:
        return () if value in ([], ()) else some_of(*allowed)(value)

    return Setting(
        "from_card",
        "Hämtas från kundkortet i Fortnox",
        "What a new document takes from the customer's card in Fortnox where it does not say it itself. All else is sent as nothing: "
        "the card's freight, fee, discount, prices with VAT and remark do not come along. Name and address of the card are used where "
        "the document has none, and so are its e-mail addresses and print templates.",
        list(default),
        "a list of " + ", ".join(allowed),
        check,
        values=named({word: CARD_WORDS[word] for word in allowed}),
    )


def _shown(value: object) -> str:
    return f"“{value}”" if isinstance(value, (str, int, float)) else f"a {type(value).__name__}"


# Shared by those that sell to companies elsewhere in the EU, or buy from them -------------------------------------------


def vat_numbers(value: object) -> tuple[str, ...]:
    """Return VAT numbers as VIES takes them. Raises Wrong for one that is none."""
    numbers = () if value in ([], ()) else texts(value)
    for number in numbers:
        if not parse_vat_number(number).compact:
            raise Wrong(f"“{number}” is no VAT number")
    return tuple(parse_vat_number(number).compact or "" for number in numbers)


CONFIRMED_VAT_NUMBERS = Setting(
    "confirmed_vat_numbers",
    "Kontrollerade VAT-nummer",
    "The VAT numbers of other EU countries that somebody has looked up in VIES.",
    [],
    "a list of VAT numbers",
    vat_numbers,
)

# Shared by all systems that write documents ----------------------------------------------------------------------------

ACCEPTED_DIFFERENCES = Setting(
    "accepted_differences",
    "Godkända skillnader",
    "Fortnox' answer is compared with what was sent, and a document that differs waits. The sorts of difference that are named here "
    "are accepted as a rule; such a document is booked and sent as Fortnox holds it.",
    [],
    ", ".join(SORTS),
    some_or_none_of(*SORTS),
    values=words(*SORTS),
)
