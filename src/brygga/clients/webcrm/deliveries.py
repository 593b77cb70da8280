"""/Deliveries: what webCRM's customers have ordered. Two deliveries with the same DeliveryNumber lock each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from brygga.clients.webcrm import wire
from brygga.clients.webcrm.queries import Queries, literal
from brygga.clients.webcrm.register import PAGE, Channel, Register, ahead, find_by_dates
from brygga.clients.webcrm.wire import Raw

Status = Literal["New", "Planned", "OnGoing", "Completed", "GeneralDelivery"]


class Deliveries(Register):
    """All field names carry the prefix `Delivery`. There is no DELETE."""

    def __init__(self, channel: Channel, queries: Queries) -> None:
        super().__init__(channel, "/Deliveries", "Delivery")
        self._queries = queries

    def updated(self, since: datetime, size: int = PAGE) -> Iterator[list[Raw]]:
        """Yield deliveries updated at or after *since* (aware), the oldest first, page by page.

        Deliveries have no FindByUpdateDates: working clients ask /Queries, which the definition of 2020 lacks.
        """
        moment = literal(wire.instant(since))
        # The moment is ours and is quoted by literal().
        script = f"SELECT * FROM Delivery WHERE DeliveryUpdatedAt >= {moment} ORDER BY DeliveryUpdatedAt, DeliveryId"  # noqa: S608
        return self._queries.run(script, "DeliveryId", size)

    def created(self, since: datetime, until: datetime | None = None, size: int = PAGE) -> Iterator[list[Raw]]:
        """Yield deliveries made at or after *since* and before *until* (aware), page by page."""
        return find_by_dates(self, "Create", since, until or ahead(), size)

    def of_organisation(self, id: int | str, size: int = PAGE) -> Iterator[list[Raw]]:
        return self.channel.pages(f"{self.path}/ByOrganisation/{id}", self.id_field, size)

    def of_responsible(self, user_id: int | str, size: int = PAGE) -> Iterator[list[Raw]]:
        return self.channel.pages(f"{self.path}/ByResponsible/{user_id}", self.id_field, size)

    def with_status(self, status: Status, size: int = PAGE) -> Iterator[list[Raw]]:
        return self.channel.pages(f"{self.path}/ByStatus/{status}", self.id_field, size)

    def quotation_lines(self, id: int | str, size: int = PAGE) -> Iterator[list[Raw]]:
        """Yield the rows of one delivery, page by page."""
        return self.channel.pages(f"{self.path}/{id}/QuotationLines", "QuotationLineId", size)
