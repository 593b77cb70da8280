"""/Queries: webCRM's SQL-like reading, which the definition of 2020 lacks and working clients use (systems.md 7.1)."""

from __future__ import annotations

from collections.abc import Iterator

from brygga.clients.webcrm.register import PAGE, Channel
from brygga.clients.webcrm.wire import Raw


def literal(value: str) -> str:
    """Quote a text for a query, so that it cannot end its quotes."""
    return "'" + value.replace("'", "''") + "'"


class Queries:
    """`GET /Queries?script=SELECT …&Page=&Size=`; knows JOIN, WHERE and ORDER BY."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def run(self, script: str, id_field: str | None = None, size: int = PAGE) -> Iterator[list[Raw]]:
        """Yield what a query finds, page by page. Give it an ORDER BY: without one, pages may overlap."""
        return self._channel.pages("/Queries", id_field, size, script=script)
