"""/FieldsMetadata: the fields of an installation with their labels, lengths and dropdown values.

It is the way to let a person choose fields: custom fields have names such as OrganisationExtraCustom3 and a label of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from brygga.clients.webcrm import wire
from brygga.clients.webcrm.register import Channel

Entity = Literal["Activity", "Delivery", "Event", "Opportunity", "Organisation", "Person", "Product", "SupportCase", "User", "All"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an entity.

    name      as the API names it
    label     as people see it
    display   how it is shown: T text, M memo, D dropdown, DT date, C check box and others
    longest   greatest number of characters; None where webCRM gives none
    choices   the dropdown's values, as the API takes them: the whole text, code included ("07: 7 dage")
    texts     the value that a record holds -> what people read
    """

    name: str
    label: str
    display: str = "T"
    longest: int | None = None
    choices: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)


class FieldsMetadata:
    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def of(self, entity: Entity) -> tuple[Field, ...]:
        """Return the fields of an entity, in the order of webCRM."""
        return tuple(field_of(raw, entity) for raw in wire.many(self._channel.get(f"/FieldsMetadata/{entity}")))


def field_of(raw: wire.Raw, entity: str = "") -> Field:
    """Read one field. Pure."""
    name = str(raw.get("FieldMetadataFriendlyFieldName") or raw.get("FieldMetadataDbFieldName") or "")
    if entity not in ("", "All") and name and not name.startswith(entity):
        name = entity + name
    longest = raw.get("FieldMetadataTextFieldMaxLength")
    entries = raw.get("FieldMetadataDropdownListData") or []
    return Field(
        name,
        str(raw.get("FieldMetadataLabel") or "").strip(),
        str(raw.get("FieldMetadataDisplayType") or "T"),
        longest if isinstance(longest, int) and longest > 0 else None,
        tuple(filter(None, (_choice(item) for item in entries))),
        {wire.chosen(item.get("Value")): wire.chosen(item.get("Text")) for item in entries if isinstance(item, dict)},
    )


def _choice(item: object) -> str:
    """Return the whole text of a dropdown entry: of its Text and Value, the one that carries code and text."""
    if not isinstance(item, dict):
        return wire.chosen(item)
    text, value = wire.chosen(item.get("Text")), wire.chosen(item.get("Value"))
    if wire.code_of(value) != value or not text:
        return value
    return text
