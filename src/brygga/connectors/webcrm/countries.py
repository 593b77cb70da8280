"""Countries as webCRM holds them, by a name in some language, and as we do, by ISO 3166 code (systems.md 7.1, "Country")."""

from __future__ import annotations

import unicodedata
from functools import cache

import pycountry
from babel import Locale

LANGUAGES = ("sv", "da", "nb", "nn", "fi", "is", "en", "de", "fr", "es", "it", "nl", "pl", "et", "lv", "lt")
"""Languages whose names are understood, the likeliest first: where two countries share a name, the first language decides."""

# What people type beside the official names.
_ALSO = {
    "usa": "US",
    "u.s.a.": "US",
    "us": "US",
    "uk": "GB",
    "england": "GB",
    "skottland": "GB",
    "wales": "GB",
    "nordirland": "GB",
    "great britain": "GB",
    "storbrittanien": "GB",
    "holland": "NL",
    "tjeckiska republiken": "CZ",
    "czech republic": "CZ",
    "färöarna": "FO",
    "el": "GR",
}


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).replace("&", "och").split()).casefold()


@cache
def _codes() -> dict[str, str]:
    real = {country.alpha_2 for country in pycountry.countries}
    found: dict[str, str] = {}
    for country in pycountry.countries:
        found[_key(country.alpha_2)] = country.alpha_2
        found[_key(country.alpha_3)] = country.alpha_2
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in real:
                found.setdefault(_key(name), code)
    for country in pycountry.countries:
        found.setdefault(_key(country.name), country.alpha_2)
    return found | {_key(name): code for name, code in _ALSO.items()}


def code_of(name: str) -> str | None:
    """Return the ISO code of a country by its name in any of the languages, or by a code; None when it is not known."""
    return _codes().get(_key(name))


def name_of(code: str, language: str) -> str:
    """Return the country's name in a language ("sv": Sverige); the code itself where the language has no name for it."""
    return str(Locale(language).territories.get(code.upper(), code))
