"""/customfields/{entity}: the fields that an account or an app has made. An app knows its own by their alias."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from brygga.clients.upsales import wire
from brygga.clients.upsales.register import Channel

Entity = Literal["account", "contact", "order", "orderrow", "product", "user"]


@dataclass(frozen=True, slots=True)
class CustomField:
    """One field: its id, by which records hold its value; alias "" for none; choices of a Select."""

    id: int
    name: str
    alias: str = ""
    datatype: str = "String"
    choices: tuple[str, ...] = ()


class CustomFields:
    """The custom fields of one account."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def of(self, entity: Entity) -> tuple[CustomField, ...]:
        """Return the fields of an entity."""
        return tuple(field_of(raw) for raw in wire.many(self._channel.get(f"/customfields/{entity}")))

    def create(self, entity: Entity, field: Mapping[str, Any]) -> CustomField:
        """Make a field. Raises Rejected, as for an alias that is taken; OutcomeUnknown."""
        return field_of(wire.one(self._channel.write("POST", f"/customfields/{entity}", field)))


def field_of(raw: wire.Raw) -> CustomField:
    """Read one field. Pure."""
    choices = raw.get("default")
    return CustomField(
        raw["id"],
        str(raw.get("name") or ""),
        str(raw.get("alias") or ""),
        str(raw.get("datatype") or "String"),
        tuple(str(one) for one in choices) if isinstance(choices, list) else (),
    )
