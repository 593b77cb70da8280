"""Where a company shows terms, VAT type and delivery address, which Upsales has no fields of its own for, and in which words. Pure.

The aliases, names and choices are those of the vendor's own Fortnox apps (fortnox-custom-fields.json); Fortnox' codes of terms and their
names are those that its register begins with (Fortnox API, section 10), its kinds of VAT those of a customer (section 9.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from brygga.clients.upsales import CustomField
from brygga.core.absent import ABSENT, Absent

ALIASES: Final[Mapping[str, str]] = {
    "terms_of_payment": "TERMS_OF_PAYMENT",
    "vat_type": "VAT_TYPE",
    "delivery_name": "DELIVERY_NAME",
    "delivery_street": "DELIVERY_ADDRESS",
    "delivery_postcode": "DELIVERY_ZIPCODE",
    "delivery_city": "DELIVERY_CITY",
    "delivery_country": "DELIVERY_COUNTRY",
}
"""Our field -> the alias of the custom field of companies that holds it, where nothing else is chosen."""
_PARTS: Final = frozenset({"delivery_street", "delivery_postcode", "delivery_city", "delivery_country"})
_DAYS: Final = re.compile(r"(\d{1,3})(?: dagar| days)?", re.IGNORECASE)
_TERMS: Final[Mapping[str, str]] = {"kontant": "K", "autogiro": "AG", "postförskott": "PF"}
_VAT: Final[Mapping[str, str]] = {
    "se": "SEVAT",
    "se omvänd skatteskyldighet": "SEREVERSEDVAT",
    "eu omvänd skatteskyldighet": "EUREVERSEDVAT",
    "eu momspliktig": "EUVAT",
    "export": "EXPORT",
}


@dataclass(frozen=True, slots=True)
class Places:
    """What one account has: the custom fields by our names, and the type of the address that is the delivery address, "" for none."""

    fields: Mapping[str, CustomField] = field(default_factory=dict)
    delivery: str = ""

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of a company that stand beside those for invoices and visits."""
        return ("delivery",) if self.delivery else ()

    @property
    def held(self) -> frozenset[str]:
        """The fields that a company has through these places."""
        return frozenset({*self.fields, *(_PARTS if self.delivery else ())})

    def called(self) -> dict[str, str]:
        """Return where each field lies, for people."""
        own = {name: f"custom: {one.alias or one.name}" for name, one in self.fields.items()}
        return {**own, **dict.fromkeys(sorted(_PARTS) if self.delivery else (), f"addresses ({self.delivery})")}

    def said(self, name: str, text: str) -> str | Absent:
        """Return what a field says: a code for terms and VAT; ABSENT, which moves nothing, for one that is not understood."""
        if not text or name not in _CODES:
            return text
        return _CODES[name](text) or ABSENT

    def spelled(self, name: str, text: str) -> str:
        """Return a value as its field can hold it: "" where a field with choices has none for it."""
        one = self.fields.get(name)
        if one is None or name not in _CODES or one.datatype != "Select" or not text:
            return text
        return text if self._choice(name, text, one) else ""

    def written(self, name: str, text: str) -> str:
        """Return what is written for a value: the choice of a field that has choices, else the value itself."""
        one = self.fields[name]
        return self._choice(name, text, one) if name in _CODES and one.datatype == "Select" and text else text

    @staticmethod
    def _choice(name: str, text: str, one: CustomField) -> str:
        return next((choice for choice in one.choices if _CODES[name](choice) == text), "")


NO_PLACES: Final = Places()


def places(fields: Iterable[CustomField], chosen: Mapping[str, str], delivery: str) -> Places:
    """Return the places of an account with these custom fields of companies; *chosen* names other aliases, *delivery* an address."""
    by_alias = {one.alias: one for one in fields if one.alias}
    found = {name: by_alias.get(chosen.get(name, alias)) for name, alias in ALIASES.items() if not (delivery and name in _PARTS)}
    return Places({name: one for name, one in found.items() if one is not None}, delivery)


def _terms(text: str) -> str:
    """Return the code of "30: 30 dagar", "30 dagar", "Kontant" or the code itself; "" for words that say none."""
    code, colon, _ = text.partition(":")
    if colon:
        return code.strip()
    days = _DAYS.fullmatch(text.strip())
    if days:
        return days[1]
    return _TERMS.get(text.strip().casefold(), "" if " " in text.strip() else text.strip())


def _vat(text: str) -> str:
    wanted = text.strip()
    return wanted.upper() if wanted.upper() in _VAT.values() else _VAT.get(wanted.casefold(), "")


_CODES: Final = {"terms_of_payment": _terms, "vat_type": _vat}
