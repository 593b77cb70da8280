"""Where each field of a customer lives in one webCRM installation: labels resolved to names, lengths, dropdown values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from brygga.clients.webcrm.fields_metadata import Field
from brygga.connectors.webcrm.settings import Settings
from brygga.errors import SettingsError

# Lengths that the definition states; custom fields without one are known from FieldsMetadata only.
_LENGTHS: Mapping[str, int] = {
    "OrganisationName": 200,
    "OrganisationAddress": 250,
    "OrganisationDivisionName": 200,
    "OrganisationVatCountry": 10,
    "OrganisationVatGroup": 20,
    **{
        f"Organisation{name}": 50
        for name in ("Alert", "City", "Country", "Domain", "Fax", "Gps", "Industry", "Telephone", "VatNumber", "Www")
    },
    **{f"OrganisationExtraCustom{number}": 50 for number in range(1, 9)},
    **{f"OrganisationXText{number}": 50 for number in range(1, 9)},
}


@dataclass(frozen=True, slots=True)
class Layout:
    """One installation's fields, as map.py needs them.

    places            our field -> the API's name
    limits            our field -> greatest number of characters
    choices           our field -> the whole values of its dropdown, empty for a plain text field
    company_type, private_type   the values of the Type field, as the settings spell them
    country_language  in which countries are written
    missing           our field -> the label that a default names and the installation lacks; these fields are left out
    """

    places: Mapping[str, str]
    limits: Mapping[str, int] = field(default_factory=dict)
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    company_type: str = "Kund – Företag"
    private_type: str = "Kund – Privat"
    country_language: str = "sv"
    missing: Mapping[str, str] = field(default_factory=dict)


def layout_of(settings: Settings, fields: Sequence[Field]) -> Layout:
    """Resolve the settings against FieldsMetadata.

    Raises SettingsError when a field that a person named, or the customer number's, is not there, or a label is there twice.
    """
    by_name = {one.name: one for one in fields}
    places: dict[str, str] = {}
    missing: dict[str, str] = {}
    for name, wanted in settings.places.items():
        found = find_field(wanted, "Organisation", by_name, fields)
        if found:
            places[name] = found
        elif name in settings.chosen_places or name == "number":
            raise SettingsError(
                "webCRM has no field “{wanted}”, which fields.{name} names.",
                repair="Make it in webCRM under Configuration, or name another one. Labels there are: {labels}.",
                rule="WEB-12",
                wanted=wanted,
                name=name,
                labels=", ".join(_labels(fields)) or "none",
            )
        else:
            missing[name] = wanted
    _no_two_in_one(places)
    limits, choices = {}, {}
    for name, place in places.items():
        known = by_name.get(place)
        lengths = [length for length in (_LENGTHS.get(place), known.longest if known else None) if length]
        if lengths:
            limits[name] = min(lengths)
        if known and known.choices:
            choices[name] = known.choices
            limits.pop(name, None)
    return Layout(places, limits, choices, settings.company_type, settings.private_type, settings.country_language, missing)


def find_field(wanted: str, entity: str, by_name: Mapping[str, Field], fields: Sequence[Field]) -> str | None:
    """Return the API's name of a field of *entity*, given by name, by name without its prefix, or by label; None for none.

    Raises SettingsError when a label is there twice.
    """
    if re.fullmatch(f"{entity}[A-Z][A-Za-z0-9]*", wanted):
        return wanted
    if f"{entity}{wanted}" in by_name:
        return f"{entity}{wanted}"
    found = [one.name for one in fields if one.label.casefold() == wanted.casefold()]
    if len(found) > 1:
        raise SettingsError(
            "webCRM has more than one field with the label “{wanted}”: {names}.",
            repair="Name the one that is meant by its name in the API.",
            wanted=wanted,
            names=", ".join(found),
        )
    return found[0] if found else None


def _no_two_in_one(places: Mapping[str, str]) -> None:
    taken: dict[str, str] = {}
    for name, place in places.items():
        if place in taken:
            raise SettingsError(
                "fields.{one} and fields.{other} are both kept in {place}.",
                repair="Give each its own field of webCRM.",
                one=taken[place],
                other=name,
                place=place,
            )
        taken[place] = name


def _labels(fields: Iterable[Field]) -> list[str]:
    return sorted({one.label for one in fields if one.label})
