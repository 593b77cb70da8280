"""FieldsMetadata: what people call each field, how it is shown, how long it may be and what its list holds."""

from typing import Any

from brygga_sandbox.webcrm.errors import invalid
from brygga_sandbox.webcrm.fields import ENTITIES, WRITE_ONLY
from brygga_sandbox.webcrm.installation import FieldSetup, Installation

TYPES = ("Activity", "Delivery", "Event", "Opportunity", "Organisation", "Person", "Product", "SupportCase", "User", "All")
"""The entity types that the definition lets one ask for. Of these the sandbox holds five; the others have no fields here."""

HELD = ("Delivery", "Organisation", "Person", "Product", "User")
_PREFIXES = {"Organisation": "o_", "Person": "p_", "Delivery": "d_", "Product": "pr_", "User": "u_"}


def fields_metadata(installation: Installation, types: str) -> list[dict[str, Any]]:
    """Return the description of every field of the entity types named: one of TYPES, in any capitals, or several by comma.

    A field that the installation does not use is listed with an empty label and display type NONE. The names of the
    database columns are made up, apart from their prefix, which recorded answers show. Raises a 400 refusal for another type.
    """
    wanted: list[str] = []
    for word in types.split(","):
        match = next((known for known in TYPES if known.lower() == word.strip().lower()), None)
        if match is None:
            raise invalid("entityTypes", f"The value '{word}' is not valid.")
        wanted += HELD if match == "All" else [match]
    answer = []
    for entity in HELD:
        if entity in wanted:
            names = [name for name in ENTITIES[entity].fields if name not in WRITE_ONLY]
            answer += [_described(installation, entity, name, order) for order, name in enumerate(names, 1)]
    return [{**entry, "FieldMetadataId": number} for number, entry in enumerate(answer, 1)]


def _described(installation: Installation, entity: str, name: str, order: int) -> dict[str, Any]:
    field = ENTITIES[entity].fields[name]
    setup = installation.fields.get(name, FieldSetup("", "NONE"))
    short = name[len(entity) :]
    return {
        "FieldMetadataDbFieldName": _PREFIXES[entity] + short[0].lower() + short[1:],
        "FieldMetadataFriendlyFieldName": name,
        "FieldMetadataLabel": setup.label,
        "FieldMetadataSortOrder": order,
        "FieldMetadataDisplayType": setup.display,
        "FieldMetadataTextFieldMaxLength": field.longest or setup.longest,
        "FieldMetadataDropdownListData": _choices(installation, name, setup),
    }


def _choices(installation: Installation, name: str, setup: FieldSetup) -> list[dict[str, str]]:
    """Return a list's values: Value is what is stored and sent, whole; Text is what is read, without a leading code."""
    if name == "DeliveryCurrencyName":
        others = [{"Text": code, "Value": code} for code in installation.currencies]
        return [{"Text": installation.currency, "Value": "00"}, *others]
    if not setup.choices:
        return []
    texts = {choice: choice.partition(": ")[2] or choice for choice in setup.choices}
    unset = {"Text": installation.placeholder, "Value": ""}
    return [unset, *({"Text": text, "Value": value} for value, text in texts.items())]
