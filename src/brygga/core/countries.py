"""Countries: from a name in Swedish, Norwegian, English or German to ISO 3166, and to the name that documents take.

Fortnox takes an ISO code on customers, but a name on documents: "Sverige" for Sweden, English names for others (accounting.md 8.3).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

import pycountry
from babel import Locale

_LANGUAGES: Final = ("sv", "nb", "nn", "en", "de", "da")
_SIGNS: Final = re.compile(r"[^\w]+")
_ALIASES: Final = {
    "uk": "GB",
    "england": "GB",
    "scotland": "GB",
    "skottland": "GB",
    "wales": "GB",
    "nordirland": "GB",
    "northern ireland": "GB",
    "great britain": "GB",
    "storbritannien och nordirland": "GB",
    "storbritannia": "GB",
    "holland": "NL",
    "nederland": "NL",
    "usa": "US",
    "us": "US",
    "u s a": "US",
    "united states of america": "US",
    "förenta staterna": "US",
    "amerikas förenta stater": "US",
    "czech republic": "CZ",
    "tjeckiska republiken": "CZ",
    "turkey": "TR",
    "vitryssland": "BY",
    "macedonia": "MK",
    "makedonien": "MK",
    "ivory coast": "CI",
    "burma": "MM",
    "republic of ireland": "IE",
    "suomi": "FI",
    "ísland": "IS",
    "eesti": "EE",
    "polska": "PL",
    "españa": "ES",
    "italia": "IT",
    "danmark": "DK",
    "norge": "NO",
    "noreg": "NO",
}
_ON_DOCUMENTS: Final = {"SE": "Sverige"}


def _key(name: str) -> str:
    return " ".join(_SIGNS.sub(" ", unicodedata.normalize("NFC", name).casefold()).split())


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Return name -> ISO code; a name that means two countries is not in it."""
    codes = {country.alpha_2 for country in pycountry.countries}
    meanings: dict[str, set[str]] = {}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in codes:
                meanings.setdefault(_key(name), set()).add(code)
    for country in pycountry.countries:
        for attribute in ("alpha_2", "alpha_3", "name", "official_name", "common_name"):
            if (name := getattr(country, attribute, None)) is not None:
                meanings.setdefault(_key(name), set()).add(country.alpha_2)
    names = {name: next(iter(found)) for name, found in meanings.items() if len(found) == 1}
    return names | _ALIASES


@lru_cache(maxsize=4096)
def country_to_iso(text: str | None) -> str | None:
    """Return the ISO 3166 code (two letters) of a country's name or code, None when it is none.

    EL and XI are letters of VAT numbers, not of countries. Raises ValueError when it is no text.
    """
    if text is None:
        return None
    if not isinstance(text, str):
        raise ValueError(f"a country is text, not {type(text).__name__}")
    key = _key(text)
    return _names().get(key) or _names().get(key.removeprefix("the "))


@lru_cache(maxsize=512)
def country_on_documents(code: str) -> str:
    """Return the name that Fortnox' documents take: "Sverige", and English names for others. ValueError for no ISO code."""
    iso = code.strip().upper()
    if country_to_iso(iso) != iso:
        raise ValueError(f"{code!r} is no country code of ISO 3166")
    return _ON_DOCUMENTS.get(iso) or str(Locale("en").territories[iso])
