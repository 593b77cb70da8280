"""/Organisations: the companies (and private customers) of webCRM's B2B system."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from brygga.clients.webcrm.register import PAGE, Channel, Register, ahead, find_by_dates
from brygga.clients.webcrm.wire import Raw


class Organisations(Register):
    """All field names carry the prefix `Organisation`. There is no DELETE."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel, "/Organisations", "Organisation")

    def updated(self, since: datetime, until: datetime | None = None, size: int = PAGE) -> Iterator[list[Raw]]:
        """Yield organisations updated at or after *since* and before *until* (aware), page by page."""
        return find_by_dates(self, "Update", since, until or ahead(), size)

    def created(self, since: datetime, until: datetime | None = None, size: int = PAGE) -> Iterator[list[Raw]]:
        """Yield organisations made at or after *since* and before *until* (aware), page by page."""
        return find_by_dates(self, "Create", since, until or ahead(), size)

    def persons(self, id: int | str, size: int = PAGE) -> Iterator[list[Raw]]:
        """Yield the persons of one organisation, page by page."""
        return self.channel.pages(f"{self.path}/{id}/Persons", "PersonId", size)
