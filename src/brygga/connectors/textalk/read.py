"""Ask the shop for what changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from brygga.clients.textalk import Raw, Register, Textalk
from brygga.connectors.textalk.order_map import QUERY


def placed_since(client: Textalk, since: datetime | None) -> Iterator[Raw]:
    """Yield the orders changed at or after *since*; none at the first reading: what was sold before is not exported."""
    if since is not None:
        yield from client.orders.changed(since, QUERY)


def changed(register: Register, since: datetime | None) -> Iterator[Raw]:
    """Yield the objects of a register changed at or after *since*, all of them when it is None."""
    return register.all() if since is None else register.changed(since)
