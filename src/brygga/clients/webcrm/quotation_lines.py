"""/QuotationLines: rows of deliveries and opportunities, and the product register that rows are chosen from.

A row's `QuotationLineOpportunityId` is the id of its delivery. What Data1 to Data9 mean is set in the installation; a Data
field may not be empty (`wire.data_sent`). With linked data switched on or off, the calls of the other way fail with an
error that says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from brygga.clients.webcrm import wire
from brygga.clients.webcrm.register import Channel, Register
from brygga.clients.webcrm.wire import Raw


class QuotationLines(Register):
    """All field names carry the prefix `QuotationLine`; rows can be deleted."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel, "/QuotationLines", "QuotationLine")
        self.linked_data = LinkedData(channel)

    def delete(self, id: int | str) -> None:
        """Delete one row. Raises NotFound when it is gone already."""
        wire.refuse(self.channel.write("DELETE", f"{self.path}/{id}"))


class LinkedData:
    """The product register of rows: id, group, price, cost price, VAT code, Data1 to Data9 and a memo.

    All field names carry the prefix `QuotationLineLinkedDataItem`. The list is not paged.
    """

    id_field = "QuotationLineLinkedDataItemId"

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._path = "/QuotationLines/LinkedData"

    def all(self) -> list[Raw]:
        """Return the whole register."""
        return wire.many(self._channel.get(self._path), self.id_field)

    def get(self, id: int | str) -> Raw | None:
        """Return one item; None when webCRM does not have it."""
        return wire.one(self._channel.get(f"{self._path}/{id}"), self.id_field)

    def create(self, item: Mapping[str, Any]) -> int:
        """Make an item and return its id. Raises Rejected, and OutcomeUnknown when no usable answer came."""
        return wire.new_id(self._channel.write("POST", self._path, {self.id_field: 0, **item}))

    def replace(self, id: int | str, item: Mapping[str, Any]) -> None:
        """Replace a whole item: a field that is left out is emptied."""
        wire.refuse(self._channel.write("PUT", f"{self._path}/{id}", {**item, self.id_field: int(id)}))

    def delete(self, id: int | str) -> None:
        """Delete one item. Raises NotFound when it is gone already."""
        wire.refuse(self._channel.write("DELETE", f"{self._path}/{id}"))

    def setup(self) -> Raw:
        """Return how the register is set up: labels, the fields in use, and whether values must be unique."""
        setup = wire.one(self._channel.get("/QuotationLines/LinkedSetup"), "QuotationLineLinkedSetupId")
        return setup or {}
