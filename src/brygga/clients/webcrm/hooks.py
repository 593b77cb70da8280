"""Webhooks of a register: `/Organisations/Hooks`, `/Deliveries/Hooks` and so on. What they send is not documented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from brygga.clients.webcrm import wire
from brygga.clients.webcrm.register import PAGE, Channel
from brygga.clients.webcrm.wire import Raw

Of = Literal["Organisations", "Persons", "Deliveries", "QuotationLines", "Products", "Users"]
EventType = Literal["Create", "Update", "Delete"]


class Hooks:
    """The hooks of one register: id, target address, event, filters (`All`, or by owner), on or off."""

    def __init__(self, channel: Channel, of: Of) -> None:
        self._channel = channel
        self._path = f"/{of}/Hooks"

    def all(self, size: int = PAGE) -> Iterator[list[Raw]]:
        """Yield the hooks, page by page."""
        return self._channel.pages(self._path, "Id", size)

    def create(self, target_url: str, event: EventType, filters: Sequence[str] = ("All",), enabled: bool = True) -> int:
        """Make a hook and return its id."""
        return wire.new_id(self._channel.write("POST", self._path, _hook(0, target_url, event, filters, enabled)))

    def replace(self, id: int, target_url: str, event: EventType, filters: Sequence[str] = ("All",), enabled: bool = True) -> None:
        """Replace a hook."""
        wire.refuse(self._channel.write("PUT", f"{self._path}/{id}", _hook(id, target_url, event, filters, enabled)))

    def delete(self, id: int) -> None:
        """Delete a hook. Raises NotFound when it is gone already."""
        wire.refuse(self._channel.write("DELETE", f"{self._path}/{id}"))


def _hook(id: int, target_url: str, event: str, filters: Sequence[str], enabled: bool) -> Raw:
    return {"Id": id, "TargetUrl": target_url, "EventType": event, "Filter": list(filters), "IsEnabled": enabled}
