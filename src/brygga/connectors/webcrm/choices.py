"""What the settings form offers of a webCRM installation: the values of the Type field, and the fields by their labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from brygga.clients.webcrm import WebCrm, wire
from brygga.clients.webcrm.fields_metadata import Entity
from brygga.connectors.settings import Choice


def _types(client: WebCrm) -> Iterator[Choice]:
    for field in client.fields_metadata.of("Organisation"):
        if field.name == "OrganisationType":
            yield from (Choice(wire.text_of(choice)) for choice in field.choices)


def _fields(client: WebCrm, entity: Entity) -> Iterator[Choice]:
    """Yield the fields of an entity: by label where no other has it, else by the name in the API."""
    fields = client.fields_metadata.of(entity)
    labels = Counter(field.label.casefold() for field in fields)
    for field in fields:
        short = field.name.removeprefix(entity)
        if field.label and labels[field.label.casefold()] == 1:
            yield Choice(field.label, field.name, (field.name, short))
        else:
            yield Choice(field.name, field.label, (short,))


REGISTERS: Final[Mapping[str, Callable[[WebCrm], Iterable[Choice]]]] = {
    "types": _types,
    "organisation_fields": lambda client: _fields(client, "Organisation"),
    "delivery_fields": lambda client: _fields(client, "Delivery"),
}
