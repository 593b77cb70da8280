"""/Persons: the people of organisations. A person's organisation is not changed by PUT."""

from __future__ import annotations

from brygga.clients.webcrm.register import Channel, Register


class Persons(Register):
    """All field names carry the prefix `Person`; PersonLastName is mandatory. There is no DELETE."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel, "/Persons", "Person")
