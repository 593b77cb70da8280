"""webCRM's organisation ↔ Customer, both ways side by side. Pure. The only place that knows what lies in which field.

Rows WEB-13 to WEB-24. Values stay as they were typed, trimmed; codes and names become ours: the kind from the Type field, the
code of the terms from "30: 30 dagar", the ISO code from a country's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from babel import Locale

from brygga.clients.webcrm import wire
from brygga.connectors.webcrm.layout import Layout
from brygga.connectors.webcrm.settings import type_key
from brygga.core.countries import country_to_iso
from brygga.core.record import ABSENT, Absent, Customer, Value
from brygga.errors import Rejected

Raw = Mapping[str, Any]

_CURRENCY = re.compile(r"[A-Za-z]{3}")
_INTEGER = re.compile(r"OrganisationXInt\d")


def customer_from_organisation(raw: Raw, layout: Layout) -> Customer:
    """Return an organisation as a customer. A field that is not mapped, or not understood, is ABSENT; an unset one is ""."""
    values: dict[str, Any] = {}
    for name, place in layout.places.items():
        if place in raw:
            values[name] = _reader(name)(raw[place], name, layout)
    return Customer(**values)


def organisation_fields(values: Mapping[str, Value], layout: Layout) -> dict[str, Any]:
    """Return these fields of a customer as webCRM's, ready to be written; what is not mapped or ABSENT is left out.

    Raises Rejected when a dropdown lacks the value.
    """
    return {
        layout.places[name]: _writer(name)(value, name, layout)
        for name, value in values.items()
        if name in layout.places and value is not ABSENT
    }


def type_of(raw: Raw, layout: Layout) -> str:
    """Return the value of the Type field without its code, "" when it is not set (WEB-08)."""
    return wire.text_of(wire.chosen(raw.get(layout.places["kind"])))


def unknown_countries(raw: Raw, layout: Layout) -> list[str]:
    """Return the names of countries that we do not know; the record's country is ABSENT then."""
    typed = (
        wire.text_of(_plain(raw.get(place), name, layout)) for name, place in layout.places.items() if name.endswith("_country")
    )
    return [name for name in typed if name and country_to_iso(name) is None]


# Text ------------------------------------------------------------------------------------------------------------------


def _plain(value: object, name: str, layout: Layout) -> str:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return "" if value == 0 else str(value)
    return wire.chosen(value)


def _write_plain(value: Value, name: str, layout: Layout) -> object:
    text = str(value).strip()
    if _INTEGER.fullmatch(layout.places[name]):
        if text and not text.isdecimal():
            raise Rejected(
                "{field} is {value}, but webCRM's {place} takes whole numbers only.",
                repair="Keep {field} in a text field of webCRM.",
                field=name,
                value=text,
                place=layout.places[name],
            )
        return int(text or 0)
    if layout.choices.get(name) and text:
        return _choice(name, text, layout, lambda entry: wire.text_of(entry).casefold() == text.casefold() or entry == text)
    return text


def _street(value: object, name: str, layout: Layout) -> str:
    """Return street lines: one line of text each, trimmed, without empty ones."""
    text = value if isinstance(value, str) else ""
    return "\n".join(filter(None, (line.strip() for line in text.splitlines())))


def _write_street(value: Value, name: str, layout: Layout) -> str:
    return _street(value, name, layout)


# Kind (WEB-18) -----------------------------------------------------------------------------------------------------------


def _kind(value: object, name: str, layout: Layout) -> str | Absent:
    found = type_key(wire.text_of(wire.chosen(value)))
    if found == type_key(layout.company_type):
        return "company"
    return "private" if found == type_key(layout.private_type) else ABSENT


def _write_kind(value: Value, name: str, layout: Layout) -> str:
    wanted = layout.private_type if value == "private" else layout.company_type
    if not layout.choices.get(name):
        return wanted
    return _choice(name, wanted, layout, lambda entry: type_key(wire.text_of(entry)) == type_key(wanted))


# Coded dropdowns (WEB-22, WEB-23) -------------------------------------------------------------------------------------------


def _terms(value: object, name: str, layout: Layout) -> str:
    return wire.code_of(_plain(value, name, layout))


