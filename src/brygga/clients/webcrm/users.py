"""/Users: the people who work in webCRM. Read only: the hub makes and changes no users."""

from __future__ import annotations

from collections.abc import Iterator

from brygga.clients.webcrm import wire
from brygga.clients.webcrm.register import PAGE, Channel
from brygga.clients.webcrm.wire import Raw


class Users:
    """All field names carry the prefix `User`."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def all(self, size: int = PAGE) -> Iterator[list[Raw]]:
        """Yield all users, page by page."""
        return self._channel.pages("/Users", "UserId", size)

    def active(self, size: int = PAGE) -> Iterator[list[Raw]]:
        """Yield the users that may sign in, page by page."""
        return self._channel.pages("/Users/AllActive", "UserId", size)

    def get(self, id: int | str) -> Raw | None:
        """Return one user; None when webCRM does not have it."""
        return wire.one(self._channel.get(f"/Users/{id}"), "UserId")