def _write_terms(value: Value, name: str, layout: Layout) -> str:
    code = str(value).strip()
    if not code or not layout.choices.get(name):
        return code
    return _choice(name, code, layout, lambda entry: wire.code_of(entry).casefold() == code.casefold())


def _currency(value: object, name: str, layout: Layout) -> str:
    """Return the ISO code out of "SEK", "SEK: kronor", "01: EUR" or the bare code "01" of a dropdown entry."""
    text = _plain(value, name, layout)
    for part in (text, wire.text_of(text), wire.code_of(text)):
        if _CURRENCY.fullmatch(part):
            return part.upper()
    for entry in layout.choices.get(name, ()):
        if wire.code_of(entry) == text and _CURRENCY.fullmatch(wire.text_of(entry)):
            return wire.text_of(entry).upper()
    return text


def _write_currency(value: Value, name: str, layout: Layout) -> str:
    code = str(value).strip()
    if not code or not layout.choices.get(name):
        return code
    return _choice(name, code, layout, lambda entry: _currency(entry, name, layout) == code.upper())


# Countries ---------------------------------------------------------------------------------------------------------------


def _country(value: object, name: str, layout: Layout) -> str | Absent:
    text = wire.text_of(_plain(value, name, layout))
    return (country_to_iso(text) or ABSENT) if text else ""


def _write_country(value: Value, name: str, layout: Layout) -> str:
    code = str(value).strip()
    if not code:
        return ""
    if layout.choices.get(name):
        return _choice(name, code, layout, lambda entry: country_to_iso(wire.text_of(entry)) == code.upper())
    return country_name(code, layout.country_language)


def country_name(code: str, language: str) -> str:
    """Return the country's name in a language ("sv": Sverige); its code where the name would not be understood again."""
    name = str(Locale(language).territories.get(code.upper(), code))
    return name if country_to_iso(name) == code.upper() else code.upper()


def _choice(name: str, wanted: str, layout: Layout, fits: Callable[[str], bool]) -> str:
    """Return the whole dropdown value that fits: webCRM takes nothing less. Raises Rejected when there is none."""
    for entry in layout.choices[name]:
        if fits(entry):
            return entry
    raise Rejected(
        "webCRM's dropdown {place} has no value for {field} {wanted}. It has: {choices}.",
        repair="Add the value to the dropdown in webCRM, or change {field} in Fortnox to one that is there.",
        rule={"terms_of_payment": "WEB-22", "currency": "WEB-23", "kind": "WEB-11"}.get(name),
        place=layout.places[name],
        field=name,
        wanted=wanted,
        choices=", ".join(layout.choices[name]),
    )


# Which way each field is read and written --------------------------------------------------------------------------------------

_Reader = Callable[[object, str, Layout], "str | Absent"]
_Writer = Callable[[Value, str, Layout], object]

_WAYS: Mapping[str, tuple[_Reader, _Writer]] = {
    "kind": (_kind, _write_kind),
    "terms_of_payment": (_terms, _write_terms),
    "currency": (_currency, _write_currency),
    "visiting_street": (_street, _write_street),
    "invoice_street": (_street, _write_street),
    "delivery_street": (_street, _write_street),
    "visiting_country": (_country, _write_country),
    "invoice_country": (_country, _write_country),
    "delivery_country": (_country, _write_country),
}
_TEXT: tuple[_Reader, _Writer] = (_plain, _write_plain)

SAID: Mapping[str, str] = {
    "kind": "The two values of the Type field say company or private person.",
    "terms_of_payment": "The code before the colon of the dropdown's value.",
    "currency": "The three letters of the currency, out of the dropdown's value.",
    **dict.fromkeys((name for name in _WAYS if name.endswith("_street")), "One line of text each, trimmed."),
    **dict.fromkeys((name for name in _WAYS if name.endswith("_country")), "The country's name, in the language of the settings."),
}
"""What the ways above do, for people."""


def _reader(name: str) -> _Reader:
    return _WAYS.get(name, _TEXT)[0]


def _writer(name: str) -> _Writer:
    return _WAYS.get(name, _TEXT)[1]
